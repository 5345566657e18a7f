"""The child process that takes a PDF apart, within limits of memory, time, pages and output.

    python -m kg.extract.pdf_pages FILE < {"memory_bytes": …, "palette": {"1": "#E5243B", …}}

Writes a line of JSON per page, with its lines of text and its tables, each cell with its text and
icons; or one line {"error": kind, "found": words}. A PDF can be made to take any time and memory,
so it is never taken apart in the process that asks.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kg.extract.colours import Palette
from kg.extract.pdf_icons import FoundIcon, box_of, candidates, is_shading, read_filled, read_icons
from kg.extract.pdf_text import Box, Character, cell_text, lines_of
from kg.extract.rows import FILLED

MOST_CHARACTERS = 20_000_000
"""Characters of a document that are handed over."""

MOST_SHAPES = 20_000
"""Lines and areas of one page."""

MOST_CROSSINGS = 20_000
"""Rows times columns that the ruling lines of one page may make; finding cells takes long."""


class _TooLarge(Exception):
    """What there is too much of, in words."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """A table's cells by row and column, and where its columns begin."""

    lefts: tuple[float, ...]
    tops: tuple[float, ...]
    cells: tuple[Box, ...]

    def place(self, cell: Box) -> tuple[int, int, int]:
        """First row, column, and the row after the last of a cell."""
        end = sum(top < cell[3] - 0.1 for top in self.tops)
        return self.tops.index(cell[1]), self.lefts.index(cell[0]), end


def pages_of(path: str, palette: Palette) -> Iterator[dict[str, Any]]:
    """Every page in order. Raises _TooLarge, and whatever the libraries raise."""
    import pdfplumber
    import pypdfium2

    left = MOST_CHARACTERS
    drawn = pypdfium2.PdfDocument(path)
    with pdfplumber.open(path, raise_unicode_errors=False) as pdf, contextlib.closing(drawn):
        yield {"pages": len(pdf.pages)}
        for page in pdf.pages:
            left -= len(page.chars)
            if left < 0:
                raise _TooLarge(f"more than {MOST_CHARACTERS:,} characters")
            shapes = len(page.rects) + len(page.lines) + len(page.curves)
            if shapes > MOST_SHAPES:
                raise _TooLarge(f"{shapes:,} lines and areas on page {page.page_number}")
            yield _page(drawn, page, palette)
            page.close()


def _page(drawn: Any, page: Any, palette: Palette) -> dict[str, Any]:
    characters = [c for c in page.chars if c.get("upright", True) and _is_visible(c)]
    icons = candidates(page)
    areas = {id(one) for one in icons if one["object_type"] != "image"}
    # the edges of small filled areas are no ruling lines
    ruled = page.filter(lambda one: not _is_one_of(one, icons, areas)) if areas else page
    _check_crossings(ruled)
    grids = [_grid(table.cells) for table in ruled.find_tables()]
    cells = [cell for grid in grids for cell in grid.cells]
    chosen = [one for one in icons if _is_icon(one, cells, characters)]
    read = read_icons(drawn, page, chosen, palette)
    held = [cell for cell in cells if any(_has_middle(cell, icon.box) for icon in read)]
    empty = [c for c in cells if c not in held and not any(_holds(c, one) for one in characters)]
    read += read_filled(drawn, page, empty, palette)
    tables = [grid for grid in grids if len(grid.cells) > 1]
    inside = [cell for grid in tables for cell in grid.cells]
    blocks = [_table(grid, characters, read) for grid in tables]
    boxes = [block["box"] for block in blocks]
    rest = [c for c in characters if not any(_holds(box, c) for box in boxes)]
    blocks += [{"line": text, "box": box} for text, box in lines_of(rest)]
    blocks.sort(key=lambda block: (round(block["box"][1]), block["box"][0]))
    return {
        "page": page.page_number,
        "height": float(page.height),
        "blocks": blocks,
        "pictures": len(page.images),
        "outside": sum(
            icon.reading.goal is not None
            and not any(_has_middle(cell, icon.box) for cell in inside)
            for icon in read
        ),
        "turned": sum(not c.get("upright", True) for c in page.chars),
    }


def _check_crossings(page: Any) -> None:
    across = {round(edge["top"]) for edge in page.horizontal_edges}
    down = {round(edge["x0"]) for edge in page.vertical_edges}
    if len(across) * len(down) > MOST_CROSSINGS:
        number = page.page_number
        raise _TooLarge(f"{len(across)} times {len(down)} ruling lines on page {number}")


def _is_visible(character: Character) -> bool:
    return bool(character["x1"] >= 0 and character["bottom"] >= 0 and character["text"])


def _is_one_of(one: dict[str, Any], icons: Sequence[dict[str, Any]], areas: set[int]) -> bool:
    if one["object_type"] not in ("rect", "curve"):
        return False
    box = box_of(one)
    return any(id(icon) in areas and box_of(icon) == box for icon in icons)


