"""What a query may not be, decided before any engine sees it.

Too long, too deep, calling other servers, naming graphs that are not here, or changing data.
The text is only cut into tokens here: parsing is the business of a worker, which may die of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urljoin

from kg.query_text import (
    FORMS,
    UPDATE_WORDS,
    Token,
    calls_other_endpoints,
    place_of,
    tokens_of,
    too_deep,
    unescaped,
)
from kg.settings import SHARED_BASE_IRI, ServiceEndpoint, Settings
from server.errors import HttpProblem, bad_request

VOLATILE_WORDS = frozenset(("NOW", "RAND", "UUID", "STRUUID", "BNODE", "SERVICE"))
"""Functions whose answer may differ each time: never cached (SPARQL 1.1, 17.4)."""

DATASET_WORDS = frozenset(("FROM", "FROMNAMED"))

MOST_CHAINED = 1000
"""Most operators, path steps, alternatives and clauses in a row; see `too_long_chain`.

What stands in a row nests to one side in the engine. Its stack of 8 MiB ends at about 2,700
BIND, MINUS, selected expressions or described IRIs, 4,100 members of a collection, 5,000 to
15,000 operators and 8,200 triple patterns: measured with pyoxigraph 0.5.13.
"""

_LINK, _TERM = 3, 2  # so 1,000 operators weigh as much as 500 triple patterns of three terms
_OPERATORS = frozenset("+-*/|&=!<>")
_TERMS = frozenset(("iri", "name", "variable", "string", "number"))


@dataclass(frozen=True, slots=True)
class CheckedQuery:
    """A query text that may go to a worker."""

    text: str
    form: str
    """SELECT, ASK, CONSTRUCT or DESCRIBE."""
    normal: str
    """The text with comments and runs of white space as one blank; strings and IRIs untouched."""
    graphs: tuple[str, ...]
    """The IRIs of FROM and FROM NAMED."""
    is_volatile: bool

    @property
    def gives_solutions(self) -> bool:
        return self.form in ("SELECT", "ASK")


def check_query(text: str, settings: Settings) -> CheckedQuery:
    """The query, checked for everything that can be known without parsing it.

    Raises HttpProblem: 413 too long, 400 empty, too deep, chained too long or no query,
    403 for SERVICE.
    """
    size = len(text.encode("utf-8", "replace"))
    if size > settings.max_query_bytes:
        raise HttpProblem(
            413,
            "Query too long",
            f"The query has {size} bytes; this service takes up to {settings.max_query_bytes}.",
        )
    if not text.strip():
        raise bad_request(
            "Empty query", "The query is empty; send SELECT, ASK, CONSTRUCT or DESCRIBE."
        )
    tokens = tokens_of(text)
    solid = [token for token in tokens if token.kind != "space"]
    words = {token.text.upper() for token in solid if token.kind == "word"}
    _check_depth(text, solid, settings.max_query_depth)
    _check_chains(text, solid)
    _check_service(text, settings.service_allowlist)
    return CheckedQuery(
        text=text,
        form=_form_of(text, solid),
        normal="".join(" " if t.kind == "space" else t.text for t in tokens).strip(),
        graphs=() if words.isdisjoint(DATASET_WORDS) else _dataset_iris(solid),
        is_volatile=not words.isdisjoint(VOLATILE_WORDS)
        or (bool(settings.service_allowlist) and calls_other_endpoints(text, ())),
    )


def check_dataset(named: Collection[str], known: Collection[str], list_url: str) -> None:
    """Raise a 400 for a graph that the release does not have; nothing is ever fetched."""
    for iri in named:
        if iri not in known:
            raise bad_request(
                "Unknown graph",
                f"<{iri}> is not a graph of this release, and other data is never fetched. "
                f"The graphs are listed at {list_url} (sd:namedGraph).",
            )


def refuse_update() -> HttpProblem:
    """The 403 for anything that would change data."""
    return HttpProblem(
        403, "Read-only", "This endpoint is read-only: it answers queries and takes no updates."
    )


def _check_depth(text: str, tokens: list[Token], limit: int) -> None:
    token = too_deep(tokens, limit)
    if token is not None:
        line, column = place_of(text, token.start)
        raise bad_request(
            "Query nested too deeply",
            f"Line {line}, column {column}: brackets are nested more than {limit} deep.",
        )


def _check_chains(text: str, tokens: list[Token]) -> None:
    token = too_long_chain(tokens, MOST_CHAINED)
    if token is not None:
        line, column = place_of(text, token.start)
        raise bad_request(
            "Expression too long",
            f"Line {line}, column {column}: too much stands in a row. Up to {MOST_CHAINED} "
            f"operators, path steps or clauses may, or {MOST_CHAINED // 2} triple patterns. "
            "Write a list with IN or VALUES instead.",
        )


def too_long_chain(tokens: list[Token], limit: int) -> Token | None:
    """The token at which what stands in a row, and around it, passes the limit; None if nowhere.

    Counted are operators (`||` is one), brackets that stand directly in a group or in the
    outermost text (UNION, OPTIONAL, BIND, FILTER, selected expressions), terms there, and
    members of collections. A row ends with its bracket, and in round brackets at each comma.
    The data of VALUES and the template of CONSTRUCT do not count: neither nests.
    """
    if len(tokens) <= limit:  # each counts as one link at most
        return None
    levels = [("{", 0)]  # the open brackets, and what was counted directly in each
    running = data = 0
    is_data_next = after_operator = after_term = False
    for token in tokens:
        bracket, counted = levels[-1]
        is_term = token.kind in _TERMS or token.keyword in ("TRUE", "FALSE")
        weight = 0 if data else _weight(token, is_term, bracket, after_operator, after_term)
        after_operator = token.kind == "other" and (token.text in _OPERATORS or token.text == "^")
        after_term = is_term or token.kind == "close"
        if weight:
            levels[-1] = (bracket, counted + weight)
            running += weight
            if running > limit * _LINK:
                return token
        if token.keyword in ("VALUES", "CONSTRUCT", "WHERE", "FROM"):
            is_data_next = token.keyword in ("VALUES", "CONSTRUCT")
        elif token.kind == "open":
            if data or (is_data_next and token.text == "{"):
                data, is_data_next = data + 1, False
            levels.append((token.text[0], 0))
        elif token.kind == "close" and len(levels) > 1:
            running -= levels.pop()[1]
            data = max(data - 1, 0)
        elif token.text == "," and bracket == "(":
            running -= counted
            levels[-1] = (bracket, 0)
    return None


def _weight(
    token: Token, is_term: bool, bracket: str, after_operator: bool, after_term: bool
) -> int:
    if token.kind == "other" and token.text in _OPERATORS:
        return 0 if after_operator else _LINK
    if bracket == "(":  # in an expression no term follows another: this is a collection
        return _LINK if after_term and (is_term or token.kind == "open") else 0
    if token.kind == "open":
        return _LINK
    return _TERM if is_term and not after_operator else 0


def _check_service(text: str, allowed: tuple[ServiceEndpoint, ...]) -> None:
    urls = [entry.url for entry in allowed]
    if calls_other_endpoints(text, urls):
        only = f", except {', '.join(f'<{url}>' for url in urls)}" if urls else ""
        raise HttpProblem(
            403,
            "SERVICE not allowed",
            f"This endpoint does not call other endpoints{only}. Ask them from your own client, "
            "or query this one with SERVICE from there.",
        )


def _form_of(text: str, tokens: list[Token]) -> str:
    at = 0
    while at < len(tokens):
        keyword = tokens[at].keyword
        if keyword in ("BASE", "VERSION"):
            at += 2
        elif keyword == "PREFIX":
            at += 3
        elif keyword in FORMS:
            return keyword
        else:
            break
    if at < len(tokens):
        token = tokens[at]
        line, column = place_of(text, token.start)
        found = token.text if len(token.text) <= 40 else token.text[:39] + "…"
        detail = f"Line {line}, column {column}: expected SELECT, ASK, CONSTRUCT or DESCRIBE, "
        detail += f"found {found}."
        if token.keyword in UPDATE_WORDS:
            detail += " Updates are not queries, and this endpoint is read-only."
    else:
        line, column = place_of(text, len(text))
        detail = f"Line {line}, column {column}: the query ends before SELECT, ASK, CONSTRUCT "
        detail += "or DESCRIBE."
    raise bad_request("Syntax error", detail)


def _dataset_iris(tokens: list[Token]) -> tuple[str, ...]:
    prefixes: dict[str, str] = {}
    base = SHARED_BASE_IRI  # as kg/store.py has it
    found: list[str] = []
    for at, token in enumerate(tokens):
        after = [*tokens[at + 1 : at + 3], *(Token("other", "", 0) for _ in range(2))]
        if token.keyword == "BASE" and after[0].kind == "iri":
            base = urljoin(base, _iri(after[0]))
        elif token.keyword == "PREFIX" and after[1].kind == "iri":
            prefixes[after[0].text.rstrip(":")] = urljoin(base, _iri(after[1]))
        elif token.keyword in DATASET_WORDS:
            graph = after[1] if after[0].keyword == "NAMED" else after[0]
            if graph.kind == "iri":
                found.append(urljoin(base, _iri(graph)))
            elif graph.kind == "name":
                prefix, _, local = graph.text.partition(":")
                if prefix in prefixes:  # an undeclared prefix is a syntax error, told by the worker
                    found.append(prefixes[prefix] + re.sub(r"\\(.)", r"\1", local))
    return tuple(dict.fromkeys(found))


def _iri(token: Token) -> str:
    return unescaped(token.text[1:-1])
