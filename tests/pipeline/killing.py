"""Builds that are killed, and what is found afterwards.

`python -m tests.pipeline.killing steps FOLDER` kills a build before each of its steps,
`… moments FOLDER SEED TIMES` at random moments. FOLDER holds the data folders `a` and `b`, which
are built in turn. Prints one JSON object a kill: `at`, `served` (old or new) and `faults`.
The builds are forks of this process, which has everything imported, so that they are quick.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
import re
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import altair  # noqa: F401
import shacl  # noqa: F401

from kg.pipeline import Options, build
from kg.release import KEPT_RELEASES, Step, current_release, releases, unwatched, verify
from kg.resources import ontology_dir
from kg.settings import Settings
from kg.store import open_release
from kg.validators import read_ontology

NOW = datetime(2026, 11, 24, tzinfo=UTC)
RELEASE_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")
OTHER = {"a": "b", "b": "a"}

Contents = dict[str, str]


def contents(release: Path) -> Contents:
    """Path -> SHA-256 of every file of a release but its manifest."""
    return {
        path.relative_to(release).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(release.rglob("*"))
        if path.is_file() and path.name != "release.json"
    }


def forked(body: Callable[[], object]) -> int:
    """Run it in a child process; returns the child's id."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    try:
        body()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def ended(child: int) -> int:
    """Wait for the child; returns its exit code, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Builds:
    """The folder in which `a` and `b` are built in turn, and what each must give."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.var = folder / "var"
        self.clock = itertools.count()
        self.expected: dict[str, Contents] = {}
        for name in OTHER:
            self.expected[name] = self.built_apart(name)
        assert self.expected["a"] != self.expected["b"]
        for name in itertools.islice(itertools.cycle(OTHER), KEPT_RELEASES + 1):
            assert ended(forked(self.builder(name))) == 0
        self.served = name

    def built_apart(self, name: str) -> Contents:
        """The release of `name` where the other was published before: the catalogue lists both."""
        var = self.folder / f"var-{name}"
        for each in (OTHER[name], name):
            assert ended(forked(self.builder(each, var=var))) == 0
        return contents(current_release(var).path)

    def builder(
        self, name: str, on_step: Callable[[Step], None] = unwatched, var: Path | None = None
    ) -> Callable[[], object]:
        now = NOW + timedelta(minutes=next(self.clock))
        options = Options(validator="shacl")
        return lambda: build(
            self.folder / name, var or self.var, Settings(), now, options, on_step=on_step
        )

    def after_kill(self, at: str, wanted: str) -> dict[str, Any]:
        """What is served after a build of `wanted` was killed, and after the next one."""
        faults, found = self.faults()
        served = "new" if found == self.expected[wanted] else "old"
        if found not in (self.expected[self.served], self.expected[wanted]):
            faults.append("what is served is neither the old nor the new release")
        if ended(forked(self.builder(wanted))) != 0:
            faults.append("the next build failed")
        more, found = self.faults()
        if found != self.expected[wanted]:
            more.append("the next build gave another release")
        names = sorted(path.name for path in (self.var / "releases").iterdir())
        if not all(map(RELEASE_ID.fullmatch, names)) or len(names) > KEPT_RELEASES:
            more.append(f"left over: {names}")
        if (self.var / ".current").is_symlink():
            more.append("a link is left over")
        self.served = wanted
        return {"at": at, "served": served, "faults": faults + more}

    def faults(self) -> tuple[list[str], Contents]:
        """What is wrong with the release that is served, and its content."""
        release = current_release(self.var)
        faults = verify(release)
        if open_release(release.path).quad_count() != release.manifest["quads"]:
            faults.append("the store has another number of quads than the manifest says")
        if release.id not in [kept.id for kept in releases(self.var)]:
            faults.append("the release that is served is not among the kept ones")
        return faults, contents(release.path)

    def steps(self) -> list[str]:
        """The steps of a build, one by one."""
        wanted = OTHER[self.served]
        told, tell = os.pipe()
        on_step = lambda step: os.write(tell, f"{step}\n".encode())  # noqa: E731
        assert ended(forked(self.builder(wanted, on_step))) == 0  # type: ignore[arg-type]
        os.close(tell)
        self.served = wanted
        with os.fdopen(told) as names:
            return names.read().split()


def killed_before_steps(builds: Builds) -> Iterator[dict[str, Any]]:
    """A build killed before each of its steps."""
    for number, name in enumerate(builds.steps()):
        count = itertools.count()

        def on_step(step: Step, number: int = number, count: Iterator[int] = count) -> None:
            if next(count) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        wanted = OTHER[builds.served]
        code = ended(forked(builds.builder(wanted, on_step)))
        found = builds.after_kill(name, wanted)
        if code != -signal.SIGKILL:
            found["faults"].append(f"not killed: {code}")
        yield found


def killed_at_moments(builds: Builds, seed: int, times: int) -> Iterator[dict[str, Any]]:
    """A build killed from outside at random moments of the time it takes."""
    dice = random.Random(seed)
    started = time.perf_counter()
    builds.steps()
    duration = time.perf_counter() - started
    for _ in range(times):
        delay = dice.uniform(0, duration)
        wanted = OTHER[builds.served]
        child = forked(builds.builder(wanted))
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
        code = ended(child)
        yield builds.after_kill(f"{delay:.4f} s, code {code}", wanted)


def main(kind: str, folder: str, *more: str) -> None:
    read_ontology(ontology_dir())  # kept, so that no child reads it again
    builds = Builds(Path(folder))
    if kind == "steps":
        found = killed_before_steps(builds)
    else:
        found = killed_at_moments(builds, *map(int, more))
    for each in found:
        print(json.dumps(each), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
