"""Answers on their way around the application are those that go through it."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from server.tally import Tally
from server.timed_socket import Limits, TimedSocket
from tests.http.asking import DIRECT, LABELS

ALL = "SELECT * { ?s ?p ?o }"


@pytest.mark.parametrize("coding", [None, "gzip", "br;q=0, identity"])
@pytest.mark.parametrize(
    "more", [{}, {"format": "csv"}, {"format": "excel-csv"}, {"download": "1", "bom": "1"}]
)
def test_both_ways_give_the_same_response(
    client: FlaskClient, more: dict[str, str], coding: str | None
) -> None:
    for query in (LABELS, ALL, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 40"):
        asked = {"query": query, **more}
        headers = {} if coding is None else {"Accept-Encoding": coding}
        # a condition that changes nothing leads through the application
        through = client.get("/sparql", query_string=asked, headers={**headers, "If-Match": "*"})
        around = client.get("/sparql", query_string=asked, headers=headers)
        assert around.status == through.status == "200 OK"
        assert around.data == through.data
        assert _described(around) == _described(through)


def _described(response: Any) -> list[tuple[str, str]]:
    own = ("X-Request-Id", "Date")  # every response's own; the date is the server's business
    return sorted((n, v) for n, v in response.headers.items() if n not in own)


def test_a_post_is_answered_like_a_get(client: FlaskClient) -> None:
    got = client.get("/sparql", query_string={"query": LABELS})
    posted = client.post("/sparql/", data=LABELS, content_type=DIRECT)
    assert posted.data == got.data
    assert set(dict(got.headers)) - set(dict(posted.headers)) == {"Content-Location"}


def test_what_fails_before_the_application_is_worded_by_it(client: FlaskClient) -> None:
    refused = client.get("/sparql?query=SELEC", headers={"Accept": "application/json"})
    assert json.loads(refused.data)["title"] == "Syntax error"
    too_long = client.post("/sparql", data=b"x" * 2_000_000, content_type=DIRECT)
    assert (too_long.status_code, json.loads(too_long.data)["title"]) == (
        413,
        "Request Entity Too Large",
    )


def test_a_fault_before_the_application_is_a_500(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise LookupError("of ours")

    monkeypatch.setattr("server.sparql.check_query", fail)
    answer = client.get("/sparql", query_string={"query": LABELS})
    assert (answer.status_code, json.loads(answer.data)["title"]) == (500, "Internal error")
    assert "LookupError: of ours" in caplog.text


def test_a_large_answer_is_sent_by_the_kernel_and_whole(start: Callable[..., Any]) -> None:
    server = start()
    query = quote("SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 9000")
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        received = b""
        for _ in range(2):  # the connection goes on after it
            asked = f"GET /sparql?query={query} HTTP/1.1\r\nHost: x\r\n\r\n"
            connection.sendall(asked.encode())
            received = b""
            while b"\r\n\r\n" not in received:
                received += connection.recv(1 << 16)
            head, _, body = received.partition(b"\r\n\r\n")
            size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            while len(body) < size:
                body += connection.recv(1 << 16)
            assert len(body) == size > 1 << 20
            assert len(json.loads(body)["results"]["bindings"]) == 9000


def test_a_held_head_goes_out_with_what_follows() -> None:
    ours, theirs = socket.socketpair()
    with TimedSocket(ours, Limits(5, 5, 1), Tally()) as timed, theirs:
        theirs.settimeout(5)
        timed.hold()
        timed.sendall(b"head ")
        timed.sendall(b"body")
        assert theirs.recv(100) == b"head body"
        timed.hold()
        timed.sendall(b"head ")
        timed.sendall(bytes(100_000))
        received = b""
        while len(received) < 100_005:
            received += theirs.recv(1 << 16)
        assert received == b"head " + bytes(100_000)
        timed.hold()
        timed.sendall(b"of an answer that failed")
        timed.expect_request()
        timed.sendall(b"next")
        assert theirs.recv(100) == b"next"
