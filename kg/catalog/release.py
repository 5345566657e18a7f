"""The description of a release, written into it: catalogue, VoID, counts, and their graph.

The graph counts itself: it says how many triples of each kind the store holds, its own
included, so it is made again until its numbers are those of the store.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kg.catalog.endpoint import endpoint_triples, last_modified, void_triples
from kg.catalog.pages import catalog_document, catalog_graph
from kg.catalog.site import Site, site_of
from kg.counts import Counts, Part, Total, lines_of, municipality_part, write_counts
from kg.disk import link
from kg.dumps import write_shared_dump
from kg.iris import shared_graph
from kg.mapping.terms import Triple
from kg.settings import Settings
from kg.writers import document, nquads

Entry = Mapping[str, Any]

PARTS_FOLDER = "counts"
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
    counts serve again for municipalities that did not change.
    """
    site = site_of(settings)
    shown = [entry for entry in entries if entry["status"] != "withdrawn"]
    parts = _parts(release, dumps, shown, site, last)
    vocabulary = lines_of(dumps / "vocabulary.nq")
    counts, graph = _counted(parts, vocabulary, entries, settings, site)
    write_shared_dump(dumps, "catalog", graph, shared_graph(site.base_iri, "catalog"))
    write_counts(release, counts)
    triples = catalog_document(entries, site)
    for extension, media_type in CATALOG_FORMS.items():
        (release / f"catalog.{extension}").write_bytes(document(triples, media_type))
    void = void_triples(counts, entries, last_modified(entries), site)
    (release / "void.ttl").write_bytes(document(void, "text/turtle"))


def settings_hash(settings: Settings) -> str:
    """What decides a description beside the plans: a release is made anew when it changes."""
    site = site_of(settings)
    text = repr((site, [entry.url for entry in settings.service_allowlist]))
    return hashlib.sha256(text.encode()).hexdigest()


def _counted(
    parts: Iterable[Part],
    vocabulary: list[str],
    entries: Sequence[Entry],
    settings: Settings,
    site: Site,
) -> tuple[Counts, list[Triple]]:
    name = shared_graph(site.base_iri, "catalog")
    fixed = catalog_graph(entries, site)
    fixed_lines = _lines(nquads(fixed, name))
    total = Total(parts, [*vocabulary, *fixed_lines])
    counts = total.with_lines(())
    modified = last_modified(entries)
    for _ in range(_MOST_ROUNDS):
        counting = [
            *endpoint_triples(counts, modified, bool(settings.service_allowlist), site),
            *void_triples(counts, entries, modified, site),
        ]
        known = set(fixed)
        counting = [triple for triple in counting if triple not in known]
        again = total.with_lines(_lines(nquads(counting, name)))
        if again.as_json() == counts.as_json():
            return counts, [*fixed, *counting]
        counts = again
    raise AssertionError("the counts of a release do not settle")


def _lines(data: bytes) -> list[str]:
    text = data.decode().removesuffix("\n")
    return text.split("\n") if text else []


def _parts(
    release: Path, dumps: Path, entries: Sequence[Entry], site: Site, last: Path | None
) -> list[Part]:
    folder = release / PARTS_FOLDER
    folder.mkdir()
    by_code: dict[str, list[Entry]] = {}
    for entry in entries:
        by_code.setdefault(entry["code"], []).append(entry)
    parts = []
    for code, plans in sorted(by_code.items()):
        text = repr((site.base_iri, [(e["iri"], e["plan_hash"]) for e in plans]))
        key = hashlib.sha256(text.encode()).hexdigest()
        kept = None if last is None else last / PARTS_FOLDER / f"{code}.json"
        if kept is not None and kept.is_file():
            value = json.loads(kept.read_text(encoding="utf-8"))
            if value["key"] == key:
                link(kept, folder / kept.name)
                parts.append(Part.from_json(value))
                continue
        part = municipality_part(f"{site.base_iri}{code}", _files(dumps, plans))
        text = json.dumps({"key": key, **part.as_json()}, ensure_ascii=False) + "\n"
        (folder / f"{code}.json").write_text(text, encoding="utf-8")
        parts.append(part)
    return parts


def _files(dumps: Path, plans: Iterable[Entry]) -> Iterable[Path]:
    for entry in plans:
        folder = dumps / entry["code"] / entry["slug"] / str(entry["year"])
        for name in GRAPH_FILES:
            if (folder / name).is_file():
                yield folder / name
