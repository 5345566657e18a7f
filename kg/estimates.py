"""What the estimate of a plan's lost goal links says: a probability for each cell.

A cell is a pair of project and goal. Frozen values between the method (`kg/candidates.py`),
the mapping and the tables; how they come about is in docs/candidates.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

METHOD_VERSION = "1"
"""Raised whenever the same plan and words would give other probabilities."""

RECORDED_FROM = Decimal("0.05")
"""A cell this probable is published as a record, chosen or not."""

PLACES = Decimal("0.000000001")
"""Probabilities are published with nine decimals."""

NO_CLUE = "本文に手がかりなし（件数の制約のみ）"
"""The evidence of a cell for which no word spoke."""

_LIKELIHOODS = (
    (Decimal("0.90"), "とても高い", "very likely"),
    (Decimal("0.66"), "高い", "likely"),
    (Decimal("0.34"), "半々", "about even"),
    (Decimal("0.10"), "低い", "unlikely"),
)
"""From which whole per cent on, and the words, which stand beside a number always: words alone
are read differently (Budescu et al. as summarised in Science 345:43, 2014)."""


def likelihood(probability: Decimal) -> tuple[str, str]:
    """The probability in words, Japanese and English, by its whole per cent."""
    shown = probability.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    words = ((ja, en) for least, ja, en in _LIKELIHOODS if shown >= least)
    return next(words, ("とても低い", "very unlikely"))


class CellBasis(StrEnum):
    """Why a cell has the probability it has."""

    STATED = "stated"
    CURATED = "curated"
    REJECTED = "rejected"
    EXCLUDED = "excluded"
    """No link can be here: the published total is 0, or every link of the project is known."""
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class Cell:
    """A project and a goal: how probable it is that the document showed this goal.

    `project` is the project's key. `score` is the text's affinity in log-odds, `words` what
    was found, in the order of fields and places. `is_chosen` says that the cell belongs to
    the most probable set of links that meets every published number.
    """

    project: str
    goal: int
    basis: CellBasis
    probability: Decimal
    is_chosen: bool = False
    score: Decimal = Decimal(0)
    words: tuple[str, ...] = ()

    @property
    def is_recorded(self) -> bool:
        """Whether the cell is published as a record of its own."""
        if self.basis is not CellBasis.INFERRED:
            return False
        return self.is_chosen or self.probability >= RECORDED_FROM


@dataclass(frozen=True, slots=True)
class Expected:
    """How many projects of one unit serve a goal: known links and probabilities, summed."""

    unit: tuple[str, ...]
    goal: int
    projects: Decimal


@dataclass(frozen=True, slots=True)
class Estimate:
    """All cells of a plan, project by project in document order, goals 1 to 17.

    `expected` leaves out pairs without any project. `word_list_sha256` names the words used.
    """

    cells: tuple[Cell, ...]
    expected: tuple[Expected, ...]
    word_list_sha256: str

    @property
    def recorded(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.is_recorded)
