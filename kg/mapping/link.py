"""Goal links: a property per basis and a record for each link (docs/decisions/0002)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from rdflib import Literal, URIRef

from kg.mapping.names import link_name, rejection_name
from kg.mapping.provenance import stated_by
from kg.mapping.terms import Context, Triples, japanese, plain
from kg.records import Basis, Curation, GoalLink, Project, Rejection
from kg.vocab import DCTERMS, FOAF, PROV, RDF, SDG, SP, XSD

DIRECT = {Basis.STATED: SP.statedSdgGoal, Basis.CURATED: SP.curatedSdgGoal}


def stated_link_triples(project: Project, context: Context) -> Triples:
    """The links that the document itself states; they belong to the source graph."""
    for link in project.stated_links:
        yield from _record(project.key, link, context)
        subject = context.iris.goal_link(project.key, link.goal)
        for target in link.targets:
            yield context.iris.project(project.key), SP.statedSdgTarget, SDG[target]
        yield from stated_by(subject, context, link.origin)


def _record(key: str, link: GoalLink, context: Context) -> Triples:
    subject, goal = context.iris.goal_link(key, link.goal), SDG[str(link.goal)]
    yield context.iris.project(key), DIRECT[link.basis], goal
    yield subject, RDF.type, SP.SdgLink
    yield subject, RDF.type, PROV.Entity
    yield from link_name(subject, key, link.goal, context)
    yield subject, SP.linkedProject, context.iris.project(key)
    yield subject, SP.linkedGoal, goal
    yield subject, SP.basis, SP[f"basis-{link.basis}"]
    yield from evidence_triples(subject, link)


def evidence_triples(subject: URIRef, link: GoalLink) -> Triples:
    """The words that name the goal, and the mark that stands in its column."""
    for words in (link.evidence, *link.more_evidence):
        yield subject, SP.evidence, japanese(words)
    if link.mark is not None:
        yield subject, SP.printedMark, plain(link.mark)
    if link.colour is not None:
        yield subject, SP.readBy, SP["reading-icon-colour"]
        yield subject, SP.iconColour, plain(link.colour)


def links_graph_triples(
    projects: Iterable[Project], curation: Curation, context: Context
) -> Triples:
    """What follows from the source and people's decisions: the links graph, never empty.

    Curated records, rejections, sp:sdgGoal (stated and curated together), the basis of each
    project, completeness, and the curated facts.
    """
    curated: dict[str, list[GoalLink]] = {}
    for key, link in curation.links:
        curated.setdefault(key, []).append(link)
    for project in projects:
        subject = context.iris.project(project.key)
        decided = curated.get(project.key, [])
        for link in decided:
            yield from _curated_record(project.key, link, context)
        for link in (*project.stated_links, *decided):
            yield subject, SP.sdgGoal, SDG[str(link.goal)]
        yield subject, SP.sdgLinkBasis, SP[f"basis-{basis_of(project, curated)}"]
    for rejection in curation.rejections:
        yield from _rejection_record(rejection, context)
    if curation.complete:
        yield context.iris.plan, SP.sdgLinkCompleteness, SP.complete
    yield from _facts(curation, context)


def basis_of(project: Project, curated: Mapping[str, Iterable[GoalLink]]) -> Basis:
    """Who says which goals a project serves; the document's own word goes first."""
    if project.stated_links:
        return Basis.STATED
    if project.key in curated:
        return Basis.CURATED
    return Basis.COUNT_ONLY if project.icon_count else Basis.NONE


def _curated_record(key: str, link: GoalLink, context: Context) -> Triples:
    subject = context.iris.goal_link(key, link.goal)
    yield from _record(key, link, context)
    yield from _decided(subject, link.agent or "", link.decided_on, context)


def _rejection_record(rejection: Rejection, context: Context) -> Triples:
    """None of the properties of a link: a rejection must never be counted as one."""
    subject = context.iris.rejection(rejection.project, rejection.goal)
    yield subject, RDF.type, SP.SdgRejection
    yield subject, RDF.type, PROV.Entity
    yield from rejection_name(subject, rejection.project, rejection.goal, context)
    yield subject, SP.rejectedProject, context.iris.project(rejection.project)
    yield subject, SP.rejectedGoal, SDG[str(rejection.goal)]
    yield subject, SP.evidence, japanese(rejection.evidence)
    yield from _decided(subject, rejection.agent, rejection.decided_on, context)


def _decided(subject: URIRef, agent: str, decided_on: date | None, context: Context) -> Triples:
    person = context.iris.agent(agent)
    yield subject, PROV.wasAttributedTo, person
    yield person, RDF.type, PROV.Agent
    yield person, DCTERMS.identifier, plain(agent)
    yield person, FOAF.name, plain(agent)
    if decided_on is not None:
        # decisions are dated by day: links.csv has no time, so midnight UTC stands for the day
        moment = f"{decided_on.isoformat()}T00:00:00Z"
        yield subject, PROV.generatedAtTime, Literal(moment, datatype=XSD.dateTime, normalize=False)


def _facts(curation: Curation, context: Context) -> Triples:
    for merger in curation.mergers:
        subject = context.iris.change(merger.change)
        yield subject, SP.mergedInto, context.iris.project(merger.project)
        yield subject, SP.evidence, japanese(merger.evidence)
        yield from _decided(subject, merger.agent, merger.decided_on, context)
    for fact in curation.authorities:
        unit = context.unit(fact.unit)
        yield unit, SP.authority, SP[f"authority-{fact.authority}"]
        yield unit, SP.evidence, japanese(fact.evidence)
        yield from _decided(unit, fact.agent, fact.decided_on, context)
