"""`serve` as a real process on loopback: clients, signals, orphans."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from rdflib import Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, POST, POSTDIRECTLY, TURTLE, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from kg.errors import ReleaseError, WrongUse
from kg.settings import Settings
from server.run import serve

LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"
QUERY = f"SELECT ?l {{ ?s <{LABEL}> ?l }} ORDER BY ?l LIMIT 1"
GONE_S = 15


@pytest.fixture(scope="module")
def server(start: Callable[..., Any]) -> Any:
    return start(query_workers="2")


def curl(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        ["curl", "--silent", "--max-time", "20", *arguments], capture_output=True, check=False
    )
    return done.returncode, done.stdout.decode()


def wrapper(url: str, query: str) -> Any:
    client = SPARQLWrapper(f"{url}sparql")
    client.setQuery(query)
    client.setTimeout(20)
    return client


def test_sparqlwrapper_reads_every_form(server: Any) -> None:
    client = wrapper(server.url, QUERY)
    client.setReturnFormat(JSON)
    assert client.queryAndConvert()["results"]["bindings"][0]["l"]["value"] == "事業1"
    client.setMethod(POST)
    assert client.queryAndConvert()["results"]["bindings"][0]["l"]["value"] == "事業1"
    client.setRequestMethod(POSTDIRECTLY)
    assert client.queryAndConvert()["results"]["bindings"][0]["l"]["value"] == "事業1"
    client = wrapper(server.url, QUERY)
    client.setReturnFormat(CSV)
    assert client.queryAndConvert() == "l\r\n事業1\r\n".encode()
    client = wrapper(server.url, f"CONSTRUCT WHERE {{ ?s <{LABEL}> ?l }}")
    client.setReturnFormat(TURTLE)
    assert b"skos:prefLabel" in client.queryAndConvert()
    with pytest.raises(QueryBadFormed, match="Syntax error"):
        wrapper(server.url, "SELECT * {").query()


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_sparqlstore_reads_solutions(server: Any, method: str) -> None:
    store = SPARQLStore(f"{server.url}sparql", method=method)
    rows = list(store.query(QUERY))
    assert [row[0] for row in rows] == [Literal("事業1", lang="ja")]


def test_rdflib_sparqlstore_sends_its_graph(server: Any) -> None:
    graph = URIRef("https://w3id.org/jp-sdgplan/id/072036/plan/kyodo-2/2021/graph/links")
    store = SPARQLStore(f"{server.url}sparql")
    rows = list(store.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", queryGraph=graph))
    assert [int(row[0]) for row in rows] == [40]


def test_curl_gets_data_ranges_and_errors(server: Any, needs_debian: Any) -> None:
    needs_debian("curl", "curl")
    assert curl("-G", f"{server.url}sparql", "-d", "query=ASK%7B%7D", "-d", "format=csv") == (
        0,
        "true",
    )
    dump = f"{server.url}dumps/072036/kyodo-2/2021/source.ttl"
    assert curl("-r", "0-4", dump) == (0, "# 例")
    long_query = "ASK{" + "%20" * 4000 + "}"
    _, status = curl(
        "-o", os.devnull, "-w", "%{http_code}", f"{server.url}sparql?query={long_query}"
    )
    assert status == "414"
    _, body = curl("-i", "--compressed", "-H", "Accept: text/csv", f"{server.url}nothing")
    assert body.startswith("HTTP/1.1 404")
    _, location = curl(
        "-o", os.devnull, "-w", "%{redirect_url}", f"{server.url}id/072036/plan/kyodo-2/2021/"
    )
    assert location == f"{server.url}id/072036/plan/kyodo-2/2021"


def test_a_hostile_query_leaves_others_served(server: Any) -> None:
    hostile = (
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER(?a != ?d) }"
    )

    def status(query: str) -> str:
        arguments = ["-o", os.devnull, "-w", "%{http_code}", "-G", f"{server.url}sparql"]
        return curl(*arguments, "--data-urlencode", f"query={query}")[1]

    with ThreadPoolExecutor(8) as pool:
        bad = pool.submit(status, hostile)
        good = [pool.submit(status, f"ASK {{ ?s ?p {number} }}") for number in range(40)]
        assert {answer.result() for answer in good} == {"200"}
        assert bad.result() == "503"
        parentheses = "ASK { FILTER(" + "(" * 2000 + "1" + ")" * 2000 + ") }"
        assert pool.submit(status, parentheses).result() in ("400", "414")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_every_process(start: Callable[..., Any], how: signal.Signals) -> None:
    server = start()
    processes = server.descendants()
    assert len(processes) >= 3  # the front and two workers
    assert server.stop(how) == 0
    assert still_there(processes) == []


def test_running_and_waiting_queries_are_told_when_the_server_stops(
    start: Callable[..., Any],
) -> None:
    server = start(query_timeout_s="60")
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER(?a != ?d) }"
    clients = [socket.create_connection(("127.0.0.1", server.port), 60) for _ in range(6)]
    for number, client in enumerate(clients):
        asked = f"GET /sparql?query={quote(query)}%23{number} HTTP/1.1\r\nHost: x\r\n\r\n"
        client.sendall(asked.encode())
    processes = server.descendants()
    assert server.stop() == 0
    answers = []
    for client in clients:
        with client, client.makefile("rb") as answer:
            answers.append(answer.read())
    assert {answer.split(b"\r\n")[0] for answer in answers} == {b"HTTP/1.1 503 SERVICE UNAVAILABLE"}
    assert all(b"\r\nRetry-After: " in answer for answer in answers)
    assert still_there(processes) == []


def test_a_killed_front_takes_its_workers_along(start: Callable[..., Any]) -> None:
    server = start()
    processes = server.descendants()
    server.stop(signal.SIGKILL)
    assert still_there(processes) == []


def still_there(processes: list[int]) -> list[int]:
    """Those that have not ended after a while."""
    deadline = time.monotonic() + GONE_S
    left = processes
    while left and time.monotonic() < deadline:
        left = [pid for pid in left if _is_alive(pid)]
        time.sleep(0.05)
    return left


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_without_a_release_there_is_one_clear_message(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"has no release yet\. Fix: run sdgplan build\."):
        serve(Settings(), tmp_path)


def test_a_taken_port_is_one_clear_message(var: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(WrongUse) as caught:
            serve(Settings(), var, port=port)
    assert str(caught.value) == (
        f"127.0.0.1:{port} cannot be listened on: Address already in use. "
        "Fix: stop what runs there, or choose another with --port."
    )


def test_health_over_the_wire(server: Any) -> None:
    assert json.loads(curl(f"{server.url}healthz")[1])["status"] == "ok"
