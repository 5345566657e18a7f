"""The common ground of the document readers: text lines and tables of cells with origins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.codes import Headings
from kg.errors import Problem, Problems, quoted
from kg.origin import Origin
from kg.text import unpublishable

MOST_LINES = 200_000
"""Lines or rows of the longest document that is read, so that memory stays bounded."""

SEVERAL_COLOURS, STRIP = "of several colours", "a strip of pictures that are not all recognised"
FILLED = "the whole cell is filled, with no icon in it"
SEVERAL_ICONS = (SEVERAL_COLOURS, STRIP)
"""Why a picture was not recognised; SEVERAL_ICONS: it may be several icons."""

# what converters write for a glyph that they cannot name
_LOST_CHARACTER = re.compile(r"\ufffd|\(cid:\d+\)")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader may do, and what it must know of the plan.

    `headings` tell where tables begin that have no other mark. `ignored_sheets` are names;
    `hidden` is "read" or "skip" for hidden rows and columns, empty if nobody decided it.
    """

    max_bytes: int
    headings: Headings
    ignored_sheets: tuple[str, ...] = ()
    hidden: str = ""


@dataclass(frozen=True, slots=True)
class Icon:
    """A picture in a cell: the goal read from its colour, or None and why not.

    `colour` is the one that rules it, as `#RRGGBB`; "" if there is none.
    """

    column: int
    goal: int | None
    colour: str
    why: str

    @property
    def may_be_several(self) -> bool:
        """Whether it may be several icons in one picture, so that it cannot even be counted."""
        return self.why in SEVERAL_ICONS


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: cells exactly as the document has them, blanks included.

    `inherited` are the columns whose cell is merged with the one above and repeats it. `icons`
    are the pictures in its cells, where the reader looks at pictures.
    """

    cells: tuple[str, ...]
    origin: Origin
    inherited: frozenset[int] = frozenset()
    icons: tuple[Icon, ...] = ()

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
    """A document as read: its blocks in order, its size in lines, and what was unreadable.

    `line_count` counts rows where the document has no lines. `said` are sentences about what
    the reader decided by itself, such as the encoding; they are always shown. `icons` are all
    pictures in cells with their rows, `outside` how many icons a page has beside its cells.
    `unread_pictures` are the rows whose pictures nobody looks at, or the document as a whole.
    """

    blocks: tuple[TextLine | Table, ...]
    line_count: int
    problems: tuple[Problem, ...]
    sha256: str
    said: tuple[str, ...] = ()
    icons: tuple[tuple[Origin, Icon], ...] = ()
    outside: tuple[tuple[Origin, int], ...] = ()
    unread_pictures: frozenset[Origin] = frozenset()

    def tables(self) -> Iterator[Table]:
        return (block for block in self.blocks if isinstance(block, Table))

    def text_lines(self) -> Iterator[TextLine]:
        return (block for block in self.blocks if isinstance(block, TextLine))


def check_text(text: str, origin: Origin, problems: Problems) -> None:
    """Report what a conversion left behind: control characters, and characters that are lost."""
    controls = (*unpublishable(text), *("\r" for _ in range("\r" in text)))
    if controls:
        found = ", ".join(f"U+{ord(character):04X}" for character in controls[:8])
        problems.add("control-character", origin, found=found)
    if _LOST_CHARACTER.search(text) and not (problems and problems[-1].origin == origin):
        problems.add("replacement-character", origin, found=quoted(text))
