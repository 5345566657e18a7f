"""Dumps: the graphs and tables of a plan as files, with checksums.

Each graph is written as Turtle, N-Quads, JSON-LD (`kg.writers`) and as the table of what it
tells (`kg.tables`), each file once more as .gz. Same triples, same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from rdflib import Literal, URIRef
from rdflib.namespace import DCTERMS, SKOS

from kg.candidate_table import candidate_rows
from kg.columns import DUMP_TABLES
from kg.csvw import METADATA_SUFFIX, Description, table_metadata
from kg.errors import ReleaseError
from kg.estimates import Estimate
from kg.iris import STATISTICS, PlanIris, shared_graph
from kg.tables import plan_rows, table_csv
from kg.term_text import natural
from kg.writers import (
    Triple,
    canonical_hash,
    jsonld,
    nquads,
    sort_triples,
    turtle,
)

CHECKSUMS_FILE = "SHA256SUMS"
MEMBERS_FILE = "members.json"
"""Beside `dumps/` in a release: where members of `all.*.gz` are, see write_all."""
SHARED_DUMPS = ("vocabulary", "catalog")
"""Graphs of the whole service that are part of `all.nq.gz`, see write_shared_dump."""

_GZIP_HEADER = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255))  # no name, no time, unknown system
_GZIP_LEVEL = 7  # a third of the time of 9 for a twentieth more bytes


@dataclass(frozen=True, slots=True)
class PlanDumps:
    """What was written of one plan, as release.json tells it.

    `files`: name in the plan's folder -> `bytes` and `sha256` of the file. `graphs`: kind ->
    number of `triples`, and `rdfc10`, the hash of the canonical form (`canonical_hash`).
    """

    files: dict[str, dict[str, int | str]] = field(default_factory=dict)
    graphs: dict[str, dict[str, int | str]] = field(default_factory=dict)


def compressed(data: bytes) -> bytes:
    """One gzip member without name, time and system, the same from every Python."""
    deflate = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    ends = (zlib.crc32(data), len(data) & 0xFFFFFFFF)
    tail = b"".join(number.to_bytes(4, "little") for number in ends)
    return _GZIP_HEADER + deflate.compress(data) + deflate.flush() + tail


def plan_folder(dumps_dir: Path, iris: PlanIris) -> Path:
    """Where the dumps of a plan lie: `{code}/{slug}/{year}`."""
    return dumps_dir / iris.code / iris.slug / str(iris.year)


def write_plan_dumps(
    dumps_dir: Path,
    iris: PlanIris,
    graphs: Mapping[str, Sequence[Triple]],
    licence: str = "",
    estimate: Estimate | None = None,
) -> PlanDumps:
    """Write `plan`, `source`, `links`, `report`, and `candidate` and `statistics` if there are any.

    `graphs` is kind -> triples; `source`, `links` and `report` must be there. Each dump is
    written as .ttl, .nq, .jsonld and .csv, with .gz of each, and the table's metadata. `plan`
    is source and links in one file; its .nq keeps each triple in its own graph. Of `statistics`
    there are .ttl and .nq alone. `licence` is
    the IRI of the licence of our data; `estimate` is what the candidate graph was made from,
    whose table holds every cell.
    """
    folder = _PlanFolder(plan_folder(dumps_dir, iris))
    plan = [*graphs["source"], *graphs["links"]]
    description = _description(iris, plan, licence)
    quads = {}
    for kind in ("source", "links", "report", "candidate"):
        if kind == "candidate" and not graphs.get(kind):
            continue
        ordered = sort_triples(graphs[kind])
        quads[kind] = nquads(ordered, iris.graph(kind))
        folder.write(f"{kind}.ttl", turtle(ordered))
        folder.write(f"{kind}.nq", quads[kind])
        folder.write(f"{kind}.jsonld", jsonld(ordered))
        folder.dumps.graphs[kind] = {
            "triples": len(ordered),
            "rdfc10": canonical_hash(ordered),
        }
    if graphs.get(STATISTICS):  # the plan's part of a graph of all plans: it has no hash of its own
        ordered = sort_triples(graphs[STATISTICS])
        folder.write(f"{STATISTICS}.ttl", turtle(ordered))
        folder.write(f"{STATISTICS}.nq", nquads(ordered, shared_graph(iris.base_iri, STATISTICS)))
    merged = sort_triples(plan)
    folder.write("plan.ttl", turtle(merged))
    folder.write("plan.nq", quads["source"] + quads["links"])
    folder.write("plan.jsonld", jsonld(merged))
    tables = plan_rows(iris.plan, plan, ("plan", "source", "links"))
    tables |= plan_rows(iris.plan, [*graphs["source"], *graphs["report"]], ("report",))
    if "candidate" in quads:
        assert estimate is not None
        tables["candidate"] = candidate_rows(iris, estimate, tables["source"])
    for name in ("plan", *quads):
        table = DUMP_TABLES[name]
        folder.write(f"{name}.csv", table_csv(table, tables[name]))
        folder.write(f"{name}.csv{METADATA_SUFFIX}", table_metadata(table, description))
    return folder.dumps


class _PlanFolder:
    """Writes files into a plan's folder and keeps what it wrote."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.dumps = PlanDumps()
        path.mkdir(parents=True, exist_ok=True)

    def write(self, name: str, data: bytes) -> None:
        """The file and, but for metadata, its .gz."""
        self._write(name, data)
        if not name.endswith(METADATA_SUFFIX):
            self._write(f"{name}.gz", compressed(data))

    def _write(self, name: str, data: bytes) -> None:
        (self.path / name).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        self.dumps.files[name] = {"bytes": len(data), "sha256": digest}


