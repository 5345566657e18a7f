"""What one yearly plan lists, from its quads: projects with numeric targets, the review list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from rdflib import Literal, URIRef

from kg.changes import Quad
from kg.origin import Place
from kg.text import name_key
from kg.vocab import RDF, SKOS, SP


@dataclass(frozen=True, slots=True)
class ListedTarget:
    """A numeric target of a project in one year; `due` None = the year of the plan itself.

    `is_estimate` says that the document itself calls the value an estimate (推定).
    """

    iri: URIRef
    text: str
    label: str
    value: Decimal
    unit: str
    due: int | None
    lines: tuple[Place, ...]
    is_estimate: bool = False

    @property
    def measure(self) -> tuple[str, str, int | None]:
        """What makes it the same target as one of another year: label, unit and year."""
        return name_key(self.label), name_key(self.unit), self.due


@dataclass(frozen=True, slots=True)
class ListedProject:
    """A project as one yearly plan lists it. `key` is its name folded; "" if it has none."""

    iri: URIRef
    number: int | None
    name: str
    key: str
    continuing: URIRef | None
    policy: URIRef | None
    unit: URIRef | None
    printed_unit: str
    lines: tuple[Place, ...]
    targets: tuple[ListedTarget, ...]
    estimates: tuple[ListedTarget, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """An entry of the plan's own review list; `merged_into` only where a person decided it."""

    iri: URIRef
    kind: URIRef
    name: str
    key: str
    listed: URIRef | None
    merged_into: URIRef | None
    policy: URIRef | None
    unit: URIRef | None
    printed_unit: str
    lines: tuple[Place, ...]


class _Statements:
    """Quads by subject and property."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._found: dict[URIRef, dict[URIRef, list[URIRef | Literal]]] = {}
        for quad in quads:
            properties = self._found.setdefault(quad.subject, {})
            properties.setdefault(quad.predicate, []).append(quad.object)

    def of_class(self, wanted: URIRef) -> list[URIRef]:
        return [s for s, found in self._found.items() if wanted in found.get(RDF.type, ())]

    def iris(self, subject: URIRef, predicate: URIRef) -> list[URIRef]:
        values = self._found.get(subject, {}).get(predicate, ())
        return [value for value in values if isinstance(value, URIRef)]

    def iri(self, subject: URIRef, predicate: URIRef) -> URIRef | None:
        return next(iter(self.iris(subject, predicate)), None)

    def text(self, subject: URIRef, predicate: URIRef) -> str:
        values = sorted(map(str, self._found.get(subject, {}).get(predicate, ())))
        return values[0] if values else ""

    def number(self, subject: URIRef, predicate: URIRef) -> int | None:
        text = self.text(subject, predicate)
        return int(text) if text.isdecimal() else None

    def lines(self, subject: URIRef) -> tuple[Place, ...]:
        """The lines of the document, or rows of its sheet, that it was read from."""
        sheet = self.text(subject, SP.sourceSheet)
        values = map(str, self._found.get(subject, {}).get(SP.sourceLine, ()))
        return tuple(sorted({Place(sheet, int(value)) for value in values if value.isdecimal()}))


def place_of(project: ListedProject) -> tuple[bool, int, str]:
    return project.number is None, project.number or 0, project.iri


def listed_projects(quads: Iterable[Quad]) -> list[ListedProject]:
    """The projects in the order of their numbers."""
    found = _Statements(quads)
    projects = [
        ListedProject(
            iri,
            found.number(iri, SP.number),
            found.text(iri, SKOS.prefLabel),
            found.text(iri, SP.nameKey),
            found.iri(iri, SP.versionOf),
            found.iri(iri, SP.policy),
            found.iri(iri, SP.responsibleUnit),
            found.text(iri, SP.printedUnit),
            found.lines(iri),
            _targets(iri, found, SP["target-numeric"]),
            _targets(iri, found, SP["target-estimate"]),
        )
        for iri in found.of_class(SP.Project)
    ]
    return sorted(projects, key=place_of)


def _targets(project: URIRef, found: _Statements, kind: URIRef) -> tuple[ListedTarget, ...]:
    """The targets of that kind that have a value and a label."""
    year = _year(found.iri(project, SP.inPlan))
    numbered = []
    for iri in found.iris(project, SP.target):
        value, label = found.text(iri, SP.targetValue), found.text(iri, SP.targetLabel)
        if found.iri(iri, SP.targetKind) != kind or not value or not label:
            continue
        due = _year(found.iri(iri, SP.dueFiscalYear))
        target = ListedTarget(
            iri,
            found.text(iri, SP.targetText),
            label,
            Decimal(value),
            found.text(iri, SP.targetUnit),
            None if due == year else due,
            found.lines(iri),
            kind == SP["target-estimate"],
        )
        numbered.append((found.number(iri, SP.order) or 0, target))
    return tuple(target for _, target in sorted(numbered, key=lambda one: (one[0], one[1].iri)))


def _year(iri: URIRef | None) -> int | None:
    tail = "" if iri is None else str(iri).rpartition("/")[2]
    return int(tail) if tail.isdecimal() else None


def reviews_of(plan: str, quads: Iterable[Quad]) -> list[Review]:
    """The review list of the plan with that IRI, in the order of the document."""
    found = _Statements(quads)
    reviews = [
        (
            found.number(iri, SP.order) or 0,
            Review(
                iri,
                found.iri(iri, SP.changeKind) or SP["status-completed-or-abolished"],
                found.text(iri, SP.projectName),
                found.text(iri, SP.nameKey),
                found.iri(iri, SP.listedProject),
                found.iri(iri, SP.mergedInto),
                found.iri(iri, SP.policy),
                found.iri(iri, SP.responsibleUnit),
                found.text(iri, SP.printedUnit),
                found.lines(iri),
            ),
        )
        for iri in found.of_class(SP.ProjectChange)
        if str(found.iri(iri, SP.inPlan)) == plan
    ]
    return [review for _, review in sorted(reviews, key=lambda one: (one[0], one[1].iri))]
