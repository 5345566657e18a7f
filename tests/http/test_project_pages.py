"""The page of a project: estimates apart from what is published, and the row as printed."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from rdflib import Literal, URIRef

from kg import pipeline
from kg.settings import Settings
from kg.vocab import RDF, SDG, SP
from server import create_app
from server.application import close_app
from server.pages.candidates import Candidate, candidates_of
from server.pages.facts import Facts
from tests.http.asking import Reading
from tests.http.conftest import REPOSITORY
from tests.http.estimated import ESTIMATES, NO_CLUE
from tests.http.reading import BROWSER, ENGLISH, words

PLAN = "doc/072036/plan/kyodo-2/2021"
DOCUMENT = REPOSITORY / "data/plans/koriyama-2021/plan.md"


def page(client: FlaskClient, path: str, headers: dict[str, str] = BROWSER) -> str:
    answer = client.get(f"/{path}", headers=headers)
    assert answer.status_code == 200
    return answer.text


def plain(part: str) -> str:
    return html.unescape(re.sub(r"</?(?:u|bdi)\b[^>]*>", "", part))


def estimates(text: str) -> str:
    return text.partition('<div class="estimates"')[2].partition("<h2 ")[0]


def test_estimates_are_shown_in_a_frame_of_their_own(estimated: FlaskClient) -> None:
    text = page(estimated, f"{PLAN}/project/63")
    frame = estimates(text)
    chosen, _, others = frame.partition("<details>")
    goals = [[int(goal) for goal in re.findall("◇(\\d+)<", part)] for part in (chosen, others)]
    assert goals == [
        sorted(goal for number, goal, _, _, is_in in ESTIMATES if number == 63 and is_in),
        sorted(goal for number, goal, _, _, is_in in ESTIMATES if number == 63 and not is_in),
    ]
    assert 'class="goal g' not in text.partition("<main")[2]
    shown = words(f"<main>{frame}</main>")
    assert "機械による推定（参考。自治体の公表ではありません）" in shown
    assert "正解は公開資料（文字データ）に無く、的中率は確かめられていません。" in shown
    assert "確率5％以上のほかのゴール 2件" in shown
    assert "ゴール7・12・14・15は公表件数が0のため対象外です。" in shown
    assert not re.search("(?<!\\d)0％|100％", shown)
    for sentence in ("可能性 93％（とても高い）", "可能性 66％（高い）", "可能性 34％（半々）",
                     "可能性 10％（低い）", "可能性 5％（とても低い）", NO_CLUE):  # fmt: skip
        assert sentence in shown
    assert re.findall(r'class="share"[^>]*width="(\d+)"', chosen) == [
        "66", "34", "10", "93", "90", "50"
    ]  # fmt: skip
    assert "自治体の資料に記載 不明（資料の文字データに無し） 人が確認して付与 0件" in words(text)
    assert "Probability 93 % (very likely)" in words(page(estimated, f"{PLAN}/project/63", ENGLISH))


def test_without_estimates_there_is_no_frame(estimated: FlaskClient) -> None:
    assert "推定" not in page(estimated, f"{PLAN}/project/1").partition("<main")[2]


def likelihoods(share: str) -> list[Candidate]:
    record, project = URIRef("http://example.org/r"), URIRef("http://example.org/p")
    values = {
        RDF.type: SP.SdgLink,
        SP.basis: SP["basis-inferred"],
        SP.linkedGoal: SDG["11"],
        SP.linkedProject: project,
        SP.confidence: Literal(share),
    }
    rows = [{"subject": record, "property": p, "value": v} for p, v in values.items()]
    return candidates_of(Facts(rows), "ja")


@pytest.mark.parametrize(
    ("share", "words_shown"),
    [
        ("1", "99％超（とても高い）"), ("0.995", "99％超（とても高い）"),
        ("0.994", "99％（とても高い）"), ("0.895", "90％（とても高い）"),
        ("0.894", "89％（高い）"), ("0.655", "66％（高い）"), ("0.654", "65％（半々）"),
        ("0.335", "34％（半々）"), ("0.334", "33％（低い）"), ("0.095", "10％（低い）"),
        ("0.094", "9％（とても低い）"), ("0.0049", "1％未満（とても低い）"),
        ("0", "1％未満（とても低い）"),
    ],
)  # fmt: skip
def test_a_probability_is_a_number_and_a_word(
    estimated: FlaskClient, share: str, words_shown: str
) -> None:
    with estimated.application.test_request_context("/?lang=ja"):
        (candidate,) = likelihoods(share)
        assert candidate.likelihood == words_shown


def test_an_estimate_without_a_number_is_not_shown(estimated: FlaskClient) -> None:
    with estimated.application.test_request_context("/"):
        assert likelihoods("much") == []


@pytest.mark.parametrize("number", [1, 45, 63, 66, 72])
def test_the_row_is_quoted_as_printed(estimated: FlaskClient, number: int) -> None:
    printed = DOCUMENT.read_text(encoding="utf-8").split("\n")
    text = page(estimated, f"{PLAN}/project/{number}")
    figures = re.findall(r'<figure class="quote">(.*?)</figure>', text, re.DOTALL)
    lines = [int(n) for figure in figures for n in re.findall(r" (\d+)行目</span>", figure)]
    expected = [n for n, row in enumerate(printed, 1) if row.startswith(f"| {number} |")]
    expected = [n for n in expected if n > 74]  # below the tables of counts
    assert expected[0] in lines and (number != 45 or lines == [168, 169])
    for line, figure in zip(lines, figures, strict=True):
        texts = re.findall(r'class="printed-text">(?:<bdi>)?(.*?)(?:</bdi>)?</(?:p|blockquote)>',
                           figure)  # fmt: skip
        row = printed[line - 1]
        assert [plain(part) for part in texts] == (
            [row] if len(row) <= 120 else [f"{row[:120]}…", row]
        )


def test_what_spoke_for_an_estimate_is_underlined_in_the_row(estimated: FlaskClient) -> None:
    text = page(estimated, f"{PLAN}/project/63")
    whole = text.partition('<figure class="quote">')[2].partition("<details>")[2]
    clues = {clue for n, _, _, found, _ in ESTIMATES if n == 63 for clue in found} - {NO_CLUE}
    assert set(re.findall('<u class="clue">(.*?)</u>', whole)) == clues
    assert "<u " not in page(estimated, f"{PLAN}/project/1")


@pytest.fixture(scope="module")
def with_contact(koriyama_var: Path) -> Iterator[FlaskClient]:
    settings = Settings(query_workers=1, rate_limit="", operator_contact="data@example.jp")
    app = create_app(settings, koriyama_var)
    yield Reading(app, app.response_class)
    close_app(app)


def report_of(client: FlaskClient, path: str) -> tuple[str, str, list[str]]:
    """To whom the page's error report goes, its subject and its lines."""
    answer = client.get(f"/{path}", headers=BROWSER)
    found = re.search('href="(mailto:[^"]*)"', answer.text)
    assert found is not None, path
    address, _, parameters = html.unescape(found[1]).partition("?")
    subject, body = (unquote(part.partition("=")[2]) for part in parameters.split("&"))
    return address, subject, body.split("\r\n")


