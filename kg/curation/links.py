"""The session about goals: project by project, candidates renewed after each decision."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg.curation.desk import Desk
from kg.curation.screen import cells_text, project_text
from kg.curation.session import Cancelled, Person, Session
from kg.estimates import Cell, CellBasis
from kg.extract.decisions import ACCEPT, LINKS_FILE, REJECT
from kg.goals import goal_numbered
from kg.origin import Origin
from kg.records import Project

KEYS = (
    "Keys: a 11 = accept goal 11 (any goal, also one that is not shown; several: a 11 3), "
    "r 3 = reject goal 3, u 11 = take back what was decided about goal 11, s = skip, b = back, "
    "g 63 = go to No. 63, q = quit."
)


class LinkSession(Session[Project]):
    """`is_coloured` says whether clues may be underlined by ANSI codes."""

    file, keys = LINKS_FILE, KEYS

    def __init__(self, desk: Desk, person: Person, *, is_coloured: bool = False) -> None:
        self._is_coloured = is_coloured
        super().__init__(desk, person)
        for problem in desk.checked.problems:
            person.tell(str(problem))
        if desk.checked.problems:
            person.tell("Until this is taken back or corrected there are no candidates.")

    def all_things(self) -> Sequence[Project]:
        return self.desk.plan.projects

    def is_open(self, thing: Project) -> bool:
        if self.desk.checked.problems:
            # without an estimate: whatever has a decision may be the one to take back
            return any(key == thing.key for key, _ in self.desk.checked.curation.links) or any(
                r.project == thing.key for r in self.desk.checked.curation.rejections
            )
        return any(cell.basis is CellBasis.INFERRED for cell in self._cells(thing))

    def is_near(self, thing: Project, wanted: str) -> bool:
        return wanted == str(thing.number)

    def show(self, thing: Project) -> None:
        cells, policies = self._cells(thing), self.desk.plan.policies
        shown = project_text(thing, policies, cells, is_coloured=self._is_coloured)
        self.person.tell(shown)
        self.renew(thing)

    def renew(self, thing: Project) -> None:
        self.person.tell(cells_text(self._cells(thing)) or self._decisions(thing))

    def act(self, thing: Project, key: str, rest: str) -> bool:
        goals = re.findall(r"\d+", rest)
        if key not in ("a", "r", "u", ""):
            return False
        if not goals or set(re.sub(r"\d+", "", rest)) - set(" ,、"):
            return False
        unknown = [goal for goal in goals if goal_numbered(goal) is None]
        if unknown:
            self.person.tell(f"{', '.join(unknown)} is not a goal; goals are numbered 1 to 17.")
            return True
        for goal in dict.fromkeys(int(goal) for goal in goals):
            done = self._take_back(thing, goal) if key == "u" else self._decide(thing, goal, key)
            if not done:
                return True
        self.decided(thing)
        return True

    def _decide(self, project: Project, goal: int, key: str) -> bool:
        decision = REJECT if key == "r" else ACCEPT
        row = {"number": str(project.number), "goal": str(goal), "decision": decision}
        name = f"No. {project.number}, goal {goal}"
        # told before any question, so that no words are typed in vain
        origin = Origin(f"this decision ({decision} goal {goal} for No. {project.number})")
        if self.tell_problems(self.desk.objections(LINKS_FILE, row, origin)):
            return False
        try:
            row["evidence"] = self._evidence(project, goal, decision)
            row["agent"] = self.person.agent()
        except Cancelled:
            self.person.tell(f"Not decided: {name}.")
            return False
        row["decided_on"] = str(self.day)
        if self.tell_problems(self.desk.put(LINKS_FILE, [(row, origin)])):
            return False
        self.person.tell(f"{'Accepted' if decision == ACCEPT else 'Rejected'}: {name}.")
        return True

    def _evidence(self, project: Project, goal: int, decision: str) -> str:
        row = self.desk.row(LINKS_FILE, str(project.number), str(goal))
        known = row["evidence"] if row is not None and row["decision"] == decision else ""
        if decision == REJECT:
            # the clue words speak for the goal, so they are no reason to reject it
            return self.person.evidence("Why not", known)
        clues = "、".join(next((c.words for c in self._cells(project) if c.goal == goal), ()))
        return self.person.evidence(f"Words that speak for goal {goal}", known or clues)

    def _take_back(self, project: Project, goal: int) -> bool:
        try:
            problems = self.desk.take_back(LINKS_FILE, str(project.number), str(goal))
        except KeyError:
            self.person.tell(f"Nothing was decided about goal {goal}.")
            return False
        if self.tell_problems(problems):
            return False
        self.person.tell(f"Taken back: No. {project.number}, goal {goal}.")
        return True

    def _cells(self, project: Project) -> list[Cell]:
        found = self.desk.checked.estimate
        return [cell for cell in found.cells if cell.project == project.key] if found else []

    def _decisions(self, project: Project) -> str:
        """What was decided, where there is no estimate to show it."""
        curation = self.desk.checked.curation
        accepted = [str(link.goal) for key, link in curation.links if key == project.key]
        rejected = [str(r.goal) for r in curation.rejections if r.project == project.key]
        lines = (("Accepted", accepted), ("Rejected", rejected))
        return "\n".join(f"  {word}: {', '.join(goals)}" for word, goals in lines if goals)
