"""A comparison as RDF: versions as sp:PlanVersion, changes in the changeset vocabulary.

One cs:ChangeSet per graph and subject, as that vocabulary wants it, with its added and removed
statements as rdf:Statement and the sentences that tell of them as rdfs:comment.
Source: Tunnicliffe and Davis, Changeset, http://vocab.org/changeset/schema.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from rdflib import Literal, URIRef
from rdflib.term import Node

from kg.change_sentences import Sentence
from kg.changes import Quad, quads_of
from kg.iris import plan_version
from kg.vocab import (
    CHANGESET,
    DCAT,
    DCTERMS,
    FOAF,
    PROV,
    RDF,
    RDFS,
    SP,
    XSD,
)
from server.comparison import Comparison, Version
from server.context import context

Triple = tuple[Node, Node, Node]


def triples_of(comparison: Comparison, address: str) -> list[Triple]:
    """The comparison as triples; `address` is that of the document, see server/changes.py."""
    document, plan = URIRef(address), str(comparison.entry["iri"])
    triples: list[Triple] = [
        (document, RDF.type, FOAF.Document),
        (document, FOAF.primaryTopic, URIRef(plan)),
    ]
    if comparison.entry.get("licence"):
        triples.append((document, DCTERMS.license, URIRef(comparison.entry["licence"])))
    return [*triples, *_versions(comparison, plan), *_changes(comparison, document)]


def _versions(comparison: Comparison, plan: str) -> Iterator[Triple]:
    previous: Version | None = None
    for version in comparison.versions:
        iri = plan_version(plan, version["version"])
        yield iri, RDF.type, SP.PlanVersion
        yield iri, SP.versionOfPlan, URIRef(plan)
        yield iri, DCAT.version, Literal(version["version"])
        yield iri, DCTERMS.issued, Literal(version["issued"], datatype=XSD.date)
        yield iri, DCTERMS.modified, Literal(version["modified"], datatype=XSD.date)
        yield iri, PROV.generatedAtTime, Literal(version["published"], datatype=XSD.dateTime)
        for name in ("plan.ttl", "plan.nq"):
            yield iri, DCTERMS.hasFormat, URIRef(context().url(version["path"] + name))
        if previous is not None:
            yield iri, PROV.wasRevisionOf, plan_version(plan, previous["version"])
        previous = version
    found = comparison.difference
    if found is None or comparison.before is None or comparison.after is None:
        return
    for version, content in ((comparison.before, found.before), (comparison.after, found.after)):
        iri = plan_version(plan, version["version"])
        yield iri, SP.canonicalSha256, Literal(content.sha256)


def _changes(comparison: Comparison, document: URIRef) -> Iterator[Triple]:
    found = comparison.difference
    if found is None or comparison.after is None:
        return
    telling: dict[Quad, Sentence] = {
        quad: sentence
        for sentence in comparison.sentences
        for quad in (*sentence.added, *sentence.removed)
    }
    created = Literal(comparison.after["published"], datatype=XSD.dateTime)
    changed = [(q, CHANGESET.addition) for q in quads_of(found.added)]
    changed += [(q, CHANGESET.removal) for q in quads_of(found.removed)]
    changed.sort(key=lambda one: (one[0].graph, one[0].subject, one[1], one[0][1], one[0][2].n3()))
    groups = groupby(changed, key=lambda one: (one[0].graph, one[0].subject))
    for number, ((graph, subject), members) in enumerate(groups, 1):
        change = URIRef(f"{document}#change-{number}")
        yield change, RDF.type, CHANGESET.ChangeSet
        yield change, DCTERMS.isPartOf, document
        yield change, CHANGESET.subjectOfChange, subject
        yield change, CHANGESET.createdDate, created
        yield change, SP.changedGraph, graph
        for place, (quad, kind) in enumerate(members, 1):
            statement = URIRef(f"{change}-{place}")
            yield change, kind, statement
            yield statement, RDF.type, RDF.Statement
            yield statement, RDF.subject, quad.subject
            yield statement, RDF.predicate, quad.predicate
            yield statement, RDF.object, quad.object
            sentence = telling[quad]
            yield change, RDFS.comment, Literal(sentence.ja, lang="ja")
            yield change, RDFS.comment, Literal(sentence.en, lang="en")
