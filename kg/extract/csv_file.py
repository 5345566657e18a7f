"""CSV documents: encoding and separator are found by content and said, never silent.

Rows count as a spreadsheet shows them, so a cell with line breaks is in one row. UTF-8 with and
without byte order mark, UTF-16 with one ("Unicode text" of Excel) and CP932 (Shift_JIS) are read.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from kg.errors import Problems, quoted
from kg.extract.grid import GridReader
from kg.extract.rows import MOST_LINES, DocumentText, Reading, Row, check_text
from kg.origin import Origin
from kg.text import clean

SEPARATORS = {",": "comma", "\t": "tab", ";": "semicolon"}
LOOKED_AT = 500
"""Rows by which the separator is found."""

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with byte order mark",
    "utf-16": "UTF-16",
    "cp932": "CP932 (Shift_JIS)",
}
_UNDECODED = re.compile("[\udc80-\udcff]+")


def read_csv(path: Path, reading: Reading) -> DocumentText:
    """The tables and lines of a CSV file, with every unreadable row as a problem.

    Bytes that the encoding does not know are a problem that names row and bytes. Raises OSError
    if the file cannot be read.
    """
    is_too_large = path.stat().st_size > reading.max_bytes
    data = b"" if is_too_large else path.read_bytes()
    problems, said = Problems(), list[str]()
    sha256, start = hashlib.sha256(data).hexdigest(), Origin(str(path), row=1)
    if is_too_large:
        problems.add("document-too-large", start, lines=f"{MOST_LINES:,}")
        return DocumentText((), 0, tuple(problems), sha256)
    encoding, text = _decoded(data)
    grid = GridReader(reading.headings, problems, said)
    separator = _separator(text, grid)
    said.append(f"read as {_NAMES[encoding]}, cells parted by {SEPARATORS[separator]}")
    rows = list(_rows(text, separator, str(path), _NAMES[encoding], problems))
    blocks = grid.read(rows)
    return DocumentText(tuple(blocks), len(rows), tuple(problems), sha256, tuple(said))


def _decoded(data: bytes) -> tuple[str, str]:
    """The encoding and the text; what cannot be decoded becomes halves of surrogate pairs."""
    for bom, codec in _BOMS:
        if data.startswith(bom):
            if codec == "utf-16":
                return codec, data.decode(codec, "replace")
            return codec, data.decode(codec, "surrogateescape")
    reached = {}
    for codec in ("utf-8", "cp932"):
        try:
            return codec, data.decode(codec)
        except UnicodeDecodeError as error:
            reached[codec] = error.start
    # of two that fail the one that read further is meant: a damaged byte is rarely the first
    codec = max(reached, key=lambda name: reached[name])
    return codec, data.decode(codec, "surrogateescape")


def _separator(text: str, grid: GridReader) -> str:
    """The separator by which most headings are known; of equals the one that parts most cells."""

    def score(separator: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        headings = cells = 0
        try:
            for row in islice(reader, LOOKED_AT):
                headings += len(row) if grid.is_heading(row) else 0
                cells += len(row)
        except csv.Error:
            pass  # told when the rows are read
        return headings, cells

    return max(SEPARATORS, key=score)


def _rows(
    text: str, separator: str, document: str, encoding: str, problems: Problems
) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    while number < MOST_LINES:
        number += 1
        origin = Origin(document, row=number)
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.add("csv-quotes", origin, found=str(error))
            return
        _check(cells, origin, encoding, problems)
        yield Row(tuple(_UNDECODED.sub("\ufffd", cell) for cell in cells), origin)
    problems.add("document-too-large", origin, lines=f"{MOST_LINES:,}")


def _check(cells: list[str], origin: Origin, encoding: str, problems: Problems) -> None:
    for cell in cells:
        undecoded = _UNDECODED.search(cell)
        if undecoded:
            raw = undecoded[0].encode("utf-8", "surrogateescape")
            around = quoted(clean(_UNDECODED.sub("\ufffd", cell)))
            found = f"{raw[:8].hex(' ')} in {around}"
            problems.add("csv-encoding", origin, found=found, encoding=encoding)
        else:
            check_text(cell.replace("\r\n", "\n"), origin, problems)
