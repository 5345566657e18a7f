"""What `sdgplan new` prints: what was recognised, and what is left to a person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kg.errors import quoted
from kg.plan_settings import PLACEHOLDER
from kg.proposal.command import Proposal
from kg.proposal.plan_toml import UNSURE


def told(proposal: Proposal, file: Path) -> str:
    """The lines for a terminal, the proposed file last."""
    return "\n".join(_lines(proposal, file))


def _lines(proposal: Proposal, file: Path) -> Iterator[str]:
    plan = proposal.extraction.plan
    yield f"{proposal.document}:"
    yield from (f"  {sentence}" for sentence in proposal.extraction.said)
    if plan is None:
        yield "  no project could be read"
    else:
        yield f"  {len(plan.projects)} projects, {len(plan.policies)} policies"
        yield f"  parts found: {', '.join(proposal.parts) or 'none'}"
    for one in proposal.tables:
        kind = one.kind or "not recognised"
        read = ", ".join(f"{quoted(heading)} as {field}" for heading, field in one.read)
        yield f"  table in {one.table.origin.where} ({kind}): {read or 'nothing'}"
        for guess in one.guesses:
            perhaps = f"perhaps {guess.field}, {guess.reason}" if guess.field else guess.reason
            yield f"    {quoted(guess.heading)} is left out: {perhaps}"
    lines = file.read_text(encoding="utf-8").splitlines()
    open_keys = [line.partition(" =")[0] for line in lines if _is_open(line)]
    doubts = sum(line.startswith(UNSURE) for line in lines)
    yield f"{file} is written."
    yield f"  To be filled in: {', '.join(open_keys)}. Questions in it: {doubts}, marked {UNSURE}"


def _is_open(line: str) -> bool:
    return not line.startswith("#") and f'"{PLACEHOLDER}"' in line
