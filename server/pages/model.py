"""The diagram of the model on /ns: which classes there are, and which properties tie them.

What ties them is read from the vocabulary; borrowed properties have no domain and range there, so
those few are named here, and a test holds them to the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from flask import Response, abort
from flask_babel import force_locale, gettext
from rdflib import Graph, Literal, URIRef

from kg.vocab import DCTERMS, ORG, QB, RDF, RDFS, SCHEMA, SDGO, SP
from server.pages.facts import in_language
from server.pages.kept import kept
from server.pages.language import LANGUAGE_NAMES, page_language
from server.pages.links import file, href
from server.pages.model_drawing import SIZES, Arrow, Box, Drawing
from server.pages.terms import borrowed_label, ontology_graph, shortened, term_labels

OBSERVATION = QB.Observation
UNIT = ORG.OrganizationalUnit
PLACES = {
    SP.Municipality: (0, 0), SP.BasicPlan: (0, 1),
    UNIT: (1, 0), SP.ImplementationPlan: (1, 1), SP.Policy: (1, 2),
    SP.PlannedTarget: (2, 0), SP.Project: (2, 1), SP.ProjectChange: (2, 2),
    SP.ContinuingProject: (3, 0), SDGO.Goal: (3, 1), SP.SdgLink: (3, 2),
    SP.SourceDocument: (4, 0), OBSERVATION: (4, 1),
}  # fmt: skip
"""Row and column of each class in the drawing."""
BORROWED = (
    (SP.ImplementationPlan, DCTERMS.isPartOf, SP.BasicPlan),
    (UNIT, ORG.unitOf, SP.Municipality),
    (UNIT, ORG.subOrganizationOf, UNIT),
    *(
        (subject, DCTERMS.source, SP.SourceDocument)
        for subject in (SP.Project, SP.ImplementationPlan, SP.Policy, UNIT, SP.PlannedTarget,
                        SP.ProjectChange, OBSERVATION)
    ),
)  # fmt: skip
THROUGH_A_SCHEME = (SP.BasicPlan, SP.policyScheme, SP.Policy)
"""The scheme between the two is no box of its own."""
DRAWN = (
    (SP.BasicPlan, SP.municipality, SP.Municipality),
    (UNIT, ORG.unitOf, SP.Municipality),
    (SP.ImplementationPlan, DCTERMS.isPartOf, SP.BasicPlan),
    THROUGH_A_SCHEME,
    (SP.Project, SP.inPlan, SP.ImplementationPlan),
    (SP.Project, SP.responsibleUnit, UNIT),
    (SP.Project, SP.policy, SP.Policy),
    (SP.ProjectChange, SP.policy, SP.Policy),
    (SP.Project, SP.target, SP.PlannedTarget),
    (SP.ProjectChange, SP.listedProject, SP.Project),
    (SP.Project, SP.versionOf, SP.ContinuingProject),
    (SP.Project, SP.sdgGoal, SDGO.Goal),
    (SP.SdgLink, SP.linkedProject, SP.Project),
    (SP.SdgLink, SP.linkedGoal, SDGO.Goal),
    (SP.Project, DCTERMS.source, SP.SourceDocument),
    (OBSERVATION, SP.dimGoal, SDGO.Goal),
)
"""The relations that the drawing has room for, in the order of their numbers."""

Relation = tuple[URIRef, URIRef, URIRef]


@dataclass(frozen=True, slots=True)
class Term:
    """A class or property as the list shows it."""

    label: Literal | str
    short: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Picture:
    """One width of the drawing, in px."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Diagram:
    """The drawing for `templates/charts.html`, and what it shows as a list.

    A row: the number in the drawing, None for what it has no room for; from, property, to.
    """

    title: str
    alt: str
    caption: str
    wide: Picture
    narrow: Picture
    rows: tuple[tuple[int | None, Term, Term, Term], ...]


