"""A budget, an indicator and an achievement for Koriyama's plan, and broken examples of them."""

from __future__ import annotations

from decimal import Decimal

from rdflib import URIRef
from rdflib.namespace import DCTERMS, RDF, SKOS

from kg.iris import fiscal_year
from kg.mapping.terms import decimal, integer, japanese, plain
from kg.vocab import SP
from tests.pipeline.koriyama import IRIS, PLAN, Draft, breaks, project

MEASURED = (
    *("Budget", "BudgetTotal", "Indicator", "IndicatorValue", "Achievement", "AchievementGrade"),
)
BUDGET, TOTAL = IRIS.budget("1", "initial-2021"), IRIS.budget_total("initial-2021", None)
INDICATOR = IRIS.indicator("1", 1)
VALUE = IRIS.indicator_value("1", 1, "target-2021")
SCALE, GRADE = URIRef(f"{PLAN}/grade"), URIRef(f"{PLAN}/grade/1")
ACHIEVEMENT = URIRef(f"{project(1)}/achievement")


def measure(draft: Draft, *, with_actual: bool = False) -> None:
    """One of each, complete and consistent: the total is that of the one budget.

    `with_actual` adds the value that was reached, which is 5 less than the target.
    """
    year = fiscal_year(2021)
    draft.put(project(1), SP.budget, BUDGET)
    for amount, kind in ((BUDGET, SP.Budget), (TOTAL, SP.BudgetTotal)):
        draft.put(amount, RDF.type, kind)
        draft.put(amount, SP.budgetKind, SP["budget-initial"])
        draft.put(amount, SP.ofFiscalYear, year)
        draft.put(amount, SP.printedAmount, plain("100千円"))
        draft.put(amount, DCTERMS.source, IRIS.document)
        draft.put(amount, SP.amountYen, decimal(Decimal(100000)))
    draft.put(TOTAL, SP.inPlan, PLAN)
    draft.put(project(1), SP.indicator, INDICATOR)
    draft.put(INDICATOR, RDF.type, SP.Indicator)
    draft.put(INDICATOR, SP.indicatorName, japanese("参加者数"))
    draft.put(INDICATOR, SP.order, integer(1))
    draft.put(INDICATOR, SP.indicatorValue, VALUE)
    draft.put(VALUE, RDF.type, SP.IndicatorValue)
    draft.put(VALUE, SP.valueKind, SP["value-target"])
    draft.put(VALUE, SP.printedValue, plain("80％"))
    draft.put(VALUE, SP.valueNumber, decimal(Decimal(80)))
    draft.put(VALUE, SP.valueUnit, japanese("％"))
    draft.put(VALUE, SP.ofFiscalYear, year)
    if with_actual:
        actual = IRIS.indicator_value("1", 1, "actual-2021")
        draft.put(INDICATOR, SP.indicatorValue, actual)
        draft.put(actual, RDF.type, SP.IndicatorValue)
        draft.put(actual, SP.valueKind, SP["value-actual"])
        draft.put(actual, SP.printedValue, plain("75％"))
        draft.put(actual, SP.valueNumber, decimal(Decimal(75)))
        draft.put(actual, SP.ofFiscalYear, year)
    draft.put(SCALE, RDF.type, SKOS.ConceptScheme)
    draft.put(GRADE, RDF.type, SP.AchievementGrade)
    draft.put(GRADE, SKOS.notation, plain("A"))
    draft.put(GRADE, SP.gradeRank, integer(1))
    draft.put(GRADE, SKOS.inScheme, SCALE)
    draft.put(ACHIEVEMENT, RDF.type, SP.Achievement)
    draft.put(ACHIEVEMENT, SP.ofProject, project(1))
    draft.put(ACHIEVEMENT, SP.ofFiscalYear, year)
    draft.put(ACHIEVEMENT, SP.grade, GRADE)
    draft.put(ACHIEVEMENT, SP.printedGrade, plain("A"))
    draft.put(ACHIEVEMENT, SP.achievementText, japanese("開催しました。"))


@breaks("C210")
def a_printed_total_of_another_amount(draft: Draft) -> None:
    measure(draft)
    draft.swap(TOTAL, SP.amountYen, decimal(Decimal(100001)))


@breaks("C210")
def a_printed_total_of_a_policy_with_another_amount(draft: Draft) -> None:
    measure(draft)
    draft.put(TOTAL, SP.policy, IRIS.policy("1"))
    draft.swap(BUDGET, SP.amountYen, decimal(Decimal(-5)))


@breaks("C228")
def a_report_with_another_target(draft: Draft) -> None:
    measure(draft)
    report, other = IRIS.report_document, IRIS.indicator_value("1", 1, "x", is_reported=True)
    draft.put(report, SP.reportsOn, PLAN)
    draft.put(INDICATOR, SP.indicatorValue, other)
    draft.put(other, RDF.type, SP.IndicatorValue)
    draft.put(other, SP.valueKind, SP["value-target"])
    draft.put(other, SP.printedValue, plain("85％"))
    draft.put(other, SP.valueNumber, decimal(Decimal(85)))
    draft.put(other, SP.ofFiscalYear, fiscal_year(2021))
    draft.put(other, DCTERMS.source, report)


@breaks("C209")
def a_budget_that_is_none(draft: Draft) -> None:
    draft.put(project(1), SP.budget, project(2))


@breaks("C213")
def a_value_that_is_none(draft: Draft) -> None:
    measure(draft)
    draft.put(INDICATOR, SP.indicatorValue, project(2))


@breaks("C214")
def an_indicator_that_is_none(draft: Draft) -> None:
    draft.put(project(1), SP.indicator, project(2))
