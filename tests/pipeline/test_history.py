"""The history: whole versions only, never changed, whatever a build, a kill or a rollback does."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kg import history
from kg.history import damaged, record, version_name
from kg.pipeline import Options, Outcome, build
from kg.release import current_release, releases, rollback
from kg.settings import Settings
from tests.pipeline.versions import REISHI, raise_version, reishi_data

NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
QUICK = Options(validator="shacl")
PLACE = "990019/kyodo/2021"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return reishi_data(tmp_path / "data")


def built(data: Path, hours: int = 0, options: Options = QUICK) -> Outcome:
    now = NOW + timedelta(hours=hours)
    return build(data, data.parent / "var", Settings(), now, options)


def versions_folder(data: Path) -> Path:
    return data.parent / "var" / "history" / PLACE


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def entry(data: Path) -> dict[str, Any]:
    (found,) = current_release(data.parent / "var").manifest["plans"]
    assert isinstance(found, dict)
    return found


def test_a_build_keeps_the_version_with_its_dumps_entry_and_checksums(data: Path) -> None:
    outcome = built(data)
    assert outcome.release is not None
    folder = versions_folder(data) / "1"
    dumps = outcome.release.path / "dumps" / PLACE
    own = {"version.json", "SHA256SUMS"}
    assert {path.name for path in folder.iterdir()} == {p.name for p in dumps.iterdir()} | own
    assert (folder / "plan.nq").stat().st_ino == (dumps / "plan.nq").stat().st_ino
    known = json.loads((folder / "version.json").read_text(encoding="utf-8"))
    assert {name: known[name] for name in ("version", "release", "published", "sha256")} == {
        "version": "1",
        "release": outcome.release.id,
        "published": "2026-11-24T10:15:00Z",
        "sha256": hashlib.sha256((dumps / "plan.nq").read_bytes()).hexdigest(),
    }
    assert known["content_hash"] == entry(data)["content_hash"]
    check = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (check.returncode, check.stdout, damaged(folder)) == (0, "", [])


def test_the_manifest_lists_every_version_oldest_first(data: Path) -> None:
    first = built(data).release
    raise_version(data, "2", modified="2026-12-01")
    second = built(data, 1).release
    assert first is not None and second is not None
    dumps = [release.path / "dumps" / PLACE / "plan.nq" for release in (first, second)]
    digests = [hashlib.sha256(dump.read_bytes()).hexdigest() for dump in dumps]
    triples = [release.manifest["plans"][0]["triples"] for release in (first, second)]
    assert entry(data)["versions"] == [
        {
            "version": "1",
            "release": first.id,
            "published": "2026-11-24T10:15:00Z",
            "issued": "2026-11-24",
            "modified": "2026-11-24",
            "sha256": digests[0],
            "triples": triples[0],
            "path": "dumps/history/990019/kyodo/2021/1/",
        },
        {
            "version": "2",
            "release": second.id,
            "published": "2026-11-24T11:15:00Z",
            "issued": "2026-11-24",
            "modified": "2026-12-01",
            "sha256": digests[1],
            "triples": triples[1],
            "path": "dumps/history/990019/kyodo/2021/2/",
        },
    ]


def test_a_version_stays_as_it_was_first_published(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(data)
    before = contents(versions_folder(data))
    monkeypatch.setattr("kg.pipeline.plan_hash", lambda folder, settings: "another program")
    outcome = built(data, 1)
    assert outcome.release is not None and not outcome.unchanged
    assert contents(versions_folder(data)) == before
    assert [v["published"] for v in entry(data)["versions"]] == ["2026-11-24T10:15:00Z"]


def test_versions_outlive_the_releases_that_held_them(data: Path) -> None:
    built(data)
    before = contents(versions_folder(data) / "1")
    for number in range(2, 8):
        raise_version(data, str(number))
        built(data, number)
    assert len(releases(data.parent / "var")) == 5
    assert sorted(p.name for p in versions_folder(data).iterdir()) == list("1234567")
    assert contents(versions_folder(data) / "1") == before
    assert [v["version"] for v in entry(data)["versions"]] == list("1234567")


def test_rollback_and_withdrawal_leave_the_history_alone(data: Path) -> None:
    first = built(data).release
    raise_version(data, "2")
    built(data, 1)
    before = contents(versions_folder(data))
    assert first is not None
    rollback(data.parent / "var", first.id)
    assert [v["version"] for v in entry(data)["versions"]] == ["1"]
    assert contents(versions_folder(data)) == before
    shutil.move(data / "plans" / "reishi-2021", data / "elsewhere")
    shutil.copytree(REISHI.parents[3] / "data/plans/koriyama-2021", data / "plans/koriyama-2021")
    built(data, 2, dataclasses.replace(QUICK, withdraw=("reishi-2021",)))
    assert contents(versions_folder(data)) == before
    withdrawn = current_release(data.parent / "var").manifest["plans"][1]
    assert [v["version"] for v in withdrawn["versions"]] == ["1", "2"]
    assert (withdrawn["withdrawn"], withdrawn["withdrawn_at"]) == (
        "2026-11-24", "2026-11-24T12:15:00Z"
    )  # fmt: skip


def test_the_time_of_a_withdrawal_stays_in_later_releases(data: Path) -> None:
    built(data)
    text = 'status = "withdrawn"\nreason = "架空の理由"\nwithdrawn = 2026-11-20\n'
    raise_version(data, "2", more=text)
    built(data, 1)
    assert entry(data)["withdrawn_at"] == "2026-11-24T11:15:00Z"
    raise_version(data, "3")
    built(data, 2)
    assert entry(data)["withdrawn_at"] == "2026-11-24T11:15:00Z"
    assert [p.name for p in versions_folder(data).iterdir()] == ["1"]


def test_an_old_version_cannot_be_published_again_with_other_content(data: Path) -> None:
    built(data)
    document = data / "plans" / "reishi-2021" / "plan.md"
    text = document.read_text(encoding="utf-8")
    document.write_text(text.replace("本を読みます。", "本を読み合います。"), encoding="utf-8")
    raise_version(data, "2")
    built(data, 1)
    raise_version(data, "1")
    outcome = built(data, 2)
    assert [problem.code for problem in outcome.problems] == ["version-unchanged"]
    document.write_text(text, encoding="utf-8")
    assert built(data, 3).problems == []
    assert [v["version"] for v in entry(data)["versions"]] == ["1", "2"]


def test_what_a_kill_left_out_is_taken_over_by_the_next_build(data: Path) -> None:
    built(data)
    before = contents(versions_folder(data))
    folder = data.parent / "var" / "history"
    shutil.move(folder / PLACE / "1", folder / ".draft-1")  # killed before the rename
    (folder / ".draft-1" / "plan.nq").unlink()
    assert built(data, 1).unchanged
    assert contents(versions_folder(data)) == before
    assert sorted(path.name for path in folder.iterdir()) == [
        ".lock",
        ".taken",
        "990019",
        "events.jsonl",
        "served.json",
    ]


def test_what_a_kill_left_out_is_taken_over_after_a_rollback_too(data: Path) -> None:
    first = built(data).release
    raise_version(data, "2")
    built(data, 1)
    var = data.parent / "var"
    shutil.rmtree(versions_folder(data) / "2")  # killed after the switch …
    assert first is not None
    (var / "history" / ".taken").write_text(f"{first.id}\n", encoding="utf-8")
    rollback(var, first.id)
    raise_version(data, "3")
    third = built(data, 2).release
    assert sorted(path.name for path in versions_folder(data).iterdir()) == ["1", "2", "3"]
    assert third is not None
    taken = (var / "history" / ".taken").read_text(encoding="utf-8").split()
    assert taken == [release.id for release in releases(var)]


def test_a_damaged_release_does_not_keep_others_from_the_history(data: Path) -> None:
    first = built(data).release
    raise_version(data, "2")
    built(data, 1)
    assert first is not None
    (first.path / "release.json").write_text("{", encoding="utf-8")
    shutil.rmtree(versions_folder(data) / "2")
    built(data, 2)
    assert sorted(path.name for path in versions_folder(data).iterdir()) == ["1", "2"]


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
import kg.history
from kg.release import current_release
steps = int(sys.argv[2])
def counted(name, of=os):
    real = getattr(of, name)
    def step(*arguments, **named):
        global steps
        steps -= 1
        if steps == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **named)
    setattr(of, name, step)
for name in ("link", "fsync", "rename", "chmod", "mkdir", "open"):
    counted(name)
var = Path(sys.argv[1])
kg.history.record(var, [current_release(var)])
"""


