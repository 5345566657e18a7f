"""What is known of goals: zero, unknown and partly known are told apart on every page."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kg import pipeline
from kg.settings import Settings
from server import create_app
from server.application import close_app
from tests.http.asking import Reading
from tests.http.conftest import REPOSITORY
from tests.http.reading import BROWSER, ENGLISH, words

PLAN = "doc/072036/plan/kyodo-2/2021"
MIXED = "doc/502014/plan/machizukuri-2/2021"
ALL_LOST = "この計画には、ゴールごとの事業名は画像でのみ示されていました。"


@pytest.fixture(scope="module")
def curated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Koriyama, where a person confirmed two of the six goals of No. 63."""
    folder = tmp_path_factory.mktemp("curated")
    plan = folder / "data" / "plans" / "koriyama-2021"
    shutil.copytree(REPOSITORY / "data/plans/koriyama-2021", plan)
    with (plan / "links.csv").open("a", encoding="utf-8") as decisions:
        decisions.write("63,3,accept,けが,tester,2026-11-24\n")
        decisions.write("63,11,accept,まちづくり,tester,2026-11-24\n")
    yield from served(folder)


def served(folder: Path) -> Iterator[FlaskClient]:
    """The pages of a release built from the folder's data."""
    now = datetime(2026, 11, 24, tzinfo=UTC)
    options = pipeline.Options(validator="shacl")
    built = pipeline.build(folder / "data", folder / "var", Settings(), now, options)
    assert [str(problem) for problem in built.problems] == []
    app = create_app(Settings(query_workers=1, rate_limit=""), folder / "var")
    yield Reading(app, app.response_class)
    close_app(app)


def page(client: FlaskClient, path: str, headers: dict[str, str] = BROWSER) -> str:
    answer = client.get(f"/{path}", headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, "text/html"), path
    return answer.text


def row_of(text: str, number: int) -> str:
    """The row of a project in the plan's table."""
    rows = re.findall(r'<tr role="row".*?</tr>', text, re.DOTALL)
    (found,) = [row for row in rows if f'data-label="No.">{number}</td>' in row]
    return str(found)


def test_the_table_shows_the_icons_that_are_still_unknown(
    curated: FlaskClient, demo: FlaskClient
) -> None:
    row = row_of(page(curated, PLAN), 63)
    assert 'aria-label="人が確認して付与: ゴール3、11"' in row
    assert row.count('<span class="square">') == 4 and "ほか4個（不明）" in row
    other = row_of(page(demo, MIXED), 4)
    assert other.count('<span class="square">') == 1 and "ほか1個（不明）" in other
    whole = row_of(page(curated, PLAN), 19)
    assert whole.count('<span class="square">') == 3 and "3個（不明）" in whole
    assert "ほか" not in whole.rpartition("<td")[2]
    legend = page(curated, PLAN).partition('<dl class="legend">')[2].partition("</dl>")[0]
    assert words(f"<main>{legend}</main>") == "1 人 人が確認して付与 件数のみ判明"


@pytest.mark.parametrize(
    ("which", "path", "row", "note"),
    [
        ("curated", f"{PLAN}/project/63", "どのゴールか ほか4個は不明（絵で掲載のため） "
         "自治体の資料に記載 不明（資料の文字データに無し） 人が確認して付与 2件",
         "資料では、この事業に全部で6個のゴールが示されています。そのうち4個は、"),
        ("demo", f"{MIXED}/project/4", "どのゴールか ほか1個は不明（絵で掲載のため） "
         "自治体の資料に記載 不明（資料の文字データに無し） 人が確認して付与 1件",
         "資料では、この事業に全部で2個のゴールが示されています。そのうち1個は、"),
        ("curated", f"{PLAN}/project/19", "どのゴールか 不明（絵で掲載のため） "
         "自治体の資料に記載 不明（資料の文字データに無し） 人が確認して付与 0件",
         "資料では、この事業に3個のゴールが絵（アイコン）で示されています。"),
        ("demo", f"{MIXED}/project/5", "資料に示された数 1件 自治体の資料に記載 1件 "
         "人が確認して付与 0件", None),
    ],
)  # fmt: skip
def test_the_project_page_tells_what_is_still_unknown(
    request: pytest.FixtureRequest, which: str, path: str, row: str, note: str | None
) -> None:
    shown = words(page(request.getfixturevalue(which), path))
    assert row in shown
    assert "お知らせ" in shown if note else "お知らせ" not in shown
    assert note is None or f"お知らせ {note}" in shown


def test_the_plan_says_of_how_many_projects_the_goals_are_known(
    curated: FlaskClient, demo: FlaskClient, pages: FlaskClient
) -> None:
    assert ALL_LOST in words(page(pages, PLAN))
    for client, path, numbers in ((curated, PLAN, (0, 1, 71)), (demo, MIXED, (9, 2, 3))):
        known, some, unknown = numbers
        for address in (path, f"{path}?view=embed"):
            text = page(client, address)
            assert ALL_LOST not in text, address
            assert (
                f"ゴールがすべて分かる事業は{known}件、一部だけ分かる事業は{some}件、"
                f"分からない事業は{unknown}件です。" in text
            ), address
    english = words(page(demo, MIXED, ENGLISH))
    assert "Projects whose goals are all known: 9; partly known: 2; not known: 3." in english
    assert "お知らせ" not in words(page(demo, "doc/482013/plan/kyodo-2/2021"))


