"""Dumps: the graphs of a plan as sorted Turtle and N-Quads, with checksums.

Same triples, same bytes, in whatever order they come: terms are ranked, triples sorted by
rank and written by the engine (10 ms for a plan of 3,100 triples, rdflib's writer 73 ms).
What is dumped is what the store answers: the engine stores numbers and dates in canonical
form, so literals are brought into that form here ("01"^^xsd:integer is written 1).
Blank nodes would get new names with each build, so they are refused.
"""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain, starmap
from pathlib import Path
from typing import cast

import pyoxigraph as ox
from rdflib import Literal, URIRef
from rdflib.namespace import DCTERMS, RDF, RDFS, SKOS, XSD
from rdflib.term import Node

from kg.errors import UnpublishableTerm
from kg.iris import PlanIris
from kg.vocab import PREFIXES

Triple = tuple[Node, Node, Node]
_Row = tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode | ox.Literal]

CHECKSUMS_FILE = "SHA256SUMS"
SHARED_DUMPS = ("vocabulary", "catalog")
"""Graphs of the whole service that are part of `all.nq.gz`, see write_shared_dump."""

# leading characters of sort keys: rdf:type, names and descriptions, other IRIs, literals
_FIRST = {
    str(iri): str(place)
    for place, iri in enumerate(
        (RDF.type, RDFS.label, DCTERMS.title, SKOS.prefLabel, RDFS.comment, SKOS.definition)
    )
}
_RESOURCE, _LITERAL = "8", "9"
_FIRST_LANGUAGES = ("ja", "en")
_TEXT_TYPES = (str(XSD.string), str(RDF.langString))
_DIGITS = re.compile(r"0*([0-9]+)")
_STRING = re.compile(rb'("[^"\\]*(?:\\.[^"\\]*)*")')
_PREFIX_USED = re.compile(rb"[\s^]([a-z]+):")  # an IRI holds neither blanks nor ^
_ESCAPE = re.compile(rb"\\(?:uFFF[EF]|.)")
_RAW = {b"\\uFFFE": "\ufffe".encode(), b"\\uFFFF": "\uffff".encode()}
_GZIP_HEADER = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255))  # no name, no time, unknown system
_GZIP_LEVEL = 9


def engine_term(node: Node) -> ox.NamedNode | ox.Literal:
    """The term as the store engine has it, a literal in the form in which it is stored.

    Raises UnpublishableTerm for a blank node, an IRI that is not absolute or not valid, a
    language tag that is none, and text with half of a surrogate pair.
    """
    if isinstance(node, URIRef):
        return _named_node(str(node))
    if isinstance(node, Literal):
        datatype = None if node.datatype is None else str(node.datatype)
        return _literal(str(node), node.language, datatype)
    raise UnpublishableTerm(
        f"{node!r} is not an IRI or a literal; every resource needs an IRI of kg/iris.py."
    )


def turtle(triples: Iterable[Triple]) -> bytes:
    """The triples as Turtle: one block per subject, rdf:type and labels first, each triple once.

    IRIs are ordered as people count, project/2 before project/10; a resource comes before
    what is named below it. Only prefixes of `kg.vocab.PREFIXES` that are used are declared.
    """
    return _turtle(_sorted(triples))


def document(triples: Iterable[Triple], media_type: str) -> bytes:
    """The triples as Turtle, RDF/XML, JSON-LD or N-Triples, sorted as `turtle` sorts them.

    Literals stay as they are: DCAT's byte sizes are xsd:nonNegativeInteger, which the engine
    would store as xsd:integer.
    """
    ordered = _sorted(triples, _exact_term)
    if media_type == "text/turtle":
        return _turtle(ordered)
    out = io.BytesIO()
    form = ox.RdfFormat.from_media_type(media_type)
    if form is None:
        raise ValueError(f"{media_type} is not a form of RDF")
    ox.serialize(starmap(ox.Triple, ordered), out, form, prefixes=PREFIXES)
    return out.getvalue()


def nquads(triples: Iterable[Triple], graph_iri: URIRef) -> bytes:
    """The triples as N-Quads in the graph `graph_iri`, each once, in the order of `turtle`."""
    return _nquads(_sorted(triples), graph_iri)


