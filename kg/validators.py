"""Runs the SHACL validators and reads what they found into one form.

pySHACL is the reference. The second validator, `shacl`, takes about a hundredth of its time
and is held to the same findings (tests, and `kg.validation.validate` in mode auto).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from rdflib import Graph, Literal, URIRef
from rdflib.term import Node

from kg.vocab import RDFS, SH, SKOS, XSD

Triple = tuple[Node, Node, Node]
Triples = Iterable[Triple]

DATA_FILES = ("terms.ttl", "goals.ttl")
"""What is merged with the data: classes, concepts and goals that the constraints refer to."""

SHAPES_FILE = "shapes.ttl"
PLACEHOLDER = re.compile(r"\{\?(\w+)\}")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@([\w-]+)|\^\^<(.*)>)?', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Finding:
    """One result as a validator gives it; `constraint` is its number, as in "C03"."""

    constraint: str
    severity: str
    focus: URIRef
    value: Node | None
    path: URIRef | None
    component: URIRef
    messages: tuple[str, ...]


@dataclass(frozen=True)
class Constraint:
    """A numbered constraint of shapes.ttl; `total` is the published total it compares with."""

    number: str
    ja: str
    en: str
    shape: URIRef
    is_sparql: bool
    total: URIRef | None

    @cached_property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """What a filled-in message looks like, the figures as groups."""
        return tuple(_pattern(f"{self.number} {text}") for text in (self.en, self.ja))

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names of the figures in its messages."""
        return tuple(PLACEHOLDER.findall(self.en))

    def figures(self, messages: Iterable[str]) -> dict[str, str]:
        """The figures that a validator wrote into the messages, by name."""
        for message in messages:
            for pattern in self.patterns:
                match = pattern.fullmatch(message)
                if match and match.groupdict():
                    return match.groupdict()
        return {}


def _pattern(template: str) -> re.Pattern[str]:
    parts = PLACEHOLDER.split(template)
    parts[::2] = map(re.escape, parts[::2])
    parts[1::2] = [f"(?P<{name}>.*?)" for name in parts[1::2]]
    return re.compile("".join(parts), re.DOTALL)


@dataclass(frozen=True)
class Ontology:
    """The vocabulary, the goals and the shapes, read once per process and kept."""

    triples: tuple[Triple, ...]
    shapes: Graph
    shapes_path: Path

    @cached_property
    def constraints(self) -> dict[str, Constraint]:
        """Every numbered constraint, by number."""
        places = {node: shape for shape, node in self.shapes.subject_objects(SH.sparql)}
        places |= {node: shape for shape, node in self.shapes.subject_objects(SH.property)}
        numbered = {}
        for node in set(self.shapes.subjects(SH.message)):
            number = number_of(node)
            texts = {
                text.language: str(text).removeprefix(f"{number} ")
                for text in self.shapes.objects(node, SH.message)
                if isinstance(text, Literal)
            }
            total = self.shapes.value(node, RDFS.seeAlso)
            is_sparql = (node, SH.select, None) in self.shapes
            numbered[number] = Constraint(
                number,
                texts["ja"],
                texts["en"],
                URIRef(str(places.get(node, node))),
                is_sparql,
                total if isinstance(total, URIRef) else None,
            )
        return numbered

    @cached_property
    def labels(self) -> dict[tuple[Node, str], str]:
        """(concept, class or property, language) -> its name."""
        named = (SKOS.prefLabel, RDFS.label)
        return {
            (subject, text.language or ""): str(text)
            for subject, predicate, text in self.triples
            if predicate in named and isinstance(text, Literal)
        }

    @cached_property
    def lines(self) -> str:
        """The triples to merge with the data, as N-Triples."""
        return n_triples(self.triples)

    @cached_property
    def compiled(self) -> Any:
        """The shapes as the second validator keeps them."""
        import shacl

        return shacl.Shapes.from_file(str(self.shapes_path))


def read_ontology(folder: Path) -> Ontology:
    """The ontology of a folder; read again only if a file has changed."""
    stamps = tuple((folder / name).stat().st_mtime_ns for name in (*DATA_FILES, SHAPES_FILE))
    return _read_ontology(folder, stamps)


