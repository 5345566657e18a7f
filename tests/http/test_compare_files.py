"""Plans side by side as files and in frames of other sites: numbers as SPARQL gives them."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from server.pages import page_cache
from tests.http.reading import BROWSER, words

KORIYAMA, MADE_UP = "072036", "502014"
TWO = f"m={KORIYAMA}&m={MADE_UP}&year=2021"


def said(text: str) -> str:
    """The words of a page, names within sentences without blanks around them."""
    return words(re.sub(r"</?bdi[^>]*>", "", text))


def plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).replace(" ・ ", "・").split())


def test_the_csv_says_what_the_statistics_say(demo: FlaskClient) -> None:
    answer = demo.get(f"/compare.csv?{TWO}")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    found = {(row["plan"], row["basis"], row["goal"]): Decimal(row["projects"]) for row in rows}
    query = """PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
    SELECT ?plan ?basis ?goal ?n WHERE { ?o sp:dimPlan ?plan ; sp:dimGoal ?goal ;
      sp:dimBasis ?basis ; sp:statisticCount ?n ; sp:dimMunicipality ?m ; sp:dimFiscalYear ?y .
      FILTER(STRENDS(STR(?y), "/2021") && REGEX(STR(?m), "/(072036|502014)$")) }"""
    expected = {}
    answer = demo.get("/sparql", query_string={"query": query, "format": "json"})
    for row in json.loads(answer.data)["results"]["bindings"]:
        basis = row["basis"]["value"].rpartition("#count-")[2]
        goal = row["goal"]["value"].rpartition("/")[2]
        expected[row["plan"]["value"], basis, goal] = Decimal(row["n"]["value"])
    assert found == expected
    koriyama = [row for row in rows if row["municipality_code"] == KORIYAMA]
    assert {row["basis"] for row in koriyama} == {"published", "expected"}
    eleven = next(r for r in koriyama if (r["goal"], r["basis"]) == ("11", "published"))
    assert (eleven["projects"], eleven["per_100_projects"]) == ("13", "18.1")


def test_lower_bounds_are_told_on_the_page_in_json_and_csv(demo: FlaskClient) -> None:
    text = words(demo.get(f"/compare?{TWO}", headers=BROWSER).text)
    assert "公表 0・記載 0以上・人が確認 0以上" in text.replace(" ・", "・").replace("・ ", "・")
    value = json.loads(demo.get(f"/compare.json?{TWO}").data)["goals"][0]["values"][1]
    assert (value["stated"], value["certainty"]) == (
        0,
        {
            "published": "exact",
            "stated": "at-least",
            "curated": "at-least",
            "expected": "estimated",
        },
    )


@pytest.mark.parametrize(
    ("query", "named"), [("m=072036&yaer=2021", "year"), ("m=072036&shwo=share", "show")]
)
def test_an_unknown_parameter_of_a_file_is_told(demo: FlaskClient, query: str, named: str) -> None:
    answer = demo.get(f"/compare.csv?{query}")
    assert answer.status_code == 400
    assert f"Did you mean {named}?" in answer.json["detail"]
    assert demo.get(f"/compare?{query}", headers=BROWSER).status_code == 200


def test_files_tell_what_they_compare_and_what_they_leave_out(demo: FlaskClient) -> None:
    query = f"m={KORIYAMA}&m={MADE_UP}&m=492019&m=482013&year=2021&year=2020"
    answer = demo.get(f"/compare.csv?{query}")
    name = f"compare-{KORIYAMA}-{MADE_UP}-492019-2020-2021.csv"
    assert f'filename="{name}"' in answer.headers["Content-Disposition"]
    shares = demo.get(f"/compare.svg?{TWO}&show=share").headers["Content-Disposition"]
    assert shares.startswith(f'inline; filename="compare-{KORIYAMA}-{MADE_UP}-2021-share.svg"')
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    told = {
        (row["municipality_code"], row["fiscal_year"], row["certainty"])
        for row in rows
        if not row["column"]
    }
    assert told == {(KORIYAMA, "2020", "no-plan"), ("482013", "2021", "left-out"),
                    ("482013", "2020", "left-out")}  # fmt: skip
    data = json.loads(demo.get(f"/compare.json?{query}").data)
    assert data["absent"] == [{"code": KORIYAMA, "fiscal_year": 2020}]
    assert [one["code"] for one in data["left_out"]] == ["482013", "482013"]
    page = demo.get(f"/compare?{query}", headers=BROWSER).text
    assert "次の計画は表示していません: 例1市（架空） 2021、例1市（架空） 2020" in said(page)
    drawn = html.unescape(re.search(r'<img src="([^"]+)"', page)[1])
    texts = "".join(ElementTree.fromstring(demo.get(drawn).data).itertext())
    assert "計画が未収録: 郡山市 2020年度" in texts
    assert "5計画までのため図にない計画: 例1市（架空） 2021年度、例1市（架空） 2020年度" in texts


@pytest.mark.parametrize(
    ("show", "heading", "legend"),
    [
        ("count", "ゴールごとの事業数（単位: 事業）", "塗りつぶし: 公表された件数"),
        (
            "share",
            "ゴールごとの事業の割合（単位: ％（掲載事業のうち））",
            "塗りつぶし: 公表された件数から計算",
        ),
        (
            "per100",
            "ゴールごとの、100事業あたりの事業数（単位: 掲載100事業あたりの事業数）",
            "塗りつぶし: 公表された件数から計算",
        ),
    ],
)
def test_a_saved_picture_says_what_it_shows_and_whose_it_is(
    demo: FlaskClient, show: str, heading: str, legend: str
) -> None:
    root = ElementTree.fromstring(demo.get(f"/compare.svg?{TWO}&show={show}").data)
    texts = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == heading
    assert legend in texts
    assert "出典: A 第二次郡山市協働推進基本計画 2021年度実施計画（文字データ）" in texts
    assert "Bは試験用の架空の自治体です。" in texts
    foot = "".join(str(text) for text in texts[texts.index("Bは試験用の架空の自治体です。") :])
    end = f"&show={show}" if show != "count" else ""
    assert "データ: CC BY 4.0、2026年11月24日更新、http" in foot
    assert foot.replace(" ", "").endswith(f"/compare?{TWO}{end}")
    described = root.find("{http://www.w3.org/2000/svg}desc")
    assert described is not None and described.text is not None
    assert described.text.endswith("各数値は棒の端にあります。")
    page = demo.get(f"/compare?{TWO}&show={show}", headers=BROWSER).text
    alt = re.search(r'<img [^>]*alt="([^"]*)"', page)
    assert alt is not None and alt[1].endswith("全数値は上の表。")
    assert page.index("<table") < page.index("<img")


def test_the_frame_tells_all_that_the_page_tells(demo: FlaskClient) -> None:
    query = f"m={KORIYAMA}&m={MADE_UP}&year=2020&year=2021"
    text = demo.get(f"/compare?{query}&view=embed", headers=BROWSER).text
    shown = said(text)
    assert "この組の比べ方" in shown and "公表件数どうしは比較できます。" in shown
    assert "0件は、自治体がその分野に取り組んでいないという意味ではありません。" in shown
    assert "郡山市の2020年度の計画は未収録です。" in shown
    assert text.index("<table") < text.index("この組の比べ方") < text.index("<img")


def test_the_frame_is_as_high_as_its_table(demo: FlaskClient) -> None:
    def height(query: str) -> int:
        text = html.unescape(demo.get(f"/compare?{query}", headers=BROWSER).text)
        found = re.search(r'width="100%" height="(\d+)"', text)
        assert found is not None and "幅800pxのときに表までが収まる値です" in text
        return int(found[1])

    assert height(f"m={KORIYAMA}") == 1249
    assert height(TWO) == 1669
    assert height(f"m={KORIYAMA}&m={MADE_UP}&m=492019&year=2021&year=2020") == 2183


@pytest.mark.parametrize(
    ("query", "status"),
    [("m=999999", 404), ("", 400), (f"m={KORIYAMA}&year=1999", 404),
     (f"m={KORIYAMA}&year=x", 400), (f"m={KORIYAMA}&show=pie", 400)],
)  # fmt: skip
def test_data_of_an_unclear_choice_is_refused(demo: FlaskClient, query: str, status: int) -> None:
    for extension in ("csv", "json", "svg"):
        assert demo.get(f"/compare.{extension}?{query}").status_code == status
    assert demo.get("/compare.pdf?m=072036").status_code == 404


def test_the_json_holds_every_basis_and_the_notes(demo: FlaskClient) -> None:
    answer = json.loads(demo.get(f"/compare.json?{TWO}").data)
    assert [c["municipality"]["code"] for c in answer["columns"]] == [KORIYAMA, MADE_UP]
    eleven = answer["goals"][10]["values"]
    assert eleven[0] == {
        "published": 13, "stated": None, "curated": None, "expected": 13,
        "certainty": {"published": "exact", "expected": "estimated"},
        "shown": 13, "exact": True, "per_100_projects": 18.1,
    }  # fmt: skip
    assert answer["notes"][0]["columns"] == ["A", "B"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_chart_has_a_bar_for_each_number(demo: FlaskClient, language: str) -> None:
    answer = demo.get(f"/compare.svg?{TWO}&lang={language}&size=narrow")
    assert answer.content_type == "image/svg+xml"
    root = ElementTree.fromstring(answer.data)
    assert root.attrib["width"] == "328"
    texts = [t.text or "" for t in root.iter("{http://www.w3.org/2000/svg}text")]
    bars = [text for text in texts if re.fullmatch(r"[AB] [\d,]+", text)]
    assert len(bars) == 34
    assert {"A 21", "A 0", "B 6"} <= set(bars)
    assert b"<script" not in answer.data and b"style=" not in answer.data
    assert demo.get(f"/compare.svg?{TWO}&lang={language}&size=narrow").data == answer.data


def test_a_png_is_one_only_with_a_japanese_font(
    demo: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = demo.get(f"/compare.png?{TWO}")
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert answer.data.startswith(b"\x89PNG")
    monkeypatch.setattr("server.compare.can_draw_png", lambda: False)
    monkeypatch.setattr("server.pages.compare.can_draw_png", lambda: False)
    monkeypatch.setattr(page_cache, "_identity", lambda release: "without a font")
    assert demo.get(f"/compare.png?{TWO}").status_code == 404
    text = demo.get(f"/compare?{TWO}", headers=BROWSER).text
    assert "compare.png" not in text and "日本語の書体がないため" in text


def test_only_the_embedded_view_may_be_framed(demo: FlaskClient) -> None:
    page = demo.get(f"/compare?{TWO}", headers=BROWSER)
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    frame = demo.get(f"/compare?{TWO}&view=embed", headers=BROWSER)
    assert "frame-ancestors *" in frame.headers["Content-Security-Policy"]
    assert "<header" not in frame.text and "<nav" not in frame.text and "<form" not in frame.text
    assert "元のページ" in frame.text and "CC BY 4.0" in frame.text
    snippet = re.search(r"<textarea[^>]*>(.*?)</textarea>", page.text, re.DOTALL)
    assert snippet is not None
    assert "view=embed" in snippet[1] and "&lt;iframe src=" in snippet[1]
    empty = demo.get("/compare?view=embed", headers=BROWSER)
    assert "frame-ancestors 'none'" in empty.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["doc/072036/plan/kyodo-2/2021", "goals/11"])
def test_plans_and_goals_have_a_view_for_frames_too(demo: FlaskClient, path: str) -> None:
    page = demo.get(f"/{path}", headers=BROWSER)
    frame = demo.get(f"/{path}?view=embed", headers=BROWSER)
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in frame.headers["Content-Security-Policy"]
    assert f"/{path}?lang=ja&amp;amp;view=embed" in page.text
    assert "<nav" not in frame.text and "<script" not in frame.text and "13" in words(frame.text)
    assert "元のページ" in frame.text and 'base target="_blank"' in frame.text
