"""What people decided about a plan: `links.csv` and `facts.csv` beside its document.

Both files may be absent or have only a header: then nothing is curated. Every row says on
what evidence, who and when, because a decision without these is not published. A row of
links.csv accepts the link of a project to a goal, or rejects it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from kg.errors import Problems, quoted
from kg.extract.csv_rows import add_wrong_header, read_rows, row_after
from kg.goals import goal_numbered
from kg.origin import Origin
from kg.records import Basis, Curation, GoalLink, Merger, Plan, Rejection, UnitAuthority
from kg.text import clean, name_key, unpublishable

LINKS_FILE, FACTS_FILE = "links.csv", "facts.csv"
LINKS_HEADER = ("number", "goal", "decision", "evidence", "agent", "decided_on")
OLD_LINKS_HEADER = tuple(name for name in LINKS_HEADER if name != "decision")
"""As links.csv was before links could be rejected: every row accepts."""
FACTS_HEADER = ("fact", "subject", "value", "evidence", "agent", "decided_on")
ACCEPT, REJECT = "accept", "reject"
AUTHORITIES = ("mayor", "board-of-education", "public-enterprise")
_AGENT = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

Row = Mapping[str, str]
PlacedRow = tuple[Row, Origin]
"""The cells of a row by the names in the header, and where the row stands."""


def read_curation(folder: Path, plan: Plan, modified: date, problems: Problems) -> Curation:
    """The decisions beside a plan; what cannot be read goes to `problems` with file and row.

    No decision may be later than `modified`, the day of the last change of the data.
    """
    links, facts = read_links(folder, problems), read_facts(folder, problems)
    return curation_of(links, facts, plan, modified, problems)


def read_links(folder: Path, problems: Problems) -> list[PlacedRow]:
    """The rows of links.csv, none if there is no such file; cells as LINKS_HEADER names them."""
    rows = _rows(folder / LINKS_FILE, (LINKS_HEADER, OLD_LINKS_HEADER), problems)
    return [({"decision": ACCEPT} | row, origin) for row, origin in rows]


def read_facts(folder: Path, problems: Problems) -> list[PlacedRow]:
    """The rows of facts.csv, none if there is no such file; cells as FACTS_HEADER names them."""
    return list(_rows(folder / FACTS_FILE, (FACTS_HEADER,), problems))


def is_agent(text: str) -> bool:
    """Whether this can say who decided: part of an IRI, at most 64 characters."""
    return _AGENT.fullmatch(text) is not None


def curation_of(
    links: Iterable[PlacedRow],
    facts: Iterable[PlacedRow],
    plan: Plan,
    modified: date,
    problems: Problems,
) -> Curation:
    """What the rows decide; those that cannot be meant go to `problems`."""
    return _Decisions(plan, modified, problems).read(links, facts)


def _rows(
    path: Path, headers: tuple[tuple[str, ...], ...], problems: Problems
) -> Iterator[tuple[dict[str, str], Origin]]:
    if not path.exists():
        return
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # what the error counts begins after a byte order mark
        place = Origin(str(path), row=row_after(error.object[: error.start].decode()))
        found = f"byte {len(data) - len(error.object) + error.start + 1}"
        problems.add("decision-encoding", place, found=found)
        return
    rows = read_rows(text, str(path), problems)
    before = len(problems)
    first, origin = next(rows, (None, Origin(str(path), row=1)))
    header = tuple(map(clean, first or ()))
    if header not in headers:
        if len(problems) == before:
            expected = ", ".join(headers[0])
            wanted = set(headers[0])
            add_wrong_header("decision-header", first, wanted, origin, problems, header=expected)
        return
    for cells, place in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            found = f"{len(cells)} cells"
            problems.add("decision-cells", place, found=found, expected=len(header))
            continue
        yield dict(zip(header, cells, strict=True)), place


class _Decisions:
    def __init__(self, plan: Plan, modified: date, problems: Problems) -> None:
        self.plan = plan
        self.modified = modified
        self.problems = problems
        self.projects = {str(p.number): p.key for p in plan.projects if p.number is not None}

    def read(self, link_rows: Iterable[PlacedRow], fact_rows: Iterable[PlacedRow]) -> Curation:
        decided: dict[tuple[str, int], GoalLink | Rejection] = {}
        for row, origin in self._readable(link_rows):
            decision = self._link(row, origin)
            if decision is None:
                continue
            first = decided.setdefault(*decision)
            if first is not decision[1]:
                found = f"{row['decision']}, project {row['number']}, goal {row['goal']}"
                self.problems.add(
                    "decision-twice", origin, column="goal", found=found, first=first.origin
                )
        mergers: list[Merger] = []
        authorities: list[UnitAuthority] = []
        complete = False
        for row, origin in self._readable(fact_rows):
            fact = self._fact(row, origin)
            if isinstance(fact, Merger):
                mergers.append(fact)
            elif isinstance(fact, UnitAuthority):
                authorities.append(fact)
            complete = complete or fact is True
        in_order = sorted(decided.items())
        links = tuple((key, link) for (key, _), link in in_order if isinstance(link, GoalLink))
        rejections = tuple(found for _, found in in_order if isinstance(found, Rejection))
        return Curation(links, tuple(mergers), tuple(authorities), complete, rejections)

    def _readable(self, rows: Iterable[PlacedRow]) -> Iterator[PlacedRow]:
        for row, origin in rows:
            wrong = [name for name, cell in row.items() if unpublishable(cell)]
            for column in wrong:
                self.problems.add("decision-characters", origin, column=column)
            if not wrong:
                yield {name: clean(cell) for name, cell in row.items()}, origin

    def _link(
        self, row: Row, origin: Origin
    ) -> tuple[tuple[str, int], GoalLink | Rejection] | None:
        key = self._project(row["number"], "number", origin)
        goal = goal_numbered(row["goal"])
        if goal is None:
            self.problems.add("decision-goal", origin, column="goal", text=quoted(row["goal"]))
        decision = row["decision"]
        if decision not in (ACCEPT, REJECT):
            self.problems.add("decision-word", origin, column="decision", text=quoted(decision))
        decided = self._decided(row, origin)
        if key is None or goal is None or decision not in (ACCEPT, REJECT) or decided is None:
            return None
        evidence, agent = row["evidence"], row["agent"]
        if decision == ACCEPT:
            return (key, goal), GoalLink(goal, Basis.CURATED, evidence, origin, agent, decided)
        return (key, goal), Rejection(key, goal, evidence, agent, decided, origin)

    def _fact(self, row: Row, origin: Origin) -> Merger | UnitAuthority | bool | None:
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

    def _decided(self, row: Row, origin: Origin) -> date | None:
        if not row["evidence"]:
            self.problems.add("decision-evidence", origin, column="evidence")
        if not is_agent(row["agent"]):
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
