"""Tables with a column for each goal: headings, marks, totals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kg.goals import GOALS, official_names
from kg.vocab import SP
from tests.pipeline.layouts import checked, goals_by_project, plan_of, problems_of, read, table

HEADINGS: dict[str, Callable[[int], str]] = {
    "numbers": str,
    "full width": lambda goal: str(goal).translate(
        str.maketrans("0123456789", "０１２３４５６７８９")
    ),
    "ゴール": lambda goal: f"ゴール{goal}",
    "circles": lambda goal: chr(ord("①") + goal - 1),
    "SDG": lambda goal: f"SDG{goal}",
    "names": lambda goal: official_names(goal)["ja"],
    "name and number": lambda goal: f"{official_names(goal)['ja']}（{goal}）",
    "numbers and names": lambda goal: f"{goal} {official_names(goal)['ja']}",
}
LINKS = {1: {3: "○"}, 2: {1: "○", 2: "◎"}, 3: {}, 4: {12: "●", 13: "○"}}
NAMES = {1: "健康教室事業", 2: "子ども食堂事業", 3: "古本市事業", 4: "ごみ減量事業"}


def rows(heading: Callable[[int], str] = str, goals: range = GOALS) -> list[list[str]]:
    head = ["番号", "事業名", "担当課", *map(heading, goals)]
    body = [
        [str(n), NAMES[n], "市民部市民課", *(marks.get(goal, "") for goal in goals)]
        for n, marks in LINKS.items()
    ]
    return [head, *body]


def document(grid: list[list[str]]) -> str:
    return f"2021年度実施計画\n\n## 施策1 まち\n\n{table(grid)}"


@pytest.mark.parametrize("name", HEADINGS)
def test_a_column_for_each_goal_is_read_by_its_heading(tmp_path: Path, name: str) -> None:
    plan = plan_of(tmp_path, document(rows(HEADINGS[name])))
    assert goals_by_project(plan) == {str(n): list(marks) for n, marks in LINKS.items()}
    link = plan.projects[1].stated_links[1]
    assert (link.goal, link.mark, link.evidence) == (2, "◎", HEADINGS[name](2))
    assert link.origin.line == 8
    assert [p.icon_count for p in plan.projects] == [1, 2, 0, 2]


def test_two_rows_of_headings_are_read_as_one(tmp_path: Path) -> None:
    head, *body = rows()
    upper = [*head[:3], "SDGsの17のゴール", *[""] * 16]
    for second in (["", "", "", *head[3:]], head):
        plan = plan_of(tmp_path, document([upper, second, *body]))
        assert goals_by_project(plan)["4"] == [12, 13]
    upper = ["", "", "", "SDGs", *[""] * 16]
    assert goals_by_project(plan_of(tmp_path, document([upper, head, *body])))["2"] == [1, 2]


def test_a_sheet_with_two_rows_of_headings(tmp_path: Path) -> None:
    head, *body = rows()
    for upper in (["", "", "", "SDGsの17のゴール", *[""] * 16], ["基本情報", "", "", "SDGs"]):
        grid = [["◆施策1 まち"], upper, head, *body]
        text = "\n".join(",".join([*row, *[""] * (20 - len(row))]) for row in grid)
        plan = plan_of(tmp_path, text, file="plan.csv")
        assert goals_by_project(plan)["4"] == [12, 13]
        assert plan.projects[0].policy == "1"


def test_the_number_of_the_goal_is_a_mark_in_its_own_column(tmp_path: Path) -> None:
    grid = rows()
    grid[1][5], grid[2][3], grid[2][4] = "3", "1", "２"
    assert goals_by_project(plan_of(tmp_path, document(grid)))["2"] == [1, 2]
    grid[1][6] = "3"
    assert problems_of(tmp_path, document(grid)) == ["unknown-mark 7"]


@pytest.mark.parametrize("mark", ["-", "－", "―", "", "　", "0", "なし"])
def test_a_dash_says_that_there_is_none(tmp_path: Path, mark: str) -> None:
    grid = rows()
    grid[3][3:] = [mark] * 17
    assert goals_by_project(plan_of(tmp_path, document(grid)))["3"] == []


def test_an_unknown_mark_is_asked_for_by_name(tmp_path: Path) -> None:
    grid = rows()
    grid[1][4] = "△"
    problems = checked(tmp_path, document(grid)).problems
    assert [str(problem).partition("reishi-2021/")[2] for problem in problems] == [
        'plan.md, line 7, column "2": "△" is not a mark whose meaning is known. [unknown-mark]\n'
        "  Expected: a mark that says that the row serves the goal, such as ○, ● or ◎; -, or an "
        "empty cell.\n"
        '  Fix: correct the cell, or write "△" = "stated" or "none" under [marks] in plan.toml.'
    ]
    for meaning, goals in (("stated", [2, 3]), ("none", [3])):
        marks = f'[marks]\n"△" = "{meaning}"'
        plan = plan_of(tmp_path, document(grid), more=marks)
        assert goals_by_project(plan)["1"] == goals
    assert problems_of(tmp_path, document(grid), more='[marks]\n"△" = "maybe"') == [
        "mark-meaning None"
    ]


def test_main_goals_and_others_are_told_apart_by_the_printed_mark(tmp_path: Path) -> None:
    links = plan_of(tmp_path, document(rows())).projects[1].stated_links
    assert [(link.goal, link.mark) for link in links] == [(1, "○"), (2, "◎")]


def totals(grid: list[list[str]]) -> list[str]:
    columns = list(zip(*grid[1:], strict=True))[3:]
    return [str(sum(cell != "" for cell in column)) for column in columns]


def test_totals_below_the_columns_are_published_counts_and_no_project(tmp_path: Path) -> None:
    grid = rows()
    plan = plan_of(tmp_path, document([*grid, ["合計", "", "", *totals(grid)]]))
    assert len(plan.projects) == 4
    assert {c.goal: c.count for c in plan.goal_counts if c.count} == dict.fromkeys(
        (1, 2, 3, 12, 13), 1
    )
    assert (len(plan.goal_counts), plan.goal_counts[2].origin.line) == (17, 11)


def test_a_total_that_does_not_fit_its_column_is_a_problem(tmp_path: Path) -> None:
    grid = rows()
    wrong = totals(grid)
    wrong[2] = "2"
    problems = checked(tmp_path, document([*grid, ["計", "", "", *wrong]])).problems
    assert [str(p).partition("reishi-2021/")[2].splitlines()[0] for p in problems] == [
        'plan.md, line 11, column "3": the total is not the number of marks above it for goal 3. '
        "[matrix-total]"
    ]
    wrong[2] = "x"
    assert problems_of(tmp_path, document([*grid, ["計", "", "", *wrong]])) == ["goal-count 11"]


def test_totals_of_a_part_are_held_against_it_but_not_published(tmp_path: Path) -> None:
    grid = rows()
    first, second = grid[:3], [grid[0], *grid[3:]]
    text = document([*first, ["計", "", "", *totals(first)]])
    text += "\n## 施策2 むら\n\n" + table([*second, ["計", "", "", *totals(second)]])
    extraction = read(tmp_path, text)
    assert extraction.problems == ()
    assert extraction.plan and extraction.plan.goal_counts == ()
    assert extraction.said == (
        "line 17: the totals are not those of all goals and tables, so they are held against the "
        "marks but not published",
    )


def test_the_number_of_marks_in_a_row_is_held_against_them(tmp_path: Path) -> None:
    numbers = ["計", "1", "2", "-", "2"]
    grid = [[*row, number] for row, number in zip(rows(), numbers, strict=True)]
    assert goals_by_project(plan_of(tmp_path, document(grid)))["2"] == [1, 2]
    grid[2][-1] = "3"
    assert problems_of(tmp_path, document(grid)) == ["mark-total 8"]


def test_line_breaks_in_headings_do_not_matter(tmp_path: Path) -> None:
    for grid in (
        rows(lambda goal: f"SDGs<br>{goal}"),
        rows(lambda goal: f"{goal}<br>{official_names(goal)['ja']}"),
    ):
        assert goals_by_project(plan_of(tmp_path, document(grid)))["4"] == [12, 13]


def test_columns_that_may_be_months_are_not_taken_for_goals(tmp_path: Path) -> None:
    few = rows(str, range(1, 13))
    assert set(problems_of(tmp_path, document(few))) == {"unknown-column 5"}
    columns = "[columns]\n" + "\n".join(f'goal-{n} = "{n}"' for n in range(1, 13))
    extraction = read(tmp_path, document(few), more=columns)
    assert extraction.problems == ()
    assert extraction.said == ("line 5: there is no column for the goals 13, 14, 15, 16, 17",)
    plan = plan_of(tmp_path, document(rows(lambda n: f"ゴール{n}", range(1, 13))))
    assert goals_by_project(plan)["4"] == [12]


def test_a_goal_in_words_and_by_a_mark_is_one_link(tmp_path: Path) -> None:
    words = ["SDGs", "3.4", "", "", ""]
    grid = [[*row, text] for row, text in zip(rows(), words, strict=True)]
    link = plan_of(tmp_path, document(grid)).projects[0].stated_links
    assert [(one.goal, one.mark, one.targets) for one in link] == [(3, "○", ("3.4",))]
    assert (link[0].evidence, link[0].more_evidence) == ("3.4", ("3",))


def test_part_totals_are_held_against_their_part(tmp_path: Path) -> None:
    grid = rows()
    first, second = grid[:3], [grid[0], *grid[3:]]
    whole = [*first, ["小計", "", "", *totals(first)], *grid[3:],
             ["小計", "", "", *totals(second)],
             ["合計", "", "", *(f"{n}件" for n in totals(grid))]]  # fmt: skip
    plan = plan_of(tmp_path, document(whole))
    assert (len(plan.projects), sum(c.count for c in plan.goal_counts)) == (4, 5)
    whole[3][5] = "0"
    assert problems_of(tmp_path, document(whole)) == ["matrix-total 9"]


def test_two_columns_of_one_goal_are_a_problem(tmp_path: Path) -> None:
    grid = rows(lambda goal: f"ゴール{min(goal, 16)}")
    assert problems_of(tmp_path, document(grid)) == ["goal-column-twice 5"]


def test_marks_are_published_with_the_link(tmp_path: Path) -> None:
    one = checked(tmp_path, document(rows()))
    assert one.problems == ()
    marks = {str(o) for s, p, o in one.graphs["source"] if p == SP.printedMark}
    assert marks == {"○", "◎", "●"}
