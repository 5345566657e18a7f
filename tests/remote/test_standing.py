"""A store that is not there, slow, restarted, half loaded or of another release: never wrong."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from kg.errors import SettingsError
from kg.pipeline import Options, build
from kg.release import current_release
from kg.remote.state import Names
from kg.remote.writing import GraphStore, Writer
from kg.settings import ServiceEndpoint, Settings
from server import create_app
from server.application import close_app
from server.engine_remote import RemoteEngine
from tests.remote.conftest import client_of, push, remote_of, settings_of
from tests.remote.proxy import Proxy
from tests.remote.servers import Oxigraph, StoreProcess

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ALL = "SELECT ?s ?p ?o { ?s ?p ?o }"
LIMIT_S = 2


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oxigraph]:
    store = Oxigraph(tmp_path_factory.mktemp("oxigraph"))
    store.start()
    yield store
    store.stop()


@pytest.fixture(scope="module")
def var(two_cities: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Releases that may be switched between: the second has another address in its catalogue."""
    var = tmp_path_factory.mktemp("var")
    shutil.copytree(two_cities, var, symlinks=True, dirs_exist_ok=True)
    return var


@pytest.fixture
def loaded(store: Oxigraph, var: Path) -> Oxigraph:
    if not store.is_running:  # an earlier test failed
        store.start()
    push(store, var)
    return store


@pytest.fixture
def proxy(loaded: Oxigraph) -> Iterator[Proxy]:
    with Proxy(loaded) as proxy:
        yield proxy


@pytest.fixture
def app_over(var: Path) -> Iterator[Callable[..., Flask]]:
    """A function from a store to the service over it."""
    made = []

    def app_of(store: StoreProcess | str, **more: object) -> Flask:
        settings = settings_of(store, **{"query_timeout_s": LIMIT_S, **more})
        made.append(create_app(settings, var))
        return made[-1]

    yield app_of
    for app in made:
        close_app(app)


def ask(app: Flask, query: str, **more: str) -> TestResponse:
    """A query whose answer is not in the cache."""
    start, _, end = query.rpartition("}")
    text = f'{start} FILTER("{time.monotonic_ns()}" != "") }}{end}' if start else query
    reply = app.test_client().post("/sparql", data={"query": text, **more})
    reply.get_data()
    reply.close()
    return reply


def problem(reply: TestResponse) -> tuple[int, str]:
    assert "application/problem+json" in reply.headers["Content-Type"]
    assert reply.json is not None
    return reply.status_code, reply.json["title"]


def test_an_empty_store_is_told(tmp_path: Path, app_over: Callable[..., Flask]) -> None:
    empty = Oxigraph(tmp_path)
    empty.start()
    try:
        reply = ask(app_over(empty), COUNT)
        assert problem(reply) == (503, "Remote store not loaded")
        assert reply.headers["Retry-After"] == "10"
    finally:
        empty.stop()


def test_pages_and_health_say_it_too_and_files_are_served(
    loaded: Oxigraph, app_over: Callable[..., Flask]
) -> None:
    store, app = loaded, app_over(loaded)
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    store.stop()
    try:
        for path in ("/healthz", "/doc/072036/plan/kyodo-2/2021", "/goals/3"):
            reply = client.get(path)
            assert (reply.status_code, path) == (503, path)
            assert problem(reply) == (503, "Remote store not reachable")
        for path in ("/catalog.ttl", "/void.ttl", "/dumps/SHA256SUMS", "/ns.ttl"):
            file = client.get(path)
            assert (file.status_code, path) == (200, path)
            file.close()
    finally:
        store.start()
    assert client.get("/healthz").status_code == 200


def test_a_store_that_is_restarted_is_asked_again(
    loaded: Oxigraph, app_over: Callable[..., Flask]
) -> None:
    app = app_over(loaded)
    before = ask(app, COUNT)
    assert before.status_code == 200
    loaded.stop(is_kill=True)
    gone = ask(app, COUNT)
    assert problem(gone) == (503, "Remote store not reachable")
    assert gone.headers["Retry-After"] == "10"
    loaded.start()
    assert ask(app, COUNT).data == before.data


