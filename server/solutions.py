"""The first solutions of an answer, and how many there are, read from SPARQL 1.1 TSV.

TSV, because there a line is a solution: those that nobody looks at are counted, not read.
Source: https://www.w3.org/TR/sparql11-results-csv-tsv/ section 4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO

from rdflib import BNode, Literal, URIRef
from rdflib.namespace import XSD

CHUNK_BYTES = 1 << 20
Term = URIRef | Literal | BNode

_TERM = re.compile(
    r"<(?P<iri>[^>]*)>|_:(?P<blank>.*)|"
    r'"(?P<text>(?:[^"\\]|\\.)*)"(?:@(?P<language>[A-Za-z0-9-]+)|\^\^<(?P<datatype>[^>]*)>)?'
)
_BARE = (
    (re.compile(r"true|false"), XSD.boolean),
    (re.compile(r"[+-]?[0-9]+"), XSD.integer),
    (re.compile(r"[+-]?[0-9]*\.[0-9]+"), XSD.decimal),
    (re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+"), XSD.double),
)
"""What stands without quotes, as in Turtle."""
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Solutions:
    """The names of the variables, the first rows, and the number of all rows. None = no value."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]
    total: int


def first_solutions(file: BinaryIO, most: int) -> Solutions:
    """Up to `most` rows of a complete answer, which is read from here to its end."""
    head = file.readline().decode().rstrip("\r\n")
    columns = tuple(name.removeprefix("?") for name in head.split("\t")) if head else ()
    rows: list[tuple[Term | None, ...]] = []
    while len(rows) < most and (line := file.readline()):
        cells = line.decode().rstrip("\r\n").split("\t")
        rows.append(tuple(term_of(cell) for cell in cells))
    total, last = len(rows), b"\n"
    while chunk := file.read(CHUNK_BYTES):
        total += chunk.count(b"\n")
        last = chunk[-1:]
    return Solutions(columns, tuple(rows), total + (last != b"\n"))


def term_of(cell: str) -> Term | None:
    """The term in a cell; None for an empty one. Raises ValueError for anything else."""
    if not cell:
        return None
    for form, datatype in _BARE:
        if form.fullmatch(cell):
            return Literal(cell, datatype=datatype, normalize=False)
    found = _TERM.fullmatch(cell)
    if found is None:
        raise ValueError(f"{cell[:40]} is no term")
    if found["iri"] is not None:
        return URIRef(found["iri"])
    if found["blank"] is not None:
        return BNode(found["blank"])
    text = _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), found["text"])
    if found["language"]:
        return Literal(text, lang=found["language"])
    if found["datatype"]:
        return Literal(text, datatype=URIRef(found["datatype"]), normalize=False)
    return Literal(text)
