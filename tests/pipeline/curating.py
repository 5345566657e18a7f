"""Sessions of `sdgplan curate` without a terminal: answers in, what is told out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kg.curation.desk import Desk
from kg.curation.links import LinkSession
from kg.curation.session import Person
from kg.settings import Settings

DAY = date(2026, 11, 24)
HEADER = "number,goal,decision,evidence,agent,decided_on\n"


def desk_of(folder: Path, day: date = DAY, *, updates_plan: bool = False) -> Desk:
    return Desk(folder, Settings(), day, folder.parent / "var", updates_plan=updates_plan)


def session(
    folder: Path, *answers: str, agent: str | None = "tester", day: date = DAY
) -> list[str]:
    """What is told while these answers are given, the questions among it."""
    told: list[str] = []
    lines = iter(answers)

    def ask(question: str) -> str:
        told.append(question)
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    LinkSession(desk_of(folder, day), Person(ask, told.append, agent)).run()
    assert next(lines, None) is None, "the session ended too early"
    return told


def links(folder: Path) -> str:
    return (folder / "links.csv").read_text(encoding="utf-8")
