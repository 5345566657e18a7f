"""How the front and a worker talk: JSON over a socket, small answers behind it, large in a file.

Before each message stand its length and that of the answer with it.

front → worker  {"release", "query", "media_type", "default_graphs", "named_graphs", "bindings"}
                or {"release"} alone: open it and say what it has
worker → front  {"event": "ready", "has_network"}        once; with its socket for SERVICE calls
                {"event": "opened", "graphs", "quads"}   whenever a release was opened
                {"event": "done", "is_worn"}             with the answer or its descriptor
                {"event": "failed", "kind", "detail", "line", "column"}
                kinds: syntax, format, memory, size, disk, release, query
"""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Mapping
from typing import Any

from rdflib import BNode, Literal, URIRef
from rdflib.term import Node

_LENGTHS = struct.Struct(">II")


def send_message(
    connection: socket.socket, message: Mapping[str, Any], fd: int = -1, data: bytes | None = None
) -> None:
    """Send one message, with a small answer, or one file descriptor if `fd` is not negative."""
    body = json.dumps(message).encode("ascii")
    head = _LENGTHS.pack(len(body), 0 if data is None else len(data) + 1)
    body += data or b""
    if fd >= 0:
        sent = socket.send_fds(connection, [head], [fd])
        connection.sendall(head[sent:] + body)
    else:
        connection.sendall(head + body)


def receive_message(connection: socket.socket) -> tuple[dict[str, Any] | None, int]:
    """The next message and its file descriptor (-1 = none); (None, -1) when the peer has gone.

    A small answer that came with it is its `data`.
    """
    head, fds, _, _ = socket.recv_fds(connection, _LENGTHS.size, 1)
    fd = fds[0] if fds else -1
    try:
        message = _rest(connection, head)
    except OSError:  # the time limit, in the middle of an answer
        _close(fd)
        raise
    if message is None:
        _close(fd)
        return None, -1
    return message, fd


def _close(fd: int) -> None:
    if fd >= 0:
        os.close(fd)


def _rest(connection: socket.socket, head: bytes) -> dict[str, Any] | None:
    """The message that begins with `head`; None if it is cut off."""
    if head and len(head) < _LENGTHS.size:
        head += _receive(connection, _LENGTHS.size - len(head))
    if len(head) < _LENGTHS.size:
        return None
    size, data_size = _LENGTHS.unpack(head)  # of the answer one more, so that 0 is none
    whole = size + max(data_size - 1, 0)
    body = _receive(connection, whole)
    if len(body) < whole:  # cut off by the death of the peer
        return None
    message = json.loads(body[:size])
    assert isinstance(message, dict)
    if data_size:
        message["data"] = body[size:]
    return message


def _receive(connection: socket.socket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        chunk = connection.recv(min(size - len(received), 1 << 20))
        if not chunk:
            break
        received += chunk
    return bytes(received)


def term_to_json(term: Node) -> dict[str, str]:
    """An IRI or literal as in SPARQL 1.1 Query Results JSON; raises TypeError for others."""
    if isinstance(term, URIRef):
        return {"type": "uri", "value": str(term)}
    if not isinstance(term, Literal):
        raise TypeError(f"{term!r} is neither an IRI nor a literal")
    value = {"type": "literal", "value": str(term)}
    if term.language:
        value["xml:lang"] = term.language
    elif term.datatype is not None:
        value["datatype"] = str(term.datatype)
    return value


def term_from_json(value: Mapping[str, Any]) -> URIRef | Literal | BNode:
    """The inverse, of an answer's term too; the lexical form stays as it is."""
    if value["type"] == "uri":
        return URIRef(value["value"])
    if value["type"] == "bnode":
        return BNode(value["value"])
    if "xml:lang" in value:
        return Literal(value["value"], lang=value["xml:lang"])
    if "datatype" in value:
        return Literal(value["value"], datatype=URIRef(value["datatype"]), normalize=False)
    return Literal(value["value"])
