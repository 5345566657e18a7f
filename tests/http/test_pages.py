"""The pages over the release built from Koriyama's real plan, and one with hostile names."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.examples import examples
from server.engine import Engine
from tests.http.reading import BROWSER

PLAN = "doc/072036/plan/kyodo-2/2021"
PUBLIC_URL = "http://localhost:8000/"
PAGES = (
    "", "doc/072036", "doc/072036/plan/kyodo-2", "doc/072036/plan/kyodo-2/2020", PLAN,
    f"{PLAN}/project/45", f"{PLAN}/project/63", f"{PLAN}/project/66", f"{PLAN}/project/1",
    "doc/072036/plan/kyodo-2/policy/6", "doc/072036/plan/kyodo-2/policy",
    "doc/072036/unit/858c572f", f"{PLAN}/project/34/target/1", f"{PLAN}/change/2",
    f"{PLAN}/change/5", f"{PLAN}/cube/sdg-goal/11", f"{PLAN}/cube/balance/6/new-or-added",
    f"{PLAN}/cube/balance-total/current", f"{PLAN}/cube/balance", f"{PLAN}/note/1",
    "doc/fy/2021", "doc/072036/source/kyodo-2-2021", "doc/072036/project/78393ec8",
    "sparql", "sparql?example=cq04", "ns", "shapes", "report/072036/kyodo-2/2021", "quality",
    "goals", "goals/11", "goals/14", "accessibility",
    "queries", "queries/cq01", "queries/cq04", "queries/cq08", "queries/cq10",
    "search", "search?q=%E6%B0%B4",
)  # fmt: skip
EXTERNAL_HOSTS = {
    "creativecommons.org", "data.e-stat.go.jp", "hojin-info.go.jp", "sws.geonames.org",
    "metadata.un.org", "yummydata.org", "www.wikidata.org", "purl.unep.org",
}  # fmt: skip
VOCABULARY_HOSTS = {
    "www.w3.org", "purl.org", "xmlns.com", "schema.org", "data.europa.eu", "spdx.org",
    "w3id.org",
}  # fmt: skip


class Reader(HTMLParser):
    """Elements with their attributes, and the visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def addresses(self) -> set[str]:
        values = (a.get(name) for _, a in self.elements for name in ("href", "src", "action"))
        return {value for value in values if value}

    def words(self) -> str:
        return " ".join("".join(self.text).split())


def read(client: FlaskClient, path: str, **headers: str) -> Reader:
    answer = client.get(f"/{path}", headers={**BROWSER, **headers})
    assert (answer.status_code, answer.mimetype) == (200, "text/html"), path
    return Reader(answer.text)


def test_the_goal_table_of_the_plan_equals_the_answer_of_a_query(pages: FlaskClient) -> None:
    query = """PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
        SELECT DISTINCT ?goal ?count { ?o a sp:GoalCountObservation ;
            sp:dimGoal ?goal ; sp:projectCount ?count }"""
    answer = json.loads(pages.get("/sparql", query_string={"query": query, "format": "json"}).data)
    expected = {
        int(row["goal"]["value"].rpartition("/")[2]): int(row["count"]["value"])
        for row in answer["results"]["bindings"]
    }
    assert (len(expected), sum(expected.values())) == (17, 121)
    for path, row in ((PLAN, "<tr><th.*?</tr>"), ("", '<li class="tile">.*?</li>')):
        text = pages.get(f"/{path}", headers=BROWSER).text
        found = {}
        for part in re.findall(row, text, re.DOTALL):
            goal = re.search(r'class="goal g(\d+)', part)
            count = re.search(r">(\d+)件", part)
            if goal and count:
                found[int(goal[1])] = int(count[1])
        assert found == expected, path
        assert text.count("0件（掲載なし）") == 4


def test_the_plan_lists_all_72_projects_and_its_figures(pages: FlaskClient) -> None:
    page = read(pages, PLAN)
    rows = {value for value in page.addresses() if re.fullmatch(rf"/{PLAN}/project/\d+", value)}
    assert len(rows) == 72
    words = page.words()
    for sentence in (
        "72 事業 3 新規・追加 121 ゴールとの関連（のべ） 35 数値目標 "
        "4 掲載事業のないゴール（7、12、14、15）",
        "資料は72事業・のべ121と記載。読み取り結果も72と121で一致しました。",
        "検証結果: 問題 0件、ご注意 72件。公開の条件を満たしています。",
        "施策1（5） 施策2（4） 施策3（5） 施策4（15） 施策5（9） 施策6（19） 施策7（15）",
        "計（資料に印字）7433印字「△ 3」",
        "統合先は資料に記載がありません。",
    ):
        assert sentence.replace(" ", "") in words.replace(" ", "").replace("−", ""), sentence


