"""A client's socket with limits in time: for its request, and for taking what is sent.

The system's socket never blocks. What a call has to wait for is waited for here, and only then:
a time limit of Python's own costs two more system calls for each one that it guards.
"""

from __future__ import annotations

import errno
import select
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any

from kg.settings import Settings
from server.refusals import TOO_LATE
from server.tally import Tally

SLACK_S = 10.0
"""How long a response may stand still before the least rate counts, in seconds."""
DRAIN_S = 5.0
"""Longest wait for what a client still sends after its answer, in seconds."""
IDLE_DRAIN_S = 1.0
DRAIN_BYTES = 32 << 20
"""How much of a body nobody wants is read, so that its sender gets to read the answer."""
SENDFILE_BYTES = 1 << 18
JOINED_BYTES = 1 << 16
"""The longest body that is sent together with its head."""
SEND_BUFFER_BYTES = 1 << 19
"""What the kernel keeps for a client that does not read; by itself it would go up to 4 MiB."""
PROCESSING = b"HTTP/1.1 102 Processing\r\n\r\n"
_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset, drop what was not sent


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
        super().setblocking(False)
        self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._limits = limits
        self._counts = counts
        self._is_lost = False
        self._patience_s: float | None = None
        self._poll = select.poll()
        self._awaited = 0
        self._is_held = False
        self._held = b""
        self.expect_request()

    def expect_request(self) -> None:
        """A request begins now."""
        self._read_until = time.monotonic() + self._limits.request_s
        self._sending_since: float | None = None
        self._sent_bytes = 0
        self._is_held, self._held = False, b""

    @property
    def is_lost(self) -> bool:
        """Whether the client was given up."""
        return self._is_lost

    def setblocking(self, flag: bool, /) -> None:
        """Let calls wait, or not; the system's socket stays as it is."""
        self._patience_s = None if flag else 0.0

    def settimeout(self, value: float | None, /) -> None:
        """How long a call may wait, in seconds; None = as long as the limits allow."""
        self._patience_s = value

    def gettimeout(self) -> float | None:
        """What `settimeout` said last."""
        return self._patience_s

    def hold(self) -> None:
        """Keep what is sent next until something follows it, so that both go out together."""
        self._is_held = True

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """What arrived; a request that takes too long ends with 408 and ConnectionResetError."""
        self._check()
        try:
            return super().recv(size, flags)
        except BlockingIOError:
            if self._patience_s == 0:
                raise
        if self._sending_since is not None:  # the rest of a body nobody read
            patience_s = DRAIN_S if self._patience_s is None else self._patience_s
            return self._received(size, flags, time.monotonic() + patience_s)
        try:
            return self._received(size, flags, self._read_until)
        except TimeoutError:
            self._say(TOO_LATE)
            raise self._give_up("slow-request") from None

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send all of it; a client that takes too long gets a reset, never a complete answer."""
        self._check()
        if self._is_held:
            self._is_held, self._held = False, bytes(data)
            return
        view = memoryview(data)
        if self._held:
            head, self._held = self._held, b""
            if len(head) + view.nbytes <= JOINED_BYTES:
                view = memoryview(head + bytes(view))
            else:
                self._send(memoryview(head), flags | socket.MSG_MORE)
        self._send(view, flags)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send a part of a file under the same limits."""
        sent = 0
        while count is None or sent < count:
            self._check()
            size = SENDFILE_BYTES if count is None else min(SENDFILE_BYTES, count - sent)
            self._patience_s = max(self._time_for(size) - time.monotonic(), 0.001)
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
            while drained < DRAIN_BYTES and (now := time.monotonic()) < until:
                data = self._received(SENDFILE_BYTES, 0, min(until, now + IDLE_DRAIN_S))
                if not data:
                    return
                drained += len(data)
        except OSError:
            return

    def has_input(self, wait_s: float) -> bool:
        """Whether something can be read, or the client has gone, within so many seconds."""
        return self._is_ready(select.POLLIN, wait_s)

    def has_left(self) -> bool:
        """Whether the client is certainly gone; call it while nothing of the answer is sent.

        A client that only sends no more waits for its answer, perhaps. It is sent an interim
        response, which a client that has closed its side too answers with a reset.
        """
        poll = select.poll()
        poll.register(self, select.POLLRDHUP)
        for _, events in poll.poll(0):
            if events & (select.POLLHUP | select.POLLERR):
                return True
            try:
                super().send(PROCESSING)
            except BlockingIOError:
                return False
            except OSError:
                return True
        return False

    def _send(self, view: memoryview, flags: int) -> None:
        until = self._time_for(view.nbytes)
        while True:
            try:
                sent = super().send(view, flags)
            except BlockingIOError:
                if not self._is_ready(select.POLLOUT, until - time.monotonic()):
                    raise self._give_up("slow-response") from None
                continue
            if sent == view.nbytes:
                return
            view = view[sent:]

    def _received(self, size: int, flags: int, until: float) -> bytes:
        while True:
            if not self._is_ready(select.POLLIN, until - time.monotonic()):
                raise TimeoutError
            try:
                return super().recv(size, flags)
            except BlockingIOError:
                continue

    def _is_ready(self, events: int, wait_s: float) -> bool:
        if self._awaited != events:
            self._poll.register(self, events)
            self._awaited = events
        return bool(self._poll.poll(max(wait_s, 0.001) * 1000))

    def _time_for(self, size: int) -> float:
        """Until when `size` more bytes have to be taken."""
        if self._sending_since is None:
            self._sending_since = time.monotonic()
        self._sent_bytes += size
        allowed_s = min(
            self._limits.response_s, SLACK_S + self._sent_bytes / self._limits.least_rate
        )
        return self._sending_since + allowed_s

    def _say(self, text: bytes) -> None:
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
