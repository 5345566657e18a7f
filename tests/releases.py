"""Stores and releases of a few quads, written by what builds write theirs with."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from kg.counts import Counts, Sum, Total
from kg.dumps import compressed
from kg.figures import Own
from kg.release import Draft, building, drafting
from kg.store_update import Parts, build_store


@contextmanager
def new_release(var: Path, input_hash: str, now: datetime) -> Iterator[Draft]:
    """A draft to fill, which then is the current release; see `kg.release.drafting`."""
    with building(var), drafting(var, input_hash, now) as draft:
        yield draft


def write_store(directory: Path, *texts: bytes) -> int:
    """The store of these N-Quads, each a part of its own; returns its quads."""
    with tempfile.TemporaryDirectory() as folder:
        digests = {}
        for number, text in enumerate(texts):
            data = compressed(text)
            (Path(folder) / f"{number}.nq.gz").write_bytes(data)
            digests[f"{number}.nq.gz"] = hashlib.sha256(data).hexdigest()
        return build_store(directory, Parts(Path(folder), digests), None)


def counts_of(lines: Iterable[str]) -> Counts:
    """The counts of these lines of N-Quads."""
    ours = Own("https://w3id.org/jp-sdgplan/id/", "http://localhost:8000/")
    return Total(Sum(), lines, ours).with_lines(())
