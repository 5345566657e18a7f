"""The history: every published version of every plan, as it was first published, kept for good.

    var/history/.lock                                  held while versions are put in place
    var/history/.draft-…/                              being written; the next one drops it
    var/history/.taken                                 the kept releases of which nothing is absent
    var/history/{code}/{slug}/{year}/{version}/        complete and never changed
        version.json                                   its entry in release.json, and when
        SHA256SUMS, plan.nq, plan.ttl, …               links to the dumps of that release

A version is taken over from a release that is complete, and under a draft's name until every
byte is on the disk; a kill at any moment leaves it whole or absent, and the next build takes
over what is absent. See docs/decisions/0007-history.md.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kg.disk import link, sync, sync_all
from kg.dumps import CHECKSUMS_FILE, checksums, write_checksums
from kg.release import DUMPS_FOLDER, Draft, Release, release_ids, releases

HISTORY_FOLDER = "history"
VERSION_FILE = "version.json"
PLAN_DUMP = "plan.nq"
COMPARED_DUMPS = (PLAN_DUMP, "candidate.nq")
"""The dumps that hold a plan's published data; the report is the program's, not the plan's."""

Entry = dict[str, Any]

_LOCK, _DRAFT, _TAKEN = ".lock", ".draft-", ".taken"
_UNFIT = re.compile(r"^\.|[/\\%\x00-\x1f\x7f]")
_LONGEST_NAME = 200
_FOLDER_MODE, _FILE_MODE = 0o755, 0o644


def version_name(version: str) -> str:
    """The version as the name of a folder: itself, unless it would lead elsewhere.

    Characters that cannot stand in a name become %XX; one that is too long becomes its hash.
    """
    name = _UNFIT.sub(lambda found: f"%{ord(found[0]):02X}", version)
    if name and len(name.encode("utf-8", "surrogatepass")) <= _LONGEST_NAME:
        return name
    return "%" + hashlib.sha256(version.encode("utf-8", "surrogatepass")).hexdigest()


def history_folder(var: Path, entry: Mapping[str, Any]) -> Path:
    """Where the versions of a plan lie."""
    return var / HISTORY_FOLDER / _place(entry)


def version_folder(var: Path, entry: Mapping[str, Any], version: str) -> Path:
    """Where one version of a plan lies, whether it is there or not."""
    return history_folder(var, entry) / version_name(version)


def compared_dumps(folder: Path) -> list[bytes]:
    """The N-Quads of a version that are compared with another version's."""
    return [(folder / name).read_bytes() for name in COMPARED_DUMPS if (folder / name).is_file()]


def record(var: Path, given: Sequence[Release]) -> list[Path]:
    """Take over every version that the given releases, oldest first, have and the history has not.

    Returns the folders that are new. A version that is there is left as it is.
    """
    wanted = [
        (release, entry, target)
        for release in given
        for entry in release.manifest["plans"]
        if (target := _missing(var, release, entry)) is not None
    ]
    taken = _taken(var)
    if not wanted and taken.issuperset(release.id for release in given):
        return []
    with _locked(var):
        for stale in (var / HISTORY_FOLDER).glob(f"{_DRAFT}*"):
            shutil.rmtree(stale)
        drafts: dict[Path, Path] = {}
        for number, (release, entry, target) in enumerate(wanted):
            draft = var / HISTORY_FOLDER / f"{_DRAFT}{number}"
            if target not in drafts and not target.exists() and _take(release, entry, draft):
                drafts[target] = draft
        sync_all(var / HISTORY_FOLDER)  # once for all: links and new files are on the disk
        for target, draft in drafts.items():
            _make_folders(var, target.parent)
            draft.rename(target)
        for folder in {target.parent for target in drafts}:
            sync(folder)
        known = (taken | {release.id for release in given}) & set(release_ids(var))
        note = var / HISTORY_FOLDER / f"{_TAKEN}-new"
        note.write_text("".join(f"{name}\n" for name in sorted(known)), encoding="utf-8")
        note.replace(var / HISTORY_FOLDER / _TAKEN)
        return list(drafts)


def untaken(var: Path, last: Release | None) -> list[Release]:
    """The kept releases that may have a version which the history has not, oldest first.

    `last`, the current one if there is one, is always among them. Raises ReleaseError if one
    cannot be read.
    """
    known = _taken(var) | ({last.id} if last else set())
    others = releases(var, without=known)
    return sorted((*others, *([last] if last else [])), key=lambda release: release.id)


def _taken(var: Path) -> set[str]:
    try:
        return set((var / HISTORY_FOLDER / _TAKEN).read_text(encoding="utf-8").split())
    except FileNotFoundError:
        return set()


def published_content(var: Path, place: Mapping[str, Any], version: str) -> str | None:
    """The content hash under which a version was published; None if it never was."""
    path = version_folder(var, place, version) / VERSION_FILE
    if not path.is_file():
        return None
    return str(json.loads(path.read_text(encoding="utf-8"))["content_hash"])


def with_versions(
    var: Path, draft: Draft, entries: Sequence[Entry], previous: Mapping[str, Entry]
) -> list[Entry]:
    """The entries with `versions`, oldest first, that of the release in the making among them.

    Each version has `version`, `release` and `published` (where and when it was published
    first), `issued`, `modified`, `sha256` of its plan.nq, `triples`, and `path` below the
    address of the service. A withdrawn plan has `withdrawn_at` too, the time of the release
    in which it was withdrawn; `previous` are the entries of the release before, by name.
    """
    return [
        {**entry, "versions": _versions(var, draft, entry, before)}
        | _withdrawn_at(draft, entry, before)
        for entry in entries
        for before in [previous.get(entry["name"], {})]
    ]


