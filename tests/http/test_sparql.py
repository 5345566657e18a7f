"""The SPARQL 1.1 Protocol over the test client."""

from __future__ import annotations

import csv
import gzip
import io
import json
from types import SimpleNamespace
from urllib.parse import quote

import brotli
import pytest
from flask.testing import FlaskClient
from rdflib import Dataset, Graph
from werkzeug.test import TestResponse

LABELS = "SELECT ?l { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?l } ORDER BY ?l LIMIT 2"
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
JSON = "application/sparql-results+json; charset=utf-8"


def ask(client: FlaskClient, query: str, accept: str | None = None, **more: str) -> TestResponse:
    headers = {} if accept is None else {"Accept": accept}
    return client.get("/sparql", query_string={"query": query, **more}, headers=headers)


def labels(response: TestResponse) -> list[str]:
    document = json.loads(response.data)
    return [row["l"]["value"] for row in document["results"]["bindings"]]


def problem(response: TestResponse) -> tuple[int, str, str]:
    assert response.content_type == "application/problem+json; charset=utf-8"
    document = json.loads(response.data)
    assert list(document) == ["type", "title", "status", "detail"]
    assert document["status"] == response.status_code
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    return document["status"], document["title"], document["detail"]


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
def test_a_query_by_get_and_both_posts_at_both_paths(client: FlaskClient, path: str) -> None:
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


@pytest.mark.parametrize(
    ("accept", "content_type", "start"),
    [
        (None, JSON, b'{"head":{"vars":["l"]}'),
        ("application/sparql-results+xml", "application/sparql-results+xml; charset=utf-8", b"<?x"),
        ("text/csv", "text/csv; charset=utf-8", "l\r\n事業1\r\n".encode()),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8", b"?l\n"),
    ],
)
def test_solutions_in_each_format(
    client: FlaskClient, accept: str | None, content_type: str, start: bytes
) -> None:
    answer = ask(client, LABELS, accept)
    assert (answer.status_code, answer.content_type) == (200, content_type)
    assert answer.data.startswith(start)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("json", b'{"head":{},"boolean":true}'),
        ("csv", b"true"),
        ("tsv", b"true"),
        ("xml", b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#">'
                b"<head></head><boolean>true</boolean></sparql>"),
    ],
)  # fmt: skip
def test_a_boolean_in_each_format(client: FlaskClient, name: str, body: bytes) -> None:
    assert ask(client, "ASK { ?s ?p ?o }", format=name).data == body


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # rdflib's own parsers
@pytest.mark.parametrize(
    ("name", "content_type", "parser"),
    [
        ("turtle", "text/turtle; charset=utf-8", "turtle"),
        ("nt", "application/n-triples; charset=utf-8", "nt"),
        ("rdf", "application/rdf+xml; charset=utf-8", "xml"),
        ("jsonld", "application/ld+json; charset=utf-8", "json-ld"),
        ("trig", "application/trig; charset=utf-8", "trig"),
        ("nquads", "application/n-quads; charset=utf-8", "nquads"),
    ],
)
def test_triples_in_each_format(
    client: FlaskClient, name: str, content_type: str, parser: str
) -> None:
    query = "CONSTRUCT WHERE { ?s a <https://w3id.org/jp-sdgplan/ns#Project> }"
    answer = ask(client, query, format=name)
    assert (answer.status_code, answer.content_type) == (200, content_type)
    into = Dataset(default_union=True) if parser in ("trig", "nquads") else Graph()
    into.parse(data=answer.data, format=parser)
    assert len(into) == 40


def test_describe_gives_turtle(client: FlaskClient, small: SimpleNamespace) -> None:
    answer = ask(client, f"DESCRIBE <{small.plan}/project/1>")
    assert answer.content_type == "text/turtle; charset=utf-8"
    assert len(Graph().parse(data=answer.data, format="turtle")) == 5


