"""Pages on A4, as a town hall prints them: nothing cut, and no heading alone at a sheet's foot."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import Open
from tests.browser.opened import HEIGHT
from tests.browser.site import LANGUAGES, PAGES, Page

PRINTED = [page for page in PAGES if page.name in ("changes", "changes-years", "plan")]
MARGIN_PX = 48
A4_PX = 794
LINES_PT = 40
"""What a heading and a line below it take; less room is left to one that stands alone."""

MOVED_PX = (0, 90, 150, 180, 210, 270, 510)

each_sheet = pytest.mark.parametrize("page", PRINTED, ids=lambda page: page.name)
_OUTLINE = re.compile(
    rb"/Title (?:<([0-9A-F]*)>|\(((?:\\.|[^\\)])*)\))\s*/Dest \[(\d+) 0 R /XYZ [\d.]+ ([\d.]+)"
)
_CUT = """() => {
  const wide = document.documentElement.clientWidth, cut = [];
  if (document.documentElement.scrollWidth > wide) cut.push('page');
  for (const e of document.querySelectorAll('body *')) {
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    if (!box.width || e.closest('.hidden, thead') || style.position === 'absolute') continue;
    const hides = style.overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1;
    if (hides || box.right > wide + 1) cut.push(e.tagName + '.' + e.className);
  }
  return cut.slice(0, 5);
}"""
_MOVE = """rule => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rule);
  document.adoptedStyleSheets = [sheet];
}"""


def headings_of(pdf: bytes) -> list[tuple[str, float]]:
    """Each heading of the outline and how far above the sheet's foot its line begins, in points."""
    found = []
    for title, plain, _sheet, height in _OUTLINE.findall(pdf):
        text = bytes.fromhex(title.decode()).decode("utf-16") if title else plain.decode("latin-1")
        found.append((text, float(height)))
    return found


@each_sheet
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_cut_at_the_edge_of_a_sheet(open_page: Open, page: Page, language: str) -> None:
    with open_page(page, language, A4_PX - 2 * MARGIN_PX) as found:
        found.page.emulate_media(media="print")
        found.page.set_viewport_size({"width": A4_PX - 2 * MARGIN_PX, "height": HEIGHT})
        assert found.page.evaluate(_CUT) == []
        # the layout of a wide screen: tables with their heads, not one block per row
        assert found.page.eval_on_selector("table.stack", "e => getComputedStyle(e).display") == (
            "table"
        )
        assert not found.page.is_visible(".main-nav") and not found.page.is_visible(".contents")


@each_sheet
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_heading_stands_alone_at_the_foot_of_a_sheet(
    open_page: Open, page: Page, language: str
) -> None:
    margin = dict.fromkeys(("top", "right", "bottom", "left"), f"{MARGIN_PX}px")
    lowest = MARGIN_PX * 72 / 96 + LINES_PT
    hidden = 1 if page.name == "plan" else 0  # the side column is not printed
    with open_page(page, language) as found:
        wanted = found.page.eval_on_selector_all("h1, h2, h3", "all => all.length") - hidden
        # moved down, so that more of the headings come near a foot
        for down in MOVED_PX if language == "ja" and page.name == "changes-years" else (0,):
            found.page.evaluate(_MOVE, f".lead {{ margin-bottom: {down}px }}")
            pdf = found.page.pdf(format="A4", outline=True, tagged=True, margin=margin)
            headings = headings_of(pdf)
            assert len(headings) == wanted > 5
            low = [(text, height) for text, height in headings if height < lowest]
            assert low == [], down


_CONTROLS = """() => [...document.querySelectorAll(
  'main input, main select, main textarea, main button, main fieldset, .embed')]
  .filter(e => e.getBoundingClientRect().width).map(e => e.outerHTML.slice(0, 60))"""


@pytest.mark.parametrize("name", ["compare", "goal", "plan", "changes", "search"])
def test_what_only_serves_a_screen_is_not_printed(open_page: Open, name: str) -> None:
    (page,) = [page for page in PAGES if page.name == name]
    with open_page(page, "ja", A4_PX - 2 * MARGIN_PX) as found:
        found.page.emulate_media(media="print")
        assert found.page.evaluate(_CONTROLS) == []
        assert found.page.locator("table, .hits").first.is_visible()
