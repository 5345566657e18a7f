"""/quality: each criterion with its value on the release that is served, as a page and as JSON."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.counts import Counts, read_counts
from server import measures
from server.engine import Engine
from server.errors import unavailable
from server.quality import criteria
from tests.http.reading import BROWSER, ENGLISH, words


@pytest.mark.parametrize("headers", [BROWSER, ENGLISH])
def test_each_criterion_has_question_answer_value_and_link(
    pages: FlaskClient, headers: dict[str, str]
) -> None:
    text = pages.get("/quality", headers=headers).text
    document = json.loads(pages.get("/quality.json").data)
    assert document == json.loads(pages.get("/quality").data)
    assert list(document) == ["release", "created", "endpoint", "criteria"]
    assert document["created"] == "2026-11-24T10:15:00Z"
    assert len(document["criteria"]) == 18
    for one in document["criteria"]:
        assert list(one) == ["criterion", "area", "met", "value", "see", "about"]
        assert text.count(f'href="#{one["criterion"]}"') == 1
        part = text.partition(f'<h3 id="{one["criterion"]}">')[2].partition("</dl>")[0]
        assert part.count("<dt>") == 5, one["criterion"]
        see = one["see"].removeprefix("http://localhost:8000")
        assert f'<a href="{html.escape(see)}">' in part


def test_the_page_has_the_values_of_the_release(pages: FlaskClient) -> None:
    by_name = {
        one["criterion"]: one["value"]
        for one in json.loads(pages.get("/quality.json").data)["criteria"]
    }
    labels, cool = by_name["labels"], by_name["cool-iris"]
    text = words(pages.get("/quality", headers=BROWSER).text)
    share = 100 * labels["labelled"] / labels["resources"]
    assert f"{labels['resources']:,}件のうち{labels['labelled']:,}件（{share:.1f}％）" in text
    assert f"うち{cool['of_the_server_with_port']}件は住所にポート番号を含みます。" in text
    assert "この版では測れませんでした。" not in text
    english = words(pages.get("/quality", headers=ENGLISH).text)
    assert f"{labels['labelled']:,} of {labels['resources']:,} ({share:.1f}%)" in english


def test_what_the_engine_cannot_answer_is_not_measured_and_asked_again(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(engine: Engine, text: str, *arguments: Any) -> Any:
        raise unavailable("Query timeout", "Too long.", None)

    monkeypatch.setattr(measures, "_kept", {})
    with monkeypatch.context() as broken:
        broken.setattr(Engine, "bytes_of", refusing)
        document = json.loads(client.get("/quality.json").data)
        met = {one["criterion"]: one["met"] for one in document["criteria"]}
        asked = {"alive", "response-time", "complete"}
        assert {name for name, value in met.items() if value == "unknown"} == asked
        page = client.get("/quality", headers=BROWSER)
        assert words(page.text).count("この版では測れませんでした。") == len(asked)
        assert measures._kept == {}
    met = {
        o["criterion"]: o["met"] for o in json.loads(client.get("/quality.json").data)["criteria"]
    }
    assert "unknown" not in met.values()
    assert len(measures._kept) == 1


def test_what_was_not_counted_at_the_build_is_unknown(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release of an earlier program has no figures."""

    def without_figures(folder: Path) -> Counts | None:
        counts = read_counts(folder)
        return None if counts is None else replace(counts, figures={})

    monkeypatch.setattr(measures, "_kept", {})
    monkeypatch.setattr(measures, "read_counts", without_figures)
    criteria = json.loads(client.get("/quality.json").data)["criteria"]
    assert {one["criterion"] for one in criteria if one["met"] == "unknown"} == {
        "labels", "datatypes", "links-out", "cool-iris", "http-iris", "dereference", "links-in-rdf",
    }  # fmt: skip


def test_what_is_not_met_is_said(koriyama: Flask) -> None:
    with koriyama.test_request_context("/quality"):
        found = measures.measures()
        assert found.resources is not None
        void = found.descriptions["void"]
        bad = {**found.resources, "data": {**found.resources["data"], "ports": 1}}
        worse = replace(
            found, resources={**bad, "no-http": {"number": 2}}, triples_of_construct=0,
            held={**found.held, "classes": 1000}, links_out=(),
            descriptions={**found.descriptions, "void": {**void, "licences": []}},
        )  # fmt: skip
        met = {one.name: str(one.met) for one in criteria(worse)}
    assert {name for name, value in met.items() if value == "no"} == {
        "alive", "links-out", "publisher-and-licence", "cool-iris", "http-iris", "complete",
    }  # fmt: skip
