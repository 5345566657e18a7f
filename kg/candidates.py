"""The goal links that a document lost: how probable each is, from words and published totals.

Two things survive when a plan's icons are lost: how many each project had, and how many
projects each goal has. The words of a project speak for some goals (`kg/goal_words.py`); of
all distributions over links that meet the published numbers, the one closest to what the words
say is taken (`kg/entropy.py`). Links that are known, stated or decided by a person, are kept;
those that a person rejected are left out. The method with its formulas is in docs/candidates.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

import numpy as np

from kg.entropy import probabilities
from kg.errors import Problems
from kg.estimates import PLACES, Cell, CellBasis, Estimate, Expected
from kg.goal_words import Clue, clues_of, word_list_sha256
from kg.goals import GOALS
from kg.margins import Margins, Mask, Matrix, best_matrix, open_cells
from kg.origin import Origin, in_order, in_words
from kg.records import Curation, Plan, Project

T = TypeVar("T")

WORD_STRENGTH = 1.0
"""The scores of the word list are taken as they are (measured in docs/candidates.md)."""

_TIE = 1e-3
"""Among equally probable sets of links, the one whose links are the most probable one by one."""

_EQUAL = 1e-9
"""Sums of scores closer than this are the same."""


def estimate(
    plan: Plan, curation: Curation, problems: Problems, *, word_strength: float = WORD_STRENGTH
) -> Estimate | None:
    """The probability of every cell of the plan; None if nothing is to be estimated.

    That is so where every link is known, where no number is published that would limit them,
    and where the published numbers contradict each other (the report says that). If the numbers
    agree, but no set of links meets them, that goes to `problems`.

    `word_strength` multiplies the words' scores before they are weighed against the numbers: at
    0 the numbers alone decide. The scores of the cells are those of the word list in any case.
    """
    question = _question(plan, curation)
    if question is None:
        return None
    policies = {policy.number: policy.name for policy in plan.policies}
    clues = [clues_of(_fields(project, policies)) for project in plan.projects]
    scores = word_strength * _scores(clues)
    found = best_matrix(question.margins, scores)
    if found is None:
        if question.agrees:
            _tell(plan, curation, problems)
        return None
    is_open = open_cells(question.margins, found)
    forced = found & ~is_open
    estimated = probabilities(scores, _without(question.margins, is_open, forced))
    estimated[forced] = 1.0
    chosen = best_matrix(question.margins, scores + _TIE * estimated)
    assert chosen is not None
    if scores[chosen].sum() < scores[found].sum() - _EQUAL:  # no tie: these are less probable
        chosen = found
    cells = tuple(_cells(plan, question, estimated, chosen, clues))
    return Estimate(cells, tuple(_expected(plan, cells)), word_list_sha256())


@dataclass(frozen=True)
class _Question:
    """What is to be estimated: why each cell has its basis, and the numbers to be met."""

    bases: Sequence[Sequence[CellBasis]]
    margins: Margins

    @property
    def agrees(self) -> bool:
        """Whether the published numbers leave no less than none, and add up to the same."""
        every = (self.margins.rows, self.margins.columns, (self.margins.total,))
        known = [[n for n in numbers if n is not None] for numbers in every]
        sums = {sum(k) for k, n in zip(known, every, strict=True) if len(k) == len(n)}
        return len(sums) <= 1 and all(n >= 0 for numbers in known for n in numbers)


def _question(plan: Plan, curation: Curation) -> _Question | None:
    curated = {(key, link.goal) for key, link in curation.links}
    rejected = {(rejection.project, rejection.goal) for rejection in curation.rejections}
    totals = {count.goal: count.count for count in plan.goal_counts}
    states = any(project.stated_links for project in plan.projects)
    bases, rows = list[list[CellBasis]](), list[int | None]()
    for project in plan.projects:
        known = {link.goal: CellBasis.STATED for link in project.stated_links}
        known |= {goal: CellBasis.CURATED for goal in GOALS if (project.key, goal) in curated}
        left = None if project.icon_count is None else project.icon_count - len(known)
        if project.stated_links or (states and left is None):
            left = 0  # what a document states of a project, it states whole
        row = dict.fromkeys(GOALS, CellBasis.EXCLUDED if left == 0 else CellBasis.INFERRED)
        row |= {goal: CellBasis.EXCLUDED for goal in GOALS if totals.get(goal) == 0}
        row |= {goal: CellBasis.REJECTED for goal in GOALS if (project.key, goal) in rejected}
        bases.append([(row | known)[goal] for goal in GOALS])
        rows.append(left)
    known_links = np.array([[b in _KNOWN for b in row] for row in bases]).reshape(-1, len(GOALS))
    free = np.array([[b is CellBasis.INFERRED for b in row] for row in bases], dtype=np.bool_)
    columns = tuple(
        totals[goal] - int(known_links[:, i].sum()) if goal in totals else None
        for i, goal in enumerate(GOALS)
    )
    total = plan.link_count.count - int(known_links.sum()) if plan.link_count else None
    unlimited = total is None and all(n is None for n in (*rows, *columns))
    if unlimited or not free.any():
        return None
    return _Question(bases, Margins(free, tuple(rows), columns, total))


_KNOWN = (CellBasis.STATED, CellBasis.CURATED)


def _fields(project: Project, policies: dict[str, str]) -> dict[str, str]:
    # joined by a full stop, which no word holds, so that none is found across two texts
    texts = [project.description or "", *(target.text for target in project.targets)]
    return {
        "name": project.name or "",
        "text": "。".join(texts),
        "unit": "。".join(project.unit.path) if project.unit else "",
        "policy": policies.get(project.policy or "", ""),
    }


def _scores(clues: Sequence[dict[int, Clue]]) -> Matrix:
    return np.array(
        [[found[g].score if g in found else 0.0 for g in GOALS] for found in clues],
        dtype=np.float64,
    )


def _without(margins: Margins, is_open: Mask, forced: Mask) -> Margins:
    """The margins of the open cells: forced ones are taken off the sums."""
    per_row, per_column = forced.sum(axis=1).tolist(), forced.sum(axis=0).tolist()
    return replace(
        margins,
        free=is_open,
        rows=_less(margins.rows, per_row),
        columns=_less(margins.columns, per_column),
        total=None if margins.total is None else margins.total - int(forced.sum()),
    )


def _less(sums: Sequence[int | None], taken: Sequence[int]) -> tuple[int | None, ...]:
    return tuple(None if n is None else n - k for n, k in zip(sums, taken, strict=True))


def _cells(
    plan: Plan,
    question: _Question,
    estimated: Matrix,
    chosen: Mask,
    clues: Sequence[dict[int, Clue]],
) -> list[Cell]:
    cells = []
    for row, project in enumerate(plan.projects):
        for column, goal in enumerate(GOALS):
            basis = question.bases[row][column]
            probability = Decimal(1 if basis in _KNOWN else 0)
            if basis is CellBasis.INFERRED:
                probability = Decimal(float(estimated[row, column])).quantize(PLACES)
            clue = clues[row].get(goal, Clue(0.0, ()))
            cells.append(
                Cell(
                    project.key,
                    goal,
                    basis,
                    probability,
                    bool(chosen[row, column]),
                    Decimal(clue.score).quantize(PLACES),
                    clue.words,
                )
            )
    return cells


def _expected(plan: Plan, cells: Sequence[Cell]) -> list[Expected]:
    units = {project.key: project.unit for project in plan.projects}
    sums: dict[tuple[tuple[str, ...], int], Decimal] = {}
    for cell in cells:
        unit = units[cell.project]
        if unit is not None and cell.probability:
            place = unit.path, cell.goal
            sums[place] = sums.get(place, Decimal(0)) + cell.probability
    order = {unit.path: number for number, unit in enumerate(plan.units)}
    places = sorted(sums, key=lambda place: (order[place[0]], place[1]))
    return [Expected(*place, sums[place]) for place in places]


def _tell(plan: Plan, curation: Curation, problems: Problems) -> None:
    """No set of links meets the numbers: because of the decisions, or of the document itself.

    Named in one problem are the decisions without any one of which there is such a set; if none
    is alone to blame, all of them.
    """
    if not _is_possible(plan, Curation()):
        problems.add("links-impossible", Origin(plan.document))
        return
    numbers = {project.key: project.number for project in plan.projects}
    without: dict[tuple[Origin, str], Curation] = {}
    for i, (key, link) in enumerate(curation.links):
        less = replace(curation, links=_all_but(curation.links, i))
        without[link.origin, f"No. {numbers[key]}, goal {link.goal}, accepted"] = less
    for i, rejection in enumerate(curation.rejections):
        less = replace(curation, rejections=_all_but(curation.rejections, i))
        name = f"No. {numbers[rejection.project]}, goal {rejection.goal}, rejected"
        without[rejection.origin, name] = less
    alone = [place for place, less in without.items() if _is_possible(plan, less)]
    blamed = in_order(alone or without)
    origin = blamed[0][0]
    column = None if origin.row is None else "goal"
    which = "one of the decisions" if alone else "some of the decisions"
    problems.add(
        "decision-impossible", origin, found=in_words(blamed), column=column, decisions=which
    )


def _all_but(items: tuple[T, ...], place: int) -> tuple[T, ...]:
    return items[:place] + items[place + 1 :]


def _is_possible(plan: Plan, curation: Curation) -> bool:
    question = _question(plan, curation)
    if question is None:
        return True
    return best_matrix(question.margins, np.zeros(question.margins.free.shape)) is not None
