"""What the statistics say of plans, one column each: numbers per goal, with their basis."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from rdflib import Literal, URIRef

from kg.goals import GOALS
from kg.vocab import SP
from server.compare.names import AS_THEY_ARE, Names
from server.context import context

Entry = Mapping[str, Any]

BASES = ("published", "stated", "curated", "expected")
"""In the order of trust; each is the end of a concept `count-…`."""
LETTERS = "ABCDE"
MOST_COLUMNS = len(LETTERS)

_STATISTICS = """PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
SELECT ?plan ?goal ?basis ?count ?certainty WHERE {
  VALUES ?plan { %s }
  ?observation sp:dimPlan ?plan ; sp:dimBasis ?basis ; sp:statisticCount ?count .
  { ?observation a sp:PlanStatistic } UNION { ?observation a sp:GoalStatistic ; sp:dimGoal ?goal }
  UNION { ?observation a sp:ExpectedGoalStatistic ; sp:dimGoal ?goal }
  OPTIONAL { ?observation sp:countCertainty ?certainty }
}"""


class Kind(StrEnum):
    """What a plan's column shows: numbers it publishes, links counted, or nothing."""

    PUBLISHED = "published"
    LINKED = "linked"
    NOTHING = "nothing"


class Links(StrEnum):
    """What is known of which project serves which goal."""

    KNOWN = "known"
    SOME = "some"
    UNKNOWN = "unknown"


def kind_of(bases: Container[str]) -> Kind:
    """What a plan shows that has counts of these bases."""
    if "published" in bases:
        return Kind.PUBLISHED
    return Kind.NOTHING if links_of(bases, is_exact=True) is Links.UNKNOWN else Kind.LINKED


def links_of(bases: Container[str], is_exact: bool) -> Links:
    """What is known of the links of a plan that has counts of these bases."""
    if "stated" not in bases and "curated" not in bases:
        return Links.UNKNOWN
    return Links.KNOWN if is_exact else Links.SOME


@dataclass(frozen=True, slots=True)
class Column:
    """One plan. `counts` are by basis and goal; a basis that says nothing is not there."""

    letter: str
    entry: Entry
    listed: int
    counts: Mapping[str, Mapping[int, Decimal]]
    is_exact: bool
    """Whether the links that were counted are all there are."""
    names: Names = AS_THEY_ARE

    @property
    def plan(self) -> URIRef:
        return URIRef(self.entry["iri"])

    @property
    def year(self) -> int:
        return int(self.entry["year"])

    @property
    def is_made_up(self) -> bool:
        return bool(self.entry.get("made_up"))

    def name(self, language: str) -> Literal:
        """The municipality's name, which no other one bears."""
        return self.names.municipality(self.entry, language)

    def title(self, language: str) -> Literal | None:
        """The plan's title where municipality and year do not tell which plan it is."""
        return self.names.title(self.entry, language)

    def label(self, language: str) -> str:
        """Municipality and year in words, with the plan's title where it must."""
        title = self.title(language)
        year = f"{self.year}年度" if language == "ja" else f" {self.year}"
        return f"{self.name(language)}{year}{'' if title is None else f' {title}'}"

    @property
    def kind(self) -> Kind:
        return kind_of(self.counts)

    @property
    def links(self) -> Links:
        return links_of(self.counts, self.is_exact)

    def certainty(self, basis: str) -> str:
        """How certain a count of that basis is: `exact`, `at-least`, or `estimated`."""
        if basis == "expected":
            return "estimated"
        return "exact" if basis == "published" or self.is_exact else "at-least"

    @property
    def linked(self) -> Mapping[int, Decimal]:
        """Projects with a stated or curated link by goal: the two never share a link."""
        bases = [self.counts[basis] for basis in ("stated", "curated") if basis in self.counts]
        if not bases:
            return {}
        return {goal: sum((basis[goal] for basis in bases), Decimal(0)) for goal in GOALS}

    def main(self, goal: int) -> Decimal | None:
        """The number that the column shows for a goal; None = not known."""
        if self.kind is Kind.PUBLISHED:
            return self.counts["published"].get(goal)
        return self.linked.get(goal)

    def per_100(self, number: Decimal | None) -> Decimal | None:
        """Of 100 projects of the plan; one decimal."""
        if number is None or not self.listed:
            return None
        return (100 * number / self.listed).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)

    @property
    def zeros(self) -> list[int]:
        """Goals whose number is 0 for certain."""
        if self.kind is Kind.LINKED and not self.is_exact:
            return []
        return [goal for goal in GOALS if self.main(goal) == 0]


def columns_of(entries: Sequence[Entry], names: Names) -> list[Column]:
    """The columns of plans, in their order, lettered; their number is at most MOST_COLUMNS.

    `names` are those of all plans that are served.
    """
    if not entries:
        return []
    values = " ".join(URIRef(entry["iri"]).n3() for entry in entries)
    found: dict[str, dict[str, dict[int, Decimal]]] = {}
    listed: dict[str, int] = {}
    lower_bounds: set[str] = set()
    for row in context().engine.select(_STATISTICS % values):
        plan, count = str(row["plan"]), Decimal(str(row["count"]))
        basis = str(row["basis"]).rpartition("#count-")[2]
        if row.get("certainty") == SP["count-at-least"]:
            lower_bounds.add(plan)
        if "goal" in row:
            goal = int(str(row["goal"]).rpartition("/")[2])
            found.setdefault(plan, {}).setdefault(basis, {})[goal] = count
        elif basis == "listed":
            listed[plan] = int(count)
    return [
        Column(
            letter,
            entry,
            listed.get(entry["iri"], int(entry["projects"])),
            found.get(entry["iri"], {}),
            entry["iri"] not in lower_bounds,
            names,
        )
        for letter, entry in zip(LETTERS, entries, strict=False)
    ]
