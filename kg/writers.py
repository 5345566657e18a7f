"""A graph as text: sorted Turtle, N-Quads, JSON-LD, and its canonical hash.

Same triples, same bytes, in whatever order they come: each term becomes text once, terms are
ranked, triples sorted by rank and joined, more than ten times as fast as rdflib's serializer
(benchmarks/turtle.py). Blank nodes would get new names with each build, so they are refused.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import add

import pyoxigraph as ox
from rdflib import URIRef
from rdflib.namespace import RDF
from rdflib.term import Node

from kg.errors import UnpublishableTerm
from kg.term_text import TYPE_PLACE, Term, exact_text, iri_text, term_text
from kg.vocab import PREFIXES

Triple = tuple[Node, Node, Node]

_ESCAPED = re.compile(r"\\(?:uFFF[EF]|.)")
_TYPE, _ID = f"<{RDF.type}>", '{"@id": '
_RAW = {"\\uFFFE": "\ufffe", "\\uFFFF": "\uffff"}


@dataclass(frozen=True, slots=True)
class Sorted:
    """The triples of one graph, ordered and without repetitions; made by `sort_triples`.

    `terms` are ordered, `rows` are numbers of subject, predicate and object in one integer.
    """

    terms: Sequence[Term]
    rows: Sequence[int]
    prefixes: Mapping[str, str]
    """Those that the Turtle of these triples uses."""

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        count = len(self.terms)
        for row in self.rows:
            pair, o = divmod(row, count)
            yield *divmod(pair, count), o

    def __len__(self) -> int:
        return len(self.rows)


def sort_triples(triples: Iterable[Triple], text_of: Callable[[Node], Term] = term_text) -> Sorted:
    """The triples in the order of every dump; to write several forms, sort once.

    IRIs are ordered as people count, project/2 before project/10; a resource comes before
    what is named below it. rdf:type and labels come first. Raises UnpublishableTerm for a
    term that `engine_term` refuses, and for a literal that is no object.
    """
    # millions of triples pass here: loops are map and zip where that is possible
    nodes = list(chain.from_iterable(triples))  # keeps each alive, so that its id() stays its own
    keys = list(map(id, nodes))
    found = {key: text_of(node) for key, node in dict(zip(keys, nodes, strict=True)).items()}
    ordered = sorted(set(found.values()))
    count = len(ordered)
    place = {term: number for number, term in enumerate(ordered)}
    rank = {key: place[term] for key, term in found.items()}
    ranks = list(map(rank.__getitem__, keys))
    subjects, predicates, objects = ranks[::3], ranks[1::3], ranks[2::3]
    for number in {*subjects, *predicates}:
        if ordered[number].canonical[0] != "<":
            raise UnpublishableTerm("A literal can be neither subject nor predicate.")
    pairs = map(add, map(count.__mul__, subjects), predicates)
    rows = sorted(set(map(add, map(count.__mul__, pairs), objects)))
    used = {term.prefix for term in ordered}
    if ordered and ordered[0].sort_key[0] == TYPE_PLACE and (0 in objects or 0 in subjects):
        used.add("rdf")  # rdf:type is written a, but only as a predicate
    return Sorted(ordered, rows, {n: iri for n, iri in PREFIXES.items() if n in used})


def turtle(triples: Iterable[Triple] | Sorted) -> bytes:
    """The triples as Turtle: one block per subject, rdf:type and labels first, each triple once.

    Only prefixes of `kg.vocab.PREFIXES` that are used are declared, in its order.
    """
    graph = _as_sorted(triples)
    texts = [term.turtle for term in graph.terms]
    predicates = texts
    if texts and graph.terms[0].sort_key[0] == TYPE_PLACE:
        predicates = ["a", *texts[1:]]
    count, out = len(texts), list[str]()
    subject = pair = -1
    for row in graph.rows:
        pair_of_row, o = divmod(row, count)
        if pair_of_row == pair:
            out += " ,\n        ", texts[o]
            continue
        pair = pair_of_row
        s, p = divmod(pair, count)
        if s == subject:
            out += " ;\n    ", predicates[p], " ", texts[o]
        else:
            out += " .\n\n" if out else "", texts[s], " ", predicates[p], " ", texts[o]
            subject = s
    if not out:
        return b""
    head = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in graph.prefixes.items())
    return _readable("".join((head, "\n" if head else "", *out, " .\n"))).encode()


def nquads(triples: Iterable[Triple] | Sorted, graph_iri: URIRef) -> bytes:
    """The triples as N-Quads in the graph `graph_iri`, each once, in the order of `turtle`."""
    end = f" {iri_text(str(graph_iri)).canonical} .\n"
    return _readable("".join(_lines(_as_sorted(triples), end))).encode()


def jsonld(triples: Iterable[Triple] | Sorted) -> bytes:
    """The triples as JSON-LD: prefixes in the context, one line per resource.

    It is the expanded form, with the IRIs shortened that a prefix covers. Written here and not by
    the engine, whose output would have to be read and written once more for that.
    """
    graph = _as_sorted(triples)
    short = _Shortened(graph.terms)
    nodes, properties, values = list[str](), list[str](), list[str]()
    count, rows = len(graph.terms), graph.rows
    for number, row in enumerate(rows):
        pair, o = divmod(row, count)
        values.append(short.value(o))
        next_pair = rows[number + 1] // count if number + 1 < len(rows) else -1
        if next_pair == pair:
            continue
        s, p = divmod(pair, count)
        properties.append(short.property(p, values))
        values = []
        if next_pair < 0 or next_pair // count != s:
            nodes.append(f'{{"@id": {short.iri(s)}, {", ".join(properties)}}}')
            properties = []
    used = {name: iri for name, iri in PREFIXES.items() if name in short.used}
    body = ",\n".join(nodes)
    return f'{{"@context": {json.dumps(used, indent=1)},\n"@graph": [\n{body}\n]}}\n'.encode()


def document(triples: Iterable[Triple], media_type: str) -> bytes:
    """A description as Turtle, JSON-LD, RDF/XML or N-Triples; its literals stay as they are."""
    graph = sort_triples(triples, exact_text)
    if media_type == "text/turtle":
        return turtle(graph)
    if media_type == "application/ld+json":
        return jsonld(graph)
    lines = _readable("".join(_lines(graph, " .\n"))).encode()
    if media_type == "application/n-triples":
        return lines
    if media_type != "application/rdf+xml":
        raise ValueError(f"{media_type} is not a form of RDF that is written here")
    out = io.BytesIO()
    parsed = ox.parse(lines, ox.RdfFormat.N_TRIPLES)
    ox.serialize(parsed, out, ox.RdfFormat.RDF_XML, prefixes=dict(graph.prefixes))
    return out.getvalue()


def canonical_hash(triples: Iterable[Triple] | Sorted) -> str:
    """The SHA-256, in hex, of the graph's canonical N-Quads (RDFC-1.0), graph name left out.

    Without blank nodes RDFC-1.0 has nothing to name: its canonical form are the lines of the
    canonical N-Quads in the order of code points.
    """
    lines = sorted(_lines(_as_sorted(triples), " .\n"))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _as_sorted(triples: Iterable[Triple] | Sorted) -> Sorted:
    return triples if isinstance(triples, Sorted) else sort_triples(triples)


def _lines(graph: Sorted, end: str) -> Iterator[str]:
    texts = [term.canonical for term in graph.terms]
    return (f"{texts[s]} {texts[p]} {texts[o]}{end}" for s, p, o in graph)


def _readable(text: str) -> str:
    # rapper reads U+FFFE and U+FFFF as they are, but stops at their escaped forms
    if "\\uFFF" not in text:
        return text
    return _ESCAPED.sub(lambda found: _RAW.get(found[0], found[0]), text)


class _Shortened:
    """Terms, by their number, as JSON; IRIs shortened, and which prefixes that took.

    A prefix that is also the scheme of an IRI is not used: sp:x would be taken for the other.
    """

    def __init__(self, terms: Sequence[Term]) -> None:
        self._terms = terms
        self._schemes = {term.canonical[1:].partition(":")[0] for term in terms}
        self._iris: dict[int, str] = {}
        self._values: dict[int, str] = {}
        self.used: set[str] = set()

    def iri(self, number: int) -> str:
        found = self._iris.get(number)
        if found is None:
            found = self._iris[number] = self._iri(self._terms[number].canonical[1:-1])
        return found

    def value(self, number: int) -> str:
        found = self._values.get(number)
        if found is None:
            found = self._values[number] = self._value(number)
        return found

    def property(self, number: int, values: Sequence[str]) -> str:
        """The property with its values; @type for rdf:type."""
        is_type = self._terms[number].canonical == _TYPE
        if is_type and all(value.startswith(_ID) for value in values):
            return f'"@type": [{", ".join(value[len(_ID) : -1] for value in values)}]'
        return f"{self.iri(number)}: [{', '.join(values)}]"

    def _value(self, number: int) -> str:
        canonical = self._terms[number].canonical
        if canonical[0] == "<":
            return f"{_ID}{self.iri(number)}}}"
        end = canonical.rindex('"') + 1
        text, kind = canonical[:end], canonical[end:]
        if "\\" in text:  # the escapes of N-Triples are among those of JSON
            text = json.dumps(json.loads(text), ensure_ascii=False)
        if not kind:
            return f'{{"@value": {text}}}'
        if kind[0] == "@":
            return f'{{"@language": "{kind[1:]}", "@value": {text}}}'
        return f'{{"@type": {self._iri(kind[3:-1])}, "@value": {text}}}'

    def _iri(self, iri: str) -> str:
        text = iri_text(iri).turtle
        name = text.partition(":")[0]
        if text[0] == "<" or name in self._schemes:
            return json.dumps(iri, ensure_ascii=False)
        self.used.add(name)
        return f'"{text}"'
