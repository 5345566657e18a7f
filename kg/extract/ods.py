"""OpenDocument spreadsheets (.ods): every visible sheet as rows, merged cells spread.

Read from content.xml with the standard library's parser, event by event; formulas count by the
value stored with them, macros never run, a declared document type is refused unread.
OASIS ODF 1.3, part 3: table model in section 9, cell values in 19.383 to 19.392.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

from kg.errors import quoted
from kg.extract.ods_values import Attributes, count_in, moment, short_name, typed_value
from kg.extract.rows import DocumentText, Reading
from kg.extract.sheets import (
    DAMAGED,
    MOST_CELLS,
    MOST_COLUMNS,
    Sheet,
    SheetsReader,
    document_of,
    letters,
)
from kg.origin import Origin

MOST_UNPACKED_BYTES = 64 << 20
"""Bytes of content.xml, which is parsed as it is unpacked; no other part is unpacked as a whole."""

MOST_DEPTH = 100
"""Elements within each other."""

MIME_TYPES = (
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.spreadsheet-template",
)
_CELLS = ("table:table-cell", "table:covered-table-cell")
_UNREAD = (
    *("table:tracked-changes", "table:shapes", "office:annotation", "office:forms"),
    *("text:note", "text:ruby-text", "table:scenario", "table:dde-links"),
)
_ERROR = re.compile(r"#(?:REF|NAME|VALUE|DIV/0|N/A|NUM|NULL)[!?]?|Err:\d{3}")
_CHUNK_BYTES = 1 << 16


class _NotRead(Exception):
    """Why a document is given up, in words."""


def read_ods(path: Path, reading: Reading) -> DocumentText:
    """The tables and lines of every sheet in order, with every unreadable cell as a problem.

    Raises OSError if the file cannot be read.
    """
    reader = SheetsReader(str(path), reading)
    return document_of(path, reader, lambda data: _read(data, reader))


def _read(data: bytes, reader: SheetsReader) -> None:
    problems, origin = reader.problems, reader.origin
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            names = [info.filename for info in parts.infolist()]
            unpacked = parts.getinfo("content.xml").file_size if "content.xml" in names else 0
            if unpacked > MOST_UNPACKED_BYTES:
                found, limit = f"{unpacked:,} bytes unpacked", f"{MOST_UNPACKED_BYTES:,} bytes"
                problems.add("workbook-too-large", origin, found=found, limit=limit)
                return
            if any(name.startswith(("Basic/", "Scripts/")) for name in names):
                problems.add("workbook-macros", origin)
                return
            _check_kind(parts, names)
            content = _Content(reader)
            with parts.open("content.xml") as part:
                content.read(part.read)
    except _NotRead as reason:
        problems.add("workbook-unreadable", origin, found=str(reason))
        return
    except expat.ExpatError as error:
        problems.add("workbook-unreadable", origin, found=f"content.xml: {quoted(str(error))}")
        return
    except DAMAGED as error:
        found = f"{type(error).__name__}: {quoted(str(error))}"
        problems.add("workbook-unreadable", origin, found=found)
        return
    if any(name.startswith("Pictures/") for name in names):
        count = sum(name.startswith("Pictures/") and not name.endswith("/") for name in names)
        reader.tell_pictures(count)
    if content.has_annotations:
        reader.said.append("comments on cells are not read")
    if content.has_drawn_text:
        reader.said.append("texts in drawings are not read")
    for sheet in content.sheets:
        reader.add_sheet(sheet)


def _check_kind(parts: zipfile.ZipFile, names: list[str]) -> None:
    kind = ""
    if "mimetype" in names:
        with parts.open("mimetype") as part:
            kind = part.read(200).decode("ascii", "replace").strip()
    if kind not in MIME_TYPES:
        raise _NotRead(f"a document of kind {quoted(kind)}" if kind else "no workbook")
    if "META-INF/manifest.xml" in names:
        with parts.open("META-INF/manifest.xml") as part:
            if b"encryption-data" in part.read(1 << 20):
                raise _NotRead("a workbook with a password")


class _Content:
    """The sheets of content.xml, collected event by event."""

    def __init__(self, reader: SheetsReader) -> None:
        self.reader = reader
        self.sheets: list[Sheet] = []
        self.has_annotations = self.has_drawn_text = False
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._depth = 0
        self._unread_at = 0
        self._sheet: Sheet | None = None
        self._is_left_out = False
        self._row, self._column, self._first_column = 0, 0, 0
        self._row_times = 1
        self._row_filled: dict[int, str] = {}
        self._hidden_rows: list[tuple[int, int]] = []
        self._hidden_columns: list[tuple[int, int]] = []
        self._cell: Attributes | None = None
        self._is_covered = False
        self._words: list[str] = []
        self._paragraph = 0
        self._cells = 0

    def read(self, source: Callable[[int], bytes]) -> None:
        """Parse what `source` gives, a piece at a time. Raises ExpatError and _NotRead."""
        parser = expat.ParserCreate(namespace_separator="\t")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        size = 0
        while piece := source(_CHUNK_BYTES):
            size += len(piece)
            if size > MOST_UNPACKED_BYTES:  # what the archive says of its sizes may be wrong
                raise _NotRead(f"more than {MOST_UNPACKED_BYTES:,} bytes in content.xml")
            parser.Parse(piece, False)
        parser.Parse(b"", True)

    @staticmethod
    def _doctype(*_: object) -> None:
        raise _NotRead("content.xml declares a document type")

    # --- elements --------------------------------------------------------------------------

    def _start(self, tag: str, given: Attributes) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise _NotRead(f"more than {MOST_DEPTH} elements within each other")
        if self._unread_at:
            self.has_drawn_text |= tag.endswith("\tp") and self._unread_at < 0
            return
        name = short_name(tag)
        if name in _UNREAD or name.startswith("draw:"):
            self.has_annotations |= name == "office:annotation"
            # negative: within a drawing, whose texts are told
            is_drawing = name == "table:shapes" or name.startswith("draw:")
            self._unread_at = -self._depth if is_drawing else self._depth
            return
        attributes = {short_name(key): value for key, value in given.items()}
        if name == "style:style":
            self._style = attributes.get("style:name", "")
        elif name == "style:table-properties":
            if attributes.get("table:display") == "false":
                self._hidden_styles.add(self._style)
        elif name == "table:table":
            self._start_table(attributes)
        elif self._sheet is None:
            return
        elif name == "table:table-column":
            self._column_of(attributes)
        elif name == "table:table-row":
            self._start_row(attributes)
        elif name in _CELLS:
            self._cell, self._words, self._paragraph = attributes, [], 0
            self._is_covered = name == "table:covered-table-cell"
        elif self._cell is not None:
            self._inline(name, attributes)

    def _end(self, tag: str) -> None:
        depth, self._depth = self._depth, self._depth - 1
        if self._unread_at:
            if abs(self._unread_at) == depth:
                self._unread_at = 0
            return
        name = short_name(tag)
        if name == "table:table" and self._sheet is not None:
            self._end_table()
        elif name == "table:table-row" and self._sheet is not None:
            self._end_row()
        elif name in _CELLS and self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None

    def _text(self, text: str) -> None:
        if self._cell is not None and self._paragraph and not self._unread_at:
            # line breaks of the file itself are blanks; the document's are elements
            self._words.append(re.sub(r"[\t\r\n]+", " ", text))

    def _inline(self, name: str, attributes: Attributes) -> None:
        if name == "text:p":
            if self._paragraph:
                self._words.append("\n")
            self._paragraph += 1
        elif name == "text:s":
            self._words.append(" " * min(count_in(attributes, "text:c"), MOST_COLUMNS))
        elif name == "text:tab":
            self._words.append("\t")
        elif name == "text:line-break":
            self._words.append("\n")

    # --- tables ----------------------------------------------------------------------------

    def _start_table(self, attributes: Attributes) -> None:
        if self._sheet is not None:
            raise _NotRead(f'a table within a cell of sheet "{self._sheet.name}"')
        self._sheet = Sheet(attributes.get("table:name", ""))
        self._sheet.is_hidden = attributes.get("table:style-name") in self._hidden_styles
        self._is_left_out = self.reader.leaves_out(self._sheet.name)
        self._row = self._first_column = 0
        self._hidden_rows, self._hidden_columns = [], []

    def _end_table(self) -> None:
        sheet, self._sheet = self._sheet, None
        assert sheet is not None
        last_row, last_column = sheet.size()
        for first, end in self._hidden_rows:
            sheet.hidden_rows.update(range(first, min(end, last_row) + 1))
        for first, end in self._hidden_columns:
            sheet.hidden_columns.update(range(first, min(end, last_column) + 1))
        if not self._is_left_out:
            self.sheets.append(sheet)

    def _column_of(self, attributes: Attributes) -> None:
        times = count_in(attributes, "table:number-columns-repeated")
        first, self._first_column = self._first_column + 1, self._first_column + times
        if attributes.get("table:visibility") in ("collapse", "filter"):
            self._hidden_columns.append((first, self._first_column))

    def _start_row(self, attributes: Attributes) -> None:
        self._row_times = count_in(attributes, "table:number-rows-repeated")
        if attributes.get("table:visibility") in ("collapse", "filter"):
            self._hidden_rows.append((self._row + 1, self._row + self._row_times))
        self._row += 1
        self._column = 0
        self._row_filled = {}

    def _end_row(self) -> None:
        assert self._sheet is not None
        more = self._row_times - 1
        if self._row_filled and not self._is_left_out:
            self._count(more * len(self._row_filled))
            for row in range(self._row + 1, self._row + more + 1):
                for column, text in self._row_filled.items():
                    self._sheet.texts[row, column] = text
        self._row += more

    def _count(self, cells: int) -> None:
        self._cells += cells
        if self._cells > MOST_CELLS:
            raise _NotRead(f"more than {MOST_CELLS:,} cells with text")

    # --- cells -----------------------------------------------------------------------------

    def _end_cell(self, cell: Attributes) -> None:
        assert self._sheet is not None
        first, times = self._column + 1, count_in(cell, "table:number-columns-repeated")
        self._column += times
        if self._is_left_out or self._is_covered:
            return  # below or beside the cell that it is merged with
        spot = (self._row, first)
        rows = count_in(cell, "table:number-rows-spanned")
        if rows > 1:
            self._sheet.merged.append((spot, self._row + rows - 1))
        text = self._value(cell, f"{letters(first)}{self._row}")
        if not text:
            return
        self._count(times)
        for column in range(first, first + times):
            self._sheet.texts[self._row, column] = text
            self._row_filled[column] = text

    def _value(self, cell: Attributes, place: str) -> str:
        """The cell's value as text, after the kinds of ODF 1.3 part 3, 19.389."""
        assert self._sheet is not None
        shown = "".join(self._words)
        kind = cell.get("office:value-type", "")
        origin = Origin(self.reader.document, sheet=self._sheet.name, row=self._row)
        if cell.get("calcext:value-type") == "error" or (
            "table:formula" in cell and _ERROR.fullmatch(shown.strip())
        ):
            self.reader.problems.add("cell-error", origin, found=shown, cell=place)
            return ""
        if not kind and "table:formula" in cell:
            found = quoted(cell["table:formula"])
            self.reader.problems.add("formula-value", origin, found=found, cell=place)
            return ""
        if kind in ("date", "time"):
            text = moment(cell.get(f"office:{kind}-value", ""))
            self._sheet.dates.append(f"{place} {text}")
            return text
        typed = typed_value(cell, kind)
        if typed is not None:
            return typed
        return shown if self._words else cell.get("office:string-value", "")
