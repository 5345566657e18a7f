"""Which graphs a query is answered from (S-13, S-14)."""

from __future__ import annotations

import json
import socket
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.http.asking import DIRECT, ask, labels, problem


def test_the_default_graph_is_the_union(client: FlaskClient, small: SimpleNamespace) -> None:
    """S-14."""
    query = f"ASK {{ <{small.plan}/project/1> a ?t ; <{small.sp}sdgGoal> ?g }}"
    assert json.loads(ask(client, query).data)["boolean"] is True


def test_dataset_parameters_override_from(client: FlaskClient, small: SimpleNamespace) -> None:
    """S-13."""
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


def test_unknown_graphs_are_refused(client: FlaskClient) -> None:
    """S-13."""
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


def dict_of(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    collected: dict[str, list[str]] = {}
    for name, value in pairs:
        collected.setdefault(name, []).append(value)
    return collected


def test_graphs_of_the_request_replace_those_of_the_query(
    client: FlaskClient, small: SimpleNamespace
) -> None:
    """S-13: by GET, by a form, and in the address of a direct POST."""
    source, links = f"{small.plan}/graph/source", f"{small.plan}/graph/links"
    query = f"SELECT (COUNT(*) AS ?l) FROM <{source}> FROM NAMED <{source}> {{ ?s ?p ?o }}"
    pairs = {"default-graph-uri": links, "named-graph-uri": links}
    for answer in (
        ask(client, query, **pairs),
        client.post("/sparql", data={"query": query, **pairs}),
        client.post("/sparql", data=query, content_type=DIRECT, query_string=pairs),
    ):
        assert labels(answer) == ["40"]
    assert labels(ask(client, query)) == ["165"]


def test_a_named_graph_alone_leaves_the_default_graph_empty(
    client: FlaskClient, small: SimpleNamespace
) -> None:
    """S-13."""
    links = f"{small.plan}/graph/links"
    query = "SELECT (COUNT(*) AS ?l) { ?s ?p ?o }"
    assert labels(ask(client, query, **{"named-graph-uri": links})) == ["0"]


def test_a_triple_in_two_graphs_is_one_in_the_default_graph(
    client: FlaskClient, small: SimpleNamespace
) -> None:
    """S-14: the union is a merge; here no triple stands in two graphs."""
    union = labels(ask(client, "SELECT (COUNT(*) AS ?l) { ?s ?p ?o }"))
    named = labels(ask(client, "SELECT (COUNT(*) AS ?l) { GRAPH ?g { ?s ?p ?o } }"))
    assert union == named == ["205"]


HOSTILE = (
    "SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ VALUES ?e {{ <{url}> }} SERVICE ?e {{ ?s ?p ?o }} }}",
    "PREFIX e: <{url}> SELECT * {{ SERVICE e: {{ ?s ?p ?o }} }}",
    "SELECT * {{ \\u0053ERVICE <{url}> {{ ?s ?p ?o }} }}",
    "SELECT * FROM <{url}> {{ ?s ?p ?o }}",
    "SELECT * FROM NAMED <{url}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "BASE <{url}> SELECT * FROM <data.ttl> {{ ?s ?p ?o }}",
    "LOAD <{url}>",
    "ASK {{ GRAPH <{url}> {{ ?s ?p ?o }} }}",
    "DESCRIBE <{url}>",
)


def test_nothing_is_ever_fetched(client: FlaskClient) -> None:
    """S-13: a listener of our own sees no connection for any of a hostile set."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/data"
        statuses = [ask(client, text.format(url=url)).status_code for text in HOSTILE]
        assert statuses == [403] * 5 + [400] * 4 + [200] * 2
        for name in ("default-graph-uri", "named-graph-uri", "using-graph-uri"):
            ask(client, "ASK { ?s ?p ?o }", **{name: url})
        ask(client, "", update=f"LOAD <{url}>")
        listener.settimeout(0.5)
        with pytest.raises(TimeoutError):
            listener.accept()
