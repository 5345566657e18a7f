"""PNG of the chart of a comparison; only where a font for Japanese is installed."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache, lru_cache

SCALE = 2.0
"""Pixels per CSS pixel: sharp in print and on dense screens."""


@cache
def can_draw_png() -> bool:
    """Whether characters would be drawn as characters, not as boxes (asked of fontconfig)."""
    program = shutil.which("fc-list")
    if program is None:
        return False
    found = subprocess.run(
        [program, ":lang=ja", "family"], capture_output=True, timeout=20, check=False
    )
    return bool(found.stdout.strip())


@lru_cache(maxsize=32)
def png_of(svg: bytes) -> bytes:
    """The chart as PNG."""
    import vl_convert  # heavy: only where a PNG is asked for

    return bytes(vl_convert.svg_to_png(svg.decode("utf-8"), scale=SCALE))
