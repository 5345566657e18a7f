"""Releases: written aside, shown at once, kept for a while, and put back when needed.

    var/.lock                         held while a build or a rollback runs
    var/current -> releases/<id>      swapped by renaming a new link over it
    var/releases/<id>/                complete and never changed again
    var/releases/.draft-<id>/         being written; the next build drops what a dead one left

What happens on the way, in order, is in `Step`; a kill before, in or after any of them leaves
`current` naming one complete release.

An id is `20261124T101500Z-1a2b3c4d`: the UTC time of the build and the start of the hash of
its input. A reader takes `current_release` once and keeps its path: the folder stays whole
until five newer releases exist, and a reader's open files outlive even that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from kg.disk import cannot_be_written, locked, make_folders, no_room, remove, settle, sync
from kg.dumps import CHECKSUMS_FILE, checksum, checksums, listed_checksums
from kg.errors import ReleaseError, StorageError

KEPT_RELEASES = 5
MANIFEST_FILE = "release.json"
DUMPS_FOLDER = "dumps"
CHARTS_FOLDER = "charts"

_CURRENT, _RELEASES, _DRAFT = "current", "releases", ".draft-"
_TIME_FORMAT = "%Y%m%dT%H%M%SZ"
_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")


class Step(StrEnum):
    """What a build does, in order; its `on_step` is called with each before it begins."""

    CLEAN = "clean"  # drop what a dead build left
    PLANS = "plans"  # extract, map, validate, dump and draw what changed
    CARRY_OVER = "carry-over"  # link the dumps and charts of what did not
    VOCABULARY = "vocabulary"
    DESCRIBE = "describe"  # the catalogue, and how much there is of what
    SEARCH = "search"  # the index behind the search
    ALL = "all"  # the dumps of everything
    CHECKSUMS = "checksums"
    STORE = "store"
    MANIFEST = "manifest"
    SETTLE = "settle"  # modes, and everything on disk
    RENAME = "rename"  # the draft becomes a release
    LINK = "link"  # a new link beside `current` …
    SWITCH = "switch"  # … is renamed over it: from here on the new release is served
    DROP_OLD = "drop-old"  # for each release too many: put aside …
    DROP_ASIDE = "drop-aside"  # … and removed
    HISTORY = "history"  # what was published is kept for good


OnStep = Callable[[Step], None]


def unwatched(step: Step) -> None:
    """An `on_step` that does nothing."""


@dataclass(frozen=True, slots=True)
class Release:
    """A complete release. `manifest` is the content of its release.json."""

    path: Path
    id: str
    created: datetime
    manifest: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """A release being written: fill `path`, then call write_manifest once."""

    path: Path
    id: str
    created: datetime
    input_hash: str


@contextmanager
def building(var: Path, on_step: OnStep = unwatched) -> Iterator[None]:
    """Hold the lock of `var`, which is made if need be, and drop what a dead build left there.

    Raises ReleaseError if another build runs in `var`, or if it cannot be written to.
    """
    make_folders(var / _RELEASES)
    with locked(var):
        on_step(Step.CLEAN)
        try:
            (var / f".{_CURRENT}").unlink(missing_ok=True)
            for stale in (var / _RELEASES).glob(f"{_DRAFT}*"):
                remove(stale)
            if (var / _CURRENT).is_symlink():
                _drop_old(var)
        except OSError as error:
            raise cannot_be_written(var, error) from error
        yield


@contextmanager
def drafting(
    var: Path, input_hash: str, now: datetime, on_step: OnStep = unwatched
) -> Iterator[Draft]:
    """A draft to fill; when the body ends well it is the current release. Needs `building`.

    `input_hash` is the hex SHA-256 of everything the release is made from, `now` an aware
    time; it moves on by whole seconds if a release of that id exists. If the body raises, the
    draft is dropped and nothing else has changed. Raises ReleaseError if the body wrote no
    manifest, StorageError if the disk is full.
    """
    releases_dir = var / _RELEASES
    try:
        draft = _draft(releases_dir, input_hash, now)
        try:
            yield draft
            if not (draft.path / MANIFEST_FILE).is_file():
                raise ReleaseError(f"Release {draft.id} has no {MANIFEST_FILE}.")
            on_step(Step.SETTLE)
            settle(draft.path)
        except BaseException:
            remove(draft.path)
            raise
        link = var / _CURRENT
        before = link.readlink().name if link.is_symlink() else None
        on_step(Step.RENAME)
        draft.path.rename(releases_dir / draft.id)
        sync(releases_dir)
        _switch(var, draft.id, on_step)
    except OSError as error:
        if not no_room(error):
            raise
        raise StorageError(
            f"{var} has no room for another release: {no_room(error)}. The release that was served "
            "is served still. Fix: free some space, or build into another folder with --out."
        ) from error
    _drop_old(var, on_step, before)


def write_manifest(
    draft: Draft, *, program_version: str, quads: int, plans: list[dict[str, Any]], **more: Any
) -> None:
    """Write the draft's release.json: its identity, the given facts, and JSON values in `more`.

    One line per fact and plan: indented, it takes Python's slow writer (a second for 1,741 plans).
    """
    facts = {
        "id": draft.id,
        "created": draft.created.isoformat().replace("+00:00", "Z"),
        "program_version": program_version,
        "input_hash": draft.input_hash,
        "quads": quads,
        **more,
    }
    lines = [f"{_json(name)}: {_json(value)}" for name, value in facts.items()]
    lines.append('"plans": [' + ",".join(f"\n{_json(plan)}" for plan in plans) + "\n]")
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (draft.path / MANIFEST_FILE).write_text(text, encoding="utf-8")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def current_release(var: Path) -> Release:
    """The release that is served now; its path stays the same when another one takes over.

    Raises ReleaseError if there is none yet, or if its release.json cannot be read.
    """
    try:
        target = (var / _CURRENT).readlink()
    except FileNotFoundError:
        raise ReleaseError(f"{var} has no release yet. Fix: run sdgplan build.") from None
    except OSError as error:
        raise ReleaseError(f"{var / _CURRENT} is not a link to a release: {error}.") from error
    return read_release(var / target)


def releases(var: Path, without: Container[str] = ()) -> list[Release]:
    """The releases that are kept, oldest first, but for these ids; none if nothing was built."""
    kept = [name for name in release_ids(var) if name not in without]
    return [read_release(var / _RELEASES / name) for name in kept]


def rollback(var: Path, release_id: str) -> Release:
    """Make a kept release the current one, and return it.

    Raises ReleaseError if it is not there or not readable, or if a build runs in `var`.
    """
    with locked(var):
        if release_id not in release_ids(var):
            kept = ", ".join(release_ids(var)) or "none"
            raise ReleaseError(f"{release_id} is not a release in {var}. Kept: {kept}.")
        release = read_release(var / _RELEASES / release_id)
        try:
            _switch(var, release_id)
        except OSError as error:
            raise cannot_be_written(var, error) from error
        return release


def verify(release: Release) -> list[str]:
    """A sentence for each dump that is missing, changed or not listed in SHA256SUMS.

    And for each other file whose checksum is in release.json, under `files`.
    """
    folder = release.path / DUMPS_FOLDER
    try:
        listed = listed_checksums(folder)
    except ReleaseError as error:
        return [str(error)]
    found = checksums(folder)
    mismatches = []
    for name in sorted(listed.keys() | found.keys()):
        if name not in found:
            mismatches.append(f"{name} is missing.")
        elif name not in listed:
            mismatches.append(f"{name} is not listed in {CHECKSUMS_FILE}.")
        elif found[name] != listed[name]:
            mismatches.append(f"{name} is not the file that was published.")
    for name, file in release.manifest.get("files", {}).items():
        path = release.path / name
        if not path.is_file():
            mismatches.append(f"{name} is missing.")
        elif checksum(path) != file["sha256"]:
            mismatches.append(f"{name} is not the file that was published.")
    return mismatches


def _draft(releases_dir: Path, input_hash: str, now: datetime) -> Draft:
    created = now.astimezone(UTC).replace(microsecond=0)
    while (releases_dir / (release_id := _id(created, input_hash))).exists():
        created += timedelta(seconds=1)
    path = releases_dir / f"{_DRAFT}{release_id}"
    try:
        path.mkdir()
    except OSError as error:
        if no_room(error):
            raise
        raise cannot_be_written(releases_dir, error) from error
    return Draft(path, release_id, created, input_hash)


def _id(created: datetime, input_hash: str) -> str:
    release_id = f"{created.strftime(_TIME_FORMAT)}-{input_hash[:8]}"
    if not _ID.fullmatch(release_id):
        raise ReleaseError(f'"{input_hash}" is not a hash; expected hex digits, at least 8.')
    return release_id


def is_release_id(text: str) -> bool:
    """Whether the text has the form of a release's id."""
    return _ID.fullmatch(text) is not None


