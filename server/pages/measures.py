"""Budgets, indicators and achievements for the pages of a project and of a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rdflib import Literal, URIRef
from rdflib.term import Node

from kg.vocab import DCTERMS, SP
from server.context import context
from server.pages import queries
from server.pages.facts import Facts, Term, in_language, natural
from server.pages.lines import Line
from server.pages.links import href

_FILTER = """FILTER(?property IN (rdf:type, rdfs:label, skos:prefLabel, skos:notation,
    dcterms:source, sp:order, sp:budgetKind, sp:ofFiscalYear, sp:printedAmount, sp:amountYen,
    sp:indicatorName, sp:indicatorValue, sp:valueKind, sp:printedValue, sp:valueNumber,
    sp:valueUnit, sp:ofProject,
    sp:grade, sp:printedGrade, sp:gradeRank, sp:achievementText, sp:sourceLine, sp:sourceSheet))"""

OF_PROJECT = f"""{queries.SELECT}
  {{ ?resource sp:budget|sp:indicator|sp:indicator/sp:indicatorValue ?subject }}
  UNION {{ ?subject sp:ofProject ?resource }}
  ?subject ?property ?value . {_FILTER}
}}"""
DOCUMENTS = f"""{queries.SELECT}
  {{ ?subject sp:reportsOn ?plan }} UNION {{ ?plan dcterms:source ?subject }}
  ?subject ?property ?value . FILTER(?property IN (rdf:type, skos:prefLabel, sp:reportsOn))
}}"""
OF_PLAN = f"""{queries.SELECT}
  {{ ?subject sp:inPlan ?plan . FILTER EXISTS {{ ?subject a sp:BudgetTotal }} }}
  UNION {{ ?subject sp:reportsOn ?plan }}
  ?subject ?property ?value .
  FILTER(?property IN (rdf:type, skos:prefLabel, dcterms:source, sp:budgetKind, sp:ofFiscalYear,
    sp:printedAmount, sp:amountYen, sp:policy, sp:sourceLine, sp:sourceSheet))
}}"""
GRADES = f"""{queries.PROLOGUE}SELECT ?grade ?rank ?notation (COUNT(DISTINCT ?project) AS ?projects)
WHERE {{
  ?achievement sp:ofProject ?project ; sp:grade ?grade . ?project sp:inPlan ?plan .
  ?grade sp:gradeRank ?rank ; skos:notation ?notation .
}} GROUP BY ?grade ?rank ?notation ORDER BY ?rank"""

MOST_PLANNED = 300
"""Rows of planned against achieved on the page of a plan; the example query has all."""
PLANNED = f"""{queries.PROLOGUE}SELECT DISTINCT
  ?project ?number ?name ?label ?year ?planned ?achieved ?grade WHERE {{
  ?project sp:inPlan ?plan ; sp:number ?number ; skos:prefLabel ?name ; sp:indicator ?indicator .
  ?indicator sp:indicatorName ?label ; sp:indicatorValue ?target , ?actual .
  ?target sp:valueKind ?kind ; sp:printedValue ?planned .
  ?actual sp:valueKind ?other ; sp:printedValue ?achieved .
  FILTER(?kind = sp:value-target && ?other = sp:value-actual)
  OPTIONAL {{ ?actual sp:ofFiscalYear ?actualYear . ?actualYear sp:year ?year }}
  OPTIONAL {{ ?target sp:ofFiscalYear ?targetYear }}
  OPTIONAL {{ ?achievement sp:ofProject ?project ; sp:printedGrade ?grade }}
  FILTER(!BOUND(?targetYear) || ?targetYear = ?actualYear)
  FILTER(LANG(?name) = "ja")
}} ORDER BY ?number ?label ?year ?planned LIMIT {MOST_PLANNED}"""


@dataclass(frozen=True, slots=True)
class AmountRow:
    """An amount as printed and in yen, None where no number is printed."""

    url: str | None
    kind: Literal | None
    year: str
    printed: str
    yen: str | None
    is_reported: bool
    lines: Sequence[Line]
    policy: str = ""


@dataclass(frozen=True, slots=True)
class ValueRow:
    url: str | None
    kind: Literal | None
    year: str
    printed: str
    unit: Literal | None
    is_reported: bool


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    url: str | None
    name: Literal | None
    values: Sequence[ValueRow]


@dataclass(frozen=True, slots=True)
class AchievementRow:
    url: str | None
    year: str
    grade: str | None
    rank: int | None
    grade_url: str | None
    text: Literal | None
    document: Literal | str | None
    document_url: str | None


def measures_of_project(project: URIRef, language: str) -> dict[str, Any]:
    """What the page of a project tells of them; each list may be empty."""
    engine = context().engine
    facts = Facts(engine.select(OF_PROJECT, {"resource": project}))
    achieved = facts.subjects(SP.Achievement)
    reports: Facts = Facts()
    plan = URIRef(str(project).rpartition("/project/")[0])
    if achieved or facts.subjects(SP.Budget) or facts.subjects(SP.Indicator):
        reports = Facts(engine.select(DOCUMENTS, {"plan": plan}))
    indicators = sorted(facts.subjects(SP.Indicator), key=lambda i: facts.number(i, SP.order) or 0)
    return {
        "budgets": [_amount(facts, b, reports, language) for b in facts.subjects(SP.Budget)],
        "indicators": [_indicator(facts, one, reports, language) for one in indicators],
        "achievements": [_achievement(facts, one, reports, language) for one in achieved],
    }


def measures_of_plan(plan: URIRef, language: str) -> dict[str, Any]:
    """The printed totals of budgets, the report, and the projects of each grade."""
    engine = context().engine
    facts = Facts(engine.select(OF_PLAN, {"plan": plan}))
    reports = facts.subjects(SP.SourceDocument)
    marked = Facts({"subject": d, "property": SP.reportsOn, "value": plan} for d in reports)
    totals = [_amount(facts, t, marked, language) for t in facts.subjects(SP.BudgetTotal)]
    planned = engine.select(PLANNED, {"plan": plan})
    return {
        "planned": [{**row, "url": href(str(row["project"]))} for row in planned],
        "totals": totals,
        "reports": [(facts.name(d, language) or str(d), href(str(d))) for d in reports],
        "grades": [
            (str(row["notation"]), href(str(row["grade"])), int(str(row["projects"])))
            for row in engine.select(GRADES, {"plan": plan})
        ],
    }


def _year(facts: Facts, subject: URIRef) -> str:
    return str(facts.iri(subject, SP.ofFiscalYear) or "").rpartition("/")[2]


def _is_reported(facts: Facts, subject: URIRef, reports: Facts) -> bool:
    return reports.first(facts.iri(subject, DCTERMS.source), SP.reportsOn) is not None


def _amount(facts: Facts, one: URIRef, reports: Facts, language: str) -> AmountRow:
    yen = facts.first(one, SP.amountYen)
    return AmountRow(
        url=href(str(one)),
        kind=facts.name(facts.iri(one, SP.budgetKind), language),
        year=_year(facts, one),
        printed=str(facts.first(one, SP.printedAmount) or ""),
        yen=None if yen is None else grouped(str(yen)),
        is_reported=_is_reported(facts, one, reports),
        lines=facts.lines(one),
        policy=str(facts.iri(one, SP.policy) or "").rpartition("/")[2],
    )


def _indicator(facts: Facts, one: URIRef, reports: Facts, language: str) -> IndicatorRow:
    def place(value: Term) -> tuple[object, ...]:
        kind = str(facts.iri(value, SP.valueKind))
        return (_year(facts, URIRef(str(value))), kind, natural(value))

    return IndicatorRow(
        href(str(one)),
        in_language(facts.all(one, SP.indicatorName), language),
        [
            _value(facts, URIRef(str(value)), reports, language)
            for value in sorted(facts.all(one, SP.indicatorValue), key=place)
        ],
    )


def _value(facts: Facts, one: URIRef, reports: Facts, language: str) -> ValueRow:
    unit = in_language(facts.all(one, SP.valueUnit), language)
    printed = str(facts.first(one, SP.printedValue) or "")
    return ValueRow(
        url=href(str(one)),
        kind=facts.name(facts.iri(one, SP.valueKind), language),
        year=_year(facts, one),
        printed=printed,
        unit=None if unit is None or str(unit) in printed else unit,
        is_reported=_is_reported(facts, one, reports),
    )


def _achievement(facts: Facts, one: URIRef, reports: Facts, language: str) -> AchievementRow:
    grade, document = facts.iri(one, SP.grade), facts.iri(one, DCTERMS.source)
    printed: Node | None = facts.first(one, SP.printedGrade)
    tail = str(grade or "").rpartition("/")[2]
    return AchievementRow(
        url=href(str(one)),
        year=_year(facts, one),
        grade=None if printed is None else str(printed),
        rank=int(tail) if tail.isdecimal() else None,
        grade_url=None if grade is None else href(str(grade)),
        text=in_language(facts.all(one, SP.achievementText), language),
        document=reports.name(document, language),
        document_url=None if document is None else href(str(document)),
    )


def grouped(number: str) -> str:
    """1,234,000 or -5,000.5: a decimal as it is written for people."""
    sign, digits = ("-", number[1:]) if number.startswith("-") else ("", number)
    whole, point, rest = digits.partition(".")
    return f"{sign}{int(whole):,}{point}{rest}"


Measures = Mapping[str, Any]
