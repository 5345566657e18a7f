"""Answers kept in memory, bounded in bytes, the longest unused dropped first.

A key may hold a whole query, which anybody may make long: only its hash is kept.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

OVERHEAD_BYTES = 512
"""What an entry takes beside its answer: the hash, and places in the table."""


class AnswerCache:
    """Answers by key; a key names the release, so an answer never outlives its data."""

    def __init__(self, limit_bytes: int, entry_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._entry_bytes = entry_bytes
        self._size_bytes = 0
        self._entries: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def entry_bytes(self) -> int:
        """The largest answer that is kept."""
        return self._entry_bytes

    def get(self, key: tuple[object, ...]) -> bytes | None:
        """The answer, or None."""
        hashed = _hashed(key)
        with self._lock:
            found = self._entries.get(hashed)
            if found is not None:
                self._entries.move_to_end(hashed)
            return found

    def put(self, key: tuple[object, ...], answer: bytes) -> None:
        """Keep the answer if it is not larger than one entry may be."""
        if len(answer) > self._entry_bytes:
            return
        hashed = _hashed(key)
        with self._lock:
            replaced = self._entries.pop(hashed, None)
            self._size_bytes += _size(answer) - (0 if replaced is None else _size(replaced))
            self._entries[hashed] = answer
            while self._size_bytes > self._limit_bytes:
                _, dropped = self._entries.popitem(last=False)
                self._size_bytes -= _size(dropped)


def _hashed(key: tuple[object, ...]) -> bytes:
    return hashlib.sha256(repr(key).encode("utf-8", "surrogatepass")).digest()


def _size(answer: bytes) -> int:
    return len(answer) + OVERHEAD_BYTES
