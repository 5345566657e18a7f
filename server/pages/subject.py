"""The resource a page is about: its statements, its heading, its place, its sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response
from flask_babel import gettext
from rdflib import Literal, URIRef

from kg.quotes import quote_key, quoted_lines
from kg.vocab import DCTERMS, ORG, RDF, SP
from server.context import context
from server.pages import queries
from server.pages.facts import Facts, goal_of, in_language, natural
from server.pages.frame import Crumb, DataLink, Frame, Source, document_links, page, plan_entries
from server.pages.language import page_language
from server.pages.lines import Line
from server.pages.links import ancestors, file, href, site
from server.pages.terms import borrowed_label

ABOVE_UNITS = 6
"""Deepest tree of units a breadcrumb shows."""
MOST_QUOTED = 5
"""Up to so many lines of the document are quoted on a page."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A resource, what the queries found around it, and the language of the page."""

    iri: URIRef
    facts: Facts
    language: str
    above: tuple[URIRef, ...]

    def name(self, iri: URIRef | None = None) -> Literal | None:
        return self.facts.name(iri or self.iri, self.language)

    def of_class(self, wanted: URIRef) -> URIRef | None:
        """The nearest IRI above the resource that is of the class."""
        return next((a for a in reversed(self.above) if self.facts.is_a(a, wanted)), None)

    def literal(self, item: URIRef) -> Literal | None:
        return in_language(self.facts.all(self.iri, item), self.language)


def read_subject(iri: str) -> Subject:
    """The resource with the names of what it points to and of what it lies in: one query."""
    above = ancestors(iri)
    bindings = {"resource": URIRef(iri)}
    bindings |= {f"ancestor{n}": one for n, one in enumerate(above, 1)}
    facts = Facts(context().engine.select(queries.statements(len(above)), bindings))
    return Subject(URIRef(iri), facts, page_language(), tuple(above))


def heading_of(facts: Facts, iri: URIRef, language: str) -> Literal | str:
    """What the resource is called: its name, or words made of what it is about."""
    goal = goal_of(facts.iri(iri, SP.dimGoal) or facts.iri(iri, SP.linkedGoal))
    if facts.is_a(iri, SP.SdgLink) and goal:
        number = str(facts.iri(iri, SP.linkedProject) or "").rpartition("/")[2]
        return str(gettext("No.%(number)sとゴール%(goal)sの関連付け", number=number, goal=goal))
    if facts.is_a(iri, SP.GoalCountObservation) and goal:
        return str(gettext("ゴール%(goal)sの公表事業数", goal=goal))
    item = facts.name(facts.iri(iri, SP.dimItem), language)
    if facts.is_a(iri, SP.BalanceObservation):
        policy = str(facts.iri(iri, SP.dimPolicy) or "").rpartition("/")[2]
        return str(gettext("施策%(policy)sの増減: %(item)s", policy=policy, item=str(item)))
    if facts.is_a(iri, SP.BalanceTotalObservation):
        return str(gettext("増減の計: %(item)s", item=str(item)))
    name = facts.name(iri, language)
    if name is not None:
        return name
    kind = kind_of(facts, iri, language)
    tail = str(iri).rpartition("/")[2]
    return tail if kind is None else f"{kind} {tail}"


def kind_of(facts: Facts, iri: URIRef, language: str) -> Literal | str | None:
    """The word for the class of the resource: one of ours, else a borrowed one."""
    classes = [c for c in facts.all(iri, RDF.type) if isinstance(c, URIRef)]
    for found in sorted(classes, key=lambda c: (not c.startswith(str(SP)), natural(c))):
        label = facts.name(found, language) or borrowed_label(found)
        if label is not None:
            return label
    return None


def crumb_name(facts: Facts, iri: URIRef, language: str) -> Literal | str | None:
    """A short name for the breadcrumb: 2021年度, No.63, 施策6 or the name itself."""
    tail = str(iri).rpartition("/")[2]
    if facts.is_a(iri, SP.ImplementationPlan):
        return str(gettext("%(year)s年度", year=tail))
    if facts.is_a(iri, SP.Project):
        return f"No.{tail}"
    if facts.is_a(iri, SP.Policy):
        return str(gettext("施策%(number)s", number=tail))
    if facts.is_a(iri, SP.Municipality) or facts.is_a(iri, SP.BasicPlan):
        return facts.name(iri, language)
    return None