def test_a_count_without_goals_is_empty_squares_and_a_note(pages: FlaskClient) -> None:
    text = pages.get(f"/{PLAN}/project/63", headers=BROWSER).text
    main = text.partition("<main")[2].partition("</main>")[0]
    assert main.count('<span class="square">') == 6
    assert 'class="goal g' not in main
    assert "自治体の記載が欠けているのではありません。" in main
    words = Reader(main).words()
    assert "No.63 セーフコミュニティ推進事業" in words
    assert "どのゴールか不明（絵で掲載のため）" in words
    assert "197行目" in words
    other = read(pages, f"{PLAN}/project/45").words()
    assert "4個（168、169行目。続きの行と読みました）" in other


def test_a_unit_and_the_municipality_add_up_as_the_document(pages: FlaskClient) -> None:
    assert "3事業、関連のべ 10（2＋2＋6個）" in read(pages, "doc/072036/unit/858c572f").words()
    words = read(pages, "doc/072036").words()
    assert "組織（13の部・局、31の担当課）" in words
    order = ["総務部 5", "政策開発部 8", "市民部 11", "こども部 3", "教育総務部 7", "環境部 1",
             "保健福祉部 13", "農林部 8", "建設交通部 3", "上下水道局 1", "産業観光部 8",
             "文化スポーツ部 2", "学校教育部 2"]  # fmt: skip
    places = [words.index(f"{unit}事業") for unit in order]
    assert places == sorted(places)


@pytest.mark.parametrize("number", range(1, 8))
def test_a_policy_names_its_units_and_itself(pages: FlaskClient, number: int) -> None:
    words = read(pages, f"doc/072036/plan/kyodo-2/policy/{number}").words()
    assert "None" not in words
    if number == 6:
        assert "保健福祉部 › 保健所 › 健康政策課" in words
        assert "元気な遊びのひろば事業" in words


def test_the_year_before_is_only_a_number(pages: FlaskClient) -> None:
    words = read(pages, "doc/072036/plan/kyodo-2/2020").words()
    assert "この年度の計画は未収録です。" in words
    assert "公表事業数74（23行目）" in words


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", None, "ja"), ("", "en-GB,en;q=0.9", "en"), ("", "fr", "ja"),
        ("?lang=en", "ja", "en"), ("?lang=ja", "en", "ja"), ("?lang=xx", "en", "en"),
    ],
)  # fmt: skip
def test_the_language_is_asked_for_or_preferred_or_japanese(
    pages: FlaskClient, query: str, accepted: str | None, language: str
) -> None:
    headers = BROWSER if accepted is None else {**BROWSER, "Accept-Language": accepted}
    answer = pages.get(f"/{PLAN}{query}", headers=headers)
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]


def test_the_switch_stays_on_the_page_with_its_query(pages: FlaskClient) -> None:
    page = read(pages, "sparql?example=cq04&lang=en")
    assert "/sparql?example=cq04&lang=ja" in page.addresses()
    assert "/?lang=en" in page.addresses()
    assert "/" in read(pages, PLAN).addresses()


def test_english_pages_have_no_japanese_but_texts_of_the_data(pages: FlaskClient) -> None:
    japanese = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
    for path in PAGES:
        text = pages.get(f"/{path}", headers={**BROWSER, "Accept-Language": "en"}).text
        text = re.sub(r"<(pre|textarea|title)\b.*?</\1>", "", text, flags=re.DOTALL)
        text = re.sub(r'<(bdi|a|option)\b[^>]*lang="ja"[^>]*>.*?</\1>', "", text, flags=re.DOTALL)
        unmarked = [t for t in re.findall("<bdi>(.*?)</bdi>", text) if japanese.search(t)]
        assert unmarked == [], path
        interface = Reader(re.sub("<bdi>.*?</bdi>", "", text, flags=re.DOTALL)).words()
        assert japanese.findall(interface) == [], path


def test_pages_have_no_inline_style_or_script(pages: FlaskClient) -> None:
    for path in (*PAGES, "nothing"):
        page = Reader(pages.get(f"/{path}", headers=BROWSER).text)
        inline = [
            attributes.get("type")
            for tag, attributes in page.elements
            if tag in ("script", "style", "iframe")
            and not re.match(r"/static/[\w./-]+\.js\?v=", attributes.get("src") or "")
        ]
        assert set(inline) <= {"application/ld+json"}  # data, which no browser runs
        inline = {n for _, a in page.elements for n in a if n == "style" or n.startswith("on")}
        assert inline == set(), path
        assert [tag for tag, _ in page.elements if tag == "h1"] == ["h1"], path


def test_links_answer_and_lead_to_no_unknown_host(pages: FlaskClient) -> None:
    asked: dict[str, int] = {}
    for path in PAGES:
        page = read(pages, path)
        ids = {a["id"] for _, a in page.elements if a.get("id")}
        for address in page.addresses():
            parts = urlsplit(html.unescape(address))
            if parts.netloc and not address.startswith(PUBLIC_URL):
                assert parts.netloc in EXTERNAL_HOSTS | VOCABULARY_HOSTS, (path, address)
                continue
            if address.startswith("#"):
                assert address[1:] in ids, (path, address)
                continue
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            if target not in asked:
                asked[target] = pages.get(target, headers=BROWSER).status_code
            assert asked[target] in (200, 303), (path, address)
    assert len(asked) > 200