def compressed(data: bytes) -> bytes:
    """One gzip member without name, time and system, the same from every Python."""
    deflate = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    ends = (zlib.crc32(data), len(data) & 0xFFFFFFFF)
    tail = b"".join(number.to_bytes(4, "little") for number in ends)
    return _GZIP_HEADER + deflate.compress(data) + deflate.flush() + tail


def plan_folder(dumps_dir: Path, iris: PlanIris) -> Path:
    """Where the dumps of a plan lie: `{code}/{slug}/{year}`."""
    return dumps_dir / iris.code / iris.slug / str(iris.year)


def write_plan_dumps(
    dumps_dir: Path, iris: PlanIris, graphs: Mapping[str, Sequence[Triple]]
) -> None:
    """Write `plan`, `source`, `links`, `report` and, if it has triples, `candidate` of one plan.

    `graphs` is kind -> triples; `source`, `links` and `report` must be there. Each dump is
    written as .ttl, .nq and .gz of both. `plan` is source and links in one file; its .nq keeps
    each triple in its own graph.
    """
    folder = plan_folder(dumps_dir, iris)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "plan.ttl", turtle([*graphs["source"], *graphs["links"]]))
    quads = {}
    for kind in ("source", "links", "report", "candidate"):
        if kind == "candidate" and not graphs.get(kind):
            continue
        ordered = _sorted(graphs[kind])
        quads[kind] = _nquads(ordered, iris.graph(kind))
        _write(folder / f"{kind}.ttl", _turtle(ordered))
        _write(folder / f"{kind}.nq", quads[kind])
    _write(folder / "plan.nq", quads["source"] + quads["links"])


def write_shared_dump(
    dumps_dir: Path, name: str, triples: Iterable[Triple], graph_iri: URIRef
) -> None:
    """Write a graph of the whole service (`vocabulary`, …) beside the plans' folders."""
    dumps_dir.mkdir(parents=True, exist_ok=True)
    ordered = _sorted(triples)
    _write(dumps_dir / f"{name}.ttl", _turtle(ordered))
    _write(dumps_dir / f"{name}.nq", _nquads(ordered, graph_iri))


def write_all(dumps_dir: Path) -> None:
    """Write `all.ttl.gz` and `all.nq.gz` from the dumps of the plans that are there.

    Each is a row of gzip members, one per plan (source, links and candidate) in the order of
    the folders, so that a plan can be cut out or replaced; the shared graphs come first, in
    the N-Quads only.
    """
    folders = sorted(
        (path.parent for path in dumps_dir.glob("*/*/*/plan.nq")),
        key=lambda folder: _natural(folder.relative_to(dumps_dir).as_posix()),
    )
    for extension in ("ttl", "nq"):
        with (dumps_dir / f"all.{extension}.gz").open("wb") as out:
            for name in SHARED_DUMPS:
                shared = dumps_dir / f"{name}.nq.gz"
                if extension == "nq" and shared.is_file():
                    out.write(shared.read_bytes())
            for folder in folders:
                candidate = folder / f"candidate.{extension}"
                if candidate.is_file():
                    plan = (folder / f"plan.{extension}").read_bytes()
                    out.write(compressed(plan + candidate.read_bytes()))
                else:
                    out.write((folder / f"plan.{extension}.gz").read_bytes())


def write_checksums(dumps_dir: Path) -> None:
    """Write SHA256SUMS of all files below the folder, sorted by path; `sha256sum -c` reads it."""
    sums = checksums(dumps_dir)
    lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
    (dumps_dir / CHECKSUMS_FILE).write_text("".join(lines), encoding="utf-8")


