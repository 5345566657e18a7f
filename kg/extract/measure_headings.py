"""Headings of measured columns: `令和3年度当初予算額(千円)`, `H30実績` -> field, year, unit.

A year may stand anywhere in them, in any era, with or without 年度; a unit in brackets. What is
left is looked up among the known headings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kg.extract.money import unit_named, without_unit
from kg.text import name_key

BUDGET_FIELDS = ("budget", "budget-initial", "budget-revised", "budget-settled")
VALUE_FIELDS = ("value-base", "value-target", "value-actual")
MEASURED = frozenset((*BUDGET_FIELDS, *VALUE_FIELDS))
"""Fields whose columns have a year and a unit; several columns may mean the same field."""

_END = r"(?:年度末|年度|年末|年)?"
_YEAR = re.compile(
    rf"\(?(?:(?P<era>令和|平成|(?<![a-z])[rh])\.?(?P<n>\d{{1,2}}|元){_END}"
    rf"|(?P<year>(?:19|20)\d{{2}})(?!\d){_END})(?:度)?\)?"
)
_ERA_START = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988}
_RELATIVE = {"前年度": -1, "昨年度": -1, "前々年度": -2, "本年度": 0, "今年度": 0, "当年度": 0,
             "翌年度": 1, "次年度": 1}  # fmt: skip
_RELATIVE_YEAR = re.compile("|".join(_RELATIVE))
_BRACKETED_UNIT = re.compile(r"\((?:単位:?)?([^()\d]{1,6})\)$")


@dataclass(frozen=True, slots=True)
class Measured:
    """What a heading means: the field, the year it names, and the unit.

    `relative` is the year's distance from that of the plan, as in 前年度; None if not so named.
    """

    field: str
    year: int | None
    relative: int | None
    unit: str


def measured(heading: str, known: Mapping[str, str]) -> Measured | None:
    """The meaning of a heading of a measured column; None if it is no such heading."""
    unit, key = unit_named(heading), name_key(without_unit(heading))
    year, key = year_in(key)
    relative = _RELATIVE_YEAR.search(key)
    if relative and known.get(key) not in MEASURED:
        key = key.replace(relative[0], "", 1)
    bracketed = None if unit else _BRACKETED_UNIT.search(key)
    if bracketed and known.get(key) not in MEASURED:
        unit, key = bracketed[1], key[: bracketed.start()]
    key = key.strip("()の:・末")
    field = known.get(key)
    if field not in MEASURED:
        return None
    return Measured(field, year, _RELATIVE[relative[0]] if relative else None, unit)


def year_in(key: str) -> tuple[int | None, str]:
    """The fiscal year that a folded text names in any form, and the text without it."""
    match = _YEAR.search(key)
    if match is None:
        return None, key
    rest = key[: match.start()] + key[match.end() :]
    if match["year"]:
        return int(match["year"]), rest
    return _ERA_START[match["era"]] + (1 if match["n"] == "元" else int(match["n"])), rest
