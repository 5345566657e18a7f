"""The description of a release, written into it: catalogue, VoID, counts, and their graph.

The graph counts itself: it says how many triples of each kind the store holds, its own
included, so it is made again until its numbers are those of the store. What it says of one
municipality is kept with the counts of its plans, and taken over while nothing of it changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rdflib import URIRef

from kg.catalog.documents import catalog_bytes, void_bytes
from kg.catalog.endpoint import endpoint_triples, last_modified, void_triples
from kg.catalog.pages import identifiers, municipality_graph, page_count, service_graph, shown_of
from kg.catalog.site import Site, site_of
from kg.counts import Counts, Part, Total, lines_of, municipality_part, write_counts
from kg.disk import link
from kg.dumps import compressed
from kg.iris import shared_graph
from kg.settings import Settings
from kg.writers import nquads

Entry = Mapping[str, Any]

PARTS_FOLDER = "parts"
GRAPH_FILES = ("plan.nq", "report.nq", "candidate.nq")
"""The dumps of a plan whose graphs are in the store."""
CATALOG_FORMS = {
    "ttl": "text/turtle",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
}
_MOST_ROUNDS = 6


def describe(
    release: Path, dumps: Path, entries: Sequence[Entry], settings: Settings, last: Path | None
) -> None:
    """Write `catalog.*`, `void.ttl`, the counts and the graph of the catalogue.

    `dumps` holds the plans and the shared graphs so far; `last` is the release before, whose
    parts serve again for municipalities that did not change. A catalogue of several pages is
    not written in one: the server makes its pages.
    """
    site = site_of(settings)
    parts = _parts(release / PARTS_FOLDER, dumps, entries, site, last)
    counts, own = _counted(parts.values(), lines_of(dumps / "vocabulary.nq"), entries, settings)
    write_counts(release, counts)
    texts, members = [own], [compressed(own)]
    for code in parts:
        path = release / PARTS_FOLDER / f"{code}.nq"
        texts.append(path.read_bytes())
        members.append(path.with_suffix(".nq.gz").read_bytes())
    (dumps / "catalog.nq").write_bytes(b"".join(texts))
    (dumps / "catalog.nq.gz").write_bytes(b"".join(members))
    for extension, media_type in CATALOG_FORMS.items() if page_count(entries) == 1 else ():
        (release / f"catalog.{extension}").write_bytes(catalog_bytes(entries, site, media_type))
    void = void_bytes(counts, entries, last_modified(entries), site, "text/turtle")
    (release / "void.ttl").write_bytes(void)


def settings_hash(settings: Settings) -> str:
    """What decides a description beside the plans: a release is made anew when it changes."""
    site = site_of(settings)
    text = repr((site, [entry.url for entry in settings.service_allowlist]))
    return hashlib.sha256(text.encode()).hexdigest()


def _counted(
    parts: Iterable[Part], vocabulary: list[str], entries: Sequence[Entry], settings: Settings
) -> tuple[Counts, bytes]:
    """The counts of the release, and what the catalogue says of the service as a whole."""
    site = site_of(settings)
    name = shared_graph(site.base_iri, "catalog")
    fixed = service_graph(entries, site)
    total = Total(parts, [*vocabulary, *_lines(nquads(fixed, name))])
    counts, modified, known = total.with_lines(()), last_modified(entries), set(fixed)
    for _ in range(_MOST_ROUNDS):
        shared = {iri: n for iri, n in counts.graphs.items() if iri.startswith(_shared(name))}
        federated = bool(settings.service_allowlist)
        counting = [
            *endpoint_triples(counts, modified, federated, site, shared),
            *void_triples(counts, entries, modified, site),
        ]
        counting = [triple for triple in counting if triple not in known]
        again = total.with_lines(_lines(nquads(counting, name)))
        if again.as_json() == counts.as_json():
            return counts, nquads([*fixed, *counting], name)
        counts = again
    raise AssertionError("the counts of a release do not settle")


def _shared(graph: URIRef) -> str:
    return str(graph).removesuffix("catalog")


def _lines(data: bytes) -> list[str]:
    text = data.decode().removesuffix("\n")
    return text.split("\n") if text else []


def _parts(
    folder: Path, dumps: Path, entries: Sequence[Entry], site: Site, last: Path | None
) -> dict[str, Part]:
    """The counts of each municipality by its code; its lines of the catalogue lie beside them."""
    folder.mkdir()
    names = identifiers(entries)
    by_code: dict[str, list[Entry]] = {}
    for entry in entries:
        by_code.setdefault(entry["code"], []).append(entry)
    parts = {}
    for code, plans in sorted(by_code.items()):
        key = _key(plans, names, site)
        part = None if last is None else _kept(folder, last / PARTS_FOLDER, code, key)
        parts[code] = part or _made(folder, dumps, plans, names, site, key)
    return parts


def _key(plans: Sequence[Entry], names: Mapping[str, str], site: Site) -> str:
    hashes = [entry["plan_hash"] for entry in plans]
    shown = [
        (names[entry["iri"]], shown_of(entry), sorted(v["version"] for v in _versions_of(entry)))
        for entry in plans
    ]
    text = json.dumps([repr(site), hashes, shown], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _versions_of(entry: Entry) -> Sequence[Entry]:
    """The published versions of a plan, as far as its entry names them."""
    found: Sequence[Entry] = entry.get("versions", ())
    return found


def _kept(folder: Path, before: Path, code: str, key: str) -> Part | None:
    """The part of the last release, linked into this one; None if it is another."""
    path = before / f"{code}.json"
    if not path.is_file():
        return None
    value = json.loads(path.read_text(encoding="utf-8"))
    if value["key"] != key:
        return None
    for name in (f"{code}.json", f"{code}.nq", f"{code}.nq.gz"):
        link(before / name, folder / name)
    return Part.from_json(value)


def _made(
    folder: Path,
    dumps: Path,
    plans: Sequence[Entry],
    names: Mapping[str, str],
    site: Site,
    key: str,
) -> Part:
    code = plans[0]["code"]
    lines = nquads(municipality_graph(plans, names, site), shared_graph(site.base_iri, "catalog"))
    (folder / f"{code}.nq").write_bytes(lines)
    (folder / f"{code}.nq.gz").write_bytes(compressed(lines))
    files = [folder / f"{code}.nq", *_files(dumps, plans)]
    part = municipality_part(f"{site.base_iri}{code}", files)
    text = json.dumps({"key": key, **part.as_json()}, ensure_ascii=False) + "\n"
    (folder / f"{code}.json").write_text(text, encoding="utf-8")
    return part


def _files(dumps: Path, plans: Iterable[Entry]) -> Iterable[Path]:
    for entry in plans:
        folder = dumps / entry["code"] / entry["slug"] / str(entry["year"])
        for name in GRAPH_FILES:
            if entry["status"] != "withdrawn" and (folder / name).is_file():
                yield folder / name
