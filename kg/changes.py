"""What changed: version against version of one plan, year against year of one basic plan.

Versions are compared line by line: the dumps hold no blank nodes and the store engine writes
N-Quads in the canonical form of RDFC-1.0, so equal lines are equal quads, and the SHA-256 of
the lines sorted by code point is the hash of the canonical form (W3C RDF Dataset
Canonicalization 1.0, sections 4.2 and 5). `LC_ALL=C sort -u plan.nq | sha256sum` gives it too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from rdflib import Literal, URIRef

from kg.vocab import RDF, SKOS, SP

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


@dataclass(frozen=True, slots=True)
class ListedProject:
    """A project as one yearly plan lists it."""

    iri: URIRef
    number: int | None
    name: str
    continuing: URIRef | None


@dataclass(frozen=True, slots=True)
class Review:
    """An entry of the plan's own review list; `merged_into` only where a person decided it."""

    iri: URIRef
    kind: URIRef
    name: str
    key: str
    listed: URIRef | None
    merged_into: URIRef | None


@dataclass(frozen=True, slots=True)
class YearChanges:
    """A yearly plan against the year before.

    `compared` is False where the plan of the year before is not here: then `new` and `ended`
    are what the review list says, and nothing is known to be carried on.
    """

    compared: bool
    new: tuple[tuple[ListedProject, Review | None], ...]
    ended: tuple[tuple[ListedProject | None, Review | None], ...]
    """No longer listed: the project of the year before, its review entry, or both."""
    carried_on: tuple[tuple[ListedProject, ListedProject], ...]
    """The entry of the year before and this year's."""


class _Statements:
    """Quads by subject and property."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._found: dict[URIRef, dict[URIRef, list[URIRef | Literal]]] = {}
        for quad in quads:
            properties = self._found.setdefault(quad.subject, {})
            properties.setdefault(quad.predicate, []).append(quad.object)

    def of_class(self, wanted: URIRef) -> list[URIRef]:
        return [s for s, found in self._found.items() if wanted in found.get(RDF.type, ())]

    def iri(self, subject: URIRef, predicate: URIRef) -> URIRef | None:
        values = self._found[subject].get(predicate, ())
        return next((value for value in values if isinstance(value, URIRef)), None)

    def text(self, subject: URIRef, predicate: URIRef) -> str:
        values = sorted(map(str, self._found[subject].get(predicate, ())))
        return values[0] if values else ""

    def number(self, subject: URIRef, predicate: URIRef) -> int | None:
        text = self.text(subject, predicate)
        return int(text) if text.isdecimal() else None


def year_changes(plan: str, before: Sequence[Quad] | None, after: Sequence[Quad]) -> YearChanges:
    """What the yearly plan lists that the year before did not, and the other way round.

    `plan` is the IRI of the later plan, `after` its quads, `before` those of the plan of the
    year before, None if it is not here. A project is the same as one of the year before if
    both are versions of one continuing project. New ones stand in the order of their numbers,
    ended ones in that of the review list and then of their old numbers.
    """
    reviews = _reviews(plan, after)
    listed = {review.listed: review for review in reviews if review.listed is not None}
    now = _projects(after)
    if before is None:
        gone = [review for review in reviews if review.kind != SP["status-new-or-added"]]
        return YearChanges(
            False,
            tuple((p, listed[p.iri]) for p in now if p.iri in listed),
            tuple((None, review) for review in gone if review.listed is None),
            (),
        )
    then = _projects(before)
    old = {project.continuing: project for project in then if project.continuing is not None}
    still = {project.continuing for project in now} & set(old)
    ended = {p.iri: p for p in then if p.continuing not in still}
    by_key = {key: ended[iri] for iri, key in _keys(before).items() if iri in ended}
    pairs: list[tuple[ListedProject | None, Review | None]] = []
    for review in reviews:
        if review.listed is None and review.kind != SP["status-new-or-added"]:
            project = by_key.get(review.key)
            pairs.append((project, review))
            if project is not None:
                ended.pop(project.iri, None)
    pairs += [(project, None) for project in ended.values()]
    return YearChanges(
        True,
        tuple((p, listed.get(p.iri)) for p in now if p.continuing not in still),
        tuple(pairs),
        tuple((old[p.continuing], p) for p in now if p.continuing and p.continuing in still),
    )


def _projects(quads: Iterable[Quad]) -> list[ListedProject]:
    found = _Statements(quads)
    projects = [
        ListedProject(
            iri,
            found.number(iri, SP.number),
            found.text(iri, SKOS.prefLabel),
            found.iri(iri, SP.versionOf),
        )
        for iri in found.of_class(SP.Project)
    ]
    return sorted(projects, key=lambda p: (p.number is None, p.number or 0, p.iri))


def _keys(quads: Iterable[Quad]) -> dict[URIRef, str]:
    return {quad.subject: str(quad.object) for quad in quads if quad.predicate == SP.nameKey}


def _reviews(plan: str, quads: Iterable[Quad]) -> list[Review]:
    found = _Statements(quads)
    reviews = [
        (
            found.number(iri, SP.order) or 0,
            Review(
                iri,
                found.iri(iri, SP.changeKind) or SP["status-completed-or-abolished"],
                found.text(iri, SP.projectName),
                found.text(iri, SP.nameKey),
                found.iri(iri, SP.listedProject),
                found.iri(iri, SP.mergedInto),
            ),
        )
        for iri in found.of_class(SP.ProjectChange)
        if str(found.iri(iri, SP.inPlan)) == plan
    ]
    return [review for _, review in sorted(reviews, key=lambda one: (one[0], one[1].iri))]
