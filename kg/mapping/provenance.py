"""Which document, line and run of the program a resource comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath

from rdflib import URIRef

from kg.mapping.terms import Context, Triples, day, english, integer, japanese, labels, plain
from kg.measures import Report
from kg.origin import Origin
from kg.records import Plan
from kg.vocab import DCTERMS, FOAF, PROV, RDF, SKOS, SP

MEDIA_TYPES = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".pdf": "application/pdf",
}


def stated_by(
    subject: URIRef,
    context: Context,
    origin: Origin | None = None,
    more: Iterable[int] = (),
    document: URIRef | None = None,
) -> Triples:
    """The document that states a resource, the sheet or page, and the lines or rows where it does.

    `more` are numbers of further lines or rows, all in the sheet of `origin`. `document` is
    another one than the plan's.
    """
    yield subject, DCTERMS.source, document or context.iris.document
    if origin is None:
        return
    yield from place_triples(subject, origin, SP.sourceLine, SP.sourceSheet, more)
    if origin.page is not None:
        yield subject, SP.sourcePage, integer(origin.page)


def place_triples(
    subject: URIRef, origin: Origin, line: URIRef, sheet: URIRef, more: Iterable[int] = ()
) -> Triples:
    """Where something stands, by the properties for its lines and for its sheet."""
    numbers = (origin.number, *more)
    for number in dict.fromkeys(number for number in numbers if number is not None):
        yield subject, line, integer(number)
    if origin.sheet is not None:
        yield subject, sheet, plain(origin.sheet)


def document_triples(plan: Plan, context: Context) -> Triples:
    """The document as received: checksum, terms of use, what a reader must know of it."""
    settings = context.settings
    title = settings["document.title"] or settings["plan.title"]
    yield from _document(context.iris.document, "document", title, plan.sha256, context)


def report_document_triples(report: Report, context: Context) -> Triples:
    """The report as received, and the plan that it reports on."""
    settings, subject = context.settings, context.iris.report_document
    ja, en = f"{settings['plan.title']['ja']}の実施報告", settings["plan.title"].get("en")
    made = {"ja": ja} | ({"en": f"Report on: {en}"} if en else {})
    title = settings["report.title"] or made
    yield from _document(subject, "report", title, report.sha256, context)
    yield subject, SP.reportsOn, context.iris.plan


def _document(
    subject: URIRef, table: str, title: Mapping[str, str], sha256: str, context: Context
) -> Triples:
    """A document by the keys of one table of plan.toml."""
    settings = context.settings
    yield subject, RDF.type, SP.SourceDocument
    yield subject, RDF.type, FOAF.Document
    yield subject, RDF.type, PROV.Entity
    yield from labels(subject, SKOS.prefLabel, title)
    yield from labels(subject, DCTERMS.description, settings[f"{table}.note"] or {})
    yield subject, DCTERMS.creator, context.iris.municipality
    suffix = PurePath(settings[f"{table}.file"]).suffix.lower()
    yield subject, DCTERMS["format"], plain(MEDIA_TYPES[suffix])
    yield subject, SP.sha256, plain(sha256)
    if settings[f"{table}.received"]:
        yield subject, DCTERMS.dateAccepted, day(settings[f"{table}.received"])
    licence = settings[f"{table}.licence"]
    if licence != "unknown":
        yield subject, DCTERMS.license, URIRef(licence)
        return
    yield subject, DCTERMS.rights, japanese(RIGHTS_JA)
    yield subject, DCTERMS.rights, english(RIGHTS_EN)


RIGHTS_JA = (
    "この文書の利用条件は確認できていません。文章は自治体のもので、出典を示して引用しています。"
)
RIGHTS_EN = (
    "The terms of use of this document are not confirmed. "
    "Its texts are the municipality's and are quoted with their source."
)
DERIVED = {
    "links": (
        "関連付けのグラフ（人の判断を含む）",
        "graph of goal links and people's decisions",
    ),
    "report": ("検証結果のグラフ", "graph of the validation report"),
}


def derived_graph_triples(context: Context) -> Triples:
    """What the graphs are that follow from the source graph."""
    for kind, (ja, en) in DERIVED.items():
        graph = context.iris.graph(kind)
        yield graph, RDF.type, PROV.Entity
        yield graph, PROV.wasDerivedFrom, context.iris.graph("source")
        yield graph, SKOS.prefLabel, japanese(ja)
        yield graph, SKOS.prefLabel, english(en)


def run_triples(context: Context) -> Triples:
    """The source graph, derived from the document by this program (one PROV activity)."""
    graph = context.iris.graph("source")
    run = URIRef(f"{graph}#extraction")
    yield graph, RDF.type, PROV.Entity
    yield graph, SKOS.prefLabel, japanese("原典のグラフ（文書に記載されたこと）")
    yield graph, SKOS.prefLabel, english("source graph: what the document states")
    yield graph, PROV.wasDerivedFrom, context.iris.document
    yield graph, PROV.wasGeneratedBy, run
    yield run, RDF.type, PROV.Activity
    yield run, PROV.used, context.iris.document
    yield run, SKOS.prefLabel, japanese("文書からの機械的な抽出（記載どおり）")
    yield run, SKOS.prefLabel, english("mechanical extraction from the document, as printed")
