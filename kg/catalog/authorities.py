"""Terms of others that the catalogue uses, each with the type and label that readers look for.

DCAT-AP wants a type on every value. ckanext-dcat 2.4 takes a labelled value's label instead of
its IRI; that is wanted for media types and formats and unwanted for licences, which therefore
have a title and no label. Its format needs dct:IMT, which sorts before the class of DCAT.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rdflib import Literal, Namespace, URIRef

from kg.catalog.site import Site
from kg.mapping.terms import Triple, Triples, english, japanese, plain
from kg.vocab import DCTERMS, FOAF, RDF, RDFS, SKOS, SPDX, VCARD

EU = Namespace("http://publications.europa.eu/resource/authority/")
MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"
GOVERNMENT = EU["data-theme/GOVE"]
DATA_THEMES = EU["data-theme"]
ANNUAL = EU["frequency/ANNUAL"]
PUBLIC = EU["access-right/PUBLIC"]
STABLE = EU["planned-availability/STABLE"]
JAPAN = EU["country/JPN"]
WITHDRAWN = URIRef("http://purl.org/adms/status/Withdrawn")
ADMS_STATUS = URIRef("http://purl.org/adms/status/1.0")
LANGUAGES = {"ja": EU["language/JPN"], "en": EU["language/ENG"]}
PUBLISHER_TYPE = "http://purl.org/adms/publishertype/"
ATTRIBUTION = URIRef("http://purl.org/adms/licencetype/Attribution")
"""Both licences that are offered for data ask for this and nothing else."""
SHA256 = SPDX.checksumAlgorithm_sha256
SPARQL_PROTOCOL = URIRef("https://www.w3.org/TR/sparql11-protocol/")
UN_GOALS = URIRef("http://metadata.un.org/sdg")

_CONCEPTS = {
    GOVERNMENT: ("政府・公共セクター", "Government and public sector"),
    WITHDRAWN: ("取り下げ", "Withdrawn"),
    STABLE: ("安定", "Stable"),
}
_TYPED = {
    ANNUAL: (DCTERMS.Frequency, "年次", "annual"),
    LANGUAGES["ja"]: (DCTERMS.LinguisticSystem, "日本語", "Japanese"),
    LANGUAGES["en"]: (DCTERMS.LinguisticSystem, "英語", "English"),
}
# without a label: CKAN keeps the IRI
_BARE = {PUBLIC: DCTERMS.RightsStatement, SPARQL_PROTOCOL: DCTERMS.Standard}
_SCHEMES = {
    DATA_THEMES: ("EUのデータ分野", "Data themes of the EU"),
    UN_GOALS: ("持続可能な開発目標", "Sustainable Development Goals"),
}
LICENCE_TITLES = {
    "https://creativecommons.org/licenses/by/4.0/": "Creative Commons Attribution",
    "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0": (
        "公共データ利用規約（第1.0版）"
    ),
}
"""The titles by which portals know licences; CKAN's own register has the first."""


def neighbours(triples: Iterable[Triple], site: Site) -> Triples:
    """What is to be said of the terms of others that occur as values in the triples."""
    used = dict.fromkeys(value for _, _, value in triples if isinstance(value, URIRef))
    for value in used:
        yield from _about(value, site)


def media_type_triples(media_type: str) -> Triples:
    """The IANA media type, labelled as it is written in HTTP."""
    subject = URIRef(f"{MEDIA_TYPE}{media_type}")
    yield subject, RDF.type, DCTERMS.MediaType
    yield subject, RDFS.label, plain(media_type)


def file_type_triples(code: str, label: str) -> Triples:
    """The EU's file type, labelled as portals show formats."""
    subject = EU[f"file-type/{code}"]
    yield subject, RDF.type, DCTERMS.IMT
    yield subject, RDF.type, DCTERMS.MediaTypeOrExtent
    yield subject, RDFS.label, plain(label)


def goal_triples(goal: URIRef, names: dict[str, str]) -> Triples:
    """A goal of the UN as a theme. Not for the store: the vocabulary describes goals there."""
    yield goal, RDF.type, SKOS.Concept
    for language, name in names.items():
        yield goal, SKOS.prefLabel, Literal(name, lang=language)


def operator_triples(site: Site) -> Triples:
    """Who runs the service, and where to ask: nothing is made up that the settings lack."""
    yield site.publisher, RDF.type, FOAF.Agent
    yield site.publisher, FOAF.name, plain(site.publisher_name)
    yield site.publisher, FOAF.homepage, site.url("")
    kind = (
        URIRef(f"{PUBLISHER_TYPE}{site.operator_type}") if site.operator_type else _unstated(site)
    )
    yield site.publisher, DCTERMS.type, kind
    yield kind, RDF.type, SKOS.Concept
    if not site.operator_type:
        yield kind, SKOS.prefLabel, japanese("運営者の種別は設定されていません")
        yield kind, SKOS.prefLabel, english("The type of the operator is not stated")
    yield site.contact, RDF.type, VCARD.Kind
    yield site.contact, RDF.type, VCARD.Organization
    yield site.contact, VCARD.fn, plain(site.publisher_name)
    is_mail = site.contact_url.startswith("mailto:")
    yield site.contact, VCARD.hasEmail if is_mail else VCARD.hasURL, site.contact_url
    if is_mail:
        yield site.publisher, FOAF.mbox, site.contact_url


def _unstated(site: Site) -> URIRef:
    return site.iri("catalog#unstated")


def _about(value: URIRef, site: Site) -> Iterator[Triple]:
    titles = LICENCE_TITLES | dict(site.licence_titles)
    if value in _CONCEPTS:
        yield value, RDF.type, SKOS.Concept
        yield value, SKOS.prefLabel, japanese(_CONCEPTS[value][0])
        yield value, SKOS.prefLabel, english(_CONCEPTS[value][1])
        if value == WITHDRAWN:
            yield value, SKOS.inScheme, ADMS_STATUS
            yield ADMS_STATUS, RDF.type, SKOS.ConceptScheme
            yield ADMS_STATUS, DCTERMS.title, english("ADMS status")
    elif value in _TYPED:
        kind, ja, en = _TYPED[value]
        yield value, RDF.type, kind
        yield value, SKOS.prefLabel, japanese(ja)
        yield value, SKOS.prefLabel, english(en)
    elif value in _BARE:
        yield value, RDF.type, _BARE[value]
    elif value in _SCHEMES:
        ja, en = _SCHEMES[value]
        yield value, RDF.type, SKOS.ConceptScheme
        yield value, DCTERMS.title, japanese(ja)
        yield value, DCTERMS.title, english(en)
    elif value == JAPAN:
        yield value, RDF.type, DCTERMS.Location
        yield value, SKOS.prefLabel, japanese("日本")
        yield value, SKOS.prefLabel, english("Japan")
    elif str(value) in titles:
        yield value, RDF.type, DCTERMS.LicenseDocument
        yield value, DCTERMS.title, plain(titles[str(value)])
        if str(value) in LICENCE_TITLES:
            yield value, DCTERMS.type, ATTRIBUTION
            yield ATTRIBUTION, RDF.type, SKOS.Concept
            yield ATTRIBUTION, SKOS.prefLabel, japanese("表示")
            yield ATTRIBUTION, SKOS.prefLabel, english("Attribution")