def _description(iris: PlanIris, triples: Iterable[Triple], licence: str) -> Description:
    """What the metadata of a plan's tables say: its title, its document, whose texts they are."""
    texts: dict[URIRef, dict[str, str]] = {iris.plan: {}, iris.document: {}}
    for s, p, o in triples:
        if (s, p) in ((iris.plan, SKOS.prefLabel), (iris.document, DCTERMS.rights)):
            assert isinstance(s, URIRef) and isinstance(o, Literal)
            texts[s][o.language or ""] = str(o)
    return Description(
        title=texts[iris.plan],
        licence=[licence] if licence else [],
        sources=[iris.document],
        rights=texts[iris.document],
    )


def write_shared_dump(
    dumps_dir: Path, name: str, triples: Iterable[Triple], graph_iri: URIRef
) -> None:
    """Write a graph of the whole service (`vocabulary`, …) beside the plans' folders."""
    dumps_dir.mkdir(parents=True, exist_ok=True)
    ordered = sort_triples(triples)
    forms = {"ttl": turtle(ordered), "nq": nquads(ordered, graph_iri), "jsonld": jsonld(ordered)}
    for form, data in forms.items():
        (dumps_dir / f"{name}.{form}").write_bytes(data)
        (dumps_dir / f"{name}.{form}.gz").write_bytes(compressed(data))