def test_an_error_report_names_page_number_and_line(with_contact: FlaskClient) -> None:
    address, subject, body = report_of(with_contact, f"{PLAN}/project/45")
    assert address == "mailto:data@example.jp"
    assert subject == "データの誤り: ふるさと田舎体験推進事業"
    assert body[:3] == [f"http://localhost:8000/{PLAN}/project/45", "No.45", "168、169行目"]


@pytest.mark.parametrize(
    "path", ["search?q=%E6%B0%B4&lang=ja", "nothing/%E6%B0%B4%00?a=%26", "sparql"]
)
def test_a_report_from_any_page_names_its_address(with_contact: FlaskClient, path: str) -> None:
    assert report_of(with_contact, path)[2][0] == f"http://localhost:8000/{path}"


@pytest.mark.parametrize("unit", ["560d20b1", "858c572f", "854945a9"])
def test_a_unit_expects_what_the_cube_says(pages: FlaskClient, unit: str) -> None:
    """Of all cells, also of those whose probability is too small for a record of their own."""
    query = f"""PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
    PREFIX org: <http://www.w3.org/ns/org#>
    SELECT ?goal (SUM(?n) AS ?expected) {{
      ?within org:subOrganizationOf* <https://w3id.org/jp-sdgplan/id/072036/unit/{unit}> .
      ?o a sp:ExpectedCountObservation ; sp:dimUnit ?within ; sp:dimGoal ?goal ;
        sp:expectedProjectCount ?n }} GROUP BY ?goal"""
    answer = pages.get("/sparql", query_string={"query": query, "format": "json"})
    sums = {
        int(row["goal"]["value"].rpartition("/")[2]): Decimal(row["expected"]["value"])
        for row in json.loads(answer.data)["results"]["bindings"]
    }
    shown = {goal: n.quantize(Decimal("0.1"), ROUND_HALF_UP) for goal, n in sums.items()}
    text = page(pages, f"doc/072036/unit/{unit}")
    frame = text.partition('<section class="estimates"')[2].partition("</section>")[0]
    found = re.findall(r"◇(\d+)</span>.*?見込み ([\d.]+)件", frame)
    assert {int(g): Decimal(n) for g, n in found} == {g: n for g, n in shown.items() if n}
    assert len(found) > 5
    assert "推定です。" in frame and 'class="goal g' not in text.partition("<main")[2]


