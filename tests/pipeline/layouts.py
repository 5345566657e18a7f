"""Small made-up documents in layouts of every kind, and Koriyama's records to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kg.checking import CheckedPlan, check_plan
from kg.extract.plan import Extraction, extract
from kg.plan_settings import read_plan_settings
from kg.records import Plan
from kg.settings import Settings

TOML = """
[municipality]
code = "990019"
made_up = true
name = {{ ja = "例市" }}
[plan]
slug = "kyodo"
title = {{ ja = "例市計画 2021年度実施計画（架空）" }}
basic_plan = {{ ja = "例市計画（架空）" }}
fiscal_year = 2021
[document]
file = "{file}"
licence = "unknown"
{document}
[dataset]
licence = "https://creativecommons.org/licenses/by/4.0/"
version = "1"
issued = 2026-11-24
modified = 2026-11-24
{more}
"""
Rows = Sequence[Sequence[object]]


def table(rows: Rows) -> str:
    """Rows as a Markdown table, the first one as its header."""
    lines = ["|" + "|".join(f" {cell} " if cell != "" else " " for cell in row) + "|"
             for row in rows]  # fmt: skip
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:], ""])


def folder_of(
    tmp_path: Path, document: str | bytes, *, file: str = "plan.md", more: str = "", keys: str = ""
) -> Path:
    """A plan folder; `keys` are lines of [document], `more` further tables of plan.toml."""
    folder = tmp_path / "reishi-2021"
    folder.mkdir(exist_ok=True)
    data = document.encode("utf-8") if isinstance(document, str) else document
    (folder / file).write_bytes(data)
    text = TOML.format(file=file, document=keys, more=more)
    (folder / "plan.toml").write_text(text, encoding="utf-8")
    return folder


def read(tmp_path: Path, document: str | bytes, **given: str) -> Extraction:
    return extract(read_plan_settings(folder_of(tmp_path, document, **given)))


def plan_of(tmp_path: Path, document: str | bytes, **given: str) -> Plan:
    """The plan of a document that has no problem."""
    extraction = read(tmp_path, document, **given)
    assert [str(problem) for problem in extraction.problems] == []
    assert extraction.plan is not None
    return extraction.plan


def checked(tmp_path: Path, document: str | bytes, **given: str) -> CheckedPlan:
    """The outcome of `sdgplan check`."""
    return check_plan(folder_of(tmp_path, document, **given), Settings(), "shacl")


def problems_of(tmp_path: Path, document: str | bytes, **given: str) -> list[str]:
    """Every problem as "code line", in document order."""
    problems = checked(tmp_path, document, **given).problems
    return [f"{problem.code} {problem.origin.number}" for problem in problems]


def goals_by_project(plan: Plan) -> dict[str, list[int]]:
    """Key of a project -> its stated goals."""
    return {p.key: [link.goal for link in p.stated_links] for p in plan.projects}
