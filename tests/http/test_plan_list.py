"""The list of projects of a plan: filters and orders by the query string, equal to SPARQL."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from server.pages import page_cache
from server.pages import plan as plan_module
from server.pages.frame import STATIC
from tests.http.reading import BROWSER, words

PLAN = "doc/072036/plan/kyodo-2/2021"
MADE_UP = "doc/502014/plan/machizukuri-2/2021"

_WHERE = {
    "policy=6": "?p sp:policy/skos:notation '6'",
    "unit=858c572f": "?p sp:responsibleUnit ?u FILTER(STRENDS(STR(?u), '/858c572f'))",
    "status=new": "?p sp:listingStatus sp:status-new",
    "target=numeric": "?p sp:target/sp:targetKind sp:target-numeric",
    "policy=6&target=numeric": (
        "?p sp:policy/skos:notation '6' ; sp:target/sp:targetKind sp:target-numeric"
    ),
    "goal=11": "?p sp:statedSdgGoal|sp:curatedSdgGoal <http://metadata.un.org/sdg/11>",
    "goal=candidate-11": "?p sp:candidateSdgGoal <http://metadata.un.org/sdg/11>",
    "unit=none": "FILTER(false)",
}


def projects(client: FlaskClient, where: str, plan: str = PLAN) -> list[int]:
    query = f"""PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
      PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
      SELECT DISTINCT ?n {{ ?p a sp:Project ; sp:number ?n ;
        sp:inPlan <https://w3id.org/jp-sdgplan/id/{plan.removeprefix("doc/")}> . {where} }}
      ORDER BY ?n"""
    answer = client.get("/sparql", query_string={"query": query, "format": "json"})
    rows: list[dict[str, Any]] = json.loads(answer.data)["results"]["bindings"]
    return [int(row["n"]["value"]) for row in rows]


def view(client: FlaskClient, query: str = "", plan: str = PLAN) -> str:
    answer = client.get(f"/{plan}?{query}", headers=BROWSER)
    assert answer.status_code == 200
    return answer.text


def listed(text: str) -> list[int]:
    """The numbers of the projects in the table, from the top down."""
    part = text.partition('id="project-results"')[2].partition("</section>")[0]
    rows = re.findall(r'<tr role="row"[^>]*>\s*<td role="cell" class="num"[^>]*>(\d+)<', part)
    return [int(number) for number in rows]


@pytest.mark.parametrize("query", _WHERE)
def test_a_filter_leaves_what_sparql_finds(estimated: FlaskClient, query: str) -> None:
    expected = projects(estimated, _WHERE[query])
    text = view(estimated, query)
    assert listed(text) == expected
    assert f"{len(expected)}件／72件" in words(text)
    assert f'data-announce="{len(expected)}件を表示"' in text
    assert '<meta name="robots" content="noindex">' in text
    assert f'<link rel="canonical" href="http://localhost:8000/{PLAN}">' in text
    if not expected:
        # of Koriyama it is not known which projects have the goal
        none = "記載・確認された関連付けに、条件に合うものはありません。 条件を外す"
        assert (none if query == "goal=11" else "条件に合う事業はありません。 条件を外す") in words(
            text
        )


def test_stated_and_curated_goals_are_one_group_and_estimates_another(demo: FlaskClient) -> None:
    expected = projects(demo, _WHERE["goal=11"], MADE_UP)
    text = view(demo, "goal=11", MADE_UP)
    assert listed(text) == expected and len(expected) == 5
    assert '<optgroup label="記載・確認">' in text
    choices = text.partition('id="filter-goal"')[2].partition("</select>")[0]
    stated, _, candidates = choices.partition('<optgroup label="推定の候補（参考）">')
    assert 'value="11" selected' in stated and "candidate-" not in stated
    assert set(re.findall('value="([a-z-]*)', candidates)) == {"candidate-"}


def test_the_plain_list_is_whole_and_by_number(estimated: FlaskClient) -> None:
    text = view(estimated)
    assert listed(text) == list(range(1, 73))
    assert "noindex" not in text
    assert "事業一覧 72件（全72件、番号順）" in words(text)
    assert text.count("aria-sort=") == 1 and 'aria-sort="ascending"' in text
    assert text.count('class="to-top"') == 3


def test_options_say_how_many_projects_they_leave(estimated: FlaskClient) -> None:
    text = view(estimated)
    assert '<option value="6" lang="ja">' not in text
    for name, count in (("policy", 7), ("unit", 31)):
        options = text.partition(f'<select id="filter-{name}"')[2].partition("</select>")[0]
        counts = [int(n) for n in re.findall(r"（(\d+)）</option>", options)]
        assert (len(counts), sum(counts)) == (count, 72)
    assert '<option value="858c572f">市民部 › セーフコミュニティ課（3）</option>' in text
    assert '<optgroup label="推定の候補（参考）">' in text
    assert '<optgroup label="記載・確認">' not in text
    assert "記載・確認されたゴールでは絞り込めません。" in text
    assert 'lang="ja">市民部' in view(estimated, "lang=en")


@pytest.mark.parametrize(
    ("query", "pattern"),
    [
        ("sort=unit&dir=asc", "?p sp:responsibleUnit ?u"),
        ("sort=goal&dir=desc", "?p sp:iconCount ?u"),
        ("sort=policy&dir=desc", "?p sp:policy/skos:notation ?u"),
    ],
)
def test_an_order_keeps_all_projects_together(
    estimated: FlaskClient, query: str, pattern: str
) -> None:
    text = view(estimated, query)
    numbers = listed(text)
    assert sorted(numbers) == list(range(1, 73))
    kinds = {}
    for value in {*projects_by(estimated, pattern).values()}:
        own = [n for n in numbers if projects_by(estimated, pattern)[n] == value]
        places = [numbers.index(n) for n in own]
        assert places == list(range(places[0], places[0] + len(own)))
        kinds[value] = places[0]
    if "desc" in query:
        values = [v for v, _ in sorted(kinds.items(), key=lambda pair: pair[1])]
        assert values == sorted(values, key=int, reverse=True)
    direction = "descending" if "desc" in query else "ascending"
    assert f'aria-sort="{direction}"' in text


def projects_by(client: FlaskClient, pattern: str) -> dict[int, str]:
    query = f"""PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
      PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
      SELECT ?n ?u {{ ?p a sp:Project ; sp:number ?n . {pattern} }}"""
    answer = client.get("/sparql", query_string={"query": query, "format": "json"})
    rows: list[dict[str, Any]] = json.loads(answer.data)["results"]["bindings"]
    return {int(row["n"]["value"]): row["u"]["value"] for row in rows}


def test_links_keep_the_other_choices(estimated: FlaskClient) -> None:
    text = view(estimated, "policy=6&target=numeric&sort=unit&dir=asc&lang=en")
    sort = re.search(r'class="sort" href="([^"]*)" data-key="unit"', text)
    assert sort is not None
    found = parse_qs(urlsplit(sort[1].replace("&amp;", "&")).query)
    assert found == {
        "policy": ["6"], "target": ["numeric"], "sort": ["unit"], "dir": ["desc"], "lang": ["en"]
    }  # fmt: skip
    active = re.findall(r'<li><a href="([^"]*)"><span', text.partition("active-filters")[2])
    kept = [parse_qs(urlsplit(url.replace("&amp;", "&")).query) for url in active]
    rest = {"sort": ["unit"], "dir": ["asc"], "lang": ["en"]}
    assert kept == [{"target": ["numeric"], **rest}, {"policy": ["6"], **rest}]


def test_hostile_choices_are_only_text(estimated: FlaskClient) -> None:
    text = view(estimated, "policy=%3Cscript%3Ealert(1)%3C/script%3E&sort=x&dir=y&page=-1")
    assert "<script>alert" not in text
    assert listed(text) == []


def test_a_long_list_comes_in_pages(
    estimated: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_module, "MOST_ROWS", 50)
    monkeypatch.setattr(page_cache, "_identity", lambda release: "in short pages")
    monkeypatch.setattr(plan_module, "ROWS_A_PAGE", 30)
    assert listed(view(estimated)) == list(range(1, 31))
    last = view(estimated, "page=3")
    assert listed(last) == list(range(61, 73))
    assert f'href="/{PLAN}?page=2#projects"' in last
    assert "事業一覧 12件（全72件、番号順）" in words(last)
    assert listed(view(estimated, "policy=6")) == projects(estimated, _WHERE["policy=6"])


def test_the_balance_is_told_in_steps(pages: FlaskClient) -> None:
    shown = words(view(pages))
    for step in (
        "施策1 5 ＝ 5",
        "施策3 7 −1（ 完了・廃止 ） −1（ 統合 ） ＝ 5",
        "施策6 17 ＋3 −1（ 完了・廃止 ） ＝ 19",
    ):
        assert step in shown


def test_the_script_is_small_and_ours(pages: FlaskClient) -> None:
    answer = pages.get("/static/plan.js")
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert len(answer.data) <= 10_000
    assert Path(STATIC / "plan.js").read_bytes() == answer.data
