"""One cell to its parts, case by case."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kg.extract.cells import (
    delivery_notes,
    is_negative,
    looks_like_unit,
    lost_icons,
    parse_count,
    parse_number,
    parse_status,
    parse_unit,
    split_account,
    without_tags,
)
from kg.extract.layout import fiscal_year_of, without_year
from kg.extract.targets import parse_target, split_targets
from kg.records import Status, TargetKind
from kg.text import clean, folded, name_key, short_hash


@pytest.mark.parametrize(
    ("cell", "number"),
    [("12", 12), (" １２ ", 12), ("1,700", 1700), ("No. 3", 3), ("№３", 3), ("4.", 4),
     ("", None), ("十", None), ("1-2", None), ("3.5", None), ("1,70", None), ("-1", None)],
)  # fmt: skip
def test_a_number_is_read_in_every_width(cell: str, number: int | None) -> None:
    assert parse_number(cell) == number


@pytest.mark.parametrize(
    ("cell", "count", "negative"),
    [("19", 19, False), ("△ 1", 1, True), ("▲２", 2, True), ("-3", 3, True), ("-", 0, False),
     ("－", 0, False), ("ー", 0, False), ("", 0, False), ("　", 0, False), ("七", None, True)],
)  # fmt: skip
def test_a_balance_cell_is_a_count(cell: str, count: int | None, negative: bool) -> None:
    assert parse_count(cell) == count
    if count is not None:
        assert is_negative(cell) == negative


@pytest.mark.parametrize(
    ("cell", "icons"),
    [("", 0), (" ", 0), ("  ", 1), ("       ", 6), ("\u200b  ", 1), (" x ", None), ("\u3000", None),
     ("\t ", None), ("\u00a0 ", None)],
)  # fmt: skip
def test_n_and_one_spaces_stand_for_n_icons(cell: str, icons: int | None) -> None:
    assert lost_icons(cell) == icons


@pytest.mark.parametrize(
    ("cell", "path"),
    [
        ("総務部人事課", ("総務部", "人事課")),
        ("総務企画局人事部給与課", ("総務企画局", "人事部", "給与課")),
        ("教育部教育推進課", ("教育部", "教育推進課")),
        ("福祉部保健所予防課", ("福祉部", "保健所", "予防課")),
        ("保健所予防課", ("保健所", "予防課")),
        ("水道局総務課", ("水道局", "総務課")),
        ("総務部 人事課", ("総務部", "人事課")),
        ("総務部／人事課", ("総務部", "人事課")),
        ("総務部", ("総務部",)),
        ("中央図書館", ("中央図書館",)),
        ("部活動推進室", ("部活動推進室",)),
    ],
)
def test_a_unit_is_split_into_its_path(cell: str, path: tuple[str, ...]) -> None:
    unit = parse_unit(cell)
    assert unit is not None
    assert unit.path == path


def test_an_empty_cell_is_no_unit() -> None:
    assert parse_unit("  ") is None


def test_a_text_in_the_place_of_a_unit_is_noticed() -> None:
    assert looks_like_unit("市民部市民課", "まちあるき事業")
    assert looks_like_unit("みらい創造チーム", "まちあるき事業")
    assert not looks_like_unit("まちあるき事業", "市民部市民課")
    assert not looks_like_unit("歩きます。", "まちあるき事業")
    assert not looks_like_unit("総務部人事課、市民部市民課", "まちあるき事業")
    assert not looks_like_unit("総務部人事課市民部市民課", "まちあるき事業")
    assert looks_like_unit("政策課題推進部企画課", "まちあるき事業")


@pytest.mark.parametrize(
    ("cell", "status"),
    [("", Status.CONTINUED), ("新規", Status.NEW), ("新 規", Status.NEW), ("追加", Status.ADDED),
     ("完了・廃止", Status.COMPLETED_OR_ABOLISHED), ("完了･廃止", Status.COMPLETED_OR_ABOLISHED),
     ("休止", None)],
)  # fmt: skip
def test_a_status_is_read_by_its_printed_word(cell: str, status: Status | None) -> None:
    assert parse_status(cell) is status


def test_only_a_suffix_in_brackets_is_an_account() -> None:
    assert split_account("まもる事業【介護保険】") == ("まもる事業", "介護保険")
    assert split_account("まもる事業 【介護保険】 ") == ("まもる事業", "介護保険")
    assert split_account("【重点】まもる事業") == ("【重点】まもる事業", None)
    assert split_account("まもる事業（モデル）") == ("まもる事業（モデル）", None)


def test_only_left_over_tags_are_taken_out_of_a_text() -> None:
    text = '<p>始めます。</p> <ul style="list-style-type: none"> ○講座 3回 <br/>終わり'
    assert without_tags(text) == "始めます。 ○講座 3回 終わり"
    assert without_tags("<b>まち</b>あるき") == "まちあるき"
    assert without_tags("a < b, <script>x</script>") == "a < b, <script>x</script>"


@pytest.mark.parametrize(
    ("text", "kind", "label", "value", "unit", "due"),
    [
        ("講座 3回", TargetKind.NUMERIC, "講座", 3, "回", None),
        ("登録件数：1,700件", TargetKind.NUMERIC, "登録件数", 1700, "件", None),
        ("講座→１２回", TargetKind.NUMERIC, "講座", 12, "回", None),
        ("参加者数 1，０００名", TargetKind.NUMERIC, "参加者数", 1000, "名", None),
        ("面積 3.5ha", TargetKind.NUMERIC, "面積", Decimal("3.5"), "ha", None),
        ("回数5回", TargetKind.NUMERIC, "回数", 5, "回", None),
        ("講座の開催", TargetKind.ACTIVITY, None, None, None, None),
        ("第2期計画の策定", TargetKind.ACTIVITY, None, None, None, None),
        ("増員（2024年度までに1名）", TargetKind.ACTIVITY, None, None, None, 2024),
        ("整備（令和６年度末までに）", TargetKind.ACTIVITY, None, None, None, 2024),
        ("会議は書面で開催", TargetKind.REMARK, None, None, None, None),
        ("相談または訪問", TargetKind.ACTIVITY, None, None, None, None),
        ("相談 約200回", TargetKind.ESTIMATE, "相談", 200, "回", None),
        ("相談（令和3年度推定 9,000件）", TargetKind.ESTIMATE, "相談", 9000, "件", None),
    ],
)
def test_a_line_is_a_target(
    text: str, kind: TargetKind, label: str | None, value: int | Decimal | None,
    unit: str | None, due: int | None,
) -> None:  # fmt: skip
    target = parse_target(1, text)
    assert (target.kind, target.label, target.value, target.unit, target.due_year, target.text) == (
        kind, label, value, unit, due, text
    )  # fmt: skip


def test_lines_begin_with_a_circle_after_a_blank_or_a_sentence() -> None:
    assert split_targets("歩きます。○講座 3回 ○集い") == ("歩きます。", ("講座 3回", "集い"))
    assert split_targets("○講座") == ("", ("講座",))
    assert split_targets("二〇二一年の計画") == ("二〇二一年の計画", ())


def test_delivery_notes_are_whole_sentences() -> None:
    text = "講座を開きます。オンラインでも開きます。健診にICTを活用した分析を使います。"
    assert delivery_notes(text) == ("オンラインでも開きます。",)


@pytest.mark.parametrize(
    ("text", "year", "rest"),
    [("事業計画（2021）", 2021, "事業計画"), ("2021 年度事業数", 2021, "事業数"),
     ("令和3年度事業数", 2021, "事業数"), ("令和元年度", 2019, ""),
     ("令和十二年度", 2030, ""), ("計画（R3）", 2021, "計画"), ("平成30年度", 2018, ""),
     ("のべ1210", None, "のべ1210"), ("事業名", None, "事業名")],
)  # fmt: skip
def test_a_year_is_read_out_of_a_heading(text: str, year: int | None, rest: str) -> None:
    assert (fiscal_year_of(text), without_year(text)) == (year, rest)


def test_names_are_compared_folded() -> None:
    assert folded("D X 戦略課") == folded("ＤＸ戦略課") == "DX戦略課"
    assert name_key("Wi-Fi 環境") == "wi-fi環境"
    assert clean(" か\u3099く\u200b  り \n") == "がく り"
    assert short_hash("DX 戦略課") == short_hash("ＤＸ戦略課")
