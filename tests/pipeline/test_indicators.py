"""Indicators: values by kind and year, as numbers with their unit beside the printed text."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from rdflib import Literal

from kg.extract.indicators import parse_value
from kg.extract.rows import Row
from kg.measures import Indicator, ValueKind
from kg.origin import Origin
from kg.vocab import SP
from tests.pipeline.small_plans import checked_small, read_small, table, told

ROW = Row((), Origin("plan.md", line=3))
HEAD = "番号|事業名|事業内容|担当課"
POLICY = "◆基本施策1 すこやかなまち|||"


def document(headings: str, *rows: str) -> str:
    blanks = "|" * headings.count("|")
    return table(f"{HEAD}|{headings}", f"{POLICY}|{blanks}", *rows)


def indicators(tmp_path: Path, text: str, more: str = "") -> tuple[Indicator, ...]:
    extraction = read_small(tmp_path, text, more)
    assert told(extraction) == []
    assert extraction.plan
    return extraction.plan.projects[0].indicators


@pytest.mark.parametrize(
    ("text", "unit", "number", "found_unit", "year"),
    [
        ("1,234人", "", "1234", "人", None),
        ("１，２３４人", "", "1234", "人", None),
        ("80％以上", "", "80", "％", None),
        ("75.5%（R5）", "", "75.5", "%", 2023),
        ("75.5（令和5年度）", "点", "75.5", "点", 2023),
        ("12", "回", "12", "回", None),
        ("12", "", "12", None, None),
        ("△3.0ポイント", "", "-3.0", "ポイント", None),
        ("約300件", "", "300", "件", None),
    ],
)
def test_a_value_is_a_number_with_its_unit(
    text: str, unit: str, number: str, found_unit: str | None, year: int | None
) -> None:
    value = parse_value(ValueKind.TARGET, text, unit, ROW)
    assert (value.printed, value.value, value.unit) == (text, Decimal(number), found_unit)
    assert value.year == year


@pytest.mark.parametrize("text", ["増加", "年5回", "10人、20人", "1,23人", "検討（R5）"])
def test_words_are_kept_as_printed_without_a_number(text: str) -> None:
    value = parse_value(ValueKind.TARGET, text, "人", ROW)
    assert (value.printed, value.value, value.unit) == (text, None, None)


def test_headings_tell_kind_and_year_in_every_form(tmp_path: Path) -> None:
    text = document(
        "指標|基準値(R1)|目標値（令和7年度）|実績値（2020）|H30実績|目標値",
        "1|教室事業|本文です。|市民部市民課|参加者数（人）|1,000|1,200|1,050|990|増加",
    )
    (one,) = indicators(tmp_path, text)
    assert (one.order, one.name, one.origin.line) == (1, "参加者数（人）", 4)
    assert [(v.key, v.printed, v.value, v.unit) for v in one.values] == [
        ("base-2019", "1,000", Decimal(1000), "人"),
        ("target-2025", "1,200", Decimal(1200), "人"),
        ("actual-2020", "1,050", Decimal(1050), "人"),
        ("actual-2018", "990", Decimal(990), "人"),
        ("target", "増加", None, None),
    ]


def test_a_year_that_no_heading_names_is_that_of_plan_toml_or_none(tmp_path: Path) -> None:
    text = document(
        "成果指標|単位|現状値|目標値", "1|教室事業|本文です。|市民部市民課|教室|回|10|12"
    )
    (one,) = indicators(tmp_path, text)
    assert [(v.key, v.unit) for v in one.values] == [("base", "回"), ("target", "回")]
    (one,) = indicators(tmp_path, text, "[indicators]\nbase_year = 2019\ntarget_year = 2025\n")
    assert [v.key for v in one.values] == ["base-2019", "target-2025"]


def test_a_project_may_have_several_indicators_in_rows_below_it(tmp_path: Path) -> None:
    text = document(
        "指標|目標値（R3）|実績値（R2）",
        "1|教室事業|本文です。|市民部市民課|教室|12回|10回",
        "||||参加者|300人|－",
        "2|相談事業|本文です。|市民部市民課|－|－|－",
    )
    extraction = read_small(tmp_path, text)
    assert told(extraction) == []
    assert extraction.plan
    first, second = extraction.plan.projects
    assert [(i.order, i.name, [v.key for v in i.values]) for i in first.indicators] == [
        (1, "教室", ["target-2021", "actual-2020"]),
        (2, "参加者", ["target-2021"]),
    ]
    assert second.indicators == ()


def test_a_value_without_an_indicator_and_two_of_a_kind_are_problems(tmp_path: Path) -> None:
    nameless = document("目標値（R3）", "1|教室事業|本文です。|市民部市民課|12回")
    assert told(read_small(tmp_path, nameless)) == ["indicator-name 4"]
    twice = document(
        "指標|目標値（R3）|目標（2021年度）", "1|教室事業|本文です。|市民課|教室|12回|13回"
    )
    assert told(read_small(tmp_path, twice)) == ["value-twice 4"]


def test_the_triples_have_the_shared_year_and_the_printed_text(tmp_path: Path) -> None:
    text = document("指標|目標値（R3）", "1|教室事業|本文です。|市民部市民課|教室|1,200.50回以上")
    checked = checked_small(tmp_path, text)
    assert told(checked) == []
    project = "https://w3id.org/jp-sdgplan/id/990019/plan/kyodo/2021/project/1"
    value = f"{project}/indicator/1/target-2021"
    facts = {(str(s), p): o for s, p, o in checked.graphs["source"]}
    assert str(facts[f"{project}/indicator/1", SP.indicatorValue]) == value
    assert facts[value, SP.valueNumber].n3().startswith('"1200.5"^^<')
    assert facts[value, SP.valueUnit] == Literal("回", lang="ja")
    assert facts[value, SP.printedValue] == Literal("1,200.50回以上")
    assert str(facts[value, SP.ofFiscalYear]) == "https://w3id.org/jp-sdgplan/id/fy/2021"
    assert str(facts[value, SP.valueKind]) == str(SP["value-target"])
