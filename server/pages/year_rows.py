"""Projects, review entries and targets of two years as the tables of changes show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rdflib import Literal, URIRef

from kg.year_changes import CarriedOn, Entry
from kg.yearly_lists import ListedProject, ListedTarget
from server.pages.facts import Facts
from server.pages.lines import Line
from server.pages.links import href
from server.pages.rows import unit_path

UnitPath = tuple[tuple[Literal | None, str | None], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A project of one year as the tables show it."""

    url: str | None
    number: int | None
    name: Literal
    policy: str
    policy_url: str | None
    unit: UnitPath
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """An entry of the review list, and the project of either year that it names, if it does."""

    review: Mapping[str, Any]
    project: Listed | None
    is_carried_on: bool


@dataclass(frozen=True, slots=True)
class TargetState:
    """A numeric target in one year."""

    url: str | None
    text: Literal
    value: str
    unit: Literal | None
    lines: tuple[Line, ...]
    is_estimate: bool


@dataclass(frozen=True, slots=True)
class TargetChange:
    """A target with another value than the year before."""

    project: Listed
    label: Literal
    before: TargetState
    after: TargetState
    difference: str
    """With its sign, as ＋7 or −0.5."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A project in both years, and what is another in this one."""

    before: Listed
    after: Listed
    is_renamed: bool
    has_other_policy: bool
    has_other_unit: bool
    targets: int
    """How many numeric targets have another value."""
    estimates: int
    """How many values do that either year calls an estimate."""

    @property
    def is_same(self) -> bool:
        others = self.is_renamed, self.has_other_policy, self.has_other_unit
        return not any(others) and not self.targets and not self.estimates


class Showing:
    """Turns what was compared into what tables show: links, unit paths, texts with a language."""

    def __init__(self, units: Facts, language: str) -> None:
        self._units = units
        self._language = language

    def listed(self, project: ListedProject) -> Listed:
        return Listed(
            href(str(project.iri)),
            project.number,
            Literal(project.name, lang="ja"),
            _tail(project.policy),
            None if project.policy is None else href(str(project.policy)),
            unit_path(self._units, project.unit, self._language),
            _lines(project.lines),
        )

    def named(
        self, entries: Sequence[Entry], rows: Mapping[URIRef, Mapping[str, Any]]
    ) -> list[Named]:
        """The entries that the review list has."""
        return [
            Named(
                rows[entry.review.iri],
                None if entry.project is None else self.listed(entry.project),
                entry.is_carried_on,
            )
            for entry in entries
            if entry.review is not None
        ]

    def unexplained(self, entries: Sequence[Entry]) -> list[Listed]:
        """The projects that the review list does not name."""
        return [self.listed(e.project) for e in entries if e.review is None and e.project]

    def kept(self, one: CarriedOn) -> Kept:
        return Kept(
            self.listed(one.before),
            self.listed(one.after),
            one.is_renamed,
            one.has_other_policy,
            one.has_other_unit,
            len(one.changed_targets),
            len(one.changed_estimates),
        )

    def targets(self, one: CarriedOn) -> list[TargetChange]:
        return self._changes(one, one.changed_targets)

    def estimates(self, one: CarriedOn) -> list[TargetChange]:
        return self._changes(one, one.changed_estimates)

    def _changes(
        self, one: CarriedOn, changed: Iterable[tuple[ListedTarget, ListedTarget]]
    ) -> list[TargetChange]:
        project = self.listed(one.after)
        return [
            TargetChange(
                project,
                Literal(new.label, lang="ja"),
                _state(old),
                _state(new),
                _signed(new.value - old.value),
            )
            for old, new in changed
        ]


def _lines(places: Iterable[tuple[str, int]]) -> tuple[Line, ...]:
    return tuple(Line(sheet, number) for sheet, number in places)


def _state(target: ListedTarget) -> TargetState:
    return TargetState(
        href(str(target.iri)),
        Literal(target.text, lang="ja"),
        f"{target.value:,f}",
        Literal(target.unit, lang="ja") if target.unit else None,
        _lines(target.lines),
        target.is_estimate,
    )


def _signed(difference: Decimal) -> str:
    return f"{'＋' if difference > 0 else '−'}{abs(difference):,f}"


def _tail(iri: URIRef | None) -> str:
    return "" if iri is None else str(iri).rpartition("/")[2]
