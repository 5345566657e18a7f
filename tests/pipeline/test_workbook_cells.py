"""Cells of workbooks, and workbooks that are refused."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl.styles import Alignment

from kg.extract import sheets, workbook
from kg.extract.cell_values import text_of
from tests.pipeline.documents import koriyama, read
from tests.pipeline.sheets import differences, folder_of, saved, with_part, workbook_of
from tests.pipeline.test_workbooks import NAME, book, read_book, row_of


def refused(tmp_path: Path, data: bytes, name: str = NAME) -> str:
    """The one problem of such a document, without its folder."""
    problems = read(folder_of(tmp_path, name, data)).problems
    assert len(problems) == 1
    return str(problems[0]).partition("koriyama-2021/")[2]


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
        "Expected: a value that the spreadsheet program stored with the formula; nothing is "
        "computed here.\n"
        "  Fix: open and save the workbook in a spreadsheet program, or write the value in "
        "place of the formula."
    )


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
    "  Found: {found}. Expected: a workbook (.xlsx or .ods) without a password.\n"
    "  Fix: open it in a spreadsheet program and save it as .xlsx or .ods without a password."
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
        "  Expected: a workbook without macros (.xlsx or .ods).\n"
        "  Fix: save it without macros, and name that file under [document] file."
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


@pytest.mark.parametrize("ref", ["C4:XFD1048576", "&#67;4:XFD1048576"])
def test_merged_cells_to_the_end_of_the_sheet_are_refused_unread(tmp_path: Path, ref: str) -> None:
    merged = book()
    merged["計画"].merge_cells("C4:C5")
    saved, patched = io.BytesIO(), io.BytesIO()
    merged.save(saved)
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(patched, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'ref="C4:C5"', f'ref="{ref}"'.encode()))
    said = refused(tmp_path, patched.getvalue())
    assert "[workbook-too-large]" in said
    assert "the area C4:XFD1048576 in xl/worksheets/sheet1.xml" in said


def test_a_sheet_that_is_too_wide_is_refused_and_styles_alone_do_not_count(tmp_path: Path) -> None:
    wide = book()
    # the last place of a sheet: to go through all places would take hours
    wide["計画"].cell(1_048_576, 16_384).alignment = Alignment(wrap_text=True)
    assert read_book(tmp_path, wide).problems == ()
    wide["計画"].cell(1, sheets.MOST_COLUMNS + 1, "x")
    codes = {problem.code for problem in read_book(tmp_path, wide).problems}
    assert codes == {"workbook-too-large"}


def test_one_cell_far_away_makes_a_sheet_too_large(tmp_path: Path) -> None:
    far = book()
    far["計画"].cell(100_000, 100, "x")
    (problem,) = read_book(tmp_path, far).problems
    assert problem.found == "100,000 rows, 100 columns"
    assert problem.expected == "at most 200,000 rows, 500 columns and 2,000,000 cells"


@pytest.mark.parametrize(
    ("tag", "area"),
    [
        ("mergeCell", "C4:XFD1048576"),
        ("mergeCell", "A1:A200001"),
        ("mergeCell", "A1:XFD123"),
        ("hyperlink", "A1:XFD123"),
    ],
)
def test_areas_of_more_cells_than_a_sheet_may_have_are_refused(
    tmp_path: Path, tag: str, area: str
) -> None:
    def patched(name: str, part: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return part
        added = f'<{tag}s><{tag} ref="{area}"/></{tag}s>'.encode()
        return part.replace(b"<pageMargins", added + b"<pageMargins", 1)

    assert refused(tmp_path, with_part(saved(book()), patched, {})) == (
        f"{NAME}: the workbook is too large. [workbook-too-large]\n"
        f"  Found: the area {area} in xl/worksheets/sheet1.xml. "
        "Expected: at most 200,000 rows and 2,000,000 cells in merged and linked areas.\n"
        "  Fix: remove sheets, rows, pictures and merged cells that are no part of the plan."
    )


def test_a_title_merged_over_the_whole_width_is_no_harm(tmp_path: Path) -> None:
    wide = book()
    wide["計画"].merge_cells("A1:XFD1")
    assert read_book(tmp_path, wide).problems == ()


@pytest.mark.parametrize(
    ("goals", "parts", "told"),
    [
        ("", {"xl/media/image1.png": b"x"}, ['sheet "計画", row 3']),
        ("－", {"xl/media/image1.png": b"x"}, []),
        ("目標3", {"xl/media/image1.png": b"x"}, []),
        ("", {}, []),
    ],
)
def test_projects_without_goals_are_told_where_pictures_may_show_them(
    tmp_path: Path, goals: str, parts: dict[str, bytes], told: list[str]
) -> None:
    rows = [
        ["基本施策1 人づくり", "", "", ""],
        ["No.", "事業名", "担当課", "SDGs"],
        ["1", "まちあるき事業", "市民課", goals],
    ]
    data = with_part(saved(workbook_of({"計画": rows})), lambda name, part: part, parts)
    problems = read(folder_of(tmp_path, NAME, data)).problems
    assert [p.origin.where for p in problems if p.code == "pictures-unread"] == told
