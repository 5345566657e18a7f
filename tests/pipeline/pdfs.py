"""PDFs drawn for tests: ruled tables in Japanese, with icons as pictures or filled areas."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from kg.goals import GOALS, colour
from kg.records import Plan
from tests.pipeline.sheets import Grid

FONT, SIZE, LEADING = "HeiseiKakuGo-W5", 8.0, 11.0
WIDTH, HEIGHT, EDGE = 842.0, 595.0, 36.0
ICON = 20.0

Draw = Callable[[canvas.Canvas, float, float, int], None]
"""Draws the icon of a goal at the lower left corner given."""


@cache
def _font() -> str:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    return FONT


def rgb(goal: int) -> tuple[int, int, int]:
    text = colour(goal)
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def tile(goal: int, pixels: int = 64, mode: str = "RGB") -> Image.Image:
    """A picture as an icon is: the goal's colour, and white shapes and a number on it."""
    picture = Image.new("RGB", (pixels, pixels), rgb(goal))
    draw = ImageDraw.Draw(picture)
    unit = pixels / 16
    for n in range(1 if goal < 10 else 2):
        draw.rectangle((unit * (1 + 2 * n), unit, unit * (2 + 2 * n), unit * 3), fill="white")
    draw.ellipse((unit * 4, unit * 6, unit * 12, unit * 14), fill="white")
    draw.ellipse((unit * 6, unit * 8, unit * 10, unit * 12), fill=rgb(goal))
    return picture.convert(mode)


def as_picture(pixels: int = 64, quality: int | None = None, mode: str = "RGB") -> Draw:
    """Icons as pictures of so many pixels, as JPEG of a quality or without loss."""

    @cache
    def reader(goal: int) -> ImageReader:
        picture = tile(goal, pixels, mode)
        if quality is None and mode != "CMYK":
            return ImageReader(picture)
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality or 90)
        out.seek(0)
        return ImageReader(out)

    def draw(page: canvas.Canvas, x: float, y: float, goal: int) -> None:
        page.drawImage(reader(goal), x, y, ICON, ICON)

    return draw


def as_area(page: canvas.Canvas, x: float, y: float, goal: int) -> None:
    """An icon as a filled square with its number in white."""
    page.setFillColorRGB(*(value / 255 for value in rgb(goal)))
    page.rect(x, y, ICON, ICON, stroke=0, fill=1)
    page.setFillColorRGB(1, 1, 1)
    page.setFont("Helvetica-Bold", 9)
    page.drawString(x + 3, y + 9, str(goal))
    page.setFillColorRGB(0, 0, 0)


def as_ink(naive: bool) -> Draw:
    """Icons as areas in CMYK, by the plain formula (with or without black)."""

    def draw(page: canvas.Canvas, x: float, y: float, goal: int) -> None:
        red, green, blue = (value / 255 for value in rgb(goal))
        black = 0.0 if naive else 1 - max(red, green, blue)
        inks = [(1 - value - black) / (1 - black) for value in (red, green, blue)]
        page.setFillColorCMYK(*inks, black)
        page.rect(x, y, ICON, ICON, stroke=0, fill=1)
        page.setFillColorRGB(0, 0, 0)

    return draw


