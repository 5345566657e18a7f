"""Excel workbooks: merged cells, several sheets, what is hidden, and what is refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles import Alignment

from kg.checking import CheckedPlan, check_plan
from kg.extract import workbook
from kg.extract.cell_values import text_of
from kg.extract.plan import Extraction
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


def refused(tmp_path: Path, data: bytes, name: str = NAME) -> str:
    """The one problem of such a document, without its folder."""
    problems = read(folder_of(tmp_path, name, data)).problems
    assert len(problems) == 1
    return str(problems[0]).partition("koriyama-2021/")[2]


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


# --- cells -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1, "General", "1"),
        (1.0, "General", "1"),
        (0.5, "General", "0.5"),
        (0.1 + 0.2, "General", "0.3"),
        (0.5, "0%", "50%"),
        (0.285, "0.0%", "28.5%"),
        (3, '0"%引き"', "3"),
        (1700, "#,##0", "1700"),
        (True, "General", "TRUE"),
        (datetime(2021, 3, 1), "m月d日", "2021-03-01"),
        (datetime(2021, 3, 1, 9, 30), "General", "2021-03-01 09:30:00"),
        ("  ", "General", "  "),
        ("一_x000D_\n二", "General", "一\n二"),
    ],
)
def test_values_are_read_as_typed(value: object, number_format: str, text: str) -> None:
    assert text_of(value, number_format) == text


def test_dates_are_said(tmp_path: Path) -> None:
    dated = book()
    row = row_of(dated, "計画", "人材育成推進事業")
    dated["計画"].cell(row, 6, datetime(2026, 3, 11))
    extraction = read_book(tmp_path, dated)
    assert [problem.code for problem in extraction.problems] == ["unknown-goal"]
    assert extraction.said == (
        f'dates in sheet "計画" are written as year-month-day: F{row} 2026-03-11',
    )


def test_a_formula_counts_by_its_stored_value_and_without_one_is_a_problem(tmp_path: Path) -> None:
    computed = book()
    row = row_of(computed, "計画", "施策 7") + 1
    computed["計画"].cell(row, 2, "=SUM(B1:B3)")
    extraction = read_book(tmp_path, computed)
    told = next(p for p in extraction.problems if p.code == "formula-value")
    assert str(told).partition(f"{NAME}, ")[2] == (
        f'sheet "計画", row {row}: the formula in cell B{row} has no stored value. '
        '[formula-value]\n  Found: "=SUM(B1:B3)". '
        "Expected: a value that Excel stored with the formula; nothing is computed here.\n"
        "  Fix: open and save the workbook in Excel, or write the value in place of the formula."
    )


def with_part(data: bytes, change: Callable[[str, bytes], bytes], more: dict[str, bytes]) -> bytes:
    """The workbook with changed and additional parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, content in more.items():
            new.writestr(name, content)
    return out.getvalue()


def test_a_stored_value_of_a_formula_is_read(tmp_path: Path) -> None:
    computed = book()
    row = row_of(computed, "計画", "施策 7") + 1
    computed["計画"].cell(row, 2, "=70+2")

    def store(name: str, part: bytes) -> bytes:
        return part.replace(b"<f>70+2</f><v />", b"<f>70+2</f><v>72</v>").replace(
            b"<f>70+2</f><v></v>", b"<f>70+2</f><v>72</v>"
        )

    extraction = read(folder_of(tmp_path, NAME, with_part(saved(computed), store, {})))
    assert [str(problem) for problem in extraction.problems] == []
    assert extraction.plan and differences(koriyama(), extraction.plan) == []


def test_an_error_in_a_cell_is_a_problem(tmp_path: Path) -> None:
    wrong = book()
    row = row_of(wrong, "計画", "人材育成推進事業")
    wrong["計画"].cell(row, 5, "#REF!").data_type = "e"
    codes = [problem.code for problem in read_book(tmp_path, wrong).problems]
    assert codes == ["cell-error", "empty-cell"]


