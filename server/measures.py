"""What is measured on a release for /quality: counts of the build, the engine, the descriptions.

How long the engine takes is asked once for each release. What the resources are like was counted
when the release was built, since a query over a nation's plans would take minutes; `queries` has
the texts that find the same numbers. What is not known is None, never 0.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import VOID

from kg.counts import Counts, read_counts
from kg.figures import PLACES, Figures
from kg.query_text import put_terms
from kg.vocab import DCTERMS, PREFIXES, SD, SP, SPS
from server.context import context
from server.description import endpoint_description, void_file
from server.errors import HttpProblem
from server.negotiation import N_TRIPLES

PROLOGUE = "".join(
    f"PREFIX {name}: <{PREFIXES[name]}>\n"
    for name in ("rdf", "rdfs", "skos", "dcterms", "foaf", "sp")
)
LABELS = "rdfs:label|skos:prefLabel|skos:altLabel|dcterms:title|foaf:name"
OWN = {"sp", "sps"}
"""The prefixes of what is published here; all others of `PREFIXES` are known elsewhere."""
NO_TERMS = "".join(
    f' && !STRSTARTS(STR(?other), "{namespace}")'
    for prefix, namespace in PREFIXES.items()
    if prefix != "sdg"
)

ALIVE = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1"
ASK = "ASK {}"
CLASSES = "SELECT DISTINCT ?class WHERE { ?s a ?class }"
GRAPHS = "SELECT DISTINCT ?graph WHERE { GRAPH ?graph { ?s ?p ?o } }"

SERVICE = f"SELECT ?service WHERE {{ ?service a <{SD.Service}> }} ORDER BY ?service"

RESOURCES = f"""{PROLOGUE}SELECT ?place (COUNT(?s) AS ?number) (SUM(?label) AS ?labelled)
  (SUM(?query) AS ?queries) (SUM(?extension) AS ?extensions) (SUM(?port) AS ?ports)
  (SUM(?user) AS ?users) WHERE {{
  {{ SELECT DISTINCT ?s WHERE {{ ?s ?p ?o }} }}
  BIND(IF(isBlank(?s), "", STR(?s)) AS ?iri)
  BIND(IF(!REGEX(?iri, "^https?://"), "no-http", IF(STRSTARTS(?iri, ?base), "data",
    IF(STRSTARTS(?iri, "{SP}") || STRSTARTS(?iri, "{SPS}"), "vocabulary",
    IF(STRSTARTS(?iri, ?here), "description", "borrowed")))) AS ?place)
  BIND(IF(EXISTS {{ ?s {LABELS} ?text }}, 1, 0) AS ?label)
  BIND(IF(CONTAINS(?iri, "?"), 1, 0) AS ?query)
  BIND(IF(REGEX(?iri, "^https?://[^/]+/([^?#]*/)?[^/?#]*[.][A-Za-z][A-Za-z0-9]*([?#]|$)"), 1, 0)
    AS ?extension)
  BIND(IF(REGEX(?iri, "^https?://[^/?#]*:[0-9]+([/?#]|$)"), 1, 0) AS ?port)
  BIND(IF(REGEX(?iri, "^https?://[^/?#]*@"), 1, 0) AS ?user)
}} GROUP BY ?place"""

LABELS_BY_CLASS = f"""{PROLOGUE}SELECT ?class (COUNT(?s) AS ?number) (SUM(?label) AS ?labelled)
WHERE {{
  {{ SELECT DISTINCT ?s ?class WHERE {{ ?s a ?class FILTER(STRSTARTS(STR(?s), ?base)) }} }}
  BIND(IF(EXISTS {{ ?s {LABELS} ?text }}, 1, 0) AS ?label)
}} GROUP BY ?class ORDER BY ?class"""

DATATYPES = """SELECT ?datatype (COUNT(*) AS ?number) WHERE {
  ?s ?p ?o FILTER(isLiteral(?o)) BIND(DATATYPE(?o) AS ?datatype)
} GROUP BY ?datatype ORDER BY DESC(?number) ?datatype"""

LINKS_OUT = f"""{PROLOGUE}SELECT ?host (COUNT(*) AS ?number) WHERE {{
  ?s ?p ?other
  FILTER(isIRI(?other) && STRSTARTS(STR(?s), ?base) && ?p != rdf:type
    && !STRSTARTS(STR(?other), ?base) && !STRSTARTS(STR(?other), ?here){NO_TERMS})
  BIND(REPLACE(STR(?other), "^[a-z]+:/*([^/:#?]+).*$", "$1") AS ?host)
}} GROUP BY ?host ORDER BY DESC(?number) ?host"""

DOCUMENTS = f"""{PROLOGUE}SELECT (COUNT(?document) AS ?number) (SUM(?answer) AS ?answers) WHERE {{
  {{ SELECT DISTINCT ?document WHERE {{
    ?s ?p ?o FILTER(STRSTARTS(STR(?s), ?base))
    BIND(IRI(STRBEFORE(CONCAT(STR(?s), "#"), "#")) AS ?document) }} }}
  BIND(REGEX(SUBSTR(STR(?document), STRLEN(?base) + 1), "^[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*$")
    AS ?isPath)
  BIND(IF(?isPath && EXISTS {{ ?document ?any ?thing }}, 1, 0) AS ?answer)
}}"""

WITHOUT_LINKS = f"""{PROLOGUE}SELECT (COUNT(DISTINCT ?s) AS ?number) WHERE {{
  ?s ?p ?o FILTER(STRSTARTS(STR(?s), ?base))
  FILTER NOT EXISTS {{ ?s ?link ?other FILTER(isIRI(?other) && ?link != rdf:type) }}
}}"""

RESOURCE_NUMBERS = ("number", "labelled", "queries", "extensions", "ports", "users")
DOCUMENT_NUMBERS = ("number", "answers")
TIMED = ("ask", "classes", "graphs")
MOST_KEPT = 4

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Measures:
    """The values of one release; None = not measured. `queries` are the texts that were asked."""

    release: str
    created: str
    queries: Mapping[str, str]
    triples_of_construct: int | None
    seconds: Mapping[str, float]
    listed: Mapping[str, int | None]
    """How many classes and graphs a query lists."""
    held: Mapping[str, int | None]
    """How many there are, by the counts that were made when the release was built."""
    resources: Mapping[str, Mapping[str, int]] | None
    labels_by_class: tuple[Row, ...] | None
    datatypes: tuple[Row, ...] | None
    links_out: tuple[Row, ...] | None
    documents: Row | None
    without_links: int | None
    """The three above and this one: None where the build has not counted them."""
    terms: Mapping[str, Mapping[str, int]] | None
    """By prefix ("" = none): classes, properties, and how often each is used."""
    descriptions: Mapping[str, Mapping[str, Any]]
    """Of the service description and of VoID: triples, modified, publishers, licences, formats."""

    @property
    def is_complete(self) -> bool:
        """Whether the engine answered everything; if not, it is asked again the next time."""
        return self.triples_of_construct is not None and len(self.seconds) == len(TIMED)


_kept: dict[Path, Measures] = {}


def measures() -> Measures:
    """Those of the release that answers now; measured at the first request for it."""
    path = context().release.path
    found = _kept.get(path)
    if found is None:
        found = _measured(path)
        if found.is_complete:
            if len(_kept) >= MOST_KEPT:
                _kept.clear()
            _kept[path] = found
    return found


def _measured(path: Path) -> Measures:
    here = context()
    terms = {"base": Literal(here.settings.base_iri), "here": Literal(_address())}
    named = {name: term.n3() for name, term in terms.items()}
    queries = {
        name: put_terms(text, named)[0]
        for name, text in (
            ("alive", ALIVE), ("ask", ASK), ("classes", CLASSES), ("graphs", GRAPHS),
            ("resources", RESOURCES), ("labels", LABELS_BY_CLASS), ("datatypes", DATATYPES),
            ("links", LINKS_OUT), ("documents", DOCUMENTS), ("without-links", WITHOUT_LINKS),
        )
    }  # fmt: skip
    alive = _construct(queries["alive"])
    seconds: dict[str, float] = {}
    listed: dict[str, int | None] = {}
    for name in TIMED:
        started = time.perf_counter()
        try:
            if name == "ask":
                here.engine.ask(queries[name])
            else:
                listed[name] = len(here.engine.select(queries[name]))
        except HttpProblem:
            continue
        seconds[name] = time.perf_counter() - started
    counts = read_counts(path)
    figures = {} if counts is None else counts.figures
    without = _row(figures, "without links", ("number",))
    return Measures(
        release=here.release.id,
        created=here.release.manifest["created"],
        queries=queries,
        triples_of_construct=alive,
        seconds=seconds,
        listed=listed,
        held={
            "classes": None if counts is None else len(counts.classes),
            "graphs": None if counts is None else len(counts.graphs),
        },
        resources=_resources(figures),
        labels_by_class=_labels(figures),
        datatypes=_numbers(figures, "datatypes", "datatype"),
        links_out=_numbers(figures, "hosts", "host"),
        documents=_row(figures, "documents", DOCUMENT_NUMBERS),
        without_links=without["number"] if without else None,
        terms=None if counts is None else _terms(counts),
        descriptions={"service": _service(), "void": _void()},
    )


def _address() -> str:
    """The address of the service by its description in the store: that of the build's settings."""
    found = _rows(SERVICE) or ()
    services = [row["service"] for row in found if row["service"].endswith("/sparql")]
    return services[0].removesuffix("sparql") if services else context().settings.public_url


