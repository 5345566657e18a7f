"""/search: what is found, in which order, how it is narrowed down, marked and refused."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.folding import folded_for_search, words_of
from kg.search_entries import Kind
from kg.search_index import open_index
from server.finding import Filters, Finder
from tests.http.reading import words
from tests.http.searching import all_rows, asked, page
from tests.pipeline.documents import LINES


def test_water_is_found_where_the_document_has_it(pages: FlaskClient) -> None:
    found = asked(pages, "水")
    assert found["kinds"] == {"project": 5, "target": 1, "unit": 1, "goal": 1}
    assert [(row["kind"], row["number"], row["name"]) for row in found["rows"]] == [
        ("project", "25", "水辺空間整備事業"),
        ("project", "26", "猪苗代湖の水を守りたい事業"),
        ("target", "26", "水質保全活動回数5回"),
        ("unit", None, "上下水道局"),
        ("goal", "6", "安全な水とトイレを世界中に"),
        ("project", "18", "猪苗代湖岸環境美化事業"),
        ("project", "44", "食と農推進事業"),
        ("project", "46", "郡山地域産業6次化推進事業"),
    ]
    assert [(row["field"], row["excerpt"]) for row in found["rows"][5:7]] == [
        (
            "text",
            "ップ作戦を実施します。また、庁内関係課で構成する連絡会議において、情報の共有化や水質保全対策の"
            "検討を行います。 ○市民参加による湖岸一斉クリーンアップ作戦は、新型",
        ),
        (
            "text",
            "農林水産物のPR販売イベントを開催し、市民の本市農業への理解と農産物の消費拡大を推進し",
        ),
    ]
    for row in found["rows"]:
        marked = [row["name"][a:b] for a, b in row["name_marks"]]
        marked += [row["excerpt"][a:b] for a, b in row["excerpt_marks"]]
        assert set(marked) == {"水"}, row["name"]


def plainly_folded(text: str) -> str:
    """Folding written once more, for texts without combined characters."""
    text = "".join(unicodedata.normalize("NFKC", text).lower().split())
    text = re.sub("[ァ-ヴ]", lambda found: chr(ord(found[0]) - 96), text)
    return re.sub("[-‐–—―−─]", "ー", text.replace("ヶ", "け"))


def projects_of_the_document() -> dict[int, list[str]]:
    """Number -> policy, name, text and unit as they stand in the table rows of plan.md."""
    rows: dict[int, list[str]] = {}
    policy = ""
    for line in LINES:
        cells = [re.sub("<[^>]*>", "", cell).strip() for cell in line.split("|")[1:-1]]
        if len(cells) < 5:
            heading = re.search(r"◆基本施策\s*\d+\s*([^|]*)", line)
            policy = heading[1].strip() if heading else policy
            continue
        heading = re.match(r"◆基本施策\s*\d+\s*(.*)", cells[0])
        policy = heading[1] if heading else policy
        if cells[0].isdecimal():
            rows[int(cells[0])] = [policy, *cells[2:5]]
    assert sorted(rows) == list(range(1, 73))
    return rows


def test_every_character_and_pair_of_the_document_finds_the_projects_that_have_it(
    koriyama_var: Path,
) -> None:
    finder = Finder((koriyama_var / "current").resolve())
    expected: dict[str, set[int]] = {}
    for number, cells in projects_of_the_document().items():
        for cell in map(plainly_folded, cells):
            for start in range(len(cell)):
                for end in range(start + 1, min(start + 4, len(cell) + 1)):
                    expected.setdefault(cell[start:end], set()).add(number)
    assert len(expected) > 10_000
    wrong = {}
    filters = Filters(kind=Kind.PROJECT)
    for word, numbers in sorted(expected.items())[::7]:
        hits = finder.hits(((word,),), filters, 0, 72)
        if {int(hit.number) for hit in hits} != numbers:
            wrong[word] = numbers ^ {int(hit.number) for hit in hits}
    assert wrong == {}


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("Wi-Fi", "ｗｉ－ｆｉ"), ("ユニバーサルデザイン", "ゆにばーさるでざいん"),
        ("センター", "ｾﾝﾀｰ"), ("こども", "コドモ"), ("DX", "ｄ　ｘ"), ("SDGs", "ＳＤＧｓ"),
        ("6次産業化", "６次産業化"), ("サポート", "サポ−ト"),
    ],
)  # fmt: skip
def test_kana_and_width_do_not_matter(search_client: FlaskClient, query: str, same: str) -> None:
    one, other = asked(search_client, query), asked(search_client, same.replace("　", ""))
    assert one["total"] == other["total"] > 0
    assert one["rows"] == other["rows"]


def test_of_several_words_all_must_occur(search_client: FlaskClient) -> None:
    water, lake = (
        {row["iri"] for row in asked(search_client, word)["rows"]}
        for word in ("水質", "クリーンアップ")
    )
    assert water - lake and water & lake
    for query in ("水質 クリーンアップ", "クリーンアップ　水質", '"水質" 　“クリーンアップ”'):
        assert {row["iri"] for row in asked(search_client, query)["rows"]} == water & lake


def test_pages_hold_every_entry_once_in_the_order_that_is_told(search_client: FlaskClient) -> None:
    rows = all_rows(search_client, "事業")
    assert len(rows) > 150
    assert len({row["iri"] for row in rows}) == len(rows)
    kinds = list(asked(search_client, "事業")["kinds"])
    keys = [
        (
            "事業" not in row["name"],
            kinds.index(row["kind"]),
            row["municipality"]["code"] if row["municipality"] else "",
            -(row["fiscal_year"] or 0),
        )
        for row in rows
    ]
    assert keys == sorted(keys)
    projects = [int(row["number"]) for row in rows if row["kind"] == "project"]
    in_koriyama = [
        int(row["number"])
        for row in rows
        if row["kind"] == "project"
        and row["municipality"]["code"] == "072036"
        and "事業" in row["name"]
    ]
    assert in_koriyama == sorted(in_koriyama) and len(projects) > 150
    last = asked(search_client, "事業", page="999")
    assert (last["page"], last["next"]) == (last["pages"], None)


def test_the_links_to_narrow_down_lead_to_as_many_rows_as_they_say(
    search_client: FlaskClient,
) -> None:
    """From several searches, every link of the page with a number, followed."""
    checked = 0
    starts: tuple[dict[str, str], ...] = (
        {"q": "支援"},
        {"q": "支援", "kind": "project"},
        {"q": "事業", "goal": "3"},
        {"q": "水", "municipality": "072036"},
        {"q": "水", "estimated": "6"},
        {"q": "事業", "year": "2020", "prefecture": "49"},
    )
    for start in starts:
        text = page(search_client, start.pop("q"), **start)
        main = text.partition("<main")[2].partition('<section aria-labelledby="hits"')[0]
        links = re.findall(
            r'<li><a href="(/search\?[^"]*)"(?:(?!</li>).)*?"left">([\d,]+)<', main, re.DOTALL
        )
        assert len(links) > 2, start
        for address, number in links:
            values = dict(parse_qsl(urlsplit(html.unescape(address)).query))
            found = asked(search_client, values.pop("q"), **values)
            rows = all_rows(search_client, found["query"], **values)
            assert found["total"] == int(number.replace(",", "")) == len(rows), (start, values)
            for row in rows:
                assert values.get("kind", row["kind"]) == row["kind"]
                assert values.get("year", str(row["fiscal_year"])) == str(row["fiscal_year"])
                if "municipality" in values:
                    assert row["municipality"]["code"] == values["municipality"]
            checked += 1
    assert checked > 40


def test_a_filter_does_not_hide_the_other_values_of_its_own(search_client: FlaskClient) -> None:
    whole = asked(search_client, "事業")
    for name, value, counts in (
        ("kind", "change", "kinds"), ("year", "2020", "years"),
        ("municipality", "072036", "municipalities"), ("prefecture", "07", "prefectures"),
        ("goal", "3", "goals"), ("goal", "3", "estimated_goals"),
    ):  # fmt: skip
        narrowed = asked(search_client, "事業", **{name: value})
        assert 0 < narrowed["total"] < narrowed["every"] == whole["total"]
        assert narrowed[counts] == whole[counts] != {}, name
        if counts != "estimated_goals":
            assert narrowed["total"] == whole[counts][value]


def test_links_that_count_and_estimates_are_two_filters(search_client: FlaskClient) -> None:
    found = asked(search_client, "水", municipality="072036")
    assert found["estimated_goals"] == {"6": 2, "15": 1}
    assert found["goals"] == {}
    assert {row["number"] for row in asked(search_client, "水", estimated="6")["rows"]} == {
        "25",
        "26",
    }
    text = page(search_client, "水", municipality="072036")
    assert "ゴール（機械による推定、参考）" in text
    assert "自治体の公表ではありません。" in text
    assert 'class="goal g' not in text.partition("<main")[2]
    assert text.count('<span class="goal estimate" aria-hidden="true">◇6</span>') == 1
    assert "見つかった事業のうち3件は、どのゴールかが分からないため" in words(text)
    stated = page(search_client, "支援")
    assert "ゴール（自治体の資料に記載・人が確認）" in stated


def test_the_page_marks_what_was_found_and_escapes_the_rest(search_client: FlaskClient) -> None:
    text = page(search_client, "ﾌﾟﾛｼﾞｪｸﾄ", municipality="072036")
    assert "<mark>プロジェクト</mark>" in text
    marked = re.findall("<mark>(.*?)</mark>", text)
    assert {folded_for_search(one) for one in marked} == {"ぷろじぇくと"}
    assert not re.search(
        "プロジェクト(?!</mark>)", text.partition('class="hits"')[2].partition("</ol>")[0]
    )


ATTACKS = (
    '" OR name:"水', "水*", "NEAR(水 道)", "name:水", "-水", "水 AND 道 OR", "{name}:水", "^水",
    "水\x00道", "%", "_", "水%", "'; DROP TABLE entry; --", "\\", '""', "*", "(", "\ud7ff",
    "<script>alert(1)</script>", "{{7*7}}", "\u202e水", "😀", "a" * 200, "水 " * 99,
    "事業 支援", "-", "2 1",
)  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_query_is_only_text(search_client: FlaskClient, cities: Flask, attack: str) -> None:
    """As many are found as have it, told by reading everything; and the page shows it as it is."""
    with cities.app_context():
        release = cities.extensions["sdgplan"]["context"].release.path
    wanted = [forms[0] for forms in words_of(attack)]
    with closing(open_index(release / "search.sqlite")) as engine:
        rows = engine.execute("SELECT iri, name, texts FROM entry").fetchall()
    folded = {
        iri: [folded_for_search(text) for text in (name, *(t for _, t in json.loads(texts)))]
        for iri, name, texts in rows
    }
    expected = {
        iri for iri, texts in folded.items() if all(any(w in t for t in texts) for w in wanted)
    }
    assert {row["iri"] for row in all_rows(search_client, attack)} == (
        expected if wanted else set()
    )
    heading = re.search("<h1>(.*?)(?:<span|</h1>)", page(search_client, attack), re.DOTALL)
    assert heading is not None and "<" not in heading[1]
    shown = html.unescape(heading[1]).strip()
    # a control character is shown as one that cannot be shown
    seen = attack.strip().replace("\0", "\ufffd")
    assert shown == (f"「{seen}」の検索結果" if wanted else "検索")
