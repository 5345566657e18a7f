"""Pages on A4, as a town hall prints them: nothing cut, and no heading alone at a page's foot."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import Open
from tests.browser.site import LANGUAGES, PAGES

PRINTED = [page for page in PAGES if page.name in ("changes", "changes-years", "plan")]
A4_PT = (595, 842)
MARGIN_PX = 48
PX_PT = 72 / 96
ROOM_PT = 40
"""A heading and a line below it need more than that."""

_HEADING = re.compile(
    rb"/Title\s*(?:\((?:\\.|[^\\)])*\)|<[0-9A-Fa-f]*>).*?/Dest\s*\[\s*(\d+) 0 R\s*/XYZ\s+(\S+)\s+(\S+)"
    rb"|/Dest\s*\[\s*(\d+) 0 R\s*/XYZ\s+(\S+)\s+(\S+)",
    re.DOTALL,
)
_CUT = """() => [...document.querySelectorAll('main *')].filter(e => {
  const style = getComputedStyle(e), box = e.getBoundingClientRect();
  if (!box.width || e.closest('.hidden')) return false;
  const hides = style.overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1;
  return hides || box.right > document.documentElement.clientWidth + 1;
}).map(e => e.tagName + '.' + e.className).slice(0, 5)"""


@pytest.mark.parametrize("page", PRINTED, ids=lambda page: page.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_cut_at_the_right_of_a_sheet(
    open_page: Open, page: object, language: str
) -> None:
    raise NotImplementedError
