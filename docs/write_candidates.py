"""Write the generated parts of docs/candidates.md: Koriyama's table, and on request the measures.

`make docs` runs it without --measure, which takes seconds; with it every table of
benchmarks/candidates.py is computed anew, which takes minutes and is needed when the word list
or the method changes. tests/test_docs.py fails when a part is stale.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from kg.candidates import estimate
from kg.errors import Problems
from kg.estimates import METHOD_VERSION, RECORDED_FROM, Cell, Estimate
from kg.extract.plan import extract
from kg.goal_words import word_list_sha256
from kg.plan_settings import read_plan_settings
from kg.records import Curation, Plan

ROOT = Path(__file__).resolve().parent.parent
PAGE = Path(__file__).parent / "candidates.md"
PLAN = ROOT / "data" / "plans" / "koriyama-2021"
RUNS = (
    ("Made-up plans", ()),
    ("The made-up cities of examples/", ("--data", "examples")),
    ("Koriyama: the totals alone can be foretold", ("--data", "data")),
)
"""What is measured: heading, and arguments of benchmarks/candidates.py."""


def with_part(page: str, name: str, text: str) -> str:
    """The page with `text` between the two marks of a part."""
    before, rest = page.split(_mark(name), 1)
    _, after = rest.split(_mark(f"end of {name}"), 1)
    return f"{before}{_mark(name)}\n{text}\n{_mark(f'end of {name}')}{after}"


def part(page: str, name: str) -> str:
    """What stands between the two marks of a part."""
    text = page.split(_mark(name), 1)[1].split(_mark(f"end of {name}"), 1)[0]
    return text.removeprefix("\n").removesuffix("\n")


def _mark(name: str) -> str:
    return f"<!-- {name}, by docs/write_candidates.py -->"


def koriyama() -> str:
    """The table of Koriyama's projects, before any person decided a link."""
    plan, problems = extract(read_plan_settings(PLAN)).plan, Problems()
    assert plan is not None
    found = estimate(plan, Curation(), problems)
    assert found is not None and not problems
    return "\n".join([*_sums(found), "", *_rows(plan, found)])


def _sums(found: Estimate) -> list[str]:
    chosen = [cell for cell in found.cells if cell.is_chosen]
    silent = sum(not cell.words for cell in chosen)
    likely = sum(cell.probability >= 0.5 for cell in chosen)
    return [
        f"Method {METHOD_VERSION}, word list {word_list_sha256()}. Of the {len(chosen)} chosen "
        f"links {likely} have a probability of 50 % or more; {silent} have no clue in the text. "
        f"By their own probabilities {sum(cell.probability for cell in chosen):.0f} of the "
        f"{len(chosen)} are right."
    ]


def _rows(plan: Plan, found: Estimate) -> list[str]:
    lines = [
        "| no. | project | icons | chosen | other goals from 5 % up |",
        "|---|---|---|---|---|",
    ]
    for project in plan.projects:
        cells = [cell for cell in found.cells if cell.project == project.key]
        # the least probable last
        cells.sort(key=lambda cell: (-cell.probability, cell.goal))
        chosen = "; ".join(_chosen(cell) for cell in cells if cell.is_chosen)
        others = ", ".join(
            f"{cell.goal} ({_per_cent(cell)})"
            for cell in cells
            if not cell.is_chosen and cell.probability >= RECORDED_FROM
        )
        name = (project.name or "").replace("|", "\\|")
        lines.append(f"| {project.key} | {name} | {project.icon_count} | {chosen} | {others} |")
    return lines


def _chosen(cell: Cell) -> str:
    words = "、".join(cell.words).replace("|", "\\|")
    return f"**{cell.goal}** ({_per_cent(cell)}: {words or 'no clue'})"


def _per_cent(cell: Cell) -> str:
    return f"{100 * cell.probability:.0f} %"


def measures() -> str:
    """What the benchmark prints, a section a run."""
    parts = []
    for heading, arguments in RUNS:
        command = ["benchmarks/candidates.py", *arguments]
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            encoding="utf-8",
            check=True,
        )
        shown = " ".join(["PYTHONPATH=. .venv/bin/python", *command])
        parts.append(f"### {heading}\n\n`{shown}`\n\n{done.stdout.strip()}")
    return "\n\n".join(parts)


def main(arguments: Sequence[str]) -> None:
    page = with_part(PAGE.read_text(encoding="utf-8"), "table of Koriyama", koriyama())
    if "--measure" in arguments:
        page = with_part(page, "measures", measures())
    PAGE.write_text(page, encoding="utf-8")
    print(PAGE, file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
