"""/queries and /queries/{name}: the questions, and their answers as pages and as files."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from kg.examples import Example, examples
from kg.resources import ontology_dir
from server import examples as served
from server.engine import Engine
from server.errors import unavailable
from tests.http.asking import ask, problem
from tests.http.reading import BROWSER, ENGLISH, words

NAMES = [example.name for example in examples()]
each_query = pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)

Cells = list[list[str]]


@pytest.fixture
def afresh() -> Iterator[None]:
    """Nothing is known of any answer, before and after.

    Pages that were made are kept all the same: such tests ask at addresses of their own.
    """
    served._kept.clear()
    yield
    served._kept.clear()


def text_of(piece: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", piece)).split())


def cells_of(page: str) -> Cells:
    """Row by row, as HTML."""
    body = page.partition("<tbody")[2].partition("</tbody>")[0]
    rows = body.split("</tr>")[:-1]
    return [re.findall(r"<t[hd] [^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]


def rows_of(page: str) -> Cells:
    return [[text_of(cell) for cell in row] for row in cells_of(page)]


def named(name: str) -> Example:
    return next(one for one in examples() if one.name == name)


def bindings(client: FlaskClient, example: Example) -> list[dict[str, Any]]:
    found = json.loads(ask(client, example.text, format="json").data)["results"]["bindings"]
    assert isinstance(found, list)
    return found


OF_INDICATORS_AND_REPORTS = ("cq22", "cq23", "cq24")
"""The plans of the demonstration print neither; see test_measure_pages.py."""


@each_query
def test_the_page_shows_the_rows_of_the_endpoint(demo: FlaskClient, example: Example) -> None:
    page = demo.get(f"/queries/{example.name}", headers=BROWSER).text
    document = json.loads(ask(demo, example.text, format="json").data)
    columns, rows = document["head"]["vars"], document["results"]["bindings"]
    assert bool(rows) == (example.name not in (*OF_INDICATORS_AND_REPORTS, "cq21"))
    if not rows:
        assert "この問い合わせの結果は0行です。" in page
        return
    iris = dict(re.findall(r'<dt class="mono">(.*?)</dt><dd class="mono">(.*?)</dd>', page))
    shown = [
        [iris[text_of(cell)] if 'class="mono"' in cell else text_of(cell) for cell in row]
        for row in cells_of(page)
    ]
    assert shown == [
        [" ".join(row[name]["value"].split()) if name in row else "値なし" for name in columns]
        for row in rows
    ]
    assert re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page) == columns
    assert f"全{len(rows)}行（問い合わせ文の順）" in page


@each_query
def test_the_files_are_the_endpoints_own_answers(pages: FlaskClient, example: Example) -> None:
    for extension, form in (("csv", "csv"), ("json", "json"), ("csv", "excel-csv")):
        query = "" if extension == form else f"?format={form}"
        answer = pages.get(f"/queries/{example.name}.{extension}{query}", headers=BROWSER)
        own = ask(pages, example.text, format=form)
        assert answer.data == own.data
        for name in ("Content-Type", "ETag", "X-Release", "Cache-Control"):
            assert answer.headers[name] == own.headers[name]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Vary"] == "Accept-Encoding"
        release = answer.headers["X-Release"]
        kept = f"{query}&release={release}" if query else f"?release={release}"
        place = f"queries/{example.name}.{extension}{kept}"
        assert answer.headers["Content-Location"] == f"http://localhost:8000/{place}"
        assert pages.get(f"/{place}").data == answer.data
        head = pages.head(f"/queries/{example.name}.{extension}{query}")
        assert (head.status_code, head.data, head.headers["ETag"]) == (
            200, b"", answer.headers["ETag"],
        )  # fmt: skip
        again = pages.get(
            f"/queries/{example.name}.{extension}{query}",
            headers={"If-None-Match": answer.headers["ETag"]},
        )
        assert (again.status_code, again.data) == (304, b"")


def test_a_spreadsheet_gets_a_byte_order_mark_and_a_name(pages: FlaskClient) -> None:
    answer = pages.get("/queries/cq12.csv?bom=1&download=1")
    assert answer.data.startswith(b"\xef\xbb\xbfgoal,number,")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="cq12.csv"')


@each_query
def test_the_text_is_the_file_of_the_ontology(pages: FlaskClient, example: Example) -> None:
    answer = pages.get(f"/queries/{example.name}.rq")
    assert answer.content_type == "application/sparql-query; charset=utf-8"
    assert answer.data == (ontology_dir() / "queries" / f"{example.name}.rq").read_bytes()
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert pages.get(f"/queries/{example.name}.rq", headers=tag).status_code == 304
    page = pages.get(f"/queries/{example.name}", headers=BROWSER).text
    assert f"<code>{html.escape(example.text).replace('&quot;', '&#34;')}</code>" in page


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/sparql-results+json"),
        ("application/json", "application/sparql-results+json"),
        ("text/csv", "text/csv"),
        ("application/sparql-query", "application/sparql-query"),
        (BROWSER["Accept"], "text/html"),
    ],
)
def test_without_an_extension_accept_decides(
    pages: FlaskClient, accept: str, media_type: str
) -> None:
    answer = pages.get("/queries/cq04", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, media_type)
    assert "Accept," in f"{answer.headers['Vary']},".replace(" ", "")


def test_what_is_not_there_is_a_404_in_the_frame(pages: FlaskClient) -> None:
    for path in ("cq99", "cq04.xml", "cq04.", "cq99.csv", "ic01", "cq04.csv.gz", ".csv"):
        answer = pages.get(f"/queries/{path}", headers=BROWSER)
        assert (answer.status_code, answer.mimetype) == (404, "text/html"), path
        assert "ページが見つかりません" in answer.text
        assert problem(pages.get(f"/queries/{path}"))[0] == 404
    assert pages.post("/queries/cq04.csv").status_code == 405
    assert problem(pages.get("/queries/cq04", headers={"Accept": "image/png"}))[0] == 406
    old = pages.get("/queries/cq04.csv?release=20200101T000000Z-1a2b3c4d")
    assert problem(old)[:2] == (404, "Release not kept")


def test_the_list_counts_the_rows_of_every_answer(demo: FlaskClient) -> None:
    page = demo.get("/queries", headers=BROWSER).text
    assert [row[0] for row in rows_of(page)] == [example.number for example in examples()]
    listed = json.loads(demo.get("/queries", headers={"Accept": "application/json"}).data)
    for row, example, entry in zip(rows_of(page), examples(), listed["queries"], strict=True):
        total = len(bindings(demo, example))
        assert row[2] == f"{total:,}"
        assert (entry["name"], entry["rows"]) == (example.name, total)
        assert entry["csv"] == f"http://localhost:8000/queries/{example.name}.csv"
        assert dict(example.questions)["ja"] in row[1] and dict(example.titles)["ja"] in row[1]
        assert f'href="/queries/{example.name}"' in page
        assert f'href="/sparql?example={example.name}#query"' in page


@pytest.mark.usefixtures("afresh")
def test_the_rows_are_counted_once_for_a_release(
    pages: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    answer = Engine.answer

    def counting(engine: Engine, query: Any, *arguments: Any) -> Any:
        asked.append(query.text)
        return answer(engine, query, *arguments)

    monkeypatch.setattr(Engine, "answer", counting)
    pages.get("/queries/cq12?once", headers=BROWSER)
    assert asked == [named("cq12").text]
    first = pages.get("/queries?once", headers=BROWSER)
    assert sorted(asked) == sorted(example.text for example in examples())
    assert first.headers["Cache-Control"] == "public, max-age=300"
    second = pages.get("/queries?once", headers=BROWSER)
    assert (second.text, second.headers["ETag"]) == (first.text, first.headers["ETag"])
    pages.get("/queries/cq04?once", headers=BROWSER)
    assert len(asked) == len(examples())
    again = pages.get("/queries?once", headers={**BROWSER, "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.usefixtures("afresh")
def test_a_query_that_takes_too_long_has_no_number_and_a_503(
    pages: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Engine.answer

    def slow(engine: Engine, query: Any, *arguments: Any) -> Any:
        if query.text == named("cq08").text:
            raise unavailable("Query took too long", "Stopped.", 60, "timeout")
        return answer(engine, query, *arguments)

    monkeypatch.setattr(Engine, "answer", slow)
    listed = pages.get("/queries?slow", headers=BROWSER)
    numbers = {row[0]: row[2] for row in rows_of(listed.text)}
    assert numbers.pop("CQ8") == "時間内に数えられず"
    assert all(number.isdecimal() for number in numbers.values())
    assert listed.headers["Cache-Control"] == "public, max-age=300"
    for path in ("cq08", "cq08.csv"):
        refused = pages.get(f"/queries/{path}?slow", headers=BROWSER)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
        assert "いまはお答えできません" in refused.text


@pytest.mark.usefixtures("afresh")
def test_numbers_that_are_not_known_yet_are_there_the_next_time(
    pages: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, busy = Engine.answer, [True]

    def crowded(engine: Engine, query: Any, *arguments: Any) -> Any:
        if busy[0]:
            raise unavailable("Too many queries", "Busy.", 10, "refused")
        return answer(engine, query, *arguments)

    monkeypatch.setattr(Engine, "answer", crowded)
    first = pages.get("/queries?busy", headers=BROWSER)
    assert {row[2] for row in rows_of(first.text)} == {"数えています"}
    assert first.headers["Cache-Control"] == "no-cache"
    busy[0] = False
    second = pages.get("/queries?busy", headers=BROWSER)
    assert all(row[2].isdecimal() for row in rows_of(second.text))


@pytest.mark.usefixtures("afresh")
def test_a_long_answer_is_cut_on_the_page_and_says_so(
    pages: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list(csv.reader(io.StringIO(pages.get("/queries/cq10.csv?cut").text)))
    assert len(whole) == 18
    monkeypatch.setattr(served, "MOST_ROWS", 3)
    page = pages.get("/queries/cq10?cut", headers=BROWSER).text
    assert "全17行中3行を表示。CSVには全行" in page
    assert [row[1] for row in rows_of(page)] == ["1", "2", "3"]
    assert "CSV（全17行）" in page
    english = pages.get("/queries/cq10?cut", headers=ENGLISH).text
    assert "Showing 3 of 17 rows. The CSV has all of them" in english


def test_no_rows_say_why(pages: FlaskClient) -> None:
    text = words(pages.get("/queries/cq01", headers=BROWSER).text)
    assert "この問い合わせの結果は0行です。データに該当がないためで、故障ではありません。" in text
    assert "いまの公開データでは0行です。どの計画にも、" in text
    english = words(pages.get("/queries/cq01", headers=ENGLISH).text)
    assert "0 rows: nothing in the data matches; this is not a fault." in english
    assert "No rows with the data published here" in english
    assert "No rows" not in words(pages.get("/queries/cq12", headers=ENGLISH).text)


def test_a_page_asks_in_both_languages_and_says_what_to_know(pages: FlaskClient) -> None:
    example = named("cq13")
    questions, notes = dict(example.questions), dict(example.notes)
    for headers, own, other in ((BROWSER, "ja", "en"), (ENGLISH, "en", "ja")):
        page = pages.get("/queries/cq13", headers=headers).text
        assert text_of(page.partition("<h1>")[2].partition("</h1>")[0]) == questions[own]
        assert f'<bdi lang="{other}">{questions[other]}</bdi>' in page
        assert text_of(notes[own]) in words(page)
        assert "CQ13" in page and pages.get("/healthz").json["release"] in page  # type: ignore[index]


def test_a_page_has_no_measured_time_and_says_in_english_why_names_are_japanese(
    pages: FlaskClient,
) -> None:
    """Without the time the same release gives the same bytes."""
    page = words(pages.get("/queries/cq04", headers=BROWSER).text)
    assert "秒" not in page and "英語の名前" not in page
    english = words(pages.get("/queries/cq04", headers=ENGLISH).text)
    assert "seconds" not in english and "The query asks for Japanese names" in english
    assert "asks for Japanese names" not in pages.get("/queries/cq12?format=rq").text
    note = words(pages.get("/queries/cq09", headers=ENGLISH).text)
    assert "linked is 0 because it is unknown, not because there are none" in note


def test_an_answer_with_estimates_says_so(pages: FlaskClient) -> None:
    caution = "この答えには、機械による推定（参考）が含まれます。自治体の公表ではありません。"
    found = {
        name for name in NAMES
        if caution in words(pages.get(f"/queries/{name}", headers=BROWSER).text)
    }  # fmt: skip
    assert found == {"cq02", "cq13", "cq14", "cq15", "cq16"}


def test_a_page_with_a_made_up_city_says_so(demo: FlaskClient, pages: FlaskClient) -> None:
    for client, is_there in ((demo, True), (pages, False)):
        page = client.get("/queries/cq10", headers=BROWSER).text
        heading = page.partition("<h1>")[2].partition("</h1>")[0]
        assert ("試験用データ" in heading) == is_there


def test_cells_lead_to_our_pages(pages: FlaskClient) -> None:
    page = pages.get("/queries/cq10?lang=en", headers=BROWSER).text
    for path, name in (
        ("/goals/1", "sdg:1"),
        ("/doc/072036", "072036"),
        ("/doc/072036/plan/kyodo-2/2021", "072036/plan/kyodo-2/2021"),
    ):
        assert f'<a class="mono" href="{path}?lang=en">{name}</a>' in page
    assert '<bdi lang="ja">郡山市</bdi>' in page


def test_the_sitemap_names_every_query(pages: FlaskClient) -> None:
    text = pages.get("/sitemap.xml").text
    for path in ("queries", *(f"queries/{name}" for name in NAMES)):
        assert f"<loc>http://localhost:8000/{path}</loc>" in text
