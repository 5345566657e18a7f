"""What changed between two versions of a plan, line by line.

Versions are compared line by line: the dumps hold no blank nodes and the store engine writes
N-Quads in the canonical form of RDFC-1.0, so equal lines are equal quads, and the SHA-256 of
the lines sorted by code point is the hash of the canonical form (W3C RDF Dataset
Canonicalization 1.0, sections 4.2 and 5). `LC_ALL=C sort -u plan.nq | sha256sum` gives it too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from rdflib import Literal, URIRef

_QUAD = re.compile(
    r"<([^>]*)> <([^>]*)> "
    r'(?:<([^>]*)>|"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?) '
    r"<([^>]*)> \.",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_PLAIN = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


class Quad(NamedTuple):
    """One statement and the graph it stands in."""

    subject: URIRef
    predicate: URIRef
    object: URIRef | Literal
    graph: URIRef


@dataclass(frozen=True)
class Content:
    """What a version says: its statements as canonical lines, and the hash of all of them."""

    lines: frozenset[str] = field(repr=False)
    sha256: str

    def quads(self) -> list[Quad]:
        """The statements as terms, in code point order."""
        return quads_of(sorted(self.lines))


@dataclass(frozen=True)
class Difference:
    """Two versions, and the lines only one of them has, in code point order."""

    before: Content
    after: Content
    added: tuple[str, ...]
    removed: tuple[str, ...]

    def graphs(self) -> dict[str, tuple[int, int]]:
        """Graph IRI -> statements added and removed, for graphs in which there are any."""
        added, removed = ([str(q.graph) for q in quads_of(s)] for s in (self.added, self.removed))
        return {g: (added.count(g), removed.count(g)) for g in sorted({*added, *removed})}


def content_of(dumps: Iterable[bytes]) -> Content:
    """The content of N-Quads dumps as `kg.dumps` writes them; none gives the empty content."""
    lines: set[str] = set()
    for dump in dumps:
        lines.update(dump.decode("utf-8").split("\n"))  # U+2028 and others stand in literals
    lines.discard("")
    text = "".join(f"{line}\n" for line in sorted(lines))
    return Content(frozenset(lines), hashlib.sha256(text.encode()).hexdigest())


def difference(before: Content, after: Content) -> Difference:
    """What the second has and the first has not, and the other way round."""
    added, removed = after.lines - before.lines, before.lines - after.lines
    return Difference(before, after, tuple(sorted(added)), tuple(sorted(removed)))


def quads_of(lines: Iterable[str]) -> list[Quad]:
    """The lines as terms. Raises ValueError for a line that is no quad of a dump of ours."""
    return [_quad(line) for line in lines]


def _quad(line: str) -> Quad:
    match = _QUAD.fullmatch(line)
    if match is None:
        raise ValueError(f"not a quad: {line[:200]}")
    subject, predicate, iri, text, language, datatype, graph = match.groups()
    value: URIRef | Literal
    if iri is not None:
        value = _iri(iri)
    else:
        value = Literal(
            unescaped(text),
            lang=language,
            datatype=None if datatype is None else _iri(datatype),
            normalize=False,
        )
    return Quad(_iri(subject), _iri(predicate), value, _iri(graph))


@lru_cache(maxsize=65536)
def _iri(text: str) -> URIRef:
    return URIRef(text)


def unescaped(text: str) -> str:
    """The text of a literal as N-Quads write it between the quotes."""
    return _ESCAPE.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _PLAIN.get(found[3], found[3])
