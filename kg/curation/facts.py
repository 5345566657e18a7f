"""The session about other facts: whom top units belong to, where merged projects went."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from kg.curation.session import Cancelled, Session
from kg.extract.decisions import AUTHORITIES, FACTS_FILE
from kg.origin import Origin
from kg.records import Change, OrganizationalUnit, Status
from kg.text import name_key

Thing = OrganizationalUnit | Change
KEYS = (
    "Keys: 1, 2, 3 = the executive body of a unit; 63 = the number of the project that a merged "
    "one went into; u = take back, s = skip, b = back, g 市民部 = go to it by name, q = quit."
)
_BODIES = {str(place): authority for place, authority in enumerate(AUTHORITIES, 1)}
SHOWN_PROJECTS = 5
_LIKE = 0.3
"""Names at least this much alike are proposed, see difflib.SequenceMatcher.ratio."""


class FactSession(Session[Thing]):
    """Units first, then merged projects, each in the order of the document."""

    file, keys = FACTS_FILE, KEYS

    def all_things(self) -> Sequence[Thing]:
        plan = self.desk.plan
        units = [unit for unit in plan.units if unit.parent is None]
        return [*units, *(c for c in plan.changes if c.kind is Status.MERGED)]

    def is_open(self, thing: Thing) -> bool:
        return self.desk.row(FACTS_FILE, *_key(thing)) is None

    def is_near(self, thing: Thing, wanted: str) -> bool:
        return name_key(thing.name) == name_key(wanted)

    def show(self, thing: Thing) -> None:
        tell = self.person.tell
        if isinstance(thing, OrganizationalUnit):
            tell(f"Which executive body does {thing.name} belong to?")
            for place, authority in _BODIES.items():
                tell(f"  {place}  {authority}")
        else:
            tell(f"Into which project was {thing.name} ({thing.printed_unit}) merged?")
            for number, name, unit in self._proposed(thing):
                tell(f"  {number}  {name} ({unit})")
        row = self.desk.row(FACTS_FILE, *_key(thing))
        if row is not None:
            tell(f"  Decided: {row['value']} ({row['agent']}, {row['decided_on']})")

    def act(self, thing: Thing, key: str, rest: str) -> bool:
        if key == "u" and not rest:
            self._take_back(thing)
            return True
        if key or not rest.isdecimal():
            return False
        value = rest
        if isinstance(thing, OrganizationalUnit):
            if rest not in _BODIES:
                return False
            value = _BODIES[rest]
        if self._decide(thing, value):
            self.person.tell(f"Decided: {thing.name}: {value}.")
            self.decided(thing)
        return True

    def _decide(self, thing: Thing, value: str) -> bool:
        fact, subject = _key(thing)
        row = {"fact": fact, "subject": subject, "value": value}
        origin = Origin(f"this decision ({fact} {value} for {subject})")
        if self.tell_problems(self.desk.objections(FACTS_FILE, row, origin)):
            return False
        known = self.desk.row(FACTS_FILE, fact, subject)
        stands = known["evidence"] if known is not None and known["value"] == value else ""
        try:
            row["evidence"] = self.person.evidence("On what evidence", stands)
            row["agent"] = self.person.agent()
        except Cancelled:
            self.person.tell(f"Not decided: {subject}.")
            return False
        row["decided_on"] = str(self.day)
        return not self.tell_problems(self.desk.put(FACTS_FILE, [(row, origin)]))

    def _take_back(self, thing: Thing) -> None:
        try:
            problems = self.desk.take_back(FACTS_FILE, *_key(thing))
        except KeyError:
            self.person.tell("Nothing was decided here.")
            return
        if not self.tell_problems(problems):
            self.person.tell(f"Taken back: {thing.name}.")
            self.show(thing)

    def _proposed(self, change: Change) -> list[tuple[int | None, str, str]]:
        """Projects of like names or of the same unit, the likest first."""
        matcher, found = difflib.SequenceMatcher(), []
        matcher.set_seq2(name_key(change.name))
        for project in self.desk.plan.projects:
            matcher.set_seq1(name_key(project.name or ""))
            ratio = matcher.ratio() + (project.unit == change.unit)
            if ratio >= _LIKE:
                shown = project.number, project.name or "", project.printed_unit
                found.append((-ratio, project.number or 0, shown))
        return [shown for _, _, shown in sorted(found)[:SHOWN_PROJECTS]]


def _key(thing: Thing) -> tuple[str, str]:
    fact = "authority" if isinstance(thing, OrganizationalUnit) else "merged-into"
    return fact, thing.name