def crumbs_of(subject: Subject, last: Literal | str) -> list[Crumb]:
    """From the start page down to the page; units stand under the units they belong to."""
    found = [Crumb(gettext("ホーム"), site(""))]
    for iri in subject.above:
        name = crumb_name(subject.facts, iri, subject.language)
        if name is not None:
            found.append(Crumb(name, href(str(iri))))
    for unit in reversed(units_above(subject.facts, subject.iri)):
        found.append(Crumb(subject.name(unit) or "", href(str(unit))))
    return [*found, Crumb(crumb_name(subject.facts, subject.iri, subject.language) or last)]


def units_above(facts: Facts, unit: URIRef | None) -> list[URIRef]:
    """The units above a unit, the nearest first."""
    found: list[URIRef] = []
    while unit is not None and len(found) < ABOVE_UNITS:
        unit = facts.iri(unit, ORG.subOrganizationOf)
        if unit is None or unit in found:
            break
        found.append(unit)
    return found


def sources_of(subject: Subject) -> list[Source]:
    """The documents the resource, or the plan it lies in, was read from."""
    facts = subject.facts
    plan = subject.of_class(SP.ImplementationPlan)
    documents = facts.all(subject.iri, DCTERMS.source) or facts.all(plan, DCTERMS.source)
    if facts.is_a(subject.iri, SP.SourceDocument):
        documents = [subject.iri]
    lines = tuple(facts.lines(subject.iri))
    return [
        Source(
            facts.name(document, subject.language) or str(document),
            href(str(document)),
            lines if len(documents) == 1 else (),
            in_language(facts.all(document, DCTERMS.rights), subject.language),
            _texts(subject.iri, document, lines) if len(documents) == 1 else (),
        )
        for document in documents
        if isinstance(document, URIRef)
    ]


def _texts(iri: URIRef, document: URIRef, lines: tuple[Line, ...]) -> tuple[tuple[Line, str], ...]:
    """The lines as printed, as far as they may be quoted."""
    if not 0 < len(lines) <= MOST_QUOTED:
        return ()
    release = context().release
    for entry in plan_entries(str(iri)):
        if (entry.get("document") or {}).get("iri") == str(document):
            known = quoted_lines(release.path, entry)
            keys = {line: quote_key(line.sheet, line.number) for line in lines}
            return tuple((line, known[key]) for line, key in keys.items() if key in known)
    return ()


def city_of(subject: Subject) -> URIRef | None:
    """The municipality that the resource is, or lies in."""
    if subject.facts.is_a(subject.iri, SP.Municipality):
        return subject.iri
    return subject.of_class(SP.Municipality)


def frame_of(subject: Subject, data: Sequence[DataLink] = ()) -> Frame:
    """The frame of a page about the resource; `data` are links beside those to its description."""
    facts, language = subject.facts, subject.language
    heading = heading_of(facts, subject.iri, language)
    city_iri = city_of(subject)
    city = facts.name(city_iri, language)
    plan = subject.of_class(SP.ImplementationPlan)
    place = [str(part) for part in (city if city_iri != subject.iri else None,
             crumb_name(facts, plan, language) if plan else None) if part]  # fmt: skip
    joined = (" " if language == "ja" else ", ").join(place)
    return Frame(
        title=[heading, joined] if joined else [heading],
        crumbs=crumbs_of(subject, heading),
        iri=subject.iri,
        data=[*document_links(subject.iri), *_plan_table(plan), *data],
        sources=sources_of(subject),
        municipality=city,
        plans=plan_entries(str(subject.iri)),
    )


def _plan_table(plan: URIRef | None) -> list[DataLink]:
    """The table of the plan that the resource lies in, which is more than the page shows."""
    for entry in plan_entries(str(plan)) if plan else ():
        size = entry.get("files", {}).get("plan.csv", {}).get("bytes")
        if entry["iri"] == str(plan) and size is not None:
            path = f"dumps/{entry['code']}/{entry['slug']}/{entry['year']}/plan.csv"
            rows = entry["projects"]
            name = gettext("計画の事業一覧のCSV（Excel対応・全%(rows)s件）", rows=rows)
            return [DataLink(name, file(path), size)]
    return []


def subject_page(
    template: str,
    subject: Subject,
    *,
    data: Sequence[DataLink] = (),
    frame: Frame | None = None,
    **values: Any,
) -> Response:
    """The page of a resource, or of something about it in a frame of its own."""
    facts, city = subject.facts, city_of(subject)
    return page(
        template,
        frame or frame_of(subject, data),
        subject=subject,
        facts=facts,
        heading=heading_of(facts, subject.iri, subject.language),
        made_up=city is not None and facts.is_a(city, SP.MadeUpMunicipality),
        kind=kind_of(facts, subject.iri, subject.language),
        **values,
    )
