"""What a page calls the prefecture of a municipality."""

from __future__ import annotations

from rdflib import Literal

from kg import prefectures
from server.pages.language import page_language


def prefecture_of(code: str) -> Literal | None:
    """福島県, or Fukushima, for 072036; None for what is no such code."""
    found = prefectures.prefecture_of(code)
    if found is None:
        return None
    language = page_language()
    return Literal(found.en if language == "en" else found.ja, lang=language)