def release_ids(var: Path) -> list[str]:
    """The ids of the releases that are kept, oldest first."""
    folder = var / _RELEASES
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if _ID.fullmatch(path.name))


def read_release(path: Path) -> Release:
    """The release in that folder. Raises ReleaseError if its release.json cannot be read."""
    try:
        manifest = json.loads((path / MANIFEST_FILE).read_text(encoding="utf-8"))
        created = datetime.fromisoformat(manifest["created"])
        return Release(path, manifest["id"], created, manifest)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(f"{path / MANIFEST_FILE} is not readable: {error}.") from error


def _switch(var: Path, release_id: str, on_step: OnStep = unwatched) -> None:
    # a link cannot be changed, but a new one renamed over it: readers see the old or the new
    on_step(Step.LINK)
    link = var / f".{_CURRENT}"
    link.unlink(missing_ok=True)
    link.symlink_to(f"{_RELEASES}/{release_id}")
    on_step(Step.SWITCH)
    link.replace(var / _CURRENT)
    sync(var)


def _drop_old(var: Path, on_step: OnStep = unwatched, before: str | None = None) -> None:
    # `before` was served until now: after a rollback it may be the oldest, and is still being read
    current = (var / _CURRENT).readlink().name
    others = [name for name in release_ids(var) if name not in (current, before)]
    kept = len(release_ids(var)) - len(others)
    for name in others[: max(0, len(others) + kept - KEPT_RELEASES)]:
        # under a draft's name first: a kill in between leaves no half release
        on_step(Step.DROP_OLD)
        aside = var / _RELEASES / f"{_DRAFT}{name}"
        (var / _RELEASES / name).rename(aside)
        on_step(Step.DROP_ASIDE)
        remove(aside)
