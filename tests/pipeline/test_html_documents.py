"""HTML documents: tables with merged cells, pictures by their names, text around them."""

from __future__ import annotations

import html
from pathlib import Path

import pytest

from kg.checking import check_plan
from kg.extract.plan import Extraction
from kg.records import Plan
from kg.settings import Settings
from tests.pipeline.documents import FOLDER, koriyama, read
from tests.pipeline.sheets import differences, folder_of, koriyama_grid

NAMES = ("貧困をなくそう", "飢餓をゼロに", "すべての人に健康と福祉を")


def page(body: str, charset: str = "utf-8") -> bytes:
    text = (
        f'<!DOCTYPE html>\n<html lang="ja"><head><meta charset="{charset}">'
        "<title>2019年度実施計画</title><style>td { color: red }</style></head>\n"
        "<body><nav><p>2020年度実施計画</p></nav>\n<main>\n"
        f"{body}\n</main><footer>2018年度実施計画</footer></body></html>\n"
    )
    return text.encode({"shift_jis": "cp932"}.get(charset, charset))


def table(rows: list[list[str]]) -> str:
    lines = ("<tr>" + "".join(f"<td>\n  {cell}\n</td>" for cell in row) + "</tr>" for row in rows)
    return "<table>\n" + "\n".join(lines) + "\n</table>"


def koriyama_page() -> str:
    """Koriyama's grid as a page; what is left of icons, blanks, means nothing in HTML."""
    parts: list[str] = []
    rows: list[list[str]] = []
    for row in koriyama_grid():
        if len(row) > 1:
            rows.append([html.escape(cell) for cell in row])
            continue
        if rows:
            parts.append(table(rows))
            rows = []
        parts += [f"<p>{html.escape(cell)}</p>" for cell in row]
    return "\n".join([*parts, table(rows)] if rows else parts)


def read_page(tmp_path: Path, data: bytes) -> Extraction:
    folder = folder_of(tmp_path, "plan.html", data)
    file = folder / "plan.toml"
    text = file.read_text(encoding="utf-8").replace('icons = "spaces"\n', "")
    file.write_text(text, encoding="utf-8")
    return read(folder)


def without_icons(tmp_path: Path) -> Plan:
    folder = folder_of(tmp_path / "md", "plan.md", (FOLDER / "plan.md").read_bytes())
    file = folder / "plan.toml"
    text = file.read_text(encoding="utf-8").replace('icons = "spaces"\n', "")
    file.write_text(text, encoding="utf-8")
    plan = read(folder).plan
    assert plan is not None
    return plan


@pytest.mark.parametrize(
    ("charset", "said"),
    [("utf-8", "UTF-8"), ("shift_jis", "CP932 (Shift_JIS)"), ("euc_jp", "EUC-JP")],
)
def test_a_page_gives_the_records_of_the_markdown(tmp_path: Path, charset: str, said: str) -> None:
    named = charset.replace("euc_jp", "euc-jp")
    body = koriyama_page()
    data = (
        page(body, charset)
        if charset != "euc_jp"
        else page(body)
        .replace(b'charset="utf-8"', f'charset="{named}"'.encode())
        .decode()
        .encode("euc_jp")
    )
    extraction = read_page(tmp_path, data)
    assert [str(problem) for problem in extraction.problems] == []
    assert extraction.plan and differences(without_icons(tmp_path), extraction.plan) == []
    assert extraction.said == (f"read as {said}",)


def small(rows: str) -> bytes:
    head = "<tr><th>番号</th><th>事業名</th><th>担当課</th><th>SDGs</th></tr>"
    return page(
        f"<h2>基本施策1 人づくり</h2>\n<table><caption>一覧</caption>\n{head}\n{rows}</table>"
    )


def plan_of(tmp_path: Path, rows: str) -> Plan:
    plan = read_page(tmp_path, small(rows)).plan
    assert plan is not None
    return plan


