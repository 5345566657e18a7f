"""Makes up plans whose goal links are stated, from phrases of its own.

Knows nothing of `data/codes/goal-words.csv` or of the code that reads it: what that list finds
in these plans is to be a result. The chances below were set once, before anything was measured.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kg.origin import Origin
from kg.records import (
    Basis,
    GoalCount,
    GoalLink,
    OrganizationalUnit,
    Plan,
    Policy,
    Project,
    Status,
)

T = TypeVar("T")

WORDS = Path(__file__).parent / "candidate_words.toml"
DOCUMENT = "例市（架空）"
"""What stands for the document of a made-up plan; 例市 does not exist."""

GOALS = range(1, 18)
PROJECTS = (30, 90)
"""The fewest and the most projects of a plan."""

ICONS = (40, 30, 15, 8, 4, 3)
"""How often a project has 1, 2, … 6 goals."""

BESIDE = 0.6
"""A further goal is, with this chance, one of those often shown beside the first."""

LEANING = 2.0
"""A plan shows a goal up to so many times more or less often than the weights say."""


@dataclass(frozen=True)
class Wording:
    """How often the words of a project speak for its goals: chances from 0 to 1."""

    in_name: float = 0.8
    """The name has a phrase of the first goal; the others have a name that says nothing."""
    in_text: float = 0.5
    """The text has a phrase of a goal, for each goal of the project."""
    misleading: float = 0.25
    """The text has a phrase of a goal that the project does not have."""
    fits: float = 0.7
    """Unit and policy, each, are some whose goals include the project's first; else any."""


WORDINGS = {
    "clear": Wording(0.95, 0.8, 0.1, 0.9),
    "usual": Wording(),
    "muddled": Wording(0.6, 0.3, 0.5, 0.5),
}


@dataclass(frozen=True)
class Vocabulary:
    """The phrases of `candidate_words.toml`, or what takes their place."""

    subjects: Mapping[int, tuple[str, ...]]
    weights: Mapping[int, float]
    beside: Mapping[int, tuple[int, ...]]
    others: Mapping[str, tuple[str, ...]]
    units: Sequence[tuple[str, frozenset[int]]]
    policies: Sequence[tuple[str, frozenset[int]]]


def read_vocabulary(path: Path = WORDS) -> Vocabulary:
    """The phrases of a file like `candidate_words.toml`."""
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    goals = {goal: read["goals"][str(goal)] for goal in GOALS}
    return Vocabulary(
        {goal: tuple(entry["words"]) for goal, entry in goals.items()},
        {goal: float(entry["weight"]) for goal, entry in goals.items()},
        {goal: tuple(entry["with"]) for goal, entry in goals.items()},
        {name: tuple(texts) for name, texts in read["other"].items()},
        _with_goals(read["units"]),
        _with_goals(read["policies"]),
    )


def made_up_plan(vocabulary: Vocabulary, seed: str, wording: Wording = WORDINGS["usual"]) -> Plan:
    """A plan with stated links and goal totals; the same vocabulary and seed give the same plan.

    Which goals the projects have does not depend on the phrases, so that plans of one seed
    differ in nothing but their words.
    """
    dice = _Dice(seed)
    weights = {g: w * LEANING ** (2 * dice.roll() - 1) for g, w in vocabulary.weights.items()}
    numbers = range(1, dice.between(*PROJECTS) + 1)
    projects = tuple(
        _Writer(vocabulary, weights, wording, seed, number).project() for number in numbers
    )
    shown = [link.goal for project in projects for link in project.stated_links]
    origin = Origin(DOCUMENT)
    return Plan(
        document=DOCUMENT,
        sha256="",
        line_count=0,
        policies=tuple(
            Policy(str(place), name, origin)
            for place, (name, _) in enumerate(vocabulary.policies, 1)
        ),
        projects=projects,
        goal_counts=tuple(
            GoalCount(goal, shown.count(goal), str(shown.count(goal)), str(goal), origin)
            for goal in GOALS
        ),
        balances=(),
        changes=(),
        notes=(),
        project_count=None,
        link_count=None,
    )


