"""The report on a plan's year (実施報告): its rows by the plan's projects.

A row names its project by number or by name; one that fits no project of the plan is a problem,
because what was achieved would otherwise be told of nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kg.codes import Headings
from kg.errors import Problems, quoted
from kg.extract.achievements import FIELDS, AchievementsReader
from kg.extract.budgets import BudgetsReader
from kg.extract.cells import parse_number, split_account, without_tags
from kg.extract.indicators import IndicatorsReader
from kg.extract.layout import Layout, Layouts, TableKind, single_years_of, without_year
from kg.extract.measure_headings import MEASURED
from kg.extract.rows import DocumentText, Row, Table, TextLine
from kg.measures import Achievement, Budget, Indicator, Report, ValueKind
from kg.plan_settings import PlanSettings
from kg.records import Project
from kg.text import clean, folded, name_key

_BRACKETS = re.compile(r"(?:\([^()]*\)|【[^【】]*】|\[[^\[\]]*\])$")
_UNIT = re.compile(r"\([^()]*\)$")
KNOWS = frozenset((*FIELDS, *MEASURED))
"""Fields that make a table part of a report."""


@dataclass
class _Open:
    project: Project | None
    layout: Layout
    rows: list[Row] = field(default_factory=list)


class ReportReader:
    """Reads a report by the projects of its plan; problems go to the shared list."""

    def __init__(
        self,
        headings: Headings,
        settings: PlanSettings,
        projects: Sequence[Project],
        problems: Problems,
    ) -> None:
        self.headings = headings
        self.settings = settings
        self.problems = problems
        self.budgets = BudgetsReader(headings, settings, problems)
        # a report says what was reached in its own year, unless a heading names another
        reported = {ValueKind.ACTUAL: settings.year}
        self.indicators = IndicatorsReader(settings, problems, reported)
        self.achievements = AchievementsReader(settings, problems)
        self.by_number = {p.number: p for p in projects if p.number is not None}
        self.by_name: dict[str, list[Project]] = {}
        for project in projects:
            if project.name:
                self.by_name.setdefault(name_key(project.name), []).append(project)
        self._old_names = {name_key(new): name_key(old) for new, old in settings.aliases.items()}
        self._seen: dict[str, Row] = {}
        self._found: list[_Open] = []

    def read(self, document: DocumentText, path: Path) -> Report:
        """Everything that the report's tables say, in the order of its rows."""
        self._check_years(document)
        layouts = self._layouts(document)
        for layout in layouts:
            for row in layout.rows:
                self._row(layout, row)
        achieved: list[Achievement] = []
        indicators: list[tuple[str, Indicator]] = []
        budgets: list[tuple[str, Budget]] = []
        for one in self._found:
            if one.project is None:
                continue
            key = one.project.key
            achievement = self.achievements.of_rows(one.layout, one.rows, key)
            achieved += [achievement] if achievement else []
            budgets += [(key, b) for b in self.budgets.of_rows(one.layout, one.rows)]
            values = self.indicators.of_rows(one.layout, one.rows)
            indicators += [(key, i) for i in _numbered(values, one.project)]
        self.achievements.finish()
        lines: Iterable[TextLine] = document.text_lines()
        totals = self.budgets.totals(lines)
        return Report(
            str(path),
            document.sha256,
            tuple(achieved),
            tuple(indicators),
            tuple(budgets),
            totals,
        )

    def _check_years(self, document: DocumentText) -> None:
        """What titles the report above its first table, or is a year alone, is of its own year.

        Headings below and of columns are left out: a report may give values of other years.
        """
        words = (*self.headings.words("title", "report"), *self.headings.words("title", "mark"))
        for block in document.blocks:
            if not isinstance(block, TextLine):
                break
            years = single_years_of(block.text)
            if not years or self.settings.year in years:
                continue
            title = name_key(block.text).strip("#*【】[]<>「」■◆●○")
            is_title = title.endswith(words) or _BRACKETS.sub("", title).endswith(words)
            if is_title or not _without_years(title):
                found = ", ".join(map(str, sorted(years)))
                self.problems.add("wrong-year", block.origin, found=found, years=self.settings.year)

    def _layouts(self, document: DocumentText) -> list[Layout]:
        layouts = Layouts(self.headings, (), self.settings["document.ignore_columns"])
        ignored = {name_key(text) for text in self.settings["report.ignore_tables"]}
        found = []
        for table in document.tables():
            if name_key(table.header.cells[0]) in ignored - {""}:
                continue
            layout = layouts.columns_of(TableKind.PROJECT, table)
            fields = {column.field for column in layout.columns}
            if fields & {"number", "name"} and fields & KNOWS:
                self._unknown_columns(layout)
                found.append(layout)
            else:
                self._unknown_table(table)
        if not found:
            self._nothing(document)
        return found

    def _unknown_columns(self, layout: Layout) -> None:
        ignored = {name_key(text) for text in self.settings["document.ignore_columns"]}
        known = ", ".join(dict.fromkeys(self.headings.of(TableKind.PROJECT).values()))
        for column in layout.columns:
            if column.field is None and column.heading and name_key(column.heading) not in ignored:
                origin = layout.table.origin
                self.problems.add("unknown-column", origin, column=column.heading, known=known)

    def _unknown_table(self, table: Table) -> None:
        shown = ", ".join(quoted(clean(cell)) for cell in table.header.cells)
        self.problems.add("report-table", table.origin, found=shown)

    def _nothing(self, document: DocumentText) -> None:
        first = next((block.origin for block in document.blocks), None)
        if first is not None and not self.problems:
            self.problems.add("report-empty", replace(first, line=None, row=None, sheet=None))

    # --- rows ----------------------------------------------------------------------------

    def _row(self, layout: Layout, row: Row) -> None:
        if self.budgets.is_total(layout, row, None):
            return
        number, name = layout.cell(row, "number"), without_tags(layout.cell(row, "name"))
        is_below = row.inherited.issuperset(
            (*layout.indexes("number"), *layout.indexes("name"))
        ) and bool(row.inherited)
        filled = sum(bool(folded(cell)) for cell in row.cells)
        if not filled or (filled == 1 and not self._found):
            return
        if is_below or not (folded(number) or folded(name)):
            if self._found and self._found[-1].layout is layout:
                self._found[-1].rows.append(row)
            return
        if filled == 1 and parse_number(number) is None:
            return  # the heading of a policy: the plan has it
        project = self._project(layout, row, number, name)
        if project is not None:
            first = self._seen.setdefault(project.key, row)
            if first is not row:
                self.problems.add(
                    "report-twice",
                    row.origin,
                    found=quoted(name or clean(number)),
                    first=first.origin.where,
                )
                project = None
        self._found.append(_Open(project, layout, [row]))

    def _project(self, layout: Layout, row: Row, number: str, name: str) -> Project | None:
        """The plan's project that a row is about, told by its number and name as far as given."""
        printed = parse_number(number)
        named = self._named(layout, row, name)
        if printed is None or not layout.indexes("number"):
            if len(named) == 1:
                return named[0]
            self._no_project(row, quoted(name or clean(number)), named)
            return None
        project = self.by_number.get(printed)
        if project is None:
            self._no_project(row, f"No. {printed} {quoted(name)}" if name else f"No. {printed}", [])
            return None
        if name and project not in named:
            self.problems.add(
                "report-name",
                row.origin,
                found=f"No. {printed} {quoted(name)}",
                name=quoted(project.name or ""),
            )
            return None
        return project

    def _named(self, layout: Layout, row: Row, name: str) -> list[Project]:
        key = name_key(split_account(name)[0])
        found = self.by_name.get(key) or self.by_name.get(self._old_names.get(key, ""), [])
        unit = name_key(without_tags(layout.cell(row, "unit")))
        if len(found) > 1 and unit:
            return [project for project in found if name_key(project.printed_unit) == unit]
        return list(found)

    def _no_project(self, row: Row, found: str, candidates: Sequence[Project]) -> None:
        numbers = ", ".join(f"No. {project.number}" for project in candidates)
        which = f"one of {numbers}, told by its number" if numbers else "a project of the plan"
        self.problems.add("report-project", row.origin, found=found, which=which)


def _numbered(found: Sequence[Indicator], project: Project) -> Iterable[Indicator]:
    """The indicators with the orders of the plan's of the same name, others after those."""
    known: Mapping[str, int] = {_key(i.name): i.order for i in project.indicators}
    after = len(project.indicators)
    for indicator in found:
        order = known.get(_key(indicator.name))
        if order is None:
            after += 1
            order = after
        yield replace(indicator, order=order)


def _without_years(text: str) -> str:
    """What is left of a folded text without the years that it names."""
    while (shorter := without_year(text)) != text:
        text = shorter
    return text.strip("・/,、()")


def _key(name: str) -> str:
    """How names of indicators are compared: without the unit in brackets at their end."""
    return _UNIT.sub("", name_key(name))
