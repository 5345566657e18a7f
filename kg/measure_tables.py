"""The rows of the tables of budgets, values of indicators and achievements, from triples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from rdflib import URIRef
from rdflib.term import Node

from kg.term_text import natural
from kg.vocab import DCTERMS, SKOS, SP

if TYPE_CHECKING:
    from kg.tables import Facts

Cells = dict[str, str | Sequence[str]]
Concepts = Callable[[str, URIRef | None, str], dict[str, str]]
"""Gives the cells of a concept: its name and its label."""


def budget_cells(
    projects: Sequence[Node], facts: Facts, concept_cells: Concepts
) -> Iterator[Cells]:
    """One row for each amount of a project."""
    for project in projects:
        for text in facts.texts(project, SP.budget):
            budget = URIRef(text)
            yield {
                **_of_project(project, budget, facts),
                **concept_cells("kind", facts.iri(budget, SP.budgetKind), "budget-"),
                "amount_yen": facts.text(budget, SP.amountYen),
                "printed_amount": facts.text(budget, SP.printedAmount),
                "budget": text,
            }


def value_cells(projects: Sequence[Node], facts: Facts, concept_cells: Concepts) -> Iterator[Cells]:
    """One row for each value of an indicator: indicators in order, values by kind and year."""
    for project in projects:
        indicators = facts.texts(project, SP.indicator)
        for indicator in map(URIRef, sorted(indicators, key=natural)):
            for text in facts.texts(indicator, SP.indicatorValue):
                value = URIRef(text)
                yield {
                    **_of_project(project, value, facts),
                    **concept_cells("kind", facts.iri(value, SP.valueKind), "value-"),
                    "indicator_name": facts.text(indicator, SP.indicatorName, "ja"),
                    "value": facts.text(value, SP.valueNumber),
                    "value_unit": facts.text(value, SP.valueUnit, "ja"),
                    "printed_value": facts.text(value, SP.printedValue),
                    "value_iri": text,
                    "indicator": str(indicator),
                }


def achievement_cells(
    projects: Sequence[Node], facts: Facts, concept_cells: Concepts
) -> Iterator[Cells]:
    """One row for each project that the report is about, in the order of the plan."""
    by_project: dict[str, list[Node]] = {}
    for found in facts.of_type(SP.Achievement):
        by_project.setdefault(facts.text(found, SP.ofProject), []).append(found)
    for project in projects:
        for achievement in by_project.get(str(project), ()):
            grade = facts.iri(achievement, SP.grade)
            yield {
                **_of_project(project, achievement, facts),
                "grade": facts.text(achievement, SP.printedGrade),
                "grade_rank": facts.text(grade, SP.gradeRank),
                "text": facts.text(achievement, SP.achievementText, "ja"),
                "achievement": str(achievement),
                "grade_iri": grade or "",
            }


def _of_project(project: Node, subject: Node, facts: Facts) -> Cells:
    return {
        "project_number": facts.text(project, SP.number),
        "project_name": facts.text(project, SKOS.prefLabel, "ja"),
        "project": str(project),
        "of_fiscal_year": facts.text(subject, SP.ofFiscalYear).rpartition("/")[2],
        "document": facts.text(subject, DCTERMS.source),
        "source_lines": facts.texts(subject, SP.sourceLine),
    }
