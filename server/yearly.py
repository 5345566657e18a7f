"""A yearly plan against the year before as data: JSON, and CSV with one row per project."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from rdflib import URIRef

from kg.vocab import SP
from kg.year_changes import CarriedOn, Entry, YearChanges
from kg.yearly_lists import ListedProject, ListedTarget, Review
from server.negotiation import EXCEL_CSV, Format
from server.spreadsheet import for_spreadsheets

COLUMNS = (
    "municipality_code", "municipality_name", "fiscal_year", "made_up", "change",
    "in_review_list", "project_number", "name", "policy_number", "printed_unit",
    "previous_number", "previous_name", "previous_policy_number", "previous_printed_unit",
    "merged_into_number", "changed_targets", "source_lines", "previous_source_lines",
    "review_source_lines", "project", "previous_project", "review", "merged_into",
    "changed_estimates",
)  # fmt: skip
ONLY_NOW, ONLY_BEFORE, CARRIED_ON = "only-this-year", "only-year-before", "carried-on"
"""Values of `change` beside the kinds of the review list."""
SEPARATOR = "|"
"""Between the values of a cell, as in the tables of the dumps."""


def years_json(years: YearChanges | None) -> dict[str, Any] | None:
    """What `years` is in the JSON of /changes; None for a plan that was withdrawn."""
    if years is None:
        return None
    return {
        "compared": years.compared,
        "reconciliation": asdict(years.reconciliation) if years.compared else None,
        "new": [_entry(entry) for entry in years.new],
        "ended": [_entry(entry) for entry in years.ended],
        "carried_on": [_carried_on(one) for one in years.carried_on],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "project": _project(entry.project),
        "review": _review(entry.review),
        "is_carried_on": entry.is_carried_on,
    }


def _carried_on(one: CarriedOn) -> dict[str, Any]:
    return {
        "from": _project(one.before),
        "to": _project(one.after),
        "targets": [{"from": _target(old), "to": _target(new)} for old, new in one.targets],
        "estimates": [{"from": _target(old), "to": _target(new)} for old, new in one.estimates],
    }


def _project(project: ListedProject | None) -> dict[str, Any] | None:
    if project is None:
        return None
    return {
        "iri": project.iri,
        "number": project.number,
        "name": project.name,
        "continuing": project.continuing,
        "policy": project.policy,
        "unit": project.unit,
        "lines": list(project.lines),
    }


def _review(review: Review | None) -> dict[str, Any] | None:
    if review is None:
        return None
    return {
        "iri": review.iri,
        "kind": review.kind,
        "name": review.name,
        "merged_into": review.merged_into,
        "policy": review.policy,
        "unit": review.unit,
        "lines": list(review.lines),
    }


def _target(target: ListedTarget) -> dict[str, Any]:
    return {
        "iri": target.iri,
        "text": target.text,
        "label": target.label,
        "value": str(target.value),
        "unit": target.unit,
        "is_estimate": target.is_estimate,
        "lines": list(target.lines),
    }


def years_csv(entry: Mapping[str, Any], years: YearChanges | None, form: Format) -> bytes:
    """The same as a table, in the order of the page: new, ended, carried on.

    `entry` is the plan's in release.json. Only what is meant for spreadsheets has a byte order
    mark.
    """
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    start = {
        "municipality_code": entry["code"],
        "municipality_name": entry.get("municipality", {}).get("ja", ""),
        "fiscal_year": entry["year"],
        "made_up": "yes" if entry.get("made_up") else "",
    }
    for row in _rows(years) if years is not None else ():
        writer.writerow(start | row)
    body = out.getvalue().encode()
    if form is not EXCEL_CSV:
        return body
    file, _ = for_spreadsheets(io.BytesIO(body))
    with file:
        return file.read()


def _rows(years: YearChanges) -> Iterator[dict[str, object]]:
    for entry in years.new:
        yield _change_cells(entry.review, ONLY_NOW) | _project_cells(entry.project)
    for entry in years.ended:
        cells = _change_cells(entry.review, ONLY_BEFORE)
        yield cells | _project_cells(entry.project, "previous_")
    for one in years.carried_on:
        yield {
            "change": CARRIED_ON,
            **_project_cells(one.before, "previous_"),
            **_project_cells(one.after),
            "changed_targets": _pairs(one.changed_targets),
            "changed_estimates": _pairs(one.changed_estimates),
        }


def _pairs(changed: Iterable[tuple[ListedTarget, ListedTarget]]) -> str:
    return SEPARATOR.join(f"{old.text} → {new.text}" for old, new in changed)


def _change_cells(review: Review | None, otherwise: str) -> dict[str, object]:
    """What the review list says of a project; without an entry `otherwise`."""
    if review is None:
        return {"change": otherwise, "in_review_list": "no"}
    end = "previous_" if review.kind != SP["status-new-or-added"] else ""
    return {
        "change": str(review.kind).rpartition("#status-")[2],
        "in_review_list": "yes",
        f"{end}name": review.name,
        f"{end}policy_number": _tail(review.policy),
        f"{end}printed_unit": review.printed_unit,
        "merged_into_number": _tail(review.merged_into),
        "merged_into": review.merged_into or "",
        "review_source_lines": _joined(review.lines),
        "review": review.iri,
    }


def _project_cells(project: ListedProject | None, start: str = "") -> dict[str, object]:
    """The cells of a project's year; those of the year before begin with `previous_`."""
    if project is None:
        return {}
    return {
        f"{start or 'project_'}number": "" if project.number is None else project.number,
        f"{start}name": project.name,
        f"{start}policy_number": _tail(project.policy),
        f"{start}printed_unit": project.printed_unit,
        f"{start}source_lines": _joined(project.lines),
        f"{start}project": project.iri,
    }


def _tail(iri: URIRef | None) -> str:
    return "" if iri is None else str(iri).rpartition("/")[2]


def _joined(places: Iterable[tuple[str, int]]) -> str:
    """The numbers of the lines or rows; the CSV tables of plans do not name sheets either."""
    return SEPARATOR.join(str(number) for _, number in places)
