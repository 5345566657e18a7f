"""/changes: what a plan changed against the year before, as page, JSON and CSV; equal to SPARQL."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kg import pipeline
from kg.settings import Settings
from server import create_app
from server.application import close_app
from tests.http.asking import Reading, ask
from tests.http.conftest import REPOSITORY
from tests.http.reading import BROWSER, words

BASE = "https://w3id.org/jp-sdgplan/id/"
CHANGED = {"reishi": "482013/kyodo-2", "mihoncho": "492019/kyodo-2"}
SAME = "502014/machizukuri-2"
PREFIXES = """PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""


def plan_of(place: str, year: int) -> str:
    code, _, slug = place.partition("/")
    return f"<{BASE}{code}/plan/{slug}/{year}>"


def numbers(client: FlaskClient, query: str) -> list[int]:
    """The whole numbers that the endpoint finds, row by row."""
    answer = ask(client, PREFIXES + query, "application/sparql-results+json")
    rows = answer.get_json()["results"]["bindings"]
    return [int(term["value"]) for row in rows for term in row.values()]


def page(client: FlaskClient, place: str, year: int = 2021, language: str = "ja") -> str:
    answer = client.get(f"/changes/{place}/{year}?lang={language}", headers=BROWSER)
    assert answer.status_code == 200
    return answer.text


def figures(text: str) -> list[int]:
    return [int(n) for n in re.findall(r'<a href="#[a-z-]+"><b>([\d,]+)</b>', text)]


def section(text: str, name: str) -> str:
    """The words of a section of the page."""
    inside = text.partition(f'<section aria-labelledby="{name}">')[2].partition("</section>")[0]
    return words(f"<main>{inside}</main>")


def queries_of(place: str) -> tuple[str, ...]:
    """Queries for new, ended, carried on, targets and units, as the page counts them."""
    before, now = plan_of(place, 2020), plan_of(place, 2021)
    review = f"?c a sp:ProjectChange ; sp:inPlan {now} ; sp:changeKind ?kind"
    both = f"""?p a sp:Project ; sp:inPlan {before} ; sp:versionOf ?one .
        ?q a sp:Project ; sp:inPlan {now} ; sp:versionOf ?one ."""
    return (
        f"SELECT (COUNT(DISTINCT ?c) AS ?n) {{ {review} FILTER(?kind = sp:status-new-or-added) }}",
        f"SELECT (COUNT(DISTINCT ?c) AS ?n) {{ {review} FILTER(?kind != sp:status-new-or-added) }}",
        f"SELECT (COUNT(DISTINCT ?q) AS ?n) {{ {both} }}",
        f"""SELECT (COUNT(DISTINCT ?u) AS ?n) {{ {both} ?p sp:target ?t . ?q sp:target ?u .
            ?t sp:targetKind sp:target-numeric ; sp:targetLabel ?l ; sp:targetUnit ?m ;
              sp:targetValue ?old . ?u sp:targetKind sp:target-numeric ; sp:targetLabel ?l ;
              sp:targetUnit ?m ; sp:targetValue ?new FILTER(?old != ?new) }}""",
        f"""SELECT (COUNT(DISTINCT ?q) AS ?n) {{ {both} ?p sp:responsibleUnit ?a .
            ?q sp:responsibleUnit ?b FILTER(?a != ?b) }}""",
    )


@pytest.mark.parametrize("place", [*CHANGED.values(), SAME])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_figures_are_those_of_the_endpoint(
    demo: FlaskClient, place: str, language: str
) -> None:
    expected = [number for query in queries_of(place) for number in numbers(demo, query)]
    assert figures(page(demo, place, language=language)) == expected
    assert expected[2] > 10


@pytest.mark.parametrize("place", [*CHANGED.values(), SAME])
def test_the_lists_of_both_years_close(demo: FlaskClient, place: str) -> None:
    listed = [
        numbers(demo, f"SELECT (COUNT(?p) AS ?n) {{ ?p a sp:Project ; sp:inPlan {plan} }}")[0]
        for plan in (plan_of(place, 2020), plan_of(place, 2021))
    ]
    sums = demo.get(f"/changes/{place}/2021.json").get_json()["years"]["reconciliation"]
    assert [sums["before"], sums["now"]] == listed
    assert (sums["only_now"], sums["only_before"]) == (0, 0)
    assert sums["before"] + sums["new"] - sums["ended"] == sums["now"]
    told = section(page(demo, place), "reconciled")
    came, left = sums["new"], sums["ended"]
    assert f"前年度{listed[0]} ＋{came} −{left} ＝{listed[1]}" in told
    assert f"前年度の{listed[0]}事業は、継続{sums['carried_on']}、" in told
    # published, listed and found are one number in each row that has more than one
    assert "差があります" not in told and told.count("一致") >= 6


