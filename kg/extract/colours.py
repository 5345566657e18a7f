"""Which of the 17 goals a picture's colour is, or why that cannot be said.

A picture is taken for a goal's icon only if one colour rules it, if that colour is within
TOLERANCE of the goal's official one, and if every other goal's is farther by at least MARGIN.
Differences are CIEDE2000 (Sharma, Wu, Dalal 2005); 1 is hardly seen, the closest official colours,
those of goals 1 and 4, are 7.3 apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kg.extract.rows import SEVERAL_COLOURS

TOLERANCE = 4.0
"""Farthest difference from the official colour that is believed."""

MARGIN = 3.0
"""By how much the next goal's colour must be farther away."""

GREY = 12.0
"""Chroma (CIELAB) up to which a pixel counts as white, grey or black."""

LEAST_COLOURED = 0.25
"""Share of a picture's pixels that must be coloured."""

LEAST_ALIKE = 0.4
"""Share of the coloured pixels that must be of the ruling colour, and twice that of any other."""

ALIKE = 10.0
"""Difference (CIE76) up to which pixels are of one colour."""

SAMPLES = 200
"""Pixels that are tried as the ruling colour."""

Pixels = Any
"""An array of height x width x 3 numbers from 0 to 255."""

_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])


@dataclass(frozen=True, slots=True)
class ColourReading:
    """The goal, or None and why not; the ruling colour as `#RRGGBB`, "" if there is none."""

    goal: int | None
    colour: str
    why: str = ""


def lab(rgb: Any) -> Any:
    """CIELAB (D65) of sRGB values from 0 to 255, along the last axis."""
    c = np.asarray(rgb, dtype=float) / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    t = linear @ _TO_XYZ.T / _WHITE
    edge = 6 / 29
    f = np.where(t > edge**3, np.cbrt(t), t / (3 * edge**2) + 4 / 29)
    return np.stack(
        [
            116 * f[..., 1] - 16,
            500 * (f[..., 0] - f[..., 1]),
            200 * (f[..., 1] - f[..., 2]),
        ],
        axis=-1,
    )


def difference(one: Any, other: Any) -> Any:
    """CIEDE2000 between CIELAB values, along the last axis."""
    l1, a1, b1 = np.moveaxis(np.asarray(one, dtype=float), -1, 0)
    l2, a2, b2 = np.moveaxis(np.asarray(other, dtype=float), -1, 0)
    mean_c = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 1.5 - 0.5 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7))
    a1, a2 = a1 * g, a2 * g
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = np.where(c1 * c2 == 0, 0, (h2 - h1 + 180) % 360 - 180)
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    hue = np.where(c1 * c2 == 0, h1 + h2, h1 + turn / 2)
    t = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    d_l = (l2 - l1) / (1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2))
    d_c = (c2 - c1) / (1 + 0.045 * chroma)
    d_h = d_hue / (1 + 0.015 * chroma * t)
    spread = np.exp(-(((hue % 360 - 275) / 25) ** 2))
    turned = -2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7)) * np.sin(np.radians(60 * spread))
    return np.sqrt(d_l**2 + d_c**2 + d_h**2 + turned * d_c * d_h)


class Palette:
    """The colours of the goals, by number as `#RRGGBB`."""

    def __init__(self, colours: Mapping[int, str]) -> None:
        self.goals = tuple(colours)
        self.lab = lab([_rgb(colour) for colour in colours.values()])

    def read(self, pixels: Pixels) -> ColourReading:
        """Which goal's icon the pixels are."""
        ruling = _ruling(pixels)
        if isinstance(ruling, str):
            return ColourReading(None, "", ruling)
        shown = "#" + "".join(f"{round(value):02X}" for value in ruling)
        differences = difference(lab(ruling)[None], self.lab)
        first, second = np.argsort(differences)[:2]
        nearest, next_one = float(differences[first]), float(differences[second])
        goals = self.goals[first], self.goals[second]
        if nearest > TOLERANCE:
            why = f"{nearest:.1f} away from goal {goals[0]}, the nearest"
            return ColourReading(None, shown, why)
        if next_one - nearest < MARGIN:
            why = f"{nearest:.1f} away from goal {goals[0]}, {next_one:.1f} from goal {goals[1]}"
            return ColourReading(None, shown, why)
        return ColourReading(goals[0], shown)


def agreed(shown: ColourReading, computed: ColourReading | None) -> ColourReading:
    """The reading of a picture in CMYK, whose colours depend on the press that it was made for.

    `shown` is as a viewer shows it, `computed` by the plain formula, None where it cannot be; one
    of them must name a goal and the other none, or both the same.
    """
    if computed is None:
        return ColourReading(None, shown.colour, "inks whose colours cannot be computed")
    if shown.goal and computed.goal and shown.goal != computed.goal:
        why = f"CMYK that may be goal {shown.goal} or goal {computed.goal}"
        return ColourReading(None, shown.colour, why)
    return shown if shown.goal else computed


def rgb_of_cmyk(cmyk: Any) -> Any:
    """sRGB from 0 to 255 by the plain formula, of CMYK from 0 to 1 along the last axis."""
    values = np.asarray(cmyk, dtype=float)
    return 255 * (1 - values[..., :3]) * (1 - values[..., 3:])


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[n : n + 2], 16) for n in (1, 3, 5))


def _ruling(pixels: Pixels) -> Any:
    """The mean of the pixels that are of the ruling colour, or why there is none."""
    rgb = np.asarray(pixels, dtype=float).reshape(-1, 3)
    if not len(rgb):
        return "too small"
    values = lab(rgb)
    is_coloured = np.hypot(values[:, 1], values[:, 2]) > GREY
    if is_coloured.mean() < LEAST_COLOURED:
        return "grey or nearly without colour"
    rgb, values = rgb[is_coloured], values[is_coloured]
    alike = _densest(values)
    others = values[~alike]
    second = _densest(others).sum() / len(values) if len(others) else 0.0
    if alike.mean() < LEAST_ALIKE or second > alike.mean() / 2:
        return SEVERAL_COLOURS
    return rgb[alike].mean(axis=0)


def _densest(values: Any) -> Any:
    """Which values are like the one that most are like."""
    some = values[:: max(len(values) // SAMPLES, 1)]
    times = (np.linalg.norm(values[None] - some[:, None], axis=2) <= ALIKE).sum(axis=1)
    return np.linalg.norm(values - some[times.argmax()], axis=1) <= ALIKE
