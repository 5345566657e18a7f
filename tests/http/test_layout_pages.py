"""Pages of what other layouts state: partner units, targets, marks, goals of policies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from kg.pipeline import Options, build
from kg.settings import Settings
from kg.text import short_hash
from server import create_app
from server.application import close_app
from tests.conftest import NOW
from tests.http.asking import Reading
from tests.http.reading import words
from tests.pipeline.layouts import folder_of, table

PLAN = "/doc/990019/plan/kyodo"
DOCUMENT = "2021年度実施計画\n\n" + "\n".join(
    map(
        table,
        (
            [
                ["番号", "事業名", "担当課", "関係課", *map(str, range(1, 18)), "SDGs"],
                ["施策1 すこやかなまち", *[""] * 21],
                ["1", "健康教室事業", "福祉課", "市民課", "", "", "◎", *[""] * 14, "SDG 11.2"],
                ["2", "体操事業", "福祉課", *[""] * 19],
                ["3", "古本市事業", "市民課", *[""] * 19],
            ],
            [["基本施策", "SDGs"], ["施策1", "4、8.5"]],
        ),
    )
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("layouts")
    plans = folder / "data" / "plans"
    plans.mkdir(parents=True)
    folder_of(plans, DOCUMENT)
    outcome = build(folder / "data", folder / "var", Settings(), NOW, Options(validator="shacl"))
    assert [str(problem) for problem in outcome.problems] == []
    app = create_app(Settings(query_workers=1, rate_limit=""), folder / "var")
    yield Reading(app, app.response_class)
    close_app(app)


def page(client: FlaskClient, path: str, language: str = "ja") -> str:
    answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": language})
    assert answer.status_code == 200
    return words(answer.text)


def test_a_project_shows_partners_targets_and_marks(client: FlaskClient) -> None:
    shown = page(client, f"{PLAN}/2021/project/1")
    assert "連携課 市民課" in shown
    assert "ターゲット11.2が示されています。" in shown
    assert "印 「◎」" in shown
    assert "ゴールの表示なし" in page(client, f"{PLAN}/2021/project/2")
    assert "連携課" not in page(client, f"{PLAN}/2021/project/2").partition("SDGsのゴール")[0]


def test_a_unit_counts_the_projects_it_answers_for_and_lists_the_others(
    client: FlaskClient,
) -> None:
    shown = page(client, f"/doc/990019/unit/{short_hash('市民課')}")
    assert "2021年度の事業（1件）" in shown
    assert "連携課として関わる事業（1件）" in shown
    assert "上の件数には数えません" in shown
    assert "2021 No.1 健康教室事業" in shown
    english = page(client, f"/doc/990019/unit/{short_hash('市民課')}", "en")
    assert "Projects as a partner (1)" in english
    assert "連携課として" not in page(client, f"/doc/990019/unit/{short_hash('福祉課')}")


def test_partners_are_found(client: FlaskClient) -> None:
    answer = client.get("/search?q=市民課", headers={"Accept": "application/json"})
    assert "健康教室事業" in str(answer.get_json())


def test_a_policy_shows_its_goals_as_no_project_s(client: FlaskClient) -> None:
    shown = page(client, f"{PLAN}/policy/1")
    assert "この施策に示されたゴール（2021年度）" in shown
    assert "事業の件数には数えません" in shown
    assert "ゴール4 記録 「 4 」 ゴール8 記録 「 8.5 」" in shown, shown
    assert "ゴールとの関連（のべ） 2" in shown
    assert "基本施策1とゴール8の関連付け" in page(client, f"{PLAN}/2021/policy/1/sdg/8")


def test_a_goal_of_a_policy_counts_for_no_project(client: FlaskClient) -> None:
    answer = client.get("/goals/4", headers={"Accept": "text/html"})
    assert "健康教室事業" not in answer.text
    assert "健康教室事業" in client.get("/goals/3", headers={"Accept": "text/html"}).text
