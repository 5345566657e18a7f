"""Whose a local government code is, by data/codes/municipalities.csv; that of plan.toml is checked.

Codes of made-up municipalities begin with 48 to 99, where no prefecture is (JIS X 0401): they
are outside the list by that rule, which `kg.plan_settings` checks, and are not looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from kg.codes import read_codes
from kg.errors import Problems, quoted
from kg.origin import Origin
from kg.plan_settings import PLAN_FILE, PlanSettings
from kg.text import name_key

_COUNTY = re.compile(r".+?郡(?=.)")


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality or prefecture under one code and name; `until` is None while they hold.

    `since` is None where the day is not known. `successor` is the code that took its place.
    """

    code: str
    name: str
    kana: str
    prefecture: str
    since: date | None
    until: date | None
    successor: str

    @property
    def in_words(self) -> str:
        """`072036 (郡山市, 福島県)`."""
        where = "" if self.name == self.prefecture else f", {self.prefecture}"
        return f"{self.code} ({self.name}{where})"

    def held_in(self, fiscal_year: int) -> bool:
        """Whether code and name were in use on any day of the fiscal year."""
        # no code is too new for an old plan: a plan keeps one code through all its years
        return self.until is None or self.until >= date(fiscal_year, 4, 1)


@cache
def municipalities() -> tuple[Municipality, ...]:
    """All rows of data/codes/municipalities.csv, those that are no longer valid among them."""
    return tuple(
        Municipality(
            row["code"],
            row["name"],
            row["kana"],
            row["prefecture"],
            _day(row["valid_from"]),
            _day(row["valid_to"]),
            row["successor"],
        )
        for row in read_codes("municipalities")
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def with_code(code: str) -> Municipality | None:
    """Who has the code today; None if nobody has."""
    return next((one for one in municipalities() if one.code == code and one.until is None), None)


def called(name: str) -> tuple[Municipality, ...]:
    """Who is or was called so, with or without the prefecture and the county before the name."""
    return tuple(one for one in municipalities() if _is_called(one, name))


def _is_called(one: Municipality, name: str) -> bool:
    wanted = name_key(one.name)
    full = name_key(name)
    short = full.removeprefix(name_key(one.prefecture)) or full
    return wanted in (full, short, _COUNTY.sub("", short, count=1))


def code_problems(settings: PlanSettings) -> Problems:
    """Why the code of plan.toml is not that of the municipality named there, with the right one."""
    problems = Problems()
    if settings["municipality.made_up"]:
        return problems
    code, name = settings.code, settings["municipality.name"]["ja"]
    origin = Origin(str(settings.folder / PLAN_FILE))
    holders = [one for one in municipalities() if one.code == code]
    named = [one for one in holders if _is_called(one, name)]
    if not holders:
        problems.add("code-unknown", origin, found=code, right=_right(name))
    elif not named:
        holder = with_code(code) or holders[-1]
        problems.add(
            "code-name",
            origin,
            found=f"{code} and {quoted(name)}",
            holder=holder.in_words,
            right=_right(name),
        )
    elif not any(one.held_in(settings.year) for one in named):
        last = named[-1]
        next_one = with_code(last.successor)
        problems.add(
            "code-retired",
            origin,
            found=last.in_words,
            until=last.until,
            right=next_one.in_words if next_one else last.successor,
        )
    return problems


def _right(name: str) -> str:
    """The codes that today belong to the name, in words."""
    today = dict.fromkeys(one.in_words for one in _today(called(name) or _within(name)))
    return " or ".join(today) or f"a name that the list has; it has none like {quoted(name)}"


def _today(found: tuple[Municipality, ...]) -> Iterator[Municipality]:
    for one in found:
        now = one if one.until is None else with_code(one.successor)
        if now is not None:
            yield now


def _within(name: str) -> tuple[Municipality, ...]:
    """The city that a ward belongs to: 札幌市中央区 has no code of its own in the list."""
    key = name_key(name)
    return tuple(one for one in municipalities() if _starts_with(key, one))


def _starts_with(key: str, one: Municipality) -> bool:
    short = key.removeprefix(name_key(one.prefecture)) or key
    return one.name != one.prefecture and short.startswith(name_key(one.name))