def _withdrawn_at(draft: Draft, entry: Entry, before: Mapping[str, Any]) -> dict[str, str]:
    if entry["status"] != "withdrawn":
        return {}
    since = before.get("withdrawn_at") if before.get("status") == "withdrawn" else None
    return {"withdrawn_at": str(since or utc_text(draft.created))}


def versions_of(var: Path, entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All published versions of a plan, oldest first: after a rollback also later ones."""
    listed = {one["version"]: one for one in entry.get("versions", ())}
    return _ordered(listed | _in_history(var, entry, ()))


def _in_history(
    var: Path, entry: Mapping[str, Any], known: Iterable[dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The plan's versions in the history; those that are `known` are not read again."""
    by_path = {one["path"]: one for one in known}
    found = {}
    for name in _names(history_folder(var, entry)):
        one = by_path.get(_path(entry, name))
        if one is None:
            file = history_folder(var, entry) / name / VERSION_FILE
            told = json.loads(file.read_text(encoding="utf-8"))
            one = _summary(entry, told, told["sha256"])
        found[one["version"]] = one
    return found


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208
    except FileNotFoundError:
        return []


def _path(entry: Mapping[str, Any], name: str) -> str:
    place = (entry["code"], entry["slug"], str(entry["year"]))
    return quote("/".join((DUMPS_FOLDER, HISTORY_FOLDER, *place, name, "")))


def _ordered(versions: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(versions.values(), key=lambda one: (one["published"], one["version"]))


def _versions(
    var: Path, draft: Draft, entry: Entry, before: Mapping[str, Any]
) -> list[dict[str, Any]]:
    found = _in_history(var, entry, before.get("versions", ()))
    if entry["status"] != "withdrawn" and entry["version"] not in found:
        new = entry | {"release": draft.id, "published": utc_text(draft.created)}
        known = entry.get("files", {}).get(PLAN_DUMP)
        digest = known["sha256"] if known else _sha256(_plan_dump(draft.path / DUMPS_FOLDER, entry))
        found[entry["version"]] = _summary(entry, new, digest)
    return _ordered(found)


def utc_text(time: datetime) -> str:
    """An aware UTC time as release.json writes it: 2026-11-24T10:15:00Z."""
    return time.isoformat().replace("+00:00", "Z")


def _summary(entry: Mapping[str, Any], known: Mapping[str, Any], sha256: str) -> dict[str, Any]:
    return {
        "version": known["version"],
        "release": known["release"],
        "published": known["published"],
        "issued": known["issued"],
        "modified": known["modified"],
        "sha256": sha256,
        "triples": known["triples"],
        "path": _path(entry, version_name(known["version"])),
    }


def _place(entry: Mapping[str, Any]) -> Path:
    return Path(entry["code"], entry["slug"], str(entry["year"]))


def _plan_dump(dumps: Path, entry: Mapping[str, Any]) -> Path:
    return dumps / _place(entry) / PLAN_DUMP


def _missing(var: Path, release: Release, entry: Entry) -> Path | None:
    """Where the release's version of the plan belongs; None if it is there or has no data."""
    if entry.get("status") == "withdrawn" or "version" not in entry:
        return None
    target = version_folder(var, entry, entry["version"])
    if target.exists():
        return None
    return target if _plan_dump(release.path / DUMPS_FOLDER, entry).is_file() else None


def _take(release: Release, entry: Entry, draft: Path) -> bool:
    """Make one version under a draft's name; False if the release was dropped meanwhile."""
    source = _plan_dump(release.path / DUMPS_FOLDER, entry).parent
    try:
        shutil.copytree(source, draft, copy_function=_link)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if source.is_dir():
            raise
        return False
    known = {name: value for name, value in entry.items() if name not in ("versions", "seconds")}
    sums = {name: file["sha256"] for name, file in entry.get("files", {}).items()}
    known |= {
        "release": release.id,
        "published": str(release.manifest["created"]),
        "sha256": sums.get(PLAN_DUMP) or _sha256(draft / PLAN_DUMP),
    }
    text = json.dumps(known, ensure_ascii=False, indent=2) + "\n"
    (draft / VERSION_FILE).write_text(text, encoding="utf-8")
    write_checksums(draft, sums)
    for path in (*draft.rglob("*"), draft):
        path.chmod(_FOLDER_MODE if path.is_dir() else _FILE_MODE)
    return True


def damaged(folder: Path) -> list[str]:
    """The files of a version that are not what SHA256SUMS says, or are not there; sorted."""
    lines = (folder / CHECKSUMS_FILE).read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    found = checksums(folder)
    names = listed.keys() | found.keys()
    return sorted(name for name in names if listed.get(name) != found.get(name))


def _link(source: str, target: str) -> None:
    link(Path(source), Path(target))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make_folders(var: Path, folder: Path) -> None:
    """Make the folder and what it lies in, each on the disk before anything is put there."""
    if folder == var or folder.is_dir():
        return
    _make_folders(var, folder.parent)
    folder.mkdir(exist_ok=True)
    folder.chmod(_FOLDER_MODE)
    sync(folder.parent)


@contextmanager
def _locked(var: Path) -> Iterator[None]:
    """Hold the history's lock, waiting for whoever has it: it is held for a moment only."""
    _make_folders(var, var / HISTORY_FOLDER)
    descriptor = os.open(var / HISTORY_FOLDER / _LOCK, os.O_RDWR | os.O_CREAT, _FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
