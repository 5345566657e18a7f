"""What people decided about a plan: `links.csv` and `facts.csv` beside its document.

Both files may be absent or have only a header: then nothing is curated. Every row says on
what evidence, who and when, because a decision without these is not published.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from kg.errors import Problems, quoted
from kg.goals import GOALS
from kg.origin import Origin
from kg.records import Basis, Curation, GoalLink, Merger, Plan, UnitAuthority
from kg.text import clean, name_key

LINKS_FILE, FACTS_FILE = "links.csv", "facts.csv"
LINKS_HEADER = ("number", "goal", "evidence", "agent", "decided_on")
FACTS_HEADER = ("fact", "subject", "value", "evidence", "agent", "decided_on")
AUTHORITIES = ("mayor", "board-of-education", "public-enterprise")
_AGENT = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def read_curation(folder: Path, plan: Plan, problems: Problems) -> Curation:
    """The decisions beside a plan; what cannot be read goes to `problems` with file and row."""
    return _Decisions(plan, problems).read(folder)


class _Decisions:
    def __init__(self, plan: Plan, problems: Problems) -> None:
        self.plan = plan
        self.problems = problems
        self.projects = {str(p.number): p.key for p in plan.projects if p.number is not None}

    def read(self, folder: Path) -> Curation:
        links: dict[tuple[str, int], GoalLink] = {}
        for row, origin in self._rows(folder / LINKS_FILE, LINKS_HEADER):
            link = self._link(row, origin)
            if (
                link is not None
                and links.setdefault((link[0], link[1].goal), link[1]) is not link[1]
            ):
                self._problem(origin, "the link is already decided", "each project and goal once",
                              "remove one of the rows")  # fmt: skip
        mergers: list[Merger] = []
        authorities: list[UnitAuthority] = []
        complete = False
        for row, origin in self._rows(folder / FACTS_FILE, FACTS_HEADER):
            fact = self._fact(row, origin)
            if isinstance(fact, Merger):
                mergers.append(fact)
            elif isinstance(fact, UnitAuthority):
                authorities.append(fact)
            complete = complete or fact is True
        pairs = tuple((key, links[key, goal]) for key, goal in sorted(links))
        return Curation(pairs, tuple(mergers), tuple(authorities), complete)

    def _rows(
        self, path: Path, header: tuple[str, ...]
    ) -> Iterator[tuple[Mapping[str, str], Origin]]:
        if not path.exists():
            return
        origin = Origin(str(path), row=1)
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self._problem(origin, "the file is not UTF-8", "a CSV file in UTF-8", "save it as UTF-8",
                          found=f"byte {error.start + 1}")  # fmt: skip
            return
        reader = csv.reader(io.StringIO(text, newline=""))
        found = tuple(clean(cell) for cell in next(reader, []))
        if found != header:
            self._problem(origin, "the header is not as it must be", ", ".join(header),
                          "write this header in row 1", found=", ".join(found))  # fmt: skip
            return
        for number, cells in enumerate(reader, 2):
            place = Origin(str(path), row=number)
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                self._problem(place, "the row does not have the cells of the header",
                              f"{len(header)} cells", "quote cells that contain a comma",
                              found=f"{len(cells)} cells")  # fmt: skip
                continue
            yield dict(zip(header, map(clean, cells), strict=True)), place

    def _link(self, row: Mapping[str, str], origin: Origin) -> tuple[str, GoalLink] | None:
        key = self._project(row["number"], "number", origin)
        goal = int(row["goal"]) if row["goal"].isdecimal() and int(row["goal"]) in GOALS else None
        if goal is None:
            self._problem(origin, f"{quoted(row['goal'])} is not a goal", "a number from 1 to 17",
                          "correct the cell", column="goal")  # fmt: skip
        decided = self._decided(row, origin)
        if key is None or goal is None or decided is None:
            return None
        return key, GoalLink(goal, Basis.CURATED, row["evidence"], origin, row["agent"], decided)

    def _fact(self, row: Mapping[str, str], origin: Origin) -> Merger | UnitAuthority | bool | None:
        decided = self._decided(row, origin)
        if row["fact"] == "complete":
            return decided is not None
        if row["fact"] == "merged-into":
            changes = {name_key(c.name): c.order for c in self.plan.changes}
            change = changes.get(name_key(row["subject"]))
            key = self._project(row["value"], "value", origin)
            if change is None:
                self._problem(origin, f"{quoted(row['subject'])} is in no review list",
                              "the name of a reviewed project", "correct the name", column="subject")  # fmt: skip
            if change is None or key is None or decided is None:
                return None
            return Merger(change, key, row["evidence"], row["agent"], decided, origin)
        if row["fact"] == "authority":
            unit = {u.name: u for u in self.plan.units if u.parent is None}.get(row["subject"])
            if unit is None or row["value"] not in AUTHORITIES:
                self._problem(origin, "the unit or its authority is not known",
                              f"a top unit of the plan, and one of {', '.join(AUTHORITIES)}",
                              "correct subject or value",
                              found=f"{quoted(row['subject'])}, {quoted(row['value'])}")  # fmt: skip
                return None
            if decided is None:
                return None
            return UnitAuthority(unit, row["value"], row["evidence"], row["agent"], decided, origin)
        self._problem(origin, f"{quoted(row['fact'])} is not a fact that can be decided",
                      "merged-into, authority or complete", "correct the cell", column="fact")  # fmt: skip
        return None

    def _project(self, number: str, column: str, origin: Origin) -> str | None:
        key = self.projects.get(number)
        if key is None:
            self._problem(origin, f"{quoted(number)} is not a project of this plan",
                          "the number of a listed project", "correct the cell", column=column)  # fmt: skip
        return key

    def _decided(self, row: Mapping[str, str], origin: Origin) -> date | None:
        if not row["evidence"]:
            self._problem(origin, "the decision has no evidence", "the words that speak for it",
                          "quote the document or name another source", column="evidence")  # fmt: skip
        if not _AGENT.fullmatch(row["agent"]):
            self._problem(origin, "who decided is missing or cannot be part of an IRI",
                          "lower-case letters, digits and hyphens, such as city-planning",
                          "correct the cell", column="agent", found=quoted(row["agent"]))  # fmt: skip
            return None
        try:
            day = date.fromisoformat(row["decided_on"])
        except ValueError:
            self._problem(origin, "the day of the decision is missing or unreadable",
                          "a date such as 2026-11-24", "correct the cell", column="decided_on",
                          found=quoted(row["decided_on"]))  # fmt: skip
            return None
        return day if row["evidence"] else None

    def _problem(self, origin: Origin, statement: str, expected: str, fix: str,
                 found: str | None = None, column: str | None = None) -> None:  # fmt: skip
        self.problems.add("decision", origin, statement, expected=expected, fix=fix, found=found,
                          column=column)  # fmt: skip
