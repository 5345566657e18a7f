"""A project of one year, its targets, and the review entries."""

from __future__ import annotations

from collections.abc import Iterable

from kg.codes import meanings
from kg.iris import fiscal_year
from kg.mapping.budget import budget_triples
from kg.mapping.indicator import indicator_triples
from kg.mapping.names import change_name, target_name
from kg.mapping.plan import fiscal_year_triples
from kg.mapping.provenance import stated_by
from kg.mapping.terms import Context, Triples, decimal, integer, japanese, plain
from kg.records import Change, Project, Target
from kg.text import name_key
from kg.vocab import DCTERMS, FOAF, PROV, RDF, SCHEMA, SKOS, SP


def project_triples(
    project: Project, context: Context, shared_names: Iterable[str] = ()
) -> Triples:
    """One project as the document states it.

    `shared_names` are the name keys that several projects of the plan bear: their
    continuing projects are told apart by the unit as well.
    """
    subject = context.iris.project(project.key)
    yield subject, RDF.type, SP.Project
    yield subject, RDF.type, FOAF.Project
    yield subject, SP.inPlan, context.iris.plan
    if project.number is not None:
        yield subject, SP.number, integer(project.number)
    if project.name is not None:
        yield subject, SKOS.prefLabel, japanese(project.name)
        yield subject, SP.nameKey, plain(name_key(project.name))
        yield subject, SP.printedName, japanese(project.printed_name)
        yield from _continuing(project, context, shared_names)
    if project.policy is not None:
        yield subject, SP.policy, context.iris.policy(project.policy)
    if project.unit is not None:
        yield subject, SP.responsibleUnit, context.unit(project.unit)
        yield subject, SP.printedUnit, japanese(project.printed_unit)
    for partner in project.partners:
        yield subject, SP.partnerUnit, context.unit(partner)
    if project.printed_partners:
        yield subject, SP.printedPartnerUnits, japanese(project.printed_partners)
    yield subject, SP.listingStatus, SP[f"status-{project.status}"]
    if project.description is not None and context.settings["document.publish_texts"]:
        yield subject, DCTERMS.description, japanese(project.description)
        for note in project.delivery_notes:
            yield subject, SP.deliveryNote, japanese(note)
    if project.account is not None:
        yield from _account(project.account, project, context)
    if project.icon_count is not None:
        yield subject, SP.iconCount, integer(project.icon_count)
    for target in project.targets:
        yield from target_triples(target, project, context)
    for budget in project.budgets:
        yield from budget_triples(budget, project.key, context)
    for indicator in project.indicators:
        yield from indicator_triples(indicator, project.key, context)
    yield from stated_by(subject, context, project.origin, project.lines)


def _continuing(project: Project, context: Context, shared_names: Iterable[str]) -> Triples:
    name = project.name or ""
    if name_key(name) in shared_names and project.unit is not None:
        identity = f"{name}/{'/'.join(project.unit.path)}"
    else:
        identity = name
    continuing = context.continuing_project(identity)
    yield context.iris.project(project.key), SP.versionOf, continuing
    yield continuing, RDF.type, SP.ContinuingProject
    yield continuing, RDF.type, PROV.Entity
    yield continuing, SKOS.prefLabel, japanese(name)


def _account(name: str, project: Project, context: Context) -> Triples:
    subject = context.iris.project(project.key)
    known = meanings("accounts", "printed", "account").get(name_key(name))
    if known:
        yield subject, SP.account, SP[f"account-{known}"]
        return
    account = context.iris.account(name)
    yield subject, SP.account, account
    yield account, RDF.type, SP.FundingAccount
    yield account, RDF.type, SKOS.Concept
    yield account, SKOS.prefLabel, japanese(name)


def target_triples(target: Target, project: Project, context: Context) -> Triples:
    """One ○ line; the text is as printed, value and unit stand beside it."""
    subject = context.iris.target(project.key, target.order)
    yield context.iris.project(project.key), SP.target, subject
    yield subject, RDF.type, SP.PlannedTarget
    yield subject, RDF.type, SCHEMA.PropertyValue
    yield from target_name(subject, project.key, target.order, context)
    yield subject, SP.order, integer(target.order)
    yield subject, SP.targetText, japanese(target.text)
    yield subject, SP.targetKind, SP[f"target-{target.kind}"]
    if target.label is not None:
        yield subject, SP.targetLabel, japanese(target.label)
    if target.value is not None:
        yield subject, SP.targetValue, decimal(target.value)
    if target.unit is not None:
        yield subject, SP.targetUnit, japanese(target.unit)
    if target.due_year is not None:
        yield subject, SP.dueFiscalYear, fiscal_year(target.due_year)
        yield from fiscal_year_triples(target.due_year)
    yield from stated_by(subject, context, project.origin)


def change_triples(change: Change, context: Context) -> Triples:
    """One entry of the review lists, in the words of the list."""
    subject = context.iris.change(change.order)
    yield subject, RDF.type, SP.ProjectChange
    yield from change_name(subject, change.name, context)
    yield subject, SP.inPlan, context.iris.plan
    yield subject, SP.order, integer(change.order)
    yield subject, SP.changeKind, SP[f"status-{change.kind}"]
    yield subject, SP.projectName, japanese(change.name)
    yield subject, SP.printedName, japanese(change.printed_name)
    yield subject, SP.nameKey, plain(name_key(change.name))
    yield subject, SP.policy, context.iris.policy(change.policy)
    if change.unit is not None:
        yield subject, SP.responsibleUnit, context.unit(change.unit)
    yield subject, SP.printedUnit, japanese(change.printed_unit)
    if change.listed is not None:
        yield subject, SP.listedProject, context.iris.project(change.listed)
    yield from stated_by(subject, context, change.origin)
