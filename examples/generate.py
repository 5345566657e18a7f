#!/usr/bin/env python3
"""Writes made-up plan documents in the layout of Koriyama's plan, any number of them.

    python examples/generate.py --municipalities 12 --years 2020 2021 OUT

writes OUT/plans/<name>-<year>/ with plan.toml, plan.md, links.csv and facts.csv, and for plans
whose icons are lost the goals that the icons showed: OUT/truth/<name>-<year>.csv. The same
arguments give the same bytes on every Python from 3.11. Nothing beyond Python is needed.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from dice import Dice
from layout import PlanDocument
from municipality import Municipality, Year
from style import LINKS, Style, style_of
from words import words

DAY = "2026-11-24"
"""The day of every decision and publication; fixed, so that the output never changes."""

AGENT = "example-editor"
MOST_MUNICIPALITIES = 10_000
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
LINKS_HEADER = ("number", "goal", "decision", "evidence", "agent", "decided_on")
FACTS_HEADER = ("fact", "subject", "value", "evidence", "agent", "decided_on")

Row = tuple[str | int, ...]


def main(arguments: list[str] | None = None) -> int:
    """Write what the arguments ask for; prints one line that sums up."""
    given = _arguments(arguments)
    plans = projects = 0
    for index in range(1, given.municipalities + 1):
        municipality = Municipality(given.seed, index, *given.projects)
        style = style_of(given.seed, index, given.links)
        for year in municipality.years(min(given.years), max(given.years)):
            if year.year in given.years:
                write_plan(given.out, municipality, style, year)
                plans += 1
                projects += len(year.projects)
    print(f"{plans:,} plans with {projects:,} projects written to {given.out}")
    return 0


def write_plan(out: Path, municipality: Municipality, style: Style, year: Year) -> None:
    """Write one plan folder, and its truth file if icons are lost."""
    document = PlanDocument(municipality, style, year)
    name = f"{municipality.slug}-{year.year}"
    folder = out / "plans" / name
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "plan.toml", plan_toml(document))
    _write(folder / "plan.md", document.text())
    _write(folder / "links.csv", csv_text(LINKS_HEADER, curated_links(document)))
    _write(folder / "facts.csv", csv_text(FACTS_HEADER, curated_facts(document)))
    if style.links != "stated":
        (out / "truth").mkdir(exist_ok=True)
        truth = [(n, goal) for n, p in enumerate(year.projects, 1) for goal in p.goals]
        _write(out / "truth" / f"{name}.csv", csv_text(("number", "goal"), truth))


def plan_toml(document: PlanDocument) -> str:
    """The plan.toml; every title says that the plan is made up."""
    municipality, year = document.municipality, document.year.year
    slug, _, plan_en = document.style.basic_plan
    title = f"第二次{document.title}"
    english = f"{municipality.name_en}: second {plan_en}"
    icons = '\nicons = "spaces"' if document.style.links != "stated" else ""
    return f"""# {municipality.name} does not exist; written by examples/generate.py.

[municipality]
code = "{municipality.code}"
made_up = true
name = {_label(f"{municipality.name}（架空）", municipality.name_en)}

[plan]
slug = "{slug}-2"
title = {_label(f"{title} {year}年度実施計画（架空）", f"{english}, fiscal {year}")}
basic_plan = {_label(f"{title}（架空）", english)}
fiscal_year = {year}

[document]
file = "plan.md"
received = {DAY}
licence = "{LICENCE}"{icons}

[dataset]
licence = "{LICENCE}"
version = "1"
issued = {DAY}
modified = {DAY}
"""


def curated_links(document: PlanDocument) -> Iterable[Row]:
    """For a third of the lost icons of a mixed plan: the goal, as if a person had decided it."""
    if document.style.links != "mixed":
        return
    for number, project in enumerate(document.year.projects, 1):
        if document.states_goals(project):
            continue
        dice = Dice(f"{document.municipality.seed}/{project.name}/links")
        for goal in project.goals:
            if dice.chance(0.35):
                yield number, goal, "accept", project.sentences[0], AGENT, DAY


def curated_facts(document: PlanDocument) -> Iterable[Row]:
    """Where merged projects went, whom units answer to, and whether every link is known."""
    numbers = {project.name: n for n, project in enumerate(document.year.projects, 1)}
    for review in document.year.reviews:
        if review.merged_into and _decides(document, review.project.name, 0.6):
            evidence = f"「{review.project.name}」の取り組みを引き継ぎます。"
            into = numbers[review.merged_into]
            yield "merged-into", review.project.name, into, evidence, AGENT, DAY
    units = [project.unit for project in document.year.projects]
    units += [review.project.unit for review in document.year.reviews]
    listed = {unit[0] for unit in units}
    for name, authority in words()["authorities"].items():
        if name in listed and _decides(document, name, 0.5):
            yield "authority", name, authority, "架空の組織図", AGENT, DAY
    if document.style.links == "stated":
        yield "complete", "", "yes", "すべてのゴールが文字で記載されている（架空）", AGENT, DAY


def _decides(document: PlanDocument, subject: str, chance: float) -> bool:
    """Whether something is decided about a subject; the same in every year."""
    return Dice(f"{document.municipality.seed}/{subject}/facts").chance(chance)


def csv_text(header: Row, rows: Iterable[Row]) -> str:
    """The rows as CSV with LF line ends."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _label(ja: str, en: str) -> str:
    # a JSON string of such characters is a TOML string
    ja, en = (json.dumps(text, ensure_ascii=False) for text in (ja, en))
    return f"{{ ja = {ja}, en = {en} }}"


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", metavar="OUT", nargs="?", help="folder for plans/ and truth/")
    parser.add_argument(
        "--municipalities", type=int, required=True, metavar="N", help="1 to 10,000"
    )
    parser.add_argument(
        "--years", nargs="+", default=["2020", "2021"], help="fiscal years (2020 2021)"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed, other plans (1)")
    parser.add_argument(
        "--projects", type=int, nargs=2, default=[5, 120], metavar=("MIN", "MAX"), help="per plan"
    )
    parser.add_argument(
        "--links", choices=LINKS, help="how every plan gives its goals; default: in turn"
    )
    given = parser.parse_args(arguments)
    if given.out is None and len(given.years) > 1:
        # --years takes every word that follows, so also OUT
        given.out = given.years.pop()
    if given.out is None:
        parser.error("the following arguments are required: OUT")
    given.out = Path(given.out)
    fewest, most = given.projects
    if not 1 <= given.municipalities <= MOST_MUNICIPALITIES:
        parser.error(f"--municipalities is {given.municipalities}; expected 1 to 10,000")
    if not 1 <= fewest <= most:
        parser.error(f"--projects is {fewest} {most}; expected two numbers from 1, MIN up to MAX")
    if not all(year.isdecimal() and 1951 <= int(year) <= 2097 for year in given.years):
        parser.error(f"--years is {' '.join(given.years)}; expected years from 1951 to 2097")
    given.years = list(map(int, given.years))
    return given


if __name__ == "__main__":
    sys.exit(main())
