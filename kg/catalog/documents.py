"""The descriptions as files of bytes, for the release folder and for the server alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rdflib.term import Node

from kg.catalog.endpoint import endpoint_triples, void_triples
from kg.catalog.pages import catalog_document
from kg.catalog.site import Site
from kg.counts import Counts
from kg.mapping.terms import Triple
from kg.writers import document

Entry = Mapping[str, Any]

_SAME = {"application/trig": "text/turtle", "application/n-quads": "application/n-triples"}
"""One graph without a name: Turtle is TriG, N-Triples is N-Quads."""


def catalog_bytes(
    entries: Sequence[Entry],
    site: Site,
    media_type: str,
    page: int | None = None,
    extension: str = "ttl",
) -> bytes:
    """The catalogue, or one page of it; see `kg.catalog.pages.catalog_document`."""
    return _bytes(catalog_document(entries, site, page, extension), media_type)


def void_bytes(
    counts: Counts, entries: Sequence[Entry], modified: Node | None, site: Site, media_type: str
) -> bytes:
    """The VoID description."""
    return _bytes(void_triples(counts, entries, modified, site), media_type)


def endpoint_bytes(
    counts: Counts, modified: Node | None, is_federated: bool, site: Site, media_type: str
) -> bytes:
    """The service description of the SPARQL endpoint."""
    return _bytes(endpoint_triples(counts, modified, is_federated, site), media_type)


def _bytes(triples: Iterable[Triple], media_type: str) -> bytes:
    return document(triples, _SAME.get(media_type, media_type))
