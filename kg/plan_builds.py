"""Plans built one by one or several at the same time: checked, dumped, drawn, described."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context
from pathlib import Path

from kg.changes import quads_of
from kg.charts import write_charts
from kg.checking import CheckedPlan, check_plan
from kg.dumps import PlanDumps, plan_folder, write_plan_dumps
from kg.errors import Problem, Problems
from kg.history import PLAN_DUMP, published_content, version_folder
from kg.manifest import Entry, content_hash, entry_of
from kg.origin import Origin
from kg.plan_settings import PLAN_FILE
from kg.quotes import write_quotes
from kg.renames import TOLD, renamed_projects
from kg.settings import Settings

PYSHACL_PLANS = 20
"""Up to so many plans in one build are validated by pySHACL, the reference."""


_PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>


@dataclass(frozen=True)
class PlanTask:
    """One plan to build, as it is handed to a process.

    `charts_before` is the charts folder of the last release.
    """

    folder: Path
    dumps: Path
    charts: Path
    settings: Settings
    validator: str
    plan_hash: str
    var: Path
    today: date
    """The latest day that has begun anywhere when the release is built."""
    charts_before: Path | None = None


@dataclass(frozen=True, slots=True)
class BuiltPlan:
    """What became of a plan: its entry, or None and why it is refused; what its author should know.

    `notes` are sentences.
    """

    entry: Entry | None
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def build_plans(
    tasks: list[PlanTask], previous: Mapping[str, Entry], jobs: int
) -> Iterator[BuiltPlan]:
    """What became of each task, in order.

    `previous` are the entries of the last release, by the folder's name.
    """
    before = [previous.get(task.folder.name) for task in tasks]
    if jobs <= 1 or len(tasks) <= 1:
        yield from map(_build_plan, tasks, before)
        return
    # spawned, not forked: the threads that draw charts here would be missing there
    with ProcessPoolExecutor(
        min(jobs, len(tasks)), get_context("spawn"), _begin_worker, (os.getpid(),)
    ) as pool:
        yield from pool.map(_build_plan, tasks, before)


def _begin_worker(parent: int) -> None:
    # a plan makes hundreds of thousands of objects and few cycles: to look for these after each
    # 700 takes a tenth of the time
    gc.set_threshold(100_000, 20, 100)
    # the pool's processes outlive a killed build, and would write into a folder being cleaned
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def validator_for(wanted: str, plans: int) -> str:
    """pySHACL for few plans; for many the second validator, with pySHACL on its findings."""
    if wanted != "auto":
        return wanted
    return "pyshacl" if plans <= PYSHACL_PLANS else "auto"


def _build_plan(task: PlanTask, before: Entry | None) -> BuiltPlan:
    """Check one plan and, if it may be published, write its dumps and charts and describe it."""
    checked = check_plan(task.folder, task.settings, task.validator)
    problems = list(checked.problems)
    if not problems:
        problems += _version_problems(checked, before, task.var)
    if problems:
        return BuiltPlan(None, problems)
    started = time.perf_counter()
    assert checked.iris is not None
    dumps = PlanDumps()
    if checked.settings and checked.settings["dataset.status"] != "withdrawn":
        licence = checked.settings["dataset.licence"]
        dumps = write_plan_dumps(
            task.dumps, checked.iris, checked.graphs, licence, checked.estimate
        )
        source = checked.graphs["source"]
        write_quotes(task.dumps.parent, checked.iris, checked.settings, source)
    checked.seconds["dump"] = time.perf_counter() - started
    if dumps.files:
        started = time.perf_counter()
        assert checked.extraction and checked.extraction.plan and checked.settings
        folder = plan_folder(task.charts, checked.iris)
        drawn = task.charts_before and plan_folder(task.charts_before, checked.iris)
        write_charts(folder, checked.extraction.plan, checked.settings, drawn)
        checked.seconds["charts"] = time.perf_counter() - started
    entry = entry_of(checked, task.plan_hash, dumps)
    notes = [*_future(checked, task.today), *_renames(checked, before, task.var)]
    return BuiltPlan(entry, notes=notes)


def _future(checked: CheckedPlan, today: date) -> list[str]:
    """A sentence if the data say that they will be changed; no day is later (`date-later`)."""
    # no problem: what is published depends on the folder, not on a clock that may be wrong
    assert checked.settings is not None
    modified = checked.settings["dataset.modified"]
    if modified <= today:
        return []
    return [
        f"{checked.folder.name}: [dataset] modified is {modified}, which is after the day of this "
        f"build, {today}. Correct it in plan.toml, or the clock of this machine."
    ]


def _renames(checked: CheckedPlan, before: Entry | None, var: Path) -> list[str]:
    """A sentence for each project that is now a version of another continuing project."""
    file = None if before is None else version_folder(var, before, before["version"]) / PLAN_DUMP
    if file is None or not file.is_file():
        return []
    properties = [f"> <{iri}> " for iri in TOLD]
    lines = file.read_text(encoding="utf-8").split("\n")
    quads = quads_of(line for line in lines if any(one in line for one in properties))
    notes = []
    for one in renamed_projects((quad[:3] for quad in quads), checked.graphs["source"]):
        renamed = f'"{one.old}" is now called "{one.new}" and'
        said = renamed if one.old != one.new else f'"{one.new}"'
        note = (
            f"{checked.folder.name}, project {one.number}: {said} became a version of another "
            "continuing project."
        )
        if one.line is not None:
            note += f" To go on with the old one, add {one.line} under [aliases] in plan.toml."
        notes.append(note)
    return notes


def _version_problems(checked: CheckedPlan, before: Entry | None, var: Path) -> Problems:
    problems = Problems()
    assert checked.settings is not None
    assert checked.iris is not None
    version, iris = checked.settings["dataset.version"], checked.iris
    place = {"code": iris.code, "slug": iris.slug, "year": iris.year}
    known = {published_content(var, place, version)}
    if before is not None and before["version"] == version:
        known.add(before["content_hash"])
    if known - {None, content_hash(checked.folder)}:
        problems.add(
            "version-unchanged",
            Origin(str(checked.folder / PLAN_FILE)),
            found=f'version = "{version}"',
        )
    return problems
