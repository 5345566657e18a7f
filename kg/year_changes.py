"""Year against year of one basic plan: what came, what left, what was carried on and how.

The two lists are reconciled. Every project of the year before is carried on, named by the review
list as no longer listed, or unexplained; every project of this year is carried on, named as new
or added, or unexplained. Each stands in exactly one place, so that the counts close always:
before + new + unexplained new - ended - unexplained ended = now.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from rdflib import URIRef

from kg.changes import Quad
from kg.vocab import SP
from kg.yearly_lists import (
    ListedProject,
    ListedTarget,
    Review,
    listed_projects,
    place_of,
    reviews_of,
)

NEW: URIRef = SP["status-new-or-added"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A project that came or left and the review entry that says so; one of the two may be absent.

    Without a review nothing explains the project. Without a project no project that came or left
    bears the name in the review list: `is_carried_on` says that one in both years does.
    """

    project: ListedProject | None
    review: Review | None
    is_carried_on: bool = False


@dataclass(frozen=True, slots=True)
class CarriedOn:
    """A project in both years, and its targets that both state in the same measure.

    Pairs of which one or both are estimates of the document are `estimates`, and no targets.
    """

    before: ListedProject
    after: ListedProject
    targets: tuple[tuple[ListedTarget, ListedTarget], ...]
    estimates: tuple[tuple[ListedTarget, ListedTarget], ...] = ()

    @property
    def is_renamed(self) -> bool:
        return self.before.key != self.after.key

    @property
    def has_other_policy(self) -> bool:
        return self.before.policy != self.after.policy

    @property
    def has_other_unit(self) -> bool:
        return self.before.unit != self.after.unit

    @property
    def changed_targets(self) -> tuple[tuple[ListedTarget, ListedTarget], ...]:
        """The targets that are higher or lower than in the year before."""
        return tuple((old, new) for old, new in self.targets if old.value != new.value)

    @property
    def changed_estimates(self) -> tuple[tuple[ListedTarget, ListedTarget], ...]:
        """The estimates with another value than in the year before."""
        return tuple((old, new) for old, new in self.estimates if old.value != new.value)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """How many projects: before + new + only_now - ended - only_before = now."""

    before: int
    new: int
    only_now: int
    ended: int
    only_before: int
    carried_on: int
    now: int


@dataclass(frozen=True, slots=True)
class YearChanges:
    """A yearly plan against the year before.

    `compared` is False where the plan of the year before is not here: then `new` and `ended`
    are what the review list says, and nothing is known to be carried on.
    """

    compared: bool
    new: tuple[Entry, ...]
    ended: tuple[Entry, ...]
    """No longer listed."""
    carried_on: tuple[CarriedOn, ...]
    listed: int = 0
    """How many projects this year's plan lists."""

    @property
    def reconciliation(self) -> Reconciliation:
        """The counts; of no meaning where nothing was compared."""
        new, ended = self.new, self.ended
        came = sum(entry.project is not None for entry in new)
        left = sum(entry.project is not None for entry in ended)
        only_now, only_before = (sum(e.review is None for e in entries) for entries in (new, ended))
        both = len(self.carried_on)
        return Reconciliation(
            before=both + left,
            new=came - only_now,
            only_now=only_now,
            ended=left - only_before,
            only_before=only_before,
            carried_on=both,
            now=both + came,
        )


