"""/id/…, the things, answers 303 to /doc/…, the documents about them.

303, so that an IRI names the project and not the page about it (httpRange-14). The document
holds the triples of the resource, the labels of what they name, and licence and source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from flask import Blueprint, Response, request
from rdflib import Graph, URIRef
from werkzeug.exceptions import NotFound

from kg.settings import SHARED_BASE_IRI
from kg.vocab import DCTERMS, FOAF, PREFIXES, RDF
from server.answers import (
    CACHE_CONTROL,
    choose_format,
    entity_tag,
    redirect_to,
    respond_graph,
)
from server.context import context
from server.discovery import signposts
from server.errors import HttpProblem
from server.hooks import hooks
from server.negotiation import DOCUMENT, HTML, TURTLE, Format

EXTENSIONS = {form.extension: form for form in DOCUMENT}

EXISTS = "ASK { ?resource ?property ?value }"

DESCRIPTION = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?subject ?property ?value WHERE {
  { ?resource ?property ?value BIND (?resource AS ?subject) }
  UNION {
    ?resource ?link ?subject . ?subject ?property ?value
    VALUES ?property { skos:prefLabel rdfs:label dcterms:title skos:notation }
  }
}
"""

SOURCES = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT DISTINCT ?source WHERE { ?resource dcterms:source|prov:wasDerivedFrom ?source }
"""

LICENCES = """
PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT DISTINCT ?licence WHERE { ?dataset dcterms:license ?licence }
"""

_CANONICAL = re.compile(r"[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*")

blueprint = Blueprint("resources", __name__)


@blueprint.route("/id/<path:path>")
def resource(path: str) -> Response:
    """303 to the document about the resource, in the form that Accept prefers."""
    moved = _canonical(path, "id")
    if moved is not None:
        return moved
    _existing(path)
    form = choose_format(DOCUMENT)
    asked = request.headers.get("Accept", "")
    is_plain = form is HTML or (form is TURTLE and TURTLE.media_type not in asked)
    target = f"doc/{path}" if is_plain else f"doc/{path}.{form.extension}"
    response = redirect_to(context().url(target), 303)
    response.vary.add("Accept")
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


@blueprint.route("/doc/<path:path>")
def document(path: str) -> Response:
    """The document; an extension names its form, without one Accept decides."""
    moved = _canonical(path, "doc")
    if moved is not None:
        return moved
    stem, _, extension = path.rpartition(".")
    form = EXTENSIONS.get(extension) if stem else None
    if form is None:
        stem, form = path, choose_format(DOCUMENT)
    iri = _existing(stem)
    page = hooks().document
    here = context()
    if form is HTML and page is not None:
        response = page(str(iri))
    else:
        form = TURTLE if form is HTML else form
        tag = entity_tag(here.engine, path, form.name)
        if request.if_none_match.contains_weak(tag):
            response = Response(status=304)
        else:
            response = respond_graph(_description(iri, stem), form)
        response.set_etag(tag, weak=True)
    if not response.get_etag()[0]:
        response.add_etag()
    response.headers["Link"] = _links(iri, stem, form)
    response.vary.add("Accept")
    response.headers.setdefault("Cache-Control", CACHE_CONTROL)
    return response


def _canonical(path: str, folder: str) -> Response | None:
    """A 301 to the one spelling of the path; None if it is that one. Raises NotFound."""
    plain = path.strip("/")
    if not _CANONICAL.fullmatch(plain) or any(part in (".", "..") for part in plain.split("/")):
        raise NotFound
    raw = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or "")
    raw_path = raw.partition("?")[0]
    is_encoded = "%" in raw_path and unquote(raw_path) == f"{request.script_root}{request.path}"
    if plain == path and not is_encoded:
        return None
    query = request.query_string.decode("ascii", "replace")
    target = context().url(f"{folder}/{plain}") + (f"?{query}" if query else "")
    return redirect_to(target, 301)


def _iris(path: str) -> list[URIRef]:
    """The IRIs that a path may stand for: fiscal years are shared by all publishers."""
    base = context().settings.base_iri
    bases = [base] if not path.startswith("fy/") else list(dict.fromkeys([base, SHARED_BASE_IRI]))
    return [URIRef(start + path) for start in bases]


def _existing(path: str) -> URIRef:
    """The IRI of the path. Raises NotFound, or a 410 for what was in a withdrawn plan."""
    here = context()
    for iri in _iris(path):
        if here.engine.ask(EXISTS, {"resource": iri}):
            return iri
    iri = _iris(path)[0]
    for plan in here.release.manifest["plans"]:
        own = (plan["iri"], (plan.get("document") or {}).get("iri", plan["iri"]))
        is_own = any(f"{iri}/".startswith(f"{one}/") for one in own)
        if plan.get("status") == "withdrawn" and is_own:
            raise withdrawn(iri, plan)
    raise NotFound


def plan_entry(key: tuple[str, str, int], iri: str) -> Mapping[str, Any]:
    """What the release says of the plan with that municipality code, slug and year.

    Raises NotFound, or for a withdrawn plan a 410 which says that `iri` was in it.
    """
    for plan in context().release.manifest["plans"]:
        if (plan.get("code"), plan.get("slug"), plan.get("year")) == key:
            if plan.get("status") == "withdrawn":
                raise withdrawn(iri, plan)
            return plan  # type: ignore[no-any-return]
    raise NotFound


def withdrawn(iri: str, plan: Mapping[str, Any]) -> HttpProblem:
    """The 410 for something that was in a plan; `plan` is the entry of the manifest."""
    detail = f"<{iri}> belongs to a plan that was withdrawn"
    detail += f" on {plan['withdrawn']}" if plan.get("withdrawn") else ""
    detail += f": {plan['reason']}." if plan.get("reason") else "."
    place = f"changes/{plan['code']}/{plan['slug']}/{plan['year']}"
    detail += f" Its published versions are listed at {context().url(place)}."
    return HttpProblem(410, "Withdrawn", detail)


def _description(iri: URIRef, path: str) -> Graph:
    here = context()
    graph = Graph()
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    for found in here.engine.select(DESCRIPTION, {"resource": iri}):
        graph.add((found["subject"], found["property"], found["value"]))
    about = URIRef(here.url(f"doc/{path}"))
    graph.add((about, RDF.type, FOAF.Document))
    graph.add((about, FOAF.primaryTopic, iri))
    for found in here.engine.select(SOURCES, {"resource": iri}):
        graph.add((about, DCTERMS.source, found["source"]))
    for licence in _licences(iri):
        graph.add((about, DCTERMS.license, licence))
    return graph


def _licences(iri: URIRef) -> list[URIRef]:
    """The licence of the plan the resource belongs to; of all plans for one that is in none."""
    here = context()
    plans = list(here.release.manifest["plans"])
    own = [plan for plan in plans if f"{iri}/".startswith(f"{plan['iri']}/")]
    found: set[str] = set()
    for plan in own or plans:
        if plan.get("licence"):
            found.add(plan["licence"])
            continue
        dataset = URIRef(f"{plan['iri']}/dataset")
        found |= {str(row["licence"]) for row in here.engine.select(LICENCES, {"dataset": dataset})}
    return [URIRef(licence) for licence in sorted(found)]


def _links(iri: URIRef, path: str, form: Format) -> str:
    here = context()
    links = [f'<{iri}>; rel="describes"', *signposts(str(iri), here)]
    links += [
        f'<{here.url(f"doc/{path}.{other.extension}")}>; rel="alternate"; type="{other.media_type}"'
        for other in DOCUMENT
        if other is not form
    ]
    return ", ".join(links)
