"""One worker process as the front sees it: started, asked with a deadline, killed."""

from __future__ import annotations

import logging
import mmap
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from kg.query_text import put_endpoints
from kg.settings import Settings
from server.nurseries import NurseryProcess, last_words
from server.relay import Relay
from server.wire import EXIT_CODE, Channel

log = logging.getLogger("sdgplan.engine")

START_TIMEOUT_S = 60
OPEN_TIMEOUT_S = 300
"""Longest time to open a release; loading 500,000 quads takes 1 to 4 s."""

LOOK_S = 1.0
"""How often it is looked whether the one who asked is still there, in seconds."""

_has_warned = False


class WorkerTimedOut(Exception):
    """The query ran past its limit; the worker was killed."""


class AskerLeft(Exception):
    """Nobody waits for the answer any more; the worker was killed."""


class WorkerDied(Exception):
    """The worker ended; `signal_number` 0 if no signal did it.

    `had_started` False: it was dead before it took up the message, so another may be asked.
    """

    def __init__(self, return_code: int, had_started: bool, said: str = "") -> None:
        """`said` is what it wrote to its error output."""
        super().__init__(f"worker ended with {return_code}")
        self.said = said
        self.had_started = had_started
        self.signal_number = max(-return_code, 0)


class WorkerProcess:
    """A running worker."""

    def __init__(
        self, settings: Settings, nursery: NurseryProcess, *, copies: bool = False
    ) -> None:
        """Raises WorkerDied or WorkerTimedOut if the process does not come up.

        `copies`: whether it makes the release its own while it has nothing to do.
        """
        self.release = ""
        self.graphs: tuple[str, ...] = ()
        self.quads = 0
        self.nursery = nursery
        self._relay: Relay | None = None
        connection, child = socket.socketpair()
        self._channel = Channel(connection, OPEN_TIMEOUT_S)
        taken = os.memfd_create("sdgplan-worker-taken")
        os.ftruncate(taken, 1)
        self._taken = mmap.mmap(taken, 1)  # set by the worker when it takes up a message
        # in memory, so that it never blocks, and what is logged stays one line each
        self._errors = os.memfd_create("sdgplan-worker-errors")
        self._ended, ended = os.pipe()
        limits = {
            "memory_mib": settings.query_memory_mib,
            "result_mib": settings.result_limit_mib,
            "relayed": bool(settings.service_allowlist),
            "copies": copies,
        }
        self._return_code: int | None = None
        self._process = -1
        try:
            fds = [child.fileno(), taken, self._errors, ended]
            self.pid, self._process = nursery.start(limits, fds)
        except OSError as error:
            self._close()
            raise WorkerDied(-signal.SIGKILL, False) from error
        finally:
            child.close()
            os.close(taken)
            os.close(ended)
        ready, listener = self._receive_with_file(time.monotonic() + START_TIMEOUT_S)
        if listener >= 0:
            self._relay = Relay(socket.socket(fileno=listener), settings)
        if ready["has_network"]:
            _warn_of_network()

    @property
    def is_alive(self) -> bool:
        if self._process < 0:
            return False
        # a poll of its own: more than one thread may ask at the same time
        exit_poll = select.poll()
        exit_poll.register(self._process, select.POLLIN)
        return not exit_poll.poll(0)

    def fits(self, release: str) -> bool:
        """Whether the worker may be asked about the release.

        One that was forked with a release in memory is for that one alone.
        """
        return self.nursery.release in ("", release)

    def open(self, release: str) -> None:
        """Open a release beforehand, so that no query waits for it."""
        self.ask({"release": release}, OPEN_TIMEOUT_S)

    def ask(
        self,
        message: Mapping[str, Any],
        timeout_s: float,
        has_left: Callable[[], bool] | None = None,
    ) -> tuple[dict[str, Any], int]:
        """The worker's event `done` or `failed`, and the descriptor of the answer if it is done.

        The limit does not count opening a release. The descriptor is the caller's to close.
        SERVICE calls of the query go through the relay. `has_left` is asked every LOOK_S.
        Raises WorkerTimedOut, WorkerDied or AskerLeft; the process is then gone.
        """
        opens = message["release"] != self.release
        deadline = time.monotonic() + (OPEN_TIMEOUT_S if opens else timeout_s)
        if self._relay is not None and "query" in message:
            self._relay.begin(deadline)
            message = {**message, "query": put_endpoints(message["query"], self._relay.urls)}
        self._taken[0] = 0
        try:
            self._channel.send(message)
        except OSError as error:
            raise self._died() from error
        event, fd = self._receive_with_file(deadline, has_left)
        if event["event"] == "opened":
            self.release = message["release"]
            self.graphs, self.quads = tuple(event["graphs"]), event["quads"]
            deadline = time.monotonic() + timeout_s
            if self._relay is not None:
                self._relay.begin(deadline)
            event, fd = self._receive_with_file(deadline, has_left)
        if self._relay is not None and event["event"] == "failed":
            event = self._relay.failure_of(event, message["query"])
        return event, fd

    def end(self) -> None:
        """Send the kill from another thread; the keeper tidies up."""
        if self._process >= 0:
            with suppress(ProcessLookupError, OSError):
                signal.pidfd_send_signal(self._process, signal.SIGKILL)

    def kill(self) -> None:
        """End the process, whatever it is doing, and wait until it is gone."""
        if self._process < 0:
            return
        self.end()
        self._wait(None)
        self._close()

    def _wait(self, timeout_s: float | None) -> int | None:
        """The return code; None if the process has not ended in time."""
        if self._return_code is None:
            ready, _, _ = select.select([self._ended], [], [], timeout_s)
            if ready:
                code = os.read(self._ended, EXIT_CODE.size)
                # nothing: the nursery has gone, and its workers with it
                self._return_code = EXIT_CODE.unpack(code)[0] if code else -signal.SIGKILL
        return self._return_code

    def _close(self) -> None:
        self._channel.close()
        if self._relay is not None:
            self._relay.close()
            self._relay = None
        process, self._process = self._process, -1
        for fd in (process, self._errors, self._ended):
            if fd >= 0:
                os.close(fd)
        self._errors = -1
        if process >= 0:
            self.nursery.release_worker()

    def _receive_with_file(
        self, deadline: float, has_left: Callable[[], bool] | None = None
    ) -> tuple[dict[str, Any], int]:
        while True:
            look = deadline if has_left is None else min(deadline, time.monotonic() + LOOK_S)
            try:
                event, fds = self._channel.receive(look)
            except TimeoutError as error:
                if look == deadline:
                    self.kill()
                    raise WorkerTimedOut from error
                if has_left is not None and has_left():
                    self.kill()
                    raise AskerLeft from error
                continue
            except OSError as error:
                raise self._died() from error
            if event is None:
                raise self._died()
            return event, fds[0] if fds else -1

    def _died(self) -> WorkerDied:
        return_code = self._wait(5) or 0
        said = last_words(self._errors)
        self.kill()
        return WorkerDied(return_code, bool(self._taken[0]), said)


def _warn_of_network() -> None:
    global _has_warned
    if not _has_warned:
        _has_warned = True
        log.warning(
            "Query workers keep their network: this system allows no network namespaces. "
            "SERVICE for other than listed endpoints is still refused before it reaches them."
        )
