"""`sdgplan new`: what it proposes is complete but for what only a person knows."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.checking import check_plan
from kg.cli import main
from kg.plan_settings import read_plan_settings
from kg.proposal.command import propose, write
from kg.settings import Settings
from tests.pipeline.documents import FOLDER, koriyama
from tests.pipeline.opendocument import ods_of
from tests.pipeline.pdfs import as_picture, goals_for, icons_pdf, koriyama_pdf, without_links
from tests.pipeline.sheets import (
    csv_bytes,
    differences,
    koriyama_grid,
    koriyama_sheets,
    saved,
    workbook_of,
)

TODAY = date(2026, 11, 30)
PERSON = {
    'code = "?"': 'code = "072036"',
    'name = { ja = "?" }': 'name = { ja = "郡山市" }',
    'slug = "?"': 'slug = "kyodo-2"',
    'licence = "?"': 'licence = "https://creativecommons.org/licenses/by/4.0/"',
}
"""What a person writes in place of the marks."""


def document(tmp_path: Path, kind: str) -> Path:
    data = {
        "plan.md": (FOLDER / "plan.md").read_bytes(),
        "plan.csv": csv_bytes(koriyama_grid(), "cp932"),
        "plan.xlsx": saved(workbook_of(koriyama_sheets())),
        "plan.ods": ods_of(koriyama_sheets()),
        "plan.pdf": koriyama_pdf(koriyama_grid(), goals_for(koriyama())),
    }[kind]
    path = tmp_path / kind
    path.write_bytes(data)
    return path


def new(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["new", *map(str, arguments)])


def fill_in(file: Path, *, unmarked: str = "") -> None:
    """Do what a person does: every mark, and the questions that match a pattern answered."""
    text = file.read_text(encoding="utf-8")
    for mark, value in PERSON.items():
        assert text.count(mark) == 1
        text = text.replace(mark, value)
    if unmarked:
        text = re.sub(rf"^# \? ({unmarked})", r"\1", text, flags=re.M)
    file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("kind", ["plan.md", "plan.csv", "plan.xlsx", "plan.ods", "plan.pdf"])
def test_the_proposal_is_complete_but_for_the_marks(tmp_path: Path, kind: str) -> None:
    path, folder = document(tmp_path, kind), tmp_path / "new"
    done = new(path, "--out", folder)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "72 projects, 7 policies\n" in done.stdout
    assert (folder / kind).read_bytes() == path.read_bytes()
    assert sorted(p.name for p in folder.iterdir()) == sorted([kind, "plan.toml"])

    problems = check_plan(folder, Settings(), "shacl").problems
    assert [problem.code for problem in problems] == ["placeholder"] * 4
    assert [problem.statement.partition(" is ")[0] for problem in problems] == [
        "[dataset] licence",
        "[municipality] code",
        "[municipality] name",
        "[plan] slug",
    ]
    fill_in(folder / "plan.toml", unmarked="icons")
    checked = check_plan(folder, Settings(), "shacl")
    assert checked.problems == ()
    assert checked.extraction and checked.extraction.plan
    plan = checked.extraction.plan
    if kind == "plan.pdf":  # its icons say which goals they are
        plan = without_links(plan)
    assert differences(koriyama(), plan) == []
    proposed, real = read_plan_settings(folder), read_plan_settings(FOLDER)
    assert proposed.year == real.year
    assert proposed["document.has"] == real["document.has"]


def test_what_was_found_is_given_with_its_place(tmp_path: Path) -> None:
    proposal = propose(document(tmp_path, "plan.xlsx"), Settings())
    text = write(proposal, tmp_path / "new", TODAY).read_text(encoding="utf-8")
    assert '# ? perhaps 郡山市, which stands in sheet "概要", row 1\n' in text
    assert (
        '# ? from sheet "概要", row 1 and sheet "概要", row 2; an English title is welcome: '
        "en = …\n"
        'title = { ja = "第二次 郡山市協働推進基本計画 2021 年度実施計画" }\n'
    ) in text
    assert '# from the title in sheet "概要", row 2\nfiscal_year = 2021\n' in text
    assert (
        "# ? 121 icons would be lost if n+1 blanks stand for n; just as many as the total "
        'published in sheet "ゴール", row 1. If that is so, remove the mark:\n'
        '# ? icons = "spaces"\n'
    ) in text
    assert "issued = 2026-11-30\nmodified = 2026-11-30\n" in text


def test_the_reader_s_own_decisions_are_told(tmp_path: Path) -> None:
    done = new(document(tmp_path, "plan.csv"))
    assert "  read as CP932 (Shift_JIS), cells parted by comma\n" in done.stdout
    text = (tmp_path / "plan" / "plan.toml").read_text(encoding="utf-8")
    assert "# read as CP932 (Shift_JIS), cells parted by comma\n" in text


def test_columns_that_are_not_known_are_proposed_by_their_cells(tmp_path: Path) -> None:
    heads = {"No.": "順", "事業名": "なまえ", "担当課": "だれが"}
    grid = [[heads.get(cell, cell) for cell in row] if len(row) > 4 else row
            for row in koriyama_grid()]  # fmt: skip
    path = tmp_path / "plan.csv"
    path.write_bytes(csv_bytes(grid))
    done = new(path)
    assert done.exit_code == 1
    assert '"順" is left out: perhaps number, its cells count from 1 to 5\n' in done.stdout
    assert "unknown-table" in done.stderr
    file = tmp_path / "plan" / "plan.toml"
    text = file.read_text(encoding="utf-8")
    assert '# ? unit = "だれが"   # 5 of 5 cells end as names of units do\n' in text
    assert '# ? name = "なまえ"' in text
    columns = text.index("[columns]")
    answers = dict(re.findall(r'^# \? (number|name|unit) = "(\w+)"', text[columns:], re.M))
    assert answers == {"number": "順", "name": "なまえ", "unit": "だれが"}
    lines = "\n".join(f'{field} = "{heading}"' for field, heading in answers.items())
    file.write_text(text + lines + "\n", encoding="utf-8")
    fill_in(file, unmarked="icons")
    checked = check_plan(tmp_path / "plan", Settings(), "shacl")
    assert [str(problem) for problem in checked.problems] == []
    assert checked.extraction and checked.extraction.plan
    assert differences(koriyama(), checked.extraction.plan) == []


def test_a_column_that_means_nothing_is_left_out_with_the_reason(tmp_path: Path) -> None:
    grid = [row if len(row) < 6 else [*row[:5], "備考欄" if row[0] == "No." else "", *row[5:]]
            for row in koriyama_grid()]  # fmt: skip
    path = tmp_path / "plan.csv"
    path.write_bytes(csv_bytes(grid))
    done = new(path)
    assert done.exit_code == 1
    assert '    "備考欄" is left out: all its cells are empty\n' in done.stdout
    file = tmp_path / "plan" / "plan.toml"
    assert '# ? ignore_columns = ["備考欄"]' in file.read_text(encoding="utf-8")
    fill_in(file, unmarked="icons|ignore_columns")
    assert check_plan(tmp_path / "plan", Settings(), "shacl").problems == ()


def test_years_that_differ_are_asked_about(tmp_path: Path) -> None:
    text = (FOLDER / "plan.md").read_text(encoding="utf-8")
    path = tmp_path / "plan.md"
    path.write_text(text.replace("【2021 年度実施", "【2020 年度実施"), encoding="utf-8")
    proposal = propose(path, Settings())
    proposed = write(proposal, tmp_path / "new", TODAY).read_text(encoding="utf-8")
    assert (
        "# ? from the title in line 5 but 2020 in the total in line 11\nfiscal_year = 2021\n"
    ) in proposed


def test_what_no_line_says_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_bytes("No.,事業名,担当課\n1,まちあるき事業,市民課\n".encode())
    done = new(path)
    assert done.exit_code == 1  # no policy
    assert (
        "To be filled in: code, name, slug, title, basic_plan, fiscal_year, licence."
    ) in done.stdout
    problems = check_plan(tmp_path / "plan", Settings(), "shacl").problems
    assert [problem.code for problem in problems] == ["placeholder"] * 7


@pytest.mark.parametrize("there", ["file", "folder"])
def test_nothing_is_overwritten(tmp_path: Path, there: str) -> None:
    path, out = document(tmp_path, "plan.md"), tmp_path / "new"
    if there == "file":
        out.write_text("mine")
    else:
        out.mkdir()
        (out / "plan.toml").write_text("mine")
    done = new(path, "--out", out)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"{out} exists and is not empty. Fix: name a new folder with --out.\n"
    assert (out if there == "file" else out / "plan.toml").read_text() == "mine"


def test_a_kind_that_cannot_be_read_is_refused_and_nothing_written(tmp_path: Path) -> None:
    path = tmp_path / "plan.docx"
    path.write_bytes(b"%PDF-1.7")
    done = new(path)
    assert done.exit_code == 1
    assert "documents of this kind cannot be read. [document-kind]" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["plan.docx"]


def test_what_measured_columns_leave_open_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    rows = (
        "No.,事業名,担当課,基本施策,予算額,指標,目標値,達成度",
        '1,まちあるき事業,市民課,1 まち,"1,200",参加者数,300人,4',
        "2,読書会事業,図書館,1 まち,300,貸出冊数,500冊,2",
    )
    path.write_bytes("\n".join(rows).encode())
    done = new(path)
    assert '"予算額" as budget, "指標" as indicator, "目標値" as value-target' in done.stdout
    text = (tmp_path / "plan" / "plan.toml").read_text(encoding="utf-8")
    for line in (
        '# ? unit = "千円"   # or 円, 万円, 百万円, 億円\n',
        "# ? target_year = 2025\n",
        '# ? grades = ["4", "2"]\n',
    ):
        assert line in text


def test_columns_of_money_and_grades_are_guessed_by_their_cells(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    rows = (
        "No.,事業名,担当課,基本施策,おかね,できばえ",
        "1,まちあるき事業,市民課,1 まち,120千円,A",
        "2,読書会事業,図書館,1 まち,3万円,B",
        "3,交流会事業,市民課,1 まち,△5千円,A",
    )
    path.write_bytes("\n".join(rows).encode())
    new(path)
    text = (tmp_path / "plan" / "plan.toml").read_text(encoding="utf-8")
    assert '# ? budget = "おかね"   # 3 of 3 cells are amounts of money\n' in text
    assert '# ? grade = "できばえ"   # its cells are only a, b\n' in text


def test_grey_icons_are_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "plan.pdf"
    path.write_bytes(icons_pdf(as_picture(64, None, "L"), (3, 8)))
    done = new(path)
    assert done.exit_code == 1
    assert "icon-unknown" in done.stderr
    text = (tmp_path / "plan" / "plan.toml").read_text(encoding="utf-8")
    assert '\n# ? icons = "count"\n' in text
