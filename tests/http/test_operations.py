"""What those who run the service rely on: logs, metrics, reload, and nginx in front of it."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from server.observation import hash_of
from tests.http.attacking import GOOD, GOOD_BINDINGS, TYPE_JSON, NormalClient, answer_of

ROOT = Path(__file__).resolve().parents[2]
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER(?a != ?d) }"
DUMP = "/dumps/072036/kyodo-2/2021/source.ttl"
FIELDS = {
    *("event", "level", "logger", "timestamp", "request_id", "client", "method", "route"),
    *("status", "outcome", "bytes", "release", "query_hash", "query_s", "is_cached"),
    *("answer_bytes", "duration_s"),
}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "stderr"


@pytest.fixture(scope="module")
def server(start: Callable[..., Any], log: Path) -> Any:
    return start(log=log, query_timeout_s="2", result_limit_mib="2", trusted_proxies="1")


class Reply:
    """The parts of an answer."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()


def get(port: int, path: str, source: str = "127.0.0.1", **headers: str) -> Reply:
    connection = http.client.HTTPConnection("127.0.0.1", port, 20, source_address=(source, 0))
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request("GET", path, headers=names)
        return Reply(connection.getresponse())
    finally:
        connection.close()


def asked(query: str) -> str:
    return f"/sparql?query={quote(query)}"


