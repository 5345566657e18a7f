"""Whether the remote store has the release that is served: asked around each answer.

A push changes what the store says of itself before it changes anything else, and never says the
same again. So when the store says the same after an answer as it did before, all of the answer is
of one release. One question serves all answers that came before it was asked.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from kg.errors import StoreFailed
from kg.remote.asking import RemoteStore
from kg.remote.state import Loaded


@dataclass(slots=True)
class _Round:
    """One question to the store, and what came of it."""

    is_over: bool = False
    said: Loaded | None = None
    error: StoreFailed | None = field(default=None)


class Standing:
    """What a remote store says of itself, asked by many threads at once."""

    def __init__(self, store: RemoteStore) -> None:
        self._store = store
        self._changed = threading.Condition()
        self._running: _Round | None = None
        self._next = _Round()
        self._last: Loaded | None = None

    def last(self) -> Loaded:
        """What it said last, however long ago; asked now if it was not asked yet or failed."""
        return self._last or self.now()

    def now(self) -> Loaded:
        """What it says to a question that begins from now on. Raises StoreFailed."""
        with self._changed:
            mine = self._next
            while not mine.is_over and self._running is not None:
                self._changed.wait()
            if mine.is_over:
                return _told(mine)
            self._running, self._next = mine, _Round()
        try:
            mine.said = self._store.loaded()
        except StoreFailed as error:
            mine.error = error
        finally:
            with self._changed:
                mine.is_over, self._running, self._last = True, None, mine.said
                self._changed.notify_all()
        return _told(mine)


def _told(asked: _Round) -> Loaded:
    if asked.said is None:
        raise asked.error or StoreFailed("The remote store was not asked.")
    return asked.said
