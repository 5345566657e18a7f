"""What a release takes over from the last one: dumps, charts, their checksums, the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from kg.catalog.parts import catalog_sums
from kg.disk import link
from kg.dumps import listed_checksums
from kg.errors import ReleaseError
from kg.iris import STATISTICS
from kg.manifest import Entry, is_withdrawn
from kg.program import program_hash
from kg.release import CHARTS_FOLDER, DUMPS_FOLDER, Release
from kg.search_index import SEARCH_FILE
from kg.store import STORE_FOLDER
from kg.store_update import ENGINE, Parts, StoreBefore

PLAN_PARTS = ("plan", "report", "candidate", STATISTICS)
"""Dumps of a plan that are stored; a plan may have no candidates."""


def folder_of(entry: Entry) -> str:
    """Where a plan's dumps lie below `dumps/`."""
    return f"{entry['code']}/{entry['slug']}/{entry['year']}"


def carry_over(last: Release, entries: Iterable[Entry], dumps: Path) -> dict[str, str]:
    """Link these plans' dumps of the last release; returns their lines of SHA256SUMS.

    Releases never change files, so nothing is read again: a file that was damaged since keeps
    its checksum, by which that is found out. Raises ReleaseError for a file that is gone.
    """
    by_folder = defaultdict(list)
    for name, digest in listed_checksums(last.path / DUMPS_FOLDER).items():
        by_folder[name.rpartition("/")[0]].append((name, digest))
    carried = {}
    source, target = f"{last.path / DUMPS_FOLDER}/", f"{dumps}/"  # texts: there are 36 files a plan
    for folder in map(folder_of, entries):
        (dumps / folder).mkdir(parents=True, exist_ok=True)
        for name, digest in by_folder[folder]:
            try:
                link(source + name, target + name)
            except FileNotFoundError:
                raise ReleaseError(
                    f"{source}{name} is gone. Fix: sdgplan rollback to another release, or move "
                    "var/current away; then every plan is built anew."
                ) from None
            carried[name] = digest
    return carried


def carry_charts(last: Release, entries: Iterable[Entry], charts: Path) -> None:
    """Link these plans' charts of the last release; nothing where an older program drew none."""
    for folder in map(folder_of, entries):
        drawn = last.path / CHARTS_FOLDER / folder
        if drawn.is_dir():
            (charts / folder).mkdir(parents=True, exist_ok=True)
            for path in drawn.iterdir():
                link(path, charts / folder / path.name)


def store_parts(release: Path, entries: Iterable[Entry]) -> Parts:
    """What the store of a release with these plans is made of.

    Raises ReleaseError if what is there is not told by its lists of checksums.
    """
    listed = listed_checksums(release / DUMPS_FOLDER)
    names = ["vocabulary.nq.gz", f"{STATISTICS}.nq.gz"]
    for entry in entries:
        if not is_withdrawn(entry):
            names += [f"{folder_of(entry)}/{name}.nq.gz" for name in PLAN_PARTS]
    of_plans = {f"{DUMPS_FOLDER}/{name}": listed[name] for name in names if name in listed}
    return Parts(release, of_plans | catalog_sums(release))


def store_before(last: Release | None) -> StoreBefore | None:
    """The last release's store, if this program and engine wrote it."""
    if last is None or last.manifest.get("store") != store_writer():
        return None
    try:
        parts = store_parts(last.path, last.manifest["plans"])
    except ReleaseError:
        return None
    return StoreBefore(last.path / STORE_FOLDER, parts, last.manifest["quads"])


def search_before(last: Release | None) -> tuple[Path, str] | None:
    """The last release's search index and its checksum, if it has one."""
    if last is None:
        return None
    file = last.manifest.get("files", {}).get(SEARCH_FILE)
    return None if file is None else (last.path / SEARCH_FILE, file["sha256"])


def store_writer() -> dict[str, str]:
    """Which program and engine write stores here, as release.json tells it."""
    return {"engine": ENGINE, "program_hash": program_hash()}
