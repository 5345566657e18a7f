"""A CSV file that a person wrote: its rows with their places, or what keeps them from being read.

Rows count as a spreadsheet shows them: the header is row 1, and a line break within quotation
marks begins no row.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from kg.errors import Problems, quoted
from kg.origin import Origin
from kg.text import clean, folded

STOPS = frozenset(("decision-quote", "decision-long"))
"""The problems that end the reading of a file."""

LONGEST_CELL = csv.field_size_limit()
"""In characters: the limit of Python's reader, far above any evidence."""

_CELL = re.compile(r'"(?:[^"]|"")*"(?=[,\r\n]|\Z)|(?!")[^,\r\n]*')
_SEPARATORS = {"\t": "tabs", ";": "semicolons"}


def read_rows(text: str, document: str, problems: Problems) -> Iterator[tuple[list[str], Origin]]:
    """The cells of every row, the header among them, and where the row stands.

    Where a cell's quotation mark is not closed at its end, and where a cell is too long, the
    reading stops with a problem: what follows may belong to that cell (RFC 4180, section 2).
    """
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, strict=True)
    header: list[str] = []
    row = 0
    while True:
        row, start = row + 1, reader.line_num
        origin = Origin(document, row=row)
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            _add_unreadable("".join(lines[start:]), header, origin, problems)
            return
        header = header or cells
        yield cells, origin


def row_after(text: str) -> int:
    """The row in which a file goes on that begins with this text."""
    # an x stands for what follows, so that a text that ends with its line counts as well
    reader = csv.reader(io.StringIO(f"{text}x", newline=""))
    row = 0
    try:
        for _ in reader:
            row += 1
    except csv.Error:
        row += 1
    return row


def add_wrong_header(
    code: str,
    cells: Sequence[str] | None,
    wanted: AbstractSet[str],
    origin: Origin,
    problems: Problems,
    **values: str,
) -> None:
    """Tell that row 1 is not the header: as `code`, or that other marks stand for the commas.

    `cells` is None if the file is empty; `values` fill the sentences of `code`.
    """
    alone = cells[0] if cells and len(cells) == 1 else ""
    for mark, name in _SEPARATORS.items():
        if len(wanted & {folded(cell) for cell in alone.split(mark)}) > 1:
            problems.add("decision-separator", origin, found=name)
            return
    found = ", ".join(map(clean, cells or ())) or "an empty row"
    problems.add(code, origin, found="an empty file" if cells is None else found, **values)


def _add_unreadable(text: str, header: Sequence[str], origin: Origin, problems: Problems) -> None:
    """Tell which cell at the beginning of the text cannot be read."""
    place = start = 0
    while (cell := _CELL.match(text, start)) and len(cell[0]) <= LONGEST_CELL:
        place, start = place + 1, cell.end() + 1
    column = clean(header[place]) if place < len(header) else None
    if cell is None:
        line = text[start:].splitlines()[0]
        problems.add("decision-quote", origin, found=quoted(line), column=column)
    else:
        found = f"{len(cell[0]):,} characters"
        limit = f"{LONGEST_CELL:,}"
        problems.add("decision-long", origin, found=found, column=column, limit=limit)
