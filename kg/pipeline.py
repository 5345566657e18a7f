"""From the plan folders to a release: extract, map, validate, dump, store, describe.

The first three are `kg.checking.check_plan`, plan by plan; the rest is here. A plan whose
folder and program are unchanged is carried over from the current release, and so is the last
good version of a plan that is refused.
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from rdflib import Graph, Literal

from kg.catalog.release import describe
from kg.checking import CheckedPlan, check_plan
from kg.dumps import SHARED_DUMPS, write_all, write_checksums, write_plan_dumps, write_shared_dump
from kg.errors import Problem, Problems, ReleaseError, WrongUse
from kg.history import published_content, record, with_versions
from kg.iris import shared_graph
from kg.manifest import (
    Entry,
    content_hash,
    entry_of,
    is_withdrawn,
    plan_hash,
    withdrawn_entry,
)
from kg.origin import Origin
from kg.plan_settings import PLAN_FILE
from kg.program import VERSION
from kg.release import (
    DUMPS_FOLDER,
    Draft,
    Release,
    current_release,
    new_release,
    releases,
    write_manifest,
)
from kg.resources import ontology_dir
from kg.settings import Settings
from kg.store import STORE_FOLDER, write_store
from kg.vocab import PROV, RDF, SKOS

VOCABULARY = ("terms.ttl", "goals.ttl")
"""The files of `ontology/` in the vocabulary graph; shapes are served at /shapes, not queried."""

VOCABULARY_LABELS = {
    "ja": "語彙と17のゴールのグラフ",
    "en": "graph of the vocabulary and the 17 goals",
}

PYSHACL_PLANS = 20
"""Up to so many plans in one build are validated by pySHACL, the reference."""


@dataclass(frozen=True)
class Options:
    """How to build: which folders (globs on their names), how many at once, how strict."""

    only: str = "*"
    jobs: int = 1
    strict: bool = False
    validator: str = "auto"
    withdraw: tuple[str, ...] = ()


@dataclass
class Outcome:
    """What a build did. `release` is None if nothing could be published or nothing changed."""

    release: Release | None = None
    entries: list[Entry] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)
    refused: list[str] = field(default_factory=list)
    unchanged: bool = False


@dataclass(frozen=True)
class _Task:
    """One plan to build, as it is handed to a process."""

    folder: Path
    dumps: Path
    settings: Settings
    validator: str
    plan_hash: str
    var: Path


def build(
    data: Path,
    var: Path,
    settings: Settings,
    now: datetime,
    options: Options = Options(),
    progress: Callable[[str], None] = lambda name: None,
) -> Outcome:
    """Build the plans below `data/plans` into a new release and switch to it.

    `progress` is called with each plan's name when it is done. A refused plan keeps its last
    good version. There is no new release if nothing new can be published, or if `strict` and
    a plan is refused. Raises WrongUse if there is no plan folder.
    """
    folders = plan_folders(data)
    chosen = [folder for folder in folders if fnmatch.fnmatch(folder.name, options.only)]
    if not chosen:
        raise WrongUse(f"No folder in {data / 'plans'} matches {options.only}.")
    last = _current(var)
    _keep_history(var, last)
    previous: dict[str, Entry] = {e["name"]: e for e in last.manifest["plans"]} if last else {}
    published = {name for name, entry in previous.items() if not is_withdrawn(entry)}
    hashes = {folder.name: plan_hash(folder, settings) for folder in folders}
    changed = [f for f in chosen if previous.get(f.name, {}).get("plan_hash") != hashes[f.name]]
    outcome = Outcome()
    _check_vanished(data, published, hashes, options, outcome)
    for name in set(options.withdraw) - (published - set(hashes)):
        gone = ", ".join(sorted(published - set(hashes))) or "none"
        raise WrongUse(f"{name} is not a published plan whose folder is gone. Such are: {gone}.")
    withdrawn = {name: withdrawn_entry(previous[name], now) for name in options.withdraw}
    if not changed and not withdrawn:
        outcome.entries, outcome.unchanged = list(previous.values()), True
        return outcome
    try:
        with new_release(var, _input_hash(hashes), now) as draft:
            dumps = draft.path / DUMPS_FOLDER
            validator = _validator(options.validator, len(changed))
            tasks = [_Task(f, dumps, settings, validator, hashes[f.name], var) for f in changed]
            built = _build_plans(tasks, previous, options.jobs, outcome, progress)
            if not (built or withdrawn) or (options.strict and outcome.refused):
                raise _NothingNew
            kept = {n: previous[n] for n in previous if n not in built and n not in withdrawn}
            for entry in kept.values():
                if not is_withdrawn(entry):
                    _carry_over(last, entry, dumps)
            entries = built | kept | withdrawn
            ordered = [entries[name] for name in sorted(entries)]
            outcome.entries = with_versions(var, draft, ordered, previous)
            _finish(draft, settings, outcome.entries, last)
    except _NothingNew:
        outcome.entries = list(previous.values())
        return outcome
    outcome.release = current_release(var)
    _keep_history(var, outcome.release)
    return outcome


class _NothingNew(Exception):
    """Leaves the draft so that it is dropped; never seen by a caller."""


def plan_folders(data: Path) -> list[Path]:
    """The folders in `data/plans`, by name. Raises WrongUse if there is none."""
    plans = data / "plans"
    folders = sorted(path for path in plans.iterdir() if path.is_dir()) if plans.is_dir() else []
    if not folders:
        raise WrongUse(f"{plans} has no plan folders. Fix: name the data folder with --data.")
    return folders


def _input_hash(hashes: Mapping[str, str]) -> str:
    return hashlib.sha256(repr(sorted(hashes.items())).encode()).hexdigest()


def _current(var: Path) -> Release | None:
    try:
        return current_release(var)
    except ReleaseError:
        return None  # the first build of this folder, or a damaged one that is built anew


def _keep_history(var: Path, last: Release | None) -> None:
    """Take over what is published: of every kept release, for a build may have been killed."""
    try:
        kept = releases(var)
    except ReleaseError:  # a damaged one among them
        kept = [last] if last else []
    record(var, kept)


def _validator(wanted: str, plans: int) -> str:
    """pySHACL for few plans; for many the second validator, with pySHACL on its findings."""
    if wanted != "auto":
        return wanted
    return "pyshacl" if plans <= PYSHACL_PLANS else "auto"


def _check_vanished(
    data: Path,
    published: set[str],
    hashes: Mapping[str, str],
    options: Options,
    outcome: Outcome,
) -> None:
    for name in sorted(published - set(hashes) - set(options.withdraw)):
        outcome.refused.append(name)
        outcome.problems.add("plan-vanished", Origin(str(data / "plans" / name)), name=name)


def _build_plans(
    tasks: list[_Task],
    previous: Mapping[str, Entry],
    jobs: int,
    outcome: Outcome,
    progress: Callable[[str], None],
) -> dict[str, Entry]:
    built: dict[str, Entry] = {}
    for task, (entry, problems) in zip(tasks, _results(tasks, previous, jobs), strict=True):
        if entry is None:
            outcome.refused.append(task.folder.name)
            outcome.problems += problems
        else:
            built[task.folder.name] = entry
        progress(task.folder.name)
    return built


def _results(
    tasks: list[_Task], previous: Mapping[str, Entry], jobs: int
) -> Iterator[tuple[Entry | None, list[Problem]]]:
    before = [previous.get(task.folder.name) for task in tasks]
    if jobs <= 1 or len(tasks) <= 1:
        yield from map(_build_plan, tasks, before)
        return
    with ProcessPoolExecutor(min(jobs, len(tasks))) as pool:
        yield from pool.map(_build_plan, tasks, before)


def _build_plan(task: _Task, before: Entry | None) -> tuple[Entry | None, list[Problem]]:
    """Check one plan and, if it may be published, write its dumps and describe it."""
    checked = check_plan(task.folder, task.settings, task.validator)
    problems = list(checked.problems)
    if not problems:
        problems += _version_problems(checked, before, task.var)
    if problems:
        return None, problems
    started = time.perf_counter()
    assert checked.iris is not None
    if checked.settings and checked.settings["dataset.status"] != "withdrawn":
        write_plan_dumps(task.dumps, checked.iris, checked.graphs)
    checked.seconds["dump"] = time.perf_counter() - started
    return entry_of(checked, task.plan_hash), []


def _version_problems(checked: CheckedPlan, before: Entry | None, var: Path) -> Problems:
    problems = Problems()
    assert checked.settings is not None and checked.iris is not None
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


def _carry_over(last: Release | None, entry: Entry, dumps: Path) -> None:
    """Link a plan's dumps of the last release into the draft; releases never change files."""
    assert last is not None
    part = Path(entry["code"], entry["slug"], str(entry["year"]))
    shutil.copytree(
        last.path / DUMPS_FOLDER / part, dumps / part, copy_function=os.link, dirs_exist_ok=True
    )


