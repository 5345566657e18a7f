"""A process that query workers are forked from, so that each is there at once.

Started by the front as `python -m server.nursery SOCKET PARENT [RELEASE]`. With a release it
first loads that into memory; its workers share the pages until they write to them. It has one
thread and no network connection, answers nothing itself, tells the front how each worker ended,
and dies with the front.
"""

from __future__ import annotations

import gc
import os
import resource
import select
import signal
import socket
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from kg.errors import ReleaseError
from kg.store import read_quads, write_quads
from server.wire import EXIT_CODE, Channel
from server.worker import Loaded, die_with_parent, run_worker

PIPE_BYTES = 1 << 20


class Nursery:
    """The workers that were forked here, each with its way to say how it ended."""

    def __init__(self, channel: Channel, loaded: Loaded | None) -> None:
        self._channel = channel
        self._loaded = loaded
        self._poll = select.poll()
        self._poll.register(channel.fileno(), select.POLLIN)
        self._workers: dict[int, tuple[int, int]] = {}
        """Descriptor of the process -> its id, and where its exit code goes."""

    def serve(self) -> None:
        """Fork workers until the front closes the connection."""
        while True:
            for fd, _ in self._poll.poll():
                if fd != self._channel.fileno():
                    self._reap(fd)
                    continue
                message, fds = self._channel.receive()
                if message is None:
                    return
                self._start(message, fds)

    def _start(self, message: dict[str, Any], fds: list[int]) -> None:
        connection, taken, errors, ended = fds
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._be_worker(message, fds, parent)
        for fd in (connection, taken, errors):
            os.close(fd)
        process = os.pidfd_open(pid)
        self._workers[process] = pid, ended
        self._poll.register(process, select.POLLIN)
        self._channel.send({"event": "started", "pid": pid}, [process])

    def _be_worker(self, message: dict[str, Any], fds: list[int], parent: int) -> None:
        connection, taken, errors, ended = fds
        code = 1
        try:
            os.dup2(errors, 2)
            self._channel.close()
            for process, (_, other) in self._workers.items():
                os.close(process)
                os.close(other)
            os.close(errors)
            os.close(ended)
            run_worker(socket.socket(fileno=connection), taken, message, parent, self._loaded)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)  # nothing of the nursery is to be tidied up here

    def _reap(self, process: int) -> None:
        pid, ended = self._workers.pop(process)
        self._poll.unregister(process)
        _, status = os.waitpid(pid, 0)
        os.close(process)
        with suppress(OSError):  # the front has gone on without it
            os.write(ended, EXIT_CODE.pack(os.waitstatus_to_exitcode(status)))
        os.close(ended)


def load(release: str) -> Loaded:
    """The release in memory. Raises ReleaseError if it cannot be read.

    A process of its own reads the store: to open one on disk starts threads, and they would
    not be there after a fork.
    """
    source, target = os.pipe()
    parent = os.getpid()
    reader = os.fork()
    if reader == 0:
        code = 1
        try:
            die_with_parent(parent)
            os.close(source)
            with os.fdopen(target, "wb", buffering=PIPE_BYTES) as out:
                write_quads(Path(release), out)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(target)
    with os.fdopen(source, "rb", buffering=0) as quads:
        try:
            store = read_quads(cast(BinaryIO, quads))
        finally:
            quads.close()  # so that the reader ends
            _, status = os.waitpid(reader, 0)
    if status:
        raise ReleaseError(f"The store of {release} cannot be read.")
    return Loaded.of(release, store)


def main(arguments: list[str]) -> None:
    """Serve the socket whose descriptor the front gave."""
    descriptor, parent, *releases = arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the front, which ends us
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    die_with_parent(int(parent))
    channel = Channel(socket.socket(fileno=int(descriptor)))
    try:
        loaded = load(releases[0]) if releases else None
    except ReleaseError as error:
        channel.send({"event": "failed", "detail": str(error)})
        return
    gc.collect()
    gc.freeze()  # what is collected is written to, and no longer shared
    channel.send({"event": "ready"})
    Nursery(channel, loaded).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
