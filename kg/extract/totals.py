"""Published totals: the balance table, the goal totals and the total lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from kg.codes import Headings
from kg.errors import Problems, quoted
from kg.extract.cells import is_negative, parse_count, parse_number
from kg.extract.layout import Layout, fiscal_year_of, without_year, years_that_differ
from kg.extract.rows import Row, TextLine
from kg.goal_cells import goal_of
from kg.goals import GOALS
from kg.origin import Origin
from kg.records import Balance, Count, GoalCount, Item, Note, Policy
from kg.text import clean, folded, name_key

_ENDED = (Item.COMPLETED_OR_ABOLISHED, Item.ROUTINE, Item.MERGED)
_TOTAL = "total"
MOST_NOTES = 200
"""※ notes of one document that are read; more are not believed."""


class TotalsReader:
    """Reads every published total of a document; problems go to the shared list."""

    def __init__(self, headings: Headings, year: int, problems: Problems) -> None:
        self.headings = headings
        self.year = year
        self.problems = problems
        self.shifted = False

    # --- the balance table ---------------------------------------------------------------

    def balances(self, layouts: Iterable[Layout]) -> tuple[Balance, ...]:
        """The cells of the balance tables, policies first as printed, then the total row."""
        cells: dict[tuple[str | None, Item], Balance] = {}
        for layout in layouts:
            self._check_years(layout)
            places = self._places(layout)
            self._check_columns(layout, set(places.values()))
            for row in layout.rows:
                if row.is_blank:
                    continue
                policy = self._row_policy(layout, row)
                if policy is None:
                    continue
                for item, index in places.items():
                    cell = self._balance_cell(layout, row, policy, item, index)
                    if cell is None:
                        continue
                    first = cells.setdefault((cell.policy, item), cell)
                    if first is not cell and first.origin != cell.origin:
                        self._twice(row.origin, policy, first.origin)
                        break
        return tuple(cells.values())

    def _check_columns(self, layout: Layout, read: set[int]) -> None:
        """Every column that has text is read, or names the policies."""
        for column in layout.columns:
            cells = [row.cells[column.index] for row in layout.rows]
            if column.index in read or all(not folded(c) or self._is_label(c) for c in cells):
                continue
            self.problems.add(
                "unknown-column",
                layout.table.origin,
                column=column.heading,
                known=", ".join(item.value for item in Item),
            )

    def _check_years(self, layout: Layout) -> None:
        years = [
            fiscal_year_of(c)
            for c in layout.table.header.cells
            if without_year(c) in self.headings.words("balance", "year-count")
        ]
        for year in years:
            if year not in (None, self.year, self.year - 1):
                self.problems.add(
                    "wrong-year",
                    layout.table.origin,
                    found=str(year),
                    years=f"{self.year} or {self.year - 1}",
                )

    def _places(self, layout: Layout) -> dict[Item, int]:
        """Which column holds which item.

        In some conversions the heads stand one column too far to the left: the number under
        新規・追加 is the year's total and the one under 継続 is the new or added projects.
        Both readings are held against the arithmetic of every row; the one that closes in
        more rows is taken (docs/decisions/0005, 1).
        """
        named: dict[Item, int] = {}
        for column in layout.columns:
            if column.field == "year-count":
                named[Item.CURRENT if column.year == self.year else Item.PREVIOUS] = column.index
            elif column.field == "total-row":  # 計 as the head of a column: all of the year
                named[Item.CURRENT] = column.index
            elif column.field in set(Item):
                named[Item(column.field)] = column.index
        if Item.CURRENT in named or not {Item.NEW_OR_ADDED, Item.CONTINUED} <= set(named):
            return named
        shifted = dict(named)
        shifted[Item.CURRENT] = shifted.pop(Item.NEW_OR_ADDED)
        shifted[Item.NEW_OR_ADDED] = shifted.pop(Item.CONTINUED)
        rows = [row for row in layout.rows if self._label(row) is not None]
        literal = sum(self._closes(row, named) for row in rows)
        if sum(self._closes(row, shifted) for row in rows) <= literal:
            return named
        self.shifted = True
        return shifted

    @staticmethod
    def _closes(row: Row, places: dict[Item, int]) -> bool:
        count = {item: parse_count(row.cells[index]) or 0 for item, index in places.items()}
        current = count.get(
            Item.CURRENT, count.get(Item.NEW_OR_ADDED, 0) + count.get(Item.CONTINUED, 0)
        )
        ended = sum(count.get(item, 0) for item in _ENDED)
        return count.get(Item.PREVIOUS, 0) + count.get(Item.NEW_OR_ADDED, 0) - ended == current

    def _label(self, row: Row) -> str | None:
        """The policy number of a balance row, `total` for the total row, None for neither."""
        for cell in row.cells:
            if self._is_label(cell):
                return self.policy_number(cell) or _TOTAL
        return None

    def _is_label(self, cell: str) -> bool:
        totals = self.headings.words("balance", "total-row")
        return name_key(cell) in totals or self.policy_number(cell) is not None

    def policy_number(self, text: str) -> str | None:
        """The number in "施策 6", "基本施策６"; None for other texts."""
        for mark in self.headings.words("policy", "mark"):
            match = re.fullmatch(rf"[◆■●]?{re.escape(mark)}\(?([0-9]{{1,4}})\)?", name_key(text))
            if match:
                return str(int(match[1]))
        return None

    def _row_policy(self, layout: Layout, row: Row) -> str | None:
        label = self._label(row)
        if label is None:
            self.problems.add(
                "balance-row", row.origin, found=quoted(" | ".join(map(clean, row.cells)))
            )
        return label

    def _balance_cell(
        self, layout: Layout, row: Row, policy: str, item: Item, index: int
    ) -> Balance | None:
        text = row.cells[index]
        count = parse_count(text)
        if count is None or (is_negative(text) and item not in _ENDED):
            self.problems.add(
                "balance-ended-cell" if item in _ENDED else "balance-cell",
                row.origin,
                found=quoted(clean(text)),
                column=layout.columns[index].heading,
            )
            return None
        return Balance(None if policy == _TOTAL else policy, item, count, clean(text), row.origin)

    def check_policies(self, cells: Sequence[Balance], policies: Mapping[str, Policy]) -> None:
        """A policy that is balanced has a heading, and if there is a balance, the other way too."""
        balanced = {cell.policy: cell.origin for cell in cells if cell.policy is not None}
        for number, origin in balanced.items():
            if number not in policies:
                self.problems.add(
                    "balanced-policy", origin, policy=number, policies=", ".join(policies) or "none"
                )
        for number, policy in policies.items():
            if balanced and number not in balanced:
                self.problems.add("policy-unbalanced", policy.origin, policy=number)

    def _twice(self, origin: Origin, policy: str, first: Origin) -> None:
        name = "the total row" if policy == _TOTAL else f"policy {policy}"
        self.problems.add("balance-twice", origin, row=name, first=first.where)

    # --- the goal totals -----------------------------------------------------------------

    def goal_counts(
        self, layouts: Iterable[Layout], below: Sequence[GoalCount] = ()
    ) -> tuple[GoalCount, ...]:
        """The published number of projects per goal, by goal number.

        `below` are totals that stand below the columns of a matrix; they may repeat the table's.
        """
        counts: dict[int, GoalCount] = {}
        for layout in layouts:
            pairs = list(zip(layout.indexes("goal"), layout.indexes("count"), strict=False))
            for row in layout.rows:
                for name_index, count_index in pairs:
                    found = self._goal_count(row, row.cells[name_index], row.cells[count_index])
                    if found is None:
                        continue
                    first = counts.setdefault(found.goal, found)
                    if first is not found:
                        self._goal_twice(found, first)
        for found in below:
            first = counts.setdefault(found.goal, found)
            if first.count != found.count:
                self._goal_twice(found, first)
        return tuple(counts[goal] for goal in sorted(counts))

    def _goal_twice(self, found: GoalCount, first: GoalCount) -> None:
        self.problems.add(
            "goal-twice",
            found.origin,
            found=quoted(found.printed_label),
            goal=found.goal,
            first=first.origin.where,
        )

    def _goal_count(self, row: Row, name: str, text: str) -> GoalCount | None:
        if not folded(name) and not folded(text):
            return None
        goal, count = goal_of(name), parse_number(text)
        if goal is None:
            self.problems.add("unknown-goal", row.origin, text=quoted(clean(name)))
        if count is None:
            self.problems.add(
                "goal-count", row.origin, found=quoted(clean(text)), name=quoted(clean(name))
            )
        if goal is None or count is None:
            return None
        return GoalCount(goal, count, clean(text), clean(name), row.origin)

    def check_goal_table(self, counts: Sequence[GoalCount], origin: Origin) -> None:
        """A goal table names all 17 goals; a goal without projects has a 0, not an absence."""
        absent = sorted(set(GOALS) - {count.goal for count in counts})
        if counts and absent:
            self.problems.add(
                "goal-missing", origin, found=f"no goal {', '.join(map(str, absent))}"
            )

    # --- text lines ----------------------------------------------------------------------

    def total_line(self, field: str, lines: Iterable[TextLine]) -> Count | None:
        """The total that a text line publishes, as 【2021 年度実施事業数 72】 does."""
        found: Count | None = None
        for line in lines:
            match = self._total(field, line)
            if match is None:
                continue
            count = parse_number(match)
            year = fiscal_year_of(line.text)
            if count is None:
                self.problems.add("total-line", line.origin, found=quoted(clean(line.text)))
            elif year not in (None, self.year):
                self.problems.add("wrong-year", line.origin, found=str(year), years=self.year)
            elif found and found.count != count:
                self.problems.add(
                    "total-twice",
                    line.origin,
                    found=str(count),
                    total=found.count,
                    first=found.origin.where,
                )
            found = found or (Count(count, line.origin) if count is not None else None)
        return found

    def _total(self, field: str, line: TextLine) -> str | None:
        key = without_year(line.text).strip("【】[]()「」■◆#*")
        for word in self.headings.words("total", field):
            if key.startswith(word):
                return key[len(word) :].lstrip(":").removesuffix("事業").removesuffix("件")
        return None

    def check_titles(self, lines: Iterable[TextLine]) -> None:
        """A line that titles the plan with a year, as 2021年度実施計画, names its own year."""
        words = self.headings.words("title", "mark")
        for line in lines:
            year = fiscal_year_of(line.text)
            if year not in (None, self.year) and without_year(line.text).endswith(words):
                self.problems.add("wrong-year", line.origin, found=str(year), years=self.year)

    def notes(self, lines: Iterable[TextLine]) -> tuple[Note, ...]:
        """The ※ notes in document order, without their mark; at most MOST_NOTES."""
        marks = self.headings.words("note", "mark")
        texts = ((clean(line.text), line.origin) for line in lines)
        marked = [(text[1:].strip(), origin) for text, origin in texts if text[:1] in marks]
        if len(marked) > MOST_NOTES:
            origin = marked[MOST_NOTES][1]
            self.problems.add("too-many-notes", origin, found=str(len(marked)), limit=MOST_NOTES)
            marked = marked[:MOST_NOTES]
        return tuple(Note(n, text, origin) for n, (text, origin) in enumerate(marked, 1))


def check_years(layouts: Iterable[Layout], year: int, problems: Problems) -> None:
    """The plan text's heading names the plan's own fiscal year, as 事業計画（2021） does."""
    for layout in layouts:
        for column in years_that_differ(layout, {"text": year}):
            problems.add(
                "wrong-year",
                layout.table.origin,
                found=str(column.year),
                column=column.heading,
                years=year,
            )
