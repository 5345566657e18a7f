"""/changes.jsonld: publications, changes and withdrawals in their order, from a time on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.events import events, note_switch
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
        return [(e["type"], e["time"]) for e in events(var) if "990019" in e["iri"]]

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
