"""The front's side of its connections: slow clients are given up, and a 503 beyond what fits.

gunicorn's thread worker reads and writes without a limit in time, waits in its main
loop for each client that does not close, and stops accepting when it is full. Here every
request has to arrive by a deadline, every response has to be taken at a least rate and by a
deadline, closing happens in the threads, and a client too many is told so.
"""

from __future__ import annotations

import errno
import select
import socket
import struct
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from kg.settings import Settings
from server.refusals import TOO_LATE, TOO_MANY, refusal_of
from server.tally import Tally

SLACK_S = 10.0
"""How long a response may stand still before the least rate counts, in seconds."""
DRAIN_S = 5.0
"""Longest wait for what a client still sends after its answer, in seconds."""
IDLE_DRAIN_S = 1.0
DRAIN_BYTES = 32 << 20
"""How much of a body nobody wants is read, so that its sender gets to read the answer."""
REFUSAL_S = 1.0
"""How long a refused client may take to read why, in seconds."""
NO_FILES_S = 0.05
STAY_S = 0.02
"""How long a thread waits for the next request of its connection before it leaves, in seconds."""
SENDFILE_BYTES = 1 << 18
SEND_BUFFER_BYTES = 1 << 19
"""What the kernel keeps for a client that does not read; by itself it would go up to 4 MiB."""
_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset, drop what was not sent
_PASSING = {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}
_NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may take: seconds for a request and a response, and bytes a second."""

    request_s: float
    response_s: float
    least_rate: float

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        return cls(
            settings.request_deadline_s, settings.response_deadline_s, settings.min_rate_bytes_s
        )


class TimedSocket(socket.socket):
    """A client's socket that gives up a client which is too slow."""

    def __init__(self, accepted: socket.socket, limits: Limits, counts: Tally) -> None:
        super().__init__(fileno=accepted.detach())
        self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._limits = limits
        self._counts = counts
        self._is_lost = False
        self.expect_request()

    def expect_request(self) -> None:
        """A request begins now."""
        self._read_until = time.monotonic() + self._limits.request_s
        self._sending_since: float | None = None
        self._sent_bytes = 0

    @property
    def is_lost(self) -> bool:
        """Whether the client was given up."""
        return self._is_lost

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """What arrived; a request that takes too long ends with 408 and ConnectionResetError."""
        self._check()
        if self.gettimeout() == 0:
            return super().recv(size, flags)
        if self._sending_since is not None:  # the rest of a body nobody read
            if self.gettimeout() is None:
                self.settimeout(DRAIN_S)
            return super().recv(size, flags)
        self.settimeout(max(self._read_until - time.monotonic(), 0.001))
        try:
            return super().recv(size, flags)
        except TimeoutError:
            self._say(TOO_LATE)
            raise self._give_up("slow-request") from None

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send all of it; a client that takes too long gets a reset, never a complete answer."""
        self._check()
        self._wait_for(memoryview(data).nbytes)
        try:
            super().sendall(data, flags)
        except TimeoutError:
            raise self._give_up("slow-response") from None

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send a part of a file under the same limits."""
        sent = 0
        while count is None or sent < count:
            self._check()
            size = SENDFILE_BYTES if count is None else min(SENDFILE_BYTES, count - sent)
            self._wait_for(size)
            try:
                part = super().sendfile(file, offset + sent, size)
            except TimeoutError:
                raise self._give_up("slow-response") from None
            if not part:
                break
            sent += part
        return sent

    def linger(self) -> None:
        """Say that no more comes, and let the client finish what it sends (RFC 9112, 9.6)."""
        try:
            self.shutdown(socket.SHUT_WR)
            until, drained = time.monotonic() + DRAIN_S, 0
            while drained < DRAIN_BYTES and (left_s := until - time.monotonic()) > 0:
                self.settimeout(min(left_s, IDLE_DRAIN_S))
                data = super().recv(SENDFILE_BYTES)
                if not data:
                    return
                drained += len(data)
        except OSError:
            return

    def _wait_for(self, size: int) -> None:
        """Set the time in which `size` more bytes have to be taken."""
        now = time.monotonic()
        if self._sending_since is None:
            self._sending_since = now
        self._sent_bytes += size
        allowed_s = min(
            self._limits.response_s, SLACK_S + self._sent_bytes / self._limits.least_rate
        )
        self.settimeout(max(self._sending_since + allowed_s - now, 0.001))

    def _say(self, text: bytes) -> None:
        self.setblocking(False)
        try:
            super().send(text)
            self.shutdown(socket.SHUT_WR)
        except OSError:
            return  # it does not listen either

    def _give_up(self, why: str) -> ConnectionResetError:
        self._is_lost = True
        self._counts.add(why)
        if why == "slow-response":
            self.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        return ConnectionResetError(errno.ECONNRESET, why)

    def _check(self) -> None:
        if self._is_lost:
            raise ConnectionResetError(errno.ECONNRESET, "given up")


