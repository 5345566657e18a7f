"""A thread of the front that keeps one query worker alive and hands it one job at a time.

While there is nothing to do, a thread that has a query may ask the worker itself (`serve`); a
worker is started by its own thread only, and changed for one with the release in memory by it.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from typing import Any

from kg.release import Release
from kg.settings import Settings
from server.current import CurrentRelease
from server.failures import asker_left, failure_of, worker_failure
from server.lanes import QUICK_S, Done, Job, Lanes, Role
from server.nurseries import Nurseries
from server.process import AskerLeft, WorkerDied, WorkerProcess, WorkerTimedOut
from server.tally import Tally
from server.wire import term_to_json

log = logging.getLogger("sdgplan.engine")

RETRY_S = 0.2
PAST_IDLE_S = 300
"""How long the worker of earlier releases is kept without work, in seconds."""
_REASONS: dict[int, str] = {
    signal.SIGABRT: "memory",
    signal.SIGKILL: "stopped",
    signal.SIGTERM: "stopped",
}
LOSSES = ("timeout", "quick-timeout", "memory", "crash", "stopped", "left")


class Slot(threading.Thread):
    """The thread that keeps one worker."""

    def __init__(
        self,
        settings: Settings,
        current: CurrentRelease,
        lanes: Lanes[Slot],
        role: Role,
        lost: Tally,
        nurseries: Nurseries,
    ) -> None:
        super().__init__(name=f"sdgplan-worker-{role.name.lower()}", daemon=True)
        self._settings = settings
        self._current = current
        self._lanes = lanes
        self._role = role
        self._seat = lanes.seat(role, self)
        self._lost = lost
        self._nurseries = nurseries
        self._worker: WorkerProcess | None = None
        self._worked = time.monotonic()

    @property
    def pid(self) -> int:
        worker = self._worker
        return worker.pid if worker is not None and worker.is_alive else 0

    @property
    def opened(self) -> str:
        """The path of the release that the worker has open; empty without one."""
        worker = self._worker
        return worker.release if worker is not None else ""

    @property
    def holds_release(self) -> bool:
        """Whether its worker was forked with the release in memory."""
        worker = self._worker
        return worker is not None and worker.is_alive and bool(worker.nursery.release)

    def stop(self) -> None:
        """Kill the worker, so that a running query ends at once, and wait for the thread."""
        worker = self._worker
        if worker is not None:
            worker.end()
        self.join(timeout=10)

    def run(self) -> None:
        while not self._lanes.is_closed:
            is_past = self._role is Role.PAST
            if not is_past and not self._keep_ready():
                self._lanes.wait_closed(RETRY_S)
                continue
            job = self._lanes.take(self._seat, self.opened)
            if job is not None:
                self._do(job)
                self._worked = time.monotonic()
            elif is_past and time.monotonic() - self._worked > PAST_IDLE_S:
                self._drop()
        self._drop()

    def serve(self, job: Job) -> bool:
        """Do a job in the thread that has it; False if the worker is not there to do it."""
        worker = self._worker
        is_fit = worker is not None and worker.fits(str(job.release.path))
        is_done = is_fit and self._do(job, may_start=False)
        self._lanes.give_back(self._seat, needs_care=self._worker is None or not is_done)
        return is_done

    def _keep_ready(self) -> bool:
        """Have a living worker with the current release open, before anyone asks."""
        try:
            release = self._current.newest()
            worker = self._living(release)
            if worker.release != str(release.path):
                worker.open(str(release.path))
        except (WorkerDied, WorkerTimedOut, OSError) as error:
            if not self._lanes.is_closed:
                said = getattr(error, "said", "")
                log.exception("A query worker did not come up; trying again", extra={"why": said})
            self._drop()
            return False
        return True

    def _do(self, job: Job, may_start: bool = True) -> bool:
        # False: no worker took the job up, and none may be started here
        is_short = self._role is Role.QUICK and job.timeout_s > QUICK_S
        try:
            event, fd = self._answered(job, QUICK_S if is_short else job.timeout_s, may_start)
            self._lanes.note_answer(self._role)
            if event["event"] == "failed":
                self._fail(job, event)
            else:
                assert self._worker is not None
                worker = self._worker
                job.done.set_result(Done(fd, event.get("data"), worker.graphs, worker.quads))
            if event.get("is_worn"):
                self._drop()
        except WorkerTimedOut as error:
            self._drop()
            if is_short:
                self._lost.add("quick-timeout")
                job.is_long = True
                self._lanes.put(job)
            else:
                self._lose(job, error)
        except AskerLeft:
            self._drop()
            self._lost.add("left")
            job.done.set_exception(asker_left())
        except WorkerDied as error:
            self._drop()
            if not error.had_started and not may_start:
                return False
            self._lose(job, error)
        except Exception as error:
            log.exception("A query could not be handed to a worker")
            self._drop()
            job.done.set_exception(error)
        return True

    def _fail(self, job: Job, event: dict[str, Any]) -> None:
        text = job.query.text if job.query else ""
        job.done.set_exception(failure_of(event, text, self._settings))

    def _lose(self, job: Job, error: WorkerDied | WorkerTimedOut) -> None:
        if isinstance(error, WorkerTimedOut):
            reason, why = "timeout", "time limit"
        else:
            reason, why = _REASONS.get(error.signal_number, "crash"), f"{error}: {error.said}"
        self._lost.add(reason)
        if not self._lanes.is_closed:
            log.warning("A query worker was lost", extra={"reason": reason, "why": why})
        job.done.set_exception(worker_failure(error, job.timeout_s, self._settings))

    def _answered(self, job: Job, timeout_s: float, may_start: bool) -> tuple[dict[str, Any], int]:
        try:
            worker = self._living(job.release) if may_start else self._worker
            assert worker is not None
            return self._ask(worker, job, timeout_s)
        except WorkerDied as error:
            if error.had_started or not may_start:
                raise
            self._drop()
            return self._ask(self._living(job.release), job, timeout_s)

    def _ask(self, worker: WorkerProcess, job: Job, timeout_s: float) -> tuple[dict[str, Any], int]:
        message: dict[str, object] = {"release": str(job.release.path)}
        query = job.query
        if query is None:
            if worker.release == message["release"]:
                return {"event": "done"}, -1
        else:
            message |= {
                "query": query.text,
                "media_type": query.media_type,
                "default_graphs": query.default_graphs,
                "named_graphs": query.named_graphs,
                "bindings": {name: term_to_json(term) for name, term in query.bindings.items()},
            }
        return worker.ask(message, timeout_s, query.has_left if query else None)

    def _living(self, release: Release) -> WorkerProcess:
        is_current = release.id == self._current.newest().id and self._role is not Role.PAST
        nursery = self._nurseries.best_for(release, is_current)
        if self._worker is not None and (
            not self._worker.is_alive  # died between two queries: nobody has to know
            or self._worker.nursery is not nursery
        ):
            self._drop()
        if self._worker is None:
            copies = self._role is Role.ANY
            self._worker = WorkerProcess(self._settings, nursery, copies=copies)
        return self._worker

    def _drop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()
