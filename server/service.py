"""The SPARQL 1.1 Service Description of the endpoint, with what query editors look for.

Sources: https://www.w3.org/TR/sparql11-service-description/, https://www.w3.org/TR/void/, and
for prefixes and example queries the convention of SIB's editor (SHACL section 5: sh:declare,
sh:SPARQLExecutable).
"""

from __future__ import annotations

from rdflib import BNode, Graph, Literal, Namespace, URIRef

from kg.vocab import DCTERMS, FOAF, OWL, PREFIXES, RDF, RDFS, SCHEMA, SH, SP, VOID, XSD
from server.context import Context
from server.examples import examples
from server.negotiation import CSV, JSON, TSV, XML
from server.partitions import Partitions

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMATS = Namespace("http://www.w3.org/ns/formats/")
SIMPLE_ENTAILMENT = URIRef("http://www.w3.org/ns/entailment/Simple")
FORMAT_IRIS = {
    JSON.name: FORMATS["SPARQL_Results_JSON"],
    XML.name: FORMATS["SPARQL_Results_XML"],
    CSV.name: FORMATS["SPARQL_Results_CSV"],
    TSV.name: FORMATS["SPARQL_Results_TSV"],
    "turtle": FORMATS["Turtle"],
    "ntriples": FORMATS["N-Triples"],
    "rdfxml": FORMATS["RDF_XML"],
    "jsonld": FORMATS["JSON-LD"],
    "trig": FORMATS["TriG"],
    "nquads": FORMATS["N-Quads"],
}
FORM_CLASSES = {
    "SELECT": (SH.SPARQLSelectExecutable, SH.select),
    "ASK": (SH.SPARQLAskExecutable, SH.ask),
    "CONSTRUCT": (SH.SPARQLConstructExecutable, SH.construct),
}
MERGED = {
    "ja": "すべての名前付きグラフを併せたもの。二つのグラフにある同じトリプルは一度だけ数えます。",
    "en": "The merge of all named graphs; a triple in two graphs is counted once here.",
}
UNCOUNTED = {
    "ja": "クラスとプロパティごとの件数は、数えるのに時間がかかるため載せていません。",
    "en": "Partitions by class and property are left out: counting them takes too long here.",
}
TITLE = {
    "ja": "市区町村の実施計画とSDGs",
    "en": "Municipal implementation plans and the SDGs",
}
VOCABULARIES = ("sp", "skos", "dcterms", "org", "prov", "qb", "foaf", "sdgo")
GOAL_PROPERTIES = (SP.sdgGoal, SP.candidateSdgGoal)
"""The properties whose values are the UN's goals."""
ALL_QUADS = "dumps/all.nq.gz"


def service_graph(here: Context, counted: Partitions | None) -> Graph:
    """The endpoint, its dataset with every graph, its prefixes and its example queries.

    Without partitions a note says that they are missing; the triples are then those of all
    named graphs, a triple in two graphs counted twice.
    """
    service = URIRef(here.url("sparql"))
    dataset = URIRef(f"{service}#dataset")
    graph = _graph()
    graph.add((service, RDF.type, SD.Service))
    graph.add((service, SD.endpoint, service))
    graph.add((service, SD.supportedLanguage, SD.SPARQL11Query))
    graph.add((service, SD.feature, SD.UnionDefaultGraph))
    graph.add((service, SD.defaultEntailmentRegime, SIMPLE_ENTAILMENT))
    if here.settings.service_allowlist:
        graph.add((service, SD.feature, SD.BasicFederatedQuery))
    for iri in FORMAT_IRIS.values():
        graph.add((service, SD.resultFormat, iri))
    _add_texts(graph, service, RDFS.label, TITLE)
    graph.add((service, SD.defaultDataset, dataset))
    graph.add((dataset, RDF.type, SD.Dataset))
    _add_dates(graph, dataset, here)
    default = _add_default_graph(graph, here, counted)
    graph.add((dataset, SD.defaultGraph, default))
    names, _ = here.engine.contents(here.release)
    for name in names:
        node = BNode()
        graph.add((dataset, SD.namedGraph, node))
        graph.add((node, RDF.type, SD.NamedGraph))
        graph.add((node, SD.name, URIRef(name)))
        if counted is not None:
            inner = BNode()
            graph.add((node, SD.graph, inner))
            graph.add((inner, RDF.type, SD.Graph))
            graph.add((inner, VOID.triples, Literal(counted.graphs.get(name, 0))))
    _add_examples(graph, service, _add_prefixes(graph, service))
    return graph


