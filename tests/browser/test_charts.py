"""The charts on the page of a plan: seen at each width, described, and beside their numbers."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.site import LANGUAGES, NARROW, PAGES, WIDE

PLAN = next(page for page in PAGES if page.name == "plan")
VOCABULARY = next(page for page in PAGES if page.name == "ns")
_PICTURES = """() => [...document.querySelectorAll('figure.chart')].map(f => {
  const image = f.querySelector('img'), box = image.getBoundingClientRect();
  return [image.currentSrc.split('/').pop(), image.complete && image.naturalWidth,
    Math.round(box.width), image.alt.slice(0, 5), f.querySelector('figcaption b').textContent];
})"""
TITLES = {
    "ja": [
        "ゴールごとの公表事業数",
        "部・局ごとの掲載事業数",
        "基本施策ごとの事業数の増減 2020→2021",
    ],
    "en": [
        "Published projects per goal",
        "Listed projects per department",
        "Change by policy, 2020 to 2021",
    ],
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "name", "drawn"), [(WIDE, "wide", 720), (NARROW, "narrow", 328)])
def test_each_chart_is_shown_at_its_own_size_with_a_text(
    open_page: Open, language: str, width: int, name: str, drawn: int
) -> None:
    starts = {"ja": ["横棒グラフ", "横棒グラフ", "点のグラフ"], "en": ["Bar c", "Bar c", "Dot c"]}
    with open_page(PLAN, language, width) as found:
        assert found.page.evaluate(_PICTURES) == [
            [f"{chart}-{language}-{name}.svg", drawn, drawn, start, title]
            for chart, start, title in zip(
                ("goals", "units", "balance"), starts[language], TITLES[language], strict=True
            )
        ]


def test_the_departments_stand_in_a_table_under_their_chart(open_page: Open) -> None:
    with open_page(PLAN) as found:
        assert found.numbers(".chart-table tbody td") == [5, 8, 11, 3, 7, 1, 13, 8, 3, 1, 8, 2, 2]


@pytest.mark.parametrize(("width", "name", "drawn"), [(WIDE, "wide", 720), (NARROW, "narrow", 328)])
def test_the_diagram_of_the_vocabulary_is_shown_at_its_own_size(
    open_page: Open, width: int, name: str, drawn: int
) -> None:
    for language, start, title in (
        ("ja", "図。中心は", "データの形"),
        ("en", "Diagr", "The shape of the data"),
    ):
        with open_page(VOCABULARY, language, width) as found:
            assert found.page.evaluate(_PICTURES) == [
                [f"model-{language}-{name}.svg", drawn, drawn, start, title]
            ]
