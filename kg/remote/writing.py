"""Writing graphs to a remote store: by the Graph Store Protocol, or by SPARQL Update.

Both are SPARQL 1.1. What is written is sent in parts, since stores limit a request; nothing here
is half done twice: a triple that is there already stays one triple.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from kg.errors import StoreFailed
from kg.remote.asking import spool, target_of
from kg.remote.client import Client

GRAPH_STORE, UPDATE = "graph-store", "update"
PART_BYTES = {GRAPH_STORE: 1 << 18, UPDATE: 1 << 16}
"""The most text of triples in one request. Virtuoso compiles updates, up to 10,000 lines."""
UPDATE_TYPE = "application/sparql-update"
TRIPLES_TYPE = "application/n-triples"

_GUESSED: dict[str, tuple[tuple[str, str], ...]] = {
    "/query": ((GRAPH_STORE, "/store"), (UPDATE, "/update"), (GRAPH_STORE, "/data")),
    "/sparql": (
        (GRAPH_STORE, "/sparql-graph-crud-auth"),
        (GRAPH_STORE, "/sparql-graph-crud"),
        (UPDATE, "/sparql-auth"),
        (GRAPH_STORE, "/data"),
        (UPDATE, "/update"),
        (UPDATE, "/sparql"),
    ),
}
"""End of a query endpoint's path -> where stores take writing: Oxigraph, Virtuoso, Fuseki."""


class Writer(ABC):
    """One way of writing to a store. Each method raises StoreFailed."""

    protocol = ""

    def __init__(self, client: Client, url: str, timeout_s: float) -> None:
        """`timeout_s`: how long each request may take."""
        self._client = client
        self.url = url
        self._timeout_s = timeout_s

    @abstractmethod
    def put(self, graph: str, lines: Iterable[str]) -> None:
        """Let the graph hold these lines of N-Triples and nothing else."""

    @abstractmethod
    def add(self, graph: str, lines: Iterable[str]) -> None:
        """Let the graph hold these too."""

    @abstractmethod
    def drop(self, graph: str) -> None:
        """Let there be no such graph."""

    def _send(self, method: str, target: str, media_type: str, text: str) -> int:
        with spool() as body:
            reply = self._client.send(
                method,
                target,
                body,
                headers={"Content-Type": media_type, "Accept": "*/*"} if text else {},
                until=time.monotonic() + self._timeout_s,
                body=text.encode() if text else None,
            )
        return reply.status

    def _failed(self, what: str, status: int) -> StoreFailed:
        place = urlsplit(self.url).path
        return StoreFailed(f"The remote store answered {status} to {what} at {place}.")


class GraphStore(Writer):
    """SPARQL 1.1 Graph Store HTTP Protocol, with indirect names of graphs."""

    protocol = GRAPH_STORE

    def put(self, graph: str, lines: Iterable[str]) -> None:
        method = "PUT"
        for part in parts_of(lines, PART_BYTES[GRAPH_STORE]):
            self._write(method, graph, part)
            method = "POST"  # what follows is added
        if method == "PUT":
            self.drop(graph)

    def add(self, graph: str, lines: Iterable[str]) -> None:
        for part in parts_of(lines, PART_BYTES[GRAPH_STORE]):
            self._write("POST", graph, part)

    def drop(self, graph: str) -> None:
        status = self._send("DELETE", target_of(self.url, graph=graph), "", "")
        if status not in (200, 202, 204, 404):
            raise self._failed("DELETE", status)

    def _write(self, method: str, graph: str, part: str) -> None:
        status = self._send(method, target_of(self.url, graph=graph), TRIPLES_TYPE, part)
        if status not in (200, 201, 202, 204):
            raise self._failed(method, status)


class Update(Writer):
    """SPARQL 1.1 Update, by which single triples can be taken out too."""

    protocol = UPDATE

    def put(self, graph: str, lines: Iterable[str]) -> None:
        self.drop(graph)
        self.add(graph, lines)

    def add(self, graph: str, lines: Iterable[str]) -> None:
        self._change("INSERT DATA", graph, lines)

    def remove(self, graph: str, lines: Iterable[str]) -> None:
        """Take these lines out of the graph."""
        self._change("DELETE DATA", graph, lines)

    def forget(self, graph: str, subject: str) -> None:
        """Take out of the graph all that it says of the subject."""
        self._update(f"DELETE WHERE {{ GRAPH <{graph}> {{ <{subject}> ?p ?o }} }}")

    def drop(self, graph: str) -> None:
        self._update(f"DROP SILENT GRAPH <{graph}>")

    def _change(self, verb: str, graph: str, lines: Iterable[str]) -> None:
        for part in parts_of(lines, PART_BYTES[UPDATE]):
            self._update(f"{verb} {{ GRAPH <{graph}> {{\n{part}}} }}")

    def _update(self, text: str) -> None:
        status = self._send("POST", target_of(self.url), UPDATE_TYPE, text)
        if status not in (200, 202, 204):
            raise self._failed(text.partition("{")[0].strip()[:40], status)


def writers_of(
    client: Client, query_url: str, timeout_s: float, protocol: str = "", url: str = ""
) -> list[Writer]:
    """The ways of writing to try: the one that is named, or those that stores are known to have."""
    kinds: dict[str, type[Writer]] = {GRAPH_STORE: GraphStore, UPDATE: Update}
    if url:
        return [kinds[protocol](client, url, timeout_s)]
    parts = urlsplit(query_url)
    end = "/" + parts.path.rpartition("/")[2]
    folder = f"{parts.scheme}://{parts.netloc}{parts.path.removesuffix(end)}"
    return [
        kinds[kind](client, folder + path, timeout_s)
        for kind, path in _GUESSED.get(end, ((UPDATE, end),))
        if protocol in ("", kind)
    ]


def parts_of(lines: Iterable[str], size: int) -> Iterator[str]:
    """The lines in texts of about that many characters, none empty."""
    part: list[str] = []
    length = 0
    for line in lines:
        if part and length + len(line) > size:
            yield "".join(part)
            part, length = [], 0
        part.append(line)
        length += len(line)
    if part:
        yield "".join(part)
