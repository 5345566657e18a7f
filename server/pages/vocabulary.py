"""The documentation of the vocabulary at /ns, from its file, with examples from the data."""

from __future__ import annotations

from flask import Response
from flask_babel import gettext
from rdflib import Graph, URIRef
from rdflib.namespace import OWL

from kg.vocab import DCTERMS, QB, RDF, RDFS, SCHEMA, SKOS, SP
from server.background import OncePerRelease
from server.pages.facts import natural
from server.pages.frame import page
from server.pages.links import href
from server.pages.model import diagram
from server.pages.shown_examples import ShownExamples
from server.pages.term_examples import Examples, example_plan, find_examples
from server.pages.term_texts import by_language, file_frame, local_name, texts_in_order
from server.pages.terms import ontology_graph, shortened

NARROWED = (RDFS.subClassOf, RDFS.subPropertyOf, SKOS.broader, SKOS.closeMatch, SKOS.exactMatch)


def vocabulary_page() -> Response:
    """All terms: classes, properties, concepts by scheme, the rest; and a diagram of the model."""
    graph = ontology_graph("terms")
    terms = own_terms(graph)
    kinds = {term: _group(graph, term) for term in terms}
    examples = _examples.get()
    shown = None if examples is None else ShownExamples(graph, examples)
    groups: dict[str, list[dict[str, object]]] = {}
    for term in terms:
        entry = _entry(graph, term)
        entry["example"] = None if shown is None else shown.of(term)
        entry["number"] = _number(examples, term, kinds[term])
        groups.setdefault(kinds[term], []).append(entry)
    titles = {
        "class": gettext("クラス"),
        "property": gettext("プロパティ"),
        "scheme": gettext("概念の体系"),
        "concept": gettext("概念"),
        "other": gettext("集計表の構造など"),
    }
    ontology = URIRef(str(SP).rstrip("#"))
    response = page(
        "ns.html",
        file_frame("ns", gettext("語彙")),
        groups=[(key, titles[key], groups[key]) for key in titles if key in groups],
        description=by_language(graph, ontology, DCTERMS.description),
        notice=by_language(graph, ontology, RDFS.comment),
        namespace=str(SP),
        total=len(terms),
        diagram=diagram(),
        plan=example_plan(),
        has_examples=shown is not None,
    )
    if shown is None:
        response.headers["Cache-Control"] = "no-cache"  # they may be there the next time
    return response


def own_terms(graph: Graph) -> list[URIRef]:
    """Every term of ours, by name."""
    return sorted(
        {s for s in graph.subjects() if isinstance(s, URIRef) and s.startswith(str(SP))},
        key=natural,
    )


def _find() -> Examples:
    graph = ontology_graph("terms")
    kinds = {term: _group(graph, term) for term in own_terms(graph)}

    def of(*wanted: str) -> list[URIRef]:
        return [term for term, kind in kinds.items() if kind in wanted]

    return find_examples(of("class"), of("property"), of("concept", "other"))


_examples = OncePerRelease(_find)


def _number(examples: Examples | None, term: URIRef, kind: str) -> int | None:
    """How many resources or statements there are; None for what is not counted."""
    return examples.number(term) if examples and kind in ("class", "property") else None


def _group(graph: Graph, term: URIRef) -> str:
    classes = set(graph.objects(term, RDF.type))
    if {RDFS.Class, OWL.Class} & classes:
        return "class"
    if {RDF.Property, OWL.ObjectProperty, OWL.DatatypeProperty, QB.DimensionProperty} & classes:
        return "property"
    if SKOS.ConceptScheme in classes:
        return "scheme"
    return "concept" if SKOS.Concept in classes else "other"


def _links(graph: Graph, subject: URIRef, *items: URIRef) -> list[tuple[str, str | None]]:
    found = {value for item in items for value in graph.objects(subject, item)}
    return [
        (shortened(str(value)), href(str(value))) for value in sorted(found, key=natural)
        if isinstance(value, URIRef)
    ]  # fmt: skip


def _entry(graph: Graph, term: URIRef) -> dict[str, object]:
    return {
        "id": local_name(term),
        "short": shortened(str(term)),
        "iri": str(term),
        "labels": texts_in_order(by_language(graph, term, RDFS.label, SKOS.prefLabel)),
        "comments": texts_in_order(by_language(graph, term, RDFS.comment, SKOS.definition)),
        "domain": _links(graph, term, RDFS.domain, SCHEMA.domainIncludes),
        "range": _links(graph, term, RDFS.range),
        "narrows": _links(graph, term, *NARROWED),
        "scheme": _links(graph, term, SKOS.inScheme),
    }
