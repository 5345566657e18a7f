"""A made-up municipality: its name, units and policies, and its projects from year to year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dice import Dice
from words import Theme, themes, words

KINDS = (
    ("例", "市", "Reishi"),
    ("見本", "町", "Mihoncho"),
    ("試し", "市", "Tameshishi"),
    ("仮", "町", "Karicho"),
    ("架空", "村", "Kakumura"),
)
"""Begin of the name, kind of municipality, English name; the number is always part of the name."""

ENDED = ("完了", "廃止", "経常", "統合")
FIRST_NO_PREFECTURE, LAST_NO_PREFECTURE = 48, 99
"""Prefectures have 01 to 47, so a code that begins with 48 to 99 is nobody's (JIS X 0401)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One ○ line; without a value it is a text only."""

    label: str
    value: int | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """One project of one year; `policy` counts from 1, `is_new` is printed as 新規."""

    name: str
    account: str | None
    policy: int
    unit: tuple[str, ...]
    sentences: tuple[str, ...]
    lines: tuple[Line, ...]
    goals: tuple[int, ...]
    is_new: bool = False

    @property
    def printed_name(self) -> str:
        return f"{self.name}【{self.account}】" if self.account else self.name


@dataclass(frozen=True, slots=True)
class Review:
    """A project that was listed the year before and is no longer; for 統合 also where it went."""

    project: Project
    kind: str
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class Year:
    """A year's projects in the order of the plan, what ended, and the counts of the year before."""

    year: int
    projects: tuple[Project, ...]
    reviews: tuple[Review, ...]
    before: tuple[int, ...]


def code_of(index: int) -> str:
    """The 6-digit code of the index-th municipality; different for 52,000 of them in a row.

    The check digit follows the ministry's rule: weights 6, 5, 4, 3, 2, the last digit of 11
    minus the sum modulo 11.
    """
    prefectures = LAST_NO_PREFECTURE - FIRST_NO_PREFECTURE + 1
    serial, place = divmod(index, prefectures)
    five = f"{FIRST_NO_PREFECTURE + place}{(201 + serial) % 1000:03}"
    total = sum(int(digit) * weight for digit, weight in zip(five, (6, 5, 4, 3, 2), strict=True))
    return f"{five}{(11 - total % 11) % 10}"


