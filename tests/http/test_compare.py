"""Plans side by side at /compare: numbers as SPARQL gives them, what compares, who is near."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from server.compare.choice import Choice, Show, choice_of
from server.compare.columns import Column, Kind
from server.compare.nearest import _distance
from server.compare.notes import notes_of
from server.pages import page_cache
from tests.http.reading import BROWSER, ENGLISH, words

KORIYAMA, MADE_UP = "072036", "502014"
TWO = f"m={KORIYAMA}&m={MADE_UP}&year=2021"


def entry(code: str, year: int, ja: str, en: str = "", slug: str = "plan") -> dict[str, Any]:
    names = {"ja": ja, **({"en": en} if en else {})}
    iri = f"https://example.org/{code}/plan/{slug}/{year}"
    return {"code": code, "year": year, "slug": slug, "municipality": names, "iri": iri,
            "projects": 10, "status": "published"}  # fmt: skip


ENTRIES = [
    entry("072036", 2020, "郡山市", "Koriyama City"),
    entry("072036", 2021, "郡山市", "Koriyama City"),
    entry("082015", 2021, "例市", "Rei City"),
    entry("082023", 2021, "例市", "Rei City"),
    entry("082031", 2021, "例町", slug="b"),
    entry("082031", 2021, "例町", slug="a"),
]


def chosen(*asked: str, years: tuple[str, ...] = (), show: str = "") -> Choice:
    return choice_of(asked, years, show, ENTRIES)


def plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).replace(" ・ ", "・").split())


# --- what is chosen ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["072036", "07203", "郡山市", "郡山", "ｺｵﾘﾔﾏ", "koriyama city", "Kori"]
)
def test_a_municipality_is_known_by_code_or_name(text: str) -> None:
    found = chosen(text)
    if text == "ｺｵﾘﾔﾏ":  # no readings are known
        assert [one.text for one in found.unclear] == [text]
    else:
        assert (found.codes, found.unclear) == (("072036",), ())


def test_a_name_of_two_is_asked_back_and_never_guessed() -> None:
    found = chosen("例市")
    assert (found.codes, found.plans) == ((), ())
    assert [(one.text, one.suggested) for one in found.unclear] == [("例市", ("082015", "082023"))]
    assert chosen("例").unclear[0].suggested == ("082015", "082023", "082031")


def test_without_a_year_the_newest_plans_are_taken_in_the_order_asked() -> None:
    plans = chosen("082031", "072036").plans
    assert [(p["code"], p["slug"], p["year"]) for p in plans] == [
        ("082031", "a", 2021),
        ("082031", "b", 2021),
        ("072036", "plan", 2021),
    ]


def test_years_of_one_city_stand_side_by_side_and_absent_ones_are_told() -> None:
    found = chosen("072036", "082015", years=("2020", "2021"))
    assert [(p["code"], p["year"]) for p in found.plans] == [
        ("072036", 2020), ("072036", 2021), ("082015", 2021)
    ]  # fmt: skip
    assert found.absent == (("082015", 2020),)


def test_more_than_five_plans_are_counted_not_dropped_silently() -> None:
    found = chosen("072036", "082015", "082023", "082031", years=("2021", "2020"))
    assert (len(found.plans), found.left_out) == (5, 1)


def test_what_cannot_be_read_is_told() -> None:
    found = chosen("072036", years=("20２1", "abcd"), show="pie")
    assert found.unreadable == ("20２1", "abcd", "pie")
    assert found.show is Show.COUNT


def test_the_address_of_a_choice_gives_the_choice_again() -> None:
    found = chosen("郡山", "082015", years=("2021",), show="per100")
    assert found.query() == "m=072036&m=082015&year=2021&show=per100"
    assert found.query(codes=("082015",), show=Show.COUNT) == "m=082015&year=2021"


# --- what compares ----------------------------------------------------------------------------


def column(letter: str, *, exact: bool = True, year: int = 2021, **bases: int) -> Column:
    counts = {basis: dict.fromkeys(range(1, 18), Decimal(n)) for basis, n in bases.items()}
    return Column(letter, entry("072036", year, "例市"), 10, counts, exact)


def test_a_count_only_plan_beside_a_stated_one_compares_by_number_alone() -> None:
    (note,) = notes_of([column("A", published=3), column("B", published=2, stated=2)])
    assert note.is_comparable
    assert [ja for ja, _ in note.sentences] == [
        "公表件数どうしは比較できます。",
        "事業名どうしは比較できません（Aは、どの事業がどのゴールかが分かりません）。",
    ]


def test_published_and_counted_numbers_are_a_rough_guide_and_bounds_are_told() -> None:
    (note,) = notes_of(
        [column("A", published=3), column("B", exact=False, year=2020, stated=2, curated=1)]
    )
    sentences = [en for _, en in note.sentences]
    assert sentences[0].startswith("A is as published, B counts linked projects.")
    assert sentences[1] == "B is a lower bound: some of its links are unknown."
    assert sentences[-1] == "The fiscal years differ (2021 and 2020)."


def test_a_plan_without_numbers_is_not_compared() -> None:
    (note,) = notes_of([column("A", published=3), column("B", expected=3)])
    assert not note.is_comparable
    assert note.sentences[0][1].startswith("B: the document gives no numbers per goal")


def test_an_estimate_is_never_the_number_of_a_column() -> None:
    only = column("A", expected=3)
    assert (only.kind, only.main(1)) == (Kind.NOTHING, None)
    both = column("A", exact=False, stated=2, curated=1, expected=3)
    assert (both.kind, both.main(1), both.zeros) == (Kind.LINKED, 3, [])


def test_the_distance_is_half_the_sum_of_the_differences_of_shares() -> None:
    half, quarter, zero = (Fraction(n) for n in ("1/2", "1/4", "0"))
    assert _distance([half, half], [half, half]) == 0
    assert _distance([half, half, zero], [half, quarter, quarter]) == quarter
    assert _distance([half, half, zero, zero], [zero, zero, half, half]) == 1


# --- the service ------------------------------------------------------------------------------


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


def test_the_page_shows_the_numbers_with_their_basis(demo: FlaskClient) -> None:
    text = demo.get(f"/compare?{TWO}", headers=BROWSER).text
    table = text.partition('<table class="stack compare"')[2].partition("</table>")[0]
    rows = re.findall(r'<tr role="row">\s*<th scope="row".*?</tr>', table, re.DOTALL)
    assert len(rows) == 17
    assert plain(rows[10]).endswith("13 公表 13 6 公表 6・記載 4・人が確認 1")
    assert "0（掲載なし） 公表 0" in plain(rows[6])
    assert "件数の大小は取組の優劣を示しません" in text
    assert "試験用データ" in text.partition("<h1>")[2].partition("</h1>")[0]


def test_one_municipality_invites_another(pages: FlaskClient) -> None:
    text = words(pages.get("/compare?m=072036", headers=BROWSER).text)
    assert "比べる自治体を1つ以上追加してください。現在、収録は1自治体です。" in text
    english = words(pages.get("/compare", headers=ENGLISH).text)
    assert "Add at least one municipality. The collection holds 1 so far." in english


def test_an_added_name_becomes_an_address(demo: FlaskClient) -> None:
    answer = demo.get(f"/compare?m={KORIYAMA}&add=%E8%A9%A6%E3%81%97&lang=en", headers=BROWSER)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/compare?m={KORIYAMA}&m={MADE_UP}&lang=en")


def test_shares_are_of_projects_and_unknown_names_are_told(demo: FlaskClient) -> None:
    text = words(
        demo.get(f"/compare?m={KORIYAMA}&m=%3Cb%3Enobody&show=share", headers=BROWSER).text
    )
    assert "18.1％" in text
    assert "「<b>nobody」に当たる自治体は収録していません。" in text


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
        "published": 13, "stated": None, "curated": None, "expected": eleven[0]["expected"],
        "shown": 13, "exact": True, "per_100_projects": 18.1,
    }  # fmt: skip
    assert abs(eleven[0]["expected"] - 13) < 1e-6
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


def test_made_up_cities_are_near_made_up_ones_only(demo: FlaskClient) -> None:
    text = words(demo.get(f"/compare?m={KORIYAMA}", headers=BROWSER).text)
    assert "ほかの自治体の計画はまだ収録していません" in text
    near = words(demo.get(f"/compare?m={MADE_UP}", headers=BROWSER).text)
    assert near.count("を加えて比べる") == 2
    assert "郡山市を加えて比べる" not in near
