"""Margins and the maximum-entropy fit, compared with every matrix there is in small cases."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.entropy import TOLERANCE, probabilities
from kg.margins import Margins, Mask, Matrix, best_matrix, open_cells


@st.composite
def small_cases(draw: st.DrawFn) -> tuple[Margins, Matrix, list[Mask]]:
    """Margins of a small matrix, scores, and every matrix that agrees with the margins."""
    height, width = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    bits = st.lists(st.booleans(), min_size=height * width, max_size=height * width)
    free = np.array(draw(bits)).reshape(height, width) | np.array(draw(bits)).reshape(height, width)
    one = np.array(draw(bits)).reshape(height, width) & free
    known = draw(st.lists(st.booleans(), min_size=height + width + 1, max_size=height + width + 1))
    rows = tuple(int(n) if k else None for n, k in zip(one.sum(1), known, strict=False))
    columns = tuple(int(n) if k else None for n, k in zip(one.sum(0), known[height:], strict=False))
    margins = Margins(free, rows, columns, int(one.sum()) if known[-1] else None)
    weights = st.lists(st.integers(0, 8), min_size=height * width, max_size=height * width)
    scores = np.array(draw(weights), dtype=np.float64).reshape(height, width) / 4
    places = np.argwhere(free)
    every = []
    for choice in product((False, True), repeat=len(places)):
        matrix = np.zeros((height, width), dtype=np.bool_)
        matrix[free] = choice
        if agrees(margins, matrix):
            every.append(matrix)
    return margins, scores, every


def agrees(margins: Margins, matrix: Mask) -> bool:
    wanted = [*margins.rows, *margins.columns, margins.total]
    got = [*matrix.sum(axis=1), *matrix.sum(axis=0), matrix.sum()]
    return all(w is None or w == g for w, g in zip(wanted, got, strict=True))


@settings(max_examples=150, deadline=None)
@given(small_cases())
def test_the_best_matrix_is_the_best_of_all_and_open_cells_are_those_that_differ(
    case: tuple[Margins, Matrix, list[Mask]],
) -> None:
    margins, scores, every = case
    best = best_matrix(margins, scores)
    assert best is not None and agrees(margins, best)
    assert scores[best].sum() == max(scores[matrix].sum() for matrix in every)
    differ = margins.free & ~(np.all(every, axis=0) | ~np.any(every, axis=0))
    assert (open_cells(margins, best) == differ).all()


@settings(max_examples=150, deadline=None)
@given(small_cases())
def test_probabilities_meet_the_sums_and_are_logistic_in_score_row_and_column(
    case: tuple[Margins, Matrix, list[Mask]],
) -> None:
    margins, scores, _ = case
    best = best_matrix(margins, scores)
    assert best is not None
    is_open = open_cells(margins, best)
    forced = best & ~is_open
    rows = tuple(
        None if n is None else n - int(k) for n, k in zip(margins.rows, forced.sum(1), strict=True)
    )
    columns = tuple(
        None if n is None else n - int(k)
        for n, k in zip(margins.columns, forced.sum(0), strict=True)
    )
    total = None if margins.total is None else margins.total - int(forced.sum())
    found = probabilities(scores, Margins(is_open, rows, columns, total))
    wanted = [*rows, *columns, total]
    got = [*found.sum(axis=1), *found.sum(axis=0), found.sum()]
    assert all(w is None or abs(w - g) < 1e-9 for w, g in zip(wanted, got, strict=True))
    assert ((found > 0) & (found < 1))[is_open].all()
    assert (found[~is_open] == 0).all()
    with np.errstate(divide="ignore"):
        rest = np.log(found / (1 - found)) - scores
    for (p, q), (g, h) in product(
        product(range(len(rows)), repeat=2), product(range(len(columns)), repeat=2)
    ):
        square = is_open[[p, p, q, q], [g, h, g, h]]
        if square.all():
            assert rest[p, g] - rest[p, h] == pytest.approx(rest[q, g] - rest[q, h], abs=1e-6)


def test_words_that_say_nothing_leave_rows_with_the_same_number_alike() -> None:
    margins = Margins(np.ones((4, 3), dtype=np.bool_), (1, 1, 2, 2), (3, 2, 1))
    found = probabilities(np.zeros((4, 3)), margins)
    assert np.allclose(found[0], found[1], atol=TOLERANCE)
    assert np.allclose(found[2], found[3], atol=TOLERANCE)
    assert (found[2] > found[0]).all()


def test_margins_that_no_matrix_has_give_none() -> None:
    free = np.ones((2, 2), dtype=np.bool_)
    assert best_matrix(Margins(free, (2, 2), (3, 1)), np.zeros((2, 2))) is None
    assert best_matrix(Margins(free & False, (1, 0), (None, None)), np.zeros((2, 2))) is None
