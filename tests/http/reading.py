"""How the tests of pages read them: the headers of a browser, and the text of the main part."""

from __future__ import annotations

import html
import re

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ENGLISH = {**BROWSER, "Accept-Language": "en"}


def words(text: str) -> str:
    """The text of the main part, without elements and line ends."""
    main = text.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())
