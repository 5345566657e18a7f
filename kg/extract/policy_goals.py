"""Goals that a document states for its policies, which say nothing of the policies' projects.

They stand in a table of policies, or in cells of the project table that are merged over the
projects of a policy where plan.toml says that these are meant for the policy.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from itertools import pairwise

from kg.errors import Problems
from kg.extract.cells import parse_number
from kg.extract.layout import Layout
from kg.extract.matrix import GoalMatrix
from kg.extract.policies import PoliciesReader
from kg.extract.rows import Row
from kg.extract.stated import StatedLinks
from kg.records import Policy
from kg.text import folded, name_key


class PolicyGoals:
    """Reads tables of policies with goals; problems go to the shared list."""

    def __init__(
        self, policies: PoliciesReader, matrix: GoalMatrix, problems: Problems, said: list[str]
    ) -> None:
        self._policies = policies
        self._matrix = matrix
        self._problems = problems
        self._said = said
        self._links: dict[str, StatedLinks] = {}

    def of(self, policy: str) -> StatedLinks:
        """The links of a policy, to which more may be added."""
        return self._links.setdefault(policy, StatedLinks(self._problems, self._said))

    def read(self, layouts: Iterable[Layout]) -> None:
        """Take every row of the tables; a row without a policy goes on with that of the row above.

        Totals below a matrix are counts of policies, not of projects: they are left out, and said.
        """
        for layout in layouts:
            policy: str | None = None
            for row in layout.rows:
                if row.is_blank:
                    continue
                if self._matrix.is_total(layout.goal_columns, row):
                    self._said.append(f"{row.origin.where}: totals of policies are not published")
                    continue
                if folded(layout.cell(row, "policy")):
                    policy = self._policy(layout, row)
                if policy is not None:
                    self.take(layout, row, policy)

    def _policy(self, layout: Layout, row: Row) -> str | None:
        cell, number = layout.cell(row, "policy"), parse_number(layout.cell(row, "policy-number"))
        by_name = {name_key(p.name): p.number for p in self._policies.found.values()}
        known = by_name.get(name_key(cell))
        if known is not None and number in (None, int(known)):
            return known
        if number is not None:
            cell = f"{number} {cell}"
        return self._policies.of_cell(cell, row.origin, layout.heading("policy"))

    def take(self, layout: Layout, row: Row, policy: str) -> None:
        """Take the goals of one row for a policy."""
        links = self.of(policy)
        for index in layout.indexes("goals"):
            links.words(row.cells[index], row.origin, layout.heading("goals"))
        self._matrix.marks(layout.goal_columns, row, links)

    def taken(self, policies: Mapping[str, Policy]) -> tuple[Policy, ...]:
        """The policies with their goals, in the order of the document."""
        return tuple(
            dataclasses.replace(policy, stated_links=self.of(number).links)
            for number, policy in policies.items()
        )


def merged_goals(layout: Layout) -> Mapping[Row, bool]:
    """The rows whose cell of goals is merged over several projects; whether it begins in a row.

    Rows that are one project, because number and name are merged too, are none of these.
    """
    goals = {*layout.indexes("goals"), *(column.index for column in layout.goal_columns)}
    own = {*layout.indexes("number"), *layout.indexes("name")}
    found: dict[Row, bool] = {}
    for above, row in pairwise(layout.rows):
        merged = {n for n in goals & row.inherited if folded(row.cells[n])}
        if not merged or row.inherited >= own:
            continue
        found.setdefault(above, True)
        found[row] = False
    return found
