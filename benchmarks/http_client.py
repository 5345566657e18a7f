"""A closed-loop HTTP client that costs little: one thread, raw sockets, requests made beforehand.

Each of its clients sends a request, waits for the whole answer and sends the next, over one
kept connection. At the end of the time every client still finishes the request it has sent, so
requests a second are clients / mean latency, without a bias for slow answers.

As a program it reads a job (the fields of Job) as JSON from standard input and prints what came
of it, so that the load has a process of its own: `load()` starts it.
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import quote

HOST = "127.0.0.1"
MARK = "__N__"
"""Stands in a query for a number that is another one in every request."""


@dataclass(slots=True)
class Job:
    """What to send, where to, for how long; a request is the text before and after the number.

    Each client sends one request at least.
    """

    port: int
    requests: list[list[str]]
    clients: int = 1
    seconds: float = 1.0
    timeout_s: float = 60.0
    first_number: int = 20_000


@dataclass(slots=True)
class Outcome:
    """Latencies in seconds of the answers with status 200, and how often what else happened."""

    latencies: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    sent: int = 0
    size_bytes: int = 0

    def rate(self, clients: int) -> float:
        """Requests a second."""
        total = sum(self.latencies)
        return clients * len(self.latencies) / total if total else 0.0

    def quantile_ms(self, part: float) -> float:
        """The latency that this part of the requests kept to, in milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(int(part * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def request_of(path: str, query: str, accept: str, extra: str = "") -> list[str]:
    """A GET of the query in two parts: what stands before the number and what after it.

    `extra` is more of the query string. A query without MARK is sent as it is.
    """
    text = f"GET {path}?{extra}query={quote(query, safe='')} HTTP/1.1\r\n"
    text += f"Host: {HOST}\r\nAccept: {accept}\r\n\r\n"
    before, _, after = text.partition(MARK)
    return [before, after]


def load(job: Job) -> Outcome:
    """What came of a job that a process of its own did."""
    done = subprocess.run(
        [sys.executable, "-S", str(Path(__file__).resolve())],
        input=json.dumps(asdict(job)),
        capture_output=True,
        text=True,
        check=True,
    )
    return Outcome(**json.loads(done.stdout))


def fetch(port: int, request: list[str], number: int, timeout_s: float) -> tuple[int, bytes]:
    """Status and body of one request; raises OSError if there is no answer in time."""
    deadline = time.monotonic() + timeout_s
    with socket.create_connection((HOST, port), timeout=timeout_s) as connection:
        connection.sendall(_bytes_of(request, number))
        received = b""
        while not is_complete(received):
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
            data = connection.recv(1 << 20)
            if not data:
                break
            received += data
    head, _, body = received.partition(b"\r\n\r\n")
    if not head:
        raise ConnectionError("no answer")
    if b"transfer-encoding: chunked" in head.lower():
        body = _without_chunks(body)
    return int(head[9:12]), body


def is_complete(received: bytes | bytearray) -> bool:
    """Whether these bytes are a whole response with a length or in chunks."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = bytes(received[:end]).lower()
    at = head.find(b"content-length:")
    if at >= 0:
        line = head[at + 15 : (head + b"\r\n").index(b"\r\n", at)]
        return len(received) >= end + 4 + int(line)
    # no answer here has such a line at the end of a chunk
    return b"transfer-encoding: chunked" in head and received.endswith(b"\r\n0\r\n\r\n")


def _without_chunks(body: bytes) -> bytes:
    whole, at = bytearray(), 0
    while True:
        end = body.index(b"\r\n", at)
        size = int(body[at:end].partition(b";")[0], 16)
        if not size:
            return bytes(whole)
        whole += body[end + 2 : end + 2 + size]
        at = end + 4 + size


def _bytes_of(request: list[str], number: int) -> bytes:
    before, after = request
    return f"{before}{number}{after}".encode("ascii") if after else before.encode("ascii")


class _Client:
    """One of the clients: its connection, and the request it waits for."""

    def __init__(self, port: int, waiting: selectors.BaseSelector) -> None:
        self._port = port
        self._waiting = waiting
        self.sent = 0
        self.started = 0.0
        self.received = bytearray()
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.create_connection((HOST, self._port), timeout=10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._waiting.register(self._socket, selectors.EVENT_READ, self)

    def close(self) -> None:
        self._waiting.unregister(self._socket)
        self._socket.close()

    def renew(self) -> None:
        """Leave this connection for another one."""
        self.close()
        self._connect()

    def send(self, request: bytes) -> None:
        self.received = bytearray()
        self.sent += 1
        self.started = time.perf_counter()
        self._socket.sendall(request)

    def receive(self) -> str:
        """Read what has come: the status of the answer, "lost", or "" if there is more to come."""
        try:
            data = self._socket.recv(1 << 18)
        except OSError:
            data = b""
        self.received += data
        if not data:
            return "lost"
        if not is_complete(self.received):
            return ""
        return bytes(self.received[9:12]).decode("ascii", "replace")


class _Run:
    """A job being done."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._requests = [(b.encode("ascii"), a.encode("ascii")) for b, a in job.requests]
        self._until = time.perf_counter() + job.seconds
        self._outcome = Outcome()

    def do(self) -> Outcome:
        job = self._job
        waiting = selectors.DefaultSelector()
        clients = [_Client(job.port, waiting) for _ in range(job.clients)]
        running = {client for client in clients if self._send_next(client)}
        while running:
            done: list[tuple[_Client, str]] = []
            for key, _ in waiting.select(timeout=0.5):
                status = key.data.receive()
                if status:
                    done.append((key.data, status))
            late = time.perf_counter() - job.timeout_s
            done += [(client, "timeout") for client in running if client.started < late]
            for client, status in done:
                self._note(client, status)
                if not self._send_next(client):
                    running.discard(client)
                    client.close()  # the server would close it some time while others go on
        return self._outcome

    def _send_next(self, client: _Client) -> bool:
        if client.sent and time.perf_counter() >= self._until:
            return False
        before, after = self._requests[self._outcome.sent % len(self._requests)]
        number = b"%d" % (self._job.first_number + self._outcome.sent) if after else b""
        self._outcome.sent += 1
        client.send(before + number + after)
        return True

    def _note(self, client: _Client, status: str) -> None:
        outcome = self._outcome
        if status == "200":
            outcome.latencies.append(time.perf_counter() - client.started)
        else:
            outcome.errors[status] = outcome.errors.get(status, 0) + 1
        outcome.size_bytes += len(client.received)
        is_closing = b"connection: close" in client.received[:2000].lower()
        if is_closing or status in ("lost", "timeout"):
            client.renew()


if __name__ == "__main__":
    print(json.dumps(asdict(_Run(Job(**json.load(sys.stdin))).do())))
