"""Rows of cells without any mark of a table, as in CSV files and sheets, to tables and lines.

A table begins at a row with two or more known headings, or at the first row with several cells
where no table is open, and goes on until another one begins; what is read as a table but means
nothing is refused later, with its headings. Rows that stand alone are lines of text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from kg.codes import Headings
from kg.errors import Problems, quoted
from kg.extract.cells import lost_icons, parse_number
from kg.extract.layout import TableKind, without_year
from kg.extract.matrix import goal_heading, speaks_of_goals
from kg.extract.rows import Row, Table, TextLine
from kg.text import clean, folded, name_key

LONGEST_HEADING = 40
"""Characters of the longest cell that is believed to be a heading."""

_LINE_MARKS = ("※", "【", "〔", "[")


@dataclass
class _Open:
    """The table that rows are added to; `first` is the column of its first heading."""

    header: Row
    first: int
    caption: TextLine | None
    rows: list[Row] = field(default_factory=list)
    has_gap: bool = False
    is_rest: bool = False


class GridReader:
    """Parts the rows of one sheet; problems and what is to be said go to the shared lists."""

    def __init__(self, headings: Headings, problems: Problems, said: list[str]) -> None:
        self.known = frozenset(key for kind in TableKind for key in headings.of(kind))
        self.counts = headings.words("balance", "year-count")
        self.examples = headings.words("example", "mark")
        self.marks = headings.words("policy", "mark")
        self.problems = problems
        self.said = said
        self.blocks: list[TextLine | Table] = []
        self._open: _Open | None = None
        self._held: list[Row] = []
        self._caption: TextLine | None = None

    def read(self, rows: Iterable[Row]) -> list[TextLine | Table]:
        """The tables and lines of the rows, in order."""
        for row in rows:
            self.feed(row)
        self.end_table()
        return self.blocks

    # --- which row is what -----------------------------------------------------------------

    def feed(self, row: Row) -> None:
        """Take the next row of the sheet, or a line of text as a row of one cell."""
        filled = [n for n, cell in enumerate(row.cells) if folded(cell)]
        if not filled:
            self._blank(row)
        elif row.inherited.issuperset(filled) and not _has_icons(row):
            return  # the rest of cells that are merged downwards
        elif self.is_heading(row.cells):
            self._heading(row)
        elif len(filled) == 1 and not row.icons:
            self._single(row, filled[0])
        else:
            self._several(row)

    def is_known(self, cell: str) -> bool:
        """Whether a cell is a heading that means something, a year in it left aside."""
        return without_year(cell) in self.known

    def is_heading(self, cells: Iterable[str]) -> bool:
        """Whether a row has headings that are known: three, or two and no number beside them."""
        filled = [cell for cell in cells if folded(cell)]
        known = sum(map(self.is_known, filled))
        return known > 2 or (known == 2 and all(parse_number(cell) is None for cell in filled))

    def _blank(self, row: Row) -> None:
        if self._open is None:
            return
        if _has_icons(row):
            self._take_held_as_rows()
            self._open.rows.append(row)
        else:
            self._open.has_gap = True

    def _heading(self, row: Row) -> None:
        table = self._open
        if table and not table.rows and not self._held and not table.has_gap:
            if row.inherited:
                self._second_header(table, row)
                return
            if any(without_year(cell) in self.counts for cell in table.header.cells):
                table.rows.append(row)
                return
            if _stands_under(table.header, row):
                table.rows.append(row)
                return
            if self._groups_goals(table.header):
                self._open = None  # headings over these: what belongs together, nothing more
        self._start(row)

    def _groups_goals(self, header: Row) -> bool:
        """Whether a row of headings only says which columns below it are those of the goals."""
        keys = [name_key(cell) for cell in header.cells if folded(cell)]
        return not self.is_heading(header.cells) and any(map(speaks_of_goals, keys))

    def _second_header(self, table: _Open, row: Row) -> None:
        """Two rows of headings, some merged downwards: those of a balance stay two rows."""
        own = [cell for n, cell in enumerate(row.cells) if n not in row.inherited]
        if self.is_heading(own):
            table.rows.append(row)
            return
        cells = tuple(
            above if n in row.inherited or not folded(below) else self._joined(above, below)
            for n, (above, below) in enumerate(zip(table.header.cells, row.cells, strict=True))
        )
        table.header = replace(table.header, cells=cells)

    def _joined(self, above: str, below: str) -> str:
        if goal_heading(below):
            return f"{clean(above)} {clean(below)}".strip()
        both = f"{clean(above)} {clean(below)}".strip()
        choices = (both, below, above)
        return next((text for text in choices if without_year(text) in self.known), both)

    def _single(self, row: Row, column: int) -> None:
        text = clean(row.cells[column])
        if self._open is None:
            self._line(row)
        elif column > self._open.first:
            self._take_held_as_rows()
            self._open.rows.append(row)  # text or goals that continue the row above
        elif text.startswith(_LINE_MARKS):
            self._take_held_as_rows()
            self._suspend()
            self._line(row)
        else:
            self._held.append(row)

    def _several(self, row: Row) -> None:
        if self._open is None or (self._open.has_gap and self._looks_like_header(row)):
            self._start(row)
            return
        cell = next(cell for cell in row.cells if folded(cell))
        if name_key(cell).strip("()[]") in self.examples:
            self.said.append(f"{row.origin.where} is left out: it is marked as an example")
            return
        self._take_held_as_rows()
        self._open.has_gap = False
        self._check_width(row)
        self._open.rows.append(row)

    @staticmethod
    def _looks_like_header(row: Row) -> bool:
        """Whether a row after a gap may be the header of another table: short words, no number."""
        cells = [clean(cell) for cell in row.cells if folded(cell)]
        return all(
            len(cell) <= LONGEST_HEADING and "。" not in cell and parse_number(cell) is None
            for cell in cells
        )

    def _check_width(self, row: Row) -> None:
        assert self._open is not None
        header = self._open.header
        has_more = any(row.cells[len(header.cells) :])
        if len(row.cells) < len(header.cells) or has_more:
            shown = quoted(", ".join(map(clean, row.cells)))
            self.problems.add(
                "row-width",
                row.origin,
                found=f"{len(row.cells)} cells: {shown}",
                expected=len(header.cells),
                header=header.origin.where,
            )

    # --- what becomes of rows --------------------------------------------------------------

    def _start(self, header: Row) -> None:
        self.end_table()
        first = next(n for n, cell in enumerate(header.cells) if folded(cell))
        self._open = _Open(header, first, self._caption)
        self._caption = None

    def end_table(self) -> None:
        """End the table; single rows below it were lines of text, but for headings of policies."""
        held, self._held = self._held, []
        while held and self._open and self._is_policy(held[0]):
            self._open.rows.append(held.pop(0))
        self._suspend()
        self._open = None
        for row in held:
            self._line(row)

    def _suspend(self) -> None:
        """Put the table as far as it was read among the blocks; it may go on under its header."""
        table = self._open
        if table is None:
            return
        if table.rows or not table.is_rest:
            self.blocks.append(_table(table))
        self._open = _Open(table.header, table.first, table.caption, has_gap=True, is_rest=True)

    def _take_held_as_rows(self) -> None:
        assert self._open is not None
        self._open.rows += self._held
        self._held = []

    def _is_policy(self, row: Row) -> bool:
        text = next(name_key(cell) for cell in row.cells if folded(cell)).lstrip("◆■●▼◇□#*・")
        rest = (text.removeprefix(mark) for mark in self.marks if text.startswith(mark))
        return any(words.lstrip("(")[:1].isdecimal() for words in rest)

    def _line(self, row: Row) -> None:
        text = next(cell for cell in row.cells if folded(cell))
        line = TextLine(clean(text), row.origin)
        self.blocks.append(line)
        self._caption = line


def _stands_under(header: Row, row: Row) -> bool:
    """Whether a row of headings leaves those above it as they are, as 部 and 課 under 担当."""
    pairs = list(zip(header.cells, row.cells, strict=False))
    return sum(bool(folded(above)) and not folded(below) for above, below in pairs) > 1


def _has_icons(row: Row) -> bool:
    """Whether it has icons, or blanks that may stand for them (kg.extract.cells.lost_icons)."""
    return bool(row.icons) or any((lost_icons(cell) or 0) for cell in row.cells)


def _table(table: _Open) -> Table:
    """The table from its first to its last used column; missing cells at the end are empty."""
    rows = [table.header, *table.rows]
    used = [n for row in rows for n, cell in enumerate(row.cells) if cell]
    used += [icon.column for row in rows for icon in row.icons]
    first, last = min(used), max(used)

    def cut(row: Row) -> Row:
        cells = (row.cells + ("",) * (last + 1 - len(row.cells)))[first : last + 1]
        inherited = frozenset(n - first for n in row.inherited if n >= first)
        shifted = (replace(icon, column=icon.column - first) for icon in row.icons)
        return Row(cells, row.origin, inherited, tuple(i for i in shifted if 0 <= i.column <= last))

    return Table(cut(table.header), tuple(map(cut, table.rows)), table.caption)