class Connection(TConn):  # type: ignore[misc]
    """A connection that may be closed twice."""

    def close(self, graceful: bool = False) -> None:
        if self.sock.fileno() < 0:
            return
        if graceful and not self.sock.is_lost:
            self.sock.linger()
        super().close()


class FrontWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's thread worker over such connections."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._limits = Limits.of(self.app.settings)
        self._counts = Tally()
        self._busy: set[Connection] = set()
        self._refused: deque[tuple[float, Connection]] = deque()

    def run(self) -> None:
        self._counts = self.wsgi.extensions["sdgplan"]["connections"]
        super().run()
        for connection in list(self._busy):  # their threads would keep this process
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def accept(self, listener: socket.socket) -> None:
        """Take a client in; full tables of files are waited for, they do not end the front."""
        try:
            accepted, address = listener.accept()
        except OSError as error:
            if error.errno in _NO_ROOM:
                self._counts.add("no-file")
                time.sleep(NO_FILES_S)
            elif error.errno not in _PASSING:
                raise
            return
        self.nr_conns += 1
        timed = TimedSocket(accepted, self._limits, self._counts)
        self.enqueue_req(Connection(self.cfg, timed, address, listener.getsockname()))

    def enqueue_req(self, conn: Connection) -> None:
        """Give a connection with something to read to a thread, if there is one."""
        if len(self._busy) >= self.cfg.threads:
            self._refuse(conn)
            return
        self._busy.add(conn)
        conn.sock.expect_request()
        super().enqueue_req(conn)

    def handle(self, conn: Connection) -> Any:
        """Requests that follow each other at once; a connection that ends is closed here.

        To give the connection back to the main loop in between takes longer than a short query.
        """
        result = super().handle(conn)
        while result is True and self._has_next(conn):
            conn.sock.expect_request()
            result = super().handle(conn)
        if result is False:
            conn.close(graceful=True)
        return result

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Say why a request could not be read."""
        refusal = refusal_of(exc)
        if refusal is None:
            super().handle_error(req, client, addr, exc)
            return
        self._counts.add("unreadable")
        try:
            client.sendall(refusal)
        except OSError:
            return  # it has gone

    def _has_next(self, conn: Connection) -> bool:
        if not self.alive or len(self._busy) > self.cfg.threads // 2:
            return False
        if conn.parser.unreader.buf.getvalue():
            return True
        poll = select.poll()
        poll.register(conn.sock, select.POLLIN)
        return bool(poll.poll(STAY_S * 1000))

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:
        """Whether the connection takes another request, the last one's body having been read."""
        if not keepalive:
            return False
        until = time.monotonic() + DRAIN_S
        return bool(conn.parser.finish_body(deadline=until, max_bytes=DRAIN_BYTES))

    def finish_request(self, conn: Connection, fs: Any) -> None:
        self._busy.discard(conn)
        super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """Close what has waited long enough, also those that were refused."""
        super().murder_pending()
        now = time.monotonic()
        while self._refused and self._refused[0][0] < now:
            _, conn = self._refused.popleft()
            self.nr_conns -= 1
            conn.close()

    def _refuse(self, conn: Connection) -> None:
        self._counts.add("refused")
        conn.sock.setblocking(False)
        try:
            conn.sock.send(TOO_MANY)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has gone
        self._refused.append((time.monotonic() + REFUSAL_S, conn))