def test_the_balance_of_the_page_is_that_of_the_endpoint(demo: FlaskClient) -> None:
    for place, policies, items in (
        ("072036/kyodo-2", 7, "sp:item-current"),
        # its table prints new and continued projects, and not their sum
        (CHANGED["reishi"], 4, "sp:item-new-or-added, sp:item-continued"),
    ):
        cell = f"a sp:BalanceObservation ; sp:dimPlan {plan_of(place, 2021)}"
        expected = numbers(
            demo,
            f"""SELECT ?before (SUM(?n) AS ?now) {{
            ?o {cell} ; sp:dimPolicy ?policy ; sp:dimItem sp:item-previous ;
              sp:projectCount ?before .
            ?other {cell} ; sp:dimPolicy ?policy ; sp:dimItem ?item ; sp:projectCount ?n
            FILTER(?item IN ({items})) }} GROUP BY ?policy ?before ORDER BY ?policy""",
        )
        assert len(expected) == 2 * policies
        steps = re.findall(
            r'<span class="step">(\d+).*?＝ (\d+)(?:（計算値）)?</span>', page(demo, place)
        )
        assert [int(number) for step in steps for number in step] == expected


def test_koriyama_shows_the_review_list_alone(demo: FlaskClient) -> None:
    text = page(demo, "072036/kyodo-2")
    assert figures(text) == [3, 5]
    told = words(text)
    assert "2020年度 74事業 ＋3 −5 ＝ 2021年度 72事業" in told
    assert "引いた5の内訳: 完了・廃止 3、経常 1、統合 1。" in told
    assert "前年度の一覧は未収録です。資料の見直し一覧だけを示します。" in told
    assert "継続は69事業です（計算値。資料に数字の記載はありません）。" in told
    assert "追加は、以前から実施していた事業を計画に加えたものです。" in told
    assert "統合先は資料に記載がありません。" in told
    new = section(text, "new")
    places = [new.index(f"No.{number} ") for number in (40, 41, 43)]
    assert places == sorted(places)
    ended = section(text, "ended")
    heads = [ended.index(head) for head in ("完了 2件", "廃止 1件", "経常 1件", "統合 1件")]
    assert heads == sorted(heads)
    assert ended.index("Wi-Fi") < ended.index("元気な遊びのひろば事業")
    # the table prints one number for two kinds that the list tells apart
    sums = section(text, "reconciled")
    assert "完了・廃止 3 23行目 3 完了 2、廃止 1 対象外 一致" in sums
    assert "2020年度の事業数 74 23行目 対象外 対象外 照合できません" in sums
    assert "2021年度の事業数 72 23行目 対象外 72 一致" in sums
    assert sums.count("一致") == 5
    assert "打ち切り" not in told
    for name in ("targets", "units", "carried-on", "unexplained"):
        assert f'id="{name}"' not in text
    english = words(page(demo, "072036/kyodo-2", language="en"))
    assert "Fiscal 2020: 74 projects ＋3 −5 ＝ fiscal 2021: 72 projects" in english
    heads = ("New or added (3)", "Completed: 2", "Discontinued: 1", "Merged: 1",
             "Moved to routine work: 1", "No longer listed (5)")  # fmt: skip
    assert [head for head in heads if head not in english] == []
    assert "Where it was merged is not stated in the document." in english


def test_a_merged_project_says_where_it_went_if_a_person_decided(demo: FlaskClient) -> None:
    decided = page(demo, CHANGED["mihoncho"], 2020)
    told = section(decided, "ended")
    assert "統合先（人が確認）: No.12" in told
    assert "統合先は資料に記載がありません。" in section(page(demo, CHANGED["mihoncho"]), "ended")


