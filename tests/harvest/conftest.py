"""The environment with CKAN's harvester, a catalogue served on loopback, and harvests of it."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.harvest.harvests import ROOT, Harvester, harvest_with


@pytest.fixture(scope="session")
def ckan_python() -> Path:
    """The Python that has CKAN: SDGPLAN_CKAN_PYTHON, else that of .venv-ckan; or a skip."""
    named = os.environ.get("SDGPLAN_CKAN_PYTHON")
    path = Path(named) if named else ROOT / ".venv-ckan" / "bin" / "python"
    if not path.is_file():
        pytest.skip(f"needs CKAN's harvester; {path} is missing (make ckan)")
    return path


@pytest.fixture(scope="session")
def harvest(ckan_python: Path) -> Harvester:
    """`harvest(url, locale)`, which gives a Harvest; see `harvest_with` for what else it takes."""
    return functools.partial(harvest_with, ckan_python)


class Site(ThreadingHTTPServer):
    """A server on loopback of what lies in `files`: path -> Content-Type and text."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.files: dict[str, tuple[str, str]] = {}
        self.base = f"http://127.0.0.1:{self.server_port}"

    def put(self, path: str, text: str, content_type: str = "text/turtle; charset=utf-8") -> str:
        """The URL under which the text is served from now on, in place of what was there."""
        self.files[path] = (content_type, text)
        return self.base + path


class Page(BaseHTTPRequestHandler):
    """One request to a Site: 200 with the file's bytes, or 404."""

    server: Site
    timeout = 10

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.wfile.write(self.answer())

    def answer(self) -> bytes:
        """The body, after status and headers are sent."""
        found = self.path in self.server.files
        content_type, text = self.server.files.get(self.path, ("text/plain", "not found"))
        body = text.encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return body

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(timeout=10)
