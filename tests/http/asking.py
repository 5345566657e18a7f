"""How the tests of the endpoint ask it, and how they read what it says."""

from __future__ import annotations

import json
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

LABELS = "SELECT ?l { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?l } ORDER BY ?l LIMIT 2"
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
JSON = "application/sparql-results+json; charset=utf-8"


def ask(client: FlaskClient, query: str, accept: str | None = None, **more: str) -> TestResponse:
    headers = {} if accept is None else {"Accept": accept}
    return client.get("/sparql", query_string={"query": query, **more}, headers=headers)


def labels(response: TestResponse) -> list[str]:
    document = json.loads(response.data)
    return [row["l"]["value"] for row in document["results"]["bindings"]]


def problem(response: TestResponse) -> tuple[int, str, str]:
    assert response.content_type == "application/problem+json; charset=utf-8"
    document = json.loads(response.data)
    assert list(document) == ["type", "title", "status", "detail"]
    assert document["status"] == response.status_code
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    return document["status"], document["title"], document["detail"]


class Reading(FlaskClient):
    """Reads every answer to its end and closes it, as files want to be."""

    def open(self, *arguments: Any, **named: Any) -> TestResponse:
        return super().open(*arguments, **{**named, "buffered": True})