def test_a_known_format_beats_accept_and_an_unknown_one_does_not(client: FlaskClient) -> None:
    assert ask(client, LABELS, "text/html,*/*;q=0.8", format="csv").mimetype == "text/csv"
    assert ask(client, LABELS, "text/csv", output="pdf").mimetype == "text/csv"
    assert ask(client, LABELS, results="tsv").mimetype == "text/tab-separated-values"


def test_nothing_acceptable_lists_the_types(client: FlaskClient) -> None:
    assert problem(ask(client, LABELS, "image/png")) == (
        406,
        "No acceptable format",
        "Accept: image/png. Ask for application/sparql-results+json, "
        "application/sparql-results+xml, text/csv or text/tab-separated-values.",
    )


def test_variables_are_listed_without_solutions(client: FlaskClient) -> None:
    assert ask(client, "SELECT ?a ?b { ?a <http://none/> ?b }").data == (
        b'{"head":{"vars":["a","b"]},"results":{"bindings":[]}}'
    )


def test_csv_has_a_byte_order_mark_only_for_excel(client: FlaskClient) -> None:
    plain = ask(client, LABELS, format="csv").data
    assert not plain.startswith(b"\xef\xbb\xbf")
    assert ask(client, LABELS, format="excel-csv").data == b"\xef\xbb\xbf" + plain
    assert ask(client, LABELS, format="csv", bom="1").data == b"\xef\xbb\xbf" + plain
    assert [*csv.reader(io.StringIO(plain.decode()))] == [["l"], ["事業1"], ["事業10"]]


def test_download_names_a_file(client: FlaskClient) -> None:
    assert "Content-Disposition" not in ask(client, LABELS).headers
    assert ask(client, LABELS, format="csv", download="1").headers["Content-Disposition"] == (
        "attachment; filename=\"result.csv\"; filename*=UTF-8''result.csv"
    )


def test_a_syntax_error_tells_its_place(client: FlaskClient) -> None:
    status, title, detail = problem(ask(client, "SELECT * {\n ?s ?p }"))
    assert (status, title) == (400, "Syntax error")
    assert detail == "Line 2, column 9: the query ends here."
    assert problem(ask(client, "SELECT * { ?s foo:a ?o }"))[2] == (
        "Line 1, column 20: the prefix before this is not declared with PREFIX."
    )


def test_requests_that_are_no_query(client: FlaskClient) -> None:
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
    answer = client.post("/sparql", data=b"query=ASK%7B%7D", content_type=content_type)
    assert problem(answer)[:2] == (415, "Unsupported media type")
    assert answer.headers["Accept-Post"] == f"{DIRECT}, {FORM}"


def test_updates_are_refused(client: FlaskClient) -> None:
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
    answer = client.put("/sparql")
    assert problem(answer)[:2] == (405, "Method Not Allowed")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_errors_as_text_where_text_is_asked_for(client: FlaskClient) -> None:
    answer = ask(client, "", "text/plain")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text.startswith("400 Empty query\n\n")


def test_the_default_graph_is_the_union(client: FlaskClient, small: SimpleNamespace) -> None:
    query = f"ASK {{ <{small.plan}/project/1> a ?t ; <{small.sp}sdgGoal> ?g }}"
    assert json.loads(ask(client, query).data)["boolean"] is True


def test_dataset_parameters_override_from(client: FlaskClient, small: SimpleNamespace) -> None:
    source, links = f"{small.plan}/graph/source", f"{small.plan}/graph/links"
    query = f"SELECT (COUNT(*) AS ?n) FROM <{source}> {{ ?s ?p ?o }}"

    def count(text: str, *graphs: str) -> str:
        arguments = [("query", text), *(("default-graph-uri", graph) for graph in graphs)]
        answer = client.get("/sparql", query_string=dict_of(arguments))
        return str(json.loads(answer.data)["results"]["bindings"][0]["n"]["value"])

    assert count(query) == "165"
    assert count(query, links) == "40"
    assert count(query, links, source) == "205"
    named = client.get(
        "/sparql",
        query_string={"query": "SELECT ?g { GRAPH ?g {} }", "named-graph-uri": links},
    )
    assert named.data == (
        b'{"head":{"vars":["g"]},"results":{"bindings":[{"g":{"type":"uri","value":"'
        + links.encode() + b'"}}]}}'
    )  # fmt: skip


