"""A comparison as data: JSON of what the page shows, CSV with a row per goal, plan and basis."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from kg.goals import GOALS, official_names
from server.compare.choice import Choice, Entry
from server.compare.columns import BASES, Column, Kind
from server.compare.notes import notes_of

CSV_COLUMNS = (
    "goal", "goal_name_ja", "goal_name_en", "column", "municipality_code", "municipality_name",
    "fiscal_year", "made_up", "basis", "projects", "certainty", "projects_of_plan",
    "per_100_projects", "plan", "plan_title",
)  # fmt: skip


def comparison_json(columns: Sequence[Column], choice: Choice, release_id: str) -> str:
    """The columns, the numbers of each goal by basis (null = not known), the notes per pair.

    `understood` are codes as they were given and as they were read; `absent` and `left_out` is
    what was asked for and has no column.
    """
    answer = {
        "release": release_id,
        "understood": dict(choice.read_as),
        "absent": [{"code": code, "fiscal_year": year} for code, year in choice.absent],
        "left_out": [
            {"code": e["code"], "fiscal_year": int(e["year"]), "plan": e["iri"]}
            for e in choice.left_out
        ],
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


def comparison_csv(columns: Sequence[Column], choice: Choice, held: Sequence[Entry]) -> bytes:
    """A row for each goal, plan and basis that says something, in this order.

    A goal of which neither the document nor anyone else tells the number has a row without one,
    its certainty `unknown`: no row would look like a plan that was not asked for. In the same
    way plans that are not held (`no-plan`) and those beyond the most columns (`left-out`) are told.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    any_of = {str(entry["code"]): entry for entry in held}
    missing = [
        ({**any_of[code], "year": year, "iri": "", "title": {"ja": ""}}, "no-plan")
        for code, year in choice.absent
    ] + [(dict(entry), "left-out") for entry in choice.left_out]
    for goal in GOALS:
        for column in columns:
            for basis in BASES:
                number = column.counts.get(basis, {}).get(goal)
                if number is not None:
                    writer.writerow(_row(column, goal, basis, number))
            if column.main(goal) is None:
                writer.writerow(_row(column, goal, "", None))
        for entry, reason in missing:
            writer.writerow(_missing_row(entry, goal, reason))
    return out.getvalue().encode()


def _row(column: Column, goal: int, basis: str, number: Decimal | None) -> list[object]:
    names = official_names(goal)
    return [
        goal,
        names["ja"],
        names["en"],
        column.letter,
        column.entry["code"],
        column.entry["municipality"]["ja"],
        column.year,
        "yes" if column.is_made_up else "",
        basis,
        "" if number is None else number,
        "unknown" if number is None else column.certainty(basis),
        column.listed,
        column.per_100(number),
        column.plan,
        column.entry["title"]["ja"],
    ]


def _missing_row(entry: Entry, goal: int, reason: str) -> list[object]:
    names, title = official_names(goal), entry["title"]["ja"]
    made_up = "yes" if entry.get("made_up") else ""
    place = [entry["code"], entry["municipality"]["ja"], entry["year"], made_up]
    return [
        goal, names["ja"], names["en"], "", *place, "", "", reason, "", "", entry["iri"], title
    ]  # fmt: skip


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
        "certainty": {
            basis: column.certainty(basis)
            for basis in BASES
            if goal in column.counts.get(basis, {})
        },
        "shown": _number(main),
        "exact": None if main is None else column.kind is Kind.PUBLISHED or column.is_exact,
        "per_100_projects": _number(column.per_100(main)),
    }


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
