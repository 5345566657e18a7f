"""Requests to a remote store: bounded in time and size, over connections that are kept.

The socket of each request is at hand, so that it can be shut at the moment the time is over: an
answer that trickles would hold a reader past every limit that is set on one read. Redirects are
not followed and proxies of the environment not used.
"""

from __future__ import annotations

import base64
import http.client
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from kg.errors import StoreTimedOut, StoreUnreachable
from kg.program import VERSION

CONNECT_S = 10.0
"""Longest time to reach a store, in seconds."""
LOOK_S = 0.1
"""How often it is looked whether the time of a request is over, or its asker gone, in seconds."""
MOST_KEPT = 16
"""Connections that are kept open between requests."""
_CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that came to its end: the status and the headers, names in small letters."""

    status: int
    headers: Mapping[str, str]
    size_bytes: int

    @property
    def media_type(self) -> str:
        """The media type without parameters, in small letters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class TooLarge(Exception):
    """An answer is larger than may be."""


class AskerGone(Exception):
    """Whoever wanted the answer has gone."""


class _Digest(urllib.request.AbstractDigestAuthHandler):
    """The header of RFC 7616 for a challenge, as the standard library makes it."""

    def __init__(self, user: str, password: str) -> None:
        self._keys = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        super().__init__(self._keys)
        self._user = user, password

    def header(self, method: str, url: str, challenge: str) -> str | None:
        self._keys.add_password(None, url, *self._user)
        values = urllib.request.parse_keqv_list(urllib.request.parse_http_list(challenge))
        request = urllib.request.Request(url, method=method)  # nothing is opened
        made: Any = self.get_authorization(request, values)
        return f"Digest {made}" if made else None


class _Watch(threading.Thread):
    """Shuts the sockets of requests whose time is over or whose asker has gone."""

    def __init__(self) -> None:
        super().__init__(name="sdgplan-store-watch", daemon=True)
        self._changed = threading.Condition()
        self._running: dict[int, tuple[socket.socket, float, Callable[[], bool] | None]] = {}
        self.ended: dict[int, type[Exception]] = {}

    def run(self) -> None:
        while True:
            with self._changed:
                while not self._running:
                    self._changed.wait()
                running = dict(self._running)
            for key, (connection, until, has_left) in running.items():
                why: type[Exception] | None = None
                if time.monotonic() > until:
                    why = StoreTimedOut
                elif has_left is not None and has_left():
                    why = AskerGone
                if why is not None:
                    with self._changed:
                        if self._running.pop(key, None) is None:
                            continue
                        self.ended[key] = why
                        with suppress(OSError):
                            connection.shutdown(socket.SHUT_RDWR)
            time.sleep(LOOK_S)

    def add(
        self, connection: socket.socket, until: float, has_left: Callable[[], bool] | None
    ) -> int:
        with self._changed:
            if not self.is_alive():
                self.start()
            key = id(connection)
            self._running[key] = connection, until, has_left
            self._changed.notify()
            return key

    def remove(self, key: int) -> type[Exception] | None:
        """Look no more; why the socket was shut, if it was."""
        with self._changed:
            self._running.pop(key, None)
            return self.ended.pop(key, None)


