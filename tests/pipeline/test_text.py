"""Excerpts of texts: cut with a mark, and with whole quotations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.text import excerpt

PAIRS = ("「」", "『』", "“”")


@pytest.mark.parametrize(
    ("text", "start", "length", "expected"),
    [
        ("市民と「集い」を開く", 0, 20, "市民と「集い」を開く"),
        ("市民と「集い」を開く", 0, 5, "市民と「集…」"),
        ("市民と「集い」を開く", 5, 3, "「…い」を…"),
        ("市民と「集い」を開く", 4, 1, "…集…"),
        ("「一『二三』四」", 0, 4, "「一『二…』」"),
        ("「一『二三』四」", 4, 4, "「『…三』四」"),
        ("“one” and “two”", 0, 12, "“one” and “t…”"),
        ("閉じない「引用", 0, 20, "閉じない「引用"),
    ],
)
def test_a_cut_quotation_is_closed_and_opened(
    text: str, start: int, length: int, expected: str
) -> None:
    assert excerpt(text, start, length) == expected


def is_balanced(text: str) -> bool:
    awaited = []
    for character in text:
        pair = next((pair for pair in PAIRS if character in pair), None)
        if pair is not None and character == pair[0]:
            awaited.append(pair[1])
        elif pair is not None and (not awaited or awaited.pop() != character):
            return False
    return not awaited


quoted = st.recursive(
    st.text("市民a ", max_size=4),
    lambda inner: st.lists(
        st.one_of(
            inner,
            st.builds(lambda pair, s: f"{pair[0]}{s}{pair[1]}", st.sampled_from(PAIRS), inner),
        ),
        max_size=4,
    ).map("".join),
    max_leaves=12,
)


@given(quoted, st.integers(0, 30), st.integers(1, 30))
def test_an_excerpt_of_whole_quotations_has_whole_quotations(
    text: str, start: int, length: int
) -> None:
    assert is_balanced(text)
    assert is_balanced(excerpt(text, start, length))
