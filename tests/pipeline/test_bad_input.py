"""A damaged document is refused with every problem at its line; nothing else is blamed.

Expected are codes with lines, in document order. Where one fault breaks several sums, all of
them are told, because the author may have to mend any of the figures.
"""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from kg.checking import check_plan
from kg.settings import Settings
from tests.pipeline.documents import (
    LINES,
    TEXT,
    checked_with,
    folder_with,
    problems_of,
    with_cell,
    with_copy,
    with_line,
    with_words,
    without_lines,
)

CASES: dict[str, tuple[str | bytes, list[str]]] = {
    # rows of the project table
    "number used twice": (with_cell(79, 0, " 1 "), ["number-twice 79", "C04 210"]),
    "number missing": (with_cell(79, 0, " "), ["number-missing 79", "C04 210"]),
    "number in words": (with_cell(79, 0, " 二 "), ["project-number 79", "C04 210"]),
    "number skipped": (with_cell(82, 0, " 73 "), ["C04 82"]),
    "name missing": (with_cell(79, 2, " "), ["empty-cell 79"]),
    "unit missing": (with_cell(79, 4, " "), ["empty-cell 79"]),
    "plan text missing": (with_cell(79, 3, " "), ["empty-text 79"]),
    "cell missing": (
        with_words(79, "| 政策開発部政策開発課 ", ""),
        ["C05 61", "empty-cell 79", "row-width 79"],
    ),
    "name and unit exchanged": (
        with_line(79, lambda line: "|".join((lambda c: [*c[:3], c[5], c[4], c[3], *c[6:]])(
            line.split("|")))),
        ["unit-form 79"],
    ),
    "row lost": (without_lines(79, 79), ["C03 11", "C22 16", "C05 61", "C04 209"]),
    "project twice under another number": (
        with_line(82, lambda line: f"{line}\n{line.replace('| 5 |', '| 73 |', 1)}"),
        ["C03 11", "C22 16", "C05 61", "project-twice 83"],
    ),
    "flag unknown": (with_cell(158, 1, " しんき "), ["unknown-flag 158"]),
    "one icon lost": (with_words(197, "|       |", "|      |"), ["C05 61"]),
    "one icon more": (with_line(78, lambda line: f"{line[:-4]}|   |"), ["C05 61"]),
    "blank that is no space among icons": (
        with_line(78, lambda line: f"{line[:-4]}|\u3000|"), ["C05 61", "icon-blanks 78"],
    ),
    # published totals
    "total of projects wrong": (with_words(11, "72", "73"), ["C03 11", "C09 11", "C35 11"]),
    "total of another year": (with_words(11, "2021", "2020"), ["wrong-year 11"]),
    "total of links wrong": (with_words(61, "121", "122"), ["C05 61", "C06 61"]),
    "total of links lost": (with_words(61, "121", ""), ["total-line 61"]),
    "goal total wrong": (with_words(65, "| 12 | 人", "| 13 | 人"), ["C06 61"]),
    "goal total in words": (
        with_words(65, "| 12 | 人", "| 十二 | 人"), ["C06 61", "goal-missing 63", "goal-count 65"],
    ),
    "goal lost": (without_lines(73, 73), ["C06 61", "goal-missing 63"]),
    "goal unknown": (
        with_words(65, "貧困をなくそう", "お金をふやそう"),
        ["C06 61", "goal-missing 63", "unknown-goal 65"],
    ),
    "goal counted twice": (
        with_words(66, "飢餓をゼロに", "貧困をなくそう"),
        ["C06 61", "goal-missing 63", "goal-twice 66"],
    ),
    "balance: current": (with_words(18, "| 5 |", "| 6 |"), ["C21 18", "C22 18", "C33 23"]),
    "balance: previous": (with_words(18, "| 7 |", "| 8 |"), ["C21 18", "C33 23"]),
    "balance: ended": (with_words(17, "△ 1", "△ 2"), ["C21 17", "C23 17", "C33 23"]),
    "balance: in words": (with_words(18, "| 7 |", "| 七 |"), ["balance-cell 18", "C33 23"]),
    "balance: total of the year before": (with_words(23, "74", "75"), ["C09 11", "C33 23"]),
    "balance: total of the year": (with_words(23, "72", "71"), ["C35 11", "C33 23"]),
    "balance: total of new ones": (with_words(23, "| 3 |", "| 2 |"), ["C33 23"]),
    "balance: total of ended ones": (with_words(23, "△ 3", "△ 2"), ["C33 23"]),
    "balance: row twice": (with_line(18, lambda line: f"{line}\n{line}"), ["balance-twice 19"]),
    "balance: row lost": (without_lines(18, 18), [*["C33 22"] * 4, "policy-unbalanced 93"]),
    "balance: unknown policy": (
        with_words(18, "施策 3", "施策 9"), ["balanced-policy 18", "policy-unbalanced 94"],
    ),
    "balance: policy lost": (
        with_words(18, "施策 3", ""), ["balance-row 18", *["C33 23"] * 4, "policy-unbalanced 94"],
    ),
    # lists against rows
    "flag without entry": (with_cell(158, 1, " 新規 "), ["C07 158"]),
    "entry without flag": (with_words(159, "| 新規 |", "| |"), ["C07 159"]),
    "entry lost": (without_lines(42, 42), ["C09 11", "C23 21", "C07 158"]),
    "entry with another name": (with_words(42, "スポーツイノベ", "イノベ"), ["C07 159"]),
    "entry with another unit": (
        with_words(42, "文化スポーツ部スポーツ振興課", "農林部農業政策課"), ["C25 42"],
    ),
    "entry with another policy": (
        with_words(42, "施策 6", "施策 5"), ["C23 20", "C23 21", "C25 42"],
    ),
    "entry of an unknown policy": (
        with_words(42, "施策 6", "施策 8"), ["C09 11", "C23 21", "unknown-policy 42", "C07 159"],
    ),
    "entry twice": (
        with_line(42, lambda line: f"{line}\n{line}"), ["change-twice 43"],
    ),
    "kind of review unknown": (
        with_words(55, "廃止", "休止"), ["C09 11", "C23 17", "unknown-kind 55"],
    ),
    "kind of review of another column": (
        with_words(55, "廃止", "経常"), ["C23 17", "C23 17"],
    ),
    "kind that the heading does not name": (
        with_words(49, "・統合", "") if "統合" in LINES[48] else with_words(51, "・統合", ""),
        ["kind-and-heading 56"],
    ),
    "list without a heading": (
        with_line(28, lambda line: ""),
        ["C09 11", "C23 21", "list-heading 40", "C07 159", "C07 160", "C07 162"],
    ),
    "ended project still listed": (
        with_line(79, lambda line: line.replace("わかもの政策討論事業", "地域子ども教室事業")
                  .replace("政策開発部政策開発課", "こども部こども政策課")),
        ["C08 55"],
    ),
    # policies
    "heading of the first policy lost": (
        without_lines(77, 77), ["balanced-policy 16", *(f"no-policy {n}" for n in range(77, 82))],
    ),
    "heading of a later policy lost": (
        without_lines(86, 86), ["C09 11", "C22 16", "balanced-policy 17", "unknown-policy 55"],
    ),
    "policy without a name": (
        with_words(86, " 協働の担い手となる人材の活用", ""), ["policy-name 86"],
    ),
    "policy with two names": (
        with_words(157, "基本施策6 市民等が持つ資源を生かしたまちづくり", "基本施策5 別の名前"),
        ["C09 11", "C22 20", "balanced-policy 21", "unknown-policy 42", "unknown-policy 43",
         "unknown-policy 44", "unknown-policy 58", "policy-twice 157",
         "C07 159", "C07 160", "C07 162"],
    ),
    # tables
    "project table twice": (with_copy(84, 90, 91), ["table-twice 93"]),
    "balance twice": (with_copy(13, 23, 24), ["table-twice 26"]),
    "goal totals twice": (with_copy(63, 73, 73), ["table-twice 75"]),
    "review list twice": (with_copy(40, 44, 44), ["table-twice 46"]),
    "heading of another year": (with_words(84, "2021", "2022"), ["wrong-year 84"]),
    "row outside a table": (
        with_line(90, lambda line: f"{line}\n\n{line.replace('| 9 |', '| 10 |')}"),
        ["row-outside-table 92"],
    ),
    # a balance that is read otherwise than it was meant
    "balance: heads exchanged": (
        with_line(15, lambda line: line.replace("新規・追加 | 継続", "継続 | 新規・追加")),
        ["C130 11", "C128 21", "C129 21"],
    ),
    "balance: column of another kind": (
        "\n".join([*LINES[:12], *(f"{line} {cell} |" for line, cell in zip(
            LINES[12:23], ["謎", "---", "", *"12345678"], strict=True)), *LINES[23:]]),
        ["unknown-column 13"],
    ),
    # parts that the document is known to have
    "balance lost": (without_lines(13, 23), ["part-missing None"] * 2),
    "balance: total row lost": (without_lines(23, 23), ["part-missing None"]),
    "goal totals lost": (without_lines(63, 73), ["part-missing None"]),
    "total line lost": (without_lines(11, 11), ["part-missing None"]),
    "review lists lost": (
        without_lines(28, 59), ["part-missing None"],
    ),
    "notes lost": (without_lines(25, 26), ["part-missing None"]),
    # cells out of place
    "heads of name and text exchanged": (
        with_words(84, "事業名 | 事業計画（2021）", "事業計画（2021） | 事業名"),
        [f"name-form {n}" for n in range(87, 91)],
    ),
    "two units in one cell": (
        with_words(79, "政策開発部政策開発課", "総務部人事課市民部市民課"), ["unit-form 79"],
    ),
    "name of a dash": (with_cell(79, 2, " - "), ["name-form 79"]),
    "policy heading misspelt": (
        with_words(94, "◆基本施策3", "◆基木施策3"),
        ["C09 11", "C22 17", "balanced-policy 18", "unknown-policy 56", "unknown-policy 57",
         "policy-heading 94"],
    ),
    "caption misspelt": (with_words(28, "新規・追加", "新現・追加"), ["list-heading 40"]),
    "more projects of a goal than there are": (
        with_line(65, lambda line: line.replace("| 12 | 人", "| 79 | 人")),
        ["C06 61", "C131 65"],
    ),
    "title of another year": (with_words(5, "2021", "2022"), ["wrong-year 5"]),
    # the file
    "nothing": ("", ["no-projects None"]),
    "blank lines": ("\n \n\n", ["no-projects None"]),
    "another text": ("これは計画ではありません。\n", ["no-projects None"]),
    "cut in a row": (
        TEXT[: TEXT.index("スクールカウンセラー配置事業") + 3],
        ["C05 61", "empty-cell 210", "empty-text 210", "row-width 210"],
    ),
    "end lost": ("\n".join(LINES[:207]), ["C03 11", "C22 22", "C05 61"]),
    "beginning lost": ("\n".join(LINES[100:]), [*["part-missing None"] * 7, "C04 110"]),
    "NUL": (with_words(79, "わかもの", "わか\0もの"), ["control-character 79"]),
    "line ends lost": (TEXT.replace("\n", "\r"), ["control-character 1"]),
    "a row in Shift_JIS": (
        b"\n".join(line.encode("cp932" if n == 78 else "utf-8") for n, line in enumerate(LINES)),
        ["encoding 79"],
    ),
    "a character cut": (
        TEXT.encode().replace("わかもの".encode(), "わかもの".encode()[:-1]), ["encoding 79"],
    ),
    "a glyph that was not converted": (
        with_words(79, "わ", "(cid:1234)"), ["replacement-character 79"],
    ),
    "a noncharacter": (with_words(79, "わ", "\ufffe"), ["control-character 79"]),
    "a private character": (with_words(79, "わ", "\ue000"), ["control-character 79"]),
    "row not closed": (with_line(42, lambda line: line.rstrip()[:-1]), ["row-open 42"]),
    "a replacement character": (with_words(79, "わ", "\ufffd"), ["replacement-character 79"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_damaged_document_is_refused_at_its_lines(tmp_path: Path, case: str) -> None:
    document, expected = CASES[case]
    assert problems_of(tmp_path, document) == expected


def test_a_table_with_an_unknown_heading_is_named_with_what_it_lacks(tmp_path: Path) -> None:
    problems = checked_with(tmp_path, with_words(84, "事業名", "じぎょうめい")).problems
    text = "\n".join(str(problem) for problem in problems if problem.origin.line == 84)
    assert text == (
        f"{tmp_path}/koriyama-2021/plan.md, line 84: "
        "the table's headings are not recognised. [unknown-table]\n"
        '  Found: "No.", "新規", "じぎょうめい", "事業計画（2021）", "担当課", '
        '"SDGsの取り組み", "", "". '
        "Expected: for a table of kind project also name (事業名称, 事業名, 取組名).\n"
        '  Fix: correct the heading, or write name = "heading as printed" under [columns] in '
        "plan.toml; a table that is no part of the plan is listed under [document] ignore_tables."
    )


def test_a_column_named_in_the_settings_is_recognised(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, with_words(84, "事業名", "じぎょうめい"))
    settings = folder / "plan.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(f'{text}\n[columns]\nname = "じぎょうめい"\n', encoding="utf-8")
    assert check_plan(folder, Settings(), "shacl").problems == ()


def test_a_problem_is_told_with_place_words_expectation_and_mend(tmp_path: Path) -> None:
    (problem,) = checked_with(tmp_path, with_cell(79, 4, " ")).problems
    assert str(problem) == (
        f'{tmp_path}/koriyama-2021/plan.md, line 79, column "担当課": '
        "project 2 has no unit. [empty-cell]\n"
        "  Expected: text in this cell.\n"
        "  Fix: fill the cell as the document prints it."
    )


def test_a_broken_total_is_told_in_both_languages_with_both_figures(tmp_path: Path) -> None:
    problem = checked_with(tmp_path, with_words(61, "121", "122")).problems[0]
    assert str(problem) == (
        f"{tmp_path}/koriyama-2021/plan.md, line 61: "
        "Second Koriyama City Basic Plan for the Promotion of Collaboration: implementation plan "
        "for fiscal 2021 (line 61): The plan publishes 122 links, but the icons of the projects "
        "add up to 121. [C05]\n"
        "  第二次郡山市協働推進基本計画 2021年度実施計画（61行目）: "
        "公表のべ取り組み数は122ですが、事業のアイコンは合計121個です。\n"
        "  Expected: 122 icons in all rows, or a published total of 121.\n"
        "  Fix: look for lost blanks or icons in the rows, or correct the total."
    )


def test_a_row_in_shift_jis_is_recognised_as_such(tmp_path: Path) -> None:
    document, _ = CASES["a row in Shift_JIS"]
    (problem,) = checked_with(tmp_path, document).problems
    assert problem.fix == (
        "the line can be read as Shift_JIS (CP932): save the whole document as UTF-8"
    )


def test_several_faults_are_told_at_once(tmp_path: Path) -> None:
    lines = list(LINES)
    lines[78] = lines[78].replace("| 政策開発部政策開発課 |", "| |")
    lines[10] = lines[10].replace("72", "71")
    lines[54] = lines[54].replace("廃止", "休止")
    found = problems_of(tmp_path, "\n".join(lines))
    assert found == [
        "C03 11", "C09 11", "C35 11", "C23 17", "unknown-kind 55", "empty-cell 79"
    ]  # fmt: skip


def test_a_file_of_another_kind_is_told_in_a_bounded_number_of_lines(tmp_path: Path) -> None:
    problems = checked_with(tmp_path, bytes(range(256)) * 4000).problems
    assert len(problems) == 200
    kinds = [problem for problem in problems if problem.code == "encoding"]
    assert len(kinds) == 100
    assert kinds[-1].fix.endswith("more places are like this one")


def test_a_hundred_megabyte_line_takes_bounded_memory(tmp_path: Path) -> None:
    document = TEXT.encode() + b"\n| " + b"a" * 100_000_000
    folder = folder_with(tmp_path, document)
    del document
    tracemalloc.start()
    problems = check_plan(folder, Settings(), "shacl").problems
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [f"{p.code} {p.origin.line}" for p in problems] == ["line-too-long 211"]
    assert peak < 60 << 20


def test_fifty_thousand_rows_are_refused_before_they_are_mapped(tmp_path: Path) -> None:
    rows = (LINES[78].replace("| 2 |", f"| {n} |") for n in range(2, 50_002))
    document = "\n".join([*LINES[:78], *rows])
    assert problems_of(tmp_path, document) == ["too-many-projects 75"]


def test_a_thousand_wrong_rows_are_each_told_up_to_a_hundred(tmp_path: Path) -> None:
    rows = (LINES[78].replace("| 2 |", f"| {n} |").replace("わかもの", str(n))
            .replace("政策開発部政策開発課", "") for n in range(2, 1002))  # fmt: skip
    problems = checked_with(tmp_path, "\n".join([*LINES[:78], *rows])).problems
    empty = [problem for problem in problems if problem.code == "empty-cell"]
    assert len(empty) == 100
    assert empty[-1].fix.endswith("; 900 more places are like this one")
