"""Write template.xlsx, the workbook that a municipality may fill in.

    python examples/template.py examples/template.xlsx [--year 2026]

The same year gives the same bytes: parts are not compressed, and every time in them is fixed.
Headings are those of data/codes/headings.csv; rows marked 例 are left out by the reader.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

# the script is run by its path, so the project is not on the path yet
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kg.goals import GOALS, official_names
from kg.plan_fields import TEMPLATE_MARKS

ROWS = 300
"""Rows of the project table that have borders and checks; more may be filled in."""

SOME_DAY = "2026-01-01T00:00:00Z"
_HEAD = PatternFill("solid", fgColor="E8E8EB")
_LINE = Side(style="thin", color="949494")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_GOAL_HINT = "ゴールの番号を「3, 11」のように読点かカンマで区切って書きます。なければ空欄にします。"

HOW_TO = (
    "記入のしかた",
    "このシートは読み取りません。",
    "1. 「事業一覧」の1行目に、市区町村名、計画名、年度を書きます。",
    "2. 「事業一覧」に1事業を1行で書きます。番号は計画の中で重ならない1からの整数です。",
    "3. 「基本施策」は「1 人づくり」のように番号と名称で書きます。",
    "4. 「事業計画」の中の計画値は「○相談件数 300件」のように○で始めます。",
    f"5. 「SDGsの取り組み」には{_GOAL_HINT}",
    "6. 「例」の行は読み取りません。消しても、残してもかまいません。",
    "7. 「ゴール別事業数」「見直し一覧」「計」は、公表しないものはシートごと消します。",
    "8. 「計」の見出しの年度を計画の年度に合わせます。減った事業も正の数で書きます。",
    "9. 列の順は変えられます。見出しの言葉は変えず、非表示の行や列は残さないでください。",
    "10. 保存したら sdgplan new で確かめます。",
)


def template(year: int) -> Workbook:
    """The workbook for a fiscal year, unfilled."""
    book = Workbook()
    how = book.worksheets[0]
    how.title = "記入のしかた"
    how.column_dimensions["A"].width = 100
    for row, text in enumerate(HOW_TO, 1):
        how.cell(row, 1, text).alignment = Alignment(wrap_text=True, vertical="top")
    how["A1"].font = Font(bold=True, size=14)
    _projects(book.create_sheet("事業一覧"), year)
    _goals(book.create_sheet("ゴール別事業数"))
    _review(book.create_sheet("見直し一覧"))
    _balance(book.create_sheet("計"), year)
    return book


def _table(sheet: Worksheet, row: int, heads: Sequence[tuple[str, int]], rows: int = ROWS) -> None:
    """A header row, and below it empty cells with borders; widths in characters."""
    for column, (head, width) in enumerate(heads, 1):
        cell = sheet.cell(row, column, head)
        cell.font, cell.fill = Font(bold=True), _HEAD
        sheet.column_dimensions[get_column_letter(column)].width = width
        for place in range(row, row + rows + 1):
            styled = sheet.cell(place, column)
            styled.border = _BORDER
            styled.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = sheet.cell(row + 1, 1)


def _check(sheet: Worksheet, cells: str, rule: DataValidation, title: str, error: str) -> None:
    rule.allow_blank = True
    rule.errorTitle, rule.error = title, error
    rule.promptTitle, rule.prompt = title, error
    rule.showErrorMessage = rule.showInputMessage = True
    sheet.add_data_validation(rule)
    rule.add(cells)


def _whole(least: int) -> DataValidation:
    return DataValidation(type="whole", operator="greaterThanOrEqual", formula1=str(least))


def _projects(sheet: Worksheet, year: int) -> None:
    sheet["A1"] = f"{''.join(TEMPLATE_MARKS)} {year}年度実施計画"
    sheet["A1"].font = Font(bold=True, size=14)
    _table(
        sheet,
        3,
        [("No.", 6), ("新規", 8), ("基本施策", 24), ("事業名", 32), ("事業計画", 64),
         ("担当課", 28), ("SDGsの取り組み", 18)],
    )  # fmt: skip
    text = "市民とまちを歩き、地図をつくります。 ○まちあるき 3回"
    example = ("例", "新規", "1 人づくり", "まちあるき事業", text, "市民部市民課", "3, 11")
    for column, text in enumerate(example, 1):
        sheet.cell(4, column, text).font = Font(italic=True, color="626264")
    first, last = 5, 3 + ROWS
    for row in range(4, last + 1):
        sheet.cell(row, 7).number_format = "@"  # else a spreadsheet makes 311 of "3,11"
    _check(sheet, f"A{first}:A{last}", _whole(1), "番号", "1からの整数を書きます。")
    flags = DataValidation(type="list", formula1='"新規,追加,継続"')
    _check(sheet, f"B{first}:B{last}", flags, "新規", "新規、追加、継続のどれか。空欄は継続です。")
    # a text of goals may have any length that a cell can; what counts is the hint
    goals = DataValidation(type="textLength", operator="lessThan", formula1="200")
    _check(sheet, f"G{first}:G{last}", goals, "SDGsの取り組み", _GOAL_HINT)


def _goals(sheet: Worksheet) -> None:
    _table(sheet, 1, [("ゴール", 44), ("事業数", 10)], len(GOALS))
    for goal in GOALS:
        sheet.cell(goal + 1, 1, f"{goal} {official_names(goal)['ja']}")
    _check(sheet, "B2:B18", _whole(0), "事業数", "0からの整数を書きます。事業がなければ0です。")


def _review(sheet: Worksheet) -> None:
    _table(sheet, 1, [("施策", 12), ("事業名", 32), ("区分", 14), ("担当課", 28)], 100)
    example = ("例", "まちあるき事業", "新規・追加", "市民部市民課")
    for column, text in enumerate(example, 1):
        sheet.cell(2, column, text).font = Font(italic=True, color="626264")
    kinds = DataValidation(type="list", formula1='"新規・追加,完了,廃止,経常,統合"')
    _check(sheet, "C3:C101", kinds, "区分", "新規・追加、完了、廃止、経常、統合のどれか。")


def _balance(sheet: Worksheet, year: int) -> None:
    heads = ("施策", f"{year}年度事業数", f"{year - 1}年度事業数",
             "新規・追加", "完了・廃止", "経常", "統合")  # fmt: skip
    _table(sheet, 1, [(head, 16) for head in heads], 40)
    example = ("例", 6, 5, 1, 0, 0, 0)
    for column, value in enumerate(example, 1):
        sheet.cell(2, column, value).font = Font(italic=True, color="626264")
    _check(
        sheet, "B3:G41", _whole(0), "事業数", "0からの整数を書きます。最後の行の施策は「計」です。"
    )


def fixed_bytes(book: Workbook) -> bytes:
    """The workbook with every time fixed and no part compressed: the same bytes everywhere."""
    saved, out = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            part = old.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", SOME_DAY.encode(), part)
            new.writestr(zipfile.ZipInfo(name), part)
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the workbook for municipalities.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--year", type=int, default=2026, help="fiscal year (default: 2026)")
    given = parser.parse_args()
    given.file.write_bytes(fixed_bytes(template(given.year)))


if __name__ == "__main__":
    main()
