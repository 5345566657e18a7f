"""Conditional answers and compression: the last thing done to a response, in this order.

Compressed bytes are another representation, so their strong ETag gets a suffix (RFC 9110,
8.8.3.3) and a 304 is decided on the tag of what would be sent.
"""

from __future__ import annotations

import importlib
import importlib.util
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Protocol

import brotli  # type: ignore[import-untyped]
from flask import Request, Response
from werkzeug.http import parse_accept_header

from server.conditions import answer_conditions

SMALLEST_BYTES = 500
"""Below this an answer is sent as it is."""
GZIP_LEVEL, BROTLI_QUALITY, ZSTD_LEVEL = 5, 4, 3
COMPRESSIBLE = (
    "application/csvm+json", "application/json", "application/ld+json",
    "application/n-quads", "application/n-triples",
    "application/problem+json", "application/rdf+xml", "application/sparql-query",
    "application/sparql-results+json", "application/sparql-results+xml", "application/trig",
    "application/xml", "image/svg+xml",
)  # fmt: skip


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Compressor(quality=BROTLI_QUALITY)

    def compress(self, data: bytes, /) -> bytes:
        return bytes(self._inner.process(data))

    def flush(self) -> bytes:
        return bytes(self._inner.finish())


_COMPRESSORS: dict[str, Callable[[], _Compressor]] = {
    "br": _Brotli,
    "gzip": lambda: zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS),
}
if importlib.util.find_spec("zstandard") is not None:
    _zstandard = importlib.import_module("zstandard")
    _COMPRESSORS["zstd"] = lambda: _zstandard.ZstdCompressor(level=ZSTD_LEVEL).compressobj()


def finish_response(response: Response, request: Request) -> Response:
    """The response: a 304 if the client has it already, compressed if the client takes that."""
    coding = _coding(response, request)
    if response.status_code != 204:
        response.headers["Vary"] = vary_of(response.headers.get("Vary"))
    if coding is not None:
        tag, is_weak = response.get_etag()
        if tag and not is_weak:
            response.set_etag(f"{tag}-{coding}")
    response = answer_conditions(response, request)
    if coding is not None and response.status_code == 200:
        _compress(response, coding)
    return response


def vary_of(vary: str | None) -> str:
    """The header Vary of a response that is compressed for those who take it."""
    return f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"


def coding_of(content_type: str, size_bytes: int | None, accept_encoding: str | None) -> str | None:
    """The content coding to send a body in; None = as it is.

    `size_bytes` None = not known yet. Equal wishes: br, gzip, zstd.
    """
    if not accept_encoding or (size_bytes is not None and size_bytes < SMALLEST_BYTES):
        return None
    media_type = content_type.partition(";")[0]
    if not (media_type.startswith("text/") or media_type in COMPRESSIBLE):
        return None
    return _wished(accept_encoding)


@lru_cache(maxsize=256)
def _wished(accept_encoding: str) -> str | None:
    asked = parse_accept_header(accept_encoding)
    wishes = [(asked.quality(coding), coding) for coding in _COMPRESSORS]
    quality, coding = max(wishes, key=lambda wish: wish[0])
    return coding if quality > 0 else None


def compressed(data: bytes, coding: str) -> bytes:
    """The body in a content coding."""
    compressor = _COMPRESSORS[coding]()
    return compressor.compress(data) + compressor.flush()


def _coding(response: Response, request: Request) -> str | None:
    if response.status_code not in (200, *range(400, 600)):
        return None
    if "Content-Encoding" in response.headers or "Range" in request.headers:
        return None
    size = response.content_length
    if size is None and not response.is_streamed:
        size = response.calculate_content_length()
    accept_encoding = request.headers.get("Accept-Encoding")
    return coding_of(response.mimetype or "", size, accept_encoding)


def _compress(response: Response, coding: str) -> None:
    response.headers["Content-Encoding"] = coding
    response.headers.pop("Accept-Ranges", None)
    response.direct_passthrough = False
    if response.is_streamed:
        response.headers.pop("Content-Length", None)
        close = getattr(response.response, "close", None)
        if close is not None:  # an open file: the response knows only its last iterable
            response.call_on_close(close)
        response.response = _compressed(response.iter_encoded(), _COMPRESSORS[coding]())
    else:
        response.set_data(compressed(response.get_data(), coding))


def _compressed(chunks: Iterable[bytes], compressor: _Compressor) -> Iterator[bytes]:
    # an error in the chunks passes through, so the connection breaks before the final chunk
    for chunk in chunks:
        data = compressor.compress(chunk)
        if data:
            yield data
    yield compressor.flush()