def test_furigana_is_no_part_of_a_text(tmp_path: Path) -> None:
    def spell(name: str, part: bytes) -> bytes:
        plain = "<t>総務部人事課</t>".encode()
        ruby = '<rPh sb="0" eb="2"><t>ソウム</t></rPh>'.encode()
        return part.replace(plain, plain + ruby)

    extraction = read(folder_of(tmp_path, NAME, with_part(saved(book()), spell, {})))
    assert extraction.plan and differences(koriyama(), extraction.plan) == []


def test_pictures_and_comments_are_not_read_and_said(tmp_path: Path) -> None:
    parts = {"xl/media/image1.png": b"x", "xl/comments/comment1.xml": b"<c/>"}
    data = with_part(saved(book()), lambda name, part: part, parts)
    assert read(folder_of(tmp_path, NAME, data)).said == (
        "pictures are not read: 1 in the workbook",
        "comments on cells are not read",
    )


# --- what is refused -------------------------------------------------------------------------

UNREADABLE = (
    "the file cannot be read as a workbook. [workbook-unreadable]\n"
    "  Found: {found}. Expected: an Excel workbook (.xlsx) without a password.\n"
    "  Fix: open it in a spreadsheet program and save it as .xlsx without a password."
)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "no workbook"),
        (b"No.,\xe4\xba\x8b", "no workbook"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "a workbook with a password, or of an old kind (.xls)"),
        (b"PK\x03\x04" + bytes(100), 'BadZipFile: "File is not a zip file"'),
    ],
)
def test_files_that_are_no_workbooks_are_refused(tmp_path: Path, data: bytes, found: str) -> None:
    assert refused(tmp_path, data) == f"{NAME}: {UNREADABLE.format(found=found)}"


@pytest.mark.parametrize("name", ["[Content_Types].xml", "xl/workbook.xml"])
@pytest.mark.parametrize("part", [b"", b"<a>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_damaged_parts_are_refused(tmp_path: Path, name: str, part: bytes) -> None:
    data = with_part(saved(book()), lambda n, old: part if n == name else old, {})
    assert "[workbook-unreadable]" in refused(tmp_path, data)


def test_macros_are_refused_by_name_and_by_content(tmp_path: Path) -> None:
    expected = (
        "the workbook has macros, which never run here. [workbook-macros]\n"
        "  Expected: a workbook without macros (.xlsx).\n"
        "  Fix: save it as .xlsx, and name that file under [document] file."
    )
    assert refused(tmp_path / "a", saved(book()), "plan.xlsm") == f"plan.xlsm: {expected}"
    data = with_part(saved(book()), lambda name, part: part, {"xl/vbaProject.bin": b"x"})
    assert refused(tmp_path / "b", data) == f"{NAME}: {expected}"


def test_a_workbook_that_unpacks_to_much_more_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO(saved(book()))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/big.xml", bytes(workbook.MOST_UNPACKED_BYTES))
    assert len(out.getvalue()) < 1 << 20
    assert "[workbook-too-large]" in refused(tmp_path, out.getvalue())


def test_a_sheet_that_is_too_wide_is_refused_and_styles_alone_do_not_count(tmp_path: Path) -> None:
    wide = book()
    wide["計画"].cell(1_000_000, 1).alignment = Alignment(wrap_text=True)
    assert read_book(tmp_path, wide).problems == ()
    wide["計画"].cell(1, workbook.MOST_COLUMNS + 1, "x")
    codes = {problem.code for problem in read_book(tmp_path, wide).problems}
    assert codes == {"workbook-too-large"}


def checked(tmp_path: Path, book: Workbook) -> CheckedPlan:
    return check_plan(folder_of(tmp_path, NAME, saved(book)), Settings(), "shacl")


def test_sums_that_do_not_agree_are_told_with_sheet_and_row(tmp_path: Path) -> None:
    sheets = koriyama_sheets()
    for row in sheets["ゴール"]:
        if "のべ121" in "".join(row):
            row[0] = row[0].replace("121", "122")
    found = checked(tmp_path, workbook_of(sheets)).problems
    assert [(p.code, p.origin.where) for p in found] == [
        ("C05", 'sheet "ゴール", row 1'),
        ("C06", 'sheet "ゴール", row 1'),
    ]
