"""Characters with their places on a page to the text of a cell or to lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

GAP = 0.55
"""Share of a character's size that a gap must have to be a blank."""

SAME_PLACE = 0.8
"""Points within which equal characters are one that is printed twice to look bold."""

Character = dict[str, Any]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom in points from the page's upper left corner."""


def lines_of(characters: Iterable[Character]) -> list[tuple[str, Box]]:
    """The lines from top to bottom: text, and where it stands."""
    found = []
    for line in _by_line(characters):
        text = _joined(line)
        if text.strip():
            found.append((text, _around(line)))
    return found


def cell_text(characters: Iterable[Character], cell: Box | None = None) -> str:
    """The text of a cell; lines that were only broken to fit are joined.

    Between Latin letters a blank is put, unless the line above is full to the cell's edge: then
    the word itself was broken.
    """
    text, above = "", None
    for line in _by_line(characters):
        own = _joined(line)
        if above and own.strip() and _needs_blank(text, own):
            text += "" if cell and _is_full(above, line, cell) else " "
        text += own
        above = line
    return text


def _needs_blank(above: str, below: str) -> bool:
    """Whether two lines end and begin with letters of the Latin alphabet, blanks left aside."""
    last, first = above[-1:], below[:1]
    return last.isascii() and last.isalpha() and first.isascii() and first.isalpha()


def _is_full(above: Sequence[Character], below: Sequence[Character], cell: Box) -> bool:
    """Whether the first character of the line below would not have fitted on the line above."""
    left, _, right, _ = _around(above)
    margin = max(left - cell[0], 0.0)
    first = below[0]
    return bool(cell[2] - margin - right < first["x1"] - first["x0"])


def plain_character(text: str) -> str:
    """The character that is meant; fonts of some PDFs name radicals in place of ideographs."""
    if "\u2e80" <= text[:1] <= "\u2fdf":
        return unicodedata.normalize("NFKC", text)
    return text


def _by_line(characters: Iterable[Character]) -> list[list[Character]]:
    lines: list[list[Character]] = []
    middle = size = 0.0
    for one in sorted(characters, key=lambda c: ((c["top"] + c["bottom"]) / 2, c["x0"])):
        own = (one["top"] + one["bottom"]) / 2
        # raised or small characters belong to the line whose middle they are near
        if lines and abs(own - middle) <= max(size, one["size"]) * 0.45:
            lines[-1].append(one)
        else:
            lines.append([one])
            middle, size = own, one["size"]
        if one["size"] > size:
            middle, size = own, one["size"]
    return [_once(sorted(line, key=lambda c: c["x0"])) for line in lines]


def _once(line: Sequence[Character]) -> list[Character]:
    kept: list[Character] = []
    for one in line:
        twice = (
            old["text"] == one["text"] and abs(old["x0"] - one["x0"]) < SAME_PLACE
            for old in kept[-3:]
        )
        if not any(twice):
            kept.append(one)
    return kept


def _joined(line: Sequence[Character]) -> str:
    text, end = "", None
    for one in line:
        if end is not None and one["x0"] - end > GAP * one["size"] and not text.endswith(" "):
            text += " "
        text += plain_character(one["text"])
        end = one["x1"]
    return text


def _around(line: Sequence[Character]) -> Box:
    return (
        min(c["x0"] for c in line),
        min(c["top"] for c in line),
        max(c["x1"] for c in line),
        max(c["bottom"] for c in line),
    )
