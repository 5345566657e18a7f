"""Numbers that many threads count up and the metrics read."""

from __future__ import annotations

import threading
from collections import Counter


class Tally:
    """A counter per word; a word that never came counts 0."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def add(self, word: str, number: int = 1) -> None:
        """Count one more, or `number` more."""
        with self._lock:
            self._counts[word] += number

    def __getitem__(self, word: str) -> int:
        return self._counts[word]
