"""The charts of a plan as its pages show them: addresses, sizes and texts in one language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from kg.release import CHARTS_FOLDER
from server.context import context
from server.pages.links import file

TEXTS_FILE = "charts.json"


@dataclass(frozen=True, slots=True)
class Picture:
    """One width of a chart, in px."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart for `templates/charts.html`; `rows` are labels and numbers, for a table."""

    title: str
    alt: str
    caption: str
    wide: Picture
    narrow: Picture
    rows: tuple[tuple[str, int | None], ...]


def charts_of(entry: Mapping[str, Any], language: str) -> dict[str, Chart]:
    """The charts that were drawn of a plan, by name: `goals`, `balance`, `units`.

    `entry` is the plan's in release.json. A name is missing where the plan has no such numbers,
    and all are where an older program built it.
    """
    if any(key not in entry for key in ("code", "slug", "year")):
        return {}
    folder = f"{CHARTS_FOLDER}/{entry['code']}/{entry['slug']}/{entry['year']}"
    return {
        chart["name"]: _chart(chart, folder, language)
        for chart in _told(context().release.path / folder / TEXTS_FILE)
    }


@lru_cache(maxsize=64)
def _told(path: Path) -> list[dict[str, Any]]:
    # a release's files never change
    try:
        found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["charts"]
    except FileNotFoundError:
        return []
    return found


def _chart(told: Mapping[str, Any], folder: str, language: str) -> Chart:
    pictures = {
        size["name"]: Picture(
            file(f"{folder}/{told['name']}-{language}-{size['name']}.svg"),
            size["width"],
            size["height"],
        )
        for size in told["sizes"]
    }
    texts = {name: told[name][language] for name in ("title", "alt", "caption")}
    rows = tuple((row["label"][language], row.get("count")) for row in told["rows"])
    return Chart(**texts, wide=pictures["wide"], narrow=pictures["narrow"], rows=rows)
