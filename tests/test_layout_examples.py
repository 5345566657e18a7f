"""The made-up plans of examples/layouts: each is read whole, and says that it is made up."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from kg.checking import CheckedPlan, check_plan
from kg.measures import ValueKind
from kg.records import Plan
from kg.settings import Settings

LAYOUTS = Path(__file__).resolve().parent.parent / "examples" / "layouts"
FOLDERS = sorted(folder.name for folder in LAYOUTS.iterdir())


@cache
def checked(name: str) -> CheckedPlan:
    return check_plan(LAYOUTS / name, Settings(), "shacl")


def plan_of(name: str) -> Plan:
    extraction = checked(name).extraction
    assert extraction and extraction.plan
    return extraction.plan


@pytest.mark.parametrize("name", FOLDERS)
def test_an_example_has_no_problems_and_says_that_it_is_made_up(name: str) -> None:
    found = checked(name)
    assert [str(problem) for problem in found.problems] == []
    assert found.settings and found.settings["municipality.made_up"]
    for key in ("municipality.name", "plan.title", "plan.basic_plan"):
        assert "（架空）" in found.settings[key]["ja"]
        assert "(made up)" in found.settings[key]["en"]
    document = next(path for path in (LAYOUTS / name).glob("plan.*") if path.suffix != ".toml")
    if document.suffix in (".md", ".html"):  # others have no place for a sentence
        assert "（架空の" in document.read_text(encoding="utf-8")


def test_sheets_of_labels_and_values_have_budgets_and_indicators() -> None:
    plan = plan_of("sheets-2021")
    assert [project.number for project in plan.projects] == [1, 2, 3, 4, 5, 6]
    assert [len(project.indicators) for project in plan.projects] == [1] * 6
    amounts = [str(p.budgets[0].amount) for p in plan.projects]
    assert amounts == ["2400000", "1850000", "-120000", "900000", "12000000", "None"]


def test_running_text_has_grades_and_a_balance_that_closes() -> None:
    plan = plan_of("running-text-2021")
    assert [project.number for project in plan.projects] == [1, 2, 3, 4, 5, 6, 7]
    assert [a.printed_grade for a in plan.achievements] == ["3", "4", "2", "4", "3", "1", "3"]
    assert len(plan.balances) == 15
    report = checked("running-text-2021").report
    assert report and report.summary == {}


def test_a_report_stands_beside_its_plan_and_its_wrong_sum_is_told() -> None:
    plan, report = plan_of("report-2021"), checked("report-2021").report
    assert [(t.policy, t.printed) for t in plan.budget_totals] == [
        ("1", "8,650"), ("2", "10,300"), ("3", "120,000"), (None, "138,950"),
    ]  # fmt: skip
    assert plan.report
    assert len(plan.report.achievements) == 8
    actual = [v for _, i in plan.report.indicators for v in i.values if v.kind is ValueKind.ACTUAL]
    assert [v.year for v in actual] == [2021] * 7
    assert report and report.summary == {"C210": 1}
