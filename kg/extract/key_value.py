"""Sheets of one project each, as a table whose first column names the fields, as table rows.

    | 番号   | 1              |        | 指標     | 目標値（R3） |
    | 事業名 | まちあるき事業 |        | 参加者数 | 300人        |

The second table, of indicators or amounts alone, belongs to the project above it. Every row of
labels and values becomes one row under a header of labels, as in a plan's list of projects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kg.codes import Headings
from kg.extract.layout import TableKind, without_year
from kg.extract.measure_headings import MEASURED, measured
from kg.extract.rows import DocumentText, Row, Table, TextLine
from kg.text import clean, folded, name_key

FEWEST_LABELS = 3
"""Known fields in the first column before a table is taken for one project's."""

SHARE = 0.6
"""Share of the cells of a column that are known fields where the column holds labels."""

_PARTS = MEASURED | {"indicator", "indicator-unit", "grade", "achievement"}
_HEADS = frozenset(map(name_key, ("項目", "事項", "区分", "見出し", "項目名")))
"""First headings of a header row that says only that labels and values follow."""


@dataclass
class _Project:
    """The fields of one project with their values, and the tables that belong to it."""

    origin: Row
    fields: list[tuple[str, str]] = field(default_factory=list)
    parts: list[Table] = field(default_factory=list)


class _Labels:
    def __init__(self, headings: Headings) -> None:
        self.known: Mapping[str, str] = headings.of(TableKind.PROJECT)

    def field(self, cell: str) -> str | None:
        found = measured(cell, self.known)
        return found.field if found else self.known.get(without_year(cell))


def with_key_value(document: DocumentText, headings: Headings) -> DocumentText:
    """The document in which every such table is one of a row for each project in it."""
    labels = _Labels(headings)
    blocks: list[TextLine | Table | _Project] = []
    has_any = False
    for block in document.blocks:
        last = next((b for b in reversed(blocks) if not isinstance(b, TextLine)), None)
        if isinstance(block, TextLine):
            blocks.append(block)
        elif is_key_value(block, labels):
            has_any = True
            blocks += _projects(block, labels)
        elif isinstance(last, _Project) and _is_part(block, last, labels):
            last.parts.append(block)
        else:
            blocks.append(block)
    if not has_any:
        return document
    made = tuple(_table(b) if isinstance(b, _Project) else b for b in blocks)
    return replace(document, blocks=made)


def is_key_value(table: Table, labels: _Labels) -> bool:
    """Whether the first column holds names of fields, and one of them is the project's name."""
    if len(table.header.cells) < 2:
        return False
    rows = [table.header, *table.rows]
    fields = [labels.field(row.cells[0]) for row in rows if folded(row.cells[0])]
    known = {f for f in fields if f}
    if len(known) < FEWEST_LABELS or sum(map(bool, fields)) < SHARE * len(fields):
        return False
    columns = _label_columns(rows, labels)
    return any(labels.field(row.cells[n]) == "name" for row in rows for n in columns)


def _is_part(table: Table, project: _Project, labels: _Labels) -> bool:
    """Whether a table has nothing but indicators, values, amounts or grades, in the same sheet."""
    fields = {labels.field(cell) for cell in table.header.cells if folded(cell)}
    is_near = table.origin.sheet == project.origin.origin.sheet
    return bool(fields) and fields <= _PARTS and is_near


def _projects(table: Table, labels: _Labels) -> Iterable[_Project]:
    rows = [table.header, *table.rows]
    if name_key(rows[0].cells[0]) in _HEADS and labels.field(rows[0].cells[0]) is None:
        rows = rows[1:]
    columns = _label_columns(rows, labels)
    found: list[_Project] = []
    seen: set[str] = set()
    for row in rows:
        for label, value in _pairs(row, columns):
            key = labels.field(label) or name_key(label)
            begins = not found or (key in seen and key == _first_key(found[0], labels))
            if begins:
                found.append(_Project(row))
                seen = set()
            if not label and found[-1].fields:
                above, text = found[-1].fields[-1]
                found[-1].fields[-1] = (above, f"{text} {value}")
                continue
            seen.add(key)
            found[-1].fields.append((label, value))
    return found


def _first_key(project: _Project, labels: _Labels) -> str:
    label = project.fields[0][0] if project.fields else ""
    return labels.field(label) or name_key(label)


def _label_columns(rows: Sequence[Row], labels: _Labels) -> list[int]:
    """The columns that hold labels: the first, and others in which most cells are known fields."""
    found = [0]
    for column in range(2, len(rows[0].cells)):
        cells = [row.cells[column] for row in rows if folded(row.cells[column])]
        known = sum(labels.field(cell) is not None for cell in cells)
        if cells and known >= SHARE * len(cells) and column - found[-1] > 1:
            found.append(column)
    return found


def _pairs(row: Row, columns: Sequence[int]) -> Iterable[tuple[str, str]]:
    """The labels of a row with their values; a value without a label continues the one above."""
    for place, column in enumerate(columns):
        end = columns[place + 1] if place + 1 < len(columns) else len(row.cells)
        values = [
            clean(cell)
            for n, cell in enumerate(row.cells[column + 1 : end], column + 1)
            if folded(cell) and n not in row.inherited
        ]
        label = "" if column in row.inherited else clean(row.cells[column])
        if label or values:
            yield label, " ".join(dict.fromkeys(values))


def _table(project: _Project) -> Table:
    labels = tuple(label for label, _ in project.fields)
    values = tuple(value for _, value in project.fields)
    origin = project.origin.origin
    heads = [clean(cell) for part in project.parts for cell in part.header.cells]
    rows = [Row((*values, *("",) * len(heads)), origin)]
    before = len(values)
    for part in project.parts:
        width = len(part.header.cells)
        after = len(heads) - (before - len(values)) - width
        for row in part.rows:
            cells = ("",) * before + row.cells + ("",) * after
            rows.append(Row(cells, row.origin, frozenset(n + before for n in row.inherited)))
        before += width
    return Table(Row((*labels, *heads), origin), tuple(rows), None)
