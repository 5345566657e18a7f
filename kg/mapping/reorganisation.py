"""Units that became others, as plan.toml of the later plan says under [reorganised] (W3C ORG)."""

from __future__ import annotations

from kg.iris import fiscal_year
from kg.mapping.terms import Context, Triples, english, japanese
from kg.plan_settings import unit_paths
from kg.records import OrganizationalUnit
from kg.vocab import DCTERMS, ORG, PROV, RDF, RDFS, SKOS, SP


def reorganisation_triples(context: Context) -> Triples:
    """An org:ChangeEvent for each set of units that others resulted from; none without the table.

    Its day is not known, only the fiscal year whose plan first has the new units.
    """
    resulting: dict[tuple[str, ...], list[str]] = {}
    for new, old in context.settings.reorganised.items():
        resulting.setdefault(unit_paths(old), []).append(new)
    for olds, news in resulting.items():
        yield from _event(olds, news, context)


def _event(olds: tuple[str, ...], news: list[str], context: Context) -> Triples:
    event, year = context.iris.reorganisation(olds), context.settings.year
    was, is_now = "・".join(olds), "・".join(news)
    yield event, RDF.type, ORG.ChangeEvent
    yield event, RDF.type, PROV.Activity
    yield event, RDFS.label, japanese(f"{was}から{is_now}への再編（{year}年度）")
    yield event, RDFS.label, english(f"{was} reorganised as {is_now}, fiscal {year}")
    yield event, SP.inPlan, context.iris.plan
    yield event, DCTERMS.temporal, fiscal_year(year)
    for path in olds:
        unit = OrganizationalUnit(tuple(path.split("/")))
        yield event, ORG.originalOrganization, context.unit(unit)
        yield context.unit(unit), ORG.changedBy, event
        yield from _named(unit, context)
    for path in news:
        new = context.unit(OrganizationalUnit(tuple(path.split("/"))))
        yield event, ORG.resultingOrganization, new
        yield new, ORG.resultedFrom, event


def _named(unit: OrganizationalUnit, context: Context) -> Triples:
    """What a unit is that this year's document does not name any more, and those above it."""
    for one in unit.lineage:
        subject = context.unit(one)
        yield subject, RDF.type, ORG.OrganizationalUnit
        yield subject, SKOS.prefLabel, japanese(one.name)
        if one.parent is None:
            yield subject, ORG.unitOf, context.iris.municipality
        else:
            yield subject, ORG.subOrganizationOf, context.unit(one.parent)
