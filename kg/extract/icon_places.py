"""Pictures in the colours of goals that stand where no goals are read: told, never dropped."""

from __future__ import annotations

from collections.abc import Iterable

from kg.errors import Problems
from kg.extract.layout import Layout, without_year
from kg.extract.rows import Icon


def check_icon_places(
    layouts: Iterable[Layout], ignored: Iterable[str], problems: Problems
) -> None:
    """A problem for each cell of the plan's tables with such pictures beside the goals' columns.

    `ignored` are the headings of columns that plan.toml leaves out.
    """
    left_out = {without_year(text) for text in ignored}
    for layout in layouts:
        goals = {*layout.places_of_goals, *(column.index for column in layout.goal_columns)}
        headings = {column.index: column.heading for column in layout.columns}
        for row in layout.rows:
            for column in sorted({icon.column for icon in row.icons} - goals):
                heading = headings.get(column, "")
                if without_year(heading) in left_out:
                    continue
                own = [icon for icon in row.icons if icon.column == column]
                problems.add("icon-place", row.origin, found=in_words(own), column=heading)


def in_words(icons: Iterable[Icon]) -> str:
    """What was read from the pictures: "3 pictures: goal 4, goal 8, not recognised"."""
    read = [f"goal {icon.goal}" if icon.goal else "not recognised" for icon in icons]
    return f"{len(read)} {'picture' if len(read) == 1 else 'pictures'}: {', '.join(read)}"
