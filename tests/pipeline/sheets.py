"""Koriyama's plan as rows of cells, for documents of other kinds, and records without origins."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from kg.extract.markdown import read_markdown
from kg.extract.rows import TextLine
from kg.origin import Origin
from kg.records import Plan
from tests.pipeline.documents import FOLDER

Grid = list[list[str]]


def koriyama_grid() -> Grid:
    """Every line and row of the Markdown document as a row of cells, a blank row before tables."""
    grid: Grid = []
    for block in read_markdown(FOLDER / "plan.md").blocks:
        if isinstance(block, TextLine):
            grid.append([block.text])
            continue
        rows = (block.header, *block.rows)
        grid += [[], *([cell.strip() or cell for cell in row.cells] for row in rows), []]
    return grid


def padded(grid: Grid) -> Grid:
    """The grid as a spreadsheet saves it: every row as wide as the widest."""
    width = max(map(len, grid))
    return [[*row, *[""] * (width - len(row))] for row in grid]


def reordered(grid: Grid) -> Grid:
    """The grid with the columns of the project and review tables from the last to the first.

    Headings of policies stay in the first column, where merged cells have them.
    """
    found = []
    in_table = False
    for row in grid:
        in_table = "担当課" in row or (in_table and len(row) > 1)
        is_alone = sum(bool(cell.strip()) for cell in row) == 1 and row[:1] != [""]
        found.append([*reversed(row)] if in_table and not is_alone else row)
    return found


def with_cells(grid: Grid, change: Callable[[str], str]) -> Grid:
    return [[change(cell) for cell in row] for row in grid]


def csv_bytes(grid: Grid, encoding: str = "utf-8", separator: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(grid)
    return out.getvalue().encode(encoding)


def folder_of(target: Path, name: str, data: bytes, more: str = "") -> Path:
    """A copy of Koriyama's folder whose document has another name and content.

    `more` are lines for [document] in plan.toml.
    """
    folder = target / "koriyama-2021"
    shutil.copytree(FOLDER, folder, dirs_exist_ok=True)
    (folder / "plan.md").unlink(missing_ok=True)
    (folder / name).write_bytes(data)
    settings = (FOLDER / "plan.toml").read_text(encoding="utf-8")
    settings = settings.replace('file = "plan.md"', f'file = "{name}"\n{more}'.rstrip())
    (folder / "plan.toml").write_text(settings, encoding="utf-8")
    return folder


def bare(value: Any) -> Any:
    """A record without what differs by the kind of document: origins, lines, the document itself.

    Blanks at the ends of printed texts differ too, because sheets have no lines of text.
    """
    if isinstance(value, Origin):
        return None
    if isinstance(value, Plan):
        value = dataclasses.replace(value, document="", sha256="", line_count=0)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = (field.name for field in dataclasses.fields(value))
        return {name: bare(getattr(value, name)) for name in fields if name != "lines"}
    if isinstance(value, tuple):
        return tuple(map(bare, value))
    return value


def differences(one: Plan, other: Plan) -> list[str]:
    """What differs between two plans but for places, as `field: one / other`."""
    first, second = bare(one), bare(other)
    found = []
    for name in first:
        if first[name] == second[name]:
            continue
        pairs: Iterable[tuple[Any, Any]] = [(first[name], second[name])]
        if isinstance(first[name], tuple) and len(first[name]) == len(second[name]):
            pairs = zip(first[name], second[name], strict=True)
        found += [f"{name}: {a} / {b}" for a, b in pairs if a != b]
    return found


def full_width_digits(text: str) -> str:
    return re.sub("[0-9]", lambda match: chr(ord(match[0]) + 0xFEE0), text)


def workbook_of(sheets: dict[str, Grid]) -> Workbook:
    """A workbook with a sheet per name; cells of digits become numbers, as if they were typed."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, grid in sheets.items():
        sheet = book.create_sheet(name)
        for row, cells in enumerate(grid, 1):
            for column, cell in enumerate(cells, 1):
                if cell:
                    number = int(cell) if re.fullmatch("[0-9]{1,9}", cell) else cell
                    sheet.cell(row, column, number)
    return book


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def koriyama_sheets() -> dict[str, Grid]:
    """Koriyama's document on three sheets: totals and lists, goals, projects."""
    grid = koriyama_grid()
    goals = next(n for n, row in enumerate(grid) if "のべ121" in "".join(row))
    projects = next(n for n, row in enumerate(grid) if row[:1] == ["No."])
    return {"概要": grid[:goals], "ゴール": grid[goals:projects], "事業": grid[projects:]}


def merge_alike(book: Workbook, name: str, column: int) -> int:
    """Merge equal texts below each other in one column of a sheet; how many areas there are."""
    sheet = book[name]
    areas, row = 0, 1
    while row <= sheet.max_row:
        end = row
        text = sheet.cell(row, column).value
        while text and str(text).strip() and sheet.cell(end + 1, column).value == text:
            end += 1
        if end > row:
            sheet.merge_cells(start_row=row, end_row=end, start_column=column, end_column=column)
            areas += 1
        row = end + 1
    return areas


def with_part(data: bytes, change: Callable[[str, bytes], bytes], more: dict[str, bytes]) -> bytes:
    """The workbook with changed and additional parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, content in more.items():
            new.writestr(name, content)
    return out.getvalue()
