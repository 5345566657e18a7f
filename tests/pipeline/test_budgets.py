"""Budgets: amounts in every printed form become yen, and printed totals are held against them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kg.extract.money import Amount, parse_amount
from kg.measures import Budget, BudgetKind
from kg.vocab import SP
from tests.pipeline.small_plans import checked_small, read_small, table, told

HEAD = "番号|事業名|事業内容|担当課"
POLICY = "◆基本施策1 すこやかなまち|||"


def document(heading: str, *cells: str, above: str = "") -> str:
    rows = [
        f"{n}|第{n}事業|本文です。|市民部市民課|{cell}" for n, cell in enumerate(cells, start=1)
    ]
    return f"{above}\n\n" + table(f"{HEAD}|{heading}", f"{POLICY}|", *rows)


def budgets(tmp_path: Path, text: str, more: str = "") -> list[tuple[Budget, ...]]:
    extraction = read_small(tmp_path, text, more)
    assert told(extraction) == []
    assert extraction.plan
    return [project.budgets for project in extraction.plan.projects]


@pytest.mark.parametrize(
    ("text", "unit", "yen"),
    [
        ("1,234千円", "", "1234000"),
        ("１，２３４千円", "", "1234000"),
        ("12億8,263万円", "", "1282630000"),
        ("[12億8,263万円]", "", "1282630000"),
        ("5.5億円", "万円", "550000000"),
        ("3百万円", "", "3000000"),
        ("1,234", "千円", "1234000"),
        ("500円", "千円", "500"),
        ("￥1,000", "", "1000"),
        ("△1,234", "千円", "-1234000"),
        ("▲3千円", "", "-3000"),
        ("△0", "千円", "0"),
        ("0", "千円", "0"),
    ],
)
def test_an_amount_is_read_in_yen(text: str, unit: str, yen: str) -> None:
    found = parse_amount(text, unit)
    assert found == Amount(Decimal(yen))
    assert str(found.yen).startswith("-") == yen.startswith("-")


@pytest.mark.parametrize("text", ["", " ", "-", "－", "―", "ー"])
def test_a_dash_is_no_amount_not_zero(text: str) -> None:
    assert parse_amount(text, "千円") == Amount(is_none=True)


@pytest.mark.parametrize("text", ["(1,234)", "1,23千円", "12億8,263", "約100千円", "8億9億円"])
def test_figures_that_are_no_amount_are_told(text: str) -> None:
    assert parse_amount(text, "千円") == Amount(is_wrong=True)


def test_words_in_place_of_an_amount_are_no_figures() -> None:
    assert parse_amount("人件費のみ", "千円") == Amount()
    assert parse_amount("1,234", "") == Amount(is_bare=True)


@pytest.mark.parametrize(
    ("heading", "kind", "year"),
    [
        ("予算（千円）", "unspecified", 2021),
        ("事業費(単位：千円)", "unspecified", 2021),
        ("当初予算額（千円）", "initial", 2021),
        ("令和3年度当初予算額(千円)", "initial", 2021),
        ("R4当初予算［千円］", "initial", 2022),
        ("2020年度決算額（千円）", "settled", 2020),
        ("前年度決算額（千円）", "settled", 2020),
        ("補正後予算額（令和３年度）（千円）", "revised", 2021),
    ],
)
def test_a_heading_tells_kind_year_and_unit(
    tmp_path: Path, heading: str, kind: str, year: int
) -> None:
    (found,) = budgets(tmp_path, document(heading, "1,234"))
    assert [(b.kind, b.year, b.printed, b.amount) for b in found] == [
        (BudgetKind(kind), year, "1,234", Decimal(1234000))
    ]


def test_the_unit_may_stand_above_the_table_or_in_plan_toml(tmp_path: Path) -> None:
    above = budgets(tmp_path, document("予算額", "12", above="事業一覧（単位：万円）"))
    assert [b.amount for b in above[0]] == [Decimal(120000)]
    set_by_hand = budgets(tmp_path, document("予算額", "12"), '[budget]\nunit = "百万円"\n')
    assert [b.amount for b in set_by_hand[0]] == [Decimal(12000000)]


def test_what_is_not_printed_is_absent_and_words_are_kept(tmp_path: Path) -> None:
    found = budgets(tmp_path, document("予算額（千円）", "－", "人件費のみ", "0"))
    assert [[(b.printed, b.amount) for b in of_project] for of_project in found] == [
        [],
        [("人件費のみ", None)],
        [("0", Decimal(0))],
    ]


def test_an_ignored_column_stays_unread(tmp_path: Path) -> None:
    text, keys = document("予算額（千円）", "ばらばら1"), 'ignore_columns = ["予算額（千円）"]\n'
    extraction = read_small(tmp_path, text, keys=keys)
    assert told(extraction) == []
    assert extraction.plan and extraction.plan.projects[0].budgets == ()


def test_an_amount_without_a_unit_and_one_that_is_none_are_problems(tmp_path: Path) -> None:
    extraction = read_small(tmp_path, document("予算額", "1,234", "(12)千円", "人件費"))
    assert told(extraction) == ["budget-unit 6", "budget-form 7"]
    first = str(extraction.problems[0]).splitlines()
    assert first[0].endswith(
        'column "予算額": it is not said of what unit this amount is. [budget-unit]'
    )
    assert first[1].startswith('  Found: "1,234". Expected: 円, 千円, 万円')


def test_two_columns_of_one_kind_and_year_are_a_problem(tmp_path: Path) -> None:
    rows = (f"{HEAD}|予算額（千円）|事業費（千円）", f"{POLICY}||", "1|事業|本文|市民課|1|2")
    assert told(read_small(tmp_path, table(*rows))) == ["budget-twice 4"]


def test_an_unknown_unit_in_plan_toml_is_a_problem(tmp_path: Path) -> None:
    extraction = read_small(tmp_path, document("予算額", "1円"), '[budget]\nunit = "両"\n')
    assert [problem.code for problem in extraction.problems] == ["budget-unit-unknown"]


TWO_POLICIES = (
    f"{HEAD}|予算額（千円）",
    f"{POLICY}|",
    "1|第1事業|本文です。|市民部市民課|100",
    "2|第2事業|本文です。|市民部市民課|20",
    "|小計|||120",
    "◆基本施策2 つながるまち||||",
    "3|第3事業|本文です。|市民部市民課|△5",
    "|小計|||△5",
    "|合計|||{}",
)


def test_printed_totals_are_kept_and_equal_ones_leave_no_warning(tmp_path: Path) -> None:
    text = table(*TWO_POLICIES).format("115")
    checked = checked_small(tmp_path, text)
    assert told(checked) == []
    assert checked.report and checked.report.summary == {}
    assert checked.extraction and checked.extraction.plan
    totals = [(t.policy, t.printed, t.amount) for t in checked.extraction.plan.budget_totals]
    assert totals == [
        ("1", "120", Decimal(120000)),
        ("2", "△5", Decimal(-5000)),
        (None, "115", Decimal(115000)),
    ]


def test_a_total_that_does_not_add_up_is_published_as_printed_with_a_warning(
    tmp_path: Path,
) -> None:
    checked = checked_small(tmp_path, table(*TWO_POLICIES).format("116"))
    assert told(checked) == []
    assert checked.report
    (result,) = checked.report.results
    assert (result.constraint, result.severity) == ("C210", "warning")
    assert result.sentence_ja == (
        "計画の2021年度の予算の合計（2021年度）（10行目）: "
        "印字された合計は116000円ですが、事業の額の合計は115000円です。（C210）"
    )
    amounts = {str(o) for _, p, o in checked.graphs["source"] if p == SP.amountYen}
    assert amounts == {"100000", "20000", "-5000", "120000", "116000"}


def test_a_word_that_stands_under_several_policies_is_each_ones_total(tmp_path: Path) -> None:
    text = table(*TWO_POLICIES).replace("小計", "計").format("115")
    extraction = read_small(tmp_path, text)
    assert extraction.plan
    assert [t.policy for t in extraction.plan.budget_totals] == ["1", "2", None]


def test_a_total_in_a_line_of_text_is_read(tmp_path: Path) -> None:
    text = "【令和3年度 予算額合計 1,234千円】\n\n" + document("予算額（千円）", "1,234")
    checked = checked_small(tmp_path, text)
    assert checked.report and checked.report.summary == {}
    assert checked.extraction and checked.extraction.plan
    (total,) = checked.extraction.plan.budget_totals
    assert (total.year, total.amount, total.policy) == (2021, Decimal(1234000), None)


def test_nothing_ties_an_amount_to_a_goal(tmp_path: Path) -> None:
    rows = (
        f"{HEAD}|SDGs|予算額（千円）",
        f"{POLICY}||",
        "1|第1事業|本文です。|市民部市民課|ゴール3、ゴール4|100",
    )
    checked = checked_small(tmp_path, table(*rows))
    assert told(checked) == []
    triples = [t for kind in ("source", "links") for t in checked.graphs[kind]]
    of_budget = [(s, p, o) for s, p, o in triples if "/budget/" in str(s)]
    assert of_budget
    assert not [t for t in of_budget if "metadata.un.org" in str(t[2])]
