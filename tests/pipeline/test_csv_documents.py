"""CSV documents: Koriyama's plan in other encodings and orders gives the same records."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.checking import check_plan
from kg.extract.plan import Extraction
from kg.overview import overview
from kg.settings import Settings
from tests.pipeline.documents import koriyama, read
from tests.pipeline.sheets import (
    Grid,
    csv_bytes,
    differences,
    folder_of,
    koriyama_grid,
    padded,
    reordered,
)


def read_as(tmp_path: Path, data: bytes, name: str = "plan.csv") -> Extraction:
    return read(folder_of(tmp_path, name, data))


def problems_of(tmp_path: Path, data: bytes) -> list[str]:
    found = check_plan(folder_of(tmp_path, "plan.csv", data), Settings(), "shacl").problems
    return [f"{problem.code} {problem.origin.row}" for problem in found]


def row_of(grid: Grid, text: str) -> int:
    """The number of the first row that has a cell with such words, as a spreadsheet counts."""
    return next(n for n, row in enumerate(grid, 1) if any(text in cell for cell in row))


SAID = {
    "utf-8": "read as UTF-8, cells parted by comma",
    "utf-8-sig": "read as UTF-8 with byte order mark, cells parted by comma",
    "cp932": "read as CP932 (Shift_JIS), cells parted by comma",
    "utf-16": "read as UTF-16, cells parted by comma",
}


@pytest.mark.parametrize("encoding", SAID)
def test_every_encoding_gives_the_records_of_the_markdown_and_is_said(
    tmp_path: Path, encoding: str
) -> None:
    extraction = read_as(tmp_path, csv_bytes(padded(koriyama_grid()), encoding))
    assert [str(problem) for problem in extraction.problems] == []
    assert extraction.plan and differences(koriyama(), extraction.plan) == []
    assert extraction.said == (SAID[encoding],)


@pytest.mark.parametrize(("separator", "word"), [("\t", "tab"), (";", "semicolon")])
def test_other_separators_are_found_by_content_and_said(
    tmp_path: Path, separator: str, word: str
) -> None:
    extraction = read_as(tmp_path, csv_bytes(koriyama_grid(), separator=separator))
    assert extraction.problems == ()
    assert extraction.plan and differences(koriyama(), extraction.plan) == []
    assert extraction.said == (f"read as UTF-8, cells parted by {word}",)


def test_what_the_reader_decided_is_shown_by_check(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "plan.csv", csv_bytes(koriyama_grid(), "cp932"))
    checked = check_plan(folder, Settings(), "shacl")
    assert checked.problems == ()
    lines = overview(checked, brief=True).splitlines()
    assert lines[-1].startswith("  ") and f"  {SAID['cp932']}" in lines


def test_columns_in_another_order_give_the_same_records(tmp_path: Path) -> None:
    extraction = read_as(tmp_path, csv_bytes(reordered(koriyama_grid())))
    assert [problem.code for problem in extraction.problems] == []
    assert extraction.plan and differences(koriyama(), extraction.plan) == []


def test_places_are_rows_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    grid = koriyama_grid()
    row = row_of(grid, "人材育成推進事業")
    grid[row - 1][3] = grid[row - 1][3].replace("。", "。\n")
    after = row_of(grid, "わかもの政策討論事業")
    extraction = read_as(tmp_path, csv_bytes(grid))
    assert extraction.plan
    first, second = extraction.plan.projects[:2]
    assert (str(first.origin).rpartition("/")[2], first.lines) == (f"plan.csv, row {row}", (row,))
    assert second.lines == (after,)


def test_a_table_goes_on_after_a_gap_and_under_a_heading_of_a_policy(tmp_path: Path) -> None:
    grid: Grid = []
    for row in koriyama_grid():
        is_header = row[:1] == ["No."] and any(line[:1] == ["No."] for line in grid)
        grid.append([] if is_header else row)
    extraction = read_as(tmp_path, csv_bytes(padded(grid)))
    texts = [problem.found for problem in extraction.problems]
    # only the footers stand within the table now; nothing else is in doubt
    assert texts == ['"協働推進基本計画_2021年度実施計画"'] * 2
    assert extraction.plan and differences(koriyama(), extraction.plan) == []


def test_an_example_row_is_left_out_and_said(tmp_path: Path) -> None:
    grid = koriyama_grid()
    row = row_of(grid, "人材育成推進事業")
    grid.insert(row - 1, ["例", "新規", "見本事業", "見本です。", "総務部人事課", "3"])
    extraction = read_as(tmp_path, csv_bytes(grid))
    assert extraction.problems == ()
    assert extraction.plan and len(extraction.plan.projects) == 72
    assert f"row {row} is left out: it is marked as an example" in extraction.said


def test_a_damaged_byte_is_reported_with_row_and_bytes(tmp_path: Path) -> None:
    data = csv_bytes(koriyama_grid(), "cp932")
    name = "人材育成推進事業".encode("cp932")
    assert data.count(name) == 1
    damaged = data.replace(name, name[:-2] + b"\x81 ")
    extraction = read_as(tmp_path, damaged)
    row = row_of(koriyama_grid(), "人材育成推進事業")
    assert str(extraction.problems[0]).partition("plan.csv, ")[2] == (
        f"row {row}: bytes of the row cannot be read as CP932 (Shift_JIS). [csv-encoding]\n"
        '  Found: 81 in "人材育成推進事�". '
        "Expected: one encoding in the whole file: UTF-8 or CP932 (Shift_JIS).\n"
        "  Fix: save the file again from its original, as UTF-8."
    )


def test_quotation_marks_that_are_not_closed_are_reported(tmp_path: Path) -> None:
    data = csv_bytes(koriyama_grid()).replace("こども部こども政策課".encode(), b'"' + b"x", 1)
    extraction = read_as(tmp_path, data)
    assert extraction.plan is None
    assert [problem.code for problem in extraction.problems] == ["csv-quotes"]


def test_a_cell_too_few_or_too_many_is_reported(tmp_path: Path) -> None:
    grid = koriyama_grid()
    row = row_of(grid, "人材育成推進事業")
    grid[row - 1].insert(3, "余分")
    del grid[row][1]
    assert [p for p in problems_of(tmp_path, csv_bytes(grid)) if "row-width" in p] == [
        f"row-width {row}",
        f"row-width {row + 1}",
    ]


@pytest.mark.parametrize(
    ("words", "instead", "codes"),
    [
        ("【2021年度実施事業数 72】", "【2021年度実施事業数 73】", {"C03", "C09", "C35"}),
        ("総務部人事課", "", {"empty-cell"}),
        ("事業名", "事業の呼び方", {"unknown-table"}),
    ],
)
def test_a_changed_document_is_refused(
    tmp_path: Path, words: str, instead: str, codes: set[str]
) -> None:
    text = csv_bytes(koriyama_grid()).decode().replace("2021 年度実施事業数", "2021年度実施事業数")
    assert words in text
    found = problems_of(tmp_path, text.replace(words, instead, 1).encode())
    assert codes <= {line.split()[0] for line in found}


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "plan.csv", b"a" * ((1 << 20) + 1))
    found = check_plan(folder, Settings(max_document_mib=1), "shacl").problems
    assert [problem.code for problem in found] == ["document-too-large"]


def test_a_note_within_a_table_stays_a_note(tmp_path: Path) -> None:
    grid = koriyama_grid()
    row = row_of(grid, "わかもの政策討論事業")
    grid.insert(row - 1, ["※単年の事業を含む"])
    extraction = read_as(tmp_path, csv_bytes(padded(grid)))
    assert extraction.problems == ()
    assert extraction.plan and len(extraction.plan.projects) == 72
    assert extraction.plan.notes[-1].text == "単年の事業を含む"
    assert extraction.plan.notes[-1].origin.where == f"row {row}"


def test_an_empty_cell_is_told_once(tmp_path: Path) -> None:
    """Its row also breaks a shape, which would say the same again."""
    grid = koriyama_grid()
    row = row_of(grid, "人材育成推進事業")
    grid[row - 1][4] = ""
    assert problems_of(tmp_path, csv_bytes(grid)) == [f"empty-cell {row}"]
