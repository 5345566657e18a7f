"""The SPARQL 1.1 Service Description of the endpoint, with what query editors look for, and VoID.

The same triples stand in the store (graph/catalog) and in the answers of the server; no blank
nodes. Sources: https://www.w3.org/TR/sparql11-service-description/,
https://www.w3.org/TR/void/, and for prefixes and example queries the convention of SIB's
editor (SHACL section 5: sh:declare, sh:SPARQLExecutable).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rdflib import Literal, URIRef
from rdflib.term import Node

from kg.catalog import words
from kg.catalog.authorities import operator_triples
from kg.catalog.dataset import LICENCE
from kg.catalog.site import Site
from kg.counts import Counts, part_name
from kg.examples import Example, examples
from kg.mapping.terms import Triples, integer, labels
from kg.vocab import (
    DCTERMS,
    FOAF,
    FORMATS,
    OWL,
    PREFIXES,
    RDF,
    RDFS,
    SCHEMA,
    SD,
    SH,
    SP,
    VOID,
    XSD,
)

Entry = Mapping[str, Any]

SIMPLE_ENTAILMENT = URIRef("http://www.w3.org/ns/entailment/Simple")
RESULT_FORMATS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
    "Turtle", "N-Triples", "RDF_XML", "JSON-LD", "TriG", "N-Quads",
)  # fmt: skip
FORM_CLASSES = {
    "SELECT": (SH.SPARQLSelectExecutable, SH.select),
    "ASK": (SH.SPARQLAskExecutable, SH.ask),
    "CONSTRUCT": (SH.SPARQLConstructExecutable, SH.construct),
}
VOCABULARIES = ("sp", "skos", "dcterms", "org", "prov", "qb", "foaf", "sdgo", "dcat", "void")
GOAL_PROPERTIES = (SP.sdgGoal, SP.candidateSdgGoal)
"""The properties whose values are the UN's goals."""
MOST_EXAMPLES = 20
ALL_DUMPS = ("dumps/all.nq.gz", "dumps/all.ttl.gz")


def endpoint_triples(
    counts: Counts,
    modified: Node | None,
    is_federated: bool,
    site: Site,
    graphs: Mapping[str, int] | None = None,
) -> Triples:
    """The service, its dataset with every graph and partition, its prefixes and examples.

    `graphs` are the graphs to tell, by default all; in the store the catalogue tells those of
    the plans with their datasets.
    """
    service = site.endpoint
    dataset = URIRef(f"{service}#dataset")
    yield service, RDF.type, SD.Service
    yield service, SD.endpoint, service
    yield service, SD.supportedLanguage, SD.SPARQL11Query
    yield service, SD.feature, SD.UnionDefaultGraph
    yield service, SD.defaultEntailmentRegime, SIMPLE_ENTAILMENT
    if is_federated:
        yield service, SD.feature, SD.BasicFederatedQuery
    for name in RESULT_FORMATS:
        yield service, SD.resultFormat, FORMATS[name]
    yield from labels(service, RDFS.label, words.SERVICE_TITLE)
    yield service, SD.defaultDataset, dataset
    yield service, SD.availableGraphs, dataset
    yield dataset, RDF.type, SD.Dataset
    if modified is not None:
        yield dataset, DCTERMS.modified, modified
    yield dataset, DCTERMS.license, LICENCE
    yield dataset, SD.defaultGraph, default_graph(site)
    yield from _default_graph(counts, site)
    for name, triples in (counts.graphs if graphs is None else graphs).items():
        number = hashlib.sha256(name.encode()).hexdigest()[:8]
        node, inner = (URIRef(f"{service}#graph-{number}{end}") for end in ("", "-data"))
        yield dataset, SD.namedGraph, node
        yield node, RDF.type, SD.NamedGraph
        yield node, SD.name, URIRef(name)
        yield node, SD.graph, inner
        yield inner, RDF.type, SD.Graph
        yield inner, VOID.triples, integer(triples)
    yield from _prefixes(site)
    for example in examples():
        if example.form in FORM_CLASSES:  # SHACL has none for DESCRIBE
            yield from _example(example, site)


