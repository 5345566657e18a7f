"""Namespaces and terms: the only place where they are spelled.

`SP` holds every term of `ontology/terms.ttl`; asking it for another one raises
AttributeError, so a misspelt term cannot be published. Terms with a hyphen (the
concepts) are read as `SP["status-new"]`. Source of the terms: the vocabulary
tables of the specification, repeated in docs/reference/terms.md.
"""

from __future__ import annotations

from rdflib import Namespace, URIRef
from rdflib.namespace import (
    DCTERMS,
    FOAF,
    ORG,
    OWL,
    PROV,
    QB,
    RDF,
    RDFS,
    SH,
    SKOS,
    VOID,
    XSD,
    DefinedNamespace,
)

SDG = Namespace("http://metadata.un.org/sdg/")  # http, never https: the other form does not join
SDGO = Namespace("http://metadata.un.org/sdg/ontology#")
SCHEMA = Namespace("https://schema.org/")
SPS = Namespace("https://w3id.org/jp-sdgplan/shapes#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
ADMS = Namespace("http://www.w3.org/ns/adms#")
CHANGESET = Namespace("http://purl.org/vocab/changeset/schema#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMATS = Namespace("http://www.w3.org/ns/formats/")
AREA_CODE = Namespace("http://data.e-stat.go.jp/lod/sac/C")
CORPORATE_NUMBER = Namespace("http://hojin-info.go.jp/data/basic/")


class DCAT(DefinedNamespace):
    """The terms of DCAT 3 that are used here; rdflib's own list is that of DCAT 2."""

    _fail = True
    _NS = Namespace("http://www.w3.org/ns/dcat#")

    Catalog: URIRef
    DataService: URIRef
    Dataset: URIRef
    DatasetSeries: URIRef
    Distribution: URIRef
    accessService: URIRef
    accessURL: URIRef
    byteSize: URIRef
    contactPoint: URIRef
    dataset: URIRef
    distribution: URIRef
    downloadURL: URIRef
    endDate: URIRef
    endpointDescription: URIRef
    endpointURL: URIRef
    inSeries: URIRef
    keyword: URIRef
    landingPage: URIRef
    mediaType: URIRef
    servesDataset: URIRef
    service: URIRef
    startDate: URIRef
    theme: URIRef
    themeTaxonomy: URIRef
    version: URIRef


class SP(DefinedNamespace):
    """The project's own vocabulary."""

    _fail = True
    _NS = Namespace("https://w3id.org/jp-sdgplan/ns#")
    _extras = [
        # listing and review status
        "scheme-status", "status-new", "status-added", "status-new-or-added",
        "status-continued", "status-completed", "status-abolished",
        "status-completed-or-abolished", "status-routine", "status-merged",
        # basis of a goal link
        "scheme-basis", "basis-stated", "basis-curated", "basis-inferred",
        "basis-count-only", "basis-none",
        # items of the balance table
        "scheme-balance-item", "item-current", "item-new-or-added", "item-continued",
        "item-previous", "item-completed-or-abolished", "item-routine", "item-merged",
        # kinds of organizational units, by the last word of their name
        "scheme-unit-type", "unit-type-department", "unit-type-bureau",
        "unit-type-health-centre", "unit-type-section", "unit-type-centre",
        "unit-type-community-centre",
        # executive bodies: curated only
        "scheme-authority", "authority-mayor", "authority-board-of-education",
        "authority-public-enterprise",
        # funding accounts
        "scheme-account", "account-long-term-care", "account-waterworks",
        # kinds of targets
        "scheme-target-kind", "target-numeric", "target-estimate", "target-activity",
        "target-remark",
        # completeness of the goal links of a plan
        "scheme-completeness", "complete", "partial",
        # data structure definitions of the cubes
        "structure-goal-count", "structure-balance", "structure-balance-total",
        "structure-expected-count",
        "component-plan", "component-goal", "component-policy", "component-item",
        "component-unit", "component-count", "component-expected-count",
        "component-cell-text", "component-printed-label",
        # the cubes of the statistics, over all plans
        "structure-statistics-plan", "structure-statistics-goal",
        "structure-statistics-goal-expected", "structure-statistics-policy",
        "structure-statistics-unit",
        "component-municipality", "component-fiscal-year", "component-basis",
        "component-prefecture", "component-certainty", "component-statistic",
        # what a number of the statistics counts, and how certain it is
        "scheme-count-basis", "count-published", "count-listed", "count-stated",
        "count-curated", "count-expected",
        "scheme-count-certainty", "count-exact", "count-at-least",
    ]  # fmt: skip

    # classes
    Municipality: URIRef
    MadeUpMunicipality: URIRef
    Plan: URIRef
    BasicPlan: URIRef
    ImplementationPlan: URIRef
    FiscalYear: URIRef
    Policy: URIRef
    Project: URIRef
    ContinuingProject: URIRef
    SdgLink: URIRef
    SdgRejection: URIRef
    PlannedTarget: URIRef
    ProjectChange: URIRef
    PlanNote: URIRef
    FundingAccount: URIRef
    SourceDocument: URIRef
    GoalCountObservation: URIRef
    BalanceObservation: URIRef
    BalanceTotalObservation: URIRef
    ExpectedCountObservation: URIRef
    Statistic: URIRef
    PlanStatistic: URIRef
    GoalStatistic: URIRef
    ExpectedGoalStatistic: URIRef
    PolicyStatistic: URIRef
    UnitStatistic: URIRef
    PlanVersion: URIRef

    # municipality and plan
    localGovernmentCode: URIRef
    standardAreaCode: URIRef
    corporateNumber: URIRef
    municipality: URIRef
    policyScheme: URIRef
    fiscalYear: URIRef
    previousPlan: URIRef
    publishedProjectCount: URIRef
    projectCountLine: URIRef
    projectCountSheet: URIRef
    publishedLinkCount: URIRef
    linkCountLine: URIRef
    linkCountSheet: URIRef
    sdgLinkCompleteness: URIRef
    year: URIRef
    note: URIRef
    noteText: URIRef
    sha256: URIRef

    # versions of a plan's data
    versionOfPlan: URIRef
    canonicalSha256: URIRef
    changedGraph: URIRef

    # project
    inPlan: URIRef
    number: URIRef
    printedName: URIRef
    policy: URIRef
    responsibleUnit: URIRef
    printedUnit: URIRef
    authority: URIRef
    listingStatus: URIRef
    deliveryNote: URIRef
    account: URIRef
    iconCount: URIRef
    sdgLinkBasis: URIRef
    sdgGoal: URIRef
    statedSdgGoal: URIRef
    curatedSdgGoal: URIRef
    candidateSdgGoal: URIRef
    versionOf: URIRef
    target: URIRef
    nameKey: URIRef
    sourceLine: URIRef
    sourceSheet: URIRef

    # goal link record
    linkedProject: URIRef
    linkedGoal: URIRef
    rejectedProject: URIRef
    rejectedGoal: URIRef
    basis: URIRef
    evidence: URIRef
    confidence: URIRef

    # how links are estimated
    methodVersion: URIRef
    wordListSha256: URIRef

    # target
    order: URIRef
    targetText: URIRef
    targetLabel: URIRef
    targetValue: URIRef
    targetUnit: URIRef
    targetKind: URIRef
    dueFiscalYear: URIRef

    # review
    changeKind: URIRef
    countedUnder: URIRef
    projectName: URIRef
    listedProject: URIRef
    mergedInto: URIRef

    # observations
    dimPlan: URIRef
    dimGoal: URIRef
    dimPolicy: URIRef
    dimItem: URIRef
    dimUnit: URIRef
    dimMunicipality: URIRef
    dimFiscalYear: URIRef
    dimBasis: URIRef
    prefecture: URIRef
    statisticCount: URIRef
    countCertainty: URIRef
    expectedProjectCount: URIRef
    projectCount: URIRef
    cellText: URIRef
    printedLabel: URIRef


# rdflib spells a term anew each time it is read; as attributes they are found, in a build of
# many plans a tenth of its time
for _namespace in (DCAT, DCTERMS, FOAF, ORG, OWL, PROV, QB, RDF, RDFS, SH, SKOS, SP, VOID, XSD):
    for _name in _namespace.__annotations__:
        if not _name.startswith("_"):
            setattr(_namespace, _name, _namespace[_name])

PREFIXES: dict[str, str] = {
    "sp": str(SP),
    "sps": str(SPS),
    "sdg": str(SDG),
    "sdgo": str(SDGO),
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "xsd": str(XSD),
    "owl": str(OWL),
    "skos": str(SKOS),
    "dcterms": str(DCTERMS),
    "dcat": str(DCAT),
    "foaf": str(FOAF),
    "org": str(ORG),
    "prov": str(PROV),
    "qb": str(QB),
    "schema": str(SCHEMA),
    "sh": str(SH),
    "void": str(VOID),
    "sd": str(SD),
    "vcard": str(VCARD),
    "spdx": str(SPDX),
    "adms": str(ADMS),
    "dcatap": str(DCATAP),
    "hydra": str(HYDRA),
    "cs": str(CHANGESET),
}
"""Prefix -> namespace, in the order in which every Turtle file declares them."""

__all__ = [
    "ADMS", "AREA_CODE", "CHANGESET", "CORPORATE_NUMBER", "DCAT", "DCATAP", "DCTERMS", "FOAF",
    "FORMATS", "HYDRA", "ORG", "OWL", "PREFIXES", "PROV", "QB", "RDF", "RDFS", "SCHEMA", "SD",
    "SDG", "SDGO", "SH", "SKOS", "SP", "SPDX", "SPS", "VCARD", "VOID", "XSD",
]  # fmt: skip
