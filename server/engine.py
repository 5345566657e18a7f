"""The pool of query workers, and what the rest of the server asks of it.

Each worker belongs to a thread of the front that hands it one query at a time, kills it past
the time limit and starts another. Beside the public workers one more answers the questions of
pages and descriptions, so that long queries of visitors do not stop those.
"""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitTimeout
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rdflib import BNode, Literal, URIRef
from rdflib.term import Node

from kg.release import Release
from kg.settings import Settings
from server.cache import AnswerCache
from server.current import CurrentRelease
from server.errors import unavailable
from server.process import WorkerProcess
from server.slot import Job, Lanes, Query, Slot
from server.wire import term_from_json

CACHE_BYTES = 64 << 20
CACHE_ENTRY_BYTES = 1 << 20
RESERVED_THREADS = 4
"""Front threads that visitors' queries never occupy, so that everything else still answers."""
RETRY_AFTER_S = 10
SOLUTIONS_JSON = "application/sparql-results+json"


@dataclass(slots=True)
class Answer:
    """A complete answer: in `data`, or in `spool` from its start if it is large."""

    size_bytes: int
    data: bytes | None = None
    spool: BinaryIO | None = None


class Engine:
    """Answers queries over the current release through worker processes."""

    def __init__(self, settings: Settings, var: Path) -> None:
        """Start the workers. Raises ReleaseError if there is no release."""
        self.settings = settings
        self.current = CurrentRelease(var)
        self._cache = AnswerCache(CACHE_BYTES, CACHE_ENTRY_BYTES)
        self._graphs: dict[str, tuple[tuple[str, ...], int]] = {}
        self._lanes = Lanes()
        admitted = max(settings.workers + 1, settings.threads - RESERVED_THREADS)
        self._admitted = threading.BoundedSemaphore(admitted)
        self._slots = [
            Slot(settings, self.current, self._lanes, internal_only=number == 0)
            for number in range(settings.workers + 1)
        ]
        for slot in self._slots:
            slot.start()

    def answer(self, query: Query, release: Release | None = None) -> Answer:
        """The answer of a visitor's query; complete, or a problem is raised.

        Raises HttpProblem: 400 syntax, 500 crash, 503 time, memory, size or too many queries.
        """
        release = release or self.current.get()
        key = None if query.cache_key is None else (release.id, query.media_type, query.cache_key)
        if key is not None and (kept := self._cache.get(key)) is not None:
            return Answer(len(kept), data=kept)
        if not self._admitted.acquire(blocking=False):
            detail = "As many queries as this service takes at once are being answered."
            raise unavailable("Too many queries", detail, RETRY_AFTER_S)
        try:
            answer = self._answer(query, release, is_internal=False)
        finally:
            self._admitted.release()
        if key is not None and answer.data is not None:
            self._cache.put(key, answer.data)
        return answer

    def select(
        self, text: str, bindings: Mapping[str, Node] | None = None
    ) -> list[dict[str, URIRef | Literal | BNode]]:
        """The solutions of a small SELECT of our own; an unbound variable is absent."""
        document = json.loads(self.bytes_of(text, SOLUTIONS_JSON, bindings))
        return [
            {name: term_from_json(term) for name, term in solution.items()}
            for solution in document["results"]["bindings"]
        ]

    def ask(self, text: str, bindings: Mapping[str, Node] | None = None) -> bool:
        """The boolean of an ASK of our own."""
        return bool(json.loads(self.bytes_of(text, SOLUTIONS_JSON, bindings))["boolean"])

    def bytes_of(
        self, text: str, media_type: str, bindings: Mapping[str, Node] | None = None
    ) -> bytes:
        """The serialised answer of a small query of our own, kept in the cache."""
        bound = dict(bindings or {})
        release = self.current.get()
        key = (
            release.id,
            media_type,
            "internal",
            text,
            *sorted((n, t.n3()) for n, t in bound.items()),
        )
        kept = self._cache.get(key)
        if kept is None:
            query = Query(text, media_type, bindings=bound)
            answer = self._answer(query, release, is_internal=True)
            kept = answer.data if answer.data is not None else _drained(answer)
            self._cache.put(key, kept)
        return kept

    def contents(self, release: Release | None = None) -> tuple[tuple[str, ...], int]:
        """The names of the release's graphs, sorted, and its number of quads."""
        release = release or self.current.get()
        known = self._graphs.get(release.id)
        if known is None:
            job = Job(release, None, 0, None, Future())
            worker = self._finished(job, is_internal=True)
            known = (worker.graphs, worker.quads)
            self._graphs = {release.id: known}
        return known

    def worker_pids(self) -> list[int]:
        """The process ids of the running workers; the first is the one of pages."""
        return [slot.pid for slot in self._slots if slot.pid]

    def close(self) -> None:
        """End every worker and wait for the threads that kept them."""
        self._lanes.close()
        for slot in self._slots:
            slot.stop()

    def _answer(self, query: Query, release: Release, *, is_internal: bool) -> Answer:
        limit_s = float(self.settings.query_timeout_s)
        timeout_s = min(query.timeout_s or limit_s, limit_s)
        spool = tempfile.TemporaryFile(prefix="sdgplan-answer-")  # noqa: SIM115
        try:
            self._finished(Job(release, query, timeout_s, spool, Future()), is_internal)
            size_bytes = spool.seek(0, 2)
            spool.seek(0)
            if size_bytes <= CACHE_ENTRY_BYTES:
                data = spool.read()
                spool.close()
                return Answer(size_bytes, data=data)
            return Answer(size_bytes, spool=spool)
        except BaseException:
            spool.close()
            raise

    def _finished(self, job: Job, is_internal: bool) -> WorkerProcess:
        self._lanes.put(job, is_internal)
        try:
            return job.done.result(timeout=self.settings.query_timeout_s)
        except WaitTimeout:
            if job.done.cancel():
                detail = "All query workers are busy and none became free in time."
                raise unavailable("Too many queries", detail, RETRY_AFTER_S) from None
            return job.done.result()  # running: its slot keeps the limit


def _drained(answer: Answer) -> bytes:
    assert answer.spool is not None
    with answer.spool as spool:
        return spool.read()


__all__ = ["Answer", "Engine", "Query"]
