"""A thread of the front that keeps one query worker, and the queues it takes queries from."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import BinaryIO

from rdflib.term import Node

from kg.release import Release
from kg.settings import Settings
from server.current import CurrentRelease
from server.failures import failure_of, worker_failure
from server.process import WorkerDied, WorkerProcess, WorkerTimedOut
from server.wire import term_to_json

log = logging.getLogger("sdgplan.engine")

IDLE_LOOK_S = 1.0
"""How often an idle worker looks for a new release, in seconds."""


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


@dataclass(slots=True)
class Job:
    """A query on its way to a worker; without one the worker only opens the release."""

    release: Release
    query: Query | None
    timeout_s: float
    spool: BinaryIO | None
    done: Future[WorkerProcess]


class Lanes:
    """Two queues: questions of pages go first, and one worker takes nothing else."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._public: deque[Job] = deque()
        self._internal: deque[Job] = deque()
        self.is_closed = False

    def put(self, job: Job, is_internal: bool) -> None:
        """Queue a job."""
        with self._condition:
            (self._internal if is_internal else self._public).append(job)
            self._condition.notify_all()

    def take(self, internal_only: bool) -> Job | None:
        """The next job; None after IDLE_LOOK_S without one."""
        with self._condition:
            if not self._next(internal_only) and not self.is_closed:
                self._condition.wait(IDLE_LOOK_S)
            queue = self._next(internal_only)
            return queue.popleft() if queue else None

    def _next(self, internal_only: bool) -> deque[Job] | None:
        if self._internal:
            return self._internal
        return self._public if self._public and not internal_only else None

    def close(self) -> None:
        """Wake every worker thread for the last time."""
        with self._condition:
            self.is_closed = True
            self._condition.notify_all()


class Slot(threading.Thread):
    """The thread that keeps one worker."""

    def __init__(
        self, settings: Settings, current: CurrentRelease, lanes: Lanes, *, internal_only: bool
    ) -> None:
        super().__init__(name="sdgplan-worker", daemon=True)
        self._settings = settings
        self._current = current
        self._lanes = lanes
        self._internal_only = internal_only
        self._worker: WorkerProcess | None = None

    @property
    def pid(self) -> int:
        worker = self._worker
        return worker.pid if worker is not None else 0

    def stop(self) -> None:
        """Kill the worker, so that a running query ends at once, and wait for the thread."""
        worker = self._worker
        if worker is not None:
            worker.end()
        self.join(timeout=10)

    def run(self) -> None:
        while not self._lanes.is_closed:
            self._keep_ready()
            job = self._lanes.take(self._internal_only)
            if job is not None and job.done.set_running_or_notify_cancel():
                self._do(job)
        self._drop()

    def _keep_ready(self) -> None:
        """A living worker with the current release open, before anyone asks."""
        try:
            release = str(self._current.get().path)
            worker = self._living()
            if worker.release != release:
                worker.open(release)
        except (WorkerDied, WorkerTimedOut, OSError):
            if not self._lanes.is_closed:
                log.exception("A query worker did not come up; trying again")
            self._drop()

    def _do(self, job: Job) -> None:
        try:
            worker, event = self._answered(job)
            if event["event"] == "failed":
                job.done.set_exception(
                    failure_of(event, job.query.text if job.query else "", self._settings)
                )
            else:
                job.done.set_result(worker)
            if event.get("is_worn"):
                self._drop()
        except (WorkerDied, WorkerTimedOut) as error:
            self._drop()
            if not self._lanes.is_closed:
                log.warning("A query worker was lost: %s", str(error) or "time limit")
            job.done.set_exception(worker_failure(error, job.timeout_s, self._settings))
        except Exception as error:
            log.exception("A query could not be handed to a worker")
            self._drop()
            job.done.set_exception(error)

    def _answered(self, job: Job) -> tuple[WorkerProcess, dict[str, object]]:
        try:
            worker = self._living()
            return worker, self._ask(worker, job)
        except WorkerDied as error:
            if error.had_started:
                raise
            self._drop()
            worker = self._living()
            return worker, self._ask(worker, job)

    def _ask(self, worker: WorkerProcess, job: Job) -> dict[str, object]:
        message: dict[str, object] = {"release": str(job.release.path)}
        query = job.query
        if query is None or job.spool is None:
            if worker.release != message["release"]:
                worker.open(str(message["release"]))
            return {"event": "done"}
        message |= {
            "query": query.text,
            "media_type": query.media_type,
            "default_graphs": query.default_graphs,
            "named_graphs": query.named_graphs,
            "bindings": {name: term_to_json(term) for name, term in query.bindings.items()},
        }
        return worker.ask(message, job.spool.fileno(), job.timeout_s)

    def _living(self) -> WorkerProcess:
        if self._worker is not None and not self._worker.is_alive:
            self._drop()  # died between two queries: nobody has to know
        if self._worker is None:
            self._worker = WorkerProcess(self._settings)
        return self._worker

    def _drop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()
