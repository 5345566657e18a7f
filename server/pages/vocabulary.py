"""The documentation of the vocabulary at /ns and of the shapes at /shapes, from the files."""

from __future__ import annotations

from flask import Response
from flask_babel import gettext
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, SH
from rdflib.term import Node

from kg.vocab import DCTERMS, QB, RDF, RDFS, SCHEMA, SKOS, SP, SPS
from server.negotiation import DOCUMENT, HTML
from server.pages.facts import natural
from server.pages.frame import FORMAT_NAMES, Crumb, DataLink, Frame, page
from server.pages.language import page_language
from server.pages.links import file, href, site
from server.pages.terms import ontology_graph, shortened

LICENCE = {"licence": "https://creativecommons.org/licenses/by/4.0/"}
NARROWED = (RDFS.subClassOf, RDFS.subPropertyOf, SKOS.broader, SKOS.closeMatch, SKOS.exactMatch)


def vocabulary_page() -> Response:
    """All terms: classes, properties, concepts by scheme, the rest."""
    graph = ontology_graph("terms")
    terms = sorted(
        {s for s in graph.subjects() if isinstance(s, URIRef) and s.startswith(str(SP))},
        key=natural,
    )
    groups: dict[str, list[dict[str, object]]] = {}
    for term in terms:
        groups.setdefault(_group(graph, term), []).append(_entry(graph, term))
    titles = {
        "class": gettext("クラス"),
        "property": gettext("プロパティ"),
        "scheme": gettext("概念の体系"),
        "concept": gettext("概念"),
        "other": gettext("集計表の構造など"),
    }
    ontology = URIRef(str(SP).rstrip("#"))
    return page(
        "ns.html",
        _frame("ns", gettext("語彙")),
        groups=[(key, titles[key], groups[key]) for key in titles if key in groups],
        description=_texts(graph, ontology, DCTERMS.description),
        notice=_texts(graph, ontology, RDFS.comment),
        namespace=str(SP),
        total=len(terms),
    )


def shapes_page() -> Response:
    """All constraints by the shape they belong to."""
    graph = ontology_graph("shapes")
    shapes = sorted(
        (s for s in graph.subjects(SH.targetClass) if isinstance(s, URIRef)), key=natural
    )
    seen: set[Node] = set()
    groups = []
    for shape in shapes:
        target = graph.value(shape, SH.targetClass)
        severity = graph.value(shape, SH.severity) or SH.Violation
        found = [
            _constraint(graph, constraint, severity)
            for constraint in sorted(
                {*graph.objects(shape, SH.property), *graph.objects(shape, SH.sparql)}, key=natural
            )
            if not (constraint in seen or seen.add(constraint))  # type: ignore[func-returns-value]
        ]
        if list(graph.objects(shape, SH.message)):
            found.insert(0, _constraint(graph, shape, severity))
        groups.append(
            {
                "id": _local(shape),
                "target": shortened(str(target)),
                "target_url": href(str(target)) or str(target),
                "constraints": found,
            }
        )
    ontology = URIRef(str(SPS).rstrip("#"))
    return page(
        "shapes.html",
        _frame("shapes", gettext("検証規則")),
        groups=groups,
        total=len({c["id"] for group in groups for c in group["constraints"]}),  # type: ignore[index]
        description=_texts(graph, ontology, DCTERMS.description),
    )


def rule_of(constraint: URIRef) -> Literal | None:
    """What a numbered constraint says, in the language of the page; None if it is not known."""
    messages = _constraint(ontology_graph("shapes"), constraint, SH.Violation)["messages"]
    return next(iter(messages), None)  # type: ignore[call-overload]


def _frame(path: str, title: str) -> Frame:
    data = [
        DataLink(FORMAT_NAMES[f.name], file(f"{path}.{f.extension}"), media_type=f.media_type)
        for f in DOCUMENT
        if f is not HTML
    ]
    return Frame(
        title=[title],
        crumbs=[Crumb(gettext("ホーム"), site("")), Crumb(title)],
        path=path,
        data=data,
        plans=[LICENCE],
    )


def _local(iri: Node) -> str:
    return str(iri).rpartition("#")[2]


def _group(graph: Graph, term: URIRef) -> str:
    classes = set(graph.objects(term, RDF.type))
    if {RDFS.Class, OWL.Class} & classes:
        return "class"
    if {RDF.Property, OWL.ObjectProperty, OWL.DatatypeProperty, QB.DimensionProperty} & classes:
        return "property"
    if SKOS.ConceptScheme in classes:
        return "scheme"
    return "concept" if SKOS.Concept in classes else "other"


def _texts(graph: Graph, subject: URIRef, *items: URIRef) -> dict[str, Literal]:
    """The text of the first of the properties that has one, by language."""
    for item in items:
        found = {
            value.language or "": value
            for value in graph.objects(subject, item)
            if isinstance(value, Literal)
        }
        if found:
            return found
    return {}


def _links(graph: Graph, subject: URIRef, *items: URIRef) -> list[tuple[str, str | None]]:
    found = {value for item in items for value in graph.objects(subject, item)}
    return [
        (shortened(str(value)), href(str(value))) for value in sorted(found, key=natural)
        if isinstance(value, URIRef)
    ]  # fmt: skip


def _entry(graph: Graph, term: URIRef) -> dict[str, object]:
    labels = _texts(graph, term, RDFS.label, SKOS.prefLabel)
    return {
        "id": _local(term),
        "short": shortened(str(term)),
        "iri": str(term),
        "labels": [labels[code] for code in _in_order(labels)],
        "comments": (comments := _texts(graph, term, RDFS.comment, SKOS.definition))
        and [comments[code] for code in _in_order(comments)],
        "domain": _links(graph, term, RDFS.domain, SCHEMA.domainIncludes),
        "range": _links(graph, term, RDFS.range),
        "narrows": _links(graph, term, *NARROWED),
        "scheme": _links(graph, term, SKOS.inScheme),
    }


def _in_order(texts: dict[str, Literal]) -> list[str]:
    """The languages, that of the page first."""
    return sorted(texts, key=lambda code: (code != page_language(), code))


def _constraint(graph: Graph, constraint: Node, severity: Node) -> dict[str, object]:
    own = graph.value(constraint, SH.severity) or severity
    messages = {
        value.language or "": value
        for value in graph.objects(constraint, SH.message)
        if isinstance(value, Literal)
    }
    number = _local(constraint)
    return {
        "id": number,
        "messages": [
            Literal(
                _placeholders(str(messages[code]).removeprefix(f"{number} ")), lang=code or None
            )
            for code in _in_order(messages)
        ],
        "path": shortened(str(graph.value(constraint, SH.path) or "")),
        "is_warning": own == SH.Warning,
    }


def _placeholders(message: str) -> str:
    """`{?found}` as 〔found〕: where a report puts what it found."""
    return message.replace("{?", "〔").replace("{$", "〔").replace("}", "〕")
