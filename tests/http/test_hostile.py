"""Queries that mean harm, over real HTTP: each is refused or stopped, and the others go on."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.http.attacking import GOOD, GOOD_BINDINGS, TYPE_JSON, NormalClient, answer_of

pytestmark = pytest.mark.alone

LIMIT_S = 2
WORKERS = 2
PRODUCT = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l"


def doubled(times: int) -> str:
    """A text that is twice as long with every BIND."""
    binds = "".join(f" BIND(CONCAT(?v{n}, ?v{n}) AS ?v{n + 1})" for n in range(times))
    return f'SELECT (STRLEN(?v{times}) AS ?n) {{ BIND("0123456789" AS ?v0){binds} }}'


STOPPED = {"Query took too long", "Query took too much memory", "Too many queries"}
SYNTAX = {"Syntax error"}
HOSTILE: dict[str, tuple[str, int, set[str]]] = {
    "product": (f"SELECT (COUNT(*) AS ?n) {{ {PRODUCT} FILTER(?a != ?d) }}", 503, STOPPED),
    "product, limited": (
        f"SELECT * {{ {PRODUCT} FILTER(CONCAT(STR(?a), STR(?d)) = STR(?g)) }} LIMIT 1",
        503,
        STOPPED,
    ),
    "order": (f"SELECT * {{ {PRODUCT} }} ORDER BY ?a ?f ?i LIMIT 1", 503, STOPPED),
    "group": (
        f"SELECT ?a ?d ?g ?j (COUNT(*) AS ?n) {{ {PRODUCT} }} GROUP BY ?a ?d ?g ?j",
        503,
        STOPPED,
    ),
    "group_concat": (
        f"SELECT (STRLEN(GROUP_CONCAT(STR(?a))) AS ?n) {{ {PRODUCT} }}",
        503,
        STOPPED,
    ),
    "distinct": (f"SELECT DISTINCT * {{ {PRODUCT} }}", 503, {*STOPPED, "Answer too large"}),
    "doubling": (doubled(40), 503, STOPPED),
    "path": (
        "SELECT (COUNT(*) AS ?n) { ?a (<x:y>|!<x:y>|^!<x:y>)* ?b . ?b (!<x:y>|^!<x:y>)* ?c . "
        "?c (!<x:y>|^!<x:y>)* ?d . ?d (!<x:y>|^!<x:y>)* ?e }",
        503,
        STOPPED,
    ),
    "construct": (
        f"CONSTRUCT {{ ?a ?e ?i }} WHERE {{ {PRODUCT} }}",
        503,
        {*STOPPED, "Answer too large"},
    ),
    "braces": ("SELECT * " + "{" * 40_000 + "}" * 40_000, 400, {"Query nested too deeply"}),
    "parentheses": (
        "ASK { FILTER(" + "(" * 40_000 + "1" + ")" * 40_000 + ") }",
        400,
        {"Query nested too deeply"},
    ),
    "optionals": (
        "SELECT * {" + "OPTIONAL {" * 5_000 + "}" * 5_000 + "}",
        400,
        {"Query nested too deeply"},
    ),
    "10 MB": ("SELECT * { ?s ?p ?o } #" + "x" * 10_000_000, 413, {"Request Entity Too Large"}),
}


@pytest.fixture(scope="module")
def server(start: Callable[..., Any]) -> Any:
    return start(
        query_workers=str(WORKERS),
        query_timeout_s=str(LIMIT_S),
        query_memory_mib="192",
        result_limit_mib="4",
    )


def test_hostile_queries_end_and_a_normal_client_is_served(server: Any) -> None:
    names = list(HOSTILE)
    with NormalClient(server.url) as normal, ThreadPoolExecutor(4) as pool:
        answers = dict(
            zip(
                names,
                pool.map(lambda name: answer_of(server.url, HOSTILE[name][0], "*/*"), names),
                strict=True,
            )
        )
    wrong = {
        name: answer
        for name, answer in answers.items()
        if answer[0] != HOSTILE[name][1] or answer[1] not in HOSTILE[name][2]
    }
    assert wrong == {}
    assert normal.wrong == []
    assert normal.served > 0


def test_a_counted_regex_is_answered_or_stopped(server: Any) -> None:
    query = (
        'ASK { VALUES ?t { "AAAA" } FILTER(REGEX(CONCAT(?t, ?t, ?t, ?t, ?t, ?t, ?t, ?t), '
        '"(((a{0,60}){0,60}){0,60}){0,60}b", "i")) }'
    )
    # the engine takes no pattern so large: an error in a filter is false (SPARQL 1.1, 17.2)
    no = (200, {"head": {}, "boolean": False})
    assert answer_of(server.url, query) in (no, *((503, title) for title in STOPPED))
    assert answer_of(server.url, GOOD) == (200, GOOD_BINDINGS)


@pytest.mark.parametrize("number", [1_000, 10_000, 100_000])
@pytest.mark.parametrize(
    ("opening", "middle", "closing"),
    [
        ("{", "", "}"),
        ("(", "1", ")"),
        ("OPTIONAL {", "", "}"),
        ("!", "1", ""),
        ("- ", "1", ""),
        ("{} UNION ", "{}", ""),
    ],
)
def test_nesting_of_every_kind_is_an_answer_and_never_a_crash(
    server: Any, opening: str, middle: str, closing: str, number: int
) -> None:
    nested = opening * number + middle + closing * number
    in_filter = middle == "1"
    query = f"ASK {{ FILTER({nested}) }}" if in_filter else f"ASK {{ {nested} }}"
    before = all_workers(server)
    status, title = answer_of(server.url, query)
    assert status in (400, 413, 503), title
    assert title in {
        "Query nested too deeply",
        "Query too long",
        "Expression too long",
        "Request Entity Too Large",
        *STOPPED,
    }
    assert answer_of(server.url, "ASK { ?s ?p ?o }") == (200, {"boolean": True, "head": {}})
    if status != 503:
        assert all_workers(server) == before  # no worker was lost


def test_a_query_is_killed_soon_after_its_limit_and_gives_its_memory_back(server: Any) -> None:
    before = set(all_workers(server))
    # left to itself it runs for hours
    assert answer_of(server.url, HOSTILE["product"][0]) == (503, "Query took too long")
    assert answer_of(server.url, GOOD) == (200, GOOD_BINDINGS)
    gone = before - set(all_workers(server))
    assert len(gone) == 1  # the worker, and with it all it held
    assert not Path(f"/proc/{gone.pop()}").exists()


def test_short_queries_pass_by_long_ones(server: Any) -> None:
    query = HOSTILE["product"][0]
    with ThreadPoolExecutor(6) as pool:
        long = [pool.submit(answer_of, server.url, query.replace("?n", f"?n{n}")) for n in range(6)]
        assert until(lambda: sum(map(is_at_work, workers_of(server))) >= 2)
        with NormalClient(server.url) as normal:
            statuses = {future.result()[0] for future in long}
    assert statuses == {503}
    assert normal.wrong == []
    assert normal.served > 0


def test_workers_killed_all_the_time_cost_no_normal_client_its_answer(server: Any) -> None:
    with NormalClient(server.url) as normal:
        for _ in range(8):
            served = normal.served
            for pid in all_workers(server):
                if not is_at_work(pid):
                    os.kill(pid, signal.SIGKILL)
            assert until(lambda served=served: normal.served >= served + 8)
    # a worker may be hit in the moment it answers: then it is a 503 with its reason
    assert set(map(tuple, normal.wrong)) <= {(503, "Query stopped")}
    assert normal.served > 5 * len(normal.wrong)


def test_what_workers_are_forked_from_may_be_killed_too(server: Any) -> None:
    workers = all_workers(server)
    for nursery in {parent_of(pid) for pid in workers}:
        os.kill(nursery, signal.SIGKILL)
    assert until(lambda: not [pid for pid in workers if Path(f"/proc/{pid}").exists()])
    assert until(lambda: answer_of(server.url, GOOD + " # again") == (200, GOOD_BINDINGS))
    assert not set(all_workers(server)) & set(workers)


def until(is_so: Callable[[], bool]) -> bool:
    """Whether it became so; what never does ends the wait after a minute."""
    deadline = time.monotonic() + 60
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_so()


def workers_of(server: Any) -> list[int]:
    """The query workers now: the processes below those below the front."""
    processes = server.descendants()
    front = processes[0]
    return sorted(pid for pid in processes if parent_of(pid) not in (0, front, server.process.pid))


def all_workers(server: Any) -> list[int]:
    """The query workers when all are there: those for visitors, that of pages and the quick one."""
    assert until(lambda: len(workers_of(server)) == WORKERS + 2)
    return workers_of(server)


def parent_of(pid: int) -> int:
    """The parent of a process; 0 if it has gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def is_at_work(pid: int) -> bool:
    """Whether any thread of a process runs now."""
    try:
        stats = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    except OSError:
        return False
    return any(text.rpartition(")")[2].split()[0] == "R" for text in stats)


