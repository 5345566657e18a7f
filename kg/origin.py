"""Where in a document something was read: every value keeps its origin until it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import NamedTuple

COUNTED_IN_ROWS = (".csv", ".tsv", ".xlsx")
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