def void_graph(here: Context, counted: Partitions | None) -> Graph:
    """The dataset as VoID has it: where to get it, how large it is, what it links to."""
    document = URIRef(here.url("void.ttl"))
    graph = _graph()
    dataset = _add_default_graph(graph, here, counted)
    graph.add((document, RDF.type, VOID.DatasetDescription))
    graph.add((document, FOAF.primaryTopic, dataset))
    _add_texts(graph, document, DCTERMS.title, TITLE)
    _add_texts(graph, dataset, DCTERMS.title, TITLE)
    _add_dates(graph, dataset, here)
    if here.settings.operator_name:
        publisher = BNode()
        graph.add((dataset, DCTERMS.publisher, publisher))
        graph.add((publisher, RDF.type, FOAF.Agent))
        graph.add((publisher, FOAF.name, Literal(here.settings.operator_name)))
    graph.add((dataset, FOAF.homepage, URIRef(here.url(""))))
    graph.add((dataset, VOID.sparqlEndpoint, URIRef(here.url("sparql"))))
    graph.add((dataset, VOID.uriSpace, Literal(here.settings.base_iri)))
    if (here.release.path / ALL_QUADS).is_file():
        graph.add((dataset, VOID.dataDump, URIRef(here.url(ALL_QUADS))))
    for prefix in VOCABULARIES:
        graph.add((dataset, VOID.vocabulary, URIRef(PREFIXES[prefix])))
    for iri in sorted({str(plan["iri"]) for plan in _published(here)}):
        graph.add((dataset, VOID.exampleResource, URIRef(iri)))
    if counted is not None:
        _add_linksets(graph, dataset, counted)
    return graph


def _graph() -> Graph:
    graph = Graph()
    for prefix, namespace in (*PREFIXES.items(), ("sd", str(SD)), ("formats", str(FORMATS))):
        graph.bind(prefix, namespace)
    return graph


def _add_default_graph(graph: Graph, here: Context, counted: Partitions | None) -> URIRef:
    default = URIRef(here.url("sparql#default-graph"))
    graph.add((default, RDF.type, SD.Graph))
    graph.add((default, RDF.type, VOID.Dataset))
    _add_texts(graph, default, RDFS.comment, MERGED)
    if counted is None:
        _add_texts(graph, default, RDFS.comment, UNCOUNTED)
        _, quads = here.engine.contents(here.release)
        graph.add((default, VOID.triples, Literal(quads)))
        return default
    graph.add((default, VOID.triples, Literal(counted.triples)))
    graph.add((default, VOID.classes, Literal(len(counted.classes))))
    graph.add((default, VOID.properties, Literal(len(counted.properties))))
    for iri, entities in counted.classes.items():
        part = BNode()
        graph.add((default, VOID.classPartition, part))
        graph.add((part, VOID["class"], URIRef(iri)))
        graph.add((part, VOID.entities, Literal(entities)))
        _add_properties(graph, part, counted.properties_of_classes.get(iri, {}))
    _add_properties(graph, default, counted.properties)
    return default


def _add_properties(graph: Graph, subject: URIRef | BNode, counts: dict[str, int]) -> None:
    for iri, triples in counts.items():
        part = BNode()
        graph.add((subject, VOID.propertyPartition, part))
        graph.add((part, VOID.property, URIRef(iri)))
        graph.add((part, VOID.triples, Literal(triples)))


def _add_linksets(graph: Graph, dataset: URIRef, counted: Partitions) -> None:
    goals = URIRef(f"{dataset}-goals")
    for term in GOAL_PROPERTIES:
        triples = counted.properties.get(str(term), 0)
        if not triples:
            continue
        links = BNode()
        graph.add((dataset, VOID.subset, links))
        graph.add((links, RDF.type, VOID.Linkset))
        graph.add((links, VOID.linkPredicate, term))
        graph.add((links, VOID.subjectsTarget, dataset))
        graph.add((links, VOID.objectsTarget, goals))
        graph.add((links, VOID.triples, Literal(triples)))
        graph.add((goals, RDF.type, VOID.Dataset))
        graph.add((goals, VOID.uriSpace, Literal(PREFIXES["sdg"])))


def _add_dates(graph: Graph, subject: URIRef, here: Context) -> None:
    created = here.release.manifest["created"]
    graph.add((subject, DCTERMS.modified, Literal(created, datatype=XSD.dateTime, normalize=False)))
    for licence in sorted({plan["licence"] for plan in _published(here) if plan.get("licence")}):
        graph.add((subject, DCTERMS.license, URIRef(licence)))


def _add_prefixes(graph: Graph, service: URIRef) -> URIRef:
    declarations = URIRef(f"{service}#prefixes")
    graph.add((declarations, RDF.type, OWL.Ontology))
    for prefix, namespace in PREFIXES.items():
        node = BNode()
        graph.add((declarations, SH.declare, node))
        graph.add((node, SH.prefix, Literal(prefix)))
        graph.add((node, SH.namespace, Literal(namespace, datatype=XSD.anyURI)))
    return declarations


def _add_examples(graph: Graph, service: URIRef, declarations: URIRef) -> None:
    for example in examples():
        if example.form not in FORM_CLASSES:  # SHACL has none for DESCRIBE
            continue
        node = URIRef(f"{service}#{example.name}")
        form, text = FORM_CLASSES[example.form]
        graph.add((node, RDF.type, SH.SPARQLExecutable))
        graph.add((node, RDF.type, form))
        graph.add((node, SH.prefixes, declarations))
        graph.add((node, text, Literal(example.text)))
        graph.add((node, SCHEMA.target, service))
        _add_texts(graph, node, RDFS.label, dict(example.titles))
        _add_texts(graph, node, RDFS.comment, dict(example.questions))


def _add_texts(graph: Graph, subject: URIRef | BNode, term: URIRef, texts: dict[str, str]) -> None:
    for language, text in texts.items():
        graph.add((subject, term, Literal(text, lang=language)))


def _published(here: Context) -> list[dict[str, str]]:
    plans = here.release.manifest.get("plans", ())
    return [plan for plan in plans if plan.get("status") != "withdrawn"]
