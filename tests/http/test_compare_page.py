"""The page of plans side by side: numbers with their basis, names, the form, who is near."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient

from server.context import context
from server.pages import page_cache
from tests.http.reading import BROWSER, ENGLISH, words

KORIYAMA, MADE_UP = "072036", "502014"
TWO = f"m={KORIYAMA}&m={MADE_UP}&year=2021"


def said(text: str) -> str:
    """The words of a page, names within sentences without blanks around them."""
    return words(re.sub(r"</?bdi[^>]*>", "", text))


def plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).replace(" ・ ", "・").split())


def test_the_page_shows_the_numbers_with_their_basis(demo: FlaskClient) -> None:
    text = demo.get(f"/compare?{TWO}", headers=BROWSER).text
    table = text.partition('<table class="stack compare"')[2].partition("</table>")[0]
    rows = re.findall(r'<tr role="row">\s*<th scope="row".*?</tr>', table, re.DOTALL)
    assert len(rows) == 17
    assert plain(rows[10]).endswith("13 公表 13 6 公表 6・記載 4以上・人が確認 1以上")
    assert "0（掲載なし） 公表 0" in plain(rows[6])
    assert "件数の大小は取組の優劣を示しません" in text
    assert "試験用データ" in text.partition("<h1>")[2].partition("</h1>")[0]


def test_one_municipality_invites_another(pages: FlaskClient) -> None:
    text = words(pages.get("/compare?m=072036", headers=BROWSER).text)
    assert (
        "2021年度にゴールごとの件数を公表した、ほかの自治体の計画はまだ収録していません。" in text
    )
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
    assert "単位は％（掲載事業のうち）。" in text
    assert "「<b>nobody」に当たる自治体は収録していません。" in text


@pytest.mark.parametrize("view", ["", "&view=embed"])
@pytest.mark.parametrize(("show", "number"), [("share", "18.1%"), ("per100", "18.1")])
def test_shares_are_shown_in_english(demo: FlaskClient, show: str, number: str, view: str) -> None:
    query = f"m={KORIYAMA}&m={MADE_UP}&show={show}{view}"
    answer = demo.get(f"/compare?{query}", headers=ENGLISH)
    assert answer.status_code == 200
    row = answer.text.partition("/goals/11")[2].partition("</tr>")[0]
    assert f"<b>{number}</b>" in row and "at least 4" in row
    units = {"share": "Unit: % of the listed projects.", "per100": "Unit: projects per 100 listed."}
    assert units[show] in words(answer.text)
    assert "Large: Number" not in answer.text


def test_shares_and_projects_per_100_are_offered_once(demo: FlaskClient) -> None:
    def offered(query: str) -> list[str]:
        text = demo.get(f"/compare?m={KORIYAMA}{query}", headers=BROWSER).text
        return re.findall(r'name="show" value="(\w+)"', text)

    assert offered("") == offered("&show=share") == ["count", "share"]
    assert offered("&show=per100") == ["count", "share", "per100"]


def test_the_form_chooses_several_years(demo: FlaskClient) -> None:
    text = demo.get(f"/compare?m={MADE_UP}&year=2020&year=2021", headers=BROWSER).text
    boxes = re.findall(r'type="checkbox" name="year" value="(\d+)"( checked)?', text)
    assert boxes == [("2021", " checked"), ("2020", " checked")]
    assert "試し3市（架空） （2020・2021年度）" in words(text)


def test_plans_of_equal_names_are_told_apart_everywhere(
    demo: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with demo.application.app_context():
        plans = context().release.manifest["plans"]
    for plan in plans:
        if plan["code"] == MADE_UP:
            monkeypatch.setitem(plan, "municipality", {"ja": "郡山市", "en": "Koriyama City"})
            monkeypatch.setitem(plan, "year", 2021)
    monkeypatch.setattr(page_cache, "_identity", lambda release: "equal names")
    answer = demo.get(f"/compare?{TWO}", headers=BROWSER)
    assert answer.status_code == 200
    text = answer.text
    head = words(f"<main>{text.partition('<thead')[2].partition('</thead>')[0]}</main>")
    assert "A 郡山市（福島県） 2021 72事業" in head
    for title in ("2020年度実施計画（架空）", "2021年度実施計画（架空）"):
        assert f"郡山市（502014） 2021 試験用データ 第二次試し3市まちづくり推進計画 {title}" in head
    chips = text.partition('class="chosen"')[2].partition("</ul>")[0]
    assert "郡山市（福島県）" in chips and "郡山市（502014）" in chips
    assert '<option value="072036">郡山市（福島県）</option>' in text
    title = "第二次試し3市まちづくり推進計画 2020年度実施計画（架空）"
    frame = f"自治体を比べる 郡山市（福島県）2021年度・郡山市（502014）2021年度 {title}"
    assert frame in text.partition("<textarea")[2]
    near = said(demo.get("/compare?m=492019&year=2021", headers=BROWSER).text)
    assert "郡山市（502014）を加えて比べる" in near
    drawn = demo.get(f"/compare.svg?{TWO}").text
    assert "B 郡山市（502014）2021年度 第二次試し3市まちづくり推進計画 2020年度" in drawn


def test_a_code_without_its_zero_is_understood_and_said(demo: FlaskClient) -> None:
    answer = demo.get("/compare?add=72036", headers=BROWSER)
    assert answer.status_code == 200
    assert "「72036」は、先頭の0がなくなったコードとみて、072036 郡山市と読みました。" in said(
        answer.text
    )
    assert json.loads(demo.get("/compare.json?m=72036").data)["understood"] == {"72036": KORIYAMA}


def test_made_up_cities_are_near_made_up_ones_only(demo: FlaskClient) -> None:
    text = words(demo.get(f"/compare?m={KORIYAMA}", headers=BROWSER).text)
    assert "試験用の架空の自治体のものだけです。実在の自治体とは比べません。" in text
    near = words(demo.get(f"/compare?m={MADE_UP}", headers=BROWSER).text)
    assert near.count("を加えて比べる") == 2
    every = f"/compare?m={MADE_UP}&m=492019&m=482013"
    assert "すべてこの比較に入っています" in words(demo.get(every, headers=BROWSER).text)
    assert "郡山市を加えて比べる" not in near
