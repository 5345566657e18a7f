"""OpenDocument spreadsheets: the records of the Markdown, merged and hidden cells, refusals."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from kg.checking import check_plan
from kg.extract import ods as reader
from kg.extract.plan import Extraction
from kg.settings import Settings
from tests.pipeline.documents import koriyama, read
from tests.pipeline.opendocument import HEAD, TAIL, cell, ods, ods_of, row, rows_of, table
from tests.pipeline.sheets import (
    Grid,
    differences,
    folder_of,
    koriyama_grid,
    koriyama_sheets,
    saved,
    workbook_of,
)

NAME = "plan.ods"
SMALL: Grid = [
    ["No.", "事業名", "担当課", "事業内容"],
    ["◆基本施策1 人づくり", "", "", ""],
    ["1", "まちあるき事業", "市民課", "歩きます。"],
    ["2", "花いっぱい事業", "市民課", "植えます。"],
]


def read_ods(tmp_path: Path, data: bytes, more: str = "") -> Extraction:
    return read(folder_of(tmp_path, NAME, data, more))


def small(*rows: str, columns: str = "", style: str = "") -> bytes:
    """A sheet with the head of SMALL and these rows below it."""
    return ods(table("計画", [*rows_of(SMALL[:2])[:2], *rows], style, columns))


def texts(tmp_path: Path, data: bytes, more: str = "") -> list[tuple[int | None, str | None]]:
    plan = read_ods(tmp_path, data, more).plan
    return [(p.origin.row, p.description) for p in plan.projects] if plan else []


def test_a_spreadsheet_gives_the_records_of_the_markdown(tmp_path: Path) -> None:
    extraction = read_ods(tmp_path, ods_of({"計画": koriyama_grid()}))
    assert [str(problem) for problem in extraction.problems] == []
    assert extraction.plan and differences(koriyama(), extraction.plan) == []
    assert extraction.said == ()


def test_several_sheets_give_the_same_records_with_sheet_and_row(tmp_path: Path) -> None:
    extraction = read_ods(tmp_path, ods_of(koriyama_sheets()))
    assert extraction.problems == ()
    assert extraction.plan and differences(koriyama(), extraction.plan) == []
    assert extraction.plan.projects[0].origin.where == 'sheet "事業", row 3'


def test_what_libreoffice_saves_gives_the_same_records(tmp_path: Path) -> None:
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    source = tmp_path / "plan.xlsx"
    source.write_bytes(saved(workbook_of(koriyama_sheets())))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [program, profile, "--headless", "--convert-to", "ods", "--outdir", tmp_path, source]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    extraction = read_ods(tmp_path, (tmp_path / NAME).read_bytes())
    assert [str(problem) for problem in extraction.problems] == []
    assert extraction.plan and differences(koriyama(), extraction.plan) == []
    checked = check_plan(tmp_path / "koriyama-2021", Settings(), "shacl")
    assert checked.problems == ()
    kinds = {str(o) for _, p, o in checked.graphs["source"] if str(p).endswith("/format")}
    assert kinds == {"application/vnd.oasis.opendocument.spreadsheet"}


# --- repeated, merged, typed -----------------------------------------------------------------


def test_repeated_rows_and_cells_count_each(tmp_path: Path) -> None:
    gap = row([cell("", ' table:number-columns-repeated="9"')], ' table:number-rows-repeated="7"')
    same = '<table:table-cell table:number-columns-repeated="2" office:value-type="string">'
    last = row([cell("1"), f"{same}<text:p>市民課</text:p></table:table-cell>", cell("植えます。")])
    assert texts(tmp_path, small(gap, last)) == [(10, "植えます。")]


def test_a_unit_merged_downwards_is_every_row_s(tmp_path: Path) -> None:
    unit = cell("市民課", ' table:number-rows-spanned="2"')
    first = row([cell("1"), cell("まちあるき事業"), unit, cell("歩きます。")])
    covered = "<table:covered-table-cell><text:p>古い課</text:p></table:covered-table-cell>"
    second = row([cell("2"), cell("花いっぱい事業"), covered, cell("植えます。")])
    plan = read_ods(tmp_path, small(first, second)).plan
    assert plan and [p.printed_unit for p in plan.projects] == ["市民課", "市民課"]


def typed(kind: str, value: str, shown: str) -> str:
    name = {"date": "date-value", "time": "time-value", "boolean": "boolean-value"}.get(
        kind, "value"
    )
    given = f' office:value-type="{kind}" office:{name}="{value}"'
    return f"<table:table-cell{given}><text:p>{shown}</text:p></table:table-cell>"


@pytest.mark.parametrize(
    ("kind", "value", "shown", "text"),
    [
        ("float", "3.0", "3.00", "3"),
        ("float", "0.1", "0.1", "0.1"),
        ("float", "inf", "∞", "∞"),
        ("percentage", "0.285", "28.5%", "28.5%"),
        ("currency", "1700", "¥1,700", "1700"),
        ("boolean", "true", "真", "TRUE"),
        ("date", "2021-03-11", "3月11日", "2021-03-11"),
        ("date", "2021-03-11T09:30:00", "3月11日", "2021-03-11 09:30:00"),
        ("date", "2021-03-11T00:00:00", "3月11日", "2021-03-11"),
        ("time", "PT9H30M00S", "9:30", "09:30:00"),
    ],
)
def test_values_are_read_as_typed(
    tmp_path: Path, kind: str, value: str, shown: str, text: str
) -> None:
    one = row([cell("1"), cell("まちあるき事業"), cell("市民課"), typed(kind, value, shown)])
    assert texts(tmp_path, small(one)) == [(3, text)]


def test_dates_are_said(tmp_path: Path) -> None:
    one = row([cell("1"), cell("花事業"), cell("市民課"), typed("date", "2021-03-11", "3-11")])
    assert read_ods(tmp_path, small(one)).said == (
        'dates in sheet "計画" are written as year-month-day: D3 2021-03-11',
    )


def test_paragraphs_blanks_and_marks_within_a_cell(tmp_path: Path) -> None:
    words = (
        '<table:table-cell office:value-type="string"><office:annotation><text:p>注</text:p>'
        "</office:annotation><text:p>歩く<text:s text:c='2'/><text:span>まち</text:span><text:ruby>"
        "<text:ruby-base>例</text:ruby-base><text:ruby-text>れい</text:ruby-text></text:ruby></text:p>"
        "<text:p>二<text:line-break/>三</text:p></table:table-cell>"
    )
    one = row([cell("1"), cell("花事業"), cell("市民課"), words])
    extraction = read_ods(tmp_path, small(one))
    assert extraction.said == ("comments on cells are not read",)
    assert extraction.plan and extraction.plan.projects[0].description == "歩く まち例 二 三"


def test_formulas_without_a_value_and_errors_are_problems(tmp_path: Path) -> None:
    empty = '<table:table-cell table:formula="of:=[.A1]"/>'
    wrong = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" '
        'office:string-value=""><text:p>#DIV/0!</text:p></table:table-cell>'
    )
    one = row([cell("1"), cell("花事業"), cell("市民課"), empty])
    two = row([cell("2"), cell("道事業"), cell("市民課"), wrong])
    told = [(p.code, p.origin.where) for p in read_ods(tmp_path, small(one, two)).problems]
    assert ("formula-value", 'sheet "計画", row 3') in told
    assert ("cell-error", 'sheet "計画", row 4') in told


# --- what is hidden --------------------------------------------------------------------------


def hidden_row() -> bytes:
    head, policy, first, second, rest = rows_of(SMALL)
    more = second.replace("<table:table-row", '<table:table-row table:visibility="filter"')
    return ods(table("計画", [head, policy, first, more, rest]))


def hidden_column() -> bytes:
    columns = (
        '<table:table-column table:number-columns-repeated="2"/>'
        '<table:table-column table:visibility="collapse"/>'
    )
    return ods(table("計画", rows_of(SMALL), columns=columns))


def hidden_sheet() -> bytes:
    return ods(table("計画", rows_of(SMALL), "off"))


@pytest.mark.parametrize(
    ("make", "told", "said"),
    [
        (hidden_row, "hidden cells have text, row 4",
         'hidden cells are read: row 4 of sheet "計画"'),
        (hidden_column, "hidden cells have text, column C",
         'hidden cells are read: column C of sheet "計画"'),
        (hidden_sheet, "the sheet is hidden and has a table", 'sheet "計画" is hidden and is read'),
    ],
)  # fmt: skip
def test_hidden_projects_are_asked_about_and_read_on_request(
    tmp_path: Path, make: object, told: str, said: str
) -> None:
    assert callable(make)
    hidden = [p for p in read_ods(tmp_path, make()).problems if p.code == "hidden"]
    assert [problem.statement for problem in hidden] == [told]
    extraction = read_ods(tmp_path, make(), 'hidden = "read"')
    assert extraction.said == (said,)
    assert extraction.plan and [p.number for p in extraction.plan.projects] == [1, 2]


def test_sheets_are_left_out_by_name_and_said(tmp_path: Path) -> None:
    data = ods_of({"計画": SMALL, "記入のしかた": [["説明", "例"]], "作業用": [["メモ", "例"]]})
    assert read_ods(tmp_path, data, 'ignore_sheets = ["作業用"]').said == (
        'sheet "記入のしかた" is left out by its name',
        'sheet "作業用" is left out by its name',
    )


# --- what is refused -------------------------------------------------------------------------


def refused(tmp_path: Path, data: bytes) -> tuple[str, str | None]:
    (problem,) = read_ods(tmp_path, data).problems
    return problem.code, problem.found


BOMB = HEAD.replace(
    "<office:document-content", '<!DOCTYPE a [<!ENTITY b "c">]><office:document-content', 1
)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", 'BadZipFile: "File is not a zip file"'),
        (b"PK\x03\x04" + bytes(100), 'BadZipFile: "File is not a zip file"'),
        (ods("", mime="application/zip"), 'a document of kind "application/zip"'),
        (saved(workbook_of({"計画": SMALL})), "no workbook"),
        (ods("<table:table>"), 'content.xml: "mismatched tag: line 2, column 568"'),
        (ods(BOMB + TAIL), "content.xml declares a document type"),
        (ods("", {"META-INF/manifest.xml": "<manifest:encryption-data/>"}),
         "a workbook with a password"),
        (ods("<a>" * 200 + "</a>" * 200), "more than 100 elements within each other"),
        (ods(table("表", [row([cell("x", ' table:number-columns-repeated="1600"')],
                             ' table:number-rows-repeated="1600"')])),
         "more than 2,000,000 cells with text"),
    ],
)  # fmt: skip
def test_files_that_are_no_spreadsheets_are_refused(
    tmp_path: Path, data: bytes, found: str
) -> None:
    assert refused(tmp_path, data) == ("workbook-unreadable", found)


def test_macros_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, ods("", {"Basic/script-lc.xml": "<a/>"}))[0] == "workbook-macros"


def test_one_that_unpacks_to_much_more_is_refused(tmp_path: Path) -> None:
    data = ods(f"<!--{' ' * reader.MOST_UNPACKED_BYTES}-->")
    assert len(data) < 1 << 20
    assert refused(tmp_path, data)[0] == "workbook-too-large"


def test_a_sheet_that_is_too_wide_is_refused(tmp_path: Path) -> None:
    wide = row([cell("", ' table:number-columns-repeated="600"'), cell("x")])
    assert refused(tmp_path, ods(table("表", [wide]))) == (
        "workbook-too-large",
        "1 rows, 601 columns",
    )


@pytest.mark.parametrize(("cells", "rows"), [(1, 200_001), (11, 200_000)])
def test_merged_areas_of_too_many_rows_are_refused(tmp_path: Path, cells: int, rows: int) -> None:
    spanned = [cell("x", f' table:number-rows-spanned="{rows}"')] * cells
    assert refused(tmp_path, ods(table("表", [row(spanned)]))) == (
        "workbook-too-large",
        f"merged areas of {cells * rows:,} rows in all",
    )