def dict_of(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    collected: dict[str, list[str]] = {}
    for name, value in pairs:
        collected.setdefault(name, []).append(value)
    return collected


def test_unknown_graphs_are_refused(client: FlaskClient) -> None:
    detail = (
        "<http://127.0.0.1/g> is not a graph of this release, and other data is never fetched. "
        "The graphs are listed at http://localhost:8000/sparql (sd:namedGraph)."
    )
    for answer in (
        ask(client, "ASK FROM <http://127.0.0.1/g> {}"),
        ask(client, "ASK FROM NAMED <http://127.0.0.1/g> {}"),
        ask(client, "ASK {}", **{"default-graph-uri": "http://127.0.0.1/g"}),
    ):
        assert problem(answer) == (400, "Unknown graph", detail)


def test_head_has_the_headers_of_get(client: FlaskClient) -> None:
    for url in (f"/sparql?query={quote(LABELS)}", "/sparql"):
        got, head = client.get(url), client.head(url)
        assert (head.status_code, head.data) == (200, b"")
        for name in ("Content-Type", "Content-Length", "ETag", "Vary", "Cache-Control"):
            assert head.headers[name] == got.headers[name]


def test_options_is_a_preflight(client: FlaskClient) -> None:
    answer = client.options("/sparql", headers={"Origin": "http://elsewhere.example"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS, POST"
    assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type, Accept, Authorization"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_an_answer_is_cacheable_and_answered_304(client: FlaskClient) -> None:
    answer = ask(client, LABELS)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"
    tag = answer.headers["ETag"]
    again = client.get(
        "/sparql", query_string={"query": LABELS + "  # same"}, headers={"If-None-Match": tag}
    )
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert ask(client, LABELS, "text/csv").headers["ETag"] != tag
    posted = client.post("/sparql", data={"query": LABELS})
    assert posted.headers["Cache-Control"] == "no-store"
    volatile = ask(client, "SELECT (UUID() AS ?u) {}")
    assert volatile.headers["Cache-Control"] == "no-store"
    assert volatile.data != ask(client, "SELECT (UUID() AS ?u) {}").data


@pytest.mark.parametrize(
    ("coding", "expand"), [("gzip", gzip.decompress), ("br", brotli.decompress)]
)
def test_answers_are_compressed_on_request(
    client: FlaskClient, coding: str, expand: object
) -> None:
    query = "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"
    plain = ask(client, query)
    assert "Content-Encoding" not in plain.headers
    packed = client.get(
        "/sparql", query_string={"query": query}, headers={"Accept-Encoding": coding}
    )
    assert packed.headers["Content-Encoding"] == coding
    assert packed.headers["Content-Length"] == str(len(packed.data))
    assert callable(expand)
    assert expand(packed.data) == plain.data


def test_a_large_answer_is_complete_in_every_coding(client: FlaskClient) -> None:
    query = "SELECT ?a ?b { ?a a ?t . ?b a ?t . { SELECT ?z { ?z ?y ?x } LIMIT 5 } }"
    plain = ask(client, query)
    assert plain.headers["Content-Length"] == str(len(plain.data))
    assert len(json.loads(plain.data)["results"]["bindings"]) == 8015
    packed = client.get(
        "/sparql", query_string={"query": query}, headers={"Accept-Encoding": "gzip"}
    )
    assert "Content-Length" not in packed.headers
    assert json.loads(gzip.decompress(packed.data)) == json.loads(plain.data)


def test_a_body_too_large_is_refused(client: FlaskClient) -> None:
    answer = client.post("/sparql", data=b"x" * 400_000, content_type=DIRECT)
    assert answer.status_code == 413
    answer = client.post("/sparql", data=b"ASK {" + b" " * 120_000 + b"}", content_type=DIRECT)
    assert problem(answer)[:2] == (413, "Query too long")
