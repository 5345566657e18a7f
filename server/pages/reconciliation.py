"""Published numbers beside what was read: the cells of a plan's tables and the reconciliation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rdflib import Literal, URIRef
from rdflib.term import Node

from kg.vocab import SKOS, SP
from server.context import context
from server.pages import queries
from server.pages.facts import Facts, goal_of, natural
from server.pages.lines import Line
from server.pages.links import href
from server.pages.subject import Subject
from server.pages.terms import goal_iri

BALANCE_ITEMS = tuple(
    SP[f"item-{name}"]
    for name in ("previous", "new-or-added", "continued", "completed-or-abolished", "routine",
                 "merged", "current")
)  # fmt: skip
ENDED = frozenset(SP[f"item-{name}"] for name in ("completed-or-abolished", "routine", "merged"))


@dataclass(frozen=True, slots=True)
class Cell:
    """A published number, as printed, and where it stands."""

    count: int | None
    printed: str
    line: Line | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Compared:
    """A published number beside the one that was read; None = not printed, or not known."""

    number: str
    name: Literal | None
    url: str | None
    published: Cell | None
    found: int | None
    is_partial: bool = False
    """Whether more may still be found."""

    @property
    def agrees(self) -> bool | None:
        """None where one of the two is not known, or not known to the end."""
        if self.published is None or self.published.count is None or self.found is None:
            return None
        if self.is_partial and self.found < self.published.count:
            return None
        return self.published.count == self.found


def figures_of(plan: URIRef) -> dict[str, int]:
    """How many projects, icons and numeric targets were read; projects whose icons are unknown."""
    found = context().engine.select(queries.FIGURES_OF_PLAN, {"plan": plan})[0]
    return {name: int(value) for name, value in found.items()}


def report_path(entry: Mapping[str, Any]) -> str | None:
    """The path of the plan's report; None if the release does not say where the plan belongs."""
    keys = ("code", "slug", "year")
    if any(key not in entry for key in keys):
        return None
    return "report/" + "/".join(str(entry[key]) for key in keys)


def cell_of(facts: Facts, observation: URIRef) -> Cell:
    printed = facts.first(observation, SP.cellText)
    lines = facts.lines(observation)
    return Cell(
        facts.number(observation, SP.projectCount),
        "" if printed is None else str(printed),
        lines[0] if lines else None,
        href(str(observation)),
    )


def first_line(facts: Facts, subject: URIRef, line: URIRef, sheet: URIRef) -> Line | None:
    """The first place that these properties of the subject name."""
    return next(iter(facts.lines(subject, line, sheet)), None)


def goal_cells(facts: Facts) -> list[tuple[int, Cell]]:
    """The published number of projects of each goal, by goal."""
    found = {}
    for observation in facts.subjects(SP.GoalCountObservation):
        number = goal_of(facts.iri(observation, SP.dimGoal))
        if number:
            found[number] = cell_of(facts, observation)
    return sorted(found.items())


def goal_names(facts: Facts, language: str) -> dict[int, Literal | None]:
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


@dataclass(frozen=True, slots=True)
class Step:
    """One policy from the year before to this year. None where the document gives no number."""

    number: str
    url: str | None
    before: int | None
    new: int | None
    ended: tuple[tuple[int, Literal | None], ...]
    """How many, and the kind of ending; those without a project are left out."""
    now: int | None
    is_computed: bool = False
    """Whether `now` is new and continued together: not every table prints the sum."""


def balance_steps(table: Mapping[str, Any] | None) -> list[Step]:
    """The balance as steps, policy by policy."""
    if table is None:
        return []
    steps = []
    for number, _name, url, cells in table["rows"]:
        counts = {
            item: cell.count
            for (item, _, _), cell in zip(table["items"], cells, strict=True)
            if cell is not None
        }
        names = {item: name for item, name, _ in table["items"]}
        now, is_computed = current_of(counts)
        steps.append(
            Step(
                number,
                url,
                counts.get(SP["item-previous"]),
                counts.get(SP["item-new-or-added"]),
                tuple(
                    (count, names[item])
                    for item, count in counts.items()
                    if item in ENDED and count
                ),
                now,
                is_computed,
            )
        )
    return steps


def current_of(counts: Mapping[URIRef, int | None]) -> tuple[int | None, bool]:
    """The projects of the year by the counts of a row, and whether they had to be computed."""
    if SP["item-current"] in counts:
        return counts[SP["item-current"]], False
    new, continued = (counts.get(SP[f"item-{name}"]) for name in ("new-or-added", "continued"))
    return (None, False) if new is None or continued is None else (new + continued, True)


def checks_of(
    subject: Subject,
    figures: Mapping[str, int],
    goals: list[tuple[int, Cell]],
    tables: Facts,
    changes: int,
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
        "projects_line": first_line(facts, plan, SP.projectCountLine, SP.projectCountSheet),
        "projects_read": figures["projects"],
        "links": facts.number(plan, SP.publishedLinkCount),
        "links_line": first_line(facts, plan, SP.linkCountLine, SP.linkCountSheet),
        "icons": figures["icons"] if not figures["unknown"] else None,
        "goals": sum(cell.count or 0 for _, cell in goals) if goals else None,
        "reviewed": sum(count or 0 for count in reviewed) if reviewed else None,
        "changes": changes,
    }


Counts = Mapping[tuple[Node, Node], int]
"""How many projects have the policy or goal (first) as value of the property (second)."""


def compared_policies(facts: Facts, counts: Counts, plan: URIRef, language: str) -> list[Compared]:
    """Per policy: the cell of the current year, and the projects that are listed under it."""
    cells = {
        facts.iri(observation, SP.dimPolicy): cell_of(facts, observation)
        for observation in facts.subjects(SP.BalanceObservation)
        if facts.iri(observation, SP.dimItem) == SP["item-current"]
        and facts.iri(observation, SP.dimPlan) == plan
    }
    listed = {value for value, term in counts if term == SP.policy}
    return [
        Compared(
            str(facts.first(policy, SKOS.notation) or str(policy).rpartition("/")[2]),
            facts.name(policy, language),
            href(str(policy)),
            cells.get(policy),
            counts.get((policy, SP.policy), 0),
        )
        for policy in sorted({p for p in (*cells, *listed) if isinstance(p, URIRef)}, key=natural)
    ]


def compared_goals(
    facts: Facts, counts: Counts, language: str, *, is_complete: bool
) -> list[Compared]:
    """Per goal: the published count, and the projects linked to it, stated or by a person.

    None where the plan links no project to any goal: then it is not known which they are.
    """
    names = goal_names(facts, language)
    is_linked = any(term == SP.sdgGoal for _, term in counts)
    return [
        Compared(
            str(number),
            names.get(number),
            cell.url,
            cell,
            counts.get((goal_iri(number), SP.sdgGoal), 0) if is_linked else None,
            is_partial=not is_complete,
        )
        for number, cell in goal_cells(facts)
    ]
