"""Lists of projects per goal: rows are goals, cells name projects by number or by name.

A link that such a list states is a project's stated link, as if the goal stood in its own row.
Names are those of the plan's projects; what names none of them, or several, is a problem.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.errors import Problems, quoted
from kg.extract.cells import parse_number
from kg.extract.layout import Layout
from kg.extract.rows import Row
from kg.goal_cells import goal_of, is_mark_of_none
from kg.goals import GOALS
from kg.origin import Origin
from kg.printed import Printed, printed, spelling
from kg.records import Basis, GoalLink, Project
from kg.text import clean, folded, name_key

_SEPARATOR = re.compile(r"[\s,、;/|・。○●■◆\[\]]+|<br\s*/?>")
_NUMBER = re.compile(r"(?:no\.?|事業)?\s*(\d{1,9})[.:]?(?![0-9a-zぁ-んァ-ヶ一-龥~〜‐–—―ー-])")
_BEFORE_NAME = re.compile(r"(?:no\.?|事業)?\s*(\d{1,9})[\s.:)\]】]*")
_BRACKETS = re.compile(r"\s*[(【\[]([^()【】\[\]]+)[)】\]]")


@dataclass(frozen=True, slots=True)
class _Listed:
    """Words of a cell and the projects they may name."""

    words: str
    projects: tuple[Project, ...]


class GoalLists:
    """Reads the lists of a document; problems go to the shared list."""

    def __init__(self, projects: Sequence[Project], problems: Problems) -> None:
        self._projects = tuple(projects)
        self._problems = problems
        self._by_number = {p.number: p for p in projects if p.number is not None}
        self._by_name: dict[str, list[Project]] = {}
        for project in projects:
            for name in {project.name or "", project.printed_name}:
                if name:
                    self._by_name.setdefault(name_key(name), []).append(project)

    @cached_property
    def _names(self) -> re.Pattern[str]:
        names = sorted(self._by_name, key=lambda name: (-len(name), name))
        return re.compile("|".join(map(spelling, names)) or r"(?!)")

    def read(self, layouts: Iterable[Layout]) -> tuple[Project, ...]:
        """The projects with the links that the lists state."""
        listed: dict[str, dict[int, GoalLink]] = {}
        covered: set[int] = set()
        first: Origin | None = None
        for layout in layouts:
            first = first or layout.table.origin
            covered |= self._table(layout, listed)
        if first is None:
            return self._projects
        if any(project.stated_links for project in self._projects):
            self._hold_against_rows(listed, covered, first)
        return tuple(self._with_links(p, listed.get(p.key, {})) for p in self._projects)

    def _table(self, layout: Layout, listed: dict[str, dict[int, GoalLink]]) -> set[int]:
        goal: int | None = None
        printed_goal = ""
        found: dict[int, list[Row]] = {}
        counts: dict[int, set[str]] = {}
        for row in layout.rows:
            cell = _goal_words(layout, row)
            if folded(cell):
                goal, printed_goal = goal_of(cell), clean(cell)
                if goal is None:
                    self._problems.add(
                        "unknown-goal",
                        row.origin,
                        column=layout.heading("goal"),
                        text=quoted(printed_goal),
                    )
            if goal is None:
                continue
            found.setdefault(goal, []).append(row)
            for project in self._cell(layout, row):
                link = GoalLink(goal, Basis.STATED, printed_goal, row.origin)
                listed.setdefault(project.key, {}).setdefault(goal, link)
                counts.setdefault(goal, set()).add(project.key)
        for goal, rows in found.items():
            self._check_count(layout, goal, rows, len(counts.get(goal, ())))
        return set(found)

    def _cell(self, layout: Layout, row: Row) -> Iterator[Project]:
        cell, heading = layout.cell(row, "projects"), layout.heading("projects")
        if is_mark_of_none(cell):
            return
        for one in self._named(cell):
            if len(one.projects) == 1:
                yield one.projects[0]
                continue
            numbers = ", ".join(f"No. {project.number}" for project in one.projects)
            self._problems.add(
                "listed-twice" if one.projects else "listed-unknown",
                row.origin,
                column=heading,
                text=quoted(one.words),
                projects=numbers,
            )

    def _check_count(self, layout: Layout, goal: int, rows: Sequence[Row], listed: int) -> None:
        for row in rows:
            cell = layout.cell(row, "count")
            count = parse_number(cell)
            if folded(cell) and count is not None and count != listed:
                self._problems.add(
                    "goal-list-count",
                    row.origin,
                    found=quoted(clean(cell)),
                    column=layout.heading("count"),
                    goal=goal,
                    listed=listed,
                )

    # --- one cell --------------------------------------------------------------------------

    def _named(self, cell: str) -> Iterator[_Listed]:
        whole = printed(cell)
        at, unknown = 0, -1
        while at < len(whole.key):
            between = _SEPARATOR.match(whole.key, at)
            found = None if between else self._piece(whole, at)
            if unknown >= 0 and (found or (between and between[0].strip())):
                yield _Listed(whole.words(unknown, at), ())
                unknown = -1
            if between:
                at = between.end()
            elif found:
                at, one = found
                yield one
            else:
                unknown = at if unknown < 0 else unknown
                later = _SEPARATOR.search(whole.key, at)
                at = later.start() if later else len(whole.key)
        if unknown >= 0:
            yield _Listed(whole.words(unknown, at), ())

    def _piece(self, whole: Printed, at: int) -> tuple[int, _Listed] | None:
        """The end of the piece that begins here, and what it names; None if nothing."""
        number, start = None, at
        name = self._names.match(whole.key, at)
        if name is None:
            before = _BEFORE_NAME.match(whole.key, at)
            name = self._names.match(whole.key, before.end()) if before else None
            number = before[1] if before and name else None
        if name is None:
            bare = _NUMBER.match(whole.key, at)
            if bare is None:
                return None
            project = self._by_number.get(int(bare[1]))
            words = whole.words(start, bare.end())
            return bare.end(), _Listed(words, (project,) if project else ())
        projects = self._by_name[name_key(name[0])]
        end = name.end()
        said = [number] if number else []
        brackets = _BRACKETS.match(whole.key, end)
        if brackets:
            end, said = brackets.end(), [*said, brackets[1]]
        if whole.key[end : end + 1] and not _SEPARATOR.match(whole.key, end):
            return None
        fitting = [p for p in projects if all(_fits(p, words) for words in said)]
        return end, _Listed(whole.words(start, end), tuple(fitting))

    # --- lists and rows --------------------------------------------------------------------

    def _hold_against_rows(
        self, listed: dict[str, dict[int, GoalLink]], covered: set[int], first: Origin
    ) -> None:
        """Where rows state goals too, list and rows agree on every goal of the list."""
        for project in self._projects:
            own = {link.goal for link in project.stated_links} & covered
            there = set(listed.get(project.key, ()))
            if own != there:
                self._problems.add(
                    "goal-lists-differ",
                    project.origin,
                    found=", ".join(map(str, sorted(own))) or "none",
                    number=project.number or "?",
                    goals=", ".join(map(str, sorted(there))) or "none",
                    first=first.where,
                )

    @staticmethod
    def _with_links(project: Project, links: dict[int, GoalLink]) -> Project:
        own = {link.goal for link in project.stated_links}
        more = tuple(link for goal, link in sorted(links.items()) if goal not in own)
        stated = (*project.stated_links, *more)
        icons = project.icon_count if project.icon_count else len(stated) or project.icon_count
        return dataclasses.replace(project, stated_links=stated, icon_count=icons)


def _goal_words(layout: Layout, row: Row) -> str:
    """The goal of a row, with number and name if these stand in cells of their own."""
    parts = (layout.cell(row, field) for field in ("goal-number", "goal", "goal-name"))
    return " ".join(part for part in parts if folded(part))


def has_all_goals(layout: Layout) -> bool:
    """Whether a list has a number of projects for each of the 17 goals, so that it is published."""
    goals = {goal_of(_goal_words(layout, row)) for row in layout.rows}
    return bool(layout.indexes("count")) and set(GOALS) <= goals


def _fits(project: Project, words: str) -> bool:
    """Whether words beside a name are the project's number or unit."""
    known = [str(project.number), f"no.{project.number}", project.printed_unit]
    known += [project.unit.name] if project.unit else []
    return name_key(words) in map(name_key, known)
