"""Which table is which, and which column means what: by headings, never by position.

Headings are compared folded, without a year in them (`事業計画（2021）`, `2021 年度事業数`);
the year is kept, so that it can be held against the plan's fiscal year.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from kg.codes import Headings
from kg.errors import Problems, quoted
from kg.extract.matrix import (
    GoalColumn,
    field_goal,
    goal_columns,
    lists_goals,
    with_one_header,
)
from kg.extract.measure_headings import measured
from kg.extract.money import unit_named
from kg.extract.rows import Row, Table
from kg.text import clean, name_key

# a bare number of four digits may be a count, so a year needs 年 or brackets around it
_ERA = r"(令和|平成|r|h)(\d{1,2}|元|[一二三四五六七八九十]{1,3})"
_YEAR = re.compile(rf"\(?(?:{_ERA}年度?|(\d{{4}})年度?)\)?|\((\d{{4}})\)|\({_ERA}\)")
_END = r"(?:令和|平成|[rh])?(?:元|\d{1,4})(?:年度?)?(?:\(\d{4}(?:年度?)?\))?"
_SPAN = re.compile(rf"{_END}(?:[~\-‐–—―〜～]|から){_END}")
_KANJI = {character: n for n, character in enumerate("一二三四五六七八九", 1)}
_ERA_START = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988}


class TableKind(StrEnum):
    """The kinds of tables a plan has; the value is the name in headings.csv."""

    PROJECT = "project"
    CHANGE = "change"
    GOALS = "goals"
    BALANCE = "balance"
    POLICY_GOALS = "policy-goals"
    GOAL_PROJECTS = "goal-projects"


REQUIRED = {
    TableKind.PROJECT: ("number", "name", "unit"),
    TableKind.CHANGE: ("policy", "name", "unit"),
    TableKind.GOALS: ("goal", "count"),
    TableKind.BALANCE: ("year-count",),
    TableKind.POLICY_GOALS: ("policy", "goals"),
    TableKind.GOAL_PROJECTS: ("goal", "projects"),
}


BY_HEADINGS = (
    TableKind.PROJECT,
    TableKind.CHANGE,
    TableKind.GOALS,
    TableKind.POLICY_GOALS,
    TableKind.GOAL_PROJECTS,
)
"""Tables that are known by their headings alone; of kinds that fit alike the first counts."""

MARK_TOTAL = "mark-total"
"""The field of a column 計 beside columns of goals: how many marks the row has."""

WITH_GOALS = (TableKind.PROJECT, TableKind.POLICY_GOALS)
"""Tables that may have a column for each goal."""


def fiscal_year_of(text: str) -> int | None:
    """The fiscal year that a text names first: "2021年度", "（2021）", "令和3年度"."""
    match = _YEAR.search(name_key(text))
    return None if match is None else _year_of(match)


def single_years_of(text: str) -> frozenset[int]:
    """Every fiscal year that a text names for itself; both ends of a span are left out."""
    return frozenset(map(_year_of, _YEAR.finditer(_SPAN.sub(" ", name_key(text)))))


def _year_of(match: re.Match[str]) -> int:
    if match[3] or match[4]:
        return int(match[3] or match[4])
    return _ERA_START[match[1] or match[5]] + _era_year(match[2] or match[6])


def _era_year(text: str) -> int:
    if text == "元":
        return 1
    if text.isdecimal():
        return int(text)
    tens, ten, units = text.rpartition("十")
    return (_KANJI.get(tens, 1) * 10 if ten else 0) + _KANJI.get(units, 0)


def without_year(text: str) -> str:
    """The folded text with its first year taken out."""
    return _YEAR.sub("", name_key(text), count=1)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its place, the field it means (None if unknown or blank), its heading, year.

    A measured column (budgets, values of indicators) may have a unit, and a `relative` year: the
    distance from the plan's, as in 前年度.
    """

    index: int
    field: str | None
    heading: str
    year: int | None
    unit: str = ""
    relative: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """A table whose columns are understood; `rows` are without further header rows."""

    kind: TableKind
    table: Table
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def indexes(self, field: str) -> tuple[int, ...]:
        """The columns that mean a field, from left to right."""
        return tuple(column.index for column in self.columns if column.field == field)

    @property
    def goal_columns(self) -> tuple[GoalColumn, ...]:
        """The columns that stand for one goal each, from left to right."""
        named = ((column, field_goal(column.field)) for column in self.columns)
        return tuple(GoalColumn(c.index, goal, c.heading) for c, goal in named if goal)

    @property
    def places_of_goals(self) -> tuple[int, ...]:
        """The columns in which goals are stated in words or shown as icons."""
        named = self.indexes("goals")
        # columns without a heading are the rest of the merged SDGs cell
        blank = tuple(c.index for c in self.columns if c.field is None and not c.heading)
        return (*named, *blank) if named else ()

    def heading(self, field: str) -> str:
        """The heading of a field as printed, for messages."""
        return next((c.heading for c in self.columns if c.field == field), field)

    def cell(self, row: Row, field: str) -> str:
        """The row's cell of a field as printed; empty where the table has no such column."""
        return next((row.cells[index] for index in self.indexes(field)), "")


