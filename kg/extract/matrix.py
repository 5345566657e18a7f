"""Tables with a column for each goal, in which marks say which goals a row serves.

Columns are known by their headings: `ゴール1`, `SDG1`, `①`, a goal's name, or bare numbers if they
are 1 to 17 or stand under a heading that speaks of goals. Which marks mean what is in
`data/codes/goal-marks.csv` and, for one plan, under [marks] in plan.toml.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kg.codes import Headings, meanings
from kg.errors import Problems, quoted
from kg.extract.cells import parse_count, without_tags
from kg.extract.rows import Row, Table
from kg.extract.stated import StatedLinks
from kg.goal_cells import goal_of, goals_of
from kg.goals import GOALS
from kg.origin import Origin
from kg.records import GoalCount
from kg.text import clean, folded, name_key

FEWEST = 3
"""Columns of goals that make a matrix; fewer may be anything."""

_COUNTED = re.compile(r"(?:件|事業)$")
_FIELD = re.compile(r"goal-([1-9]|1[0-7])")
_GROUP = re.compile(r"(.*(?:sdgs?|ゴール|目標|goals?).*?)\s+(\S+)", re.I)


def field_goal(field: str | None) -> int | None:
    """The goal of a column's field `goal-3`; None for other fields."""
    match = _FIELD.fullmatch(field or "")
    return int(match[1]) if match else None


def goal_heading(text: str) -> int | None:
    """The goal that a heading names, as in "3", "ゴール3", "③", "SDGsの17のゴール 3"."""
    text = without_tags(text)
    named = goals_of(text)
    if len(named) != 1 or named[0].goal is None:
        group = _GROUP.fullmatch(text)
        named = goals_of(group[2]) if group else ()
    return named[0].goal if len(named) == 1 and not named[0].target else None


def _is_bare(text: str) -> bool:
    return folded(text).isdecimal() and clean(text).isdecimal()


def goal_columns(headings: Sequence[str], above: Sequence[str] = ()) -> dict[int, int]:
    """Column -> goal; nothing where the headings make no matrix.

    `above` is the row of headings over these, if there is one.
    """
    found = {n: goal for n, text in enumerate(headings) if (goal := goal_heading(text))}
    if len(found) < FEWEST:
        return {}
    bare = {n for n in found if _is_bare(headings[n])}
    speaks = any(speaks_of_goals(text) for text in above)
    if len(bare) == len(found) and not speaks and sorted(found.values()) != list(GOALS):
        return {}
    return found


def speaks_of_goals(text: str) -> bool:
    """Whether a heading is about goals, as 「SDGsの17のゴール」 over the columns 1 to 17."""
    return re.search(r"sdg|ゴール|目標", name_key(text)) is not None


def lists_goals(cells: Sequence[str]) -> bool:
    """Whether the cells of a column are the goals of a list: one in each, none of them twice.

    A goal may stand in several rows below each other. In a table of projects, goals come again.
    """
    goals = [goal_of(cell) for cell in cells if folded(cell)]
    blocks = [goal for goal, before in zip(goals, [None, *goals], strict=False) if goal != before]
    return bool(blocks) and len(blocks) == len(set(blocks)) and blocks.count(None) * 2 < len(blocks)


def with_one_header(table: Table, headings: Headings) -> tuple[Table, tuple[str, ...]]:
    """The table under one row of headings, and the row above them if there were two.

    Two rows are headings if the second has nothing else but known headings and goals: at least
    two headings, as 部 and 課 under 担当, or three goals.
    """
    known = headings.of("project").keys() | headings.of("policy-goals").keys()
    if not table.rows:
        return table, ()
    header, second = table.header, table.rows[0]
    own = {
        n: cell
        for n, cell in enumerate(second.cells)
        if folded(cell) and n not in second.inherited and cell != header.cells[n]
    }
    goals = [n for n, cell in own.items() if goal_heading(cell)]
    rest = [cell for n, cell in own.items() if n not in goals and name_key(cell) not in known]
    if rest or len(own) < 2 or 0 < len(goals) < FEWEST or goal_columns(header.cells):
        return table, ()
    cells = tuple(own.get(n, cell) for n, cell in enumerate(header.cells))
    return replace(table, header=replace(header, cells=cells), rows=table.rows[1:]), header.cells


@dataclass(frozen=True, slots=True)
class GoalColumn:
    """A column of a matrix."""

    index: int
    goal: int
    heading: str


