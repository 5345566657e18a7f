"""Indicators of projects with their base, target and actual values, by the columns of a table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from kg.errors import Problems, quoted
from kg.extract.layout import Column, Layout
from kg.extract.measure_headings import VALUE_FIELDS, year_in
from kg.extract.money import MINUS
from kg.extract.rows import Row
from kg.measures import Indicator, IndicatorValue, ValueKind
from kg.plan_settings import PlanSettings
from kg.text import clean, folded, name_key

_DIGITS = "0-9０-９"
_VALUE = re.compile(
    rf"(?:約|およそ)?\s*(?P<sign>[－{MINUS}]?)"
    rf"(?P<number>[{_DIGITS}]{{1,3}}(?:[,，][{_DIGITS}]{{3}})+(?:[.．][{_DIGITS}]+)?"
    rf"|[{_DIGITS}]+(?:[.．][{_DIGITS}]+)?)"
    rf"\s*(?P<unit>[^{_DIGITS}\s、。,，（）()]{{0,8}}?)\s*(?:以上|以下|未満|程度|超)?"
)
_YEAR_IN_BRACKETS = re.compile(r"[(（]([^()（）]*)[)）]")
_UNIT_OF_NAME = re.compile(r"[(（]\s*(?:単位\s*[:：]?)?\s*([^()（）0-9０-９]{1,6})[)）]$")
_NONE = frozenset("-‐‑‒–—―−ー")


@dataclass
class _Open:
    order: int
    name: str
    row: Row
    unit: str
    values: dict[str, IndicatorValue]


class IndicatorsReader:
    """Reads the columns of indicators of one document; problems go to the shared list.

    `years` are those of columns whose heading names none, by kind of value.
    """

    def __init__(
        self, settings: PlanSettings, problems: Problems, years: Mapping[ValueKind, int] = {}
    ) -> None:
        self.problems = problems
        self.year = settings.year
        named = {kind: settings[f"indicators.{kind}_year"] for kind in ValueKind}
        self.years = {**years, **{kind: year for kind, year in named.items() if year is not None}}

    def of_rows(self, layout: Layout, rows: Iterable[Row]) -> tuple[Indicator, ...]:
        """The indicators of a project: each row that names one begins it.

        Values in a row without a name belong to the indicator above; a dash is no value.
        """
        columns = [c for c in layout.columns if c.field in VALUE_FIELDS]
        names = layout.indexes("indicator")
        found: list[_Open] = []
        for row in rows:
            new = [n for n in names if n not in row.inherited and _says(row.cells[n])]
            if new:
                name = clean(row.cells[new[0]])
                found.append(_Open(len(found) + 1, name, row, self._unit(layout, row, name), {}))
            for column in columns:
                if column.index not in row.inherited and _says(row.cells[column.index]):
                    self._take(column, row, found)
        return tuple(
            Indicator(o.order, o.name, tuple(o.values.values()), o.row.origin) for o in found
        )

    @staticmethod
    def _unit(layout: Layout, row: Row, name: str) -> str:
        printed = clean(layout.cell(row, "indicator-unit"))
        in_name = _UNIT_OF_NAME.search(name)
        return printed if _says(printed) else in_name[1].strip() if in_name else ""

    def _take(self, column: Column, row: Row, found: list[_Open]) -> None:
        text = clean(row.cells[column.index])
        if not found:
            self.problems.add(
                "indicator-name", row.origin, found=quoted(text), column=column.heading
            )
            return
        one, kind = found[-1], ValueKind((column.field or "").removeprefix("value-"))
        year = column.year
        if year is None and column.relative is not None:
            year = self.year + column.relative
        value = parse_value(kind, text, column.unit or one.unit, row)
        if value.year is None:
            value = replace(value, year=self.years.get(kind) if year is None else year)
        first = one.values.setdefault(value.key, value)
        if first is not value:
            self.problems.add(
                "value-twice",
                row.origin,
                found=quoted(text),
                column=column.heading,
                first=f"{quoted(first.printed)} in {first.origin.where}",
            )


def parse_value(kind: ValueKind, text: str, unit: str, row: Row) -> IndicatorValue:
    """The value that a cell prints: `1,234人`, `80％以上`, `75%（R5）`, or words such as 増加.

    `unit` is that of the indicator, for a number without one. The number stands beside the
    printed text, which alone says 以上 or 約.
    """
    bare, year = text, None
    bracket = _YEAR_IN_BRACKETS.search(text)
    if bracket:
        year, rest = year_in(name_key(bracket[1]))
        if year is not None and not rest.strip("末実績見込:"):
            bare = clean(text[: bracket.start()] + text[bracket.end() :])
        else:
            year = None
    match = _VALUE.fullmatch(bare)
    if match is None:
        return IndicatorValue(kind, year, text, None, None, row.origin)
    number = Decimal(unicodedata.normalize("NFKC", match["number"]).replace(",", ""))
    signed = -number if match["sign"] and number else number
    return IndicatorValue(kind, year, text, signed, match["unit"] or unit or None, row.origin)


def _says(cell: str) -> bool:
    """Whether a cell has more than a dash."""
    key = folded(cell)
    return bool(key) and not (len(key) == 1 and key in _NONE)
