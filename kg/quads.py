"""N-Quads as texts and files: many read as one, counted, and merged into triples."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

_GRAPH_OF_QUAD = re.compile(rb" <[^<> ]*> \.\n")


class Joined(io.RawIOBase):
    """The parts as one file, each changed by `change`."""

    def __init__(
        self, parts: Iterable[bytes | Path], change: Callable[[bytes], bytes] = bytes
    ) -> None:
        self._texts = (change(b"".join(chunks_of(part))) for part in parts)
        self._text = memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._text:
            text = next(self._texts, None)
            if text is None:
                return b""
            self._text = memoryview(text)
        taken = self._text[: size if size >= 0 else None]
        self._text = self._text[len(taken) :]
        return bytes(taken)


def merged(nquads: bytes) -> bytes:
    """The triples of named graphs as N-Triples, for the default graph."""
    return _GRAPH_OF_QUAD.sub(b" .\n", nquads)


def chunks_of(part: bytes | Path) -> Iterator[bytes]:
    """A text or a file (`.nq` or `.nq.gz`), piece by piece."""
    if isinstance(part, bytes):
        yield part
        return
    with gzip.open(part) if part.suffix == ".gz" else part.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk


def lines_of(part: bytes | Path) -> int:
    """The number of its lines, one for each quad."""
    return sum(chunk.count(b"\n") for chunk in chunks_of(part))
