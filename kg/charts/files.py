"""Charts drawn and written, and `charts.json`, which tells the pages what there is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kg.charts.figures import LANGUAGES, Chart, charts_of, shortened
from kg.plan_settings import PlanSettings
from kg.records import Plan

TEXTS_FILE = "charts.json"


def write_charts(folder: Path, plan: Plan, settings: PlanSettings) -> None:
    """Draw the plan's charts into `folder`, which is made.

    charts.json lists them in the order of the page: `name`, `sizes` (name, width and height in
    px), `title`, `alt`, `caption`, each by language, and the `rows` with label and numbers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told = [_write(folder, chart) for chart in charts_of(plan, settings)]
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n"
    (folder / TEXTS_FILE).write_text(text, encoding="utf-8")


def _write(folder: Path, chart: Chart) -> dict[str, Any]:
    # the libraries behind it take a second to load, which a build without charts need not wait
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
