"""How deep the brackets of JSON nest that comes in pieces from somewhere else.

The engine follows triples within triples by recursion: 20,000 of them overflow its stack.
"""

from __future__ import annotations

import re

MOST_NESTED = 100
"""Deepest nesting of brackets; an answer without triples in triples has six levels."""

_PIECE = re.compile(
    rb"""(?P<open>[\[{]) | (?P<close>[\]}]) | "(?:[^"\\]++|\\.)*+ (?P<end>"|\\?\Z)""",
    re.DOTALL | re.VERBOSE,
)


class Nesting:
    """Reads one JSON document."""

    def __init__(self) -> None:
        self._depth = 0
        self._carried = b""

    def is_too_deep(self, chunk: bytes) -> bool:
        """Whether brackets nest deeper than MOST_NESTED in what has come so far."""
        text, self._carried = self._carried + chunk, b""
        for piece in _PIECE.finditer(text):
            kind = piece.lastgroup
            if kind == "open":
                self._depth += 1
                if self._depth > MOST_NESTED:
                    return True
            elif kind == "close":
                self._depth -= 1
            elif piece["end"] != b'"':  # the string goes on in the next chunk
                self._carried = b'"' + piece["end"]
        return False
