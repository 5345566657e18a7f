"""How tests read pages, and a live server: what browsers send, the main text, an endpoint."""

from __future__ import annotations

import html
import json
import re
from http.client import HTTPResponse
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ENGLISH = {**BROWSER, "Accept-Language": "en"}


def words(text: str) -> str:
    """The text of the main part, without elements and line ends."""
    main = text.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        return None


class Endpoint:
    """The live server, asked without following redirects."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._opener = build_opener(_NoRedirect)

    def get(self, address: str, accept: str | None = None, method: str = "GET") -> SimpleNamespace:
        """Status, headers, media type and body."""
        headers = {} if accept is None else {"Accept": accept}
        path = address if address.startswith("http") else self.url + address
        try:
            answer: HTTPResponse | HTTPError = self._opener.open(
                Request(path, headers=headers, method=method), timeout=30
            )
        except HTTPError as error:
            answer = error
        with answer:
            return SimpleNamespace(
                status=answer.status,
                headers=answer.headers,
                type=answer.headers.get_content_type(),
                body=answer.read(),
            )

    def ask(self, query: str) -> list[dict[str, dict[str, str]]]:
        answer = self.get(f"sparql?{urlencode({'query': query, 'format': 'json'})}")
        assert answer.status == 200, answer.body
        return json.loads(answer.body)["results"]["bindings"]  # type: ignore[no-any-return]

    def column(self, query: str) -> list[str]:
        return [term["value"] for row in self.ask(query) for term in row.values()]

    def number(self, query: str) -> int:
        (value,) = self.column(query)
        return int(value)
