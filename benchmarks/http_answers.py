"""Whether servers give the same answer, whatever the order of rows and the spelling of terms."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any

import pyoxigraph as ox

SOLUTIONS = "application/sparql-results+json"
TRIPLES = "application/n-triples"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_NUMBERS = {f"{_XSD}{name}" for name in ("integer", "int", "decimal", "nonNegativeInteger")}

Rows = Counter[tuple[object, ...]]


def rows_of(body: bytes, media_type: str) -> Rows:
    """The rows of a SELECT, or the triples of a CONSTRUCT, each once.

    Numbers count by their value and language tags in lower case: Virtuoso writes both anew.
    """
    if media_type == TRIPLES:
        triples = ox.parse(body, ox.RdfFormat.N_TRIPLES)
        return Counter(
            {tuple(map(_of_engine, (t.subject, t.predicate, t.object))) for t in triples}
        )
    document = json.loads(body)
    names = sorted(document["head"]["vars"])
    return Counter(
        tuple(_of_json(row[name]) if name in row else None for name in names)
        for row in document["results"]["bindings"]
    )


def difference(expected: Rows, found: Rows, is_part: bool) -> str:
    """How two answers differ; empty if they do not.

    With `is_part` an answer may be any rows of the expected one: a LIMIT without an order.
    """
    extra, missing = found - expected, expected - found
    if is_part:
        missing = Counter()
    shown = [f"{sum(rows.values())} {word}, such as {next(iter(rows))}"
             for word, rows in (("more", extra), ("missing", missing)) if rows]  # fmt: skip
    return "; ".join(shown)


def _of_json(term: dict[str, Any]) -> tuple[str, ...]:
    if term["type"] in ("uri", "bnode"):
        return (term["type"], term["value"])
    return _literal(term["value"], term.get("xml:lang"), term.get("datatype"))


def _of_engine(term: Any) -> tuple[str, ...]:
    if isinstance(term, ox.Literal):
        return _literal(term.value, term.language, term.datatype.value)
    return ("uri", term.value)


def _literal(value: str, language: str | None, datatype: str | None) -> tuple[str, ...]:
    if language:
        return ("literal", value, language.lower())
    if datatype in _NUMBERS:
        try:
            return ("number", str(Decimal(value).normalize()))
        except InvalidOperation:
            pass
    return ("literal", value, "" if datatype in (None, f"{_XSD}string") else datatype or "")
