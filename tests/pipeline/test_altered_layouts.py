"""Koriyama's document in other layouts: the same records, or a refusal that says what to decide.

The lost icons are replaced by the most probable links, which meet every published number; which
links they are does not matter here, only that every layout states the same ones.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from kg.checking import check_plan
from kg.goals import GOALS, official_names
from kg.records import Basis, GoalLink, Plan, Project
from kg.settings import Settings
from tests.pipeline.documents import koriyama
from tests.pipeline.koriyama import koriyama_estimate
from tests.pipeline.sheets import (
    Grid,
    csv_bytes,
    differences,
    folder_of,
    full_width_digits,
    koriyama_grid,
    merge_alike,
    padded,
    saved,
    workbook_of,
)


@cache
def links() -> dict[str, tuple[int, ...]]:
    """The goals of each project, by its number."""
    chosen = [(cell.project, cell.goal) for cell in koriyama_estimate().cells if cell.is_chosen]
    return {p.key: tuple(g for key, g in chosen if key == p.key) for p in koriyama().projects}


def grid(head: list[str], row: Callable[[Project], list[str]], below: Grid | None = None) -> Grid:
    """The document with one table of projects; everything above it is as printed."""
    whole = koriyama_grid()
    start = next(n for n, cells in enumerate(whole) if cells[:1] == ["No."])
    rows: Grid = [head]
    names = {policy.number: policy.name for policy in koriyama().policies}
    for policy, projects in itertools.groupby(koriyama().projects, lambda p: p.policy):
        rows.append([f"◆基本施策 {policy} {names[policy or '']}", *[""] * (len(head) - 1)])
        rows += map(row, projects)
    return [*whole[:start], [], *rows, [], *(below or [])]


def cells(project: Project) -> list[str]:
    """Number, flag, name, text; the unit and the goals are what differs."""
    flag = {"new-or-added": "新規・追加", "new": "新規", "added": "追加"}.get(project.status, "")
    return [str(project.number), flag, project.printed_name, project.description or ""]


HEAD = ["No.", "新規", "事業名", "事業計画（2021）"]


def in_words(separator: str, form: str = "{}") -> Callable[[], Grid]:
    def written() -> Grid:
        def row(project: Project) -> list[str]:
            goals = separator.join(form.format(goal) for goal in links()[project.key])
            return [*cells(project), project.printed_unit, goals]

        return grid([*HEAD, "担当課", "SDGsの取り組み"], row)

    return written


def of_names() -> Grid:
    def row(project: Project) -> list[str]:
        goals = "\n".join(official_names(goal)["ja"] for goal in links()[project.key])
        return [*cells(project), project.printed_unit, goals]

    return grid([*HEAD, "担当課", "SDGsの取り組み"], row)


def reordered() -> Grid:
    def row(project: Project) -> list[str]:
        number, flag, name, text = cells(project)
        goals = "、".join(map(str, links()[project.key]))
        return [goals, project.printed_unit, text, name, number, flag]

    return grid(["SDGs", "担当課", "事業計画（2021）", "事業名", "No.", "新規"], row)


def matrix(mark: str = "○", heading: str = "{}", total: bool = True) -> Callable[[], Grid]:
    def written() -> Grid:
        def row(project: Project) -> list[str]:
            marks = [mark.format(g) if g in links()[project.key] else "" for g in GOALS]
            return [*cells(project), project.printed_unit, *marks]

        totals = [str(sum(g in goals for goals in links().values())) for g in GOALS]
        found = grid([*HEAD, "担当課", *map(heading.format, GOALS)], row)
        return [*found[:-1], ["計", "", "", "", "", *totals], []] if total else found

    return written


def two_cells() -> Grid:
    def row(project: Project) -> list[str]:
        assert project.unit
        *above, last = project.unit.path
        goals = ",".join(map(str, links()[project.key]))
        return [*cells(project), "".join(above), last, goals]

    return grid([*HEAD, "部", "課", "SDGs"], row)


def listed(by_name: bool) -> Callable[[], Grid]:
    def written() -> Grid:
        rows = [["ゴール", "関連事業"]]
        for goal in GOALS:
            found = [p for p in koriyama().projects if goal in links()[p.key]]
            words = [(p.printed_name if by_name else str(p.number)) for p in found]
            rows.append([f"{goal} {official_names(goal)['ja']}", "\n".join(words)])
        return grid([*HEAD, "担当課"], lambda p: [*cells(p), p.printed_unit], rows)

    return written


def bare(plan: Plan, goals: dict[str, tuple[int, ...]]) -> Plan:
    """The plan with these goals and no words, marks and places of links, nor printed units."""
    projects = (
        dataclasses.replace(
            project,
            stated_links=tuple(
                GoalLink(goal, Basis.STATED, "", project.origin) for goal in goals[project.key]
            ),
            icon_count=len(goals[project.key]),
            printed_unit="",
        )
        for project in plan.projects
    )
    return dataclasses.replace(plan, projects=tuple(projects))


def stated(plan: Plan) -> dict[str, tuple[int, ...]]:
    return {p.key: tuple(sorted(link.goal for link in p.stated_links)) for p in plan.projects}


def checked(folder: Path) -> Plan:
    one = check_plan(folder, Settings(), "shacl")
    assert [str(problem) for problem in one.problems] == []
    assert one.extraction and one.extraction.plan
    return one.extraction.plan


LAYOUTS: dict[str, Callable[[], Grid]] = {
    "3,8": in_words(","),
    "３、８": in_words("、", "{}"),
    "[3][8]": in_words("", "[{}]"),
    "ゴール3・ゴール8": in_words("・", "ゴール{}"),
    "SDG 3 SDG 8": in_words(" ", "SDG {}"),
    "names": of_names,
    "reordered": reordered,
    "matrix of ○": matrix(),
    "matrix of ● under ゴール1": matrix("●", "ゴール{}", total=False),
    "matrix of numbers": matrix("{}", "SDG{}"),
    "部 and 課": two_cells,
    "lists by number": listed(by_name=False),
    "lists by name": listed(by_name=True),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_gives_the_same_records(tmp_path: Path, layout: str) -> None:
    plan = checked(folder_of(tmp_path, "plan.csv", csv_bytes(LAYOUTS[layout]())))
    assert stated(plan) == links()
    assert differences(bare(koriyama(), links()), bare(plan, links())) == []
    assert [p.icon_count or 0 for p in plan.projects] == [len(g) for g in links().values()]


def test_full_width_digits_and_merged_units_of_a_workbook(tmp_path: Path) -> None:
    rows = padded(in_words("、")())
    start = next(n for n, row in enumerate(rows) if row[0] == "No.")
    wide = [*rows[:start], *([full_width_digits(row[0]), *row[1:-1], full_width_digits(row[-1])]
                             for row in rows[start:])]  # fmt: skip
    book = workbook_of({"計画": wide})
    assert merge_alike(book, "計画", rows[start].index("担当課") + 1) > 5
    plan = checked(folder_of(tmp_path, "plan.xlsx", saved(book)))
    assert stated(plan) == links()
    assert differences(bare(koriyama(), links()), bare(plan, links())) == []


def test_a_matrix_of_a_workbook_under_merged_headings(tmp_path: Path) -> None:
    rows = padded(matrix()())
    start = next(n for n, row in enumerate(rows) if row[0] == "No.")
    upper = ["No.", "新規", "事業名", "事業計画（2021）", "担当課", "SDGsの17のゴール"]
    book = workbook_of({"計画": [*rows[:start], upper, *rows[start:]]})
    sheet = book["計画"]
    for column in range(1, 6):
        sheet.merge_cells(
            start_row=start + 1, end_row=start + 2, start_column=column, end_column=column
        )
    sheet.merge_cells(start_row=start + 1, end_row=start + 1, start_column=6, end_column=22)
    plan = checked(folder_of(tmp_path, "plan.xlsx", saved(book)))
    assert stated(plan) == links()
    assert differences(bare(koriyama(), links()), bare(plan, links())) == []


REFUSED: dict[str, tuple[Callable[[], Grid], str]] = {
    "ranges": (in_words("-"), "goal-range"),
    "points": (in_words("."), "unknown-target"),
    "a mark that nobody knows": (matrix("△"), "unknown-mark"),
    "months": (lambda: [row[:-5] if len(row) > 20 else row for row in matrix()()],
               "unknown-column"),
}  # fmt: skip


@pytest.mark.parametrize("layout", REFUSED)
def test_what_is_doubtful_is_refused(tmp_path: Path, layout: str) -> None:
    written, code = REFUSED[layout]
    folder = folder_of(tmp_path, "plan.csv", csv_bytes(written()))
    assert code in {p.code for p in check_plan(folder, Settings(), "shacl").problems}


def test_a_mark_that_is_lost_is_told_by_the_total(tmp_path: Path) -> None:
    rows = matrix()()
    row = next(cells for cells in rows if cells[2:3] == [koriyama().projects[0].printed_name])
    row[row.index("○")] = ""
    problems = check_plan(folder_of(tmp_path, "plan.csv", csv_bytes(rows)), Settings()).problems
    assert {problem.code for problem in problems} >= {"matrix-total"}
