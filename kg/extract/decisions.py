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
from kg.text import clean, name_key, unpublishable

LINKS_FILE, FACTS_FILE = "links.csv", "facts.csv"
LINKS_HEADER = ("number", "goal", "evidence", "agent", "decided_on")
FACTS_HEADER = ("fact", "subject", "value", "evidence", "agent", "decided_on")
AUTHORITIES = ("mayor", "board-of-education", "public-enterprise")
_AGENT = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def read_curation(folder: Path, plan: Plan, modified: date, problems: Problems) -> Curation:
    """The decisions beside a plan; what cannot be read goes to `problems` with file and row.

    No decision may be later than `modified`, the day of the last change of the data.
    """
    return _Decisions(plan, modified, problems).read(folder)


class _Decisions:
    def __init__(self, plan: Plan, modified: date, problems: Problems) -> None:
        self.plan = plan
        self.modified = modified
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
                self.problems.add("decision-twice", origin)
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
            self.problems.add("decision-encoding", origin, found=f"byte {error.start + 1}")
            return
        reader = csv.reader(io.StringIO(text, newline=""))
        found = tuple(clean(cell) for cell in next(reader, []))
        if found != header:
            self.problems.add(
                "decision-header", origin, found=", ".join(found), header=", ".join(header)
            )
            return
        for number, cells in enumerate(reader, 2):
            place = Origin(str(path), row=number)
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                self.problems.add(
                    "decision-cells", place, found=f"{len(cells)} cells", expected=len(header)
                )
                continue
            if any(unpublishable(cell) for cell in cells):
                self.problems.add("decision-characters", place)
                continue
            yield dict(zip(header, map(clean, cells), strict=True)), place

    def _link(self, row: Mapping[str, str], origin: Origin) -> tuple[str, GoalLink] | None:
        key = self._project(row["number"], "number", origin)
        goal = int(row["goal"]) if row["goal"].isdecimal() and int(row["goal"]) in GOALS else None
        if goal is None:
            self.problems.add("decision-goal", origin, column="goal", text=quoted(row["goal"]))
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
                self.problems.add(
                    "decision-change", origin, column="subject", text=quoted(row["subject"])
                )
            if change is None or key is None or decided is None:
                return None
            return Merger(change, key, row["evidence"], row["agent"], decided, origin)
        if row["fact"] == "authority":
            unit = {u.name: u for u in self.plan.units if u.parent is None}.get(row["subject"])
            if unit is None or row["value"] not in AUTHORITIES:
                self.problems.add(
                    "decision-authority",
                    origin,
                    found=f"{quoted(row['subject'])}, {quoted(row['value'])}",
                    known=", ".join(AUTHORITIES),
                )
                return None
            if decided is None:
                return None
            return UnitAuthority(unit, row["value"], row["evidence"], row["agent"], decided, origin)
        self.problems.add("decision-fact", origin, column="fact", text=quoted(row["fact"]))
        return None

    def _project(self, number: str, column: str, origin: Origin) -> str | None:
        key = self.projects.get(number)
        if key is None:
            self.problems.add("decision-project", origin, column=column, text=quoted(number))
        return key

    def _decided(self, row: Mapping[str, str], origin: Origin) -> date | None:
        if not row["evidence"]:
            self.problems.add("decision-evidence", origin, column="evidence")
        if not _AGENT.fullmatch(row["agent"]):
            self.problems.add("decision-agent", origin, column="agent", found=quoted(row["agent"]))
            return None
        try:
            day = date.fromisoformat(row["decided_on"])
        except ValueError:
            self.problems.add(
                "decision-day", origin, column="decided_on", found=quoted(row["decided_on"])
            )
            return None
        if day > self.modified:
            self.problems.add(
                "decision-later",
                origin,
                column="decided_on",
                found=str(day),
                modified=self.modified,
            )
        return day if row["evidence"] else None
