"""What the service says about itself: service description, vocabulary, shapes, goals, health."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response
from rdflib import BNode, Graph, Literal, Namespace, URIRef
from werkzeug.exceptions import NotFound

from kg.resources import ontology_dir
from kg.vocab import DCTERMS, PREFIXES, RDF, RDFS, VOID, XSD
from server.answers import CACHE_CONTROL, choose_format, entity_tag, respond_graph
from server.context import Context, context
from server.hooks import hooks
from server.negotiation import (
    CSV,
    HTML,
    JSON,
    JSON_LD,
    N_TRIPLES,
    RDF_XML,
    TRIPLES,
    TSV,
    TURTLE,
    XML,
    Format,
)

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMATS = Namespace("http://www.w3.org/ns/formats/")
FORMAT_IRIS = {
    JSON.name: FORMATS["SPARQL_Results_JSON"],
    XML.name: FORMATS["SPARQL_Results_XML"],
    CSV.name: FORMATS["SPARQL_Results_CSV"],
    TSV.name: FORMATS["SPARQL_Results_TSV"],
    "turtle": FORMATS["Turtle"],
    "ntriples": FORMATS["N-Triples"],
    "rdfxml": FORMATS["RDF_XML"],
    "jsonld": FORMATS["JSON-LD"],
    "trig": FORMATS["TriG"],
    "nquads": FORMATS["N-Quads"],
}
ONTOLOGY_FILES = {"ns": "terms.ttl", "shapes": "shapes.ttl", "goals": "goals.ttl"}
ONTOLOGY_FORMATS = (TURTLE, JSON_LD, N_TRIPLES, RDF_XML, HTML)
HEALTH_QUERY = "ASK { ?s ?p ?o }"

blueprint = Blueprint("description", __name__)


def endpoint_description(formats: list[str]) -> Response:
    """The answer to /sparql without a query: the editor for browsers, else the description."""
    page = hooks().endpoint
    form = choose_format((*TRIPLES, HTML), formats)
    if form is HTML and page is not None:
        response = page()
    else:
        response = respond_graph(service_graph(context()), TURTLE if form is HTML else form)
    return _cached(response, form)


def service_graph(here: Context) -> Graph:
    """The SPARQL 1.1 Service Description of the endpoint, with the graphs of the release."""
    graphs, quads = here.engine.contents(here.release)
    service = URIRef(here.url("sparql"))
    dataset = URIRef(f"{service}#dataset")
    default = URIRef(f"{service}#default-graph")
    graph = Graph()
    for prefix, namespace in (*PREFIXES.items(), ("sd", str(SD)), ("formats", str(FORMATS))):
        graph.bind(prefix, namespace)
    graph.add((service, RDF.type, SD.Service))
    graph.add((service, SD.endpoint, service))
    graph.add((service, SD.supportedLanguage, SD.SPARQL11Query))
    graph.add((service, SD.feature, SD.UnionDefaultGraph))
    if here.settings.service_allowlist:
        graph.add((service, SD.feature, SD.BasicFederatedQuery))
    for iri in FORMAT_IRIS.values():
        graph.add((service, SD.resultFormat, iri))
    graph.add((service, SD.defaultDataset, dataset))
    graph.add((dataset, RDF.type, SD.Dataset))
    graph.add((dataset, SD.defaultGraph, default))
    created = here.release.manifest["created"]
    graph.add((dataset, DCTERMS.modified, Literal(created, datatype=XSD.dateTime)))
    for licence in sorted({plan["licence"] for plan in _plans(here) if plan.get("licence")}):
        graph.add((dataset, DCTERMS.license, URIRef(licence)))
    graph.add((default, RDF.type, SD.Graph))
    graph.add((default, RDF.type, VOID.Dataset))
    graph.add((default, VOID.triples, Literal(quads)))
    comment = "The merge of all named graphs; a triple in two graphs is counted once here."
    graph.add((default, RDFS.comment, Literal(comment, lang="en")))
    for name in graphs:
        node = BNode()
        graph.add((dataset, SD.namedGraph, node))
        graph.add((node, RDF.type, SD.NamedGraph))
        graph.add((node, SD.name, URIRef(name)))
    return graph


@blueprint.route("/ns")
@blueprint.route("/ns.<extension>")
def vocabulary(extension: str | None = None) -> Response:
    """The vocabulary: documentation for browsers, else RDF."""
    return _ontology("ns", extension)


@blueprint.route("/shapes")
@blueprint.route("/shapes.<extension>")
def shapes(extension: str | None = None) -> Response:
    """The SHACL shapes."""
    return _ontology("shapes", extension)


@blueprint.route("/goals.<extension>")
def goals(extension: str) -> Response:
    """The 17 goals with their names in Japanese and English."""
    return _ontology("goals", extension)


@blueprint.route("/healthz")
def health() -> Response:
    """200 with the release, once a worker has answered a query; a 503 otherwise."""
    here = context()
    _, quads = here.engine.contents(here.release)
    here.engine.ask(HEALTH_QUERY)
    state = {"status": "ok", "release": here.release.id, "quads": quads}
    response = Response(json.dumps(state) + "\n", content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/robots.txt")
def robots() -> Response:
    """Everything may be read; queries are left to people."""
    text = f"User-agent: *\nDisallow: /sparql?\nAllow: /\nSitemap: {context().url('sitemap.xml')}\n"
    response = Response(text, content_type="text/plain; charset=utf-8")
    response.set_etag(entity_tag(context().engine, text))
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


def _ontology(name: str, extension: str | None) -> Response:
    path = ontology_dir() / ONTOLOGY_FILES[name]
    if not path.is_file():
        raise NotFound
    if extension is None:
        form = choose_format(ONTOLOGY_FORMATS)
    else:
        named = [form for form in ONTOLOGY_FORMATS if form.extension == extension]
        if not named or named[0] is HTML:
            raise NotFound
        form = named[0]
    page = {"ns": hooks().vocabulary, "shapes": hooks().shapes}.get(name)
    if form is HTML and page is not None:
        return _cached(page(), form)
    if form is HTML:
        form = TURTLE
    body = _serialised(path, path.stat().st_mtime_ns, form)
    return _cached(Response(body, content_type=form.content_type), form)


@lru_cache(maxsize=32)
def _serialised(path: Path, _modified: int, form: Format) -> bytes:
    if form is TURTLE:
        return path.read_bytes()  # with its comments
    return respond_graph(Graph().parse(path, format="turtle"), form).get_data()


def _cached(response: Response, form: Format) -> Response:
    response.vary.add("Accept")
    if not response.get_etag()[0]:
        # the body itself: blank node labels differ between two serialisations
        response.add_etag() if form is HTML else response.set_etag(
            entity_tag(context().engine, form.name, response.calculate_content_length()), weak=True
        )
    response.headers.setdefault("Cache-Control", CACHE_CONTROL)
    return response


def _plans(here: Context) -> list[dict[str, str]]:
    return list(here.release.manifest.get("plans", ()))
