"""The queues between the front's threads and the query workers.

Questions of pages go first, and one worker takes nothing else. A visitor's query that finds
every worker at work is tried for a moment by the quick worker; what that does not finish waits
its turn, so that a few long queries never stand before the many short ones.

A worker that has nothing to do is lent to the thread that has a query, which then asks it itself:
a query that need not wait is not handed from thread to thread.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

from rdflib.term import Node

from kg.release import Release

IDLE_LOOK_S = 1.0
"""How often an idle worker looks for a new release, in seconds."""
QUICK_S = 0.5
"""How long the quick worker tries a query, in seconds."""
QUICK_REST_S = 60.0
"""How long it stays out of the way after one it gave up, unless the others are stuck, in seconds.

What it gives up is done twice and it has to be started anew: where most queries are long, that
costs more than it helps.
"""
STUCK_S = 1.0
"""The others are stuck when none of them has answered a query for so long, in seconds."""
QUICK_LOOK_S = 0.1
"""How often the resting quick worker looks whether they are, in seconds."""


MOST_PAST = 8
"""How many queries over earlier releases wait at most: they share one worker."""
PAST_STREAK = 16
"""How many of them that worker answers over one release before it opens another, if others wait."""


class Role(Enum):
    """What a worker takes."""

    PAGES = "questions of pages and descriptions"
    QUICK = "those, and visitors' queries for a moment while every other worker is at work"
    ANY = "everything about the current release"
    PAST = "queries over earlier releases, which it opens as they are asked for, and calm ones"


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
    """Whether an earlier release was asked for by its id, or nobody waits for the answer."""
    has_left: Callable[[], bool] | None = None
    """Whether the one who asked is gone; None = that cannot be known."""


@dataclass(slots=True)
class Done:
    """What came of a job: the answer or its descriptor (-1 = none), the release's contents."""

    fd: int
    data: bytes | None
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


Keeper = TypeVar("Keeper")


class Seat(Generic[Keeper]):
    """The place in the lanes of who keeps a worker."""

    def __init__(self, role: Role, keeper: Keeper, lock: threading.Lock) -> None:
        self.role = role
        self.keeper = keeper
        self.woken = threading.Condition(lock)
        self.is_lent = False
        self.is_overdue = False
        """Whether the keeper waits for the end of a loan to look for a new release."""


class Lanes(Generic[Keeper]):
    """Queues of questions of pages, long queries and other queries, each first come first.

    Queries over earlier releases have a queue and a worker of their own: opening a release
    takes seconds, and no worker of the current one is to spend them. That worker goes on with
    the release it has open while there are queries over it, up to PAST_STREAK.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closing = threading.Condition(self._lock)
        self._internal: deque[Job] = deque()
        self._long: deque[Job] = deque()
        self._public: deque[Job] = deque()
        self._past: deque[Job] = deque()
        self._streak = 0
        self._idle: dict[Role, list[Seat[Keeper]]] = {role: [] for role in Role}
        self._rests_until = self._last_answer = 0.0
        self.is_closed = False

    def seat(self, role: Role, keeper: Keeper) -> Seat[Keeper]:
        """A place for a keeper; `take` and `give_back` ask for it."""
        return Seat(role, keeper, self._lock)

    def put(self, job: Job, is_internal: bool = False) -> bool:
        """Queue a job; False if too many wait for the worker of earlier releases."""
        with self._lock:
            if job.is_past:
                if len(self._past) >= MOST_PAST:
                    return False
                self._past.append(job)
            elif job.is_long:
                self._rests_until = time.monotonic() + QUICK_REST_S
                self._long.append(job)
            else:
                (self._internal if is_internal else self._public).append(job)
            self._wake_one()
            return True

    def withdraw(self, job: Job) -> bool:
        """Take a job back; False if a worker has it or it is done."""
        with self._lock:
            for queue in (self._internal, self._long, self._public, self._past):
                if job in queue:
                    queue.remove(job)
                    return True
            return False

    def borrow(self, is_internal: bool = False) -> Seat[Keeper] | None:
        """A worker with nothing to do, to be given back; None if there is none, or others wait."""
        with self._lock:
            if self._internal or (not is_internal and (self._long or self._public)):
                return None
            for role in (Role.PAGES, Role.QUICK, Role.ANY) if is_internal else (Role.ANY,):
                if self._idle[role]:
                    seat = self._idle[role].pop()
                    seat.is_lent = True
                    return seat
            return None

    def give_back(self, seat: Seat[Keeper], needs_care: bool) -> None:
        """End a loan; the keeper is woken if there is something to do."""
        with self._lock:
            seat.is_lent = False
            if needs_care or seat.is_overdue or self.is_closed or self._next(seat.role):
                seat.woken.notify()
            else:
                self._idle[seat.role].append(seat)

    def take(self, seat: Seat[Keeper], opened: str = "") -> Job | None:
        """The next job for a worker; None after IDLE_LOOK_S without one, or when it needs care.

        `opened` is the path of the release that the worker has open.
        """
        with self._lock:
            if not self._next(seat.role) and not self.is_closed:
                self._wait(seat)
            queue = self._next(seat.role)
            job = None
            if queue:
                job = self._next_past(opened) if seat.role is Role.PAST else queue.popleft()
            if job is not None:
                self._wake_one()  # one worker less is idle
            return job

    def note_answer(self, role: Role) -> None:
        """Remember that a worker has come to the end of a query by itself."""
        if role is Role.ANY:
            self._last_answer = time.monotonic()

    def wait_closed(self, timeout_s: float) -> None:
        """Wait a while, but no longer than until the lanes are closed."""
        with self._closing:
            self._closing.wait_for(lambda: self.is_closed, timeout_s)

    def waiting(self) -> int:
        """The number of jobs in the queues."""
        return sum(map(len, (self._internal, self._long, self._public, self._past)))

    def close(self) -> list[Job]:
        """Wake every worker for the last time; the jobs that nobody will do."""
        with self._lock:
            self.is_closed = True
            left = [*self._internal, *self._long, *self._public, *self._past]
            for queue in (self._internal, self._long, self._public, self._past):
                queue.clear()
            for seats in self._idle.values():
                for seat in seats:
                    seat.woken.notify()
            self._closing.notify_all()
            return left

    def _wait(self, seat: Seat[Keeper]) -> None:
        """Be idle for a while, and longer if somebody has borrowed the worker."""
        self._idle[seat.role].append(seat)
        is_looked_for = seat.role is Role.QUICK and self._public
        seat.woken.wait(QUICK_LOOK_S if is_looked_for else IDLE_LOOK_S)
        seat.is_overdue = seat.is_lent
        while seat.is_lent:
            seat.woken.wait()
        seat.is_overdue = False
        if seat in self._idle[seat.role]:
            self._idle[seat.role].remove(seat)

    def _wake_one(self) -> None:
        """Wake an idle worker that would take the next job."""
        for role in Role:
            if self._idle[role] and self._next(role):
                self._idle[role].pop().woken.notify()
                return

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
            is_needed = len(self._public) > len(self._idle[Role.ANY]) and not self._is_resting()
            return self._public if is_needed else None
        return self._long or self._public

    def _is_resting(self) -> bool:
        now = time.monotonic()
        return now < self._rests_until and now < self._last_answer + STUCK_S
