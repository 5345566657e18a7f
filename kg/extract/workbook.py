"""Excel workbooks: every visible sheet as rows, merged cells spread, nothing computed.

Formulas count by the value that Excel stored with them; macros never run. What is hidden is left
out and said, and refused where it may hold projects and plan.toml does not decide.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from kg.errors import quoted
from kg.extract.cell_areas import MOST_AREAS, too_large_area
from kg.extract.cell_values import date_in, text_of
from kg.extract.rows import DocumentText, Reading
from kg.extract.sheets import DAMAGED, Sheet, SheetsReader, Spot, document_of
from kg.origin import Origin

MOST_UNPACKED_BYTES = 64 << 20
"""Bytes of all parts of a workbook together; some ten times as many are needed to read them."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_DAMAGED = (*DAMAGED, ParseError)
# openpyxl checks little: parts that are not as the standard has them end in any of these too
_NOT_AS_STANDARD = (*_DAMAGED, TypeError, IndexError, AttributeError)


def read_workbook(path: Path, reading: Reading) -> DocumentText:
    """The tables and lines of every sheet in order, with every unreadable cell as a problem.

    Raises OSError if the file cannot be read.
    """
    reader = _Workbook(str(path), reading)
    return document_of(path, reader, reader.read)


class _Workbook(SheetsReader):
    """Reads one workbook of Excel."""

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
        if area := too_large_area(parts):
            found = f"the area {area}"
            self.problems.add("workbook-too-large", self.origin, found=found, limit=MOST_AREAS)
            return False
        pictures = sum(name.startswith("xl/media/") for name in names)
        if pictures:
            self.tell_pictures(pictures)
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
        """Read all sheets of a workbook that is accepted."""
        if self.accepts(data):
            self._read(data)

    def _read(self, data: bytes) -> None:
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
        if self.leaves_out(str(sheet.title)):
            return
        content = self._content(sheet, formulas)
        content.is_hidden = sheet.sheet_state != "visible"
        dimensions = sheet.row_dimensions.items()
        content.hidden_rows = {n for n, size in dimensions if size.hidden or size.height == 0}
        content.hidden_columns = _hidden_columns(sheet, content.size()[1])
        content.merged = [
            ((area.min_row, area.min_col), area.max_row) for area in sheet.merged_cells.ranges
        ]
        self.add_sheet(content)

    def _content(self, sheet: Any, formulas: Mapping[Spot, str]) -> Sheet:
        content = Sheet(str(sheet.title))
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


def _formulas(data: bytes) -> dict[str, dict[Spot, str]]:
    """The formulas of each sheet by place; most workbooks of plans have few."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    try:
        return {sheet.title: dict(_formulas_of(sheet)) for sheet in book.worksheets}
    finally:
        book.close()


def _formulas_of(sheet: Any) -> Iterator[tuple[Spot, str]]:
    from openpyxl.worksheet._reader import WorkSheetParser

    book = sheet.parent
    # not iter_rows: it makes cells for all places up to the last one, 17 thousand million of them
    with sheet._get_source() as source:
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for _, cells in parser.parse():
            for cell in cells:
                if cell["data_type"] == "f":
                    yield (cell["row"], cell["column"]), str(cell["value"])


def _hidden_columns(sheet: Any, last: int) -> set[int]:
    hidden: set[int] = set()
    for size in sheet.column_dimensions.values():
        if size.hidden or size.width == 0:
            hidden |= set(range(size.min, min(size.max, last) + 1))
    return hidden
