"""Who answers for a project and who works with them, from one cell or several.

One unit answers: the model knows no shared responsibility. Where a cell names several units
without saying which one leads, [document] units in plan.toml decides, or it is a problem.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from kg.codes import read_codes
from kg.errors import Problems, quoted
from kg.extract.cells import looks_like_unit, parse_unit, without_tags
from kg.extract.layout import Layout
from kg.extract.rows import Row
from kg.plan_settings import PlanSettings
from kg.records import OrganizationalUnit, Project
from kg.text import clean, folded, name_key

LONGEST_UNIT = 60
"""Characters of the longest unit path that is believed; longer ones are texts out of place."""

FIRST_LEADS = "first-leads"
LEAD, PARTNER = "lead", "partner"

_FIELDS = ("department", "unit", "partners")
_DITTO = frozenset(('"', "〃", "々", "同上", "''"))
_SEPARATOR = re.compile(r"[、,，;；\n]+|<br\s*/?>|(?<=課)(?:及び|および|並びに|と|＆|&)")
_OTHERS = re.compile(r"\s*(?:ほか|他|外|等)$")
_ENDINGS = ("課", "室", "係", "部", "局", "班", "館", "所", "センター")


@dataclass(frozen=True, slots=True)
class Named:
    """A unit that a cell names, with its role where the cell gives one."""

    name: str
    role: str | None = None


@dataclass(frozen=True, slots=True)
class UnitsOfProject:
    """The units of one row: `lead` as a name, the others as units; cells as printed."""

    lead: str
    unit: OrganizationalUnit | None
    printed: str
    partners: tuple[OrganizationalUnit, ...]
    printed_partners: str


class UnitsReader:
    """Reads the units of every row; problems go to the shared list."""

    def __init__(self, settings: PlanSettings, problems: Problems) -> None:
        self._first_leads = settings["document.units"] == FIRST_LEADS
        self._same_as_above = settings["document.same_as_above"]
        self._problems = problems
        self._may_be_empty = settings["document.may_be_empty"]
        self._above: dict[str, str] = {}
        self._last: tuple[Layout, bool] | None = None

    def begin(self) -> None:
        """Forget the row above: a heading stands between."""
        self._above = {}

    def read(self, layout: Layout, row: Row, project: str) -> UnitsOfProject:
        """The units of a row; `project` is the name of its project."""
        cells = {field: self._cell(layout, row, field) for field in _FIELDS}
        named = units_named(cells["unit"])
        beside = [one.name for one in units_named(cells["partners"])]
        lead, others = self._parted(named, row, layout.heading("unit"))
        self._lost_department(layout, row, cells)
        department = parse_unit(without_tags(cells["department"]))
        if len(units_named(cells["department"])) > 1:
            self._several(cells["department"], row, layout.heading("department"))
        for name, field in ((lead, "unit"), *((name, "partners") for name in (*others, *beside))):
            if len(name) > LONGEST_UNIT or not looks_like_unit(name, project):
                heading = layout.heading(field)
                self._problems.add("unit-form", row.origin, found=quoted(name), column=heading)
        printed = [without_tags(cells[field]) for field in ("department", "unit")]
        unit = _below(department, lead)
        partners = [_below(department, name) for name in others]
        partners += [parse_unit(name) for name in beside]
        found = dict.fromkeys(one for one in partners if one and one != unit)
        return UnitsOfProject(
            lead or printed[0],
            unit,
            " ".join(filter(None, printed)),
            tuple(found),
            without_tags(cells["partners"]),
        )

    def _lost_department(self, layout: Layout, row: Row, cells: Mapping[str, str]) -> None:
        """A section without the department that others of its table have is asked about.

        It may be one of the department above, where merged cells were lost, or have none.
        """
        unit = parse_unit(without_tags(cells["unit"]))
        if folded(cells["department"]) or unit is None or len(unit.path) > 1:
            return
        if "department" in self._may_be_empty or not layout.indexes("department"):
            return
        if self._last is None or self._last[0] is not layout:
            both = ("department", "unit")
            self._last = (
                layout,
                any(all(folded(layout.cell(one, f)) for f in both) for one in layout.rows),
            )
        if self._last[1]:
            heading = layout.heading("department")
            self._problems.add(
                "empty-department", row.origin, found=quoted(unit.name), column=heading
            )

    def _cell(self, layout: Layout, row: Row, field: str) -> str:
        """The cell of a field, or the one above where the cell says so, or plan.toml."""
        cell = layout.cell(row, field)
        is_empty = not folded(cell) and field in self._same_as_above
        if is_empty or clean(cell) in _DITTO:
            return self._above.get(field, cell)
        self._above[field] = cell
        return cell

    def _parted(self, named: Sequence[Named], row: Row, heading: str) -> tuple[str, list[str]]:
        """The unit that answers, and the others of its cell."""
        names = [one.name for one in named]
        leads = [one.name for one in named if one.role == LEAD]
        plain = [one.name for one in named if one.role is None]
        answering = leads or plain
        is_decided = bool(answering) and self._first_leads
        if named and (len(answering) != 1 or "" in names) and not is_decided:
            self._several("、".join(filter(None, names)), row, heading)
        lead = next(iter(answering or names), "")
        return lead, [name for name in names if name not in (lead, "")]

    def _several(self, found: str, row: Row, heading: str) -> None:
        self._problems.add("several-units", row.origin, found=quoted(clean(found)), column=heading)


def units_named(cell: str) -> tuple[Named, ...]:
    """The units of a cell with their roles; one without a name stands for ほか (and others).

    "福祉課、健康課", "主：福祉課 協力：健康課", "福祉課（主）、健康課", "◎福祉課 ○健康課". A role
    with a colon is that of all units up to the next role, one in brackets of its own unit.
    """
    text = unicodedata.normalize("NFC", cell)
    words = "|".join(sorted(map(re.escape, _roles()), key=lambda word: (-len(word), word)))
    text = re.sub(rf"(?<=\S)[\s・／/]+(?=(?:{words})\s*[:：]|[◎○])", "、", text)
    found: list[Named] = []
    group: str | None = None
    for part in filter(folded, _SEPARATOR.split(text)):
        group, some = _part(clean(part), group, words)
        found += some
    has_main = any(one.role == "◎" for one in found)
    marks = {"◎": LEAD, "○": PARTNER if has_main else None}
    return tuple(Named(one.name, marks.get(one.role or "", one.role)) for one in found)


def _part(text: str, group: str | None, words: str) -> tuple[str | None, list[Named]]:
    """The units between two separators, and the role that goes on behind them."""
    role: str | None = None
    before = re.match(rf"({words})\s*[:：]\s*", text)
    brackets = re.match(rf"[（(【〔\[]({words})[)）】〕\]]\s*[:：]?\s*", text)
    mark = re.match(r"[◎○◯]\s*", text)
    if before:
        group, text = _roles()[before[1]], text[before.end() :]
    elif brackets:
        role, text = _roles()[brackets[1]], text[brackets.end() :]
    elif mark:
        role, text = mark[0].strip().replace("◯", "○"), text[mark.end() :]
    after = re.search(rf"\s*[（(【〔\[]({words})[)）】〕\]]$", text)
    if after:
        role, text = _roles()[after[1]], text[: after.start()]
    others = _OTHERS.search(text) if folded(text).rstrip("ほか他外等").endswith("課") else None
    names = _names(text[: others.start()] if others else text)
    return group, [Named(name, role or group) for name in (*names, *([""] if others else []))]


def _names(text: str) -> list[str]:
    """Names that a ・, a blank or a slash parts, where each ends as units do.

    A blank or a slash may stand within a path, so behind these all are of one kind: 課 and 課.
    """
    parts = re.split(r"\s*・\s*", text)
    if len(parts) > 1 and all(part.endswith(_ENDINGS) for part in parts):
        return parts
    for pattern in (r"\s+", r"\s*[/／]\s*"):
        parts = re.split(pattern, text)
        if len(parts) > 1 and any(all(p.endswith(end) for p in parts) for end in _ENDINGS):
            return parts
    return [text]


@cache
def _roles() -> dict[str, str]:
    return {row["word"]: row["role"] for row in read_codes("unit-roles")}


def _below(department: OrganizationalUnit | None, name: str) -> OrganizationalUnit | None:
    """The unit of a name, under the department of its row unless the name begins with one."""
    unit = parse_unit(name)
    if department is None or unit is None:
        return unit or department
    # a name may repeat the department, or be that of another one
    if len(unit.path) > 1 and unit.path[0].endswith(("部", "局")):
        return unit
    return OrganizationalUnit((*department.path, *unit.path))


def with_known_partners(projects: Iterable[Project], problems: Problems) -> tuple[Project, ...]:
    """The projects, with partners that are named by the section alone put in their places.

    A bare name is the unit of that name where the document names just one below a department;
    several are a problem, because the name alone does not say which.
    """
    projects = tuple(projects)
    known: dict[str, set[tuple[str, ...]]] = {}
    for project in projects:
        for unit in (project.unit, *project.partners):
            if unit is not None:
                path = tuple(map(name_key, unit.path))
                known.setdefault(path[-1], set()).add(path)
    spelt = {
        tuple(map(name_key, unit.path)): unit
        for project in reversed(projects)
        for unit in (*project.partners, project.unit)
        if unit is not None
    }

    def placed(unit: OrganizationalUnit, project: Project) -> OrganizationalUnit:
        key = name_key(unit.name)
        longer = sorted(path for path in known[key] if len(path) > 1)
        leads = any(p.unit and p.unit.path == unit.path for p in projects)
        if len(unit.path) > 1 or not longer or leads:
            return unit
        if len(longer) > 1:
            problems.add(
                "partner-unit",
                project.origin,
                text=quoted(unit.name),
                units=", ".join("".join(spelt[path].path) for path in longer),
            )
        return spelt[longer[0]]

    found = []
    for project in projects:
        partners = dict.fromkeys(placed(unit, project) for unit in project.partners)
        others = tuple(unit for unit in partners if unit != project.unit)
        found.append(dataclasses.replace(project, partners=others))
    return tuple(found)
