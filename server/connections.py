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
import threading
import time
from collections import deque
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from server.refusals import TOO_MANY, refusal_of
from server.tally import Tally
from server.timed_socket import DRAIN_BYTES, DRAIN_S, Limits, TimedSocket

REFUSAL_S = 1.0
"""How long a refused client may take to read why, in seconds."""
LAST_WORDS_S = 3.0
"""How long before the end of a stop the queries still running end, in seconds."""
MOST_WAITING = 2048
"""The most clients that the system lets wait to be taken in."""
NO_FILES_S = 0.05
STAY_S = 0.02
"""How long a thread waits for the next request of its connection before it leaves, in seconds."""
_PASSING = {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}
_NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


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

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Begin to stop; what has not been answered shortly before the end is answered 503."""
        if self.alive:
            patience_s = max(self.cfg.graceful_timeout - LAST_WORDS_S, 0)
            timer = threading.Timer(patience_s, self._end_queries)
            timer.daemon = True
            timer.start()
        super().handle_exit(sig, frame)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Take in clients or not; when stopping, first those that have connected already."""
        if not self.alive and self._accepting:
            for listener in self.sockets:
                for _ in range(MOST_WAITING):
                    if not select.select([listener], [], [], 0)[0]:
                        break
                    self.accept(listener)
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()  # who comes later is told by the system

    def _end_queries(self) -> None:
        self.wsgi.extensions["sdgplan"]["context"].engine.close()

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
        return bool(conn.sock.has_input(STAY_S))

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
