"""What a proposed plan.toml asks about the layout, by the problems that a decision would settle."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from kg.errors import Problem

DOUBT = "# ?"


def document_questions(problems: Iterable[Problem]) -> Iterator[str]:
    """Lines for [document]: which unit leads, what merged cells and empty cells mean."""
    places: dict[str, list[Problem]] = {}
    for problem in problems:
        places.setdefault(problem.code, []).append(problem)
    if several := places.get("several-units"):
        yield f"{DOUBT} several units in one cell, such as {several[0].found}, {_where(several)}:"
        yield f'{DOUBT} units = "first-leads"   # if the first answers for the project'
    if merged := places.get("goals-merged"):
        yield f"{DOUBT} goals in cells over several projects, {_where(merged)}:"
        yield f'{DOUBT} merged_goals = "each"   # or "policy": stated for the policy alone'
    empty = [p for p in places.get("empty-cell", ()) if p.statement.endswith(" no unit")]
    if empty:
        yield f"{DOUBT} projects without a unit, {_where(empty)}; if merged cells were lost:"
        yield f'{DOUBT} same_as_above = ["unit"]   # an empty cell repeats the one above'
    if lost := places.get("empty-department"):
        yield f"{DOUBT} sections without a department, such as {lost[0].found}, {_where(lost)}:"
        yield f'{DOUBT} same_as_above = ["department"]   # an empty cell repeats the one above'
        yield f'{DOUBT} may_be_empty = ["department"]   # or there is none'


def mark_questions(problems: Iterable[Problem]) -> Iterator[str]:
    """A table [marks] for marks in columns of goals whose meaning is not known."""
    marks: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.code == "unknown-mark":
            quoted = re.match(r'"(.*?)" is not a mark', problem.statement)
            marks.setdefault(quoted[1] if quoted else "", []).append(problem)
    if not marks:
        return
    yield from ("", "[marks]", "# marks in the columns of goals that are not known")
    for mark, found in marks.items():
        yield f'{DOUBT} "{mark}" = "stated"   # or "none"; {_where(found)}'


def _where(problems: Sequence[Problem]) -> str:
    """The place of the first problem, and how many more there are."""
    more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
    return f"in {problems[0].origin.where}{more}"