def test_estimates_are_not_on_pages_of_policies(estimated: FlaskClient) -> None:
    assert "関連のべ 10（2＋2＋6個）" in words(page(estimated, "doc/072036/unit/858c572f"))
    other = page(estimated, "doc/072036/plan/kyodo-2/policy/1")
    assert "推定" not in other.partition("<main")[2]


def test_a_policy_sums_up_its_year(pages: FlaskClient) -> None:
    shown = words(page(pages, "doc/072036/plan/kyodo-2/policy/6"))
    for sentence in (
        "事業数 19事業（No.39〜57）",
        "ゴールとの関連（のべ） 29",
        "前年度からの増減 17 ＋3 −1（ 完了・廃止 ） ＝ 19",
        "新規・追加 No.40 こおりやまスポーツイノベーション事業 、 No.41",
        "計画の一覧から外れた事業 元気な遊びのひろば事業 （ 完了 ）",
    ):
        assert sentence in shown, sentence


def test_a_year_that_is_only_mentioned_is_named(pages: FlaskClient) -> None:
    shown = words(page(pages, "doc/072036"))
    assert "2020年度 : この計画は未収録です（ほかの年度の表に事業数74があります）。" in shown


def test_an_estimated_record_has_its_probability_in_words(estimated: FlaskClient) -> None:
    text = page(estimated, f"{PLAN}/project/63/sdg-candidate/8")
    assert "可能性 10％（低い）" in words(text) and NO_CLUE in words(text)
    assert 'class="goal g' not in text.partition("<main")[2]


def test_a_goal_that_a_person_ruled_out_is_told_and_not_counted(tmp_path: Path) -> None:
    plans = tmp_path / "data" / "plans"
    shutil.copytree(REPOSITORY / "data/plans/koriyama-2021", plans / "koriyama-2021")
    with (plans / "koriyama-2021" / "links.csv").open("a", encoding="utf-8") as decisions:
        decisions.write("63,4,reject,言葉がない,tester,2026-11-24\n")
    now = datetime(2026, 11, 24, tzinfo=UTC)
    options = pipeline.Options(validator="shacl")
    built = pipeline.build(tmp_path / "data", tmp_path / "var", Settings(), now, options)
    assert [str(problem) for problem in built.problems] == []
    app = create_app(Settings(query_workers=1, rate_limit=""), tmp_path / "var")
    try:
        shown = words(page(Reading(app, app.response_class), f"{PLAN}/project/63"))
    finally:
        close_app(app)
    assert (
        "人が確認し、当たらないとしたゴール ゴール4 質の高い教育をみんなに 記録 「 言葉がない 」 "
        "tester が2026年11月24日に、この文を根拠に、当たらないと判断しました。" in shown
    )
    assert "人が確認して付与 0件" in shown