def goal_row(text: str, plan: str) -> list[str]:
    """The cells of a plan's row on a goal's page, from the published number on."""
    rows = re.findall(r'<tr role="row">.*?</tr>', text, re.DOTALL)
    (found,) = [row for row in rows if f'href="/{plan}"' in row]
    return [words(f"<main>{cell}</main>") for cell in re.findall("<td.*?</td>", found, re.DOTALL)][
        1:
    ]


def test_a_goal_page_writes_unknown_where_links_are_unknown(
    curated: FlaskClient, demo: FlaskClient, pages: FlaskClient
) -> None:
    text = page(pages, "goals/11")
    row = goal_row(text, PLAN)
    assert row[:4] == ["13件", "18.1", "不明", "不明"] and row[5] == "件数のみ（66行目）"
    shown = words(text)
    assert "どの事業がこのゴールに関わるかは、資料の文字データからは分かりません。" in shown
    assert "自治体の資料に記載 0件" not in shown
    row = goal_row(page(curated, "goals/11"), PLAN)
    assert row[2:4] == ["不明", "少なくとも 1"] and row[5] == "関連付けは一部判明（66行目）"
    shown = words(page(curated, "goals/11"))
    assert (
        "自治体の資料に記載 0件・人が確認 1件。"
        "ほかにも関わる事業があるかが分からない計画が1件あります。" in shown
    )
    none = page(pages, "goals/14")  # where nothing is published, nothing is unknown
    assert goal_row(none, PLAN)[:4] == ["0件（掲載なし）", "0.0", "0", "0"]
    assert "自治体の資料に記載 0件・人が確認 0件。" in words(none)
    known = goal_row(page(demo, "goals/11"), "doc/482013/plan/kyodo-2/2021")
    assert known[2:] == ["9", "0", "— （推定なし）", "関連付けあり（61行目）"]


def without_totals(text: str) -> str:
    """A plan document without its table of goals."""
    start, end = text.index("【SDGsの取組数"), text.index("| 番号 | 新規")
    return text[:start] + text[end:]


def without_icons(text: str) -> str:
    """A plan document without the columns of icons in its lists of projects."""
    start = text.index("| 番号 | 新規")
    lines = (
        "|".join([*line.split("|")[:6], ""]) if line.startswith("|") else line
        for line in text[start:].split("\n")
    )
    return text[:start] + "\n".join(lines)


@pytest.fixture(scope="module")
def less(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A made-up town whose 2021 plan gives no totals per goal, that of 2020 no icons."""
    folder = tmp_path_factory.mktemp("less")
    for year, change in (("2021", without_totals), ("2020", without_icons)):
        plan = folder / "data" / "plans" / f"mihoncho-0002-{year}"
        shutil.copytree(REPOSITORY / "examples" / "plans" / plan.name, plan)
        document = plan / "plan.md"
        document.write_text(change(document.read_text(encoding="utf-8")), encoding="utf-8")
    yield from served(folder)


def test_a_goal_page_shows_plans_that_give_less(less: FlaskClient) -> None:
    text = page(less, "goals/11")
    town = "doc/492019/plan/kyodo-2"
    assert goal_row(text, f"{town}/2021") == [
        "公表なし", "不明", "不明", "不明", "11 見込み 5.1件", "ゴールごとの件数は不明"
    ]  # fmt: skip
    assert goal_row(text, f"{town}/2020") == [
        "5件", "27.8", "不明", "不明", "5", "件数のみ（57行目）"
    ]  # fmt: skip
    assert goal_row(page(less, "goals/9"), f"{town}/2021")[4] == "0 見込み 1.0件"
    without = words(page(less, f"{town}/2020"))
    assert "この計画の文字データには、どの事業がどのゴールに関わるかが示されていません。" in without
    assert "自治体の資料に記載 不明（資料の文字データに無し）" in words(
        page(less, f"{town}/2020/project/1")
    )


def test_a_filter_by_goal_says_what_is_not_known(
    curated: FlaskClient, demo: FlaskClient, pages: FlaskClient
) -> None:
    text = page(pages, f"{PLAN}?goal=11")
    assert (
        "ほかに、どのゴールかが分からない、または一部しか分からない事業が72件あり、"
        "ゴール11に関わるものがあるかもしれません。 推定の候補13件を見る（参考） "
        "記載・確認された関連付けに、条件に合うものはありません。" in words(text)
    )
    assert f'href="/{PLAN}?goal=candidate-11#projects"' in text
    assert "条件に合う事業はありません。" not in text
    text = page(curated, f"{PLAN}?goal=11&policy=7")
    assert "1件／72件" in words(text) and "または一部しか分からない事業が14件あり" in words(text)
    for view in ("goal=candidate-11", "policy=7", "goal=99"):
        assert "あるかもしれません" not in page(pages, f"{PLAN}?{view}"), view
    known = page(demo, "doc/482013/plan/kyodo-2/2021?goal=1")
    assert "あるかもしれません" not in known


def test_a_search_by_goal_says_what_is_not_known(pages: FlaskClient) -> None:
    text = page(pages, "search?q=水&goal=6")
    shown = words(text)
    projects = re.search(
        r"見つかった事業のうち(\d+)件は、どのゴールかが資料の文字データから分からないか", shown
    )
    listed = re.search(r'kind=project">事業 <span class="left">(\d+)<', page(pages, "search?q=水"))
    assert projects is not None and listed is not None and projects[1] == listed[1]
    number = re.search(r"推定の候補(\d+)件を見る（参考）", shown)
    assert number is not None
    assert '<a href="/search?q=%E6%B0%B4&amp;estimated=6">推定の候補' in text
    assert f"{number[1]}件／" in words(page(pages, "search?q=水&estimated=6"))
    assert "見る（参考）" not in words(page(pages, "search?q=水"))
