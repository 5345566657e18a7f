"""The criteria of the Umaka rating (yummydata.org), each against a live server over Koriyama."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from rdflib import RDF, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, VOID, XSD

from kg.counts import read_counts
from kg.vocab import SD, SP, SPS
from tests.http.reading import Endpoint

BASE = "https://w3id.org/jp-sdgplan/id/"
PARSERS = {"text/turtle": "turtle", "application/rdf+xml": "xml"}
CRAWLER = "text/turtle, application/rdf+xml"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
BUILT_FOR = "http://localhost:8000/"
"""The address in the settings that the release was built with."""
LABELS = (
    "<http://www.w3.org/2000/01/rdf-schema#label>|<http://www.w3.org/2004/02/skos/core#prefLabel>"
    "|<http://www.w3.org/2004/02/skos/core#altLabel>|<http://purl.org/dc/terms/title>"
    "|<http://xmlns.com/foaf/0.1/name>"
)


@pytest.fixture(scope="module")
def endpoint(koriyama_server: Any) -> Endpoint:
    return Endpoint(koriyama_server.url)


@pytest.fixture(scope="module")
def subjects(endpoint: Endpoint) -> list[str]:
    return endpoint.column("SELECT DISTINCT ?s WHERE { ?s ?p ?o } ORDER BY ?s")


def graph_of(answer: SimpleNamespace) -> Graph:
    return Graph().parse(data=answer.body, format=PARSERS[answer.type])


def test_availability_a_construct_is_answered_in_place_with_rdf(endpoint: Endpoint) -> None:
    query = urlencode({"query": "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1"})
    for path in ("sparql", "sparql/"):
        answer = endpoint.get(f"{path}?{query}", CRAWLER)
        assert (answer.status, answer.type) == (200, "text/turtle")
        assert len(graph_of(answer)) == 1


def test_freshness_description_and_void_say_when_they_were_modified(endpoint: Endpoint) -> None:
    built = Literal("2026-11-24T10:15:00Z", datatype=XSD.dateTime)
    for path in ("sparql", ".well-known/void"):
        graph = graph_of(endpoint.get(path, CRAWLER))
        assert set(graph.objects(None, DCTERMS.modified)) == {built}, path


def test_operation_the_endpoint_describes_itself(endpoint: Endpoint) -> None:
    answer = endpoint.get("sparql", CRAWLER)
    assert (answer.status, answer.type) == (200, "text/turtle")
    service = URIRef(f"{endpoint.url}sparql")
    graph = graph_of(answer)
    assert list(graph.subjects(RDF.type, SD.Service)) == [service]
    assert graph.value(service, SD.endpoint) == service
    only = endpoint.get("sparql", "application/rdf+xml")
    assert (only.type, len(graph_of(only))) == ("application/rdf+xml", len(graph))


def test_operation_void_lies_where_it_is_looked_for(endpoint: Endpoint) -> None:
    answer = endpoint.get(".well-known/void", CRAWLER)
    assert (answer.status, answer.type) == (200, "text/turtle")
    graph = graph_of(answer)
    (dataset,) = graph.subjects(VOID.sparqlEndpoint, URIRef(f"{endpoint.url}sparql"))
    held = endpoint.number("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")
    assert graph.value(dataset, VOID.triples) == Literal(held)
    assert endpoint.get(".well-known/void", "application/rdf+xml").type == "application/rdf+xml"


def test_usefulness_what_people_read_about_has_a_label(endpoint: Endpoint) -> None:
    """All but the contact of the catalogue, which has its name as vcard:fn."""
    without = endpoint.column(
        f'SELECT DISTINCT ?s WHERE {{ ?s a ?class FILTER(STRSTARTS(STR(?s), "{BASE}")) '
        f"FILTER NOT EXISTS {{ ?s {LABELS} ?text }} }} ORDER BY ?s"
    )
    assert without == [f"{BASE}catalog#contact"]
    labelled = (
        f'SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE {{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), "{BASE}"))'
    )
    value = judged(endpoint)["labels"]["value"]
    assert value == {
        "resources": endpoint.number(labelled + " }"),
        "labelled": endpoint.number(f"{labelled} FILTER EXISTS {{ ?s {LABELS} ?text }} }}"),
    }
    assert value["labelled"] == value["resources"] - 1


def test_usefulness_terms_are_known_or_documented_here(endpoint: Endpoint) -> None:
    """Each class and property is of a known ontology, or defined in our vocabulary at /ns."""
    known = (
        "http://www.w3.org/", "http://purl.org/", "http://xmlns.com/foaf/0.1/",
        "https://schema.org/", "http://rdfs.org/ns/void#", "http://metadata.un.org/sdg/ontology#",
        "http://data.europa.eu/r5r/", "http://spdx.org/rdf/terms#",
    )  # fmt: skip
    documented = set(graph_of(endpoint.get("ns.ttl")).subjects())
    terms = endpoint.column("SELECT DISTINCT ?term WHERE { { ?s ?term ?o } UNION { ?s a ?term } }")
    unknown = [t for t in terms if not t.startswith(known) and URIRef(t) not in documented]
    assert unknown == []
    value = judged(endpoint)["known-ontologies"]["value"]
    ours = [term for term in terms if not term.startswith(known)]
    assert sum(one["all"] - one["known"] for one in value.values()) == len(ours)
    assert all(one["known"] / one["all"] > 0.65 for one in value.values())


def test_usefulness_literals_have_standard_datatypes(endpoint: Endpoint) -> None:
    found = endpoint.column(
        "SELECT DISTINCT ?type WHERE { ?s ?p ?o FILTER(isLiteral(?o)) BIND(DATATYPE(?o) AS ?type) }"
    )
    assert {iri for iri in found if not iri.startswith(str(XSD))} == {str(RDF.langString)}
    names = {iri.removeprefix(str(XSD)) for iri in found}
    assert {"integer", "decimal", "boolean", "date", "gYear"} <= names
    assert judged(endpoint)["datatypes"]["met"] == "yes"


def test_usefulness_there_are_links_to_other_datasets(endpoint: Endpoint) -> None:
    links = judged(endpoint)["links-out"]["value"]["links"]
    assert {"metadata.un.org", "data.e-stat.go.jp", "hojin-info.go.jp"} <= set(links)
    assert not {"w3id.org", "localhost", "127.0.0.1"} & set(links)
    goals = endpoint.number(
        f"SELECT (COUNT(*) AS ?n) WHERE {{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), '{BASE}') && "
        "STRSTARTS(STR(?o), 'http://metadata.un.org/')) }"
    )
    assert links["metadata.un.org"] == goals


def test_usefulness_void_names_publisher_and_licence(endpoint: Endpoint) -> None:
    graph = graph_of(endpoint.get(".well-known/void", CRAWLER))
    (dataset,) = graph.subjects(VOID.sparqlEndpoint, None)
    licence = "https://creativecommons.org/licenses/by/4.0/"
    for term, iri in ((DCTERMS.publisher, f"{BASE}catalog#publisher"), (DCTERMS.license, licence)):
        assert graph.value(dataset, term) == URIRef(iri)


@pytest.mark.parametrize(
    "media_type",
    ["application/sparql-results+json", "application/sparql-results+xml", "text/csv",
     "text/tab-separated-values"],
)  # fmt: skip
def test_usefulness_results_come_in_several_formats(endpoint: Endpoint, media_type: str) -> None:
    query = urlencode({"query": "SELECT ?s WHERE { ?s ?p ?o } LIMIT 1"})
    answer = endpoint.get(f"sparql?{query}", media_type)
    assert (answer.status, answer.type) == (200, media_type)


def test_validity_every_iri_of_a_resource_is_cool(subjects: list[str]) -> None:
    """No query string, extension, port or user information.

    Left out are addresses of the server: fragments of the endpoint that describe it, and pages.
    They have a port because the server of these tests has one.
    """
    own = [iri for iri in subjects if not iri.startswith(BUILT_FOR)]
    assert len(own) > 500
    assert {iri for iri in own if not is_cool(iri)} == set()
    others = [iri.removeprefix(BUILT_FOR) for iri in subjects if iri.startswith(BUILT_FOR)]
    pages = {path for path in others if not path.startswith("sparql#")}
    assert pages == {"", "sparql", "void.ttl", "doc/072036/plan/kyodo-2/2021"}


def is_cool(iri: str) -> bool:
    parts = urlsplit(iri)
    extension = re.search(r"\.[A-Za-z][A-Za-z0-9]*$", parts.path)
    return not (parts.query or parts.port or parts.username or extension)


def test_validity_subjects_are_http_iris(endpoint: Endpoint, subjects: list[str]) -> None:
    assert {urlsplit(iri).scheme for iri in subjects} == {"http", "https"}
    others = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o FILTER(!isIRI(?s)) }"
    assert endpoint.number(others) == 0


def test_validity_every_iri_of_a_resource_is_answered(
    endpoint: Endpoint, subjects: list[str]
) -> None:
    """One 303 under /id/ for each of them; one of every class is followed to its end below."""
    paths = {iri.partition("#")[0].removeprefix(BASE) for iri in subjects if iri.startswith(BASE)}
    assert len(paths) > 300
    answers = {path: endpoint.get(f"id/{path}", method="HEAD").status for path in sorted(paths)}
    assert {path: status for path, status in answers.items() if status != 303} == {}
    value = judged(endpoint)["dereference"]["value"]
    assert (value["documents"], value["answered"]) == (len(paths), len(paths))


def test_validity_one_of_every_class_is_served_in_every_form(endpoint: Endpoint) -> None:
    """HTML to browsers, Turtle and RDF/XML by Accept; what returns has links to elsewhere."""
    samples = endpoint.ask(
        "SELECT ?class (MIN(STR(?s)) AS ?one) WHERE { ?s a ?class "
        f'FILTER(STRSTARTS(STR(?s), "{BASE}")) }} GROUP BY ?class'
    )
    assert len(samples) > 35
    for address in sorted({row["one"]["value"].partition("#")[0] for row in samples}):
        sizes = set()
        for accept, media_type in (
            (BROWSER, "text/html"),
            ("text/turtle", "text/turtle"),
            ("application/rdf+xml", "application/rdf+xml"),
        ):
            moved = endpoint.get(f"id/{address.removeprefix(BASE)}", accept)
            assert moved.status == 303, (address, accept)
            answer = endpoint.get(moved.headers["Location"], accept)
            assert (answer.status, answer.type) == (200, media_type), (address, accept)
            if media_type != "text/html":
                graph = graph_of(answer)
                sizes.add(len(graph))
                assert any(graph.predicate_objects(URIRef(address))), address
                assert {o for o in graph.objects() if isinstance(o, URIRef)} - {URIRef(address)}
        assert len(sizes) == 1, address


@pytest.mark.parametrize(
    ("path", "namespace"), [("ns", str(SP)), ("shapes", str(SPS))], ids=["terms", "shapes"]
)
def test_validity_terms_are_served_by_their_namespace(
    endpoint: Endpoint, path: str, namespace: str
) -> None:
    for accept, media_type in ((BROWSER, "text/html"), (CRAWLER, "text/turtle")):
        answer = endpoint.get(path, accept)
        assert (answer.status, answer.type) == (200, media_type)
    assert any(str(subject).startswith(namespace) for subject in graph_of(answer).subjects())


def test_performance_ask_and_listings_are_answered_whole(
    endpoint: Endpoint, koriyama_var: Any
) -> None:
    """No time is asserted; the listings are compared with the counts made at build time."""
    answer = endpoint.get(f"sparql?{urlencode({'query': 'ASK {}', 'format': 'json'})}")
    assert json.loads(answer.body)["boolean"] is True
    counts = read_counts(koriyama_var / "current")
    assert counts is not None
    classes = endpoint.column("SELECT DISTINCT ?c WHERE { ?s a ?c }")
    assert (len(classes), set(classes)) == (len(counts.classes), set(counts.classes))
    graphs = endpoint.column("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }")
    assert (len(graphs), set(graphs)) == (len(counts.graphs), set(counts.graphs))


ROUTES = {
    200: (
        "", "sparql", "sparql/", "sparql?query=ASK%20%7B%7D", "doc/072036", "doc/072036.ttl",
        "catalog", "catalog.ttl", "void.ttl", ".well-known/void", "dumps/", "dumps/all.nq.gz",
        "dumps/history/", "ns", "ns.ttl", "shapes", "shapes.ttl", "goals.ttl", "changes.jsonld",
        "changes/072036/kyodo-2/2021", "changes/072036/kyodo-2/2021.jsonld", "quality",
        "report/072036/kyodo-2/2021", "report/072036/kyodo-2/2021.ttl", "quality.json",
        "static/style.css", "robots.txt", "sitemap.xml", "sitemap-072036.xml", "healthz",
        "metrics", "goals", "goals/11", "accessibility", "search", "search?q=%E6%B0%B4",
        "charts/072036/kyodo-2/2021/goals-ja-wide.svg", "ns/model-ja-wide.svg",
        "queries", "queries/cq04", "queries/cq04.csv", "queries/cq04.rq",
        "compare?m=072036", "compare.csv?m=072036", "guides", "guides/query",
        "changes", "changes/072036",
    ),
    303: ("id/072036",),
    400: ("sparql?query=x",),
    404: ("nothing", "dumps/history/nothing"),
    410: ("catalog/x/1.ttl",),
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "status"), [(p, status) for status in ROUTES for p in ROUTES[status]]
)
def test_cors_every_route_may_be_read_from_elsewhere(
    endpoint: Endpoint, path: str, status: int
) -> None:
    for accept in (None, BROWSER):
        answer = endpoint.get(path, accept)
        # a browser is sent on to the list of plans
        is_sent_on = path == "catalog" and accept == BROWSER
        assert answer.status == (303 if is_sent_on else status)
        assert answer.headers.get_all("Access-Control-Allow-Origin") == ["*"]
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_cors_no_route_is_left_out(koriyama: Flask) -> None:
    routes = koriyama.url_map.bind("localhost")
    paths = {p.partition("?")[0] for found in ROUTES.values() for p in found} - {"nothing"}
    asked = {routes.match(f"/{path}", return_rule=True)[0].rule for path in paths}
    assert {rule.rule for rule in koriyama.url_map.iter_rules()} == asked


def judged(endpoint: Endpoint) -> dict[str, Any]:
    """What /quality.json says, by criterion."""
    answer = endpoint.get("quality.json")
    assert (answer.status, answer.type) == (200, "application/json")
    return {one["criterion"]: one for one in json.loads(answer.body)["criteria"]}


def test_the_service_says_itself_what_is_met(endpoint: Endpoint) -> None:
    found = judged(endpoint)
    assert {name: one["met"] for name, one in found.items()} == {
        "alive": "yes", "modified": "yes", "service-description": "yes", "void": "yes",
        "labels": "partly", "known-ontologies": "partly", "datatypes": "yes", "links-out": "yes",
        "publisher-and-licence": "yes", "result-formats": "yes", "cool-iris": "yes",
        "http-iris": "yes", "dereference": "partly", "negotiation": "yes",
        "links-in-rdf": "partly", "response-time": "value", "complete": "yes",
        "allow-origin": "yes",
    }  # fmt: skip
    for one in found.values():
        assert endpoint.get(one["see"], CRAWLER + ", */*;q=0.5").status in (200, 303), one["see"]
