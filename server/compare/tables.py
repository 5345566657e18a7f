"""A comparison as data: JSON of what the page shows, CSV with a row per goal, plan and basis."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from kg.goals import GOALS, official_names
from server.compare.columns import BASES, Column, Kind
from server.compare.notes import notes_of

CSV_COLUMNS = (
    "goal", "goal_name_ja", "goal_name_en", "column", "municipality_code", "municipality_name",
    "fiscal_year", "made_up", "basis", "projects", "certainty", "projects_of_plan",
    "per_100_projects", "plan",
)  # fmt: skip


def comparison_json(columns: Sequence[Column], release_id: str) -> str:
    """The columns, the numbers of each goal by basis (null = not known), the notes per pair."""
    answer = {
        "release": release_id,
        "columns": [_column(column) for column in columns],
        "goals": [
            {
                "goal": goal,
                "name": official_names(goal),
                "values": [_values(column, goal) for column in columns],
            }
            for goal in GOALS
        ],
        "notes": [
            {
                "columns": list(note.letters),
                "comparable": note.is_comparable,
                "ja": "".join(ja for ja, _ in note.sentences),
                "en": " ".join(en for _, en in note.sentences),
            }
            for note in notes_of(columns)
        ],
    }
    return json.dumps(answer, ensure_ascii=False, indent=1) + "\n"


def comparison_csv(columns: Sequence[Column]) -> bytes:
    """A row for each goal, plan and basis that says something, in this order."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for goal in GOALS:
        for column in columns:
            for basis in BASES:
                number = column.counts.get(basis, {}).get(goal)
                if number is not None:
                    writer.writerow(_row(column, goal, basis, number))
    return out.getvalue().encode()


def _row(column: Column, goal: int, basis: str, number: Decimal) -> list[object]:
    names = official_names(goal)
    certainty = {"published": "exact", "expected": ""}.get(
        basis, "exact" if column.is_exact else "at-least"
    )
    return [
        goal,
        names["ja"],
        names["en"],
        column.letter,
        column.entry["code"],
        column.name("ja"),
        column.year,
        "yes" if column.is_made_up else "",
        basis,
        number,
        certainty,
        column.listed,
        column.per_100(number),
        column.plan,
    ]


def _column(column: Column) -> dict[str, Any]:
    entry = column.entry
    return {
        "column": column.letter,
        "municipality": {"code": entry["code"], **entry["municipality"]},
        "made_up": column.is_made_up,
        "plan": entry["iri"],
        "title": entry["title"],
        "fiscal_year": column.year,
        "projects": column.listed,
        "shows": column.kind,
        "links": column.links,
    }


def _values(column: Column, goal: int) -> Mapping[str, Any]:
    main = column.main(goal)
    return {
        **{basis: _number(column.counts.get(basis, {}).get(goal)) for basis in BASES},
        "shown": _number(main),
        "exact": None if main is None else column.kind is Kind.PUBLISHED or column.is_exact,
        "per_100_projects": _number(column.per_100(main)),
    }


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
