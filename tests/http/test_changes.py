"""/changes and /dumps/history over three versions of the made-up plan of 例市."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, PROV, RDF, RDFS
from werkzeug.test import TestResponse

from kg.changes import content_of, difference
from kg.history import compared_dumps
from kg.settings import Settings
from kg.vocab import CHANGESET, SP
from server import create_app
from server.application import close_app
from tests.pipeline.versions import publish_three

PATH = "/changes/990019/kyodo/2021"
PLAN = "https://w3id.org/jp-sdgplan/id/990019/plan/kyodo/2021"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
HISTORY = "/dumps/history/990019/kyodo/2021/"


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("three")
    publish_three(folder / "data", folder / "var")
    return folder / "var"


@pytest.fixture(scope="module")
def served(three: Path) -> Iterator[Flask]:
    app = create_app(Settings(query_workers=1, rate_limit=""), three)
    yield app
    close_app(app)


@pytest.fixture
def client(served: Flask) -> FlaskClient:
    class Reading(FlaskClient):
        def open(self, *arguments: Any, **named: Any) -> TestResponse:
            return super().open(*arguments, **{**named, "buffered": True})

    return Reading(served, served.response_class)


def lines_of(three: Path, before: str, after: str) -> tuple[list[str], list[str]]:
    folder = three / "history/990019/kyodo/2021"
    found = difference(*(content_of(compared_dumps(folder / name)) for name in (before, after)))
    return list(found.added), list(found.removed)


def statements(graph: Graph, kind: URIRef) -> set[str]:
    """The added or removed statements that the graph tells of, as lines of N-Quads."""
    lines = set()
    for change in graph.subjects(RDF.type, CHANGESET.ChangeSet):
        name = graph.value(change, SP.changedGraph)
        for one in graph.objects(change, kind):
            subject, predicate, term = (
                graph.value(one, part) for part in (RDF.subject, RDF.predicate, RDF.object)
            )
            assert subject == graph.value(change, CHANGESET.subjectOfChange)
            lines.add(f"{subject.n3()} {predicate.n3()} {term.n3()} {name.n3()} .")
    return lines


def parsed(lines: set[str] | list[str]) -> set[ox.Quad]:
    return set(ox.parse("\n".join(lines), format=ox.RdfFormat.N_QUADS))


@pytest.mark.parametrize("extension", ["ttl", "jsonld", "nt", "rdf"])
def test_the_changes_as_rdf_are_every_changed_statement(
    client: FlaskClient, three: Path, extension: str
) -> None:
    answer = client.get(f"{PATH}.{extension}?from=1&to=2")
    form = {"ttl": "turtle", "jsonld": "json-ld", "nt": "nt", "rdf": "xml"}[extension]
    graph = Graph().parse(data=answer.data, format=form)
    added, removed = lines_of(three, "1", "2")
    assert (len(added), len(removed)) == (29, 29)
    assert parsed(statements(graph, CHANGESET.addition)) == parsed(added)
    assert parsed(statements(graph, CHANGESET.removal)) == parsed(removed)
    comments = {str(o) for o in graph.objects(None, RDFS.comment)}
    assert (
        "Project 3 “まちあるき事業”: the responsible unit changed from “市民課” to “清掃課”."
        in comments
    )
    versions = {f"{PLAN}/version/{name}" for name in "123"}
    assert {str(s) for s in graph.subjects(RDF.type, SP.PlanVersion)} == versions
    assert not set(graph.subjects(RDF.type, DCAT.Dataset))
    second = URIRef(f"{PLAN}/version/2")
    assert graph.value(second, PROV.wasRevisionOf) == URIRef(f"{PLAN}/version/1")
    dump = compared_dumps(three / "history/990019/kyodo/2021/2")
    assert graph.value(second, SP.canonicalSha256) == Literal(content_of(dump).sha256)


def test_the_last_two_versions_are_compared_unless_others_are_named(client: FlaskClient) -> None:
    pairs = {
        query: [client.get(f"{PATH}.json{query}").get_json()[key] for key in ("from", "to")]
        for query in ("", "?to=2", "?from=1", "?from=3&to=1", "?to=1", "?from=2&to=2")
    }
    assert pairs == {
        "": ["2", "3"],
        "?to=2": ["1", "2"],
        "?from=1": ["1", "3"],
        "?from=3&to=1": ["3", "1"],
        "?to=1": [None, "1"],
        "?from=2&to=2": ["2", "2"],
    }
    assert client.get(f"{PATH}.json?from=2&to=2").get_json()["changes"]["sentences"] == []


def test_the_json_has_statements_sentences_hashes_and_years(
    client: FlaskClient, three: Path
) -> None:
    answer = client.get(f"{PATH}.json?from=1&to=2")
    assert answer.content_type == "application/json; charset=utf-8"
    document = json.loads(answer.data)
    added, removed = lines_of(three, "1", "2")
    changes = document["changes"]
    assert (changes["added"], changes["removed"]) == (added, removed)
    assert sum(s["added"] for s in changes["sentences"]) == len(added)
    assert sum(s["removed"] for s in changes["sentences"]) == len(removed)
    assert changes["graphs"] == {
        f"{PLAN}/graph/links": {"added": 1, "removed": 1},
        f"{PLAN}/graph/source": {"added": 28, "removed": 28},
    }
    folder = three / "history/990019/kyodo/2021"
    for side, name in (("from", "1"), ("to", "2")):
        lines = sorted(set((folder / name / "plan.nq").read_text("utf-8").splitlines(True)))
        digest = hashlib.sha256("".join(lines).encode()).hexdigest()
        assert changes["sha256"][side] == digest
    years = document["years"]
    assert years["compared"] is False
    assert [one["project"]["name"] for one in years["new"]] == ["ごみ減量事業", "花いっぱい事業"]
    assert [one["review"]["name"] for one in years["ended"]] == ["古本市事業"]
    assert years["ended"][0]["review"]["merged_into"] == f"{PLAN}/project/5"
    assert years["carried_on"] == []


def test_unknown_versions_and_plans_are_not_found(client: FlaskClient) -> None:
    answer = client.get(f"{PATH}.jsonld?from=9", headers={"Accept": "application/problem+json"})
    assert (answer.status_code, answer.content_type) == (
        404, "application/problem+json; charset=utf-8"
    )  # fmt: skip
    assert answer.get_json() == {
        "type": "about:blank",
        "title": "Unknown version",
        "status": 404,
        "detail": "Version 9 is not known. Versions of this plan: 1, 2, 3.",
    }
    for path in ("/changes/990019/kyodo/2020", "/changes/000000/x/2021", f"{PATH}.zip"):
        assert client.get(path).status_code == 404


def test_forms_are_negotiated_tagged_and_linked(client: FlaskClient) -> None:
    answer = client.get(PATH, headers={"Accept": "application/ld+json"})
    assert answer.content_type == "application/ld+json; charset=utf-8"
    assert "Accept" in answer.headers["Vary"]
    assert '/changes/990019/kyodo/2021.ttl>; rel="alternate"' in answer.headers["Link"]
    tag = answer.headers["ETag"]
    again = client.get(PATH, headers={"Accept": "application/ld+json", "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"{PATH}?to=2", headers={"Accept": "application/ld+json"}).headers[
        "ETag"
    ] not in (tag, None)
    assert client.get(PATH).mimetype == "text/turtle"
    assert client.get(PATH, headers={"Accept": "image/png"}).status_code == 406


def test_the_page_tells_the_changes_in_the_reader_s_language(client: FlaskClient) -> None:
    page = client.get(f"{PATH}?from=1&to=2&lang=ja", headers=BROWSER)
    assert page.headers["Content-Language"] == "ja"
    assert (
        "<li>事業3「まちあるき事業」の担当課が「市民課」から「清掃課」に変わりました。</li>"
        in page.text
    )
    assert "29件加わり、29件なくなりました" in page.text
    page = client.get(f"{PATH}?from=1&to=2&lang=en", headers=BROWSER)
    assert (
        '<li>Project 3 “<bdi lang="ja">まちあるき事業</bdi>”: the responsible unit changed from '
        '“<bdi lang="ja">市民課</bdi>” to “<bdi lang="ja">清掃課</bdi>”.</li>' in page.text
    )
    assert f'href="{HISTORY}2/plan.nq"' in page.text
    first = client.get(f"{PATH}?to=1&lang=en", headers=BROWSER).text
    assert "Version 1 is the first one; there is none before it." in first


def test_a_plan_with_one_version_says_so(koriyama_var: Path) -> None:
    app = create_app(Settings(query_workers=1, rate_limit=""), koriyama_var)
    try:
        client = app.test_client()
        path = "/changes/072036/kyodo-2/2021"
        page = client.get(f"{path}?lang=en", headers=BROWSER).text
        assert "Only one version was published (version 1, 24 November 2026)." in page
        document = client.get(f"{path}.json").get_json()
        assert (document["from"], document["to"], document["changes"]) == (None, "1", None)
        graph = Graph().parse(data=client.get(f"{path}.ttl").data, format="turtle")
        assert len(set(graph.subjects(RDF.type, SP.PlanVersion))) == 1
        assert not set(graph.subjects(RDF.type, CHANGESET.ChangeSet))
    finally:
        close_app(app)


def test_the_plan_page_leads_to_the_changes_and_can_be_cited(client: FlaskClient) -> None:
    path = "/doc/990019/plan/kyodo/2021"
    release = client.get("/healthz").get_json()["release"]
    english = client.get(f"{path}?lang=en", headers=BROWSER).text
    assert f'<a href="{PATH}?lang=en#data-versions">Changes between versions</a>' in english
    assert (
        "Municipal SDG Plan Data. “Reishi collaboration plan, fiscal 2021 (made up)” [data set], "
        f"version 3 (5 December 2026), release {release}. "
        "http://localhost:8000/id/990019/plan/kyodo/2021" in english
    )
    japanese = html.unescape(client.get(f"{path}?lang=ja", headers=BROWSER).text)
    assert (
        "自治体SDGs実施計画データ「例市協働計画 2021年度実施計画（架空）」データ、"
        f"版3（2026年12月5日）、リリース{release}、http://localhost:8000/id/990019/plan/kyodo/2021"
    ) in japanese
    assert (
        "@misc{990019-kyodo-2021-v3,\n"
        "  author = {{自治体SDGs実施計画データ}},\n"
        "  title = {{例市協働計画 2021年度実施計画（架空） データ}},\n"
        "  year = {2026},\n"
        "  date = {2026-12-05},\n"
        "  version = {3},\n"
        f"  note = {{Data set, release {release}}},\n"
        "  url = {http://localhost:8000/id/990019/plan/kyodo/2021},\n"
        "}\n"
    ) in japanese
    csl = json.loads(japanese.partition('aria-label="CSL-JSON">')[2].partition("</pre>")[0])
    assert csl[0]["type"] == "dataset"
    assert csl[0]["issued"] == {"date-parts": [[2026, 12, 5]]}
    assert (csl[0]["version"], csl[0]["note"]) == ("3", f"Release {release}")


def test_every_version_is_served_as_it_was_published(client: FlaskClient, three: Path) -> None:
    folder = three / "history/990019/kyodo/2021"
    listed = client.get(HISTORY, headers={"Accept": "application/json"}).get_json()
    assert listed == [{"url": f"http://localhost:8000{HISTORY}{name}/"} for name in "123"]
    for name in "123":
        answer = client.get(f"{HISTORY}{name}/plan.nq")
        assert answer.data == (folder / name / "plan.nq").read_bytes()
        assert answer.content_type == "application/n-quads; charset=utf-8"
        digest = hashlib.sha256(answer.data).hexdigest()
        assert answer.headers["ETag"] == f'"{digest[:32]}"'
        files = client.get(f"{HISTORY}{name}/", headers={"Accept": "application/json"}).get_json()
        urls = {file["url"].rpartition("/")[2] for file in files}
        assert urls == {path.name for path in (folder / name).iterdir()}
    known = client.get(f"{HISTORY}2/version.json").get_json()
    assert (known["version"], known["modified"]) == ("2", "2026-12-01")
    part = client.get(f"{HISTORY}1/plan.nq", headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.data) == (206, (folder / "1/plan.nq").read_bytes()[5:10])


@pytest.mark.parametrize(
    "path",
    [".lock", "../current/release.json", "990019/kyodo/2021/4/", "990019/../../current", "x"],
)
def test_nothing_else_is_reached_through_the_history(client: FlaskClient, path: str) -> None:
    assert client.get(f"/dumps/history/{path}").status_code == 404
