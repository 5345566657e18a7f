"""One term as text: how it is sorted, its form in canonical N-Triples and in Turtle.

The store engine judges IRIs and literals, and what is written is what it answers: it stores
numbers and dates in canonical form, so literals are brought into that form here
("01"^^xsd:integer is written 1). Terms are kept, for a plan's dumps hold each many times.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import pyoxigraph as ox
from rdflib import Literal, URIRef
from rdflib.namespace import DCTERMS, RDF, RDFS, SKOS, XSD
from rdflib.term import Node

from kg.errors import UnpublishableTerm
from kg.vocab import PREFIXES

# leading characters of sort keys: rdf:type, names and descriptions, other IRIs, literals
_FIRST = {
    str(iri): str(place)
    for place, iri in enumerate(
        (RDF.type, RDFS.label, DCTERMS.title, SKOS.prefLabel, RDFS.comment, SKOS.definition)
    )
}
TYPE_PLACE, _RESOURCE, _LITERAL = "0", "8", "9"
_FIRST_LANGUAGES = {language: f" {place}" for place, language in enumerate(("ja", "en"))}
_LANGUAGE_STRING = str(RDF.langString)
_STRING, _INTEGER, _DECIMAL = str(XSD.string), str(XSD.integer), str(XSD.decimal)
_NAMES = {iri: name for name, iri in PREFIXES.items()}
_LOCAL_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]|\.(?=[A-Za-z0-9_-]))*")
_CANONICAL = {
    _INTEGER: re.compile(r"0|-?[1-9][0-9]{0,16}"),
    _DECIMAL: re.compile(r"-?[1-9][0-9]{0,14}|-?(?:0|[1-9][0-9]{0,7})\.[0-9]{0,7}[1-9]"),
    str(XSD.date): re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    str(XSD.gYear): re.compile(r"[0-9]{4}"),
}
"""Forms that the engine stores as they are; others are brought into its form by storing them."""
_BARE = {
    _INTEGER: re.compile(r"[+-]?[0-9]+"),
    _DECIMAL: re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    str(XSD.boolean): re.compile("true|false"),
}
"""Literals that Turtle writes without quotes and type."""

_TO_ESCAPE = re.compile('[\x00-\x1f"\\\\\x7f\ufffe\uffff]')
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPES = {c: f"\\{short}" for c, short in zip('"\\\b\t\n\f\r', '"\\btnfr', strict=True)}
_DIGITS = re.compile(r"0*([0-9]+)")


class Term(NamedTuple):
    """The texts of one term; no two terms have the same sort key.

    `canonical` is its form in canonical N-Triples (escapes included), `turtle` that in Turtle,
    `prefix` the prefix which that uses: none of rdf:type, which is written a.
    """

    sort_key: str
    canonical: str
    turtle: str
    prefix: str


def engine_term(node: Node) -> ox.NamedNode | ox.Literal:
    """The term as the store engine has it, a literal in the form in which it is stored.

    Raises UnpublishableTerm for a blank node, an IRI that is not absolute or not valid, a
    language tag that is none, and text with half of a surrogate pair.
    """
    if isinstance(node, URIRef):
        return _named_node(str(node))
    if isinstance(node, Literal):
        datatype = None if node.datatype is None else str(node.datatype)
        return _stored_literal(str(node), node.language, datatype)
    raise UnpublishableTerm(
        f"{node!r} is not an IRI or a literal; every resource needs an IRI of kg/iris.py."
    )


def term_text(node: Node) -> Term:
    """The texts of any term; raises what `engine_term` raises."""
    if type(node) is URIRef:
        return iri_text(str(node))
    if type(node) is Literal:
        datatype = node.datatype
        kind = None if datatype is None else str(datatype)
        return _literal_term(str(node), node.language, kind)
    term = engine_term(node)
    if isinstance(term, ox.NamedNode):
        return iri_text(term.value)
    return _literal_term(term.value, term.language, term.datatype.value)


def exact_text(node: Node) -> Term:
    """As `term_text`, but a literal with a datatype stays as it is.

    For descriptions: the engine stores DCAT's xsd:nonNegativeInteger as xsd:integer.
    """
    if isinstance(node, Literal) and node.datatype is not None:
        return _typed_term(str(node), str(node.datatype))
    return term_text(node)


@lru_cache(maxsize=65536)
def iri_text(iri: str) -> Term:
    """The texts of an IRI; a prefix is used where the name after it needs no escape."""
    _named_node(iri)
    text = f"<{iri}>"
    place = _FIRST.get(iri)
    key = f"{_RESOURCE}{natural(iri)}" if place is None else place
    at = max(iri.rfind("#"), iri.rfind("/")) + 1
    name = _NAMES.get(iri[:at])
    if name is None or _LOCAL_NAME.fullmatch(iri, at) is None:
        return Term(key, text, text, "")
    return Term(key, text, f"{name}:{iri[at:]}", "" if place == TYPE_PLACE else name)


@lru_cache(maxsize=16384)
def _literal_term(text: str, language: str | None, datatype: str | None) -> Term:
    if language in _FIRST_LANGUAGES and _SURROGATE.search(text) is None:
        kind = _LANGUAGE_STRING
    else:
        literal = _stored_literal(text, language, datatype)
        text, language, kind = literal.value, literal.language, literal.datatype.value
    quoted = f'"{_escaped(text)}"'
    if language is not None:
        key = f"{_LITERAL}{_FIRST_LANGUAGES.get(language, language)}\0{text}\0{kind}"
        return Term(key, f"{quoted}@{language}", f"{quoted}@{language}", "")
    if kind == _STRING:
        return Term(f"{_LITERAL}\0{text}\0{kind}", quoted, quoted, "")
    return _typed_term(text, kind)


def _typed_term(text: str, kind: str) -> Term:
    quoted, key = f'"{_escaped(text)}"', f"{_LITERAL}\0{natural(text)}\0{kind}"
    typed, bare = iri_text(kind), _BARE.get(kind)
    if bare and bare.fullmatch(text):
        return Term(key, f"{quoted}^^{typed.canonical}", text, "")
    return Term(key, f"{quoted}^^{typed.canonical}", f"{quoted}^^{typed.turtle}", typed.prefix)


def _escaped(text: str) -> str:
    # the form of canonical N-Triples: short escapes where there are any, else \uXXXX
    if _TO_ESCAPE.search(text) is None:
        return text
    return _TO_ESCAPE.sub(lambda c: _ESCAPES.get(c[0]) or f"\\u{ord(c[0]):04X}", text)


@lru_cache(maxsize=65536)
def _named_node(iri: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(iri)
    except (ValueError, UnicodeEncodeError) as error:
        raise UnpublishableTerm(f"{iri!r} is not an IRI: {error}.") from error


def _stored_literal(text: str, language: str | None, datatype: str | None) -> ox.Literal:
    try:
        if language is not None:
            return ox.Literal(text, language=language)
        if datatype is None:
            return ox.Literal(text)
        literal = ox.Literal(text, datatype=_named_node(datatype))
    except ValueError as error:
        raise UnpublishableTerm(f"{text!r} is not a literal: {error}.") from error
    canonical = _CANONICAL.get(datatype)
    if datatype == _STRING or (canonical and canonical.fullmatch(text)):
        return literal
    return _stored(literal)


def _stored(literal: ox.Literal) -> ox.Literal:
    node = ox.NamedNode("urn:x")
    store = ox.Store()
    store.add(ox.Quad(node, node, literal))
    stored = next(iter(store)).object
    assert isinstance(stored, ox.Literal)
    return stored


def natural(text: str) -> str:
    """A key by which texts with numbers are sorted as people count, level by level."""
    above, slash, last = text.rpartition("/")
    return _natural_path(above) + ("\0" if slash else "") + _natural_segment(last)


@lru_cache(maxsize=65536)
def _natural_path(path: str) -> str:
    return "\0".join(map(_natural_segment, path.split("/")))


@lru_cache(maxsize=65536)
def _natural_segment(segment: str) -> str:
    return _DIGITS.sub(_natural_number, segment)


def _natural_number(run: re.Match[str]) -> str:
    # 7, 07 and 10 become 0017, 00170 and 00210: length and digits, then the leading zeros
    return f"{len(run[1]):03}{run[1]}{'0' * (len(run[0]) - len(run[1]))}"
