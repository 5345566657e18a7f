"""Clients that mean harm: slow to send, slow to read, half gone, too many; and a full disk."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from server import timed_socket
from server.tally import Tally
from server.timed_socket import Limits, TimedSocket
from tests.http.attacking import GOOD, GOOD_BINDINGS, NormalClient, answer_of

REQUEST_S, RESPONSE_S = 4, 5
SLOW = 200
NOISE_S = 10
BIG_BYTES = 24 << 20
LARGE = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 30000"
"""Some 14 MB as JSON."""


pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, small: SimpleNamespace, start: Callable[..., Any]
) -> Any:
    var = tmp_path_factory.mktemp("big")
    release = small.build(var)
    (release.path / "dumps" / "big.nq").write_bytes(b"#\n" * (BIG_BYTES // 2))
    return start(
        var=var,
        query_workers="2",
        request_deadline_s=str(REQUEST_S),
        response_deadline_s=str(RESPONSE_S),
    )


def connected(server: Any, sent: bytes = b"") -> socket.socket:
    """A connection that takes little at a time."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(30)
    client.connect(("127.0.0.1", server.port))
    client.sendall(sent)
    return client


def rest_of(client: socket.socket) -> bytes:
    """Everything up to the end, or to the reset."""
    received = bytearray()
    with client:
        try:
            while data := client.recv(1 << 16):
                received += data
        except ConnectionError:
            pass
    return bytes(received)


