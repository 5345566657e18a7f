"""Koriyama's release with made-up estimates of goals beside it, in a graph of their own.

The estimates are invented for the tests: they are no statement about Koriyama's projects.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path

from kg.release import Release, current_release, write_manifest
from tests.releases import new_release, write_store

SP = "https://w3id.org/jp-sdgplan/ns#"
PLAN = "https://w3id.org/jp-sdgplan/id/072036/plan/kyodo-2/2021"
SDG = "http://metadata.un.org/sdg/"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
NO_CLUE = "本文に手がかりなし（件数の制約のみ）"

ESTIMATES = (
    (63, 11, "0.9312", ("まちづくり", "安心"), True),
    (63, 16, "0.9", ("安全",), True),
    (63, 3, "0.655", (NO_CLUE,), True),
    (63, 17, "0.5", ("協働",), True),
    (63, 4, "0.3449", (NO_CLUE,), True),
    (63, 10, "0.1", (NO_CLUE,), True),
    (63, 8, "0.0951", (NO_CLUE,), False),
    (63, 13, "0.05", (NO_CLUE,), False),
    (62, 11, "0.9999", ("交通安全",), True),
    (61, 11, "0.7", ("まちづくり",), True),
)
"""Project, goal, probability, the words that spoke for it, whether it is a candidate."""


def candidate_lines() -> str:
    """The graph of the estimates as N-Quads."""
    graph = f"<{PLAN}/graph/candidate> ."
    lines = []
    for number, goal, share, clues, is_candidate in ESTIMATES:
        project, goal_iri = f"<{PLAN}/project/{number}>", f"<{SDG}{goal}>"
        record = f"<{PLAN}/project/{number}/sdg-candidate/{goal}>"
        lines += [
            f"{record} <{RDF_TYPE}> <{SP}SdgLink> {graph}",
            f"{record} <{SP}linkedProject> {project} {graph}",
            f"{record} <{SP}linkedGoal> {goal_iri} {graph}",
            f"{record} <{SP}basis> <{SP}basis-inferred> {graph}",
            f'{record} <{SP}confidence> "{share}"^^<http://www.w3.org/2001/XMLSchema#decimal> '
            f"{graph}",
        ]
        lines += [
            f"{record} <{SP}evidence> {json.dumps(clue, ensure_ascii=False)}@ja {graph}"
            for clue in clues
        ]
        if is_candidate:
            lines.append(f"{project} <{SP}candidateSdgGoal> {goal_iri} {graph}")
    return "\n".join(lines) + "\n"


def with_estimates(built: Release, var: Path) -> Release:
    """A release in `var` like the built one, with the estimates instead of its own."""
    names = ("plan.nq.gz", "report.nq.gz")
    quads = [p.read_bytes() for name in names for p in (built.path / "dumps").glob(f"*/*/*/{name}")]
    quads.append(gzip.compress(candidate_lines().encode()))
    manifest = built.manifest
    with new_release(var, "3c" * 32, built.created) as draft:
        count = write_store(draft.path / "store", *(gzip.decompress(part) for part in quads))
        shutil.copytree(built.path / "dumps", draft.path / "dumps", copy_function=os.link)
        for name in ("documents", "charts"):
            if (built.path / name).is_dir():
                shutil.copytree(built.path / name, draft.path / name)
        write_manifest(draft, program_version="0", quads=count, plans=manifest["plans"])
    return current_release(var)
