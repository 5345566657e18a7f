"""The pictures of `make screenshots`: the same each time, small, in the goals' own colours."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.browser.conftest import Open
from tests.browser.screenshots import HEIGHTS, SHOWN, name_of, take
from tests.browser.site import NARROW, WIDE

NAMED = {page.name: page for page in SHOWN}
GOAL_6 = (0x26, 0xBD, 0xE2)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_picture_is_small_and_the_same_each_time(open_page: Open, width: int) -> None:
    taken = []
    for _ in range(2):
        with open_page(NAMED["plan"], "ja", width) as found:
            taken.append(take(found, width, ""))
    assert taken[0] == taken[1]
    assert len(taken[0]) < 200_000
    picture = Image.open(io.BytesIO(taken[0]))
    assert picture.size == (width, HEIGHTS[width])
    colours = picture.convert("RGB").getcolors(256) or []
    near = [
        n for n, found in colours if max(abs(a - b) for a, b in zip(found, GOAL_6, strict=True)) < 4
    ]
    assert sum(near) > 300


def test_a_picture_may_begin_further_down(open_page: Open) -> None:
    page = NAMED["plan-filtered"]
    with open_page(page) as found:
        take(found, WIDE, page.start)
        top = found.page.evaluate("document.querySelector('#projects').getBoundingClientRect().top")
        assert round(top) == 16


def test_names_tell_page_language_and_width() -> None:
    assert name_of(NAMED["goal"], "en", NARROW) == "goal-en-360.png"
    assert name_of(NAMED["goal"], "ja", WIDE) == "goal-ja-wide.png"
    assert not {"project-estimated", "link"} & set(NAMED)
