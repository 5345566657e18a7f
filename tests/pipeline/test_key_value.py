"""One sheet per project: labels in the first column give the records of a list of projects."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import openpyxl

from kg.extract.plan import Extraction, extract
from kg.plan_settings import read_plan_settings
from tests.pipeline.small_plans import read_small, small_plan, table, told

SHEETS = (
    {
        "事業番号": "1",
        "事業名": "まちあるき事業",
        "基本施策": "1 つながるまち",
        "事業内容": "まちを歩きます。 ○まちあるき 12回",
        "担当課": "市民部市民課",
        "予算額（千円）": "1,200",
    },
    {
        "事業番号": "2",
        "事業名": "読書会事業",
        "基本施策": "1 つながるまち",
        "事業内容": "本を読みます。",
        "担当課": "教育部図書館",
        "予算額（千円）": "－",
    },
)
PART = table("指標|目標値（R3）|実績値（R2）", "参加者数|300人|280人", "満足度|80％|－")


def markdown() -> str:
    first, second = (table(*(f"{k}|{v}" for k, v in sheet.items())) for sheet in SHEETS)
    return f"例市協働計画 2021年度実施計画\n\n## 事業シート\n\n{first}\n{PART}\n{second}"


def assert_is_the_plan(extraction: Extraction) -> None:
    assert told(extraction) == []
    assert extraction.plan
    first, second = extraction.plan.projects
    assert (first.number, first.name, first.policy) == (1, "まちあるき事業", "1")
    assert (first.printed_unit, len(first.targets)) == ("市民部市民課", 1)
    assert [b.amount for b in first.budgets] == [Decimal(1200000)]
    assert [(i.name, [v.key for v in i.values]) for i in first.indicators] == [
        ("参加者数", ["target-2021", "actual-2020"]),
        ("満足度", ["target-2021"]),
    ]
    assert (second.number, second.name, second.printed_unit) == (2, "読書会事業", "教育部図書館")
    assert (second.budgets, second.indicators) == ((), ())


def test_tables_of_labels_and_values_are_projects_with_their_lines(tmp_path: Path) -> None:
    extraction = read_small(tmp_path, markdown())
    assert_is_the_plan(extraction)
    assert extraction.plan
    assert [project.origin.line for project in extraction.plan.projects] == [5, 18]
    first = extraction.plan.projects[0]
    assert [indicator.origin.line for indicator in first.indicators] == [15, 16]


def test_a_header_row_that_names_labels_and_values_is_left_out(tmp_path: Path) -> None:
    rows = [f"{k}|{v}" for k, v in SHEETS[0].items()]
    assert told(read_small(tmp_path, table("項目|内容", *rows))) == []


def test_labels_may_stand_in_two_columns_and_projects_below_each_other(tmp_path: Path) -> None:
    rows = [
        row
        for sheet in SHEETS
        for row in (
            f"事業番号|{sheet['事業番号']}|事業名|{sheet['事業名']}",
            f"基本施策|{sheet['基本施策']}|担当課|{sheet['担当課']}",
            f"事業内容|{sheet['事業内容']}||",
        )
    ]
    extraction = read_small(tmp_path, table(*rows))
    assert told(extraction) == []
    assert extraction.plan
    assert [(p.number, p.name, p.printed_unit) for p in extraction.plan.projects] == [
        (1, "まちあるき事業", "市民部市民課"),
        (2, "読書会事業", "教育部図書館"),
    ]


def test_a_workbook_of_one_sheet_per_project_keeps_sheet_and_row(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for place, fields in enumerate(SHEETS):
        sheet = book.create_sheet(f"事業{place + 1}")
        sheet.append(["事業シート"])
        sheet.append([])
        for label, value in fields.items():
            sheet.append([label, int(value) if value.isdecimal() else value])
        if not place:
            sheet.append([])
            sheet.append(["指標", "目標値（R3）", "実績値（R2）"])
            sheet.append(["参加者数", "300人", "280人"])
            sheet.append(["満足度", "80％", "－"])
    folder = small_plan(tmp_path, "", keys="")
    (folder / "plan.md").unlink()
    toml = folder / "plan.toml"
    toml.write_text(toml.read_text("utf-8").replace("plan.md", "plan.xlsx"), "utf-8")
    book.save(folder / "plan.xlsx")
    extraction = extract(read_plan_settings(folder))
    assert_is_the_plan(extraction)
    assert extraction.plan
    places = [(p.origin.sheet, p.origin.row) for p in extraction.plan.projects]
    assert places == [("事業1", 3), ("事業2", 3)]


def test_html_sections_of_vertical_tables_are_projects(tmp_path: Path) -> None:
    def vertical(fields: dict[str, str]) -> str:
        rows = "".join(f"<tr><th>{k}</th><td>{v}</td></tr>" for k, v in fields.items())
        return f"<h3>事業シート</h3><table>{rows}</table>"

    head, *below = (("指標", "目標値（R3）", "実績値（R2）"), ("参加者数", "300人", "280人"),
                    ("満足度", "80％", "－"))  # fmt: skip
    part = "<tr>" + "".join(f"<th>{c}</th>" for c in head) + "</tr>"
    part += "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in below)
    page = f"{vertical(SHEETS[0])}<table>{part}</table>{vertical(SHEETS[1])}"
    folder = small_plan(tmp_path, "")
    (folder / "plan.md").unlink()
    toml = folder / "plan.toml"
    toml.write_text(toml.read_text("utf-8").replace("plan.md", "plan.html"), "utf-8")
    text = f"<!DOCTYPE html><html lang=ja><meta charset=utf-8><body>{page}</body></html>"
    (folder / "plan.html").write_text(text, "utf-8")
    assert_is_the_plan(extract(read_plan_settings(folder)))
