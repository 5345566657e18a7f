"""Cells of goals that are merged over several projects: never given to each without being told."""

from __future__ import annotations

from pathlib import Path

from tests.pipeline.layouts import goals_by_project, plan_of, problems_of
from tests.pipeline.sheets import saved, workbook_of

GRID = [
    ["◆施策1 すこやかなまち"],
    ["番号", "事業名", "担当課", "SDGs"],
    ["1", "健康教室事業", "福祉課", "3,8"],
    ["2", "体操事業", "福祉課", ""],
    ["3", "古本市事業", "市民課", "12"],
]


def workbook() -> bytes:
    book = workbook_of({"事業": GRID})
    book["事業"].merge_cells("D3:D4")
    return saved(book)


def test_a_merged_cell_of_goals_is_asked_about(tmp_path: Path) -> None:
    assert problems_of(tmp_path, workbook(), file="plan.xlsx") == ["goals-merged 3"]
    keys = 'merged_goals = "all"'
    assert problems_of(tmp_path, workbook(), file="plan.xlsx", keys=keys) == [
        "merged-goals-unknown None"
    ]


def test_each_project_has_them_where_plan_toml_says_so(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, workbook(), file="plan.xlsx", keys='merged_goals = "each"')
    assert goals_by_project(plan) == {"1": [3, 8], "2": [3, 8], "3": [12]}
    assert plan.policies[0].stated_links == ()


def test_they_are_the_policy_s_alone_where_plan_toml_says_so(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, workbook(), file="plan.xlsx", keys='merged_goals = "policy"')
    assert goals_by_project(plan) == {"1": [], "2": [], "3": [12]}
    assert [link.goal for link in plan.policies[0].stated_links] == [3, 8]
