"""How good probabilities and sets of links are, held against the true links. Only numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Truth = NDArray[np.bool_]

BINS = 10


@dataclass(frozen=True)
class Hits:
    """How many links were proposed, are true, and are both; `hits` may be an expectation."""

    proposed: float
    true: float
    hits: float

    def __add__(self, other: Hits) -> Hits:
        return Hits(self.proposed + other.proposed, self.true + other.true, self.hits + other.hits)

    @property
    def precision(self) -> float:
        """The share of the proposed links that are true."""
        return self.hits / self.proposed

    @property
    def recall(self) -> float:
        """The share of the true links that were proposed."""
        return self.hits / self.true

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.hits / (self.proposed + self.true)


def hits_of(chosen: Truth, truth: Truth) -> Hits:
    """What a proposed set of links has in common with the true one."""
    return Hits(int(chosen.sum()), int(truth.sum()), int((chosen & truth).sum()))


def log_loss(probabilities: Numbers, truth: Truth) -> float:
    """The mean of -ln(probability of what is true) per cell; infinite if that was held impossible.

    In nats: 0 is perfect, ln 2 is a coin.
    """
    of_truth = np.where(truth, probabilities, 1 - probabilities)
    with np.errstate(divide="ignore"):
        return float(-np.log(of_truth).mean())


def brier(probabilities: Numbers, truth: Truth) -> float:
    """The mean square of probability minus truth (1 or 0) per cell (Brier 1950)."""
    return float(np.square(probabilities - truth).mean())


@dataclass(frozen=True)
class Bin:
    """Cells of about one probability: how many, their mean probability, the share that is true."""

    low: float
    high: float
    cells: int
    mean: float
    true: float


def reliability(probabilities: Numbers, truth: Truth, bins: int = BINS) -> list[Bin]:
    """The cells by probability, in bins of equal width; 1 belongs to the last. Empty ones too."""
    places = np.minimum((probabilities * bins).astype(int), bins - 1)
    table = []
    for place in range(bins):
        inside = places == place
        count = int(inside.sum())
        mean = float(probabilities[inside].mean()) if count else 0.0
        true = float(truth[inside].mean()) if count else 0.0
        table.append(Bin(place / bins, (place + 1) / bins, count, mean, true))
    return table


def calibration_error(table: Sequence[Bin]) -> float:
    """The expected calibration error: |mean probability - share true|, weighed by cells."""
    return sum(bin_.cells * abs(bin_.mean - bin_.true) for bin_ in table) / sum(
        bin_.cells for bin_ in table
    )


def top_k(scores: Numbers, counts: Sequence[int], truth: Truth) -> Hits:
    """For each row the `counts` best cells; where cells tie for places, the expected hits.

    Tied cells have the same chance each, so of a group of t cells for s places s/t of its true
    links are hit.
    """
    hits = 0.0
    for row, count, true in zip(scores, counts, truth, strict=True):
        if not count:
            continue
        last = np.sort(row)[-count]
        above, tied = row > last, row == last
        places = count - int(above.sum())
        hits += int(true[above].sum()) + places * int(true[tied].sum()) / int(tied.sum())
    return Hits(sum(counts), int(truth.sum()), hits)
