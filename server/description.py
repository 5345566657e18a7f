"""What the service says about itself: service description, VoID, vocabulary, health."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response
from rdflib import Graph, Literal
from werkzeug.exceptions import NotFound

from kg.catalog.documents import endpoint_bytes, void_bytes
from kg.catalog.site import site_of
from kg.counts import Counts, read_counts
from kg.release import read_release
from kg.resources import ontology_dir
from kg.settings import Settings
from kg.vocab import XSD
from server.answers import CACHE_CONTROL, choose_format, entity_tag, respond_graph
from server.context import context
from server.hooks import hooks
from server.negotiation import HTML, JSON_LD, N_TRIPLES, RDF_XML, TRIPLES, TURTLE, Format

ONTOLOGY_FILES = {"ns": "terms.ttl", "shapes": "shapes.ttl", "goals": "goals.ttl"}
ONTOLOGY_FORMATS = (TURTLE, JSON_LD, N_TRIPLES, RDF_XML, HTML)
HEALTH_QUERY = "ASK { ?s ?p ?o }"
MOST_RENDERED = 32
"""Serialised descriptions kept in memory: one per kind, release and format."""

blueprint = Blueprint("description", __name__)


def endpoint_description(formats: list[str]) -> Response:
    """The answer to /sparql without a query: the editor for browsers, else the description."""
    page = hooks().endpoint
    form = choose_format((*TRIPLES, HTML), formats)
    if form is HTML and page is not None:
        return _cached(page(), form)
    return _described("endpoint", TURTLE if form is HTML else form)


@blueprint.route("/void.<extension>")
def void_file(extension: str) -> Response:
    """The VoID description in the form that the extension names, whatever Accept says."""
    named = [form for form in TRIPLES if form.extension == extension]
    if not named:
        raise NotFound
    return _described("void", named[0])


@blueprint.route("/.well-known/void")
def void() -> Response:
    """The VoID description where RFC 5785 and VoID 7.2 look for it."""
    return _described("void", choose_format(TRIPLES))


def _described(kind: str, form: Format) -> Response:
    here = context()
    body = _rendered(kind, here.release.path, here.settings, form)
    return _cached(Response(body, content_type=form.content_type), form)


@lru_cache(maxsize=MOST_RENDERED)
def _rendered(kind: str, path: Path, settings: Settings, form: Format) -> bytes:
    release, site = read_release(path), site_of(settings)
    counts = read_counts(path) or Counts()
    created = release.manifest["created"]
    modified = Literal(created, datatype=XSD.dateTime, normalize=False)
    if kind == "void":
        plans = release.manifest["plans"]
        return void_bytes(counts, plans, modified, site, form.media_type)
    is_federated = bool(settings.service_allowlist)
    return endpoint_bytes(counts, modified, is_federated, site, form.media_type)


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
    here.engine.check_ready()
    here.engine.ask(HEALTH_QUERY)
    state = {"status": "ok", "release": here.release.id, "quads": quads}
    response = Response(json.dumps(state) + "\n", content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
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