def checksums(dumps_dir: Path) -> dict[str, str]:
    """Path below the folder -> SHA-256 of the file, for all files but SHA256SUMS itself."""
    sums = {}
    for path in dumps_dir.rglob("*"):
        name = path.relative_to(dumps_dir).as_posix()
        if path.is_file() and name != CHECKSUMS_FILE:
            with path.open("rb") as file:
                sums[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return sums


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    path.with_name(path.name + ".gz").write_bytes(compressed(data))


@lru_cache(maxsize=65536)
def _named_node(iri: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(iri)
    except (ValueError, UnicodeEncodeError) as error:
        raise UnpublishableTerm(f"{iri!r} is not an IRI: {error}.") from error


@lru_cache(maxsize=16384)
def _literal(text: str, language: str | None, datatype: str | None) -> ox.Literal:
    try:
        if language is not None:
            return ox.Literal(text, language=language)
        if datatype is None:
            return ox.Literal(text)
        return _stored(ox.Literal(text, datatype=_named_node(datatype)))
    except ValueError as error:
        raise UnpublishableTerm(f"{text!r} is not a literal: {error}.") from error


def _stored(literal: ox.Literal) -> ox.Literal:
    node = ox.NamedNode("urn:x")
    store = ox.Store()
    store.add(ox.Quad(node, node, literal))
    stored = next(iter(store)).object
    assert isinstance(stored, ox.Literal)
    return stored


def _exact_term(node: Node) -> ox.NamedNode | ox.Literal:
    if isinstance(node, Literal) and node.datatype is not None:
        return ox.Literal(str(node), datatype=_named_node(str(node.datatype)))
    return engine_term(node)


def _sorted(
    triples: Iterable[Triple],
    term_of: Callable[[Node], ox.NamedNode | ox.Literal] = engine_term,
) -> list[_Row]:
    # millions of triples pass here: loops are map and zip where that is possible
    nodes = list(chain.from_iterable(triples))  # keeps each alive, so that its id() stays its own
    keys = list(map(id, nodes))
    terms = {key: term_of(node) for key, node in dict(zip(keys, nodes, strict=True)).items()}
    ordered = sorted(set(terms.values()), key=_sort_key)
    number = {term: place for place, term in enumerate(ordered)}
    rank = {key: number[term] for key, term in terms.items()}
    ranks = list(map(rank.__getitem__, keys))
    rows = sorted(set(zip(ranks[::3], ranks[1::3], ranks[2::3], strict=True)))
    for place in {*ranks[::3], *ranks[1::3]}:
        if not isinstance(ordered[place], ox.NamedNode):
            raise UnpublishableTerm("A literal can be neither subject nor predicate.")
    resources = cast(list[ox.NamedNode], ordered)
    return [(resources[s], resources[p], ordered[o]) for s, p, o in rows]


def _turtle(ordered: list[_Row]) -> bytes:
    out = io.BytesIO()
    ox.serialize(starmap(ox.Triple, ordered), out, ox.RdfFormat.TURTLE, prefixes=PREFIXES)
    # the engine declares every prefix, in an order of its own, and puts objects on one line
    body = _unescaped(out.getvalue())
    body = body[body.rindex(b"\n@prefix ") + 1 :] if ordered else b""
    body = body[body.index(b"\n") + 1 :] if body else b""
    # a text holds no line end as it is written, so only the comma needs to be told apart
    body = body.replace(b" .\n", b" .\n\n").replace(b"\n\t", b"\n    ").removesuffix(b"\n")
    parts = _STRING.split(body)
    used = set(_PREFIX_USED.findall(b"\n" + b" ".join(parts[::2])))
    parts[::2] = [part.replace(b" , ", b" ,\n        ") for part in parts[::2]]
    head = "".join(
        f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items() if name.encode() in used
    )
    return b"".join((head.encode(), b"\n" if used else b"", *parts))


def _nquads(ordered: list[_Row], graph_iri: URIRef) -> bytes:
    graph = _named_node(str(graph_iri))
    quads = (ox.Quad(s, p, o, graph) for s, p, o in ordered)
    out = io.BytesIO()
    ox.serialize(quads, out, ox.RdfFormat.N_QUADS)
    return _unescaped(out.getvalue())


def _unescaped(data: bytes) -> bytes:
    # rapper reads U+FFFE and U+FFFF as they are, but stops at their escaped forms
    if b"\\uFFF" not in data:
        return data
    return _ESCAPE.sub(lambda found: _RAW.get(found[0], found[0]), data)


def _sort_key(term: ox.NamedNode | ox.Literal) -> str:
    # no two terms have the same key, or their order would be left to chance
    text = term.value
    if isinstance(term, ox.NamedNode):
        return _FIRST.get(text, _RESOURCE) + _natural(text)
    language, datatype = term.language or "", term.datatype.value
    if language in _FIRST_LANGUAGES:
        language = f" {_FIRST_LANGUAGES.index(language)}"
    words = text if datatype in _TEXT_TYPES else _natural(text)
    return f"{_LITERAL}{language}\0{words}\0{datatype}"


def _natural(text: str) -> str:
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
