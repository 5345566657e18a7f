"""What the service holds in all, by prefecture, and the published counts of the 17 goals.

The numbers were noted plan by plan when the release was built, so that a nation of plans costs no
more than one; the queries that find the same ones answer for releases of earlier programs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from rdflib import Literal

from kg.goals import GOALS
from server.context import context
from server.pages import goal_queries
from server.pages.facts import goal_of
from server.pages.frame import plan_entries
from server.pages.language import page_language
from server.pages.links import site
from server.pages.prefectures import prefecture_of
from server.pages.terms import goal_iri, term_labels

Entry = Mapping[str, Any]

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
class Published:
    """What the newest plans of some municipalities publish of one goal."""

    count: int
    municipalities: int
    """How many publish a count."""
    above_zero: int
    """How many publish a count of one or more."""


@dataclass(frozen=True, slots=True)
class GoalTotal:
    """A goal over the newest plan of each municipality."""

    number: int
    names: tuple[Literal, ...]
    """In the language of the page first."""
    found: Published | None
    """None = nobody publishes a count."""

    @property
    def name(self) -> Literal:
        return self.names[0]

    @property
    def published(self) -> int | None:
        """None = unknown, not zero."""
        return None if self.found is None else self.found.count

    @property
    def municipalities(self) -> int:
        """How many publish a count."""
        return 0 if self.found is None else self.found.municipalities

    @property
    def above_zero(self) -> int:
        """How many publish a count of one or more."""
        return 0 if self.found is None else self.found.above_zero


def held_by_prefecture() -> list[Held]:
    """The prefectures of which plans are held, by code."""
    entries = _noted()
    found = _held_by_query() if entries is None else _held(entries)
    return sorted(found, key=lambda held: held.code)


def published_by_prefecture(goal: int) -> dict[str, Published]:
    """What is published of the goal, by the code of the prefecture."""
    entries = _noted()
    if entries is None:
        rows = context().engine.select(goal_queries.GOAL_BY_PREFECTURE, {"goal": goal_iri(goal)})
        return {str(row["prefecture"]): _published(row) for row in rows}
    by_code: dict[str, dict[str, int]] = {}
    for code, counts in _newest_counts(entries).items():
        if str(goal) in counts:
            by_code.setdefault(_prefecture(code), {})[code] = counts[str(goal)]
    return {prefecture: _sum(counts.values()) for prefecture, counts in by_code.items()}


def _noted() -> list[Entry] | None:
    """The entries of the plans that list projects; None if none or not all have their numbers."""
    entries = plan_entries()
    if not entries or not all("goal_counts" in entry for entry in entries):
        return None
    return [entry for entry in entries if entry["projects"]]


def _prefecture(code: str) -> str:
    return code[:2]


def _held(entries: Iterable[Entry]) -> Iterator[Held]:
    by_prefecture: dict[str, list[Entry]] = {}
    for entry in entries:
        by_prefecture.setdefault(_prefecture(entry["code"]), []).append(entry)
    for prefecture, own in by_prefecture.items():
        links = [e["published_links"] for e in own if e["published_links"] is not None]
        yield Held(
            code=prefecture,
            municipalities=len({entry["code"] for entry in own}),
            plans=len(own),
            projects=sum(entry["projects"] for entry in own),
            links=sum(links) if links else None,
            made_up=len({entry["code"] for entry in own if entry["made_up"]}),
        )


def _newest_counts(entries: Iterable[Entry]) -> dict[str, Counter[str]]:
    """Code -> goal -> count, over all plans of the municipality's newest year."""
    found: dict[str, tuple[int, Counter[str]]] = {}
    for entry in entries:
        code, year = entry["code"], entry["year"]
        newest, counts = found.get(code, (year, Counter()))
        if year > newest:
            newest, counts = year, Counter()
        if year == newest:
            counts.update(entry["goal_counts"])
        found[code] = newest, counts
    return {code: counts for code, (_, counts) in found.items()}


def _sum(counts: Iterable[int]) -> Published:
    counts = list(counts)
    return Published(sum(counts), len(counts), sum(1 for count in counts if count))


def _published(row: Mapping[str, Any]) -> Published:
    return Published(int(row["published"]), int(row["municipalities"]), int(row["above"]))


def _held_by_query() -> Iterator[Held]:
    for row in context().engine.select(goal_queries.COLLECTION):
        yield Held(
            code=str(row["prefecture"]),
            municipalities=int(row["municipalities"]),
            plans=int(row["plans"]),
            projects=int(row["projects"]),
            links=int(row["links"]) if int(row["given"]) else None,
            made_up=int(row["made"]),
        )


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
    published = _published_by_goal()
    language = page_language()
    totals = []
    for goal in GOALS:
        labels = term_labels(str(goal_iri(goal)))
        names = tuple(sorted(labels, key=lambda name: name.language != language))
        totals.append(GoalTotal(goal, names, published.get(goal)))
    return totals


def _published_by_goal() -> dict[int | None, Published]:
    entries = _noted()
    if entries is None:
        rows = context().engine.select(goal_queries.GOAL_TOTALS)
        return {goal_of(row["goal"]): _published(row) for row in rows}
    counts = _newest_counts(entries).values()
    return {
        goal: _sum(one[str(goal)] for one in counts if str(goal) in one)
        for goal in GOALS
        if any(str(goal) in one for one in counts)
    }
