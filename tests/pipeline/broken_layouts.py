"""What other layouts bring along, broken: targets, marks, partner units, goals of policies."""

from __future__ import annotations

from rdflib import Literal
from rdflib.namespace import RDF

from kg.mapping.terms import japanese
from kg.vocab import SDG, SP
from tests.pipeline.koriyama import EXAMPLE, IRIS, PLAN, Draft, breaks, project

LINK = IRIS.policy_goal("1", 4)


def link_of_policy(draft: Draft) -> None:
    """Goal 4 of policy 1, as the pipeline writes it."""
    draft.put(IRIS.policy("1"), SP.policySdgGoal, SDG["4"])
    draft.put(LINK, RDF.type, SP.PolicyGoalLink)
    draft.put(LINK, SP.inPlan, PLAN)
    draft.put(LINK, SP.linkedPolicy, IRIS.policy("1"))
    draft.put(LINK, SP.linkedPolicyGoal, SDG["4"])
    draft.put(LINK, SP.evidence, japanese("4"))


@breaks("C230", "C231", why="a target that is none has no goal either")
def a_target_that_the_un_does_not_have(draft: Draft) -> None:
    draft.put(project(1), SP.statedSdgTarget, SDG["17.20"])


@breaks("C231")
def a_target_without_its_goal(draft: Draft) -> None:
    draft.put(project(1), SP.statedSdgTarget, SDG["4.a"])


@breaks("C232")
def two_marks_of_one_link(draft: Draft) -> None:
    link = draft.record("1", 4, "inferred", direct=False)
    draft.put(link, SP.printedMark, Literal("○"), Literal("◎"))


@breaks("C233")
def the_responsible_unit_as_its_own_partner(draft: Draft) -> None:
    unit = next(o for s, p, o in draft.triples if s == project(1) and p == SP.responsibleUnit)
    draft.put(project(1), SP.partnerUnit, unit)


@breaks("C17", "C93", "C233", why="what is no unit has neither city nor name")
def a_partner_that_is_no_unit(draft: Draft) -> None:
    draft.put(project(1), SP.partnerUnit, EXAMPLE.wrong)


@breaks("C234")
def partners_printed_twice(draft: Draft) -> None:
    draft.put(project(1), SP.printedPartnerUnits, japanese("市民課"), japanese("企画課"))


@breaks("C235")
def a_link_of_two_policies(draft: Draft) -> None:
    link_of_policy(draft)
    draft.put(LINK, SP.linkedPolicy, IRIS.policy("2"))
    draft.put(IRIS.policy("2"), SP.policySdgGoal, SDG["4"])


@breaks("C236", "C239", why="a goal with https is stated for no policy")
def a_link_of_a_policy_to_no_goal(draft: Draft) -> None:
    link_of_policy(draft)
    draft.put(LINK, SP.linkedPolicyGoal, EXAMPLE.wrong)


@breaks("C237")
def a_link_of_a_policy_without_evidence(draft: Draft) -> None:
    link_of_policy(draft)
    draft.drop(LINK, SP.evidence)


@breaks("C238")
def a_link_of_a_policy_in_no_plan(draft: Draft) -> None:
    link_of_policy(draft)
    draft.drop(LINK, SP.inPlan)


@breaks("C239")
def a_goal_of_a_policy_without_a_record(draft: Draft) -> None:
    draft.put(IRIS.policy("1"), SP.policySdgGoal, SDG["4"])
