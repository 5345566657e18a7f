"""The start page: what is here, the 17 goals with published counts, ways to get the data."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response
from rdflib import Literal, URIRef

from kg.vocab import SP
from server.answers import CACHE_CONTROL
from server.context import context
from server.pages import queries
from server.pages.facts import Facts, goal_of
from server.pages.frame import DataLink, Frame, page, plan_entries
from server.pages.language import page_language
from server.pages.links import file, href, query_url, with_terms
from server.pages.prefectures import prefecture_of
from server.pages.terms import GOALS, goal_iri, term_labels

SHARED_DUMPS = ("all.nq.gz", "all.ttl.gz", "vocabulary.ttl")


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One yearly plan as the lists show it."""

    iri: URIRef
    name: Literal | None
    year: Literal | None
    municipality: URIRef | None
    projects: int
    links: int | None


def start_page() -> Response:
    """The page at `/`."""
    language = page_language()
    engine = context().engine
    facts = Facts(engine.select(queries.PLANS))
    counts = {row["plan"]: int(row["projects"]) for row in engine.select(queries.PROJECT_COUNTS)}
    plans = plan_rows(facts, {str(plan): count for plan, count in counts.items()})
    goals = _goal_totals(plans)
    cities: dict[URIRef, list[PlanRow]] = {}
    for plan in plans:
        if plan.municipality is not None:
            cities.setdefault(plan.municipality, []).append(plan)
    newest = plans[0].iri if plans else None
    text = None if newest is None else with_terms(queries.PROJECTS_CSV, {"plan": newest})
    known = [plan.links for plan in plans if plan.links is not None]
    response = page(
        "start.html",
        Frame(title=[], path="", plans=plan_entries(), data=dump_links("", SHARED_DUMPS)),
        cities=[
            (
                facts.name(city, language),
                href(city),
                prefecture_of(str(facts.first(city, SP.localGovernmentCode) or "")),
                rows,
                facts.is_a(city, SP.MadeUpMunicipality),
            )
            for city, rows in cities.items()
        ],
        made_up=any(facts.is_a(city, SP.MadeUpMunicipality) for city in cities),
        plans=plans,
        projects=sum(plan.projects for plan in plans),
        links=sum(known) if known else None,
        goals=goals,
        query=text,
        csv_url=None
        if newest is None
        else query_url(queries.PROJECTS_CSV, {"plan": newest}, format="excel-csv", download="1"),
        endpoint=context().url("sparql"),
    )
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.add_etag()
    return response


def plan_rows(facts: Facts, counts: dict[str, int]) -> list[PlanRow]:
    """The yearly plans that list projects: by code, the newest year first.

    A plan of a year that is only mentioned, for its total, is not among them.
    """
    language = page_language()

    def year_of(plan: URIRef) -> str:
        return str(facts.first(facts.iri(plan, SP.fiscalYear), SP.year) or "")

    rows = []
    for plan in sorted(facts.subjects(SP.ImplementationPlan), key=year_of, reverse=True):
        if not counts.get(str(plan)):
            continue
        rows.append(
            PlanRow(
                plan,
                facts.name(plan, language),
                facts.name(facts.iri(plan, SP.fiscalYear), language),
                facts.iri(plan, SP.municipality),
                counts[str(plan)],
                facts.number(plan, SP.publishedLinkCount),
            )
        )
    return sorted(
        rows, key=lambda row: str(facts.first(row.municipality, SP.localGovernmentCode) or "")
    )


def _goal_totals(plans: list[PlanRow]) -> list[tuple[int, Literal | None, int | None, int]]:
    """Goal, name, published projects in each municipality's newest plan, and how many give one.

    The count is None where no plan publishes one: unknown is not zero.
    """
    newest = {plan.municipality: plan.iri for plan in reversed(plans)}.values()
    found: dict[int, list[int]] = {}
    for row in context().engine.select(queries.GOAL_COUNTS):
        goal = goal_of(row["goal"])
        if goal is not None and row["plan"] in newest:
            found.setdefault(goal, []).append(int(row["count"]))
    language = page_language()
    names = {g: {n.language: n for n in term_labels(str(goal_iri(g)))} for g in GOALS}
    return [
        (g, names[g].get(language), sum(found[g]) if g in found else None, len(found.get(g, ())))
        for g in GOALS
    ]


def dump_links(folder: str, names: tuple[str, ...]) -> list[DataLink]:
    """The dumps of a folder that the release has, with their sizes."""
    root = context().release.path / "dumps" / folder
    return [
        DataLink(name, file(f"dumps/{folder}{name}"), (root / name).stat().st_size)
        for name in names
        if (root / name).is_file()
    ]