def _grid(cells: Sequence[Box]) -> _Grid:
    lefts = tuple(sorted({cell[0] for cell in cells}))
    tops = tuple(sorted({cell[1] for cell in cells}))
    return _Grid(lefts, tops, tuple(cells))


def _is_icon(one: dict[str, Any], cells: Sequence[Box], characters: Sequence[Character]) -> bool:
    """Whether a candidate is no shading of a cell, and has no text but a goal's number."""
    cell = next((cell for cell in cells if _has_middle(cell, box_of(one))), None)
    if one["object_type"] == "image":
        return True
    if cell is not None and is_shading(box_of(one), cell):
        return False
    text = cell_text(c for c in characters if _holds(box_of(one), c)).strip()
    return not text or (text.isdecimal() and 1 <= int(text) <= 17)


def _table(
    grid: _Grid, characters: Sequence[Character], icons: Sequence[FoundIcon]
) -> dict[str, Any]:
    box = (
        min(cell[0] for cell in grid.cells),
        min(cell[1] for cell in grid.cells),
        max(cell[2] for cell in grid.cells),
        max(cell[3] for cell in grid.cells),
    )
    width = len(grid.lefts)
    rows: list[dict[str, Any]] = [
        {"cells": [""] * width, "inherited": [], "icons": []} for _ in grid.tops
    ]
    inside = [c for c in characters if _holds(box, c)]
    for cell in grid.cells:
        first, column, end = grid.place(cell)
        own = [icon for icon in icons if _has_middle(cell, icon.box)]
        text, read = _cell(cell, inside, own)
        rows[first]["icons"] += [[column, *icon] for icon in read]
        rows[first]["cells"][column] = text
        for row in range(first + 1, end) if text.strip() else ():
            rows[row]["cells"][column] = text
            rows[row]["inherited"].append(column)
    for one in rows:
        if sum(bool(text.strip()) for text in one["cells"]) < 2:  # a heading in colour
            one["icons"] = [icon for icon in one["icons"] if icon[3] != FILLED]
    return {"box": box, "lefts": grid.lefts, "rows": rows}


def _cell(
    cell: Box, characters: Sequence[Character], icons: Sequence[FoundIcon]
) -> tuple[str, list[tuple[int | None, str, str]]]:
    """The text beside the icons, and what each icon was read as: goal, colour, why not."""
    own = [c for c in characters if _holds(cell, c)]
    read = []
    for icon in sorted(icons, key=lambda icon: (round(icon.box[1]), icon.box[0])):
        reading = icon.reading
        goal, why = reading.goal, reading.why
        on_it = [c for c in own if _holds(icon.box, c)]
        number = cell_text(on_it).strip()
        if number.isdecimal() and 1 <= int(number) <= 17:
            own = [c for c in own if c not in on_it]
            if goal is not None and goal != int(number):
                goal, why = None, f"the colour of goal {goal} with the number {int(number)}"
            elif goal is None:
                goal, why = None, f"{why}, with the number {int(number)}"
        read.append((goal, reading.colour, why))
    return cell_text(own, cell), read


def _holds(box: Box, character: Character) -> bool:
    x = (character["x0"] + character["x1"]) / 2
    y = (character["top"] + character["bottom"]) / 2
    return bool(box[0] <= x < box[2] and box[1] <= y < box[3])


def _has_middle(cell: Box, box: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return cell[0] <= x < cell[2] and cell[1] <= y < cell[3]


def _limit(memory_bytes: int, seconds: int) -> None:
    for kind, most in ((resource.RLIMIT_AS, memory_bytes), (resource.RLIMIT_CPU, seconds)):
        with contextlib.suppress(ValueError, OSError):  # some systems know no such limit
            resource.setrlimit(kind, (most, most))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Take the file of the command line apart; what went wrong is a line of the output."""
    given = json.load(sys.stdin)
    _limit(given["memory_bytes"], given["seconds"])
    palette = Palette({int(goal): colour for goal, colour in given["palette"].items()})
    try:
        for page in pages_of(sys.argv[1], palette):
            if page.get("pages", 0) > given["pages"]:
                raise _TooLarge(f"{page['pages']:,} pages")
            _write(page)
    except _TooLarge as error:
        _write({"error": "too-large", "found": str(error)})
    except MemoryError:
        _write({"error": "too-large", "found": "more memory than that"})
    except Exception as error:  # whatever a damaged PDF makes the libraries raise
        _write(_told(error))


def _told(error: Exception) -> dict[str, str]:
    names = {type(one).__name__ for one in (error, *error.args)}
    names |= {str(one) for one in error.args}
    if any("Password" in name or "password" in name for name in names):
        return {"error": "unreadable", "found": "a PDF with a password"}
    if names & {"MemoryError", "SystemError"}:  # the latter where a library forgot to say so
        return {"error": "too-large", "found": "more memory than that"}
    inner = next((one for one in error.args if isinstance(one, Exception)), error)
    return {"error": "unreadable", "found": f"{type(inner).__name__}: {inner}"[:200]}


def _write(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=True), flush=True)


if __name__ == "__main__":
    main()
