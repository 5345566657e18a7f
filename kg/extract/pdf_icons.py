"""Icons on a page: pictures and small filled areas in cells, told apart by their colours."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kg.extract.colours import ColourReading, Palette, agreed, rgb_of_cmyk
from kg.extract.pdf_text import Box
from kg.extract.rows import FILLED, STRIP

LEAST_POINTS, MOST_POINTS = 5.0, 120.0
"""Sides of an icon, in points of 1/72 inch."""

SQUARE = 1.4
"""How many times longer than the other one side of an icon may be."""

RENDERED_PIXELS = 4_000_000
"""Pixels of a page as it is drawn to look at its colours."""

RENDERED_SCALE = 3.0
"""Pixels per point, as far as RENDERED_PIXELS allows."""

MOST_PICTURE_PIXELS = 4_000_000
"""Pixels of a picture in CMYK whose colours are computed; a larger one is only looked at."""

BACKGROUND = 1.5
"""Points by which a filled area may differ from its cell and still be the cell's shading."""

EDGE = 0.08
"""Share of an icon that is left out at each side, for what is drawn around it."""


@dataclass(frozen=True, slots=True)
class FoundIcon:
    """A picture in a cell, and what was read from it."""

    box: Box
    reading: ColourReading


def candidates(page: Any) -> list[dict[str, Any]]:
    """The pictures and filled areas of a page that may be icons by their size."""
    areas = [*page.rects, *page.curves]
    filled = [one for one in areas if one.get("fill") and _is_coloured(one)]
    # one drawing may have many shapes: those within another are its parts
    found: list[dict[str, Any]] = []
    for one in sorted([*page.images, *filled], key=lambda o: -_area(o)):
        if _fits(one) and not any(_is_within(one, other) for other in found):
            found.append(one)
    return found


def box_of(one: dict[str, Any]) -> Box:
    return (one["x0"], one["top"], one["x1"], one["bottom"])


def read_icons(
    pdf: Any, page: Any, chosen: Sequence[dict[str, Any]], palette: Palette
) -> list[FoundIcon]:
    """What each candidate shows; a strip of several icons gives one each, or one unknown."""
    if not chosen:
        return []
    picture, scale = _rendered(pdf, page)
    found = []
    for one in chosen:
        parts = _parts(box_of(one))
        icons = [_icon(box, one, picture, scale, palette, len(parts)) for box in parts]
        if len(icons) > 1 and not all(icon.reading.goal for icon in icons):
            icons = [FoundIcon(box_of(one), ColourReading(None, "", STRIP))]
        found += icons
    return found


def is_shading(box: Box, cell: Box) -> bool:
    """Whether an area fills a cell as a whole."""
    return all(abs(a - b) <= BACKGROUND for a, b in zip(cell, box, strict=True))


def read_filled(pdf: Any, page: Any, cells: Sequence[Box], palette: Palette) -> list[FoundIcon]:
    """The empty cells that are filled whole with the colour of a goal: doubtful, each one icon."""
    areas = [one for one in (*page.rects, *page.curves) if one.get("fill") and _is_coloured(one)]
    filled = [(c, one) for c in cells for one in areas if is_shading(box_of(one), c)]
    if not filled:
        return []
    picture, scale = _rendered(pdf, page)
    read = {cell: _icon(cell, one, picture, scale, palette, 1).reading for cell, one in filled}
    return [
        FoundIcon(cell, ColourReading(None, reading.colour, FILLED))
        for cell, reading in read.items()
        if reading.goal
    ]


def _icon(
    box: Box, one: dict[str, Any], picture: Any, scale: float, palette: Palette, parts: int
) -> FoundIcon:
    reading = palette.read(_cut(picture, box, scale))
    if _is_of_press(one):
        computed = _plain_pixels(one) if parts == 1 else None
        reading = agreed(reading, None if computed is None else palette.read(computed))
    return FoundIcon(box, reading)


