"""A small release and the server over it: through the test client, and as a real process."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg import pipeline
from kg.counts import write_counts
from kg.dumps import checksums
from kg.release import Release, current_release, write_manifest
from kg.search_index import SEARCH_FILE, write_search_index
from kg.settings import Settings
from server import create_app
from server.application import close_app
from tests.http.asking import Reading
from tests.http.estimated import with_estimates
from tests.releases import counts_of, new_release, write_store

BASE = "https://w3id.org/jp-sdgplan/id/"
PLAN = f"{BASE}072036/plan/kyodo-2/2021"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SP = "https://w3id.org/jp-sdgplan/ns#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
START_S = 60
REPOSITORY = Path(__file__).resolve().parents[2]


def _quads(projects: int, mark: str) -> bytes:
    source, links = f"<{PLAN}/graph/source>", f"<{PLAN}/graph/links>"
    document = f"<{BASE}072036/source/kyodo-2-2021>"
    unit = f"<{BASE}072036/unit/3f9a2c1e>"
    lines = [
        f"<{PLAN}> <{RDF_TYPE}> <{SP}ImplementationPlan> {source} .",
        f'<{PLAN}> <{SKOS}prefLabel> "{mark}"@ja {source} .',
        f"{unit} <{RDF_TYPE}> <http://www.w3.org/ns/org#OrganizationalUnit> {source} .",
        f'{unit} <{SKOS}prefLabel> "市民部セーフコミュニティ課"@ja {source} .',
        f"<{BASE}fy/2021> <{RDF_TYPE}> <{SP}FiscalYear> {source} .",
    ]
    for number in range(1, projects + 1):
        project = f"<{PLAN}/project/{number}>"
        lines += [
            f"{project} <{RDF_TYPE}> <{SP}Project> {source} .",
            f'{project} <{SKOS}prefLabel> "事業{number}"@ja {source} .',
            f"{project} <{SP}responsibleUnit> {unit} {source} .",
            f"{project} <http://purl.org/dc/terms/source> {document} {source} .",
            f"{project} <{SP}sdgGoal> <http://metadata.un.org/sdg/{number % 17 + 1}> {links} .",
        ]
    return ("\n".join(lines) + "\n").encode()


def build(var: Path, projects: int = 40, mark: str = "実施計画", second: int = 0) -> Release:
    """A new current release of one made-up plan; `mark` is its label."""
    quads = _quads(projects, mark)
    now = datetime(2026, 11, 24, 10, 15, second, tzinfo=UTC)
    with new_release(var, "1a2b3c4d" * 8, now) as draft:
        count = write_store(draft.path / "store", quads)
        write_counts(draft.path, counts_of(quads.decode().splitlines()))
        folder = draft.path / "dumps" / "072036" / "kyodo-2" / "2021"
        folder.mkdir(parents=True)
        (folder / "source.nq").write_bytes(quads)
        (folder / "source.ttl").write_text("# 例\n" * 400, encoding="utf-8")
        (folder / "source.csv").write_text("code\r\n072036\r\n", encoding="utf-8-sig")
        (folder / "source.csv-metadata.json").write_text(
            '{"url": "source.csv"}\n', encoding="utf-8"
        )
        (folder / "source.csv.gz").write_bytes(gzip.compress(b"code\r\n"))
        (draft.path / "dumps" / "all.nq.gz").write_bytes(bytes(range(256)) * 8)
        sums = checksums(draft.path / "dumps")
        text = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
        (draft.path / "dumps" / "SHA256SUMS").write_text(text, encoding="utf-8")
        plans = [
            {"code": "072036", "slug": "kyodo-2", "year": 2021, "iri": PLAN,
             "status": "published", "licence": "https://creativecommons.org/licenses/by/4.0/"},
            {"code": "072036", "slug": "old", "year": 2019, "status": "withdrawn",
             "iri": f"{BASE}072036/plan/old/2019"},
        ]  # fmt: skip
        write_manifest(draft, program_version="0", quads=count, plans=plans)
    return current_release(var)


@pytest.fixture(scope="session")
def small() -> SimpleNamespace:
    """The names of the made-up release, and `build` for another one."""
    return SimpleNamespace(base=BASE, plan=PLAN, skos=SKOS, sp=SP, build=build)


@pytest.fixture(scope="session")
def koriyama_var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release built from the real plan of Koriyama, once for all tests of pages."""
    folder = tmp_path_factory.mktemp("koriyama")
    options = pipeline.Options(only="koriyama-2021", validator="shacl")
    now = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
    assert pipeline.build(REPOSITORY / "data", folder, Settings(), now, options).release
    return folder


@pytest.fixture(scope="session")
def demo_var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of Koriyama's plan beside those of the made-up municipalities."""
    folder = tmp_path_factory.mktemp("demo")
    for plans in ("data/plans", "examples/plans"):
        shutil.copytree(REPOSITORY / plans, folder / "data" / "plans", dirs_exist_ok=True)
    options = pipeline.Options(validator="shacl")
    now = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
    assert pipeline.build(folder / "data", folder, Settings(), now, options).release
    return folder


