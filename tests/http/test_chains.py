"""Long chains of operators and clauses: refused before the engine, whose stack they would end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from kg.settings import Settings
from server.errors import HttpProblem
from server.guard import MOST_CHAINED, check_query
from tests.http.asking import ask, problem

LONG = Settings(max_query_bytes=10_000_000)

CHAINS: dict[str, Callable[[int], str]] = {
    "plus": lambda n: f"ASK {{ FILTER(1{'+1' * n} > 0) }}",
    "minus": lambda n: f"SELECT (1{' - 1' * n} AS ?x) {{}}",
    "times": lambda n: f"SELECT ?x {{ BIND(1{'*1' * n} AS ?x) }}",
    "or": lambda n: f"ASK {{ FILTER(true{' || true' * n}) }}",
    "and": lambda n: f"ASK {{ FILTER(true{'&&true' * n}) }}",
    "steps": lambda n: f"ASK {{ <a:s> <a:p>{'/<a:p>' * n} <a:o> }}",
    "alternatives": lambda n: f"ASK {{ <a:s> <a:p>{'|<a:p>' * n} <a:o> }}",
    "inverse steps": lambda n: f"ASK {{ <a:s> ^<a:p>{'/^<a:p>' * n} <a:o> }}",
    "union": lambda n: f"ASK {{ {{}}{' UNION {}' * n} }}",
    "optional": lambda n: f"ASK {{ {'OPTIONAL { <a:s> <a:p> 1 } ' * n} }}",
    "minus group": lambda n: f"ASK {{ ?s ?p ?o {'MINUS { ?s <a:p> ?o } ' * n} }}",
    "filter": lambda n: f"ASK {{ {'FILTER(true) ' * n} }}",
    "bind": lambda n: f"ASK {{ {''.join(f'BIND(1 AS ?v{i}) ' for i in range(n))} }}",
    "selected": lambda n: f"SELECT {''.join(f'(1 AS ?v{i}) ' for i in range(n))} {{}}",
    "subqueries": lambda n: f"ASK {{ {'{ SELECT * {} } ' * n} }}",
    "triples": lambda n: f"ASK {{ {'?s <a:p> 1 . ' * n} }}",
    "objects": lambda n: f"ASK {{ ?s <a:p> 1{',1' * 2 * n} }}",
    "properties": lambda n: f"ASK {{ ?s <a:p> 1{'; <a:p> 1' * n} }}",
    "blank nodes": lambda n: f"ASK {{ ?s <a:p> []{', []' * n} }}",
    "collection": lambda n: f"ASK {{ ?s <a:p> ({'1 ' * n}) }}",
    "collection of blank nodes": lambda n: f"ASK {{ ?s <a:p> ({'[] ' * n}) }}",
    "described": lambda n: f"DESCRIBE {'<a:a> ' * 2 * n}",
    "having": lambda n: f"SELECT ?s {{ ?s ?p 1 }} GROUP BY ?s HAVING {'(true) ' * n}",
}
"""A query with n of a kind in a row."""


@pytest.mark.parametrize("kind", [*CHAINS])
def test_a_chain_of_a_thousand_is_answered(client: FlaskClient, kind: str) -> None:
    """S-03: in time or not, or refused: the engine stays up. 900 of most kinds are let through."""
    for count in (900, 1000):
        query = CHAINS[kind](count)
        answer = client.post("/sparql", data={"query": query, "timeout": "0.5"})
        if answer.status_code != 200:
            status, title, _ = problem(answer)
            expected = {(503, "Query took too long")}
            if count == 1000 or kind in ("triples", "properties", "objects", "described"):
                expected.add((400, "Expression too long"))
            assert (status, title) in expected
    assert client.post("/sparql", data={"query": "ASK {}"}).status_code == 200


@pytest.mark.parametrize("count", [MOST_CHAINED + 1, 30_000, 100_000])
@pytest.mark.parametrize("kind", [*CHAINS])
def test_a_longer_chain_is_refused_with_its_place(kind: str, count: int) -> None:
    """S-03."""
    with pytest.raises(HttpProblem) as refused:
        check_query(CHAINS[kind](count), LONG)
    assert (refused.value.status, refused.value.title) == (400, "Expression too long")
    assert refused.value.detail.startswith("Line 1, column ")
    assert refused.value.detail.endswith(
        ": too much stands in a row. Up to 1000 operators, path steps or clauses may, "
        "or 500 triple patterns. Write a list with IN or VALUES instead."
    )


def test_the_endpoint_says_it_with_its_place(client: FlaskClient) -> None:
    """S-03: the sum, below the longest query text."""
    answer = client.post("/sparql", data={"query": "ASK {\n FILTER(1" + "+1" * 30_000 + ") }"})
    status, title, detail = problem(answer)
    assert (status, title) == (400, "Expression too long")
    assert detail.startswith("Line 2, column 2006: ")
    assert problem(ask(client, CHAINS["or"](1500)))[:2] == (400, "Expression too long")


def test_chains_inside_chains_add_up() -> None:
    """The engine goes down through all of them at once."""
    inner = "1" + "+1" * 600
    with pytest.raises(HttpProblem):
        check_query(f"ASK {{ FILTER(1{'+1' * 600}+({inner})) }}", LONG)
    check_query(f"ASK {{ FILTER(({inner})+({inner})) }}", LONG)


@pytest.mark.parametrize(
    "text",
    [
        "ASK { ?s ?p ?v FILTER(?v IN (" + ", ".join(f"-{n}" for n in range(5000)) + ")) }",
        "ASK { ?s ?p ?v VALUES ?v { " + " ".join(f"-{n}" for n in range(5000)) + " } }",
        "ASK { VALUES (?a ?b) { " + "(-1 <a:b>) " * 5000 + "} }",
        "SELECT (CONCAT(" + ", ".join(["STR(1+1)"] * 5000) + ") AS ?x) {}",
        "CONSTRUCT { " + "?s ?p 'a/b|c+d' . " * 3000 + "} { ?s ?p ?o }",
        "ASK { ?s ?p '" + "+" * 5000 + "' } # " + "(" * 5000,
    ],
    ids=["IN", "VALUES", "rows of VALUES", "arguments", "template", "text"],
)
def test_long_lists_are_no_chains(text: str) -> None:
    check_query(text, LONG)
    assert check_query(text, LONG).form in ("ASK", "SELECT", "CONSTRUCT")


def test_the_long_lists_are_answered(client: FlaskClient) -> None:
    """IN and VALUES, which the refusal recommends, work at a size that a chain may not have."""
    for text in (
        "ASK { FILTER(1 IN (" + ", ".join(map(str, range(5000))) + ")) }",
        "ASK { VALUES (?a ?b) { " + "(-1 <a:b>) " * 5000 + "} }",
    ):
        assert client.post("/sparql", data={"query": text}).status_code == 200
