"""Finding entries in the search index of the release that is served.

One connection per thread, read-only; entries are counted by the numbers in their ids, and only
those of one page are read. What takes too long is stopped (503).
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from kg.goals import GOALS
from kg.search_entries import Kind
from kg.search_index import (
    CODE_BITS,
    PLACE_BITS,
    SEARCH_FILE,
    YEAR_BITS,
    match_expression,
    open_index,
    parts_of_group,
)
from server.errors import unavailable

LIMIT_S = 5
"""A search that takes longer is given up."""
RETRY_AFTER_S = 10
_STEPS = 10_000
_MAPPED_BYTES = 1 << 31
_CODES = (1 << CODE_BITS) - 1
_YEARS = (1 << YEAR_BITS) - 1
_MOST_KEPT = 64
_PREFECTURE = 10_000  # the first two of six digits

_Answer = TypeVar("_Answer")

Words = tuple[tuple[str, ...], ...]
"""The words of a query as `kg.folding.words_of` gives them."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What found entries are narrowed down to; None = not asked for."""

    kind: Kind | None = None
    prefecture: int | None = None
    municipality: int | None = None
    year: int | None = None
    goal: int | None = None
    estimated: int | None = None

    def holds(self, kind: Kind, code: int, year: int) -> bool:
        """Whether entries of that kind, municipality and year pass all filters but the goals."""
        return (
            self.kind in (None, kind)
            and self.prefecture in (None, code // _PREFECTURE)
            and self.municipality in (None, code)
            and self.year in (None, year)
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """One found entry, with its texts as printed."""

    kind: Kind
    code: int
    year: int
    iri: str
    number: str
    name: str
    texts: Sequence[Sequence[str]]
    """Pairs of field and text."""
    about: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many entries were found: `every` without filters, `total` with them.

    The others say how many there are if that one filter is set to the value instead, in place
    of what it is now; `unlinked` are projects found of which no goal is known, `unsaid` those of
    which neither the document nor a person names one.
    """

    every: int = 0
    total: int = 0
    kinds: Mapping[Kind, int] = field(default_factory=dict)
    """Without the filter of the kind."""
    prefectures: Mapping[int, int] = field(default_factory=dict)
    municipalities: Mapping[int, int] = field(default_factory=dict)
    years: Mapping[int, int] = field(default_factory=dict)
    goals: Mapping[int, int] = field(default_factory=dict)
    estimated: Mapping[int, int] = field(default_factory=dict)
    unlinked: int = 0
    unsaid: int = 0


class Finder:
    """The search index of one release, for all threads."""

    def __init__(self, release: Path) -> None:
        """Raises FileNotFoundError if the release has no index, or one of another format."""
        self._path = release / SEARCH_FILE
        self._local = threading.local()
        self._lock = threading.Lock()
        self._kept: dict[tuple[Words, Filters], Counts] = {}
        self._engine()

    def counts(self, words: Words, filters: Filters) -> Counts:
        """How many entries hold every word, in all and by what they can be narrowed down to."""
        with self._lock:
            found = self._kept.pop((words, filters), None)
        if found is None:
            found = self._watched(lambda engine: _counted(engine, words, filters))
        with self._lock:
            self._kept[words, filters] = found
            while len(self._kept) > _MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
        return found

    def hits(self, words: Words, filters: Filters, start: int, number: int) -> list[Hit]:
        """The entries from a place on: those with every word in their names first, then by id."""
        return self._watched(lambda engine: _hits(engine, words, filters, start, number))

    def _watched(self, ask: Callable[[sqlite3.Connection], _Answer]) -> _Answer:
        engine = self._engine()
        end = time.monotonic() + LIMIT_S
        engine.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        try:
            return ask(engine)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            raise unavailable(
                "Search took too long",
                f"The search was stopped after {LIMIT_S} seconds; longer or fewer words are found "
                "sooner.",
                RETRY_AFTER_S,
                "search-timeout",
            ) from None
        finally:
            engine.set_progress_handler(None, 0)

    def _engine(self) -> sqlite3.Connection:
        engine: sqlite3.Connection | None = getattr(self._local, "engine", None)
        if engine is None:
            engine = self._local.engine = open_index(self._path)
            engine.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")  # pages shared by all threads
        return engine


_finders: dict[Path, Finder] = {}
_lock = threading.Lock()


def finder_of(release: Path) -> Finder | None:
    """The index of a release, kept until another one is asked for; None if it has none."""
    with _lock:
        if release not in _finders:
            with suppress(FileNotFoundError):
                made = Finder(release)
                _finders.clear()  # of a release that is served no more; its readers hold it
                _finders[release] = made
        return _finders.get(release)


class _Found:
    """The entries that hold every word, and pass filters, as a part of a statement."""

    def __init__(self, words: Words, filters: Filters) -> None:
        wanted = [forms[0] for forms in words]
        every = match_expression(wanted)
        in_name = match_expression(wanted, "name")
        self.everywhere = self._statement(every, filters)
        self.in_name = self._statement(in_name, filters)
        self.in_text = self._statement(f"({every}) NOT ({in_name})", filters)

    @staticmethod
    def _statement(expression: str, filters: Filters) -> tuple[str, list[int | str]]:
        tables, conditions = "gram", ["gram MATCH ?"]
        values: list[int | str] = [expression]
        kind, code = filters.kind, filters.municipality
        low = (kind or 0) << CODE_BITS | ((code or 0) if kind else 0)
        if kind is not None:
            # a stretch of ids, which FTS5 goes to directly
            high = low if code is not None else low | _CODES
            shift = YEAR_BITS + PLACE_BITS
            conditions.append("gram.rowid BETWEEN ? AND ?")
            values += [low << shift, ((high + 1) << shift) - 1]
        code_of = f"(gram.rowid >> {YEAR_BITS + PLACE_BITS}) & {_CODES}"
        for condition, value in (
            (f"{code_of} = ?", code),
            (f"({code_of}) / {_PREFECTURE} = ?", filters.prefecture),
            (f"{_YEARS} - ((gram.rowid >> {PLACE_BITS}) & {_YEARS}) = ?", filters.year),
        ):
            if value is not None:
                conditions.append(condition)
                values.append(value)
        for column, goal in (("goals", filters.goal), ("estimated", filters.estimated)):
            if goal is not None:
                tables = "gram CROSS JOIN goal ON goal.id = gram.rowid"
                conditions.append(f"goal.{column} & ?")
                values.append(1 << goal)
        return f"FROM {tables} WHERE {' AND '.join(conditions)}", values


def _counted(engine: sqlite3.Connection, words: Words, filters: Filters) -> Counts:
    goals = Filters(goal=filters.goal, estimated=filters.estimated)
    every = _groups(engine, words, Filters())
    groups = every if goals == Filters() else _groups(engine, words, goals)
    found = {key: number for key, number in groups.items() if filters.holds(*key)}
    without_goals = replace(filters, goal=None, estimated=None)
    linked, estimated, known, said = _goals(engine, words, without_goals)
    projects = sum(
        number
        for key, number in every.items()
        if key[0] is Kind.PROJECT and without_goals.holds(*key)
    )
    return Counts(
        every=sum(every.values()),
        total=sum(found.values()),
        kinds=_by(groups, replace(filters, kind=None), lambda kind, code, year: kind),
        prefectures=_by(
            groups,
            replace(filters, prefecture=None, municipality=None),
            lambda kind, code, year: code // _PREFECTURE,
        ),
        municipalities=_by(
            groups, replace(filters, municipality=None), lambda kind, code, year: code
        ),
        years=_by(groups, replace(filters, year=None), lambda kind, code, year: year),
        goals=linked,
        estimated=estimated,
        unlinked=projects - known,
        unsaid=projects - said,
    )


_Group = tuple[Kind, int, int]


def _by(
    groups: Mapping[_Group, int], filters: Filters, key: Callable[[Kind, int, int], int]
) -> dict[Any, int]:
    """The numbers by one part of the group, 0 (none) left out, in order."""
    found: Counter[int] = Counter()
    for group, number in groups.items():
        if filters.holds(*group) and key(*group):
            found[key(*group)] += number
    return dict(sorted(found.items()))


def _groups(engine: sqlite3.Connection, words: Words, filters: Filters) -> dict[_Group, int]:
    source, values = _Found(words, filters).everywhere
    # ids come in order: SQLite would sort them once more to group them
    groups = Counter(
        id_ >> PLACE_BITS for (id_,) in engine.execute(f"SELECT gram.rowid {source}", values)
    )
    return {parts_of_group(group): number for group, number in groups.items()}


def _goals(
    engine: sqlite3.Connection, words: Words, filters: Filters
) -> tuple[dict[int, int], dict[int, int], int, int]:
    """By goal: projects linked to it, projects it is a candidate of; those with either; linked."""
    source, values = _Found(words, filters).everywhere
    source = source.replace("FROM gram", "FROM gram CROSS JOIN goal ON goal.id = gram.rowid", 1)
    found = engine.execute(
        f"SELECT goal.goals, goal.estimated, count(*) {source} GROUP BY 1, 2", values
    ).fetchall()
    linked, estimated = Counter[int](), Counter[int]()
    for goals, candidates, number in found:
        for goal in GOALS:
            if goals >> goal & 1:
                linked[goal] += number
            if candidates >> goal & 1:
                estimated[goal] += number
    known = sum(number for *_, number in found)
    said = sum(number for goals, _, number in found if goals)
    return dict(sorted(linked.items())), dict(sorted(estimated.items())), known, said


def _hits(
    engine: sqlite3.Connection, words: Words, filters: Filters, start: int, number: int
) -> list[Hit]:
    found = _Found(words, filters)
    ids: list[int] = []
    for source, values in (found.in_name, found.in_text):
        limited = f"SELECT gram.rowid {source} ORDER BY gram.rowid LIMIT ? OFFSET ?"
        missing = number - len(ids)
        part = [id_ for (id_,) in engine.execute(limited, [*values, missing, start])]
        ids += part
        if len(ids) == number:
            break
        if part:
            start = 0
        elif start:
            (before,) = engine.execute(f"SELECT count(*) {source}", values).fetchone()
            start -= before
    return [_hit(engine, id_) for id_ in ids]


def _hit(engine: sqlite3.Connection, id_: int) -> Hit:
    row = engine.execute(
        "SELECT iri, number, name, texts, about FROM entry WHERE id = ?", (id_,)
    ).fetchone()
    iri, number, name, texts, about = row
    kind, code, year = parts_of_group(id_ >> PLACE_BITS)
    return Hit(kind, code, year, iri, number, name, json.loads(texts), json.loads(about))
