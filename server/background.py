"""Values that take a while over many plans: made once for each release, while visitors go on.

A thread of its own asks the engine, through the worker that answers over earlier releases, so that
neither pages nor visitors' queries wait for it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from flask import Flask, current_app

from kg.release import Release
from server.context import context
from server.engine import calmly
from server.errors import HttpProblem

WAIT_S = 3.0
"""How long the first who ask wait for the value, in seconds."""
MOST_RELEASES = 4
"""Of so many the values are kept."""
GIVEN_UP = frozenset(("timeout", "memory", "too-large", "crash"))
"""Outcomes of a query that would be the same the next time."""

log = logging.getLogger("sdgplan.background")
T = TypeVar("T")


@dataclass(slots=True)
class _State(Generic[T]):
    value: T | None = None
    is_over: bool = False
    """Whether the value is there, or will never be."""
    thread: threading.Thread | None = None
    until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class OncePerRelease(Generic[T]):
    """What `make` returns for the release that answers now; None while it is being made.

    `make` runs within an application context, and may ask the engine.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._states: dict[Path, _State[T]] = {}
        self._lock = threading.Lock()

    def get(self) -> T | None:
        """The value; None if it is not there within WAIT_S, or cannot be had."""
        release = context().release
        state = self._state_of(release.path)
        if state.is_over:
            return state.value
        with state.lock:
            if state.thread is None or not state.thread.is_alive():
                app = current_app._get_current_object()  # type: ignore[attr-defined]
                state.thread = threading.Thread(
                    target=self._run, args=(app, release, state), name="background", daemon=True
                )
                state.until = time.monotonic() + WAIT_S
                state.thread.start()
            thread = state.thread
        thread.join(max(0.0, state.until - time.monotonic()))
        return state.value

    def forget(self) -> None:
        """Drop every value."""
        with self._lock:
            self._states.clear()

    def _run(self, app: Flask, release: Release, state: _State[T]) -> None:
        with app.app_context(), calmly(release):
            try:
                state.value = self._make()
                state.is_over = True
            except HttpProblem as problem:
                # a busy moment, or the end: whoever comes next has it tried again
                state.is_over = problem.outcome in GIVEN_UP
            except Exception:
                log.exception("A value of the release could not be made")
                state.is_over = True

    def _state_of(self, release: Path) -> _State[T]:
        with self._lock:
            found = self._states.get(release)
            if found is None:
                if len(self._states) >= MOST_RELEASES:
                    self._states.clear()
                found = self._states[release] = _State()
            return found
