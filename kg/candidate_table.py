"""The whole matrix of an estimate as a table: every project and goal, also what is no record."""

from __future__ import annotations

from collections.abc import Iterable

from rdflib import URIRef

from kg.estimates import Cell, CellBasis, Estimate
from kg.goals import official_names
from kg.iris import PlanIris
from kg.tables import Row

_OF_PROJECT = (
    *("plan", "municipality_code", "municipality_name", "fiscal_year", "made_up"),
    *("project", "project_number", "icon_count"),
)


def candidate_rows(iris: PlanIris, estimate: Estimate, projects: Iterable[Row]) -> list[Row]:
    """Every cell of an estimate as a row; `projects` are the rows of the table of projects."""
    rows = {str(row["project"]): row for row in projects}
    return [_cells(iris, cell, rows[str(iris.project(cell.project))]) for cell in estimate.cells]


def _cells(iris: PlanIris, cell: Cell, project: Row) -> Row:
    return {name: project[name] for name in _OF_PROJECT} | {
        "project_name": project["name"],
        "goal": str(cell.goal),
        "goal_name": official_names(cell.goal)["ja"],
        "basis": cell.basis,
        "probability": format(cell.probability, "f"),
        "chosen": "yes" if cell.is_chosen else "",
        "score": format(cell.score.normalize(), "f"),
        "clues": cell.words,
        "link": str(_link_of(iris, cell)),
    }


def _link_of(iris: PlanIris, cell: Cell) -> URIRef:
    if cell.basis in (CellBasis.STATED, CellBasis.CURATED):
        return iris.goal_link(cell.project, cell.goal)
    if cell.basis is CellBasis.REJECTED:
        return iris.rejection(cell.project, cell.goal)
    return iris.candidate_link(cell.project, cell.goal)
