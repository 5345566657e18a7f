"""The pool of query workers, and what the rest of the server asks of it.

Each worker belongs to a thread of the front that hands it one query at a time, kills it past
the time limit and starts another. Beside the workers for everything, one answers the questions
of pages only, a quick one those short queries that find the others at work on long ones, and
one, started when first needed, the queries over earlier releases and those that nobody waits for.
"""

from __future__ import annotations

import io
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import TimeoutError as WaitTimeout
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rdflib import BNode, Literal, URIRef
from rdflib.term import Node

from kg.release import KEPT_RELEASES, Release
from kg.settings import Settings
from server.cache import AnswerCache
from server.current import CurrentRelease
from server.errors import HttpProblem, unavailable
from server.failures import asker_left, no_room
from server.lanes import Done, Job, Lanes, Query, Role
from server.nurseries import Nurseries
from server.observation import current as observed
from server.observation import note_query
from server.process import LOOK_S
from server.slot import LOSSES, Slot
from server.tally import Tally
from server.wire import term_from_json

CACHE_BYTES = 64 << 20
CACHE_ENTRY_BYTES = 1 << 20
RESERVED_THREADS = 4
"""Front threads that visitors' queries never occupy, so that everything else still answers."""
QUERIES_PER_WORKER = 16
"""How many queries of visitors are taken up at once for each worker; most of them wait."""
RETRY_AFTER_S = 10
WITHDRAW_S = 0.5
SOLUTIONS_JSON = "application/sparql-results+json"


_is_calm: ContextVar[bool] = ContextVar("is_calm", default=False)


@contextmanager
def calmly(release: Release) -> Iterator[None]:
    """Within it this thread asks of that release, by the worker that nobody waits for."""
    CurrentRelease.hold(release)
    token = _is_calm.set(True)
    try:
        yield
    finally:
        _is_calm.reset(token)


@dataclass(slots=True)
class Answer:
    """A complete answer: in `data`, or in `spool` from its start if it is large."""

    size_bytes: int
    data: bytes | None = None
    spool: BinaryIO | None = None


class _Sending(io.FileIO):
    """A large answer while it is sent."""

    def __init__(self, fd: int, on_close: Callable[[], None]) -> None:
        super().__init__(fd, "rb")
        self._on_close = on_close

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._on_close()


