"""From the plan folders to a release: extract, map, validate, dump, draw, store, describe.

The first three are `kg.checking.check_plan`, plan by plan; the rest is here. A plan whose
folder and program are unchanged is carried over from the current release, and so is the last
good version of a plan that is refused.
"""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rdflib import Literal

from kg.carry_over import (
    carry_charts,
    carry_over,
    search_before,
    store_before,
    store_parts,
    store_writer,
)
from kg.catalog.release import describe, settings_hash
from kg.dumps import write_all, write_checksums, write_shared_dump
from kg.errors import Problems, ReleaseError, WrongUse
from kg.events import note_switch
from kg.history import record, untaken, with_versions
from kg.iris import STATISTICS, shared_graph
from kg.manifest import Entry, file_sums, is_withdrawn, plan_hash, withdrawn_entry
from kg.origin import Origin
from kg.plan_builds import PlanTask, build_plans, validator_for
from kg.plan_keys import key_problems, renamed
from kg.processes import beside
from kg.program import VERSION
from kg.quotes import carry_quotes
from kg.release import (
    CHARTS_FOLDER,
    DUMPS_FOLDER,
    Draft,
    OnStep,
    Release,
    Step,
    building,
    current_release,
    drafting,
    unwatched,
    write_manifest,
)
from kg.resources import ontology_dir
from kg.search_index import SEARCH_FILE, write_search_index
from kg.settings import Settings
from kg.statistics import statistics_triples
from kg.store import STORE_FOLDER
from kg.store_update import build_store
from kg.validators import read_ontology
from kg.vocab import PROV, RDF, SKOS

MANY_PLANS = 100
"""From so many built plans on, the search index is made while the store is."""
LATEST_ZONE = timedelta(hours=14)
"""The zone in which a day begins first, UTC+14; plan.toml's days are those of its author."""
VOCABULARY_LABELS = {
    "ja": "語彙と17のゴールのグラフ",
    "en": "graph of the vocabulary and the 17 goals",
}


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
    """What a build did. `release` is None if nothing could be published or nothing changed.

    `notes` are sentences about plans that are published: what their authors should know.
    """

    release: Release | None = None
    entries: list[Entry] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)
    refused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unchanged: bool = False


def build(
    data: Path,
    var: Path,
    settings: Settings,
    now: datetime,
    options: Options = Options(),
    progress: Callable[[str], None] = lambda name: None,
    on_step: OnStep = unwatched,
) -> Outcome:
    """Build the plans below `data/plans` into a new release and switch to it.

    `progress` is called with each plan's name when it is done, `on_step` with each step before
    it begins. A refused plan keeps its last good version. There is no new release if nothing
    new can be published, or if `strict` and a plan is refused. Raises WrongUse if there is no
    plan folder, ReleaseError if another build runs in `var`, StorageError if its disk is full.
    """
    folders = plan_folders(data)
    chosen = [folder for folder in folders if fnmatch.fnmatch(folder.name, options.only)]
    if not chosen:
        raise WrongUse(f"No folder in {data / 'plans'} matches {options.only}.")
    outcome = Outcome()
    with building(var, on_step):
        last = _current(var)
        _keep_history(var, last)
        if last is not None:
            note_switch(var, last, now)
        previous = renamed({e["name"]: e for e in last.manifest["plans"]} if last else {}, folders)
        published = {name for name, entry in previous.items() if not is_withdrawn(entry)}
        hashes = {folder.name: plan_hash(folder, settings) for folder in folders}
        changed = [f for f in chosen if previous.get(f.name, {}).get("plan_hash") != hashes[f.name]]
        twice = key_problems(folders, changed, previous)
        changed = [folder for folder in changed if folder.name not in twice]
        for name, problems in twice.items():
            outcome.refused.append(name)
            outcome.problems += problems
        _check_vanished(data, published, hashes, options, outcome)
        for name in set(options.withdraw) - (published - set(hashes)):
            gone = ", ".join(sorted(published - set(hashes))) or "none"
            raise WrongUse(
                f"{name} is not a published plan whose folder is gone. Such are: {gone}."
            )
        withdrawn = {name: withdrawn_entry(previous[name], now) for name in options.withdraw}
        described = settings_hash(settings)
        is_described = last is not None and last.manifest.get("describe_hash") == described
        if not changed and not withdrawn and is_described:
            outcome.entries, outcome.unchanged = list(previous.values()), True
            return outcome
        try:
            with drafting(var, _input_hash(hashes, described), now, on_step) as draft:
                dumps, charts = draft.path / DUMPS_FOLDER, draft.path / CHARTS_FOLDER
                on_step(Step.PLANS)
                validator = validator_for(options.validator, len(changed))
                today = (now.astimezone(UTC) + LATEST_ZONE).date()
                drawn = last.path / CHARTS_FOLDER if last else None
                tasks = [
                    PlanTask(
                        f, dumps, charts, settings, validator, hashes[f.name], var, today, drawn
                    )
                    for f in changed
                ]
                built = _built(tasks, previous, options.jobs, outcome, progress)
                kept = {n: previous[n] for n in previous if n not in built and n not in withdrawn}
                is_new = built or withdrawn or (kept and not is_described)
                if not is_new or (options.strict and outcome.refused):
                    raise _NothingNew
                on_step(Step.CARRY_OVER)
                there = [entry for entry in kept.values() if not is_withdrawn(entry)]
                carried = carry_over(last, there, dumps) if last else {}
                if last:
                    carry_charts(last, there, charts)
                    carry_quotes(last.path, there, draft.path)
                entries = built | kept | withdrawn
                ordered = [entries[name] for name in sorted(entries)]
                outcome.entries = with_versions(var, draft, ordered, previous)
                _finish(
                    draft,
                    last,
                    settings,
                    outcome.entries,
                    carried,
                    on_step,
                    options.jobs,
                    len(built),
                )
        except _NothingNew:
            outcome.entries = list(previous.values())
            return outcome
        outcome.release = current_release(var)
        on_step(Step.HISTORY)
        record(var, [outcome.release])
        note_switch(var, outcome.release, outcome.release.created)
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