class Layouts:
    """Recognises tables; collects a problem for each that it does not know."""

    def __init__(
        self, headings: Headings, ignored_tables: Iterable[str], ignored_columns: Iterable[str]
    ) -> None:
        self.headings = headings
        self.ignored_tables = {name_key(text) for text in ignored_tables}
        self.ignored_columns = {without_year(text) for text in ignored_columns}
        self.problems = Problems()

    def recognise(self, tables: Iterable[Table]) -> list[Layout]:
        """The layouts of the tables that are part of the plan, in document order."""
        found: list[Layout] = []
        for table in tables:
            if name_key(table.header.cells[0]) in self.ignored_tables - {""}:
                continue
            layout = self._layout(table)
            if layout is not None:
                found.append(layout)
        return self._without_copies(found)

    def _layout(self, table: Table) -> Layout | None:
        balance = self._balance(table)
        if balance is not None:
            return balance
        merged, above = self._with_one_header(table)
        best, missing = self._best(merged, above)
        if missing:
            self._unknown_table(table, best, missing)
            return None
        layout = self.columns_of(best, merged, above)
        self._goals_twice(table, layout.columns)
        self._unknown_columns(table, best, layout.columns)
        return replace(layout, table=table)

    def columns_of(self, kind: TableKind, table: Table, above: tuple[str, ...] = ()) -> Layout:
        """The table as one of a kind, whatever its columns lack; header rows are left out.

        `above` is a row of headings above that of the table.
        """
        known, header = self.headings.of(kind), table.header.cells
        goals = {}
        if kind in WITH_GOALS:
            goals = {n: f"goal-{goal}" for n, goal in goal_columns(header, above).items()}
        totals = self.headings.words(TableKind.BALANCE, "total-row") if goals else ()
        goals |= {n: MARK_TOTAL for n, cell in enumerate(header) if without_year(cell) in totals}
        columns = tuple(self._column(n, cell, known, goals.get(n)) for n, cell in enumerate(header))
        head = [name_key(cell) for cell in header]
        rows = tuple(row for row in table.rows if [name_key(c) for c in row.cells] != head)
        return Layout(kind, table, columns, rows)

    def _column(self, index: int, cell: str, known: Mapping[str, str], goal: str | None) -> Column:
        field, year = known.get(without_year(cell)) or goal, fiscal_year_of(cell)
        found = None if goal else measured(cell, known)
        if found is None:
            return Column(index, field, clean(cell), year)
        if {without_year(cell), name_key(cell)} & self.ignored_columns:
            return Column(index, None, clean(cell), year)
        return Column(index, found.field, clean(cell), found.year, found.unit, found.relative)

    def _best(self, table: Table, above: tuple[str, ...]) -> tuple[TableKind, list[str]]:
        """The kind of table that the headings fit best, and the fields that it lacks."""
        fields = {kind: self._fields(kind, table, above) for kind in BY_HEADINGS}

        def score(kind: TableKind) -> tuple[bool, int, int]:
            required = set(REQUIRED[kind])
            return required <= fields[kind], len(fields[kind] & required), len(fields[kind])

        best = max(BY_HEADINGS, key=score)
        return best, [field for field in REQUIRED[best] if field not in fields[best]]

    def _fields(self, kind: TableKind, table: Table, above: tuple[str, ...]) -> set[str]:
        known, header = self.headings.of(kind), table.header.cells
        keys = [without_year(cell) for cell in header]
        fields = {known[key] for key in keys if key in known}
        if kind in WITH_GOALS and goal_columns(header, above):
            fields.add("goals")
        if kind is TableKind.GOAL_PROJECTS and "goal" in fields:
            place = next(n for n, key in enumerate(keys) if known.get(key) == "goal")
            if not lists_goals([row.cells[place] for row in table.rows]):
                return set()
        return fields

    def _with_one_header(self, table: Table) -> tuple[Table, tuple[str, ...]]:
        """Two rows of headings as one, where that gives a table with a column for each goal."""
        merged, above = with_one_header(table, self.headings)
        kind, missing = self._best(merged, above)
        return (merged, above) if above and not missing and kind in WITH_GOALS else (table, ())

    def _balance(self, table: Table) -> Layout | None:
        known = self.headings.of(TableKind.BALANCE)
        head = table.header.cells
        rows = table.rows
        sub: tuple[str, ...] = ("",) * len(head)
        if (
            rows
            and not rows[0].is_blank
            and all(not name_key(cell) or without_year(cell) in known for cell in rows[0].cells)
        ):
            sub, rows = rows[0].cells, rows[1:]
        columns = []
        for n, (above, below) in enumerate(zip(head, sub, strict=True)):
            heading = below if name_key(below) else above
            columns.append(
                Column(n, known.get(without_year(heading)), clean(heading), fiscal_year_of(heading))
            )
        years = {fiscal_year_of(c) for c in head if known.get(without_year(c)) == "year-count"}
        if not years - {None}:
            return None
        if not any(column.field not in (None, "year-count", "review") for column in columns):
            return None
        return Layout(TableKind.BALANCE, table, tuple(columns), rows)

    def _unknown_table(self, table: Table, kind: TableKind, missing: list[str]) -> None:
        wanted = "; ".join(
            f"{field} ({', '.join(self.headings.words(kind, field)[:4])})" for field in missing
        )
        shown = ", ".join(quoted(clean(cell)) for cell in table.header.cells)
        self.problems.add(
            "unknown-table",
            table.origin,
            found=shown,
            kind=kind.value,
            missing=wanted,
            field=missing[0],
        )

    def _goals_twice(self, table: Table, columns: tuple[Column, ...]) -> None:
        first: dict[int, Column] = {}
        for column in columns:
            goal = field_goal(column.field)
            if goal and first.setdefault(goal, column) is not column:
                self.problems.add(
                    "goal-column-twice",
                    table.origin,
                    found=quoted(column.heading),
                    goal=goal,
                    first=quoted(first[goal].heading),
                )

    def _unknown_columns(self, table: Table, kind: TableKind, columns: tuple[Column, ...]) -> None:
        known = ", ".join(dict.fromkeys(self.headings.of(kind).values()))
        for column in columns:
            key = without_year(column.heading)
            if column.field or not key or key in self.ignored_columns:
                continue
            self.problems.add("unknown-column", table.origin, column=column.heading, known=known)

    def _without_copies(self, layouts: list[Layout]) -> list[Layout]:
        """The layouts without those that repeat an earlier table word for word."""
        seen: dict[tuple[TableKind, tuple[tuple[str, ...], ...]], Table] = {}
        kept = []
        for layout in layouts:
            content = tuple(tuple(name_key(c) for c in row.cells) for row in layout.rows)
            first = seen.setdefault((layout.kind, content), layout.table)
            if first is layout.table or not content:
                kept.append(layout)
                continue
            self.problems.add(
                "table-twice",
                layout.table.origin,
                found=f"{len(content)} rows alike",
                first=first.origin.where,
            )
        return kept


def caption_unit(table: Table) -> str:
    """The unit of money that the line above a table names for all of it, as （単位：千円）."""
    return unit_named(table.caption.text) if table.caption else ""


def years_that_differ(layout: Layout, expected: Mapping[str, int]) -> list[Column]:
    """The columns whose heading names another year than expected for their field."""
    return [
        column
        for column in layout.columns
        if column.year not in (None, expected.get(column.field or "", column.year))
    ]
