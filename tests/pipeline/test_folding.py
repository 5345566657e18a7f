"""Folded text: what is taken as the same, and that every place leads back to the printed text."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.folding import folded_for_search, folded_with_places, spans_of, words_of

JAPANESE = st.text(
    st.one_of(
        st.sampled_from("水防災のはカガがヶヵヴヷーｰ－‐―〜～々〻ゝヽゞヾ・、。（）「」　 \t\n"),
        st.sampled_from("ｶｷﾞﾊﾟﾞﾟ゙゚ＡａＺz１①㍻㈱㎡ﬁßİΣς各が\u0301\u200b\ufe00\U000e0100"),
        st.characters(exclude_categories=("Cs",)),
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ｗｉ－Ｆｉ", "wi-fi"),
        ("ｶﾞｲﾄﾞﾌﾞｯｸ", "がいどぶっく"),
        ("ガイド", "カ\u3099イト\u3099"),
        ("サ－ビス", "さーびす"),
        ("D X 戦略課", "ｄｘ戦略課"),
        ("3ヶ月", "３ケ月"),
        ("茅ヶ崎", "茅ケ崎"),
        ("㍻30年①", "平成30年1"),
        ("ヴァイオリン", "ゔぁいおりん"),
        ("いすヾ", "いすゞ"),
        ("人〻", "人々"),
        ("10〜20", "10～20"),
        ("葛\U000e0100城", "葛城"),
        ("水\n 辺", "水辺"),
        ("ヷ", "わ\u3099"),
    ],
)
def test_two_spellings_are_one(one: str, other: str) -> None:
    assert folded_for_search(one) == folded_for_search(other)


@pytest.mark.parametrize(
    ("one", "other"), [("ビール", "ビル"), ("かき", "がき"), ("人々", "人人"), ("つ", "っ")]
)
def test_what_means_something_else_stays_apart(one: str, other: str) -> None:
    assert folded_for_search(one) != folded_for_search(other)


@settings(max_examples=500, deadline=None)
@given(JAPANESE)
def test_the_folded_text_with_places_is_the_folded_text(text: str) -> None:
    folded, places = folded_with_places(text)
    assert folded == folded_for_search(text)
    assert len(folded) == len(places)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)
    # a piece of the text gives the characters that lead to it, and no others
    for start, end in set(places):
        expected = "".join(c for c, place in zip(folded, places, strict=True) if place[0] == start)
        assert folded_for_search(text[start:end]) == expected


def test_every_character_that_unicode_composes_is_folded_with_its_marks() -> None:
    wrong = []
    for code in range(0x110000):
        parts = unicodedata.decomposition(chr(code)).split()
        if parts and not parts[0].startswith("<"):
            apart = "".join(chr(int(part, 16)) for part in parts)
            if folded_with_places(apart)[0] != folded_for_search(apart):
                wrong.append(hex(code))
    assert wrong == []


@settings(max_examples=500, deadline=None)
@given(JAPANESE, st.data())
def test_any_piece_of_a_text_is_found_and_marked_where_it_stands(
    text: str, data: st.DataObject
) -> None:
    _, places = folded_with_places(text)
    if not places:
        return
    first = data.draw(st.integers(0, len(places) - 1))
    last = data.draw(st.integers(first, len(places) - 1))
    start, end = places[first][0], places[last][1]
    folded, whole = folded_with_places(text)
    spans = spans_of([folded_for_search(text[start:end])], folded, whole)
    assert any(low <= start and end <= high for low, high in spans)
    assert all(a[1] < b[0] for a, b in pairwise(spans))
    for low, high in spans:
        assert folded_for_search(text[start:end]) in folded_for_search(text[low:high])


def test_a_mark_covers_the_printed_characters_exactly() -> None:
    text = "本市の ｶﾞｲﾄﾞ と、カ\u3099 イドが㍻元年に"
    folded, places = folded_with_places(text)
    spans = spans_of(["がいど"], folded, places)
    assert [text[start:end] for start, end in spans] == ["ｶﾞｲﾄﾞ", "カ\u3099 イド"]
    assert [text[a:b] for a, b in spans_of(["成元"], folded, places)] == ["㍻元"]
    assert spans_of(["あ", "ああ"], *folded_with_places("ああああ")) == [(0, 4)]


def test_words_are_parted_by_blanks_of_any_width_and_need_no_quotes() -> None:
    assert words_of("水　防災 水\t“Wi-Fi” \u200b") == (("水",), ("防災",), ("wiーfi",))
    assert words_of(" 　") == ()
    assert words_of('"') == (('"',),)


def test_a_long_mark_at_the_end_of_a_longer_word_may_be_missing() -> None:
    assert words_of("コンピューター") == (("こんぴゅーた", "こんぴゅーたー"),)
    assert words_of("バレー") == (("ばれー",),)
    forms = words_of("センター")[0]
    marked = [
        [text[a:b] for a, b in spans_of(forms, *folded_with_places(text))]
        for text in ("支援センター", "支援センタ")
    ]
    assert marked == [["センター"], ["センタ"]]
