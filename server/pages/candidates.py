"""Estimated links as pages show them: apart from what is published, with words beside numbers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from flask_babel import gettext
from rdflib import Literal, URIRef

from kg.estimates import NO_CLUE, likelihood
from kg.vocab import SP
from server.pages.facts import Facts, goal_of
from server.pages.language import page_language
from server.pages.links import href


@dataclass(frozen=True, slots=True)
class Candidate:
    """One estimated link of a project."""

    goal: int
    name: Literal | None
    project: URIRef
    url: str | None
    """Of the record."""
    percent: int
    clues: tuple[Literal, ...]
    is_chosen: bool
    """Whether it is among the most probable links that fit all totals."""

    @property
    def likelihood(self) -> str:
        """93 % (very likely): the number and the word are shown together."""
        japanese, english = likelihood(Decimal(self.percent) / 100)
        word = japanese if page_language() == "ja" else english
        return str(gettext("%(percent)s（%(word)s）", percent=_percent(self.percent), word=word))


def candidates_of(facts: Facts, language: str) -> list[Candidate]:
    """The estimated links among the facts, by goal and project."""
    found = []
    for record in facts.subjects(SP.SdgLink):
        goal_iri, project = facts.iri(record, SP.linkedGoal), facts.iri(record, SP.linkedProject)
        goal, percent = goal_of(goal_iri), _rounded(facts, record)
        if facts.iri(record, SP.basis) != SP["basis-inferred"]:
            continue
        if goal is None or project is None or percent is None:
            continue
        evidence = [v for v in facts.all(record, SP.evidence) if isinstance(v, Literal)]
        found.append(
            Candidate(
                goal,
                facts.name(goal_iri, language),
                project,
                href(str(record)),
                percent,
                tuple(v for v in evidence if str(v) != NO_CLUE),
                goal_iri in facts.all(project, SP.candidateSdgGoal),
            )
        )
    return sorted(found, key=lambda one: one.goal)


def _rounded(facts: Facts, record: URIRef) -> int | None:
    """Whole per cent; None if the record has no probability."""
    try:
        share = Decimal(str(facts.first(record, SP.confidence)))
    except InvalidOperation:
        return None
    return int((share * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _percent(percent: int) -> str:
    # an estimate is never certain
    if percent >= 100:
        return str(gettext("99％超"))
    return str(gettext("1％未満") if percent < 1 else gettext("%(number)s％", number=percent))
