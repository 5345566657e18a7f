"""Amounts of money: of projects, and the totals that the document prints."""

from __future__ import annotations

from rdflib import URIRef

from kg.iris import fiscal_year
from kg.mapping.names import budget_name, budget_total_name
from kg.mapping.plan import fiscal_year_triples
from kg.mapping.provenance import stated_by
from kg.mapping.terms import Context, Triples, decimal, plain
from kg.measures import Budget, BudgetTotal
from kg.vocab import RDF, SCHEMA, SP


def budget_triples(
    budget: Budget, key: str, context: Context, document: URIRef | None = None
) -> Triples:
    """An amount of the project with this key; `document` is the report that states it, if any."""
    subject = context.iris.budget(key, budget.key, is_reported=document is not None)
    yield context.iris.project(key), SP.budget, subject
    yield subject, RDF.type, SP.Budget
    yield from budget_name(subject, key, budget.kind, budget.year, context)
    yield from _amount(subject, budget)
    yield from stated_by(subject, context, budget.origin, document=document)


def budget_total_triples(
    total: BudgetTotal, context: Context, document: URIRef | None = None
) -> Triples:
    is_reported = document is not None
    subject = context.iris.budget_total(total.key, total.policy, is_reported=is_reported)
    yield subject, RDF.type, SP.BudgetTotal
    yield from budget_total_name(subject, total.policy, total.kind, total.year, context)
    yield subject, SP.inPlan, context.iris.plan
    if total.policy is not None:
        yield subject, SP.policy, context.iris.policy(total.policy)
    yield from _amount(subject, total)
    yield from stated_by(subject, context, total.origin, document=document)


def _amount(subject: URIRef, amount: Budget | BudgetTotal) -> Triples:
    yield subject, RDF.type, SCHEMA.MonetaryAmount
    yield subject, SP.budgetKind, SP[f"budget-{amount.kind}"]
    yield subject, SP.ofFiscalYear, fiscal_year(amount.year)
    yield from fiscal_year_triples(amount.year)
    yield subject, SP.printedAmount, plain(amount.printed)
    if amount.amount is not None:
        yield subject, SP.amountYen, decimal(amount.amount)
