"""Every kind of page in a real browser: nothing refused, nothing hidden, nobody shut out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Open
from tests.browser.opened import HEIGHT
from tests.browser.site import LANGUAGES, NARROW, PAGES, WIDE, Page

TEMPLATES = Path(__file__).resolve().parents[2] / "server" / "templates"
SMALLEST = 320  # WCAG 2.2, 1.4.10

HEADING_RULE = "page-has-heading-one:"
"""A frame begins with h2: the h1 is that of the page around it."""

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def test_every_template_of_a_page_is_among_the_pages() -> None:
    templates = {
        path.stem
        for path in TEMPLATES.glob("*.html")
        if path.read_text(encoding="utf-8").startswith(
            ('{% extends "base.html" %}', '{% extends "embed.html" %}')
        )
    }
    assert {page.template for page in PAGES} == templates


@each_page
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_page_is_whole_and_open_to_all(
    open_page: Open, page: Page, language: str, width: int
) -> None:
    with open_page(page, language, width) as found:
        assert found.status == page.status
        assert found.page.evaluate("document.documentElement.lang") == language
        assert found.page.evaluate("innerWidth") == width
        assert found.overflow() == []
        faults = [f for f in found.axe() if not (page.is_frame and f.startswith(HEADING_RULE))]
        assert faults == []
        if width == NARROW:
            assert found.page.evaluate(_TARGETS) == []
            found.page.set_viewport_size({"width": SMALLEST, "height": HEIGHT})
            assert found.overflow() == []
        assert found.complaints == []


_TARGETS = """() => [...document.querySelectorAll(
    '.main-nav a, .languages a, .site-name a, .figures a, button, .button, select')]
  .filter(e => e.getBoundingClientRect().height && e.getBoundingClientRect().height < 43.5)
  .map(e => e.textContent.trim())"""
"""What is too low for a thumb."""

_FOCUS = """() => {
  const e = document.activeElement, whole = e.closest('.CodeMirror-focused') ?? e;
  const style = getComputedStyle(whole), box = whole.getBoundingClientRect();
  return {
    tag: e.tagName, href: e.getAttribute('href'), name: e.textContent.trim().slice(0, 30),
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""


@each_page
def test_the_keyboard_passes_the_header_first_and_is_seen_wherever_it_goes(
    open_page: Open, page: Page
) -> None:
    with open_page(page, width=NARROW) as found:
        found.page.keyboard.press("Tab")
        first = found.page.evaluate(_FOCUS)
        assert first["tag"] == "A"
        assert page.is_frame or first["href"] == "#main"
        for _ in range(30):
            stop = found.page.evaluate(_FOCUS)
            if stop["tag"] == "BODY":
                break  # past the last one
            assert stop["ring"] and stop["seen"], stop
            found.page.keyboard.press("Tab")
        if page.is_frame:
            return
        found.page.evaluate("document.querySelector('a[href=\"#main\"]').focus()")
        found.page.keyboard.press("Enter")
        assert found.page.evaluate("document.activeElement.id") == "main"


@each_page
def test_a_page_without_scripts_says_the_same(open_page: Open, page: Page) -> None:
    with open_page(page) as found, open_page(page, scripts=False) as plain:
        added = {"コピー"}  # buttons that need the script
        renamed = {"この形式で開く": "実行"}  # with the editor, "run" shows the answer in place
        lines = [renamed.get(line, line) for line in found.text() if line not in added]
        assert lines == plain.text()
        assert plain.complaints == []


_SMALL = """() => [...document.querySelectorAll('td a, tbody th a')]
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([e, box]) => box.width && Math.min(box.width, box.height) < 24)
  .map(([e, box]) => `${e.textContent} ${box.width}x${box.height}`).slice(0, 5)"""


@pytest.mark.parametrize("width", [360, 1152])
@pytest.mark.parametrize("name", ["plan", "goal", "changes-years"])
def test_links_in_tables_are_large_enough_to_touch(open_page: Open, name: str, width: int) -> None:
    (page,) = [page for page in PAGES if page.name == name]
    with open_page(page, "ja", width) as found:
        assert found.page.evaluate(_SMALL) == []
