"""What release.json says of a plan, and the hashes by which a plan is known to be unchanged."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from kg.checking import CheckedPlan
from kg.dumps import PlanDumps
from kg.iris import GRAPH_KINDS
from kg.plan_settings import PLAN_FILE
from kg.program import files_hash, program_hash
from kg.settings import Settings
from kg.vocab import SP

Entry = dict[str, Any]
"""One plan of release.json: JSON values by name."""


def _files(folder: Path) -> list[tuple[str, Path]]:
    return [(path.name, path) for path in folder.iterdir() if path.is_file()]


def plan_hash(folder: Path, settings: Settings) -> str:
    """The SHA-256 of all that decides a plan's bytes: its files, the base IRI, the program."""
    text = f"{files_hash(_files(folder))} {settings.base_iri} {program_hash()}"
    return hashlib.sha256(text.encode()).hexdigest()


def content_hash(folder: Path) -> str:
    """The SHA-256 of a plan's document and decisions: the content that a version stands for."""
    return files_hash((name, path) for name, path in _files(folder) if name != PLAN_FILE)


def is_withdrawn(entry: Entry) -> bool:
    """Whether the plan is listed without its data."""
    return bool(entry["status"] == "withdrawn")


def withdrawn_entry(entry: Entry, now: datetime) -> Entry:
    """The entry of a plan whose folder was taken away: still listed, marked, without data.

    It has no plan_hash, so that a folder that comes back is built again.
    """
    day = now.date().isoformat()
    marks = {"status": "withdrawn", "withdrawn": day, "reason": "", "modified": day}
    return entry | marks | {"plan_hash": "", "files": {}, "graphs": {}}


def file_sums(entries: Iterable[Entry]) -> dict[str, str]:
    """Path below dumps/ -> SHA-256, of all files that the entries of plans name."""
    return {
        f"{entry['code']}/{entry['slug']}/{entry['year']}/{name}": file["sha256"]
        for entry in entries
        for name, file in entry.get("files", {}).items()
    }


def entry_of(checked: CheckedPlan, plan_hash: str, dumps: PlanDumps) -> Entry:
    """What release.json says of a plan that may be published, and of its `dumps`."""
    assert checked.settings and checked.iris and checked.extraction and checked.report
    settings, iris, plan = checked.settings, checked.iris, checked.extraction.plan
    assert plan is not None
    bases = Counter(str(o) for _, p, o in checked.graphs["links"] if p == SP.sdgLinkBasis)
    links = Counter(str(p) for _, p, _ in checked.graphs["source"] + checked.graphs["links"])
    return {
        "name": checked.folder.name,
        "code": iris.code,
        "slug": iris.slug,
        "year": iris.year,
        "iri": str(iris.plan),
        "municipality": settings["municipality.name"],
        "made_up": settings["municipality.made_up"],
        "title": settings["plan.title"],
        "basic_plan": settings["plan.basic_plan"],
        "projects": len(plan.projects),
        "targets": sum(len(project.targets) for project in plan.projects),
        "goals": sum(1 for count in plan.goal_counts if count.count),
        # what the document counts for each goal; goals that it does not count are absent
        "goal_counts": {str(c.goal): c.count for c in plan.goal_counts if c.count is not None},
        "published_links": plan.link_count.count if plan.link_count else None,
        "links": {
            "stated": links[str(SP.statedSdgGoal)],
            "curated": links[str(SP.curatedSdgGoal)],
        },
        "themes": _themes(checked),
        "document": {
            "iri": str(iris.document),
            "title": settings["document.title"] or settings["plan.title"],
            "note": settings["document.note"] or {},
            "licence": settings["document.licence"],
            "received": str(settings["document.received"] or ""),
            "sha256": plan.sha256,
        },
        "bases": {iri.rpartition("#basis-")[2]: n for iri, n in sorted(bases.items())},
        "triples": sum(len(checked.graphs[kind]) for kind in GRAPH_KINDS if kind in checked.graphs),
        "warnings": dict(Counter(result.constraint for result in checked.report.warnings)),
        "version": settings["dataset.version"],
        "issued": settings["dataset.issued"].isoformat(),
        "modified": settings["dataset.modified"].isoformat(),
        "status": settings["dataset.status"],
        "withdrawn": str(settings["dataset.withdrawn"] or ""),
        "reason": settings["dataset.reason"] or "",
        "licence": settings["dataset.licence"],
        "content_hash": content_hash(checked.folder),
        "plan_hash": plan_hash,
        "files": dict(sorted(dumps.files.items())),
        "graphs": dumps.graphs,
        "seconds": {step: round(seconds, 3) for step, seconds in checked.seconds.items()},
    }


def _themes(checked: CheckedPlan) -> list[int]:
    """The goals that the document counts projects for or a project is linked to."""
    assert checked.extraction and checked.extraction.plan
    counted = {c.goal for c in checked.extraction.plan.goal_counts if c.count}
    linked = {
        int(str(goal).rpartition("/")[2])
        for kind in ("source", "links")
        for _, term, goal in checked.graphs[kind]
        if term in (SP.statedSdgGoal, SP.curatedSdgGoal)
    }
    return sorted(counted | linked)
