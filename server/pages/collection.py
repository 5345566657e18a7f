"""What the service holds in all, by prefecture, and the published counts of the 17 goals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from rdflib import Literal

from kg.goals import GOALS
from server.context import context
from server.pages import goal_queries
from server.pages.facts import goal_of
from server.pages.language import page_language
from server.pages.links import site
from server.pages.prefectures import prefecture_of
from server.pages.terms import goal_iri, term_labels

MOST_LISTED = 30
"""More municipalities than this are listed by prefecture."""


@dataclass(frozen=True, slots=True)
class Held:
    """The numbers of a prefecture, or of all. `links` None = no plan publishes any."""

    code: str
    """The first two digits of the codes; "" = all, or not known."""
    municipalities: int
    plans: int
    projects: int
    links: int | None
    made_up: int
    """How many of the municipalities are made up."""

    @property
    def name(self) -> Literal | None:
        return prefecture_of(self.code)


@dataclass(frozen=True, slots=True)
class GoalTotal:
    """A goal over the newest plan of each municipality. `published` None = unknown, not zero."""

    number: int
    names: tuple[Literal, ...]
    """In the language of the page first."""
    published: int | None
    municipalities: int
    """How many publish a count."""
    above_zero: int
    """How many publish a count of one or more."""

    @property
    def name(self) -> Literal:
        return self.names[0]


def held_by_prefecture() -> list[Held]:
    """The prefectures of which plans are held, by code."""
    found = []
    for row in context().engine.select(goal_queries.COLLECTION):
        links = int(row["links"]) if int(row["given"]) else None
        found.append(
            Held(
                code=str(row["prefecture"]),
                municipalities=int(row["municipalities"]),
                plans=int(row["plans"]),
                projects=int(row["projects"]),
                links=links,
                made_up=int(row["made"]),
            )
        )
    return sorted(found, key=lambda held: held.code)


def held_in_all(prefectures: Sequence[Held]) -> Held:
    known = [held.links for held in prefectures if held.links is not None]
    return Held(
        "",
        sum(held.municipalities for held in prefectures),
        sum(held.plans for held in prefectures),
        sum(held.projects for held in prefectures),
        sum(known) if known else None,
        sum(held.made_up for held in prefectures),
    )


def chosen_prefecture(prefectures: Sequence[Held]) -> str | None:
    """The code in ?prefecture= if plans of it are held; "" = list all, None = only prefectures."""
    asked = request.args.get("prefecture", "")
    if any(held.code == asked for held in prefectures if asked):
        return asked
    return "" if held_in_all(prefectures).municipalities <= MOST_LISTED else None


def prefecture_url(path: str, code: str, fragment: str) -> str:
    return site(f"{path}#{fragment}", prefecture=code)


def goal_totals() -> list[GoalTotal]:
    """The 17 goals."""
    rows = {goal_of(row["goal"]): row for row in context().engine.select(goal_queries.GOAL_TOTALS)}
    language = page_language()
    totals = []
    for goal in GOALS:
        labels = term_labels(str(goal_iri(goal)))
        names = tuple(sorted(labels, key=lambda name: name.language != language))
        row = rows.get(goal)
        if row is None:
            totals.append(GoalTotal(goal, names, None, 0, 0))
            continue
        given, above = int(row["municipalities"]), int(row["above"])
        totals.append(GoalTotal(goal, names, int(row["published"]), given, above))
    return totals
