"""Stores made from the last one's: the same content as from scratch, whatever changed."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pyoxigraph as ox
import pytest

import kg.store_update
from kg.dumps import compressed
from kg.errors import ReleaseError
from kg.store import QUADS_FILE, open_release
from kg.store_update import Parts, StoreBefore, build_store

EX = "https://example.org/"
Dumps = dict[str, set[str]]


def write(folder: Path, dumps: Dumps) -> Parts:
    """The dumps as a release has them: sorted lines, compressed."""
    folder.mkdir(parents=True)
    digests = {}
    for name, lines in dumps.items():
        data = compressed("".join(sorted(lines)).encode())
        (folder / f"{name}.nq.gz").write_bytes(data)
        digests[f"{name}.nq.gz"] = hashlib.sha256(data).hexdigest()
    return Parts(folder, digests)


def line(subject: int, value: str, graph: str) -> str:
    return f'<{EX}{subject}> <{EX}p> "{value}" <{EX}{graph}> .\n'


def triples(name: str, dice: random.Random) -> set[str]:
    """Lines in the graphs of one part; few values, so that graphs share triples."""
    graphs = (f"{name}/source", f"{name}/links")
    many = dice.randint(0, 12)
    return {line(dice.randint(1, 4), dice.choice("あb"), dice.choice(graphs)) for _ in range(many)}


def everything(release: Path) -> list[str]:
    """All quads of a store, those of the default graph too."""
    directory = release / "store"
    if (directory / QUADS_FILE).is_file():
        store = open_release(release)
        query = "SELECT ?s ?p ?o ?g { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
        rows = store.select(query)
        return sorted(str(sorted(row.items())) for row in rows)
    return sorted(map(str, ox.Store.read_only(str(directory))))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def changed(dumps: Dumps, dice: random.Random) -> Dumps:
    """One plan's dump is altered, withdrawn or (again) there; sometimes two."""
    after = dict(dumps)
    for _ in range(dice.randint(1, 2)):
        name = f"plan-{dice.randint(1, 6)}"
        if name in after and dice.random() < 0.4:
            del after[name]
        else:
            after[name] = triples(name, dice)
    return after


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("memory_quads", [0, 25, 10_000])
def test_an_updated_store_has_the_content_of_one_from_scratch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, memory_quads: int
) -> None:
    # 25: between file and on-disk store, back and forth
    monkeypatch.setattr(kg.store_update, "MEMORY_QUADS", memory_quads)
    monkeypatch.setattr(kg.store_update, "_MOST_CHANGED", 3)
    dice = random.Random(seed)
    dumps: Dumps = {"vocabulary": {line(1, "あ", "vocabulary"), line(9, "c", "vocabulary")}}
    before = None
    for number in range(8):
        dumps = changed(dumps, dice)
        release = tmp_path / f"{number}"
        parts = write(release / "dumps", dumps)
        quads = build_store(release / "store", parts, before)
        fresh = tmp_path / f"{number}-fresh"
        assert build_store(fresh / "store", parts, None) == quads
        assert quads == sum(map(len, dumps.values()))
        assert everything(release) == everything(fresh)
        assert open_release(release).quad_count() == quads
        if (fresh / "store" / QUADS_FILE).is_file():
            assert files(release / "store") == files(fresh / "store")
        before = StoreBefore(release / "store", parts, quads)


def on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dumps: Dumps
) -> tuple[StoreBefore, list[Path]]:
    """A first release on disk, and a list that grows with each store built from scratch."""
    monkeypatch.setattr(kg.store_update, "MEMORY_QUADS", 0)
    parts = write(tmp_path / "1" / "dumps", dumps)
    quads = build_store(tmp_path / "1" / "store", parts, None)
    scratch: list[Path] = []
    from_scratch = kg.store_update._from_scratch

    def watched(directory: Path, parts: Parts) -> int:
        scratch.append(directory)
        return from_scratch(directory, parts)

    monkeypatch.setattr(kg.store_update, "_from_scratch", watched)
    return StoreBefore(tmp_path / "1" / "store", parts, quads), scratch


def many(name: str, count: int = 40) -> set[str]:
    return {line(number, name, name) for number in range(count)}


def test_readers_of_the_old_store_see_no_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dumps = {"plan-1": many("plan-1"), "plan-2": {line(1, "b", "plan-2")}}
    before, scratch = on_disk(tmp_path, monkeypatch, dumps)
    reader = open_release(tmp_path / "1")
    old = files(before.directory)
    parts = write(tmp_path / "2" / "dumps", dumps | {"plan-2": {line(1, "あ", "plan-2")}})
    assert build_store(tmp_path / "2" / "store", parts, before) == 41
    assert scratch == []
    assert files(before.directory) == old
    of_plan_2 = f"SELECT ?o {{ GRAPH <{EX}plan-2> {{ ?s ?p ?o }} }}"
    assert [str(row["o"]) for row in reader.select(of_plan_2)] == ["b"]
    assert [str(row["o"]) for row in open_release(tmp_path / "2").select(of_plan_2)] == ["あ"]
    linked = [path for path in before.directory.iterdir() if path.stat().st_nlink > 1]
    assert [path.suffix for path in linked if path.suffix == ".sst"] != []


