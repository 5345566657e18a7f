"""An answer is complete or an error, and every text says that it is UTF-8 (S-19, S-03)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.settings import Settings
from server import create_app
from server.application import close_app
from tests.http.asking import ask, problem

PRODUCT = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
CODINGS = ["identity", "gzip", "br", "zstd"]


@pytest.fixture(scope="module")
def tight(var: Path) -> Iterator[Flask]:
    app = create_app(
        Settings(query_workers=1, query_timeout_s=2, result_limit_mib=1, rate_limit=""), var
    )
    yield app
    close_app(app)


@pytest.mark.parametrize("coding", CODINGS)
def test_a_size_limit_is_an_error_status(tight: Flask, coding: str) -> None:
    """S-19: 42,025 solutions are more than 1 MiB; none of them is sent."""
    answer = tight.test_client().get(
        "/sparql", query_string={"query": PRODUCT}, headers={"Accept-Encoding": coding}
    )
    assert answer.status_code == 503
    assert answer.mimetype == "application/problem+json"
    assert b"bindings" not in answer.data
    assert "ETag" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_time_limit_is_an_error_status(tight: Flask, method: str) -> None:
    """S-19: solutions that were found before the limit are not sent either."""
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?f ?i"
    place = "query_string" if method == "GET" else "data"
    arguments: dict[str, Any] = {place: {"query": query, "format": "csv"}}
    answer = tight.test_client().open("/sparql", method=method, **arguments)
    assert answer.status_code == 503
    assert answer.mimetype == "application/problem+json"


def test_no_limit_is_put_on_the_number_of_solutions(client: FlaskClient) -> None:
    """S-19: there is no row cap to be told of."""
    query = "SELECT ?a ?b { ?a a ?t . ?b a ?t . VALUES ?x { 1 2 3 4 5 } }"
    answer = ask(client, query)
    assert len(json.loads(answer.data)["results"]["bindings"]) == 8015
    assert "Link" not in answer.headers


TEXTS = (
    "/", "/sparql", "/sparql?query=ASK{}", "/sparql?query=", "/sparql?query=ASK{}&format=csv",
    "/void.ttl", "/.well-known/void", "/ns", "/shapes", "/goals.ttl", "/dumps/",
    "/dumps/072036/kyodo-2/2021/source.ttl", "/robots.txt", "/healthz", "/nothing",
    "/static/style.css",
    "/doc/072036/plan/kyodo-2/2021", "/id/072036/plan/kyodo-2/2021",
)  # fmt: skip


@pytest.mark.parametrize("accept", ["*/*", "text/html", "text/plain", "application/json"])
@pytest.mark.parametrize("path", TEXTS)
def test_every_text_says_that_it_is_utf_8(client: FlaskClient, path: str, accept: str) -> None:
    """R's readers take the platform's encoding otherwise, and Japanese is lost."""
    answer = client.get(path, headers={"Accept": accept})
    assert answer.headers["Content-Type"].endswith("; charset=utf-8"), answer.status
    answer.data.decode("utf-8")


@pytest.mark.parametrize(
    ("send", "status"),
    [
        (lambda c: c.get("/sparql?query=SELECT"), 400),
        (lambda c: c.post("/sparql", data={"update": "CLEAR ALL"}), 403),
        (lambda c: c.delete("/sparql"), 405),
        (lambda c: c.get("/sparql?query=ASK{}", headers={"Accept": "image/png"}), 406),
        (lambda c: c.post("/sparql", data="x" * 400_000, content_type="text/plain"), 413),
        (lambda c: c.post("/sparql", data="x", content_type="text/plain"), 415),
    ],
    ids=["syntax", "update", "method", "type", "size", "media-type"],
)
def test_errors_can_be_read_from_elsewhere(
    client: FlaskClient, send: Callable[[FlaskClient], Any], status: int
) -> None:
    """S-03: CORS, one shape, no stack trace."""
    answer = send(client)
    assert problem(answer)[0] == status
    assert "Traceback" not in answer.text
    assert "Access-Control-Allow-Credentials" not in answer.headers