def get(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def front_of(server: Any) -> int:
    return int(server.descendants()[0])


def files_of(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def ended(server: Any, reason: str) -> int:
    """How many connections the server has refused or given up for a reason."""
    return counted(server, "connections_ended", "reason", reason)


def counted(server: Any, name: str, label: str, value: str) -> int:
    """A number of the server's metrics."""
    with urllib.request.urlopen(f"{server.url}metrics", timeout=20) as response:
        text = response.read().decode()
    found = re.search(rf'^sdgplan_{name}_total{{{label}="{value}"}} (\d+)', text, re.MULTILINE)
    assert found, text
    return int(found[1])


def until(is_so: Callable[[], bool], limit_s: float = 30) -> bool:
    """Whether it became so in time."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.1)
    return is_so()


def test_slow_writers_and_slow_readers_hold_up_nobody(server: Any) -> None:
    answer_of(server.url, GOOD)
    front = front_of(server)
    assert until(lambda: files_of(front) < 60)
    files = files_of(front)
    large = f"/sparql?query={quote(LARGE)}"
    half_body = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    with NormalClient(server.url) as normal:
        began = time.monotonic()
        writers = [connected(server, b"GET /sparql HT") for _ in range(SLOW // 2)]
        writers += [
            connected(server, half_body + b"Content-Length: 50\r\n\r\nASK")
            for _ in range(SLOW // 2)
        ]
        readers = [connected(server, get(large)) for _ in range(10)]
        readers += [connected(server, get("/dumps/big.nq")) for _ in range(SLOW - 10)]
        for _ in range(2):  # a byte now and then does not help
            time.sleep(1)
            for client in writers:
                client.sendall(b"T")
        told = [rest_of(client) for client in writers]
        waited_s = time.monotonic() - began
        assert until(lambda: ended(server, "slow-response") == SLOW)
        taken = [rest_of(client) for client in readers]
    assert {text.split(b"\r\n")[0] for text in told} == {b"HTTP/1.1 408 Request Timeout"}
    assert waited_s < REQUEST_S + NOISE_S
    for text in taken:
        head, _, body = text.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        assert length is None or len(body) < int(length[1])  # never taken for complete
    assert normal.wrong == []
    assert normal.served > 0
    assert ended(server, "slow-request") == SLOW
    assert ended(server, "refused") == 0
    assert until(lambda: files_of(front) <= files)


def test_half_closed_clients_get_their_answer(server: Any) -> None:
    clients = [
        connected(server, get(f"/sparql?query={quote('ASK {}')}", "Connection: close"))
        for _ in range(50)
    ]
    for client in clients:
        client.shutdown(socket.SHUT_WR)
    assert {rest_of(client).split(b"\r\n")[0] for client in clients} == {b"HTTP/1.1 200 OK"}
    silent = connected(server)
    silent.shutdown(socket.SHUT_WR)
    assert rest_of(silent) == b""


def test_a_query_ends_with_the_client_that_asked_it(start: Callable[..., Any]) -> None:
    server = start(query_timeout_s="60", query_workers="1")
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER(?a != ?d) }"
    for number in range(6):  # running, tried and waiting
        connected(server, get(f"/sparql?query={quote(query)}%23{number}")).close()
    assert until(lambda: counted(server, "workers_lost", "reason", "left") >= 1)
    assert until(lambda: answer_of(server.url, GOOD) == (200, GOOD_BINDINGS))


def test_a_client_that_sends_no_more_is_told_that_its_query_goes_on(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    with TimedSocket(pair[0], Limits(5, 5, 1), Tally()) as timed:
        assert not timed.has_left()
        pair[1].shutdown(socket.SHUT_WR)
        assert not timed.has_left()
        assert pair[1].recv(100) == b"HTTP/1.1 102 Processing\r\n\r\n"
        timed.sendall(b"the answer")
        assert pair[1].recv(100) == b"the answer"
        pair[1].close()
        assert until(timed.has_left)


def test_clients_that_never_close_stop_nobody(server: Any) -> None:
    clients = [connected(server, get("/nothing", "Connection: close")) for _ in range(100)]
    with NormalClient(server.url) as normal:
        time.sleep(2)
    assert normal.wrong == []
    assert normal.served > 10
    assert {rest_of(client).split(b"\r\n")[0] for client in clients} == {b"HTTP/1.1 404 NOT FOUND"}


def test_clients_beyond_what_fits_are_told_to_come_back(start: Callable[..., Any]) -> None:
    server = start(threads="8", request_deadline_s="3")
    told = [rest_of(client) for client in [connected(server, b"GET") for _ in range(20)]]
    heads = [text.split(b"\r\n") for text in told]
    refused = [head for head in heads if head[0] == b"HTTP/1.1 503 Service Unavailable"]
    assert len(refused) >= 12
    assert all(b"Retry-After: 5" in head for head in refused)
    slow = [head for head in heads if head[0] == b"HTTP/1.1 408 Request Timeout"]
    assert len(slow) == 20 - len(refused)
    assert until(lambda: answer_of(server.url, GOOD) == (200, GOOD_BINDINGS))


def test_a_full_disk_is_said_and_leaves_nothing(start: Callable[..., Any], tmp_path: Path) -> None:
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    mount = 'mount -t tmpfs -o size=4m none "$TMPDIR" && exec "$@"'
    prefix = ["unshare", "--mount", *as_root, "sh", "-c", mount, "sh"]
    allowed = [*prefix, "true"]
    environment = {"TMPDIR": str(tmp_path)}
    if subprocess.run(
        allowed, env={**os.environ, **environment}, capture_output=True, check=False
    ).returncode:
        pytest.skip("needs mount namespaces")
    server = start(prefix=prefix, environment=environment)
    folder = Path(f"/proc/{front_of(server)}/root{tmp_path}")
    free = _free_bytes(folder)
    for _ in range(3):
        assert answer_of(server.url, LARGE) == (503, "No room for the answer")
        assert answer_of(server.url, GOOD) == (200, GOOD_BINDINGS)
        status, bindings = answer_of(server.url, LARGE.replace("30000", "4000"))
        assert (status, len(bindings)) == (200, 4000)
    assert until(lambda: _free_bytes(folder) == free)


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def test_sigterm_in_an_attack_leaves_no_process(server: Any) -> None:
    clients = [connected(server, get("/dumps/big.nq")) for _ in range(20)]
    clients += [connected(server, b"GET") for _ in range(20)]
    processes = server.descendants()
    assert server.stop() == 0
    assert until(lambda: not [pid for pid in processes if Path(f"/proc/{pid}").exists()])
    for client in clients:
        client.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        accepted, _ = listener.accept()
    with client, accepted:
        yield accepted, client


def test_a_response_below_the_least_rate_is_given_up(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(timed_socket, "SLACK_S", 0.1)
    counts = Tally()
    with TimedSocket(pair[0], Limits(5, 3600, 1e9), counts) as timed:
        with pytest.raises(ConnectionResetError, match="slow-response"):
            timed.sendall(bytes(64 << 20))
        with pytest.raises(ConnectionResetError, match="given up"):
            timed.sendall(b"more")
    assert counts["slow-response"] == 1


def test_a_file_below_the_least_rate_is_given_up(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(timed_socket, "SLACK_S", 0.1)
    (tmp_path / "file").write_bytes(bytes(64 << 20))
    counts = Tally()
    with (
        (tmp_path / "file").open("rb") as file,
        TimedSocket(pair[0], Limits(5, 3600, 1e9), counts) as timed,
        pytest.raises(ConnectionResetError, match="slow-response"),
    ):
        timed.sendfile(file)
    assert counts["slow-response"] == 1
