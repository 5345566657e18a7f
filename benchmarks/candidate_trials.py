"""Hides the goal links of plans, recovers them, and does the same with less to go by."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.candidate_random import matrices
from benchmarks.candidate_scores import Hits, Numbers, Truth, hits_of, top_k
from kg.candidates import WORD_STRENGTH, estimate
from kg.errors import PlanRefused, Problems
from kg.estimates import CellBasis
from kg.extract.plan import extract
from kg.goals import GOALS
from kg.origin import Origin
from kg.plan_settings import PLAN_FILE, read_plan_settings
from kg.records import Curation, GoalCount, Plan, Project


@dataclass(frozen=True)
class Hidden:
    """A plan whose links are hidden, and what they were: one row per project, one column per goal.

    Of the links there remain the icon count of each project and the total of each goal.
    """

    name: str
    plan: Plan
    truth: Truth

    @property
    def icons(self) -> list[int]:
        return [int(count) for count in self.truth.sum(axis=1)]


@dataclass(frozen=True)
class Recovered:
    """The probability of each cell, the most probable links, the cells in question, the scores."""

    probabilities: Numbers
    chosen: Truth
    in_question: Truth
    scores: Numbers


def hide(name: str, plan: Plan, goals: Callable[[Project], set[int] | None]) -> Hidden:
    """The plan without its links. `goals` are the true ones of a project, None if not known.

    Projects whose goals are not known are left out, and the totals are those of the others.
    """
    known = [(project, goals(project)) for project in plan.projects]
    kept = [(project, true) for project, true in known if true is not None]
    truth = np.array([[goal in true for goal in GOALS] for _, true in kept], dtype=np.bool_)
    truth = truth.reshape(-1, len(GOALS))
    counts = {count.goal: count for count in plan.goal_counts}
    totals = [(goal, int(n)) for goal, n in zip(GOALS, truth.sum(axis=0), strict=True)]
    nowhere = Origin(plan.document)
    projects = [replace(p, icon_count=len(true), stated_links=()) for p, true in kept]
    hidden = replace(
        plan,
        projects=tuple(projects),
        goal_counts=tuple(
            replace(counts.get(goal, GoalCount(goal, n, "", "", nowhere)), count=n)
            for goal, n in totals
        ),
        link_count=None,
    )
    return Hidden(name, hidden, truth)


def hide_stated(name: str, plan: Plan) -> Hidden:
    """The plan without the links that it states."""
    states = any(project.stated_links for project in plan.projects)

    def goals(project: Project) -> set[int] | None:
        if project.stated_links or (states and not project.icon_count):
            return {link.goal for link in project.stated_links}
        return None

    return hide(name, plan, goals)


def read_plans(
    data: Path, say: Callable[[str], object]
) -> Iterator[tuple[str, Plan, Hidden | None]]:
    """The plans of a data folder by name, and without their links if these are known.

    The true links are those of `truth/<plan>.csv` (columns number and goal), if there is such a
    file, else those that the document states. What cannot be read is told to `say`.
    """
    for folder in sorted(path.parent for path in (data / "plans").glob(f"*/{PLAN_FILE}")):
        try:
            settings = read_plan_settings(folder)
        except PlanRefused as refused:
            say(f"{folder.name}: left out; {refused}")
            continue
        extraction = extract(settings)
        if extraction.plan is None or extraction.problems:
            say(f"{folder.name}: left out; `sdgplan check` tells its problems")
            continue
        file = data / "truth" / f"{folder.name}.csv"
        if file.exists():
            hidden = hide(folder.name, extraction.plan, _goals_of(_truth(file)))
        else:
            hidden = hide_stated(folder.name, extraction.plan)
        yield folder.name, extraction.plan, hidden if hidden.truth.any() else None


def _truth(file: Path) -> set[tuple[int, int]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return {(int(row["number"]), int(row["goal"])) for row in csv.DictReader(text)}


def _goals_of(true: set[tuple[int, int]]) -> Callable[[Project], set[int] | None]:
    return lambda project: {goal for number, goal in true if number == project.number}


def recover(plan: Plan, word_strength: float = WORD_STRENGTH) -> Recovered:
    """What the method makes of a plan whose links are hidden."""
    problems = Problems()
    found = estimate(plan, Curation(), problems, word_strength=word_strength)
    assert found is not None and not problems, list(map(str, problems))
    shape = len(plan.projects), len(GOALS)
    in_question = [cell.basis is CellBasis.INFERRED for cell in found.cells]
    return Recovered(
        np.array([float(cell.probability) for cell in found.cells]).reshape(shape),
        np.array([cell.is_chosen for cell in found.cells]).reshape(shape),
        np.array(in_question).reshape(shape),
        np.array([float(cell.score) for cell in found.cells]).reshape(shape),
    )


@dataclass(frozen=True)
class Outcome:
    """One way of recovering, over all plans: hits of each plan, and the cells in question.

    `probabilities` is empty for a way that proposes links without saying how sure it is.
    `expected` is how many hits the proposed links have by their own probabilities.
    """

    hits: tuple[Hits, ...]
    probabilities: Numbers
    truth: Truth
    expected: float | None = None

    @property
    def all_hits(self) -> Hits:
        return sum(self.hits, Hits(0, 0, 0))


def with_words(hidden: Sequence[Hidden], word_strength: float = WORD_STRENGTH) -> Outcome:
    """The method itself; `word_strength` 0 is the totals alone."""
    found = [recover(each.plan, word_strength) for each in hidden]
    return Outcome(
        tuple(hits_of(f.chosen, each.truth) for f, each in zip(found, hidden, strict=True)),
        _joined([f.probabilities[f.in_question] for f in found]),
        _joined([each.truth[f.in_question] for f, each in zip(found, hidden, strict=True)]),
        sum(float(f.probabilities[f.chosen].sum()) for f in found),
    )


def words_alone(hidden: Sequence[Hidden]) -> Outcome:
    """As many goals as a project has icons, by score; the goals' totals are not used.

    Its probabilities are the method's for the plan without the totals of the goals, at the
    cells that are in question with them.
    """
    hits, probabilities, truth = [], [], []
    for each in hidden:
        found = recover(replace(each.plan, goal_counts=()))
        hits.append(top_k(found.scores, each.icons, each.truth))
        cells = found.in_question & each.truth.any(axis=0)
        probabilities.append(found.probabilities[cells])
        truth.append(each.truth[cells])
    return Outcome(tuple(hits), _joined(probabilities), _joined(truth))


def at_random(hidden: Sequence[Hidden], seed: str, draws: int) -> Outcome:
    """Matrices with the right row and column sums, each as likely as any other: mean hits."""
    hits = []
    for each in hidden:
        start = recover(each.plan, 0).chosen
        drawn = [
            hits_of(matrix, each.truth).hits
            for matrix in matrices(start, f"{seed}/{each.name}", draws)
        ]
        links = int(each.truth.sum())
        hits.append(Hits(links, links, sum(drawn) / draws))
    return Outcome(tuple(hits), np.zeros(0), np.zeros(0, dtype=np.bool_))


FIELDS = ("name", "text", "unit", "policy")


def without(field: str, hidden: Sequence[Hidden]) -> list[Hidden]:
    """The plans with one field (of FIELDS) not read for words."""

    def stripped(project: Project) -> Project:
        match field:
            case "name":
                return replace(project, name=None)
            case "text":
                return replace(project, description=None, targets=())
            case "unit":
                return replace(project, unit=None)
            case "policy":
                return replace(project, policy=None)
        raise KeyError(field)

    return [
        replace(each, plan=replace(each.plan, projects=tuple(map(stripped, each.plan.projects))))
        for each in hidden
    ]


def foretold_totals(plan: Plan, word_strength: float = WORD_STRENGTH) -> tuple[Numbers, Numbers]:
    """How many projects each goal would have by words and icon counts, and the variance of that.

    The totals of the goals are not used; every icon count must be known. At strength 0 every
    goal has the same number.
    """
    without_totals = replace(plan, goal_counts=(), link_count=None)
    cells = recover(without_totals, word_strength).probabilities
    return cells.sum(axis=0), (cells * (1 - cells)).sum(axis=0)


def _joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(0)
