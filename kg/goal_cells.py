"""Cells that name goals: in every notation met in documents, and never by guessing.

"3,8,11", "３、８", "3・8", "ゴール3", "目標３", "SDGs:3,8", "[3][10]", "①③", official names and
their spellings; "SDG 11.2" and "11.2" name a target and so its goal. What may mean several things
("18", "3-8", "1.15", a number beside the name of another goal) is told with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from kg.codes import meanings
from kg.goals import GOALS, goal_names, is_target
from kg.printed import Printed, printed, spelling
from kg.text import folded, name_key

UNKNOWN, RANGE, NO_TARGET = "unknown-goal", "goal-range", "unknown-target"
"""Why words are no goal; each is a kind of problem."""

_AND = r"及び|および|並びに|と(?=\s*\d)"
_SEPARATOR = re.compile(rf"[\s,、;/|・。&+\[\](){{}}【】〔〕「」『』]+|<br\s*/?>|{_AND}")
_PREFIX = (
    r"(?:(?:関連(?:する)?|該当(?:する)?)?"
    r"(?:sdgs?|持続可能な開発目標|ゴール|goals?|目標|ターゲット|targets?|no\.?)の?\s*[.:]?\s*)"
)
_LABEL = re.compile(rf"{_PREFIX}+(?=[\s\[(【〔「『]|$)")
_NUMBER = re.compile(
    rf"{_PREFIX}*(\d+)((?:\.[0-9a-z]+)*)[.:]?(?=$|{_AND}|{_PREFIX}+\d|[^0-9a-zぁ-んァ-ヶ一-龥-])"
)
_BEFORE_NAME = re.compile(rf"{_PREFIX}*(\d+)[.:]?[\s\])}}】〕」』\[({{【〔「『]*")
_AFTER_NAME = re.compile(r"\s*[(\[]\s*(\d+)\s*[)\]]")
_RANGE = re.compile(rf"{_PREFIX}*\d+(?:\s*[-~〜‐–—―ー]\s*\d+)+")
# a number behind another may be its smaller brother: main goal and goals beside it
_NUMBER_BEHIND = re.compile(rf"{_PREFIX}*\d+\s*\(\s*\d+\s*\)")
_SHORT_RANGE = re.compile(rf"{_PREFIX}*\d{{1,2}}\s*[-~〜‐–—―ー]\s*\d{{1,2}}")
_MONEY = re.compile(r"(?:[△▲-]\s*)?(?:\d[\d,]*(?:\.\d+)?\s*(?:兆|億|百万|千万|万|千|百)?\s*)+円")


@dataclass(frozen=True, slots=True)
class NamedGoal:
    """Words of a cell and the goal they name; `target` as in "11.2" where they name one.

    Where `goal` is None, `doubt` is the kind of problem.
    """

    words: str
    goal: int | None
    target: str | None = None
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class GoalCell:
    """What a cell names, in its order: goals, and amounts of money, which are none."""

    goals: tuple[NamedGoal, ...]
    amounts: tuple[str, ...] = ()


def goals_of(text: str) -> tuple[NamedGoal, ...]:
    """The goals that a cell names; nothing for an empty cell and for marks of none ("-", なし)."""
    return read_goals(text).goals


def goal_of(text: str) -> int | None:
    """The one goal that a text means: "働きがいも経済成長も", "SDG 8", "８", "8.1"; else None."""
    named = goals_of(text)
    return named[0].goal if len(named) == 1 else None


def read_goals(text: str) -> GoalCell:
    """The goals and amounts of a cell. Case, width and blanks do not matter."""
    if not folded(text) or is_mark_of_none(text):
        return GoalCell(())
    whole = printed(text)
    found: list[NamedGoal] = []
    amounts: list[str] = []
    for start, end, one in _pieces(whole):
        if one is None:
            amounts.append(whole.words(start, end))
        else:
            found.append(one)
    if not found and not amounts:
        found.append(NamedGoal(whole.words(0, len(whole.key)), None, doubt=UNKNOWN))
    return GoalCell(tuple(found), tuple(amounts))


def is_mark_of_none(text: str) -> bool:
    """Whether a cell says by a word or a dash that there is nothing; a 0 may be a slip."""
    meaning = meanings("goal-marks", "mark", "meaning").get(name_key(text))
    return meaning == "none" and not folded(text).isdecimal()


def _pieces(whole: Printed) -> Iterator[tuple[int, int, NamedGoal | None]]:
    """Start and end in the key, and the goal; None for an amount of money."""
    at, unknown = 0, -1
    while at < len(whole.key):
        between = _SEPARATOR.match(whole.key, at)
        if between:
            # words that blanks alone part are told as one
            if unknown >= 0 and (between[0].strip() or between.end() == len(whole.key)):
                yield unknown, at, _doubt(whole, unknown, at)
                unknown = -1
            at = between.end()
            continue
        found = _piece(whole, at)
        if found is None:
            unknown = at if unknown < 0 else unknown
            later = _SEPARATOR.search(whole.key, at)
            at = later.start() if later else len(whole.key)
            continue
        if unknown >= 0:
            yield unknown, at, _doubt(whole, unknown, at)
            unknown = -1
        end, one = found
        if end > at and one is not _NOTHING:
            yield at, end, one
        at = end
    if unknown >= 0:
        yield unknown, at, _doubt(whole, unknown, at)


_NOTHING = NamedGoal("", None)


def _doubt(whole: Printed, start: int, end: int, doubt: str = UNKNOWN) -> NamedGoal:
    return NamedGoal(whole.words(start, end), None, doubt=doubt)


def _piece(whole: Printed, at: int) -> tuple[int, NamedGoal | None] | None:
    """The end of the piece that begins here, and what it is; None if the words mean nothing."""
    key = whole.key
    money = _MONEY.match(key, at)
    if money:
        return money.end(), None
    span = _RANGE.match(key, at)
    if span:
        is_short = _SHORT_RANGE.fullmatch(span[0]) is not None
        doubt = RANGE if is_short else UNKNOWN
        return span.end(), _doubt(whole, at, span.end(), doubt)
    behind = _NUMBER_BEHIND.match(key, at)
    if behind:
        return behind.end(), _doubt(whole, at, behind.end())
    named = _numbered_name(whole, at) or _name(whole, at)
    if named:
        return named
    number = _NUMBER.match(key, at)
    if number:
        return number.end(), _numbered(whole, at, number)
    label = _LABEL.match(key, at)
    return (label.end(), _NOTHING) if label else None


def _numbered(whole: Printed, at: int, match: re.Match[str]) -> NamedGoal:
    number, target = match[1].lstrip("0"), match[2]
    words = whole.words(at, match.end())
    if not target:
        is_goal = len(match[1]) <= 2 and number.isdecimal() and int(number) in GOALS
        return NamedGoal(words, int(number) if is_goal else None, doubt="" if is_goal else UNKNOWN)
    code = f"{number}.{target[1:].lstrip('0')}"
    if not is_target(code):
        return NamedGoal(words, None, doubt=NO_TARGET)
    return NamedGoal(words, int(number), code)


def _numbered_name(whole: Printed, at: int) -> tuple[int, NamedGoal] | None:
    """Number and name of a goal, which must agree: "目標2 飢餓をゼロに"."""
    number = _BEFORE_NAME.match(whole.key, at)
    name = _names().match(whole.key, number.end()) if number else None
    if number is None or name is None:
        return None
    goal = _goal_named(name[0])
    agrees = number[1].lstrip("0") == str(goal)
    words = whole.words(at, name.end())
    return name.end(), NamedGoal(words, goal if agrees else None, doubt="" if agrees else UNKNOWN)


def _name(whole: Printed, at: int) -> tuple[int, NamedGoal] | None:
    name = _names().match(whole.key, at)
    if name is None or not _ends(whole, name.end()):
        return None
    goal, end = _goal_named(name[0]), name.end()
    number = _AFTER_NAME.match(whole.key, end)
    if number:
        end = number.end()
        if number[1].lstrip("0") != str(goal):
            return end, _doubt(whole, at, end)
    return end, NamedGoal(whole.words(at, end), goal)


def _ends(whole: Printed, at: int) -> bool:
    """Whether a name may end here: nothing follows, a separator, or another goal."""
    rest = whole.key[at : at + 1]
    return not rest or any(p.match(whole.key, at) for p in (_SEPARATOR, _names(), _NUMBER))


@cache
def _names() -> re.Pattern[str]:
    names = sorted(goal_names(), key=lambda name: (-len(name), name))
    return re.compile("|".join(map(spelling, names)))


def _goal_named(key: str) -> int:
    return goal_names()[name_key(key)]
