"""Units of a project: from one cell, two or several; who leads, and who works with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.extract.units import units_named
from kg.records import Plan
from kg.tables import plan_rows
from kg.vocab import SP
from tests.pipeline.layouts import checked, plan_of, problems_of, table
from tests.pipeline.sheets import csv_bytes, saved, workbook_of

HEAD = ["番号", "事業名", "担当課"]


def document(*rows: list[str], head: list[str] | None = None) -> str:
    return f"2021年度実施計画\n\n## 施策1 まち\n\n{table([head or HEAD, *rows])}"


def units(plan: Plan) -> list[str]:
    """Per project the responsible unit, and its partners behind a +."""
    return [
        " + ".join("/".join(unit.path) for unit in (p.unit, *p.partners) if unit)
        for p in plan.projects
    ]


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        ("福祉部福祉課", [("福祉部福祉課", None)]),
        ("環境・エネルギー課", [("環境・エネルギー課", None)]),
        ("福祉部 福祉課", [("福祉部 福祉課", None)]),
        ("福祉課、健康課", [("福祉課", None), ("健康課", None)]),
        ("福祉課・健康課", [("福祉課", None), ("健康課", None)]),
        ("福祉課 健康課", [("福祉課", None), ("健康課", None)]),
        ("福祉課\n健康課", [("福祉課", None), ("健康課", None)]),
        ("主：福祉課 協力：健康課", [("福祉課", "lead"), ("健康課", "partner")]),
        ("主：福祉課　協力：健康課、市民課",
         [("福祉課", "lead"), ("健康課", "partner"), ("市民課", "partner")]),
        ("主管課:福祉課、関係課:健康課", [("福祉課", "lead"), ("健康課", "partner")]),
        ("福祉課（主）、健康課", [("福祉課", "lead"), ("健康課", None)]),
        ("福祉課、健康課（協力）", [("福祉課", None), ("健康課", "partner")]),
        ("【主】福祉課、健康課", [("福祉課", "lead"), ("健康課", None)]),
        ("◎福祉課 ○健康課", [("福祉課", "lead"), ("健康課", "partner")]),
        ("○福祉課 ○健康課", [("福祉課", None), ("健康課", None)]),
        ("福祉課ほか", [("福祉課", None), ("", None)]),
        ("福祉課と健康課", [("福祉課", None), ("健康課", None)]),
        ("福祉課／健康課", [("福祉課", None), ("健康課", None)]),
        ("福祉部／健康課", [("福祉部／健康課", None)]),
        ("福祉課・健康センター", [("福祉課", None), ("健康センター", None)]),
        ("水道局 総務課", [("水道局 総務課", None)]),
        ("政策課題推進部企画課", [("政策課題推進部企画課", None)]),
        ("", []),
    ],
)  # fmt: skip
def test_a_cell_names_units_and_their_roles(cell: str, named: list[tuple[str, str | None]]) -> None:
    assert [(one.name, one.role) for one in units_named(cell)] == named


def test_department_and_section_stand_in_two_columns(tmp_path: Path) -> None:
    head = ["番号", "部", "課", "事業名"]
    rows = [["1", "福祉部", "福祉課", "あ事業"], ["2", "福祉部", "福祉部健康課", "い事業"],
            ["3", "教育委員会", "総務課", "う事業"], ["4", "市民部", "", "え事業"],
            ["5", "福祉部保健所", "予防課", "お事業"]]  # fmt: skip
    plan = plan_of(tmp_path, document(*rows, head=head))
    assert units(plan) == ["福祉部/福祉課", "福祉部/健康課", "教育委員会/総務課", "市民部",
                           "福祉部/保健所/予防課"]  # fmt: skip
    assert plan.projects[0].printed_unit == "福祉部 福祉課"


def test_cells_like_those_above_are_read_where_the_document_or_plan_toml_says_so(
    tmp_path: Path,
) -> None:
    head = ["番号", "部", "課", "事業名"]
    rows = [["1", "福祉部", "福祉課", "あ事業"], ["2", "〃", "健康課", "い事業"],
            ["3", "", "市民課", "う事業"], ["4", "市民部", "同上", "え事業"]]  # fmt: skip
    assert problems_of(tmp_path, document(*rows, head=head)) == ["empty-department 9"]
    keys = 'may_be_empty = ["department"]'
    assert units(plan_of(tmp_path, document(*rows, head=head), keys=keys)) == [
        "福祉部/福祉課", "福祉部/健康課", "市民課", "市民部/市民課"
    ]  # fmt: skip
    keys = 'same_as_above = ["department"]'
    assert units(plan_of(tmp_path, document(*rows, head=head), keys=keys))[2] == "福祉部/市民課"
    empty = document(["1", "あ事業", "福祉部福祉課"], ["2", "い事業", ""])
    assert problems_of(tmp_path, empty)[0] == "empty-cell 8"
    plan = plan_of(tmp_path, empty, keys='same_as_above = ["unit"]')
    assert units(plan) == ["福祉部/福祉課"] * 2
    assert problems_of(tmp_path, empty, keys='same_as_above = ["name"]') == [
        "same-as-above-unknown None"
    ]


def test_a_department_that_other_rows_have_and_one_lacks_is_asked_for(tmp_path: Path) -> None:
    head = ["番号", "部", "課", "事業名"]
    rows = [["1", "福祉部", "福祉課", "あ事業"], ["2", "", "健康課", "い事業"],
            ["3", "", "福祉部介護課", "う事業"]]  # fmt: skip
    (problem,) = checked(tmp_path, document(*rows, head=head)).problems
    assert (problem.code, problem.origin.line, problem.found) == (
        "empty-department", 8, '"健康課"'
    )  # fmt: skip
    assert 'same_as_above = ["department"]' in problem.fix
    assert 'may_be_empty = ["department"]' in problem.fix
    none = [["1", "", "福祉課", "あ事業"], ["2", "", "健康課", "い事業"]]
    assert units(plan_of(tmp_path, document(*none, head=head))) == ["福祉課", "健康課"]
    # no row above the first one has a department that it could repeat
    first = [none[0], ["2", "福祉部", "健康課", "い事業"]]
    keys = 'same_as_above = ["department"]'
    assert problems_of(tmp_path, document(*first, head=head), keys=keys) == ["empty-department 7"]
    assert problems_of(tmp_path, document(*none, head=head), keys='may_be_empty = ["unit"]') == [
        "may-be-empty-unknown None"
    ]


def test_nothing_is_carried_over_a_heading(tmp_path: Path) -> None:
    text = document(["1", "あ事業", "福祉課"], ["施策2 むら", "", ""], ["2", "い事業", ""])
    assert "empty-cell 9" in problems_of(tmp_path, text, keys='same_as_above = ["unit"]')


def test_a_marked_unit_leads_and_the_others_are_partners(tmp_path: Path) -> None:
    rows = [["1", "あ事業", "主：福祉部福祉課 協力：市民部市民課、健康課"],
            ["2", "い事業", "福祉部健康課（主）、市民部市民課"],
            ["3", "う事業", "市民部市民課"]]  # fmt: skip
    plan = plan_of(tmp_path, document(*rows))
    assert units(plan) == [
        "福祉部/福祉課 + 市民部/市民課 + 福祉部/健康課",
        "福祉部/健康課 + 市民部/市民課",
        "市民部/市民課",
    ]
    assert plan.projects[0].printed_unit == "主：福祉部福祉課 協力：市民部市民課、健康課"
    assert plan.projects[0].printed_partners == ""


def test_the_unit_that_answers_is_not_its_own_partner(tmp_path: Path) -> None:
    rows = [["1", "あ事業", "主：福祉部福祉課 協力：福祉課、市民課"]]
    assert units(plan_of(tmp_path, document(*rows))) == ["福祉部/福祉課 + 市民課"]


def test_a_column_of_partners(tmp_path: Path) -> None:
    head = ["番号", "事業名", "担当課", "関係課"]
    rows = [["1", "あ事業", "福祉部福祉課", "市民部市民課、福祉部健康課"],
            ["2", "い事業", "福祉部健康課", ""],
            ["3", "う事業", "市民部市民課", "市民部市民課"]]  # fmt: skip
    plan = plan_of(tmp_path, document(*rows, head=head))
    assert units(plan) == ["福祉部/福祉課 + 市民部/市民課 + 福祉部/健康課", "福祉部/健康課",
                           "市民部/市民課"]  # fmt: skip
    assert plan.projects[0].printed_partners == "市民部市民課、福祉部健康課"


@pytest.mark.parametrize(
    "cell",
    ["福祉課、健康課", "福祉課・健康課", "福祉課ほか", "主：福祉課、健康課", "協力：福祉課",
     "福祉課、健康課 協力：市民課"],
)  # fmt: skip
def test_several_units_without_a_mark_are_asked_for(tmp_path: Path, cell: str) -> None:
    text = document(["1", "あ事業", cell])
    assert "several-units 7" in problems_of(tmp_path, text)
    assert problems_of(tmp_path, text, keys='units = "last-leads"') == ["units-unknown None"]


def test_the_first_leads_where_plan_toml_says_so(tmp_path: Path) -> None:
    rows = [["1", "あ事業", "福祉課、健康課"], ["2", "い事業", "福祉課ほか"],
            ["3", "う事業", "福祉課、健康課 協力：市民課"]]  # fmt: skip
    plan = plan_of(tmp_path, document(*rows), keys='units = "first-leads"')
    assert units(plan) == ["福祉課 + 健康課", "福祉課", "福祉課 + 健康課 + 市民課"]
    text = document(["1", "あ事業", "協力：福祉課"])
    assert problems_of(tmp_path, text, keys='units = "first-leads"') == ["several-units 7"]


def test_a_partner_of_which_there_are_two_is_asked_for(tmp_path: Path) -> None:
    rows = [["1", "あ事業", "主：福祉部福祉課 協力：総務課"], ["2", "い事業", "福祉部総務課"],
            ["3", "う事業", "市民部総務課"]]  # fmt: skip
    problems = checked(tmp_path, document(*rows)).problems
    assert [str(problem).partition("reishi-2021/")[2] for problem in problems] == [
        'plan.md, line 7: "総務課" may be one of several units. [partner-unit]\n'
        "  Expected: the name with its department, of one of 市民部総務課, 福祉部総務課.\n"
        "  Fix: write the department before the name."
    ]


def test_partners_are_published_and_never_counted_as_responsible(tmp_path: Path) -> None:
    rows = [["1", "あ事業", "主：福祉部福祉課 協力：市民部市民課"]]
    one = checked(tmp_path, document(*rows))
    assert one.problems == () and one.iris
    project, partner = one.iris.project("1"), one.iris.unit(("市民部", "市民課"))
    source = one.graphs["source"]
    assert [o for s, p, o in source if s == project and p == SP.partnerUnit] == [partner]
    assert [o for s, p, o in source if s == project and p == SP.responsibleUnit] == [
        one.iris.unit(("福祉部", "福祉課"))
    ]
    statistics = one.graphs["statistics"]
    counts = {
        str(unit): str(count)
        for s, p, unit in statistics if p == SP.dimUnit
        for t, q, count in statistics if t == s and q == SP.statisticCount
    }  # fmt: skip
    assert counts[str(partner)] == "0"
    rows_of_units = plan_rows(one.iris.plan, source)["units"]
    assert [row["name"] for row in rows_of_units] == ["福祉部", "福祉課", "市民部", "市民課"]


@pytest.mark.parametrize("kind", ["plan.md", "plan.csv", "plan.xlsx"])
def test_department_and_section_under_one_heading(tmp_path: Path, kind: str) -> None:
    grid = [["番号", "事業名", "担当", ""], ["", "", "部", "課"],
            ["1", "あ事業", "福祉部", "福祉課"], ["2", "い事業", "市民部", "市民課"]]  # fmt: skip
    whole = [["◆施策1 まち", "", "", ""], *grid]
    book = workbook_of({"計画": whole})
    for area in ("A2:A3", "B2:B3", "C2:D2"):
        book["計画"].merge_cells(area)
    data = {
        "plan.md": f"## 施策1 まち\n\n{table(grid)}".encode(),
        "plan.csv": csv_bytes(whole),
        "plan.xlsx": saved(book),
    }[kind]
    assert units(plan_of(tmp_path, data, file=kind)) == ["福祉部/福祉課", "市民部/市民課"]


def review(*rows: list[str], head: list[str]) -> str:
    projects = document(["1", "あ事業", "福祉部福祉課"])
    return f"{projects}\n【完了】\n\n{table([head, *rows])}"


def test_the_review_lists_name_units_alike(tmp_path: Path) -> None:
    rows = [["施策1", "い事業", "市民部", "市民課"]]
    plan = plan_of(tmp_path, review(*rows, head=["施策", "事業名", "部", "課"]))
    change = plan.changes[0]
    assert change.unit and change.unit.path == ("市民部", "市民課")
    assert change.printed_unit == "市民部 市民課"
    rows = [["施策1", "い事業", "市民課、福祉課"]]
    text = review(*rows, head=["施策", "事業名", "担当課"])
    assert problems_of(tmp_path, text) == ["several-units 13"]
    plan = plan_of(tmp_path, text, keys='units = "first-leads"')
    assert plan.changes[0].unit and plan.changes[0].unit.path == ("市民課",)
