"""How the tests of the search ask it: for one page as JSON or HTML, for the rows of all pages."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient

from tests.http.reading import BROWSER


def asked(client: FlaskClient, query: str, **more: str) -> dict[str, Any]:
    answer = client.get("/search", query_string={"q": query, **more})
    assert (answer.status_code, answer.mimetype) == (200, "application/json"), answer.text
    found: dict[str, Any] = json.loads(answer.data)
    return found


def page(client: FlaskClient, query: str, headers: dict[str, str] = BROWSER, **more: str) -> str:
    answer = client.get("/search", query_string={"q": query, **more}, headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    return answer.text


def all_rows(client: FlaskClient, query: str, **more: str) -> list[dict[str, Any]]:
    """The rows of all pages, by the links from page to page."""
    found = asked(client, query, **more)
    rows = found["rows"]
    while found["next"]:
        parts = urlsplit(found["next"])
        found = json.loads(client.get(f"{parts.path}?{parts.query}").data)
        rows += found["rows"]
    assert len(rows) == found["total"]
    return list(rows)
