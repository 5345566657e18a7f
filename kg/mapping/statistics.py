"""The plan's part of the statistics: counts per goal, policy, unit and plan, each with its basis.

What the document publishes, what its rows or people's decisions count up to, and what is
estimated are observations of their own, told apart by sp:dimBasis; nothing here adds one to
another. Where nothing is known there is no observation: a 0 says that the number is 0. Stated and
curated links are counted only if the plan has any of that basis; while some of its links are
unknown the count is marked as a lower bound (sp:count-at-least).

Every municipality's observations are in one graph and in the same cubes, so that one pattern
compares them by IRI, never by name. The cubes themselves are in kg/statistics.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from rdflib import URIRef

from kg.estimates import Estimate
from kg.goals import GOALS
from kg.iris import fiscal_year, statistics_cube
from kg.mapping.names import (
    goal_statistic_name,
    plan_statistic_name,
    policy_statistic_name,
    unit_statistic_name,
)
from kg.mapping.terms import Context, Triple, Triples, decimal, integer
from kg.prefectures import prefecture_of
from kg.records import Basis, Curation, Item, Plan
from kg.vocab import QB, RDF, SDG, SP

PUBLISHED, LISTED, EXPECTED = "published", "listed", "expected"
"""Bases of a count beside stated and curated; each is the end of a concept `count-…`."""

EXACT, AT_LEAST = "exact", "at-least"
"""How certain a count is; each is the end of a concept `count-…`."""


EXPECTED_PLACES = Decimal("0.000001")
"""An expected count has six decimals: probabilities are rounded to nine, and the sum of as many as
a plan has projects would differ from a published 8 only by that rounding (7.999999998)."""


@dataclass(frozen=True, slots=True)
class _Count:
    """A number with its basis; a lower bound if not `is_exact`."""

    basis: str
    number: int
    is_exact: bool = True


def statistics_graph(
    plan: Plan, curation: Curation, estimate: Estimate | None, context: Context
) -> tuple[Triple, ...]:
    """The plan's part of the graph of statistics, each triple once."""
    parts = (
        _of_plan(plan, context),
        _of_goals(plan, curation, context),
        _expected(estimate, context),
        _of_policies(plan, context),
        _of_units(plan, context),
    )
    return tuple(dict.fromkeys(triple for part in parts for triple in part))


def _of_plan(plan: Plan, context: Context) -> Triples:
    counts = [_Count(LISTED, len(plan.projects))]
    if plan.project_count is not None:
        counts.insert(0, _Count(PUBLISHED, plan.project_count.count))
    for count in counts:
        subject = context.iris.cube("statistics", "plan", count.basis)
        yield from plan_statistic_name(subject, count.basis, context)
        yield from _counted(subject, "plan", SP.PlanStatistic, count, context)


def _of_goals(plan: Plan, curation: Curation, context: Context) -> Triples:
    for goal, count in _goal_counts(plan, curation):
        subject = context.iris.cube("statistics", "goal", count.basis, str(goal))
        yield from goal_statistic_name(subject, goal, count.basis, context)
        yield from _counted(subject, "goal", SP.GoalStatistic, count, context)
        yield subject, SP.dimGoal, SDG[str(goal)]


def _goal_counts(plan: Plan, curation: Curation) -> Iterator[tuple[int, _Count]]:
    for published in plan.goal_counts:
        yield published.goal, _Count(PUBLISHED, published.count)
    stated = {(p.key, link.goal) for p in plan.projects for link in p.stated_links}
    curated = {(key, link.goal) for key, link in curation.links} - stated
    known = Counter(key for key, _ in stated | curated)
    # a project without icons shows no goals; one with more icons than links has unknown ones
    is_exact = all(known[p.key] >= (p.icon_count or 0) for p in plan.projects)
    for basis, links in ((Basis.STATED, stated), (Basis.CURATED, curated)):
        projects = Counter(goal for _, goal in links)
        for goal in GOALS if links else ():
            yield goal, _Count(basis, projects[goal], is_exact)


def _expected(estimate: Estimate | None, context: Context) -> Triples:
    if estimate is None:
        return
    sums = dict.fromkeys(GOALS, Decimal(0))
    for cell in estimate.cells:
        sums[cell.goal] += cell.probability
    for goal, projects in sums.items():
        subject = context.iris.cube("statistics", "goal-expected", str(goal))
        yield from goal_statistic_name(subject, goal, EXPECTED, context)
        yield from _observation(
            subject, "goal-expected", SP.ExpectedGoalStatistic, EXPECTED, context
        )
        yield subject, SP.dimGoal, SDG[str(goal)]
        rounded = projects.quantize(EXPECTED_PLACES, ROUND_HALF_UP)
        yield subject, SP.statisticCount, decimal(rounded)


def _of_policies(plan: Plan, context: Context) -> Triples:
    listed = Counter(project.policy for project in plan.projects)
    published = {b.policy: b.count for b in plan.balances if b.policy and b.item is Item.CURRENT}
    for policy in plan.policies:
        counts = [_Count(LISTED, listed[policy.number])]
        if policy.number in published:
            counts.insert(0, _Count(PUBLISHED, published[policy.number]))
        for count in counts:
            subject = context.iris.cube("statistics", "policy", count.basis, policy.number)
            yield from policy_statistic_name(subject, policy.number, count.basis, context)
            yield from _counted(subject, "policy", SP.PolicyStatistic, count, context)
            yield subject, SP.dimPolicy, context.iris.policy(policy.number)


def _of_units(plan: Plan, context: Context) -> Triples:
    # by IRI: [aliases] can give two printed units one
    units = [project.unit for project in plan.projects if project.unit is not None]
    projects = Counter(iri for unit in units for iri in {context.unit(u) for u in unit.lineage})
    for unit, name in {context.unit(u): u.name for u in reversed(plan.units)}.items():
        count = _Count(LISTED, projects[unit])
        subject = context.iris.cube("statistics", "unit", LISTED, unit.rpartition("/")[2])
        yield from unit_statistic_name(subject, name, context)
        yield from _counted(subject, "unit", SP.UnitStatistic, count, context)
        yield subject, SP.dimUnit, unit


def _counted(subject: URIRef, cube: str, kind: URIRef, count: _Count, context: Context) -> Triples:
    yield from _observation(subject, cube, kind, count.basis, context)
    yield subject, SP.statisticCount, integer(count.number)
    yield subject, SP.countCertainty, SP[f"count-{EXACT if count.is_exact else AT_LEAST}"]


def _observation(subject: URIRef, cube: str, kind: URIRef, basis: str, context: Context) -> Triples:
    iris, settings = context.iris, context.settings
    yield subject, RDF.type, QB.Observation
    yield subject, RDF.type, kind
    yield subject, QB.dataSet, statistics_cube(iris.base_iri, cube)
    yield subject, SP.dimMunicipality, iris.municipality
    yield subject, SP.dimFiscalYear, fiscal_year(iris.year)
    yield subject, SP.dimPlan, iris.plan
    yield subject, SP.dimBasis, SP[f"count-{basis}"]
    prefecture = prefecture_of(iris.code)
    if prefecture is not None and not settings["municipality.made_up"]:
        yield subject, SP.prefecture, prefecture.iri
