"""A SPARQL text read as tokens: just enough to see its form and its variables.

Strings, comments, IRIs and prefixed names are passed over whole (SPARQL 1.1 grammar, 19.8),
so a word in them is never taken for a keyword.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_TOKEN = re.compile(
    r'''"""(?:\\.|"{0,2}[^"\\])*"""|\'\'\'(?:\\.|'{0,2}[^'\\])*\'\'\''''
    r"""|"(?:\\.|[^"\\\n\r])*"|'(?:\\.|[^'\\\n\r])*'"""
    r"""|<[^<>"{}|^`\\\x00-\x20]*>"""
    r"""|\#[^\n\r]*"""
    r"""|@[A-Za-z][\w-]*"""
    r"""|[?$](?P<variable>\w+)"""
    r"""|[\w.-]{0,256}+:(?:[\w.:%-]|\\.)*"""
    r"""|(?P<word>\w+|\{)""",
    re.DOTALL,
)


FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")


def query_form(query: str) -> str | None:
    """SELECT, ASK, CONSTRUCT or DESCRIBE, whichever the query begins with; None if none."""
    words = ((match["word"] or "").upper() for match in _TOKEN.finditer(query))
    return next((word for word in words if word in FORMS), None)


def put_terms(query: str, terms: Mapping[str, str]) -> tuple[str, frozenset[str]]:
    """The query with variables replaced by terms, and the names that its SELECT clause has.

    `terms` is name -> term in N-Triples form, as the store engine writes it. In the outer
    SELECT clause a name has to stay, so that the solutions have its column.
    """
    head_end = _head_end(query)
    projected = set()

    def replaced(match: re.Match[str]) -> str:
        name = match["variable"]
        if name not in terms:
            return match[0]
        if match.start() < head_end:
            projected.add(name)
            return match[0]
        return terms[name]

    return _TOKEN.sub(replaced, query), frozenset(projected)


def _head_end(query: str) -> int:
    # where the SELECT clause ends; 0 for the other kinds of query
    selecting = False
    for match in _TOKEN.finditer(query):
        word = (match["word"] or "").upper()
        if word in ("ASK", "CONSTRUCT", "DESCRIBE"):
            return 0
        if word == "SELECT":
            selecting = True
        elif word in ("WHERE", "FROM", "{") and selecting:
            return match.start()
    return len(query)