class GoalMatrix:
    """Reads the marks of every matrix of a document, and the totals below them."""

    def __init__(
        self, headings: Headings, marks: Mapping[str, str], problems: Problems, said: list[str]
    ) -> None:
        self._totals = headings.words("balance", "total-row")
        self._part_totals = headings.words("matrix", "part-total")
        self._meanings = {
            **meanings("goal-marks", "mark", "meaning"),
            **{name_key(mark): meaning for mark, meaning in marks.items()},
        }
        self._problems = problems
        self._said = said
        self._all: Counter[int] = Counter()
        self._since_total: Counter[int] = Counter()
        self._counts: tuple[GoalCount, ...] = ()

    def read(
        self, columns: Sequence[GoalColumn], row: Row, links: StatedLinks, total: str = ""
    ) -> None:
        """Take the marks of a project, which count in the totals below; `total` is their number
        as the row prints it, if it does."""
        goals = self.marks(columns, row, links)
        if folded(total) and parse_count(total) != len(goals):
            found = quoted(clean(total))
            self._problems.add("mark-total", row.origin, found=found, marks=len(goals))
        self._all.update(goals)
        self._since_total.update(goals)

    def marks(self, columns: Sequence[GoalColumn], row: Row, links: StatedLinks) -> list[int]:
        """Take the marks of a row; the goals that it serves."""
        goals = []
        for column in columns:
            cell = row.cells[column.index]
            meaning = self._meaning(cell, column.goal)
            if meaning == "stated":
                links.mark(column.goal, column.heading, clean(cell), row.origin)
                goals.append(column.goal)
            elif meaning is None:
                self._problems.add(
                    "unknown-mark",
                    row.origin,
                    column=column.heading,
                    text=quoted(clean(cell)),
                    mark=quoted(clean(cell)),
                )
        return goals

    def _meaning(self, cell: str, goal: int) -> str | None:
        key = name_key(cell)
        if not key:
            return "none"
        # some tables repeat the goal's number in its column
        return "stated" if key == str(goal) else self._meanings.get(key)

    # --- totals ----------------------------------------------------------------------------

    def is_total(self, columns: Sequence[GoalColumn], row: Row) -> bool:
        """Whether a row is that of the totals: it begins with 計, and numbers follow."""
        first = next((cell for cell in row.cells if folded(cell)), "")
        return bool(columns) and name_key(first) in (*self._totals, *self._part_totals)

    def total(self, columns: Sequence[GoalColumn], row: Row) -> None:
        """Hold a row of totals against the marks above it, and keep it as published counts."""
        counts: dict[GoalColumn, int] = {}
        for column in columns:
            count = parse_count(_COUNTED.sub("", folded(row.cells[column.index])))
            if count is None:
                found = quoted(clean(row.cells[column.index]))
                self._problems.add(
                    "goal-count", row.origin, found=found, name=quoted(column.heading)
                )
            else:
                counts[column] = count
        is_part = all(count == self._since_total[c.goal] for c, count in counts.items())
        for column, count in counts.items():
            marks = self._all[column.goal]
            if count != marks and not is_part:
                self._problems.add(
                    "matrix-total",
                    row.origin,
                    found=str(count),
                    column=column.heading,
                    goal=column.goal,
                    marks=marks,
                )
        self._since_total.clear()
        if any(name_key(cell) in self._part_totals for cell in row.cells):
            return
        self._counts = tuple(
            GoalCount(c.goal, n, clean(row.cells[c.index]), c.heading, row.origin)
            for c, n in sorted(counts.items(), key=lambda pair: pair[0].goal)
        )

    def goal_counts(self) -> tuple[GoalCount, ...]:
        """The last totals, if they are those of all 17 goals and of all the document's marks."""
        counts = self._counts
        is_whole = all(count.count == self._all[count.goal] for count in counts)
        if len(counts) == len(GOALS) and is_whole:
            return counts
        if counts:
            where = counts[0].origin.where
            self._said.append(
                f"{where}: the totals are not those of all goals and tables, so they are held "
                "against the marks but not published"
            )
        return ()

    def tell_absent(self, goals: set[int], origin: Origin) -> None:
        """Say which goals have no column."""
        absent = [str(goal) for goal in GOALS if goal not in goals]
        if absent:
            self._said.append(
                f"{origin.where}: there is no column for the goals {', '.join(absent)}"
            )