class Engine:
    """Answers queries over the current release through worker processes."""

    LOSSES = LOSSES

    def __init__(self, settings: Settings, var: Path) -> None:
        """Start the workers. Raises ReleaseError if there is no release."""
        self.settings = settings
        self.current = CurrentRelease(var)
        self._cache = AnswerCache(CACHE_BYTES, CACHE_ENTRY_BYTES)
        self._graphs: dict[str, tuple[tuple[str, ...], int]] = {}
        self._lanes: Lanes[Slot] = Lanes()
        self.lost = Tally()
        self.lookups = Tally()
        self._sending = Tally()
        most = min(settings.threads - RESERVED_THREADS, settings.workers * QUERIES_PER_WORKER)
        self._admitted = threading.BoundedSemaphore(max(settings.workers + 1, most))
        roles = self._roles(settings)
        self._nurseries = Nurseries(settings)
        shared = settings, self.current, self._lanes
        self._slots = [Slot(*shared, role, self.lost, self._nurseries) for role in roles]
        for slot in self._slots:
            slot.start()

    @staticmethod
    def _roles(settings: Settings) -> list[Role]:
        """What each of the workers is for."""
        return [Role.PAGES, Role.QUICK, *[Role.ANY] * settings.workers, Role.PAST]

    def check_ready(self) -> None:
        """Raise a 503 if there is more than workers that queries need, and it is not there."""

    def answer(self, query: Query, release: Release | None = None) -> Answer:
        """The answer of a visitor's query; complete, or a problem is raised.

        Raises HttpProblem: 400 syntax, 500 crash, 503 time, memory, size or too many queries.
        """
        note_query(query.text)
        started = time.monotonic()
        size_bytes: int | None = None
        is_cached = False
        try:
            answer, is_cached = self._cached_or_new(query, release or self.current.get())
            size_bytes = answer.size_bytes
            return answer
        finally:
            seen = observed.get()
            if seen is not None:
                seen.query_s = time.monotonic() - started
                seen.answer_bytes, seen.is_cached = size_bytes, is_cached

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
            query = Query(text, media_type, bindings=bound, is_past=_is_calm.get())
            answer = self._answer(query, release, is_internal=True)
            kept = answer.data if answer.data is not None else _drained(answer)
            self._cache.put(key, kept)
        return kept

    def contents(
        self, release: Release | None = None, is_past: bool = False
    ) -> tuple[tuple[str, ...], int]:
        """The names of the release's graphs, sorted, and its number of quads.

        `is_past` as in Query: an earlier release, asked for by its id.
        """
        release = release or self.current.get()
        known = self._graphs.get(release.id)
        if known is None:
            opened = self._finished(Job(release, None, 0, is_past=is_past), is_internal=True)
            known = (opened.graphs, opened.quads)
            kept = dict(self._graphs) if len(self._graphs) <= KEPT_RELEASES else {}
            self._graphs = {**kept, release.id: known}
        return known

    def worker_pids(self) -> list[int]:
        """The process ids of the running workers: that of pages, the quick one, the others.

        That of earlier releases comes last, if one was asked for.
        """
        return [slot.pid for slot in self._slots if slot.pid]

    def is_in_memory(self) -> bool:
        """Whether workers for visitors hold the release in memory."""
        return any(slot.holds_release for slot in self._slots)

    def queue_length(self) -> int:
        """The number of queries that wait for a worker."""
        return self._lanes.waiting()

    def spool_bytes(self) -> int:
        """The size of the large answers being sent."""
        return self._sending["bytes"]

    def close(self) -> None:
        """End every worker and wait for the threads that kept them."""
        for job in self._lanes.close():
            job.done.set_exception(
                unavailable("Stopping", "This server is being stopped; ask again.", RETRY_AFTER_S)
            )
        self._nurseries.interrupt()
        for slot in self._slots:
            slot.stop()
        self._nurseries.close()

    def _cached_or_new(self, query: Query, release: Release) -> tuple[Answer, bool]:
        key = None if query.cache_key is None else (release.id, query.media_type, query.cache_key)
        if key is not None:
            kept = self._cache.get(key)
            self.lookups.add("miss" if kept is None else "hit")
            if kept is not None:
                return Answer(len(kept), data=kept), True
        if not self._admitted.acquire(blocking=False):
            detail = "As many queries as this service takes at once are being answered."
            raise too_many(detail)
        try:
            answer = self._answer(query, release, is_internal=False)
        finally:
            self._admitted.release()
        if key is not None and answer.data is not None:
            self._cache.put(key, answer.data)
        return answer, False

    def _answer(self, query: Query, release: Release, *, is_internal: bool) -> Answer:
        limit_s = float(self.settings.query_timeout_s)
        timeout_s = min(query.timeout_s or limit_s, limit_s)
        job = Job(release, query, timeout_s, is_past=query.is_past)
        done = self._finished(job, is_internal)
        if done.data is not None:
            return Answer(len(done.data), data=done.data)
        return self._answer_in(done.fd)

    def _answer_in(self, fd: int) -> Answer:
        """The answer that a descriptor stands for, which is closed with it."""
        size_bytes = os.lseek(fd, 0, os.SEEK_END)
        os.lseek(fd, 0, os.SEEK_SET)
        if size_bytes <= CACHE_ENTRY_BYTES:
            with io.FileIO(fd) as small:
                return Answer(size_bytes, data=small.read())
        self._sending.add("bytes", size_bytes)
        file = _Sending(fd, lambda: self._sending.add("bytes", -size_bytes))
        if self._sending["bytes"] > self.settings.spool_limit_mib << 20:
            file.close()
            raise no_room()
        return Answer(size_bytes, spool=file)

    def _finished(self, job: Job, is_internal: bool) -> Done:
        seat = None if job.is_past else self._lanes.borrow(is_internal)
        if (seat is None or not seat.keeper.serve(job)) and not self._lanes.put(job, is_internal):
            raise too_many("One worker answers over earlier releases, and many queries wait.")
        has_left = None if job.query is None else job.query.has_left
        until = time.monotonic() + self.settings.query_timeout_s
        while True:
            try:
                return job.done.result(timeout=LOOK_S if has_left else WITHDRAW_S)
            except WaitTimeout:
                # once a worker has it, that keeps the limit and looks after who asked
                if has_left is not None and has_left() and self._lanes.withdraw(job):
                    raise asker_left() from None
                if time.monotonic() > until and self._lanes.withdraw(job):
                    detail = "All query workers are busy and none became free in time."
                    raise too_many(detail) from None


def too_many(detail: str) -> HttpProblem:
    """503: ask again in a moment."""
    return unavailable("Too many queries", detail, RETRY_AFTER_S, "refused")


def _drained(answer: Answer) -> bytes:
    assert answer.spool is not None
    with answer.spool as spool:
        return spool.read()


__all__ = ["Answer", "Engine", "Query", "calmly", "too_many"]
