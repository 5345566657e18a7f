"""What was achieved: the graph of a report on the plan, and grades that a plan itself prints."""

from __future__ import annotations

from collections.abc import Iterable

from rdflib import URIRef

from kg.iris import fiscal_year
from kg.mapping.budget import budget_total_triples, budget_triples
from kg.mapping.indicator import indicator_triples, value_triples
from kg.mapping.names import achievement_name, grade_name
from kg.mapping.plan import fiscal_year_triples
from kg.mapping.provenance import report_document_triples, stated_by
from kg.mapping.terms import Context, Triple, Triples, english, integer, japanese, plain
from kg.measures import Achievement, Report
from kg.records import Plan
from kg.vocab import PROV, RDF, SKOS, SP


def achievement_graph(plan: Plan, context: Context) -> tuple[Triple, ...]:
    """What the report beside the plan states, each triple once; empty without a report."""
    if plan.report is None:
        return ()
    return tuple(dict.fromkeys(_reported(plan, plan.report, context)))


def _reported(plan: Plan, report: Report, context: Context) -> Triples:
    document = context.iris.report_document
    graph = context.iris.graph("achievement")
    yield graph, RDF.type, PROV.Entity
    yield graph, PROV.wasDerivedFrom, document
    yield graph, SKOS.prefLabel, japanese("実施報告のグラフ（報告に記載されたこと）")
    yield graph, SKOS.prefLabel, english("achievement graph: what the report states")
    yield from report_document_triples(report, context)
    yield from achievement_triples(report.achievements, context, document)
    planned = {(p.key, i.order) for p in plan.projects for i in p.indicators}
    for key, indicator in report.indicators:
        if (key, indicator.order) in planned:
            for value in indicator.values:
                yield from value_triples(value, indicator, key, context, document)
        else:
            yield from indicator_triples(indicator, key, context, document)
    for key, budget in report.budgets:
        yield from budget_triples(budget, key, context, document)
    for total in report.totals:
        yield from budget_total_triples(total, context, document)


def achievement_triples(
    achievements: Iterable[Achievement], context: Context, document: URIRef | None = None
) -> Triples:
    """Grades and texts of projects; `document` is the report, None for the plan's own document."""
    found = list(achievements)
    if any(one.grade for one in found):
        yield from _scale(context)
    for one in found:
        subject = context.iris.achievement(one.project)
        yield subject, RDF.type, SP.Achievement
        yield subject, RDF.type, PROV.Entity
        yield from achievement_name(subject, one.project, context)
        yield subject, SP.ofProject, context.iris.project(one.project)
        yield subject, SP.ofFiscalYear, fiscal_year(context.settings.year)
        yield from fiscal_year_triples(context.settings.year)
        if one.grade is not None:
            yield subject, SP.grade, context.iris.grade(one.grade.rank)
        if one.printed_grade is not None:
            yield subject, SP.printedGrade, plain(one.printed_grade)
        if one.text is not None and context.settings["document.publish_texts"]:
            yield subject, SP.achievementText, japanese(one.text)
        yield from stated_by(subject, context, one.origin, document=document)


def _scale(context: Context) -> Triples:
    """The grades that plan.toml gives, the best first."""
    scheme = context.iris.grade_scheme
    yield scheme, RDF.type, SKOS.ConceptScheme
    yield scheme, SKOS.prefLabel, japanese("達成度の尺度")
    yield scheme, SKOS.prefLabel, english("scale of achievement")
    for rank, notation in enumerate(context.settings["report.grades"], 1):
        grade = context.iris.grade(rank)
        yield grade, RDF.type, SP.AchievementGrade
        yield grade, RDF.type, SKOS.Concept
        yield from grade_name(grade, notation, context)
        yield grade, SKOS.notation, plain(notation)
        yield grade, SP.gradeRank, integer(rank)
        yield grade, SKOS.inScheme, scheme
        yield grade, SKOS.topConceptOf, scheme
