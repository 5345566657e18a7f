"""/changes.jsonld: publications, changes and withdrawals in their order, from a time on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.events import EventLog, note_switch
from kg.pipeline import Options, build
from kg.release import releases, rollback
from kg.settings import Settings
from server import create_app
from server.application import close_app
from tests.pipeline.versions import NOW, publish_three

ROOT = Path(__file__).resolve().parents[2]
SHORT = [
    ("Create", "2026-11-24T10:15:00Z", "990019/plan/kyodo/2021", "1"),
    ("Update", "2026-11-24T11:15:00Z", "990019/plan/kyodo/2021", "2"),
    ("Update", "2026-11-24T12:15:00Z", "990019/plan/kyodo/2021", "3"),
    ("Create", "2026-11-25T10:15:00Z", "072036/plan/kyodo-2/2021", "1"),
    ("Delete", "2026-11-25T10:15:00Z", "990019/plan/kyodo/2021", None),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """例市 in three versions; a day later Koriyama comes and 例市 is withdrawn."""
    folder = tmp_path_factory.mktemp("feed")
    publish_three(folder / "data", folder / "var")
    shutil.copytree(ROOT / "data/plans/koriyama-2021", folder / "data/plans/koriyama-2021")
    shutil.rmtree(folder / "data/plans/reishi-2021")
    options = Options(validator="shacl", withdraw=("reishi-2021",))
    build(folder / "data", folder / "var", Settings(), NOW + timedelta(days=1), options)
    app = create_app(Settings(query_workers=1, rate_limit=""), folder / "var")
    yield app
    close_app(app)


@pytest.fixture
def client(served: Flask) -> FlaskClient:
    return served.test_client()


def short(document: dict[str, Any]) -> list[tuple[str, str, str, str | None]]:
    base = "https://w3id.org/jp-sdgplan/id/"
    return [
        (
            item["type"],
            item["published"],
            item["object"]["id"].removeprefix(base).removesuffix("/dataset"),
            item.get("result", {}).get("dcat:version"),
        )
        for item in document["orderedItems"]
    ]


def test_the_feed_tells_all_that_happened_oldest_first(client: FlaskClient) -> None:
    answer = client.get("/changes.jsonld")
    assert answer.content_type == "application/ld+json; charset=utf-8"
    document = answer.get_json()
    assert short(document) == SHORT
    assert document["@context"][0] == "https://www.w3.org/ns/activitystreams"
    assert (document["type"], document["totalItems"]) == ("OrderedCollection", 5)
    assert document["id"] == "http://localhost:8000/changes.jsonld"
    ids = [item["id"] for item in document["orderedItems"]]
    assert len(set(ids)) == 5
    second = document["orderedItems"][1]
    assert second["object"]["nameMap"]["ja"] == "例市協働計画 2021年度実施計画（架空）"
    for link in second["result"]["url"]:
        path = link["href"].removeprefix("http://localhost:8000")
        assert client.get(path, buffered=True).mimetype == link["mediaType"]
    assert document["orderedItems"][-1]["object"]["type"] == "Tombstone"


@pytest.mark.parametrize(
    ("since", "first"),
    [
        ("2026-11-24", 0),
        ("2026-11-24T11:15:00Z", 1),
        ("2026-11-24T11:15:01Z", 2),
        ("2026-11-24T20:15:00%2B09:00", 1),
        ("2026-11-24T20:15:00+09:00", 1),
        ("2026-11-25", 3),
        ("2026-11-25T10:15:00.5Z", 5),
        ("2030-01-01", 5),
    ],
)
def test_since_leaves_out_what_came_before(client: FlaskClient, since: str, first: int) -> None:
    document = client.get(f"/changes.jsonld?since={since}").get_json()
    assert short(document) == SHORT[first:]
    assert document["totalItems"] == 5 - first


@pytest.mark.parametrize(
    "since",
    ["", "yesterday", "2026-13-01", "2026-11-24T10:15:00", "20261124", "2026", "0", "9" * 99],
)
def test_a_since_that_is_no_time_is_told_so(client: FlaskClient, since: str) -> None:
    answer = client.get("/changes.jsonld", query_string={"since": since})
    assert (answer.status_code, answer.content_type) == (
        400, "application/problem+json; charset=utf-8"
    )  # fmt: skip
    assert answer.get_json()["title"] == "Bad since"
    assert answer.get_json()["detail"] == (
        f'since is "{since[:40]}"; expected a day or an RFC 3339 time, such as 2026-11-24 or '
        "2026-11-24T10:15:00Z."
    )


def test_an_unchanged_feed_is_not_sent_again(client: FlaskClient) -> None:
    tags = {since: client.get(f"/changes.jsonld{since}").headers["ETag"]
            for since in ("", "?since=2026-11-24", "?since=2026-11-25")}  # fmt: skip
    assert len(set(tags.values())) == 3
    for since, tag in tags.items():
        answer = client.get(f"/changes.jsonld{since}", headers={"If-None-Match": tag})
        assert (answer.status_code, answer.data) == (304, b"")


def test_what_comes_back_and_what_is_rolled_back_is_told_with_its_own_time(tmp_path: Path) -> None:
    """A harvester that asks only for what came since its last visit misses nothing."""
    data, var, aside = tmp_path / "data", tmp_path / "var", tmp_path / "aside"
    plan = data / "plans" / "reishi-2021"
    shutil.copytree(ROOT / "tests/data/plans/reishi-2021", plan)
    shutil.copytree(ROOT / "data/plans/koriyama-2021", data / "plans" / "koriyama-2021")

    def built(hours: int, *withdraw: str) -> None:
        options = Options(validator="shacl", withdraw=withdraw)
        build(data, var, Settings(), NOW + timedelta(hours=hours), options)

    def told() -> list[tuple[str, str]]:
        return [(e["type"], e["time"]) for e in EventLog(var).since() if "990019" in e["iri"]]

    built(0)
    plan.rename(aside)
    built(1, "reishi-2021")
    aside.rename(plan)
    built(2)
    expected = [
        ("Create", "2026-11-24T10:15:00Z"),
        ("Delete", "2026-11-24T11:15:00Z"),
        ("Create", "2026-11-24T12:15:00Z"),
    ]
    assert told() == expected
    note_switch(var, rollback(var, releases(var)[1].id), NOW + timedelta(hours=3))
    expected.append(("Delete", "2026-11-24T13:15:00Z"))
    assert told() == expected
    built(2)  # a clock that went back: the time of an event is after all others
    assert told()[:4] == expected
    assert told()[4:] == [("Create", "2026-11-24T13:15:01Z")]


def test_after_a_rollback_the_later_version_is_still_listed(tmp_path: Path) -> None:
    publish_three(tmp_path / "data", tmp_path / "var")
    rollback(tmp_path / "var", releases(tmp_path / "var")[0].id)
    app = create_app(Settings(query_workers=1, rate_limit=""), tmp_path / "var")
    try:
        found = app.test_client().get("/changes/990019/kyodo/2021.json").get_json()
    finally:
        close_app(app)
    assert [version["version"] for version in found["versions"]] == ["1", "2", "3"]


def line(hour: int, name: str) -> str:
    return (
        json.dumps({"time": f"2026-11-24T{hour:02}:00:00Z", "type": "Create", "iri": name}) + "\n"
    )


def at(hour: int) -> datetime:
    return datetime(2026, 11, 24, hour, tzinfo=UTC)


def names(log: EventLog, hour: int | None = None) -> list[str]:
    return [event["iri"] for event in log.since(None if hour is None else at(hour))]


def test_only_what_was_added_to_the_events_is_read(tmp_path: Path) -> None:
    (tmp_path / "history").mkdir()
    file, log = tmp_path / "history" / "events.jsonl", EventLog(tmp_path)
    assert (log.last(), log.since()) == ("", [])
    file.write_text(line(1, "a") + line(1, "b") + line(2, "c"), encoding="utf-8")
    assert (log.last(), names(log)) == ("2026-11-24T02:00:00Z", ["a", "b", "c"])
    # were it read again, it would be no JSON
    data = file.read_bytes()
    with file.open("r+b") as changed:
        changed.write(b"?" * len(line(1, "a")))
    with file.open("a", encoding="utf-8") as more:
        more.write(line(3, "d") + line(4, "e")[:20])
    assert (log.last(), names(log, 3)) == ("2026-11-24T03:00:00Z", ["d"])
    assert names(log, 4) == []
    with file.open("r+b") as changed:
        changed.write(data)
    assert names(log) == ["a", "b", "c", "d"]
    with file.open("a", encoding="utf-8") as more:
        more.write(line(4, "e")[20:])
    assert names(log, 2) == ["c", "d", "e"]
    file.write_text(line(5, "f"), encoding="utf-8")  # another log, which is shorter
    assert names(log) == ["f"]
    file.unlink()
    assert names(log) == []


def test_the_index_of_events_does_not_grow_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.events.MOST_SWITCHES", 4)
    (tmp_path / "history").mkdir()
    file, log = tmp_path / "history" / "events.jsonl", EventLog(tmp_path)
    for hour in range(24):
        with file.open("a", encoding="utf-8") as more:
            more.write(line(hour, str(hour)))
        assert log.last() == f"2026-11-24T{hour:02}:00:00Z"
        assert len(log._times) <= 4
        assert names(log, hour // 2) == [str(n) for n in range(hour // 2, hour + 1)]


def test_half_an_event_that_a_kill_left_is_written_again(tmp_path: Path) -> None:
    publish_three(tmp_path / "data", tmp_path / "var")
    var, log = tmp_path / "var", EventLog(tmp_path / "var")
    file = var / "history" / "events.jsonl"
    whole = file.read_bytes()
    (var / "history" / "served.json").unlink()
    file.write_bytes(whole[: whole.index(b"\n") + 30])
    note_switch(var, releases(var)[-1], NOW)
    told = [(event["type"], event["time"], event["version"]) for event in log.since()]
    assert told == [
        ("Create", "2026-11-24T10:15:00Z", "1"),
        ("Create", "2026-11-24T10:15:01Z", "3"),
    ]
