"""Pictures that nothing was read from: icons outside the column of goals, pictures unlooked at.

A project whose goals are shown where nobody looks would be published as if it had none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from kg.errors import Problems
from kg.extract.layout import Layout
from kg.extract.rows import DocumentText, Icon, Row
from kg.origin import Origin
from kg.records import Project
from kg.text import clean, folded

SHOWN_ROWS = 5

Placed = tuple[Origin, int]
"""The row of an icon and its goal."""


class Pictures:
    """Compares the pictures of a document with those that its projects were read from."""

    def __init__(
        self, document: DocumentText, layouts: Sequence[Layout], projects: Sequence[Project]
    ) -> None:
        self._document = document
        self._layouts = [layout for layout in layouts if layout.places_of_goals]
        self._projects = {project.origin: project for project in projects}
        self._lines = {line for project in projects for line in project.lines}

    def said(self, icons: str | None) -> tuple[str, ...]:
        """How many icons there are, and of how many the goals were taken."""
        if not self._document.icons:
            return ()
        taken = 0 if icons == "count" else self._taken().total()
        found = len(self._document.icons)
        return (f"{found} pictures in cells; goals were read from the colours of {taken}",)

    def check(self, icons: str | None, problems: Problems) -> None:
        """Add a problem for what may show goals that nothing was read from."""
        if icons != "goals-column":
            self._check_places(problems)
        self._check_unread(problems)

    # --- icons told by their colours -------------------------------------------------------

    def _taken(self) -> Counter[Placed]:
        return Counter(
            (row.origin, icon.goal)
            for layout in self._layouts
            for row in layout.rows
            if self._is_of_project(row)
            for icon in row.icons
            if icon.goal and icon.column in layout.places_of_goals
        )

    def _is_of_project(self, row: Row) -> bool:
        # a row of icons alone goes on with the project above, and may name no new goal
        return row.line in self._lines or row.is_blank

    def _check_places(self, problems: Problems) -> None:
        left: Counter[Placed] = Counter(
            (origin, icon.goal) for origin, icon in self._document.icons if icon.goal
        )
        left.subtract(self._taken())
        counts: Counter[Origin] = Counter()
        for (origin, _), times in left.items():
            counts[origin] += max(times, 0)
        headings = self._headings()
        for origin, count in counts.items():
            if count:
                place = headings.get(origin, "a row outside the table of projects")
                problems.add("icon-place", origin, found=place, count=count)
        for page, count in self._document.outside:
            problems.add("icon-place", page, found="outside of cells", count=count)

    def _headings(self) -> dict[Origin, str]:
        """The columns with icons of each row of a table, in words."""
        return {
            row.origin: ", ".join(_columns(table.header, row.icons))
            for table in self._document.tables()
            for row in (table.header, *table.rows)
            if row.icons
        }

    # --- pictures that no reader looks at --------------------------------------------------

    def _check_unread(self, problems: Problems) -> None:
        unread = self._document.unread_pictures
        rows = [origin for origin in self._without_goals() if unread & {origin, _whole(origin)}]
        if rows:
            more = f" and {len(rows) - SHOWN_ROWS} more" if len(rows) > SHOWN_ROWS else ""
            found = "; ".join(origin.where for origin in rows[:SHOWN_ROWS]) + more
            problems.add("pictures-unread", rows[0], found=found, count=len(rows))

    def _without_goals(self) -> Iterator[Origin]:
        """The projects of which no goal is known, and whose cells of goals are empty."""
        for layout in self._layouts:
            for row in layout.rows:
                project = self._projects.get(row.origin)
                if project is None or project.stated_links or project.icon_count:
                    continue
                if not any(folded(row.cells[n]) for n in layout.places_of_goals):
                    yield row.origin


def _columns(header: Row, icons: Sequence[Icon]) -> Iterator[str]:
    for column in sorted({icon.column for icon in icons if icon.goal}):
        yield f'column "{clean(header.cells[column])}"'


def _whole(origin: Origin) -> Origin:
    return Origin(origin.document)
