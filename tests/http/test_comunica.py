"""Comunica 5 as a client of live servers (S-22): comunica/ask.mjs asks, this reads what it says."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from rdflib import XSD, BNode, Literal, URIRef
from rdflib.term import Node

from tests.conftest import NeedsDebian
from tests.http.comunica.asking import Ask, Asked, asker

LABEL = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
SP = "PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>"
LABELS = f"SELECT ?s ?l {{ ?s {LABEL} ?l }} ORDER BY ?l LIMIT 2"

DESCRIPTION = "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,"
SOLUTIONS = "application/sparql-results+json;q=1.0,application/sparql-results+xml;q=0.7"
TRIPLES = "text/turtle"


@pytest.fixture
def ask(needs_debian: NeedsDebian) -> Ask:
    return asker(needs_debian)


def identified(url: str) -> str:
    return f"Identified {url} as sparql source with service URL: {url}"


@pytest.fixture(scope="module")
def endpoint(start: Any) -> str:
    return f"{start().url}sparql"


def first_labels(small: SimpleNamespace) -> list[dict[str, Node]]:
    return [
        {"s": URIRef(f"{small.plan}/project/{number}"), "l": Literal(f"事業{number}", lang="ja")}
        for number in (1, 10)
    ]


def test_a_forced_endpoint_is_asked_at_once(ask: Ask, endpoint: str, small: Any) -> None:
    """S-22: with the type named there is one request, the query."""
    asked = ask(LABELS, f"sparql@{endpoint}")
    assert (asked.code, asked.error) == (0, "")
    assert asked.solutions == first_labels(small)
    assert asked.requests == [("GET", endpoint, SOLUTIONS)]
    assert asked.notes == [identified(endpoint)]


@pytest.mark.parametrize("option", [(), ("--by-description",)], ids=["as-is", "by-description"])
def test_an_endpoint_is_recognised_by_its_description(
    ask: Ask, endpoint: str, small: Any, option: tuple[str, ...]
) -> None:
    """S-22, S-15: the URL alone is given; with the option its ending in /sparql does not count."""
    asked = ask(*option, LABELS, endpoint)
    assert (asked.code, asked.error) == (0, "")
    assert asked.solutions == first_labels(small)
    (method, url, accept), query = asked.requests
    assert (method, url) == ("GET", endpoint)
    assert accept.startswith(DESCRIPTION)
    assert query == ("GET", endpoint, SOLUTIONS)
    assert asked.notes == [identified(endpoint)]  # and no warning about what was read


def test_a_document_is_not_taken_for_an_endpoint(ask: Ask, endpoint: str, small: Any) -> None:
    """S-22: the counterpart of the above; Comunica reads the document and answers by itself."""
    document = endpoint.removesuffix("sparql") + "doc/072036/plan/kyodo-2/2021/project/3"
    asked = ask(f"SELECT ?l {{ ?s {LABEL} ?l }} ORDER BY ?l", document)
    assert (asked.code, asked.error) == (0, "")
    labels = ("事業3", "市民部セーフコミュニティ課")
    assert asked.solutions == [{"l": Literal(label, lang="ja")} for label in labels]
    assert [request[:2] for request in asked.requests] == [("GET", document)]
    assert asked.notes == [f"Identified as file source: {document}"]


def test_every_kind_of_term_comes_back_as_it_was_sent(ask: Ask, endpoint: str) -> None:
    """S-22, S-21: what is unbound is not in the solution."""
    query = """SELECT ?text ?number ?thing ?nothing ?blank {
      VALUES (?text ?number ?thing ?nothing) {
        ("郡山市 <&> \\"𠮷\\"\\n次\\t\\\\"@ja 3 <http://例.jp/ア> UNDEF)
        ("" 1.5 "1"^^<http://example.org/t> true)
      }
      BIND(BNODE() AS ?blank)
    }"""
    asked = ask(query, f"sparql@{endpoint}")
    assert (asked.code, asked.error) == (0, "")
    blank = [solution.pop("blank") for solution in asked.solutions]
    assert [type(term) for term in blank] == [BNode, BNode]
    assert asked.solutions == [
        {
            "text": Literal('郡山市 <&> "𠮷"\n次\t\\', lang="ja"),
            "number": Literal("3", datatype=XSD.integer),
            "thing": URIRef("http://例.jp/ア"),
        },
        {
            "text": Literal(""),
            "number": Literal("1.5", datatype=XSD.decimal),
            "thing": Literal("1", datatype=URIRef("http://example.org/t")),
            "nothing": Literal("true", datatype=XSD.boolean),
        },
    ]


@pytest.mark.parametrize(
    ("source", "text", "expected"), [("{}", "事業3", True), ("sparql@{}", "事業0", False)]
)
def test_ask_gives_a_boolean(
    ask: Ask, endpoint: str, source: str, text: str, expected: bool
) -> None:
    """S-22."""
    asked = ask(f'ASK {{ ?s {LABEL} "{text}"@ja }}', source.format(endpoint))
    assert (asked.code, asked.error) == (0, "")
    assert asked.booleans == [expected]
    assert asked.requests[-1] == ("GET", endpoint, SOLUTIONS)


@pytest.mark.parametrize("source", ["{}", "sparql@{}"], ids=["url", "forced"])
def test_construct_gives_triples(ask: Ask, endpoint: str, source: str, small: Any) -> None:
    """S-22, S-08: as Turtle."""
    query = f"CONSTRUCT {{ ?s <http://例.jp/名> ?l }} {{ ?s a <{small.sp}Project> ; {LABEL} ?l }}"
    asked = ask(query, source.format(endpoint))
    assert (asked.code, asked.error) == (0, "")
    assert len(asked.triples) == 40
    assert set(asked.triples) == {
        (
            URIRef(f"{small.plan}/project/{number}"),
            URIRef("http://例.jp/名"),
            Literal(f"事業{number}", lang="ja"),
        )
        for number in range(1, 41)
    }
    assert asked.requests[-1] == ("GET", endpoint, TRIPLES)


def test_describe_gives_triples(ask: Ask, endpoint: str, small: Any) -> None:
    """S-22, S-08."""
    asked = ask(f"DESCRIBE <{small.plan}>", f"sparql@{endpoint}")
    assert (asked.code, asked.error) == (0, "")
    plan = URIRef(small.plan)
    assert set(asked.triples) == {
        (plan, URIRef(f"{small.skos}prefLabel"), Literal("実施計画", lang="ja")),
        (
            plan,
            URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
            URIRef(f"{small.sp}ImplementationPlan"),
        ),
    }


def test_a_long_query_goes_by_post(ask: Ask, endpoint: str) -> None:
    """S-22, S-01: Comunica does so from 600 characters on, with a form where Accept-Post has it."""
    names = " ".join(f'"事業{number}"@ja' for number in range(30, 300))
    query = f"SELECT ?l {{ VALUES ?l {{ {names} }} ?s {LABEL} ?l }} ORDER BY ?l"
    assert len(query) > 2000
    asked = ask(query, endpoint)
    assert (asked.code, asked.error) == (0, "")
    expected = [Literal(f"事業{number}", lang="ja") for number in range(30, 41)]
    assert asked.solutions == [{"l": label} for label in expected]
    assert asked.requests[-1] == ("POST", endpoint, SOLUTIONS)


JOINED = f"""{SP}
SELECT ?name ?goal {{
  ?project sp:iconCount 3 ; sp:printedName ?name ; sp:sdgGoal ?goal
}} ORDER BY ?goal ?name"""


def test_one_server_of_two_has_no_answer_alone(
    ask: Ask, endpoint: str, koriyama_server: Any
) -> None:
    """S-22: the counterpart of the next."""
    for alone in (endpoint, f"{koriyama_server.url}sparql"):
        asked = ask(JOINED, f"sparql@{alone}")
        assert (asked.code, asked.error, asked.solutions) == (0, "", [])


@pytest.mark.parametrize("source", ["{}", "sparql@{}"], ids=["url", "forced"])
def test_two_servers_answer_one_query_together(
    ask: Ask, endpoint: str, koriyama_server: Any, source: str
) -> None:
    """S-22: names and icons are Koriyama's, the links to goals are of the made-up release."""
    koriyama = f"{koriyama_server.url}sparql"
    asked = ask(JOINED, source.format(endpoint), source.format(koriyama))
    assert (asked.code, asked.error) == (0, "")
    assert asked.solutions == [
        {
            "name": Literal(name, lang="ja"),
            "goal": URIRef(f"http://metadata.un.org/sdg/{goal}"),
        }
        for name, goal in (
            ("わかもの政策討論事業", 3),
            ("保健・福祉フェスティバル開催事業", 3),
            ("長寿社会対策推進事業", 4),
            ("生涯学習支援事業", 6),
        )
    ]
    assert sorted(asked.notes) == sorted(map(identified, (endpoint, koriyama)))
    described = [url for _, url, accept in asked.requests if accept.startswith(DESCRIPTION)]
    assert sorted(described) == sorted((endpoint, koriyama))
    # the projects found at one server are sent to the other, as VALUES in a long query
    assert ("POST", endpoint, SOLUTIONS) in asked.requests


def test_a_syntax_error_is_an_error_and_nothing_is_sent(ask: Ask, endpoint: str) -> None:
    """S-22: Comunica reads the query itself."""
    asked = ask("SELECT * {", endpoint)
    assert asked.code == 1
    assert asked.error.startswith("Parse error\n")
    assert (asked.solutions, asked.requests) == ([], [])


@pytest.mark.parametrize(
    ("query", "status", "title"),
    [
        ("SELECT * FROM <http://example.org/graph> { ?s ?p ?o }", 400, "Unknown graph"),
        ("CONSTRUCT FROM <http://example.org/graph> WHERE { ?s ?p ?o }", 400, "Unknown graph"),
        ("ASK FROM <http://example.org/graph> { ?s ?p ?o }", 400, "Unknown graph"),
        (
            "SELECT * { SERVICE <http://example.org/sparql> { ?s ?p ?o } }",
            403,
            "SERVICE not allowed",
        ),
        # a mistake that Comunica does not see
        ("SELECT * { BIND(1 AS ?x) BIND(2 AS ?x) }", 400, "Syntax error"),
    ],
)
def test_what_the_server_refuses_is_an_error_with_its_words(
    ask: Ask, endpoint: str, query: str, status: int, title: str
) -> None:
    """S-22, S-03, S-13."""
    asked = ask(query, f"sparql@{endpoint}")
    assert asked.code == 1
    assert (asked.solutions, asked.booleans, asked.triples) == ([], [], [])
    assert refusal(asked, endpoint) == (status, title)


def refusal(asked: Asked, endpoint: str) -> tuple[int, str]:
    """Status and title of the problem that the error of Comunica quotes."""
    first, _, body = asked.error.partition("\n")
    problem = json.loads(body)
    status = problem["status"]
    assert first == f"Invalid SPARQL endpoint response from {endpoint} (HTTP status {status}):"
    return status, problem["title"]


@pytest.fixture(scope="module")
def impatient(start: Any) -> str:
    return f"{start(query_timeout_s='2', result_limit_mib='1').url}sparql"


@pytest.mark.parametrize("form", ["SELECT ?a WHERE", "CONSTRUCT { ?a a ?b } WHERE"])
def test_a_query_past_the_time_limit_is_an_error_and_never_rows_cut_short(
    ask: Ask, impatient: str, form: str
) -> None:
    """S-22, S-19: the first solutions are found at once, the last one never."""
    pattern = """{ { ?a a ?b } UNION {
      SELECT (COUNT(*) AS ?a) { ?c ?d ?e . ?f ?g ?h . ?i ?j ?k . ?l ?m ?n . ?o ?p ?q }
    } }"""
    asked = ask(f"{form} {pattern}", f"sparql@{impatient}")
    assert asked.code == 1
    assert (asked.solutions, asked.triples) == ([], [])
    assert refusal(asked, impatient) == (503, "Query took too long")


def test_an_answer_past_the_size_limit_is_an_error_and_never_rows_cut_short(
    ask: Ask, impatient: str
) -> None:
    """S-22, S-19."""
    asked = ask("SELECT * { ?a ?b ?c . ?d ?e ?f }", f"sparql@{impatient}")
    assert (asked.code, asked.solutions) == (1, [])
    assert refusal(asked, impatient) == (503, "Answer too large")
