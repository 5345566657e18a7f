"""What stands between the service and a store, and does to answers what networks and stores do."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from contextlib import closing, suppress
from types import TracebackType

from tests.remote.servers import HOST, StoreProcess

ABOUT_LOADED = b"graph%2Floaded%3E+WHERE"
"""In the question what the store has loaded; that is always passed on as it is."""


class Proxy:
    """Passes requests on; `mode` is what becomes of answers to queries.

    pass; stall: none comes; trickle: a byte at a time; cut: half of it, then the end of the
    connection; `answer`: these bytes instead, as a 200 of that media type.
    """

    def __init__(self, store: StoreProcess) -> None:
        self.mode = "pass"
        self.answer: tuple[str, bytes] = ("application/sparql-results+json", b"")
        self.headers: dict[str, str] = {}
        self.queries = 0
        self.cuts = 0
        """How many answers to queries are still to be cut, whatever the mode."""
        self._store = store
        self._listener = socket.create_server((HOST, 0))
        self._is_over = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def endpoint(self) -> str:
        port = self._listener.getsockname()[1]
        return f"http://{HOST}:{port}{self._store.endpoint.removeprefix(self._store.origin)}"

    def __enter__(self) -> Proxy:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with closing(connection), suppress(OSError):
            reader = connection.makefile("rb")
            while line := reader.readline():
                method, target, _ = line.decode().split()
                headers = http.client.parse_headers(reader)
                body = reader.read(int(headers["Content-Length"] or 0))
                if not self._answer(connection, method, target, headers, body):
                    return

    def _answer(
        self,
        connection: socket.socket,
        method: str,
        target: str,
        headers: http.client.HTTPMessage,
        body: bytes,
    ) -> bool:
        is_query = ABOUT_LOADED not in body
        mode = self.mode if is_query else "pass"
        self.queries += is_query
        if is_query and self.cuts:
            self.cuts -= 1
            mode = "cut"
        if mode == "stall":
            self._is_over.wait(60)
            return False
        if mode == "answer":
            media_type, data = self.answer
        else:
            with closing(http.client.HTTPConnection(HOST, self._store.port)) as to:
                to.request(method, target, body, dict(headers))
                reply = to.getresponse()
                data, media_type = reply.read(), reply.headers["Content-Type"]
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {len(data)}\r\n"
        if is_query:
            head += "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        connection.sendall(head.encode() + b"\r\n")
        if mode == "cut":
            connection.sendall(data[: len(data) // 2])
            return False
        if mode == "trickle":
            for byte in data:
                connection.sendall(bytes((byte,)))
                time.sleep(0.1)
            return False
        connection.sendall(data)
        return True
