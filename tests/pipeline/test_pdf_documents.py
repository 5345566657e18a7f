"""PDFs: the records of the Markdown, tables over pages, and files that are refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen import canvas

from kg.checking import CheckedPlan, check_plan
from kg.extract import pdf_file
from kg.extract.pdf_text import cell_text
from kg.extract.plan import Extraction
from kg.settings import Settings
from kg.vocab import SDG, SP
from tests.pipeline.documents import koriyama, read
from tests.pipeline.pdfs import (
    Drawn,
    as_area,
    goals_for,
    icons_pdf,
    koriyama_pdf,
    without_links,
)
from tests.pipeline.sheets import differences, folder_of, koriyama_grid

NAME = "plan.pdf"
HEAD = ["No.", "事業名", "担当課", "事業内容"]
WIDTHS = (40, 200, 120, 300)
POLICY = ["◆基本施策1 人づくり", "", "", ""]


def read_pdf(tmp_path: Path, data: bytes, more: str = "") -> Extraction:
    return read(folder_of(tmp_path, NAME, data, more))


@pytest.mark.parametrize(("repeats_head", "pages"), [(True, 10), (False, 9)])
def test_a_pdf_gives_the_records_of_the_markdown(
    tmp_path: Path, repeats_head: bool, pages: int
) -> None:
    goals = goals_for(koriyama())
    data = koriyama_pdf(koriyama_grid(), goals, repeats_head=repeats_head, foot="郡山市の実施計画")
    extraction = read_pdf(tmp_path, data)
    assert [str(problem) for problem in extraction.problems] == []
    assert extraction.said == (
        f'at the head or foot of {pages} pages, read once: "郡山市の実施計画 - 1 -"',
        "121 pictures in cells; goals were read from the colours of 121",
    )
    plan = extraction.plan
    assert plan and differences(koriyama(), without_links(plan)) == []
    stated = {p.number: tuple(link.goal for link in p.stated_links) for p in plan.projects}
    assert stated == goals
    first = plan.projects[0].origin
    assert (first.page, first.where) == (2, f"page 2, row {first.row}")
    assert [p.origin.row for p in plan.projects] == sorted(p.origin.row or 0 for p in plan.projects)


def checked(tmp_path: Path) -> CheckedPlan:
    data = koriyama_pdf(koriyama_grid(), goals_for(koriyama()), icon=as_area)
    return check_plan(folder_of(tmp_path, NAME, data), Settings(), "shacl")


def test_links_say_that_they_were_read_from_the_colour_of_an_icon(tmp_path: Path) -> None:
    found = checked(tmp_path)
    assert [str(problem) for problem in found.problems] == []
    assert found.iris
    link = found.iris.goal_link("1", goals_for(koriyama())[1][0])
    record = {p: o for s, p, o in found.graphs["source"] if s == link}
    goal = str(record[SP.linkedGoal]).rpartition("/")[2]
    assert record[SP.basis] == SP["basis-stated"]
    assert record[SP.readBy] == SP["reading-icon-colour"]
    assert str(record[SP.evidence]) == f"アイコンの色 {record[SP.iconColour]}"
    assert str(record[SP.sourcePage]) == "2"
    project = found.iris.project("1")
    assert (project, SP.statedSdgGoal, SDG[goal]) in found.graphs["source"]
    assert (project, SP.sdgLinkBasis, SP["basis-stated"]) in found.graphs["links"]


# --- tables ----------------------------------------------------------------------------------


def drawn(draw: Callable[[Drawn], object], widths: tuple[float, ...] = WIDTHS) -> bytes:
    page = Drawn(widths)
    draw(page)
    return page.data()


def test_cells_merged_downwards_belong_to_every_row(tmp_path: Path) -> None:
    rows = [
        HEAD,
        POLICY,
        ["1", "花事業", "市民課", "植えます。"],
        ["2", "道事業", "", "歩きます。"],
    ]
    data = drawn(lambda page: page.table(rows, merged={(2, 2): 1}))
    plan = read_pdf(tmp_path, data).plan
    assert plan and [(p.number, p.printed_unit) for p in plan.projects] == [
        (1, "市民課"),
        (2, "市民課"),
    ]


def test_a_row_that_goes_on_after_a_page_continues_the_project(tmp_path: Path) -> None:
    def draw(page: Drawn) -> None:
        page.table([HEAD, POLICY, ["1", "花事業", "市民課", "花を植え、"]])
        page.y = 40  # nothing more fits
        page.table([HEAD, ["", "", "", "水をやります。"], ["2", "道事業", "市民課", "歩きます。"]])

    plan = read_pdf(tmp_path, drawn(draw)).plan
    assert plan and [(p.number, p.description, p.origin.page) for p in plan.projects] == [
        (1, "花を植え、 水をやります。", 1),
        (2, "歩きます。", 2),
    ]


def test_text_between_tables_stands_outside_them(tmp_path: Path) -> None:
    def draw(page: Drawn) -> None:
        page.line("◆基本施策1 人づくり")
        page.table([HEAD, ["1", "花事業", "市民課", "植えます。"]])
        page.line("◆基本施策2 まちづくり")
        page.table([["2", "道事業", "市民課", "歩きます。"]])

    plan = read_pdf(tmp_path, drawn(draw)).plan
    assert plan and [(p.number, p.policy) for p in plan.projects] == [(1, "1"), (2, "2")]


def character(text: str, x: float, top: float, size: float = 8) -> dict[str, object]:
    width = size if ord(text) > 255 else size / 2
    place = {"x0": x, "x1": x + width, "top": top, "bottom": top + size}
    return {"text": text, "size": size, **place}


def written(*lines: str, right: float) -> str:
    """The text of a cell with these lines, which begin at 3 and end before the right edge."""
    found = []
    for n, line in enumerate(lines):
        x = 3.0
        for letter in line:
            found.append(character(letter, x, n * 12.0))
            x = float(str(found[-1]["x1"]))
    return cell_text(found, (0, 0, right, 100))


@pytest.mark.parametrize(
    ("lines", "right", "text"),
    [
        (("花を植え", "ます。"), 40, "花を植えます。"),
        (("Wi-Fi and", "LAN"), 80, "Wi-Fi and LAN"),
        (("広域の E", "BHP"), 39, "広域の EBHP"),
        (("件数 1", "0件"), 80, "件数 10件"),
        (("件数 ", "10件"), 80, "件数 10件"),
    ],
)
def test_lines_that_were_broken_to_fit_are_joined(
    lines: tuple[str, ...], right: float, text: str
) -> None:
    assert written(*lines, right=right) == text


def test_letters_printed_twice_to_look_bold_count_once() -> None:
    twice = [character("花", 3, 0), character("花", 3.3, 0), character("花", 11, 0)]
    assert cell_text(twice) == "花花"


# --- what is refused -------------------------------------------------------------------------


def refused(tmp_path: Path, data: bytes) -> tuple[str, str | None]:
    (problem,) = read_pdf(tmp_path, data).problems
    return problem.code, problem.found


def with_password() -> bytes:
    out = io.BytesIO()
    page = canvas.Canvas(out, encrypt=StandardEncryption("secret", canPrint=1))
    page.drawString(100, 100, "x")
    page.save()
    return out.getvalue()


def pages(number: int) -> bytes:
    out = io.BytesIO()
    page = canvas.Canvas(out)
    for _ in range(number):
        page.showPage()
    page.save()
    return out.getvalue()


def test_files_that_are_no_pdfs_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, b"No.,x") == ("pdf-unreadable", "no PDF")
    code, found = refused(tmp_path, b"%PDF-1.7\n" + bytes(1000))
    assert code == "pdf-unreadable"
    assert found and found.startswith('"')
    cut = icons_pdf(as_area)[:3000]
    assert refused(tmp_path, cut)[0] in ("pdf-unreadable", "pdf-no-text")


def test_a_password_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path, with_password()) == ("pdf-unreadable", '"a PDF with a password"')


def test_pages_without_text_are_told(tmp_path: Path) -> None:
    assert refused(tmp_path, pages(2)) == ("pdf-no-text", "2 pages without any text")


def test_too_many_pages_are_refused(tmp_path: Path) -> None:
    (problem,) = read_pdf(tmp_path, pages(pdf_file.MOST_PAGES + 1)).problems
    assert (problem.code, problem.found) == ("pdf-too-large", "1,001 pages")
    assert problem.expected == "at most 1,000 pages, 2 GiB of memory and 300 seconds"


def test_one_that_needs_too_much_time_or_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = koriyama_pdf(koriyama_grid(), goals_for(koriyama()))
    monkeypatch.setattr(pdf_file, "MOST_SECONDS", 1)
    assert refused(tmp_path, data * 1)[0] == "pdf-too-large"
    monkeypatch.setattr(pdf_file, "MOST_SECONDS", 60)
    monkeypatch.setattr(pdf_file, "MOST_MEMORY_BYTES", 100 << 20)
    assert refused(tmp_path, data)[0] == "pdf-too-large"


def test_ruling_lines_that_would_take_too_long_are_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    page = canvas.Canvas(out, (1500, 1500))
    for at in range(0, 1500, 10):
        page.line(at, 0, at, 1500)
        page.line(0, at, 1500, at)
    page.save()
    expected = ("pdf-too-large", "150 times 150 ruling lines on page 1")
    assert refused(tmp_path, out.getvalue()) == expected
