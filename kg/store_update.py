"""The store of a release, made from the last one's: only what changed is parsed and stored.

A store is made of compressed N-Quads dumps, its parts; a quad is in one part alone. What changed
is told by the checksums of the parts. Then

- `quads.nq.gz` is a row of the parts as they are: nothing is compressed again. New parts are
  read to see that they can be, old ones are compared with their checksums. The bytes are those
  of a store built from scratch.
- an on-disk store is carried over by a checkpoint, whose large files are links to files that the
  engine never changes. The old store is opened read-only, by us as by its readers. Old and new
  text of each changed part are compared line by line: every line must be where it should be
  before, and again after, as readers find it. A triple that leaves a graph leaves the default
  graph, the merge, only if no other graph has it.

Whatever hinders that (no store before, a store of another engine, one that cannot be read or is
not what its parts say, more than a quarter changed) leads to a store from scratch.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.errors import ReleaseError
from kg.store import MEMORY_QUADS, QUADS_FILE, load_on_disk

ENGINE = f"pyoxigraph {ox.__version__}"
"""Stores of another engine are not carried over."""

_Change = tuple[set[bytes], set[bytes]]  # the lines of a part before and now

_MOST_CHANGED = 0.25
_DEFAULT = ox.DefaultGraph()


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a store: path below `folder`, as in `vocabulary.nq.gz` -> SHA-256."""

    folder: Path
    digests: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StoreBefore:
    """The last release's store: its folder, what it was made of, and its quads."""

    directory: Path
    parts: Parts
    quads: int


def build_store(directory: Path, parts: Parts, before: StoreBefore | None) -> int:
    """Write the store of a release into the new folder `directory`; returns its quads.

    Raises ReleaseError if a part is not N-Quads, or if a quad is in two parts.
    """
    old = before.parts.digests if before else {}
    new = parts.digests
    changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    added = [name for name in changed if name in new]
    more = sum(_lines(parts, name) for name in added)
    try:
        less = sum(_lines(before.parts, name) for name in changed if before and name in old)
    except (OSError, ReleaseError):  # the last release is damaged
        return build_store(directory, parts, None)
    quads = (before.quads if before else 0) + more - less
    directory.mkdir(parents=True)
    if quads <= MEMORY_QUADS:
        if before and (before.directory / QUADS_FILE).is_file():
            _check_readable(parts, added, more)
        else:
            _check_readable(parts, new, quads)
        _join(directory / QUADS_FILE, parts)
        return quads
    if before and more + less <= quads * _MOST_CHANGED:
        changes = [(_line_set(before.parts, name), _line_set(parts, name)) for name in changed]
        if (
            _carried_over(directory, before.directory)
            and _update(directory, changes)
            and _is_updated(directory, changes)
        ):
            return quads
        shutil.rmtree(directory)
        directory.mkdir()
    return _from_scratch(directory, parts)


def _from_scratch(directory: Path, parts: Parts) -> int:
    try:
        return load_on_disk(directory, [parts.folder / name for name in sorted(parts.digests)])
    except SyntaxError as error:
        raise ReleaseError(f"{directory}: the quads to store are not N-Quads: {error}") from error


def _check_readable(parts: Parts, names: Iterable[str], quads: int) -> None:
    # what readers will read, so that they need not check it again
    engine = ox.Store()
    for name in names:
        try:
            engine.bulk_load(_text(parts, name), ox.RdfFormat.N_QUADS)
        except SyntaxError as error:
            raise ReleaseError(f"{parts.folder / name} is not N-Quads: {error}") from error
    if len(engine) != quads:
        raise ReleaseError(f"{quads - len(engine)} quads are in two dumps of {parts.folder}.")


def _join(path: Path, parts: Parts) -> None:
    with path.open("wb") as out:
        for name, digest in sorted(parts.digests.items()):
            member = (parts.folder / name).read_bytes()
            if hashlib.sha256(member).hexdigest() != digest:
                raise ReleaseError(
                    f"{name} of the last release is not the file that was published. Fix: move "
                    "its dumps and var/current away; then every plan is built anew."
                )
            out.write(member)


def _carried_over(directory: Path, old: Path) -> bool:
    """Make a checkpoint of the old store; False if it cannot be read."""
    checkpoint = directory / "checkpoint"
    try:
        ox.Store.read_only(str(old)).backup(str(checkpoint))
    except (OSError, RuntimeError):
        return False
    for path in checkpoint.iterdir():
        path.rename(directory / path.name)
    checkpoint.rmdir()
    return True


def _update(directory: Path, changes: Sequence[_Change]) -> bool:
    """Take the changed lines out and in; False if the store is not what the old parts say."""
    # closed when this returns: nothing here may keep a hold of the engine
    engine = ox.Store(str(directory))
    gone, fresh = [], []
    for old, new in changes:
        gone += _quads(old - new)
        fresh += _quads(new - old)
    stayed = (quad for old, new in changes for quad in _quads(old & new))
    moved = set(gone) & set(fresh)  # from one part to another
    if not _has_all(engine, (*gone, *stayed)) or any(q in engine for q in fresh if q not in moved):
        return False
    for quad in gone:
        engine.remove(quad)
    engine.extend(fresh)
    engine.extend(map(_in_default, fresh))
    for quad in gone:
        found = engine.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
        # on disk the engine also finds others where the object's code ends in 0xFF, such as 255
        copies = [copy.graph_name for copy in found if copy.triple == quad.triple]
        if copies == [_DEFAULT]:
            engine.remove(_in_default(quad))
    engine.flush()
    return True


def _is_updated(directory: Path, changes: Iterable[_Change]) -> bool:
    """Whether readers find every line of the changed parts, and none that left them."""
    engine = ox.Store.read_only(str(directory))
    wanted = {quad for _, new in changes for quad in _quads(new)}
    gone = {quad for old, new in changes for quad in _quads(old - new)} - wanted
    return _has_all(engine, wanted) and not any(quad in engine for quad in gone)


def _has_all(engine: ox.Store, quads: Iterable[ox.Quad]) -> bool:
    """Whether all are there, in the default graph too."""
    return all(quad in engine and _in_default(quad) in engine for quad in quads)


def _in_default(quad: ox.Quad) -> ox.Quad:
    return ox.Quad(quad.subject, quad.predicate, quad.object, _DEFAULT)


def _text(parts: Parts, name: str) -> bytes:
    path = parts.folder / name
    try:
        return gzip.decompress(path.read_bytes())
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ReleaseError(f"{path} is not readable: {error}") from error


def _lines(parts: Parts, name: str) -> int:
    return _text(parts, name).count(b"\n")


def _line_set(parts: Parts, name: str) -> set[bytes]:
    """The lines of a part; none if it is not there."""
    if name not in parts.digests:
        return set()
    return set(_text(parts, name).split(b"\n")) - {b""}


def _quads(lines: set[bytes]) -> list[ox.Quad]:
    return list(ox.parse(b"\n".join(sorted(lines)), ox.RdfFormat.N_QUADS))