def test_a_triple_leaves_the_merge_with_the_last_graph_that_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = {name: {line(7, "b", name)} for name in ("plan-1", "plan-2")}
    dumps = shared | {"plan-3": many("plan-3")}
    before, scratch = on_disk(tmp_path, monkeypatch, dumps)
    answers = []
    for number, gone in enumerate(("plan-1", "plan-2"), 2):
        del dumps[gone]
        parts = write(tmp_path / f"{number}" / "dumps", dumps)
        directory = tmp_path / f"{number}" / "store"
        before = StoreBefore(directory, parts, build_store(directory, parts, before))
        store = open_release(directory.parent)
        answers.append(len(store.select(f"SELECT * {{ <{EX}7> ?p 'b' }}")))
    assert (answers, scratch) == ([1, 0], [])


@pytest.mark.parametrize(
    "damage", ["gone", "another store", "a line too many", "half a store", "a damaged dump"]
)
def test_a_store_before_that_does_not_fit_leads_to_one_from_scratch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    dumps = {"plan-1": many("plan-1"), "plan-2": {line(1, "b", "plan-2")}}
    before, scratch = on_disk(tmp_path, monkeypatch, dumps)
    if damage == "gone":
        before = StoreBefore(tmp_path / "nowhere", before.parts, before.quads)
    elif damage == "another store":
        wrong = write(tmp_path / "wrong" / "dumps", {"plan-2": {line(2, "あ", "plan-2")}})
        build_store(tmp_path / "wrong" / "store", wrong, None)
        before = StoreBefore(tmp_path / "wrong" / "store", before.parts, before.quads)
        scratch.clear()
    elif damage == "a line too many":
        engine = ox.Store(str(before.directory))
        engine.extend(ox.parse(line(1, "あ", "plan-2").encode(), ox.RdfFormat.N_QUADS))
        engine.flush()
        del engine
    elif damage == "half a store":
        (before.directory / "CURRENT").unlink()
    else:
        (before.parts.folder / "plan-2.nq.gz").write_bytes(b"?")
    parts = write(tmp_path / "2" / "dumps", dumps | {"plan-2": {line(1, "あ", "plan-2")}})
    assert build_store(tmp_path / "2" / "store", parts, before) == 41
    assert scratch == [tmp_path / "2" / "store"]
    assert len(everything(tmp_path / "2")) == 82


def test_when_much_changed_the_store_is_built_from_scratch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, scratch = on_disk(tmp_path, monkeypatch, {"plan-1": many("plan-1")})
    parts = write(tmp_path / "2" / "dumps", {"plan-1": many("plan-1"), "plan-2": many("plan-2")})
    assert build_store(tmp_path / "2" / "store", parts, before) == 80
    assert scratch == [tmp_path / "2" / "store"]


def test_a_carried_over_part_that_was_damaged_is_told(tmp_path: Path) -> None:
    dumps = {"plan-1": many("plan-1"), "plan-2": {line(1, "b", "plan-2")}}
    parts = write(tmp_path / "1" / "dumps", dumps)
    before = StoreBefore(
        tmp_path / "1" / "store", parts, build_store(tmp_path / "1" / "store", parts, None)
    )
    after = write(tmp_path / "2" / "dumps", dumps | {"plan-2": {line(1, "あ", "plan-2")}})
    (after.folder / "plan-1.nq.gz").write_bytes(b"?")
    with pytest.raises(ReleaseError) as refused:
        build_store(tmp_path / "2" / "store", after, before)
    assert str(refused.value) == (
        "plan-1.nq.gz of the last release is not the file that was published. Fix: move its dumps "
        "and var/current away; then every plan is built anew."
    )


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ({"<x:a> <x:b> .\n"}, r"plan-1\.nq\.gz is not N-Quads: "),
        ({line(1, "b", "plan-2")}, "1 quads are in two dumps of "),
    ],
)
def test_new_parts_must_be_quads_of_their_own(
    tmp_path: Path, lines: set[str], message: str
) -> None:
    parts = write(tmp_path / "dumps", {"plan-1": lines, "plan-2": {line(1, "b", "plan-2")}})
    with pytest.raises(ReleaseError, match=message):
        build_store(tmp_path / "store", parts, None)
