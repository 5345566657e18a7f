"""Amounts, indicators and achievements as a document states them: frozen values with origins.

The printed form is always kept; a number is given only where the document prints one.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from kg.origin import Origin


class BudgetKind(StrEnum):
    """At which stage an amount was set; the value is the term's name after `budget-`."""

    INITIAL = "initial"
    REVISED = "revised"
    SETTLED = "settled"
    UNSPECIFIED = "unspecified"


class ValueKind(StrEnum):
    """What a value of an indicator stands for; the value is the term's name after `value-`."""

    BASE = "base"
    TARGET = "target"
    ACTUAL = "actual"


@dataclass(frozen=True, slots=True)
class Budget:
    """One amount of a project, in yen; `amount` is None where words stand in its place.

    It is of the whole project: nothing splits it across the goals that the project serves.
    """

    kind: BudgetKind
    year: int
    printed: str
    amount: Decimal | None
    origin: Origin

    @property
    def key(self) -> str:
        """What tells the amounts of one project apart: `initial-2021`."""
        return f"{self.kind}-{self.year}"


@dataclass(frozen=True, slots=True)
class BudgetTotal:
    """A printed total of budgets: of a policy, or of the plan where `policy` is None."""

    kind: BudgetKind
    year: int
    printed: str
    amount: Decimal | None
    policy: str | None
    origin: Origin

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.year}"


@dataclass(frozen=True, slots=True)
class IndicatorValue:
    """One value: as printed, as a number where it is one, its unit and year where known."""

    kind: ValueKind
    year: int | None
    printed: str
    value: Decimal | None
    unit: str | None
    origin: Origin

    @property
    def key(self) -> str:
        """What tells the values of one indicator apart: `target-2025`, or `target` of no year."""
        return self.kind if self.year is None else f"{self.kind}-{self.year}"


@dataclass(frozen=True, slots=True)
class Indicator:
    """What a project is measured by, with its values in the order of the columns."""

    order: int
    name: str
    values: tuple[IndicatorValue, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade of the scale that plan.toml gives: 1 is the best rank."""

    rank: int
    notation: str


@dataclass(frozen=True, slots=True)
class Achievement:
    """What a report says of a project: grade and text as printed, either may be absent."""

    project: str
    grade: Grade | None
    printed_grade: str | None
    text: str | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Report:
    """What a report on the plan's year states, by the keys of the plan's projects.

    `indicators` have only values that the report prints. Those of an indicator of the plan have
    its order; others are numbered after the plan's.
    """

    document: str
    sha256: str
    achievements: tuple[Achievement, ...]
    indicators: tuple[tuple[str, Indicator], ...]
    budgets: tuple[tuple[str, Budget], ...]
    totals: tuple[BudgetTotal, ...] = ()
