"""`sdgplan curate`: which way of deciding was asked for, on which terminal."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from kg.curation.desk import Desk
from kg.curation.exchange import read_back, write_export
from kg.curation.facts import FactSession
from kg.curation.links import LinkSession
from kg.curation.screen import may_colour
from kg.curation.session import Person
from kg.disk import reserved
from kg.errors import WrongUse
from kg.extract.decisions import is_agent
from kg.settings import Settings


def curate(
    folder: Path,
    settings: Settings,
    day: date | None,
    today: date,
    var: Path,
    *,
    agent: str | None = None,
    facts: bool = False,
    export: Path | None = None,
    read: Path | None = None,
    updates_plan: bool = False,
) -> None:
    """Export, read back or ask; tells what came of it, raises SdgplanError where it did not.

    `day` is that of the decisions if it is not `today`.
    """
    if (export is not None) + (read is not None) + facts > 1:
        raise WrongUse("--export, --import and --facts exclude each other.")
    if agent is not None and not is_agent(agent):
        raise WrongUse(
            f'--agent is "{agent}"; expected lower-case letters, digits and hyphens, such as '
            "city-planning."
        )
    with reserved(folder):
        desk = Desk(folder, settings, day or today, var, today=today, updates_plan=updates_plan)
        if day is not None and day > max(today, desk.modified):
            raise WrongUse(
                f"--date is {day}; expected a day up to today, {today}, or to [dataset] modified."
            )
        if export is not None:
            click.echo(f"{export}: {write_export(desk, export)} rows.")
        elif read is not None:
            click.echo(read_back(desk, read, agent))
        else:
            person = Person(_ask, click.echo, agent)
            if facts:
                FactSession(desk, person).run()
            else:
                LinkSession(desk, person, is_coloured=may_colour(sys.stdout)).run()
        left = desk.what_is_left()
        if left:
            click.echo(left)


def _ask(question: str) -> str:
    try:
        answer = input(question)
    except UnicodeDecodeError as error:
        raise WrongUse(
            "An answer is not in the encoding of the terminal (UTF-8); what was decided before it "
            "is written."
        ) from error
    if not sys.stdin.isatty():
        # a terminal shows what is typed; a pipe does not, and then the record has no line ends
        click.echo(answer)
    return answer