def test_both_texts_and_lines_of_a_target_are_shown(demo: FlaskClient) -> None:
    text = page(demo, CHANGED["reishi"])
    rows = re.findall(r"<tr role=\"row\">.*?</tr>", text.partition('id="targets"')[2], re.DOTALL)
    row = next(row for row in rows if "通学路点検箇所数" in row)
    told = words(f"<main>{row}</main>")
    lines = [
        numbers(
            demo,
            f"""SELECT ?line {{ ?p sp:inPlan {plan_of(CHANGED["reishi"], year)} ; sp:number 3 ;
            sp:target ?t . ?t sp:targetLabel "通学路点検箇所数"@ja ; sp:sourceLine ?line }}""",
        )[0]
        for year in (2020, 2021)
    ]
    assert f"通学路点検箇所数→34箇所 2020年度、{lines[0]}行目" in told
    assert f"通学路点検箇所数→30箇所 2021年度、{lines[1]}行目" in told
    assert "−4 箇所 34 → 30" in told
    assert "数の増減は、良し悪しを示すものではありません。" in section(text, "targets")


def test_a_year_without_changes_says_zero(demo: FlaskClient) -> None:
    text = page(demo, SAME)
    assert figures(text)[:2] == [0, 0]
    assert section(text, "new").endswith("0件（資料の一覧に該当なし）")
    assert section(text, "ended").endswith("0件（資料の一覧に該当なし）")
    assert "0件（継続した事業の担当課は、両年度とも同じです）" in section(text, "units")


