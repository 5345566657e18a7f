"""Boxes on a grid and arrows between them as SVG, for the diagram of the model.

Widths are fixed and texts are wrapped by estimate, so that the bytes do not hang on the fonts of
the machine. The narrow drawing has no room for words at its arrows: it has their numbers.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from server.svg import SVG, TEXT_PX, dress

INK, QUIET, OUTLINE, PANEL, GROUND = "#1a1a1a", "#4d4d4d", "#333333", "#f2f2f2", "#ffffff"
LINE_PX, EDGE_PX, HEAD_PX = 15, 4, 7
COLUMNS, ROWS = 3, 5

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Size:
    """A width and the measures of its boxes and of the gaps between rows, in px."""

    width: int
    box: int
    tall: int
    gap: int
    far: int
    """How far from the corner an arrow leaves that passes a row."""
    has_words: bool

    @property
    def height(self) -> int:
        return 2 * EDGE_PX + ROWS * self.tall + (ROWS - 1) * self.gap

    @property
    def step(self) -> float:
        """From column to column."""
        return self.box + (self.width - 2 * EDGE_PX - COLUMNS * self.box) / (COLUMNS - 1)


SIZES = {"wide": Size(720, 164, 54, 54, 36, True), "narrow": Size(328, 96, 70, 40, 2, False)}


@dataclass(frozen=True, slots=True)
class Box:
    """A class: where it stands, its label, its name, and a line below; the last row's second is
    as wide as two."""

    key: str
    row: int
    column: int
    label: str
    name: str
    is_own: bool
    below: str = ""

    @property
    def columns(self) -> int:
        return 2 if (self.row, self.column) == (ROWS - 1, 1) else 1


@dataclass(frozen=True, slots=True)
class Arrow:
    """A property from one class to another."""

    start: str
    end: str
    label: str
    number: int


@dataclass(frozen=True, slots=True)
class _Frame:
    left: float
    top: float
    right: float
    bottom: float
    box: Box

    @property
    def middle(self) -> Point:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


class Drawing:
    """The diagram at one size, its texts in one language."""

    def __init__(
        self, size: Size, language: str, boxes: Sequence[Box], arrows: Sequence[Arrow]
    ) -> None:
        self._size, self._language, self._arrows = size, language, arrows
        self._frames = {box.key: self._frame(box) for box in boxes}
        self._root = ElementTree.Element(f"{{{SVG}}}svg")

    def svg(self, title: str, description: str) -> bytes:
        """The file; the same boxes and arrows give the same bytes."""
        width, height = self._size.width, self._size.height
        dress(self._root, width, height, self._language, title, description)
        self._add("rect", width=width, height=height, fill=GROUND)
        for frame in self._frames.values():
            self._draw_box(frame)
        for arrow in self._arrows:
            self._draw_arrow(arrow)
        return bytes(ElementTree.tostring(self._root, "utf-8", xml_declaration=True)) + b"\n"

    def _frame(self, box: Box) -> _Frame:
        left = EDGE_PX + box.column * self._size.step
        top = EDGE_PX + box.row * (self._size.tall + self._size.gap)
        right = left + self._size.box + (box.columns - 1) * self._size.step
        return _Frame(left, top, right, top + self._size.tall, box)

    def _draw_box(self, frame: _Frame) -> None:
        box, room = frame.box, frame.right - frame.left - 8
        self._add("rect", x=frame.left, y=frame.top, width=frame.right - frame.left,
                  height=frame.bottom - frame.top, rx=4, stroke=OUTLINE,
                  fill=PANEL if box.is_own else GROUND)  # fmt: skip
        lines = [(line, self._size.has_words) for line in wrapped(box.label, room)]
        if self._size.has_words and not box.below:
            lines.append((box.name, False))
        lines += [(line, False) for line in wrapped(box.below, room)] if box.below else []
        x, y = frame.middle
        y -= LINE_PX * (len(lines) - 1) / 2
        for place, (text, is_bold) in enumerate(lines):
            weight = {"font-weight": "700"} if is_bold else {}
            is_label = place < len(wrapped(box.label, room))
            self._text(x, y, text, "middle", INK if is_label else QUIET, **weight)
            y += LINE_PX

    def _draw_arrow(self, arrow: Arrow) -> None:
        start, end = self._frames[arrow.start], self._frames[arrow.end]
        first, last = _ends(start, end, self._size.far)
        length = ((last[0] - first[0]) ** 2 + (last[1] - first[1]) ** 2) ** 0.5
        along = (last[0] - first[0]) / length, (last[1] - first[1]) / length
        neck = last[0] - HEAD_PX * along[0], last[1] - HEAD_PX * along[1]
        side = -along[1] * HEAD_PX / 2, along[0] * HEAD_PX / 2
        self._add("line", x1=first[0], y1=first[1], x2=neck[0], y2=neck[1], stroke=OUTLINE)
        corners = (last, (neck[0] + side[0], neck[1] + side[1]),
                   (neck[0] - side[0], neck[1] - side[1]))  # fmt: skip
        self._add("polygon", fill=OUTLINE,
                  points=" ".join(f"{_px(x)},{_px(y)}" for x, y in corners))  # fmt: skip
        self._draw_word(arrow, first, last)

    def _draw_word(self, arrow: Arrow, first: Point, last: Point) -> None:
        x, y = (first[0] + last[0]) / 2, (first[1] + last[1]) / 2
        is_level, is_upright = first[1] == last[1], first[0] == last[0]
        text, anchor = str(arrow.number), "middle"
        if self._size.has_words:
            text = f"{arrow.number} {arrow.label}"
        if is_level:
            lines = wrapped(text, abs(last[0] - first[0]) - 4)
            y -= 10 + LINE_PX * (len(lines) - 1)
        elif is_upright:
            lines, x, anchor = [text], x + 6, "start"
        else:
            lines = wrapped(text, 100) if self._size.has_words else [text]
            y -= LINE_PX * (len(lines) - 1) / 2
        # a wider one in the colour of the ground first: an arrow does not strike a word through
        for line in lines:
            for more in ({"stroke": GROUND, "stroke-width": "4", "stroke-linejoin": "round"}, {}):
                self._text(x, y, line, anchor, INK, **more)
            y += LINE_PX

    def _text(self, x: float, y: float, text: str, anchor: str, fill: str, **more: str) -> None:
        # the middle of a line by its own measure: dominant-baseline is not drawn alike everywhere
        self._add("text", x=x, y=y + TEXT_PX * 0.36, fill=fill,
                  **{"text-anchor": anchor, **more}).text = text  # fmt: skip

    def _add(self, tag: str, **attributes: float | str) -> ElementTree.Element:
        written = {
            name: value if isinstance(value, str) else _px(value)
            for name, value in attributes.items()
        }
        return ElementTree.SubElement(self._root, f"{{{SVG}}}{tag}", written)


def _ends(start: _Frame, end: _Frame, far: int) -> tuple[Point, Point]:
    """Where an arrow leaves and arrives: at sides that face each other, else at corners."""
    if start.box.row == end.box.row:
        y = start.middle[1]
        return (
            ((start.right, y), (end.left, y)) if start.left < end.left
            else ((start.left, y), (end.right, y))
        )  # fmt: skip
    down = start.top < end.top
    y1, y2 = (start.bottom, end.top) if down else (start.top, end.bottom)
    x = min(start.right, end.right) - (min(start.right, end.right) - max(start.left, end.left)) / 2
    if start.left < end.right and end.left < start.right:
        return (x, y1), (x, y2)
    inset = 12
    is_far = abs(start.box.row - end.box.row) > 1
    if start.left < end.left:
        return (start.right - inset, y1), (end.left + inset, y2)
    return (start.left + (far if is_far else inset), y1), (
        end.right - min(far if is_far else inset, inset),
        y2,
    )


def wrapped(text: str, room: float) -> list[str]:
    """The text in as few lines as fit, about equally long."""
    lines = _lines(text, room)
    shorter = [_lines(text, room * share / 10) for share in range(9, 4, -1)] if lines[1:] else []
    return [one for one in (lines, *shorter) if len(one) == len(lines)][-1]


def _lines(text: str, room: float) -> list[str]:
    lines, line = [], ""
    parts = _parts(text)
    for part in parts:
        if line and _width(line + part.rstrip()) > room:
            lines.append(line.strip())
            line = ""
        line += part
    return [*lines, line.strip()]


def _parts(text: str) -> list[str]:
    """Where lines may be broken: after blanks, and around full-width characters but no mark."""
    parts: list[str] = []
    for character in text:
        is_wide = unicodedata.east_asian_width(character) in "WF"
        is_mark = character in "、。・）"
        if parts and (is_mark or not (is_wide or parts[-1][-1] == " " or _is_wide(parts[-1][-1]))):
            parts[-1] += character
        else:
            parts.append(character)
    return parts


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _width(text: str) -> float:
    return sum(TEXT_PX if _is_wide(character) else TEXT_PX * 0.54 for character in text)


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
