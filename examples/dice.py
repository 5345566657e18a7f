"""Choices that are the same on every Python: only `random.Random(text).random()` is used.

Python promises the same numbers for a seed for `random()` alone; `choice`, `sample` and
`shuffle` have changed between versions.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of choices; the same seed gives the same stream."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed).random

    def chance(self, probability: float) -> bool:
        """True with a probability from 0 to 1."""
        return self._random() < probability

    def between(self, lowest: int, highest: int) -> int:
        """A whole number from `lowest` to `highest`, both included."""
        return lowest + int(self._random() * (highest - lowest + 1))

    def pick(self, values: Sequence[T]) -> T:
        """One of the values, which must not be empty."""
        return values[int(self._random() * len(values))]

    def some(self, values: Sequence[T], count: int) -> list[T]:
        """`count` different places of the values, or all of them, in the values' order."""
        rest = list(range(len(values)))
        while len(rest) > count:
            del rest[int(self._random() * len(rest))]
        return [values[place] for place in rest]
