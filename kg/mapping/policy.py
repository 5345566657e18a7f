"""A basic policy: a concept in the scheme of its basic plan."""

from __future__ import annotations

from kg.mapping.provenance import stated_by
from kg.mapping.terms import Context, Triples, japanese, plain
from kg.records import Policy
from kg.vocab import RDF, SKOS, SP


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