@pytest.mark.parametrize("place", ["072036/kyodo-2", *CHANGED.values()])
def test_the_csv_has_one_row_per_project(demo: FlaskClient, place: str) -> None:
    answer = demo.get(f"/changes/{place}/2021.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    name = f"changes-{place.replace('/', '-')}-2021.csv"
    assert f'filename="{name}"' in answer.headers["Content-Disposition"]
    assert not answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    years = demo.get(f"/changes/{place}/2021.json").get_json()["years"]
    counts = Counter(row["change"] for row in rows)
    assert len(rows) == len(years["new"]) + len(years["ended"]) + len(years["carried_on"])
    assert counts["new-or-added"] == len(years["new"])
    assert counts["carried-on"] == len(years["carried_on"])
    assert {row["municipality_code"] for row in rows} == {place.partition("/")[0]}
    sheet = demo.get(f"/changes/{place}/2021.csv?format=excel-csv")
    assert sheet.data.startswith(b"\xef\xbb\xbf")
    assert list(csv.DictReader(io.StringIO(sheet.data.decode("utf-8-sig"), newline=""))) == rows
    negotiated = demo.get(f"/changes/{place}/2021", headers={"Accept": "text/csv"})
    assert negotiated.data == answer.data
    again = demo.get(
        f"/changes/{place}/2021.csv", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    assert sheet.headers["ETag"] != answer.headers["ETag"]


def test_a_row_of_the_csv_tells_both_years(demo: FlaskClient) -> None:
    text = demo.get(f"/changes/{CHANGED['reishi']}/2021.csv").text
    rows = {row["project_number"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    row = rows["3"]
    assert (row["change"], row["previous_number"], row["made_up"]) == ("carried-on", "3", "yes")
    assert row["changed_targets"] == "通学路点検箇所数→34箇所 → 通学路点検箇所数→30箇所"
    assert row["printed_unit"] == row["previous_printed_unit"] == "市民部交通安全課"
    assert (rows["8"]["change"], rows["8"]["in_review_list"]) == ("new-or-added", "yes")
    ended = rows[""]
    assert (ended["change"], ended["name"], ended["previous_name"], ended["previous_number"]) == (
        "abolished", "", "ウェブ情報発信強化事業", "12"
    )  # fmt: skip


@pytest.mark.parametrize(
    "path", ["doc/482013", "doc/482013/plan/kyodo-2", "doc/482013/plan/kyodo-2/2021"]
)
def test_the_pages_above_lead_to_the_changes(demo: FlaskClient, path: str) -> None:
    text = demo.get(f"/{path}?lang=ja", headers=BROWSER).text
    assert re.search(r'<a href="/changes/482013/kyodo-2/2021\?lang=ja">前年度からの変更', text)


def test_the_sitemap_has_every_page_of_changes(demo: FlaskClient) -> None:
    found = re.findall(
        r"<loc>http://localhost:8000/changes/(.*?)</loc>", demo.get("/sitemap.xml").text
    )
    places = [
        place for city in (*CHANGED.values(), SAME) for place in (f"{city}/2020", f"{city}/2021")
    ]
    assert sorted(found) == sorted(["072036/kyodo-2/2021", *places])


# --- a year that its own review list does not explain -------------------------------------------


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """例1市 with a project that bears another name in 2021, and one of another unit."""
    folder = tmp_path_factory.mktemp("moved")
    for year in (2020, 2021):
        name = f"reishi-0001-{year}"
        shutil.copytree(REPOSITORY / "examples/plans" / name, folder / "data/plans" / name)
    path = folder / "data/plans/reishi-0001-2021/plan.md"
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ("| 手話通訳者養成充実事業 |", "| 手話通訳者派遣事業 |"),
        (
            "会場は参加者数に応じて調整 | 農林部林業振興課",
            "会場は参加者数に応じて調整 | 農林部農業政策課",
        ),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    now, options = datetime(2026, 11, 24, tzinfo=UTC), pipeline.Options(validator="shacl")
    outcome = pipeline.build(folder / "data", folder / "var", Settings(), now, options)
    assert [str(problem) for problem in outcome.problems] == []
    app = create_app(Settings(query_workers=1, rate_limit=""), folder / "var")
    yield Reading(app, app.response_class)
    close_app(app)


def test_what_the_review_list_does_not_explain_is_counted(moved: FlaskClient) -> None:
    text = page(moved, CHANGED["reishi"])
    assert figures(text) == [1, 1, 22, figures(text)[3], 1, 2]
    told = section(text, "unexplained")
    assert told.startswith("一覧で説明のつかない事業（2件）")
    assert told.index("No.11 手話通訳者派遣事業") < told.index("No.10 手話通訳者養成充実事業")
    sums = section(text, "reconciled")
    assert "前年度24 ＋2 −2 ＝24" in sums
    assert (
        "前年度の24事業は、継続22、見直しの一覧で外れたもの1、一覧で説明のつかないもの1。"
        "当年度の24事業は、継続22、見直しの一覧で新規・追加のもの1、一覧で説明のつかないもの1。"
    ) in sums
    assert "農林部 › 林業振興課" in section(text, "units")
    assert "農林部 › 農業政策課" in section(text, "units")
    for word in ("不備", "漏れ", "未記入", "誤り", "未達", "遅れ"):
        assert word not in words(text)
    rows = list(csv.DictReader(io.StringIO(
        moved.get(f"/changes/{CHANGED['reishi']}/2021.csv").text, newline=""
    )))  # fmt: skip
    assert [
        (r["change"], r["in_review_list"], r["name"] or r["previous_name"]) for r in rows[:4]
    ] == [
        ("new-or-added", "yes", "障がい者就労事業"),
        ("only-this-year", "no", "手話通訳者派遣事業"),
        ("abolished", "yes", "ウェブ情報発信強化事業"),
        ("only-year-before", "no", "手話通訳者養成充実事業"),
    ]


def test_a_withdrawn_year_is_compared_with_nothing(tmp_path: Path) -> None:
    plans = tmp_path / "data" / "plans"
    shutil.copytree(REPOSITORY / "examples" / "plans" / "reishi-0001-2021", plans / "2021")
    shutil.copytree(REPOSITORY / "examples" / "plans" / "reishi-0001-2020", plans / "2020")
    for day, withdraw in ((1, ()), (2, ("2020",))):
        options = pipeline.Options(validator="shacl", withdraw=withdraw)
        now = datetime(2026, 12, day, tzinfo=UTC)
        assert pipeline.build(tmp_path / "data", tmp_path / "var", Settings(), now, options).release
        shutil.rmtree(plans / "2020", ignore_errors=True)
    app = create_app(Settings(query_workers=1, rate_limit=""), tmp_path / "var")
    try:
        client = Reading(app, app.response_class)
        assert client.get("/changes/482013/kyodo-2/2021.json").get_json()["years"]["compared"] is (
            False
        )
        assert figures(page(client, CHANGED["reishi"])) == [1, 1]
        gone = page(client, CHANGED["reishi"], 2020)
        assert "<h1>データの版の違い" in gone and 'id="reconciled"' not in gone
        assert "この計画の公開は終了しました。" in gone
        table = client.get("/changes/482013/kyodo-2/2020.csv").text
        assert len(table.splitlines()) == 1
        assert client.get("/changes/482013/kyodo-2/2020.json").get_json()["years"] is None
    finally:
        close_app(app)