def _input_hash(hashes: Mapping[str, str], described: str) -> str:
    return hashlib.sha256(repr((sorted(hashes.items()), described)).encode()).hexdigest()


def _current(var: Path) -> Release | None:
    try:
        return current_release(var)
    except ReleaseError:
        return None  # the first build of this folder, or a damaged one that is built anew


def _keep_history(var: Path, last: Release | None) -> None:
    """Take over what is published: of every kept release, for a build may have been killed."""
    try:
        kept = untaken(var, last)
    except ReleaseError:  # a damaged one among them
        kept = [last] if last else []
    record(var, kept)


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


def _built(
    tasks: list[PlanTask],
    previous: Mapping[str, Entry],
    jobs: int,
    outcome: Outcome,
    progress: Callable[[str], None],
) -> dict[str, Entry]:
    built: dict[str, Entry] = {}
    results = build_plans(tasks, previous, jobs)
    for task, plan in zip(tasks, results, strict=True):
        if plan.entry is None:
            outcome.refused.append(task.folder.name)
            outcome.problems += plan.problems
        else:
            built[task.folder.name] = plan.entry
            outcome.notes += plan.notes
        progress(task.folder.name)
    return built


def _finish(
    draft: Draft,
    last: Release | None,
    settings: Settings,
    entries: list[Entry],
    carried: Mapping[str, str],
    on_step: OnStep,
    jobs: int,
    built: int,
) -> None:
    """What concerns all plans: shared graphs, dumps of everything, store, manifest.

    `built` is the number of plans that are new or changed.
    """
    dumps = draft.path / DUMPS_FOLDER
    on_step(Step.VOCABULARY)
    _write_shared(dumps, settings)
    on_step(Step.DESCRIBE)
    describe(draft.path, dumps, entries, settings, last.path if last else None, jobs)
    with beside(jobs > 1 and built >= MANY_PLANS) as run:
        on_step(Step.SEARCH)
        index = run(write_search_index, draft.path, entries, search_before(last))
        on_step(Step.ALL)
        known = {**carried, **file_sums(entries)}
        write_all(dumps, known, last.path / DUMPS_FOLDER if last else None)
        on_step(Step.CHECKSUMS)
        write_checksums(dumps, known)
        on_step(Step.STORE)
        quads = build_store(
            draft.path / STORE_FOLDER, store_parts(draft.path, entries), store_before(last)
        )
        files = {SEARCH_FILE: index.result()}
    on_step(Step.MANIFEST)
    write_manifest(
        draft,
        program_version=VERSION,
        quads=quads,
        plans=entries,
        base_iri=settings.base_iri,
        describe_hash=settings_hash(settings),
        store=store_writer(),
        files=files,
    )


def _write_shared(dumps: Path, settings: Settings) -> None:
    # the classes, concepts and goals; shapes are served at /shapes, not queried
    graph_iri = shared_graph(settings.base_iri, "vocabulary")
    vocabulary = [
        *read_ontology(ontology_dir()).triples,
        (graph_iri, RDF.type, PROV.Entity),
        *(
            (graph_iri, SKOS.prefLabel, Literal(label, lang=language))
            for language, label in VOCABULARY_LABELS.items()
        ),
    ]
    write_shared_dump(dumps, "vocabulary", vocabulary, graph_iri)
    statistics = statistics_triples(settings.base_iri)
    write_shared_dump(dumps, STATISTICS, statistics, shared_graph(settings.base_iri, STATISTICS))
