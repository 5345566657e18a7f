"""Mints every IRI and graph name; the patterns are in docs/decisions/0001.

ASCII only: official codes, printed numbers and hashes of names, never names themselves.
All IRIs of one plan come from one `PlanIris`; the same input gives the same IRI always.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from rdflib import URIRef

from kg.errors import IriCollision
from kg.settings import SHARED_BASE_IRI
from kg.text import folded, short_hash

STATISTICS = "statistics"
"""The shared graph of all plans' statistics, and the name of its dumps."""

GRAPH_KINDS = ("source", "links", "candidate", "report", "achievement")
"""The named graphs of a plan, each with a dump of its own; achievement is what a report on it says,
report is that of the validation."""


REPORTED = "report-"
"""Before what a report says, so that it never takes the place of what the plan says."""


def fiscal_year(year: int) -> URIRef:
    """The fiscal year's IRI, shared by all publishers so that cities join on it."""
    return URIRef(f"{SHARED_BASE_IRI}fy/{year}")


def plan_version(plan: str, version: str) -> URIRef:
    """One published version of a plan's data, by the plan's IRI; other than ASCII is %XX."""
    return URIRef(f"{plan}/version/{quote(version, safe='')}")


def shared_graph(base_iri: str, name: str) -> URIRef:
    """A graph of the whole service: `vocabulary`, `statistics` or `catalog`."""
    return URIRef(f"{base_iri}graph/{name}")


def statistics_cube(base_iri: str, name: str) -> URIRef:
    """A cube of the statistics, whose observations are those of all plans."""
    return URIRef(f"{base_iri}{STATISTICS}/{name}")


@dataclass(frozen=True, slots=True)
class PlanIris:
    """The IRIs of one yearly plan: base IRI, 6-digit code, slug of the basic plan, fiscal year."""

    base_iri: str
    code: str
    slug: str
    year: int

    def _of_municipality(self, path: str) -> URIRef:
        return URIRef(f"{self.base_iri}{self.code}/{path}")

    def _of_plan(self, path: str) -> URIRef:
        return URIRef(f"{self.plan}/{path}")

    @property
    def municipality(self) -> URIRef:
        return URIRef(f"{self.base_iri}{self.code}")

    @property
    def basic_plan(self) -> URIRef:
        return self._of_municipality(f"plan/{self.slug}")

    @property
    def plan(self) -> URIRef:
        return self.plan_of(self.year)

    def plan_of(self, year: int) -> URIRef:
        """The yearly plan of the same basic plan in another year."""
        return URIRef(f"{self.basic_plan}/{year}")

    @property
    def policy_scheme(self) -> URIRef:
        return URIRef(f"{self.basic_plan}/policy")

    def policy(self, number: str) -> URIRef:
        return URIRef(f"{self.policy_scheme}/{number}")

    def project(self, key: str) -> URIRef:
        return self._of_plan(f"project/{key}")

    def continuing_project(self, name: str) -> URIRef:
        return self._of_municipality(f"project/{short_hash(name)}")

    def unit(self, path: tuple[str, ...]) -> URIRef:
        return self._of_municipality(f"unit/{short_hash('/'.join(path))}")

    def account(self, name: str) -> URIRef:
        """A funding account that the vocabulary does not have, by its printed name."""
        return self._of_municipality(f"account/{short_hash(name)}")

    def agent(self, identifier: str) -> URIRef:
        """A person or body that decided a link, by the identifier in links.csv."""
        return self._of_municipality(f"agent/{identifier}")

    def goal_link(self, key: str, goal: int) -> URIRef:
        return URIRef(f"{self.project(key)}/sdg/{goal}")

    def candidate_link(self, key: str, goal: int) -> URIRef:
        """An estimated link; never the IRI of one that is stated or decided."""
        return URIRef(f"{self.project(key)}/sdg-candidate/{goal}")

    def rejection(self, key: str, goal: int) -> URIRef:
        """A person's decision that a project does not serve a goal."""
        return URIRef(f"{self.project(key)}/sdg-rejected/{goal}")

    def policy_goal(self, policy: str, goal: int) -> URIRef:
        """What this year's document states of a policy; the policy itself is of all years."""
        return self._of_plan(f"policy/{policy}/sdg/{goal}")

    def reorganisation(self, units: tuple[str, ...]) -> URIRef:
        """The change by which these units, given by their paths, became others."""
        return self._of_plan(f"reorganisation/{short_hash(' + '.join(units))}")

    def target(self, key: str, order: int) -> URIRef:
        return URIRef(f"{self.project(key)}/target/{order}")

    def budget(self, key: str, name: str, *, is_reported: bool = False) -> URIRef:
        """An amount of a project, by its kind and year (`initial-2021`); the report's apart."""
        return URIRef(f"{self.project(key)}/budget/{REPORTED if is_reported else ''}{name}")

    def budget_total(self, name: str, policy: str | None, *, is_reported: bool = False) -> URIRef:
        """A published total of amounts: of the plan, or of one policy."""
        part = "" if policy is None else f"/policy/{policy}"
        return self._of_plan(f"budget-total/{REPORTED if is_reported else ''}{name}{part}")

    def indicator(self, key: str, order: int) -> URIRef:
        return URIRef(f"{self.project(key)}/indicator/{order}")

    def indicator_value(
        self, key: str, order: int, name: str, *, is_reported: bool = False
    ) -> URIRef:
        """A value of an indicator by kind and year (`target-2025`); the report's apart."""
        return URIRef(f"{self.indicator(key, order)}/{REPORTED if is_reported else ''}{name}")

    def change(self, order: int) -> URIRef:
        return self._of_plan(f"change/{order}")

    def note(self, order: int) -> URIRef:
        return self._of_plan(f"note/{order}")

    def cube(self, name: str, *dimensions: str) -> URIRef:
        """A cube of the plan (`sdg-goal`, `balance` …), or an observation; also of `statistics`."""
        return self._of_plan("/".join(("cube", name, *dimensions)))

    @property
    def document(self) -> URIRef:
        return self._of_municipality(f"source/{self.slug}-{self.year}")

    @property
    def report_document(self) -> URIRef:
        """The municipality's report on the plan's year."""
        return URIRef(f"{self.document}-report")

    def achievement(self, key: str) -> URIRef:
        return URIRef(f"{self.project(key)}/achievement")

    @property
    def grade_scheme(self) -> URIRef:
        return self._of_plan("grade")

    def grade(self, rank: int) -> URIRef:
        """A grade of the plan's scale; 1 is the best."""
        return URIRef(f"{self.grade_scheme}/{rank}")

    def graph(self, kind: str) -> URIRef:
        """One of the plan's named graphs, see GRAPH_KINDS."""
        if kind not in GRAPH_KINDS:
            raise ValueError(f"{kind} is not one of {', '.join(GRAPH_KINDS)}")
        return self._of_plan(f"graph/{kind}")


def check_collisions(names: dict[URIRef, set[str]]) -> None:
    """Raise IriCollision where one IRI would stand for two names; names differ after folding."""
    for iri, spellings in sorted(names.items()):
        different = sorted({folded(name) for name in spellings})
        if len(different) > 1:
            raise IriCollision(
                f"{iri} would stand for {' and '.join(different)}: their hashes begin alike. "
                "Tie one of them to another name under [aliases] in plan.toml."
            )
