"""Accept headers and format names → formats; the headers are those that real clients send."""

from __future__ import annotations

import pytest

from server.negotiation import (
    CSV,
    DOCUMENT,
    EXCEL_CSV,
    HTML,
    JSON,
    JSON_LD,
    N_QUADS,
    N_TRIPLES,
    RDF_XML,
    SOLUTIONS,
    TRIPLES,
    TSV,
    TURTLE,
    XML,
    Format,
    named_format,
    negotiate,
)  # fmt: skip

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
JENA = (
    "application/sparql-results+json, application/sparql-results+xml;q=0.9, "
    "text/tab-separated-values;q=0.7, text/csv;q=0.5, application/json;q=0.2, "
    "application/xml;q=0.2, */*;q=0.1"
)
JENA_GRAPH = (
    "text/turtle,application/n-triples;q=0.9,application/rdf+xml;q=0.7,application/trig,"
    "application/n-quads;q=0.9,application/ld+json;q=0.8,*/*;q=0.5"
)
WRAPPER_JSON = "application/sparql-results+json,application/json,text/javascript"
WRAPPER_RDF = (
    "application/turtle,text/turtle,text/rdf+n3,application/n-triples,application/n3,text/n3"
)
COMUNICA = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,"
    "application/n-triples;q=0.8,text/turtle;q=0.6,application/rdf+xml;q=0.5,text/html;q=0.2"
)


@pytest.mark.parametrize(
    ("accept", "solutions", "triples"),
    [
        (None, JSON, TURTLE),
        ("", JSON, TURTLE),
        ("*/*", JSON, TURTLE),
        (WRAPPER_JSON, JSON, JSON_LD),
        (WRAPPER_RDF, None, TURTLE),
        ("application/sparql-results+xml, application/rdf+xml", XML, RDF_XML),
        ("text/csv", CSV, None),
        ("text/tab-separated-values", TSV, None),
        (JENA, JSON, RDF_XML),
        (JENA_GRAPH, XML, TURTLE),
        (COMUNICA, XML, N_QUADS),
        ("application/sparql-results+json;q=1.0,application/sparql-results+xml;q=0.7", JSON, None),
        ("application/sparql-results+json,*/*;q=0.9", JSON, TURTLE),
        ("application/n-triples,*/*;q=0.9", JSON, N_TRIPLES),
        ("application/sparql-results+json,text/turtle", JSON, TURTLE),
        ("application/json", JSON, JSON_LD),
        ("application/x-turtle", None, TURTLE),
        ("text/n3", None, TURTLE),
        ("text/csv, */*", CSV, TURTLE),
        ("application/sparql-results+json;q=0, */*", XML, TURTLE),
        ("text/*;q=0.5", CSV, TURTLE),
        ("image/png", None, None),
        ("text/html", None, None),
        (BROWSER, XML, RDF_XML),
    ],
)
def test_each_client_gets_a_type_it_can_read(
    accept: str | None, solutions: Format | None, triples: Format | None
) -> None:
    assert (negotiate(accept, SOLUTIONS), negotiate(accept, TRIPLES)) == (solutions, triples)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (BROWSER, HTML),
        ("text/html", HTML),
        ("*/*", TURTLE),
        ("text/*", TURTLE),
        ("text/turtle, text/html", TURTLE),
        (COMUNICA, JSON_LD),
        ("text/html;q=0.2, text/turtle;q=0.1", HTML),
    ],
)
def test_html_only_where_it_is_asked_for_by_name(accept: str, chosen: Format) -> None:
    assert negotiate(accept, DOCUMENT) == chosen


@pytest.mark.parametrize(
    ("values", "chosen"),
    [
        (["csv"], CSV),
        (["CSV"], CSV),
        (["excel-csv"], EXCEL_CSV),
        (["text/csv"], CSV),
        (["unknown"], None),
        (["unknown", "tsv"], TSV),
        (["application/sparql-results+xml,application/rdf+xml"], XML),
        (["application/sparql-results json"], JSON),
        (["html"], None),
        ([], None),
    ],
)
def test_a_named_format_of_solutions(values: list[str], chosen: Format | None) -> None:
    assert named_format(values, SOLUTIONS) == chosen


@pytest.mark.parametrize(
    ("value", "chosen"),
    [
        ("turtle", TURTLE), ("ttl", TURTLE), ("n3", TURTLE), ("rdf+xml", RDF_XML),
        ("rdf xml", RDF_XML), ("rdf", RDF_XML), ("xml", RDF_XML), ("nt", N_TRIPLES),
        ("ntriples", N_TRIPLES), ("json-ld", JSON_LD), ("jsonld", JSON_LD), ("json", JSON_LD),
        ("csv", None),
    ],
)  # fmt: skip
def test_a_named_format_of_triples(value: str, chosen: Format | None) -> None:
    assert named_format([value], TRIPLES) == chosen
