"""What is refused before any engine sees it."""

from __future__ import annotations

import pytest

from kg.settings import Settings
from server.errors import HttpProblem
from server.guard import check_dataset, check_query

SETTINGS = Settings()


def refusal(text: str, settings: Settings = SETTINGS) -> tuple[int, str]:
    with pytest.raises(HttpProblem) as caught:
        check_query(text, settings)
    return caught.value.status, caught.value.detail


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("ask{}", "ASK"),
        ("# SELECT\nPREFIX a: <http://a/#> BASE <http://b/> CONSTRUCT WHERE {}", "CONSTRUCT"),
        ("PREFIX select: <http://a/> DESCRIBE select:x", "DESCRIBE"),
    ],
)
def test_the_form_is_found_behind_prologue_and_comments(text: str, form: str) -> None:
    assert check_query(text, SETTINGS).form == form


def test_an_update_text_is_a_syntax_error_with_its_place() -> None:
    assert refusal("PREFIX a: <http://a/>\n  INSERT DATA { a:b a:c a:d }") == (
        400,
        "Line 2, column 3: expected SELECT, ASK, CONSTRUCT or DESCRIBE, found INSERT. "
        "Updates are not queries, and this endpoint is read-only.",
    )


def test_a_prologue_alone_is_a_syntax_error() -> None:
    assert refusal("PREFIX a: <http://a/>") == (
        400,
        "Line 1, column 22: the query ends before SELECT, ASK, CONSTRUCT or DESCRIBE.",
    )


def test_twenty_thousand_parentheses_are_refused_with_their_place() -> None:
    text = "ASK { FILTER(" + "(" * 20_000 + "1" + ")" * 20_000 + ") }"
    assert refusal(text) == (
        400,
        "Line 1, column 112: brackets are nested more than 100 deep.",
    )


def test_signs_nest_like_brackets() -> None:
    assert refusal("ASK { FILTER(" + "!" * 200 + "true) }")[0] == 400


def test_a_query_of_depth_fifty_passes() -> None:
    check_query("ASK { FILTER(" + "(" * 48 + "1" + ")" * 48 + ") }", SETTINGS)


@pytest.mark.parametrize(
    "text",
    [
        'ASK { ?s ?p "' + "(" * 500 + '" }',
        "ASK { ?s ?p '''" + "{" * 500 + "''' }",
        "ASK { # " + "(" * 500 + "\n }",
        "ASK { ?s <http://a/" + "(" * 500 + "> ?o }",
    ],
)
def test_brackets_in_strings_comments_and_iris_do_not_count(text: str) -> None:
    check_query(text, SETTINGS)


def test_a_long_query_is_refused_by_its_bytes() -> None:
    assert refusal("SELECT * { ?s ?p '" + "字" * 40 + "' }", Settings(max_query_bytes=100)) == (
        413,
        "The query has 141 bytes; this service takes up to 100.",
    )


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { service silent <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { VALUES ?e { <http://127.0.0.1/> } SERVICE ?e { ?s ?p ?o } }",
        "PREFIX e: <http://127.0.0.1/> SELECT * { SERVICE e: { ?s ?p ?o } }",
        "SELECT * { ?s ?p 1SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p trueSERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { \\u0053ERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { SERVICE # <http://ok/>\n <http://127.0.0.1/> { ?s ?p ?o } }",
    ],
)
def test_service_is_refused_in_every_spelling(text: str) -> None:
    assert refusal(text)[0] == 403


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?service { ?service ?p 'SERVICE' }",
        "SELECT * { ?s <http://a/SERVICE> ?o } # SERVICE <http://a/>",
        "PREFIX SERVICE: <http://a/> SELECT * { ?s SERVICE:service 'x'@service }",
    ],
)
def test_the_word_service_elsewhere_is_fine(text: str) -> None:
    check_query(text, SETTINGS)


def test_a_listed_endpoint_is_allowed_and_no_other() -> None:
    settings = Settings(service_allowlist=("http://ok.example/sparql",))
    check_query("SELECT * { SERVICE SILENT <http://ok.example/sparql> { ?s ?p ?o } }", settings)
    assert refusal("SELECT * { SERVICE <http://ok.example/other> {} }", settings)[0] == 403


def test_dataset_clauses_are_read_with_prefix_and_base() -> None:
    query = check_query(
        "BASE <http://b/x/> PREFIX g: <http://g/> SELECT * FROM g:a\\,b FROM NAMED <c> "
        "FROM <http://d/> { ?s ?p 'FROM <http://e/>' }",
        SETTINGS,
    )
    assert query.graphs == ("http://g/a,b", "http://b/x/c", "http://d/")


def test_an_unknown_graph_is_refused_and_told_where_the_list_is() -> None:
    with pytest.raises(HttpProblem) as caught:
        check_dataset(["http://g/"], {"http://h/"}, "http://localhost:8000/sparql")
    assert (caught.value.status, caught.value.detail) == (
        400,
        "<http://g/> is not a graph of this release, and other data is never fetched. "
        "The graphs are listed at http://localhost:8000/sparql (sd:namedGraph).",
    )


def test_the_normal_text_keeps_strings_and_drops_comments() -> None:
    query = check_query("SELECT *  # all\n {  ?s ?p 'a  # b' }\n", SETTINGS)
    assert query.normal == "SELECT * { ?s ?p 'a  # b' }"
    assert check_query("SELECT * { ?s ?p 1.5 }", SETTINGS).normal.endswith("1.5 }")


@pytest.mark.parametrize("call", ["NOW()", "rand()", "UUID()", "STRUUID()", "BNODE()"])
def test_answers_that_change_are_volatile(call: str) -> None:
    assert check_query(f"SELECT ({call} AS ?x) {{}}", SETTINGS).is_volatile