def diagram() -> Diagram:
    """In the language of the page."""
    language, found = page_language(), relations()
    order = {relation: number for number, relation in enumerate(DRAWN, 1)}
    rows = sorted(found, key=lambda r: (order.get(r, len(found)), found.index(r)))
    pictures = {
        name: Picture(file(f"ns/model-{language}-{name}.svg"), size.width, size.height)
        for name, size in SIZES.items()
    }
    return Diagram(
        title=_title(),
        alt=_alt(len(found)),
        caption=gettext(
            "矢印は、主語から値へ向かうプロパティ。灰色の枠はこの語彙のクラス、白い枠はほかの語彙のクラス。"
            "番号は次の表の番号。"
        ),
        wide=pictures["wide"],
        narrow=pictures["narrow"],
        rows=tuple((order.get(r), _term(r[0]), _term(r[1]), _term(r[2])) for r in rows),
    )


def model_svg(language: str, size: str) -> Response:
    """The drawing as SVG: `ja` or `en`, `wide` or `narrow`."""
    if language not in LANGUAGE_NAMES or size not in SIZES:
        abort(404)
    return kept(Response(_drawn(language, size), content_type="image/svg+xml"))


@lru_cache(maxsize=8)
def _drawn(language: str, size: str) -> bytes:
    with force_locale(language):
        boxes = [
            Box(str(iri), row, column, str(_label(iri, language)), shortened(iri),
                iri.startswith(str(SP)), _dimensions(language) if iri == OBSERVATION else "")
            for iri, (row, column) in PLACES.items()
        ]  # fmt: skip
        arrows = [
            Arrow(str(subject), str(value), _lowered(str(_label(item, language))), number)
            for number, (subject, item, value) in enumerate(DRAWN, 1)
        ]
        return Drawing(SIZES[size], language, boxes, arrows).svg(_title(), _alt(len(relations())))


def relations() -> list[Relation]:
    """What ties the classes of the diagram: by the vocabulary, then what is borrowed."""
    graph = ontology_graph("terms")
    found: dict[Relation, None] = {}
    for item in _instances(graph, RDF.Property):
        subjects = _boxes(graph, item, RDFS.domain, SCHEMA.domainIncludes)
        if (item, RDF.type, QB.DimensionProperty) in graph:
            subjects = [OBSERVATION]
        for value in _boxes(graph, item, RDFS.range):
            found |= dict.fromkeys((subject, item, value) for subject in subjects)
    found |= dict.fromkeys((*BORROWED, THROUGH_A_SCHEME))
    places = list(PLACES)
    return sorted(found, key=lambda r: (places.index(r[0]), r[1], places.index(r[2])))


def _instances(graph: Graph, of_class: URIRef) -> list[URIRef]:
    found = graph.subjects(RDF.type, of_class)
    return sorted((term for term in found if isinstance(term, URIRef)), key=str)


def _boxes(graph: Graph, item: URIRef, *sides: URIRef) -> list[URIRef]:
    """The classes of the diagram that the property has on that side, themselves or as narrower."""
    named = {value for side in sides for value in graph.objects(item, side)}
    return [
        box
        for box in PLACES
        # a borrowed class is wider than ours: a value of skos:Concept need not be a policy
        if any(
            one in named and (one == box or str(one).startswith(str(SP)))
            for one in graph.transitive_objects(box, RDFS.subClassOf)
        )
    ]


def _label(iri: URIRef, language: str) -> Literal | str:
    return in_language(term_labels(iri), language) or borrowed_label(iri) or shortened(iri)


def _lowered(label: str) -> str:
    """`source` of `Source`, but SDG as it is: some labels stand at the head of a row elsewhere."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _term(iri: URIRef) -> Term:
    return Term(_label(iri, page_language()), shortened(iri), href(iri))


def _dimensions(language: str) -> str:
    """By what the observations are counted."""
    graph = ontology_graph("terms")
    labels = [
        str(_label(item, language)).partition("（")[0].partition(" (")[0]
        for item in _instances(graph, QB.DimensionProperty)
    ]
    return str(gettext("、").join(labels))


def _title() -> str:
    return str(gettext("データの形"))


def _alt(number: int) -> str:
    return str(
        gettext(
            "図。中心は事業。事業は年度別実施計画に載り、基本施策、担当する組織、計画値、SDGsゴールなどに結ばれる。"
            "%(number)s件の関係は、すべて次の表にある。",
            number=number,
        )
    )
