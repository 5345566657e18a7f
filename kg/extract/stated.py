"""The goals that a document states of one thing: in words, or by a mark in a goal's column."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from kg.errors import Problems, quoted
from kg.extract.cells import lost_icons
from kg.extract.rows import Icon, Row
from kg.goal_cells import read_goals
from kg.origin import Origin
from kg.records import Basis, GoalLink


def has_icons(row: Row, column: int) -> bool:
    """Whether the cell shows icons, or blanks that may stand for lost ones."""
    return any(icon.column == column for icon in row.icons) or bool(lost_icons(row.cells[column]))


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

    def icons(self, icons: Sequence[Icon], origin: Origin, heading: str, is_count: bool) -> int:
        """Take the goals of pictures, read from their colours; returns how many are only counted.

        `is_count`: plan.toml says that they are counted, and no goal is read from them.
        """
        doubtful = [i for i in icons if (i.may_be_several if is_count else i.goal is None)]
        if doubtful:
            self._problems.add(
                "icon-unknown",
                origin,
                found="; ".join(f"{i.colour or 'no colour'}, {i.why}" for i in doubtful),
                column=heading,
                unknown=len(doubtful),
                all=len(icons),
            )
        if is_count:
            return len(icons)
        for icon in icons:
            if icon.goal:
                evidence = f"アイコンの色 {icon.colour}"
                self._add(GoalLink(icon.goal, Basis.STATED, evidence, origin, colour=icon.colour))
        return 0

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
