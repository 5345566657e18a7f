"""Projects, targets and goals as the tables and lists show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rdflib import Literal, URIRef

from kg.vocab import SKOS, SP
from server.compare.columns import Links
from server.pages.facts import Facts, Term, goal_of, in_language, natural
from server.pages.links import href
from server.pages.subject import units_above

NEW = (SP["status-new"], SP["status-added"], SP["status-new-or-added"])


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One line ○ of a project."""

    url: str | None
    text: Literal | None
    label: Literal | None
    value: str | None
    unit: Literal | None
    kind: Literal | None
    is_number: bool


@dataclass(frozen=True, slots=True)
class GoalLinks:
    """What is known of a project's goals. `icons` None = the document's text does not say."""

    basis: str
    """`stated`, `curated`, `count-only` or `none`; "" = not said."""
    icons: int | None
    stated: tuple[int, ...]
    curated: tuple[int, ...]
    candidates: tuple[int, ...] = ()
    """Estimated: in no sum and no list with the others."""

    @property
    def linked(self) -> tuple[int, ...]:
        """The goals that the document or a person names."""
        return tuple(sorted({*self.stated, *self.curated}))

    @property
    def rest(self) -> int:
        """How many of the icons are not known to be a goal."""
        return max(0, (self.icons or 0) - len(self.linked))

    @property
    def known(self) -> Links:
        """Whether it is known which goals the project serves; no icons = no goals, known."""
        if not self.linked:
            return Links.KNOWN if self.icons == 0 else Links.UNKNOWN
        return Links.SOME if self.rest else Links.KNOWN

    @property
    def shapes(self) -> frozenset[str]:
        """The kinds of marks that stand for the goals, as the legend explains them."""
        lost = ("count-only",) if self.rest else ()
        kinds = ("stated", self.stated), ("curated", self.curated)
        none = ("none",) if self.icons == 0 and not self.linked else ()
        return frozenset((*(kind for kind, goals in kinds if goals), *lost, *none))


def known_projects(rows: Iterable[ProjectRow]) -> dict[Links, int]:
    """Of how many projects the goals are known, partly known and unknown."""
    found = Counter(row.goals.known for row in rows)
    return {links: found[links] for links in Links}


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """One row of a table of projects."""

    iri: URIRef
    url: str | None
    number: int | None
    name: Literal | None
    year: str
    policy: URIRef | None
    policy_number: str
    policy_name: Literal | None
    unit: tuple[tuple[Literal | None, str | None], ...]
    new: Literal | None
    """The name of the status where the row is marked as new or added."""
    targets: tuple[TargetRow, ...]
    goals: GoalLinks
    unit_id: str = ""
    """The end of the responsible unit's IRI."""
    status: str = ""
    """The end of the status: `new`, `continued`, …"""
    status_name: Literal | None = None
    indicators: int = 0
    """How many indicators the project is measured by; their values are on its page."""

    @property
    def has_number(self) -> bool:
        """Whether a target of the project is a number to be reached."""
        return any(target.is_number for target in self.targets)


def project_rows(facts: Facts, language: str) -> list[ProjectRow]:
    """The projects among the facts, by plan and number."""
    rows = [project_row(facts, iri, language) for iri in facts.subjects(SP.Project)]
    return sorted(rows, key=lambda row: (row.year, row.number or 0, natural(row.iri)))


def project_row(facts: Facts, iri: URIRef, language: str) -> ProjectRow:
    policy = facts.iri(iri, SP.policy)
    unit = facts.iri(iri, SP.responsibleUnit)
    status = facts.iri(iri, SP.listingStatus)
    return ProjectRow(
        iri=iri,
        url=href(str(iri)),
        number=facts.number(iri, SP.number),
        name=facts.name(iri, language),
        year=str(facts.iri(iri, SP.inPlan) or "").rpartition("/")[2],
        policy=policy,
        policy_number=str(facts.first(policy, SKOS.notation) or ""),
        policy_name=facts.name(policy, language),
        unit=unit_path(facts, unit, language),
        new=facts.name(status, language) if status in NEW else None,
        targets=target_rows(facts, iri, language),
        goals=goal_links(facts, iri),
        unit_id=str(unit or "").rpartition("/")[2],
        status=str(status or "").rpartition("#status-")[2],
        status_name=facts.name(status, language),
        indicators=len(set(facts.all(iri, SP.indicator))),
    )


def unit_path(
    facts: Facts, unit: URIRef | None, language: str
) -> tuple[tuple[Literal | None, str | None], ...]:
    """The units from the top down, each with its page."""
    if unit is None:
        return ()
    chain = [*reversed(units_above(facts, unit)), unit]
    return tuple((facts.name(one, language), href(str(one))) for one in chain)


def target_rows(facts: Facts, project: URIRef, language: str) -> tuple[TargetRow, ...]:
    def order(target: Term) -> int:
        return facts.number(target, SP.order) or 0

    return tuple(
        TargetRow(
            url=href(str(target)),
            text=in_language(facts.all(target, SP.targetText), language),
            label=in_language(facts.all(target, SP.targetLabel), language),
            value=_decimal(facts.first(target, SP.targetValue)),
            unit=in_language(facts.all(target, SP.targetUnit), language),
            kind=facts.name(facts.iri(target, SP.targetKind), language),
            is_number=facts.iri(target, SP.targetKind) == SP["target-numeric"],
        )
        for target in sorted(facts.all(project, SP.target), key=order)
    )


def goal_links(facts: Facts, project: URIRef) -> GoalLinks:
    basis = str(facts.iri(project, SP.sdgLinkBasis) or "").rpartition("basis-")[2]
    return GoalLinks(
        basis,
        facts.number(project, SP.iconCount),
        _goals(facts, project, SP.statedSdgGoal),
        _goals(facts, project, SP.curatedSdgGoal),
        _goals(facts, project, SP.candidateSdgGoal),
    )


def _goals(facts: Facts, project: URIRef, item: URIRef) -> tuple[int, ...]:
    numbers = (goal_of(value) for value in facts.all(project, item))
    return tuple(sorted(number for number in numbers if number))


def _decimal(value: Term | None) -> str | None:
    """1,700 or 3.5, as a number is written for people."""
    if value is None:
        return None
    whole, point, rest = str(value).partition(".")
    return f"{int(whole):,}{point}{rest}" if whole.isdecimal() else str(value)
