"""One yearly plan as a dcat:Dataset: what it is, who made it, where its files are.

Everything comes from the plan's entry in release.json. Themes are the goals that the document
counts projects for or that a project is linked to; candidates never are.
Source of the properties: DCAT-AP 3.0.1, and what ckanext-dcat 2.4 reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rdflib import Literal, URIRef

from kg.catalog import words
from kg.catalog.authorities import (
    ANNUAL,
    EU,
    GOVERNMENT,
    LANGUAGES,
    MEDIA_TYPE,
    PUBLIC,
    SHA256,
    SPARQL_PROTOCOL,
    STABLE,
    WITHDRAWN,
    file_type_triples,
    goal_triples,
    media_type_triples,
)
from kg.catalog.site import Site
from kg.goals import official_names
from kg.iris import plan_version
from kg.mapping.terms import Triples, integer, labels
from kg.vocab import (
    ADMS,
    AREA_CODE,
    DCAT,
    DCATAP,
    DCTERMS,
    FOAF,
    PROV,
    RDF,
    RDFS,
    SD,
    SDG,
    SKOS,
    SP,
    SPDX,
    VOID,
    XSD,
)

Entry = Mapping[str, Any]

LICENCE = URIRef("https://creativecommons.org/licenses/by/4.0/")
"""Of the catalogue and the service themselves; each distribution has its own."""
SHAPES = URIRef("https://w3id.org/jp-sdgplan/shapes#")
VOCABULARY = URIRef("https://w3id.org/jp-sdgplan/ns#")


@dataclass(frozen=True, slots=True)
class Form:
    """A form in which a dataset can be had: the last part of its IRI, its file and its types."""

    name: str
    file: str
    media_type: str
    file_type: str
    label: str


FORMS = (
    Form("turtle", "plan.ttl", "text/turtle", "RDF_TURTLE", "TTL"),
    Form("jsonld", "plan.jsonld", "application/ld+json", "JSON_LD", "JSON-LD"),
    Form("nquads", "plan.nq", "application/n-quads", "RDF_N_QUADS", "N-Quads"),
    Form("csv", "plan.csv", "text/csv", "CSV", "CSV"),
    Form("report-turtle", "report.ttl", "text/turtle", "RDF_TURTLE", "TTL"),
    Form("achievement-turtle", "achievement.ttl", "text/turtle", "RDF_TURTLE", "TTL"),
    Form("achievement-csv", "achievement.csv", "text/csv", "CSV", "CSV"),
    Form("candidate-turtle", "candidate.ttl", "text/turtle", "RDF_TURTLE", "TTL"),
    Form("candidate-csv", "candidate.csv", "text/csv", "CSV", "CSV"),
)
"""In the order in which portals should show them; a file that the plan has not is left out."""
CHECKSUM = "SHA-256"
ENDPOINT = Form("sparql", "", "application/sparql-results+json", "SPARQLQ", "SPARQL")


def dataset_iri(entry: Entry) -> URIRef:
    return URIRef(f"{entry['iri']}/dataset")


def series_iri(entry: Entry) -> URIRef:
    basic_plan = str(entry["iri"]).rpartition("/")[0]
    return URIRef(f"{basic_plan}/dataset-series")


def dataset_triples(entry: Entry, identifier: str, site: Site) -> Triples:
    """The dataset, its distributions and the nodes that only it has; neighbours are apart."""
    subject = dataset_iri(entry)
    is_withdrawn = entry["status"] == "withdrawn"
    yield subject, RDF.type, DCAT.Dataset
    yield from labels(subject, DCTERMS.title, words.title(entry, identifier))
    yield from labels(subject, DCTERMS.description, words.description(entry))
    yield subject, DCTERMS.identifier, Literal(identifier)
    for language, keyword in words.keywords(entry):
        yield subject, DCAT.keyword, Literal(keyword, lang=language)
    yield subject, DCTERMS.issued, _date(entry["issued"])
    yield subject, DCTERMS.modified, _date(entry["modified"])
    yield subject, DCAT.version, Literal(entry["version"])
    for language in LANGUAGES.values():
        yield subject, DCTERMS.language, language
    yield subject, DCAT.theme, GOVERNMENT
    for goal in entry.get("themes", ()):
        yield subject, DCAT.theme, SDG[str(goal)]
        yield from goal_triples(SDG[str(goal)], official_names(goal))
    yield subject, DCTERMS.publisher, site.publisher
    yield subject, DCAT.contactPoint, site.contact
    yield subject, DCTERMS.accrualPeriodicity, ANNUAL
    yield subject, DCTERMS.accessRights, PUBLIC
    yield subject, DCTERMS.conformsTo, VOCABULARY
    yield subject, DCTERMS.conformsTo, SHAPES
    yield subject, DCAT.inSeries, series_iri(entry)
    yield from _period(subject, int(entry["year"]))
    yield subject, DCTERMS.spatial, area_iri(entry)
    yield from _provenance(subject, entry)
    yield from _versions(subject, entry, site)
    if is_withdrawn:  # no distribution: what portals offer for download is what is published
        yield subject, ADMS.status, WITHDRAWN
        yield from labels(subject, ADMS.versionNotes, words.withdrawal(entry))
        page = site.url(f"changes/{entry['code']}/{entry['slug']}/{entry['year']}")
        yield subject, DCAT.landingPage, page
        yield page, RDF.type, FOAF.Document
        return
    page = site.page(entry["iri"])
    yield subject, DCAT.landingPage, page
    yield subject, FOAF.homepage, page  # CKAN would put its own address there
    yield page, RDF.type, FOAF.Document
    yield subject, DCTERMS.relation, URIRef("http://metadata.un.org/sdg")
    for form in FORMS:
        if form.file in entry.get("files", {}):
            yield from _file(subject, entry, form, site)
    yield from _endpoint(subject, entry, site)
    yield from _graphs(entry)


def area_triples(entry: Entry) -> Triples:
    """The area of the city; tied to e-Stat's area code, unless it is made up."""
    area = area_iri(entry)
    yield area, RDF.type, DCTERMS.Location
    yield from labels(area, SKOS.prefLabel, entry["municipality"])
    names = entry["municipality"]  # CKAN takes one label, and this kind before others
    name = f"{names['ja']} ({names['en']})" if "en" in names else names["ja"]
    yield area, RDFS.label, Literal(name)
    yield area, DCTERMS.identifier, Literal(entry["code"])
    if not entry["made_up"]:
        yield area, SKOS.exactMatch, AREA_CODE[entry["code"][:5]]


