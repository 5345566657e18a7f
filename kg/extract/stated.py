"""The goals that a document states of one thing: in words, or by a mark in a goal's column."""

from __future__ import annotations

import dataclasses

from kg.errors import Problems, quoted
from kg.goal_cells import read_goals
from kg.origin import Origin
from kg.records import Basis, GoalLink


class StatedLinks:
    """Collects the links of one project or policy, a link for each goal, in document order.

    A goal that is named again adds its other words and its targets to the first link.
    """

    def __init__(self, problems: Problems, said: list[str]) -> None:
        self._problems = problems
        self._said = said
        self._links: dict[int, GoalLink] = {}

    @property
    def links(self) -> tuple[GoalLink, ...]:
        return tuple(self._links.values())

    def words(self, cell: str, origin: Origin, heading: str) -> None:
        """Take the goals that a cell names; what is doubtful is a problem, money is said."""
        found = read_goals(cell)
        for named in found.goals:
            if named.goal is None:
                self._problems.add(named.doubt, origin, column=heading, text=quoted(named.words))
            else:
                targets = (named.target,) if named.target else ()
                link = GoalLink(named.goal, Basis.STATED, named.words, origin, targets=targets)
                self._add(link)
        for amount in found.amounts:
            self._said.append(
                f"{origin.where}: {quoted(amount)} among the goals is money, and no goal"
            )

    def mark(self, goal: int, heading: str, mark: str, origin: Origin) -> None:
        """Take a mark in the column of a goal: the heading is the evidence, the mark is kept."""
        self._add(GoalLink(goal, Basis.STATED, heading, origin, mark=mark))

    def _add(self, link: GoalLink) -> None:
        first = self._links.setdefault(link.goal, link)
        if first is link:
            return
        known = (first.evidence, *first.more_evidence)
        more = () if link.evidence in known else (link.evidence,)
        self._links[link.goal] = dataclasses.replace(
            first,
            targets=tuple(dict.fromkeys((*first.targets, *link.targets))),
            more_evidence=(*first.more_evidence, *more),
            mark=first.mark or link.mark,
        )
