"""Where in a document something was read: every value keeps its origin until it is stored."""

from __future__ import annotations

from dataclasses import dataclass


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