class _Writer:
    """One project: first its goals, then, with dice of their own, its words."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        weights: Mapping[int, float],
        wording: Wording,
        seed: str,
        number: int,
    ) -> None:
        self.vocabulary, self.weights, self.number = vocabulary, weights, number
        self.wording = wording
        self.dice = _Dice(f"{seed}/{number}/goals")
        self.goals = self._goals()
        self.dice = _Dice(f"{seed}/{number}/words")

    def _goals(self) -> list[int]:
        dice, beside = self.dice, self.vocabulary.beside
        goals = [dice.weighted(self.weights)]
        for _ in range(dice.weighted(dict(enumerate(ICONS)))):
            near = {g: self.weights[g] for g in beside[goals[0]] if g not in goals}
            far = {g: w for g, w in self.weights.items() if g not in goals}
            goals.append(dice.weighted(near if near and dice.roll() < BESIDE else far))
        return goals

    def project(self) -> Project:
        dice, vocabulary, first = self.dice, self.vocabulary, self.goals[0]
        name = dice.pick(vocabulary.others["names"])
        if dice.roll() < self.wording.in_name:
            name = dice.pick(vocabulary.subjects[first]) + dice.pick(vocabulary.others["endings"])
        unit = self._fitting(vocabulary.units)
        policy = self._fitting(vocabulary.policies)
        text = self._text()
        origin = Origin(DOCUMENT, row=self.number)
        return Project(
            key=str(self.number),
            number=self.number,
            name=name,
            printed_name=name,
            policy=str(policy + 1),
            unit=OrganizationalUnit((vocabulary.units[unit][0],)),
            printed_unit=vocabulary.units[unit][0],
            status=Status.CONTINUED,
            description=text,
            delivery_notes=(),
            account=None,
            icon_count=None,
            stated_links=tuple(
                GoalLink(goal, Basis.STATED, str(goal), origin) for goal in sorted(self.goals)
            ),
            targets=(),
            lines=(self.number,),
            origin=origin,
        )

    def _fitting(self, choices: Sequence[tuple[str, frozenset[int]]]) -> int:
        fit = [i for i, (_, goals) in enumerate(choices) if self.goals[0] in goals]
        places = fit if self.dice.roll() < self.wording.fits and fit else range(len(choices))
        return self.dice.pick(places)

    def _text(self) -> str:
        dice, vocabulary = self.dice, self.vocabulary
        spoken = [goal for goal in self.goals if dice.roll() < self.wording.in_text]
        if dice.roll() < self.wording.misleading:
            spoken.append(dice.pick([goal for goal in GOALS if goal not in self.goals]))
        sentences = [
            dice.pick(vocabulary.others["patterns"]).format(dice.pick(vocabulary.subjects[goal]))
            for goal in spoken
        ]
        return "".join([*sentences, dice.pick(vocabulary.others["sentences"])])


class _Dice:
    """A stream of choices. Python promises the same numbers for a seed for `random()` alone."""

    def __init__(self, seed: str) -> None:
        self.roll = random.Random(seed).random

    def between(self, lowest: int, highest: int) -> int:
        return lowest + int(self.roll() * (highest - lowest + 1))

    def pick(self, values: Sequence[T]) -> T:
        return values[int(self.roll() * len(values))]

    def weighted(self, weights: Mapping[int, float]) -> int:
        """A key, as often as its weight says."""
        place = self.roll() * sum(weights.values())
        for key, weight in weights.items():
            place -= weight
            if place < 0:
                return key
        return next(reversed(list(weights)))


def _with_goals(entries: Sequence[Mapping[str, Any]]) -> list[tuple[str, frozenset[int]]]:
    return [(entry["name"], frozenset(entry["goals"])) for entry in entries]
