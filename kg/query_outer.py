"""A query taken apart at its outermost level, and put together for another store.

Stores differ in what a query without FROM is about and in what DESCRIBE tells. So a query that goes
to one names its dataset itself, and asks with CONSTRUCT for what DESCRIBE tells here. As in
`kg/query_text.py` the text is cut into tokens and not parsed: whoever calls this has had a parser
look at it before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from kg.query_text import FORMS, Token, tokens_of, unescaped

_OWN = "sdgplanOwn"
"""Start of the names of variables that are put in; made longer where a query has it too."""


@dataclass(frozen=True, slots=True)
class Outer:
    """The parts of a query. Each holds its own white space and comments."""

    prologue: str
    form: str
    """SELECT, ASK, CONSTRUCT or DESCRIBE."""
    head: str
    """What follows that word: variables, a template, resources."""
    default_graphs: tuple[str, ...]
    """The IRIs of FROM."""
    named_graphs: tuple[str, ...]
    """The IRIs of FROM NAMED."""
    rest: str
    """WHERE, its group, and what follows it; DESCRIBE may have none."""


def outer_of(query: str, base: str) -> Outer:
    """The parts of the query; `base` is what its relative IRIs start with if it has no BASE."""
    tokens = tokens_of(query)
    names = names_of(tokens, base)
    at = next(n for n, token in enumerate(tokens) if token.keyword in FORMS)
    form = tokens[at].keyword
    end, depth = at + 1, 0
    while end < len(tokens) and not (depth == 0 and _ends_head(tokens, end, form)):
        depth += {"open": 1, "close": -1}.get(tokens[end].kind, 0)
        end += 1
    clauses: dict[bool, list[str]] = {False: [], True: []}
    rest, is_named = end, None
    while rest < len(tokens):
        token = tokens[rest]
        if token.keyword == "FROM":
            is_named = False
        elif token.keyword == "NAMED" and is_named is False:
            is_named = True
        elif is_named is not None and token.kind in ("iri", "name"):
            clauses[is_named].append(names(token))
            is_named = None
        elif token.kind != "space":
            break
        rest += 1
    return Outer(
        _text(tokens[:at]), form, _text(tokens[at + 1 : end]),
        tuple(clauses[False]), tuple(clauses[True]), _text(tokens[rest:]),
    )  # fmt: skip


def _ends_head(tokens: list[Token], at: int, form: str) -> bool:
    token = tokens[at]
    if token.keyword in ("WHERE", "FROM"):
        return True
    if token.text != "{":
        # DESCRIBE without a group may have the ends of a query, such as LIMIT or VALUES
        return form == "DESCRIBE" and token.kind == "word" and token.keyword != "A"
    if form != "CONSTRUCT":
        return True
    before = [t for t in tokens[:at] if t.kind != "space"]
    return before[-1].keyword != "CONSTRUCT"  # that brace is the template's


def names_of(tokens: Sequence[Token], base: str) -> Callable[[Token], str]:
    """A function from an IRI or prefixed name to the whole IRI; "" where the prefix is unknown."""
    prefixes: dict[str, str] = {}
    solid = [token for token in tokens if token.kind != "space"]
    for at, token in enumerate(solid):
        after = [t for t in solid[at + 1 : at + 3] if t.kind in ("iri", "name")]
        if token.keyword == "BASE" and after and after[0].kind == "iri":
            base = urljoin(base, unescaped(after[0].text[1:-1]))
        elif token.keyword == "PREFIX" and len(after) == 2 and after[1].kind == "iri":
            iri = urljoin(base, unescaped(after[1].text[1:-1]))
            prefixes[after[0].text.rstrip(":")] = iri
    bound = base

    def iri_of(token: Token) -> str:
        if token.kind == "iri":
            return urljoin(bound, unescaped(token.text[1:-1]))
        prefix, _, local = token.text.partition(":")
        return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local) if prefix in prefixes else ""

    return iri_of


def graphs_of(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """The places of each GRAPH and of the name or variable behind it."""
    for at, token in enumerate(tokens):
        if token.keyword == "GRAPH":
            name = _next_solid(tokens, at + 1)
            if name < len(tokens):
                yield at, name


def _empty_group(tokens: Sequence[Token], start: int) -> int | None:
    """The place of the bracket that opens an empty group there; None for anything else."""
    opening = _next_solid(tokens, start)
    closing = _next_solid(tokens, opening + 1)
    is_empty = closing < len(tokens) and tokens[opening].text + tokens[closing].text == "{}"
    return opening if is_empty else None


def _next_solid(tokens: Sequence[Token], start: int) -> int:
    return next((n for n in range(start, len(tokens)) if tokens[n].kind != "space"), len(tokens))


def put_dataset(
    query: str,
    base: str,
    default_graphs: Sequence[str],
    named_graphs: Collection[str],
    nowhere: str,
) -> str:
    """The query over that dataset, whatever its own FROM says; DESCRIBE becomes CONSTRUCT.

    An empty part of the dataset is the graph `nowhere`, which is none: without a clause some
    stores take all they have. So is a constant behind GRAPH that is not of `named_graphs`, which
    some stores take from outside the dataset. Only graphs that the query can name are listed.
    """
    tokens = tokens_of(query)
    iri_of = names_of(tokens, base)
    used: dict[str, None] = {}
    parts = [token.text for token in tokens]
    known = frozenset(named_graphs)
    for word, place in graphs_of(tokens):
        token = tokens[place]
        if token.kind in ("iri", "name"):
            iri = iri_of(token)
            is_known = iri in known
            used[iri if is_known else nowhere] = None
            if not is_known:
                parts[place] = f"<{nowhere}>"
        elif (opening := _empty_group(tokens, place + 1)) is not None:
            # the names alone: Virtuoso finds none of them
            parts[word] = "VALUES"
            parts[opening] = "{ " + " ".join(f"<{iri}>" for iri in named_graphs)
        else:
            used |= dict.fromkeys(named_graphs or (nowhere,))
    outer = outer_of("".join(parts), base)
    dataset = [f"FROM <{iri}>" for iri in default_graphs or (nowhere,)]
    dataset += [f"FROM NAMED <{iri}>" for iri in used]
    clause = "\n" + "\n".join(dataset) + "\n"
    # Virtuoso takes one BASE, so ours stands only where the query has none
    has_base = any(token.keyword == "BASE" for token in tokens_of(outer.prologue))
    start = "" if has_base else f"BASE <{base}> "
    if outer.form == "DESCRIBE":
        return start + _described(outer, clause)
    return f"{start}{outer.prologue}{outer.form}{outer.head}{clause}{outer.rest}"


def _described(outer: Outer, clause: str) -> str:
    """CONSTRUCT for what is said of the resources, as DESCRIBE tells it without blank nodes."""
    own = _OWN
    while own in outer.head + outer.rest:
        own += "_"
    r, p, o = f"?{own}R", f"?{own}P", f"?{own}O"
    asked = [t for t in tokens_of(outer.head) if t.kind in ("iri", "name", "variable")]
    variables = [t.text for t in asked if t.kind == "variable"]
    if not asked:  # DESCRIBE *
        found = dict.fromkeys(t.text for t in tokens_of(outer.rest) if t.kind == "variable")
        variables = list(found)
    constants = [t.text for t in asked if t.kind != "variable"]
    group = outer.rest if "{" in outer.rest else "WHERE {} " + outer.rest
    arms = [
        f"{{ SELECT DISTINCT {r} {{ {{ SELECT ({name} AS {r}) {group}\n}} }} }}"
        for name in variables
    ]
    if constants:
        arms.append(f"{{ VALUES {r} {{ {' '.join(constants)} }} }}")
    body = " UNION ".join(arms)
    return (
        f"{outer.prologue}CONSTRUCT {{ {r} {p} {o} }}{clause}"
        f"WHERE {{ {{ {body} }} FILTER(BOUND({r})) {r} {p} {o} }}"
    )


def counted(query: str, base: str) -> str:
    """A SELECT of `?rows`: how many solutions a CONSTRUCT query is made from.

    A store that cuts answers after so many rows does not say so for graphs.
    """
    outer = outer_of(query, base)
    clauses = [f"FROM <{iri}>" for iri in outer.default_graphs]
    clauses += [f"FROM NAMED <{iri}>" for iri in outer.named_graphs]
    return (
        f"{outer.prologue}SELECT (COUNT(*) AS ?rows) {' '.join(clauses)} "
        f"WHERE {{ {{ SELECT * {outer.rest}\n}} }}"
    )


def with_values(query: str, terms: Mapping[str, str]) -> str:
    """The query with these variables bound where its outermost group begins.

    `terms` is name -> term in N-Triples form.
    """
    if not terms:
        return query
    tokens = tokens_of(query)
    selecting = False
    for token in tokens:
        selecting = selecting or token.keyword in FORMS
        if selecting and token.text == "{":
            end = token.start + 1
            rows = " ".join(f"VALUES ?{name} {{ {term} }}" for name, term in terms.items())
            return f"{query[:end]} {rows} {query[end:]}"
    return query


def _text(tokens: Sequence[Token]) -> str:
    return "".join(token.text for token in tokens)
