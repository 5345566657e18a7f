"""The pages of the 17 goals: published counts, links by basis, estimates apart from them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from kg.goals import GOALS
from server.pages import collection, page_cache
from tests.http.estimated import ESTIMATES
from tests.http.reading import BROWSER, ENGLISH, words

PREFIXES = """PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
PREFIX sdg: <http://metadata.un.org/sdg/>
"""
_ROW = re.compile(r'<tr role="row">\s*<th scope="row".*?</tr>', re.DOTALL)


def ask(client: FlaskClient, query: str) -> list[dict[str, str]]:
    answer = client.get("/sparql", query_string={"query": PREFIXES + query, "format": "json"})
    rows: list[dict[str, Any]] = json.loads(answer.data)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in rows]


def page(client: FlaskClient, path: str, headers: dict[str, str] = BROWSER) -> str:
    answer = client.get(f"/{path}", headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, "text/html"), path
    return answer.text


def cells(row: str) -> list[str]:
    """The texts of a row's cells."""
    found = re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", "", cell).split()) for cell in found]


@pytest.mark.parametrize("goal", [1, 7, 11, 14, 17])
def test_a_goal_page_counts_as_sparql_does(demo: FlaskClient, goal: int) -> None:
    expected: dict[str, list[str]] = {}
    numbers: dict[str, dict[str, str]] = {}
    for row in ask(
        demo,
        f"""SELECT ?plan ?basis ?count ?certainty WHERE {{
          ?o sp:dimPlan ?plan ; sp:dimGoal sdg:{goal} ; sp:dimBasis ?basis ;
            sp:statisticCount ?count . OPTIONAL {{ ?o sp:countCertainty ?certainty }} }}""",
    ):
        least = "少なくとも" if row.get("certainty", "").endswith("at-least") else ""
        basis = row["basis"].rpartition("#count-")[2]
        numbers.setdefault(row["plan"], {})[basis] = least + row["count"]
    for row in ask(
        demo,
        f"""SELECT ?plan ?count (COUNT(DISTINCT ?p) AS ?projects)
          (COUNT(DISTINCT ?e) AS ?estimated) WHERE {{
          ?o a sp:GoalCountObservation ; sp:dimPlan ?plan ; sp:dimGoal sdg:{goal} ;
            sp:projectCount ?count . ?p a sp:Project ; sp:inPlan ?plan .
          OPTIONAL {{ ?e sp:inPlan ?plan ; sp:candidateSdgGoal sdg:{goal} }}
        }} GROUP BY ?plan ?count""",
    ):
        share = round(100 * int(row["count"]) / int(row["projects"]) + 1e-9, 1)
        count = f"{row['count']}件" if int(row["count"]) else "0件（掲載なし）"
        own = numbers[row["plan"]]
        # of the example plans the links of 482013's are all known, those of the others are not
        absent = "0" if "/482013/" in row["plan"] else "不明"
        linked = [own.get(basis, absent) for basis in ("stated", "curated")]
        expected[row["plan"].partition("/id/")[2]] = [
            count,
            f"{share:.1f}",
            *(linked if int(row["count"]) else ["0", "0"]),
            row["estimated"] if "expected" in own else "—（推定なし）",
        ]
    assert len(expected) == 7
    found = {}
    for part in _ROW.findall(page(demo, f"goals/{goal}").partition('id="projects"')[0]):
        link = re.search(r'href="/doc/([^"]*/plan/[^"/]*/\d{4})"', part)
        assert link is not None
        found[link[1]] = cells(part)[2:7]
    assert found == expected
    codes = [plan.partition("/")[0] for plan in found]
    assert codes == sorted(codes)


def test_the_projects_of_a_goal_are_those_of_the_newest_plans(demo: FlaskClient) -> None:
    text = page(demo, "goals/11")
    shown = set(
        re.findall(r'<a href="/doc/([^"]*/project/\d+)">', text.partition('class="estimates"')[0])
    )
    rows = ask(
        demo,
        """SELECT ?p WHERE { ?p sp:sdgGoal sdg:11 ; sp:inPlan/sp:fiscalYear ?year .
        FILTER(STRENDS(STR(?year), "2021")) }""",
    )
    assert shown == {row["p"].partition("/id/")[2] for row in rows}
    assert "自治体の資料に記載 13件・人が確認 1件。" in words(text)
    assert len(shown) == 14


