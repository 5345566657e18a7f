"""Sheets of workbooks of any kind: what is hidden left out or asked about, merged cells spread.

A reader of files makes a `Sheet` of each; from there all kinds of workbooks are read alike.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from kg.errors import Problems
from kg.extract.grid import GridReader
from kg.extract.rows import MOST_LINES, DocumentText, Reading, Row, Table, TextLine, check_text
from kg.origin import Origin
from kg.text import folded, name_key

MOST_COLUMNS = 500
MOST_CELLS = 2_000_000
SHOWN_CELLS = 5

DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, OSError, RuntimeError)
"""What unpacking an archive meets whose parts are absent or damaged.

RuntimeError: a part has a password of its own, or is packed in a way that Python does not know.
"""

Spot = tuple[int, int]
"""Row and column of a cell, from 1."""


@dataclass
class Sheet:
    """A sheet as stored: texts by their place, what is hidden, merged cells, dates among the texts.

    `merged` are the first cell and the last row of each area.
    """

    name: str
    texts: dict[Spot, str] = field(default_factory=dict)
    inherited: set[Spot] = field(default_factory=set)
    dates: list[str] = field(default_factory=list)
    merged: list[tuple[Spot, int]] = field(default_factory=list)
    is_hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    def size(self) -> Spot:
        """The last row and the last column that have text."""
        if not self.texts:
            return (0, 0)
        return (max(row for row, _ in self.texts), max(column for _, column in self.texts))

    def rows(self) -> Iterator[tuple[int, tuple[str, ...], frozenset[int]]]:
        """Every row: its number, its cells, and from 0 the columns that repeat the one above."""
        last_row, last_column = self.size()
        columns = range(1, last_column + 1)
        for row in range(1, last_row + 1):
            cells = tuple(self.texts.get((row, column), "") for column in columns)
            inherited = (column for column in columns if (row, column) in self.inherited)
            yield row, cells, frozenset(column - 1 for column in inherited)


class SheetsReader:
    """Reads the sheets of one workbook; collects blocks, problems and what is to be said."""

    def __init__(self, document: str, reading: Reading) -> None:
        self.document = document
        self.reading = reading
        self.origin = Origin(document)
        self.problems = Problems()
        self.said: list[str] = []
        self.has_pictures = False
        self.blocks: list[TextLine | Table] = []
        self.row_count = 0
        ignored = (*reading.ignored_sheets, *reading.headings.words("sheet", "ignored"))
        self.ignored = frozenset(map(name_key, ignored))

    def text(self, sha256: str) -> DocumentText:
        """What was read of a document with this checksum."""
        blocks, problems = tuple(self.blocks), tuple(self.problems)
        text = DocumentText(blocks, self.row_count, problems, sha256, tuple(self.said))
        return replace(text, unread_pictures=frozenset([self.origin] * self.has_pictures))

    def tell_pictures(self, count: int) -> None:
        """Say that pictures are not read; what they show may be goals."""
        self.has_pictures = True
        self.said.append(f"pictures are not read: {count} in the workbook")

    def leaves_out(self, name: str) -> bool:
        """Whether a sheet is left out by its name, which is said."""
        if name_key(name) in self.ignored:
            self.said.append(f'sheet "{name}" is left out by its name')
            return True
        return False

    def add_sheet(self, content: Sheet) -> None:
        """Read the tables and lines of a sheet, if it is not hidden or too large."""
        last_row, last_column = content.size()
        is_long = last_row > MOST_LINES or last_row * last_column > MOST_CELLS
        if is_long or last_column > MOST_COLUMNS:
            self.add_too_large(content.name, f"{last_row:,} rows, {last_column:,} columns")
            return
        merged = [last - first + 1 for (first, _), last in content.merged]
        if max(merged, default=0) > MOST_LINES or sum(merged) > MOST_CELLS:
            self.add_too_large(content.name, f"merged areas of {sum(merged):,} rows in all")
            return
        grid = GridReader(self.reading.headings, self.problems, self.said)
        if content.is_hidden and not self._takes_hidden_sheet(content, grid):
            return
        self._leave_out_hidden(content, grid)
        _spread(content)
        rows = []
        for number, cells, inherited in content.rows():
            origin = Origin(self.document, sheet=content.name, row=number)
            for cell in filter(None, cells):
                check_text(cell.replace("\r\n", "\n"), origin, self.problems)
            rows.append(Row(cells, origin, inherited))
        self.row_count += len(rows)
        self._say_dates(content)
        self.blocks += grid.read(rows)

    def add_too_large(self, sheet: str, found: str) -> None:
        self.problems.add(
            "workbook-too-large",
            Origin(self.document, sheet=sheet),
            found=found,
            limit=f"{MOST_LINES:,} rows, {MOST_COLUMNS} columns and {MOST_CELLS:,} cells",
        )

    def _say_dates(self, content: Sheet) -> None:
        if content.dates:
            more = len(content.dates) - SHOWN_CELLS
            shown = ", ".join(content.dates[:SHOWN_CELLS]) + (
                f" and {more} more" if more > 0 else ""
            )
            self.said.append(
                f'dates in sheet "{content.name}" are written as year-month-day: {shown}'
            )

    # --- what is hidden --------------------------------------------------------------------

    def _takes_hidden_sheet(self, content: Sheet, grid: GridReader) -> bool:
        if self.reading.hidden == "read":
            self.said.append(f'sheet "{content.name}" is hidden and is read')
            return True
        has_table = any(grid.is_heading(cells) for _, cells, _ in content.rows())
        if has_table and not self.reading.hidden:
            origin = Origin(self.document, sheet=content.name)
            self.problems.add("hidden", origin, what="the sheet is hidden and has a table")
        else:
            self.said.append(f'sheet "{content.name}" is left out: it is hidden')
        return False

    def _leave_out_hidden(self, content: Sheet, grid: GridReader) -> None:
        """Take hidden rows and columns out; those that may hold projects are a problem."""
        rows, columns = content.hidden_rows, content.hidden_columns
        filled = [spot for spot, text in content.texts.items() if folded(text)]
        filled_columns = {column for _, column in filled} & columns
        in_rows = Counter(row for row, _ in filled if row in rows)
        words = []
        if in_rows:
            words.append(_counted("row", map(str, sorted(in_rows))))
        if filled_columns:
            words.append(_counted("column", map(letters, sorted(filled_columns))))
        if not words:
            return
        what = f'{" and ".join(words)} of sheet "{content.name}"'
        if self.reading.hidden == "read":
            self.said.append(f"hidden cells are read: {what}")
            return
        texts = content.texts.items()
        headings = [t for (_, c), t in texts if c in columns and grid.is_known(t)]
        several = [row for row, cells in in_rows.items() if cells > 1]
        if (headings or several) and not self.reading.hidden:
            origin = Origin(self.document, sheet=content.name, row=min(several, default=None))
            self.problems.add(
                "hidden", origin, what=f"hidden cells have text, {' and '.join(words)}"
            )
        else:
            self.said.append(f"hidden cells are left out: {what}")
        content.texts = {s: t for s, t in texts if s[0] not in rows and s[1] not in columns}


def _spread(content: Sheet) -> None:
    """Give the text of merged cells to every row of theirs, in their first column."""
    last = content.size()[0]
    for (first_row, column), last_row in content.merged:
        text = content.texts.get((first_row, column), "")
        # blanks that stand for icons are counted once
        for row in range(first_row + 1, min(last_row, last) + 1) if folded(text) else ():
            content.texts[row, column] = text
            content.inherited.add((row, column))


def letters(column: int) -> str:
    """The column's name in a spreadsheet: 1 is A, 27 is AA."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def _counted(word: str, places: Iterable[str]) -> str:
    shown = list(places)
    more = f" and {len(shown) - SHOWN_CELLS} more" if len(shown) > SHOWN_CELLS else ""
    return f"{word}{'s' if len(shown) > 1 else ''} {', '.join(shown[:SHOWN_CELLS])}{more}"


def document_of(path: Path, reader: SheetsReader, read: Callable[[bytes], None]) -> DocumentText:
    """The tables and lines that `read` finds in the file's bytes; nothing of a file too large.

    Raises OSError if the file cannot be read.
    """
    is_too_large = path.stat().st_size > reader.reading.max_bytes
    data = b"" if is_too_large else path.read_bytes()
    if is_too_large:
        reader.problems.add("document-too-large", reader.origin, lines=f"{MOST_LINES:,}")
    else:
        read(data)
    return reader.text(hashlib.sha256(data).hexdigest())
