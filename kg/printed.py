"""A text in the form in which it is compared, of which every part still knows its printed words.

`kg.text.folded` forgets where a character stood. A cell that lists several things is read piece
by piece, and what is told of a piece quotes the document, so places are kept here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from kg.text import clean

# half-width and combining voice marks belong to the kana before them
_VOICED = "\u3099\u309a\uff9e\uff9f"


@dataclass(frozen=True, slots=True)
class Printed:
    """`key` is the text in NFKC and lower case with its blanks; `places` are where its characters
    stand in `text`, and the end of the text."""

    text: str
    key: str
    places: tuple[int, ...]

    def words(self, start: int, end: int) -> str:
        """The printed words of a part of the key, blanks collapsed."""
        # a number in a circle is several characters of the key and one of the text
        until = next((p for p in self.places[end:] if p > self.places[end - 1]), len(self.text))
        return clean(self.text[self.places[start] : until])


def printed(text: str) -> Printed:
    """The text with its key. A number in a circle, as in ①③, is a number of its own: [1][3]."""
    text = unicodedata.normalize("NFC", text)
    key: list[str] = []
    places: list[int] = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and text[end] in _VOICED:
            end += 1
        folded = _folded(text[at:end])
        key.append(folded)
        places += [at] * len(folded)
        at = end
    return Printed(text, "".join(key), (*places, len(text)))


def _folded(character: str) -> str:
    kind = unicodedata.category(character[0])
    if kind in ("Cf", "Cc") and not character.isspace():
        return ""
    if kind == "No" and unicodedata.numeric(character[0]).is_integer():
        return f"[{int(unicodedata.numeric(character[0]))}]"
    return unicodedata.normalize("NFKC", character).lower()


def spelling(word: str) -> str:
    """A pattern of a word's key that lets blanks stand between its characters."""
    letters = re.sub(r"\s", "", printed(word).key)
    return r"\s*".join(map(re.escape, letters))
