"""/report/…: a plan's validation report as sentences and as data, and the reconciliation."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, Graph, Literal
from rdflib.namespace import SH

from kg.settings import Settings
from server import create_app
from server.application import close_app
from server.pages.reconciliation import Cell, Compared
from tests.http.reading import BROWSER, ENGLISH, words

REPORT = "report/072036/kyodo-2/2021"


def rows(text: str, caption: str) -> list[list[str]]:
    """The cells of the body of the table with that caption."""
    table = text.partition(f"<caption>{caption}</caption>")[2].partition("</table>")[0]
    body = table.partition("<tbody")[2]
    return [
        [words(f"<main>{cell}</main>") for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)
    ]


def test_the_data_are_the_file_of_the_release(pages: FlaskClient, koriyama_var: Path) -> None:
    published = koriyama_var / "current/dumps/072036/kyodo-2/2021/report.ttl"
    dumped = pages.get("/dumps/072036/kyodo-2/2021/report.ttl")
    for path, headers in (
        (f"/{REPORT}.ttl", {}),
        (f"/{REPORT}.ttl", BROWSER),
        (f"/{REPORT}", {}),
        (f"/{REPORT}", {"Accept": "text/turtle"}),
    ):
        answer = pages.get(path, headers=headers)
        assert (answer.status_code, answer.mimetype) == (200, "text/turtle")
        assert answer.data == published.read_bytes()
        assert answer.headers["ETag"] == dumped.headers["ETag"]
        unchanged = {**headers, "If-None-Match": answer.headers["ETag"]}
        assert pages.get(path, headers=unchanged).status_code == 304
    assert "Accept" in pages.get(f"/{REPORT}").headers["Vary"]


def test_only_page_and_turtle_are_offered(pages: FlaskClient) -> None:
    answer = pages.get(f"/{REPORT}", headers={"Accept": "image/png"})
    assert (
        json.loads(answer.data)["detail"] == "Accept: image/png. Ask for text/turtle or text/html."
    )
    assert pages.get(f"/{REPORT}", headers=BROWSER).mimetype == "text/html"


@pytest.mark.parametrize(("language", "headers"), [("ja", BROWSER), ("en", ENGLISH)])
def test_every_result_is_shown_in_the_words_of_the_report(
    pages: FlaskClient, language: str, headers: dict[str, str]
) -> None:
    graph = Graph().parse(data=pages.get(f"/{REPORT}.ttl").data, format="turtle")
    text = pages.get(f"/{REPORT}", headers=headers).text
    plain = html.unescape(re.sub(r"</?bdi[^>]*>", "", text))
    results = list(graph.subjects(RDF.type, SH.ValidationResult))
    assert len(results) == 72
    for result in results:
        (sentence,) = (
            m for m in graph.objects(result, SH.resultMessage)
            if isinstance(m, Literal) and m.language == language
        )  # fmt: skip
        number, project = str(result).rpartition("#")[2], graph.value(result, SH.value)
        path = str(project).removeprefix("https://w3id.org/jp-sdgplan/id")
        row = plain.partition(f'id="result-{number}">')[2].partition("</tr>")[0]
        assert f">{sentence}<" in row
        assert f'href="/doc{path}"' in row
        assert 'href="/doc/072036/plan/kyodo-2/2021"' in row


def test_equal_warnings_are_grouped_and_folded(pages: FlaskClient) -> None:
    text = pages.get(f"/{REPORT}", headers=BROWSER).text
    assert "問題 0件 ご注意 72件" in words(text)
    assert rows(text, "規則ごとの結果の数（問題、ご注意の順、規則の番号順）") == [
        ["C14 関連付け〔linked〕件、アイコン〔icons〕個です。", "ご注意", "72"]
    ]
    assert 'href="/shapes#C14"' in text
    assert 'id="C14"' in pages.get("/shapes", headers=BROWSER).text
    assert rows(text, "C14の結果 3件（全72件、報告の順）") == [
        ["No. 1 人材育成推進事業（78行目）: 関連付け0件、アイコン1個です。（C14）",
         "2021年度 › No.1", "78"],
        ["No. 2 わかもの政策討論事業（79行目）: 関連付け0件、アイコン3個です。（C14）",
         "2021年度 › No.2", "79"],
        ["No. 3 ユニバーサルデザイン推進事業（80行目）: 関連付け0件、アイコン2個です。（C14）",
         "2021年度 › No.3", "80"],
    ]  # fmt: skip
    folded = text.partition("<details>")[2].partition("</details>")[0]
    assert "<summary>ほか69件を表示</summary>" in folded
    assert len(rows(folded, "C14の結果の続き 69件")) == 69


def test_the_document_beside_what_was_read(pages: FlaskClient) -> None:
    text = pages.get(f"/{REPORT}", headers=BROWSER).text
    assert rows(text, "資料の数と読み取った数") == [
        ["事業数", "72 11行目", "72", "一致"],
        ["のべ数（アイコンの合計）", "121 61行目", "121", "一致"],
        ["のべ数（ゴール別の合計）", "121 61行目", "121", "一致"],
        ["見直し（表の合計と一覧の件数）", "8", "8", "一致"],
    ]
    policies = rows(text, "事業数: 資料の当年度の欄と、一覧で読み取った数（施策番号順）")
    assert [row[0].partition(" ")[0] for row in policies] == [str(n) for n in range(1, 8)]
    assert [row[1:] for row in policies] == [
        [f"{count}件 {line}行目", f"{count}件", "一致"]
        for line, count in enumerate((5, 4, 5, 15, 9, 19, 15), 16)
    ]
    goals = rows(text, "事業数: 資料のゴール別の表と、関連付けられた事業（ゴール番号順）")
    assert len(goals) == 17
    assert goals[6] == ["7 ゴール7 エネルギーをみんなに そしてクリーンに", "0件（掲載なし） 71行目",
                        "不明", "照合できません"]  # fmt: skip
    assert {tuple(row[2:]) for row in goals} == {("不明", "照合できません")}
    assert "不明は0件の意味ではありません。" in words(text)


def test_the_plan_page_leads_to_its_report(pages: FlaskClient) -> None:
    plan = pages.get("/doc/072036/plan/kyodo-2/2021", headers=ENGLISH).text
    assert f'href="/{REPORT}"' in plan
    text = pages.get(f"/{REPORT}?lang=en", headers=BROWSER).text
    assert 'href="/doc/072036/plan/kyodo-2/2021?lang=en"' in text
    assert "<h1>Validation report and reconciliation</h1>" in text
    assert f'<link rel="alternate" type="text/turtle" href="/{REPORT}.ttl" title="Turtle">' in text


def test_linked_projects_stand_beside_the_published_counts_of_goals(two_cities: Path) -> None:
    """例市: stated and curated links; no more are known than the document counts."""
    app = create_app(Settings(query_workers=1, rate_limit=""), two_cities)
    try:
        text = app.test_client().get("/report/990019/kyodo/2021", headers=BROWSER).text
    finally:
        close_app(app)
    goals = rows(text, "事業数: 資料のゴール別の表と、関連付けられた事業（ゴール番号順）")
    linked = {1, 2, 3, 4, 11, 12, 13, 17}
    assert [row[2:] for row in goals] == [
        ["1件" if goal in linked else "0件", "一致"] for goal in range(1, 18)
    ]
    assert "問題 0件 ご注意 0件" in words(text)
    assert "どの規則にも結果はありませんでした。" in words(text)
    assert "関連付けは途中です。" in words(text)
    assert (
        '<span class="chip">試験用データ</span>' in text.partition("<h1>")[2].partition("</h1>")[0]
    )


@pytest.mark.parametrize(
    ("published", "found", "is_partial", "agrees"),
    [
        (3, 3, False, True), (3, 3, True, True), (3, 2, False, False), (3, 2, True, None),
        (3, 4, True, False), (0, 0, False, True), (None, 3, False, None), (3, None, False, None),
    ],
)  # fmt: skip
def test_numbers_are_compared_only_where_both_are_known(
    published: int | None, found: int | None, is_partial: bool, agrees: bool | None
) -> None:
    cell = Cell(published, "", None, None)
    assert Compared("1", None, None, cell, found, is_partial).agrees is agrees


@pytest.mark.parametrize(
    "path",
    ["072036/kyodo-2/2020", "072036/kyodo-2/2021.nt", "072036/kyodo-3/2021", "1/2/x", "072036"],
)
def test_what_is_no_plan_has_no_report(pages: FlaskClient, path: str) -> None:
    for suffix in ("", ".ttl"):
        assert pages.get(f"/report/{path}{suffix}").status_code == 404


def test_the_report_of_a_withdrawn_plan_is_gone(client: FlaskClient) -> None:
    for path in ("/report/072036/old/2019", "/report/072036/old/2019.ttl"):
        answer = client.get(path)
        assert (answer.status_code, json.loads(answer.data)["detail"]) == (
            410,
            "<https://w3id.org/jp-sdgplan/id/072036/plan/old/2019/graph/report> belongs to a plan "
            "that was withdrawn. Its published versions are listed at "
            "http://localhost:8000/changes/072036/old/2019.",
        )
    page = client.get("/report/072036/old/2019", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (410, "text/html")


def test_a_plan_without_a_report_says_so(client: FlaskClient) -> None:
    assert client.get(f"/{REPORT}.ttl").status_code == 404
    text = client.get(f"/{REPORT}", headers=BROWSER).text
    assert "この計画の検証結果は、この版のデータに収録されていません。" in words(text)
    assert "一致" not in words(text)