def line_of(log: Path, request_id: str) -> dict[str, Any]:
    """The log line of a request; it is written after the last byte is sent."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        found = [line for line in lines if line.get("request_id") == request_id]
        if found:
            assert len(found) == 1
            return dict(found[0])
        time.sleep(0.05)
    raise AssertionError(f"no line of {request_id}")


@pytest.mark.parametrize(
    ("path", "status", "outcome"),
    [
        (asked("ASK { ?s ?p ?o }"), 200, "ok"),
        (asked("ASK {"), 400, "syntax"),
        (asked(RUNAWAY), 503, "timeout"),
        (asked("SELECT * { ?a ?b ?c . ?d ?e ?f }"), 503, "too-large"),
        (asked("ASK { SERVICE <http://127.0.0.1:9/> {} }"), 403, "refused"),
        ("/nothing", 404, "not-found"),
        (DUMP, 200, "ok"),
    ],
)
def test_each_request_is_one_line_with_its_outcome(
    server: Any, log: Path, path: str, status: int, outcome: str
) -> None:
    reply = get(server.port, path)
    line = line_of(log, reply.headers["X-Request-Id"])
    assert (reply.status, line["status"], line["outcome"]) == (status, status, outcome)
    assert set(line) <= FIELDS
    assert (line["event"], line["level"], line["client"]) == ("request", "info", "127.0.0.1")
    assert re.fullmatch(r"[0-9a-f]{32}", line["request_id"])
    assert line["duration_s"] >= line.get("query_s", 0)


def test_the_text_of_a_query_is_not_logged_but_its_hash(server: Any, log: Path) -> None:
    query = 'ASK { ?s ?p "個人の名前 secret-7" }'
    reply = get(server.port, asked(query))
    line = line_of(log, reply.headers["X-Request-Id"])
    assert line["query_hash"] == hash_of(query)
    assert set(line) == FIELDS
    assert "secret-7" not in log.read_text(encoding="utf-8")


def test_at_debug_the_text_is_logged(start: Callable[..., Any], tmp_path: Path) -> None:
    server = start(log=tmp_path / "stderr", log_level="debug")
    reply = get(server.port, asked("ASK { ?s ?p 7 }"))
    assert line_of(tmp_path / "stderr", reply.headers["X-Request-Id"])["query"] == "ASK { ?s ?p 7 }"


def test_the_numbers_say_what_happened(start: Callable[..., Any]) -> None:
    server = start(query_timeout_s="2")
    assert get(server.port, asked("ASK { ?s ?p ?o }")).status == 200
    assert get(server.port, asked("ASK { ?s ?p ?o }")).status == 200
    assert get(server.port, asked(RUNAWAY)).status == 503
    assert get(server.port, "/nothing/7").status == 404
    reply = get(server.port, "/metrics")
    assert reply.headers["Content-Type"].startswith("text/plain; version=")
    assert reply.headers["Cache-Control"] == "no-store"
    lines = reply.body.decode().splitlines()
    for expected in (
        'sdgplan_requests_total{route="/sparql",status="200"} 2.0',
        'sdgplan_requests_total{route="/sparql",status="503"} 1.0',
        'sdgplan_requests_total{route="none",status="404"} 1.0',
        'sdgplan_query_seconds_count{outcome="ok"} 2.0',
        'sdgplan_query_seconds_count{outcome="timeout"} 1.0',
        'sdgplan_workers_lost_total{reason="timeout"} 1.0',
        'sdgplan_workers_lost_total{reason="crash"} 0.0',
        'sdgplan_cache_total{result="hit"} 1.0',
        'sdgplan_cache_total{result="miss"} 2.0',
        'sdgplan_connections_ended_total{reason="refused"} 0.0',
        "sdgplan_queue_length 0.0",
        "sdgplan_spool_bytes 0.0",
    ):
        assert expected in lines
    assert [line for line in lines if line.startswith("sdgplan_release{")] == [
        'sdgplan_release{release="20261124T101500Z-1a2b3c4d"} 1.0'
    ]


def test_a_reload_fails_no_request(server: Any) -> None:
    front = server.descendants()[0]
    with NormalClient(server.url) as normal:
        server.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 30
        while front in server.descendants() and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(0.5)
    assert front not in server.descendants()
    assert normal.wrong == []
    assert answer_of(server.url, GOOD) == (200, GOOD_BINDINGS)


@pytest.fixture(scope="module")
def nginx(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], int]]:
    """A function that starts nginx with the documented configuration and gives its port."""
    folder = tmp_path_factory.mktemp("nginx")
    started: list[tuple[subprocess.Popen[bytes], int]] = []

    def begin(program: str) -> int:
        if not started:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            (folder / "nginx.conf").write_text(_configuration(folder, port, server.port))
            command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
            started.append((subprocess.Popen(command), port))
            _wait_for(port)
        return started[0][1]

    yield begin
    for process, _ in started:
        process.terminate()
        process.wait(20)


def _configuration(folder: Path, port: int, backend: int) -> str:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    block = text.split("```nginx\n")[1].split("```")[0]
    block = block.replace("listen 80;", f"listen 127.0.0.1:{port};")
    block = block.replace("127.0.0.1:8000;\n    keep", f"127.0.0.1:{backend};\n    keep")
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    return (
        f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{paths}{block}}}\n"
    )


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture
def front(nginx: Callable[[str], int], needs_debian: Callable[[str, str], str]) -> int:
    """The port of nginx."""
    return nginx(needs_debian("nginx", "nginx"))


def test_through_nginx_conditional_requests_work(front: int) -> None:
    for path in (asked("ASK { ?s ?p ?o }"), DUMP):
        first = get(front, path)
        assert first.status == 200
        again = get(front, path, If_None_Match=first.headers["ETag"])
        assert (again.status, again.body) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]


def test_through_nginx_ranges_work(front: int) -> None:
    whole = get(front, DUMP)
    part = get(front, DUMP, Range="bytes=0-4")
    assert (part.status, part.body) == (206, whole.body[:5])
    assert part.headers["Content-Range"] == f"bytes 0-4/{len(whole.body)}"


def test_through_nginx_compression_is_the_servers(front: int, server: Any) -> None:
    path = asked("SELECT * { ?s ?p ?o }")
    plain = get(front, path, Accept=TYPE_JSON)
    packed = get(front, path, Accept=TYPE_JSON, Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert json.loads(gzip.decompress(packed.body)) == json.loads(plain.body)


def test_through_nginx_a_503_keeps_its_reason(front: int) -> None:
    reply = get(front, asked(RUNAWAY))
    assert reply.status == 503
    assert reply.headers["Retry-After"] == "60"
    assert reply.headers["Content-Type"].startswith("application/problem+json")
    assert json.loads(reply.body)["title"] == "Query took too long"


def test_through_nginx_the_visitors_address_counts(front: int, log: Path) -> None:
    reply = get(
        front,
        asked("ASK { ?s ?p 1 }"),
        "127.0.0.2",
        X_Forwarded_For="192.0.2.66",
        X_Forwarded_Prefix="/elsewhere",
        X_Request_Id="forged-by-a-visitor",
    )
    assert reply.status == 200
    line = line_of(log, reply.headers["X-Request-Id"])
    assert line["client"] == "127.0.0.2"
    assert re.fullmatch(r"[0-9a-f]{32}", line["request_id"])
    redirect = get(front, "/id/072036/plan/kyodo-2/2021", X_Forwarded_Prefix="/elsewhere")
    assert "elsewhere" not in redirect.headers["Location"]


def test_through_nginx_the_metrics_are_not_public(front: int) -> None:
    assert get(front, "/metrics").status == 403


def test_an_untrusted_request_id_is_not_taken_over(start: Callable[..., Any]) -> None:
    server = start()
    reply = get(server.port, "/healthz", X_Request_Id="somebody-elses")
    assert re.fullmatch(r"[0-9a-f]{32}", reply.headers["X-Request-Id"])