def test_zero_is_explained_and_no_reproach(pages: FlaskClient) -> None:
    assert (
        "郡山市の2021年度実施計画では、このゴールの事業数は0件と公表されています。"
        "自治体がこの分野に取り組んでいない、という意味ではありません。"
    ) in words(page(pages, "goals/14")).replace(" ", "")
    assert "It does not mean that the municipality does nothing in this field." in words(
        page(pages, "goals/14", ENGLISH)
    )


def test_candidates_stand_apart_and_are_never_added(estimated: FlaskClient) -> None:
    text = page(estimated, "goals/11")
    (row,) = _ROW.findall(text)
    assert cells(row) == [
        "郡山市",
        "2021",
        "13件",
        "18.1",
        "不明",
        "不明",
        "3",
        "件数のみ（66行目）",
    ]
    before, mark, frame = text.partition('<section class="estimates"')
    assert mark and "/project/6" not in before
    frame = frame.partition("</section>")[0]
    numbers = [int(n) for n in re.findall(r"No\.(\d+)", frame)]
    assert numbers == sorted(p for p, goal, *_ in ESTIMATES if goal == 11)
    assert 'class="goal g' not in frame
    shown = words(f"<main>{frame}</main>")
    assert "可能性 70％（高い）" in shown and "可能性 99％超（とても高い）" in shown
    assert "推定です。" in shown and "手がかり: 「 まちづくり 」「 安心 」" in shown
    assert "goals/8" in page(estimated, "goals")
    assert "推定の候補を" not in page(estimated, "goals/8")  # a record, but no candidate


def test_many_municipalities_are_listed_by_prefecture(
    demo: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection, "MOST_LISTED", 3)
    monkeypatch.setattr(page_cache, "_identity", lambda release: "of few municipalities")
    for path in ("", "goals/11"):
        shown = page(demo, path).partition("<main")[2]
        assert "/doc/072036" not in shown, path
        assert f"/{path}?prefecture=07#" in shown, path
        chosen = page(demo, f"{path}?prefecture=07")
        main = chosen.partition("<main")[2]
        assert "/doc/072036" in main and "/doc/482013" not in main, path
        assert '<meta name="robots" content="noindex">' in chosen
        assert f'<link rel="canonical" href="http://localhost:8000/{path}">' in chosen
    table = words(page(demo, "goals/11"))
    assert "福島県 13件 1" in table and "そのほか 9件 1" in table


def test_numbers_noted_at_the_build_are_those_of_the_queries(
    demo: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def numbers() -> tuple[object, object, dict[int, dict[str, collection.Published]]]:
        with demo.application.test_request_context("/"):
            return (
                collection.held_by_prefecture(),
                collection.goal_totals(),
                {goal: collection.published_by_prefecture(goal) for goal in GOALS},
            )

    noted = numbers()
    monkeypatch.setattr(collection, "_noted", lambda: None)
    assert noted == numbers()
    assert noted[2][11]["07"] == collection.Published(13, 1, 1)
    assert noted[2][7]["07"] == collection.Published(0, 1, 0)


@pytest.mark.parametrize("path", ["goals/0", "goals/18", "goals/eleven"])
def test_there_are_no_other_goals(pages: FlaskClient, path: str) -> None:
    assert pages.get(f"/{path}", headers=BROWSER).status_code == 404


@pytest.mark.parametrize(("number", "query"), [("011", ""), ("11", "?lang=en&q=%E6%B0%B4")])
def test_a_goal_has_one_address(pages: FlaskClient, number: str, query: str) -> None:
    for spelling in {"011", "１１", f"0{number}"}:
        answer = pages.get(f"/goals/{spelling}{query}", headers=BROWSER)
        assert answer.status_code == 301, spelling
        assert answer.headers["Location"] == f"http://localhost:8000/goals/11{query}"
    assert pages.get(f"/goals/11{query}", headers=BROWSER).status_code == 200


@pytest.mark.parametrize("number", ["0", "18", "018"])
def test_a_number_that_is_no_goal_is_told_which_there_are(pages: FlaskClient, number: str) -> None:
    for headers, sentence in (
        (BROWSER, "SDGsのゴールは1から17までです。 17のゴール"),
        (ENGLISH, "The Sustainable Development Goals are numbered 1 to 17."),
    ):
        answer = pages.get(f"/goals/{number}", headers=headers)
        assert answer.status_code == 404 and sentence in words(answer.text)
    assert "1から17" not in pages.get("/goals/eleven", headers=BROWSER).text