def test_a_stalling_store_costs_no_more_than_the_limit(
    proxy: Proxy, app_over: Callable[..., Flask]
) -> None:
    app = app_over(proxy.endpoint)
    for mode in ("stall", "trickle"):
        proxy.mode = mode
        started = time.monotonic()
        assert problem(ask(app, COUNT)) == (503, "Query took too long")
        assert time.monotonic() - started < LIMIT_S + 1
        started = time.monotonic()
        assert problem(ask(app, COUNT, timeout="0.5")) == (503, "Query took too long")
        assert time.monotonic() - started < 1.5
    proxy.mode = "pass"
    assert ask(app, COUNT).status_code == 200


@pytest.mark.parametrize("query", [ALL, "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", "ASK { ?s ?p ?o }"])
def test_an_answer_that_is_cut_is_not_passed_on(
    proxy: Proxy, app_over: Callable[..., Flask], query: str
) -> None:
    proxy.mode = "cut"
    reply = ask(app_over(proxy.endpoint), query)
    assert problem(reply) == (503, "Remote store not reachable")


BROKEN = {
    "html": ("text/html", b"<html>An error occurred</html>"),
    "half": (
        "application/sparql-results+json",
        b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"urn:a"}}'
        b"The SPARQL operation has been cancelled",
    ),
    "nothing": ("application/sparql-results+json", b""),
    "boolean-of-nothing": ("application/sparql-results+json", b'{"head":{}}'),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_answer_is_not_passed_on(
    proxy: Proxy, app_over: Callable[..., Flask], name: str
) -> None:
    proxy.mode, proxy.answer = "answer", BROKEN[name]
    assert problem(ask(app_over(proxy.endpoint), ALL)) == (502, "Remote store failed")


def test_a_graph_that_breaks_off_at_the_end_of_a_line_is_not_passed_on(
    proxy: Proxy, app_over: Callable[..., Flask]
) -> None:
    said = b"<urn:a> <urn:b> <urn:c> .\nThe SPARQL operation has been cancelled"
    proxy.mode, proxy.answer = "answer", ("application/n-triples", said)
    reply = ask(app_over(proxy.endpoint), "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }")
    assert problem(reply) == (502, "Remote store failed")


def test_a_part_that_a_store_calls_an_answer_is_refused(
    proxy: Proxy, app_over: Callable[..., Flask]
) -> None:
    app = app_over(proxy.endpoint)
    proxy.headers = {"X-SPARQL-MaxRows": "10000"}
    reply = ask(app, "SELECT ?s { ?s ?p ?o } LIMIT 5")
    assert problem(reply) == (503, "Answer cut by the remote store")
    proxy.headers = {"X-SPARQL-Anytime": "4"}
    assert problem(ask(app, "SELECT ?s { ?s ?p ?o } LIMIT 5")) == (502, "Remote store failed")


def test_a_kept_connection_that_breaks_off_leaves_nothing_of_the_first_try(
    proxy: Proxy, app_over: Callable[..., Flask]
) -> None:
    app = app_over(proxy.endpoint, query_timeout_s=20)
    whole = ask(app, "SELECT ?s { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 500")
    assert whole.status_code == 200
    proxy.cuts = 1
    again = ask(app, "SELECT ?s { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 500")
    assert (proxy.cuts, again.status_code, again.data) == (0, 200, whole.data)


def test_a_large_answer_ends_at_the_limit(proxy: Proxy, app_over: Callable[..., Flask]) -> None:
    reply = ask(app_over(proxy.endpoint, result_limit_mib=1), ALL)
    assert problem(reply) == (503, "Answer too large")


def test_an_answer_of_several_megabytes_is_whole(
    proxy: Proxy, app_over: Callable[..., Flask], var: Path
) -> None:
    remote, local = app_over(proxy.endpoint), create_app(Settings(query_workers=1), var)
    try:
        answers = [json.loads(ask(app, ALL).data) for app in (remote, local)]
    finally:
        close_app(local)
    found, expected = (
        sorted(json.dumps(row, sort_keys=True) for row in answer["results"]["bindings"])
        for answer in answers
    )
    assert len(expected) > 20_000
    assert found == expected


def test_a_half_loaded_store_gives_no_answer(
    loaded: Oxigraph, app_over: Callable[..., Flask], var: Path
) -> None:
    app = app_over(loaded)
    assert ask(app, COUNT).status_code == 200
    release = current_release(var)
    store, names = remote_of(loaded), Names.of(Settings().base_iri)
    state = store.loaded()
    _writer(loaded).put(names.loaded, replace(state, phase="loading", push="other").lines(names))
    reply = ask(app, COUNT)
    assert problem(reply) == (503, "Remote store half loaded")
    assert release.id in reply.json["detail"]  # type: ignore[index]
    push(loaded, var)
    assert ask(app, COUNT).status_code == 200


