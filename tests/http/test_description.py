"""What the endpoint says about itself to editors, federators and harvesters (S-15, S-18)."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, RDFS, VOID, XSD, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, SH, SKOS

from kg.settings import Settings
from kg.vocab import PREFIXES, SCHEMA, SD
from server import create_app
from server.application import close_app

SERVICE = URIRef("http://localhost:8000/sparql")
DEFAULT = URIRef(f"{SERVICE}#default-graph")
COMUNICA = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,"
    "application/n-triples;q=0.8,text/turtle;q=0.6,application/rdf+xml;q=0.5,"
    "text/html;q=0.2"
)


def described(client: FlaskClient, path: str = "/sparql") -> Graph:
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (200, "text/turtle; charset=utf-8")
    return Graph().parse(data=answer.data, format="turtle")


def parts(graph: Graph, subject: Any, term: URIRef, name: URIRef, count: URIRef) -> dict[str, int]:
    return {
        str(graph.value(part, name)): graph.value(part, count).toPython()
        for part in graph.objects(subject, term)
    }


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "text/turtle"), ("*/*", "text/turtle"), (COMUNICA, "application/n-quads"),
        ("text/turtle, application/rdf+xml", "text/turtle"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/ld+json", "application/ld+json"), ("application/trig", "application/trig"),
        ("application/n-triples", "application/n-triples"), ("text/html", "text/html"),
        ("application/sparql-results+json,*/*;q=0.9", "text/turtle"),
    ],
)  # fmt: skip
def test_the_description_in_the_type_a_client_asks_for(
    client: FlaskClient, accept: str | None, media_type: str
) -> None:
    """S-15, S-08: also at /sparql/, and by HEAD."""
    headers = {} if accept is None else {"Accept": accept}
    for path in ("/sparql", "/sparql/"):
        for answer in (client.get(path, headers=headers), client.head(path, headers=headers)):
            assert (answer.status_code, answer.mimetype) == (200, media_type)
            assert answer.mimetype_params == {"charset": "utf-8"}


def test_every_type_says_the_same(client: FlaskClient) -> None:
    """S-15."""
    sizes = {
        len(Graph().parse(data=client.get(f"/sparql?format={name}").data, format=parser))
        for name, parser in (
            ("turtle", "turtle"), ("nt", "nt"), ("rdf", "xml"), ("jsonld", "json-ld"),
            ("trig", "turtle"), ("nq", "nt"),
        )
    }  # fmt: skip
    assert len(sizes) == 1


def test_service_and_dataset(client: FlaskClient) -> None:
    """S-15: endpoint, language, formats, feature, modified, licence."""
    graph = described(client)
    assert list(graph.subjects(RDF.type, SD.Service)) == [SERVICE]
    assert graph.value(SERVICE, SD.endpoint) == SERVICE
    assert list(graph.objects(SERVICE, SD.supportedLanguage)) == [SD.SPARQL11Query]
    assert list(graph.objects(SERVICE, SD.feature)) == [SD.UnionDefaultGraph]
    names = {str(iri).rpartition("/")[2] for iri in graph.objects(SERVICE, SD.resultFormat)}
    assert names == {
        "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
        "Turtle", "N-Triples", "RDF_XML", "JSON-LD", "TriG", "N-Quads",
    }  # fmt: skip
    dataset = graph.value(SERVICE, SD.defaultDataset)
    modified = Literal("2026-11-24T10:15:00Z", datatype=XSD.dateTime)
    assert graph.value(dataset, DCTERMS.modified) == modified
    assert '"2026-11-24T10:15:00Z"^^xsd:dateTime' in client.get("/sparql").text
    licence = URIRef("https://creativecommons.org/licenses/by/4.0/")
    assert graph.value(dataset, DCTERMS.license) == licence


def test_partitions_by_class_property_and_graph(
    client: FlaskClient, small: SimpleNamespace
) -> None:
    """S-15, S-18."""
    graph = described(client)
    default = graph.value(graph.value(SERVICE, SD.defaultDataset), SD.defaultGraph)
    assert default == DEFAULT
    assert graph.value(default, VOID.triples) == Literal(205)
    classes = parts(graph, default, VOID.classPartition, VOID["class"], VOID.entities)
    assert classes[f"{small.sp}Project"] == 40
    properties = parts(graph, default, VOID.propertyPartition, VOID.property, VOID.triples)
    assert properties[f"{small.sp}sdgGoal"] == 40
    assert properties[str(RDF.type)] == 43
    assert sum(properties.values()) == 205
    (project,) = graph.subjects(VOID["class"], URIRef(f"{small.sp}Project"))
    inner = parts(graph, project, VOID.propertyPartition, VOID.property, VOID.triples)
    assert inner[str(SKOS.prefLabel)] == 40
    counted = {
        str(graph.value(node, SD.name)): graph.value(graph.value(node, SD.graph), VOID.triples)
        for node in graph.subjects(RDF.type, SD.NamedGraph)
    }
    assert counted == {
        f"{small.plan}/graph/links": Literal(40),
        f"{small.plan}/graph/source": Literal(165),
    }


def test_prefixes_and_examples_as_editors_look_for_them(client: FlaskClient) -> None:
    """S-18: the convention of SIB's editor."""
    graph = described(client)
    declared = {
        str(graph.value(node, SH.prefix)): graph.value(node, SH.namespace)
        for node in graph.objects(URIRef(f"{SERVICE}#prefixes"), SH.declare)
    }
    assert declared == {p: Literal(iri, datatype=XSD.anyURI) for p, iri in PREFIXES.items()}
    examples = set(graph.subjects(RDF.type, SH.SPARQLExecutable))
    assert {f"{SERVICE}#cq{number:02}" for number in range(1, 13)} <= set(map(str, examples))
    for example in examples:
        assert (example, RDF.type, SH.SPARQLSelectExecutable) in graph
        assert graph.value(example, SH.prefixes) == URIRef(f"{SERVICE}#prefixes")
        assert graph.value(example, SCHEMA.target) == SERVICE
        for term in (RDFS.label, RDFS.comment):
            languages = sorted(text.language for text in graph.objects(example, term))
            assert languages == ["en", "ja"]


