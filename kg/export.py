"""`sdgplan export`: all plans of the current release as plain tables and one Turtle file.

    projects.csv units.csv targets.csv counts.csv links.csv     kg.columns.EXPORT_TABLES
    budgets.csv indicators.csv achievements.csv                 empty where no plan has any
    {table}.csv-metadata.json, csv-metadata.json                each table alone, and all of them
    all.ttl                                                     what dumps/all.ttl.gz holds
    SHA256SUMS

An export is complete or not there: it is written aside, and SHA256SUMS comes last. By that file
an earlier export is known: a folder that holds nothing but unchanged files it lists.
"""

from __future__ import annotations

import gzip
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from rdflib import Literal, URIRef

from kg.columns import EXPORT_TABLES
from kg.csvw import METADATA_SUFFIX, Description, group_metadata, table_metadata
from kg.dumps import CHECKSUMS_FILE, checksums, write_checksums
from kg.errors import WrongUse
from kg.manifest import Entry, is_withdrawn
from kg.release import DUMPS_FOLDER, Release
from kg.store import memory_store
from kg.tables import Row, plan_rows, table_csv
from kg.vocab import DCTERMS
from kg.writers import Triple

TURTLE_FILE = "all.ttl"
GROUP_FILE = f"csv{METADATA_SUFFIX}"
_ASIDE = ".export-"
TITLE = {"ja": "自治体実施計画のSDGsデータ", "en": "SDG data of municipal implementation plans"}


def export(release: Release, folder: Path) -> dict[str, int]:
    """Write the release's tables and Turtle into `folder`; returns table -> number of rows.

    `folder` may be absent, empty, or an earlier export, which is replaced. Raises WrongUse for
    any other, and if it cannot be written.
    """
    try:
        if folder.is_dir():
            _refuse_other_files(folder)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_ASIDE, dir=folder) as aside:
            rows = _write(release, Path(aside))
            names = sorted(path.name for path in Path(aside).iterdir())
            for name in sorted(names, key=CHECKSUMS_FILE.__eq__):
                Path(aside, name).replace(folder / name)
    except OSError as error:
        raise WrongUse(f"{folder} cannot be written to: {error.strerror or error}.") from error
    return rows


def _refuse_other_files(folder: Path) -> None:
    for stopped in folder.glob(f"{_ASIDE}*"):
        shutil.rmtree(stopped)
    found = {path.name for path in folder.iterdir()}
    if not found:
        return
    listed: dict[str, str] = {}
    if (folder / CHECKSUMS_FILE).is_file():
        text = (folder / CHECKSUMS_FILE).read_text(encoding="utf-8", errors="replace")
        for line in text.splitlines():
            digest, _, name = line.partition("  ")
            listed[name] = digest
    present = checksums(folder)
    other = sorted(
        name
        for name in found - {CHECKSUMS_FILE}
        if name not in listed or listed[name] != present.get(name)
    )
    if listed and not other and TURTLE_FILE in listed:
        return
    shown = ", ".join((other or sorted(found))[:3])
    raise WrongUse(
        f"{folder} is not empty, and is not an earlier export as it was written.\n"
        f"  Found: {shown}. Expected: no files but those of an export, as its {CHECKSUMS_FILE} "
        "lists them.\n"
        "  Fix: name another folder, or move these files away."
    )


def _write(release: Release, folder: Path) -> dict[str, int]:
    entries = [entry for entry in release.manifest["plans"] if not is_withdrawn(entry)]
    rows: dict[str, list[Row]] = {name: [] for name in EXPORT_TABLES}
    rights: dict[str, str] = {}
    for entry in entries:
        triples = _triples(release, entry)
        rights |= _rights(triples)
        for name, found in plan_rows(URIRef(entry["iri"]), triples).items():
            if name in rows:
                rows[name] += found
    rows["units"] = _merged(rows["units"])
    description = Description(
        title=TITLE,
        licence=sorted({entry["licence"] for entry in entries}),
        sources=[URIRef(entry["iri"]) for entry in entries],
        rights=rights,
    )
    for name, table in EXPORT_TABLES.items():
        (folder / f"{name}.csv").write_bytes(table_csv(table, rows[name]))
        metadata = table_metadata(table, description)
        (folder / f"{name}.csv{METADATA_SUFFIX}").write_bytes(metadata)
    (folder / GROUP_FILE).write_bytes(group_metadata(EXPORT_TABLES.values(), description))
    with (
        gzip.open(release.path / DUMPS_FOLDER / f"{TURTLE_FILE}.gz") as packed,
        (folder / TURTLE_FILE).open("wb") as out,
    ):
        shutil.copyfileobj(packed, out)
    write_checksums(folder)
    return {name: len(found) for name, found in rows.items()}


def _triples(release: Release, entry: Entry) -> list[Triple]:
    """The source and links graphs of a plan, from its dump."""
    part = Path(entry["code"], entry["slug"], str(entry["year"]))
    store = memory_store([release.path / DUMPS_FOLDER / part / "plan.nq"])
    found = store.select("SELECT ?s ?p ?o WHERE { ?s ?p ?o }")
    return [(row["s"], row["p"], row["o"]) for row in found]


def _rights(triples: Iterable[Triple]) -> dict[str, str]:
    return {
        o.language or "": str(o)
        for _, p, o in triples
        if p == DCTERMS.rights and isinstance(o, Literal)
    }


def _merged(rows: Iterable[Row]) -> list[Row]:
    """One row per unit: a unit of several years is the same, and what one year adds stays."""
    units: dict[str, Row] = {}
    for row in rows:
        iri, told = str(row["unit"]), {name: cell for name, cell in row.items() if cell}
        units[iri] = told | dict(units.get(iri, {}))
    return list(units.values())