def write_all(
    dumps_dir: Path, known: Mapping[str, str] | None = None, last: Path | None = None
) -> None:
    """Write `all.ttl.gz` and `all.nq.gz` from the dumps of the plans that are there.

    Each is a row of gzip members, one per plan (source, links and candidate) in the order of
    the folders, so that a plan can be cut out or replaced; the shared graphs come first, in
    the N-Quads only. A plan with candidates has no file that is its member: where these are is
    written into `members.json` beside the folder. By that and by `known`, checksums as
    `listed_checksums` gives them, those of another release serve again; `last` are its dumps.
    """
    members = _Members(known or {}, last)
    folders = sorted(
        (path.parent for path in dumps_dir.glob("*/*/*/plan.nq")),
        key=lambda folder: natural(folder.relative_to(dumps_dir).as_posix()),
    )
    for extension in ("ttl", "nq"):
        with (dumps_dir / f"all.{extension}.gz").open("wb") as out:
            for name in SHARED_DUMPS:
                shared = dumps_dir / f"{name}.nq.gz"
                if extension == "nq" and shared.is_file():
                    out.write(shared.read_bytes())
            for folder in folders:
                if (folder / f"candidate.{extension}").is_file():
                    members.write(out, dumps_dir, folder, extension)
                else:
                    out.write((folder / f"plan.{extension}.gz").read_bytes())
    text = json.dumps(members.written, sort_keys=True) + "\n"
    (dumps_dir.parent / MEMBERS_FILE).write_text(text, encoding="utf-8")


class _Members:
    """The members of plans with candidates: plan and candidates compressed as one.

    `written`: checksums of the two files -> start, length and SHA-256 of the member.
    """

    def __init__(self, known: Mapping[str, str], last: Path | None) -> None:
        self.written: dict[str, tuple[int, int, str]] = {}
        self._known = known
        self._last = last
        self._before: dict[str, tuple[int, int, str]] = {}
        with contextlib.suppress(OSError, ValueError):  # then all are compressed anew
            if last is not None:
                text = (last.parent / MEMBERS_FILE).read_text(encoding="utf-8")
                self._before = json.loads(text)

    def write(self, out: BinaryIO, dumps_dir: Path, folder: Path, extension: str) -> None:
        files = [folder / f"{name}.{extension}" for name in ("plan", "candidate")]
        key = " ".join(self._sum(path, dumps_dir) for path in files)
        member = self._of_last(key, extension)
        if member is None:
            member = compressed(b"".join(path.read_bytes() for path in files))
        self.written[key] = out.tell(), len(member), hashlib.sha256(member).hexdigest()
        out.write(member)

    def _sum(self, path: Path, dumps_dir: Path) -> str:
        known = self._known.get(path.relative_to(dumps_dir).as_posix())
        return known or hashlib.sha256(path.read_bytes()).hexdigest()

    def _of_last(self, key: str, extension: str) -> bytes | None:
        if self._last is None or key not in self._before:
            return None
        start, length, digest = self._before[key]
        try:
            with (self._last / f"all.{extension}.gz").open("rb") as file:
                file.seek(start)
                member = file.read(length)
        except OSError:
            return None
        return member if hashlib.sha256(member).hexdigest() == digest else None


def write_checksums(dumps_dir: Path, known: Mapping[str, str] | None = None) -> None:
    """Write SHA256SUMS of all files below the folder, sorted by path; `sha256sum -c` reads it.

    `known` are checksums of files that need not be read, as `listed_checksums` gives them.
    """
    sums = checksums(dumps_dir, known)
    lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
    (dumps_dir / CHECKSUMS_FILE).write_text("".join(lines), encoding="utf-8")


def checksums(dumps_dir: Path, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Path below the folder -> SHA-256 of the file, for all files but SHA256SUMS itself."""
    sums, known = {}, known or {}
    for folder, _, files in os.walk(dumps_dir):
        place = Path(folder).relative_to(dumps_dir).as_posix()
        start = "" if place == "." else f"{place}/"
        for name in (start + file for file in files):
            if name in known:
                sums[name] = known[name]
            elif name != CHECKSUMS_FILE:
                sums[name] = checksum(dumps_dir / name)
    return sums


def checksum(path: Path) -> str:
    """The SHA-256 of the file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def listed_checksums(dumps_dir: Path) -> dict[str, str]:
    """Path below the folder -> SHA-256 of the file, as SHA256SUMS says.

    Raises ReleaseError if that is absent or not readable.
    """
    path = dumps_dir / CHECKSUMS_FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{CHECKSUMS_FILE} is not readable: {error}.") from error
