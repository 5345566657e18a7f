"""`sdgplan push`: what it writes, reads back, drops, and what it leaves when it is broken off."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.errors import StoreFailed
from kg.pipeline import Options, build
from kg.push import graphs_of, rdfc10
from kg.release import current_release
from kg.remote.writing import GraphStore, Update, Writer, parts_of, writers_of
from kg.settings import Settings
from kg.store import open_release
from tests.remote.conftest import STORES, client_of, push, pushing, remote_of
from tests.remote.servers import StoreProcess

ROOT = Path(__file__).resolve().parents[2]
PLANS = ("examples/plans/mihoncho-0002-2021", "tests/data/plans/reishi-2021")
"""Small ones: each push is read back and compared as a whole."""
REISHI = "https://w3id.org/jp-sdgplan/id/990019/plan/kyodo/2021/graph/"
SHARED = ["catalog", "statistics"]
WAYS = [(name, way) for name in STORES for way in ("graph-store", "update")]
SMALL = 20_000
"""Few enough bytes for a batch of one or two graphs."""


@pytest.fixture(scope="module")
def releases(
    tmp_path_factory: pytest.TempPathFactory,
) -> SimpleNamespace:
    """Folders of releases: both plans, 例市's withdrawn, and 例市's with another title."""
    made = SimpleNamespace()
    for name in ("both", "one", "changed"):
        data, var = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp(name)
        if name != "both":
            shutil.copytree(made.both, var, symlinks=True, dirs_exist_ok=True)
        for plan in PLANS:
            shutil.copytree(ROOT / plan, data / "plans" / Path(plan).name)
        folder = data / "plans" / "reishi-2021"
        options = Options(validator="shacl")
        if name == "one":
            shutil.rmtree(folder)
            options = Options(validator="shacl", withdraw=("reishi-2021",))
        elif name == "changed":
            text = (folder / "plan.toml").read_text(encoding="utf-8")
            assert "例市" in text
            (folder / "plan.toml").write_text(text.replace("実施計画", "年度計画"), "utf-8")
        outcome = build(data, var, Settings(), datetime(2026, 11, 26, tzinfo=UTC), options)
        assert outcome.release, [str(problem) for problem in outcome.problems]
        setattr(made, name, var)
    return made


@pytest.fixture
def fresh(request: pytest.FixtureRequest, store_of: Callable[[str], StoreProcess]) -> StoreProcess:
    """The store of the name in the parameter, with nothing of ours in it."""
    name = request.param
    store = store_of(name)
    remote = remote_of(store)
    writer = _writer(store, "graph-store")
    for graph in [*remote.notes(), remote.names.merged, remote.names.loaded]:
        writer.drop(graph)
    return store


def _writer(store: StoreProcess, way: str) -> Writer:
    client = client_of(store)
    url = store.graph_store if way == "graph-store" else store.update
    (writer,) = writers_of(client, store.endpoint, 60, way, url)
    return writer


def _short(names: Iterable[str]) -> list[str]:
    return [name.removeprefix(REISHI).rpartition("/")[2] for name in names]


def test_hashes_are_those_of_the_release(two_cities: Path) -> None:
    release = current_release(two_cities)
    graphs = graphs_of(release)
    found = {}
    for entry in release.manifest["plans"]:
        for kind in entry["graphs"]:
            lines = graphs[f"{entry['iri']}/graph/{kind}"].lines()
            found[entry["iri"], kind] = {"triples": len(lines), "rdfc10": rdfc10(lines)}
    assert found == {
        (entry["iri"], kind): told
        for entry in release.manifest["plans"]
        for kind, told in entry["graphs"].items()
    }
    assert len(graphs) == 10
    quads = sum(len(graph.lines()) for graph in graphs.values())
    assert quads == release.manifest["quads"]


@pytest.mark.parametrize(("fresh", "way"), WAYS, indirect=["fresh"])
def test_only_what_changed_is_written(
    fresh: StoreProcess, way: str, releases: SimpleNamespace
) -> None:
    whole = push(fresh, releases.both, way)
    assert (len(whole.loaded), whole.dropped, whole.unchanged) == (10, [], 0)
    assert whole.triples == current_release(releases.both).manifest["quads"]
    assert whole.protocol == way
    again = push(fresh, releases.both, way)
    assert (again.loaded, again.dropped, again.unchanged) == ([], [], 10)
    assert again.protocol == ""  # nothing was written at all

    changed = push(fresh, releases.changed, way)
    assert sorted(_short(changed.loaded)) == ["catalog", "source"]
    assert (changed.dropped, changed.unchanged) == ([], 8)
    assert pushing(fresh, releases.changed).check() == []

    said: list[str] = []
    one = pushing(fresh, releases.one, said.append).run([_writer(fresh, way)])
    # only SPARQL Update takes single triples out of the merge
    is_anew = "The merge of all graphs is written anew." in said
    assert is_anew == (way == "graph-store")
    assert sorted(_short(one.dropped)) == ["links", "report", "source"]
    assert sorted(_short(one.loaded)) == SHARED
    assert pushing(fresh, releases.one).check() == []
    remote = remote_of(fresh)
    assert [remote.count(REISHI + kind) for kind in ("source", "links", "report")] == [0, 0, 0]

    back = push(fresh, releases.both, way)
    assert len(back.loaded) == 5
    assert pushing(fresh, releases.both).check() == []


class Broken(Exception):
    """The end of a push, as by a kill."""


class _Breaking:
    """Passes writing on to `writer` until so many requests were sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, requests: int) -> None:
        self.sent = 0
        send = Writer._send

        def counted(writer: Writer, *given: str) -> int:
            self.sent += 1
            if requests and self.sent > requests:
                raise Broken
            return send(writer, *given)

        monkeypatch.setattr(Writer, "_send", counted)


