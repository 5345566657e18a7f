"""The catalogue: which datasets there are, in pages of at most PAGE_SIZE.

Pages belong to a state of the catalogue, a hash of all that it lists. A page names its state in
the address of the next one, so that a harvest that meets a new release does not miss a dataset
and have a portal delete it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from rdflib import Literal, URIRef

from kg.catalog import words
from kg.catalog.authorities import (
    ANNUAL,
    DATA_THEMES,
    GOVERNMENT,
    JAPAN,
    LANGUAGES,
    PUBLIC,
    STABLE,
    UN_GOALS,
    WITHDRAWN,
    neighbours,
    operator_triples,
)
from kg.catalog.dataset import (
    LICENCE,
    area_triples,
    dataset_iri,
    dataset_triples,
    form_triples,
    series_iri,
    series_triples,
    service_triples,
    standard_triples,
)
from kg.catalog.site import Site
from kg.goals import GOALS
from kg.mapping.terms import Triple, Triples, integer, labels
from kg.vocab import DCAT, DCTERMS, FOAF, HYDRA, RDF, SDG, XSD

Entry = Mapping[str, Any]

_NOT_LISTED = ("seconds", "plan_hash", "versions", "withdrawn_at")
"""What an entry of release.json has beside what the catalogue says of the plan."""
PAGE_SIZE = 250
"""Most datasets in one document: about 3 MB of Turtle, which portals read whole."""


def identifiers(entries: Iterable[Entry]) -> dict[str, str]:
    """Plan IRI -> identifier `<code>-<year>`, with -2, -3 … for further plans of that year.

    Those are numbered by the day of their first publication, so that a new one changes no other.
    """
    found: dict[str, str] = {}
    taken: dict[str, int] = {}
    for entry in sorted(entries, key=lambda e: (e["code"], e["year"], e["issued"], e["slug"])):
        stem = f"{entry['code']}-{entry['year']}"
        taken[stem] = taken.get(stem, 0) + 1
        found[entry["iri"]] = stem if taken[stem] == 1 else f"{stem}-{taken[stem]}"
    return found


def state_of(entries: Sequence[Entry]) -> str:
    """16 hex digits that change with anything the catalogue says of its datasets."""
    shown = list(map(shown_of, entries))
    text = json.dumps(shown, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def shown_of(entry: Entry) -> dict[str, Any]:
    """What of an entry the catalogue may say."""
    return {name: value for name, value in entry.items() if name not in _NOT_LISTED}


def page_count(entries: Sequence[Entry]) -> int:
    """The number of pages, at least 1."""
    return max(1, -(-len(entries) // PAGE_SIZE))


def catalog_document(
    entries: Sequence[Entry], site: Site, page: int | None = None, extension: str = "ttl"
) -> list[Triple]:
    """One page as it is served, with all that a reader without our store needs to know.

    Without a number it is the whole; `extension` is that of the addresses of the other pages.
    """
    shown = sorted(entries, key=lambda e: (e["code"], e["slug"], e["year"]))
    view: Triples = iter(())
    if page is not None:
        shown = shown[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        view = _view(entries, site, page, extension)
    triples = [*catalog_triples(entries, shown, site), *view]
    return [*triples, *neighbours(triples, site)]


def service_graph(entries: Sequence[Entry], site: Site) -> list[Triple]:
    """What the store says of the catalogue as a whole; `municipality_graph` says the rest."""
    listed = list(chain(_catalog(entries, site), *(_listed(entry, site) for entry in entries)))
    values = [WITHDRAWN, STABLE, ANNUAL, PUBLIC, GOVERNMENT, *LANGUAGES.values()]
    values += [URIRef(licence) for licence in {entry["licence"] for entry in entries}]
    of_datasets = neighbours([(site.catalog, DCTERMS.references, v) for v in values], site)
    return list(dict.fromkeys([*listed, *neighbours(listed, site), *of_datasets]))


def municipality_graph(
    entries: Sequence[Entry], names: Mapping[str, str], site: Site
) -> list[Triple]:
    """What the store's catalogue says of the plans of one municipality.

    Without what other graphs say there: the names of goals and of the city.
    """
    goals = {str(SDG[str(number)]) for number in GOALS}
    described = chain(*(dataset_triples(entry, names[entry["iri"]], site) for entry in entries))
    triples = [triple for triple in described if str(triple[0]) not in goals]
    return list(dict.fromkeys([*triples, *_common(entries, site)]))


def catalog_triples(entries: Sequence[Entry], shown: Sequence[Entry], site: Site) -> Triples:
    """The catalogue with the shown datasets, their series and areas, and who runs it."""
    names = identifiers(entries)
    yield from _catalog(entries, site)
    for entry in shown:
        yield from _listed(entry, site)
        yield from dataset_triples(entry, names[entry["iri"]], site)
    yield from _common(shown, site)


def _catalog(entries: Sequence[Entry], site: Site) -> Triples:
    subject = site.catalog
    yield subject, RDF.type, DCAT.Catalog
    yield from labels(subject, DCTERMS.title, words.CATALOG_TITLE)
    yield from labels(subject, DCTERMS.description, words.CATALOG_DESCRIPTION)
    yield subject, DCTERMS.publisher, site.publisher
    yield subject, DCAT.contactPoint, site.contact
    yield subject, FOAF.homepage, site.url("")
    yield site.url(""), RDF.type, FOAF.Document
    yield subject, DCTERMS.license, LICENCE
    for language in LANGUAGES.values():
        yield subject, DCTERMS.language, language
    yield subject, DCTERMS.spatial, JAPAN
    yield subject, DCAT.themeTaxonomy, DATA_THEMES
    yield subject, DCAT.themeTaxonomy, UN_GOALS
    if entries:
        dates = {"issued": min, "modified": max}
        for term, choose in dates.items():
            day = choose(entry[term] for entry in entries)
            yield subject, DCTERMS[term], Literal(day, datatype=XSD.date, normalize=False)
    yield subject, DCAT.service, site.data_service
    yield from operator_triples(site)
    yield from service_triples(site.data_service, site)
    yield from form_triples()
    yield from standard_triples(site)


def _listed(entry: Entry, site: Site) -> Triples:
    yield site.catalog, DCAT.dataset, dataset_iri(entry)
    yield site.data_service, DCAT.servesDataset, dataset_iri(entry)


def _common(shown: Sequence[Entry], site: Site) -> Triples:
    """The series and the areas of the datasets, each once."""
    for entry in {series_iri(entry): entry for entry in shown}.values():
        yield from series_triples(entry, site)
    for entry in {entry["code"]: entry for entry in shown}.values():
        yield from area_triples(entry)


def _view(entries: Sequence[Entry], site: Site, page: int, extension: str) -> Triples:
    state, last = state_of(entries), page_count(entries)
    if last == 1:
        return

    def address(number: int) -> URIRef:
        # a path, not a query: a proxy that drops queries would repeat page 1
        return site.url(f"catalog/{state}/{number}.{extension}")

    yield site.catalog, RDF.type, HYDRA.Collection
    yield site.catalog, HYDRA.totalItems, integer(len(entries))
    yield site.catalog, HYDRA.view, address(page)
    yield address(page), RDF.type, HYDRA.PartialCollectionView
    yield address(page), HYDRA.first, address(1)
    yield address(page), HYDRA.last, address(last)
    if page > 1:
        yield address(page), HYDRA.previous, address(page - 1)
    if page < last:
        yield address(page), HYDRA.next, address(page + 1)
