"""The project table: one record per row, continuation rows included."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kg.codes import Headings
from kg.errors import Problems, quoted
from kg.extract.achievements import AchievementsReader
from kg.extract.budgets import BudgetsReader
from kg.extract.cells import (
    delivery_notes,
    lost_icons,
    parse_number,
    parse_status,
    split_account,
    without_tags,
)
from kg.extract.indicators import IndicatorsReader
from kg.extract.layout import MARK_TOTAL, Layout
from kg.extract.matrix import GoalMatrix
from kg.extract.policies import PoliciesReader
from kg.extract.policy_goals import PolicyGoals, merged_goals
from kg.extract.rows import Row, TextLine
from kg.extract.stated import StatedLinks, has_icons
from kg.extract.targets import parse_target, split_targets
from kg.extract.units import UnitsReader
from kg.measures import Achievement
from kg.plan_settings import PlanSettings
from kg.records import Project, Status
from kg.text import clean, folded, name_key, short_hash

_WORD = re.compile(r"\w")

MOST_TARGETS = 100
"""○ lines of one project that are read; more are not believed."""

LONGEST_NAME = 150
"""Characters of the longest project name that is believed; longer ones are texts out of place."""


@dataclass
class _Open:
    """A project whose continuation rows may still follow."""

    row: Row
    layout: Layout
    policy: str | None
    text: str
    icons: int | None
    links: StatedLinks
    lines: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


class ProjectsReader:
    """Reads the project tables of one document; problems go to the shared list.

    `said` is what the reader decided by itself; `matrix` has the totals of tables with a column
    for each goal.
    """

    def __init__(self, headings: Headings, settings: PlanSettings, problems: Problems) -> None:
        self.settings = settings
        self.problems = problems
        self.said: list[str] = []
        self.policies = PoliciesReader(headings, problems)
        self.budgets = BudgetsReader(headings, settings, problems)
        self.indicators = IndicatorsReader(settings, problems)
        self.achievements = AchievementsReader(settings, problems)
        self.achieved: list[Achievement] = []
        self.units = UnitsReader(settings, problems)
        self.matrix = GoalMatrix(headings, settings.marks, problems, self.said)
        self.policy_goals = PolicyGoals(self.policies, self.matrix, problems, self.said)
        self._open: _Open | None = None
        self._merged: Mapping[Row, bool] = {}
        self._projects: list[Project] = []
        self._first_numbered: dict[int, Row] = {}
        self._first_named: dict[tuple[str, str], Row] = {}

    def read(self, blocks: Iterable[Layout | TextLine]) -> tuple[Project, ...]:
        """The projects of the tables in document order; their policies are in
        `self.policies`."""
        for block in blocks:
            if isinstance(block, TextLine):
                if self.policies.line(block):
                    self._close()
                    self.units.begin()
                continue
            if self._open and self._open.row.origin.sheet != block.table.origin.sheet:
                self._close()  # no row continues one of another sheet
                self.units.begin()
            if block.goal_columns:
                goals = {column.goal for column in block.goal_columns}
                self.matrix.tell_absent(goals, block.table.origin)
            self._merged = merged_goals(block)
            for row in block.rows:
                self._row(block, row)
        self._close()
        self.achievements.finish()
        return tuple(self._projects)

    # --- rows ----------------------------------------------------------------------------

    def _row(self, layout: Layout, row: Row) -> None:
        if row.inherited.issuperset((*layout.indexes("number"), *layout.indexes("name"))):
            # number and name are merged with those above: it is one project of several rows
            cells = ("" if n in row.inherited else cell for n, cell in enumerate(row.cells))
            row = Row(tuple(cells), row.origin, icons=row.icons)
        if self.budgets.is_total(layout, row, self.policies.current):
            self._close()
            return
        filled = [cell for cell in row.cells if folded(cell)]
        if self._is_heading(layout, row) and self.policies.heading(filled[0], row.origin):
            self._close()
            self.units.begin()
            if len(filled) > 1 and self.policies.current:
                # goals in the row of a heading are stated for the policy alone
                self.policy_goals.take(layout, row, self.policies.current)
            return
        if len(filled) == 1 and parse_number(filled[0]) is None and not self._is_text(layout, row):
            self.problems.add("policy-heading", row.origin, found=quoted(clean(filled[0])))
            return
        if self.matrix.is_total(layout.goal_columns, row):
            self._close()
            self.matrix.total(layout.goal_columns, row)
            return
        named = any(folded(layout.cell(row, name)) for name in ("number", "name", "unit"))
        if named:
            self._start(layout, row)
        elif filled or any(has_icons(row, n) for n in layout.places_of_goals):
            self._continue(layout, row)

    @staticmethod
    def _is_heading(layout: Layout, row: Row) -> bool:
        """Whether a row has one cell alone, and goals beside it at most."""
        goals = {*layout.indexes("goals"), *(column.index for column in layout.goal_columns)}
        filled = [n for n, cell in enumerate(row.cells) if folded(cell)]
        if len(filled) == 1:
            return True  # a heading stands in the first column, whatever that is of
        return bool(filled) and filled[0] not in goals and goals.issuperset(filled[1:])

    @staticmethod
    def _is_text(layout: Layout, row: Row) -> bool:
        """Whether the row's only cell is a plan text or a goal: it continues the row above."""
        return not any(folded(layout.cell(row, name)) for name in ("number", "name", "unit"))

    def _start(self, layout: Layout, row: Row) -> None:
        self._close()
        policy = self.policies.current
        if layout.indexes("policy"):
            printed, heading = layout.cell(row, "policy"), layout.heading("policy")
            policy = self.policies.of_cell(printed, row.origin, heading)
        links = StatedLinks(self.problems, self.said)
        self._open = _Open(row, layout, policy, layout.cell(row, "text"), None, links, rows=[row])
        self._add_goals(layout, row)
        self._unnamed_cells(layout, row)

    def _continue(self, layout: Layout, row: Row) -> None:
        if self._open is None:
            self.problems.add(
                "continuation", row.origin, found=quoted(" | ".join(map(clean, row.cells)))
            )
            return
        text = layout.cell(row, "text")
        if folded(text):
            self._open.text = f"{self._open.text} {text}"
        self._open.rows.append(row)
        self._add_goals(layout, row)
        self._unnamed_cells(layout, row)

    # --- goals ---------------------------------------------------------------------------

    def _add_goals(self, layout: Layout, row: Row) -> None:
        assert self._open is not None
        before = (self._open.icons, self._open.links.links)
        links = self._links_of(layout, row)
        is_count = self.settings["document.icons"] == "count"
        for index in layout.places_of_goals:
            cell = row.cells[index]
            shown = [icon for icon in row.icons if icon.column == index]
            counted = links.icons(shown, row.origin, layout.heading("goals"), is_count)
            if counted and links is self._open.links:
                self._open.icons = (self._open.icons or 0) + counted
            icons = lost_icons(cell)
            if folded(cell):
                links.words(cell, row.origin, layout.heading("goals"))
                self._open.icons = self._open.icons or 0
            elif icons is None:
                self.problems.add(
                    "icon-blanks", row.origin, found=ascii(cell), column=layout.heading("goals")
                )
            elif self.settings["document.icons"] == "spaces":
                self._open.icons = (self._open.icons or 0) + icons
        if layout.goal_columns:
            # an empty row of a matrix says that there is no goal, not that it is unknown
            self._open.icons = self._open.icons or 0
            self.matrix.read(layout.goal_columns, row, links, layout.cell(row, MARK_TOTAL))
        first = not self._open.lines
        if first or (self._open.icons, self._open.links.links) != before or not row.is_blank:
            self._open.lines.append(row.line)

    def _links_of(self, layout: Layout, row: Row) -> StatedLinks:
        """What the goals of a row are stated of: its project, or its policy alone."""
        assert self._open is not None
        if row not in self._merged or self.settings["document.merged_goals"] == "each":
            return self._open.links
        if self.settings["document.merged_goals"] is None and self._merged[row]:
            index = next(iter((*layout.indexes("goals"), *(c.index for c in layout.goal_columns))))
            found = quoted(clean(row.cells[index]))
            self.problems.add("goals-merged", row.origin, found=found)
        return self.policy_goals.of(self._open.policy or "")

    def _unnamed_cells(self, layout: Layout, row: Row) -> None:
        if layout.indexes("goals"):
            return
        for column in layout.columns:
            if column.field is None and not column.heading and folded(row.cells[column.index]):
                self.problems.add(
                    "unnamed-column", row.origin, found=quoted(clean(row.cells[column.index]))
                )

    # --- the record ----------------------------------------------------------------------

    def _close(self) -> None:
        if self._open is None:
            return
        project, self._open = self._open, None
        layout, row = project.layout, project.row
        number = self._number(layout, row)
        printed_name = without_tags(layout.cell(row, "name"))
        name, account = split_account(printed_name)
        units = self.units.read(layout, row, name)
        prose, lines = split_targets(without_tags(project.text))
        text = without_tags(project.text)
        for column, value in (("name", name), ("unit", units.lead), ("text", text)):
            if not value and layout.indexes(column):
                self._empty(layout, row, column, number)
        self._check_named_once(row, name, units.printed)
        if project.policy is None:
            self.problems.add("no-policy", row.origin, number=number or "?")
        if len(lines) > MOST_TARGETS:
            self.problems.add(
                "too-many-targets", row.origin, found=str(len(lines)), limit=MOST_TARGETS
            )
            lines = lines[:MOST_TARGETS]
        if name and (len(name) > LONGEST_NAME or "。" in name or not _WORD.search(name)):
            self.problems.add(
                "name-form", row.origin, found=quoted(name), column=layout.heading("name")
            )
        targets = tuple(parse_target(n, line) for n, line in enumerate(lines, 1))
        icons, links = project.icons, project.links.links
        if links:
            # goals named in words were icons or marks as well, beside those that were lost
            icons = (icons or 0) + len(links)
        key = self._key(number, row)
        achievement = self.achievements.of_rows(layout, project.rows, key)
        self.achieved += [achievement] if achievement else []
        self._projects.append(
            Project(
                key,
                number,
                name or None,
                printed_name,
                project.policy,
                units.unit,
                units.printed,
                self._status(layout, row),
                text or None,
                delivery_notes(prose)
                + tuple(
                    n
                    for line in lines
                    for n in delivery_notes(line)
                    if parse_target(1, line).kind == "remark"
                ),
                account,
                icons,
                links,
                targets,
                tuple(project.lines),
                row.origin,
                self.budgets.of_rows(layout, project.rows),
                self.indicators.of_rows(layout, project.rows),
                units.partners,
                units.printed_partners,
            )
        )

    def _number(self, layout: Layout, row: Row) -> int | None:
        text = layout.cell(row, "number")
        number = parse_number(text)
        if number is None or number < 1:
            self.problems.add(
                "project-number" if folded(text) else "number-missing",
                row.origin,
                found=quoted(clean(text)),
                column=layout.heading("number"),
            )
            return None
        return number

    def _key(self, number: int | None, row: Row) -> str:
        place = f"line-{row.line}"
        if row.origin.sheet is not None:
            place = f"{short_hash(row.origin.sheet)}-{place}"
        if number is None:
            return place
        first = self._first_numbered.setdefault(number, row)
        if first is row:
            return str(number)
        self.problems.add("number-twice", row.origin, number=number, first=first.origin.where)
        return f"{number}-{place}"

    def _check_named_once(self, row: Row, name: str, unit: str) -> None:
        if not name or not unit:
            return
        first = self._first_named.setdefault((name_key(name), name_key(unit)), row)
        if first is not row:
            self.problems.add(
                "project-twice",
                row.origin,
                found=quoted(unit),
                name=quoted(name),
                first=first.origin.where,
            )

    def _status(self, layout: Layout, row: Row) -> Status:
        text = layout.cell(row, "flag")
        status = parse_status(text)
        if status not in (Status.NEW, Status.ADDED, Status.NEW_OR_ADDED, Status.CONTINUED):
            self.problems.add(
                "unknown-flag", row.origin, column=layout.heading("flag"), text=quoted(clean(text))
            )
            return Status.CONTINUED
        return status

    def _empty(self, layout: Layout, row: Row, column: str, number: int | None) -> None:
        if column in self.settings["document.may_be_empty"]:
            return
        self.problems.add(
            "empty-text" if column == "text" else "empty-cell",
            row.origin,
            column=layout.heading(column),
            number=number or "?",
            field=column,
        )
