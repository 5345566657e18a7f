"""Values made once for each release by a thread of their own."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from server import background
from server.background import OncePerRelease
from server.context import context
from server.engine import Engine
from server.errors import unavailable
from server.lanes import Query

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"


def test_a_value_is_made_once_by_the_worker_that_nobody_waits_for(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    answer = Engine._answer

    def noting(engine: Engine, query: Query, *arguments: object, **named: bool) -> object:
        asked.append(query.is_past)
        return answer(engine, query, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "_answer", noting)
    value = OncePerRelease(lambda: len(context().engine.select(COUNT + "# calm")))
    with app.test_request_context("/"):
        assert [value.get(), value.get()] == [1, 1]
        assert asked == [True]
        context().engine.select(COUNT + "# hasty")
    assert asked == [True, False]


def test_nobody_waits_for_long(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "WAIT_S", 0.05)
    go_on, made = threading.Event(), threading.Event()

    def make() -> str:
        go_on.wait(10)
        made.set()
        return "there"

    value = OncePerRelease(make)
    with app.test_request_context("/"):
        assert [value.get(), value.get()] == [None, None]
        go_on.set()
        assert made.wait(10)
        assert value.get() == "there" or value.get() == "there"


@pytest.mark.parametrize(("outcome", "times"), [("refused", 2), (None, 2), ("timeout", 1)])
def test_what_would_fail_again_is_not_tried_again(
    app: Flask, outcome: str | None, times: int
) -> None:
    tried = []

    def make() -> str:
        tried.append(1)
        raise unavailable("No", "Not now.", None, outcome)

    value = OncePerRelease(make)
    with app.test_request_context("/"):
        assert [value.get(), value.get()] == [None, None]
    assert len(tried) == times


def test_a_fault_of_ours_is_told_once(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    tried = []

    def make() -> str:
        tried.append(1)
        raise KeyError("gone")

    value = OncePerRelease(make)
    with app.test_request_context("/"):
        assert [value.get(), value.get()] == [None, None]
    assert len(tried) == 1
    assert [record.getMessage() for record in caplog.records] == [
        "A value of the release could not be made"
    ]
