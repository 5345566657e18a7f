"""Running text for screen readers, and counts in sentences, give the records of a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.measures import Grade
from kg.records import Item
from tests.pipeline.small_plans import checked_small, read_small, told

HEAD = "例市協働計画 2021年度実施計画（架空）\n\n"
SCALE = '[report]\ngrades = ["4", "3", "2", "1"]\n'
FIRST = (
    "番号1、事業名、まちあるき、まちあそび事業、事業内容、歩き、遊び、学びます。、"
    "達成度、4、担当課、市民部市民課、"
)
SECOND = "番号２、事業名、読書会事業、事業内容、本を読みます。、達成度、3、担当課、教育部図書館、"
TEXT = f"{HEAD}## 基本施策1 つながるまち\n\n{FIRST}\n\n{SECOND}\n"


def test_one_paragraph_is_one_project_and_a_value_may_have_commas(tmp_path: Path) -> None:
    extraction = read_small(tmp_path, TEXT, SCALE)
    assert told(extraction) == []
    assert extraction.plan
    projects = extraction.plan.projects
    assert [(p.number, p.name, p.description, p.printed_unit, p.policy, p.origin.line)
            for p in projects] == [
        (1, "まちあるき、まちあそび事業", "歩き、遊び、学びます。", "市民部市民課", "1", 5),
        (2, "読書会事業", "本を読みます。", "教育部図書館", "1", 7),
    ]  # fmt: skip
    achieved = [(a.project, a.grade) for a in extraction.plan.achievements]
    assert achieved == [("1", Grade(1, "4")), ("2", Grade(2, "3"))]


@pytest.mark.parametrize(
    "paragraph",
    [
        SECOND.replace("番号２", "番号：２").replace("、事業名、", "、事業名："),
        SECOND.replace("番号２", "番号、２"),
        SECOND.removesuffix("、"),
        f"・{SECOND}",
        SECOND.replace("本を読みます。、達成度", "本を\n読みます。、達成度"),
        SECOND.replace("達成度、3、", ""),
    ],
)
def test_other_ways_to_write_the_labels_give_the_same(tmp_path: Path, paragraph: str) -> None:
    extraction = read_small(tmp_path, TEXT.replace(SECOND, paragraph), SCALE)
    assert told(extraction) == []
    assert extraction.plan
    second = extraction.plan.projects[1]
    assert (second.number, second.name, second.description) == (2, "読書会事業", "本を読みます。")
    assert second.printed_unit == "教育部図書館"


def test_a_word_that_may_be_a_label_is_a_problem_until_plan_toml_says(tmp_path: Path) -> None:
    text = TEXT.replace("本を読みます。", "本の選び方、予算、読み方を話します。")
    assert told(read_small(tmp_path, text, SCALE)) == ["running-order 7", "budget-form 7"][:1]
    keys = 'labels = ["番号", "事業名", "事業内容", "達成度", "担当課"]\n'
    extraction = read_small(tmp_path, text, SCALE, keys)
    assert told(extraction) == []
    assert extraction.plan
    assert extraction.plan.projects[1].description == "本の選び方、予算、読み方を話します。"


def test_a_label_that_stands_twice_is_a_problem(tmp_path: Path) -> None:
    text = TEXT.replace("本を読みます。", "本、担当課、司書が話します。")
    assert told(read_small(tmp_path, text, SCALE))[0] == "running-twice 7"


def test_headings_of_policies_need_no_mark_in_running_text(tmp_path: Path) -> None:
    text = TEXT.replace("## 基本施策1", "施策１").replace(SECOND, f"施策2 まなぶまち\n\n{SECOND}")
    extraction = read_small(tmp_path, text, SCALE)
    assert told(extraction) == []
    assert extraction.plan
    assert [(p.number, p.name) for p in extraction.plan.policies] == [
        ("1", "つながるまち"),
        ("2", "まなぶまち"),
    ]
    assert [p.policy for p in extraction.plan.projects] == ["1", "2"]


SENTENCES = (
    "施策1 つながるまち 事業数2 新規・追加1、継続1、完了等0、2020年度事業数1\n\n"
    "計 事業数2、新規・追加1、継続1、完了等0、2020年度事業数1\n\n"
)


def test_counts_in_sentences_are_balanced_like_those_of_a_table(tmp_path: Path) -> None:
    checked = checked_small(tmp_path, TEXT.replace("## 基本", SENTENCES + "## 基本"), SCALE)
    assert told(checked) == []
    assert checked.extraction and checked.extraction.plan
    cells = checked.extraction.plan.balances
    assert [(c.policy, c.item, c.count, c.origin.line) for c in cells] == [
        ("1", Item.CURRENT, 2, 3),
        ("1", Item.NEW_OR_ADDED, 1, 3),
        ("1", Item.CONTINUED, 1, 3),
        ("1", Item.COMPLETED_OR_ABOLISHED, 0, 3),
        ("1", Item.PREVIOUS, 1, 3),
        (None, Item.CURRENT, 2, 5),
        (None, Item.NEW_OR_ADDED, 1, 5),
        (None, Item.CONTINUED, 1, 5),
        (None, Item.COMPLETED_OR_ABOLISHED, 0, 5),
        (None, Item.PREVIOUS, 1, 5),
    ]


def test_counts_in_sentences_that_do_not_fit_the_projects_are_told(tmp_path: Path) -> None:
    wrong = SENTENCES.replace("事業数2", "事業数3")
    checked = checked_small(tmp_path, TEXT.replace("## 基本", wrong + "## 基本"), SCALE)
    assert "C22 3" in told(checked)
