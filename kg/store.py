"""The store of one release: written once, then read by any number of processes.

`store/` of a release holds one of two things, by size:

- up to MEMORY_QUADS quads the file `quads.nq.gz`, which each reader loads into memory
  (500,000 quads: 1.2 s from the file, 3.2 s from an on-disk store; scans are 1.4 to 15 times
  faster than on disk). It is byte-identical for the same input.
- above that an on-disk store, opened read-only. RocksDB writes different bytes for the same
  input every time (SST files, IDENTITY, LOG), so there only the content is the same.

The default graph is the merge of the named graphs, each triple once, and is stored as such. The
engine's own union would give a triple that stands in the graphs of two plans twice, and would
add its numbers up twice; it is also slower (a scan of 500,000 quads: 1.8 times).

A store that a reader has open is never written to: a new release is a new directory.
Queries come from anyone; that they cannot hang or kill a server is the matter of
`server/guard.py` and the query workers. The engine sends SERVICE requests itself.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

import pyoxigraph as ox
from rdflib import BNode, Literal, URIRef
from rdflib.term import Node

from kg.answer_out import AnswerOut
from kg.errors import FormatError, QueryError, ReleaseError
from kg.quads import Joined, chunks_of, merged
from kg.query_text import put_terms
from kg.settings import SHARED_BASE_IRI
from kg.term_text import engine_term
from kg.vocab import PREFIXES

MEMORY_QUADS = 500_000
"""The largest release that readers hold in memory, in quads."""

STORE_FOLDER = "store"
QUADS_FILE = "quads.nq.gz"

SOLUTION_FORMATS: dict[str, ox.QueryResultsFormat] = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
"""Media types of SELECT and ASK answers."""

GRAPH_FORMATS: dict[str, ox.RdfFormat] = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    # one graph and no names: Turtle is TriG, N-Triples is N-Quads
    "application/trig": ox.RdfFormat.TURTLE,
    "application/n-quads": ox.RdfFormat.N_TRIPLES,
}
"""Media types of CONSTRUCT and DESCRIBE answers."""

_Form = TypeVar("_Form", ox.QueryResultsFormat, ox.RdfFormat)
_Bound = dict[ox.Variable, ox.NamedNode | ox.Literal | ox.BlankNode | ox.Triple]
_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
ABBREVIATED = (ox.RdfFormat.TURTLE, ox.RdfFormat.RDF_XML)

_PLACE = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


class Store:
    """The quads of a release, for reading."""

    def __init__(self, engine: ox.Store) -> None:
        self._engine = engine

    def answer(
        self,
        query: str,
        out: BinaryIO,
        *,
        media_type: str,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        bindings: Mapping[str, Node] | None = None,
    ) -> None:
        """Write the answer of any query to `out`, as the engine serialises it.

        The default graph is the merge of all graphs, unless the query has FROM or FROM NAMED,
        or graphs are given: those replace the query's own (SPARQL 1.1 Protocol 2.1.4), and
        what is then not given is empty. Relative IRIs of a query without BASE start with
        SHARED_BASE_IRI. Solutions are written while they are found, so an
        error may come after a part of the answer. What `out` raises is passed on as it is.
        Raises QueryError for a text that cannot be read or answered, FormatError for a media
        type that this kind of query cannot be answered in; then nothing was written.
        """
        solutions = self._evaluate(query, default_graphs, named_graphs, bindings)
        writer = AnswerOut(out, is_xml=media_type.endswith("+xml"))
        target = cast(BinaryIO, writer)
        try:
            if not isinstance(solutions, ox.QueryTriples):
                solutions.serialize(target, _format(SOLUTION_FORMATS, media_type, "solutions"))
                return
            form = _format(GRAPH_FORMATS, media_type, "a graph")
            if form in ABBREVIATED:  # the answer's own serialize takes no prefixes
                ox.serialize(solutions, target, form, prefixes=PREFIXES)
            else:
                solutions.serialize(target, form)
        except (RuntimeError, ValueError, OSError) as error:
            if writer.raised is not None:
                raise writer.raised from None
            raise QueryError(f"The query cannot be answered: {error}.") from error

    def select(
        self, query: str, bindings: Mapping[str, Node] | None = None
    ) -> list[dict[str, URIRef | Literal | BNode]]:
        """The solutions of a SELECT query, for small answers; an unbound variable is absent.

        Terms are rdflib's, so each is a str as well.
        """
        solutions = self._evaluate(query, None, None, bindings)
        if not isinstance(solutions, ox.QuerySolutions):
            raise QueryError("Only a SELECT query has solutions.")
        names = [variable.value for variable in solutions.variables]
        try:
            return [
                {name: rdflib_term(term) for name in names if (term := solution[name]) is not None}
                for solution in solutions
            ]
        except (RuntimeError, OSError) as error:
            raise QueryError(f"The query cannot be answered: {error}.") from error

    def graph_names(self) -> list[str]:
        """The IRIs of the named graphs, sorted."""
        return sorted(str(name.value) for name in self._engine.named_graphs())

    def quad_count(self) -> int:
        """The number of quads in named graphs; the merge of these is not counted again."""
        (row,) = self.select("SELECT (COUNT(*) AS ?n) { GRAPH ?graph { ?s ?p ?o } }")
        return int(row["n"])

    def merged_count(self) -> int:
        """The number of triples in the merge of the named graphs."""
        (row,) = self.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
        return int(row["n"])

    def not_merged(self, lines: Iterable[str]) -> list[str]:
        """Those lines of N-Triples that are in no named graph."""
        ordered = list(lines)
        triples = ox.parse("".join(ordered), ox.RdfFormat.N_TRIPLES)
        default = ox.DefaultGraph()
        return [
            line
            for line, t in zip(ordered, triples, strict=True)
            if ox.Quad(t.subject, t.predicate, t.object, default) not in self._engine
        ]

    def merged_lines(self) -> Iterator[str]:
        """The merge of the named graphs as canonical lines of N-Triples."""
        found = self._engine.quads_for_pattern(None, None, None, ox.DefaultGraph())
        return (f"{quad.triple} .\n" for quad in found)

    def _evaluate(
        self,
        query: str,
        default_graphs: Sequence[str] | None,
        named_graphs: Sequence[str] | None,
        bindings: Mapping[str, Node] | None,
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        defaults = names = None
        if default_graphs is not None or named_graphs is not None:
            defaults = _graphs(default_graphs or ())
            names = _graphs(named_graphs or ())
        try:
            text, substitutions = _bound(query, bindings or {})
            return self._engine.query(
                text,
                base_iri=SHARED_BASE_IRI,
                default_graph=None if defaults is None else [*defaults],
                named_graphs=None if names is None else [*names],
                substitutions=substitutions,
            )
        except SyntaxError as error:
            raise _query_error(str(error)) from error
        except UnicodeEncodeError as error:
            raise QueryError("The query has half of a surrogate pair; send it as UTF-8.") from error
        except (RuntimeError, OSError) as error:  # OSError: a SERVICE that does not answer
            raise QueryError(f"The query cannot be answered: {error}.") from error


def open_release(path: Path) -> Store:
    """The store of the release in the folder `path`: from memory or read-only from disk.

    Raises ReleaseError if the folder has no readable store.
    """
    directory = path / STORE_FOLDER
    try:
        if (directory / QUADS_FILE).is_file():
            return memory_store([directory / QUADS_FILE])
        return Store(ox.Store.read_only(str(directory)))
    except (OSError, SyntaxError, EOFError, zlib.error) as error:
        raise ReleaseError(f"{directory} is not a readable store: {error}") from error


def is_in_file(path: Path) -> bool:
    """Whether the release in the folder `path` can only be read into memory."""
    return (path / STORE_FOLDER / QUADS_FILE).is_file()


def write_quads(path: Path, out: BinaryIO) -> None:
    """Write all that the store of the release in the folder `path` holds, as N-Quads.

    Raises ReleaseError if the folder has no readable store.
    """
    directory = path / STORE_FOLDER
    try:
        if (directory / QUADS_FILE).is_file():
            quads = b"".join(chunks_of(directory / QUADS_FILE))
            out.write(quads)
            out.write(merged(quads))
        else:
            _write_by_graph(ox.Store.read_only(str(directory)), out)
    except (OSError, EOFError, zlib.error) as error:
        raise ReleaseError(f"{directory} is not a readable store: {error}") from error


def _write_by_graph(engine: ox.Store, out: BinaryIO) -> None:
    # what stands together here will stand together in memory, and in the caches: the engine's
    # own order is that of hashes, with which some queries take twice as long
    for name in sorted(engine.named_graphs(), key=str):
        dumped = io.BytesIO()
        engine.dump(dumped, ox.RdfFormat.N_TRIPLES, from_graph=name)
        triples = b"".join(sorted(dumped.getvalue().splitlines(keepends=True)))
        out.write(triples)
        out.write(triples.replace(b" .\n", f" {name} .\n".encode()))


def read_quads(source: BinaryIO) -> Store:
    """A store in memory of what `write_quads` wrote; leaves no thread behind, so one may fork.

    Raises ReleaseError for anything else than N-Quads.
    """
    engine = ox.Store()
    try:
        engine.bulk_load(source, ox.RdfFormat.N_QUADS)
    except (OSError, SyntaxError) as error:
        raise ReleaseError(f"The quads of a release cannot be read: {error}") from error
    return Store(engine)


def memory_store(nquads: Iterable[bytes | Path]) -> Store:
    """A store in memory of N-Quads texts and files (`.nq` or `.nq.gz`)."""
    engine = ox.Store()
    _load(engine, nquads)
    return Store(engine)


def load_on_disk(directory: Path, parts: Sequence[bytes | Path]) -> int:
    """Write an on-disk store into the folder; returns its quads. Raises SyntaxError, OSError."""
    engine = ox.Store(str(directory))
    # one load of many parts: each call leaves files of its own, which would be sorted again
    engine.bulk_load(cast(BinaryIO, Joined(parts)), ox.RdfFormat.N_QUADS)
    engine.bulk_load(cast(BinaryIO, Joined(parts, merged)), ox.RdfFormat.N_TRIPLES)
    engine.optimize()
    engine.flush()
    return Store(engine).quad_count()


def rdflib_term(
    term: ox.NamedNode | ox.Literal | ox.BlankNode | ox.Triple,
) -> URIRef | Literal | BNode:
    """The engine's term as rdflib has it, the lexical form untouched."""
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language is not None:
            return Literal(term.value, lang=term.language)
        datatype = term.datatype.value
        if datatype == _XSD_STRING:
            return Literal(term.value)
        return Literal(term.value, datatype=URIRef(datatype), normalize=False)
    raise QueryError("A triple inside a triple has no place in a list of solutions.")


