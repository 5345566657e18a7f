"""The query editor of /sparql in a real browser: it asks this host alone, and works by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from server.pages.editor import BUILT
from server.pages.frame import STATIC
from tests.browser.opened import Opened, opened
from tests.browser.site import LANGUAGES, NARROW, WIDE
from tests.http.conftest import Server

GOALS = """PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?name ?icons WHERE {
  ?project a sp:Project ; sp:number ?number ; skos:prefLabel ?name ; sp:iconCount ?icons ;
    sp:inPlan <https://w3id.org/jp-sdgplan/id/072036/plan/kyodo-2/2021> .
} ORDER BY DESC(?icons) ?number LIMIT 5
"""
BROKEN = "SELECT ?name WHERE {\n  ?project ?is }\n"
LONG = f"SELECT ?n WHERE {{ VALUES ?n {{ {' '.join(str(n) for n in range(2000))} }} }}"

pytestmark = pytest.mark.skipif(
    not all((STATIC / name).is_file() for name in BUILT),
    reason="needs the query editor (make frontend)",
)


@contextmanager
def editor(
    browser: Browser,
    server: Server,
    query: str | None = None,
    language: str = "ja",
    width: int = WIDE,
) -> Iterator[Opened]:
    """The page with the query in its address; it must have complained of nothing at the end."""
    fragment = "" if query is None else f"#query={quote(query, safe='')}"
    with opened(browser, server.url, width, f"sparql?lang={language}{fragment}", language) as found:
        found.page.wait_for_selector(".yasqe .CodeMirror")
        yield found
        assert found.complaints == []


def run(found: Opened) -> str:
    """Press the button and wait; returns what the page announces."""
    page = found.page
    page.click("#ask-run")
    page.wait_for_selector("#ask-stop", state="hidden")
    page.wait_for_selector("#ask-answer:not([hidden])")
    return page.inner_text("#ask-status")


def rows(found: Opened, selector: str) -> list[list[str]]:
    texts: list[list[str]] = found.page.eval_on_selector_all(
        f"{selector} tbody tr",
        "all => all.map(tr => [...tr.cells].map(cell => cell.innerText.trim()))",
    )
    return texts


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_query_of_the_address_is_run_and_shown_as_table_and_chart(
    browser: Browser, server: Server, language: str, width: int
) -> None:
    with editor(browser, server, GOALS, language, width) as found:
        said = run(found)
        assert said.startswith("5行、" if language == "ja" else "5 rows in ")
        table = rows(found, "#ask-body .results")
        assert (
            len(table) == 5 and table[0][0] == "セーフコミュニティ推進事業" and table[0][1] == "6"
        )
        assert found.overflow() == [] and found.axe() == []
        found.page.click("[data-view=chart]")
        assert found.page.get_attribute("[data-view=chart]", "aria-pressed") == "true"
        bars = rows(found, "#ask-body .bars")
        assert [[label, number] for label, _, number in bars] == table
        widths = found.page.eval_on_selector_all(
            "#ask-body rect", "all => all.map(e => parseFloat(e.getAttribute('width')))"
        )
        most = max(int(number) for _, number in table)
        assert widths == [round(100 * int(number) / most, 2) for _, number in table]
        assert found.overflow() == [] and found.axe() == []
