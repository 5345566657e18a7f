"""Excel workbooks: every visible sheet as rows, merged cells spread, nothing computed.

Formulas count by the value that Excel stored with them; macros never run. What is hidden is left
out and said, and refused where it may hold projects and plan.toml does not decide.
"""

from __future__ import annotations

import hashlib
import io
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from kg.errors import Problems, quoted
from kg.extract.cell_values import date_in, text_of
from kg.extract.grid import GridReader
from kg.extract.rows import MOST_LINES, DocumentText, Reading, Row, Table, TextLine, check_text
from kg.origin import Origin
from kg.text import folded, name_key

MOST_COLUMNS = 500
MOST_CELLS = 2_000_000
MOST_UNPACKED_BYTES = 64 << 20
"""Bytes of all parts of a workbook together; some ten times as many are needed to read them."""

SHOWN_CELLS = 5
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
# what our own reading of the parts meets where they are absent or damaged
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, EOFError, ParseError, NotImplementedError),
    *(KeyError, ValueError, OSError),
)
# openpyxl checks little: parts that are not as the standard has them end in any of these too
_NOT_AS_STANDARD = (*_DAMAGED, TypeError, IndexError, AttributeError)

Spot = tuple[int, int]
"""Row and column of a cell, from 1."""


def read_workbook(path: Path, reading: Reading) -> DocumentText:
    """The tables and lines of every sheet in order, with every unreadable cell as a problem.

    Raises OSError if the file cannot be read.
    """
    reader = _Workbook(str(path), reading)
    is_too_large = path.stat().st_size > reading.max_bytes
    data = b"" if is_too_large else path.read_bytes()
    if is_too_large:
        reader.problems.add("document-too-large", reader.origin, lines=f"{MOST_LINES:,}")
    elif reader.accepts(data):
        reader.read(data)
    return DocumentText(
        tuple(reader.blocks),
        reader.row_count,
        tuple(reader.problems),
        hashlib.sha256(data).hexdigest(),
        tuple(reader.said),
    )


@dataclass
class _Sheet:
    """A sheet as stored: texts by their place, formulas without a value, dates among the texts."""

    name: str
    texts: dict[Spot, str] = field(default_factory=dict)
    inherited: set[Spot] = field(default_factory=set)
    dates: list[str] = field(default_factory=list)

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


