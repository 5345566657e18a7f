"""`sdgplan new` on other layouts: what it recognises, what it asks, what the answers do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from kg.checking import CheckedPlan, check_plan
from kg.proposal.command import propose, write
from kg.proposal.told import told
from kg.settings import Settings
from tests.pipeline.layouts import goals_by_project, table
from tests.pipeline.sheets import saved, workbook_of

PERSON = {
    'code = "?"': 'code = "990019"\nmade_up = true',
    'name = { ja = "?" }': 'name = { ja = "例市" }',
    'slug = "?"': 'slug = "kyodo"',
    'licence = "?"': 'licence = "https://creativecommons.org/licenses/by/4.0/"',
}
GOALS = [str(goal) for goal in range(1, 18)]


def proposed(tmp_path: Path, data: bytes, file: str = "plan.md") -> tuple[str, str]:
    """The proposed plan.toml, in tmp_path/new, and what is printed."""
    (tmp_path / file).write_bytes(data)
    proposal = propose(tmp_path / file, Settings())
    path = write(proposal, tmp_path / "new", date(2026, 11, 30))
    return path.read_text(encoding="utf-8"), told(proposal, path)


def settled(tmp_path: Path, text: str, questions: str = "") -> CheckedPlan:
    """The folder as checked, after a person filled the marks and said yes to some questions."""
    for mark, value in PERSON.items():
        text = text.replace(mark, value)
    if questions:
        text = re.sub(rf"^# \? ((?:{questions}).*)", r"\1", text, flags=re.M)
    (tmp_path / "new" / "plan.toml").write_text(text, encoding="utf-8")
    return check_plan(tmp_path / "new", Settings(), "shacl")


def document(*rows: Sequence[str]) -> bytes:
    text = f"例市協働計画 2021年度実施計画\n\n## 施策1 まち\n\n{table(rows)}"
    return text.encode()


def test_a_matrix_is_told_in_one_line(tmp_path: Path) -> None:
    marks = ["○", *[""] * 15, "◎"]
    text, shown = proposed(
        tmp_path, document(["番号", "事業名", "担当課", *GOALS], ["1", "あ事業", "市民課", *marks])
    )
    assert '#   "1 … 17" is read as the goals 1 to 17\n' in text
    assert '"1 … 17" as the goals 1 to 17' in shown
    checked = settled(tmp_path, text)
    assert checked.problems == ()
    assert checked.extraction and checked.extraction.plan
    assert goals_by_project(checked.extraction.plan) == {"1": [1, 17]}


def test_columns_that_may_be_goals_are_proposed_with_a_doubt(tmp_path: Path) -> None:
    head = ["番号", "事業名", "担当課", "3", "8", "11"]
    text, shown = proposed(
        tmp_path, document(head, ["1", "あ事業", "市民課", "○", "", "-"],
                           ["2", "い事業", "市民課", "", "", "●"])
    )  # fmt: skip
    assert '# ? goal-3 = "3"   # its heading may name a goal, and its cells are marks\n' in text
    assert '# ? goal-8 = "8"   # its heading may name a goal, and all its cells are empty\n' in text
    assert '"11" is left out: perhaps goal-11, its heading may name a goal' in shown
    checked = settled(tmp_path, text, "goal-")
    assert checked.problems == ()
    assert checked.extraction and checked.extraction.plan
    assert goals_by_project(checked.extraction.plan) == {"1": [3], "2": [11]}


def test_unknown_marks_are_asked_for(tmp_path: Path) -> None:
    head = ["番号", "事業名", "担当課", *GOALS]
    rows = [[str(n), f"第{n}事業", "市民課", "△", *[""] * 16] for n in (1, 2)]
    text, _ = proposed(tmp_path, document(head, *rows))
    assert (
        "\n[marks]\n# marks in the columns of goals that are not known\n"
        '# ? "△" = "stated"   # or "none"; in line 7 and 1 more\n'
    ) in text
    assert settled(tmp_path, text, '"△"').problems == ()


@pytest.mark.parametrize(
    ("units", "question", "answer"),
    [
        (["福祉課、健康課", "市民課"], '# ? units = "first-leads"', "units"),
        (["福祉課", ""], '# ? same_as_above = ["unit"]', "same_as_above"),
    ],
)
def test_what_cells_of_units_mean_is_asked(
    tmp_path: Path, units: list[str], question: str, answer: str
) -> None:
    rows = [[str(n), f"第{n}事業", unit] for n, unit in enumerate(units, 1)]
    text, _ = proposed(tmp_path, document(["番号", "事業名", "担当課"], *rows))
    assert question in text
    assert settled(tmp_path, text).problems != ()
    assert settled(tmp_path, text, answer).problems == ()


@pytest.mark.parametrize("answer", ["same_as_above", "may_be_empty"])
def test_sections_that_lost_their_department_are_asked_about(tmp_path: Path, answer: str) -> None:
    rows = [["1", "あ事業", "福祉部", "福祉課"], ["2", "い事業", "", "健康課"]]
    text, _ = proposed(tmp_path, document(["番号", "事業名", "部", "課"], *rows))
    assert '# ? sections without a department, such as "健康課", in line 8:\n' in text
    assert settled(tmp_path, text).problems != ()
    assert settled(tmp_path, text, answer).problems == ()


def test_merged_cells_of_goals_are_asked_about(tmp_path: Path) -> None:
    grid = [
        ["例市協働計画 2021年度実施計画"], ["◆施策1 まち"], ["番号", "事業名", "担当課", "SDGs"],
        ["1", "あ事業", "市民課", "3"], ["2", "い事業", "市民課", ""],
    ]  # fmt: skip
    book = workbook_of({"事業": grid})
    book["事業"].merge_cells("D4:D5")
    text, _ = proposed(tmp_path, saved(book), "plan.xlsx")
    assert (
        '# ? goals in cells over several projects, in sheet "事業", row 4:\n'
        '# ? merged_goals = "each"   # or "policy": stated for the policy alone\n'
    ) in text
    checked = settled(tmp_path, text, "merged_goals")
    assert checked.problems == ()


def test_departments_and_partners_are_proposed_by_their_cells(tmp_path: Path) -> None:
    head = ["番号", "事業名", "どこの", "担当課", "いっしょに"]
    text, _ = proposed(
        tmp_path,
        document(head, ["1", "あ事業", "福祉部", "福祉課", "市民課、健康課"],
                 ["2", "い事業", "市民部", "市民課", "福祉課"]),
    )  # fmt: skip
    assert '# ? department = "どこの"   # 2 of 2 cells end as names of departments do\n' in text
    assert '# ? partners = "いっしょに"   # 2 of 2 cells end as names of units do\n' in text


def test_tables_of_policies_and_lists_are_recognised(tmp_path: Path) -> None:
    data = document(["番号", "事業名", "担当課"], ["1", "あ事業", "市民課"])
    data += b"\n" + table([["基本施策", "SDGs"], ["施策1", "3"]]).encode()
    data += b"\n" + table([["ゴール", "関連事業"], ["ゴール3", "1"]]).encode()
    text, _ = proposed(tmp_path, data)
    assert "table of kind policy-goals:" in text
    assert "table of kind goal-projects:" in text
    assert settled(tmp_path, text).problems == ()
