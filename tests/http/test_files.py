"""Dumps, vocabulary, service description, health, and the headers of every route."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, RDF, VOID, XSD

from server.hooks import EXTENSION

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
TURTLE_DUMP = "/dumps/072036/kyodo-2/2021/source.ttl"


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        (TURTLE_DUMP, "text/turtle; charset=utf-8"),
        ("/dumps/072036/kyodo-2/2021/source.nq", "application/n-quads; charset=utf-8"),
        ("/dumps/072036/kyodo-2/2021/source.csv", "text/csv; charset=utf-8"),
        ("/dumps/072036/kyodo-2/2021/source.csv-metadata.json", "application/csvm+json"),
        ("/dumps/072036/kyodo-2/2021/source.csv.gz", "application/gzip"),
        ("/dumps/all.nq.gz", "application/gzip"),
        ("/dumps/SHA256SUMS", "text/plain; charset=utf-8"),
    ],
)
def test_dumps_are_the_published_bytes(
    client: FlaskClient, var: Path, path: str, content_type: str
) -> None:
    answer = client.get(path)
    published = (var / "current" / path.lstrip("/")).read_bytes()
    assert (answer.status_code, answer.content_type) == (200, content_type)
    assert answer.data == published
    assert answer.headers["Content-Length"] == str(len(published))
    assert "Last-Modified" in answer.headers
    assert "Content-Encoding" not in answer.headers
    head = client.head(path)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(published))


def test_a_dump_is_answered_304_by_tag_and_by_date(client: FlaskClient) -> None:
    answer = client.get(TURTLE_DUMP)
    for name, value in (
        ("If-None-Match", answer.headers["ETag"]),
        ("If-Modified-Since", answer.headers["Last-Modified"]),
    ):
        assert client.get(TURTLE_DUMP, headers={name: value}).status_code == 304


def test_a_dump_is_sent_in_ranges(client: FlaskClient, var: Path) -> None:
    published = (var / "current" / TURTLE_DUMP.lstrip("/")).read_bytes()
    headers = {"Range": "bytes=10-19", "Accept-Encoding": "gzip"}
    part = client.get(TURTLE_DUMP, headers=headers)
    assert (part.status_code, part.data) == (206, published[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(published)}"
    assert "Content-Encoding" not in part.headers
    beyond = client.get(TURTLE_DUMP, headers={"Range": "bytes=999999-"})
    assert beyond.status_code == 416


def test_a_dump_is_compressed_only_on_request(client: FlaskClient) -> None:
    plain = client.get(TURTLE_DUMP)
    packed = client.get(TURTLE_DUMP, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] == plain.headers["ETag"].rstrip('"') + '-gzip"'
    again = client.get(
        TURTLE_DUMP,
        headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]},
    )
    assert again.status_code == 304
    assert (
        "Content-Encoding"
        not in client.get("/dumps/all.nq.gz", headers={"Accept-Encoding": "gzip"}).headers
    )


@pytest.mark.parametrize(
    "path",
    [
        "/dumps/../release.json", "/dumps/%2e%2e/release.json", "/dumps/..%2frelease.json",
        "/dumps/072036/../../release.json", "/dumps//etc/passwd", "/dumps/none.ttl",
        "/dumps/.hidden", "/dumps/SHA256SUMS/", "/dumps/%00", "/dumps/all.nq.gz%00.txt",
        f"/dumps/{'a/' * 3000}",
    ],
)  # fmt: skip
def test_nothing_outside_the_dumps_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_folder_is_listed(client: FlaskClient) -> None:
    answer = client.get("/dumps/", headers={"Accept": "text/plain"})
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text.split("\n") == [
        "http://localhost:8000/dumps/072036/",
        "http://localhost:8000/dumps/SHA256SUMS",
        "http://localhost:8000/dumps/all.nq.gz",
        "",
    ]
    entries = json.loads(client.get("/dumps/072036/kyodo-2/2021/").data)
    assert [(entry["url"].rpartition("/")[2], entry["type"]) for entry in entries] == [
        ("source.csv", "text/csv"),
        ("source.csv-metadata.json", "application/csvm+json"),
        ("source.csv.gz", "application/gzip"),
        ("source.nq", "application/n-quads"),
        ("source.ttl", "text/turtle"),
    ]
    entry = entries[-1]
    assert sorted(entry) == ["bytes", "modified", "sha256", "type", "url"]
    assert (entry["bytes"], entry["type"]) == (2400, "text/turtle")


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
@pytest.mark.parametrize("path", ["/ns", "/shapes"])
@pytest.mark.parametrize(
    ("accept", "extension", "content_type", "parser"),
    [
        ("*/*", ".ttl", "text/turtle; charset=utf-8", "turtle"),
        ("application/rdf+xml", ".rdf", "application/rdf+xml; charset=utf-8", "xml"),
        ("application/ld+json", ".jsonld", "application/ld+json; charset=utf-8", "json-ld"),
        ("application/n-triples", ".nt", "application/n-triples; charset=utf-8", "nt"),
    ],
)
def test_the_vocabulary_in_each_format(
    client: FlaskClient, path: str, accept: str, extension: str, content_type: str, parser: str
) -> None:
    for answer in (client.get(path, headers={"Accept": accept}), client.get(path + extension)):
        assert (answer.status_code, answer.content_type) == (200, content_type)
        assert len(Graph().parse(data=answer.data, format=parser)) > 100
        assert answer.headers["ETag"]


def test_the_goals_are_turtle_only_under_their_name(client: FlaskClient) -> None:
    assert client.get("/goals.ttl").content_type == "text/turtle; charset=utf-8"
    assert client.get("/goals.exe").status_code == 404


def test_the_endpoint_describes_itself(client: FlaskClient) -> None:
    answer = client.get("/sparql", headers={"Accept": "text/turtle, application/rdf+xml"})
    assert (answer.status_code, answer.content_type) == (200, "text/turtle; charset=utf-8")
    graph = Graph().parse(data=answer.data, format="turtle")
    service = URIRef("http://localhost:8000/sparql")
    assert (service, RDF.type, SD.Service) in graph
    assert (service, SD.endpoint, service) in graph
    assert (service, SD.feature, SD.UnionDefaultGraph) in graph
    assert (service, SD.feature, SD.BasicFederatedQuery) not in graph
    assert len(set(graph.objects(service, SD.resultFormat))) == 10
    default = graph.value(graph.value(service, SD.defaultDataset), SD.defaultGraph)
    assert graph.value(default, VOID.triples) == Literal(205)
    assert len(list(graph.objects(None, SD.name))) == 2
    created = Literal("2026-11-24T10:15:00Z", datatype=XSD.dateTime)
    assert graph.value(graph.value(service, SD.defaultDataset), DCTERMS.modified) == created


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "text/turtle"), ("text/html", "text/html"),
        ("application/n-quads,application/trig;q=0.95,text/html;q=0.2", "application/n-quads"),
        ("application/ld+json", "application/ld+json"), ("application/trig", "application/trig"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/n-triples", "application/n-triples"),
    ],
)  # fmt: skip
def test_the_description_comes_in_the_asked_type(
    client: FlaskClient, accept: str | None, media_type: str
) -> None:
    answer = client.get("/sparql", headers={} if accept is None else {"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, media_type)


def test_a_browser_gets_the_editor_that_the_pages_give(app: Flask) -> None:
    hooks = app.extensions[EXTENSION]["hooks"]
    before = hooks.endpoint
    hooks.endpoint = lambda: Response("<h1>SPARQL</h1>", content_type="text/html; charset=utf-8")
    try:
        client = app.test_client()
        assert (
            client.get("/sparql?of=hook", headers={"Accept": "text/html"}).text == "<h1>SPARQL</h1>"
        )
        assert client.get("/sparql").mimetype == "text/turtle"
    finally:
        hooks.endpoint = before


def test_health_runs_a_query(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert json.loads(answer.data) == {
        "status": "ok",
        "release": "20261124T101500Z-1a2b3c4d",
        "quads": 205,
    }
    assert answer.headers["Cache-Control"] == "no-store"


def test_robots_may_read_all_but_queries(client: FlaskClient) -> None:
    assert client.get("/robots.txt").text == (
        "User-agent: *\nDisallow: /sparql?\nDisallow: /search?\nAllow: /\n\n"
        "Sitemap: http://localhost:8000/sitemap.xml\n"
    )


@pytest.mark.parametrize(
    "path", ["/sparql", "/ns", "/shapes", "/dumps/", "/robots.txt", "/healthz", "/nothing"]
)
def test_every_route_may_be_read_from_elsewhere_and_framed_by_nobody(
    client: FlaskClient, path: str
) -> None:
    answer = client.get(path)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    assert answer.content_type.endswith("; charset=utf-8")
    if path != "/nothing":
        assert client.options(path).status_code == 204
        assert "HEAD" in client.options(path).headers["Allow"]
        assert client.delete(path).status_code == 405


def test_a_fault_of_ours_says_only_that(app: Flask) -> None:
    hooks = app.extensions[EXTENSION]["hooks"]
    before = hooks.vocabulary, hooks.error
    hooks.vocabulary, hooks.error = lambda: 1 / 0, None
    try:
        answer = app.test_client().get("/ns", headers={"Accept": "text/html, text/plain;q=0.5"})
        assert answer.status_code == 500
        assert answer.text == (
            "500 Internal error\n\n"
            "The request could not be answered through a fault of this server.\n"
        )
    finally:
        hooks.vocabulary, hooks.error = before
