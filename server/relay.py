"""The one way out of a query worker: its SERVICE calls come here and go on to listed endpoints.

A worker has no network. It opens a listening socket within its own empty network and hands it
to the front; there a relay answers it. In the query, the endpoints of SERVICE are replaced by
addresses of this relay, so that the engine reaches the listed endpoints and nothing else.
"""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kg.settings import Settings
from server.outbound import Allowance, EndpointFailed, asked

MOST_BODY_BYTES = 16 << 20
"""The largest query that is passed on; the engine puts bound values into it."""
IDLE_S = 60
_PASSED = ("Accept", "Content-Type")


class Relay:
    """Serves one worker's listening socket until it is closed."""

    def __init__(self, listener: socket.socket, settings: Settings) -> None:
        self._settings = settings
        self._token = secrets.token_hex(16)  # without a network of its own a worker has neighbours
        self._server = _Server(listener, self)
        self._endpoints = {
            f"/{self._token}/{number}/": endpoint  # ends so that no address begins another
            for number, endpoint in enumerate(settings.service_allowlist)
        }
        port = listener.getsockname()[1]
        self.urls = {
            endpoint.url: f"http://127.0.0.1:{port}{path}"
            for path, endpoint in self._endpoints.items()
        }
        """The addresses that stand for the endpoints, for `kg.query_text.put_endpoints`."""
        self._allowed = Allowance(0.0, 0)
        self.failure = ""
        """Why a call of this query failed; empty if none did."""
        self._asked: str | None = None
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="sdgplan-relay", daemon=True
        )
        self._thread.start()

    def begin(self, until: float) -> None:
        """A query begins, whose calls have time until that moment of the monotonic clock."""
        self.failure, self._asked = "", None
        self._allowed = Allowance(until, self._settings.result_limit_mib << 20)

    def failure_of(self, event: Mapping[str, Any], query: str) -> dict[str, Any]:
        """A worker's event `failed` in terms of the query as it was before the addresses."""
        if event["kind"] == "query" and self.failure:
            return {**event, "kind": "service", "detail": self.failure}
        if event["kind"] == "query" and self._asked is not None:
            detail = f"The answer of <{self._asked}> cannot be read: {self._named(event['detail'])}"
            return {**event, "kind": "service", "detail": detail}
        changed = {**event, "detail": self._named(event["detail"])}
        if event.get("line"):
            before = query.split("\n")[event["line"] - 1][: event["column"] - 1]
            changed["column"] = len(self._named(before)) + 1
        return changed

    def _named(self, text: str) -> str:
        for url, address in self.urls.items():
            text = text.replace(address, url)
        return text

    def close(self) -> None:
        """Take no more calls, and end those under way."""
        self._allowed.end()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str, body: bytes, headers: dict[str, str], out: _Reply) -> None:
        """Pass one call on, and its answer back as it comes."""
        endpoint = self._endpoints.get(path)
        if endpoint is None:
            out.refuse(404, "This is not an endpoint.")
            return
        self._asked = endpoint.url
        try:
            with asked(endpoint, body, headers, self._allowed) as (media_type, chunks):
                out.begin(media_type)
                out.send(chunks)
        except EndpointFailed as error:
            self.failure = str(error)
            out.refuse(502, self.failure)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, listener: socket.socket, relay: Relay) -> None:
        super().__init__(("127.0.0.1", 0), _Reply, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.relay = relay

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A worker that was killed reads no answer; that is no news."""


class _Reply(BaseHTTPRequestHandler):
    """One connection of the engine; HTTP/1.1, so that a broken answer is known as broken."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_S
    _has_begun = False

    def do_POST(self) -> None:
        self._has_begun = False
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BODY_BYTES:
            self.refuse(413, "The call is too long.")
            return
        body = self.rfile.read(length)
        headers = {name: self.headers[name] for name in _PASSED if name in self.headers}
        assert isinstance(self.server, _Server)
        self.server.relay.answer(self.path, body, headers, self)

    def begin(self, media_type: str) -> None:
        """Send the head of an answer whose length is not known."""
        self._has_begun = True
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def send(self, chunks: Iterator[bytes]) -> None:
        """Send the answer; what goes wrong on the way is raised before its end is sent."""
        for chunk in chunks:
            if chunk:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")

    def refuse(self, status: int, why: str) -> None:
        """Say no; an answer that has begun is broken off instead."""
        self.close_connection = True
        if self._has_begun:
            return
        text = why.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *arguments: Any) -> None:
        """The query's own log line says what came of it."""
