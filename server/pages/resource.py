"""Which page a resource gets: one made for its class, else the list of its statements."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response
from rdflib import BNode, Literal, URIRef

from kg.vocab import DCTERMS, ORG, RDF, RDFS, SKOS, SP
from server.context import context
from server.pages import queries
from server.pages.candidates import candidates_of
from server.pages.facts import Facts, Term, goal_of
from server.pages.frame import spoken
from server.pages.groups import basic_plan_page, municipality_page, policy_page, unit_page
from server.pages.links import href, local_path
from server.pages.plan import plan_page
from server.pages.project import continuing_page, project_page
from server.pages.subject import Subject, heading_of, kind_of, read_subject, subject_page
from server.pages.terms import borrowed_label, shortened

PAGES: tuple[tuple[URIRef, Callable[[Subject], Response]], ...] = (
    (SP.Municipality, municipality_page),
    (SP.BasicPlan, basic_plan_page),
    (SP.ImplementationPlan, plan_page),
    (SP.Project, project_page),
    (SP.Policy, policy_page),
    (SP.ContinuingProject, continuing_page),
    (ORG.OrganizationalUnit, unit_page),
)
FIRST = (SKOS.prefLabel, RDFS.label, SKOS.altLabel, SP.printedLabel, SP.targetText, SP.noteText,
         SP.projectName, SP.linkedProject, SP.linkedGoal, SP.basis, SP.rejectedProject,
         SP.rejectedGoal, SP.evidence, SP.confidence, SP.projectCount, SP.cellText,
         SP.indicatorName, SP.printedValue, SP.valueNumber, SP.valueUnit, SP.printedAmount,
         SP.amountYen, SP.printedGrade, SP.grade)  # fmt: skip
LAST = (SP.sourcePage, SP.sourceSheet, SP.sourceLine, DCTERMS.source, RDF.type, SP.nameKey)
MOST_POINTING = 300


def document_page(iri: str) -> Response:
    """The page of a resource that exists."""
    subject = read_subject(iri)
    for of_class, made in PAGES:
        if subject.facts.is_a(subject.iri, of_class):
            return made(subject)
    return _statements_page(subject)


def _statements_page(subject: Subject) -> Response:
    """Every statement about the resource, and what points to it."""
    found = context().engine.select(queries.POINTING_HERE, {"resource": subject.iri})
    pointing = Facts(found)
    others = [
        (kind_of(pointing, one, subject.language), _numbered(pointing, one, subject.language),
         href(str(one)))
        for of_class in (SP.Municipality, SP.BasicPlan, SP.ImplementationPlan, SP.Policy,
                         ORG.OrganizationalUnit, SP.ContinuingProject, SP.Project,
                         SP.ProjectChange, SP.PlannedTarget)
        for one in pointing.subjects(of_class)
    ]  # fmt: skip
    basis = str(subject.facts.iri(subject.iri, SP.basis) or "").rpartition("basis-")[2]
    back = subject.facts.iri(subject.iri, SP.linkedProject) or next(
        (a for a in reversed(subject.above) if subject.facts.names(a)), None
    )
    return subject_page(
        "resource.html",
        subject,
        statements=statements_of(subject),
        pointing=others[:MOST_POINTING],
        basis=basis,
        estimate=next(iter(candidates_of(subject.facts, subject.language)), None),
        back=None if back is None else (
            heading_of(subject.facts, back, subject.language), href(str(back))
        ),
    )  # fmt: skip


def _numbered(facts: Facts, iri: URIRef, language: str) -> object:
    name = heading_of(facts, iri, language)
    number = facts.number(iri, SP.number)
    if number is None:
        return spoken(name)
    return spoken(f"No.{number} ") + spoken(name)


def statements_of(subject: Subject) -> list[tuple[object, str, list[dict[str, object]]]]:
    """Label and short form of each property, with its values as they are shown."""
    found = dict(subject.facts.statements(subject.iri))
    known = [p for p in FIRST if p in found]
    rest = [p for p in found if p not in FIRST and p not in LAST]
    return [
        (
            subject.name(item) or borrowed_label(item) or shortened(str(item)),
            shortened(str(item)),
            [shown_value(subject, value) for value in found[item]],
        )
        for item in (*known, *rest, *(p for p in LAST if p in found))
    ]


def shown_value(subject: Subject, value: Term) -> dict[str, object]:
    """A value for the template: text, address, goal number, or a number."""
    if isinstance(value, Literal):
        datatype = None if value.datatype is None else shortened(str(value.datatype))
        return {"text": value, "language": value.language, "datatype": datatype}
    if isinstance(value, BNode):
        return {"text": str(value)}
    goal = goal_of(value)
    text = subject.facts.name(value, subject.language) or borrowed_label(value)
    if text is None and value in subject.facts:
        text = heading_of(subject.facts, value, subject.language)
    is_ours = (local_path(str(value)) or "").startswith("doc/")
    url = None if is_ours and value not in subject.facts else href(str(value))
    return {"text": text or shortened(str(value)), "url": url, "goal": goal, "iri": str(value)}


__all__ = ["document_page"]
