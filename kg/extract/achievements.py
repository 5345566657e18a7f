"""Grades and texts of what was achieved, by the columns of a plan or of a report on it."""

from __future__ import annotations

from collections.abc import Iterable

from kg.errors import Problems, quoted
from kg.extract.layout import Layout
from kg.extract.money import parse_amount
from kg.extract.rows import Row
from kg.measures import Achievement, Grade
from kg.origin import Origin
from kg.plan_settings import PLAN_FILE, PlanSettings
from kg.text import clean, name_key

FIELDS = ("grade", "achievement")


class AchievementsReader:
    """Reads grades and texts of projects; problems go to the shared list."""

    def __init__(self, settings: PlanSettings, problems: Problems) -> None:
        self.problems = problems
        scale = settings["report.grades"]
        self.grades = {name_key(text): Grade(n, clean(text)) for n, text in enumerate(scale, 1)}
        if len(self.grades) < len(scale):
            origin = Origin(str(settings.folder / PLAN_FILE))
            problems.add("grade-twice", origin, found=", ".join(map(quoted, scale)))
        self._unscaled: dict[str, tuple[Origin, str]] = {}

    def of_rows(self, layout: Layout, rows: Iterable[Row], project: str) -> Achievement | None:
        """What the rows say of the project with this key; None if nothing but dashes."""
        printed: dict[str, str] = {}
        origin: Origin | None = None
        for row in rows:
            for field in FIELDS:
                for index in layout.indexes(field):
                    text = clean(row.cells[index])
                    if index in row.inherited or parse_amount(text).is_none:
                        continue
                    origin = origin or row.origin
                    before = printed.get(field)
                    if before is None:
                        printed[field] = text
                    elif field == "achievement":
                        printed[field] = f"{before} {text}"
                    elif name_key(before) != name_key(text):
                        self.problems.add(
                            "grade-two",
                            row.origin,
                            found=quoted(text),
                            column=layout.heading("grade"),
                            first=quoted(before),
                        )
        if origin is None:
            return None
        grade = printed.get("grade")
        found = self._grade(grade, origin, layout.heading("grade")) if grade else None
        return Achievement(project, found, grade, printed.get("achievement"), origin)

    def _grade(self, text: str, origin: Origin, column: str) -> Grade | None:
        found = self.grades.get(name_key(text))
        if found is not None:
            return found
        if not self.grades:
            self._unscaled.setdefault(text, (origin, column))
            return None
        known = ", ".join(grade.notation for grade in self.grades.values())
        self.problems.add("grade-unknown", origin, found=quoted(text), column=column, known=known)
        return None

    def finish(self) -> None:
        """Ask for the scale if there are grades and nobody said which of them is the best."""
        if not self._unscaled:
            return
        origin, column = next(iter(self._unscaled.values()))
        grades = ", ".join(map(quoted, sorted(self._unscaled)[:10]))
        self.problems.add("grade-scale", origin, found=grades, column=column, grades=grades)
