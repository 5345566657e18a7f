"""Where workers come from, and which releases they hold in memory."""

from __future__ import annotations

import ctypes
import gc
import json
import mmap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

import kg.store_update
from kg.settings import Settings
from kg.store import QUADS_FILE, STORE_FOLDER, open_release
from server import create_app, nurseries
from server.application import close_app
from server.copying import PIECE_BYTES, copied
from server.engine import Engine
from server.nursery import load
from tests.http.asking import LABELS

WAIT_S = 60


@pytest.fixture
def on_disk(tmp_path: Path, small: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release too large for the file that is only read into memory."""
    monkeypatch.setattr(kg.store_update, "MEMORY_QUADS", 10)
    release = small.build(tmp_path)
    assert not (release.path / STORE_FOLDER / QUADS_FILE).exists()
    return tmp_path


@pytest.fixture
def started(on_disk: Path) -> Iterator[Callable[[Settings], Flask]]:
    apps: list[Flask] = []

    def begin(settings: Settings) -> Flask:
        apps.append(create_app(settings, on_disk))
        return apps[-1]

    yield begin
    for app in apps:
        close_app(app)


def engine_of(app: Flask) -> Engine:
    engine = app.extensions["sdgplan"]["context"].engine
    assert isinstance(engine, Engine)
    return engine


def until(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + WAIT_S
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_so()


def test_a_release_on_disk_is_answered_at_once_and_soon_from_memory(
    started: Callable[[Settings], Flask],
) -> None:
    app = started(Settings(query_workers=1, rate_limit=""))
    client, engine = app.test_client(), engine_of(app)
    before = client.get("/sparql", query_string={"query": LABELS})
    assert before.status_code == 200
    assert until(engine.is_in_memory)
    assert b"sdgplan_in_memory 1.0" in client.get("/metrics").data
    after = client.get("/sparql", query_string={"query": LABELS + "  #"})
    assert json.loads(after.data) == json.loads(before.data)
    parents = {_parent(pid) for pid in engine.worker_pids()}
    assert all(len(list(Path(f"/proc/{pid}/task").iterdir())) == 1 for pid in parents)


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_a_release_over_the_limit_stays_on_disk(started: Callable[[Settings], Flask]) -> None:
    app = started(Settings(query_workers=1, rate_limit="", memory_quads=10))
    _stays_on_disk(app)


def test_a_release_stays_on_disk_where_memory_is_short(
    started: Callable[[Settings], Flask],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(nurseries, "available_bytes", lambda: 1000)
    app = started(Settings(query_workers=1, rate_limit=""))
    _stays_on_disk(app)
    assert [record.message for record in caplog.records if record.name == "sdgplan.engine"] == [
        "Too little memory to hold the release; it is read from disk"
    ]


def _stays_on_disk(app: Flask) -> None:
    assert app.test_client().get("/sparql", query_string={"query": LABELS}).status_code == 200
    engine = engine_of(app)
    assert until(lambda: len(engine.worker_pids()) == 3)
    parents = {_parent(pid) for pid in engine.worker_pids()}
    assert len(parents) == 1
    assert not engine.is_in_memory()


@pytest.mark.parametrize("is_large", [False, True])
def test_what_is_loaded_is_what_is_stored(
    tmp_path: Path, small: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, *, is_large: bool
) -> None:
    if is_large:
        monkeypatch.setattr(kg.store_update, "MEMORY_QUADS", 10)
    release = small.build(tmp_path)
    opened, loaded = open_release(release.path), load(str(release.path))
    assert (loaded.graphs, loaded.quads) == (opened.graph_names(), opened.quad_count())
    for query in (
        "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o",
        "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g ?s ?p ?o",
    ):
        assert loaded.store.select(query) == opened.select(query)


def test_what_was_forked_becomes_its_own_while_there_is_nothing_to_do(
    started: Callable[[Settings], Flask],
) -> None:
    app = started(Settings(query_workers=1, rate_limit=""))
    engine = engine_of(app)
    assert until(engine.is_in_memory)

    def shared_kib() -> list[int]:
        return sorted(_shared_kib(pid) for pid in engine.worker_pids())

    # that of visitors; those of pages and the quick one go on sharing
    assert until(lambda: len(found := shared_kib()) == 3 and found[0] < found[1] // 4)
    assert app.test_client().get("/sparql", query_string={"query": LABELS}).status_code == 200


def test_a_range_that_was_given_back_does_not_keep_others_from_being_copied() -> None:
    with mmap.mmap(-1, PIECE_BYTES) as gone, mmap.mmap(-1, PIECE_BYTES) as there:
        given_back, kept = (ctypes.addressof(ctypes.c_char.from_buffer(m)) for m in (gone, there))
        gc.collect()
        gone.close()
        assert list(copied([(given_back, PIECE_BYTES), (kept, PIECE_BYTES)])) == [PIECE_BYTES]
        gc.collect()


def _shared_kib(pid: int) -> int:
    """What the process shares of the memory it was forked with."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("Shared_Dirty:"))


def test_available_memory_is_a_part_of_the_machine() -> None:
    total = next(
        line for line in Path("/proc/meminfo").read_text().splitlines() if "MemTotal" in line
    )
    assert 0 < nurseries.available_bytes() < int(total.split()[1]) << 10
