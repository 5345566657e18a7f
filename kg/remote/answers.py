"""Answers of a remote store, read to their end and written in the form that was asked for.

Asked for is always one form, JSON for solutions and N-Triples for graphs: those that stores write
most exactly. A store that breaks off an answer may still say that all is well; then what came is
no JSON and no N-Triples, and nothing of it is passed on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, cast

import pyoxigraph as ox

from kg.answer_out import AnswerOut
from kg.errors import FormatError, ReleaseError, StoreFailed
from kg.store import ABBREVIATED, GRAPH_FORMATS, SOLUTION_FORMATS, rdflib_term
from kg.vocab import PREFIXES

SOLUTIONS = "application/sparql-results+json"
TRIPLES = "application/n-triples"

_BOOLEAN = rb'"http://www\.w3\.org/2001/XMLSchema#boolean"'
_NUMBERED = re.compile(rb'("datatype"\s*:\s*' + _BOOLEAN + rb'\s*,\s*"value"\s*:\s*")([01])(")')
_LONGEST_MATCH = 200
_CHUNK_BYTES = 1 << 16


class _Booleans:
    """The text of `source` with true and false where Virtuoso writes 1 and 0 for them.

    As a key of JSON the pattern begins with a plain quote, which no text inside a string has.
    """

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._kept = b""
        self._ready = b""

    def read(self, size: int = -1) -> bytes:
        while not self._ready or size < 0:
            chunk = self._source.read(_CHUNK_BYTES)
            text = _NUMBERED.sub(_spelled, self._kept + chunk)
            cut = len(text) - _LONGEST_MATCH if chunk else len(text)
            cut = max(cut, 0)
            self._ready, self._kept = self._ready + text[:cut], text[cut:]
            if not chunk:
                break
        taken = self._ready if size < 0 else self._ready[:size]
        self._ready = self._ready[len(taken) :]
        return taken


def _spelled(found: re.Match[bytes]) -> bytes:
    return found[1] + (b"true" if found[2] == b"1" else b"false") + found[3]


class _Counting:
    """Triples or solutions on their way, counted."""

    def __init__(self, triples: Iterator[ox.Triple]) -> None:
        self._triples = triples
        self.count = 0

    def __iter__(self) -> Iterator[ox.Triple]:
        for triple in self._triples:
            self.count += 1
            yield triple


def write_solutions(source: BinaryIO, out: BinaryIO, media_type: str) -> None:
    """Write a SELECT's or ASK's answer, which is SOLUTIONS, as that media type.

    Raises StoreFailed if it is broken off or is something else, FormatError if it cannot be
    written so, and what `out` raises.
    """
    form = SOLUTION_FORMATS.get(media_type)
    if form is None:
        raise FormatError(f"{media_type} cannot hold the answer. Ask for {_any(SOLUTION_FORMATS)}.")
    writer = AnswerOut(out, is_xml=media_type.endswith("+xml"))
    try:
        read = cast(BinaryIO, _Booleans(source))
        found = ox.parse_query_results(read, ox.QueryResultsFormat.JSON)
        found.serialize(cast(BinaryIO, writer), form)
    except (SyntaxError, ValueError, RuntimeError, OSError) as error:
        raise _failure(writer, error, "JSON of solutions") from error


def write_triples(source: BinaryIO, out: BinaryIO, media_type: str) -> int:
    """Write a graph, which is TRIPLES, as that media type; returns the number of triples.

    Raises as `write_solutions`.
    """
    form = GRAPH_FORMATS.get(media_type)
    if form is None:
        raise FormatError(f"{media_type} cannot hold the answer. Ask for {_any(GRAPH_FORMATS)}.")
    writer = AnswerOut(out, is_xml=media_type.endswith("+xml"))
    prefixes = PREFIXES if form in ABBREVIATED else None
    try:
        triples = _Counting(cast("Iterator[ox.Triple]", ox.parse(source, ox.RdfFormat.N_TRIPLES)))
        ox.serialize(triples, cast(BinaryIO, writer), form, prefixes=prefixes)
        return triples.count
    except (SyntaxError, ValueError, RuntimeError, OSError) as error:
        raise _failure(writer, error, "N-Triples") from error


def count_solutions(source: BinaryIO) -> int:
    """The number of solutions; 0 for a boolean. Raises StoreFailed if it is broken off."""
    try:
        found = ox.parse_query_results(source, ox.QueryResultsFormat.JSON)
        return sum(1 for _ in found) if isinstance(found, ox.QuerySolutions) else 0
    except (SyntaxError, ValueError, OSError) as error:
        raise _broken("JSON of solutions", error) from error


def rows_of(source: BinaryIO) -> list[dict[str, str]]:
    """The solutions of a small SELECT, values only; an unbound variable is absent."""
    try:
        found = ox.parse_query_results(
            cast(BinaryIO, _Booleans(source)), ox.QueryResultsFormat.JSON
        )
        if not isinstance(found, ox.QuerySolutions):
            raise StoreFailed("The remote store gave a boolean where solutions were asked for.")
        names = [variable.value for variable in found.variables]
        return [
            {name: str(rdflib_term(term)) for name in names if (term := row[name]) is not None}
            for row in found
        ]
    except (SyntaxError, ValueError, OSError) as error:
        raise _broken("JSON of solutions", error) from error


def canonical_lines(ntriples: BinaryIO | bytes) -> set[str]:
    """The triples, each as its line of the canonical N-Triples (RDFC-1.0 without blank nodes).

    Raises StoreFailed if the text is broken off.
    """
    try:
        return {f"{triple} .\n" for triple in ox.parse(ntriples, ox.RdfFormat.N_TRIPLES)}
    except (SyntaxError, OSError) as error:
        raise _broken("N-Triples", error) from error


def lines_of_graph(nquads: bytes, graph: str) -> set[str]:
    """A dump's triples as canonical lines. Raises ReleaseError unless all are in the graph."""
    try:
        quads = list(ox.parse(nquads, ox.RdfFormat.N_QUADS))
    except SyntaxError as error:
        raise ReleaseError(f"A dump of <{graph}> is not N-Quads: {error}") from error
    if any(getattr(quad.graph_name, "value", "") != graph for quad in quads):
        raise ReleaseError(f"A dump of <{graph}> has triples of other graphs.")
    return {f"{quad.triple} .\n" for quad in quads}


def _failure(writer: AnswerOut, error: Exception, what: str) -> Exception:
    return writer.raised if writer.raised is not None else _broken(what, error)


def _broken(what: str, error: Exception) -> StoreFailed:
    return StoreFailed(f"The answer of the remote store is not whole {what}: {str(error)[:200]}.")


def _any(
    forms: dict[str, object] | dict[str, ox.QueryResultsFormat] | dict[str, ox.RdfFormat],
) -> str:
    return ", ".join(forms)
