"""The processes that workers are forked from, as the front sees them: one for each release in
memory, and one without a release for all others.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from kg.release import Release
from kg.settings import Settings
from kg.store import is_in_file
from server.wire import Channel

log = logging.getLogger("sdgplan.engine")

BYTES_PER_QUAD = 650
"""What a quad takes in memory, with its part of the merge: 656 MB for 1,078,486 (measured)."""
OTHER_PROCESSES = 3
"""The nursery, the worker of pages and the quick one; what a worker reads becomes its own page
by page, so that each may come to hold all of it."""
MOST_LOSSES = 3
"""How often the nursery of a release may fail or be killed before it is left on disk."""
LOAD_TIMEOUT_S = 300
START_TIMEOUT_S = 60
LOOK_S = 0.2
"""How long one thread keeps the others from a nursery while it waits for it, in seconds."""
SHOWN_BYTES = 4000
"""How much of a lost process's error output is logged, from its end."""


def last_words(errors: int) -> str:
    """The end of what a process wrote to its error file, by descriptor; empty if there is none."""
    if errors < 0:
        return ""
    size = os.lseek(errors, 0, os.SEEK_END)
    shown = os.pread(errors, SHOWN_BYTES, max(size - SHOWN_BYTES, 0))
    return shown.decode("utf-8", "replace").strip()


class NurseryProcess:
    """A running nursery. It dies with the thread that starts it."""

    def __init__(self, release: str = "") -> None:
        """Start it with a release to load, given as its path; empty for none."""
        self.release = release
        self.is_retired = False
        self.has_failed = False
        self._lock = threading.Lock()
        self._users = 0
        self._is_ready = False
        connection, child = socket.socketpair()
        self._channel = Channel(connection, START_TIMEOUT_S)
        self._errors = os.memfd_create("sdgplan-nursery-errors")
        package_parent = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join(filter(None, [package_parent, os.environ.get("PYTHONPATH")]))
        numbers = [str(child.fileno()), str(os.getpid())]
        with child:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server.nursery", *numbers, *filter(None, [release])],
                stdin=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=[child.fileno()],
                env={**os.environ, "PYTHONPATH": path, "RUST_BACKTRACE": "0"},
            )

    @property
    def is_alive(self) -> bool:
        return not self.has_failed and self._process.poll() is None

    def is_ready(self, timeout_s: float = 0.0) -> bool:
        """Whether it has loaded its release, or will have within the time."""
        until = time.monotonic() + timeout_s
        while True:
            with self._lock:
                if self._is_ready or self.has_failed or self._look(until):
                    return self._is_ready and self.is_alive
            if time.monotonic() >= until:
                return False

    def _look(self, until: float) -> bool:
        """Wait a moment for its first message; whether that has come."""
        try:
            message, _ = self._channel.receive(min(until, time.monotonic() + LOOK_S))
        except TimeoutError:
            return False
        except OSError:
            message = None
        self._is_ready = message is not None and message["event"] == "ready"
        self.has_failed = not self._is_ready
        if self.has_failed and not self.is_retired:
            log.warning(
                "A release cannot be held in memory", extra={"why": last_words(self._errors)}
            )
        return True

    def start(self, limits: Mapping[str, Any], fds: list[int]) -> tuple[int, int]:
        """A new worker's process id and descriptor. Raises OSError if there can be none."""
        if not self.is_ready(LOAD_TIMEOUT_S):
            raise ChildProcessError("the nursery did not come up")
        with self._lock:
            try:
                self._channel.send(limits, fds)
            except OSError:
                self.has_failed = True
                raise
            message, passed = self._channel.receive(time.monotonic() + START_TIMEOUT_S)
            if message is None:
                self.has_failed = True
                raise ChildProcessError("the nursery has gone")
            self._users += 1
            return message["pid"], passed[0]

    def release_worker(self) -> None:
        """One of its workers is gone."""
        with self._lock:
            self._users -= 1
        self.end_if_unused()

    def retire(self) -> None:
        """End it with the last of its workers."""
        self.is_retired = True
        self.end_if_unused()

    def end_if_unused(self) -> None:
        with self._lock:
            is_unused = self.is_retired and not self._users
        if is_unused:
            self.end()

    def end_if_loading(self) -> None:
        """End it if it has not loaded its release yet."""
        if not self._is_ready:
            self._process.kill()

    def end(self) -> None:
        """End it now, and its workers with it."""
        self._process.kill()
        self._process.wait()
        with self._lock:
            self.has_failed = True
            self._channel.close()
            if self._errors >= 0:
                os.close(self._errors)
                self._errors = -1