def year_changes(plan: str, before: Sequence[Quad] | None, after: Sequence[Quad]) -> YearChanges:
    """What the yearly plan lists that the year before did not, and the other way round.

    `plan` is the IRI of the later plan, `after` its quads, `before` those of the plan of the
    year before, None if it is not here. Entries stand in the order of the review list, then those
    that it does not name in the order of their numbers, as do the projects carried on.
    """
    reviews = reviews_of(plan, after)
    added = [review for review in reviews if review.kind == NEW]
    gone = [review for review in reviews if review.kind != NEW]
    now = listed_projects(after)
    if before is None:
        listed = {project.iri: project for project in now}
        return YearChanges(
            False,
            tuple(Entry(listed.get(r.listed) if r.listed else None, r) for r in added),
            tuple(Entry(None, review) for review in gone),
            (),
            len(now),
        )
    pairs = _pairs(listed_projects(before), now)
    carried_on = tuple(
        CarriedOn(old, new, _same(old.targets, new.targets), _estimates(old, new))
        for old, new in pairs.both
    )
    return YearChanges(
        True,
        _entries(added, pairs.only_now, {c.after.key for c in carried_on}),
        _entries(gone, pairs.only_before, {c.before.key for c in carried_on}),
        carried_on,
        len(now),
    )


def _entries(
    reviews: Iterable[Review], projects: Sequence[ListedProject], kept: set[str]
) -> tuple[Entry, ...]:
    """Each review with the project it names, then the projects that no review names."""
    left = list(projects)
    entries = []
    for review in reviews:
        found = _named_by(review, left)
        if found is not None:
            left.remove(found)
        entries.append(Entry(found, review, found is None and review.key in kept))
    return (*entries, *(Entry(project, None) for project in left))


def _named_by(review: Review, projects: Sequence[ListedProject]) -> ListedProject | None:
    """The project that a review is about: the one it is tied to, else one of that name.

    Of several of that name the one of the unit that the review gives.
    """
    for project in projects:
        if project.iri == review.listed:
            return project
    named = [project for project in projects if project.key and project.key == review.key]
    named.sort(key=lambda project: project.unit != review.unit)
    return named[0] if named else None


@dataclass(frozen=True, slots=True)
class _Pairs:
    both: Sequence[tuple[ListedProject, ListedProject]]
    only_before: Sequence[ListedProject]
    only_now: Sequence[ListedProject]


def _pairs(then: Sequence[ListedProject], now: Sequence[ListedProject]) -> _Pairs:
    """Each project of this year with that of the year before, as far as there is one.

    By the continuing project; then by name and unit, because a name that two projects of one
    year bear gives other continuing projects than the same name borne by one.
    """
    left_then, left_now = list(then), list(now)
    both: list[tuple[ListedProject, ListedProject]] = []
    marks: tuple[Callable[[ListedProject], Hashable], ...] = (
        lambda project: project.continuing,
        lambda project: (project.key, project.unit) if project.key and project.unit else None,
    )
    for mark in marks:
        known: dict[Hashable, list[ListedProject]] = {}
        for old in left_then:
            known.setdefault(mark(old), []).append(old)
        known.pop(None, None)
        found = [(known[mark(new)].pop(0), new) for new in left_now if known.get(mark(new))]
        both += found
        paired = {project.iri for pair in found for project in pair}
        left_then = [project for project in left_then if project.iri not in paired]
        left_now = [project for project in left_now if project.iri not in paired]
    both.sort(key=lambda pair: place_of(pair[1]))
    return _Pairs(both, left_then, left_now)


def _estimates(
    old: ListedProject, new: ListedProject
) -> tuple[tuple[ListedTarget, ListedTarget], ...]:
    """The pairs of which one or both are estimates."""
    both = _same((*old.targets, *old.estimates), (*new.targets, *new.estimates))
    return tuple(pair for pair in both if any(target.is_estimate for target in pair))


def _same(
    old: Sequence[ListedTarget], new: Sequence[ListedTarget]
) -> tuple[tuple[ListedTarget, ListedTarget], ...]:
    """The targets that both years state once in the same measure, in this year's order."""
    then, now = ([target.measure for target in targets] for targets in (old, new))
    earlier = {t.measure: t for t in old if then.count(t.measure) == 1}
    return tuple(
        (earlier[target.measure], target)
        for target in new
        if target.measure in earlier and now.count(target.measure) == 1
    )
