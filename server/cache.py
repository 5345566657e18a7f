"""Answers kept in memory, bounded in bytes, the longest unused dropped first."""

from __future__ import annotations

import threading
from collections import OrderedDict


class AnswerCache:
    """Answers by key; a key names the release, so an answer never outlives its data."""

    def __init__(self, limit_bytes: int, entry_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._entry_bytes = entry_bytes
        self._size_bytes = 0
        self._entries: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def entry_bytes(self) -> int:
        """The largest answer that is kept."""
        return self._entry_bytes

    def get(self, key: tuple[object, ...]) -> bytes | None:
        """The answer, or None."""
        with self._lock:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
            return found

    def put(self, key: tuple[object, ...], answer: bytes) -> None:
        """Keep the answer if it is not larger than one entry may be."""
        if len(answer) > self._entry_bytes:
            return
        with self._lock:
            replaced = self._entries.pop(key, None)
            self._size_bytes += len(answer) - len(replaced or b"")
            self._entries[key] = answer
            while self._size_bytes > self._limit_bytes:
                _, dropped = self._entries.popitem(last=False)
                self._size_bytes -= len(dropped)