class Nurseries:
    """Which nursery a worker is to come from."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._starter = ThreadPoolExecutor(1, "sdgplan-nursery")  # they die with its thread
        self._plain: NurseryProcess | None = None
        self._loaded: dict[str, NurseryProcess] = {}
        self._losses: Counter[str] = Counter()
        self._on_disk_only: set[str] = set()
        self._is_closed = False

    def best_for(self, release: Release, is_current: bool) -> NurseryProcess:
        """The nursery for a worker that is to answer over the release.

        Only the current release is loaded. One that is also on disk is answered from there
        until it is; else this waits. Raises OSError when closed or no process can be started.
        """
        path = str(release.path)
        nursery = self._loaded_for(release) if is_current else self._loaded.get(path)
        if nursery is not None:
            must_wait = is_in_file(release.path)
            if nursery.is_ready(LOAD_TIMEOUT_S if must_wait else 0.0):
                return nursery
            if not nursery.is_alive:
                self._forget(nursery)
        with self._lock:
            if self._plain is None or not self._plain.is_alive:
                if self._plain is not None:
                    self._plain.retire()
                self._plain = self._start("")
            return self._plain

    def interrupt(self) -> None:
        """Start no more, and end what is still loading: somebody may wait for it."""
        self._is_closed = True
        for nursery in list(self._loaded.values()):
            nursery.end_if_loading()

    def close(self) -> None:
        """End every nursery."""
        with self._lock:
            self._is_closed = True
            plain = [] if self._plain is None else [self._plain]
            for nursery in [*plain, *self._loaded.values()]:
                nursery.end()
        self._starter.shutdown()

    def _forget(self, nursery: NurseryProcess) -> None:
        with self._lock:
            if self._loaded.get(nursery.release) is nursery:
                del self._loaded[nursery.release]
                self._losses[nursery.release] += 1
                if self._losses[nursery.release] >= MOST_LOSSES:
                    self._on_disk_only.add(nursery.release)
        nursery.retire()

    def _loaded_for(self, release: Release) -> NurseryProcess | None:
        path = str(release.path)
        with self._lock:
            nursery = self._loaded.get(path)
            if nursery is None and path not in self._on_disk_only and self._is_wanted(release):
                for other in self._loaded.values():
                    other.retire()
                nursery = self._start(path)
                self._loaded = {path: nursery}
            return nursery

    def _is_wanted(self, release: Release) -> bool:
        quads = int(release.manifest.get("quads", 0))
        if is_in_file(release.path):
            return True
        processes = self._settings.workers + OTHER_PROCESSES
        needed = quads * BYTES_PER_QUAD * processes
        if not 0 < quads <= self._settings.memory_quads:
            return False
        if needed > available_bytes():
            shown = {"needed_mib": needed >> 20}
            log.warning("Too little memory to hold the release; it is read from disk", extra=shown)
            self._on_disk_only.add(str(release.path))
            return False
        return True

    def _start(self, release: str) -> NurseryProcess:
        if self._is_closed:
            raise ChildProcessError("closed")
        return self._starter.submit(NurseryProcess, release).result()


def available_bytes() -> int:
    """The memory that is free for this process: of the machine, and within its control group."""
    free = [_of_machine()]
    group = Path("/sys/fs/cgroup")
    try:
        limit = (group / "memory.max").read_text().strip()
        if limit != "max":
            free.append(int(limit) - int((group / "memory.current").read_text()))
    except (OSError, ValueError):
        pass  # no control groups of version 2 here
    return min(free)


def _of_machine() -> int:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return 0
    kib = next((line.split()[1] for line in lines if line.startswith("MemAvailable:")), "0")
    return int(kib) << 10