class Client:
    """The connections to one server, shared by threads; `user` empty = no authentication."""

    def __init__(self, url: str, user: str = "", password: str = "") -> None:
        parts = urlsplit(url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._is_tls = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._is_tls else 80)
        self._lock = threading.Lock()
        self._kept: list[http.client.HTTPConnection] = []
        self._watch = _Watch()
        self._user = user
        self._basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._digest = _Digest(user, password)
        self._challenge = ""

    def send(
        self,
        method: str,
        target: str,
        out: BinaryIO,
        *,
        headers: Mapping[str, str],
        until: float,
        body: bytes | None = None,
        size_bytes: int | None = None,
        has_left: Callable[[], bool] | None = None,
    ) -> Reply:
        """Send a request; `out` then holds the body of its answer, which is complete.

        `target` is path and query, `until` a moment of the monotonic clock, `size_bytes` the
        longest answer. Raises StoreUnreachable if there is no whole answer, StoreTimedOut,
        TooLarge, AskerGone. A request may be sent twice: only those that change nothing the second
        time belong here.
        """
        for attempt in (0, 1, 2):
            is_last = attempt == 2
            out.seek(0)
            out.truncate()  # what an earlier try left
            connection = self._connection(until)
            is_fresh = connection.sock is None
            try:
                reply = self._exchange(
                    connection, method, target, out, headers, until, body, size_bytes, has_left
                )
            except (ConnectionError, http.client.HTTPException, OSError) as error:
                connection.close()
                if is_fresh or is_last:
                    raise StoreUnreachable(f"The store did not answer: {_said(error)}.") from error
                continue  # it was kept, and the store has closed it since
            except BaseException:
                connection.close()
                raise
            if reply.status == 401 and not is_last and self._has_challenge(reply):
                continue
            return reply
        raise AssertionError

    def is_of(self, url: str) -> bool:
        """Whether the URL is one of this server."""
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}" == self.origin

    def close(self) -> None:
        """Close the connections that are kept."""
        with self._lock:
            kept, self._kept = self._kept, []
        for connection in kept:
            connection.close()

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        target: str,
        out: BinaryIO,
        headers: Mapping[str, str],
        until: float,
        body: bytes | None,
        size_bytes: int | None,
        has_left: Callable[[], bool] | None,
    ) -> Reply:
        if connection.sock is None:
            connection.connect()
        watched: socket.socket = connection.sock
        watched.settimeout(max(until - time.monotonic(), 0.001) + 1)
        key = self._watch.add(watched, until, has_left)
        try:
            sent = {"User-Agent": f"jp-sdgplan/{VERSION}", **headers}
            authorization = self._authorization(method, target)
            if authorization:
                sent["Authorization"] = authorization
            connection.request(method, target, body, sent)
            response = connection.getresponse()
            received, limit = 0, size_bytes
            while chunk := response.read(_CHUNK_BYTES):
                received += len(chunk)
                if limit is not None and received > limit:
                    raise TooLarge
                out.write(chunk)
            if response.length:  # it was cut: read(n) does not say so itself
                raise http.client.IncompleteRead(b"", response.length)
            if response.length is None and not response.chunked:
                raise http.client.HTTPException("its answer does not say where it ends")
        except Exception:
            why = self._watch.remove(key)
            if why is StoreTimedOut or time.monotonic() > until:
                connection.close()
                raise StoreTimedOut("The store did not answer in time.") from None
            if why is not None:
                raise why() from None
            raise
        why = self._watch.remove(key)
        names = {name.lower(): value for name, value in response.getheaders()}
        if why is not None or response.will_close:
            connection.close()
        else:
            with self._lock:
                if len(self._kept) < MOST_KEPT:
                    self._kept.append(connection)
                else:
                    connection.close()
        if why is StoreTimedOut:  # shut at the last moment: the end may be missing
            raise StoreTimedOut("The store did not answer in time.")
        if why is not None:
            raise why()
        return Reply(response.status, names, received)

    def _connection(self, until: float) -> http.client.HTTPConnection:
        with self._lock:
            if self._kept:
                return self._kept.pop()
        timeout_s = max(min(CONNECT_S, until - time.monotonic()), 0.001)
        kind = http.client.HTTPSConnection if self._is_tls else http.client.HTTPConnection
        return kind(self._host, self._port, timeout=timeout_s)

    def _authorization(self, method: str, target: str) -> str | None:
        """Nothing until the store has asked: Virtuoso takes no question that comes with Basic."""
        scheme, _, values = self._challenge.partition(" ")
        if scheme.lower() == "digest":
            with self._lock:  # it counts how often the server's nonce was used
                return self._digest.header(method, self.origin + target, values)
        return f"Basic {self._basic}" if scheme.lower() == "basic" else None

    def _has_challenge(self, reply: Reply) -> bool:
        """Whether the store asks who is there, with words that were not answered yet."""
        challenge = reply.headers.get("www-authenticate", "")
        is_new = bool(self._user) and challenge != self._challenge
        if is_new and challenge.partition(" ")[0].lower() in ("basic", "digest"):
            self._challenge = challenge
            return True
        return False


def _said(error: Exception) -> str:
    text = str(error.strerror if isinstance(error, OSError) and error.strerror else error)
    return text.rstrip(".")[:200] or type(error).__name__
