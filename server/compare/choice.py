"""What /compare was asked for: municipalities by code or name, years, and how numbers are shown."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from kg.text import name_key
from server.compare.columns import MOST_COLUMNS

Entry = Mapping[str, Any]

MOST_SUGGESTED = 10
MOST_CHARACTERS = 100
"""Of a name; what is longer is no name."""
_SUFFIXES = "市町村区"


class Show(StrEnum):
    """How numbers are shown; shares and projects per 100 are of the plan's listed projects."""

    COUNT = "count"
    SHARE = "share"
    PER_100 = "per100"


@dataclass(frozen=True, slots=True)
class Unclear:
    """A name that is not one municipality's; `suggested` are codes that it may mean."""

    text: str
    suggested: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The plans to compare, and what of the request could not be met."""

    codes: tuple[str, ...]
    years: tuple[int, ...]
    show: Show
    plans: tuple[Entry, ...]
    unclear: tuple[Unclear, ...] = ()
    absent: tuple[tuple[str, int], ...] = ()
    """Code and year of which no plan is held."""
    left_out: tuple[Entry, ...] = ()
    """Plans beyond the most that are compared."""
    read_as: tuple[tuple[str, str], ...] = ()
    """Codes as they were given, without the zero that a spreadsheet drops, and as understood."""
    unreadable: tuple[str, ...] = field(default=())
    """Values of parameters that mean nothing, as `year=abc`."""

    def query(self, **changes: Any) -> str:
        """The query string of this choice; `codes`, `years` or `show` may be others."""
        show = changes.get("show", self.show)
        pairs = [("m", code) for code in changes.get("codes", self.codes)]
        pairs += [("year", str(year)) for year in changes.get("years", self.years)]
        if show is not Show.COUNT:
            pairs.append(("show", str(show)))
        return urlencode(pairs)


def choice_of(
    asked: Iterable[str], years: Iterable[str], show: str, entries: Sequence[Entry]
) -> Choice:
    """The choice that the values of `m`, `year` and `show` stand for.

    A municipality is named by its 6-digit code, its standard area code of 5 digits, or by its
    name in Japanese or English; a part of a name does where only one has it. A code whose
    leading zero is gone is understood where that is the only reading. Without a year each has
    its newest. Digits may be full-width.
    """
    by_code: dict[str, list[Entry]] = {}
    for entry in entries:
        by_code.setdefault(entry["code"], []).append(entry)
    codes: list[str] = []
    unclear, unreadable, read_as = [], [], []
    for text in dict.fromkeys(value.strip() for value in asked):
        found = _codes(text, by_code)
        if len(found) == 1:
            codes += [code for code in found if code not in codes]
            key = name_key(text)
            if key.isdecimal() and not found[0].startswith(key):
                read_as.append((text[:MOST_CHARACTERS], found[0]))
        elif text:
            unclear.append(Unclear(text[:MOST_CHARACTERS], tuple(found[:MOST_SUGGESTED])))
    wanted: list[int] = []
    for value in years:
        digits = unicodedata.normalize("NFKC", value).strip()
        if digits.isascii() and digits.isdecimal() and len(digits) == 4:
            wanted += [int(digits)] if int(digits) not in wanted else []
        elif value:
            unreadable.append(value[:MOST_CHARACTERS])
    if show and show not in list(Show):
        unreadable.append(show[:MOST_CHARACTERS])
    plans: list[Entry] = []
    absent = []
    for code in codes:
        own = by_code[code]
        for year in wanted or [max(int(entry["year"]) for entry in own)]:
            of_year = [entry for entry in own if int(entry["year"]) == year]
            plans += sorted(of_year, key=lambda entry: str(entry["slug"]))
            if not of_year:
                absent.append((code, year))
    return Choice(
        tuple(codes),
        tuple(wanted),
        Show(show) if show in list(Show) else Show.COUNT,
        tuple(plans[:MOST_COLUMNS]),
        tuple(unclear),
        tuple(absent),
        tuple(plans[MOST_COLUMNS:]),
        tuple(read_as),
        tuple(unreadable),
    )


def _codes(text: str, by_code: Mapping[str, Sequence[Entry]]) -> list[str]:
    """The codes that a text may mean, in order: one if it is clear."""
    if not text or len(text) > MOST_CHARACTERS:
        return []
    key = name_key(text)
    if key.isascii() and key.isdecimal():
        exact = [code for code in sorted(by_code) if key in (code, code[:5])]
        # spreadsheets take a code for a number and drop its leading zero
        return exact or [code for code in sorted(by_code) if f"0{key}" in (code, code[:5])]
    names = {
        code: [name_key(name) for name in plans[0]["municipality"].values()]
        for code, plans in sorted(by_code.items())
    }
    for is_meant in (
        lambda name: name == key,
        lambda name: name[:-1] == key and name[-1] in _SUFFIXES,
        lambda name: name.startswith(key),
        lambda name: key in name,
    ):
        found = [code for code, own in names.items() if any(map(is_meant, own))]
        if found:
            return found
    return []
