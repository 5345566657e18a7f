"""The servers that are compared: how each is given the data, started, asked and ended.

All hold the same quads and answer from the same default graph, the merge of the named graphs.
Each peer has the fastest set-up found that gives the right answers:

- Oxigraph on disk serves read-only the very files of our release, so the stored merge, optimised.
  Its own --union-default-graph counts a triple twice that stands in the graphs of two plans.
- Oxigraph in memory is loaded over HTTP with the same quads, merge and named graphs.
- rdflib-endpoint (the command, its default store in memory) holds each triple once with the
  graphs it stands in; its union is the merge.
- Virtuoso has the merge as one more graph, which requests name as default graph; 1.3 GiB of
  buffers, so that all data stay in memory, and no limit on rows.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import distributions, version
from pathlib import Path

from http_client import HOST, fetch, request_of

ROOT = Path(__file__).resolve().parent.parent
SDGPLAN = [sys.executable, "-c", "from kg.cli import main; main()"]
START_S = 300
LOAD_S = 120
"""How long ours is given to load the release into memory, which it may refuse, in seconds."""
IN_MEMORY = b"sdgplan_in_memory"


class Server(ABC):
    """One server process on a port of its own; `with` ends it."""

    name = ""
    path = "/sparql"
    extra = ""
    """What its requests for the default graph carry beside the query."""
    timeout_s = 60.0
    is_serial = False
    """Whether it works on one request at a time."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @abstractmethod
    def version(self) -> str:
        """Its name and version, as it tells them itself."""

    @abstractmethod
    def start(self) -> None:
        """Start it and wait until it answers from the data."""

    def request(self, query: str, accept: str) -> list[str]:
        """A request in two parts, see http_client."""
        extra = "" if "GRAPH <" in query else self.extra
        return request_of(self.path, query, accept, extra)

    def ask(self, query: str, accept: str, number: int = 10_000) -> tuple[int, bytes]:
        """Status and body of one request."""
        return fetch(self.port, self.request(query, accept), number, self.timeout_s)

    def stop(self) -> None:
        """End the process that was started here, and wait for it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _run(self, command: list[str], **named: object) -> None:
        self.work.mkdir(parents=True, exist_ok=True)
        with (self.work / f"{type(self).__name__}.log").open("wb") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **named
            )  # type: ignore[call-overload]

    def _wait(self, query: str = "ASK {}") -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            assert self._process is not None
            if self._process.poll() is not None:
                log = (self.work / f"{type(self).__name__}.log").read_text("utf-8", "replace")
                raise RuntimeError(f"{self.name} ended: {log[-2000:]}")
            with suppress(OSError):
                status, _ = self.ask(query, "application/sparql-results+json")
                if status == 200:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"{self.name} did not come up in {START_S} s")


class Sdgplan(Server):
    """Ours: `sdgplan serve` with its defaults, but no limit on requests of one address."""

    name = "sdgplan"

    def __init__(self, work: Path, var: Path, tree: Path = ROOT) -> None:
        """`tree` is the folder of the program."""
        super().__init__(work)
        self._var = var
        self._tree = tree

    def version(self) -> str:
        return (
            f"{self._tree.name}, pyoxigraph {version('pyoxigraph')}, gunicorn {version('gunicorn')}"
        )

    def start(self) -> None:
        serve = ["serve", "--out", str(self._var), "--host", HOST, "--port", str(self.port)]
        environment = {**os.environ, "SDGPLAN_RATE_LIMIT": ""}
        self._run([*SDGPLAN, *serve], cwd=self._tree, env=environment)
        self._wait()
        until = time.monotonic() + LOAD_S
        while IN_MEMORY + b" 0.0" in self._metrics() and time.monotonic() < until:
            time.sleep(0.5)

    def is_in_memory(self) -> bool:
        """Whether it says that it holds the release in memory."""
        return IN_MEMORY + b" 1.0" in self._metrics()

    def _metrics(self) -> bytes:
        request = [f"GET /metrics HTTP/1.1\r\nHost: {HOST}\r\n\r\n", ""]
        return fetch(self.port, request, 0, self.timeout_s)[1]


class OxigraphDisk(Server):
    """The bare Oxigraph server on the files of our release."""

    name = "oxigraph"
    path = "/query"

    def __init__(self, work: Path, binaries: Path, store: Path) -> None:
        super().__init__(work)
        self._oxigraph = str(binaries / "oxigraph")
        self._store = store

    def version(self) -> str:
        return first_line([self._oxigraph, "--version"])

    def start(self) -> None:
        bind = ["--bind", f"{HOST}:{self.port}"]
        location = ["--location", str(self._store)]
        self._run([self._oxigraph, "serve-read-only", *location, *bind])
        self._wait()


class OxigraphMemory(Server):
    """The bare Oxigraph server with everything in memory."""

    name = "oxigraph-mem"
    path = "/query"

    def __init__(self, work: Path, binaries: Path, files: Mapping[str, Path]) -> None:
        super().__init__(work)
        self._oxigraph = str(binaries / "oxigraph")
        self._files = files

    def version(self) -> str:
        return first_line([self._oxigraph, "--version"])

    def start(self) -> None:
        self._run([self._oxigraph, "serve", "--bind", f"{HOST}:{self.port}"])
        self._wait()
        for name, media_type, place in (
            ("quads", "application/n-quads", "/store?no_transaction"),
            ("merge", "application/n-triples", "/store?default&no_transaction"),
        ):
            post(self.port, place, media_type, self._files[name])


class RdflibEndpoint(Server):
    """rdflib-endpoint as its command starts it; one thread does all the work."""

    name = "rdflib-endpoint"
    path = "/"
    timeout_s = 120.0
    is_serial = True

    def __init__(self, work: Path, binaries: Path, files: Mapping[str, Path]) -> None:
        super().__init__(work)
        self._binaries = binaries
        self._quads = files["quads"]

    def version(self) -> str:
        (site,) = (self._binaries.parent / "lib").glob("python*/site-packages")
        found = {d.name: d.version for d in distributions(path=[str(site)])}
        return ", ".join(f"{name} {found[name]}" for name in ("rdflib-endpoint", "rdflib"))

    def start(self) -> None:
        command = [str(self._binaries / "rdflib-endpoint"), "serve", "--host", HOST]
        self._run([*command, "--port", str(self.port), str(self._quads)])

    def wait(self) -> None:
        """Wait until the data are loaded, which takes longest of all."""
        self._wait()


def free_port() -> int:
    """A port of the loopback address that is free now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def first_line(command: list[str], line: int = 0) -> str:
    """One line of what a command says about itself."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    return (done.stdout + done.stderr).strip().splitlines()[line].strip()


def post(port: int, path: str, media_type: str, file: Path) -> None:
    """Send a file; raises RuntimeError if it is not taken."""
    head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n"
    head += f"Content-Type: {media_type}\r\nContent-Length: {file.stat().st_size}\r\n\r\n"
    with socket.create_connection((HOST, port), timeout=START_S) as connection:
        connection.sendall(head.encode("ascii"))
        with file.open("rb") as body:
            connection.sendfile(body)
        answer = connection.recv(4096)
    if answer[9:10] != b"2":
        raise RuntimeError(f"{path}: {answer.decode('utf-8', 'replace')}")
