"""Plans whose goals are alike: by the shares that goals have of all published links.

The distance of two plans is half the sum of the differences of their shares, goal by goal (total
variation): 0 where every goal has the same share, 1 where no goal is in both. Shares of links, so
that a plan with more projects is not far for that alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from kg.goals import GOALS
from server.context import context

Entry = Mapping[str, Any]

MOST_NEAREST = 5
MOST_DIFFERENCES = 2

_PUBLISHED = """PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
SELECT ?plan (GROUP_CONCAT(?one; separator=" ") AS ?counts) WHERE {
  ?observation a sp:GoalStatistic ; sp:dimBasis sp:count-published ; sp:dimPlan ?plan ;
    sp:dimGoal ?goal ; sp:statisticCount ?count .
  BIND(CONCAT(REPLACE(STR(?goal), "^.*/", ""), "=", STR(?count)) AS ?one)
} GROUP BY ?plan"""


@dataclass(frozen=True, slots=True)
class Near:
    """A plan near another one; `differences` are the goals in which they differ most, with both
    shares."""

    entry: Entry
    distance: Fraction
    differences: tuple[tuple[int, Fraction, Fraction], ...]


def nearest(entry: Entry, entries: Sequence[Entry]) -> list[Near]:
    """The plans of the same year nearest to a plan, the nearest first; equal ones by code.

    Each of another municipality; made-up ones are near made-up ones only. Empty if the plan
    publishes no numbers.
    """
    known = _shares(context().release.path)
    own = known.get(entry["iri"])
    if own is None:
        return []
    found = []
    for other in entries:
        shares = known.get(other["iri"])
        if (
            shares is None
            or other["code"] == entry["code"]
            or int(other["year"]) != int(entry["year"])
            or bool(other.get("made_up")) != bool(entry.get("made_up"))
        ):
            continue
        found.append((_distance(own, shares), str(other["code"]), str(other["slug"]), other))
    found.sort(key=lambda near: near[:3])
    return [
        Near(other, distance, _differences(own, known[other["iri"]]))
        for distance, _, _, other in found[:MOST_NEAREST]
    ]


def _distance(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((abs(x - y) for x, y in zip(a, b, strict=True)), Fraction(0)) / 2


def _differences(
    a: Sequence[Fraction], b: Sequence[Fraction]
) -> tuple[tuple[int, Fraction, Fraction], ...]:
    differing = [(goal, x, y) for goal, x, y in zip(GOALS, a, b, strict=True) if x != y]
    differing.sort(key=lambda one: (-abs(one[1] - one[2]), one[0]))
    return tuple(differing[:MOST_DIFFERENCES])


@lru_cache(maxsize=2)
def _shares(release: Path) -> dict[str, tuple[Fraction, ...]]:
    """The share of each goal, of all plans that publish all 17 and not only zeros."""
    del release  # a release never changes, another one is another path
    found = {}
    for row in context().engine.select(_PUBLISHED):
        pairs = (pair.split("=") for pair in str(row["counts"]).split())
        counts = {int(goal): int(count) for goal, count in pairs}
        total = sum(counts.values())
        if total and len(counts) == len(GOALS):
            found[str(row["plan"])] = tuple(Fraction(counts[goal], total) for goal in GOALS)
    return found
