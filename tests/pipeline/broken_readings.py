"""Broken examples of what is read from PDFs, and of units that were reorganised."""

from __future__ import annotations

from rdflib import URIRef

from kg.iris import fiscal_year
from kg.mapping.terms import integer, plain
from kg.vocab import DCTERMS, ORG, RDF, SDG, SP
from tests.pipeline.koriyama import IRIS, Draft, breaks, project


@breaks("C240")
def two_pages(draft: Draft) -> None:
    draft.put(project(1), SP.sourcePage, integer(1), integer(2))


@breaks("C241", "C243", why="the way of reading is that of an icon by its colour, or none")
def a_way_of_reading_that_is_not_known(draft: Draft) -> None:
    draft.swap(_read_from_an_icon(draft), SP.readBy, SP["basis-stated"])


@breaks("C242")
def a_colour_by_name(draft: Draft) -> None:
    draft.swap(_read_from_an_icon(draft), SP.iconColour, plain("red"))


@breaks("C243")
def a_link_read_from_an_icon_of_no_colour(draft: Draft) -> None:
    draft.drop(_read_from_an_icon(draft), SP.iconColour)


def _read_from_an_icon(draft: Draft) -> URIRef:
    """A link of the first project, which has one icon, as it is read from that."""
    link = draft.record("1", 4, "stated")
    draft.put(project(1), SP.sdgGoal, SDG["4"])
    draft.swap(project(1), SP.sdgLinkBasis, SP["basis-stated"])
    draft.put(link, SP.readBy, SP["reading-icon-colour"])
    draft.put(link, SP.iconColour, plain("#C5192D"))
    return link


def _reorganised(draft: Draft) -> URIRef:
    """The event by which one unit of the plan became another, as the pipeline makes one."""
    event = IRIS.reorganisation(("市民部",))
    draft.put(event, RDF.type, ORG.ChangeEvent)
    draft.put(event, SP.inPlan, IRIS.plan)
    draft.put(event, DCTERMS.temporal, fiscal_year(IRIS.year))
    draft.put(event, ORG.originalOrganization, IRIS.unit(("市民部",)))
    draft.put(event, ORG.resultingOrganization, IRIS.unit(("環境部",)))
    return event


@breaks("C244")
def a_reorganisation_of_nothing(draft: Draft) -> None:
    draft.drop(_reorganised(draft), ORG.originalOrganization)


@breaks("C245")
def a_reorganisation_with_no_result(draft: Draft) -> None:
    draft.drop(_reorganised(draft), ORG.resultingOrganization)


@breaks("C246")
def a_reorganisation_without_a_year(draft: Draft) -> None:
    draft.drop(_reorganised(draft), DCTERMS.temporal)


@breaks("C247")
def a_unit_that_became_itself(draft: Draft) -> None:
    draft.put(_reorganised(draft), ORG.resultingOrganization, IRIS.unit(("市民部",)))
