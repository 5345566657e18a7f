"""The pages of what projects belong to: municipality, basic plan, policy, unit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask import Response
from flask_babel import gettext
from rdflib import Literal, URIRef

from kg.vocab import ORG, RDFS, SKOS, SP
from server.context import context
from server.pages import goal_queries, queries
from server.pages.changes import changes_url
from server.pages.facts import Facts, goal_of, natural
from server.pages.frame import plan_entries
from server.pages.lines import Line
from server.pages.links import href
from server.pages.prefectures import prefecture_of
from server.pages.reconciliation import balance_steps, balance_table
from server.pages.reviews import change_rows
from server.pages.rows import ProjectRow, project_rows
from server.pages.start import plan_rows
from server.pages.subject import Subject, crumb_name, subject_page


@dataclass(slots=True)
class UnitNode:
    """A unit of the tree with the projects of itself and of all units below it."""

    name: Literal | None
    url: str | None
    first: tuple[int, str]
    """Orders units as the document does: by their first project."""
    projects: int
    links: int
    below: list[UnitNode]


def municipality_page(subject: Subject) -> Response:
    """Who, which plans, which units."""
    engine, iri = context().engine, subject.iri
    found = engine.select(queries.UNIT_COUNTS, {"municipality": iri})
    counts: dict[str, int] = {}
    for row in found:
        counts[str(row["plan"])] = counts.get(str(row["plan"]), 0) + int(row["projects"])
    own = queries.plans(queries.OF_MUNICIPALITY)
    everything = Facts(engine.select(own, {"municipality": iri}))
    plans = [row for row in plan_rows(everything, counts) if row.municipality == iri]
    facts = subject.facts.add(engine.select(queries.UNIT_TREE, {"municipality": iri}))
    newest = plans[0].iri if plans else None
    numbers = {
        row["unit"]: (int(row["projects"]), int(row["links"]), int(row["first"]))
        for row in found
        if row["plan"] == newest
    }
    tree = unit_tree(facts, iri, numbers, subject.language)
    entries = {entry["iri"]: entry for entry in plan_entries()}
    code = str(facts.first(iri, SP.localGovernmentCode) or "")
    return subject_page(
        "municipality.html",
        subject,
        prefecture=prefecture_of(code),
        code=code,
        area=facts.iri(iri, SP.standardAreaCode),
        corporate=facts.first(iri, SP.corporateNumber),
        see_also=facts.all(iri, RDFS.seeAlso),
        plans=[
            (row, href(str(row.iri)), entry, changes_url(entry))
            for row in plans
            for entry in [entries.get(str(row.iri), {})]
        ],
        basic_plans=[
            (everything.name(basic, subject.language), href(str(basic)))
            for basic in everything.subjects(SP.BasicPlan)
            if str(basic).startswith(f"{iri}/")
        ],
        mentioned=[
            (
                crumb_name(everything, plan, subject.language),
                href(str(plan)),
                everything.number(plan, SP.publishedProjectCount),
            )
            for plan in everything.subjects(SP.ImplementationPlan)
            if str(plan) not in counts
        ],
        tree=tree,
        answering=len(numbers),
        year=plans[0].year if plans else None,
    )


def unit_tree(
    facts: Facts,
    municipality: URIRef,
    numbers: dict[Any, tuple[int, int, int]],
    language: str,
) -> list[UnitNode]:
    """The units with projects, under those they belong to, in the order of the document."""
    children: dict[URIRef | None, list[URIRef]] = {}
    for unit in facts.subjects(ORG.OrganizationalUnit):
        above = facts.iri(unit, ORG.subOrganizationOf)
        if above is None and facts.iri(unit, ORG.unitOf) != municipality:
            continue
        children.setdefault(above, []).append(unit)

    def node(unit: URIRef, depth: int) -> UnitNode:
        below = [node(one, depth + 1) for one in children.get(unit, ())] if depth < 9 else []
        projects, links, first = numbers.get(unit, (0, 0, 10**9))
        return UnitNode(
            facts.name(unit, language),
            href(str(unit)),
            min([(first, str(unit)), *(one.first for one in below)]),
            projects + sum(one.projects for one in below),
            links + sum(one.links for one in below),
            sorted(below, key=lambda one: one.first),
        )

    return sorted((node(unit, 0) for unit in children.get(None, ())), key=lambda one: one.first)


def basic_plan_page(subject: Subject) -> Response:
    """The policies of a basic plan, year by year."""
    engine, basic = context().engine, {"basicPlan": subject.iri}
    facts = subject.facts.add(engine.select(queries.POLICIES_OF_BASIC_PLAN, basic))
    counts = {
        (row["policy"], row["plan"]): (int(row["projects"]), int(row["links"]))
        for row in engine.select(queries.POLICY_COUNTS, basic)
    }
    with_projects = {plan for _, plan in counts}
    entries = {entry["iri"]: entry for entry in plan_entries(str(subject.iri))}
    plans = sorted(facts.subjects(SP.ImplementationPlan), key=natural, reverse=True)
    years = [
        {
            "url": href(str(plan)),
            "year": crumb_name(facts, plan, subject.language),
            "projects": facts.number(plan, SP.publishedProjectCount),
            "links": facts.number(plan, SP.publishedLinkCount),
            "is_held": plan in with_projects,
            "changes": changes_url(entries.get(str(plan), {})),
            "iri": plan,
        }
        for plan in plans
    ]
    held = [plan for plan in plans if plan in with_projects]
    return subject_page(
        "basic_plan.html",
        subject,
        years=years,
        held=[(crumb_name(facts, plan, subject.language), href(str(plan))) for plan in held],
        policies=[
            (
                str(facts.first(policy, SKOS.notation) or ""),
                facts.name(policy, subject.language),
                href(str(policy)),
                [counts.get((policy, plan)) for plan in held],
            )
            for policy in facts.subjects(SP.Policy)
        ],
    )


def policy_page(subject: Subject) -> Response:
    """One policy: its balance, its projects, what the review says about it."""
    engine, policy = context().engine, {"policy": subject.iri}
    tables = Facts(engine.select(queries.AROUND_POLICY, policy))
    rows = project_rows(Facts(engine.select(queries.PROJECTS_OF_POLICY, policy)), subject.language)
    plans = sorted(tables.subjects(SP.ImplementationPlan), key=natural, reverse=True)
    balances = [
        (crumb_name(tables, plan, subject.language), href(str(plan)),
         balance_table(tables, plan, subject.language))
        for plan in plans
    ]  # fmt: skip
    return subject_page(
        "policy.html",
        subject,
        number=str(subject.facts.first(subject.iri, SKOS.notation) or ""),
        years=_by_year(rows),
        steps={
            str(plan).rpartition("/")[2]: balance_steps(table)[0]
            for plan, (_, _, table) in zip(plans, balances, strict=True)
            if table
        },
        balances=[one for one in balances if one[2]],
        changes=change_rows(tables, subject.language),
        by_change=_by_change(change_rows(tables, subject.language)),
        stated=_stated_for_policy(tables, subject.language),
        lines=subject.facts.lines(subject.iri),
    )


def _stated_for_policy(facts: Facts, language: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """By year, the newest first: the goals that the document states for the policy itself."""
    years: dict[str, list[dict[str, Any]]] = {}
    for record in facts.subjects(SP.PolicyGoalLink):
        goal = goal_of(facts.iri(record, SP.linkedPolicyGoal))
        year = str(facts.iri(record, SP.inPlan) or "").rpartition("/")[2]
        if goal is not None:
            years.setdefault(year, []).append(
                {
                    "goal": goal,
                    "url": href(str(record)),
                    "evidence": facts.all(record, SP.evidence),
                    "mark": facts.first(record, SP.printedMark),
                }
            )
    return [
        (year, sorted(years[year], key=lambda one: one["goal"])) for year in sorted(years)[::-1]
    ]


def _by_change(changes: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """The projects that are new or added, and those no longer listed."""
    new = [change for change in changes if change["is_new"]]
    return new, [change for change in changes if not change["is_new"]]


def expected_counts(
    rows: list[dict[str, Any]], language: str
) -> list[tuple[str, list[tuple[int, Literal | None, Decimal]]]]:
    """By year, the newest first: goals with the sum of their probabilities, to one decimal."""
    names = Facts()
    years: dict[str, list[tuple[int, Literal | None, Decimal]]] = {}
    for row in rows:
        goal = goal_of(row["goal"])
        count = Decimal(str(row["expected"])).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
        if goal is not None and count:
            year = str(row["plan"]).rpartition("/")[2]
            years.setdefault(year, []).append((goal, names.name(row["goal"], language), count))
    return [(year, sorted(years[year], key=lambda one: one[0])) for year in sorted(years)[::-1]]


def unit_page(subject: Subject) -> Response:
    """One unit: where it belongs, its sub-units, its projects and their sums."""
    engine, unit = context().engine, {"unit": subject.iri}
    facts = subject.facts.add(engine.select(queries.AROUND_UNIT, unit))
    within = [subject.iri, *_below(facts, subject.iri)]
    projects = Facts(engine.select(queries.projects_of_units(within, SP.responsibleUnit)))
    beside = Facts(engine.select(queries.projects_of_units(within, SP.partnerUnit)))
    rows = project_rows(projects, subject.language)
    below = [
        one
        for one in facts.subjects(ORG.OrganizationalUnit)
        if facts.iri(one, ORG.subOrganizationOf) == subject.iri
    ]
    spellings: dict[str, set[Line]] = {}
    changes = []
    for iri in {*facts.subjects(SP.Project), *facts.subjects(SP.ProjectChange)}:
        for printed in facts.all(iri, SP.printedUnit):
            spellings.setdefault(str(printed), set()).update(facts.lines(iri))
    for iri in facts.subjects(SP.ProjectChange):
        changes.append((facts.name(iri, subject.language), href(str(iri))))
    expected = engine.select(goal_queries.expected_of_units(within))
    return subject_page(
        "unit.html",
        subject,
        expected=expected_counts(expected, subject.language),
        beside=[
            (f"{row.year} {gettext('No.')}{row.number}", row.name, row.url)
            for row in project_rows(beside, subject.language)
        ],
        years=_by_year(rows),
        below=[
            (facts.name(one, subject.language), href(str(one)), _answered(projects, one))
            for one in sorted(below, key=lambda one: _first(projects, one))
        ],
        spellings=sorted(
            ((Literal(text, lang="ja"), sorted(lines)) for text, lines in spellings.items()),
            key=lambda pair: pair[1],
        ),
        changes=changes,
    )


def _below(facts: Facts, unit: URIRef) -> list[URIRef]:
    """The units below a unit, at any depth."""
    found, level = list[URIRef](), [unit]
    while level:
        level = [
            one
            for one in facts.subjects(ORG.OrganizationalUnit)
            if facts.iri(one, ORG.subOrganizationOf) in level and one not in found
        ]
        found += level
    return found


def _projects_of(facts: Facts, unit: URIRef) -> list[URIRef]:
    """The projects of a unit and of all units below it."""
    found = []
    for project in facts.subjects(SP.Project):
        one = facts.iri(project, SP.responsibleUnit)
        for _ in range(10):
            if one is None or one == unit:
                break
            one = facts.iri(one, ORG.subOrganizationOf)
        if one == unit:
            found.append(project)
    return found


def _answered(facts: Facts, unit: URIRef) -> int:
    return len(_projects_of(facts, unit))


def _first(facts: Facts, unit: URIRef) -> tuple[int, str]:
    numbers = [facts.number(p, SP.number) or 0 for p in _projects_of(facts, unit)]
    return min(numbers, default=10**9), str(unit)


def _by_year(rows: list[ProjectRow]) -> list[tuple[str, list[ProjectRow], int, bool]]:
    """Per fiscal year, the newest first: rows, their links in all, whether all are known."""
    years: dict[str, list[ProjectRow]] = {}
    for row in rows:
        years.setdefault(row.year, []).append(row)
    return [
        (
            year,
            years[year],
            sum(row.goals.icons or 0 for row in years[year]),
            all(row.goals.icons is not None for row in years[year]),
        )
        for year in sorted(years, reverse=True)
    ]
