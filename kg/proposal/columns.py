"""What each column of a document was read as, and what a column may be that was not recognised.

A guess is made by what the cells hold and is only ever proposed, with its evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from kg.codes import Headings, meanings, read_codes
from kg.errors import quoted
from kg.extract.cells import parse_number
from kg.extract.layout import REQUIRED, Layout, Layouts, TableKind, without_year
from kg.extract.matrix import field_goal, goal_heading
from kg.extract.money import parse_amount
from kg.extract.rows import Row, Table
from kg.extract.units import units_named
from kg.goal_cells import goals_of
from kg.text import clean, folded, name_key

MOST = 0.8
"""Share of the cells of a column that must look alike for a guess."""

LONG_TEXT = 40
"""Characters in the middle cell of a column of texts."""

_GRADES = frozenset("abcdes◎△") | {"〇", "○", "×"}
"""Marks that grades are printed with; numbers may be goals as well."""

_PROJECT_ENDINGS = ("事業", "推進", "プロジェクト", "支援", "整備")


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column that was not recognised may be; `field` is empty where nothing fits."""

    heading: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A table as far as it was understood; `kind` is None for a table that was not."""

    table: Table
    kind: TableKind | None
    read: tuple[tuple[str, str], ...]
    guesses: tuple[Guess, ...]

    @property
    def heads(self) -> tuple[object, ...]:
        """What tables have in common that are told once."""
        return (self.kind, self.read, tuple((g.heading, g.field) for g in self.guesses))


def read_tables(tables: Iterable[Table], headings: Headings) -> list[ReadTable]:
    """Every table with its columns, those with the same headings once."""
    found: dict[object, ReadTable] = {}
    for table in tables:
        layouts = Layouts(headings, (), ()).recognise([table])
        one = _recognised(layouts[0]) if layouts else _unknown(table, headings)
        found.setdefault(one.heads, one)
    return list(found.values())


def _recognised(layout: Layout) -> ReadTable:
    goals = layout.goal_columns
    known = tuple(
        (c.heading, c.field) for c in layout.columns if c.field and field_goal(c.field) is None
    )
    if goals:
        first, last = goals[0], goals[-1]
        known += ((f"{first.heading} … {last.heading}", f"the goals {first.goal} to {last.goal}"),)
    fields = {field for _, field in known}
    unknown = [c for c in layout.columns if not c.field and c.heading]
    is_balance = layout.kind is TableKind.BALANCE
    guesses = tuple(
        _guess(c.heading, _cells(layout.rows, c.index), fields)
        for c in (() if is_balance else unknown)
    )
    return ReadTable(layout.table, layout.kind, known, guesses)


def _unknown(table: Table, headings: Headings) -> ReadTable:
    known = headings.of(TableKind.PROJECT)
    read, guesses = [], []
    fields = {known.get(without_year(cell), "") for cell in table.header.cells}
    for n, cell in enumerate(table.header.cells):
        field = known.get(without_year(cell))
        if field:
            read.append((clean(cell), field))
        elif folded(cell):
            guess = _guess(clean(cell), _cells(table.rows, n), fields)
            guesses.append(guess)
            fields.add(guess.field)
    return ReadTable(table, None, tuple(read), tuple(guesses))


def _cells(rows: Iterable[Row], column: int) -> list[str]:
    """The cells of a column, without rows of one cell: headings of policies."""
    return [row.cells[column] for row in rows if sum(map(bool, map(folded, row.cells))) > 1]


def missing(one: ReadTable) -> tuple[str, ...]:
    """The fields that a project table needs and this table has neither read nor guessed."""
    there = {field for _, field in one.read} | {guess.field for guess in one.guesses}
    return tuple(field for field in REQUIRED[TableKind.PROJECT] if field not in there)


def _guess(heading: str, cells: Sequence[str], taken: set[str]) -> Guess:
    """The field that the cells of a column speak for, if no other column has it."""
    filled = [clean(cell) for cell in cells if folded(cell)]
    goal = _guess_of_goal(heading, filled)
    if goal:
        held = "its cells are marks" if filled else "all its cells are empty"
        return Guess(heading, goal, f"its heading may name a goal, and {held}")
    if not filled:
        return Guess(heading, "", "all its cells are empty")
    for field, reason in _readings(filled):
        if field not in taken:
            return Guess(heading, field, reason)
    shown = ", ".join(quoted(text[:12]) for text in dict.fromkeys(filled) if text)
    return Guess(heading, "", f"the heading is not known, the cells are {_cut(shown)}")


def _guess_of_goal(heading: str, filled: Sequence[str]) -> str:
    """The field of one goal, where the heading names it and the cells are marks."""
    goal, known = goal_heading(heading), meanings("goal-marks", "mark", "meaning")
    is_marked = all(name_key(text) in known or name_key(text) == str(goal) for text in filled)
    return f"goal-{goal}" if goal and is_marked else ""


def _readings(filled: Sequence[str]) -> Iterable[tuple[str, str]]:
    amounts = sum(parse_amount(text).yen is not None for text in filled)
    if amounts >= MOST * len(filled):
        yield "budget", f"{amounts} of {len(filled)} cells are amounts of money"
    numbers = [parse_number(text) for text in filled]
    known = [number for number in numbers if number is not None]
    rises = all(a < b for a, b in pairwise(known))
    if len(known) == len(filled) > 1 and rises:
        yield "number", f"its cells count from {known[0]} to {known[-1]}"
    marks = {name_key(text) for text in filled}
    if len(filled) > len(marks) and marks <= _GRADES:
        yield "grade", f"its cells are only {', '.join(sorted(marks))}"
    goals = sum(_names_goals(text) for text in filled)
    if goals >= MOST * len(filled) and not (len(known) == len(filled) and rises):
        yield "goals", f"{goals} of {len(filled)} cells name goals"
    endings = tuple(row["suffix"] for row in read_codes("unit-types"))
    units = sum(all(n.name.endswith(endings) for n in units_named(text)) for text in filled)
    if units >= MOST * len(filled):
        reason = f"{units} of {len(filled)} cells end as names of units do"
        tops = sum(text.endswith(("部", "局")) for text in filled)
        if tops >= MOST * len(filled):
            yield "department", f"{tops} of {len(filled)} cells end as names of departments do"
        yield "unit", reason
        yield "partners", reason
    names = sum(text.endswith(_PROJECT_ENDINGS) and "。" not in text for text in filled)
    if names >= MOST * len(filled):
        yield "name", f"{names} of {len(filled)} cells end as names of projects do"
    if median(map(len, filled)) >= LONG_TEXT or sum("。" in t for t in filled) > len(filled) / 2:
        yield "text", "its cells are long texts"


def _names_goals(text: str) -> bool:
    named = goals_of(text)
    return bool(named) and all(one.goal for one in named)


def _cut(text: str) -> str:
    return text if len(text) <= LONG_TEXT * 2 else f"{text[: LONG_TEXT * 2]}…"
