"""Releases: whole or not at all, byte-identical, kept, switched and rolled back."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from kg.dumps import write_checksums
from kg.errors import ReleaseError
from kg.release import (
    Draft,
    Release,
    current_release,
    releases,
    rollback,
    verify,
    write_manifest,
)
from tests.releases import new_release

ROOT = Path(__file__).resolve().parent.parent.parent
NOW = datetime(2026, 11, 24, 1, 15, tzinfo=UTC)
HASH = hashlib.sha256(b"input").hexdigest()
FIRST_ID = f"20261124T011500Z-{HASH[:8]}"


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "var"


def fill(draft: Draft, text: str = "dump\n") -> None:
    dumps = draft.path / "dumps" / "012343"
    dumps.mkdir(parents=True)
    (dumps / "plan.nq").write_text(text, encoding="utf-8")
    write_checksums(draft.path / "dumps")
    write_manifest(draft, program_version="0.1.0", quads=1, plans=[{"name": "例市"}])


def build(var: Path, hours: int = 0, text: str = "dump\n") -> Release:
    with new_release(var, HASH, NOW + timedelta(hours=hours)) as draft:
        fill(draft, text)
    return current_release(var)


def test_a_release_is_named_written_and_current(var: Path) -> None:
    release = build(var)
    assert release == Release(
        path=var / "releases" / FIRST_ID,
        id=FIRST_ID,
        created=NOW,
        manifest={
            "id": FIRST_ID,
            "created": "2026-11-24T01:15:00Z",
            "program_version": "0.1.0",
            "input_hash": HASH,
            "quads": 1,
            "plans": [{"name": "例市"}],
        },
    )
    assert os.readlink(var / "current") == f"releases/{FIRST_ID}"  # noqa: PTH115
    assert sorted(path.name for path in var.iterdir()) == [".lock", "current", "releases"]
    assert [path.name for path in (var / "releases").iterdir()] == [FIRST_ID]
    text = (release.path / "release.json").read_text(encoding="utf-8")
    assert json.loads(text) == release.manifest
    assert '"name": "例市"' in text
    assert text.endswith("}\n")


def test_the_id_is_in_utc_whatever_the_zone_of_the_clock(var: Path) -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9))).replace(microsecond=999)
    with new_release(var, HASH, tokyo) as draft:
        fill(draft)
    assert current_release(var).id == FIRST_ID


def test_a_second_release_in_the_same_second_takes_the_next_one(var: Path) -> None:
    first, second = build(var), build(var)
    assert (first.id, second.id) == (FIRST_ID, f"20261124T011501Z-{HASH[:8]}")
    assert second.created == NOW + timedelta(seconds=1)


def test_a_body_that_raises_leaves_nothing(var: Path) -> None:
    before = build(var)
    with pytest.raises(KeyboardInterrupt), new_release(var, HASH, NOW) as draft:
        fill(draft)
        raise KeyboardInterrupt
    assert current_release(var) == before
    assert [path.name for path in (var / "releases").iterdir()] == [before.id]


def test_a_draft_without_a_manifest_is_no_release(var: Path) -> None:
    with pytest.raises(ReleaseError) as refused, new_release(var, HASH, NOW) as draft:
        (draft.path / "dumps").mkdir()
    assert str(refused.value) == f"Release {FIRST_ID} has no release.json."
    assert list((var / "releases").iterdir()) == []


def test_a_link_in_a_draft_is_refused(var: Path) -> None:
    with pytest.raises(ReleaseError) as refused, new_release(var, HASH, NOW) as draft:
        fill(draft)
        (draft.path / "outside").symlink_to("/")
    assert str(refused.value) == "outside is a link; a release holds files and folders only."


def test_a_hash_that_is_none_is_refused(var: Path) -> None:
    with pytest.raises(ReleaseError) as refused, new_release(var, "input", NOW):
        pass
    assert str(refused.value) == '"input" is not a hash; expected hex digits, at least 8.'


def test_without_a_release_the_way_out_is_named(var: Path) -> None:
    with pytest.raises(ReleaseError) as refused:
        current_release(var)
    assert str(refused.value) == f"{var} has no release yet. Fix: run sdgplan build."
    assert releases(var) == []


def test_the_last_five_are_kept(var: Path) -> None:
    ids = [build(var, hours).id for hours in range(7)]
    assert [release.id for release in releases(var)] == ids[2:]


def test_the_current_release_is_kept_whatever_its_age(var: Path) -> None:
    ids = [build(var, hours).id for hours in range(5)]
    rollback(var, ids[0])
    newest = build(var, -10)  # a clock that went back
    assert current_release(var) == newest
    # and so is the one that was served until then, which readers still have open
    assert [release.id for release in releases(var)] == [newest.id, ids[0], *ids[2:]]


def test_a_reader_keeps_its_release_while_another_takes_over(var: Path) -> None:
    release = build(var)
    with (release.path / "dumps/012343/plan.nq").open("rb") as file:
        for hours in range(1, 7):
            build(var, hours)
        assert not release.path.exists()
        assert file.read() == b"dump\n"


def test_rollback_switches_to_a_kept_release(var: Path) -> None:
    first, second = build(var), build(var, 1)
    assert rollback(var, first.id) == first == current_release(var)
    assert rollback(var, second.id) == second == current_release(var)
    with pytest.raises(ReleaseError) as refused:
        rollback(var, "20200101T000000Z-00000000")
    assert str(refused.value) == (
        f"20200101T000000Z-00000000 is not a release in {var}. Kept: {first.id}, {second.id}."
    )
    with pytest.raises(ReleaseError):
        rollback(var, "../..")


def test_verify_names_each_file_that_is_not_as_published(var: Path) -> None:
    release = build(var)
    assert verify(release) == []
    dumps = release.path / "dumps"
    (dumps / "012343/plan.nq").write_text("other\n", encoding="utf-8")
    (dumps / "more.nq").touch()
    assert verify(release) == [
        "012343/plan.nq is not the file that was published.",
        "more.nq is not listed in SHA256SUMS.",
    ]
    (dumps / "012343/plan.nq").unlink()
    assert verify(release)[0] == "012343/plan.nq is missing."
    (dumps / "SHA256SUMS").write_text("?\n", encoding="utf-8")
    assert re.match(r"SHA256SUMS is not readable: ", verify(release)[0])


def test_a_damaged_manifest_is_a_release_error(var: Path) -> None:
    release = build(var)
    (release.path / "release.json").write_text("{", encoding="utf-8")
    with pytest.raises(ReleaseError, match=r"release\.json is not readable"):
        current_release(var)


def test_two_builds_at_once_give_one_clear_message(var: Path) -> None:
    message = (
        f"Another build is running in {var}. Fix: wait for it to end, or build into another "
        "folder with --out."
    )
    with new_release(var, HASH, NOW) as draft:
        fill(draft)
        with pytest.raises(ReleaseError) as refused, new_release(var, HASH, NOW):
            pass
        assert str(refused.value) == message
        with pytest.raises(ReleaseError) as refused:
            rollback(var, FIRST_ID)
        assert str(refused.value) == message
    assert current_release(var).id == FIRST_ID


KILLED = """
import multiprocessing, os, sys, time
from datetime import UTC, datetime
from pathlib import Path
from tests.releases import new_release
def work():
    print(os.getpid(), flush=True)
    time.sleep(60)
