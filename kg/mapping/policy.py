"""A basic policy: a concept in the scheme of its basic plan."""

from __future__ import annotations

from kg.mapping.link import evidence_triples
from kg.mapping.names import policy_goal_name
from kg.mapping.provenance import stated_by
from kg.mapping.terms import Context, Triples, japanese, plain
from kg.records import Policy
from kg.vocab import PROV, RDF, SDG, SKOS, SP


def policy_triples(policy: Policy, context: Context) -> Triples:
    subject, scheme = context.iris.policy(policy.number), context.iris.policy_scheme
    yield subject, RDF.type, SP.Policy
    yield subject, RDF.type, SKOS.Concept
    yield subject, SKOS.prefLabel, japanese(policy.name)
    yield subject, SKOS.notation, plain(policy.number)
    yield subject, SKOS.inScheme, scheme
    yield subject, SKOS.topConceptOf, scheme
    yield scheme, SKOS.hasTopConcept, subject
    yield from stated_by(subject, context, policy.origin)
    yield from _goals(policy, context)


def _goals(policy: Policy, context: Context) -> Triples:
    """What the document states for the policy; never a triple about a project (decision 0011)."""
    subject = context.iris.policy(policy.number)
    for link in policy.stated_links:
        record = context.iris.policy_goal(policy.number, link.goal)
        yield subject, SP.policySdgGoal, SDG[str(link.goal)]
        for target in link.targets:
            yield subject, SP.policySdgTarget, SDG[target]
        yield record, RDF.type, SP.PolicyGoalLink
        yield record, RDF.type, PROV.Entity
        yield from policy_goal_name(record, policy.number, link.goal, context)
        yield record, SP.inPlan, context.iris.plan
        yield record, SP.linkedPolicy, subject
        yield record, SP.linkedPolicyGoal, SDG[str(link.goal)]
        yield from evidence_triples(record, link)
        yield from stated_by(record, context, link.origin)
