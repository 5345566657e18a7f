"""What a plan states, typed and checked: frozen values, each with its origin.

A record holds what the document says (`printed_…`) beside what was read from it. Nothing
here knows RDF; `kg/mapping/` turns records into triples. In a plan that has problems a
field may be None where the document gave nothing readable; such a plan is never published.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kg.measures import Achievement, Budget, BudgetTotal, Indicator, Report
from kg.origin import Origin


class Status(StrEnum):
    """Listing and review status; the value is the term's name after `status-`."""

    NEW = "new"
    ADDED = "added"
    NEW_OR_ADDED = "new-or-added"
    CONTINUED = "continued"
    COMPLETED = "completed"
    ABOLISHED = "abolished"
    COMPLETED_OR_ABOLISHED = "completed-or-abolished"
    ROUTINE = "routine"
    MERGED = "merged"


class Item(StrEnum):
    """A column of the balance table; the value is the term's name after `item-`."""

    CURRENT = "current"
    NEW_OR_ADDED = "new-or-added"
    CONTINUED = "continued"
    PREVIOUS = "previous"
    COMPLETED_OR_ABOLISHED = "completed-or-abolished"
    ROUTINE = "routine"
    MERGED = "merged"


class TargetKind(StrEnum):
    """What a ○ line is; the value is the term's name after `target-`."""

    NUMERIC = "numeric"
    ESTIMATE = "estimate"
    ACTIVITY = "activity"
    REMARK = "remark"


class Basis(StrEnum):
    """Who says that a project serves a goal; the value is the term's name after `basis-`."""

    STATED = "stated"
    CURATED = "curated"
    INFERRED = "inferred"
    COUNT_ONLY = "count-only"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class OrganizationalUnit:
    """A unit by its path of names from the top unit down, as in ("市民部", "市民課")."""

    path: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def parent(self) -> OrganizationalUnit | None:
        """The unit above; None for a top unit, which belongs to the municipality itself."""
        return OrganizationalUnit(self.path[:-1]) if len(self.path) > 1 else None

    @property
    def lineage(self) -> tuple[OrganizationalUnit, ...]:
        """The unit and every unit above it, the top one first."""
        return tuple(OrganizationalUnit(self.path[: n + 1]) for n in range(len(self.path)))


@dataclass(frozen=True, slots=True)
class Target:
    """One ○ line: the text as printed and, where it ends in a number, its parts.

    `value` is in `unit` as printed (件, 回 …); `due_year` is a fiscal year the line names.
    """

    order: int
    text: str
    kind: TargetKind
    label: str | None = None
    value: Decimal | None = None
    unit: str | None = None
    due_year: int | None = None


@dataclass(frozen=True, slots=True)
class GoalLink:
    """A project serves a goal, because the document states it or a person decided it.

    `targets` are codes of UN targets that the document names, such as "11.2"; `mark` is the mark
    printed in the goal's column, as ◎; `more_evidence` are other words that name the goal too.
    `colour` is that of the icon from which it was read, None if it was read from a text.
    """

    goal: int
    basis: Basis
    evidence: str
    origin: Origin
    agent: str | None = None
    decided_on: date | None = None
    targets: tuple[str, ...] = ()
    mark: str | None = None
    more_evidence: tuple[str, ...] = ()
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """A basic policy (基本施策): printed number and name.

    `stated_links` are goals that the document states for the policy, none of its projects.
    """

    number: str
    name: str
    origin: Origin
    stated_links: tuple[GoalLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    """One row of the project table and its continuation rows.

    `key` ends the IRI: the number, or in a plan with problems something else unique.
    `icon_count` is None where the document's icons left no trace. `lines` are all source
    lines, first the row itself. `partners` are the units that stand beside the responsible one;
    `printed_partners` is their cell, empty where they share that of the responsible unit.
    """

    key: str
    number: int | None
    name: str | None
    printed_name: str
    policy: str | None
    unit: OrganizationalUnit | None
    printed_unit: str
    status: Status
    description: str | None
    delivery_notes: tuple[str, ...]
    account: str | None
    icon_count: int | None
    stated_links: tuple[GoalLink, ...]
    targets: tuple[Target, ...]
    lines: tuple[int, ...]
    origin: Origin
    budgets: tuple[Budget, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    partners: tuple[OrganizationalUnit, ...] = ()
    printed_partners: str = ""


@dataclass(frozen=True, slots=True)
class GoalCount:
    """The published number of projects of one goal."""

    goal: int
    count: int
    cell_text: str
    printed_label: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Balance:
    """A cell of the balance table; `policy` is None in the total row.

    `count` is never negative: △ 1 under an ended item is 1 project (docs/decisions/0005, 2).
    """

    policy: str | None
    item: Item
    count: int
    cell_text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the review lists: a project that is new, added or no longer listed.

    `listed` is the key of the project of that name in the same plan, where it is new or added.
    """

    order: int
    kind: Status
    name: str
    printed_name: str
    policy: str
    unit: OrganizationalUnit | None
    printed_unit: str
    origin: Origin
    listed: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A ※ note of the document."""

    order: int
    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Count:
    """A published total and where it stands."""

    count: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Merger:
    """A person's decision where a merged project went: change entry and project number."""

    change: int
    project: str
    evidence: str
    agent: str
    decided_on: date
    origin: Origin


@dataclass(frozen=True, slots=True)
class UnitAuthority:
    """A person's decision which executive body a top unit belongs to."""

    unit: OrganizationalUnit
    authority: str
    evidence: str
    agent: str
    decided_on: date
    origin: Origin


@dataclass(frozen=True, slots=True)
class Rejection:
    """A person's decision that a project does not serve a goal; `project` is its key."""

    project: str
    goal: int
    evidence: str
    agent: str
    decided_on: date
    origin: Origin


@dataclass(frozen=True, slots=True)
class Curation:
    """What people decided about a plan (links.csv and facts.csv); empty until they do.

    `links` are (project key, goal link) pairs.
    """

    links: tuple[tuple[str, GoalLink], ...] = ()
    mergers: tuple[Merger, ...] = ()
    authorities: tuple[UnitAuthority, ...] = ()
    complete: bool = False
    rejections: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one document states, in document order.

    `shifted_balance` says that the heads of the balance table were read one column further to
    the right than they are printed (see kg/extract/totals.py).
    """

    document: str
    sha256: str
    line_count: int
    policies: tuple[Policy, ...]
    projects: tuple[Project, ...]
    goal_counts: tuple[GoalCount, ...]
    balances: tuple[Balance, ...]
    changes: tuple[Change, ...]
    notes: tuple[Note, ...]
    project_count: Count | None
    link_count: Count | None
    shifted_balance: bool = False
    budget_totals: tuple[BudgetTotal, ...] = ()
    achievements: tuple[Achievement, ...] = ()
    report: Report | None = None

    @property
    def units(self) -> tuple[OrganizationalUnit, ...]:
        """Every unit named by a project or a change and every unit above, in document order."""
        of_projects = [unit for p in self.projects for unit in (p.unit, *p.partners)]
        named = of_projects + [c.unit for c in self.changes]
        return tuple(dict.fromkeys(node for unit in named if unit for node in unit.lineage))
