"""Our own catalogue, served over HTTP, as CKAN's harvester takes it in (H-01 … H-22)."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kg import pipeline
from kg.settings import Settings
from tests.harvest.harvests import GOLDEN, ROOT, Changes, Harvest, Harvester, changes, content_of
from tests.http.conftest import Server

BASE = "https://w3id.org/jp-sdgplan/id/"
KORIYAMA = f"{BASE}072036/plan/kyodo-2/2021/dataset"
MADE_UP = f"{BASE}990019/plan/kyodo/2021/dataset"
PUBLIC = "https://plans.example/"
"""In place of the server's address, which has another port each time."""


@dataclass
class Service:
    """A folder with plans, its releases and a server over them."""

    data: Path
    var: Path
    server: Server
    day: int = 1

    @property
    def catalog(self) -> str:
        return f"{self.server.url}catalog.ttl"

    def build(self, *withdraw: str) -> None:
        self.day += 1
        now = datetime(2026, 12, self.day, tzinfo=UTC)
        options = pipeline.Options(validator="shacl", withdraw=withdraw)
        assert pipeline.build(self.data, self.var, Settings(), now, options).release

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.data / "plans" / "reishi-2021" / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("harvested")
    plans = folder / "data" / "plans"
    shutil.copytree(ROOT / "data" / "plans" / "koriyama-2021", plans / "koriyama-2021")
    shutil.copytree(ROOT / "tests" / "data" / "plans" / "reishi-2021", plans / "reishi-2021")
    now = datetime(2026, 12, 1, tzinfo=UTC)
    options = pipeline.Options(validator="shacl")
    assert pipeline.build(folder / "data", folder / "var", Settings(), now, options).release
    made = Service(
        folder / "data",
        folder / "var",
        Server(
            folder / "var",
            query_workers="1",
            rate_limit="",
            operator_name="例の会",
            operator_contact="info@plans.example",
            operator_type="NonProfitOrganisation",
        ),
    )
    yield made
    made.server.stop()


def steady(value: Any, address: str) -> Any:
    """The value with our address in place of the server's, and without what every change moves."""
    if isinstance(value, dict):
        return {
            key: "…" if key in ("hash", "size") else steady(each, address)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [steady(each, address) for each in value]
    return value.replace(address, PUBLIC) if isinstance(value, str) else value


def flawless(harvest: Harvest) -> None:
    assert (harvest.errors, harvest.warnings) == ((), ())
    for dataset in harvest.datasets:
        assert dataset.name_errors == []
        assert dataset.tag_errors == {}
        assert dataset.schema_errors == {}


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_the_record_field_by_field(service: Service, harvest: Harvester, locale: str) -> None:
    """H-22: exactly this record; the portal's rules have nothing against it."""
    found = harvest(service.catalog, locale)
    flawless(found)
    assert sorted(found.guids) == [KORIYAMA, MADE_UP]
    record = steady(content_of(found.dataset(KORIYAMA).record), service.server.url)
    golden = GOLDEN / f"koriyama-{locale}.json"
    if os.environ.get("SDGPLAN_GOLDEN") == "write":
        text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        golden.write_text(text, encoding="utf-8")
    assert record == json.loads(golden.read_text(encoding="utf-8"))


def test_the_files_are_those_that_the_record_promises(service: Service, harvest: Harvester) -> None:
    """H-16, H-17: sizes, checksums and plain formats of every resource."""
    import urllib.request

    resources = harvest(service.catalog, "en").dataset(KORIYAMA).record["resources"]
    formats = [resource["format"] for resource in resources]
    assert {"TTL", "JSON-LD", "N-Quads", "CSV", "SPARQL"} == set(formats)
    for resource in resources:
        assert resource["license"] == "https://creativecommons.org/licenses/by/4.0/"
        if resource["format"] == "SPARQL":
            assert resource["url"] == f"{service.server.url}sparql"
            continue
        with urllib.request.urlopen(resource["download_url"], timeout=30) as answer:
            body = answer.read()
            assert answer.headers.get_content_type() == resource["mimetype"]
        assert (len(body), hashlib.sha256(body).hexdigest()) == (
            int(resource["size"]),
            resource["hash"],
        )


def test_it_asks_by_head_then_get_and_is_never_sent_elsewhere(
    service: Service, harvest: Harvester
) -> None:
    """H-01, H-02."""
    asked = harvest(service.catalog, "ja").requests
    assert [(r.method, r.url, r.status, r.content_type) for r in asked] == [
        (method, service.catalog, 200, "text/turtle; charset=utf-8") for method in ("HEAD", "GET")
    ]


def test_every_form_gives_the_same_records(service: Service, harvest: Harvester) -> None:
    """H-23: a portal may harvest whichever it can read."""
    found = [harvest(f"{service.server.url}catalog.{x}", "ja") for x in ("ttl", "rdf", "jsonld")]
    for other in found[1:]:
        assert changes(found[0], other) == Changes()


def test_harvest_after_harvest_a_portal_changes_what_changed(
    service: Service, harvest: Harvester, tmp_path: Path
) -> None:
    """Unchanged: nothing. One plan changed: one update. One withdrawn: still there, and marked."""
    portal = tmp_path
    first = harvest(service.catalog, "ja", portal=portal)
    again = harvest(service.catalog, "ja", portal=portal)
    assert (changes(first, again), again.deleted) == (Changes(), ())
    service.edit("plan.toml", 'version = "1"', 'version = "2"')
    service.edit("plan.md", "例", "例")
    path = service.data / "plans" / "reishi-2021" / "plan.md"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    service.build()
    third = harvest(service.catalog, "ja", portal=portal)
    assert (changes(again, third), third.deleted) == (Changes(updated=(MADE_UP,)), ())
    assert third.dataset(MADE_UP).record["version"] == "2"
    shutil.rmtree(service.data / "plans" / "reishi-2021")
    service.build("reishi-2021")
    last = harvest(service.catalog, "ja", portal=portal)
    flawless(last)
    assert (changes(third, last), last.deleted) == (Changes(updated=(MADE_UP,)), ())
    record = content_of(last.dataset(MADE_UP).record)
    assert record["title"].startswith("【取り下げ】")
    assert {"公開終了", "withdrawn"} <= {tag["name"] for tag in record["tags"]}
    assert record["extras"]["version_notes"] == "2026-12-03に取り下げられました。"
    assert record["resources"] == []
