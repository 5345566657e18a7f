"""The list of projects, filtered and sorted by the query string, with script and without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import request
from flask_babel import gettext
from rdflib import Literal

from kg.goals import GOALS
from server.compare.columns import Links
from server.pages.facts import natural
from server.pages.links import site
from server.pages.rows import ProjectRow

CANDIDATE = "candidate-"
"""Before the number of a goal: estimated links, which are never mixed with the others."""
LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a filter with the number of projects it leaves."""

    value: str
    label: str
    count: int
    language: str | None = None
    """Of a label that the data gives."""


@dataclass(frozen=True, slots=True)
class Options:
    """The choices a plan has, in the order of the document."""

    policies: Sequence[Option]
    units: Sequence[Option]
    statuses: Sequence[Option]
    goals: Sequence[Option]
    """Stated or confirmed by a person."""
    candidates: Sequence[Option]
    numeric: int
    """Projects with a numeric target."""


@dataclass(frozen=True, slots=True)
class View:
    """What is asked for. "" = not filtered by that; by number, ascending, if nothing is said."""

    path: str
    policy: str = ""
    unit: str = ""
    goal: str = ""
    status: str = ""
    target: str = ""
    sort: str = "number"
    direction: str = "asc"

    FILTERS = ("policy", "unit", "goal", "status", "target")
    SORTS = ("number", "policy", "unit", "goal")

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set."""
        return {name: getattr(self, name) for name in self.FILTERS if getattr(self, name)}

    @property
    def is_sorted(self) -> bool:
        return (self.sort, self.direction) != ("number", "asc")

    @property
    def is_plain(self) -> bool:
        """Whether this is the whole list in the order of the document."""
        return not self.filters and not self.is_sorted

    @property
    def is_estimate(self) -> bool:
        return self.goal.startswith(CANDIDATE)

    @property
    def estimated(self) -> View:
        """The same view by the estimates of the goal, in place of what is known of it."""
        return replace(self, goal=f"{CANDIDATE}{self.goal}")

    def url(self, **changes: str) -> str:
        """The address of another view; what is at its default is left out."""
        page = changes.pop("page", "")
        other = replace(self, **changes)
        parameters = dict(other.filters)
        if other.is_sorted:
            parameters |= {"sort": other.sort, "dir": other.direction}
        if page not in ("", "1"):
            parameters["page"] = page
        return site(f"{self.path}#projects", **parameters)

    def sort_url(self, key: str) -> str:
        """Sorted by the column; the other way round if it already is."""
        is_turned = self.sort == key and self.direction == "asc"
        return self.url(sort=key, direction="desc" if is_turned else "asc")

    def aria_sort(self, key: str) -> str | None:
        if self.sort != key:
            return None
        return "ascending" if self.direction == "asc" else "descending"

    def order(self) -> str:
        """The order in words, for the caption."""
        words = {
            "number": gettext("番号順"),
            "policy": gettext("基本施策の番号順"),
            "unit": gettext("担当課が資料に出る順"),
            "goal": gettext("ゴールの数の順"),
        }[self.sort]
        return str(words if self.direction == "asc" else gettext("%(order)sの逆", order=words))


def asked_view(path: str) -> View:
    """The view that the query string asks for; an unknown order is the usual one."""
    values = {name: request.args.get(name, "")[:LONGEST_VALUE] for name in View.FILTERS}
    values["target"] = "numeric" if values["target"] else ""
    sort = request.args.get("sort", "number")
    return View(
        path,
        **values,
        sort=sort if sort in View.SORTS else "number",
        direction="desc" if request.args.get("dir") == "desc" else "asc",
    )


def options_of(rows: Sequence[ProjectRow]) -> Options:
    """The choices of the filters, by what the projects have."""
    return Options(
        policies=_options(
            (
                row.policy_number,
                f"{row.policy_number} {row.policy_name or ''}",
                getattr(row.policy_name, "language", None),
            )
            for row in sorted(rows, key=lambda row: natural(Literal(row.policy_number)))
        ),
        units=_options(
            (
                row.unit_id,
                " › ".join(str(name) for name, _ in row.unit),
                getattr(row.unit[-1][0], "language", None),
            )
            for row in rows
            if row.unit
        ),
        statuses=_options(
            (row.status, str(row.status_name or row.status), None) for row in rows if row.status
        ),
        goals=_goals((*row.goals.stated, *row.goals.curated) for row in rows),
        candidates=_goals((row.goals.candidates for row in rows), CANDIDATE),
        numeric=sum(1 for row in rows if row.has_number),
    )


def _options(found: Iterable[tuple[str, str, str | None]]) -> list[Option]:
    options: dict[str, Option] = {}
    for value, label, language in found:
        known = options.get(value, Option(value, label, 0, language))
        options[value] = replace(known, count=known.count + 1)
    return list(options.values())


def _goals(found: Iterable[Iterable[int]], before: str = "") -> list[Option]:
    counts: dict[int, int] = {}
    for goals in found:
        for goal in set(goals):
            counts[goal] = counts.get(goal, 0) + 1
    return [Option(f"{before}{goal}", str(goal), counts[goal]) for goal in sorted(counts)]


def shown_rows(rows: Sequence[ProjectRow], view: View) -> list[ProjectRow]:
    """The rows that the view shows, in its order."""
    found = [row for row in rows if _fits(row, view)]
    places: dict[str, int] = {}
    for row in rows:
        places.setdefault(row.unit_id, len(places))

    def number(row: ProjectRow) -> int:
        return row.number or 0

    keys = {
        "number": lambda row: (0, number(row)),
        "policy": lambda row: (natural(Literal(row.policy_number)), number(row)),
        "unit": lambda row: (places[row.unit_id], number(row)),
        "goal": lambda row: (row.goals.icons or 0, number(row)),
    }
    if view.is_sorted:
        found.sort(key=keys[view.sort], reverse=view.direction == "desc")
        if view.sort == "goal":  # what is not known has no place among numbers
            found.sort(key=lambda row: row.goals.icons is None)
    return found


def unsure_of(rows: Sequence[ProjectRow], view: View) -> int:
    """How many projects a filter by known goals leaves out though they may have the goal."""
    if view.goal not in map(str, GOALS):
        return 0
    others = [row for row in rows if _fits(row, replace(view, goal="")) and not _fits(row, view)]
    return sum(1 for row in others if row.goals.known is not Links.KNOWN)


def _fits(row: ProjectRow, view: View) -> bool:
    goals = row.goals
    linked = {*map(str, (*goals.stated, *goals.curated))}
    linked |= {f"{CANDIDATE}{goal}" for goal in goals.candidates}
    return (
        view.policy in ("", row.policy_number)
        and view.unit in ("", row.unit_id)
        and view.status in ("", row.status)
        and (not view.goal or view.goal in linked)
        and (not view.target or row.has_number)
    )


def active_filters(view: View, options: Options) -> list[tuple[Option, str]]:
    """Each filter that is set, with the address of the list without it."""
    known: Mapping[str, Sequence[Option]] = {
        "policy": options.policies,
        "unit": options.units,
        "status": options.statuses,
        "goal": (*options.goals, *options.candidates),
    }
    found = []
    for name, value in view.filters.items():
        option = next((o for o in known.get(name, ()) if o.value == value), None)
        option = option or Option(value, value, 0)
        if name == "policy":
            label = gettext("施策%(number)s", number=option.value)
            option = Option(value, label, option.count)
        elif name == "goal":
            goal = option.value.removeprefix(CANDIDATE)
            label = gettext("推定ゴール%(number)s", number=goal) if view.is_estimate else gettext(
                "ゴール%(number)s", number=goal)  # fmt: skip
            option = Option(value, label, option.count)
        elif name == "target":
            option = Option(value, gettext("数値目標あり"), options.numeric)
        found.append((option, view.url(**{name: ""})))
    return found
