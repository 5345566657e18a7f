"""The pieces of a printed text that a search found, and the words around the first of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.folding import Span, folded_for_search, folded_with_places, spans_of
from server.finding import Words

AROUND = 40
"""Characters of an excerpt on each side of what was found."""

TELLING = ("text", "english")
"""Fields that are worth reading although no word was found in them."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A text, or a piece of it, and what of it was found, in characters of the piece."""

    text: str
    spans: Sequence[Span] = ()
    field: str = ""
    """Which text of the entry it is from; "" = the name."""
    is_cut: tuple[bool, bool] = (False, False)
    """Whether there is more before it, and after it."""

    def pieces(self) -> list[tuple[str, bool]]:
        """The text in pieces, each with whether it was found."""
        found, at = [], 0
        for start, end in self.spans:
            found += [(self.text[at:start], False), (self.text[start:end], True)]
            at = end
        return [piece for piece in (*found, (self.text[at:], False)) if piece[0]]


def marked(text: str, words: Words) -> Marked:
    """The whole text with every word in it marked."""
    folded, places = folded_with_places(text)
    return Marked(text, spans_of((form for forms in words for form in forms), folded, places))


def excerpt(name: Marked, texts: Iterable[Sequence[str]], words: Words) -> Marked | None:
    """A piece of the text that holds most of the words; `texts` are pairs of field and text.

    Where the name holds them all, or no text one, only of a text that tells more than a name,
    and if that holds none of them its start. None if there is no such text.
    """
    in_name = _number(name.text, words) == len(words)
    best: tuple[int, str, str] | None = None
    for field, text in texts:
        number = _number(text, words)
        is_worth = field in TELLING or (number and not in_name)
        if is_worth and (best is None or number > best[0]):
            best = (number, field, text)
    if best is None:
        return None
    _, field, text = best
    whole = marked(text, words)
    first = whole.spans[0] if whole.spans else (0, AROUND)
    return _cut(whole, field, first[0] - AROUND, first[1] + AROUND)


def _number(text: str, words: Words) -> int:
    """How many of the words stand in the text."""
    folded = folded_for_search(text)
    return sum(forms[0] in folded for forms in words)


def _cut(whole: Marked, field: str, start: int, end: int) -> Marked:
    text = whole.text
    start, end = max(start, 0), min(end, len(text))
    while start and _joins(text[start]):  # nothing is cut off from its marks
        start -= 1
    while end < len(text) and _joins(text[end]):
        end += 1
    spans = [
        (max(from_, start) - start, min(to, end) - start)
        for from_, to in whole.spans
        if from_ < end and to > start
    ]
    return Marked(text[start:end], spans, field, (start > 0, end < len(text)))


def _joins(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or unicodedata.combining(character) != 0