def test_no_page_asks_more_than_four_queries(
    pages: FlaskClient, koriyama: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    select = Engine.select

    def counting(engine: Engine, text: str, *arguments: Any) -> Any:
        asked.append(text)
        return select(engine, text, *arguments)

    monkeypatch.setattr(Engine, "select", counting)
    for path in PAGES:
        asked.clear()
        read(pages, path)
        assert len(asked) <= 4, path


def test_a_page_names_its_data_licence_citation_and_operator(pages: FlaskClient) -> None:
    path = f"{PLAN}/project/63"
    page = read(pages, path)
    heads = [a for tag, a in page.elements if tag == "link"]
    assert {"rel": "canonical", "href": f"{PUBLIC_URL}{path}"} in heads
    assert {a["type"]: a["href"] for a in heads if a["rel"] == "alternate" and "type" in a} == {
        "text/turtle": f"/{path}.ttl", "application/ld+json": f"/{path}.jsonld",
        "application/n-triples": f"/{path}.nt", "application/rdf+xml": f"/{path}.rdf",
    }  # fmt: skip
    words = page.words()
    assert (
        "利用条件: データ CC BY 4.0／計画書の文章: この文書の利用条件は確認できていません。"
        in words
    )
    assert "版1、2026年11月24日、https://w3id.org/jp-sdgplan/id/072036/plan/" in words
    assert "郡山市の公式サイトではありません。" in words
    title = pages.get(f"/{path}").text, pages.get(f"/{path}", headers=BROWSER).text
    assert (
        "<title>セーフコミュニティ推進事業 | 郡山市 2021年度 | 自治体SDGs実施計画データ</title>"
        in title[1]
    )


def test_the_snippets_of_the_start_page_work(pages: FlaskClient) -> None:
    text = html.unescape(pages.get("/", headers=BROWSER).text)
    query = text.partition("--data-urlencode query='")[2].partition("'</code>")[0]
    answer = pages.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"})
    assert answer.data.count(b"\r\n") == 73
    assert f'endpoint.setQuery("""{query}""")' in text
    link = next(a for a in read(pages, "").addresses() if "excel-csv" in a)
    assert parse_qs(urlsplit(link).query)["query"] == [query]


def test_the_examples_fill_the_form_and_run(pages: FlaskClient) -> None:
    addresses = [a for a in read(pages, "sparql").addresses() if "example=" in a]
    assert len(addresses) == len(examples())
    for address in addresses:
        text = pages.get(address.partition("#")[0], headers=BROWSER).text
        query = html.unescape(text.partition('dir="ltr">')[2].partition("</textarea>")[0])
        answer = pages.get("/sparql", query_string={"query": query, "format": "json"})
        assert answer.status_code == 200, address
    about = pages.get("/sparql?about=fy/2021", headers=BROWSER).text
    assert "&lt;https://w3id.org/jp-sdgplan/id/fy/2021&gt;" in about
    refused = pages.get("/sparql?about=%3Eonload", headers=BROWSER).text
    assert "onload" not in refused.partition("<textarea")[2].partition("</textarea>")[0]


def test_vocabulary_and_shapes_can_be_linked_to_by_term(pages: FlaskClient) -> None:
    terms = read(pages, "ns")
    assert {"iconCount", "Project", "basis-count-only", "status-new"} <= {
        a["id"] for _, a in terms.elements if a.get("id")
    }
    shapes = read(pages, "shapes").words()
    assert "C14" in shapes and "C91" in shapes and "{?" not in shapes


@pytest.mark.parametrize(
    ("path", "method", "status", "words"),
    [
        ("nothing", "GET", 404, "ページが見つかりません"),
        (f"{PLAN}/project/73", "GET", 404, "No.73はこの計画にありません（1〜72）。"),
        (PLAN, "POST", 405, "この操作はできません"),
        ("sparql?query=SELECT", "GET", 400, "問い合わせ文の1行目7文字目を読めませんでした。"),
    ],
)
def test_errors_are_pages_for_a_browser(
    pages: FlaskClient, path: str, method: str, status: int, words: str
) -> None:
    answer = pages.open(f"/{path}", method=method, headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert words in Reader(answer.text).words()
    assert "noindex" in answer.text


def test_an_example_without_an_answer_says_why_and_leads_on(pages: FlaskClient) -> None:
    """S-18: nothing is stated or curated for Koriyama, so CQ1 has no rows there."""
    page = pages.get("/sparql?lang=en", headers=BROWSER).text
    notes = page.count("No rows with the data published here")
    assert notes == 1
    assert "example=cq10" in page
    at = page.index("example=cq01")
    assert 0 < page.index("No rows with the data", at) - at < 900
