"""/charts/…: the drawings of the release, and how the plan's page shows them."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.pages.charts import charts_of

PLACE = "charts/072036/kyodo-2/2021"


@pytest.mark.parametrize("name", ["goals-ja-wide", "balance-en-narrow", "units-ja-narrow"])
def test_a_chart_is_the_file_of_the_release(
    pages: FlaskClient, koriyama_var: Path, name: str
) -> None:
    answer = pages.get(f"/{PLACE}/{name}.svg")
    assert answer.status_code == 200
    assert answer.data == (koriyama_var / "current" / PLACE / f"{name}.svg").read_bytes()
    assert answer.content_type == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    again = pages.get(f"/{PLACE}/{name}.svg", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_what_was_not_drawn_is_not_found(pages: FlaskClient) -> None:
    for path in (
        f"{PLACE}/goals-fr-wide.svg",
        f"{PLACE}/charts.json",
        f"{PLACE}/..%2F..%2Fx.svg",
        "charts/072036/kyodo-2/2020/goals-ja-wide.svg",
        "charts/",
    ):
        assert pages.get(f"/{path}").status_code == 404, path


def test_a_chart_of_a_withdrawn_plan_is_gone(client: FlaskClient) -> None:
    answer = client.get("/charts/072036/old/2019/goals-ja-wide.svg")
    assert answer.status_code == 410
    assert answer.json is not None and "charts/072036/old/2019/goals-ja-wide.svg" in str(
        answer.json["detail"]
    )


def test_a_page_knows_addresses_sizes_and_texts(koriyama: Flask) -> None:
    entry = {"code": "072036", "slug": "kyodo-2", "year": 2021}
    with koriyama.test_request_context("/"):
        found = charts_of(entry, "en")
        assert list(found) == ["goals", "balance", "units"]
        goals = found["goals"]
        assert goals.title == "Published projects per goal"
        assert goals.narrow.url == f"/{PLACE}/goals-en-narrow.svg"
        assert (goals.wide.width, goals.narrow.width) == (720, 328)
        assert goals.rows[16] == ("17 Partnerships for the goals", 21)
        assert charts_of({**entry, "year": 2019}, "en") == {}
        assert charts_of({}, "en") == {}
