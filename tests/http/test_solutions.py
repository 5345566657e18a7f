"""Rows read from the TSV of an answer: the same terms as in JSON, and all of them counted."""

from __future__ import annotations

import io
import json

import pytest
from flask.testing import FlaskClient
from rdflib import BNode, Literal, URIRef
from rdflib.namespace import XSD

from kg.examples import examples
from server.solutions import Solutions, first_solutions, term_of
from server.wire import term_from_json
from tests.http.asking import ask

TERMS = [
    ("", None),
    ("<http://metadata.un.org/sdg/11>", URIRef("http://metadata.un.org/sdg/11")),
    ("_:b0", BNode("b0")),
    ('"072036"', Literal("072036")),
    ('"水"@ja', Literal("水", lang="ja")),
    ('"a\\tb\\n\\"c\\"\\\\"', Literal('a\tb\n"c"\\')),
    ("12", Literal("12", datatype=XSD.integer)),
    ("-1.50", Literal("-1.50", datatype=XSD.decimal, normalize=False)),
    ("1.0E3", Literal("1.0E3", datatype=XSD.double, normalize=False)),
    ("true", Literal("true", datatype=XSD.boolean)),
    (f'"2021"^^<{XSD.gYear}>', Literal("2021", datatype=XSD.gYear)),
]


@pytest.mark.parametrize(("cell", "term"), TERMS, ids=[cell for cell, _ in TERMS])
def test_a_cell_is_read_as_its_term(cell: str, term: object) -> None:
    found = term_of(cell)
    assert (found, str(found)) == (term, str(term))


def test_what_is_no_term_is_told() -> None:
    with pytest.raises(ValueError, match=r"^elf is no term$"):
        term_of("elf")


@pytest.mark.parametrize("end", ["\n", ""])
def test_rows_past_the_first_ones_are_only_counted(end: str) -> None:
    lines = ["?a\t?b", *(f"{n}\t" for n in range(5))]
    found = first_solutions(io.BytesIO(("\n".join(lines) + end).encode()), 2)
    rows = tuple((Literal(str(n), datatype=XSD.integer), None) for n in (0, 1))
    assert found == Solutions(("a", "b"), rows, 5)
    assert first_solutions(io.BytesIO(b"?a\n"), 2) == Solutions(("a",), (), 0)


@pytest.mark.parametrize("name", [example.name for example in examples()])
def test_the_terms_are_those_of_the_json(demo: FlaskClient, name: str) -> None:
    text = next(one.text for one in examples() if one.name == name)
    document = json.loads(ask(demo, text, format="json").data)
    columns = document["head"]["vars"]
    expected = [
        tuple(term_from_json(row[name]) if name in row else None for name in columns)
        for row in document["results"]["bindings"]
    ]
    found = first_solutions(io.BytesIO(ask(demo, text, format="tsv").data), 10_000)
    assert (list(found.columns), list(found.rows)) == (columns, expected)
    assert found.total == len(expected)
