"""Charts drawn and written, and `charts.json`, which tells the pages what there is."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from kg.charts.figures import LANGUAGES, Chart, charts_of, shortened
from kg.disk import link
from kg.plan_settings import PlanSettings
from kg.program import program_hash
from kg.records import Plan

TEXTS_FILE = "charts.json"


def write_charts(
    folder: Path, plan: Plan, settings: PlanSettings, before: Path | None = None
) -> None:
    """Draw the plan's charts into `folder`, which is made.

    Where the charts in `before` show the same, drawn by the same program, they are linked: most
    changes of a plan are no changes of its numbers, and to begin drawing takes half a second.
    charts.json has `drawn_from`, a hash of what they show, and `charts` in the order of the
    page: `name`, `sizes` (name, width and height in px), `title`, `alt` and `caption` by
    language, and the `rows` with label and numbers.
    """
    charts = charts_of(plan, settings)
    drawn_from = hashlib.sha256(f"{program_hash()} {charts!r}".encode()).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    if before is not None and _shows(before) == drawn_from:
        for path in before.iterdir():
            link(path, folder / path.name)
        return
    told = {"drawn_from": drawn_from, "charts": [_write(folder, chart) for chart in charts]}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n"
    (folder / TEXTS_FILE).write_text(text, encoding="utf-8")


def _shows(folder: Path) -> str | None:
    """What the charts of a release were drawn from; None if there are none to be read."""
    try:
        told = json.loads((folder / TEXTS_FILE).read_text(encoding="utf-8"))
        names = [
            f"{chart['name']}-{language}-{size['name']}.svg"
            for chart in told["charts"]
            for size in chart["sizes"]
            for language in LANGUAGES
        ]
        return str(told["drawn_from"]) if all((folder / n).is_file() for n in names) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(folder: Path, chart: Chart) -> dict[str, Any]:
    # the libraries behind it take half a second to load, for which most builds need not wait
    from kg.charts.drawing import BAR_SIZES, STEP_SIZES, draw_bars, draw_steps

    draw, sizes = (draw_steps, STEP_SIZES) if chart.is_balance else (draw_bars, BAR_SIZES)
    rows = [
        {"order": n, "label": f"L{n}", "steps": f"S{n}", "count": row.count,
         "colour": row.colour, "before": row.before, "after": row.after}
        for n, row in enumerate(chart.rows)
    ]  # fmt: skip
    steps = {f"S{n}": row.steps for n, row in enumerate(chart.rows)}
    told = []
    for size in sizes:
        drawing = draw(rows, size)
        told.append({"name": size.name, "width": drawing.width, "height": drawing.height})
        for language in LANGUAGES:
            labels = {f"L{n}": shortened(r.label[language]) for n, r in enumerate(chart.rows)}
            svg = drawing.svg(
                language, chart.title[language], chart.alt[language], {**labels, **steps}
            )
            (folder / f"{chart.name}-{language}-{size.name}.svg").write_bytes(svg)
    return {
        "name": chart.name,
        "sizes": told,
        "title": chart.title,
        "alt": chart.alt,
        "caption": chart.caption,
        "rows": [
            {"label": row.label, "before": row.before, "after": row.after, "steps": row.steps}
            if chart.is_balance
            else {"label": row.label, "count": row.count}
            for row in chart.rows
        ],
    }
