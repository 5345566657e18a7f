"""The description of a release, written into it: catalogue, VoID, counts, and their graph.

The graph counts itself: it says how many triples of each kind the store holds, its own
included, so it is made again until its numbers are those of the store. What it says of one
municipality comes from `kg.catalog.parts`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rdflib import URIRef

from kg.catalog.documents import catalog_bytes, void_bytes
from kg.catalog.endpoint import endpoint_triples, last_modified, void_triples
from kg.catalog.pages import page_count, service_graph
from kg.catalog.parts import finish_parts, make_parts
from kg.catalog.site import site_of
from kg.counts import Counts, Sum, Total, lines_of, write_counts
from kg.dumps import compressed
from kg.iris import STATISTICS, shared_graph
from kg.settings import Settings
from kg.writers import nquads

Entry = Mapping[str, Any]

CATALOG_FORMS = {
    "ttl": "text/turtle",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
}
SHARED_GRAPHS = ("vocabulary", STATISTICS)
"""Of the service as a whole, beside the catalogue itself."""
_MOST_ROUNDS = 6


def describe(
    release: Path,
    dumps: Path,
    entries: Sequence[Entry],
    settings: Settings,
    last: Path | None,
    jobs: int = 1,
) -> None:
    """Write `catalog.*`, `void.ttl`, the counts and the graph of the catalogue.

    `dumps` holds the plans and the shared graphs so far; `last` is the release before, whose
    parts serve again for municipalities that did not change. A catalogue of several pages is
    not written in one: the server makes its pages. `jobs`: as many processes.
    """
    site = site_of(settings)
    parts = make_parts(release, dumps, entries, site, last, jobs)
    shared = [line for name in SHARED_GRAPHS for line in lines_of(dumps / f"{name}.nq")]
    counts, own = _counted(parts.total, shared, entries, settings)
    write_counts(release, counts)
    service = compressed(own)
    finish_parts(parts, service)
    with (dumps / "catalog.nq").open("wb") as lines, (dumps / "catalog.nq.gz").open("wb") as out:
        for text, member in ((own, service), *parts.texts()):
            lines.write(text)
            out.write(member)
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
    parts: Sum, shared_lines: list[str], entries: Sequence[Entry], settings: Settings
) -> tuple[Counts, bytes]:
    """The counts of the release, and what the catalogue says of the service as a whole."""
    site = site_of(settings)
    name = shared_graph(site.base_iri, "catalog")
    fixed = service_graph(entries, site)
    total = Total(parts, [*shared_lines, *_lines(nquads(fixed, name))], site.own)
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