with new_release(Path(sys.argv[1]), "f" * 64, datetime(2026, 1, 1, tzinfo=UTC)) as draft:
    (draft.path / "half").write_text("half")
    multiprocessing.get_context("fork").Process(target=work).start()
    time.sleep(60)
"""


@pytest.fixture
def killed(var: Path) -> Iterator[Path]:
    """A `var` in which a build was killed with a worker process of its own left alive."""
    build(var)
    builder = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(var)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert builder.stdout is not None
    with builder.stdout:
        worker = int(builder.stdout.readline())
        with (
            pytest.raises(ReleaseError, match="Another build is running"),
            new_release(var, HASH, NOW),
        ):
            pass
        builder.kill()
        builder.wait()
        try:
            yield var
        finally:
            os.kill(worker, signal.SIGKILL)


def test_a_killed_build_leaves_the_old_release_and_the_next_one_is_clean(killed: Path) -> None:
    assert current_release(killed).id == FIRST_ID
    assert [release.id for release in releases(killed)] == [FIRST_ID]
    names = {path.name for path in (killed / "releases").iterdir()}
    assert names == {FIRST_ID, ".draft-20260101T000000Z-ffffffff"}
    release = build(killed, 1)
    assert current_release(killed) == release
    assert {path.name for path in (killed / "releases").iterdir()} == {FIRST_ID, release.id}


BUILD = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from rdflib import Literal
from kg.dumps import write_all, write_checksums, write_plan_dumps
from kg.iris import PlanIris
from kg.release import write_manifest
from kg.vocab import DCTERMS, RDF, SDG, SP
from tests.releases import new_release, write_store

os.umask(int(sys.argv[2], 8))
with new_release(Path(sys.argv[1]), "0" * 64, datetime.now(UTC)) as draft:
    dumps = draft.path / "dumps"
    for year in (2024, 2025):
        iris = PlanIris("https://w3id.org/jp-sdgplan/id/", "012343", "rei", year)
        projects = [iris.project(str(number)) for number in range(1, 40)]
        graphs = {
            "source": {(p, DCTERMS.title, Literal(f"事業 {p[-2:]}", lang="ja")) for p in projects}
            | {(p, RDF.type, SP.Project) for p in projects},
            "links": {(p, SP.statedSdgGoal, SDG[str(g)]) for p in projects for g in range(1, 18)},
            "report": {(iris.graph("report"), DCTERMS.title, Literal("検証", lang="ja"))},
        }
        write_plan_dumps(dumps, iris, {kind: list(triples) for kind, triples in graphs.items()})
    write_all(dumps)
    write_checksums(dumps)
    quads = write_store(
        draft.path / "store", *(path.read_bytes() for path in sorted(dumps.glob("*/*/*/plan.nq")))
    )
    write_manifest(draft, program_version="0.1.0", quads=quads, plans=[])
"""


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Path -> mode and content of everything in a release but its release.json."""
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_mode & 0o777,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in (folder, *folder.rglob("*"))
        if path.name != "release.json"
    }


def test_two_builds_of_one_input_are_byte_identical_wherever_they_run(tmp_path: Path) -> None:
    script = tmp_path / "build.py"
    script.write_text(BUILD, encoding="utf-8")
    trees = []
    for number, (seed, zone, locale, umask) in enumerate(
        [("0", "UTC", "C", "022"), ("1", "Asia/Tokyo", "C.UTF-8", "077"), ("7", "", "POSIX", "0")]
    ):
        var = tmp_path / f"var-{number}"
        folder = tmp_path / f"folder {number}"
        folder.mkdir()
        environment = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale}
        environment |= {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        subprocess.run(
            [sys.executable, str(script), str(var), umask],
            cwd=folder,
            env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
            check=True,
        )
        trees.append(tree(current_release(var).path))
    assert trees[0] == trees[1] == trees[2]
    modes = {(mode, bool(data)) for mode, data in trees[0].values()}
    assert modes == {(0o644, True), (0o755, False)}
    assert "store/quads.nq.gz" in trees[0]
    assert len(trees[0]) == 1 + 2 + 2 + 2 * 37 + 3 + 1 + 1
