"""SERVICE for listed endpoints goes through the relay of the front, and never elsewhere (S-13)."""

from __future__ import annotations

import gzip
import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from kg.settings import ServiceEndpoint, Settings
from server import create_app
from server.application import close_app
from server.nesting import MOST_NESTED, Nesting
from server.outbound import EndpointFailed, address_of, is_public
from tests.http.attacking import GOOD, GOOD_BINDINGS, answer_of

JSON_TYPE = "application/sparql-results+json"
ONE_ROW = json.dumps(
    {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "literal", "value": "一"}}]}}
).encode()


class Peer(ThreadingHTTPServer):
    """Another endpoint on loopback that answers in the way its path names."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls: list[tuple[str, str, bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, Peer)
        self.server.calls.append((self.path, self.headers["User-Agent"], body))
        getattr(self, f"_{self.path.strip('/')}")()

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", JSON_TYPE)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _good(self) -> None:
        self._send(200, ONE_ROW)

    def _redirect(self) -> None:
        assert isinstance(self.server, Peer)
        self._send(307, b"", Location=f"{self.server.url}good")

    def _busy(self) -> None:
        self._send(503, b"later")

    def _silent(self) -> None:
        time.sleep(8)

    def _trickle(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", JSON_TYPE)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        for _ in range(80):
            self.wfile.write(b" ")
            time.sleep(0.1)

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(60):
            self.wfile.write(b"X: y\r\n")
            time.sleep(0.1)

    def _html(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"<html>")

    def _cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", JSON_TYPE)
        self.send_header("Content-Length", str(len(ONE_ROW) + 10))
        self.end_headers()
        self.wfile.write(ONE_ROW)
        self.close_connection = True

    def _large(self) -> None:
        self._send(200, ONE_ROW + b" " * (3 << 20))

    def _nested(self) -> None:
        begin = b'{"type":"triple","value":{"subject":%s,"predicate":%s,"object":'
        iri = b'{"type":"uri","value":"http://a.example/"}'
        term = begin % (iri, iri) * 20_000 + iri + b"}}" * 20_000
        head = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":'
        self._send(200, head + term + b"}]}}")

    def _bomb(self) -> None:
        self._send(200, gzip.compress(ONE_ROW + b" " * (64 << 20)), Content_Encoding="gzip")

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    server = Peer()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def calling(var: Path, peer: Peer) -> Iterator[FlaskClient]:
    """A client of a service that may call every path of the peer, and one forbidden address."""
    names = [name[1:] for name in vars(_Handler) if name.startswith("_") and name[1] != "_"]
    listed = [ServiceEndpoint(f"{peer.url}{name}", allow_private=True) for name in names]
    listed.append(ServiceEndpoint(f"http://localhost:{peer.server_port}/good"))
    settings = Settings(
        query_workers=1,
        query_timeout_s=2,
        result_limit_mib=2,
        rate_limit="",
        service_allowlist=tuple(listed),
    )
    app = create_app(settings, var)
    yield app.test_client()
    close_app(app)


def ask(client: FlaskClient, query: str) -> tuple[int, Any]:
    response = client.get(f"/sparql?query={quote(query)}")
    document = response.get_json(force=True)
    if response.status_code == 200:
        return 200, document["results"]["bindings"]
    return response.status_code, (document["title"], document["detail"])


def test_a_listed_endpoint_is_asked_once_and_its_rows_join_ours(
    calling: FlaskClient, peer: Peer
) -> None:
    peer.calls.clear()
    query = f"SELECT * {{ {{ {GOOD} }} SERVICE <{peer.url}good> {{ ?s ?p ?x }} }}"
    expected = [{**GOOD_BINDINGS[0], "x": {"type": "literal", "value": "一"}}]
    assert ask(calling, query) == (200, expected)
    ((path, agent, body),) = peer.calls
    assert (path, agent.partition("/")[0]) == ("/good", "jp-sdgplan")
    assert b"?s ?p ?x" in body
    assert ask(calling, query) == (200, expected)
    assert len(peer.calls) == 2, "an answer with SERVICE was cached"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("redirect", "redirects to {url}good; redirects are not followed."),
        ("busy", "answered 503 Service Unavailable."),
        ("large", "answers with more than 2 MiB."),
        ("bomb", "answers with more than 2 MiB."),
        ("nested", "answers with brackets nested more than 100 deep."),
    ],
)
def test_what_another_endpoint_does_wrong_is_told_and_nothing_is_sent(
    calling: FlaskClient, peer: Peer, name: str, why: str
) -> None:
    peer.calls.clear()
    status, told = ask(calling, f"SELECT * {{ SERVICE <{peer.url}{name}> {{ ?s ?p ?x }} }}")
    assert (status, told) == (
        502,
        (
            "Other endpoint failed",
            f"<{peer.url}{name}> {why.format(url=peer.url)} No part of the answer was sent. With "
            "SERVICE SILENT the query goes on without what that endpoint would have added.",
        ),
    )
    assert [path for path, _, _ in peer.calls] == [f"/{name}"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_nesting_is_counted_outside_of_strings_and_across_pieces(size: int) -> None:
    def is_too_deep(text: bytes) -> bool:
        nesting = Nesting()
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        return any(nesting.is_too_deep(piece) for piece in pieces)

    strings = rb'["[[[", "\"[", "\\", {"a": "]]]"}, "\\\"{{"],' * 200
    assert not is_too_deep(b"[" * (MOST_NESTED - 2) + strings)
    assert not is_too_deep(b"[{}]" * 300)
    assert is_too_deep(b"[" * (MOST_NESTED - 1) + strings)
    assert is_too_deep(b'{"a":' * (MOST_NESTED + 1))


def test_an_answer_that_is_cut_off_is_no_answer(calling: FlaskClient, peer: Peer) -> None:
    status, (title, detail) = ask(calling, f"SELECT * {{ SERVICE <{peer.url}cut> {{ ?s ?p ?x }} }}")
    assert (status, title) == (502, "Other endpoint failed")
    assert detail.startswith(f"<{peer.url}cut> broke off its answer: ")


def test_an_answer_that_cannot_be_read_is_the_other_endpoints_fault(
    calling: FlaskClient, peer: Peer
) -> None:
    status, (title, detail) = ask(
        calling, f"SELECT * {{ SERVICE <{peer.url}html> {{ ?s ?p ?x }} }}"
    )
    assert (status, title) == (502, "Other endpoint failed")
    assert detail.startswith(f"<{peer.url}html>") or f"The answer of <{peer.url}html>" in detail


def test_a_call_ends_with_its_query_however_slowly_its_answer_comes(
    calling: FlaskClient, peer: Peer
) -> None:
    """A byte now and then keeps every single read within its limit."""
    before = threading.active_count()
    ask(calling, f"SELECT * {{ SERVICE <{peer.url}drip> {{ ?s ?p ?x }} }}")
    assert ask(calling, GOOD) == (200, GOOD_BINDINGS)
    until = time.monotonic() + 8
    while threading.active_count() > before + 1 and time.monotonic() < until:
        time.sleep(0.05)
    assert threading.active_count() <= before + 1


@pytest.mark.parametrize("name", ["silent", "trickle"])
def test_an_endpoint_that_takes_too_long_ends_with_the_time_limit(
    calling: FlaskClient, peer: Peer, name: str
) -> None:
    status, (title, _) = ask(calling, f"SELECT * {{ SERVICE <{peer.url}{name}> {{ ?s ?p ?x }} }}")
    assert (status, title) in [(503, "Query took too long"), (502, "Other endpoint failed")]
    assert ask(calling, GOOD) == (200, GOOD_BINDINGS)


def test_silent_goes_on_without_the_endpoint(calling: FlaskClient, peer: Peer) -> None:
    query = f"SELECT ?l {{ {{ {GOOD} }} SERVICE SILENT <{peer.url}busy> {{ ?s ?p ?x }} }}"
    assert ask(calling, query) == (200, GOOD_BINDINGS)


def test_a_name_that_stands_for_a_private_address_is_not_called(
    calling: FlaskClient, peer: Peer
) -> None:
    peer.calls.clear()
    url = f"http://localhost:{peer.server_port}/good"
    status, (_, detail) = ask(calling, f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?x }} }}")
    assert status == 502
    assert detail.startswith(f"<{url}> stands for ")
    assert ", which is not a public address. " in detail
    assert peer.calls == []


def test_no_other_url_is_called_and_the_listed_ones_are_named(
    calling: FlaskClient, peer: Peer
) -> None:
    peer.calls.clear()
    for url in (f"{peer.url}good?x", f"{peer.url}other", f"{peer.url}good/"):
        status, (_, detail) = ask(calling, f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?x }} }}")
        assert status == 403
        assert f"except <{peer.url}send>, <{peer.url}good>" in detail
    assert peer.calls == []


def test_a_syntax_error_is_told_by_its_place_in_the_query_that_was_sent(
    calling: FlaskClient, peer: Peer
) -> None:
    query = f"SELECT * {{ SERVICE <{peer.url}good> {{ ?s ?p ?x }} ) }}"
    column = len(query) + 1  # where the engine sees it; the relay's address is longer
    status, (_, detail) = ask(calling, query)
    assert (status, detail) == (400, f"Line 1, column {column}: the query ends here.")


def test_the_workers_have_no_network_beside_the_relay(calling: FlaskClient) -> None:
    alone = shutil.which("unshare")
    if not alone or subprocess.run([alone, "--map-root-user", "--net", "true"]).returncode:
        pytest.skip("this system allows no network namespaces")
    assert ask(calling, GOOD) == (200, GOOD_BINDINGS)
    engine = calling.application.extensions["sdgplan"]["context"].engine
    spaces = [Path(f"/proc/{pid}/ns/net").readlink() for pid in engine.worker_pids()]
    assert len(spaces) >= 2  # the quick one may be starting
    assert Path("/proc/self/ns/net").readlink() not in spaces


def test_two_servers_answer_one_query_together(start: Callable[..., Any]) -> None:
    there = start()
    here = start(service_allowlist=f"{there.url}sparql allow_private")
    query = (
        "SELECT ?l (COUNT(*) AS ?n) { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?l "
        f"SERVICE <{there.url}sparql> {{ ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?l }} "
        "FILTER(STRSTARTS(?l, '事業4')) } GROUP BY ?l ORDER BY ?l"
    )
    status, rows = answer_of(here.url, query)
    assert status == 200
    assert [(row["l"]["value"], row["n"]["value"]) for row in rows] == [
        ("事業4", "1"),
        ("事業40", "1"),
    ]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "255.255.255.255", "224.0.0.1", "192.0.2.1", "::1", "::", "fe80::1%eth0",
     "fd00::1", "::ffff:127.0.0.1", "::127.0.0.1",
     "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "ff02::1"],
)  # fmt: skip
def test_an_address_that_is_not_of_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_an_address_of_the_public_internet(address: str) -> None:
    assert is_public(address)


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("8.8.8.8", "::1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    endpoint = ServiceEndpoint("https://data.example/sparql")
    with pytest.raises(EndpointFailed, match=r"stands for ::1, which is not a public address"):
        address_of(endpoint)
    assert address_of(ServiceEndpoint(endpoint.url, allow_private=True)) == ("8.8.8.8", 443)
