"""A small made-up plan for tests: 例市's plan.toml with a document written by the test."""

from __future__ import annotations

from pathlib import Path

from kg.checking import CheckedPlan, check_plan
from kg.extract.plan import Extraction, extract
from kg.plan_settings import read_plan_settings
from kg.settings import Settings

TOML = """\
[municipality]
code = "990019"
made_up = true
name = { ja = "例市" }

[plan]
slug = "kyodo"
title = { ja = "例市協働計画 2021年度実施計画（架空）" }
basic_plan = { ja = "例市協働計画（架空）" }
fiscal_year = 2021

[document]
file = "plan.md"
licence = "https://creativecommons.org/licenses/by/4.0/"

[dataset]
licence = "https://creativecommons.org/licenses/by/4.0/"
version = "1"
issued = 2026-11-24
modified = 2026-11-24
"""


def small_plan(target: Path, document: str, more: str = "", keys: str = "", **files: str) -> Path:
    """A plan folder with this plan.md and, by name without ending, other Markdown files.

    `more` is added to plan.toml, `keys` to its [document].
    """
    folder = target / "reishi-2021"
    folder.mkdir(exist_ok=True)
    (folder / "plan.toml").write_text(
        TOML.replace("\n[dataset]", f"{keys}\n[dataset]") + more, encoding="utf-8"
    )
    for name, text in {"plan": document, **files}.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def read_small(
    target: Path, document: str, more: str = "", keys: str = "", **files: str
) -> Extraction:
    return extract(read_plan_settings(small_plan(target, document, more, keys, **files)))


def checked_small(
    target: Path, document: str, more: str = "", keys: str = "", **files: str
) -> CheckedPlan:
    """The outcome of `sdgplan check`, by the quicker validator."""
    return check_plan(small_plan(target, document, more, keys, **files), Settings(), "shacl")


def told(extraction: Extraction | CheckedPlan) -> list[str]:
    """Every problem as "code line", in document order."""
    return [f"{problem.code} {problem.origin.number}" for problem in extraction.problems]


def table(*rows: str) -> str:
    """Rows as a Markdown table; cells are parted by |, the first row is the header."""
    head, *below = (f"| {row} |" for row in rows)
    return "\n".join([head, "|---" * (rows[0].count("|") + 1) + "|", *below, ""])
