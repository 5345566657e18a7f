"""The SPARQL 1.1 Protocol: requests, and the status of each (S-01, S-03 to S-06)."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient

from tests.http.asking import DIRECT, FORM, JSON, LABELS, ask, labels, problem


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
def test_a_query_by_get_and_both_posts_at_both_paths(client: FlaskClient, path: str) -> None:
    """S-01."""
    expected = ["事業1", "事業10"]
    answers = [
        client.get(path, query_string={"query": LABELS}),
        client.post(path, data={"query": LABELS}),
        client.post(path, data=LABELS, content_type=DIRECT),
        client.post(path, data=LABELS, content_type=f"{DIRECT}; charset=UTF-8"),
        client.post(path, query_string={"query": LABELS}),
    ]
    for answer in answers:
        assert (answer.status_code, answer.content_type) == (200, JSON)
        assert labels(answer) == expected


def test_a_known_format_beats_accept_and_an_unknown_one_does_not(client: FlaskClient) -> None:
    """S-05."""
    assert ask(client, LABELS, "text/html,*/*;q=0.8", format="csv").mimetype == "text/csv"
    assert ask(client, LABELS, "text/csv", output="pdf").mimetype == "text/csv"
    assert ask(client, LABELS, results="tsv").mimetype == "text/tab-separated-values"


def test_nothing_acceptable_lists_the_types(client: FlaskClient) -> None:
    """S-03, S-08."""
    assert problem(ask(client, LABELS, "image/png")) == (
        406,
        "No acceptable format",
        "Accept: image/png. Ask for application/sparql-results+json, "
        "application/sparql-results+xml, text/csv or text/tab-separated-values.",
    )


def test_a_syntax_error_tells_its_place(client: FlaskClient) -> None:
    """S-03."""
    status, title, detail = problem(ask(client, "SELECT * {\n ?s ?p }"))
    assert (status, title) == (400, "Syntax error")
    assert detail == "Line 2, column 9: the query ends here."
    assert problem(ask(client, "SELECT * { ?s foo:a ?o }"))[2] == (
        "Line 1, column 20: the prefix before this is not declared with PREFIX."
    )


def test_requests_that_are_no_query(client: FlaskClient) -> None:
    """S-03."""
    two = client.get("/sparql?query=ASK{}&query=ASK{}")
    assert problem(two) == (400, "Several queries", "2 queries were sent; expected one.")
    assert problem(client.get("/sparql?query="))[:2] == (400, "Empty query")
    assert problem(client.post("/sparql"))[:2] == (400, "No query")
    assert problem(client.get("/sparql?query=ASK{}&timeout=soon")) == (
        400,
        "Bad timeout",
        'timeout is "soon"; expected seconds, such as 10.',
    )
    assert problem(client.get("/sparql?query=%FF"))[:2] == (400, "Not UTF-8")


@pytest.mark.parametrize(
    "content_type", ["text/plain", None, f"{DIRECT}; charset=UTF-16", f"{FORM}; charset=Shift_JIS"]
)
def test_other_bodies_are_unsupported(client: FlaskClient, content_type: str | None) -> None:
    """S-03."""
    answer = client.post("/sparql", data=b"query=ASK%7B%7D", content_type=content_type)
    assert problem(answer)[:2] == (415, "Unsupported media type")
    assert answer.headers["Accept-Post"] == f"{DIRECT}, {FORM}"


def test_updates_are_refused(client: FlaskClient) -> None:
    """S-04."""
    update = "INSERT DATA { <a:a> <a:a> <a:a> }"
    for answer in (
        client.post("/sparql", data={"update": update}),
        client.post("/sparql", data=update, content_type="application/sparql-update"),
        client.get("/sparql", query_string={"update": update}),
    ):
        assert problem(answer)[:2] == (403, "Read-only")
    both = client.post("/sparql", data={"update": update, "query": "ASK {}"})
    assert problem(both)[:2] == (400, "Query and update")
    assert problem(ask(client, update))[:2] == (400, "Syntax error")


def test_other_methods_are_not_allowed(client: FlaskClient) -> None:
    """S-03."""
    answer = client.put("/sparql")
    assert problem(answer)[:2] == (405, "Method Not Allowed")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_errors_as_text_where_text_is_asked_for(client: FlaskClient) -> None:
    """S-03."""
    answer = ask(client, "", "text/plain")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text.startswith("400 Empty query\n\n")


def test_a_body_too_large_is_refused(client: FlaskClient) -> None:
    """S-03."""
    answer = client.post("/sparql", data=b"x" * 400_000, content_type=DIRECT)
    assert answer.status_code == 413
    answer = client.post("/sparql", data=b"ASK {" + b" " * 120_000 + b"}", content_type=DIRECT)
    assert problem(answer)[:2] == (413, "Query too long")


def test_a_form_may_hold_characters_as_they_are(client: FlaskClient) -> None:
    """S-01, S-21: `curl -d 'query=…'` percent-encodes nothing."""
    body = "query=SELECT ('郡山市' AS ?l) {}".encode()
    assert labels(client.post("/sparql", data=body, content_type=FORM)) == ["郡山市"]
    shift_jis = "query=SELECT ('郡山市' AS ?l) {}".encode("shift_jis")
    answer = client.post("/sparql", data=shift_jis, content_type=FORM)
    assert problem(answer) == (
        400,
        "Not UTF-8",
        "The body is not UTF-8; percent-encode UTF-8.",
    )


def test_other_parameters_are_ignored(client: FlaskClient) -> None:
    """S-05."""
    answer = ask(client, LABELS, debug="on", **{"should-sponge": "soft", "callback": "f"})
    assert (answer.status_code, answer.content_type) == (200, JSON)


@pytest.mark.parametrize("parameter", ["format", "output", "results"])
@pytest.mark.parametrize(
    ("value", "solutions", "triples"),
    [
        ("json", "application/sparql-results+json", "application/ld+json"),
        ("xml", "application/sparql-results+xml", "application/rdf+xml"),
        ("csv", "text/csv", None),
        ("tsv", "text/tab-separated-values", None),
        ("turtle", None, "text/turtle"),
        ("ttl", None, "text/turtle"),
        ("n3", None, "text/turtle"),
        ("rdf+xml", None, "application/rdf+xml"),
        ("rdf", None, "application/rdf+xml"),
        ("nt", None, "application/n-triples"),
        ("ntriples", None, "application/n-triples"),
        ("json-ld", None, "application/ld+json"),
        ("jsonld", None, "application/ld+json"),
        ("html", None, None),
        ("pdf", None, None),
        ("text/csv", "text/csv", None),
        ("image/png,text/csv;q=0.5", "text/csv", None),
        ("application/sparql-results+xml", "application/sparql-results+xml", None),
        ("application/rdf+xml", "application/sparql-results+xml", "application/rdf+xml"),
    ],
)
def test_a_format_named_in_the_address(
    client: FlaskClient, parameter: str, value: str, solutions: str | None, triples: str | None
) -> None:
    """S-05: a name that the kind of answer does not have falls through to Accept."""
    accept = "application/sparql-results+xml;q=0.9, application/n-triples"
    for query, expected, otherwise in (
        (LABELS, solutions, "application/sparql-results+xml"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", triples, "application/n-triples"),
    ):
        answer = ask(client, query, accept, **{parameter: value})
        assert (answer.status_code, answer.mimetype) == (200, expected or otherwise)


def test_repeated_formats_as_sparqlwrapper_sends_them(client: FlaskClient) -> None:
    """S-05, S-08: the three names, each again with the list of media types."""
    types = "text/tab-separated-values"
    names = ("format", "output", "results")
    pairs = [("query", LABELS), *((n, v) for n in names for v in ("tsv", types))]
    answer = client.get("/sparql", query_string=urlencode(pairs))
    assert (answer.status_code, answer.mimetype) == (200, types)


def test_a_time_limit_may_be_lowered_and_never_raised(client: FlaskClient) -> None:
    """S-06, S-03: seconds; the limit of the service is 5 here."""
    runaway = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?p }"
    for timeout, stopped, longest_s in (("0.3", "0.3", 3), ("1000", "5", 9)):
        began = time.monotonic()
        answer = ask(client, runaway, timeout=timeout)
        assert problem(answer)[:2] == (503, "Query took too long")
        assert f"after {stopped} seconds" in answer.text
        assert answer.headers["Retry-After"] == "60"
        assert time.monotonic() - began < longest_s
    for bad in ("0", "-1", "soon", "inf", "nan"):
        assert problem(ask(client, "ASK {}", timeout=bad))[:2] == (400, "Bad timeout")


def test_an_address_too_long_is_414(start: Callable[..., Any]) -> None:
    """S-03: the line may have 8,190 bytes; longer queries go by POST."""
    server = start()
    query = "ASK { } #" + "x" * 9000
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{server.url}sparql?query={quote(query)}", timeout=10)
    assert refused.value.code == 414
    assert refused.value.headers["Access-Control-Allow-Origin"] == "*"
    text = refused.value.read().decode()
    assert text == (
        "414 URI Too Long\n\nThe request line is too long; send long queries by POST.\n"
    )
    data = urlencode({"query": query}).encode()
    with urllib.request.urlopen(f"{server.url}sparql", data, timeout=10) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"NOT A REQUEST\r\n\r\n", "400 Bad Request"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 9000 + b"\r\n\r\n",
         "431 Request Header Fields Too Large"),
        (b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
         b"Transfer-Encoding: chunked\r\n\r\nzz\r\nASK {}\r\n0\r\n\r\n", "400 BAD REQUEST"),
    ],
    ids=["no-request", "headers", "chunks"],
)  # fmt: skip
def test_a_request_that_cannot_be_read_is_told_so(
    start: Callable[..., Any], head: bytes, status: str
) -> None:
    """S-03: never a stack trace or HTML, and readable across origins."""
    with socket.create_connection(("127.0.0.1", start().port), timeout=10) as connection:
        connection.sendall(head)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(4096), b"")).decode()
    assert answer.startswith(f"HTTP/1.1 {status}\r\n")
    assert "Access-Control-Allow-Origin: *\r\n" in answer
    assert "html" not in answer
