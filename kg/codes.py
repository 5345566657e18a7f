"""The spellings and facts of `data/codes/`: what words in documents mean.

Every word a document may use is data, not code, so that another city's word is one line
in a CSV file. Names are compared folded (`kg.text.name_key`).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from kg.resources import codes_dir
from kg.text import name_key

GOAL_FIELDS = tuple(f"goal-{goal}" for goal in range(1, 18))
"""The fields of tables that have a column for each goal, such as `goal-3`."""


@cache
def read_codes(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of `data/codes/{name}.csv`, in file order, as header -> cell."""
    with (codes_dir() / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def meanings(name: str, word: str, meaning: str) -> Mapping[str, str]:
    """Folded word -> meaning, from two columns of one code list."""
    return {name_key(row[word]): row[meaning] for row in read_codes(name)}


@dataclass(frozen=True, slots=True)
class Headings:
    """The known headings: folded spelling -> field, for each kind of table.

    Built from headings.csv and the author's `[columns]` (field = "heading as printed"),
    which count for every kind of table that has such a field.
    """

    spellings: Mapping[str, Mapping[str, str]]

    @classmethod
    def known(cls, columns: Mapping[str, str] | None = None) -> Headings:
        tables: dict[str, dict[str, str]] = {}
        for row in read_codes("headings"):
            tables.setdefault(row["table"], {})[name_key(row["heading"])] = row["field"]
        for field, heading in (columns or {}).items():
            for spellings in tables.values():
                is_goal = field in GOAL_FIELDS and "goals" in spellings.values()
                if field in spellings.values() or is_goal:
                    spellings[name_key(heading)] = field
        return cls(tables)

    def of(self, table: str) -> Mapping[str, str]:
        """Folded spelling -> field of one kind of table; empty for an unknown kind."""
        return self.spellings.get(table, {})

    def words(self, table: str, field: str) -> tuple[str, ...]:
        """The folded spellings of one field, the longest first."""
        found = (word for word, name in self.of(table).items() if name == field)
        return tuple(sorted(found, key=lambda word: (-len(word), word)))

    def fields(self) -> frozenset[str]:
        """Every field name that `[columns]` may use."""
        known = (field for spellings in self.spellings.values() for field in spellings.values())
        return frozenset((*known, *GOAL_FIELDS))
