"""What the catalogue says of each municipality, with the counts of its plans, in files of its own.

    parts/index.json         of each municipality the key and the checksum; the counts of all
    parts/{code}.nq, .nq.gz  its lines of the graph of the catalogue
    parts/{code}.json        its counts
    parts/service.nq.gz      the lines about the service as a whole

They are links to those of the release before while nothing of the municipality changes. So one
changed plan costs one municipality, in the catalogue, in the counts and in the store.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.catalog.pages import identifiers, municipality_graph, shown_of
from kg.catalog.site import Site
from kg.counts import Part, Sum, municipality_part
from kg.disk import link
from kg.dumps import compressed
from kg.errors import ReleaseError
from kg.iris import STATISTICS, shared_graph
from kg.processes import in_processes
from kg.program import program_hash
from kg.writers import nquads

Entry = Mapping[str, Any]

PARTS_FOLDER = "parts"
GRAPH_FILES = ("plan.nq", "report.nq", "candidate.nq", f"{STATISTICS}.nq")
"""The dumps of a plan whose graphs are in the store."""

MANY = 50
"""From so many municipalities on, processes of their own are quicker than they take to begin."""

_INDEX_FILE = "index.json"
_SERVICE = "service"


@dataclass(frozen=True, slots=True)
class CatalogParts:
    """The parts of a release: its folder, each municipality's key and checksum, the counts of all.

    The key is a hash of all that decides a part; the checksum is the SHA-256 of its .nq.gz.
    """

    folder: Path
    keys: Mapping[str, str]
    sums: Mapping[str, str]
    total: Sum

    def texts(self) -> Iterable[tuple[bytes, bytes]]:
        """The lines of each municipality, and the same compressed, by code."""
        for code in self.keys:
            path = self.folder / f"{code}.nq"
            yield path.read_bytes(), path.with_suffix(".nq.gz").read_bytes()


def make_parts(
    release: Path,
    dumps: Path,
    entries: Sequence[Entry],
    site: Site,
    last: Path | None,
    jobs: int = 1,
) -> CatalogParts:
    """Write the parts of a release, or link those of the release `last` that are the same.

    Many are made in `jobs` processes at the same time.
    """
    folder = release / PARTS_FOLDER
    folder.mkdir()
    before = None if last is None else _read(last)
    names = identifiers(entries)
    by_code: dict[str, list[Entry]] = {}
    for entry in entries:
        by_code.setdefault(entry["code"], []).append(entry)
    keys = {code: _key(plans, names, site) for code, plans in sorted(by_code.items())}
    known = before.keys if before else {}
    kept = {code for code, key in keys.items() if known.get(code) == key}
    total = Sum()
    if before and 2 * len(kept) >= len(known):  # else it is quicker to add up anew
        total = before.total
        for code in known.keys() - kept:
            total.take_away(_part(before.folder / f"{code}.json"))
    missing = [code for code in keys if not before or code not in kept]
    made = in_processes(
        _made,
        [(folder, dumps, by_code[code], _of(by_code[code], names), site) for code in missing],
        jobs if len(missing) >= MANY else 1,
    )
    sums = {}
    for code in keys:
        if before and code in kept:
            for name in (f"{code}.json", f"{code}.nq", f"{code}.nq.gz"):
                link(before.folder / name, folder / name)
            sums[code] = before.sums[code]
            if total is not before.total:
                total.add(_part(folder / f"{code}.json"))
        else:
            part, sums[code] = next(made)
            total.add(part)
    return CatalogParts(folder, keys, sums, total)


def _of(plans: Sequence[Entry], names: Mapping[str, str]) -> dict[str, str]:
    return {entry["iri"]: names[entry["iri"]] for entry in plans}


def finish_parts(parts: CatalogParts, service: bytes) -> None:
    """Write what the catalogue says of the service, compressed lines, and the index."""
    (parts.folder / f"{_SERVICE}.nq.gz").write_bytes(service)
    index = {
        "keys": parts.keys,
        "sums": {**parts.sums, _SERVICE: hashlib.sha256(service).hexdigest()},
        "total": parts.total.as_json(),
    }
    text = json.dumps(index, ensure_ascii=False) + "\n"
    (parts.folder / _INDEX_FILE).write_text(text, encoding="utf-8")


def catalog_sums(release: Path) -> dict[str, str]:
    """The files that the graph of the catalogue is made of: path below the release -> SHA-256.

    Raises ReleaseError if the release has no readable index of them.
    """
    index = _read(release)
    if index is None:
        raise ReleaseError(f"{release / PARTS_FOLDER / _INDEX_FILE} is not readable.")
    return {f"{PARTS_FOLDER}/{name}.nq.gz": digest for name, digest in index.sums.items()}


def _read(release: Path) -> CatalogParts | None:
    folder = release / PARTS_FOLDER
    try:
        value = json.loads((folder / _INDEX_FILE).read_text(encoding="utf-8"))
        return CatalogParts(folder, value["keys"], value["sums"], Sum.from_json(value["total"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _part(path: Path) -> Part:
    return Part.from_json(json.loads(path.read_text(encoding="utf-8")))


def _key(plans: Sequence[Entry], names: Mapping[str, str], site: Site) -> str:
    hashes = [entry["plan_hash"] for entry in plans]
    shown = [
        (names[entry["iri"]], shown_of(entry), sorted(v["version"] for v in _versions_of(entry)))
        for entry in plans
    ]
    decided_by = [program_hash(), repr(site), hashes, shown]
    text = json.dumps(decided_by, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _versions_of(entry: Entry) -> Sequence[Entry]:
    """The published versions of a plan, as far as its entry names them."""
    found: Sequence[Entry] = entry.get("versions", ())
    return found


def _made(
    folder: Path, dumps: Path, plans: Sequence[Entry], names: Mapping[str, str], site: Site
) -> tuple[Part, str]:
    """The counts of one municipality, and the checksum of its lines, which are written."""
    code = plans[0]["code"]
    lines = nquads(municipality_graph(plans, names, site), shared_graph(site.base_iri, "catalog"))
    member = compressed(lines)
    (folder / f"{code}.nq").write_bytes(lines)
    (folder / f"{code}.nq.gz").write_bytes(member)
    files = [folder / f"{code}.nq", *_files(dumps, plans)]
    part = municipality_part(f"{site.base_iri}{code}", files, site.own)
    text = json.dumps(part.as_json(), ensure_ascii=False) + "\n"
    (folder / f"{code}.json").write_text(text, encoding="utf-8")
    return part, hashlib.sha256(member).hexdigest()


def _files(dumps: Path, plans: Iterable[Entry]) -> Iterable[Path]:
    for entry in plans:
        folder = dumps / entry["code"] / entry["slug"] / str(entry["year"])
        for name in GRAPH_FILES:
            if entry["status"] != "withdrawn" and (folder / name).is_file():
                yield folder / name