def test_two_states_at_once_are_none(loaded: Oxigraph, app_over: Callable[..., Flask]) -> None:
    app = app_over(loaded)
    names = Names.of(Settings().base_iri)
    line = f'<{names.loaded}> <http://purl.org/dc/terms/identifier> "another" .\n'
    _writer(loaded).add(names.loaded, [line])
    assert problem(ask(app, COUNT)) == (503, "Remote store half loaded")


def test_another_release_is_not_answered_for(
    loaded: Oxigraph, app_over: Callable[..., Flask], var: Path, tmp_path: Path
) -> None:
    app = app_over(loaded)
    old = current_release(var).id
    before = ask(app, COUNT)
    root = Path(__file__).resolve().parents[2]
    for plan in ("data/plans/koriyama-2021", "tests/data/plans/reishi-2021"):
        shutil.copytree(root / plan, tmp_path / "plans" / Path(plan).name)
    settings = Settings(public_url="https://other.example/")
    now = datetime(2026, 11, 25, tzinfo=UTC)
    assert build(tmp_path, var, settings, now, Options(validator="shacl")).release
    new = current_release(var).id
    reply = ask(app, COUNT)
    assert problem(reply) == (503, "Remote store has another release")
    assert f"has release {old}; this service has {new}." in reply.json["detail"]  # type: ignore[index]
    # an earlier release is answered here, whatever the store has
    pinned = ask(app, COUNT, release=old)
    assert (pinned.status_code, pinned.data) == (200, before.data)
    done = push(loaded, var)
    assert [name.rpartition("/")[2] for name in done.loaded] == ["catalog"]
    assert ask(app, COUNT).status_code == 200


def test_a_push_while_an_answer_is_made_is_seen(
    loaded: Oxigraph, app_over: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_over(loaded)
    assert ask(app, COUNT).status_code == 200
    sent = RemoteEngine._send
    writer = _writer(loaded)

    def send(self: RemoteEngine, *given: object) -> object:
        reply = sent(self, *given)  # type: ignore[arg-type]
        state = self._standing.now()
        writer.put(self._names.loaded, replace(state, phase="loading", push="x").lines(self._names))
        return reply

    monkeypatch.setattr(RemoteEngine, "_send", send)
    assert problem(ask(app, COUNT)) == (503, "Remote store half loaded")


def test_a_cached_answer_is_given_again_without_the_store(
    loaded: Oxigraph, app_over: Callable[..., Flask], var: Path
) -> None:
    push(loaded, var)
    client = app_over(loaded).test_client()
    first = client.get("/sparql", query_string={"query": COUNT})
    loaded.stop()
    try:
        assert client.get("/sparql", query_string={"query": COUNT}).data == first.data
    finally:
        loaded.start()


@pytest.mark.parametrize(
    "query",
    [
        "DEFINE input:default-graph-uri <http://evil.example/> SELECT * { ?s ?p ?o }",
        'SELECT * { ?s ?p ?o . ?o bif:contains "x" }',
        'PREFIX b: <bif:> SELECT (b:getenv("PATH") AS ?x) { }',
        'SELECT (<sql:x>("y") AS ?x) { }',
        "SELECT * { ?s ?p ?o } INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "SELECT * FROM <http://evil.example/> { ?s ?p ?o }",
        "SELECT * { ?s ?p ",
    ],
)
def test_what_is_no_sparql_1_1_never_reaches_the_store(
    proxy: Proxy, app_over: Callable[..., Flask], query: str
) -> None:
    app = app_over(proxy.endpoint)
    before = proxy.queries
    assert ask(app, query).status_code == 400
    assert proxy.queries == before


def test_service_is_refused(proxy: Proxy, app_over: Callable[..., Flask]) -> None:
    before = proxy.queries
    assert ask(app_over(proxy.endpoint), "SELECT * { SERVICE <urn:x> {} }").status_code == 403
    assert proxy.queries == before
    allowed = (ServiceEndpoint("https://data.example/sparql"),)
    with pytest.raises(SettingsError, match="service_allowlist"):
        Settings(store="http://127.0.0.1:1/sparql", service_allowlist=allowed)


def _writer(store: StoreProcess) -> Writer:
    return GraphStore(client_of(store), store.graph_store, 30)
