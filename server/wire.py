"""How the front and a worker talk: JSON over a socket, small answers behind it, large in a file.

Before each message stand its length, that of the answer with it, and the number of descriptors.

front → worker  {"release", "query", "media_type", "default_graphs", "named_graphs", "bindings"}
                or {"release"} alone: open it and say what it has
worker → front  {"event": "ready", "has_network"}        once; with its socket for SERVICE calls
                {"event": "opened", "graphs", "quads"}   whenever a release was opened
                {"event": "done", "is_worn"}             with the answer or its descriptor
                {"event": "failed", "kind", "detail", "line", "column"}
                kinds: syntax, format, memory, size, disk, release, query
front → nursery {"memory_mib", "result_mib", "relayed", "copies"}
                                                         with the four descriptors of a worker
nursery → front {"event": "ready" or "failed"}           once, when the release is in memory
                {"event": "started", "pid"}              with a descriptor of the process
"""

from __future__ import annotations

import json
import os
import select
import socket
import struct
import time
from array import array
from collections.abc import Mapping, Sequence
from typing import Any

from rdflib import BNode, Literal, URIRef
from rdflib.term import Node

EXIT_CODE = struct.Struct("i")
"""How a nursery writes a worker's exit code into its pipe; negative for a signal."""

_HEAD = struct.Struct(">III")  # bytes of the message, of the answer, number of descriptors
_READ_BYTES = 1 << 16
_FD_BYTES = array("i").itemsize
_CONTROL_BYTES = socket.CMSG_LEN(4 * _FD_BYTES)


class Channel:
    """One end of the connection between the front and a worker."""

    def __init__(self, connection: socket.socket, send_timeout_s: int = 0) -> None:
        """`send_timeout_s`: how long the other end may leave a message untaken; 0 = for ever."""
        self._connection = connection
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)
        self._received = b""
        self._fds: list[int] = []
        connection.setblocking(True)
        limit = struct.pack("ll", send_timeout_s, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)

    def send(
        self, message: Mapping[str, Any], fds: Sequence[int] = (), data: bytes | None = None
    ) -> None:
        """Send one message, with an answer or with file descriptors."""
        body = json.dumps(message).encode("ascii")
        sizes = len(body), 0 if data is None else len(data) + 1  # one more, so that 0 is none
        whole = _HEAD.pack(*sizes, len(fds)) + body + (data or b"")
        if fds:
            sent = socket.send_fds(self._connection, [whole], list(fds))
            self._connection.sendall(whole[sent:])
        else:
            self._connection.sendall(whole)

    def receive(self, until: float | None = None) -> tuple[dict[str, Any] | None, list[int]]:
        """The next message and its descriptors; (None, []) when the peer has gone.

        An answer that came with it is its `data`. Raises TimeoutError at the moment `until` of
        the monotonic clock.
        """
        while (message := self._next()) is None:
            if until is not None:
                left_s = max(until - time.monotonic(), 0.001)
                if not self._poll.poll(left_s * 1000):
                    raise TimeoutError
            more, carried, _, _ = self._connection.recvmsg(_READ_BYTES, _CONTROL_BYTES)
            for _, _, packed in carried:
                self._fds += array("i", packed[: len(packed) // _FD_BYTES * _FD_BYTES])
            if not more:
                return None, []
            self._received = self._received + more if self._received else more
        return message

    def has_input(self) -> bool:
        """Whether something has come, or the peer has gone."""
        return bool(self._received or self._poll.poll(0))

    def close(self) -> None:
        """Close this end, and descriptors that nobody took."""
        self._connection.close()
        while self._fds:
            os.close(self._fds.pop())

    def fileno(self) -> int:
        """The descriptor of this end."""
        return self._connection.fileno()

    def _next(self) -> tuple[dict[str, Any], list[int]] | None:
        received = self._received
        if len(received) < _HEAD.size:
            return None
        size, data_size, fds = _HEAD.unpack_from(received)
        end = _HEAD.size + size
        whole = end + max(data_size - 1, 0)
        if len(received) < whole:
            return None
        message = json.loads(received[_HEAD.size : end])
        assert isinstance(message, dict)
        if data_size:
            message["data"] = received[end:whole]
        self._received = received[whole:]
        taken, self._fds = self._fds[:fds], self._fds[fds:]
        return message, taken


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