def series_triples(entry: Entry, site: Site) -> Triples:
    """The basic plan as a series of yearly datasets."""
    subject = series_iri(entry)
    yield subject, RDF.type, DCAT.DatasetSeries
    yield from labels(subject, DCTERMS.title, words.series_title(entry))
    yield from labels(subject, DCTERMS.description, words.series_description(entry))
    yield subject, DCTERMS.publisher, site.publisher
    yield subject, DCAT.contactPoint, site.contact
    yield subject, DCTERMS.accrualPeriodicity, ANNUAL
    yield subject, DCTERMS.spatial, area_iri(entry)


def area_iri(entry: Entry) -> URIRef:
    return URIRef(f"{_municipality(entry)}#area")


def form_triples() -> Triples:
    """The media and file types of all forms, labelled."""
    for form in (*FORMS, ENDPOINT):
        yield from media_type_triples(form.media_type)
        yield from file_type_triples(form.file_type, form.label)


def standard_triples(site: Site) -> Triples:
    """The vocabulary and the shapes as standards, with where they can be read."""
    for subject, titles, path in (
        (VOCABULARY, words.VOCABULARY, "ns"),
        (SHAPES, words.SHAPES, "shapes"),
    ):
        yield subject, RDF.type, DCTERMS.Standard
        yield from labels(subject, DCTERMS.title, titles)
        yield subject, RDFS.seeAlso, site.url(path)


def _municipality(entry: Entry) -> str:
    return str(entry["iri"]).rpartition("/plan/")[0]


def _date(text: str) -> Literal:
    return Literal(text, datatype=XSD.date, normalize=False)


def _period(subject: URIRef, year: int) -> Triples:
    period = URIRef(f"{subject}#period")
    yield subject, DCTERMS.temporal, period
    yield period, RDF.type, DCTERMS.PeriodOfTime
    yield from labels(period, RDFS.label, words.period(year))
    yield period, DCAT.startDate, _date(f"{year}-04-01")
    yield period, DCAT.endDate, _date(f"{year + 1}-03-31")


def _provenance(subject: URIRef, entry: Entry) -> Triples:
    statement = URIRef(f"{subject}#provenance")
    yield subject, DCTERMS.provenance, statement
    yield statement, RDF.type, DCTERMS.ProvenanceStatement
    # one label in both languages: CKAN takes whichever it finds first
    yield statement, RDFS.label, Literal(words.both(words.provenance(entry)))
    document = entry.get("document")
    if document and entry["status"] != "withdrawn":  # nothing would be found there
        yield subject, PROV.wasDerivedFrom, URIRef(document["iri"])


def _versions(subject: URIRef, entry: Entry, site: Site) -> Triples:
    # by no property of the dataset: DCAT-AP takes values of hasVersion for datasets
    for known in entry.get("versions", ()):
        version = plan_version(entry["iri"], known["version"])
        yield version, RDF.type, SP.PlanVersion
        yield from labels(version, SKOS.prefLabel, words.version(entry, known["version"]))
        yield version, PROV.specializationOf, subject
        if entry["status"] != "withdrawn":  # else the plan's IRI answers 410
            yield version, SP.versionOfPlan, URIRef(entry["iri"])
        yield version, DCAT.version, Literal(known["version"])
        yield version, DCTERMS.issued, _date(known["issued"])
        yield version, DCTERMS.modified, _date(known["modified"])
        yield version, RDFS.seeAlso, site.url(f"{known['path']}plan.ttl")


