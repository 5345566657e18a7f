"""Areas of cells that a workbook's XML names, added up before anything makes a cell for each.

openpyxl makes a cell for every place of a merged or linked area as it loads a sheet, so that one
short line of XML can take all memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from xml.parsers import expat

from kg.extract.rows import MOST_LINES
from kg.extract.sheets import MOST_CELLS

MOST_AREAS = f"{MOST_LINES:,} rows and {MOST_CELLS:,} cells in merged and linked areas"
"""What is borne, in words."""

_EXPANDED = frozenset(("mergeCell", "hyperlink"))
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_CHUNK_BYTES = 1 << 16


def too_large_area(parts: zipfile.ZipFile) -> str:
    """The area with which a workbook has more merged cells than is borne; "" if there is none.

    Raises ValueError for an area that is none, and what damaged archives raise.
    """
    cells = 0
    # a sheet may have any name: its kind stands in another part
    for name in parts.namelist():
        for area in _areas(parts, name):
            rows, columns = _size(area)
            cells += rows * columns
            if rows > MOST_LINES or cells > MOST_CELLS:
                return f"{area} in {name}"
    return ""


def _areas(parts: zipfile.ZipFile, name: str) -> Iterator[str]:
    found: list[str] = []

    def start(tag: str, given: dict[str, str]) -> None:
        if tag.rpartition(":")[2] in _EXPANDED and ":" in given.get("ref", ""):
            found.append(given["ref"])

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    with parts.open(name) as part:
        while piece := part.read(_CHUNK_BYTES):
            try:
                parser.Parse(piece, False)
            except expat.ExpatError:  # no XML, or damaged: it is refused when it is read
                break
            yield from found
            found.clear()
    yield from found


def _size(area: str) -> tuple[int, int]:
    """Rows and columns; an area such as A:C has all rows."""
    from openpyxl.utils.cell import range_boundaries

    left, top, right, bottom = range_boundaries(area)
    rows = (bottom or _LAST_ROW) - (top or 1) + 1
    return rows, (right or _LAST_COLUMN) - (left or 1) + 1
