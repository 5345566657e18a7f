"""Indicators of projects and their values."""

from __future__ import annotations

from rdflib import URIRef

from kg.iris import fiscal_year
from kg.mapping.names import indicator_name, value_name
from kg.mapping.plan import fiscal_year_triples
from kg.mapping.provenance import stated_by
from kg.mapping.terms import Context, Triples, decimal, integer, japanese, plain
from kg.measures import Indicator, IndicatorValue
from kg.vocab import PROV, RDF, SCHEMA, SP


def indicator_triples(
    indicator: Indicator, key: str, context: Context, document: URIRef | None = None
) -> Triples:
    """An indicator with its values; `document` is the report that states it, if it does."""
    subject = context.iris.indicator(key, indicator.order)
    yield context.iris.project(key), SP.indicator, subject
    yield subject, RDF.type, SP.Indicator
    yield subject, RDF.type, PROV.Entity
    yield from indicator_name(subject, key, indicator.order, context)
    yield subject, SP.order, integer(indicator.order)
    yield subject, SP.indicatorName, japanese(indicator.name)
    yield from stated_by(subject, context, indicator.origin, document=document)
    for value in indicator.values:
        yield from value_triples(value, indicator, key, context, document)


def value_triples(
    value: IndicatorValue,
    indicator: Indicator,
    key: str,
    context: Context,
    document: URIRef | None = None,
) -> Triples:
    """A value of an indicator; `document` is the report that states it, if any."""
    above = context.iris.indicator(key, indicator.order)
    is_reported = document is not None
    subject = context.iris.indicator_value(key, indicator.order, value.key, is_reported=is_reported)
    yield above, SP.indicatorValue, subject
    yield subject, RDF.type, SP.IndicatorValue
    yield subject, RDF.type, SCHEMA.PropertyValue
    yield from value_name(subject, key, indicator.order, value, context)
    yield subject, SP.valueKind, SP[f"value-{value.kind}"]
    if value.year is not None:
        yield subject, SP.ofFiscalYear, fiscal_year(value.year)
        yield from fiscal_year_triples(value.year)
    yield subject, SP.printedValue, plain(value.printed)
    if value.value is not None:
        yield subject, SP.valueNumber, decimal(value.value)
    if value.unit is not None:
        yield subject, SP.valueUnit, japanese(value.unit)
    yield from stated_by(subject, context, value.origin, document=document)
