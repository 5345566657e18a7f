"""The chart of a comparison as SVG: for each goal a bar per plan, lettered, from 0.

Which plans are compared is the reader's choice, so this chart is drawn when it is asked for, by
hand and not by the library behind the charts of plans: that takes half a second to load and a
process of its own. What a bar counts is told by its texture, not by its colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.etree import ElementTree

from kg.goals import GOALS, official_names
from server.compare.choice import Show
from server.compare.columns import LETTERS, Column, Kind
from server.svg import SVG, dress

INK, QUIET = "#1a1a1a", "#4d4d4d"
COLOURS = ("#0017c1", "#c74700", "#115a36", "#8843e1", "#666666")
BAR_PX, STEP_PX, GAP_PX, EDGE_PX = 12, 18, 12, 4
LABEL_ROW_PX = 18


@dataclass(frozen=True, slots=True)
class Size:
    """A width in px and its column of labels; without one the labels stand above the bars."""

    name: str
    width: int
    label: int
    end: int

    @property
    def bars(self) -> int:
        return self.width - self.label - self.end - 2 * EDGE_PX


SIZES = {"wide": Size("wide", 720, 268, 84), "narrow": Size("narrow", 328, 0, 84)}

LEGEND = {
    "ja": {
        Kind.PUBLISHED: "塗りつぶし: 公表された件数",
        Kind.LINKED: "斜線: 関連付けを数えた件数",
        Kind.NOTHING: "バーなし: 不明",
    },
    "en": {
        Kind.PUBLISHED: "solid: as published",
        Kind.LINKED: "hatched: linked projects counted",
        Kind.NOTHING: "no bar: unknown",
    },
}
_UNKNOWN = {"ja": "不明", "en": "unknown"}


def height_of(columns: Sequence[Column], size: Size) -> int:
    """The height of the chart in px."""
    legend = LABEL_ROW_PX * (len(columns) + len({column.kind for column in columns}))
    group = STEP_PX * len(columns) + GAP_PX + (0 if size.label else LABEL_ROW_PX)
    return 2 * EDGE_PX + legend + GAP_PX + group * len(GOALS)


def chart_svg(
    columns: Sequence[Column], show: Show, size: Size, language: str, title: str, description: str
) -> bytes:
    """The chart with its texts in one language; the same columns give the same bytes."""
    return (
        bytes(
            ElementTree.tostring(
                _Drawing(columns, show, size, language).root(title, description),
                encoding="utf-8",
                xml_declaration=True,
            )
        )
        + b"\n"
    )


def shown(number: Decimal | None, column: Column, show: Show) -> Decimal | None:
    """A count as it is to be shown: itself, or per 100 projects of the plan."""
    return number if show is Show.COUNT else column.per_100(number)


class _Drawing:
    def __init__(self, columns: Sequence[Column], show: Show, size: Size, language: str) -> None:
        self._columns, self._show, self._size = columns, show, size
        self._language = language
        numbers = [self._shown(column, goal) for column in columns for goal in GOALS]
        self._most = max((number for number in numbers if number is not None), default=Decimal(0))
        self._root = ElementTree.Element(f"{{{SVG}}}svg")

    def root(self, title: str, description: str) -> ElementTree.Element:
        width, height = self._size.width, height_of(self._columns, self._size)
        dress(self._root, width, height, self._language, title, description)
        definitions = ElementTree.SubElement(self._root, f"{{{SVG}}}defs")
        for letter, colour in zip(LETTERS, COLOURS, strict=True):
            self._hatching(definitions, letter, colour)
        self._rect(0, 0, width, height, fill="#ffffff")
        top = self._legend(EDGE_PX)
        for goal in GOALS:
            top = self._group(goal, top + GAP_PX)
        return self._root

    def _shown(self, column: Column, goal: int) -> Decimal | None:
        return shown(column.main(goal), column, self._show)

    def _legend(self, top: int) -> int:
        lines = [(f"{c.letter} {c.name(self._language)} {c.year}", c.letter) for c in self._columns]
        kinds = {column.kind for column in self._columns}
        lines += [(LEGEND[self._language][kind], "") for kind in Kind if kind in kinds]
        for text, letter in lines:
            if letter:
                colour = COLOURS[LETTERS.index(letter)]
                self._rect(EDGE_PX, top + 3, BAR_PX, BAR_PX, fill=colour, stroke=INK)
            self._text(EDGE_PX + (BAR_PX + 6 if letter else 0), top + LABEL_ROW_PX // 2, text)
            top += LABEL_ROW_PX
        return top

    def _group(self, goal: int, top: int) -> int:
        left, height = EDGE_PX + self._size.label, STEP_PX * len(self._columns)
        label = f"{goal} {official_names(goal)[self._language]}"
        if self._size.label:
            self._text(left - 8, top + height // 2, label, "end")
        else:
            self._text(EDGE_PX, top + LABEL_ROW_PX // 2, label)
            top += LABEL_ROW_PX
        for place, column in enumerate(self._columns):
            self._bar(column, goal, left, top + STEP_PX * place)
        self._line(left, top, left, top + height)
        return top + height

    def _bar(self, column: Column, goal: int, left: int, top: int) -> None:
        number = self._shown(column, goal)
        length = 0.0
        if number and self._most:
            length = round(float(number / self._most) * self._size.bars, 2)
            fill = COLOURS[LETTERS.index(column.letter)]
            if column.kind is Kind.LINKED:
                fill = f"url(#hatched-{column.letter})"
            self._rect(left, top + 3, length, BAR_PX, fill=fill, stroke=INK)
        text = _UNKNOWN[self._language] if number is None else f"{number:,}"
        if column.kind is Kind.LINKED and not column.is_exact and number is not None:
            text = f"≥{text}"
        self._text(left + length + 6, top + STEP_PX / 2, f"{column.letter} {text}")

    def _hatching(self, parent: ElementTree.Element, letter: str, colour: str) -> None:
        pattern = ElementTree.SubElement(
            parent,
            f"{{{SVG}}}pattern",
            {
                "id": f"hatched-{letter}",
                "width": "5",
                "height": "5",
                "patternUnits": "userSpaceOnUse",
                "patternTransform": "rotate(45)",
            },
        )
        ElementTree.SubElement(
            pattern, f"{{{SVG}}}rect", {"width": "5", "height": "5", "fill": "#ffffff"}
        )
        ElementTree.SubElement(
            pattern, f"{{{SVG}}}rect", {"width": "2.5", "height": "5", "fill": colour}
        )

    def _rect(
        self, x: float, y: float, width: float, height: float, *, fill: str, stroke: str = ""
    ) -> None:
        attributes = {
            "x": _px(x), "y": _px(y), "width": _px(width), "height": _px(height), "fill": fill
        }  # fmt: skip
        if stroke:
            attributes |= {"stroke": stroke, "stroke-width": "1"}
        ElementTree.SubElement(self._root, f"{{{SVG}}}rect", attributes)

    def _line(self, x1: float, y1: float, x2: float, y2: float) -> None:
        ElementTree.SubElement(
            self._root,
            f"{{{SVG}}}line",
            {"x1": _px(x1), "y1": _px(y1), "x2": _px(x2), "y2": _px(y2), "stroke": QUIET},
        )

    def _text(self, x: float, y: float, text: str, anchor: str = "start") -> None:
        element = ElementTree.SubElement(
            self._root,
            f"{{{SVG}}}text",
            {
                "x": _px(x), "y": _px(y), "fill": INK, "text-anchor": anchor,
                "dominant-baseline": "central",
            },
        )  # fmt: skip
        element.text = text


def _px(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
