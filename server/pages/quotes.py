"""A line of the document as printed, cut to a readable length, with the clues in it marked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from server.pages.language import page_language

LONGEST = 120
"""Characters of a line that are shown at once."""


@dataclass(frozen=True, slots=True)
class Quote:
    """`start` is all of the line if `whole` is None."""

    start: Markup
    whole: Markup | None


def quoted(text: str, clues: Iterable[object] = ()) -> Quote:
    """The line for a template; the words among `clues` are underlined."""
    words = tuple(str(clue) for clue in clues)
    if len(text) <= LONGEST:
        return Quote(_marked(text, words), None)
    return Quote(_marked(text[:LONGEST] + "…", words), _marked(text, words))


def _marked(text: str, words: tuple[str, ...]) -> Markup:
    language = Markup("") if page_language() == "ja" else Markup(' lang="ja"')
    parts = [text]
    if words:
        longest_first = sorted(set(words), key=lambda word: (-len(word), word))
        parts = re.split("(" + "|".join(map(re.escape, longest_first)) + ")", text)
    shown = Markup("").join(
        Markup('<u class="clue">{}</u>').format(part) if place % 2 else part
        for place, part in enumerate(parts)
    )
    return Markup("<bdi{}>{}</bdi>").format(language, shown)
