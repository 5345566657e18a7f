"""Changed copies of the real document give correspondingly changed answers.

Nothing of Koriyama is known to the program: columns may stand in any order, rows may bear
other numbers, names may be another city's, and a project more is a project more.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.records import Item, Plan, Status
from tests.pipeline.documents import LINES, TEXT, checked_with, koriyama, with_line


def plan_of(target: Path, document: str) -> Plan:
    """The records of an altered document that has no problem."""
    checked = checked_with(target, document)
    assert [str(problem) for problem in checked.problems] == []
    assert checked.extraction and checked.extraction.plan
    return checked.extraction.plan


def permuted(document: str, is_of_table: Callable[[list[str]], bool], order: list[int]) -> str:
    """The document with the columns of some tables in another order.

    Columns beyond those in `order` follow in their old order.
    """
    lines, inside = [], False
    for line in document.split("\n"):
        cells = line.split("|")[1:-1] if line.startswith("|") else []
        inside = bool(cells) and (inside or is_of_table(cells))
        if inside:
            rest = [n for n in range(len(cells)) if n not in order]
            line = f"|{'|'.join(cells[n] for n in (*order, *rest))}|"
        lines.append(line)
    return "\n".join(lines)


def facts(plan: Plan) -> list[tuple[object, ...]]:
    return [
        (p.number, p.name, p.unit, p.policy, p.status, p.icon_count, p.targets, p.account, p.lines)
        for p in plan.projects
    ]


def test_the_columns_of_the_project_table_may_stand_in_any_order(tmp_path: Path) -> None:
    document = permuted(TEXT, lambda cells: cells[0].strip() == "No.", [4, 5, 2, 0, 3, 1])
    assert "| 担当課 | SDGsの取り組み | 事業名 | No. |" in document
    assert facts(plan_of(tmp_path, document)) == facts(koriyama())


def test_the_columns_of_the_review_lists_may_stand_in_any_order(tmp_path: Path) -> None:
    document = permuted(TEXT, lambda cells: cells[0].strip() == "施策", [2, 1, 0])
    plan = plan_of(tmp_path, document)
    assert [(c.kind, c.policy, c.name, c.unit) for c in plan.changes] == [
        (c.kind, c.policy, c.name, c.unit) for c in koriyama().changes
    ]


def test_the_columns_of_the_balance_may_stand_in_any_order(tmp_path: Path) -> None:
    def is_balance(cells: list[str]) -> bool:
        return cells[1].strip() == "2021 年度事業数"

    plan = plan_of(tmp_path, permuted(TEXT, is_balance, [6, 2, 0, 5, 1, 4, 3]))
    assert {(b.policy, b.item, b.count) for b in plan.balances} == {
        (b.policy, b.item, b.count) for b in koriyama().balances
    }


def test_the_columns_of_the_goal_totals_may_stand_in_any_order(tmp_path: Path) -> None:
    document = permuted(TEXT, lambda cells: cells[0].strip() == "SDGs ゴール", [2, 3, 0, 1])
    plan = plan_of(tmp_path, document)
    assert [(c.goal, c.count) for c in plan.goal_counts] == [
        (c.goal, c.count) for c in koriyama().goal_counts
    ]


def test_rows_may_bear_other_numbers(tmp_path: Path) -> None:
    document = re.sub(r"(?m)^\| (\d+) \|", lambda m: f"| {73 - int(m[1])} |", TEXT)
    plan = plan_of(tmp_path, document)
    assert [p.number for p in plan.projects] == list(range(72, 0, -1))
    assert [p.name for p in plan.projects] == [p.name for p in koriyama().projects]


def test_another_citys_names_are_read_like_koriyamas(tmp_path: Path) -> None:
    document = (
        TEXT.replace("郡山", "見本").replace("市民部", "くらし局").replace("◆基本施策", "◆施策")
    )
    plan = plan_of(tmp_path, document)
    assert plan.projects[60].name == "見本市防犯まちづくり推進事業"
    assert plan.projects[60].unit is not None
    assert plan.projects[60].unit.path == ("くらし局", "セーフコミュニティ課")
    assert len(plan.units) == 45


def test_one_project_more_with_its_totals_is_one_project_more(tmp_path: Path) -> None:
    row = "| 73 | 新規 | 見本まちあるき事業 | 歩きます。 ○まちあるき 12回 | 市民部市民課 |   |"
    document = TEXT.rstrip("\n") + f"\n{row}\n"
    for old, new in (
        ("実施事業数 72】", "実施事業数 73】"),
        ("| 施策 7 | 15 | - | 16 |", "| 施策 7 | 16 | 1 | 16 |"),
        ("| 計 | 72 | 3 | 74 |", "| 計 | 73 | 4 | 74 |"),
        ("のべ121】", "のべ123】"),
        ("| 貧困をなくそう  | 12 |", "| 貧困をなくそう  | 14 |"),
        (
            "| 施策 6 | 農学研究成果活用推進事業 | 農林部農業政策課 |",
            "| 施策 6 | 農学研究成果活用推進事業 | 農林部農業政策課 |\n"
            "| 施策 7 | 見本まちあるき事業 | 市民部市民課 |",
        ),
    ):
        assert old in document
        document = document.replace(old, new)
    plan = plan_of(tmp_path, document)
    added = plan.projects[72]
    assert (added.number, added.name, added.policy, added.icon_count) == (
        73, "見本まちあるき事業", "7", 2
    )  # fmt: skip
    assert added.unit is not None
    assert added.unit.path == ("市民部", "市民課")
    assert [(t.label, t.value, t.unit) for t in added.targets] == [("まちあるき", 12, "回")]
    assert plan.project_count and plan.project_count.count == 73
    cells = {(b.policy, b.item): b.count for b in plan.balances}
    assert (cells["7", Item.CURRENT], cells["7", Item.NEW_OR_ADDED]) == (16, 1)
    assert (len(plan.units), len(plan.changes)) == (46, 9)


def test_a_continuation_row_belongs_to_the_row_above_it(tmp_path: Path) -> None:
    moved = [*LINES[:168], LINES[169], LINES[168], *LINES[170:]]
    icons = {p.number: p.icon_count for p in plan_of(tmp_path, "\n".join(moved)).projects}
    assert (icons[45], icons[46]) == (3, 3)


def test_goals_in_words_and_lost_icons_are_counted_together(tmp_path: Path) -> None:
    def change(line: str) -> str:
        cells = line.split("|")
        assert cells[6] == "       "
        cells[6] = "3, SDG 11"
        return "|".join(cells)

    document = with_line(197, change).replace("のべ121】", "のべ117】")
    document = document.replace("| 貧困をなくそう  | 12 |", "| 貧困をなくそう  | 8 |")
    plan = plan_of(tmp_path, document)
    assert [(link.goal, link.evidence) for link in plan.projects[62].stated_links] == [
        (3, "3"), (11, "SDG 11")
    ]  # fmt: skip
    assert plan.projects[62].icon_count == 2


def test_a_lost_icon_beside_goals_in_words_is_an_icon_more(tmp_path: Path) -> None:
    row = (
        "| No. | 事業名 | 担当課 | 事業計画 | SDGs | | |\n|---|---|---|---|---|---|---|\n"
        "| ◆基本施策 1 学び | | | | | | |\n"
        "| 1 | 読書事業 | 教育部図書館 | 本を読みます。 | 3, 4 | | |\n"
        "| 2 | 音読事業 | 教育部図書館 | 声に出します。 | 4 |  | |\n"
    )
    checked = checked_with(tmp_path, row)
    assert checked.extraction and checked.extraction.plan
    assert [(p.icon_count, len(p.stated_links)) for p in checked.extraction.plan.projects] == [
        (2, 2), (2, 1)
    ]  # fmt: skip


def test_icons_are_counted_only_where_the_settings_say_so(tmp_path: Path) -> None:
    checked_with(tmp_path, TEXT)
    settings = tmp_path / "koriyama-2021" / "plan.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('icons = "spaces"\n', ""), encoding="utf-8")
    checked = checked_with(tmp_path, TEXT)
    assert checked.extraction and checked.extraction.plan
    assert {p.icon_count for p in checked.extraction.plan.projects} == {None}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("byte order mark", lambda text: "\ufeff" + text),
        ("CRLF", lambda text: text.replace("\n", "\r\n")),
        ("decomposed kana", lambda text: unicodedata.normalize("NFD", text)),
        ("full-width numbers", lambda text: re.sub(
            r"(?m)^\| (\d+) \|",
            lambda m: f"| {m[1].translate(str.maketrans('0123456789', '０１２３４５６７８９'))} |",
            text,
        )),
        ("zero-width and direction marks", lambda text: text.replace("事業", "事\u200b業")
            .replace("| 4", "| \u200f4").replace("施策", "\u202a施策\u202c")),
    ],
)  # fmt: skip
def test_the_same_plan_in_other_characters_is_the_same_plan(
    tmp_path: Path, name: str, change: Callable[[str], str]
) -> None:
    document = change(TEXT)
    assert document != TEXT
    plan, expected = plan_of(tmp_path, document), koriyama()
    assert [(p.number, p.name, p.icon_count, p.unit) for p in plan.projects] == [
        (p.number, p.name, p.icon_count, p.unit) for p in expected.projects
    ]
    assert [(t.label, t.value) for p in plan.projects for t in p.targets] == [
        (t.label, t.value) for p in expected.projects for t in p.targets
    ]
    assert [(c.goal, c.count) for c in plan.goal_counts] == [
        (c.goal, c.count) for c in expected.goal_counts
    ]


HOSTILE = (
    "<script>alert(1)</script>", '"@ja . <urn:a> <urn:b> "c', "} DROP ALL ; {", "{{ 7*7 }}",
    '=HYPERLINK("http://example.invalid")', "'; --", "\\u0041\\n", "﷽", "%s %(x)s {0}", "🗻",
)  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
def test_words_that_mean_something_elsewhere_stay_words(tmp_path: Path, words: str) -> None:
    checked = checked_with(
        tmp_path,
        with_line(79, lambda line: line.replace("わかもの", words).replace("福島県の", words)),
    )
    assert [str(problem) for problem in checked.problems] == []
    assert checked.extraction and checked.extraction.plan
    project = checked.extraction.plan.projects[1]
    assert project.name == f"{words}政策討論事業"
    assert (project.description or "").startswith(f"{words}中核をなす")


def test_a_column_of_policies_gives_their_names(tmp_path: Path) -> None:
    checked = checked_with(
        tmp_path,
        "| 基本施策 | No. | 事業名 | 担当課 | 事業計画 |\n|---|---|---|---|---|\n"
        "| 基本施策1 学び | 1 | 読書事業 | 教育部図書館 | 本を読みます。 |\n"
        "| 2 あそび | 2 | 公園事業 | 建設部公園課 | 遊びます。 |\n"
        "| 1 | 3 | 音読事業 | 教育部図書館 | 声に出します。 |\n",
    )
    plan = checked.extraction.plan if checked.extraction else None
    assert plan is not None
    assert [(p.number, p.name) for p in plan.policies] == [("1", "学び"), ("2", "あそび")]
    assert [p.policy for p in plan.projects] == ["1", "2", "1"]


def test_without_a_column_of_flags_the_list_says_what_is_new(tmp_path: Path) -> None:
    lines = []
    for line in LINES:
        cells = line.split("|")
        inside = line.startswith("|") and len(cells) in (8, 10)
        lines.append("|".join([*cells[:2], *cells[3:]]) if inside else line)
    plan = plan_of(tmp_path, "\n".join(lines))
    new = [p.number for p in plan.projects if p.status is Status.NEW_OR_ADDED]
    assert new == [40, 41, 43]
    assert len([p for p in plan.projects if p.status is Status.CONTINUED]) == 69


def test_a_balance_with_its_heads_in_place_is_read_as_printed(tmp_path: Path) -> None:
    document = TEXT.replace("| | 新規・追加 | 継続 | |", "| | 計 | 新規・追加 | |")
    assert document != TEXT
    plan = plan_of(tmp_path, document)
    assert not plan.shifted_balance
    assert {(b.policy, b.item, b.count) for b in plan.balances} == {
        (b.policy, b.item, b.count) for b in koriyama().balances
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("◆基本施策6 市民等", "## 基本施策６ 市民等"),
        ("◆基本施策6 市民等が持つ資源を生かしたまちづくり",
         "**基本施策6 市民等が持つ資源を生かしたまちづくり**"),
        ("事業計画（2021）", "事業計画（R3）"),
        ("| 貧困をなくそう  |", "| 目標1 貧困をなくそう |"),
        ("| 貧困をなくそう  |", "| ① 貧困をなくそう |"),
        ("2021 年度事業数", "令和三年度事業数"),
    ],
)  # fmt: skip
def test_what_is_printed_in_other_ways_is_read_alike(tmp_path: Path, old: str, new: str) -> None:
    document = TEXT.replace(old, new)
    assert document != TEXT
    plan = plan_of(tmp_path, document)
    assert facts(plan) == facts(koriyama())
    assert {(b.policy, b.item, b.count) for b in plan.balances} == {
        (b.policy, b.item, b.count) for b in koriyama().balances
    }