def _format(formats: Mapping[str, _Form], media_type: str, what: str) -> _Form:
    try:
        return formats[media_type]
    except KeyError:
        raise FormatError(
            f"{media_type} cannot hold the answer. This query gives {what}; ask for "
            f"{', '.join(formats)}."
        ) from None


def _graphs(iris: Sequence[str]) -> list[ox.NamedNode]:
    try:
        return [ox.NamedNode(iri) for iri in iris]
    except ValueError as error:
        raise QueryError(f"A graph of the dataset is not an IRI: {error}.") from error


def _bound(query: str, bindings: Mapping[str, Node]) -> tuple[str, _Bound | None]:
    # the engine binds only what SELECT projects; elsewhere the term is put in the text
    if not bindings:
        return query, None
    terms = {name: engine_term(node) for name, node in bindings.items()}
    text, projected = put_terms(query, {name: str(term) for name, term in terms.items()})
    return text, {ox.Variable(name): terms[name] for name in projected} or None


def _query_error(text: str) -> QueryError:
    found = _PLACE.fullmatch(text)
    if found is None:
        return QueryError(f"The query cannot be read: {text}.")
    line, column = int(found[1]), int(found[2])
    return QueryError(
        f"The query cannot be read at line {line}, column {column}: {found[3]}.",
        line=line,
        column=column,
    )


def _load(engine: ox.Store, parts: Iterable[bytes | Path]) -> None:
    for part in parts:
        quads = b"".join(chunks_of(part))
        engine.bulk_load(quads, ox.RdfFormat.N_QUADS)
        engine.bulk_load(merged(quads), ox.RdfFormat.N_TRIPLES)
