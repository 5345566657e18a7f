"""Releases: written aside, shown at once, kept for a while, and put back when needed.

    var/.lock                         held while a build or a rollback runs
    var/current -> releases/<id>      swapped by renaming a new link over it
    var/releases/<id>/                complete and never changed again
    var/releases/.draft-<id>/         being written; the next build drops what a dead one left

An id is `20261124T101500Z-1a2b3c4d`: the UTC time of the build and the start of the hash of
its input. A reader takes `current_release` once and keeps its path: the folder stays whole
until five newer releases exist, and a reader's open files outlive even that.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kg.dumps import CHECKSUMS_FILE, checksums
from kg.errors import ReleaseError

KEPT_RELEASES = 5
MANIFEST_FILE = "release.json"
DUMPS_FOLDER = "dumps"

_CURRENT, _RELEASES, _LOCK, _DRAFT = "current", "releases", ".lock", ".draft-"
_TIME_FORMAT = "%Y%m%dT%H%M%SZ"
_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")
_FOLDER_MODE, _FILE_MODE = 0o755, 0o644


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
def new_release(var: Path, input_hash: str, now: datetime) -> Iterator[Draft]:
    """A draft to fill; when the body ends well it is the current release.

    `input_hash` is the hex SHA-256 of everything the release is made from, `now` an aware
    time; it moves on by whole seconds if a release of that id exists. If the body raises, the
    draft is dropped and nothing else has changed. Raises ReleaseError if another build runs
    in `var`, or if the body wrote no manifest.
    """
    releases_dir = var / _RELEASES
    _make_folders(releases_dir)
    with _locked(var):
        for stale in releases_dir.glob(f"{_DRAFT}*"):
            shutil.rmtree(stale)
        draft = _draft(releases_dir, input_hash, now)
        try:
            yield draft
            if not (draft.path / MANIFEST_FILE).is_file():
                raise ReleaseError(f"Release {draft.id} has no {MANIFEST_FILE}.")
            _settle(draft.path)
        except BaseException:
            shutil.rmtree(draft.path)
            raise
        draft.path.rename(releases_dir / draft.id)
        _sync(releases_dir)
        _switch(var, draft.id)
        _drop_old(var)


def write_manifest(
    draft: Draft, *, program_version: str, quads: int, plans: list[dict[str, Any]], **more: Any
) -> None:
    """Write the draft's release.json: its identity, the given facts, and JSON values in `more`."""
    manifest = {
        "id": draft.id,
        "created": draft.created.isoformat().replace("+00:00", "Z"),
        "program_version": program_version,
        "input_hash": draft.input_hash,
        "quads": quads,
        "plans": plans,
        **more,
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    (draft.path / MANIFEST_FILE).write_text(text, encoding="utf-8")


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


def releases(var: Path) -> list[Release]:
    """The releases that are kept, oldest first; none if nothing was built."""
    return [read_release(var / _RELEASES / name) for name in _ids(var)]


def rollback(var: Path, release_id: str) -> Release:
    """Make a kept release the current one, and return it.

    Raises ReleaseError if it is not there or not readable, or if a build runs in `var`.
    """
    with _locked(var):
        if release_id not in _ids(var):
            kept = ", ".join(_ids(var)) or "none"
            raise ReleaseError(f"{release_id} is not a release in {var}. Kept: {kept}.")
        release = read_release(var / _RELEASES / release_id)
        _switch(var, release_id)
        return release


def verify(release: Release) -> list[str]:
    """A sentence for each dump that is missing, changed or not listed in SHA256SUMS."""
    folder = release.path / DUMPS_FOLDER
    listed: dict[str, str] = {}
    try:
        for line in (folder / CHECKSUMS_FILE).read_text(encoding="utf-8").splitlines():
            digest, name = line.split("  ", 1)
            listed[name] = digest
    except (OSError, ValueError) as error:
        return [f"{CHECKSUMS_FILE} is not readable: {error}."]
    found = checksums(folder)
    mismatches = []
    for name in sorted(listed.keys() | found.keys()):
        if name not in found:
            mismatches.append(f"{name} is missing.")
        elif name not in listed:
            mismatches.append(f"{name} is not listed in {CHECKSUMS_FILE}.")
        elif found[name] != listed[name]:
            mismatches.append(f"{name} is not the file that was published.")
    return mismatches


def _draft(releases_dir: Path, input_hash: str, now: datetime) -> Draft:
    created = now.astimezone(UTC).replace(microsecond=0)
    while (releases_dir / (release_id := _id(created, input_hash))).exists():
        created += timedelta(seconds=1)
    path = releases_dir / f"{_DRAFT}{release_id}"
    path.mkdir()
    return Draft(path, release_id, created, input_hash)


def _id(created: datetime, input_hash: str) -> str:
    release_id = f"{created.strftime(_TIME_FORMAT)}-{input_hash[:8]}"
    if not _ID.fullmatch(release_id):
        raise ReleaseError(f'"{input_hash}" is not a hash; expected hex digits, at least 8.')
    return release_id


def is_release_id(text: str) -> bool:
    """Whether the text has the form of a release's id."""
    return _ID.fullmatch(text) is not None


def _ids(var: Path) -> list[str]:
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


def _settle(folder: Path) -> None:
    # modes whatever the umask, contents on disk before the name is
    for path in (*folder.rglob("*"), folder):
        if path.is_symlink():
            raise ReleaseError(f"{path.name} is a link; a release holds files and folders only.")
        path.chmod(_FOLDER_MODE if path.is_dir() else _FILE_MODE)
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _switch(var: Path, release_id: str) -> None:
    # a link cannot be changed, but a new one renamed over it: readers see the old or the new
    link = var / f".{_CURRENT}"
    link.unlink(missing_ok=True)
    link.symlink_to(f"{_RELEASES}/{release_id}")
    link.replace(var / _CURRENT)
    _sync(var)


def _drop_old(var: Path) -> None:
    current = (var / _CURRENT).readlink().name
    others = [name for name in _ids(var) if name != current]
    for name in others[: max(0, len(others) + 1 - KEPT_RELEASES)]:
        # under a draft's name first: a kill in between leaves no half release
        aside = var / _RELEASES / f"{_DRAFT}{name}"
        (var / _RELEASES / name).rename(aside)
        shutil.rmtree(aside)


def _make_folders(folder: Path) -> None:
    for path in (folder.parent, folder):
        try:
            if not path.is_dir():
                path.mkdir(parents=True)
                path.chmod(_FOLDER_MODE)
        except OSError as error:
            raise ReleaseError(f"{path} cannot be made: {error.strerror or error}.") from error


_held: set[int] = set()


def _close_held() -> None:
    # a worker forked during a build must not keep the lock when the build is killed
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_close_held)


@contextmanager
def _locked(var: Path) -> Iterator[None]:
    try:
        descriptor = os.open(var / _LOCK, os.O_RDWR | os.O_CREAT, _FILE_MODE)
    except OSError as error:
        raise ReleaseError(f"{var} cannot be written to: {error}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise ReleaseError(
            f"Another build is running in {var}. Fix: wait for it to end, or build into another "
            "folder with --out."
        ) from None
    _held.add(descriptor)
    try:
        yield
    finally:
        _held.discard(descriptor)
        os.close(descriptor)
