"""Where in a document something was read: every value keeps its origin until it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHOWN_PLACES = 10
"""Places named in one problem; more are counted only."""


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

    def __str__(self) -> str:
        parts = [self.document]
        if self.sheet is not None:
            parts.append(f'sheet "{self.sheet}"')
        for word, number in (("page", self.page), ("line", self.line), ("row", self.row)):
            if number is not None:
                parts.append(f"{word} {number}")
        return ", ".join(parts)


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