class Municipality:
    """The index-th municipality (from 1) of a seed, with `fewest` to `most` projects a year."""

    def __init__(self, seed: int, index: int, fewest: int, most: int) -> None:
        self.seed = f"{seed}/{index}"
        self._dice = dice = Dice(self.seed)
        prefix, self.kind, english = KINDS[(index - 1) % len(KINDS)]
        self.code = code_of(index - 1)
        self.name = f"{prefix}{index}{self.kind}"
        self.name_en = f"{english} {index} (made up)"
        self.slug = f"{english.lower()}-{index:04}"
        self.fewest, self.most = fewest, most
        size = dice.between(fewest, most)
        self._size = size
        self._place = dice.pick(words()["places"])
        self._units = self._departments()
        worked_on = {theme for _, theme in self._units}
        self._themes = [theme for theme in themes() if theme in worked_on]
        fitting = [p for p in words()["policies"] if worked_on & set(p["themes"])]
        self.policies = dice.some(fitting, min(dice.between(3, 9), max(1, size // 2)))
        self._used: set[str] = set()

    def words_of(self, text: str) -> str:
        """The text with the municipality's own kind and place filled in."""
        return text.replace("{市}", self.kind).replace("{地}", self._place)

    def policy_name(self, policy: int) -> str:
        return self.words_of(self.policies[policy - 1]["name"])

    def years(self, first: int, last: int) -> Iterator[Year]:
        """Each year's plan; the year before the first is made up too, but not given."""
        projects = self._first_list()
        for year in range(first, last + 1):
            before = projects
            ended = self._reviews(before)
            gone = {review.project.name for review in ended}
            kept = [self._carried_on(p) for p in before if p.name not in gone]
            projects = self._with_new(kept, len(ended))
            counts = Counter(project.policy for project in before)
            numbers = range(1, len(self.policies) + 1)
            yield Year(year, tuple(projects), tuple(ended), tuple(counts[n] for n in numbers))

    # --- units ---------------------------------------------------------------------------

    def _departments(self) -> list[tuple[tuple[str, ...], str]]:
        """Every unit with the theme it works on; 5 to 15 departments of 2 to 4 sections."""
        dice = self._dice
        departments = words()["departments"]
        chosen = dice.some(departments, min(dice.between(5, 15), 5 + self._size // 6))
        found: list[tuple[tuple[str, ...], str]] = []
        for department in chosen:
            name = self.words_of(department["name"])
            for section in dice.some(department["sections"], dice.between(2, 4)):
                unit, _, theme = self.words_of(section).partition(":")
                found.append(((name, unit), theme))
            if "health" in department and dice.chance(0.6):
                for section in dice.some(department["health"], dice.between(1, 3)):
                    unit, _, theme = section.partition(":")
                    found.append(((name, "保健所", unit), theme))
        return found

    def _unit_of(self, theme: Theme) -> tuple[str, ...]:
        return self._dice.pick([unit for unit, about in self._units if about == theme.name])

    # --- projects ------------------------------------------------------------------------

    def _first_list(self) -> list[Project]:
        policies = [1 + n % len(self.policies) for n in range(len(self.policies))]
        while len(policies) < self._size:
            policies.append(self._dice.between(1, len(self.policies)))
        return [self._project(policy) for policy in sorted(policies[: self._size])]

    def _project(self, policy: int, is_new: bool = False) -> Project:
        dice = self._dice
        fitting = [t for t in self._themes if t in self.policies[policy - 1]["themes"]]
        theme = themes()[dice.pick(fitting if dice.chance(0.85) else self._themes)]
        goals = tuple(sorted(goal for goal, chance in theme.goals if dice.chance(chance)))
        if not goals and dice.chance(0.85):
            goals = (theme.goals[0][0],)
        return Project(
            self._name(theme),
            theme.account if theme.account and dice.chance(0.4) else None,
            policy,
            self._unit_of(theme),
            self._sentences(theme),
            self._lines(theme),
            goals,
            is_new,
        )

    def _name(self, theme: Theme) -> str:
        """A name that no project of the municipality has had, plain ones first."""
        dice = self._dice
        for attempt in range(40):
            stem = dice.pick(theme.stems)
            ending = dice.pick(words()["endings"])
            if attempt < 4 and stem in self._used:
                continue
            place = dice.pick(words()["places"]) + "地区" if dice.chance(0.04 * attempt) else ""
            more = dice.pick(words()["subtitles"]) if dice.chance(0.03) else ""
            name = self.words_of(f"{place}{stem}{ending}{more}")
            if name not in self._used:
                self._used.update((stem, name))
                return name
        # very long lists use up the words
        name = f"{name}（その{len(self._used)}）"
        self._used.add(name)
        return name

    def _sentences(self, theme: Theme) -> tuple[str, ...]:
        dice = self._dice
        actions = dice.some(theme.actions, dice.between(1, 2))
        texts = [dice.pick(theme.purposes) + actions[0]]
        if len(actions) > 1:
            texts.append(f"また、{actions[1]}")
        if dice.chance(0.4):
            texts.append(dice.pick(words()["general"]))
        if dice.chance(0.16):
            texts.append(dice.pick(words()["delivery"]))
        return tuple(self.words_of(text) for text in texts)

    def _lines(self, theme: Theme) -> tuple[Line, ...]:
        dice = self._dice
        if not dice.chance(0.38):
            return ()
        lines = [
            Line(self.words_of(label), dice.between(low, high), unit)
            for label, unit, low, high in dice.some(theme.targets, dice.between(1, 3))
        ]
        if dice.chance(0.35):
            lines.append(Line(dice.pick(words()["activities"])))
        if dice.chance(0.08):
            lines.append(Line(dice.pick(words()["remarks"])))
        return tuple(lines)

    # --- from year to year ---------------------------------------------------------------

    def _reviews(self, before: list[Project]) -> list[Review]:
        """Which projects end, by the kind printed; each policy keeps at least one project."""
        dice = self._dice
        left = Counter(project.policy for project in before)
        found: list[Review] = []
        for project in before:
            if left[project.policy] > 1 and dice.chance(0.07):
                left[project.policy] -= 1
                found.append(Review(project, dice.pick(ENDED)))
        gone = {review.project.name for review in found}
        return [
            replace(review, merged_into=self._successor(review.project, before, gone))
            if review.kind == "統合"
            else review
            for review in found
        ]

    def _successor(self, project: Project, before: list[Project], gone: set[str]) -> str:
        staying = [p for p in before if p.policy == project.policy and p.name not in gone]
        return self._dice.pick(staying).name

    def _carried_on(self, project: Project) -> Project:
        """The project a year later: same name, unit and goals, other figures."""
        dice = self._dice
        lines = tuple(
            line
            if line.value is None
            else replace(line, value=max(1, line.value * dice.between(90, 115) // 100))
            for line in project.lines
        )
        return replace(project, lines=lines, is_new=False)

    def _with_new(self, kept: list[Project], ended: int) -> list[Project]:
        """The kept projects with new ones among them, within the size that was asked for."""
        dice = self._dice
        lowest = max(0, self.fewest - len(kept))
        highest = max(lowest, min(self.most - len(kept), ended + 1 + len(kept) // 20))
        projects = list(kept)
        for _ in range(dice.between(lowest, highest)):
            project = self._project(dice.between(1, len(self.policies)), is_new=True)
            places = [n for n, p in enumerate(projects) if p.policy == project.policy]
            projects.insert(dice.between(places[0], places[-1] + 1), project)
        return projects
