"""The query editor of /sparql in a real browser: it asks this host alone, and works by keyboard."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from tests.browser.editing import (
    ICONS,
    answered,
    as_csv,
    editor,
    fill,
    lines_marked,
    needs_editor,
    rows,
    run,
    suggested,
    text_of,
    widths,
)
from tests.browser.site import LANGUAGES, NARROW, WIDE
from tests.http.conftest import Server

pytestmark = needs_editor

BROKEN = "SELECT ?name WHERE {\n  ?project ?is }\n"
PLACE = {
    "ja": "問い合わせ文の2行目16文字目を読めませんでした。",
    "en": "The query could not be read at line 2, column 16.",
}
FOCUS = "document.activeElement.id || document.activeElement.closest('.CodeMirror')?.className"


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_is_a_table_and_a_chart(
    browser: Browser, server: Server, language: str, width: int
) -> None:
    with editor(browser, server, ICONS, language, width) as found:
        assert run(found).startswith("5行、" if language == "ja" else "5 rows in ")
        table = rows(found, "#ask-body .answers")
        assert table == as_csv(server, ICONS)
        assert [number for _, number in table] == ["6", "4", "4", "3", "3"]
        assert found.overflow() == [] and found.axe() == []
        found.page.click("[data-view=chart]")
        assert found.page.get_attribute("[data-view=chart]", "aria-pressed") == "true"
        bars = rows(found, "#ask-body .bars")
        assert [[label, number] for label, _, number in bars] == table
        assert widths(found) == [100, 66.67, 66.67, 50, 50]
        assert found.overflow() == [] and found.axe() == []
        found.page.click("[data-view=table]")
        assert rows(found, "#ask-body .answers") == table


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_broken_query_is_told_by_line_and_column(
    browser: Browser, server: Server, language: str
) -> None:
    with editor(browser, server, BROKEN, language, refused=1) as found:
        assert run(found) == PLACE[language]
        told = found.page.inner_text("#ask-body .problem")
        assert PLACE[language] in told and 'Line 2, column 16: "}" cannot stand here.' in told
        assert lines_marked(found) == ["2"]
        sign = found.page.get_attribute(".parseErrorIcon", "aria-label")
        assert sign == {"ja": "2行目は、このままでは読めません",
                        "en": "Line 2 cannot be read as it stands"}[language]  # fmt: skip
        found.page.hover(".parseErrorIcon")  # the package's own words would break the policy
        assert found.axe() == []
        fill(found, ICONS)
        assert lines_marked(found) == []
        assert found.page.locator(".parseErrorIcon").count() == 0


def test_terms_are_completed_from_this_endpoint(browser: Browser, server: Server) -> None:
    with editor(browser, server, " ") as found:
        asked: list[str] = []
        found.page.on("request", lambda request: asked.append(request.url))
        found.page.click(".CodeMirror")
        found.page.keyboard.press("Control+A")
        found.page.keyboard.type("SELECT * WHERE { ?s a sp:Proj")
        prefix = "PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>\n"
        found.page.wait_for_function(
            "() => document.querySelector('.CodeMirror').CodeMirror.getValue().startsWith('PREFIX')"
        )
        assert text_of(found) == f"{prefix}SELECT * WHERE {{ ?s a sp:Proj"
        assert suggested(found) == ["sp:Project  事業（年度別）", "sp:ProjectChange  見直し"]
        assert found.axe() == []
        found.page.keyboard.press("Enter")
        found.page.keyboard.type(" ; sp:iconCou")
        assert suggested(found) == ["sp:iconCount  アイコン数"]
        found.page.keyboard.press("Enter")
        assert text_of(found) == f"{prefix}SELECT * WHERE {{ ?s a sp:Project ; sp:iconCount"
        assert asked and all(url.startswith(f"{server.url}sparql?query=") for url in asked)
        assert len(asked) == 2  # once for prefixes, once for terms


def test_names_of_terms_are_in_the_language_of_the_page(browser: Browser, server: Server) -> None:
    query = "PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>\nSELECT * { ?s sp:iconCou"
    with editor(browser, server, query, "en") as found:
        found.page.click(".CodeMirror-line >> nth=1")
        found.page.keyboard.press("End")
        assert suggested(found) == ["sp:iconCount  icons"]


def test_the_keyboard_goes_through_and_out_of_the_editor(browser: Browser, server: Server) -> None:
    with editor(browser, server, ICONS) as found:
        press = found.page.keyboard.press
        found.page.click("label[for=query]")
        assert "CodeMirror-focused" in found.page.evaluate(FOCUS)
        press("Tab")
        assert found.page.evaluate(FOCUS) == "ask-run"
        press("Shift+Tab")
        assert "CodeMirror-focused" in found.page.evaluate(FOCUS)
        press("Escape")
        assert found.page.evaluate(FOCUS) == "ask-run"
        assert text_of(found) == ICONS
        press("Shift+Tab")
        press("Control+Enter")
        assert answered(found).startswith("5行、")
        assert "CodeMirror-focused" in found.page.evaluate(FOCUS)


def test_the_address_holds_the_query_and_nothing_is_kept_elsewhere(
    browser: Browser, server: Server
) -> None:
    other = "ASK { ?s ?p ?o }\n"
    with editor(browser, server, ICONS) as found:
        page = found.page
        assert text_of(found) == ICONS
        page.click(".CodeMirror")  # the package would keep the text when the editor is left
        fill(found, other)
        assert run(found).endswith("秒で答えました")
        assert page.inner_text("#ask-body") == "はい（true）"
        assert page.evaluate("location.hash") == f"#query={quote(other, safe='')}"
        fill(found, ICONS + "# mine\n")
        page.click(".languages a")
        page.wait_for_selector(".yasqe .CodeMirror")
        assert page.evaluate("document.documentElement.lang") == "en"
        assert text_of(found) == ICONS + "# mine\n"
        page.go_back()
        page.wait_for_selector(".yasqe .CodeMirror")
        assert text_of(found) == other
        page.go_back()
        page.wait_for_function(
            "text => document.querySelector('.CodeMirror').CodeMirror.getValue() === text",
            arg=ICONS,
        )
        kept = page.evaluate("[Object.keys(localStorage), Object.keys(sessionStorage)]")
        assert (kept, page.context.cookies()) == ([[], []], [])


def test_an_example_fills_the_editor_and_the_way_back_leads_to_the_own_query(
    browser: Browser, server: Server
) -> None:
    with editor(browser, server) as found:
        fill(found, ICONS)
        found.page.click("a[href*='example=cq10']")
        found.page.wait_for_selector("a[aria-current=true][href*='example=cq10']")
        found.page.wait_for_selector(".yasqe .CodeMirror")
        area = found.page.input_value("#query")
        assert text_of(found) == area.rstrip("\n") + "\n" and "sp:" in area
        found.page.go_back()
        found.page.wait_for_selector(".yasqe .CodeMirror")
        assert text_of(found) == ICONS


def test_the_link_and_the_snippet_are_copied(browser: Browser, server: Server) -> None:
    clipboard = "navigator.clipboard.readText()"
    with editor(browser, server, ICONS) as found:
        page = found.page
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.click("#ask-link")
        page.wait_for_function("() => document.getElementById('ask-status').textContent !== ''")
        assert page.inner_text("#ask-status") == "コピーしました"
        link = f"{server.url}sparql?lang=ja#query={quote(ICONS, safe='')}"
        assert page.evaluate(clipboard) == link
        page.select_option("#ask-client", "python")
        page.click("#ask-copy")
        page.wait_for_function(f"async () => (await {clipboard}).startsWith('from SPARQL')")
        assert page.evaluate(clipboard) == page.inner_text("#ask-code")


def test_a_prefix_is_added_by_a_press(browser: Browser, server: Server) -> None:
    with editor(browser, server, "ASK {}\n") as found:
        found.page.click("[data-prefix=qb] button")
        assert text_of(found) == "PREFIX qb: <http://purl.org/linked-data/cube#>\nASK {}\n"
        assert found.page.inner_text("#ask-status") == "PREFIX qb: の行を入れました"


def test_a_query_can_be_stopped_and_another_one_run(browser: Browser, server: Server) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with editor(browser, server, endless, ended=1) as found:
        found.page.click("#ask-run")
        assert found.page.inner_text("#ask-status") == "実行中です…"
        found.page.click("#ask-stop")
        found.page.wait_for_selector("#ask-stop", state="hidden")
        assert found.page.inner_text("#ask-status") == "中止しました。"
        fill(found, ICONS)
        assert run(found).startswith("5行、")


def test_the_plain_field_does_the_same(browser: Browser, server: Server) -> None:
    with editor(browser, server, ICONS, refused=1) as found:
        page = found.page
        page.click("#ask-plain")
        assert page.is_visible("#query") and not page.is_visible(".yasqe")
        assert page.input_value("#query") == ICONS
        page.fill("#query", BROKEN)
        page.focus("#query")
        page.keyboard.press("Control+Enter")
        assert answered(found) == PLACE["ja"]
        assert page.evaluate("document.getElementById('query').selectionStart") == 36
        assert found.axe() == []
        page.fill("#query", "ASK {}\n")
        page.click("[data-prefix=sp] button")
        assert page.input_value("#query").startswith("PREFIX sp: <")
        run(found)
        assert page.inner_text("#ask-body") == "はい（true）"
        page.click("#ask-plain")
        assert page.get_attribute("#ask-plain", "aria-pressed") == "false"
        assert text_of(found).endswith("ASK {}\n") and page.is_visible(".yasqe")
