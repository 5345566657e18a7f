"""The Excel template of examples/: what is kept, what it checks, a made-up copy published."""

from __future__ import annotations

import importlib.util
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from click.testing import CliRunner
from openpyxl import Workbook, load_workbook

from kg.cli import main
from kg.pipeline import Options, build
from kg.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "examples" / "template.xlsx"
NOW = datetime(2026, 12, 1, tzinfo=UTC)

PROJECTS = (
    # number, flag, policy, name, text, unit, goals
    (1, None, "1 人づくり", "まちあるき事業", "歩く。 ○まちあるき 3回", "市民部市民課", "3, 11"),
    (2, "新規", "1 人づくり", "出前講座事業", "学びの場をつくります。", "教育部学習課", "4、17"),
    (3, None, "2 まちづくり", "花いっぱい事業", "花を植えます。", "建設部道路課", 15),
    (4, None, "2 まちづくり", "防災訓練事業", "備えます。 ○訓練 2回", "総務部防災課", None),
)  # fmt: skip
LEFT = "[dataset] licence,[municipality] code,[municipality] name,[plan] slug"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("template", ROOT / "examples" / "template.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def filled_in() -> Workbook:
    """The template as a made-up town fills it in: the example rows stay."""
    book = load_workbook(TEMPLATE)
    sheet = book["事業一覧"]
    sheet["A1"] = "例市（架空）協働計画 2026年度実施計画"
    for row, cells in enumerate(PROJECTS, 5):
        for column, cell in enumerate(cells, 1):
            sheet.cell(row, column, cell)
    goals = Counter({3: 1, 11: 1, 4: 1, 17: 1, 15: 1})
    for goal in range(1, 18):
        book["ゴール別事業数"].cell(goal + 1, 2, goals[goal])
    for column, cell in enumerate(("施策 1", "出前講座事業", "新規・追加", "教育部学習課"), 1):
        book["見直し一覧"].cell(3, column, cell)
    for column, cell in enumerate(("施策 2", "古い道路事業", "廃止", "建設部道路課"), 1):
        book["見直し一覧"].cell(4, column, cell)
    rows = (("施策 1", 2, 1, 1, 0, 0, 0), ("施策 2", 2, 3, 0, 1, 0, 0), ("計", 4, 4, 1, 1, 0, 0))
    for number, row in enumerate(rows, 3):
        for column, cell in enumerate(row, 1):
            book["計"].cell(number, column, cell)
    return book


def settled(file: Path) -> None:
    """Fill in what the proposed plan.toml leaves to a person."""
    text = file.read_text(encoding="utf-8")
    for mark, value in (
        ('code = "?"', 'code = "990019"\nmade_up = true'),
        ('name = { ja = "?" }', 'name = { ja = "例市（架空）" }'),
        ('slug = "?"', 'slug = "kyodo"'),
        ('licence = "?"', 'licence = "https://creativecommons.org/licenses/by/4.0/"'),
    ):
        text = text.replace(mark, value)
    file.write_text(text, encoding="utf-8")


def test_the_kept_template_is_what_the_script_writes() -> None:
    module = script()
    assert TEMPLATE.read_bytes() == module.fixed_bytes(module.template(2026))


def test_the_template_has_the_checks_that_a_spreadsheet_can_make() -> None:
    book = load_workbook(TEMPLATE)
    assert book.sheetnames == ["記入のしかた", "事業一覧", "ゴール別事業数", "見直し一覧", "計"]
    checks = {
        (sheet.title, str(rule.sqref)): (rule.type, rule.formula1)
        for sheet in book.worksheets
        for rule in sheet.data_validations.dataValidation
    }
    assert checks == {
        ("事業一覧", "A5:A303"): ("whole", "1"),
        ("事業一覧", "B5:B303"): ("list", '"新規,追加,継続"'),
        ("事業一覧", "G5:G303"): ("textLength", "200"),
        ("ゴール別事業数", "B2:B18"): ("whole", "0"),
        ("見直し一覧", "C3:C101"): ("list", '"新規・追加,完了,廃止,経常,統合"'),
        ("計", "B3:G41"): ("whole", "0"),
    }
    # 3, 11 must not become 311
    assert {book["事業一覧"].cell(row, 7).number_format for row in range(4, 304)} == {"@"}


def test_an_unfilled_template_says_that_it_lists_no_project(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["new", str(TEMPLATE), "--out", str(tmp_path / "new")])
    assert done.exit_code == 1
    assert '  sheet "事業一覧", row 4 is left out: it is marked as an example\n' in done.stdout
    assert "the document lists no project. [no-projects]" in done.stderr


def test_the_words_of_the_template_are_no_title(tmp_path: Path) -> None:
    """Row 1 as it is: `new` proposes no title, and `check` takes none with such words."""
    document, folder = tmp_path / "plan.xlsx", tmp_path / "plans" / "reishi-2026"
    book = filled_in()
    book["事業一覧"]["A1"] = load_workbook(TEMPLATE)["事業一覧"]["A1"].value
    book.save(document)
    runner = CliRunner()
    done = runner.invoke(main, ["new", str(document), "--out", str(folder)])
    assert done.exit_code == 0
    file = folder / "plan.toml"
    text = file.read_text(encoding="utf-8")
    assert 'title = { ja = "?" }\nbasic' not in text and "（市区町村名）" not in text
    assert text.count('title = { ja = "?" }') == 1 and 'basic_plan = { ja = "?" }' in text
    settled(file)
    text = file.read_text(encoding="utf-8")
    title = "（市区町村名）（計画名） 2026年度実施計画"
    text = text.replace('title = { ja = "?" }', f'title = {{ ja = "{title}" }}')
    file.write_text(text.replace('basic_plan = { ja = "?" }', 'basic_plan = "計画"'))
    done = runner.invoke(main, ["check", str(folder), "--validator", "shacl"])
    assert done.exit_code == 1
    assert f"[plan] title is still to be filled in. [placeholder]\n  Found: {title}." in done.stderr


def test_a_filled_template_goes_from_new_to_check_to_a_release(tmp_path: Path) -> None:
    document, folder = tmp_path / "plan.xlsx", tmp_path / "data" / "plans" / "reishi-2026"
    filled_in().save(document)
    runner = CliRunner()
    done = runner.invoke(main, ["new", str(document), "--out", str(folder)])
    assert (done.exit_code, done.stderr) == (0, "")
    assert '  sheet "記入のしかた" is left out by its name\n' in done.stdout
    assert "  4 projects, 2 policies\n" in done.stdout

    done = runner.invoke(main, ["check", str(folder), "--validator", "shacl"])
    assert done.exit_code == 1
    told = [line for line in done.stderr.splitlines() if "[placeholder]" in line]
    keys = [line.partition(": ")[2].partition(" is still")[0] for line in told]
    assert ",".join(keys) == LEFT

    file = folder / "plan.toml"
    assert 'basic_plan = { ja = "例市（架空）協働計画" }\n' in file.read_text(encoding="utf-8")
    settled(file)
    done = runner.invoke(main, ["check", str(folder), "--validator", "shacl"])
    assert (done.exit_code, done.stderr) == (0, "")

    outcome = build(
        tmp_path / "data", tmp_path / "var", Settings(), NOW, Options(validator="shacl")
    )
    assert [str(problem) for problem in outcome.problems] == []
    (entry,) = outcome.entries
    assert (entry["projects"], entry["links"]["stated"]) == (4, 5)
    assert outcome.release
    dump = next((outcome.release.path / "dumps").rglob("source.ttl")).read_text(encoding="utf-8")
    assert 'sp:sourceSheet "事業一覧"' in dump
    assert "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" in dump
