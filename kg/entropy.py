"""The maximum-entropy distribution over 0/1 matrices with expected row and column sums.

Of all distributions whose expected sums are those published, it is the one closest to the
prior that the scores give (least relative entropy). Each cell is then independent and

    probability = 1 / (1 + exp(-(score + row term + column term + term of the total)))

with one term for each published sum (Jaynes 1957; for matrices with margins, Barvinok 2010).
The terms are the maximum of a concave function; Newton's method finds them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kg.margins import Margins, Matrix

TOLERANCE = 1e-11
"""How far an expected sum may be from the published one, in projects."""

_MOST_STEPS = 200
_LEAST_STEP = 2.0**-40
_LEAST_RISE = 1e-4  # of what the slope promises (Armijo's rule)
_MOST_CHANGE = 4.0
"""A term changes by no more in one step: far out every cell is 0 or 1, and nothing has a slope."""


class NotSettled(ArithmeticError):
    """The expected sums do not come close enough to the published ones."""


def probabilities(scores: Matrix, margins: Margins) -> Matrix:
    """The probability of each free cell; 0 in the others.

    `scores` are log-odds. Every free cell must be open (`kg.margins.open_cells`), so that the
    maximum is finite. Raises NotSettled if the sums are not met to TOLERANCE.
    """
    fit = _Fit(scores, margins)
    terms = np.zeros(fit.size)
    cells, missing = fit.at(terms)
    for _ in range(_MOST_STEPS):
        if _largest(missing) <= TOLERANCE:
            return cells
        step, value = fit.newton_step(cells, missing), fit.value(terms)
        rise = _LEAST_RISE * float(missing @ step)
        width = min(1.0, _MOST_CHANGE / max(_largest(step), _MOST_CHANGE))
        while width > _LEAST_STEP:
            then = terms + width * step
            cells, after = fit.at(then)
            # near the maximum the value is too coarse to show a rise, but the sums do
            if _largest(after) <= _largest(missing) / 2 or fit.value(then) >= value + width * rise:
                break
            width /= 2
        terms, missing = then, after
    raise NotSettled(f"after {_MOST_STEPS} steps a sum is {_largest(missing)} off")


def _largest(missing: Matrix) -> float:
    return float(np.abs(missing).max(initial=0))


class _Fit:
    """The dual function of one plan. Its terms: those of the rows, of the columns, the total's."""

    def __init__(self, scores: Matrix, margins: Margins) -> None:
        self.scores, self.free = scores, margins.free
        open_rows = [bool(row.any()) for row in margins.free]
        open_columns = [bool(column.any()) for column in margins.free.T]
        self.rows = _published(margins.rows, open_rows)
        self.columns = _published(margins.columns, open_columns)
        # where every row or every column has a sum, that of all follows from them
        follows = len(self.rows) == sum(open_rows) or len(self.columns) == sum(open_columns)
        self.has_total = margins.total is not None and not follows
        self.size = len(self.rows) + len(self.columns) + self.has_total
        sums = [margins.rows[i] for i in self.rows] + [margins.columns[i] for i in self.columns]
        self.sums = np.array([*sums, *[margins.total] * self.has_total], dtype=np.float64)

    def log_odds(self, terms: Matrix) -> Matrix:
        odds = self.scores.copy()
        odds[self.rows] += terms[: len(self.rows), None]
        odds[:, self.columns] += terms[None, len(self.rows) : len(self.rows) + len(self.columns)]
        if self.has_total:
            odds += terms[-1]
        return odds

    def at(self, terms: Matrix) -> tuple[Matrix, Matrix]:
        """The probabilities, and by how much each expected sum falls short: the gradient."""
        from scipy.special import expit  # see kg.margins

        cells = np.where(self.free, expit(self.log_odds(terms)), 0.0)
        rows, columns = cells.sum(axis=1)[self.rows], cells.sum(axis=0)[self.columns]
        return cells, self.sums - np.concatenate([rows, columns, [cells.sum()] * self.has_total])

    def value(self, terms: Matrix) -> float:
        return float(self.sums @ terms - np.logaddexp(0, self.log_odds(terms))[self.free].sum())

    def newton_step(self, cells: Matrix, missing: Matrix) -> Matrix:
        """Where the quadratic approximation has its maximum.

        The rows' part of the Hessian is diagonal and is eliminated; of the rest, at most 18
        unknowns, the least solution is taken, since terms may be shifted against each other.
        """
        weight = cells * (1 - cells)
        across = weight[:, self.columns]
        if self.has_total:
            across = np.column_stack([across, weight.sum(axis=1)])
        rest = np.diag(np.append(weight.sum(axis=0)[self.columns], [0.0] * self.has_total))
        if self.has_total:
            rest[-1, :-1] = rest[:-1, -1] = weight.sum(axis=0)[self.columns]
            rest[-1, -1] = weight.sum()
        height = len(self.rows)
        diagonal = weight.sum(axis=1)[self.rows]
        scaled = across[self.rows] / diagonal[:, None]
        rest -= scaled.T @ across[self.rows]
        wanted = missing[height:] - scaled.T @ missing[:height]
        others = np.linalg.lstsq(rest, wanted, rcond=1e-12)[0] if len(rest) else wanted
        return np.concatenate([missing[:height] / diagonal - scaled @ others, others])


def _published(sums: Sequence[int | None], is_open: Sequence[bool]) -> list[int]:
    return [i for i, n in enumerate(sums) if n is not None and is_open[i]]
