"""What the editor shows of an answer, and the same query as it runs in other programs."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.editing import (
    ICONS,
    PLAN,
    as_csv,
    editor,
    fill,
    needs_editor,
    rows,
    run,
    widths,
)
from tests.browser.opened import Opened
from tests.browser.site import LANGUAGES
from tests.conftest import NeedsDebian
from tests.http.conftest import Server

pytestmark = needs_editor

HOSTILE = '<img src=x onerror="document.title = 1">'
LONG = f"SELECT ?n WHERE {{ VALUES ?n {{ {' '.join(map(str, range(1500)))} }} }}"
QUOTES = f"""SELECT ?name ?plan WHERE {{
  VALUES ?name {{ "it's \\\\ a \\"quote\\"" '''three ""\\" quotes''' "縦 覧 )---" }}
  BIND(<{PLAN}> AS ?plan)  # it's a "comment"
}}"""


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("ASK { ?s ?p ?o }", "はい（true）"),
        ("ASK { FILTER(false) }", "いいえ（false）"),
        (
            "SELECT * { ?s <x:none> ?o }",
            "この問い合わせの結果は0行です。データに該当がないためで、故障ではありません。",
        ),
    ],
)
def test_short_answers_are_words(browser: Browser, server: Server, query: str, shown: str) -> None:
    with editor(browser, server, query) as found:
        run(found)
        assert found.page.inner_text("#ask-body") == shown
        assert not found.page.is_visible("#ask-views")


def test_triples_are_shown_as_turtle_and_saved_as_rdf(browser: Browser, server: Server) -> None:
    query = f"CONSTRUCT {{ <{PLAN}> a ?class }} WHERE {{ <{PLAN}> a ?class }}"
    with editor(browser, server, query, "en") as found:
        assert run(found).startswith("Answered in ")
        assert "ImplementationPlan" in found.page.inner_text("#ask-body pre")
        names = found.page.locator("#ask-files a").all_inner_texts()
        assert names == ["Turtle", "JSON-LD", "N-Triples", "RDF/XML"]
        assert found.axe() == [] and found.overflow() == []


def test_a_file_is_the_answer_of_the_endpoint(browser: Browser, server: Server) -> None:
    with editor(browser, server, ICONS, ended=1) as found:
        run(found)
        names = found.page.locator("#ask-files a").all_inner_texts()
        assert names == ["CSV", "CSV (Excel)", "JSON", "TSV", "XML"]
        with found.page.expect_download() as started:
            found.page.click("#ask-files a >> nth=0")
        assert started.value.suggested_filename == "result.csv"
        text = Path(started.value.path()).read_text(encoding="utf-8")
        assert list(csv.reader(io.StringIO(text)))[1:] == as_csv(server, ICONS)


def test_what_data_says_is_only_text(browser: Browser, server: Server) -> None:
    query = (
        f"SELECT ?name ?number ?iri ?none WHERE {{ VALUES (?name ?number) {{ ('{HOSTILE}' 3) "
        f"('{HOSTILE}' -1.5) ('b' 0) }} BIND(<javascript:alert(1)> AS ?iri) }}"
    )
    with editor(browser, server, query) as found:
        run(found)
        first = [HOSTILE, "3", "javascript:alert(1)", "値なし"]
        assert rows(found, "#ask-body .answers")[0] == first
        assert found.page.locator("#ask-body img, #ask-body a").count() == 0
        found.page.click("[data-view=chart]")
        drawn = rows(found, "#ask-body .bars")
        assert [(label, number) for label, _, number in drawn] == [
            (HOSTILE, "3"), (HOSTILE, "-1.5"), ("b", "0"),
        ]  # fmt: skip
        assert widths(found) == [66.67, 33.33, 0]
        starts = found.page.eval_on_selector_all(
            "#ask-body rect", "all => all.map(e => e.getAttribute('x'))"
        )
        assert starts == ["33.33%", "0.00%", "33.33%"]


def test_the_columns_of_a_chart_can_be_chosen(browser: Browser, server: Server) -> None:
    query = "SELECT ?a ?b ?n ?m WHERE { VALUES (?a ?b ?n ?m) { ('x' 'p' 1 4) ('y' 'p' 2 UNDEF) } }"
    with editor(browser, server, query, "en") as found:
        run(found)
        found.page.click("[data-view=chart]")
        assert rows(found, "#ask-body .bars") == [["x", "", "4"], ["y", "", "no value"]]
        assert widths(found) == [100]
        found.page.select_option(".column-choice >> nth=1 >> select", "n")
        found.page.select_option(".column-choice >> nth=0 >> select", "b")
        assert rows(found, "#ask-body .bars") == [["p", "", "1"], ["p", "", "2"]]
        assert widths(found) == [50, 100]
        title = found.page.inner_text("#ask-body caption")
        assert title == "Bar chart: n by b; 2 bars in the query's order"
        fill(found, "SELECT ?s WHERE { ?s a ?c } LIMIT 2")
        run(found)
        told = found.page.inner_text("#ask-body")
        assert told == "No column holds numbers alone, so there is no chart."


def test_long_queries_and_long_answers(browser: Browser, server: Server) -> None:
    with editor(browser, server, LONG, ended=1) as found:
        sent: list[str] = []
        found.page.on("request", lambda request: sent.append(request.method))
        assert run(found).startswith("1,500行、")
        assert sent == ["POST"]  # an address of that length would be refused
        assert len(rows(found, "#ask-body .answers")) == 1000
        title = found.page.inner_text("#ask-body caption")
        assert title == "全1,500行中1,000行を表示。ファイルには全行"
        assert not found.page.is_visible("#ask-files")
        found.page.select_option("#format", "csv")
        with found.page.expect_download() as started:
            found.page.click(".query-form button[type=submit]")
        text = Path(started.value.path()).read_text(encoding="utf-8")
        assert text.split() == ["n", *map(str, range(1500))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cell_leads_to_our_page_in_the_same_language(
    browser: Browser, server: Server, language: str
) -> None:
    query = f"SELECT ?plan ?class WHERE {{ BIND(<{PLAN}> AS ?plan) ?plan a ?class }}"
    with editor(browser, server, query, language) as found:
        run(found)
        link = found.page.locator("#ask-body a >> nth=0")
        assert link.inner_text() == "…/072036/plan/kyodo-2/2021"
        assert link.get_attribute("title") == PLAN
        place = f"{server.url}doc/072036/plan/kyodo-2/2021?lang={language}"
        assert link.get_attribute("href") == place
        link.click()
        found.page.wait_for_url(place)


def snippet(found: Opened, client: str) -> str:
    found.page.select_option("#ask-client", client)
    return found.page.inner_text("#ask-code")


def result_of(*command: str, text: str | None = None) -> str:
    done = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("query", [ICONS, QUOTES], ids=["icons", "quotes"])
def test_the_snippet_for_curl_runs_as_it_stands(
    browser: Browser, server: Server, needs_debian: NeedsDebian, query: str
) -> None:
    needs_debian("curl", "curl")
    with editor(browser, server, query) as found:
        out = result_of("sh", "-c", snippet(found, "curl"))
    assert list(csv.reader(io.StringIO(out)))[1:] == as_csv(server, query)


@pytest.mark.parametrize("query", [ICONS, QUOTES], ids=["icons", "quotes"])
def test_the_snippet_for_python_runs_as_it_stands(
    browser: Browser, server: Server, query: str
) -> None:
    with editor(browser, server, query) as found:
        out = result_of(sys.executable, "-", text=snippet(found, "python"))
    expected = as_csv(server, query)
    names = ("name", "icons") if query is ICONS else ("name", "plan")
    assert out.splitlines() == [str(dict(zip(names, row, strict=True))) for row in expected]


@pytest.mark.parametrize("query", [ICONS, QUOTES], ids=["icons", "quotes"])
def test_the_snippet_for_r_runs_as_it_stands(
    browser: Browser, server: Server, needs_debian: NeedsDebian, tmp_path: Path, query: str
) -> None:
    needs_debian("Rscript", "r-base-core")
    with editor(browser, server, query) as found:
        code = snippet(found, "r")
    out = tmp_path / "out.csv"
    (tmp_path / "ask.R").write_text(
        f'{code}\nwrite.csv(answer, "{out}", row.names = FALSE, fileEncoding = "UTF-8")\n',
        encoding="utf-8",
    )
    result_of("Rscript", "--encoding=UTF-8", str(tmp_path / "ask.R"))
    written = out.read_text(encoding="utf-8")
    assert list(csv.reader(io.StringIO(written)))[1:] == as_csv(server, query)


@pytest.mark.parametrize("client", ["curl", "python"])
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("ASK { ?s ?p ?o }", "true"),
        (f"CONSTRUCT {{ <{PLAN}> a ?c }} WHERE {{ <{PLAN}> a ?c }}", "ImplementationPlan"),
    ],
)
def test_snippets_fit_the_form_of_the_query(
    browser: Browser, server: Server, client: str, query: str, told: str
) -> None:
    with editor(browser, server, query) as found:
        code = snippet(found, client)
    command = ("sh", "-c", code) if client == "curl" else (sys.executable, "-c", code)
    assert told in result_of(*command).replace("True", "true")
