"""Hostile queries cost only themselves; workers come back, and no request leaves the machine."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import Literal, URIRef

from kg.settings import Settings
from server import create_app
from server.application import close_app
from server.context import context
from server.engine import SOLUTIONS_JSON, Engine
from server.errors import HttpProblem
from server.lanes import Query

RUNAWAY = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n0 ?o . "
    "FILTER(?a != ?d) }"
)
SORT = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?f ?i"
WAIT_S = 30


@pytest.fixture
def engine(app: Flask) -> Iterator[Engine]:
    with app.app_context():
        yield context().engine


def status_of(client: FlaskClient, query: str, **more: str) -> tuple[int, str]:
    answer = client.get("/sparql", query_string={"query": query, **more})
    title = "" if answer.status_code == 200 else json.loads(answer.data)["title"]
    return answer.status_code, title


def works(client: FlaskClient) -> bool:
    nonce = time.monotonic_ns()  # never from the cache
    return status_of(client, f"ASK {{ ?s ?p ?o FILTER({nonce} > 0) }}") == (200, "")


def test_a_runaway_query_is_stopped_and_the_worker_replaced(
    client: FlaskClient, engine: Engine
) -> None:
    assert works(client)
    before = engine.worker_pids()
    answer = client.get("/sparql", query_string={"query": RUNAWAY, "timeout": "0.5"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.data) == {
        "type": "about:blank",
        "title": "Query took too long",
        "status": 503,
        "detail": "The query was stopped after 0.5 seconds; no part of its answer was sent. "
        "Make it more selective, or take the files under /dumps/.",
    }
    assert works(client)
    killed = set(before) - set(engine.worker_pids())
    assert len(killed) == 1
    assert not Path(f"/proc/{killed.pop()}").exists()


def test_pages_are_answered_while_the_only_worker_is_busy(
    client: FlaskClient, engine: Engine
) -> None:
    statuses: list[tuple[int, str]] = []
    busy = threading.Thread(
        target=lambda: statuses.append(status_of(client.application.test_client(), RUNAWAY))
    )
    busy.start()
    for number in range(20):
        engine.select("SELECT ?s { ?s ?p ?number } LIMIT 1", {"number": Literal(number)})
    assert busy.is_alive()
    busy.join(WAIT_S)
    assert statuses == [(503, "Query took too long")]


def test_a_query_that_takes_too_much_memory(client: FlaskClient) -> None:
    assert status_of(client, SORT) == (503, "Query took too much memory")
    assert works(client)


def test_an_answer_over_the_limit_is_an_error_and_never_cut(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": "SELECT * { ?a ?b ?c . ?d ?e ?f }"})
    assert answer.status_code == 503
    assert "Retry-After" not in answer.headers
    assert json.loads(answer.data)["detail"] == (
        "The answer is larger than 2 MiB; no part of it was sent. "
        "Ask for less, with LIMIT and OFFSET, or take the files under /dumps/."
    )
    assert works(client)


def test_a_query_that_crashes_the_engine_costs_only_itself(
    client: FlaskClient, engine: Engine
) -> None:
    crash = "ASK { FILTER(1" + "+1" * 30_000 + " = 1) }"  # the guard does not let it pass
    with pytest.raises(HttpProblem, match="500 Query engine failed"):
        engine.answer(Query(crash, SOLUTIONS_JSON))
    assert works(client)


def test_a_worker_killed_while_idle_is_not_noticed(client: FlaskClient, engine: Engine) -> None:
    assert works(client)
    for pid in engine.worker_pids():
        os.kill(pid, signal.SIGKILL)
    assert works(client)


def test_a_worker_killed_at_work_costs_only_its_query(client: FlaskClient, engine: Engine) -> None:
    statuses: list[tuple[int, str]] = []
    busy = threading.Thread(
        target=lambda: statuses.append(status_of(client.application.test_client(), RUNAWAY))
    )
    assert works(client)
    busy.start()
    deadline = time.monotonic() + WAIT_S
    while busy.is_alive() and time.monotonic() < deadline:
        for pid in engine.worker_pids()[1:]:
            if _is_running(pid):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    busy.join(WAIT_S)
    assert statuses == [(503, "Query stopped")]
    assert works(client)


def _is_running(pid: int) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    ticks = int(fields[11]) + int(fields[12])
    return ticks > 100  # a second of processor time: only the runaway query has that


def test_service_is_refused_and_nothing_is_sent(client: FlaskClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        port = listener.getsockname()[1]
        for query in (
            f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/sparql> {{ ?s ?p ?o }} }}",
            f"SELECT * {{ SERVICE SILENT <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}",
            f"SELECT * {{ VALUES ?e {{ <http://127.0.0.1:{port}/> }} SERVICE ?e {{}} }}",
        ):
            assert status_of(client, query) == (403, "SERVICE not allowed")
        for query in (
            f"ASK FROM <http://127.0.0.1:{port}/graph> {{}}",
            f"LOAD <http://127.0.0.1:{port}/graph>",
        ):
            assert status_of(client, query)[0] == 400
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_worker_has_no_network_even_if_the_guard_were_passed(engine: Engine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        port = listener.getsockname()[1]
        with pytest.raises(Exception, match="400 Query cannot be answered"):
            engine.ask(f"ASK {{ SERVICE <http://127.0.0.1:{port}/sparql> {{ ?s ?p ?o }} }}")
        with pytest.raises(TimeoutError):
            listener.accept()


def test_workers_that_were_forked_from_one_process_draw_their_own_lots(
    client: FlaskClient, engine: Engine
) -> None:
    drawn = []
    for _ in range(4):
        query = "SELECT (UUID() AS ?u) (RAND() AS ?r) (STRUUID() AS ?s) (BNODE() AS ?b) {}"
        answer = client.get("/sparql", query_string={"query": query, "format": "csv"})
        drawn.append(answer.data.decode().split()[1].split(","))
        for pid in engine.worker_pids():
            with contextlib.suppress(ProcessLookupError):  # it has not been missed yet
                os.kill(pid, signal.SIGKILL)
    assert [len(set(kind)) for kind in zip(*drawn, strict=True)] == [4, 4, 4, 4]


def test_own_questions_take_terms_and_give_terms(engine: Engine, small: SimpleNamespace) -> None:
    query = "SELECT ?label { ?project <http://www.w3.org/2004/02/skos/core#prefLabel> ?label }"
    project = URIRef(f"{small.plan}/project/7")
    assert engine.select(query, {"project": project}) == [{"label": Literal("事業7", lang="ja")}]
    hostile = Literal('" } SELECT * { ?s ?p ?o } #')
    assert engine.select("SELECT ?s { ?s ?p ?value }", {"value": hostile}) == []
    assert engine.ask("ASK { ?s ?p ?o }") is True


def test_a_new_release_is_served_without_a_failed_request(
    tmp_path: Path, small: SimpleNamespace
) -> None:
    small.build(tmp_path, mark="版1")
    app = create_app(Settings(query_workers=2, rate_limit=""), tmp_path)
    query = f"SELECT ?l {{ <{small.plan}> <{small.skos}prefLabel> ?l }}"
    client = app.test_client()

    def label() -> tuple[str, str]:
        answer = client.get("/sparql", query_string={"query": query})
        assert answer.status_code == 200
        value = json.loads(answer.data)["results"]["bindings"][0]["l"]["value"]
        return value, answer.headers["ETag"]

    try:
        first = label()
        assert first[0] == "版1"
        small.build(tmp_path, mark="版2", second=1)
        second = label()
        assert second[0] == "版2"
        assert second[1] != first[1]
        again = client.get(
            "/sparql", query_string={"query": query}, headers={"If-None-Match": first[1]}
        )
        assert again.status_code == 200
        (tmp_path / "current").unlink()
        assert label() == second
    finally:
        close_app(app)


def test_more_queries_than_are_admitted_are_told_to_come_back(
    tmp_path: Path, small: SimpleNamespace
) -> None:
    small.build(tmp_path)
    app = create_app(
        Settings(query_workers=1, threads=1, query_timeout_s=3, rate_limit=""), tmp_path
    )
    statuses: list[tuple[int, str]] = []
    try:
        threads = [
            threading.Thread(
                target=lambda n=number: statuses.append(
                    status_of(app.test_client(), RUNAWAY.replace("?n)", f"?n{n})"))
                )
            )
            for number in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_S)
        assert {status for status, _ in statuses} == {503}
        assert statuses.count((503, "Too many queries")) >= 4
    finally:
        close_app(app)


def test_closing_leaves_no_process(tmp_path: Path, small: SimpleNamespace) -> None:
    small.build(tmp_path)
    app = create_app(Settings(query_workers=2, rate_limit=""), tmp_path)
    assert works(app.test_client())
    with app.app_context():
        pids = context().engine.worker_pids()
    assert pids
    close_app(app)
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
