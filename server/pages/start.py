"""The start page: what is here, the 17 goals with published counts, ways to get the data."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request
from rdflib import Literal, URIRef

from kg.vocab import SP
from server.context import context
from server.pages import queries
from server.pages.collection import (
    chosen_prefecture,
    goal_totals,
    held_by_prefecture,
    held_in_all,
    prefecture_url,
)
from server.pages.facts import Facts
from server.pages.frame import DataLink, Frame, page, plan_entries
from server.pages.guides import guide_of
from server.pages.kept import kept
from server.pages.language import page_language
from server.pages.links import file, href, query_url, with_terms
from server.pages.prefectures import prefecture_of

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


@dataclass(frozen=True, slots=True)
class CityRows:
    """A municipality and its yearly plans."""

    name: Literal | None
    url: str | None
    prefecture: Literal | None
    plans: list[PlanRow]
    is_made_up: bool


def start_page() -> Response:
    """The page at `/`; with ?prefecture=07 it lists the plans of that prefecture."""
    prefectures = held_by_prefecture()
    held, chosen = held_in_all(prefectures), chosen_prefecture(prefectures)
    cities = [] if chosen is None else _cities(chosen)
    newest = cities[0].plans[0].iri if cities else None
    text = None if newest is None else with_terms(queries.PROJECTS_CSV, {"plan": newest})
    frame = Frame(
        title=[],
        path="",
        plans=plan_entries(),
        data=dump_links("", SHARED_DUMPS),
        is_view="prefecture" in request.args,
    )
    return kept(
        page(
            "start.html",
            frame,
            held=held,
            prefectures=[(one, prefecture_url("", one.code, "plans")) for one in prefectures],
            chosen=chosen,
            cities=cities,
            made_up=held.made_up > 0,
            goals=goal_totals() if held.plans else [],
            query=text,
            has_guide=guide_of("publish", page_language()) is not None,
            csv_url=None if newest is None else _csv_url(newest),
            endpoint=context().url("sparql"),
        )
    )


def _csv_url(plan: URIRef) -> str:
    return query_url(queries.PROJECTS_CSV, {"plan": plan}, format="excel-csv", download="1")


def _cities(prefecture: str) -> list[CityRows]:
    """The municipalities of a prefecture, or of all, by code."""
    engine = context().engine
    where = queries.IN_PREFECTURE if prefecture else queries.EVERYWHERE
    bindings = {"prefecture": Literal(prefecture)} if prefecture else {}
    facts = Facts(engine.select(queries.plans(where), bindings))
    rows = engine.select(queries.project_counts(where), bindings)
    plans: dict[URIRef, list[PlanRow]] = {}
    for plan in plan_rows(facts, {str(row["plan"]): int(row["projects"]) for row in rows}):
        if plan.municipality is not None:
            plans.setdefault(plan.municipality, []).append(plan)
    return [
        CityRows(
            facts.name(city, page_language()),
            href(city),
            prefecture_of(str(facts.first(city, SP.localGovernmentCode) or "")),
            own,
            facts.is_a(city, SP.MadeUpMunicipality),
        )
        for city, own in plans.items()
    ]


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


def dump_links(folder: str, names: tuple[str, ...]) -> list[DataLink]:
    """The dumps of a folder that the release has, with their sizes."""
    root = context().release.path / "dumps" / folder
    return [
        DataLink(name, file(f"dumps/{folder}{name}"), (root / name).stat().st_size)
        for name in names
        if (root / name).is_file()
    ]
