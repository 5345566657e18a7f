"""A plan on the desk of who curates it: its document read once, its decisions, what follows.

Every change is checked as `sdgplan build` would check it, before it is written; then the file
is replaced in one step, so that an interrupted session loses nothing.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from kg.checking import CheckedPlan, read_plan, with_decisions
from kg.curation.plan_file import next_version, with_version
from kg.disk import no_room, replace_file
from kg.errors import PlanRefused, Problem, Problems, StorageError, WrongUse, in_document_order
from kg.extract.decisions import (
    FACTS_FILE,
    FACTS_HEADER,
    LINKS_FILE,
    LINKS_HEADER,
    PlacedRow,
    Row,
    curation_of,
    read_facts,
    read_links,
)
from kg.history import published_content
from kg.origin import Origin
from kg.plan_settings import PLAN_FILE, PlanSettings
from kg.records import Plan
from kg.settings import Settings
from kg.text import clean, name_key

HEADERS = {LINKS_FILE: LINKS_HEADER, FACTS_FILE: FACTS_HEADER}
KEYS = {LINKS_FILE: ("number", "goal"), FACTS_FILE: ("fact", "subject")}
"""What makes two rows of a file decisions about the same thing."""

Key = tuple[str, ...]


def key_of(file: str, row: Row) -> Key:
    """What a row decides about: number and goal, or fact and subject; names are folded."""
    return tuple(name_key(row[name]) for name in KEYS[file])


class Desk:
    """The plan in `folder`, its decisions and all that follows from them.

    `day` is the day of the session's decisions, `today` the last that any may have.
    With `updates_plan` the first change also sets [dataset] modified and version in plan.toml;
    `var` tells whether a version is published.
    Raises PlanRefused if document or decisions cannot be read; decisions that only contradict
    the published numbers are in `checked.problems`, to be taken back.
    """

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        day: date,
        var: Path,
        *,
        today: date = date.min,
        updates_plan: bool = False,
    ) -> None:
        self.folder, self.day, self._today = folder, day, today
        self.written: Counter[str] = Counter()
        """Changes written so far, by the word for them: accept, reject, taken back, decided."""
        self._var, self._updates_plan, self._is_current = var, updates_plan, False
        self._read = read_plan(folder, settings)
        if self._read.problems:
            raise PlanRefused(folder.name, self._read.problems)
        problems = Problems()
        self._rows = {
            LINKS_FILE: read_links(folder, problems),
            FACTS_FILE: read_facts(folder, problems),
        }
        self._on_disk = {name: _content(folder / name) for name in (*self._rows, PLAN_FILE)}
        self.checked: CheckedPlan = self._check(self._rows, problems)
        if problems:
            raise PlanRefused(folder.name, self.checked.problems)
        if updates_plan and self._latest() > self.modified:
            self._update_plan()

    @property
    def plan(self) -> Plan:
        assert self._read.extraction is not None
        assert self._read.extraction.plan is not None
        return self._read.extraction.plan

    @property
    def modified(self) -> date:
        """The day of the last change, as plan.toml says."""
        day: date = self._settings["dataset.modified"]
        return day

    @property
    def _settings(self) -> PlanSettings:
        assert self._read.settings is not None
        return self._read.settings

    def row(self, file: str, *key: str) -> Row | None:
        """The decision about something, see `key_of`; None if there is none."""
        wanted = tuple(map(name_key, key))
        return next((row for row, _ in self._rows[file] if key_of(file, row) == wanted), None)

    def keys(self, file: str) -> set[Key]:
        """What is decided about, see `key_of`."""
        return {key_of(file, row) for row, _ in self._rows[file]}

    def put(
        self,
        file: str,
        rows: Iterable[PlacedRow],
        known: Iterable[Problem] = (),
        unread: Iterable[Key] = (),
    ) -> tuple[Problem, ...]:
        """Write decisions, each in the place of an earlier one about the same thing.

        Answers with the problems that they would bring, and with those that are `known` of the
        table they come from; then nothing is written. `unread` are the keys of its rows that
        cannot be read: what was decided about these before is not held against the others.
        """
        rows = list(rows)
        merged = self._merged(file, rows, unread)
        checked, problems = self._tried(file, merged, known)
        if problems:
            return problems
        old = {key_of(file, row): row for row, _ in self._rows[file]}
        differing = [row for row, _ in rows if row != old.get(key_of(file, row))]
        if differing:
            self._write(file, merged, checked)
            self.written.update(row.get("decision", "decided") for row in differing)
        return ()

    def faults(self, links: Iterable[PlacedRow]) -> Problems:
        """What is wrong with rows of links.csv whatever else is decided."""
        problems = Problems()
        curation_of(links, (), self.plan, self._last_day(), problems)
        return problems

    def objections(self, file: str, row: Row, origin: Origin) -> tuple[Problem, ...]:
        """What `put` would answer whatever the evidence and whoever decides; writes nothing."""
        assumed = {**row, "evidence": "-", "agent": "anyone", "decided_on": str(self.day)}
        return self._tried(file, self._merged(file, [(assumed, origin)]))[1]

    def take_back(self, file: str, *key: str) -> tuple[Problem, ...]:
        """Remove a decision; answers as `put` does. Raises KeyError if there is none."""
        if self.row(file, *key) is None:
            raise KeyError(key)
        wanted = tuple(map(name_key, key))
        less = [(row, origin) for row, origin in self._rows[file] if key_of(file, row) != wanted]
        checked = self._check({**self._rows, file: less}, Problems())
        more = Counter(p.code for p in checked.problems)
        more -= Counter(p.code for p in self.checked.problems)
        if more:
            return tuple(p for p in checked.problems if p.code in more)
        self._write(file, less, checked)
        self.written["taken back"] += 1
        return ()

    def what_is_left(self) -> str:
        """What must still be done before a build takes the decisions; empty if nothing."""
        is_later = self._latest() > self.modified
        if not is_later and not (self.written and self._is_published() and not self._is_current):
            return ""
        day = max(self.modified, self._latest())
        return (
            f"Before the next build set modified = {day} and a new version under [dataset] in "
            f"{self.folder / PLAN_FILE}, or let --update-plan do it."
        )

    def _merged(
        self, file: str, rows: Iterable[PlacedRow], unread: Iterable[Key] = ()
    ) -> list[PlacedRow]:
        new: dict[Key, list[PlacedRow]] = {key: [] for key in unread}
        for row, origin in rows:
            new.setdefault(key_of(file, row), []).append((row, origin))
        merged: list[PlacedRow] = []
        for row, origin in self._rows[file]:
            merged += new.pop(key_of(file, row), [(row, origin)])
        return merged + [placed for some in new.values() for placed in some]

    def _tried(
        self, file: str, rows: list[PlacedRow], known: Iterable[Problem] = ()
    ) -> tuple[CheckedPlan, tuple[Problem, ...]]:
        """The plan with these rows, and the problems that it had not before."""
        problems = Problems(known)
        checked = self._check({**self._rows, file: rows}, problems)
        before = {(p.code, p.statement) for p in self.checked.problems}
        problems += [p for p in checked.problems if (p.code, p.statement) not in before]
        return checked, in_document_order(problems)

    def _check(self, rows: dict[str, list[PlacedRow]], problems: Problems) -> CheckedPlan:
        links, facts = rows[LINKS_FILE], rows[FACTS_FILE]
        curation = curation_of(links, facts, self.plan, self._last_day(), problems)
        # decisions that can be read are held to the numbers even where others cannot
        return with_decisions(self._read, curation, problems, "shacl")

    def _last_day(self) -> date:
        # the plan's day of change is raised before the build, see `what_is_left`
        return max(self.modified, self.day, self._today)

    def _latest(self) -> date:
        curation = self.checked.curation
        days = [link.decided_on for _, link in curation.links]
        days += [rejection.decided_on for rejection in curation.rejections]
        days += [merger.decided_on for merger in curation.mergers]
        days += [authority.decided_on for authority in curation.authorities]
        return max((day for day in days if day is not None), default=date.min)

    def _is_published(self) -> bool:
        iris = self._read.iris
        assert iris is not None
        place = {"code": iris.code, "slug": iris.slug, "year": iris.year}
        version = str(self._settings["dataset.version"])
        return published_content(self._var, place, version) is not None

    def _write(self, file: str, rows: Sequence[PlacedRow], checked: CheckedPlan) -> None:
        path, header = self.folder / file, HEADERS[file]
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([clean(row[name]) for name in header] for row, _ in rows)
        old = self._on_disk[file] or b""
        mark = codecs.BOM_UTF8 if old.startswith(codecs.BOM_UTF8) else b""
        self._replace(file, mark + out.getvalue().encode())
        self._rows[file] = [(row, Origin(str(path), row=n)) for n, (row, _) in enumerate(rows, 2)]
        self.checked = checked
        if self._updates_plan and not self._is_current:
            self._update_plan()

    def _update_plan(self) -> None:
        """Raise [dataset] modified, and version too if that one is published or of another day."""
        settings, latest = self._settings, max(self.modified, self._latest())
        version = str(settings["dataset.version"])
        if latest > self.modified or self._is_published():
            version = next_version(version)
        text = (self._on_disk[PLAN_FILE] or b"").decode("utf-8").removeprefix("\ufeff")
        self._replace(PLAN_FILE, with_version(text, version, latest).encode())
        values = dict(settings.values)
        values["dataset", "modified"], values["dataset", "version"] = latest, version
        changed = replace(settings, values=values)
        self._read = replace(self._read, settings=changed)
        self._is_current = True

    def _replace(self, file: str, content: bytes) -> None:
        path = self.folder / file
        if _content(path) != self._on_disk[file]:
            raise WrongUse(
                f"{path} was changed by someone else while this session ran, so nothing more was "
                "written to it. Fix: start again."
            )
        try:
            replace_file(path, content)
        except OSError as error:
            kind = StorageError if no_room(error) else WrongUse
            reason = error.strerror or str(error)
            raise kind(f"{path} cannot be written: {reason}. It is as it was.") from error
        self._on_disk[file] = content


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None
