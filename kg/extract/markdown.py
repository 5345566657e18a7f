"""Markdown documents: pipe tables and text lines, each with its line number.

Reads any pipe table (GitHub's form: a header row, a row of dashes, rows); cells keep
their blanks, because in some conversions blanks are all that is left of an icon. Memory is
bounded: a line may have 1 MiB, a document `max_bytes`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from kg.errors import Problems, quoted
from kg.extract.rows import MOST_LINES, DocumentText, Row, Table, TextLine, check_text
from kg.origin import Origin

LONGEST_LINE_BYTES = 1 << 20
_DELIMITER = re.compile(r"\s*\|?(\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?\s*")
_CELL_END = re.compile(r"(?<!\\)\|")


def read_markdown(path: Path, max_bytes: int = 64 << 20) -> DocumentText:
    """The blocks of a Markdown file, with every unreadable line as a problem.

    A line that is not UTF-8 is read with replacement characters, so that the rest of the
    document still counts; the document is refused because of the problem. CRLF, LF and a
    byte order mark are all accepted. Raises OSError if the file cannot be read.
    """
    reader = _Lines(str(path), max_bytes)
    with path.open("rb") as file:
        lines = list(reader.read(file))
    return DocumentText(
        tuple(_blocks(lines, reader.problems)),
        reader.count,
        tuple(reader.problems),
        reader.digest.hexdigest(),
    )


class _Lines:
    """Reads lines one by one and collects what is wrong with them."""

    def __init__(self, document: str, max_bytes: int) -> None:
        self.document = document
        self.left = max_bytes
        self.count = 0
        self.digest = hashlib.sha256()
        self.problems = Problems()

    def read(self, file: BinaryIO) -> Iterator[TextLine]:
        while raw := file.readline(LONGEST_LINE_BYTES + 1):
            self.count += 1
            origin = Origin(self.document, line=self.count)
            self.digest.update(raw)
            self.left -= len(raw)
            if len(raw) > LONGEST_LINE_BYTES and not raw.endswith(b"\n"):
                self._skip_rest(file, origin)
                continue
            if self.left < 0 or self.count > MOST_LINES:
                self.problems.add("document-too-large", origin, lines=f"{MOST_LINES:,}")
                return
            yield TextLine(self._decoded(raw.rstrip(b"\r\n"), origin), origin)

    def _skip_rest(self, file: BinaryIO, origin: Origin) -> None:
        size = LONGEST_LINE_BYTES + 1
        while raw := file.readline(LONGEST_LINE_BYTES):
            self.digest.update(raw)
            size += len(raw)
            if raw.endswith(b"\n"):
                break
        self.left -= size
        self.problems.add(
            "line-too-long", origin, found=f"{size:,} bytes", limit=f"{LONGEST_LINE_BYTES:,}"
        )

    def _decoded(self, raw: bytes, origin: Origin) -> str:
        try:
            text = raw.decode("utf-8-sig" if origin.line == 1 else "utf-8")
        except UnicodeDecodeError as error:
            text = raw.decode("utf-8", "replace")
            self.problems.add(
                "encoding",
                origin,
                found=raw[error.start : error.start + 8].hex(" "),
                byte=error.start + 1,
                fix=_encoding_fix(raw),
            )
        check_text(text, origin, self.problems)
        return text


def _encoding_fix(raw: bytes) -> str:
    try:
        raw.decode("cp932")
    except UnicodeDecodeError:
        return "convert the document again from its original"
    return "the line can be read as Shift_JIS (CP932): save the whole document as UTF-8"


def _blocks(lines: list[TextLine], problems: Problems) -> Iterator[TextLine | Table]:
    caption: TextLine | None = None
    number = 0
    while number < len(lines):
        line = lines[number]
        if _starts_table(lines, number):
            end = number + 2
            while end < len(lines) and "|" in lines[end].text and not _starts_table(lines, end):
                end += 1
            yield _table(line, lines[number + 2 : end], caption, problems)
            caption, number = None, end
            continue
        if line.text.lstrip().startswith("|"):
            problems.add("row-outside-table", line.origin, found=quoted(line.text))
        elif line.text.strip():
            caption = line
            yield line
        number += 1


def _starts_table(lines: list[TextLine], number: int) -> bool:
    """Whether a line is a header row: cells, and a row of dashes below."""
    below = lines[number + 1].text if number + 1 < len(lines) else ""
    return "|" in lines[number].text and "|" in below and bool(_DELIMITER.fullmatch(below))


def _table(
    header: TextLine, lines: list[TextLine], caption: TextLine | None, problems: Problems
) -> Table:
    head = Row(_cells(header.text), header.origin)
    closed = header.text.rstrip().endswith("|")
    rows = []
    for line in lines:
        cells = _cells(line.text)
        if len(cells) != len(head.cells):
            problems.add(
                "row-width",
                line.origin,
                found=f"{len(cells)} cells: {quoted(line.text)}",
                expected=len(head.cells),
                header=f"{header.origin.where}, closed by |",
            )
            missing = len(head.cells) - len(cells)
            cells = (cells + ("",) * max(missing, 0))[: len(head.cells)]
        elif closed and not line.text.rstrip().endswith("|"):
            problems.add("row-open", line.origin, found=quoted(line.text))
        rows.append(Row(cells, line.origin))
    return Table(head, tuple(rows), caption)


def _cells(text: str) -> tuple[str, ...]:
    text = text.strip("\t \u200b\ufeff\u200e\u200f")
    parts = _CELL_END.split(text)
    if text.startswith("|"):
        parts = parts[1:]
    if len(parts) > 1 and text.endswith("|") and not text.endswith("\\|"):
        parts = parts[:-1]
    return tuple(part.replace("\\|", "|") for part in parts)
