"""Excel workbooks: merged cells, several sheets, what is hidden, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import Workbook

from kg.checking import CheckedPlan, check_plan
from kg.extract.plan import Extraction
from kg.overview import overview
from kg.settings import Settings
from tests.pipeline.documents import koriyama, read
from tests.pipeline.sheets import (
    differences,
    folder_of,
    full_width_digits,
    koriyama_grid,
    koriyama_sheets,
    merge_alike,
    reordered,
    saved,
    workbook_of,
)

NAME = "plan.xlsx"


def book() -> Workbook:
    return workbook_of({"計画": koriyama_grid()})


def read_book(tmp_path: Path, book: Workbook, more: str = "") -> Extraction:
    return read(folder_of(tmp_path, NAME, saved(book), more))


def row_of(book: Workbook, sheet: str, text: str) -> int:
    rows = book[sheet].iter_rows(values_only=True)
    return next(n for n, row in enumerate(rows, 1) if any(text in str(cell) for cell in row))


def test_a_workbook_gives_the_records_of_the_markdown(tmp_path: Path) -> None:
    extraction = read_book(tmp_path, book())
    assert [str(problem) for problem in extraction.problems] == []
    assert extraction.plan and differences(koriyama(), extraction.plan) == []
    assert extraction.said == ()


def test_several_sheets_give_the_same_records_with_sheet_and_row(tmp_path: Path) -> None:
    extraction = read_book(tmp_path, workbook_of(koriyama_sheets()))
    assert extraction.problems == ()
    assert extraction.plan and differences(koriyama(), extraction.plan) == []
    first = extraction.plan.projects[0]
    assert first.origin.where == 'sheet "事業", row 3'
    assert first.lines == (3,)
    assert {c.origin.sheet for c in extraction.plan.goal_counts} == {"ゴール"}


def test_merged_units_full_width_digits_and_another_order_give_the_same_records(
    tmp_path: Path,
) -> None:
    grid = reordered(koriyama_grid())
    for row in grid:
        if len(row) > 5 and row[-1].isdecimal():
            row[-1] = full_width_digits(row[-1])
    mixed = workbook_of({"計画": grid})
    column = next(n for n, cell in enumerate(grid[row_of(mixed, "計画", "No.") - 1], 1)
                  if cell == "担当課")  # fmt: skip
    assert merge_alike(mixed, "計画", column) > 5
    extraction = read_book(tmp_path, mixed)
    assert [str(problem) for problem in extraction.problems] == []
    assert extraction.plan and differences(koriyama(), extraction.plan) == []


def test_a_heading_merged_over_the_table_is_read_once(tmp_path: Path) -> None:
    merged = book()
    row = row_of(merged, "計画", "◆基本施策 1")
    merged["計画"].merge_cells(start_row=row, end_row=row, start_column=1, end_column=6)
    extraction = read_book(tmp_path, merged)
    assert extraction.problems == ()
    assert extraction.plan and differences(koriyama(), extraction.plan) == []


def test_a_project_merged_over_several_rows_is_one_project(tmp_path: Path) -> None:
    sheet_book = book()
    sheet = sheet_book["計画"]
    row = row_of(sheet_book, "計画", "わかもの政策討論事業")
    text = str(sheet.cell(row, 4).value)
    sheet.insert_rows(row + 1)
    head, line = text.split(" ○勉強会 3回 ", 1)
    sheet.cell(row, 4, f"{head} ○勉強会 3回")
    sheet.cell(row + 1, 4, line)
    for column in (1, 3, 5):
        sheet.merge_cells(start_row=row, end_row=row + 1, start_column=column, end_column=column)
    extraction = read_book(tmp_path, sheet_book)
    assert [str(problem) for problem in extraction.problems] == []
    assert extraction.plan and differences(koriyama(), extraction.plan) == []
    assert extraction.plan.projects[1].lines == (row, row + 1)


def test_icons_in_the_rows_of_a_merged_project_are_counted(tmp_path: Path) -> None:
    """Koriyama's row 45 goes on in a row that has nothing but the blanks of one icon."""
    sheet_book = book()
    sheet = sheet_book["計画"]
    row = row_of(sheet_book, "計画", "ふるさと田舎体験推進事業")
    for column in (1, 3, 4, 5):
        sheet.merge_cells(start_row=row, end_row=row + 1, start_column=column, end_column=column)
    extraction = read_book(tmp_path, sheet_book)
    assert [str(problem) for problem in extraction.problems] == []
    assert extraction.plan and differences(koriyama(), extraction.plan) == []
    assert extraction.plan.projects[44].icon_count == 4


def test_headings_in_two_rows_are_joined(tmp_path: Path) -> None:
    two = book()
    sheet = two["計画"]
    row = row_of(two, "計画", "No.")
    sheet.insert_rows(row + 1)
    sheet.cell(row, 5, "担当")
    sheet.cell(row + 1, 5, "課")
    for column in (1, 2, 3, 4, 6):
        sheet.merge_cells(start_row=row, end_row=row + 1, start_column=column, end_column=column)
    extraction = read_book(tmp_path, two)
    assert [str(problem) for problem in extraction.problems] == []
    assert extraction.plan and differences(koriyama(), extraction.plan) == []


# --- what is hidden --------------------------------------------------------------------------


def with_hidden_row() -> Workbook:
    hidden = book()
    row = row_of(hidden, "計画", "人材育成推進事業")
    hidden["計画"].row_dimensions[row].hidden = True
    return hidden