class _Workbook:
    """Reads one workbook; collects blocks, problems and what is to be said."""

    def __init__(self, document: str, reading: Reading) -> None:
        self.document = document
        self.reading = reading
        self.origin = Origin(document)
        self.problems = Problems()
        self.said: list[str] = []
        self.blocks: list[TextLine | Table] = []
        self.row_count = 0
        ignored = (*reading.ignored_sheets, *reading.headings.words("sheet", "ignored"))
        self.ignored = frozenset(map(name_key, ignored))

    # --- before anything is unpacked -------------------------------------------------------

    def accepts(self, data: bytes) -> bool:
        """Whether the file is a workbook of a bearable size without macros; if not, a problem."""
        if not data.startswith(_ZIP):
            old = "a workbook with a password, or of an old kind (.xls)"
            found = old if data.startswith(_OLE) else "no workbook"
            self.problems.add("workbook-unreadable", self.origin, found=found)
            return False
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as parts:
                return self._accepts_parts(parts)
        except _DAMAGED as error:
            self._damaged(error)
            return False

    def _accepts_parts(self, parts: zipfile.ZipFile) -> bool:
        infos = parts.infolist()
        unpacked = sum(info.file_size for info in infos)
        if unpacked > MOST_UNPACKED_BYTES:
            found = f"{unpacked:,} bytes unpacked"
            limit = f"{MOST_UNPACKED_BYTES:,} bytes unpacked"
            self.problems.add("workbook-too-large", self.origin, found=found, limit=limit)
            return False
        names = [info.filename for info in infos]
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            self.problems.add("workbook-macros", self.origin)
            return False
        for name in names:
            if name.endswith((".xml", ".rels")):
                with parts.open(name) as part:
                    if b"<!DOCTYPE" in part.read(2048):
                        raise ValueError(f"{name} declares a document type")
        pictures = sum(name.startswith("xl/media/") for name in names)
        if pictures:
            self.said.append(f"pictures are not read: {pictures} in the workbook")
        if any(name.startswith("xl/comments") for name in names):
            self.said.append("comments on cells are not read")
        drawings = (name for name in names if name.startswith("xl/drawings/drawing"))
        if any(b":txBody" in parts.read(name) for name in drawings):
            self.said.append("texts in drawings are not read")
        return True

    def _damaged(self, error: BaseException) -> None:
        found = f"{type(error).__name__}: {quoted(str(error))}"
        self.problems.add("workbook-unreadable", self.origin, found=found)

    # --- sheets ----------------------------------------------------------------------------

    def read(self, data: bytes) -> None:
        from openpyxl import load_workbook

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # openpyxl tells of extensions that it leaves out
                book = load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
        except _NOT_AS_STANDARD as error:
            self._damaged(error)
            return
        try:
            formulas = _formulas(data)
        except _DAMAGED as error:
            self._damaged(error)
            return
        for sheet in book.worksheets:
            self._sheet(sheet, formulas.get(sheet.title, {}))
        for sheet in book.chartsheets:
            self.said.append(f'sheet "{sheet.title}" is left out: it is a chart')

    def _sheet(self, sheet: Any, formulas: Mapping[Spot, str]) -> None:
        name = str(sheet.title)
        if name_key(name) in self.ignored:
            self.said.append(f'sheet "{name}" is left out by its name')
            return
        content = self._content(sheet, formulas)
        last_row, last_column = content.size()
        is_long = last_row > MOST_LINES or last_row * last_column > MOST_CELLS
        if is_long or last_column > MOST_COLUMNS:
            self.problems.add(
                "workbook-too-large",
                Origin(self.document, sheet=name),
                found=f"{last_row:,} rows, {last_column:,} columns",
                limit=f"{MOST_LINES:,} rows, {MOST_COLUMNS} columns and {MOST_CELLS:,} cells",
            )
            return
        grid = GridReader(self.reading.headings, self.problems, self.said)
        if sheet.sheet_state != "visible" and not self._takes_hidden_sheet(content, grid):
            return
        self._leave_out_hidden(sheet, content, grid)
        _spread(sheet, content)
        rows = []
        for number, cells, inherited in content.rows():
            origin = Origin(self.document, sheet=name, row=number)
            for cell in filter(None, cells):
                check_text(cell.replace("\r\n", "\n"), origin, self.problems)
            rows.append(Row(cells, origin, inherited))
        self.row_count += len(rows)
        self._say_dates(content)
        self.blocks += grid.read(rows)

    def _content(self, sheet: Any, formulas: Mapping[Spot, str]) -> _Sheet:
        content = _Sheet(str(sheet.title))
        # not iter_rows: it makes a cell for every place up to the last one
        for spot, cell in sorted(sheet._cells.items()):
            origin = Origin(self.document, sheet=content.name, row=spot[0])
            if cell.value is None:
                if spot in formulas:
                    found = quoted(formulas[spot])
                    self.problems.add("formula-value", origin, found=found, cell=cell.coordinate)
                continue
            if cell.data_type == "e":
                found = str(cell.value)
                self.problems.add("cell-error", origin, found=found, cell=cell.coordinate)
                continue
            content.texts[spot] = text_of(cell.value, str(cell.number_format))
            if date_in(cell.value):
                content.dates.append(f"{cell.coordinate} {content.texts[spot]}")
        return content

    def _say_dates(self, content: _Sheet) -> None:
        if content.dates:
            more = len(content.dates) - SHOWN_CELLS
            shown = ", ".join(content.dates[:SHOWN_CELLS]) + (
                f" and {more} more" if more > 0 else ""
            )
            self.said.append(
                f'dates in sheet "{content.name}" are written as year-month-day: {shown}'
            )

    # --- what is hidden --------------------------------------------------------------------

    def _takes_hidden_sheet(self, content: _Sheet, grid: GridReader) -> bool:
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

    def _leave_out_hidden(self, sheet: Any, content: _Sheet, grid: GridReader) -> None:
        """Take hidden rows and columns out; those that may hold projects are a problem."""
        columns = _hidden_columns(sheet, content.size()[1])
        rows = {n for n, size in sheet.row_dimensions.items() if size.hidden or size.height == 0}
        filled = [spot for spot, text in content.texts.items() if folded(text)]
        filled_columns = {column for _, column in filled} & columns
        in_rows = Counter(row for row, _ in filled if row in rows)
        words = []
        if in_rows:
            words.append(_counted("row", map(str, sorted(in_rows))))
        if filled_columns:
            words.append(_counted("column", map(_letters, sorted(filled_columns))))
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


def _formulas(data: bytes) -> dict[str, dict[Spot, str]]:
    """The formulas of each sheet by place; most workbooks of plans have few."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    try:
        return {
            sheet.title: {
                (cell.row, cell.column): str(cell.value)
                for row in sheet.iter_rows()
                for cell in row
                if cell.data_type == "f"
            }
            for sheet in book.worksheets
        }
    finally:
        book.close()


def _spread(sheet: Any, content: _Sheet) -> None:
    """Give the text of merged cells to every row of theirs, in their first column."""
    last = content.size()[0]
    for area in sheet.merged_cells.ranges:
        text = content.texts.get((area.min_row, area.min_col), "")
        # blanks that stand for icons are counted once
        for row in range(area.min_row + 1, min(area.max_row, last) + 1) if folded(text) else ():
            content.texts[row, area.min_col] = text
            content.inherited.add((row, area.min_col))


def _hidden_columns(sheet: Any, last: int) -> set[int]:
    hidden: set[int] = set()
    for size in sheet.column_dimensions.values():
        if size.hidden or size.width == 0:
            hidden |= set(range(size.min, min(size.max, last) + 1))
    return hidden


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _counted(word: str, places: Iterable[str]) -> str:
    shown = list(places)
    more = f" and {len(shown) - SHOWN_CELLS} more" if len(shown) > SHOWN_CELLS else ""
    return f"{word}{'s' if len(shown) > 1 else ''} {', '.join(shown[:SHOWN_CELLS])}{more}"
