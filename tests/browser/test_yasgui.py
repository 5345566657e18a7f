"""YASGUI as people have it on pages of their own: a client of the endpoint from another origin."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.editing import ICONS, PLAN, as_csv
from tests.http.conftest import Server

BUILD = Path(__file__).parents[2] / "server/frontend/node_modules/@zazuko/yasgui/build"
PAGE = (
    '<!doctype html><meta charset="utf-8"><title>YASGUI</title><div id="yasgui"></div>'
    '<script src="yasgui.js"></script>'
)
START = """endpoint => {
  window.yasgui = new Yasgui(document.getElementById('yasgui'), {
    requestConfig: { endpoint }, copyEndpointOnNewTab: false, persistenceId: null,
  });
}"""
ASK = """async query => {
  const tab = window.yasgui.getTab();
  tab.yasqe.setValue(query);
  await tab.yasqe.query();
}"""

pytestmark = pytest.mark.skipif(not BUILD.is_dir(), reason="needs @zazuko/yasgui (make editor)")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def yasgui(browser: Browser, server: Server, tmp_path: Path) -> Iterator[Page]:
    """YASGUI on a page of another origin; on this machine, since browsers keep others from it."""
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    shutil.copy(BUILD / "yasgui.min.js", tmp_path / "yasgui.js")
    theirs = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path)))
    Thread(target=theirs.serve_forever, daemon=True).start()
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{theirs.server_port}/")
        page.evaluate(START, f"{server.url}sparql")
        yield page
    finally:
        context.close()
        theirs.shutdown()
        theirs.server_close()


def test_its_table_shows_what_the_endpoint_answers(yasgui: Page, server: Server) -> None:
    yasgui.evaluate(ASK, ICONS)
    yasgui.wait_for_selector(".yasr table.dataTable tbody tr")
    shown = yasgui.eval_on_selector_all(
        ".yasr table.dataTable tbody tr",
        "all => all.map(row => [...row.querySelectorAll('td')].slice(1)"
        ".map(cell => cell.querySelector('span').firstChild.textContent.replaceAll('\"', '')))",
    )
    assert shown == as_csv(server, ICONS)


def test_it_shows_triples_and_tells_why_a_query_is_refused(yasgui: Page) -> None:
    yasgui.evaluate(ASK, f"CONSTRUCT {{ <{PLAN}> a ?c }} WHERE {{ <{PLAN}> a ?c }}")
    yasgui.wait_for_selector(".yasr table.dataTable tbody tr")
    assert "ImplementationPlan" in yasgui.inner_text(".yasr table.dataTable")
    yasgui.evaluate(f"query => ({ASK})(query).catch(() => null)", "SELECT * { ?s ?p }")
    yasgui.wait_for_selector(".yasr .errorResult")
    assert "Line 1, column" in yasgui.inner_text(".yasr .errorResult")
