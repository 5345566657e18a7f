"""Where in a document something was read: every value keeps its origin until it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import NamedTuple

SHOWN_PLACES = 10
"""Places named in one problem; more are counted only."""

COUNTED_IN_ROWS = (".csv", ".tsv", ".xlsx", ".ods", ".pdf")
"""Documents whose places are rows as a spreadsheet shows them, not lines, by their ending."""


class Place(NamedTuple):
    """A line of a text or a row of a sheet, as it is published: `sheet` is "" without sheets."""

    sheet: str
    number: int


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A place in a document, as a person would look it up.

    `document` is the path as it was given to the program. `line`, `page` and `row` count
    from 1 as an editor or a spreadsheet shows them (a header is row 1); `sheet` is a
    sheet's name. What a kind of document does not have stays None.
    """

    document: str
    line: int | None = None
    page: int | None = None
    sheet: str | None = None
    row: int | None = None

    @classmethod
    def at(cls, document: str, place: Place | None) -> Origin:
        """The origin of a published place: its number is a line or a row by the kind of document.

        None is the document as a whole.
        """
        if place is None:
            return cls(document)
        if is_counted_in_rows(document):
            return cls(document, sheet=place.sheet or None, row=place.number)
        return cls(document, line=place.number)

    @property
    def number(self) -> int | None:
        """The line of a text, or the row of a table: what sp:sourceLine says."""
        return self.row if self.line is None else self.line

    @property
    def place(self) -> Place | None:
        """The place as it is published; None for a document as a whole."""
        return None if self.number is None else Place(self.sheet or "", self.number)

    @property
    def where(self) -> str:
        """The place within the document in words: `line 12`, `sheet "事業", row 12`."""
        parts = [] if self.sheet is None else [f'sheet "{self.sheet}"']
        for word, number in (("page", self.page), ("line", self.line), ("row", self.row)):
            if number is not None:
                parts.append(f"{word} {number}")
        return ", ".join(parts)

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.document, self.where)))


def is_counted_in_rows(document: str) -> bool:
    """Whether places of a document are rows, as in a CSV file or a workbook."""
    return PurePath(document).suffix.lower() in COUNTED_IN_ROWS


def in_words(places: Sequence[tuple[Origin, str]]) -> str:
    """`row 2 (goal 4), row 7 (goal 8) and 3 more`, for a reader who has the first's document.

    A document is named where it is another than that of the place before. What is no row of a
    document yet, such as an answer at a terminal, stands for itself.
    """
    shown, document = [], places[0][0].document if places else ""
    for origin, what in places[:SHOWN_PLACES]:
        row = f"row {origin.row}" if origin.document == document else str(origin)
        shown.append(str(origin) if origin.row is None else f"{row} ({what})")
        document = origin.document
    more = len(places) - SHOWN_PLACES
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def in_order(places: Iterable[tuple[Origin, str]]) -> tuple[tuple[Origin, str], ...]:
    """By document and row; before them what has no row yet, for that is being asked about."""
    return tuple(sorted(places, key=lambda p: (p[0].row is not None, p[0].document, p[0].row or 0)))