def _finish(draft: Draft, settings: Settings, entries: list[Entry], last: Release | None) -> None:
    """What concerns all plans: shared graphs, dumps of everything, store, manifest."""
    dumps = draft.path / DUMPS_FOLDER
    vocabulary = Graph()
    for name in VOCABULARY:
        vocabulary.parse(ontology_dir() / name, format="turtle")
    graph_iri = shared_graph(settings.base_iri, "vocabulary")
    vocabulary.add((graph_iri, RDF.type, PROV.Entity))
    for language, label in VOCABULARY_LABELS.items():
        vocabulary.add((graph_iri, SKOS.prefLabel, Literal(label, lang=language)))
    write_shared_dump(dumps, "vocabulary", vocabulary, graph_iri)
    describe(draft.path, dumps, entries, settings, last.path if last else None)
    write_all(dumps)
    write_checksums(dumps)
    parts = [dumps / f"{name}.nq" for name in SHARED_DUMPS]
    for entry in entries:
        if is_withdrawn(entry):
            continue
        folder = dumps / entry["code"] / entry["slug"] / str(entry["year"])
        parts += [folder / "plan.nq", folder / "report.nq"]
        if (folder / "candidate.nq").is_file():
            parts.append(folder / "candidate.nq")
    quads = write_store(draft.path / STORE_FOLDER, parts)
    write_manifest(
        draft, program_version=VERSION, quads=quads, plans=entries, base_iri=settings.base_iri
    )
