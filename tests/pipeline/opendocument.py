"""Spreadsheets in OpenDocument form, written part by part for tests."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

from tests.pipeline.sheets import Grid

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" office:version="1.3">'
    '<office:automatic-styles><style:style style:name="off" style:family="table">'
    '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    "<office:body><office:spreadsheet>"
)
TAIL = "</office:spreadsheet></office:body></office:document-content>"


def paragraph(text: str) -> str:
    """A paragraph as ODF has it: runs of blanks and line breaks are elements."""
    parts = re.split(r"( {2,}|^ | $|\n)", text)
    return "<text:p>" + "".join(map(_inline, parts)) + "</text:p>"


def _inline(part: str) -> str:
    if part == "\n":
        return "<text:line-break/>"
    if part and not part.strip(" "):
        return f'<text:s text:c="{len(part)}"/>'
    return escape(part)


def cell(text: str, more: str = "") -> str:
    """A cell with a text, or a number if it is one; `more` are further attributes."""
    if not text:
        return f"<table:table-cell{more}/>"
    if re.fullmatch("[0-9]{1,9}", text):
        value = f' office:value-type="float" office:value="{text}"'
        return f"<table:table-cell{value}{more}>{paragraph(text)}</table:table-cell>"
    kind = ' office:value-type="string"'
    return f"<table:table-cell{kind}{more}>{paragraph(text)}</table:table-cell>"


def row(cells: Iterable[str], more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def table(name: str, rows: Iterable[str], style: str = "", columns: str = "") -> str:
    style = f' table:style-name="{style}"' if style else ""
    return (
        f"<table:table table:name={quoteattr(name)}{style}>{columns}{''.join(rows)}</table:table>"
    )


def rows_of(grid: Grid) -> list[str]:
    """Rows that are as wide as a sheet, empty ones together, as spreadsheet programs write them."""
    rows, empty = [], 0
    for cells in grid:
        if not any(cells):
            empty += 1
            continue
        if empty:
            rows.append(_empty_rows(empty))
            empty = 0
        rest = f'<table:table-cell table:number-columns-repeated="{16384 - len(cells)}"/>'
        rows.append(row([*map(cell, cells), rest]))
    return [*rows, _empty_rows(1048576 - len(grid))]


def _empty_rows(times: int) -> str:
    cells = '<table:table-cell table:number-columns-repeated="16384"/>'
    return row([cells], f' table:number-rows-repeated="{times}"')


def ods(content: str, more: Mapping[str, str | bytes] | None = None, mime: str = "") -> bytes:
    """A file with these tables; `more` are further parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        mime = mime or "application/vnd.oasis.opendocument.spreadsheet"
        parts.writestr("mimetype", mime, zipfile.ZIP_STORED)
        parts.writestr("content.xml", content if content[:2] == "<?" else HEAD + content + TAIL)
        for name, data in (more or {}).items():
            parts.writestr(name, data)
    return out.getvalue()


def ods_of(sheets: Mapping[str, Grid]) -> bytes:
    return ods("".join(table(name, rows_of(grid)) for name, grid in sheets.items()))
