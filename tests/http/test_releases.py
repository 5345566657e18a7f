"""?release= on /sparql: an answer of a kept release, whatever is served now, at nobody's cost."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.release import Release, rollback
from kg.settings import Settings
from server import create_app
from server.application import close_app
from server.context import context
from server.lanes import MOST_PAST, PAST_STREAK, Job, Lanes, Role

pytestmark = pytest.mark.alone

COUNT = "SELECT (COUNT(*) AS ?n) { ?p a <https://w3id.org/jp-sdgplan/ns#Project> }"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, small: SimpleNamespace) -> dict[str, Any]:
    """Seven releases of 1 to 7 projects, of which the last five are kept."""
    var = tmp_path_factory.mktemp("var")
    made = [small.build(var, projects=n, mark=f"版{n}", second=n) for n in range(1, 8)]
    return {"var": var, "ids": [release.id for release in made]}


@pytest.fixture(scope="module")
def served(kept: dict[str, Any]) -> Iterator[Flask]:
    app = create_app(Settings(query_workers=1, query_timeout_s=5, rate_limit=""), kept["var"])
    yield app
    close_app(app)


@pytest.fixture
def client(served: Flask) -> FlaskClient:
    return served.test_client()


def number(answer: Any) -> int:
    assert answer.status_code == 200, answer.text
    return int(answer.get_json(force=True)["results"]["bindings"][0]["n"]["value"])


def test_an_answer_is_that_of_the_release_asked_for(
    client: FlaskClient, kept: dict[str, Any]
) -> None:
    ids = kept["ids"]
    for place in (6, 2, 4, 2):
        asked = {"query": COUNT, "release": ids[place]}
        answer = client.get("/sparql", query_string=asked)
        assert (number(answer), answer.headers["X-Release"]) == (place + 1, ids[place])
        for form in (
            {"data": asked},
            {"data": COUNT, "content_type": "application/sparql-query",
             "query_string": {"release": ids[place]}},
        ):  # fmt: skip
            answer = client.post("/sparql", **form)
            assert (number(answer), answer.headers["X-Release"]) == (place + 1, ids[place])
    for current in ({}, {"release": "current"}, {"release": ""}):
        answer = client.get("/sparql", query_string={"query": COUNT, **current})
        assert (number(answer), answer.headers["X-Release"]) == (7, ids[6])


def test_the_answer_names_its_stable_address(client: FlaskClient, kept: dict[str, Any]) -> None:
    answer = client.get("/sparql", query_string={"query": COUNT, "format": "csv"})
    location = answer.headers["Content-Location"]
    parts = urllib.parse.urlsplit(location)
    assert urllib.parse.parse_qs(parts.query) == {
        "query": [COUNT], "format": ["csv"], "release": [kept["ids"][6]]
    }  # fmt: skip
    assert client.get(f"{parts.path}?{parts.query}").data == answer.data
    assert "Content-Location" not in client.post("/sparql", data={"query": COUNT}).headers
    exposed = answer.headers["Access-Control-Expose-Headers"]
    assert {"X-Release", "Content-Location"} <= set(exposed.split(", "))


def test_tags_and_the_cache_keep_releases_apart(client: FlaskClient, kept: dict[str, Any]) -> None:
    query = COUNT + " # tags"
    tags = {}
    for place in (2, 3, 6):
        asked = {"query": query, "release": kept["ids"][place]}
        for _ in range(2):
            answer = client.get("/sparql", query_string=asked)
            assert number(answer) == place + 1
        tags[place] = answer.headers["ETag"]
        again = client.get("/sparql", query_string=asked, headers={"If-None-Match": tags[place]})
        assert (again.status_code, again.headers["X-Release"]) == (304, kept["ids"][place])
    assert len(set(tags.values())) == 3
    asked = {"query": query, "release": kept["ids"][2]}
    other = client.get("/sparql", query_string=asked, headers={"If-None-Match": tags[3]})
    assert number(other) == 3
    plain = client.get("/sparql", query_string={"query": query})
    assert plain.headers["ETag"] == tags[6]


def test_graphs_are_those_of_the_release(
    client: FlaskClient, kept: dict[str, Any], small: SimpleNamespace
) -> None:
    asked = {"query": COUNT, "release": kept["ids"][3]}
    graph = f"{small.plan}/graph/source"
    found = client.get("/sparql", query_string={**asked, "default-graph-uri": graph})
    assert number(found) == 4
    wrong = client.get("/sparql", query_string={**asked, "default-graph-uri": f"{graph}s"})
    assert (wrong.status_code, "Unknown graph" in wrong.text) == (400, True)


def test_a_release_that_is_not_kept_is_not_found_and_the_kept_ones_are_named(
    client: FlaskClient, kept: dict[str, Any]
) -> None:
    ids = kept["ids"]
    answer = client.get("/sparql", query_string={"query": COUNT, "release": ids[1]})
    assert (answer.status_code, answer.content_type) == (
        404, "application/problem+json; charset=utf-8"
    )  # fmt: skip
    known = f"Kept: {', '.join(ids[2:])}. "
    known += "Every version of every plan stays at http://localhost:8000/dumps/history/."
    assert answer.get_json() == {
        "type": "about:blank",
        "title": "Release not kept",
        "status": 404,
        "detail": f"Release {ids[1]} is not kept here (any more). {known}",
    }
    for wrong in ("1", "../current", "20261124T101500Z", "x" * 99):
        answer = client.post("/sparql", data={"query": COUNT, "release": wrong})
        assert (answer.status_code, answer.get_json()["detail"]) == (
            400,
            f'release is "{wrong[:40]}"; expected the id of a kept release, such as '
            f"20261124T101500Z-1a2b3c4d, or current. {known}",
        )
    for pair in ([ids[2], ids[3]], [ids[2], "current"]):
        answer = client.get("/sparql", query_string={"query": COUNT, "release": pair})
        assert (answer.status_code, answer.get_json()["title"]) == (400, "Several releases")
    same = client.get("/sparql", query_string={"query": COUNT, "release": [ids[2], ids[2]]})
    assert number(same) == 3


def test_only_one_worker_ever_opens_an_earlier_release(
    served: Flask, client: FlaskClient, kept: dict[str, Any]
) -> None:
    for place in (2, 3, 4, 5) * 2:
        asked = {"query": f"{COUNT} # {place}", "release": kept["ids"][place]}
        assert number(client.get("/sparql", query_string=asked)) == place + 1
        assert number(client.get("/sparql", query_string={"query": f"{COUNT} #{place}"})) == 7
    with served.app_context():
        slots = context().engine._slots
        current = str(context().engine.current.newest().path)
    assert [slot._role for slot in slots] == [Role.PAGES, Role.QUICK, Role.ANY, Role.PAST]
    opened = [slot.opened for slot in slots]
    assert opened[:3] == [current] * 3
    assert opened[3].endswith(kept["ids"][5])


def test_alternating_releases_under_load_costs_the_current_one_nothing(
    start: Callable[..., Any], kept: dict[str, Any]
) -> None:
    """Each answer is right or an honest 503, and the current release always answers."""
    server = start(var=kept["var"])
    ids = kept["ids"]

    def ask(place: int, turn: int) -> tuple[int, int | None, str | None]:
        asked = {"query": f"{COUNT} # {place} {turn}"}
        if place != 6:
            asked["release"] = ids[place]
        url = f"{server.url}sparql?{urllib.parse.urlencode(asked)}"
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                found = json.load(answer)["results"]["bindings"][0]["n"]["value"]
                return answer.status, int(found), answer.headers["X-Release"]
        except urllib.error.HTTPError as error:
            with error:
                assert error.headers["Retry-After"]
                return error.code, None, None

    jobs = [((2, 3, 4, 5, 6)[turn % 5], turn) for turn in range(60)]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda job: ask(*job), jobs))
    for (place, _), answer in zip(jobs, answers, strict=True):
        assert answer == (200, place + 1, ids[place]) or (place != 6 and answer[0] == 503)
    assert {2, 3, 4, 5} & {count - 1 for _, count, _ in answers if count}


def job(path: str) -> Job:
    release = Release(Path(path), path, None, {})  # type: ignore[arg-type]
    return Job(release, None, 1, is_past=True)


def test_the_worker_of_earlier_releases_goes_on_with_the_one_it_has_open() -> None:
    lanes: Lanes[None] = Lanes()
    jobs = [job(path) for path in "abababab"]
    assert [lanes.put(one) for one in jobs] == [True] * MOST_PAST
    assert lanes.put(job("c")) is False
    assert lanes.waiting() == MOST_PAST
    taken, opened = [], ""
    while len(taken) < MOST_PAST:
        one = lanes.take(lanes.seat(Role.PAST, None), opened)
        assert one is not None
        opened = str(one.release.path)
        taken.append(opened)
    assert "".join(taken) == "aaaabbbb"


def test_but_not_for_ever_where_others_wait() -> None:
    lanes: Lanes[None] = Lanes()
    lanes.put(job("a"))
    first = lanes.take(lanes.seat(Role.PAST, None), "")
    assert first is not None
    lanes.put(job("b"))
    taken = ""
    while "b" not in taken:
        lanes.put(job("a"))
        one = lanes.take(lanes.seat(Role.PAST, None), "a")
        assert one is not None
        taken += str(one.release.path)
    assert taken == "a" * (PAST_STREAK - 1) + "b"
    assert lanes.withdraw(first) is False


def test_no_other_worker_takes_a_query_over_an_earlier_release() -> None:
    lanes: Lanes[None] = Lanes()
    waiting = job("a")
    lanes.put(waiting)
    lanes.close()
    lanes._past.append(waiting)
    for role in (Role.PAGES, Role.QUICK, Role.ANY):
        assert lanes.take(lanes.seat(role, None)) is None
    assert lanes.take(lanes.seat(Role.PAST, None)) is waiting


def test_after_a_rollback_the_newer_release_can_still_be_asked(
    tmp_path: Path, small: SimpleNamespace
) -> None:
    old, new = (small.build(tmp_path, projects=n, second=n) for n in (1, 2))
    app = create_app(Settings(query_workers=1, rate_limit=""), tmp_path)
    try:
        client = app.test_client()
        rollback(tmp_path, old.id)
        for release, count in ((old, 1), (new, 2), (old, 1)):
            asked = {"query": COUNT, "release": release.id}
            assert number(client.get("/sparql", query_string=asked)) == count
        assert number(client.get("/sparql", query_string={"query": COUNT})) == 1
    finally:
        close_app(app)
