"""How much of what the release has, for service description and VoID: counted by queries.

Counted when first asked for, once per release, as a visitor's query within the time limit of
one query. A release too large for that is described without its partitions.
"""

from __future__ import annotations

import io
import json
import threading
import time
from dataclasses import dataclass

from rdflib import BNode, Literal, URIRef

from kg.release import Release
from server.engine import Engine, Query
from server.errors import HttpProblem
from server.wire import term_from_json

SOLUTIONS_JSON = "application/sparql-results+json"
KEPT_RELEASES = 2
PATIENCE_S = 1.0
"""How long a request waits for another one that counts, in seconds."""

TRIPLES = "SELECT (COUNT(*) AS ?count) { ?s ?p ?o }"
GRAPHS = "SELECT ?one (COUNT(*) AS ?count) { GRAPH ?one { ?s ?p ?o } } GROUP BY ?one"
PROPERTIES = "SELECT ?one (COUNT(*) AS ?count) { ?s ?one ?o } GROUP BY ?one"
CLASSES = """
SELECT ?one (COUNT(DISTINCT ?s) AS ?count) { ?s a ?one FILTER(isIRI(?one)) } GROUP BY ?one
"""
PROPERTIES_OF_CLASSES = """
SELECT ?one ?other (COUNT(*) AS ?count) { ?s a ?one ; ?other ?o FILTER(isIRI(?one)) }
GROUP BY ?one ?other
"""

_Row = dict[str, URIRef | Literal | BNode]
_known: dict[str, Partitions | None] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Partitions:
    """Triples of the merged graph, of each named graph, class and property; sorted by IRI."""

    triples: int
    graphs: dict[str, int]
    properties: dict[str, int]
    classes: dict[str, int]
    """The instances of each class."""
    properties_of_classes: dict[str, dict[str, int]]
    """The triples of each property whose subjects are instances of the class."""


class Uncounted(Exception):
    """The partitions of the release are not known; `is_final`: and will not be."""

    def __init__(self, is_final: bool) -> None:
        super().__init__("partitions are not counted")
        self.is_final = is_final


def partitions(engine: Engine, release: Release) -> Partitions:
    """The partitions of the release. Raises Uncounted if they are not known in time.

    The first who asks counts; others wait a moment for that and then go without.
    """
    key = str(release.path)
    if key not in _known:
        if not _lock.acquire(timeout=PATIENCE_S):
            raise Uncounted(is_final=False)
        try:
            if key not in _known:
                _keep(key, _counted_or_none(engine, release))
        finally:
            _lock.release()
    counted = _known.get(key)
    if counted is None:
        raise Uncounted(is_final=True)
    return counted


def _keep(key: str, counted: Partitions | None) -> None:
    while len(_known) >= KEPT_RELEASES:
        del _known[next(iter(_known))]
    _known[key] = counted


def _counted_or_none(engine: Engine, release: Release) -> Partitions | None:
    try:
        return _counted(engine, release)
    except HttpProblem as problem:
        # a busy moment passes; a query too large for the limits stays so
        if problem.title.startswith("Query took"):
            return None
        raise Uncounted(is_final=False) from problem


def _counted(engine: Engine, release: Release) -> Partitions:
    deadline = time.monotonic() + engine.settings.query_timeout_s

    def rows(text: str) -> list[_Row]:
        remaining_s = max(deadline - time.monotonic(), 0.01)
        answer = engine.answer(Query(text, SOLUTIONS_JSON, timeout_s=remaining_s), release)
        with answer.spool if answer.spool is not None else io.BytesIO(answer.data or b"") as file:
            solutions = json.load(file)["results"]["bindings"]
        return [{name: term_from_json(t) for name, t in row.items()} for row in solutions]

    def counts(text: str) -> dict[str, int]:
        found = {str(row["one"]): int(row["count"]) for row in rows(text) if "one" in row}
        return dict(sorted(found.items()))

    of_classes: dict[str, dict[str, int]] = {}
    for one, other, count in sorted(
        (str(row["one"]), str(row["other"]), int(row["count"]))
        for row in rows(PROPERTIES_OF_CLASSES)
        if "one" in row
    ):
        of_classes.setdefault(one, {})[other] = count
    return Partitions(
        triples=int(rows(TRIPLES)[0]["count"]),
        graphs=counts(GRAPHS),
        properties=counts(PROPERTIES),
        classes=counts(CLASSES),
        properties_of_classes=of_classes,
    )
