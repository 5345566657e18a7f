"""Labels of terms and goals: from the ontology's own files, and a table for borrowed terms."""

from __future__ import annotations

import re
from functools import lru_cache

from flask_babel import gettext
from rdflib import Graph, Literal, URIRef

from kg.resources import ontology_dir
from kg.vocab import (
    DCAT,
    DCTERMS,
    ORG,
    PREFIXES,
    PROV,
    QB,
    RDF,
    RDFS,
    SDG,
    SDGO,
    SKOS,
)


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is shown."""
    return text


WHITE_TEXT_GOALS = frozenset({4, 8, 10, 13, 16, 17})
BORROWED = {
    RDF.type: _("種類"),
    RDFS.seeAlso: _("関連するもの"),
    RDFS.label: _("名称"),
    RDFS.comment: _("説明"),
    SKOS.prefLabel: _("名称"),
    SKOS.altLabel: _("別の名称"),
    SKOS.notation: _("番号・記号"),
    SKOS.inScheme: _("体系"),
    SKOS.topConceptOf: _("体系（最上位）"),
    SKOS.hasTopConcept: _("最上位の概念"),
    SKOS.exactMatch: _("同じもの（外部）"),
    SKOS.closeMatch: _("近いもの（外部）"),
    SKOS.broader: _("上位の概念"),
    DCTERMS.title: _("題名"),
    DCTERMS.description: _("説明"),
    DCTERMS.source: _("出典"),
    DCTERMS.isPartOf: _("属する計画"),
    DCTERMS.creator: _("作成者"),
    DCTERMS.dateAccepted: _("受領日"),
    DCTERMS.format: _("形式"),
    DCTERMS.rights: _("権利・利用条件"),
    DCTERMS.license: _("利用条件"),
    DCTERMS.publisher: _("公表者"),
    DCTERMS.issued: _("公開日"),
    DCTERMS.modified: _("更新日"),
    DCTERMS.identifier: _("識別子"),
    DCAT.startDate: _("始期"),
    DCAT.endDate: _("終期"),
    ORG.unitOf: _("所属する自治体"),
    ORG.subOrganizationOf: _("上位の組織"),
    ORG.classification: _("組織の種別"),
    QB.dataSet: _("属する集計表"),
    QB.structure: _("集計表の構造"),
    PROV.wasDerivedFrom: _("もとになったもの"),
    PROV.wasAttributedTo: _("付与した人"),
    PROV.generatedAtTime: _("付与した日時"),
    PROV.wasGeneratedBy: _("作成した処理"),
}
BORROWED_CLASSES = {
    ORG.OrganizationalUnit: _("組織"),
    ORG.FormalOrganization: _("団体"),
    PROV.Plan: _("計画（PROV）"),
    PROV.Entity: _("もの（PROV）"),
    QB.Observation: _("集計値"),
    QB.DataSet: _("集計表"),
    SDGO.Goal: _("SDGsのゴール"),
    SKOS.Concept: _("概念"),
    SKOS.ConceptScheme: _("概念の体系"),
    DCTERMS.PeriodOfTime: _("期間"),
}


@lru_cache(maxsize=4)
def ontology_graph(name: str) -> Graph:
    """`terms`, `shapes` or `goals` of the ontology folder, read once."""
    return Graph().parse(ontology_dir() / f"{name}.ttl", format="turtle")


@lru_cache(maxsize=4096)
def term_labels(iri: str) -> tuple[Literal, ...]:
    """The labels of a term of ours or of a goal; () for all others."""
    for graph in (ontology_graph("terms"), ontology_graph("goals")):
        for item in (RDFS.label, SKOS.prefLabel, SKOS.altLabel, DCTERMS.title):
            found = [v for v in graph.objects(URIRef(iri), item) if isinstance(v, Literal)]
            if found:
                return tuple(sorted(found, key=lambda value: value.language or ""))
    return ()


def goal_number(iri: str, start: str = str(SDG)) -> int | None:
    """11 of http://metadata.un.org/sdg/11; None for any other IRI."""
    number = iri.removeprefix(start)
    if number == iri or not re.fullmatch(r"[1-9]|1[0-7]", number):
        return None
    return int(number)


def goal_iri(number: int) -> URIRef:
    return SDG[str(number)]


def borrowed_label(iri: URIRef) -> str | None:
    """The interface word for a borrowed property or class, in the language of the page."""
    text = BORROWED.get(iri) or BORROWED_CLASSES.get(iri)
    return None if text is None else str(gettext(text))


def shortened(iri: str) -> str:
    """`sp:iconCount` for an IRI in a known namespace; else the IRI itself."""
    for prefix, namespace in PREFIXES.items():
        local = iri.removeprefix(namespace)
        if local and local != iri and re.fullmatch(r"[\w.-]+", local):
            return f"{prefix}:{local}"
    return iri
