"""What a page knows about its subject: the triples its queries found, asked by subject and term."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from rdflib import BNode, Literal, URIRef
from rdflib.term import Node

from kg.vocab import RDF, RDFS, SDG, SKOS, SP
from server.pages.lines import Line
from server.pages.terms import goal_number, term_labels

Term = URIRef | Literal | BNode
NAMING = (SKOS.prefLabel, SP.projectName, SP.targetText, SP.noteText, RDFS.label, SKOS.altLabel)
"""What names a resource, the document's words before those that we made."""
_DIGITS = re.compile(r"(\d+)")


class Facts:
    """Triples by subject and property, each once, in a natural order of their values."""

    def __init__(self, rows: Iterable[Mapping[str, Term]] = ()) -> None:
        self._found: dict[Node, dict[Node, dict[Term, None]]] = {}
        self.add(rows)

    def add(self, rows: Iterable[Mapping[str, Term]]) -> Facts:
        """Take over the solutions of a query for ?subject ?property ?value; returns itself."""
        for row in rows:
            values = self._found.setdefault(row["subject"], {}).setdefault(row["property"], {})
            values[row["value"]] = None
        return self

    def __contains__(self, subject: Node) -> bool:
        return subject in self._found

    def subjects(self, of_class: URIRef) -> list[URIRef]:
        """The IRIs of a class, in natural order."""
        found = [s for s, p in self._found.items() if of_class in p.get(RDF.type, ())]
        return sorted((s for s in found if isinstance(s, URIRef)), key=natural)

    def statements(self, subject: Node) -> Iterator[tuple[URIRef, list[Term]]]:
        """Each property of the subject with its values."""
        for item in sorted(self._found.get(subject, {}), key=natural):
            assert isinstance(item, URIRef)
            yield item, self.all(subject, item)

    def all(self, subject: Node | None, item: URIRef) -> list[Term]:
        if subject is None:
            return []
        return sorted(self._found.get(subject, {}).get(item, ()), key=natural)

    def first(self, subject: Node | None, item: URIRef) -> Term | None:
        return next(iter(self.all(subject, item)), None)

    def iri(self, subject: Node | None, item: URIRef) -> URIRef | None:
        """The first value that is an IRI."""
        return next((v for v in self.all(subject, item) if isinstance(v, URIRef)), None)

    def number(self, subject: Node | None, item: URIRef) -> int | None:
        """The first value as a whole number; None = unknown, never 0."""
        value = self.first(subject, item)
        return int(value) if value is not None and str(value).isdecimal() else None

    def lines(
        self, subject: Node | None, line: URIRef = SP.sourceLine, sheet: URIRef = SP.sourceSheet
    ) -> list[Line]:
        """The lines of the document, or rows of its sheet, that the subject was read from.

        A result of a validation may name rows of several sheets; then none is named here.
        """
        sheets = self.all(subject, sheet)
        name = str(sheets[0]) if len(sheets) == 1 else ""
        numbers = (str(value) for value in self.all(subject, line))
        return sorted(Line(name, int(number)) for number in numbers if number.isdecimal())

    def is_a(self, subject: Node, of_class: URIRef) -> bool:
        return of_class in self._found.get(subject, {}).get(RDF.type, ())

    def names(self, subject: Node | None) -> list[Literal]:
        """The names of the subject, one per language; of a term or goal, the vocabulary's."""
        if subject is None:
            return []
        for item in NAMING:
            found = [v for v in self.all(subject, item) if isinstance(v, Literal)]
            if found:
                return found
        return list(term_labels(str(subject)))

    def name(self, subject: Node | None, language: str) -> Literal | None:
        return in_language(self.names(subject), language)


def in_language(values: Iterable[Term], language: str) -> Literal | None:
    """The value in the language, else in Japanese, else the first; None if there is none."""
    literals = [value for value in values if isinstance(value, Literal)]
    for wanted in (language, "ja"):
        for value in literals:
            if value.language == wanted:
                return value
    return literals[0] if literals else None


def natural(term: Node) -> tuple[tuple[int, int, str], ...]:
    """A sort key in which No. 9 stands before No. 10."""
    parts = _DIGITS.split(str(term))
    key = tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts if p)
    language = getattr(term, "language", None) or ""
    return (*key, (1, 0, language))


def goal_of(iri: Node | None) -> int | None:
    """The number of a UN goal IRI; None for any other."""
    return None if iri is None else goal_number(str(iri), str(SDG))
