"""Goals of policies, and lists of projects per goal: what each states, and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.records import Basis, Plan
from kg.vocab import SP
from tests.pipeline.layouts import checked, goals_by_project, plan_of, problems_of, table

PROJECTS = [
    ["番号", "事業名", "担当課"],
    ["施策1 すこやかなまち", "", ""],
    ["1", "健康教室事業", "福祉部福祉課"],
    ["2", "健康教室事業", "福祉部健康課"],
    ["施策2 つながるまち", "", ""],
    ["3", "8020運動事業", "福祉部健康課"],
    ["4", "まちあるき・古本市事業", "市民部市民課"],
]


def document(*tables: list[list[str]], projects: list[list[str]] | None = None) -> str:
    parts = [table(projects or PROJECTS), *map(table, tables)]
    return "2021年度実施計画\n\n" + "\n".join(parts)


def goals_by_policy(plan: Plan) -> dict[str, list[int]]:
    return {p.number: [link.goal for link in p.stated_links] for p in plan.policies}


# --- goals per policy ------------------------------------------------------------------------

POLICIES = [["基本施策", "SDGs"], ["施策1 すこやかなまち", "3、11.2"], ["施策2", "8"]]


def test_goals_of_policies_are_the_policies_and_no_project_s(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, document(POLICIES))
    assert goals_by_policy(plan) == {"1": [3, 11], "2": [8]}
    assert goals_by_project(plan) == {"1": [], "2": [], "3": [], "4": []}
    assert [p.icon_count for p in plan.projects] == [None] * 4


def test_a_goal_of_a_policy_is_published_with_properties_of_its_own(tmp_path: Path) -> None:
    one = checked(tmp_path, document(POLICIES))
    assert one.problems == () and one.iris
    policy, record = one.iris.policy("1"), one.iris.policy_goal("1", 11)
    source = one.graphs["source"]
    told = {(s, p): str(o) for s, p, o in source if s in (policy, record)}
    assert {str(o) for s, p, o in source if (s, p) == (policy, SP.policySdgGoal)} == {
        "http://metadata.un.org/sdg/3", "http://metadata.un.org/sdg/11"
    }  # fmt: skip
    assert told[policy, SP.policySdgTarget] == "http://metadata.un.org/sdg/11.2"
    assert told[record, SP.evidence] == "11.2"
    assert told[record, SP.sourceLine] == "14"
    links = (SP.statedSdgGoal, SP.sdgGoal, SP.linkedGoal, SP.linkedProject, SP.statedSdgTarget)
    everything = [triple for graph in one.graphs.values() for triple in graph]
    assert [triple for triple in everything if triple[1] in links] == []
    bases = {str(o).rpartition("#")[2] for _, p, o in everything if p == SP.sdgLinkBasis}
    assert bases == {"basis-none"}
    assert SP["count-stated"] not in {o for _, _, o in one.graphs["statistics"]}


@pytest.mark.parametrize(
    "rows",
    [
        [["番号", "施策名", "SDGs"], ["1", "すこやかなまち", "3"], ["2", "つながるまち", "8"]],
        [["施策", "SDGs"], ["すこやかなまち", "3"], ["つながるまち", "8"]],
        [["施策", *map(str, range(1, 18))],
         *([n, *("○" if g == goal else "" for g in range(1, 18))]
           for n, goal in (("施策1", 3), ("施策2", 8)))],
    ],
)  # fmt: skip
def test_tables_of_policies_in_other_forms(tmp_path: Path, rows: list[list[str]]) -> None:
    plan = plan_of(tmp_path, document(rows))
    assert goals_by_policy(plan) == {"1": [3], "2": [8]}
    assert goals_by_project(plan)["1"] == []


@pytest.mark.parametrize(
    ("heads", "goals"),
    [(["SDGs"], ["3、8"]),
     ([str(n) for n in range(1, 18)], ["○" if n in (3, 8) else "" for n in range(1, 18)])],
)  # fmt: skip
def test_goals_in_the_row_of_a_heading_are_the_policy_s(
    tmp_path: Path, heads: list[str], goals: list[str]
) -> None:
    none = [""] * len(heads)
    rows = [["番号", "事業名", "担当課", *heads], ["施策1 まち", "", "", *goals],
            ["1", "あ事業", "市民課", *none]]  # fmt: skip
    plan = plan_of(tmp_path, f"2021年度実施計画\n\n{table(rows)}")
    assert (goals_by_policy(plan), goals_by_project(plan)) == ({"1": [3, 8]}, {"1": []})


def test_a_doubtful_goal_or_policy_of_a_table_is_a_problem(tmp_path: Path) -> None:
    rows = [["基本施策", "SDGs"], ["施策1", "3-8"], ["つながるむら", "8"], ["施策1 まち", "3"]]
    assert problems_of(tmp_path, document(rows)) == [
        "goal-range 14", "policy-heading 15", "policy-twice 16"
    ]  # fmt: skip


# --- projects per goal -----------------------------------------------------------------------


def lists(*rows: list[str]) -> list[list[str]]:
    return [["ゴール", "関連事業"], *rows]


def test_projects_are_listed_by_number_or_name(tmp_path: Path) -> None:
    rows = lists(
        ["3 すべての人に健康と福祉を", "1、No.2<br>8020運動事業"],
        ["ゴール8", "4 まちあるき・古本市事業"],
        ["11", "まちあるき・古本市事業、健康教室事業（福祉課）"],
        ["12", "-"],
    )
    plan = plan_of(tmp_path, document(rows))
    assert goals_by_project(plan) == {"1": [3, 11], "2": [3], "3": [3], "4": [8, 11]}
    link = plan.projects[0].stated_links[0]
    assert (link.basis, link.evidence, link.origin.line) == (
        Basis.STATED, "3 すべての人に健康と福祉を", 14
    )  # fmt: skip
    assert [p.icon_count for p in plan.projects] == [2, 1, 1, 2]


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("健康教室", "listed-unknown"), ("5", "listed-unknown"), ("1-3", "listed-unknown"),
        ("健康教室事業", "listed-twice"), ("1 まちあるき・古本市事業", "listed-unknown"),
        ("8020運動事業（市民課）", "listed-unknown"), ("1件", "listed-unknown"),
        ("健康教室事業など", "listed-unknown"),
    ],
)  # fmt: skip
def test_what_names_no_project_or_several_is_a_problem(
    tmp_path: Path, cell: str, problem: str
) -> None:
    assert problems_of(tmp_path, document(lists(["3", cell], ["8", "4"]))) == [f"{problem} 14"]


def test_the_projects_of_an_ambiguous_name_are_told(tmp_path: Path) -> None:
    problems = checked(tmp_path, document(lists(["3", "健康教室事業"], ["8", "4"]))).problems
    assert [str(p).partition("reishi-2021/")[2] for p in problems] == [
        'plan.md, line 14, column "関連事業": "健康教室事業" is the name of several projects. '
        "[listed-twice]\n"
        "  Expected: one of No. 1, No. 2.\n"
        "  Fix: write the number in place of the name, or the unit in brackets behind it."
    ]


def test_the_number_of_listed_projects_is_held_against_the_list(tmp_path: Path) -> None:
    body = [[f"ゴール{goal}", "0", ""] for goal in range(1, 18)]
    body[2][1:] = ["2", "1、2"]
    rows = [["ゴール", "事業数", "事業番号"], *body]
    plan = plan_of(tmp_path, document(rows))
    assert {c.goal: c.count for c in plan.goal_counts if c.count} == {3: 2}
    assert goals_by_project(plan)["2"] == [3]
    body[2][1] = "3"
    assert "goal-list-count 16" in problems_of(tmp_path, document(rows))


def test_a_list_of_some_goals_publishes_no_counts(tmp_path: Path) -> None:
    rows = [["番号", "ゴール", "事業数", "関連事業"],
            ["3", "すべての人に健康と福祉を", "1", "1"],
            ["4", "質の高い教育をみんなに", "0", ""]]  # fmt: skip
    plan = plan_of(tmp_path, document(rows))
    assert (plan.goal_counts, goals_by_project(plan)["1"]) == ((), [3])
    rows[1][0] = "5"
    assert "unknown-goal 14" in problems_of(tmp_path, document(rows))


def test_lists_and_rows_that_differ_are_a_problem(tmp_path: Path) -> None:
    projects = [[*row, goals] for row, goals in
                zip(PROJECTS, ["SDGs", "", "3", "", "", "", "8"], strict=True)]  # fmt: skip
    text = document(lists(["3", "1"], ["8", "3、4"]), projects=projects)
    assert problems_of(tmp_path, text) == ["goal-lists-differ 9"]
    text = document(lists(["3", "1"], ["8", "4"]), projects=projects)
    assert goals_by_project(plan_of(tmp_path, text))["4"] == [8]


def test_a_table_of_projects_is_not_taken_for_a_list(tmp_path: Path) -> None:
    rows = [["SDGs", "事業名"], ["3", "あ事業"], ["8", "い事業"], ["3", "う事業"]]
    assert problems_of(tmp_path, document(rows)) == ["unknown-table 12"]
