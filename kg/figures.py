"""What a release's resources are like, for /quality: names, links, data types, forms of IRIs.

Counted like the rest of `kg.counts`, from the published lines and one municipality at a time;
the queries in `server.measures` find the same numbers, which the suite compares.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.vocab import DCTERMS, FOAF, PREFIXES, RDF, RDFS, SKOS, SP, SPS, XSD

Figures = dict[str, Counter[str]]
"""Numbers by group and name.

`datatypes` and `hosts` count triples: literals by data type, links from our data by the host they
lead to. `resources …` count subjects of one kind: in all and those with a name, and by what is odd
about their IRIs. `classes` and `labelled classes` count instances, `documents` and
`without links` what is ours.
"""

Statements = Sequence[tuple[str, str]]
"""Property and value of one subject, as N-Quads write them."""

PLACES = ("data", "vocabulary", "description", "borrowed", "no-http")
"""Whose a resource is: below the base IRI, our vocabulary, an address of the service, another's."""

_NAMES = {f"<{term}>" for term in (RDFS.label, SKOS.prefLabel, SKOS.altLabel, DCTERMS.title,
                                   FOAF.name)}  # fmt: skip
_TYPE = f"<{RDF.type}>"
_TERMS = tuple(f"<{namespace}" for prefix, namespace in PREFIXES.items() if prefix != "sdg")
_VOCABULARY = (f"<{SP}", f"<{SPS}")
_HOST = re.compile("[a-z]+:/*([^/:#?]+)")
_ODD = {
    "queries": re.compile("[?]"),
    "extensions": re.compile("https?://[^/]+/([^?#]*/)?[^/?#]*[.][A-Za-z][A-Za-z0-9]*([?#]|$)"),
    "ports": re.compile("https?://[^/?#]*:[0-9]+([/?#]|$)"),
    "users": re.compile("https?://[^/?#]*@"),
}
_PATH = re.compile("[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, slots=True)
class Own:
    """What is ours: the base of the IRIs, and the address of the service."""

    base_iri: str
    public_url: str


def figures_of(subjects: Mapping[str, Statements], own: Own) -> Figures:
    """The figures of subjects with all their statements; each as N-Quads write it."""
    figures: Figures = {}
    documents: dict[str, None] = {}
    base = f"<{own.base_iri}"
    not_out = (base, f"<{own.public_url}", *_TERMS)
    datatypes: Counter[str] = Counter()
    hosts: Counter[str] = Counter()
    for subject, statements in subjects.items():
        is_ours, has_link = subject.startswith(base), False
        is_named = False
        classes = set()
        for term, value in statements:
            is_named = is_named or term in _NAMES
            if value[0] != "<":
                datatypes[_datatype(value)] += 1
            elif term == _TYPE:
                classes.add(value[1:-1])
            elif is_ours:
                has_link = True
                if not value.startswith(not_out):
                    hosts[_host(value[1:-1])] += 1
        _count_resource(figures, subject, _place(subject, own), is_named)
        if is_ours:
            documents[subject[1:-1].partition("#")[0]] = None
            if not has_link:
                _add(figures, "without links", "number")
            for iri in classes:
                _add(figures, "classes", iri)
                if is_named:
                    _add(figures, "labelled classes", iri)
    _count_documents(figures, documents, subjects, own.base_iri)
    figures |= {"datatypes": datatypes} if datatypes else {}
    return figures | ({"hosts": hosts} if hosts else {})


def add_figures(figures: Figures, other: Mapping[str, Mapping[str, int]]) -> None:
    """Add figures of things that are not counted here."""
    for group, numbers in other.items():
        figures.setdefault(group, Counter()).update(numbers)


def subtract_figures(figures: Figures, less: Mapping[str, Mapping[str, int]]) -> None:
    """Take away figures that were added; nothing is left of what is then nowhere."""
    for group, numbers in less.items():
        counter = figures[group]
        counter.subtract(numbers)
        for name in numbers:
            if not counter[name]:
                del counter[name]
        if not counter:
            del figures[group]


def sorted_figures(figures: Figures) -> dict[str, dict[str, int]]:
    """The figures as JSON values, in the order of their names."""
    return {group: dict(sorted(counter.items())) for group, counter in sorted(figures.items())}


def _add(figures: Figures, group: str, name: str) -> None:
    figures.setdefault(group, Counter())[name] += 1


def _count_resource(figures: Figures, subject: str, place: str, is_named: bool) -> None:
    iri, group = subject[1:-1], f"resources {place}"
    _add(figures, group, "number")
    if is_named:
        _add(figures, group, "labelled")
    for kind, odd in _ODD.items():
        if odd.match(iri) if kind != "queries" else "?" in iri:
            _add(figures, group, kind)


def _count_documents(
    figures: Figures, documents: Iterable[str], subjects: Mapping[str, Statements], base_iri: str
) -> None:
    for document in documents:
        _add(figures, "documents", "number")
        is_path = _PATH.fullmatch(document[len(base_iri) :])
        if is_path and f"<{document}>" in subjects:
            _add(figures, "documents", "answers")


def _place(subject: str, own: Own) -> str:
    if not subject.startswith(("<http://", "<https://")):
        return "no-http"
    if subject.startswith(f"<{own.base_iri}"):
        return "data"
    if subject.startswith(_VOCABULARY):
        return "vocabulary"
    return "description" if subject.startswith(f"<{own.public_url}") else "borrowed"


def _host(iri: str) -> str:
    found = _HOST.match(iri)
    return found[1] if found else iri


def _datatype(value: str) -> str:
    # what follows the last quote decides: quotes within the text are escaped
    end = value.rpartition('"')[2]
    if end.startswith("^^<"):
        return end[3:-1]
    return str(RDF.langString if end.startswith("@") else XSD.string)