@pytest.fixture(scope="session")
def estimated_var(koriyama_var: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Koriyama's release with the estimates of tests/http/estimated.py."""
    folder = tmp_path_factory.mktemp("estimated")
    with_estimates(current_release(koriyama_var), folder)
    return folder


def _client(var: Path) -> Iterator[FlaskClient]:
    app = create_app(Settings(query_workers=1, rate_limit=""), var)
    yield Reading(app, app.response_class)
    close_app(app)


@pytest.fixture(scope="module")
def demo(demo_var: Path) -> Iterator[FlaskClient]:
    yield from _client(demo_var)


@pytest.fixture(scope="module")
def estimated(estimated_var: Path) -> Iterator[FlaskClient]:
    yield from _client(estimated_var)


@pytest.fixture(scope="module")
def koriyama_server(koriyama_var: Path) -> Iterator[Server]:
    """That release over real HTTP."""
    server = Server(koriyama_var, query_workers="1", rate_limit="")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("var")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def app(var: Path) -> Iterator[Flask]:
    settings = Settings(
        query_workers=1, query_timeout_s=5, query_memory_mib=256, result_limit_mib=2, rate_limit=""
    )
    app = create_app(settings, var)
    yield app
    close_app(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return Reading(app, app.response_class)


@pytest.fixture(scope="module")
def koriyama(koriyama_var: Path) -> Iterator[Flask]:
    """The application over the release of Koriyama."""
    app = create_app(Settings(query_workers=1, rate_limit=""), koriyama_var)
    yield app
    close_app(app)


@pytest.fixture
def pages(koriyama: Flask) -> FlaskClient:
    return Reading(koriyama, koriyama.response_class)


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Koriyama beside made-up cities, with two candidates of links."""
    folder = tmp_path_factory.mktemp("cities")
    plans = folder / "data" / "plans"
    shutil.copytree(REPOSITORY / "examples" / "plans", plans)
    shutil.copytree(REPOSITORY / "data" / "plans" / "koriyama-2021", plans / "koriyama-2021")
    options = pipeline.Options(validator="shacl")
    now = datetime(2026, 11, 24, tzinfo=UTC)
    release = pipeline.build(folder / "data", folder / "var", Settings(), now, options).release
    assert release is not None
    candidates = "".join(
        f"<{PLAN}/project/{number}> <{SP}candidateSdgGoal> <http://metadata.un.org/sdg/{goal}> "
        f"<{PLAN}/graph/candidate> .\n"
        for number, goal in ((25, 6), (25, 15), (26, 6))
    )
    dumps = release.path / "dumps" / "072036" / "kyodo-2" / "2021"
    (dumps / "candidate.nq").write_text(candidates, encoding="utf-8")
    (release.path / SEARCH_FILE).unlink()
    write_search_index(release.path, release.manifest["plans"], None)
    app = create_app(Settings(query_workers=1, rate_limit=""), folder / "var")
    yield app
    close_app(app)


@pytest.fixture
def search_client(cities: Flask) -> FlaskClient:
    return Reading(cities, cities.response_class)


class Server:
    """`serve` as a process of its own, on a free loopback port."""

    def __init__(
        self,
        var: Path,
        prefix: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        log: Path | None = None,
        **settings: str,
    ) -> None:
        """`prefix` is a command to run it under, `log` takes what it writes to stderr."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        code = (
            "from pathlib import Path; from kg.settings import Settings; from server.run import "
            f"serve; serve(Settings.from_environment(), Path({str(var)!r}), port={self.port})"
        )
        variables = {f"SDGPLAN_{name.upper()}": value for name, value in settings.items()}
        errors = None if log is None else os.open(log, os.O_WRONLY | os.O_CREAT, 0o600)
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-c", code],
            cwd=REPOSITORY,
            env={
                **os.environ,
                "SDGPLAN_PUBLIC_URL": self.url,
                **variables,
                **(environment or {}),
            },
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        if errors is not None:
            os.close(errors)
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}healthz", timeout=5).close()
                return
            except OSError:
                assert self.process.poll() is None, "the server ended"
                time.sleep(0.05)
        raise AssertionError("the server did not come up")

    def descendants(self) -> list[int]:
        """The processes under this server now."""
        found, queue = [], [self.process.pid]
        while queue:
            children = _children(queue.pop())
            found += children
            queue += children
        return found

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and wait; returns the exit code."""
        self.process.send_signal(how)
        return self.process.wait(timeout=30)


def _children(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(status.parent.name))
    return found


@pytest.fixture(scope="module")
def start(var: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers over the small release and stops them at the end."""
    started: list[Server] = []

    def begin(**settings: Any) -> Server:
        settings = {"query_workers": "1", "query_timeout_s": "5", "rate_limit": "", **settings}
        started.append(Server(settings.pop("var", var), **settings))
        return started[-1]

    yield begin
    for server in started:
        if server.process.poll() is None:
            server.stop()
