"""A query worker: one process that answers one query at a time, and may be killed at any moment.

Forked from a nursery (`server/nursery.py`), with a release in memory or without one.
It has no network (where the system lets it give that up), an address-space limit and a largest
file size, and it dies with the nursery, which dies with
the front. Whatever a query does to it, only that query is lost.
If it is RELAYED, it opens the socket to which SERVICE calls go and hands it to the front.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
import resource
import signal
import socket
import struct
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import FormatError, QueryError, ReleaseError
from kg.store import Store, open_release
from server.copying import copied, written_ranges
from server.spool import NoRoom, Spool
from server.wire import Channel, term_from_json

MIB = 1 << 20
OOM_SCORE = 500
STACK_BYTES = 8 << 20
"""What `server/guard.py` reckons with."""
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1  # from <linux/sockios.h>, <net/if.h>
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def give_up_network() -> bool:
    """Move into a network namespace without any interface; False where the system refuses."""
    system = ctypes.CDLL(None, use_errno=True)
    for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET):
        if system.unshare(flags) == 0:
            return True
    return False


def listen_alone() -> socket.socket:
    """A listening socket on this process's loopback interface, for the front to answer."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    request = struct.pack("16sh22x", b"lo", 0)
    flags = struct.unpack("16sh22x", fcntl.ioctl(listener, _SIOCGIFFLAGS, request))[1]
    if not flags & _IFF_UP:
        fcntl.ioctl(listener, _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", flags | _IFF_UP))
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener


def die_with_parent(parent: int) -> None:
    """Ask the kernel for SIGKILL at the parent's death, and go now if it is dead already."""
    system = ctypes.CDLL(None, use_errno=True)
    system.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    system.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


@dataclass(frozen=True, slots=True)
class Loaded:
    """An open release and what it has."""

    release: str
    store: Store
    graphs: list[str]
    quads: int
    ranges: list[tuple[int, int]]
    """Where it is, to be copied by those who were forked with it."""

    @classmethod
    def of(cls, release: str, store: Store) -> Loaded:
        graphs, quads = store.graph_names(), store.quad_count()
        return cls(release, store, graphs, quads, written_ranges())


class Worker:
    """The release that is open and the limits around each query."""

    def __init__(
        self,
        channel: Channel,
        memory_mib: int,
        result_mib: int,
        taken: mmap.mmap,
        loaded: Loaded | None,
        *,
        copies: bool,
    ) -> None:
        """`taken` is a byte that tells the front whether a message was taken up.

        `copies`: whether it makes what is loaded its own while it has nothing to do.
        """
        self._loaded = loaded
        self._copying = copied(loaded.ranges if loaded is not None and copies else [])
        self._channel = channel
        self._taken = taken
        self._statm = os.open("/proc/self/statm", os.O_RDONLY)
        self._memory_bytes = memory_mib * MIB
        self._result_bytes = result_mib * MIB
        self._release = ""
        self._store: Store | None = None
        self._ceiling_bytes = 0

    def serve(self) -> None:
        """Answer messages until the front closes the connection or this worker has grown old."""
        while True:
            while not self._channel.has_input() and next(self._copying, None) is not None:
                pass  # with nothing else to do
            message, _ = self._channel.receive()
            if message is None:
                return
            self._taken[0] = 1
            with Spool() as spool:
                event = self._handle(message, spool)
                if event["event"] == "done" and "query" in message:
                    fd = spool.fileno()
                    self._channel.send(event, () if fd < 0 else [fd], spool.small)
                else:
                    self._channel.send(event)

    def _handle(self, message: dict[str, Any], spool: Spool) -> dict[str, Any]:
        try:
            store = self._open(message["release"])
            if "query" in message:
                store.answer(
                    message["query"],
                    spool.out,
                    media_type=message["media_type"],
                    default_graphs=message["default_graphs"],
                    named_graphs=message["named_graphs"],
                    bindings={n: term_from_json(t) for n, t in message["bindings"].items()},
                )
                spool.out.flush()
        except QueryError as error:
            line, column = getattr(error, "line", None), getattr(error, "column", None)
            kind = "syntax" if line else "query"
            return _failed(kind, str(error), line=line, column=column)
        except FormatError as error:
            return _failed("format", str(error))
        except ReleaseError as error:
            return _failed("release", str(error))
        except MemoryError:
            return _failed("memory", "")
        except NoRoom:
            return _failed("disk", "")
        except OSError as error:
            return _failed("size" if error.errno == errno.EFBIG else "query", str(error))
        grown = self._address_space_bytes() > self._ceiling_bytes - self._memory_bytes // 2
        return {"event": "done", "is_worn": grown}

    def _open(self, release: str) -> Store:
        if self._store is None or release != self._release:
            self._store = None
            _limit(resource.RLIMIT_AS, resource.RLIM_INFINITY)
            if self._loaded is not None and self._loaded.release == release:
                loaded = self._loaded
            else:
                loaded = Loaded.of(release, open_release(Path(release)))
            self._ceiling_bytes = self._address_space_bytes() + self._memory_bytes
            _limit(resource.RLIMIT_AS, self._ceiling_bytes)
            _limit(resource.RLIMIT_FSIZE, self._result_bytes)
            self._store, self._release = loaded.store, release
            opened = {"graphs": loaded.graphs, "quads": loaded.quads}
            self._channel.send({"event": "opened", **opened})
        return self._store

    def _address_space_bytes(self) -> int:
        return int(os.pread(self._statm, 64, 0).split()[0]) * _PAGE_BYTES


def _limit(what: int, size: int) -> None:
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (size, hard))


def _failed(kind: str, detail: str, **place: int | None) -> dict[str, Any]:
    return {"event": "failed", "kind": kind, "detail": detail, **place}


def run_worker(
    connection: socket.socket,
    taken: int,
    limits: Mapping[str, Any],
    parent: int,
    loaded: Loaded | None,
) -> None:
    """Be a worker until the front closes the connection; `parent` is the nursery's process id.

    `limits` is the front's message to the nursery, `taken` the descriptor of a byte.
    """
    with suppress(OSError):  # where memory runs out, a worker goes before all it was forked from
        Path("/proc/self/oom_score_adj").write_text(f"{OOM_SCORE}\n")
    with closing(Channel(connection)) as channel:
        has_network = not give_up_network()
        ready = {"event": "ready", "has_network": has_network}
        if limits["relayed"]:
            with listen_alone() as listener:
                channel.send(ready, [listener.fileno()])
        else:
            channel.send(ready)
        die_with_parent(parent)
        sizes = limits["memory_mib"], limits["result_mib"]
        worker = Worker(channel, *sizes, mmap.mmap(taken, 1), loaded, copies=limits["copies"])
        # a thread of its own: what the engine draws lots with belongs to a thread, and that of
        # the nursery would give every worker the same UUIDs
        threading.stack_size(STACK_BYTES)
        with ThreadPoolExecutor(1) as own:
            own.submit(worker.serve).result()
