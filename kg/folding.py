"""Text folded for search, and the way back from a place in it to the printed text.

What people type and what documents print differ in ways that do not matter to a reader, so both
are folded before they are compared:

- width and compatibility forms (NFKC): `Ｗｉ－Ｆｉ`, half-width `ｶﾞｲﾄﾞ`, `㍻`, `①`, `㈱`;
- letter case, and blanks: documents break lines and space words out anywhere;
- katakana and hiragana, `ヵ ヶ` with `か け`, the iteration marks `ヽ ヾ` with `ゝ ゞ` and `〻`
  with `々`. Iteration marks are not written out: `々` would become the kanji before it, and then
  neither `々` itself nor a part of a word that starts with it could be found;
- the long vowel mark and everything that looks like it: `ー`, hyphens, dashes and the minus sign,
  which documents put in each other's place (`サ－ビス`, `2020―2021`). It is not dropped: `ビル`
  is not `ビール`. The two tildes of Japanese text (`〜`, `～`) are one;
- invisible characters and variation selectors go (`葛󠄀` is `葛`).

Each rule looks at one character with the marks that belong to it, never at its neighbours:
so every piece of a printed text, folded, is a piece of the folded text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

Span = tuple[int, int]
"""Start and end of a piece of text, in characters."""

_BLANKS = re.compile(r"\s+")
_HIRAGANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F5), 0x30FD, 0x30FE)}
_LONG_MARKS = "-‐‒–—―−─━"
_FOLDED = str.maketrans(
    {
        **{chr(code): chr(other) for code, other in _HIRAGANA.items()},
        **dict(zip("ヵヶゕゖ", "かけかけ", strict=True)),
        # these four have no composed form in hiragana
        **{c: f"{base}\u3099" for c, base in zip("ヷヸヹヺ", "わゐゑを", strict=True)},
        **dict.fromkeys(_LONG_MARKS, "ー"),
        "〻": "々",
        "〜": "~",
    }
)
_SELECTORS = re.compile("[\u180b-\u180d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_FEWEST_KANA = re.compile(r".*[ぁ-ゖー]{3}ー")


def folded_for_search(text: str) -> str:
    """The text in the form in which it is searched; see the top of the module."""
    visible = text if text.isprintable() else "".join(c for c in text if not _is_dropped(c))
    return _folded(_SELECTORS.sub("", visible))


def folded_with_places(text: str) -> tuple[str, list[Span]]:
    """The folded text, and for each of its characters the piece of the text it came from."""
    folded: list[str] = []
    places: list[Span] = []
    for cluster, start, end in _clusters(text):
        part = _folded_cluster(cluster)
        folded.append(part)
        places += [(start, end)] * len(part)
    return "".join(folded), places


def words_of(query: str) -> tuple[tuple[str, ...], ...]:
    """The words of a query, folded; each as the forms to mark, the one to search for first.

    Blanks of any width part words; quotes around a word mean nothing. A long vowel mark at the
    end of a word of some length may be left out (`コンピューター`, `コンピュータ`), so it is
    not searched for, only marked.
    """
    words: dict[tuple[str, ...], None] = {}
    for part in query.split():
        word = folded_for_search(_unquoted(part))
        if _FEWEST_KANA.fullmatch(word):
            words[word[:-1], word] = None
        elif word:
            words[(word,)] = None
    return tuple(words)


def spans_of(forms: Iterable[str], folded: str, places: Sequence[Span]) -> list[Span]:
    """Where any of the folded words stand in the printed text: in order, apart from each other."""
    found = sorted(
        (places[at][0], places[at + len(form) - 1][1])
        for form in forms
        for at in _starts(form, folded)
    )
    spans: list[Span] = []
    for start, end in found:
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _starts(word: str, folded: str) -> Iterator[int]:
    at = folded.find(word)
    while at >= 0:
        yield at
        at = folded.find(word, at + 1)


def _unquoted(word: str) -> str:
    quotes = '"“”„＂'
    return word[1:-1] if len(word) > 2 and word[0] in quotes and word[-1] in quotes else word


def _folded(text: str) -> str:
    # casefold, not lower: it looks at single characters only (Σ at the end of a word)
    text = unicodedata.normalize("NFKC", text).casefold().translate(_FOLDED)
    return _BLANKS.sub("", text)


@lru_cache(maxsize=1 << 16)
def _folded_cluster(cluster: str) -> str:
    return _folded(cluster)


@lru_cache(maxsize=1 << 16)
def _is_dropped(character: str) -> bool:
    category = unicodedata.category(character)
    return category in ("Cf", "Cc") and not character.isspace()


def _clusters(text: str) -> Iterator[tuple[str, int, int]]:
    """Each character with the marks that may join it, and where it stands in the text."""
    cluster, start, end = "", 0, 0
    for at, character in enumerate(text):
        if _is_dropped(character) or _SELECTORS.match(character):
            end = at + 1 if cluster else end
        elif cluster and _joins(cluster, character):
            cluster, end = cluster + character, at + 1
        else:
            if cluster:
                yield cluster, start, end
            cluster, start, end = character, at, at + 1
    if cluster:
        yield cluster, start, end


def _joins(cluster: str, character: str) -> bool:
    """Whether normalisation may compose the character with what stands before it."""
    is_mark, is_unsure = _kind(character)
    if is_mark or not is_unsure:
        return is_mark
    both = unicodedata.normalize("NFKC", cluster + character)
    return both != unicodedata.normalize("NFKC", cluster) + unicodedata.normalize("NFKC", character)


@lru_cache(maxsize=1 << 16)
def _kind(character: str) -> tuple[bool, bool]:
    """Whether it is a mark; else, whether it may be one: vowel signs and parts of Hangul."""
    first = unicodedata.normalize("NFKD", character)[0]
    is_hangul_part = "\u1160" <= first <= "\u11ff"
    is_unsure = unicodedata.category(first).startswith("M") or is_hangul_part
    return unicodedata.combining(first) != 0, is_unsure
