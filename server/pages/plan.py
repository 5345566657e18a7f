"""The page of a yearly plan: figures, goals, balance, changes, projects, reconciliation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Response, request
from flask_babel import gettext
from rdflib import Literal, URIRef

from kg.vocab import SKOS, SP, XSD
from server.context import context
from server.pages import queries
from server.pages.changes import path_of
from server.pages.citation import citation_of
from server.pages.facts import Facts, Term, goal_of, in_language, natural
from server.pages.frame import DataLink, plan_entries
from server.pages.links import href, query_url, site
from server.pages.rows import project_rows, unit_path
from server.pages.start import dump_links
from server.pages.subject import Subject, subject_page

ROWS_A_PAGE = 100
MOST_ROWS = 200
"""Up to so many projects stand on one page."""
BALANCE_ITEMS = tuple(
    SP[f"item-{name}"]
    for name in ("previous", "new-or-added", "continued", "completed-or-abolished", "routine",
                 "merged", "current")
)  # fmt: skip
ENDED = frozenset(SP[f"item-{name}"] for name in ("completed-or-abolished", "routine", "merged"))
DUMPS = ("plan.ttl", "plan.nq", "source.ttl", "links.ttl", "report.ttl")


@dataclass(frozen=True, slots=True)
class Cell:
    """A published number, as printed, and where it stands."""

    count: int | None
    printed: str
    line: int | None
    url: str | None


def plan_page(subject: Subject) -> Response:
    """The whole plan on one page; above MOST_ROWS projects, its table in pages."""
    engine, plan = context().engine, subject.iri
    figures = {
        k: int(v) for k, v in engine.select(queries.FIGURES_OF_PLAN, {"plan": plan})[0].items()
    }
    tables = Facts(engine.select(queries.TABLES_OF_PLAN, {"plan": plan}))
    part, parts = _part(figures)
    low, high = (1 + ROWS_A_PAGE * (part - 1), ROWS_A_PAGE * part) if parts > 1 else (0, 10**9)
    bounds = {
        "plan": plan,
        "low": Literal(low, datatype=XSD.integer),
        "high": Literal(high, datatype=XSD.integer),
    }
    projects = Facts(engine.select(queries.PROJECTS_OF_PLAN, bounds))
    entry = next((e for e in plan_entries(str(plan)) if e["iri"] == str(plan)), {})
    rows = project_rows(projects, subject.language)
    goals = goal_cells(tables)
    changes = change_rows(tables, subject.language)
    previous = subject.facts.iri(plan, SP.previousPlan)
    year = subject.facts.iri(plan, SP.fiscalYear)
    return subject_page(
        "plan.html",
        subject,
        data=_data_links(plan, entry, figures["projects"]),
        figures=figures,
        rows=rows,
        policies=[(k, sum(1 for _ in v)) for k, v in groupby(row.policy_number for row in rows)],
        part=part,
        parts=parts,
        goals=goals,
        zero_goals=[number for number, cell in goals if cell.count == 0],
        goal_names=_goal_names(tables, subject.language),
        largest=max([cell.count or 0 for _, cell in goals] or [0]),
        balance=balance_table(tables, plan, subject.language),
        changes=changes,
        new_count=sum(1 for change in changes if change["is_new"]),
        notes=[
            (in_language(tables.all(note, SP.noteText), subject.language), href(str(note)),
             tables.lines(note))
            for note in tables.subjects(SP.PlanNote)
        ],
        checks=_checks(subject, figures, goals, tables, changes),
        warnings=_warnings(entry),
        report_data=_report_url(entry),
        citation=citation_of(entry, subject.language),
        changes_url=_changes_url(entry),
        year=subject.name(year),
        year_other=in_language(subject.facts.all(year, SKOS.altLabel), "ja"),
        year_url=href(str(year)) if year else None,
        previous=None if previous is None else str(previous).rpartition("/")[2],
        count_only=any(row.goals.basis == "count-only" for row in rows),
        this_year=str(plan).rpartition("/")[2],
    )  # fmt: skip


def _part(figures: Mapping[str, int]) -> tuple[int, int]:
    parts = -(-figures.get("highest", 0) // ROWS_A_PAGE) if figures["projects"] > MOST_ROWS else 1
    asked = request.args.get("page", "1")
    return min(max(int(asked) if asked.isdecimal() and len(asked) < 6 else 1, 1), parts), parts


def cell_of(facts: Facts, observation: URIRef) -> Cell:
    printed = facts.first(observation, SP.cellText)
    lines = facts.lines(observation)
    return Cell(
        facts.number(observation, SP.projectCount),
        "" if printed is None else str(printed),
        lines[0] if lines else None,
        href(str(observation)),
    )


def goal_cells(facts: Facts) -> list[tuple[int, Cell]]:
    """The published number of projects of each goal, by goal."""
    found = {}
    for observation in facts.subjects(SP.GoalCountObservation):
        number = goal_of(facts.iri(observation, SP.dimGoal))
        if number:
            found[number] = cell_of(facts, observation)
    return sorted(found.items())


def _goal_names(facts: Facts, language: str) -> dict[int, Literal | None]:
    """The goal's name; a plan's own spelling stays on its observation."""
    return {
        number: facts.name(goal, language)
        for observation in facts.subjects(SP.GoalCountObservation)
        if (goal := facts.iri(observation, SP.dimGoal)) and (number := goal_of(goal))
    }


def balance_table(facts: Facts, plan: URIRef, language: str) -> dict[str, Any] | None:
    """Items as columns, policies as rows, the printed total last; None if nothing is published."""
    cells: dict[tuple[URIRef | None, URIRef], Cell] = {}
    for of_class in (SP.BalanceObservation, SP.BalanceTotalObservation):
        for observation in facts.subjects(of_class):
            item = facts.iri(observation, SP.dimItem)
            if item is not None and facts.iri(observation, SP.dimPlan) == plan:
                cells[facts.iri(observation, SP.dimPolicy), item] = cell_of(facts, observation)
    if not cells:
        return None
    items = [item for item in BALANCE_ITEMS if any(key[1] == item for key in cells)]
    policies = sorted({p for p, _ in cells if p is not None}, key=natural)
    return {
        "items": [(item, facts.name(item, language), item in ENDED) for item in items],
        "rows": [
            (str(facts.first(policy, SKOS.notation) or ""), facts.name(policy, language),
             href(str(policy)), [cells.get((policy, item)) for item in items])
            for policy in policies
        ],
        "total": [cells.get((None, item)) for item in items],
    }  # fmt: skip


def change_rows(facts: Facts, language: str) -> list[dict[str, Any]]:
    """The review list in the order of the document."""
    found = sorted(facts.subjects(SP.ProjectChange), key=lambda c: facts.number(c, SP.order) or 0)
    return [
        {
            "url": href(str(change)),
            "kind_iri": facts.iri(change, SP.changeKind),
            "kind": facts.name(facts.iri(change, SP.changeKind), language),
            "is_new": facts.iri(change, SP.changeKind) == SP["status-new-or-added"],
            "is_merged": facts.iri(change, SP.changeKind) == SP["status-merged"],
            "name": facts.name(change, language),
            "policy": str(facts.iri(change, SP.policy) or "").rpartition("/")[2],
            "policy_url": href(str(facts.iri(change, SP.policy))),
            "unit": unit_path(facts, facts.iri(change, SP.responsibleUnit), language),
            "project_url": _link(facts, change, SP.listedProject),
            "project_number": _tail(facts.iri(change, SP.listedProject)),
            "merged_url": _link(facts, change, SP.mergedInto),
            "merged_number": _tail(facts.iri(change, SP.mergedInto)),
            "lines": facts.lines(change),
        }
        for change in found
    ]


def _link(facts: Facts, subject: URIRef, item: URIRef) -> str | None:
    iri = facts.iri(subject, item)
    return None if iri is None else href(str(iri))


def _tail(iri: Term | None) -> str:
    return "" if iri is None else str(iri).rpartition("/")[2]


def _checks(
    subject: Subject,
    figures: Mapping[str, int],
    goals: list[tuple[int, Cell]],
    tables: Facts,
    changes: list[dict[str, Any]],
) -> dict[str, Any]:
    """Published numbers beside what was read; None = the document does not print one."""
    facts, plan = subject.facts, subject.iri
    reviewed = [
        cell_of(tables, observation).count
        for observation in tables.subjects(SP.BalanceObservation)
        if tables.iri(observation, SP.dimItem) in {*ENDED, SP["item-new-or-added"]}
    ]
    return {
        "projects": facts.number(plan, SP.publishedProjectCount),
        "projects_line": facts.number(plan, SP.projectCountLine),
        "projects_read": figures["projects"],
        "links": facts.number(plan, SP.publishedLinkCount),
        "links_line": facts.number(plan, SP.linkCountLine),
        "icons": figures["icons"] if not figures["unknown"] else None,
        "goals": sum(cell.count or 0 for _, cell in goals) if goals else None,
        "reviewed": sum(count or 0 for count in reviewed) if reviewed else None,
        "changes": len(changes),
    }


def _warnings(entry: Mapping[str, Any]) -> int | None:
    """How many notes the validation left; None if the release does not say."""
    return sum(entry["warnings"].values()) if "warnings" in entry else None


def _folder(entry: Mapping[str, Any]) -> str | None:
    keys = ("code", "slug", "year")
    return "/".join(str(entry[k]) for k in keys) + "/" if all(k in entry for k in keys) else None


def _changes_url(entry: Mapping[str, Any]) -> str | None:
    return site(path_of(entry)) if entry.get("versions") else None


def _report_url(entry: Mapping[str, Any]) -> str | None:
    folder = _folder(entry)
    found = dump_links(folder, ("report.ttl",)) if folder else []
    return found[0].url if found else None


def _data_links(plan: URIRef, entry: Mapping[str, Any], projects: int) -> list[DataLink]:
    folder = _folder(entry)
    csv = query_url(queries.PROJECTS_CSV, {"plan": plan}, format="excel-csv", download="1")
    name = gettext("事業のCSV（Excel対応・全%(rows)s件）", rows=projects)
    return [DataLink(name, csv), *(dump_links(folder, DUMPS) if folder else [])]
