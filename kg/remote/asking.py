"""Small questions to a remote store: what it has loaded, and what stands in one graph."""

from __future__ import annotations

import tempfile
import time
from typing import BinaryIO, cast
from urllib.parse import urlencode, urlsplit

from kg.errors import StoreFailed
from kg.remote.answers import SOLUTIONS, TRIPLES, canonical_lines, rows_of
from kg.remote.client import Client, Reply
from kg.remote.state import Loaded, Names, loaded_of, loaded_query, notes_query

IN_MEMORY_BYTES = 1 << 20
FORM_TYPE = "application/x-www-form-urlencoded"
MOST_ROWS_HEADER = "x-sparql-maxrows"
"""Virtuoso's header on solutions that it has cut; on graphs there is none."""
_PARTIAL_HEADERS = ("x-sparql-anytime", "x-sql-message")
"""Virtuoso's headers on what it found until its own time was over."""
_PART = "{{ ?s ?p ?o }} LIMIT {} OFFSET {}"
_SORTED_PART = (
    "{{ {{ SELECT ?s ?p ?o {{ {{ SELECT ?s ?p ?o {{ ?s ?p ?o }} ORDER BY ?s ?p ?o }} }} "
    "LIMIT {} OFFSET {} }} }}"
)
_PAGE_ROWS = 5000
_DIGITS = " ".join(map(str, range(10)))


def target_of(url: str, **parameters: str) -> str:
    """Path and query string of a URL, with more parameters."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return (parts.path or "/") + (f"?{query}" if query else "")


def spool() -> BinaryIO:
    """A file for an answer, in memory while it is small."""
    return cast(BinaryIO, tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES))


def check_whole(reply: Reply, body: BinaryIO) -> None:
    """Raise StoreFailed if a store says that it failed, or gave only a part.

    A cut after so many rows is another matter: see MOST_ROWS_HEADER.
    """
    if reply.status != 200:
        body.seek(0)
        raise StoreFailed(f"The remote store answered {reply.status}{_words(body.read(1000))}.")
    if any(name in reply.headers for name in _PARTIAL_HEADERS):
        raise StoreFailed("The remote store gave what it had found when its own time was over.")


def _words(body: bytes) -> str:
    """The first line of what a store says, after a colon."""
    lines = [line.strip() for line in body.decode("utf-8", "replace").splitlines() if line.strip()]
    if not lines or lines[0].startswith("<"):
        return ""
    visible = "".join(c if c.isprintable() else " " for c in lines[0])
    return f": {visible[:200].rstrip('.')}"


class RemoteStore:
    """The query endpoint of a remote store."""

    def __init__(self, client: Client, url: str, names: Names, timeout_s: float) -> None:
        """`timeout_s`: how long each question may take."""
        self.client = client
        self.url = url
        self.names = names
        self._timeout_s = timeout_s

    def loaded(self) -> Loaded:
        """What the store says that it has loaded, without its graphs."""
        return loaded_of(self.select(loaded_query(self.names)))

    def notes(self) -> dict[str, str]:
        """Graph -> what is noted of it, of all graphs."""
        found: dict[str, str] = {}
        while True:
            page = self.select(notes_query(self.names, _PAGE_ROWS, len(found)))
            before = len(found)
            for row in page:
                # two notes: one of them is of another push
                found[row["graph"]] = "" if row["graph"] in found else row["note"]
            if len(page) < _PAGE_ROWS or len(found) == before:
                return found

    def select(self, query: str) -> list[dict[str, str]]:
        """The solutions of a small SELECT, values only. Raises StoreFailed."""
        with spool() as body:
            reply = self._ask(query, SOLUTIONS, body)
            if MOST_ROWS_HEADER in reply.headers:
                raise StoreFailed("The remote store has cut an answer.")
            body.seek(0)
            return rows_of(body)

    def count(self, *graphs: str) -> int:
        """The number of triples that stand in all of the graphs."""
        patterns = " ".join(f"GRAPH <{graph}> {{ ?s ?p ?o }}" for graph in graphs)
        named = " ".join(f"FROM NAMED <{graph}>" for graph in graphs)
        query = f"SELECT (COUNT(*) AS ?n) FROM <{self.names.nowhere}> {named} {{ {patterns} }}"
        (row,) = self.select(query)
        return int(row["n"])

    def lines(self, graph: str) -> set[str]:
        """The triples of a graph as canonical lines, by a CONSTRUCT, in parts if need be.

        Stores cut graphs without a word, so parts are asked for until there are as many triples as
        the store counts. Raises StoreFailed if that many do not come.
        """
        expected = self.count(graph)
        if not expected:
            return set()
        found = self._part(graph, "{ ?s ?p ?o }")
        size = len(found)
        # a store need not keep to one order: all parts are asked for alike, the second time sorted
        for form in (_PART, _SORTED_PART):
            if len(found) == expected or not size:
                break
            parts = (form.format(size, start) for start in range(0, expected, size))
            found = set().union(*(self._part(graph, part) for part in parts))
        if len(found) != expected:
            raise StoreFailed(
                f"The remote store counts {expected} triples in <{graph}> and gives {len(found)}."
            )
        return found

    def _part(self, graph: str, pattern: str) -> set[str]:
        query = f"CONSTRUCT {{ ?s ?p ?o }} FROM <{graph}> WHERE {pattern}"
        with spool() as body:
            self._ask(query, TRIPLES, body)
            body.seek(0)
            return canonical_lines(body)

    def most_rows(self) -> int:
        """The rows after which the store cuts an answer without an error; 0 = none up to 10^6."""
        names = "abcdef"
        values = " ".join(f"VALUES ?{name} {{ {_DIGITS} }}" for name in names)
        with spool() as body:
            query = f"SELECT ?a FROM <{self.names.nowhere}> {{ {values} }}"
            reply = self._ask(query, "text/csv", body)
            body.seek(0)
            rows = sum(1 for _ in body) - 1
        told = reply.headers.get(MOST_ROWS_HEADER, "")
        if told.isdecimal():
            return int(told)
        return rows if rows < 10 ** len(names) else 0

    def _ask(self, query: str, accept: str, body: BinaryIO) -> Reply:
        reply = self.client.send(
            "POST",
            target_of(self.url),
            body,
            headers={"Accept": accept, "Content-Type": FORM_TYPE},
            until=time.monotonic() + self._timeout_s,
            body=urlencode({"query": query}).encode(),
        )
        check_whole(reply, body)
        return reply