def test_a_kill_at_any_step_leaves_a_version_whole_or_absent(data: Path) -> None:
    built(data)
    var = data.parent / "var"
    whole = contents(versions_folder(data))
    outcomes = set()
    for steps in range(1, 200):
        shutil.rmtree(var / "history")
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(var), str(steps)], check=False,
            env=os.environ | {"PYTHONPATH": str(REISHI.parents[3])},
        )  # fmt: skip
        killed = done.returncode == -signal.SIGKILL
        is_there = (versions_folder(data) / "1").is_dir()
        if is_there:
            assert contents(versions_folder(data)) == whole
        outcomes.add((killed, is_there))
        record(var, [current_release(var)])
        assert contents(versions_folder(data)) == whole
        if not killed:
            break
    assert outcomes == {(True, False), (True, True), (False, True)}


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("1", "1"),
        ("2026.1-b", "2026.1-b"),
        ("第2版 改", "第2版 改"),
        ("../../x", "%2E.%2F..%2Fx"),
        (".draft", "%2Edraft"),
        ("50%", "50%25"),
        ("a\\b\n", "a%5Cb%0A"),
        ("", "%" + hashlib.sha256(b"").hexdigest()),
        ("あ" * 100, "%" + hashlib.sha256(("あ" * 100).encode()).hexdigest()),
    ],
)
def test_a_version_is_a_name_that_leads_nowhere_else(version: str, name: str) -> None:
    assert version_name(version) == name


def test_files_are_copied_where_they_cannot_be_linked(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(data)
    before = contents(versions_folder(data))
    shutil.rmtree(data.parent / "var" / "history")

    def refused(*_arguments: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(history.os, "link", refused)
    built(data, 1)
    assert contents(versions_folder(data)) == before
    assert (versions_folder(data) / "1" / "plan.nq").stat().st_nlink == 1
