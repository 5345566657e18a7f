"""Budgets of projects, and the totals that a document prints of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kg.codes import Headings
from kg.errors import Problems, quoted
from kg.extract.layout import Column, Layout, caption_unit
from kg.extract.measure_headings import BUDGET_FIELDS, year_in
from kg.extract.money import UNITS, Amount, parse_amount, unit_named, without_unit
from kg.extract.rows import Row, TextLine
from kg.measures import Budget, BudgetKind, BudgetTotal
from kg.origin import Origin
from kg.plan_settings import PLAN_FILE, PlanSettings
from kg.text import clean, folded, name_key

SUBTOTAL = "小計"


@dataclass(frozen=True, slots=True)
class _Total:
    """A total row as read: whose it is depends on the others."""

    word: str
    policy: str | None
    total: BudgetTotal


class BudgetsReader:
    """Reads the columns of money of one document; problems go to the shared list."""

    def __init__(self, headings: Headings, settings: PlanSettings, problems: Problems) -> None:
        self.headings = headings
        self.year = settings.year
        self.problems = problems
        self.unit = settings["budget.unit"] or ""
        self._totals: list[_Total] = []
        if self.unit and self.unit not in UNITS:
            origin = Origin(str(settings.folder / PLAN_FILE))
            problems.add("budget-unit-unknown", origin, found=quoted(self.unit), known=_known())

    def of_rows(self, layout: Layout, rows: Iterable[Row]) -> tuple[Budget, ...]:
        """The amounts of a project, by the columns of its rows; a dash is none."""
        found: dict[str, Budget] = {}
        for row in rows:
            for column in _columns(layout):
                if column.index in row.inherited:
                    continue
                amount = self._amount(layout, column, row)
                if amount is None:
                    continue
                kind, year = self._kind(column)
                printed = clean(row.cells[column.index])
                budget = Budget(kind, year, printed, amount.yen, row.origin)
                first = found.setdefault(budget.key, budget)
                if first is not budget:
                    self.problems.add(
                        "budget-twice",
                        row.origin,
                        found=quoted(printed),
                        column=column.heading,
                        first=f"{quoted(first.printed)} in {first.origin.where}",
                    )
        return tuple(found.values())

    def is_total(self, layout: Layout, row: Row, policy: str | None) -> bool:
        """Take a row such as 合計 with amounts, under the policy; False if it is none."""
        columns = _columns(layout)
        labels = [name_key(c) for n, c in enumerate(row.cells) if folded(c)]
        money = {column.index for column in columns}
        words = (SUBTOTAL, *self.headings.words("balance", "total-row"))
        if not columns or not labels or labels[0] not in words:
            return False
        if not any(folded(row.cells[index]) for index in money):
            return False
        for column in columns:
            amount = self._amount(layout, column, row)
            if amount is not None:
                self._add(column, amount, labels[0], policy, row)
        return True

    def _add(self, column: Column, amount: Amount, word: str, policy: str | None, row: Row) -> None:
        kind, year = self._kind(column)
        printed = clean(row.cells[column.index])
        total = BudgetTotal(kind, year, printed, amount.yen, None, row.origin)
        self._totals.append(_Total(word, policy, total))

    def totals(self, lines: Iterable[TextLine]) -> tuple[BudgetTotal, ...]:
        """Every printed total, of rows and of text lines such as 予算額合計 1,234千円.

        小計 is of the policy it stands under, and so is a word that stands under several; a word
        that stands once is of the whole plan.
        """
        times = Counter((t.word, t.total.key) for t in self._totals)
        found: dict[tuple[str | None, str], BudgetTotal] = {}
        for one in (*self._totals, *self._lines(lines)):
            is_part = one.word == SUBTOTAL or times[one.word, one.total.key] > 1
            policy = one.policy if is_part else None
            t = one.total
            total = BudgetTotal(t.kind, t.year, t.printed, t.amount, policy, t.origin)
            first = found.setdefault((policy, t.key), total)
            if first is not total and first.amount != total.amount:
                self.problems.add(
                    "budget-total-twice",
                    t.origin,
                    found=quoted(t.printed),
                    first=f"{quoted(first.printed)} in {first.origin.where}",
                )
        return tuple(found.values())

    def _lines(self, lines: Iterable[TextLine]) -> Iterator[_Total]:
        for line in lines:
            unit = unit_named(line.text)
            year, key = year_in(name_key(without_unit(line.text)).strip("【】[]■◆#*※・"))
            for field in BUDGET_FIELDS:
                for word in self.headings.words("total", field):
                    rest = key.removeprefix(word).lstrip(":=")
                    if rest == key or not any(c.isdigit() for c in rest):
                        continue
                    amount = parse_amount(rest, unit or self.unit)
                    if amount.is_wrong or amount.is_bare:
                        self._tell(amount, rest, line.origin, None)
                        break
                    kind = _kind_of(field)
                    total = BudgetTotal(
                        kind, year or self.year, rest, amount.yen, None, line.origin
                    )
                    yield _Total(word, None, total)
                    break

    def _amount(self, layout: Layout, column: Column, row: Row) -> Amount | None:
        text = row.cells[column.index]
        amount = parse_amount(text, column.unit or caption_unit(layout.table) or self.unit)
        if amount.is_none:
            return None
        if amount.is_wrong or amount.is_bare:
            self._tell(amount, text, row.origin, column.heading)
            return None
        return amount

    def _tell(self, amount: Amount, text: str, origin: Origin, column: str | None) -> None:
        code = "budget-unit" if amount.is_bare else "budget-form"
        self.problems.add(code, origin, found=quoted(clean(text)), column=column)

    def _kind(self, column: Column) -> tuple[BudgetKind, int]:
        year = column.year or self.year + (column.relative or 0)
        return _kind_of(column.field or ""), year


def _columns(layout: Layout) -> Sequence[Column]:
    return [column for column in layout.columns if column.field in BUDGET_FIELDS]


def _kind_of(field: str) -> BudgetKind:
    kind = field.removeprefix("budget").removeprefix("-")
    return BudgetKind(kind) if kind else BudgetKind.UNSPECIFIED


def _known() -> str:
    return ", ".join(UNITS)
