"""Printed text made comparable; the printed form itself is always kept beside it.

Documents spell one name in several ways (`DX戦略課`, `D X 戦略課`, half- and full-width
letters, decomposed kana, zero-width marks), so names are compared in a folded form.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

_CLOSING = {"「": "」", "『": "』", "“": "”"}
_OPENING = {closing: opening for opening, closing in _CLOSING.items()}
_BLANKS = re.compile(r"\s+")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?")


def _visible(text: str) -> str:
    # Cf = format characters: zero-width blanks, byte order marks, direction marks
    return "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c.isspace())


def unpublishable(text: str) -> tuple[str, ...]:
    """The characters of a text that no format can carry faithfully, sorted, each once.

    Control characters but tab and line ends, halves of surrogate pairs, private-use characters
    (they mean something only in their author's fonts) and Unicode's noncharacters, which XML
    and so SPARQL's XML answers cannot hold.
    """
    return tuple(sorted({c for c in text if _is_unpublishable(c)}))


def _is_unpublishable(character: str) -> bool:
    category = unicodedata.category(character)
    if category == "Cc":
        return character not in "\t\n\r"
    code = ord(character)
    nonchar = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return category in ("Cs", "Co") or nonchar


def clean(text: str) -> str:
    """The text composed (NFC), without invisible characters, each run of blanks one space."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", _visible(text))).strip()


def folded(text: str) -> str:
    """The text in compatibility form (NFKC), without blanks and invisible characters."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", _visible(text)))


def name_key(text: str) -> str:
    """The form in which names are compared (sp:nameKey): folded and in lower case."""
    return folded(text).lower()


def short_hash(text: str) -> str:
    """The first 8 hex digits of the SHA-256 of the folded text: the end of a name's IRI."""
    return hashlib.sha256(folded(text).encode()).hexdigest()[:8]


def for_spreadsheet(cell: str) -> str:
    """The cell, with an apostrophe before it if a spreadsheet would take it for a formula.

    Numbers stay as they are, and so does a sign alone, the - of empty cells. Full-width signs
    count as well, to be safe: what is typed with them is a formula for Japanese versions.
    """
    if len(cell) > 1 and cell.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def excerpt(text: str, start: int, length: int) -> str:
    """So many characters of the text, with … where it was cut.

    A quotation that the cut leaves open is closed, and one that lost its beginning is opened,
    so that the excerpt can stand in quotation marks itself.
    """
    end = start + length
    shown, is_cut = text[start:end], end < len(text)
    awaited: list[str] = []
    lost = ""
    for character in shown:
        if character in _CLOSING:
            awaited.append(_CLOSING[character])
        elif awaited and character == awaited[-1]:
            awaited.pop()
        elif start and character in _OPENING:
            lost = _OPENING[character] + lost
    closing = "".join(reversed(awaited)) if is_cut else ""
    return f"{lost}{'…' if start else ''}{shown}{'…' if is_cut else ''}{closing}"
