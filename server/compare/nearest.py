"""Plans whose goals are alike: by the shares that goals have of all published links.

The distance of two plans is half the sum of the differences of their shares, goal by goal (total
variation): 0 where every goal has the same share, 1 where no goal is in both. Shares of links, so
that a plan with more projects is not far for that alone.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
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


class NoneNear(StrEnum):
    """Why no plan is near another one."""

    OWN_NUMBERS = "own-numbers"
    """The plan itself publishes no numbers of all goals, or only zeros."""
    NONE_HELD = "none-held"
    """No other municipality's plan of the year publishes them."""
    ONLY_MADE_UP = "only-made-up"
    ONLY_REAL = "only-real"
    """Those that do are made up and this one is not, or the other way round."""
    ALL_CHOSEN = "all-chosen"
    """Those that do stand beside it already."""


def nearest(
    entry: Entry, entries: Sequence[Entry], chosen: Container[str] = ()
) -> list[Near] | NoneNear:
    """The plans of the same year nearest to a plan, the nearest first; equal ones by code.

    Each of another municipality that is not `chosen`, by its code; made-up ones are near made-up
    ones only. The reason if there is none.
    """
    known = _shares(context().release.path)
    return _nearest(entry, entries, chosen, known)


def _nearest(
    entry: Entry,
    entries: Sequence[Entry],
    chosen: Container[str],
    known: Mapping[str, Sequence[Fraction]],
) -> list[Near] | NoneNear:
    own = known.get(entry["iri"])
    if own is None:
        return NoneNear.OWN_NUMBERS
    others = [
        other
        for other in entries
        if other["iri"] in known
        and other["code"] != entry["code"]
        and int(other["year"]) == int(entry["year"])
    ]
    alike = [e for e in others if bool(e.get("made_up")) == bool(entry.get("made_up"))]
    if not others:
        return NoneNear.NONE_HELD
    if not alike:
        return NoneNear.ONLY_REAL if entry.get("made_up") else NoneNear.ONLY_MADE_UP
    found = [
        (_distance(own, known[other["iri"]]), str(other["code"]), str(other["slug"]), other)
        for other in alike
        if other["code"] not in chosen
    ]
    if not found:
        return NoneNear.ALL_CHOSEN
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
