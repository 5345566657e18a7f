"""Pages kept in memory: the same answer, made once, and another one for whatever differs."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.settings import Settings
from server import create_app
from server.application import close_app
from server.hooks import EXTENSION
from server.pages import page_cache
from tests.http.reading import BROWSER, ENGLISH

PLAN = "/doc/072036/plan/kyodo-2/2021"


@pytest.fixture
def made(koriyama: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The IRIs of the pages that are made from now on."""
    found: list[str] = []
    hooks = koriyama.extensions[EXTENSION]["hooks"]
    make = hooks.document

    def watched(iri: str) -> Any:
        found.append(iri.rpartition("/")[2])
        return make(iri)

    monkeypatch.setattr(hooks, "document", watched)
    return found


def test_a_page_is_made_once_and_the_same_each_time(pages: FlaskClient, made: list[str]) -> None:
    first = pages.get(f"{PLAN}/project/1", headers=BROWSER)
    again = pages.get(f"{PLAN}/project/1", headers=BROWSER)
    assert made == ["1"]
    assert again.data == first.data and first.status_code == again.status_code == 200
    own = {"X-Request-Id"}
    assert {n: v for n, v in again.headers if n not in own} == {
        n: v for n, v in first.headers if n not in own
    }
    tagged = pages.get(
        f"{PLAN}/project/1", headers={**BROWSER, "If-None-Match": first.headers["ETag"]}
    )
    packed = pages.get(f"{PLAN}/project/1", headers={**BROWSER, "Accept-Encoding": "gzip"})
    assert (tagged.status_code, packed.headers["Content-Encoding"]) == (304, "gzip")
    assert pages.head(f"{PLAN}/project/1", headers=BROWSER).content_length == len(first.data)
    assert made == ["1"]


def test_language_address_and_form_each_have_a_page_of_their_own(
    pages: FlaskClient, made: list[str]
) -> None:
    japanese = pages.get(f"{PLAN}/project/2", headers=BROWSER)
    english = pages.get(f"{PLAN}/project/2", headers=ENGLISH)
    chosen = pages.get(f"{PLAN}/project/2?lang=en", headers=BROWSER)
    assert japanese.headers["Content-Language"] == "ja"
    assert english.headers["Content-Language"] == chosen.headers["Content-Language"] == "en"
    assert "lang=en" in chosen.text and english.data != chosen.data
    assert made == ["2", "2", "2"]
    turtle = pages.get(f"{PLAN}/project/2", headers={"Accept": "text/turtle"})
    assert turtle.mimetype == "text/turtle"
    moved = pages.get("/doc/072036/plan/kyodo-2/2021/project/%32", headers=BROWSER)
    assert moved.status_code == 301
    assert pages.get(f"{PLAN}/project/99", headers=BROWSER).status_code == 404


def test_answers_of_queries_and_errors_are_not_kept(pages: FlaskClient) -> None:
    query = {"query": "ASK { ?s ?p ?o }"}
    for _ in range(2):
        assert pages.get("/sparql", query_string=query, headers=BROWSER).status_code == 200
        assert pages.get("/doc/072036/nothing", headers=BROWSER).status_code == 404


def test_another_release_has_pages_of_its_own(small: Any, tmp_path: Path) -> None:
    small.build(tmp_path, mark="はじめの計画")
    app = create_app(Settings(query_workers=1, rate_limit=""), tmp_path)
    try:
        client = app.test_client()
        assert "はじめの計画" in client.get(PLAN, headers=BROWSER).text
        small.build(tmp_path, mark="つぎの計画", second=9)
        assert "つぎの計画" in client.get(PLAN, headers=BROWSER).text
    finally:
        close_app(app)


def test_nothing_is_kept_for_long(
    pages: FlaskClient, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for now in (0.0, 299.0, 301.0):
        clock = SimpleNamespace(monotonic=lambda now=now: 6e7 + now)
        monkeypatch.setattr(page_cache, "time", clock)
        pages.get(f"{PLAN}/project/3", headers=BROWSER)
    assert made == ["3", "3"]
