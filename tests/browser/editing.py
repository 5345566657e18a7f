"""The query editor in a browser, as the tests of it drive it."""

from __future__ import annotations

import csv
import io
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Browser

from server.pages.editor import BUILT
from server.pages.frame import STATIC
from tests.browser.opened import Opened, opened
from tests.browser.site import WIDE
from tests.http.conftest import Server

needs_editor = pytest.mark.skipif(
    not all((STATIC / name).is_file() for name in BUILT), reason="needs the editor (make editor)"
)
PLAN = "https://w3id.org/jp-sdgplan/id/072036/plan/kyodo-2/2021"
ICONS = f"""PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?name ?icons WHERE {{
  ?project sp:inPlan <{PLAN}> ; sp:number ?number ; skos:prefLabel ?name ; sp:iconCount ?icons .
}} ORDER BY DESC(?icons) ?number LIMIT 5
"""


@contextmanager
def editor(
    browser: Browser,
    server: Server,
    query: str | None = None,
    language: str = "ja",
    width: int = WIDE,
    refused: int = 0,
    ended: int = 0,
) -> Iterator[Opened]:
    """The page with the query in its address.

    At its end nothing was complained of, but for what the browser says of `refused` queries, and
    of requests that `ended` otherwise: stopped ones, and those whose answer was saved as a file.
    """
    fragment = "" if query is None else f"#query={quote(query, safe='')}"
    with opened(browser, server.url, width, f"sparql?lang={language}{fragment}", language) as found:
        found.page.wait_for_selector(".yasqe .CodeMirror")
        yield found
        own = [c for c in found.complaints if f"{server.url}sparql" in c and "400" in c]
        assert len(own) == 2 * refused  # the answer, and the line in the console
        left = [c for c in found.complaints if c.startswith(f"failed: {server.url}sparql")]
        assert [c for c in left if not c.endswith("net::ERR_ABORTED")] == []
        assert len(left) == ended
        # the browser stops asking for the icon when a page is left at once
        left += [c for c in found.complaints if c.endswith("static/icon.svg net::ERR_ABORTED")]
        assert [c for c in found.complaints if c not in (*own, *left)] == []


def run(found: Opened) -> str:
    """Press the button and wait for the answer; returns what the page announces."""
    found.page.click("#ask-run")
    return answered(found)


def answered(found: Opened) -> str:
    found.page.wait_for_selector("#ask-answer:not([hidden])")
    found.page.wait_for_selector("#ask-stop", state="hidden")
    return found.page.inner_text("#ask-status")


def rows(found: Opened, selector: str) -> list[list[str]]:
    """The cells of the body of a table, as a reader sees them."""
    texts: list[list[str]] = found.page.eval_on_selector_all(
        f"{selector} tbody tr",
        "all => all.map(tr => [...tr.cells].map(cell => cell.innerText.trim()))",
    )
    return texts


def widths(found: Opened) -> list[float]:
    """How long the bars are, in per cent of the space for them."""
    got: list[float] = found.page.eval_on_selector_all(
        "#ask-body rect", "all => all.map(e => parseFloat(e.getAttribute('width')))"
    )
    return got


def suggested(found: Opened) -> list[str]:
    """What the editor offers at the cursor."""
    found.page.keyboard.press("Control+Space")
    found.page.wait_for_selector(".CodeMirror-hints li")
    got: list[str] = found.page.eval_on_selector_all(
        ".CodeMirror-hints li", "all => all.map(e => e.textContent)"
    )
    return got


def as_csv(server: Server, query: str) -> list[list[str]]:
    """The rows that the endpoint answers, for comparison."""
    asked = urllib.request.Request(
        f"{server.url}sparql?{urlencode({'query': query, 'format': 'csv'})}"
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:
        text = answer.read().decode("utf-8")
    return list(csv.reader(io.StringIO(text)))[1:]


def text_of(found: Opened) -> str:
    """The query in the editor."""
    return str(_editor(found, "getValue()"))


def fill(found: Opened, query: str) -> None:
    found.page.evaluate(
        "text => document.querySelector('.CodeMirror').CodeMirror.setValue(text)", query
    )


def lines_marked(found: Opened) -> list[str]:
    return found.page.eval_on_selector_all(
        ".CodeMirror-code > div:has(.wrong-line)",
        "all => all.map(e => e.querySelector('.CodeMirror-linenumber').textContent)",
    )


def _editor(found: Opened, call: str) -> Any:
    return found.page.evaluate(f"document.querySelector('.CodeMirror').CodeMirror.{call}")