def void_triples(
    counts: Counts, entries: Sequence[Entry], modified: Node | None, site: Site
) -> Triples:
    """The dataset as VoID has it: where to get it, how large it is, what it links to."""
    document, dataset = site.url("void.ttl"), default_graph(site)
    yield document, RDF.type, VOID.DatasetDescription
    yield document, FOAF.primaryTopic, dataset
    yield from labels(document, DCTERMS.title, words.CATALOG_TITLE)
    yield from labels(dataset, DCTERMS.title, words.CATALOG_TITLE)
    yield from labels(dataset, DCTERMS.description, words.CATALOG_DESCRIPTION)
    if modified is not None:
        yield dataset, DCTERMS.modified, modified
    yield dataset, DCTERMS.license, LICENCE
    yield dataset, DCTERMS.publisher, site.publisher
    yield from operator_triples(site)
    yield dataset, FOAF.homepage, site.url("")
    yield dataset, VOID.sparqlEndpoint, site.endpoint
    yield dataset, VOID.uriSpace, Literal(site.base_iri)
    for path in ALL_DUMPS:
        yield dataset, VOID.dataDump, site.url(path)
    for prefix in VOCABULARIES:
        yield dataset, VOID.vocabulary, URIRef(PREFIXES[prefix])
    published = sorted(entry["iri"] for entry in entries if entry["status"] != "withdrawn")
    for iri in published[:MOST_EXAMPLES]:
        yield dataset, VOID.exampleResource, URIRef(iri)
    yield from _default_graph(counts, site)
    yield from _linksets(counts, site)


def default_graph(site: Site) -> URIRef:
    """The merge of all graphs, which is what a query without GRAPH sees."""
    return URIRef(f"{site.endpoint}#default-graph")


def _default_graph(counts: Counts, site: Site) -> Triples:
    subject = default_graph(site)
    yield subject, RDF.type, SD.Graph
    yield subject, RDF.type, VOID.Dataset
    yield from labels(subject, RDFS.comment, words.MERGED)
    yield subject, VOID.triples, integer(counts.triples)
    yield subject, VOID.classes, integer(len(counts.classes))
    yield subject, VOID.properties, integer(len(counts.properties))
    for iri, entities in counts.classes.items():
        part = URIRef(f"{site.endpoint}#class-{part_name(iri)}")
        yield subject, VOID.classPartition, part
        yield part, VOID["class"], URIRef(iri)
        yield part, VOID.entities, integer(entities)
        yield from _properties(part, f"{part}-", counts.properties_of_classes[iri])
    yield from _properties(subject, f"{site.endpoint}#property-", counts.properties)


def _properties(subject: URIRef, start: str, counts: Mapping[str, int]) -> Triples:
    for iri, triples in counts.items():
        part = URIRef(f"{start}{part_name(iri)}")
        yield subject, VOID.propertyPartition, part
        yield part, VOID.property, URIRef(iri)
        yield part, VOID.triples, integer(triples)


def _linksets(counts: Counts, site: Site) -> Triples:
    dataset = default_graph(site)
    goals = URIRef(f"{dataset}-goals")
    for term in GOAL_PROPERTIES:
        triples = counts.properties.get(str(term), 0)
        if not triples:
            continue
        links = URIRef(f"{dataset}-{part_name(str(term))}")
        yield dataset, VOID.subset, links
        yield links, RDF.type, VOID.Linkset
        yield links, VOID.linkPredicate, term
        yield links, VOID.subjectsTarget, dataset
        yield links, VOID.objectsTarget, goals
        yield links, VOID.triples, integer(triples)
        yield goals, RDF.type, VOID.Dataset
        yield goals, VOID.uriSpace, Literal(PREFIXES["sdg"])


def _prefixes(site: Site) -> Triples:
    declarations = URIRef(f"{site.endpoint}#prefixes")
    yield declarations, RDF.type, OWL.Ontology
    for prefix, namespace in PREFIXES.items():
        node = URIRef(f"{site.endpoint}#prefix-{prefix}")
        yield declarations, SH.declare, node
        yield node, SH.prefix, Literal(prefix)
        yield node, SH.namespace, Literal(namespace, datatype=XSD.anyURI)


def _example(example: Example, site: Site) -> Triples:
    node = URIRef(f"{site.endpoint}#{example.name}")
    form, text = FORM_CLASSES[example.form]
    yield node, RDF.type, SH.SPARQLExecutable
    yield node, RDF.type, form
    yield node, SH.prefixes, URIRef(f"{site.endpoint}#prefixes")
    yield node, text, Literal(example.text)
    yield node, SCHEMA.target, site.endpoint
    yield from labels(node, RDFS.label, dict(example.titles))
    yield from labels(node, RDFS.comment, dict(example.questions))


def last_modified(entries: Iterable[Entry]) -> Literal | None:
    """The day of the last change of any plan; None without plans."""
    days = [entry["modified"] for entry in entries if entry.get("modified")]
    return Literal(max(days), datatype=XSD.date, normalize=False) if days else None
