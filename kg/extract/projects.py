"""The project table: one record per row, continuation rows included."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from kg.codes import Headings
from kg.errors import Problems, quoted
from kg.extract.cells import (
    delivery_notes,
    looks_like_unit,
    lost_icons,
    parse_number,
    parse_status,
    parse_unit,
    split_account,
    without_tags,
)
from kg.extract.layout import Layout
from kg.extract.policies import PoliciesReader
from kg.extract.rows import Icon, Row, TextLine
from kg.extract.targets import parse_target, split_targets
from kg.goals import goals_of
from kg.plan_settings import PlanSettings
from kg.records import Basis, GoalLink, Project, Status
from kg.text import clean, folded, name_key, short_hash

_WORD = re.compile(r"\w")

MOST_TARGETS = 100
"""○ lines of one project that are read; more are not believed."""

LONGEST_NAME = 150
"""Characters of the longest project name that is believed; longer ones are texts out of place."""

LONGEST_UNIT = 60
"""Characters of the longest unit path that is believed; longer ones are texts out of place."""


@dataclass
class _Open:
    """A project whose continuation rows may still follow."""

    row: Row
    layout: Layout
    policy: str | None
    text: str
    icons: int | None
    links: list[GoalLink] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


class ProjectsReader:
    """Reads the project tables of one document; problems go to the shared list."""

    def __init__(self, headings: Headings, settings: PlanSettings, problems: Problems) -> None:
        self.settings = settings
        self.problems = problems
        self.policies = PoliciesReader(headings, problems)
        self._open: _Open | None = None
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
                continue
            if self._open and self._open.row.origin.sheet != block.table.origin.sheet:
                self._close()  # no row continues one of another sheet
            for row in block.rows:
                self._row(block, row)
        self._close()
        return tuple(self._projects)

    # --- rows ----------------------------------------------------------------------------

    def _row(self, layout: Layout, row: Row) -> None:
        if row.inherited.issuperset((*layout.indexes("number"), *layout.indexes("name"))):
            # number and name are merged with those above: it is one project of several rows
            cells = ("" if n in row.inherited else cell for n, cell in enumerate(row.cells))
            row = Row(tuple(cells), row.origin, icons=row.icons)
        filled = [cell for cell in row.cells if folded(cell)]
        if len(filled) == 1 and self.policies.heading(filled[0], row.origin):
            self._close()
            return
        if len(filled) == 1 and parse_number(filled[0]) is None and not self._is_text(layout, row):
            self.problems.add("policy-heading", row.origin, found=quoted(clean(filled[0])))
            return
        named = any(folded(layout.cell(row, name)) for name in ("number", "name", "unit"))
        if named:
            self._start(layout, row)
        elif filled or any(self._has_icons(row, n) for n in self._goal_columns(layout)):
            self._continue(layout, row)

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
        self._open = _Open(row, layout, policy, layout.cell(row, "text"), None)
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
        self._add_goals(layout, row)
        self._unnamed_cells(layout, row)

    # --- goals ---------------------------------------------------------------------------

    def _goal_columns(self, layout: Layout) -> tuple[int, ...]:
        # columns without a heading are the rest of the merged SDGs cell
        blank = tuple(c.index for c in layout.columns if c.field is None and not c.heading)
        return (*layout.indexes("goals"), *blank) if layout.indexes("goals") else ()

    def _add_goals(self, layout: Layout, row: Row) -> None:
        assert self._open is not None
        before = (self._open.icons, len(self._open.links))
        for index in self._goal_columns(layout):
            cell = row.cells[index]
            self._shown(row, [icon for icon in row.icons if icon.column == index], layout)
            icons = lost_icons(cell)
            if folded(cell):
                self._stated(row, cell, layout.heading("goals"))
            elif icons is None:
                self.problems.add(
                    "icon-blanks", row.origin, found=ascii(cell), column=layout.heading("goals")
                )
            elif self.settings["document.icons"] == "spaces":
                self._open.icons = (self._open.icons or 0) + icons
        first = not self._open.lines
        if first or (self._open.icons, len(self._open.links)) != before or not row.is_blank:
            self._open.lines.append(row.line)

    @staticmethod
    def _has_icons(row: Row, column: int) -> bool:
        shown = any(icon.column == column for icon in row.icons)
        return shown or bool(lost_icons(row.cells[column]))

    def _shown(self, row: Row, icons: list[Icon], layout: Layout) -> None:
        """The goals of pictures, read from their colours; counted only if plan.toml says so."""
        assert self._open is not None
        is_count = self.settings["document.icons"] == "count"
        unknown = [icon for icon in icons if icon.goal is None]
        if is_count:
            unknown = [icon for icon in icons if icon.may_be_several]
            self._open.icons = (self._open.icons or 0) + len(icons)
        if unknown:
            shown = "; ".join(f"{icon.colour or 'no colour'}, {icon.why}" for icon in unknown)
            self.problems.add(
                "icon-unknown",
                row.origin,
                found=shown,
                column=layout.heading("goals"),
                unknown=len(unknown),
                all=len(icons),
            )
        for icon in () if is_count else icons:
            if icon.goal and icon.goal not in {link.goal for link in self._open.links}:
                evidence = f"アイコンの色 {icon.colour}"
                link = GoalLink(icon.goal, Basis.STATED, evidence, row.origin, colour=icon.colour)
                self._open.links.append(link)

    def _stated(self, row: Row, cell: str, heading: str) -> None:
        assert self._open is not None
        for goal, words in goals_of(cell):
            if goal is None:
                self.problems.add(
                    "unknown-goal", row.origin, column=heading, text=quoted(clean(words))
                )
            elif goal not in {link.goal for link in self._open.links}:
                self._open.links.append(GoalLink(goal, Basis.STATED, clean(words), row.origin))

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
        printed_unit = without_tags(layout.cell(row, "unit"))
        prose, lines = split_targets(without_tags(project.text))
        text = without_tags(project.text)
        for column, value in (("name", name), ("unit", printed_unit), ("text", text)):
            if not value and layout.indexes(column):
                self._empty(layout, row, column, number)
        if len(printed_unit) > LONGEST_UNIT or not looks_like_unit(printed_unit, name):
            self.problems.add(
                "unit-form", row.origin, found=quoted(printed_unit), column=layout.heading("unit")
            )
        self._check_named_once(row, name, printed_unit)
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
        icons = project.icons
        if project.links:
            # goals named in words were icons or marks as well, beside those that were lost
            icons = (icons or 0) + len(project.links)
        key = self._key(number, row)
        self._projects.append(
            Project(
                key,
                number,
                name or None,
                printed_name,
                project.policy,
                parse_unit(printed_unit),
                printed_unit,
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
                tuple(project.links),
                targets,
                tuple(project.lines),
                row.origin,
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
