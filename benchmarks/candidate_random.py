"""Random 0/1 matrices with given row and column sums, each as likely as any other.

A chain of trades (Strona and others 2014, "curveball"): two rows are picked, and the columns
that only one of them has are dealt out anew between them, each row keeping its number. Nothing
is refused, so every matrix with the sums is equally likely in the long run (Carstens 2015).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.candidate_scores import Truth

TRADES_PER_ROW = 5
"""Trades between two draws, per row of the matrix; before the first, BURN_IN times as many."""

BURN_IN = 20


def matrices(start: Truth, seed: str, draws: int) -> Iterator[Truth]:
    """So many matrices with the row and column sums of `start`."""
    roll = random.Random(seed).random
    rows = [set(np.flatnonzero(row).tolist()) for row in start]
    between = TRADES_PER_ROW * len(rows)
    for draw in range(draws):
        for _ in range(between * (1 if draw else BURN_IN)):
            _trade(rows, roll)
        matrix = np.zeros_like(start)
        for place, columns in enumerate(rows):
            matrix[place, sorted(columns)] = True
        yield matrix


def _trade(rows: list[set[int]], roll: Callable[[], float]) -> None:
    if len(rows) < 2:
        return
    first = int(roll() * len(rows))
    second = int(roll() * (len(rows) - 1))
    second += second >= first
    a, b = rows[first], rows[second]
    apart = sorted(a ^ b)
    for place in range(len(apart) - 1, 0, -1):
        other = int(roll() * (place + 1))
        apart[place], apart[other] = apart[other], apart[place]
    both, own = a & b, len(a - b)
    rows[first], rows[second] = both | set(apart[:own]), both | set(apart[own:])