def with_hidden_column() -> Workbook:
    hidden = book()
    hidden["計画"].column_dimensions["E"].hidden = True
    return hidden


def with_hidden_sheet() -> Workbook:
    hidden = workbook_of(koriyama_sheets())
    hidden["事業"].sheet_state = "veryHidden"
    return hidden


HIDDEN = {
    "row": (with_hidden_row, "row {row}", 'hidden cells are read: row {row} of sheet "計画"'),
    "column": (with_hidden_column, "column E", 'hidden cells are read: column E of sheet "計画"'),
    "sheet": (
        with_hidden_sheet, "the sheet is hidden and has a table",
        'sheet "事業" is hidden and is read',
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", HIDDEN)
def test_hidden_projects_are_asked_about_and_read_on_request(tmp_path: Path, what: str) -> None:
    make, told, said = HIDDEN[what]
    row = row_of(book(), "計画", "人材育成推進事業")
    extraction = read_book(tmp_path, make())
    hidden = [problem for problem in extraction.problems if problem.code == "hidden"]
    assert len(hidden) == 1
    assert told.format(row=row) in hidden[0].statement
    extraction = read_book(tmp_path, make(), 'hidden = "read"')
    assert extraction.problems == ()
    assert extraction.said == (said.format(row=row),)
    assert extraction.plan and differences(koriyama(), extraction.plan) == []


def test_hidden_rows_are_left_out_on_request_and_said(tmp_path: Path) -> None:
    row = row_of(book(), "計画", "人材育成推進事業")
    extraction = read_book(tmp_path, with_hidden_row(), 'hidden = "skip"')
    assert extraction.said == (f'hidden cells are left out: row {row} of sheet "計画"',)
    assert extraction.plan and [p.number for p in extraction.plan.projects][:2] == [2, 3]


def test_a_hidden_sheet_without_a_table_is_left_out_and_said(tmp_path: Path) -> None:
    more = book()
    more.create_sheet("選択肢")["A1"] = "達成"
    more["選択肢"].sheet_state = "hidden"
    more.create_sheet("記入のしかた")["A1"] = "説明"
    more.create_sheet("作業用")["A1"] = "メモ"
    extraction = read_book(tmp_path, more, 'ignore_sheets = ["作業用"]')
    assert extraction.problems == ()
    assert extraction.said == (
        'sheet "選択肢" is left out: it is hidden',
        'sheet "記入のしかた" is left out by its name',
        'sheet "作業用" is left out by its name',
    )


def checked(tmp_path: Path, book: Workbook) -> CheckedPlan:
    return check_plan(folder_of(tmp_path, NAME, saved(book)), Settings(), "shacl")


def test_sums_that_do_not_agree_are_told_with_sheet_and_row(tmp_path: Path) -> None:
    sheets = koriyama_sheets()
    for row in sheets["ゴール"]:
        if "のべ121" in "".join(row):
            row[0] = row[0].replace("121", "122")
    found = checked(tmp_path, workbook_of(sheets)).problems
    lines = str(found[0]).splitlines()
    assert lines[0].partition(f"{NAME}, ")[2].startswith('sheet "ゴール", row 1: ')
    assert "（シート「ゴール」1行目）: " in lines[1]
    assert [(p.code, p.origin.where) for p in found] == [
        ("C05", 'sheet "ゴール", row 1'),
        ("C06", 'sheet "ゴール", row 1'),
    ]


def test_the_overview_names_sheets_and_rows(tmp_path: Path) -> None:
    shown = overview(checked(tmp_path, workbook_of(koriyama_sheets())), brief=False)
    assert '(published: 72, sheet "概要", row 4)' in shown
    assert '(published links: 121, sheet "ゴール", row 1)' in shown
    assert re.search(r"\| 事業 3 +\|$", shown, re.M)
    assert '  not used: sheet "概要", row 1: 第二次 郡山市協働推進基本計画' in shown


def two_sheets(*, second: list[list[str]]) -> Workbook:
    """Projects on a sheet 乙 and, after it in the workbook, on a sheet 甲."""
    header = ["No.", "事業名", "担当課"]
    first = [
        header,
        ["◆基本施策1 人づくり"],
        ["1", "まちあるき事業", "市民課"],
        ["", "花事業", "市民課"],
    ]
    return workbook_of({"乙": [[], [], [], *first], "甲": [header, *second]})


def test_problems_stand_in_the_order_of_the_sheets(tmp_path: Path) -> None:
    extraction = read_book(tmp_path, two_sheets(second=[["", "道事業", "市民課"]]))
    told = [(p.code, p.origin.where) for p in extraction.problems if p.code == "number-missing"]
    assert told == [
        ("number-missing", 'sheet "乙", row 7'),
        ("number-missing", 'sheet "甲", row 2'),
    ]


def test_no_row_continues_one_of_another_sheet(tmp_path: Path) -> None:
    header = ["No.", "事業名", "担当課", "事業内容"]
    first = [header, ["◆基本施策1 人づくり"], ["1", "まちあるき事業", "市民課", "歩きます。"]]
    sheets = {"乙": first, "甲": [header, ["", "", "", "続きます。"]]}
    extraction = read_book(tmp_path, workbook_of(sheets))
    told = [p.origin.where for p in extraction.problems if p.code == "continuation"]
    assert told == ['sheet "甲", row 2']
