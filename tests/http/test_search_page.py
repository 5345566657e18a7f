"""/search as a page and as CSV: its words, what it refuses, and the release that it follows."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

import server.finding
from kg import pipeline
from kg.settings import Settings
from server import create_app
from server.application import close_app
from server.finding import Finder
from tests.http.asking import Reading
from tests.http.reading import BROWSER, ENGLISH, words
from tests.http.searching import all_rows, asked, page

ROOT = Path(__file__).resolve().parents[2]


def test_what_is_only_in_the_review_list_is_said_so(pages: FlaskClient) -> None:
    text = words(page(pages, "Wi-Fi"))
    told = "掲載事業に「Wi-Fi」はありません。見直しの一覧に1件あります:Wi-Fi環境整備事業（完了）。"
    assert told in text.replace(" ", "")
    english = words(page(pages, "Wi-Fi", ENGLISH))
    told = "No listed project has “Wi-Fi”. 1 in the review list: Wi-Fi 環境整備事業 ( completed )."
    assert told in english


@pytest.mark.parametrize(
    ("headers", "nothing", "filtered"),
    [
        (BROWSER, "見つかりませんでした。かな・漢字を変えるか、1〜2文字でもお試しください。",
         "条件に合うものはありません。 条件を外す"),
        (ENGLISH, "Nothing found. Try another spelling; one or two characters work too.",
         "Nothing matches. Clear filters"),
    ],
)  # fmt: skip
def test_nothing_found_is_said_and_leads_on(
    pages: FlaskClient, headers: dict[str, str], nothing: str, filtered: str
) -> None:
    assert nothing in words(page(pages, "ぬぬぬ", headers))
    assert filtered in words(page(pages, "水", headers, year="1999"))


def test_without_words_there_are_examples_that_find_something(pages: FlaskClient) -> None:
    for query in ("", " 　", "\u200b"):
        text = page(pages, query)
        examples = re.findall(r'<li><a href="/search\?q=([^"]*)">.*?>(\d+)件<', text)
        assert len(examples) >= 5
        for value, number in examples:
            address = f"/search?q={value}"
            assert json.loads(pages.get(address).data)["total"] == int(number)
    assert asked(pages, "")["rows"] == []


def test_the_made_up_city_says_so(search_client: FlaskClient) -> None:
    text = page(search_client, "架空", kind="plan")
    heading = text.partition("<h1>")[2].partition("</h1>")[0]
    assert '<span class="chip">試験用データ</span>' in heading
    assert "試験用データ" not in page(search_client, "水", municipality="072036")


@pytest.mark.parametrize(
    ("query", "title", "detail"),
    [
        (f"q={'a' * 201}", "Search text too long",
         "q has 201 characters; at most 200 can be searched for."),
        ("q=a&kind=table", "Unknown kind",
         "kind is one of project, target, unit, goal, policy, change, plan, municipality."),
        ("q=a&year=x", "Unknown year", "year is a number from 1 to 4094."),
        ("q=a&goal=18", "Unknown goal", "goal is a number from 1 to 17."),
        ("q=a&page=0", "Unknown page", "page is a number from 1 to 999999."),
        ("q=a&municipality=1;2", "Unknown municipality",
         "municipality is a number from 1 to 999999."),
        ("q=a&prefecture=%EF%BC%91", "Unknown prefecture", "prefecture is a number from 1 to 99."),
    ],
)  # fmt: skip
def test_what_cannot_be_searched_is_refused_clearly(
    search_client: FlaskClient, query: str, title: str, detail: str
) -> None:
    answer = search_client.get(f"/search?{query}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert (answer.json["title"], answer.json["detail"]) == (title, detail)
    for headers in (BROWSER, ENGLISH):
        refused = search_client.get(f"/search?{query}", headers=headers)
        assert (refused.status_code, refused.mimetype) == (400, "text/html")
        assert detail in words(refused.text)


def test_a_query_that_is_too_long_is_told_so_on_a_page(search_client: FlaskClient) -> None:
    text = search_client.get(f"/search?q={quote('水' * 201)}", headers=BROWSER).text
    assert "検索できるのは200文字までです。短くしてお試しください。" in words(text)
    assert search_client.get(f"/search?q={quote('水' * 200)}").status_code == 200


def test_a_search_that_takes_too_long_is_given_up(
    search_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.finding, "LIMIT_S", -1)
    monkeypatch.setattr(server.finding, "_STEPS", 1)
    answer = search_client.get("/search?q=事", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["title"]) == (503, "Search took too long")
    assert answer.headers["Retry-After"] == "10"
    monkeypatch.undo()
    assert asked(search_client, "事")["total"] > 0


def test_csv_has_all_entries_and_is_safe_for_spreadsheets(search_client: FlaskClient) -> None:
    total = asked(search_client, "事業", kind="project")["total"]
    assert total > 50
    answer = search_client.get("/search?q=事業&kind=project", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert len(rows) == total
    assert list(rows[0]) == [
        "kind", "municipality_code", "municipality_name", "fiscal_year", "number", "name", "unit",
        "field", "excerpt", "iri",
    ]  # fmt: skip
    assert rows[0]["municipality_code"] == "072036"
    assert [row["iri"] for row in rows] == [
        row["iri"] for row in all_rows(search_client, "事業", kind="project")
    ]
    sheet = search_client.get("/search?q=事業&kind=project&format=excel-csv")
    assert sheet.data.startswith(b"\xef\xbb\xbfkind,") and sheet.mimetype == "text/csv"
    text = page(search_client, "事業", kind="project")
    assert f"CSV（Excel対応・全{total}件）" in text
    assert "format=excel-csv" in text


def test_a_long_csv_says_on_the_page_that_it_is_a_part(
    search_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("server.search", "server.pages.search"):
        monkeypatch.setattr(f"{module}.MOST_CSV_ROWS", 60)
    total = asked(search_client, "事業")["total"]
    assert f"CSV（Excel対応・全{total}件のうち初めの60件）" in page(search_client, "事業")
    assert search_client.get("/search?q=事業&format=csv").data.count(b"\r\n") == 61


def test_results_are_not_for_search_engines_and_the_empty_page_is(pages: FlaskClient) -> None:
    assert '<meta name="robots" content="noindex">' in page(pages, "水")
    assert '<link rel="canonical" href="http://localhost:8000/search">' in page(pages, "")


def test_english_pages_have_no_japanese_but_texts_of_the_data(search_client: FlaskClient) -> None:
    for query, more in (
        ("", {}), ("water", {}), ("a", {}), ("1", {}), ("2", {"municipality": "072036"}),
        ("2", {"kind": "target", "page": "2"}), ("zzz", {}),
    ):  # fmt: skip
        text = page(search_client, query, ENGLISH, **more)
        text = re.sub(r'<bdi lang="ja">.*?</bdi>', "", text, flags=re.DOTALL)
        text = re.sub(r'<a href="[^"]*" lang="ja"[^>]*>.*?</a>', "", text)
        assert re.findall("[\u3040-\u30ff\u4e00-\u9fff]+", words(text)) == [], query


def test_a_release_without_an_index_says_so(small: Any, tmp_path: Path) -> None:
    small.build(tmp_path)
    app = create_app(Settings(query_workers=1, rate_limit=""), tmp_path)
    try:
        client = Reading(app, app.response_class)
        answer = client.get("/search?q=水")
        assert (answer.status_code, answer.json["title"]) == (503, "No search index")
        told = "公開中のデータには検索用の索引がありません。計画一覧からお探しください。"
        assert told in words(client.get("/search?q=水", headers=BROWSER).text)
        assert told in words(client.get("/search", headers=BROWSER).text)
    finally:
        close_app(app)


def test_a_search_follows_the_release_that_is_served(tmp_path: Path) -> None:
    plans = tmp_path / "data" / "plans"
    shutil.copytree(ROOT / "tests" / "data" / "plans" / "reishi-2021", plans / "reishi-2021")
    options = pipeline.Options(validator="shacl")

    def build(hour: int) -> None:
        now = datetime(2026, 11, 24, hour, tzinfo=UTC)
        assert pipeline.build(tmp_path / "data", tmp_path / "var", Settings(), now, options).release

    build(1)
    app = create_app(Settings(query_workers=1, rate_limit=""), tmp_path / "var")
    try:
        client = Reading(app, app.response_class)
        assert (
            asked(client, "歩きます")["total"],
            asked(client, "走ります")["total"],
        ) == (1, 0)
        tag = client.get("/search?q=歩きます").headers["ETag"]
        again = client.get("/search?q=歩きます", headers={"If-None-Match": tag})
        assert again.status_code == 304
        for name, old, new in (
            ("plan.md", "まちを歩きます。", 'まちを<走ります>、&lt;と"。'),
            ("plan.toml", 'version = "1"', 'version = "2"'),
        ):
            path = plans / "reishi-2021" / name
            path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        build(2)
        assert (
            asked(client, "歩きます")["total"],
            asked(client, "走ります")["total"],
        ) == (0, 1)
        hostile = "まちを&lt;<mark>走ります</mark>&gt;、&amp;lt;と&#34;。"
        assert f"<bdi>{hostile}</bdi>" in page(client, "走ります")
        assert page(client, "<走").count("<mark>&lt;走</mark>") == 1
    finally:
        close_app(app)


def test_an_answer_that_is_kept_is_the_same_answer(
    search_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = ("Content-Type", "Content-Language", "Vary", "Cache-Control", "ETag")
    cases = [
        ({"Accept": "application/json"}, ""), (BROWSER, ""), (ENGLISH, ""), (BROWSER, "&lang=en"),
    ]  # fmt: skip

    def answers() -> list[tuple[bytes, list[str | None]]]:
        found = []
        for accept, more in cases:
            answer = search_client.get(f"/search?q=河川{more}", headers=accept)
            assert answer.status_code == 200
            found.append((answer.data, [answer.headers.get(name) for name in headers]))
        return found

    first = answers()
    assert len({body for body, _ in first}) == 4
    monkeypatch.setattr(Finder, "counts", None)  # nothing is searched for again
    assert answers() == first
    assert search_client.get("/search?q=河川&page=2", headers=BROWSER).status_code == 500