def _graphs(entry: Entry) -> Triples:
    """The hash of each of the plan's named graphs, by which a copy of it can be recognised."""
    for kind, facts in entry.get("graphs", {}).items():
        # a node of its own: what is said of the graph itself stands in the plan's graphs
        node = URIRef(f"{dataset_iri(entry)}#graph-{kind}")
        checksum = URIRef(f"{dataset_iri(entry)}#rdfc10-{kind}")
        yield node, RDF.type, SD.NamedGraph
        yield from labels(node, RDFS.label, words.GRAPHS[kind])
        yield node, SD.name, URIRef(f"{entry['iri']}/graph/{kind}")
        yield node, VOID.triples, integer(facts["triples"])
        yield node, SPDX.checksum, checksum
        yield checksum, RDF.type, SPDX.Checksum
        yield checksum, RDFS.label, Literal(f"{CHECKSUM} (RDFC-1.0)")
        yield from labels(checksum, RDFS.comment, words.CANONICAL)
        yield checksum, SPDX.algorithm, SHA256
        digest = Literal(facts["rdfc10"], datatype=XSD.hexBinary, normalize=False)
        yield checksum, SPDX.checksumValue, digest


def _common(subject: URIRef, node: URIRef, entry: Entry, form: Form) -> Triples:
    yield subject, DCAT.distribution, node
    yield node, RDF.type, DCAT.Distribution
    yield from labels(node, DCTERMS.title, words.form_title(form.name))
    yield from labels(node, DCTERMS.description, words.form_description(form.name, entry))
    yield node, DCAT.mediaType, URIRef(f"{MEDIA_TYPE}{form.media_type}")
    yield node, DCTERMS["format"], EU[f"file-type/{form.file_type}"]
    yield node, DCTERMS.license, URIRef(entry["licence"])
    yield node, DCATAP.availability, STABLE
    yield node, DCTERMS.issued, _date(entry["issued"])
    yield node, DCTERMS.modified, _date(entry["modified"])
    for language in LANGUAGES.values():
        yield node, DCTERMS.language, language
    if entry.get("document"):
        rights = URIRef(f"{subject}#rights")
        yield node, DCTERMS.rights, rights
        yield rights, RDF.type, DCTERMS.RightsStatement
        yield rights, RDFS.label, Literal(words.both(words.rights(entry)))


def _file(subject: URIRef, entry: Entry, form: Form, site: Site) -> Triples:
    node = URIRef(f"{subject}/{form.name}")
    yield from _common(subject, node, entry, form)
    yield node, DCAT.accessURL, site.page(entry["iri"])
    folder = f"dumps/{entry['code']}/{entry['slug']}/{entry['year']}"
    yield node, DCAT.downloadURL, site.url(f"{folder}/{form.file}")
    facts = entry["files"][form.file]
    size = Literal(str(facts["bytes"]), datatype=XSD.nonNegativeInteger, normalize=False)
    yield node, DCAT.byteSize, size
    checksum = URIRef(f"{node}#sha256")
    yield node, SPDX.checksum, checksum
    yield checksum, RDF.type, SPDX.Checksum
    yield checksum, RDFS.label, Literal(CHECKSUM)
    yield checksum, SPDX.algorithm, SHA256
    digest = Literal(facts["sha256"], datatype=XSD.hexBinary, normalize=False)
    yield checksum, SPDX.checksumValue, digest
    if form.name != "csv":
        yield node, DCTERMS.conformsTo, VOCABULARY


def _endpoint(subject: URIRef, entry: Entry, site: Site) -> Triples:
    node = URIRef(f"{subject}/{ENDPOINT.name}")
    yield from _common(subject, node, entry, ENDPOINT)
    yield node, DCAT.accessURL, site.endpoint
    yield node, DCTERMS.conformsTo, SPARQL_PROTOCOL
    # a service of its own: with a shared one each new plan would change every portal's records
    service = URIRef(f"{node}#service")
    yield node, DCAT.accessService, service
    yield from service_triples(service, site)
    yield service, DCAT.servesDataset, subject


def service_triples(subject: URIRef, site: Site) -> Triples:
    """The SPARQL endpoint as a dcat:DataService."""
    yield subject, RDF.type, DCAT.DataService
    yield from labels(subject, DCTERMS.title, words.SERVICE_TITLE)
    yield from labels(subject, DCTERMS.description, words.SERVICE_DESCRIPTION)
    yield subject, DCAT.endpointURL, site.endpoint
    yield subject, DCAT.endpointDescription, site.endpoint
    yield subject, DCTERMS.conformsTo, SPARQL_PROTOCOL
    yield subject, DCTERMS.publisher, site.publisher
    yield subject, DCAT.contactPoint, site.contact
    yield subject, DCTERMS.license, LICENCE
    yield subject, DCAT.theme, GOVERNMENT
    for keyword in ("SPARQL", "SDGs"):
        yield subject, DCAT.keyword, Literal(keyword, lang="en")
