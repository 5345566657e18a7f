"""A build killed before a step or at any moment: what is served is whole, the next is clean."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from kg.release import Step
from tests.pipeline.documents import FOLDER, REISHI

ROOT = Path(__file__).resolve().parents[2]
MOMENTS, PROCESSES = 200, 2


def raise_version(plan: Path, old: str, new: str) -> None:
    settings = plan / "plan.toml"
    text = settings.read_text(encoding="utf-8")
    changed = text.replace(f'version = "{old}"', f'version = "{new}"')
    assert changed != text
    settings.write_text(changed, encoding="utf-8")


def change_plan(plan: Path) -> None:
    """Other words in the document, under another version."""
    raise_version(plan, "1", "2")
    document = plan / "plan.md"
    text = document.read_text(encoding="utf-8")
    assert "まちを歩きます。" in text
    document.write_text(text.replace("まちを歩きます。", "まちを走ります。"), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the data `a`, and `b` in which one of the two plans is another version."""
    for name in ("a", "b"):
        for plan in (FOLDER, REISHI):
            shutil.copytree(plan, tmp_path / name / "plans" / plan.name)
    change_plan(tmp_path / "b" / "plans" / "reishi-2021")
    return tmp_path


def killing(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.pipeline.killing", *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def found(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """What the process found; it is ended if it takes longer than any could."""
    try:
        out, _ = process.communicate(timeout=900)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    assert process.returncode == 0
    return [json.loads(line) for line in out.splitlines()]


def test_a_kill_before_any_step_leaves_the_old_or_the_new_release(folder: Path) -> None:
    kills = found(killing("steps", str(folder)))
    assert [kill for kill in kills if kill["faults"]] == []
    switched = (Step.DROP_OLD, Step.DROP_ASIDE, Step.HISTORY)
    assert [(kill["at"], kill["served"]) for kill in kills] == [
        (step, "new" if step in switched else "old") for step in Step
    ]


@pytest.mark.alone  # it has processes for every core, and each of its moments is a build
def test_a_kill_at_any_moment_leaves_the_old_or_the_new_release(folder: Path) -> None:
    folders = [folder / str(number) for number in range(PROCESSES)]
    for each in folders:
        shutil.copytree(folder / "a", each / "a")
        shutil.copytree(folder / "b", each / "b")
    processes = [
        killing("moments", str(each), str(seed), str(MOMENTS // PROCESSES))
        for seed, each in enumerate(folders)
    ]
    try:
        kills = [kill for process in processes for kill in found(process)]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert [kill for kill in kills if kill["faults"]] == []
    assert len(kills) == MOMENTS


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from multiprocessing import active_children
from pathlib import Path
from kg.pipeline import Options, build
from kg.settings import Settings

def done(name):
    print(*(child.pid for child in active_children()), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

build(Path(sys.argv[1]), Path(sys.argv[2]), Settings(), datetime.now(UTC),
      Options(validator="shacl", jobs=2), done)
"""


def is_running(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "XZ"


def test_a_killed_build_takes_its_processes_with_it(folder: Path, tmp_path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder / "a"), str(tmp_path / "var")],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    workers = list(map(int, killed.stdout.split()))
    assert len(workers) == 2
    try:
        for _ in range(1000):
            if not any(map(is_running, workers)):
                break
            time.sleep(0.01)
        assert list(filter(is_running, workers)) == []
    finally:
        for worker in filter(is_running, workers):
            os.kill(worker, signal.SIGKILL)