@lru_cache(maxsize=4)
def _read_ontology(folder: Path, _stamps: tuple[int, ...]) -> Ontology:
    merged = Graph()
    for name in DATA_FILES:
        merged.parse(folder / name, format="turtle")
    shapes = Graph().parse(folder / SHAPES_FILE, format="turtle")
    return Ontology(tuple(merged), shapes, folder / SHAPES_FILE)


def number_of(node: Node) -> str:
    """The number of a constraint or shape: `…/shapes#C03` -> C03."""
    return str(node).rpartition("#")[2]


def pyshacl_findings(triples: Triples, ontology: Ontology) -> list[Finding]:
    """What pySHACL finds in the triples merged with the ontology."""
    import pyshacl

    graph = Graph()
    for triple in (*triples, *ontology.triples):
        graph.add(triple)
    _, report, _ = pyshacl.validate(
        graph, shacl_graph=ontology.shapes, allow_warnings=True, inplace=True, inference="none"
    )
    return [_pyshacl_finding(report, result) for result in report.objects(None, SH.result)]


def _pyshacl_finding(report: Graph, result: Node) -> Finding:
    about: dict[Node, list[Node]] = {}
    for _, predicate, term in report.triples((result, None, None)):
        about.setdefault(predicate, []).append(term)

    def one(predicate: URIRef) -> Any:
        return about.get(predicate, [None])[0]

    source = one(SH.sourceConstraint) or one(SH.sourceShape)
    return Finding(
        number_of(source),
        number_of(one(SH.resultSeverity)).lower(),
        one(SH.focusNode),
        one(SH.value),
        one(SH.resultPath),
        one(SH.sourceConstraintComponent),
        tuple(str(message) for message in about.get(SH.resultMessage, ())),
    )


def shacl_findings(triples: Triples, ontology: Ontology) -> list[Finding]:
    """What the second validator finds in the triples merged with the ontology.

    It does not name the constraint of a result in Python; the messages begin with its number.
    """
    report = ontology.compiled.validate_text(
        n_triples(triples) + ontology.lines, format="ntriples", allow_warnings=True
    )
    return [_shacl_finding(result) for result in report.results]


def _shacl_finding(result: Any) -> Finding:
    messages = tuple(result.messages)
    number = messages[0].partition(" ")[0] if messages else number_of(URIRef(result.source_shape))
    path = parse_term(result.path) if result.path else None
    return Finding(
        number,
        result.severity.lower(),
        URIRef(parse_term(result.focus_node)),
        parse_term(result.value) if result.value else None,
        URIRef(path) if path is not None else None,
        URIRef(result.component_iri),
        messages,
    )


ENGINES: dict[str, Callable[[Triples, Ontology], list[Finding]]] = {
    "pyshacl": pyshacl_findings,
    "shacl": shacl_findings,
}


def n_triples(triples: Triples) -> str:
    """One line per triple; for the second validator, which reads text only."""
    return "".join(f"{n3(s)} {n3(p)} {n3(o)} .\n" for s, p, o in triples)


def n3(term: Node) -> str:
    """A term as N-Triples writes it; xsd:string goes without saying (RDF 1.1)."""
    if not isinstance(term, Literal):
        return f"<{term}>"
    text = f'"{str(term).translate(_ESCAPES)}"'
    if term.language:
        return f"{text}@{term.language.lower()}"
    is_typed = term.datatype is not None and term.datatype != XSD.string
    return f"{text}^^<{term.datatype}>" if is_typed else text


def parse_term(text: str) -> URIRef | Literal:
    """The term that N-Triples writes as `text`: an IRI in <> or a literal."""
    from rdflib.plugins.parsers.ntriples import unquote

    if text.startswith("<"):
        return URIRef(text[1:-1])
    match = _LITERAL.fullmatch(text)
    if match is None:
        raise ValueError(f"{text} is not a term of N-Triples")
    words, language, datatype = match.groups()
    kind = URIRef(datatype) if datatype else None
    return Literal(unquote(words), lang=language, datatype=kind, normalize=False)
