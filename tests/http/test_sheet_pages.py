"""Pages of a plan that was read from a workbook: they name the sheet, and quote the row."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from kg.pipeline import Options, build
from kg.proposal.command import propose, write
from kg.settings import Settings
from server import create_app
from server.application import close_app
from tests.http.reading import BROWSER, ENGLISH, words
from tests.test_template import NOW, filled_in, settled

PLAN = "doc/990019/plan/kyodo/2026"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("sheets")
    document = folder / "plan.xlsx"
    filled_in().save(document)
    file = write(propose(document, Settings()), folder / "data/plans/reishi-2026", NOW.date())
    settled(file)
    outcome = build(folder / "data", folder / "var", Settings(), NOW, Options(validator="shacl"))
    assert [str(problem) for problem in outcome.problems] == []
    app = create_app(Settings(query_workers=1), folder / "var")
    with app.test_client() as client:
        yield client
    close_app(app)


def page(client: FlaskClient, path: str, headers: dict[str, str]) -> str:
    answer = client.get(f"/{path}", headers=headers)
    assert answer.status_code == 200
    return words(answer.text)


def test_a_project_s_source_is_its_row_in_the_sheet(client: FlaskClient) -> None:
    text = page(client, f"{PLAN}/project/2", BROWSER)
    assert "シート「事業一覧」6行目 。原文のまま" in text
    assert (
        "2 | 新規 | 1 人づくり | 出前講座事業 | 学びの場をつくります。 | 教育部学習課 | 4、17"
        in text
    )
    text = page(client, f"{PLAN}/project/2", ENGLISH)
    assert "line 6 of sheet “事業一覧”" in text


def test_the_plan_s_page_names_the_sheets_of_totals_and_reviews(client: FlaskClient) -> None:
    text = page(client, PLAN, BROWSER)
    for sheet, row in (("見直し一覧", "3"), ("計", "3–5行目"), ("ゴール別事業数", "2–18行目")):
        assert f"シート「{sheet}」{row}" in text


def test_a_unit_s_spellings_name_their_sheets(client: FlaskClient) -> None:
    listing = client.get(f"/{PLAN}/project/2", headers=BROWSER).text
    (unit,) = set(re.findall(r'/doc/990019/unit/([0-9a-f]{8})"[^>]*>(?:<[^>]*>)*学習課', listing))
    text = page(client, f"doc/990019/unit/{unit}", BROWSER)
    assert "シート「事業一覧」6" in text
    assert "シート「見直し一覧」3" in text
