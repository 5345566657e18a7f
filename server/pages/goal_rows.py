"""The rows of a goal's page: what each plan publishes, links and estimates for the goal.

Numbers of links come from the statistics, as those of /compare do: without an observation a number
is unknown, and a lower bound is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from rdflib import Literal, URIRef
from rdflib.term import Node

from kg.vocab import SP
from server.compare.columns import Kind, Links, kind_of, links_of
from server.context import context
from server.pages import goal_queries
from server.pages.facts import Facts, natural
from server.pages.links import href, local_path, site
from server.pages.reconciliation import Cell, cell_of


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the statistics count for one goal of a plan, by basis (the end of `count-…`)."""

    counts: Mapping[str, Decimal]
    is_exact: bool = True
    """Whether the links that were counted are all there are."""

    def linked(self, basis: str) -> int | None:
        """Stated or curated links. None = unknown; 0 only where the plan's links are known."""
        if basis in self.counts:
            return int(self.counts[basis])
        return 0 if links_of(self.counts, self.is_exact) is Links.KNOWN else None


NOTHING = Statistics({})


@dataclass(frozen=True, slots=True)
class GoalRow:
    """What one yearly plan has of the goal."""

    plan: URIRef
    url: str | None
    year: str
    city: URIRef
    city_name: Literal | None
    city_url: str | None
    is_made_up: bool
    is_newest: bool
    published: Cell | None
    projects: int
    statistics: Statistics
    candidates: int | None
    """None = nothing was estimated for the plan."""

    def view(self, goal: str) -> str:
        """The projects of the plan with that goal, as its page filters them."""
        return site(f"{local_path(str(self.plan))}#projects", goal=goal)

    @property
    def per_100(self) -> Decimal | None:
        """Published projects for every 100 of the plan; None if nothing is published."""
        if self.published is None or self.published.count is None or not self.projects:
            return None
        return _tenths(Decimal(100 * self.published.count) / self.projects)

    @property
    def stated(self) -> int | None:
        return self._linked("stated")

    @property
    def curated(self) -> int | None:
        return self._linked("curated")

    def _linked(self, basis: str) -> int | None:
        found = self.statistics.linked(basis)
        return 0 if self.is_none else found

    @property
    def is_none(self) -> bool:
        """Whether no project has the goal: none is published, and no link says otherwise."""
        is_zero = self.published is not None and self.published.count == 0
        return is_zero and not any(map(self.statistics.linked, ("stated", "curated")))

    @property
    def is_exact(self) -> bool:
        """Whether the numbers of links are no lower bounds."""
        return self.is_none or self.statistics.is_exact

    @property
    def kind(self) -> Kind:
        # a published number stands in the plan itself; statistics may be of another release
        return Kind.PUBLISHED if self.published else kind_of(self.statistics.counts)

    @property
    def links(self) -> Links:
        return links_of(self.statistics.counts, self.statistics.is_exact)

    @property
    def expected(self) -> Decimal | None:
        """The sum of the estimates, where no published number says what it has to be."""
        if self.published or "expected" not in self.statistics.counts:
            return None
        return _tenths(self.statistics.counts["expected"])


@dataclass(frozen=True, slots=True)
class LinkedInAll:
    """The links of several plans together, and how many of the plans they are not known of."""

    stated: int
    curated: int
    known: int
    some: int
    unknown: int

    @classmethod
    def of(cls, rows: Iterable[GoalRow]) -> LinkedInAll:
        rows = list(rows)
        of_links = [Links.KNOWN if row.is_none else row.links for row in rows]
        return cls(
            sum(row.stated or 0 for row in rows),
            sum(row.curated or 0 for row in rows),
            *(of_links.count(links) for links in (Links.KNOWN, Links.SOME, Links.UNKNOWN)),
        )


def goal_rows(where: str, bound: Mapping[str, Node], language: str) -> list[GoalRow]:
    """The plans of a place that list projects, by code of the municipality, newest year first."""
    engine = context().engine
    counts: dict[URIRef, dict[URIRef, int]] = {}
    for row in engine.select(goal_queries.counts_of_goal(where), bound):
        plan, kind = row["plan"], row["kind"]
        assert isinstance(plan, URIRef) and isinstance(kind, URIRef)
        counts.setdefault(plan, {})[kind] = int(row["projects"])
    facts = Facts(engine.select(goal_queries.published_of_goal(where), bound))
    return _rows(facts, counts, _statistics(where, bound), language)


def _statistics(where: str, bound: Mapping[str, Node]) -> dict[Node, Statistics]:
    counts: dict[Node, dict[str, Decimal]] = {}
    lower_bounds = set()
    for row in context().engine.select(goal_queries.statistics_of_goal(where), bound):
        basis = str(row["basis"]).rpartition("#count-")[2]
        counts.setdefault(row["plan"], {})[basis] = Decimal(str(row["count"]))
        if row.get("certainty") == SP["count-at-least"]:
            lower_bounds.add(row["plan"])
    return {plan: Statistics(found, plan not in lower_bounds) for plan, found in counts.items()}


def _rows(
    facts: Facts,
    counts: Mapping[URIRef, Mapping[URIRef, int]],
    statistics: Mapping[Node, Statistics],
    language: str,
) -> list[GoalRow]:
    cells = {
        facts.iri(observation, SP.dimPlan): cell_of(facts, observation)
        for observation in facts.subjects(SP.GoalCountObservation)
    }

    def place(plan: URIRef) -> tuple[str, int, object]:
        city = facts.iri(plan, SP.municipality)
        code = str(facts.first(city, SP.localGovernmentCode) or "")
        year = str(facts.iri(plan, SP.fiscalYear) or "").rpartition("/")[2]
        return code, -int(year) if year.isdecimal() else 0, natural(plan)

    rows: list[GoalRow] = []
    seen: dict[URIRef, str] = {}
    for plan in sorted(facts.subjects(SP.ImplementationPlan), key=place):
        own, city = counts.get(plan, {}), facts.iri(plan, SP.municipality)
        if not own.get(SP.Project) or city is None:
            continue
        year = str(facts.iri(plan, SP.fiscalYear) or "").rpartition("/")[2]
        found = statistics.get(plan, NOTHING)
        estimated = own.get(SP.candidateSdgGoal)
        rows.append(
            GoalRow(
                plan=plan,
                url=href(str(plan)),
                year=year,
                city=city,
                city_name=facts.name(city, language),
                city_url=href(str(city)),
                is_made_up=facts.is_a(city, SP.MadeUpMunicipality),
                is_newest=seen.setdefault(city, year) == year,
                published=cells.get(plan),
                projects=own[SP.Project],
                statistics=found,
                candidates=0 if estimated is None and "expected" in found.counts else estimated,
            )
        )
    return rows


def _tenths(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
