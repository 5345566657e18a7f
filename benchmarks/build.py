"""What does one changed plan among many cost, and does a build's cost grow with its plans?

Makes up plans (examples/generate.py), builds 10, 100 and all of them cold, changes one plan, builds
again, and builds that plan alone, each in a fresh process. Printed: machine, versions, seconds
of the whole process and per step, peak memory, sizes, and the goal: a rebuild takes at most
3 × the time of building that plan alone plus 2 s. The rebuild and the plan alone are taken once
with the validator given and once with `shacl`; the 10 plans with `shacl` where `auto` is given,
which would take the other validator for so few.

    PYTHONPATH=. .venv/bin/python benchmarks/build.py [--plans N] [--validator NAME] [--keep DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from kg.plan_builds import PYSHACL_PLANS

ROOT = Path(__file__).resolve().parent.parent
GOAL_FACTOR, GOAL_PLUS_S = 3, 2
PROBE = """
import json, resource, sys, time
from datetime import UTC, datetime
from pathlib import Path
from kg.pipeline import Options, build
from kg.settings import Settings

data, var, validator, jobs = sys.argv[1:]
marks = [("start", time.perf_counter())]
outcome = build(
    Path(data), Path(var), Settings(), datetime.now(UTC),
    Options(validator=validator, jobs=int(jobs)),
    on_step=lambda step: marks.append((step, time.perf_counter())),
)
marks.append(("end", time.perf_counter()))
assert not outcome.problems, list(map(str, outcome.problems))[:3]
seconds = {}
for (step, begun), (_, ended) in zip(marks, marks[1:]):
    seconds[step] = seconds.get(step, 0) + ended - begun
whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
memory = [resource.getrusage(who).ru_maxrss for who in whose]
release = outcome.release
print(json.dumps({"steps": seconds, "memory_kib": memory,
                  "quads": release.manifest["quads"], "path": str(release.path)}))
"""


@dataclass(frozen=True)
class Run:
    """One build in a process of its own."""

    seconds: float
    steps: dict[str, float]
    memory_kib: list[int]
    quads: int
    path: Path


def build(data: Path, var: Path, validator: str, jobs: int) -> Run:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(data), str(var), validator, str(jobs)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - started
    told = json.loads(done.stdout)
    return Run(seconds, told["steps"], told["memory_kib"], told["quads"], Path(told["path"]))


def generate(folder: Path, plans: int) -> Path:
    script = ROOT / "examples" / "generate.py"
    arguments = [str(folder), "--municipalities", str(plans), "--years", "2021"]
    subprocess.run([sys.executable, str(script), *arguments], cwd=ROOT, check=True)
    return folder


def some_of(data: Path, folder: Path, names: list[str]) -> Path:
    """A data folder with only these plans."""
    for name in names:
        shutil.copytree(data / "plans" / name, folder / "plans" / name)
    return folder


def change(plan: Path, number: int) -> None:
    """Another document under another version."""
    settings = plan / "plan.toml"
    text = settings.read_text(encoding="utf-8")
    changed = text.replace(f'version = "{number - 1}"', f'version = "{number}"')
    assert changed != text
    settings.write_text(changed, encoding="utf-8")
    with (plan / "plan.md").open("a", encoding="utf-8") as document:
        document.write(f"\n架空の追記 {number}\n")


def size_mib(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) >> 20


def own_mib(folder: Path) -> int:
    """What the folder would free: files that no other release links to."""
    stats = [path.stat() for path in folder.rglob("*") if path.is_file()]
    return sum(stat.st_size for stat in stats if stat.st_nlink == 1) >> 20


def show(name: str, run: Run) -> None:
    own, workers = (kib >> 10 for kib in run.memory_kib)
    print(f"{name}: {run.seconds:.2f} s, {run.quads:,} quads, peak memory {own} MiB, "
          f"largest worker {workers} MiB")  # fmt: skip
    print("   ", ", ".join(f"{step} {s:.2f}" for step, s in run.steps.items() if s >= 0.005))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--plans", type=int, default=1741)
    parser.add_argument("--validator", default="auto", choices=("auto", "pyshacl", "shacl"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", type=Path, help="folder for plans and releases, which stay")
    given = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    packages = ("pyoxigraph", "rdflib", "pyshacl", "shacl")
    print(", ".join(f"{name} {version(name)}" for name in packages))
    if given.keep:
        given.keep.mkdir(parents=True)
        measure(given.keep, given.plans, given.validator, given.jobs)
    else:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), given.plans, given.validator, given.jobs)


def measure(work: Path, plans: int, validator: str, jobs: int) -> None:
    data = generate(work / "data", plans)
    names = sorted(path.name for path in (data / "plans").iterdir())
    print(f"{plans} plans, {size_mib(data / 'plans')} MiB, {jobs} jobs")
    for few in (10, 100):
        if few < plans:
            step = plans // few  # from all over, as sizes differ
            chosen = some_of(data, work / f"data-{few}", names[::step][:few])
            each = "shacl" if validator == "auto" and few <= PYSHACL_PLANS else validator
            run = build(chosen, work / f"var-{few}", each, jobs)
            show(f"{few} plans cold, {each}", run)
            print(f"    {1000 * run.seconds / few:.0f} ms a plan")
    run = build(data, work / "var", validator, jobs)
    show(f"{plans} plans cold, {validator}", run)
    print(f"    {1000 * run.seconds / plans:.0f} ms a plan")
    for part in ("dumps", "store"):
        print(f"    {part} {size_mib(run.path / part)} MiB")
    changed = names[len(names) // 2]
    for number, each in enumerate(dict.fromkeys((validator, "shacl")), 2):
        change(data / "plans" / changed, number)
        again = build(data, work / "var", each, jobs)
        show(f"rebuilt after one change, {each}", again)
        print(f"    of its own: {own_mib(again.path)} MiB")
        lone = some_of(data, work / f"alone-{number}", [changed])
        alone = build(lone, work / f"var-alone-{number}", each, jobs)
        show(f"that plan alone, {each}", alone)
        goal = GOAL_FACTOR * alone.seconds + GOAL_PLUS_S
        word = "met" if again.seconds <= goal else "MISSED"
        print(f"    {again.seconds:.2f} s, goal {goal:.2f} s: {word} "
              f"(rebuilt / alone = {again.seconds / alone.seconds:.2f})")  # fmt: skip


if __name__ == "__main__":
    main()
