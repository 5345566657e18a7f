"""Koriyama's plan for tests: the real folder, and copies of it that are changed in one way."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

from kg.checking import CheckedPlan, check_plan
from kg.extract.plan import Extraction, extract
from kg.plan_settings import read_plan_settings
from kg.records import Plan
from kg.settings import Settings

FOLDER = Path(__file__).parents[2] / "data" / "plans" / "koriyama-2021"
REISHI = Path(__file__).resolve().parents[1] / "data" / "plans" / "reishi-2021"
TEXT = (FOLDER / "plan.md").read_bytes().decode("utf-8")
LINES = tuple(TEXT.split("\n"))


@cache
def koriyama() -> Plan:
    """The records of the real plan."""
    plan = read(FOLDER).plan
    assert plan is not None
    return plan


def read(folder: Path) -> Extraction:
    return extract(read_plan_settings(folder))


def folder_with(target: Path, document: str | bytes) -> Path:
    """A copy of Koriyama's folder in which plan.md has other content."""
    folder = target / "koriyama-2021"
    if not folder.exists():
        shutil.copytree(FOLDER, folder)
    data = document.encode("utf-8") if isinstance(document, str) else document
    (folder / "plan.md").write_bytes(data)
    return folder


def checked_with(target: Path, document: str | bytes) -> CheckedPlan:
    """The outcome of `sdgplan check` for such a copy, by the quicker validator."""
    return check_plan(folder_with(target, document), Settings(), "shacl")


def problems_of(target: Path, document: str | bytes) -> list[str]:
    """Every problem of such a copy as "code line", in document order."""
    problems = checked_with(target, document).problems
    return [f"{problem.code} {problem.origin.line}" for problem in problems]


def with_line(number: int, change: Callable[[str], str]) -> str:
    """Koriyama's document with one line changed; lines count from 1."""
    lines = list(LINES)
    changed = change(lines[number - 1])
    assert changed != lines[number - 1], "the change must change the line"
    lines[number - 1] = changed
    return "\n".join(lines)


def with_words(number: int, old: str, new: str) -> str:
    """Koriyama's document with the first such words of one line replaced."""
    return with_line(number, lambda line: line.replace(old, new, 1))


def with_cell(number: int, column: int, cell: str) -> str:
    """Koriyama's document with one cell of a table row replaced; columns count from 0."""

    def change(line: str) -> str:
        cells = line.split("|")
        cells[column + 1] = cell
        return "|".join(cells)

    return with_line(number, change)


def without_lines(first: int, last: int) -> str:
    """Koriyama's document without the lines from first to last."""
    return "\n".join([*LINES[: first - 1], *LINES[last:]])


def with_copy(first: int, last: int, after: int) -> str:
    """Koriyama's document with a copy of some lines, and a blank line, put after a line."""
    return "\n".join([*LINES[:after], "", *LINES[first - 1 : last], *LINES[after:]])
