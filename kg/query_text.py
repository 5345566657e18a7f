"""SPARQL text cut into tokens: enough to know strings, IRIs and comments from everything else.

It does not parse: a query of 20,000 nested brackets goes through here like any other text.
Source of the token forms: SPARQL 1.1 Query Language, section 19.8.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

UPDATE_WORDS = frozenset(
    ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
)
"""The words that begin an update, which is no query."""

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
"""The words that begin a query after its prologue."""

_ESCAPED_CHARACTER = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_ESCAPE = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"

_TOKEN = re.compile(
    rf"""
      (?P<space>   (?: [ \t\r\n] | \#[^\r\n]* )++ )
    | (?P<iri>     <(?:[^<>"{{}}|^`\\\x00-\x20]|{_ESCAPE})*+> )
    | (?P<string>  \"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*+'''
                 | "(?:[^"\\\r\n]|\\.)*+" | '(?:[^'\\\r\n]|\\.)*+' )
    | (?P<variable>[?$]\w+ )
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)* )
    | (?P<name>    (?:[^\W\d][\w.\-]*+)?:
                   (?:[\w:.\-\u00B7]|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?\#@%])* )
    | (?P<number>  (?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)? )
    | (?P<word>    [^\W\d]\w* )
    | (?P<open>    <<\(? | [(\[{{] )
    | (?P<close>   \)?>> | [)\]}}] )
    | (?P<other>   . )
    """,
    re.VERBOSE | re.DOTALL,
)  # fmt: skip


class Token(NamedTuple):
    """A piece of the text: its kind is a group name of the pattern above."""

    kind: str
    text: str
    start: int

    @property
    def keyword(self) -> str:
        """The word in capitals; empty for other kinds, so that "?from" is no keyword."""
        return self.text.upper() if self.kind == "word" else ""


def tokens_of(text: str) -> list[Token]:
    """The tokens in order, white space and comments (kind "space") included."""
    return [Token(m.lastgroup or "", m[0], m.start()) for m in _TOKEN.finditer(text)]


def place_of(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both counted from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def query_form(query: str) -> str | None:
    """SELECT, ASK, CONSTRUCT or DESCRIBE, whichever the query begins with; None if none."""
    return next((t.keyword for t in tokens_of(query) if t.keyword in FORMS), None)


def too_deep(tokens: Iterable[Token], limit: int) -> Token | None:
    """The token at which brackets or prefix operators nest deeper than the limit; None if nowhere.

    The engine's parser overflows its stack some thousand levels deep.
    """
    depth = run = 0
    for token in tokens:
        if token.kind == "space":
            continue
        run = run + 1 if token.text in ("!", "-", "+", "^") else 0  # prefixes nest like brackets
        if token.kind == "open":
            depth += 1
        elif token.kind == "close":
            depth = max(depth - 1, 0)
        if depth + run > limit:
            return token
    return None


def calls_other_endpoints(query: str, allowed: Collection[str]) -> bool:
    """Whether a query has a SERVICE clause for an endpoint that is not allowed by its exact URL."""
    if "SERVICE" not in query.upper() and "\\" not in query:
        return False
    if any(_url_of(called) not in allowed for called in _called(tokens_of(query))):
        return True
    if not _ESCAPED_CHARACTER.search(query):  # SPARQL 1.1, 19.2: escapes may spell a keyword
        return False
    return any(True for _ in _called(tokens_of(unescaped(query))))


def put_endpoints(query: str, urls: Mapping[str, str]) -> str:
    """The query with the endpoints of its SERVICE clauses replaced by others, URL by URL."""
    tokens = tokens_of(query)
    replaced = {
        called.start: f"<{urls[url]}>"
        for called in _called(tokens)
        if called is not None and (url := _url_of(called)) in urls
    }
    return "".join(replaced.get(token.start, token.text) for token in tokens)


def _called(tokens: list[Token]) -> Iterator[Token | None]:
    """What follows each SERVICE or SERVICE SILENT; None at the end of the text."""
    solid = [token for token in tokens if token.kind != "space"]
    for at, token in enumerate(solid):
        if "SERVICE" in token.keyword:  # "trueSERVICE" too: the engine cuts it in two
            after = [t for t in solid[at + 1 : at + 3] if t.keyword != "SILENT"]
            yield after[0] if after else None


def _url_of(called: Token | None) -> str:
    return called.text[1:-1] if called is not None and called.kind == "iri" else ""


def unescaped(text: str) -> str:
    r"""The text with \uXXXX and \UXXXXXXXX as the characters they stand for."""

    def character(match: re.Match[str]) -> str:
        code = int(match[1] or match[2], 16)
        return chr(code) if code <= 0x10FFFF else match[0]

    return _ESCAPED_CHARACTER.sub(character, text)


def put_terms(query: str, terms: Mapping[str, str]) -> tuple[str, frozenset[str]]:
    """The query with variables replaced by terms, and the names that its SELECT clause has.

    `terms` is name -> term in N-Triples form, as the store engine writes it. In the outer
    SELECT clause a name has to stay, so that the solutions have its column.
    """
    tokens = tokens_of(query)
    head_end = _head_end(tokens)
    projected = set()
    parts = []
    for token in tokens:
        name = token.text[1:] if token.kind == "variable" else ""
        if name in terms and token.start < head_end:
            projected.add(name)
        parts.append(terms[name] if name in terms and token.start >= head_end else token.text)
    return "".join(parts), frozenset(projected)


def _head_end(tokens: list[Token]) -> int:
    # where the SELECT clause ends; 0 for the other kinds of query
    selecting = False
    for token in tokens:
        if token.keyword in ("ASK", "CONSTRUCT", "DESCRIBE"):
            return 0
        selecting = selecting or token.keyword == "SELECT"
        if selecting and (token.keyword in ("WHERE", "FROM") or token.text == "{"):
            return token.start
    return tokens[-1].start + len(tokens[-1].text) if tokens else 0
