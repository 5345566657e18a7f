"""Pages of a plan with budgets, indicators and a report: printed as in the documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kg import pipeline
from kg.release import current_release
from kg.settings import Settings
from server import create_app
from server.application import close_app
from tests.http.reading import BROWSER, ENGLISH, words
from tests.pipeline.small_plans import small_plan
from tests.pipeline.test_reports import PLAN as DOCUMENT
from tests.pipeline.test_reports import REPORT, SCALE

PLAN = "doc/990019/plan/kyodo/2021"


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("measures")
    (folder / "plans").mkdir()
    small_plan(folder / "plans", DOCUMENT, SCALE, report=REPORT)
    now = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
    outcome = pipeline.build(
        folder, folder / "var", Settings(), now, pipeline.Options(validator="shacl")
    )
    assert [str(problem) for problem in outcome.problems] == []
    return folder / "var"


@pytest.fixture(scope="module")
def client(var: Path) -> Iterator[FlaskClient]:
    app = create_app(Settings(query_workers=1, rate_limit=""), var)
    yield app.test_client()
    close_app(app)


def page(client: FlaskClient, path: str, headers: dict[str, str] = BROWSER) -> str:
    answer = client.get(f"/{path}", headers=headers)
    assert answer.status_code == 200
    return words(answer.text)


def test_a_project_shows_amounts_values_and_the_grade_as_printed(client: FlaskClient) -> None:
    shown = page(client, f"{PLAN}/project/2")
    for sentence in (
        "達成度（掲載表記） ２ （最も良い段階から3番目）",
        "出典 例市協働計画 2021年度実施計画（架空）の実施報告",
        "相談を受けました。",
        "相談件数（件） 2021年度 実績値 実施報告 41件",
        "相談件数（件） 2021年度 目標値 50 件",
        "相談件数（件） 2021年度 目標値 実施報告 60",
        "2021年度 予算（区分の記載なし） 20 （20,000円）",
        "2021年度 決算 20 （20,000円） 実施報告",
        "ゴール別に足すことはできません。",
    ):
        assert sentence in shown, sentence
    assert "計画値の記載はありません" not in shown
    english = page(client, f"{PLAN}/project/2", ENGLISH)
    assert "Amounts are of the whole project. They are not split across goals" in english
    assert "Grade as printed ２ (number 3 of the scale, counted from the best)" in english


def test_a_plan_with_indicators_is_not_said_to_print_no_targets(client: FlaskClient) -> None:
    shown = page(client, PLAN)
    row = shown.partition("相談事業")[2].partition("広報事業")[0]
    assert "指標1件" in row and "記載なし" not in row
    assert "指標（計画値・実績値）" in shown
    assert "indicators (planned, actual)" in page(client, PLAN, ENGLISH)


def test_a_project_of_which_nothing_is_printed_shows_no_empty_tables(client: FlaskClient) -> None:
    shown = page(client, f"{PLAN}/project/3")
    assert "予算・決算" not in shown
    assert "指標" not in shown
    assert "達成度" not in shown


def test_the_plan_counts_grades_and_shows_the_printed_total(client: FlaskClient) -> None:
    shown = page(client, PLAN)
    assert "実施報告: 例市協働計画 2021年度実施計画（架空）の実施報告" in shown
    assert "達成度 事業数 4 1 2 1" in shown
    assert "No.1 教室事業 参加者数 2021年度 300人 310人 4" in shown
    assert "No.2 相談事業 相談件数（件） 2021年度 50 41件 ２" in shown
    assert "2021年度 決算 116 （116,000円） 実施報告 7行目" in shown


def test_the_report_has_dumps_and_pages_of_its_own(client: FlaskClient, var: Path) -> None:
    (entry,) = current_release(var).manifest["plans"]
    assert [*entry["graphs"]] == ["source", "links", "report", "achievement"]
    folder = f"dumps/{entry['code']}/{entry['slug']}/{entry['year']}"
    with client.get(f"/{folder}/achievement.csv") as answer:
        csv = answer.data.decode("utf-8-sig")
    assert [line.split(",")[4:9] for line in csv.splitlines()[1:]] == [
        ["1", "教室事業", "2021", "4", "1"],
        ["2", "相談事業", "2021", "２", "3"],
    ]
    assert "事業2の達成度・実績" in page(client, f"{PLAN}/project/2/achievement")
    assert "例市協働計画 2021年度実施計画（架空）の実施報告" in page(
        client, "doc/990019/source/kyodo-2021-report"
    )


def test_planned_and_achieved_stand_side_by_side_in_the_example_query(client: FlaskClient) -> None:
    answer = client.get("/queries/cq23.json")
    assert answer.status_code == 200
    rows = json.loads(answer.data)["results"]["bindings"]
    columns = ("number", "planned", "achieved", "difference", "grade")
    told = [tuple(row[name]["value"] for name in columns) for row in rows]
    assert told == [
        ("1", "300", "310", "10", "4"),
        ("2", "50", "41", "-9", "２"),
        ("2", "60", "41", "-19", "２"),
    ]
