"""Finished answers and graphs as responses."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import quote

from flask import Response, request
from rdflib import Graph

from server.engine import Answer, Engine
from server.errors import not_acceptable
from server.negotiation import EXCEL_CSV, Format, media_types, named_format, negotiate
from server.spreadsheet import for_spreadsheets

CACHE_CONTROL = "public, max-age=300"
CHUNK_BYTES = 1 << 16
FORMAT_PARAMETERS = ("format", "output", "results")

_RDFLIB_FORMATS = {
    "turtle": "turtle",
    "ntriples": "nt",
    "rdfxml": "xml",  # "pretty-xml" loses what is said about members of lists
    "jsonld": "json-ld",
    # one graph without a name: Turtle is TriG, N-Triples is N-Quads
    "trig": "turtle",
    "nquads": "nt",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of a query on its way out, and the headers that only this answer has."""

    form: Format
    answer: Answer | None
    """None = the client has it already (304)."""
    headers: dict[str, str]


def choose_format(offers: tuple[Format, ...], values: list[str] | None = None) -> Format:
    """The format the request asks for, by the values of `format` or by Accept; raises a 406."""
    if values is None:
        values = [value for name in FORMAT_PARAMETERS for value in request.args.getlist(name)]
    return chosen_format(offers, values, request.headers.get("Accept"))


def chosen_format(offers: tuple[Format, ...], values: Sequence[str], accept: str | None) -> Format:
    """The format by the values of `format`, or else by an Accept header; raises a 406."""
    chosen = named_format(values, offers) or negotiate(accept, offers)
    if chosen is None:
        raise not_acceptable(accept, media_types(offers))
    return chosen


def entity_tag(engine: Engine, *parts: object) -> str:
    """A tag that changes with the release and with every one of the parts."""
    text = "\n".join([engine.current.get().id, *map(repr, parts)])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def response_of(reply: Reply) -> Response:
    """The reply as a response; a large answer is read from its spool while it is sent."""
    if reply.answer is None:
        response = Response(status=304)
    else:
        body, size_bytes = body_of(reply.answer, reply.form)
        response = Response(
            body if isinstance(body, bytes) else chunks_of(body),
            content_type=reply.form.content_type,
        )
        if not isinstance(body, bytes):
            response.headers["Content-Length"] = str(size_bytes)
            response.call_on_close(body.close)
    response.headers.update(reply.headers)
    return response


def body_of(answer: Answer, form: Format) -> tuple[bytes | BinaryIO, int]:
    """The bytes to send, or a file from its start, which is the caller's to close; their size."""
    if form is EXCEL_CSV:
        return for_spreadsheets(answer.spool or io.BytesIO(answer.data or b""))
    if answer.data is not None:
        return answer.data, len(answer.data)
    assert answer.spool is not None
    return answer.spool, answer.size_bytes


def respond_graph(graph: Graph, form: Format) -> Response:
    """A small graph of our own in one of the formats for triples."""
    body = graph.serialize(format=_RDFLIB_FORMATS[form.name], encoding="utf-8")
    return Response(body, content_type=form.content_type)


def redirect_to(url: str, status: int) -> Response:
    """A redirect with one line of text, for those who look."""
    response = Response(f"See {url}\n", status, content_type="text/plain; charset=utf-8")
    response.headers["Location"] = url
    return response


def attachment(name: str, form: Format) -> str:
    """The Content-Disposition with which browsers save an answer as a file (RFC 6266)."""
    file_name = f"{name}.{form.extension}"
    plain = file_name.encode("ascii", "replace").decode().replace('"', "_").replace("?", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"


def chunks_of(spool: BinaryIO) -> Iterator[bytes]:
    """The rest of a file, part by part."""
    while chunk := spool.read(CHUNK_BYTES):
        yield chunk