def test_pictures_count_by_their_names(tmp_path: Path) -> None:
    icons = "".join(f'<img src="{n}.png" alt="目標{n} {name}">' for n, name in enumerate(NAMES, 1))
    plan = plan_of(tmp_path, f"<tr><td>1<td>まちあるき事業<td>市民課<td>{icons}</tr>")
    assert [link.goal for link in plan.projects[0].stated_links] == [1, 2, 3]
    assert plan.projects[0].policy == "1"
    assert plan.projects[0].origin.where == "line 8"
    extraction = read_page(
        tmp_path,
        small('<tr><td>1<td>まちあるき事業<td>市民課<td><img src="1.png"><img alt=""></tr>'),
    )
    assert "pictures without a text (alt) in cells are not read: 2" in extraction.said


def test_merged_cells_belong_to_every_row(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        "<tr><td>1<td>まちあるき事業<td rowspan=2>市民課<td>3</tr>"
        "<tr><td>2<td>花<ruby>壇<rt>だん</rt></ruby>事業<td>11&nbsp;</tr>",
    )
    found = [(p.number, p.name, p.printed_unit) for p in plan.projects]
    assert found == [(1, "まちあるき事業", "市民課"), (2, "花壇事業", "市民課")]
    assert [[link.goal for link in p.stated_links] for p in plan.projects] == [[3], [11]]


def test_a_table_that_arranges_the_page_is_none(tmp_path: Path) -> None:
    inner = small("<tr><td>1<td>まちあるき事業<td>市民課<td>3</tr>").decode()
    start, end = inner.index("<h2>"), inner.index("</main>")
    body = f"<table><tr><td>お知らせ</td><td>{inner[start:end]}</td></tr></table>"
    extraction = read_page(tmp_path, page(body))
    assert extraction.plan and [p.number for p in extraction.plan.projects] == [1]
    assert "お知らせ" in [line.text for line in extraction.unused]


def test_a_hidden_row_is_asked_about(tmp_path: Path) -> None:
    row = '<tr style="display: none"><td>1<td>まちあるき事業<td>市民課<td>3</tr>'
    extraction = read_page(tmp_path, small(row))
    told = [problem for problem in extraction.problems if problem.code == "hidden"]
    assert [(p.origin.where, p.statement) for p in told] == [
        ("line 8", "the row is hidden and has text")
    ]


def test_bytes_of_another_encoding_are_reported_with_their_line(tmp_path: Path) -> None:
    data = small("<tr><td>1<td>まちあるき事業<td>市民課<td>3</tr>")
    damaged = data.replace("まち".encode(), "まち".encode()[:-1])
    told = next(p for p in read_page(tmp_path, damaged).problems if p.code == "document-bytes")
    assert (told.origin.where, told.found) == ("line 8", "e3 81")


def test_totals_that_do_not_agree_are_refused_with_their_line(tmp_path: Path) -> None:
    body = koriyama_page().replace("実施事業数 72", "実施事業数 73")
    folder = folder_of(tmp_path, "plan.html", page(body))
    found = check_plan(folder, Settings(), "shacl").problems
    line = page(body).decode().split("\n").index("<p>【2021 年度実施事業数 73】</p>") + 1
    assert ("C03", f"line {line}") in [(p.code, p.origin.where) for p in found]
    assert koriyama().project_count


def test_cells_that_claim_too_many_columns_are_refused(tmp_path: Path) -> None:
    row = "<tr>" + '<td colspan="1000">x' * 2000 + "</tr>"
    extraction = read_page(tmp_path, small(row))
    assert extraction.plan is None
    assert [(p.code, p.found) for p in extraction.problems] == [
        ("document-too-large", "2,000,000 columns")
    ]


def test_a_cell_of_goals_with_a_nameless_picture_alone_is_a_problem(tmp_path: Path) -> None:
    rows = (
        '<tr><td>1<td>まちあるき事業<td>市民課<td><img src="1.png"></tr>\n'
        '<tr><td>2<td>花いっぱい事業<td>市民課<td>目標3<img src="2.png"></tr>\n'
        '<tr><td>3<td>水やり事業<td>市民課<td>－<img src="3.png"></tr>\n'
        "<tr><td>4<td>草とり事業<td>市民課<td></tr>"
    )
    problems = read_page(tmp_path, small(rows)).problems
    told = [(p.origin.where, p.found) for p in problems if p.code == "pictures-unread"]
    assert told == [("line 8", "line 8")]
