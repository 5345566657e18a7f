"""The remote stores of the tests: each a process of its own, on a free port of loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path

import pytest

HOST = "127.0.0.1"
START_S = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class StoreProcess(ABC):
    """A store with a folder and ports of its own; `stop` and `start` restart it."""

    name = ""
    user = password = ""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    @abstractmethod
    def endpoint(self) -> str: ...

    @property
    @abstractmethod
    def graph_store(self) -> str: ...

    @property
    @abstractmethod
    def update(self) -> str: ...

    @abstractmethod
    def command(self) -> list[str]: ...

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            assert self._process.poll() is None, (self.folder / "log").read_text("utf-8", "replace")
            address = f"{self.endpoint}?query=ASK%7B%7D"
            with suppress(OSError), urllib.request.urlopen(address, timeout=5) as reply:
                if reply.status == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"{self.name} did not come up in {START_S} s")

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def stop(self, is_kill: bool = False) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill() if is_kill else process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Oxigraph(StoreProcess):
    """The Oxigraph server of the package `oxigraph`."""

    name = "oxigraph"
    is_in_memory = False

    @property
    def endpoint(self) -> str:
        return f"{self.origin}/query"

    @property
    def graph_store(self) -> str:
        return f"{self.origin}/store"

    @property
    def update(self) -> str:
        return f"{self.origin}/update"

    def command(self) -> list[str]:
        beside = Path(sys.executable).with_name("oxigraph")
        program = str(beside) if beside.exists() else shutil.which("oxigraph")
        if program is None:
            pytest.skip("needs the package oxigraph (pip install oxigraph)")
        bind = ["--bind", f"{HOST}:{self.port}"]
        place = [] if self.is_in_memory else ["--location", str(self.folder / "data")]
        return [program, "serve", *place, *bind]


class OxigraphMemory(Oxigraph):
    """The same without a disk, which loses all when it ends."""

    is_in_memory = True


class Virtuoso(StoreProcess):
    """Virtuoso of Debian's package `virtuoso-opensource`, with its usual cap of 10,000 rows."""

    name = "virtuoso"
    user = password = "dba"

    @property
    def endpoint(self) -> str:
        return f"{self.origin}/sparql"

    @property
    def graph_store(self) -> str:
        return f"{self.origin}/sparql-graph-crud-auth"

    @property
    def update(self) -> str:
        return f"{self.origin}/sparql-auth"

    def command(self) -> list[str]:
        program = shutil.which("virtuoso-t")
        if program is None:
            pytest.skip(
                "needs the Debian package virtuoso-opensource (apt-get install virtuoso-opensource)"
            )
        settings = self.folder / "virtuoso.ini"
        if not settings.exists():
            settings.write_text(_INI.format(host=HOST, http=self.port, sql=free_port()))
        (self.folder / "virtuoso.lck").unlink(missing_ok=True)  # of one that was killed
        return [program, "-f", "+configfile", settings.name]


_INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = virtuoso.tdb
TransactionFile = virtuoso.ttr
[Parameters]
ServerPort = {host}:{sql}
DisableUnixSocket = 1
MaxClientConnections = 10
CheckpointInterval = 0
CaseMode = 2
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
[HTTPServer]
ServerPort = {host}:{http}
ServerRoot = .
ServerThreads = 20
[SPARQL]
ResultSetMaxRows = 10000
"""
