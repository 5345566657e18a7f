"""The chart of a comparison as SVG: for each goal a bar per plan, lettered, from 0.

Which plans are compared is the reader's choice, so this chart is drawn when it is asked for, by
hand and not by the library behind the charts of plans: that takes half a second to load and a
process of its own. What a bar counts is told by its texture, not by its colour alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.etree import ElementTree

from kg.goals import GOALS, official_names
from server.compare.choice import Show
from server.compare.columns import LETTERS, Column, Kind
from server.svg import SVG, TEXT_PX, dress

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

_LEGENDS = {
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
_COMPUTED = {
    "ja": {
        Kind.PUBLISHED: "塗りつぶし: 公表された件数から計算",
        Kind.LINKED: "斜線: 関連付けを数えた件数から計算",
    },
    "en": {
        Kind.PUBLISHED: "solid: computed from numbers as published",
        Kind.LINKED: "hatched: computed from linked projects",
    },
}
"""For the kinds of numbers that are not shown as they are."""
_LOWER = {"ja": "≥: 分かっている関連付けだけの下限", "en": "≥: lower bound, some links are unknown"}
_UNKNOWN = {"ja": "不明", "en": "unknown"}
WIDE_PX, NARROW_PX = TEXT_PX, TEXT_PX * 0.6
"""What a full-width and another character take at most, whatever the fonts are."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What a chart says in words: `heading` and the lines of `foot` are drawn."""

    title: str
    description: str
    heading: str
    foot: tuple[str, ...]


def height_of(
    columns: Sequence[Column], show: Show, size: Size, language: str, texts: Texts
) -> int:
    """The height of the chart in px."""
    return _Drawing(columns, show, size, language, texts).height


def chart_svg(
    columns: Sequence[Column], show: Show, size: Size, language: str, texts: Texts
) -> bytes:
    """The chart with its texts in one language; the same columns give the same bytes."""
    root = _Drawing(columns, show, size, language, texts).root()
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def shown(number: Decimal | None, column: Column, show: Show) -> Decimal | None:
    """A count as it is to be shown: itself, or per 100 projects of the plan."""
    return number if show is Show.COUNT else column.per_100(number)


def lines_of(text: str, width_px: float) -> list[str]:
    """The text in lines that are no wider; broken between words, or beside full-width letters."""
    lines, line, word, taken, of_word = [], "", "", 0.0, 0.0
    for character in text:
        is_wide = unicodedata.east_asian_width(character) in "WF"
        width = WIDE_PX if is_wide else NARROW_PX
        if is_wide or character in " /&?":
            line, taken, word, of_word = line + word, taken + of_word, "", 0.0
        if taken + of_word + width > width_px:
            if line.strip():
                lines.append(line.strip())
            else:  # a word wider than a line
                lines.append(word)
                word, of_word = "", 0.0
            line, taken = "", 0.0
        word, of_word = word + character, of_word + width
    return [*lines, (line + word).strip()]


class _Drawing:
    def __init__(
        self, columns: Sequence[Column], show: Show, size: Size, language: str, texts: Texts
    ) -> None:
        self._columns, self._show, self._size = columns, show, size
        self._language, self._texts = language, texts
        numbers = [self._shown(column, goal) for column in columns for goal in GOALS]
        self._most = max((number for number in numbers if number is not None), default=Decimal(0))
        self._root = ElementTree.Element(f"{{{SVG}}}svg")
        inside = size.width - 2 * EDGE_PX
        # bold letters are wider
        self._heading = lines_of(texts.heading, inside / 1.1)
        self._foot = [line for text in texts.foot for line in lines_of(text, inside)]
        indent = BAR_PX + 6
        self._keys = [
            (lines_of(f"{c.letter} {c.label(language)}", inside - indent), c.letter)
            for c in columns
        ] + [(lines_of(text, inside), "") for text in self._patterns()]

    @property
    def height(self) -> int:
        lines = len(self._heading) + len(self._foot) + sum(len(own) for own, _ in self._keys)
        group = STEP_PX * len(self._columns) + GAP_PX + (0 if self._size.label else LABEL_ROW_PX)
        return 2 * EDGE_PX + LABEL_ROW_PX * lines + 2 * GAP_PX + group * len(GOALS)

    def root(self) -> ElementTree.Element:
        width, height = self._size.width, self.height
        dress(self._root, width, height, self._language, self._texts.title, self._texts.description)
        definitions = ElementTree.SubElement(self._root, f"{{{SVG}}}defs")
        for letter, colour in zip(LETTERS, COLOURS, strict=True):
            self._hatching(definitions, letter, colour)
        self._rect(0, 0, width, height, fill="#ffffff")
        top = self._lines(self._heading, EDGE_PX, EDGE_PX, is_bold=True)
        for lines, letter in self._keys:
            if letter:
                colour = COLOURS[LETTERS.index(letter)]
                self._rect(EDGE_PX, top + 3, BAR_PX, BAR_PX, fill=colour, stroke=INK)
            top = self._lines(lines, EDGE_PX + (BAR_PX + 6 if letter else 0), top)
        for goal in GOALS:
            top = self._group(goal, top + GAP_PX)
        self._lines(self._foot, EDGE_PX, top + GAP_PX)
        return self._root

    def _shown(self, column: Column, goal: int) -> Decimal | None:
        return shown(column.main(goal), column, self._show)

    def _patterns(self) -> list[str]:
        """What the patterns of the bars mean, as far as there are such bars."""
        kinds = {column.kind for column in self._columns}
        names = dict(_LEGENDS[self._language])
        if self._show is not Show.COUNT:
            names |= _COMPUTED[self._language]
        lower = any(c.kind is Kind.LINKED and not c.is_exact for c in self._columns)
        return [names[kind] for kind in Kind if kind in kinds] + [
            _LOWER[self._language] for _ in range(lower)
        ]

    def _lines(self, lines: Sequence[str], left: int, top: int, is_bold: bool = False) -> int:
        for line in lines:
            self._text(left, top + LABEL_ROW_PX // 2, line, is_bold=is_bold)
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
        unit = "%" if self._show is Show.SHARE else ""
        text = _UNKNOWN[self._language] if number is None else f"{number:,}{unit}"
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

    def _text(
        self, x: float, y: float, text: str, anchor: str = "start", is_bold: bool = False
    ) -> None:
        element = ElementTree.SubElement(
            self._root,
            f"{{{SVG}}}text",
            {
                "x": _px(x), "y": _px(y), "fill": INK, "text-anchor": anchor,
                "dominant-baseline": "central",
            },
        )  # fmt: skip
        if is_bold:
            element.set("font-weight", "700")
        element.text = text


def _px(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
