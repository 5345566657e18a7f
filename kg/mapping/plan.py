"""The municipality, its basic plan, the yearly plan, the fiscal years, the ※ notes."""

from __future__ import annotations

from datetime import date

from rdflib import URIRef

from kg.iris import fiscal_year
from kg.mapping.names import note_name
from kg.mapping.provenance import place_triples, stated_by
from kg.mapping.terms import (
    Context,
    Triples,
    day,
    english,
    integer,
    japanese,
    labels,
    plain,
    year,
)
from kg.origin import Origin
from kg.records import Item, Note, Plan
from kg.vocab import (
    AREA_CODE,
    CORPORATE_NUMBER,
    DCAT,
    DCTERMS,
    ORG,
    PROV,
    RDF,
    RDFS,
    SKOS,
    SP,
)

MADE_UP_JA = "実在しない市区町村です。データはすべて試験や見本のための架空のものです。"
MADE_UP_EN = (
    "This municipality does not exist; all its data are made up for tests or demonstrations."
)


def municipality_triples(context: Context) -> Triples:
    """The city with its official numbers; nothing about it comes from the document."""
    subject, settings = context.iris.municipality, context.settings
    yield subject, RDF.type, SP.Municipality
    yield subject, RDF.type, ORG.FormalOrganization
    if settings["municipality.made_up"]:
        yield subject, RDF.type, SP.MadeUpMunicipality
        yield subject, RDFS.comment, japanese(MADE_UP_JA)
        yield subject, RDFS.comment, english(MADE_UP_EN)
    yield from labels(subject, SKOS.prefLabel, settings["municipality.name"])
    yield subject, SP.localGovernmentCode, plain(settings.code)
    yield subject, SP.standardAreaCode, AREA_CODE[settings.code[:5]]
    number = settings["municipality.corporate_number"]
    if number:
        yield subject, SP.corporateNumber, plain(number)
        # seeAlso, not sameAs: the service behind this form of IRI has moved
        yield subject, RDFS.seeAlso, CORPORATE_NUMBER[number]
    for iri in settings["municipality.see_also"]:
        yield subject, RDFS.seeAlso, URIRef(iri)


def basic_plan_triples(context: Context) -> Triples:
    """The basic plan and its scheme of policies, both stable over the years."""
    iris, title = context.iris, context.settings["plan.basic_plan"]
    yield iris.basic_plan, RDF.type, SP.BasicPlan
    yield iris.basic_plan, RDF.type, PROV.Plan
    yield from labels(iris.basic_plan, SKOS.prefLabel, title)
    yield iris.basic_plan, SP.municipality, iris.municipality
    yield iris.basic_plan, SP.policyScheme, iris.policy_scheme
    yield iris.policy_scheme, RDF.type, SKOS.ConceptScheme
    yield iris.policy_scheme, SKOS.prefLabel, japanese(f"{title['ja']}の基本施策")
    if "en" in title:
        yield iris.policy_scheme, SKOS.prefLabel, english(f"Basic policies of the {title['en']}")


def plan_triples(plan: Plan, context: Context) -> Triples:
    """The yearly plan with its published totals; totals are never recomputed here."""
    subject = context.iris.plan
    yield from _yearly_plan(context, context.settings.year)
    yield from labels(subject, SKOS.prefLabel, context.settings["plan.title"])
    yield from stated_by(subject, context)
    if plan.project_count:
        yield subject, SP.publishedProjectCount, integer(plan.project_count.count)
        yield from project_count_place(subject, plan.project_count.origin)
    if plan.link_count:
        yield subject, SP.publishedLinkCount, integer(plan.link_count.count)
        origin = plan.link_count.origin
        yield from place_triples(subject, origin, SP.linkCountLine, SP.linkCountSheet)
    for note in plan.notes:
        yield from note_triples(note, context)
    yield from _previous_plan(plan, context)


def project_count_place(subject: URIRef, origin: Origin) -> Triples:
    """Where the published number of projects stands."""
    yield from place_triples(subject, origin, SP.projectCountLine, SP.projectCountSheet)


def _yearly_plan(context: Context, of_year: int) -> Triples:
    subject, iris = context.iris.plan_of(of_year), context.iris
    yield subject, RDF.type, SP.ImplementationPlan
    yield subject, RDF.type, PROV.Plan
    yield subject, SP.municipality, iris.municipality
    yield subject, DCTERMS.isPartOf, iris.basic_plan
    yield subject, SP.fiscalYear, fiscal_year(of_year)
    yield from fiscal_year_triples(of_year)


def _previous_plan(plan: Plan, context: Context) -> Triples:
    """What this document says of last year's plan: that it was, and how many projects it had."""
    totals = {cell.item: cell for cell in plan.balances if cell.policy is None}
    previous = totals.get(Item.PREVIOUS)
    if previous is None:
        return
    last_year = context.settings.year - 1
    subject, title = context.iris.plan_of(last_year), context.settings["plan.basic_plan"]
    yield context.iris.plan, SP.previousPlan, subject
    yield from _yearly_plan(context, last_year)
    yield subject, SKOS.prefLabel, japanese(f"{title['ja']} {last_year}年度")
    if "en" in title:
        yield subject, SKOS.prefLabel, english(f"{title['en']}, fiscal {last_year}")
    yield from stated_by(subject, context)
    yield subject, SP.publishedProjectCount, integer(previous.count)
    yield from project_count_place(subject, previous.origin)


def note_triples(note: Note, context: Context) -> Triples:
    subject = context.iris.note(note.order)
    yield context.iris.plan, SP.note, subject
    yield subject, RDF.type, SP.PlanNote
    yield from note_name(subject, note.order, context)
    yield subject, SP.order, integer(note.order)
    yield subject, SP.noteText, japanese(note.text)
    yield from stated_by(subject, context, note.origin)


def fiscal_year_triples(of_year: int) -> Triples:
    """A fiscal year, April to March; the era name is an alternative label."""
    subject = fiscal_year(of_year)
    yield subject, RDF.type, SP.FiscalYear
    yield subject, RDF.type, DCTERMS.PeriodOfTime
    yield subject, SP.year, year(of_year)
    yield subject, DCAT.startDate, day(date(of_year, 4, 1))
    yield subject, DCAT.endDate, day(date(of_year + 1, 3, 31))
    yield subject, SKOS.prefLabel, japanese(f"{of_year}年度")
    yield (
        subject,
        SKOS.prefLabel,
        english(f"fiscal year {of_year} (April {of_year} to March {of_year + 1})"),
    )
    for name in era_names(of_year):
        yield subject, SKOS.altLabel, japanese(name)


def era_names(of_year: int) -> tuple[str, ...]:
    """The fiscal year in Japanese eras: 2021 -> 令和3年度; 2019 has two names."""
    if of_year >= 2020:
        return (f"令和{of_year - 2018}年度",)
    if of_year == 2019:
        return ("平成31年度", "令和元年度")
    return (f"平成{of_year - 1988}年度",) if of_year >= 1989 else ()