OF_OTHER_PLANS = {"cq19", "cq20", "cq21", "cq22", "cq23", "cq24"}
"""Of several years, reorganised units, indicators, reports: these two cities have none of them."""


def test_every_example_is_answered_on_two_cities(two_cities: Path) -> None:
    """S-18: sent as it stands in the description, at least one solution each."""
    app = create_app(Settings(query_workers=1, rate_limit=""), two_cities)
    try:
        client = app.test_client()
        graph = described(client)
        for example, text in graph.subject_objects(SH.select):
            answer = client.post("/sparql", data={"query": str(text)})
            assert answer.status_code == 200, example
            rows = json.loads(answer.data)["results"]["bindings"]
            assert rows or str(example).rpartition("#")[2] in OF_OTHER_PLANS, example
    finally:
        close_app(app)


def test_void_at_both_of_its_addresses(client: FlaskClient, small: SimpleNamespace) -> None:
    """S-18: dump, endpoint, sizes and the links to the goals of the UN."""
    graph = described(client, "/void.ttl")
    assert (URIRef("http://localhost:8000/void.ttl"), RDF.type, VOID.DatasetDescription) in graph
    assert graph.value(DEFAULT, VOID.sparqlEndpoint) == SERVICE
    dump = URIRef("http://localhost:8000/dumps/all.nq.gz")
    assert graph.value(DEFAULT, VOID.dataDump) == dump
    assert client.get("/dumps/all.nq.gz").status_code == 200
    assert graph.value(DEFAULT, VOID.triples) == Literal(205)
    (links,) = graph.subjects(RDF.type, VOID.Linkset)
    assert graph.value(links, VOID.linkPredicate) == URIRef(f"{small.sp}sdgGoal")
    assert graph.value(links, VOID.triples) == Literal(40)
    space = graph.value(graph.value(links, VOID.objectsTarget), VOID.uriSpace)
    assert space == Literal("http://metadata.un.org/sdg/")
    known = client.get("/.well-known/void", headers={"Accept": "application/ld+json"})
    assert (known.status_code, known.mimetype) == (200, "application/ld+json")
    plain = client.get("/void.ttl", headers={"Accept": "text/html"})
    assert plain.mimetype == "text/turtle"
    assert len(described(client, "/.well-known/void")) == len(graph)
    assert client.get("/void.nt").mimetype == "application/n-triples"
    assert client.get("/void.exe").status_code == 404