def test_a_killed_front_comes_back(server: Any) -> None:
    front = server.descendants()[0]
    workers = set(all_workers(server))
    os.kill(front, signal.SIGKILL)
    assert answer_of(server.url, GOOD) == (200, GOOD_BINDINGS)  # the listener keeps the client
    assert not workers & set(server.descendants())


@pytest.fixture
def switching(tmp_path: Path, small: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """A folder of its own whose release changes every second until the event is set."""
    small.build(tmp_path, mark="版0")
    yield SimpleNamespace(var=tmp_path, build=lambda n: small.build(tmp_path, 40, f"版{n}", n))


def test_release_switches_under_load_mix_nothing(
    switching: SimpleNamespace, small: SimpleNamespace, start: Callable[..., Any]
) -> None:
    server = start(var=switching.var, query_workers="2")
    query = f"SELECT ?l {{ <{small.plan}> <{small.skos}prefLabel> ?l }}"
    over = threading.Event()
    seen: list[tuple[str, str]] = []
    failed: list[Exception] = []

    def ask() -> None:
        while not over.is_set():
            request = urllib.request.Request(
                f"{server.url}sparql?query={urllib.request.quote(query)}",
                headers={"Accept": TYPE_JSON},
            )
            try:
                with urllib.request.urlopen(request, timeout=20) as response:
                    label = json.loads(response.read())["results"]["bindings"][0]["l"]["value"]
                    seen.append((response.headers["ETag"], label))
            except (OSError, LookupError) as error:
                failed.append(error)

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()
    for number in range(1, 9):
        time.sleep(1)
        switching.build(number)
    time.sleep(0.5)
    over.set()
    for client in clients:
        client.join()
    assert failed == []
    labels: dict[str, set[str]] = {}
    for tag, label in seen:
        labels.setdefault(tag, set()).add(label)
    assert [found for found in labels.values() if len(found) > 1] == []
    assert {label for found in labels.values() for label in found} == {f"版{n}" for n in range(9)}
    assert len(labels) == 9
