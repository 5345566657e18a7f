"""Finished answers and graphs as responses."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
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


def choose_format(offers: tuple[Format, ...], values: list[str] | None = None) -> Format:
    """The format the request asks for, by the values of `format` or by Accept; raises a 406."""
    if values is None:
        values = [value for name in FORMAT_PARAMETERS for value in request.args.getlist(name)]
    accept = request.headers.get("Accept")
    chosen = named_format(values, offers) or negotiate(accept, offers)
    if chosen is None:
        raise not_acceptable(accept, media_types(offers))
    return chosen


def entity_tag(engine: Engine, *parts: object) -> str:
    """A tag that changes with the release and with every one of the parts."""
    text = "\n".join([engine.current.get().id, *map(repr, parts)])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def respond(answer: Answer, form: Format) -> Response:
    """The answer with its type and length; a large one is read from its spool while it is sent."""
    if answer.data is not None and form is not EXCEL_CSV:
        return Response(answer.data, content_type=form.content_type)
    spool = answer.spool or io.BytesIO(answer.data or b"")
    size_bytes = answer.size_bytes
    if form is EXCEL_CSV:
        spool, size_bytes = for_spreadsheets(spool)
    response = Response(_chunks(spool), content_type=form.content_type)
    response.headers["Content-Length"] = str(size_bytes)
    response.call_on_close(spool.close)
    return response


def respond_graph(graph: Graph, form: Format) -> Response:
    """A small graph of our own in one of the formats for triples."""
    body = graph.serialize(format=_RDFLIB_FORMATS[form.name], encoding="utf-8")
    return Response(body, content_type=form.content_type)


def redirect_to(url: str, status: int) -> Response:
    """A redirect with one line of text, for those who look."""
    response = Response(f"See {url}\n", status, content_type="text/plain; charset=utf-8")
    response.headers["Location"] = url
    return response


def attach(response: Response, name: str, form: Format) -> None:
    """Let browsers save the answer, as `name` with the format's extension (RFC 6266)."""
    file_name = f"{name}.{form.extension}"
    plain = file_name.encode("ascii", "replace").decode().replace('"', "_").replace("?", "_")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
    )


def _chunks(spool: BinaryIO) -> Iterator[bytes]:
    while chunk := spool.read(CHUNK_BYTES):
        yield chunk
