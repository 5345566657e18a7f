"""The graphs of a plan that come from its records: source and links."""

from __future__ import annotations

from collections import Counter

from rdflib import URIRef

from kg.iris import check_collisions
from kg.mapping.achievement import achievement_triples
from kg.mapping.budget import budget_total_triples
from kg.mapping.link import links_graph_triples, stated_link_triples
from kg.mapping.observation import balance_triples, goal_count_triples
from kg.mapping.plan import basic_plan_triples, municipality_triples, plan_triples
from kg.mapping.policy import policy_triples
from kg.mapping.project import change_triples, project_triples
from kg.mapping.provenance import derived_graph_triples, document_triples, run_triples
from kg.mapping.reorganisation import reorganisation_triples
from kg.mapping.terms import Context, Triple, Triples
from kg.mapping.unit import unit_triples
from kg.records import Curation, Plan
from kg.text import name_key


def source_graph(plan: Plan, context: Context) -> tuple[Triple, ...]:
    """The facts of the document, each triple once; curation never changes them."""
    _check_hashes(plan, context)
    return tuple(dict.fromkeys(_source(plan, context)))


def links_graph(plan: Plan, curation: Curation, context: Context) -> tuple[Triple, ...]:
    """What follows from the source and people's decisions, each triple once."""
    triples = links_graph_triples(plan.projects, curation, context)
    changed = reorganisation_triples(context)
    return tuple(dict.fromkeys([*derived_graph_triples(context), *triples, *changed]))


def _source(plan: Plan, context: Context) -> Triples:
    names = Counter(name_key(p.name) for p in plan.projects if p.name)
    shared = frozenset(name for name, times in names.items() if times > 1)
    yield from municipality_triples(context)
    yield from basic_plan_triples(context)
    yield from plan_triples(plan, context)
    yield from document_triples(plan, context)
    yield from run_triples(context)
    for policy in plan.policies:
        yield from policy_triples(policy, context)
    for unit in plan.units:
        yield from unit_triples(unit, context)
    for project in plan.projects:
        yield from project_triples(project, context, shared)
        yield from stated_link_triples(project, context)
    for change in plan.changes:
        yield from change_triples(change, context)
    yield from achievement_triples(plan.achievements, context)
    for total in plan.budget_totals:
        yield from budget_total_triples(total, context)
    yield from goal_count_triples(plan.goal_counts, context)
    yield from balance_triples(plan.balances, context, plan.shifted_balance)


def _check_hashes(plan: Plan, context: Context) -> None:
    names: dict[URIRef, set[str]] = {}
    for unit in plan.units:
        names.setdefault(context.unit(unit), set()).add(context.identity("/".join(unit.path)))
    for project in plan.projects:
        if project.name:
            name = context.identity(project.name)
            names.setdefault(context.continuing_project(project.name), set()).add(name)
    check_collisions(names)
