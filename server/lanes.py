"""The queues between the front's threads and the query workers.

Questions of pages go first, and one worker takes nothing else. A visitor's query that finds
every worker at work is tried for a moment by the quick worker; what that does not finish waits
its turn, so that a few long queries never stand before the many short ones.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import Enum

from rdflib.term import Node

from kg.release import Release

IDLE_LOOK_S = 1.0
"""How often an idle worker looks for a new release, in seconds."""


MOST_PAST = 8
"""How many queries over earlier releases wait at most: they share one worker."""
PAST_STREAK = 16
"""How many of them that worker answers over one release before it opens another, if others wait."""


class Role(Enum):
    """What a worker takes."""

    PAGES = "questions of pages and descriptions"
    QUICK = "those, and visitors' queries for a moment while every other worker is at work"
    ANY = "everything about the current release"
    PAST = "queries over earlier releases, which it opens as they are asked for"


@dataclass(slots=True)
class Query:
    """What a worker needs to know; `bindings` are terms for variables."""

    text: str
    media_type: str
    default_graphs: Sequence[str] | None = None
    named_graphs: Sequence[str] | None = None
    bindings: Mapping[str, Node] = field(default_factory=dict)
    timeout_s: float | None = None
    cache_key: tuple[object, ...] | None = None
    """Equal keys mean equal answers within one release; None = never cached."""
    is_past: bool = False
    """Whether an earlier release was asked for by its id."""


@dataclass(slots=True)
class Done:
    """What came of a job: the descriptor of the answer (-1 = none), the release's contents."""

    fd: int
    graphs: tuple[str, ...]
    quads: int


@dataclass(slots=True, eq=False)
class Job:
    """A query on its way to a worker; without one the worker only opens the release."""

    release: Release
    query: Query | None
    timeout_s: float
    is_long: bool = False
    """Whether the quick worker has given it up."""
    is_past: bool = False
    done: Future[Done] = field(default_factory=Future)


class Lanes:
    """Queues of questions of pages, long queries and other queries, each first come first.

    Queries over earlier releases have a queue and a worker of their own: opening a release
    takes seconds, and no worker of the current one is to spend them. That worker goes on with
    the release it has open while there are queries over it, up to PAST_STREAK.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._internal: deque[Job] = deque()
        self._long: deque[Job] = deque()
        self._public: deque[Job] = deque()
        self._past: deque[Job] = deque()
        self._streak = 0
        self._idle = 0
        self.is_closed = False

    def put(self, job: Job, is_internal: bool = False) -> bool:
        """Queue a job; False if too many wait for the worker of earlier releases."""
        with self._condition:
            if job.is_past:
                if len(self._past) >= MOST_PAST:
                    return False
                self._past.append(job)
            elif job.is_long:
                self._long.append(job)
            else:
                (self._internal if is_internal else self._public).append(job)
            self._condition.notify_all()
            return True

    def withdraw(self, job: Job) -> bool:
        """Take a job back; False if a worker has it or it is done."""
        with self._condition:
            for queue in (self._internal, self._long, self._public, self._past):
                if job in queue:
                    queue.remove(job)
                    return True
            return False

    def take(self, role: Role, opened: str = "") -> Job | None:
        """The next job for a worker; None after IDLE_LOOK_S without one.

        `opened` is the path of the release that the worker has open.
        """
        with self._condition:
            self._idle += role is Role.ANY
            try:
                if not self._next(role) and not self.is_closed:
                    self._condition.wait(IDLE_LOOK_S)
            finally:
                self._idle -= role is Role.ANY
            queue = self._next(role)
            job = None
            if queue:
                job = self._next_past(opened) if role is Role.PAST else queue.popleft()
            if job is not None:
                self._condition.notify_all()  # one worker less is idle
            return job

    def wait_closed(self, timeout_s: float) -> None:
        """Wait a while, but no longer than until the lanes are closed."""
        with self._condition:
            self._condition.wait_for(lambda: self.is_closed, timeout_s)

    def waiting(self) -> int:
        """The number of jobs in the queues."""
        return sum(map(len, (self._internal, self._long, self._public, self._past)))

    def close(self) -> list[Job]:
        """Wake every worker for the last time; the jobs that nobody will do."""
        with self._condition:
            self.is_closed = True
            left = [*self._internal, *self._long, *self._public, *self._past]
            for queue in (self._internal, self._long, self._public, self._past):
                queue.clear()
            self._condition.notify_all()
            return left

    def _next_past(self, opened: str) -> Job:
        same = [job for job in self._past if str(job.release.path) == opened]
        job = same[0] if same and self._streak < PAST_STREAK else self._past[0]
        self._streak = self._streak + 1 if job in same else 1
        self._past.remove(job)
        return job

    def _next(self, role: Role) -> deque[Job] | None:
        if role is Role.PAST:
            return self._past
        if self._internal or role is Role.PAGES:
            return self._internal
        if role is Role.QUICK:
            return self._public if len(self._public) > self._idle else None
        return self._long or self._public