def _rows(text: str) -> tuple[dict[str, Any], ...] | None:
    """The solutions with numbers as numbers, a sum over nothing as 0; None if not answered."""
    try:
        found = context().engine.select(text)
    except HttpProblem:
        return None
    return tuple(
        {
            name: value.toPython() if isinstance(value, Literal) else str(value)
            for name, value in row.items()
        }
        for row in found
    )


def _resources(figures: Figures) -> dict[str, Row] | None:
    """By place, in the order of `PLACES`; only places with resources."""
    groups = {place: f"resources {place}" for place in PLACES}
    found = {p: _row(figures, g, RESOURCE_NUMBERS) for p, g in groups.items() if g in figures}
    return {place: row for place, row in found.items() if row is not None} or None


def _labels(figures: Figures) -> tuple[Row, ...] | None:
    labelled = figures.get("labelled classes", Counter())
    return tuple(
        {"class": iri, "number": number, "labelled": labelled.get(iri, 0)}
        for iri, number in sorted(figures.get("classes", Counter()).items())
    ) if figures else None  # fmt: skip


def _numbers(figures: Figures, group: str, name: str) -> tuple[Row, ...] | None:
    """The largest first."""
    ordered = sorted(figures.get(group, Counter()).items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple({name: key, "number": number} for key, number in ordered) if figures else None


def _row(figures: Figures, group: str, names: Sequence[str]) -> Row | None:
    return {name: figures.get(group, Counter()).get(name, 0) for name in names} if figures else None


def _construct(text: str) -> int | None:
    try:
        return len(context().engine.bytes_of(text, N_TRIPLES.media_type).splitlines())
    except HttpProblem:
        return None


def prefix_of(iri: str) -> str:
    """The prefix of the namespace that the term is in; "" for one in none of them."""
    found = [p for p, n in PREFIXES.items() if iri.startswith(n) and "/" not in iri[len(n) :]]
    return max(found, key=lambda prefix: len(PREFIXES[prefix]), default="")


def _terms(counts: Counts) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for kind, numbers in (("classes", counts.classes), ("properties", counts.properties)):
        for iri, number in numbers.items():
            tally = found.setdefault(prefix_of(iri), Counter())
            tally[kind] += 1
            tally["instances" if kind == "classes" else "triples"] += number
    names = ("classes", "instances", "properties", "triples")
    order = [*PREFIXES, ""]
    return {p: {n: found[p][n] for n in names} for p in sorted(found, key=order.index)}


def _service() -> dict[str, Any]:
    """The service description as it is served."""
    graph = _parsed(endpoint_description([N_TRIPLES.name]).get_data())
    formats = sorted(str(iri).rpartition("/")[2] for iri in graph.objects(None, SD.resultFormat))
    return {**_said(graph, None), "formats": formats}


def _void() -> dict[str, Any]:
    """VoID as it is served; publisher and licence are those of the whole dataset."""
    graph = _parsed(void_file(N_TRIPLES.extension).get_data())
    return _said(graph, next(iter(graph.subjects(VOID.sparqlEndpoint, None)), None))


def _parsed(body: bytes) -> Graph:
    return Graph().parse(data=body, format="nt")


def _said(graph: Graph, dataset: Any) -> dict[str, Any]:
    def values(term: URIRef) -> list[str]:
        return sorted({str(value) for value in graph.objects(dataset, term)})

    return {
        "triples": len(graph),
        "modified": values(DCTERMS.modified),
        "publishers": values(DCTERMS.publisher),
        "licences": values(DCTERMS.license),
    }
