"""What tests of attacks share: a query over real HTTP, and a client that goes on asking."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from typing import Any

LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"
TYPE_JSON = "application/sparql-results+json"
GOOD = f"SELECT ?l {{ ?s <{LABEL}> ?l }} ORDER BY ?l LIMIT 1"
GOOD_BINDINGS = [{"l": {"type": "literal", "xml:lang": "ja", "value": "事業1"}}]


def answer_of(url: str, query: str, accept: str = TYPE_JSON) -> tuple[int, Any]:
    """The status, and the bindings or the title of the problem."""
    request = urllib.request.Request(
        f"{url}sparql",
        query.encode(),
        {"Content-Type": "application/sparql-query", "Accept": accept},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            document = json.loads(response.read())
            return response.status, document.get("results", document).get("bindings", document)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())["title"]


class NormalClient(threading.Thread):
    """Asks a small question again and again, never the same text, and looks at every answer."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._over = threading.Event()
        self.served = 0
        self.wrong: list[tuple[int, Any]] = []
        self.slowest_s = 0.0

    def run(self) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            began = time.monotonic()
            answer = answer_of(self._url, GOOD.replace("{ ?s", f"{{ FILTER({number} > 0) ?s"))
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
            if answer == (200, GOOD_BINDINGS):
                self.served += 1
            else:
                self.wrong.append(answer)
            time.sleep(0.02)

    def __enter__(self) -> NormalClient:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()
