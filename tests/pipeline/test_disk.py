"""Disks that are full, read-only, slow to be let go or shared with another build."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import kg.store_update
from kg.disk import link, remove
from kg.errors import ReleaseError
from kg.pipeline import Options, Outcome, build
from kg.release import Step, releases, rollback, verify
from kg.settings import Settings
from kg.store import open_release
from tests.pipeline.killing import contents
from tests.pipeline.small_disk import NOT_ALLOWED, SHARES
from tests.pipeline.test_kill import REISHI, change_plan

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the data `a`, and `b` with another version of its one plan."""
    for name in ("a", "b"):
        shutil.copytree(REISHI, tmp_path / name / "plans" / "reishi-2021")
    change_plan(tmp_path / "b" / "plans" / "reishi-2021")
    return tmp_path


def built(folder: Path, name: str, hours: int = 0) -> Outcome:
    now = NOW + timedelta(hours=hours)
    return build(folder / name, folder / "var", Settings(), now, Options(validator="shacl"))


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("files", "File too large"),
        ("disk", "No space left on device"),
        ("store", "No space left on device"),
    ],
)
def test_a_full_disk_is_told_and_leaves_the_old_release(
    folder: Path, kind: str, reason: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.pipeline.small_disk", kind, str(folder)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode == NOT_ALLOWED:
        pytest.skip("needs the right to mount: run as root, or allow user namespaces")
    assert (done.returncode, done.stderr) == (0, "")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["faults"] for each in found] == [[]] * len(found)
    rooms = [*SHARES, None] if kind == "files" else [*SHARES, None, "read-only"]
    assert [each["room"] for each in found] == rooms
    var = folder / "var"
    for each in found[: len(SHARES)]:
        before, told, after = each["error"].partition(reason)
        assert told == reason
        assert before.startswith(f"StorageError 3: {var} has no room for another release: ")
        assert after.endswith(
            ". The release that was served is served still. Fix: free some space, or build into "
            "another folder with --out."
        )
    assert found[len(SHARES)]["error"] == ""
    if kind != "files":
        read_only = f"ReleaseError 2: {var} cannot be written to: Read-only file system."
        assert found[-1]["error"] == read_only


def test_while_a_build_runs_another_one_and_a_rollback_are_told_so(folder: Path) -> None:
    first = built(folder, "a").release
    assert first is not None
    var = folder / "var"
    refused = []

    def meanwhile(step: Step) -> None:
        for other in (lambda: built(folder, "a", 1), lambda: rollback(var, first.id)):
            with pytest.raises(ReleaseError) as told:
                other()
            refused.append(str(told.value))

    build(folder / "b", var, Settings(), NOW, Options(validator="shacl"), on_step=meanwhile)
    steps = [step for step in Step if step not in (Step.DROP_OLD, Step.DROP_ASIDE)]
    assert refused == 2 * len(steps) * [
        f"Another build is running in {var}. Fix: wait for it to end, or build into another "
        "folder with --out."
    ]
    assert len(releases(var)) == 2


@pytest.mark.parametrize("memory_quads", [0, 500_000])
def test_readers_of_an_old_release_read_it_to_its_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch, memory_quads: int
) -> None:
    monkeypatch.setattr(kg.store_update, "MEMORY_QUADS", memory_quads)
    first = built(folder, "a").release
    assert first is not None
    path = first.path / "dumps" / "all.nq.gz"
    whole, store = path.read_bytes(), open_release(first.path)
    everything = "SELECT * { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g ?s ?p ?o"
    before = store.select(everything)
    with path.open("rb") as dump:
        start = dump.read(100)
        for hours in range(1, 7):
            assert built(folder, "ab"[hours % 2], hours).release is not None
        assert not first.path.exists()
        assert start + dump.read() == whole
    assert store.select(everything) == before


def test_after_a_rollback_the_next_build_starts_from_what_is_served(folder: Path) -> None:
    first, second = built(folder, "a").release, built(folder, "b", 1).release
    assert first is not None
    assert second is not None
    rollback(folder / "var", first.id)
    assert built(folder, "a", 2).unchanged
    third = built(folder, "b", 3).release
    assert third is not None
    assert contents(third.path) == contents(second.path)
    assert [release.id for release in releases(folder / "var")] == [first.id, second.id, third.id]
    assert [verify(release) for release in (first, second, third)] == [[], [], []]


def test_a_file_is_copied_where_it_cannot_be_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.write_text("dump\n", encoding="utf-8")

    def refuse(number: int) -> None:
        def no_link(source: Path, target: Path) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "link", no_link)

    for number in (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.EOPNOTSUPP):
        refuse(number)
        target = tmp_path / str(number)
        link(source, target)
        assert target.read_text(encoding="utf-8") == "dump\n"
    refuse(errno.ENOSPC)
    with pytest.raises(OSError, match="No space left"):
        link(source, tmp_path / "more")


def test_a_folder_is_removed_and_what_its_links_name_stays(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    (folder / "a" / "b" / "c").mkdir(parents=True)
    (folder / "a" / "d").mkdir()
    outside.mkdir()
    (outside / "kept").touch()
    for number in range(40):
        (folder / "a" / f"{number}").mkdir()
        (folder / "a" / f"{number}" / "dump.nq").touch()
    (folder / "a" / "b" / "link").symlink_to(outside)
    remove(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["outside"]
    assert (outside / "kept").is_file()