@pytest.mark.parametrize(("fresh", "way"), WAYS, indirect=["fresh"])
def test_a_push_that_is_broken_off_goes_on(
    fresh: StoreProcess, way: str, releases: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = _writer(fresh, way)
    old = current_release(releases.both).id
    pushing(fresh, releases.both).run([writer])
    with monkeypatch.context() as patch:
        whole = _Breaking(patch, 0)
        pushing(fresh, releases.one, batch_bytes=SMALL).run([writer])
    pushing(fresh, releases.both).run([writer])
    # broken off at several moments, one push after the other, each goes on where it was left
    moments = (1, whole.sent // 2, whole.sent - 1)
    for requests in moments if fresh.name == "oxigraph" else moments[1:2]:
        with monkeypatch.context() as patch, pytest.raises(Broken):
            _Breaking(patch, requests)
            pushing(fresh, releases.one, batch_bytes=SMALL).run([writer])
        loaded = remote_of(fresh).loaded()
        if requests != whole.sent - 1 or isinstance(writer, Update):
            assert loaded.why_not(current_release(releases.one).id) is not None
            assert loaded.why_not(old) is not None
        done = pushing(fresh, releases.one, batch_bytes=SMALL).run([writer])
        assert pushing(fresh, releases.one).check() == []
        if requests >= whole.sent // 2:
            assert len(done.loaded) + len(done.dropped) < 5
        pushing(fresh, releases.both).run([writer])
    assert pushing(fresh, releases.both).check() == []


@pytest.mark.parametrize("fresh", ["oxigraph"], indirect=True)
def test_a_first_push_that_is_broken_off_goes_on(
    fresh: StoreProcess, releases: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = _writer(fresh, "update")
    with monkeypatch.context() as patch, pytest.raises(Broken):
        _Breaking(patch, 60)
        pushing(fresh, releases.both, batch_bytes=SMALL).run([writer])
    done = pushing(fresh, releases.both).run([writer])
    assert 0 < done.unchanged < 10
    assert pushing(fresh, releases.both).check() == []


@pytest.mark.parametrize(("fresh", "way"), WAYS, indirect=["fresh"])
def test_a_store_that_loses_a_triple_is_found_out(
    fresh: StoreProcess, way: str, releases: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = GraphStore if way == "graph-store" else Update
    put = kind.put

    def losing(writer: Writer, graph: str, lines: Iterable[str]) -> None:
        put(writer, graph, [line for line in lines if "/project/7>" not in line])  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(kind, "put", losing)
        with pytest.raises(StoreFailed, match=r"came back otherwise .* triples are missing, 0 are"):
            push(fresh, releases.both, way)
    release_id = current_release(releases.both).id
    why = remote_of(fresh).loaded().why_not(release_id)
    assert why is not None and why[0] == "Remote store half loaded"
    push(fresh, releases.both, way)
    assert pushing(fresh, releases.both).check() == []


@pytest.mark.parametrize("fresh", STORES, indirect=True)
def test_what_somebody_else_changed_is_found(
    fresh: StoreProcess, releases: SimpleNamespace
) -> None:
    push(fresh, releases.both)
    graph = f"{REISHI}links"
    line = '<urn:a> <urn:b> "c" .\n'
    writer = _writer(fresh, "update")
    assert isinstance(writer, Update)
    writer.add(graph, [line])
    assert pushing(fresh, releases.both).check() == [
        f"<{graph}> came back otherwise than it was written: 0 triples are missing, 1 are others. "
        f"It has {line.strip()}"
    ]
    writer.remove(graph, [line])
    writer.add(remote_of(fresh).names.merged, [line])
    expected = open_release(current_release(releases.both).path).merged_count()
    (fault,) = pushing(fresh, releases.both).check()
    assert (
        fault == f"The merge of the remote store has {expected + 1} triples; expected {expected}."
    )


@pytest.mark.parametrize("fresh", STORES, indirect=True)
def test_a_graph_of_more_triples_than_a_store_gives_at_once_is_read_whole(
    fresh: StoreProcess, releases: SimpleNamespace
) -> None:
    push(fresh, releases.both)
    remote = remote_of(fresh)
    assert remote.loaded().most_rows == {"oxigraph": 0, "virtuoso": 10_000}[fresh.name]
    merged = set(open_release(current_release(releases.both).path).merged_lines())
    assert len(merged) > 12_000
    assert remote.lines(remote.names.merged) == merged


@pytest.mark.parametrize("fresh", ["oxigraph"], indirect=True)
def test_another_push_takes_over(fresh: StoreProcess, releases: SimpleNamespace) -> None:
    writer = _writer(fresh, "graph-store")
    second = pushing(fresh, releases.both)

    def meanwhile(_: str) -> None:
        if remote_of(fresh).loaded().phase == "loading":
            second.run([writer])

    first = pushing(fresh, releases.both, meanwhile, batch_bytes=SMALL)
    with pytest.raises(StoreFailed, match="Another push into this store has begun"):
        first.run([writer])
    assert pushing(fresh, releases.both).check() == []


@pytest.mark.parametrize("fresh", ["oxigraph"], indirect=True)
def test_the_command(fresh: StoreProcess, releases: SimpleNamespace) -> None:
    given = ["push", fresh.endpoint, "--out", str(releases.both)]
    release, runner = current_release(releases.both).id, CliRunner()
    unloaded = runner.invoke(main, [*given, "--check"])
    assert unloaded.exit_code == 1
    assert "says of no release that it has it" in unloaded.stderr
    done = runner.invoke(main, given)
    quads = current_release(releases.both).manifest["quads"]
    assert (done.exit_code, done.stdout) == (
        0,
        f"{fresh.endpoint} has release {release}: 10 graphs loaded ({quads} triples, "
        "graph-store), 0 dropped, 0 unchanged.\n",
    )
    again = runner.invoke(main, [*given, "--update", fresh.update])
    expected = f"{fresh.endpoint} has release {release} already; nothing was written.\n"
    assert (again.exit_code, again.stdout) == (0, expected)
    checked = runner.invoke(main, [*given, "--check"])
    expected = f"{fresh.endpoint} is release {release}: every graph is the same.\n"
    assert (checked.exit_code, checked.stdout) == (0, expected)
    both = runner.invoke(main, [*given, "--update", "http://x/", "--graph-store", "http://x/"])
    assert (both.exit_code, both.stderr) == (
        2,
        "--graph-store and --update were both given; expected one.\n",
    )
    wrong = runner.invoke(main, ["push", "store", "--out", str(releases.both)])
    assert wrong.exit_code == 2
    gone = runner.invoke(main, ["push", "http://127.0.0.1:9/query", "--out", str(releases.both)])
    assert (gone.exit_code, gone.stderr) == (1, "The store did not answer: Connection refused.\n")


@pytest.mark.parametrize("fresh", ["virtuoso"], indirect=True)
def test_a_store_that_takes_no_writing_says_why(
    fresh: StoreProcess, releases: SimpleNamespace
) -> None:
    done = CliRunner().invoke(main, ["push", fresh.endpoint, "--out", str(releases.both)])
    assert done.exit_code == 1
    assert "The remote store answered 403 to PUT at /sparql-graph-crud." in done.stderr
    assert "SDGPLAN_STORE_USER" in done.stderr
    assert remote_of(fresh).loaded().phase == ""


def test_parts_hold_every_line_once() -> None:
    lines = [f"{number}\n" for number in range(100)]
    assert "".join(parts_of(lines, 7)) == "".join(lines)
    assert list(parts_of([], 7)) == []
    assert list(parts_of(["a long line\n"], 1)) == ["a long line\n"]
