"""The common ground of the document readers: text lines and tables of cells with origins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.errors import Problem
from kg.origin import Origin


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: cells exactly as the document has them, blanks included."""

    cells: tuple[str, ...]
    origin: Origin

    @property
    def line(self) -> int:
        """The row's place for people: its line, or its row in a sheet."""
        return self.origin.number or 0

    @property
    def is_blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the header row, the rows below it, and the last text line above it."""

    header: Row
    rows: tuple[Row, ...]
    caption: TextLine | None

    @property
    def origin(self) -> Origin:
        return self.header.origin


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text outside tables."""

    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A document as read: its blocks in order, its size in lines, and what was unreadable."""

    blocks: tuple[TextLine | Table, ...]
    line_count: int
    problems: tuple[Problem, ...]
    sha256: str

    def tables(self) -> Iterator[Table]:
        return (block for block in self.blocks if isinstance(block, Table))

    def text_lines(self) -> Iterator[TextLine]:
        return (block for block in self.blocks if isinstance(block, TextLine))
