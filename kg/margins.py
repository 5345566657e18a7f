"""What is known of a 0/1 matrix of projects and goals, and the matrices that agree with it.

A row is a project, a column a goal, a one a link. Known are the sums of some rows (icon
counts), of some columns (published totals), perhaps the sum of all (のべ), and that some cells
cannot be ones. The matrices that agree are the integral flows of a network (source, rows,
columns, sink), so the optimum over them is found exactly, and whether a cell can still be
both 0 and 1 shows in the residual network (Ahuja, Magnanti, Orlin, Network Flows, 1993, ch. 6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Margins:
    """`free[row, column]` tells the cells that are not known; the sums count these alone.

    A sum is None where nothing is published.
    """

    free: Mask
    rows: tuple[int | None, ...]
    columns: tuple[int | None, ...]
    total: int | None = None


def best_matrix(margins: Margins, worth: Matrix) -> Mask | None:
    """The matrix that agrees with the margins and has the largest sum of `worth` over its ones.

    None if no matrix agrees. Ties are broken by the solver, in the same way each time.
    """
    # loaded here, as below: most commands estimate nothing, and SciPy takes a third of a second
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    cells = np.argwhere(margins.free)
    groups: list[tuple[NDArray[np.bool_], int]] = []
    for axis, sums in enumerate((margins.rows, margins.columns)):
        groups += [(cells[:, axis] == i, n) for i, n in enumerate(sums) if n is not None]
    if margins.total is not None:
        groups.append((np.ones(len(cells), dtype=np.bool_), margins.total))
    if any(n and not members.any() for members, n in groups) or any(n < 0 for _, n in groups):
        return None
    chosen = np.zeros_like(margins.free)
    if not len(cells):
        return chosen
    members = [np.flatnonzero(group) for group, _ in groups]
    rows = np.repeat(np.arange(len(groups)), [len(m) for m in members])
    columns = np.concatenate([*members, np.empty(0, dtype=np.intp)])
    sums = coo_array((np.ones(len(rows)), (rows, columns)), (len(groups), len(cells)))
    wanted = np.array([n for _, n in groups], dtype=np.float64)
    answer = milp(
        -worth[margins.free],
        integrality=np.ones(len(cells)),
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(sums.tocsc(), wanted, wanted)] if groups else [],
        options={"mip_rel_gap": 0},
    )
    if answer.x is None:
        return None
    chosen[margins.free] = answer.x > 0.5
    return chosen


def open_cells(margins: Margins, matrix: Mask) -> Mask:
    """The free cells that are 1 in some matrices and 0 in others that agree with the margins.

    `matrix` is any that agrees. A cell is open if its row and its column are in one strongly
    connected component of the residual network: then some cycle of changes passes through it.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    height, width = matrix.shape
    source, sink = height + width, height + width + 1
    arcs: list[tuple[int, int]] = []
    for row, column in np.argwhere(margins.free).tolist():
        ends = (row, height + column)
        arcs.append(ends[::-1] if matrix[row, column] else ends)
    for row, number in enumerate(margins.rows):
        if number is None:
            arcs += _both(source, row, bool(matrix[row].any()))
    for column, number in enumerate(margins.columns):
        if number is None:
            arcs += _both(height + column, sink, bool(matrix[:, column].any()))
    if margins.total is None:
        arcs += _both(sink, source, bool(matrix.any()))
    heads = np.array(arcs, dtype=np.intp).reshape(-1, 2)
    size = height + width + 2
    network = coo_array((np.ones(len(heads)), (heads[:, 0], heads[:, 1])), (size, size))
    _, component = connected_components(network.tocsr(), connection="strong")
    same = component[:height, None] == component[None, height : height + width]
    is_open: Mask = margins.free & same
    return is_open


def _both(start: int, end: int, has_flow: bool) -> list[tuple[int, int]]:
    """More may always flow along an arc without a sum of its own; less, if there is any."""
    return [(start, end), (end, start)] if has_flow else [(start, end)]
