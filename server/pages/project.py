"""The page of a project of one year, and that of a project across the years."""

from __future__ import annotations

from flask import Response
from rdflib import URIRef

from kg.vocab import DCTERMS, PROV, SP
from server.context import context
from server.pages import queries
from server.pages.candidates import candidates_of
from server.pages.facts import goal_of, in_language, natural
from server.pages.links import href
from server.pages.measures import measures_of_project
from server.pages.rows import project_row, project_rows, target_rows, unit_path
from server.pages.subject import Subject, subject_page


def project_page(subject: Subject) -> Response:
    """One project: what the document prints, and how certain each statement is."""
    facts, iri, language = subject.facts, subject.iri, subject.language
    facts.add(context().engine.select(queries.AROUND_PROJECT, {"resource": iri}))
    row = project_row(facts, iri, language)
    others = [p for p in facts.subjects(SP.Project) if p != iri]
    neighbours = {facts.number(other, SP.number): other for other in others}
    number = row.number or 0
    estimates = [one for one in candidates_of(facts, language) if one.project == iri]
    counted = facts.subjects(SP.GoalCountObservation)
    zero_goals = sorted(goal_of(facts.iri(one, SP.dimGoal)) or 0 for one in counted)
    return subject_page(
        "project.html",
        subject,
        row=row,
        policy_url=href(str(row.policy)) if row.policy else None,
        status=facts.name(facts.iri(iri, SP.listingStatus), language),
        printed_name=in_language(facts.all(iri, SP.printedName), language),
        printed_unit=in_language(facts.all(iri, SP.printedUnit), language),
        partners=[
            unit_path(facts, partner, language)
            for partner in sorted(facts.all(iri, SP.partnerUnit), key=natural)
            if isinstance(partner, URIRef)
        ],
        un_targets=_stated_targets(subject),
        account=_named(subject, SP.account),
        continuing=_named(subject, SP.versionOf),
        plan=_named(subject, SP.inPlan),
        text=in_language(facts.all(iri, DCTERMS.description), language),
        delivery=facts.all(iri, SP.deliveryNote),
        targets=target_rows(facts, iri, language),
        measures=measures_of_project(iri, language),
        lines=facts.lines(iri),
        records=_records(subject),
        rejected=_rejections(subject),
        candidates=[one for one in estimates if one.is_chosen],
        others=[one for one in estimates if not one.is_chosen],
        clues=[clue for one in estimates for clue in one.clues],
        zero_goals=zero_goals,
        changes=[
            (facts.name(facts.iri(c, SP.changeKind), language), href(str(c)))
            for c in facts.subjects(SP.ProjectChange)
        ],
        before=_neighbour(subject, neighbours.get(number - 1)),
        after=_neighbour(subject, neighbours.get(number + 1)),
    )


def _named(subject: Subject, item: URIRef) -> tuple[object, str | None] | None:
    iri = subject.facts.iri(subject.iri, item)
    return None if iri is None else (subject.name(iri), href(str(iri)))


def _neighbour(subject: Subject, iri: URIRef | None) -> tuple[object, object, str | None] | None:
    if iri is None:
        return None
    return subject.facts.number(iri, SP.number), subject.name(iri), href(str(iri))


def _records(subject: Subject) -> dict[int, dict[str, object]]:
    """The link record of each goal: evidence, who decided it and when."""
    facts = subject.facts
    found: dict[int, dict[str, object]] = {}
    for record in facts.subjects(SP.SdgLink):
        goal = goal_of(facts.iri(record, SP.linkedGoal))
        if goal is None or facts.iri(record, SP.basis) == SP["basis-inferred"]:
            continue
        found[goal] = _decision(subject, record)
    return found


def _stated_targets(subject: Subject) -> dict[int, list[str]]:
    """The targets of the UN that the document names, by their goal."""
    codes = [str(t).rpartition("/")[2] for t in subject.facts.all(subject.iri, SP.statedSdgTarget)]
    found: dict[int, list[str]] = {}
    for code in sorted(codes):
        found.setdefault(int(code.partition(".")[0]), []).append(code)
    return found


def _rejections(subject: Subject) -> dict[int, dict[str, object]]:
    """The goals that a person decided the project does not serve; never counted as links."""
    facts = subject.facts
    found = {}
    for record in facts.subjects(SP.SdgRejection):
        goal = goal_of(facts.iri(record, SP.rejectedGoal))
        if goal is not None and facts.iri(record, SP.rejectedProject) == subject.iri:
            found[goal] = _decision(subject, record)
    return dict(sorted(found.items()))


def _decision(subject: Subject, record: URIRef) -> dict[str, object]:
    """The address of a record, its evidence, who decided it and when."""
    facts = subject.facts
    who = facts.first(record, PROV.wasAttributedTo)
    return {
        "url": href(str(record)),
        "evidence": facts.all(record, SP.evidence),
        "mark": facts.first(record, SP.printedMark),
        "who": None if who is None else str(who).rpartition("/")[2],
        "when": facts.first(record, PROV.generatedAtTime),
    }


def continuing_page(subject: Subject) -> Response:
    """A project across the years: one row a year, the texts side by side."""
    facts, language = subject.facts, subject.language
    facts.add(context().engine.select(queries.YEARS_OF_PROJECT, {"resource": subject.iri}))
    return subject_page(
        "continuing.html",
        subject,
        rows=[
            (
                row,
                in_language(facts.all(row.iri, DCTERMS.description), language),
                unit_path(facts, facts.iri(row.iri, SP.responsibleUnit), language),
                href(str(facts.iri(row.iri, SP.inPlan))),
            )
            for row in project_rows(facts, language)
        ],
    )