def _rendered(pdf: Any, page: Any) -> tuple[Any, float]:
    """The page as a viewer shows it, as rows of pixels, and how many pixels a point has."""
    scale = min(RENDERED_SCALE, (RENDERED_PIXELS / (page.width * page.height)) ** 0.5)
    drawn = pdf[page.page_number - 1]
    try:
        # pdfplumber counts from the corner of the medium, a viewer from that of the crop
        drawn.set_cropbox(*drawn.get_mediabox())
        bitmap = drawn.render(scale=scale, may_draw_forms=False, rev_byteorder=True)
        return bitmap.to_numpy()[..., :3].copy(), scale
    finally:
        drawn.close()


def _cut(picture: Any, box: Box, scale: float) -> Any:
    x0, top, x1, bottom = box
    dx, dy = (x1 - x0) * EDGE, (bottom - top) * EDGE
    left, right = round((x0 + dx) * scale), round((x1 - dx) * scale)
    return picture[
        max(round((top + dy) * scale), 0) : round((bottom - dy) * scale), max(left, 0) : right
    ]


def _parts(box: Box) -> list[Box]:
    """The squares of a strip that is several times as long as it is wide; else the box alone."""
    x0, top, x1, bottom = box
    width, height = x1 - x0, bottom - top
    times = round(max(width, height) / min(width, height))
    if times < 2:
        return [box]
    if width > height:
        step = width / times
        return [(x0 + n * step, top, x0 + (n + 1) * step, bottom) for n in range(times)]
    step = height / times
    return [(x0, top + n * step, x1, top + (n + 1) * step) for n in range(times)]


def _fits(one: dict[str, Any]) -> bool:
    width, height = one["x1"] - one["x0"], one["bottom"] - one["top"]
    short, long = min(width, height), max(width, height)
    if short < LEAST_POINTS or short > MOST_POINTS:
        return False
    return bool(one["object_type"] == "image" or long <= SQUARE * short)


def _area(one: dict[str, Any]) -> float:
    return float((one["x1"] - one["x0"]) * (one["bottom"] - one["top"]))


def _is_within(one: dict[str, Any], other: dict[str, Any]) -> bool:
    x, y = (one["x0"] + one["x1"]) / 2, (one["top"] + one["bottom"]) / 2
    return bool(other["x0"] <= x <= other["x1"] and other["top"] <= y <= other["bottom"])


def _is_coloured(one: dict[str, Any]) -> bool:
    """Whether a filled area has a colour at all: cells are shaded in grey and white."""
    values = tuple(_numbers(one.get("non_stroking_color")))
    if len(values) == 3:
        return max(values) - min(values) > 0.08
    return len(values) == 4 and max(values[:3]) > 0.08


def _numbers(value: Any) -> Iterator[float]:
    for one in value if isinstance(value, (tuple, list)) else ():
        if isinstance(one, (int, float)):
            yield float(one)


def _is_of_press(one: dict[str, Any]) -> bool:
    """Whether its colours are inks (CMYK, separations) without a profile."""
    if one["object_type"] != "image":
        return len(tuple(_numbers(one.get("non_stroking_color")))) not in (1, 3)
    names = str(one.get("colorspace"))
    return any(name in names for name in ("CMYK", "DeviceN", "Separation"))


def _plain_pixels(one: dict[str, Any]) -> Any:
    """The colours in CMYK by the plain formula; None where they cannot be had."""
    if one["object_type"] != "image":
        values = tuple(_numbers(one.get("non_stroking_color")))
        return rgb_of_cmyk([[values]]) if len(values) == 4 else None
    width, height = one["srcsize"]
    if width * height > MOST_PICTURE_PIXELS or "DeviceCMYK" not in str(one.get("colorspace")):
        return None
    return _decoded(one["stream"], width, height)


def _decoded(stream: Any, width: int, height: int) -> Any:
    from PIL import Image

    try:
        data = stream.get_data()
        if data[:2] == b"\xff\xd8":
            with Image.open(io.BytesIO(data)) as picture:
                if picture.mode != "CMYK" or picture.size != (width, height):
                    return None
                return rgb_of_cmyk(np.asarray(picture) / 255)
    except (OSError, ValueError):
        return None
    if len(data) != width * height * 4:
        return None
    return rgb_of_cmyk(np.frombuffer(data, np.uint8).reshape(height, width, 4) / 255)