@dataclass
class Drawn:
    """A PDF that grows from the top of its pages; tables repeat their heads on new pages."""

    widths: Sequence[float]
    icon: Draw = field(default_factory=as_picture)
    repeats_head: bool = True
    foot: str = ""
    out: io.BytesIO = field(default_factory=io.BytesIO)
    page: Any = None
    y: float = HEIGHT - EDGE
    number: int = 1

    def __post_init__(self) -> None:
        self.page = canvas.Canvas(self.out, (WIDTH, HEIGHT), invariant=True)
        self.page.setFont(_font(), SIZE)

    def line(self, text: str) -> None:
        self._need(LEADING * 2)
        self.page.setFont(_font(), SIZE)
        self.page.drawString(EDGE, self.y - SIZE, text)
        self.y -= LEADING * 1.5

    def table(
        self,
        rows: Sequence[Sequence[str]],
        icons: Mapping[int, Sequence[int]] | None = None,
        merged: Mapping[tuple[int, int], int] | None = None,
    ) -> None:
        """Rows of cells, the first the head; `icons` are goals by row, in the last column.

        `merged` says of a row and column over how many rows below its cell goes on.
        """
        merged = merged or {}
        inside = {(r + n, c) for (r, c), more in merged.items() for n in range(1, more + 1)}
        for number, cells in enumerate(rows):
            goals = (icons or {}).get(number, ())
            height = self._height(cells, goals)
            if self._need(height) and self.repeats_head and number:
                self._row(rows[0], (), self._height(rows[0], ()), set(), set())
            above = {c for r, c in inside if r == number}
            below = {c for r, c in inside if r == number + 1}
            self._row(cells, goals, height, above, below)
        self.y -= LEADING

    def _height(self, cells: Sequence[str], goals: Sequence[int]) -> float:
        lines = max(len(_wrapped(c, w - 6)) for c, w in zip(cells, self.widths, strict=True))
        return max(lines * LEADING + 4, (ICON + 4) * _icon_rows(goals, self.widths[-1]) + 2)

    def _row(
        self,
        cells: Sequence[str],
        goals: Sequence[int],
        height: float,
        above: set[int],
        below: set[int],
    ) -> None:
        x, bottom = EDGE, self.y - height
        for column, (text, width) in enumerate(zip(cells, self.widths, strict=True)):
            self.page.setLineWidth(0.5)
            self.page.line(x, self.y, x, bottom)
            self.page.line(x + width, self.y, x + width, bottom)
            if column not in above:
                self.page.line(x, self.y, x + width, self.y)
            if column not in below:
                self.page.line(x, bottom, x + width, bottom)
            self.page.setFont(_font(), SIZE)
            for n, line in enumerate(_wrapped(text, width - 6)):
                self.page.drawString(x + 3, self.y - 3 - SIZE - n * LEADING, line)
            x += width
        per_row = max(int((self.widths[-1] - 4) // (ICON + 3)), 1)
        left = EDGE + sum(self.widths[:-1]) + 3
        for n, goal in enumerate(goals):
            at = (left + (n % per_row) * (ICON + 3), self.y - (n // per_row + 1) * (ICON + 3))
            self.icon(self.page, *at, goal)
        self.y = bottom

    def _need(self, height: float) -> bool:
        """Begin a new page if there is not so much room; whether it was begun."""
        if self.y - height >= EDGE:
            return False
        self._finish()
        self.page.showPage()
        self.number += 1
        self.y = HEIGHT - EDGE
        return True

    def _finish(self) -> None:
        self.page.setFont(_font(), SIZE)
        self.page.drawCentredString(WIDTH / 2, EDGE / 2, f"- {self.number} -")
        if self.foot:
            self.page.drawString(EDGE, EDGE / 2, self.foot)

    def data(self) -> bytes:
        self._finish()
        self.page.save()
        return self.out.getvalue()


def _icon_rows(goals: Sequence[int], width: float) -> int:
    per_row = max(int((width - 4) // (ICON + 3)), 1)
    return -(-len(goals) // per_row)


def _wrapped(text: str, width: float) -> list[str]:
    lines = [""]
    for character in text:
        if pdfmetrics.stringWidth(lines[-1] + character, _font(), SIZE) > width:
            lines.append("")
        lines[-1] += character
    return lines


def goals_for(plan: Plan) -> dict[int, tuple[int, ...]]:
    """Goals for every project's icons, made up so that all published counts are met."""
    left = {count.goal: count.count for count in plan.goal_counts}
    found = {}
    order = sorted(plan.projects, key=lambda p: -(p.icon_count or 0))
    for project in order:
        wanted = sorted(left, key=lambda goal: -left[goal])[: project.icon_count or 0]
        for goal in wanted:
            left[goal] -= 1
        found[project.number or 0] = tuple(sorted(wanted))
    assert not any(left.values())
    return found


def without_links(plan: Plan) -> Plan:
    """The plan with counted icons only, as Koriyama's is."""
    bare = (dataclasses.replace(project, stated_links=()) for project in plan.projects)
    return dataclasses.replace(plan, projects=tuple(bare))


def koriyama_pdf(grid: Grid, goals: Mapping[int, Sequence[int]], **how: Any) -> bytes:
    """Koriyama's document as a PDF: every table with its ruling lines, icons in the last column."""
    drawn = Drawn((), **how)
    tables: list[Grid] = [[]]
    for row in [*grid, []]:
        if len(row) > 1:
            tables[-1].append(row)
            continue
        if tables[-1]:
            _draw_table(drawn, tables[-1], goals)
            tables.append([])
        if row:
            drawn.line(row[0])
    return drawn.data()


def _draw_table(drawn: Drawn, rows: Grid, goals: Mapping[int, Sequence[int]]) -> None:
    if "事業名" in rows[0] and rows[0][0] == "No.":
        rows = [row for row in rows if any(cell.strip() for cell in row)]
        drawn.widths = (30, 44, 130, 340, 110, 116)
        rows = [[cell if cell.strip() else "" for cell in row[:6]] for row in rows]
        numbers = {n: int(row[0]) for n, row in enumerate(rows) if row[0].isdecimal()}
        drawn.table(rows, {n: goals.get(number, ()) for n, number in numbers.items()})
        return
    room = WIDTH - 2 * EDGE
    drawn.widths = [room / len(rows[0])] * len(rows[0])
    drawn.table(rows)


def icons_pdf(draw: Draw, goals: Iterable[int] = GOALS) -> bytes:
    """A small table with one project and one icon for each goal."""
    drawn = Drawn((40, 200, 200, 160), icon=draw)
    chosen = list(goals)
    rows = [["No.", "事業名", "担当課", "SDGs"], ["◆基本施策1 人づくり", "", "", ""]]
    rows += [[str(n), f"{goal}番目の事業", "市民課", ""] for n, goal in enumerate(chosen, 1)]
    drawn.table(rows, {n + 2: (goal,) for n, goal in enumerate(chosen)})
    return drawn.data()
