"""`search.sqlite` of a release: the index behind the search, written once, then only read.

Tables: `entry` holds what is shown of a found thing, as printed; `goal` the goals of the projects
that have any; `gram` is a full-text table (FTS5) of the folded names and texts, cut into pairs of
neighbouring characters; `part` says from what each municipality's entries were made.

Why pairs: a Japanese text has no blanks between words, and words of one and two characters are
what people search for. FTS5's own trigrams find nothing below three, and looking through every
text instead takes 100 to 200 ms with 1,741 plans; with pairs a word of two characters is one look
into the index, a longer one a phrase of pairs, and a single one the pairs that begin with it, for
which FTS5 keeps an index of its own: 0.1 to 5 ms. The file is not larger than one with trigrams
and the folded texts.

The id of an entry tells its kind, municipality and year, and sorts as found entries are listed,
so that entries are counted by these without being read.

A small index is always written from scratch: same input, same bytes. A large one is a copy of
the last release's, in which only the entries of changed municipalities are replaced: other bytes,
the same answers.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from kg.dumps import checksum
from kg.errors import ReleaseError
from kg.folding import folded_for_search
from kg.search_entries import (
    Entry,
    Kind,
    SearchEntry,
    goal_entries,
    joined,
    municipality_entries,
)

SEARCH_FILE = "search.sqlite"
FORMAT = 1
"""Raised when the tables change; an index of another format is neither read nor carried over."""

PLACE_BITS, YEAR_BITS, CODE_BITS = 20, 12, 20
_LAST_YEAR = (1 << YEAR_BITS) - 1
_SMALL_ENTRIES = 20_000
_MOST_CHANGED = 0.25
_MOST_COPIES = 50
"""After so many copies the file is written from scratch: what was replaced leaves gaps."""
_VOCABULARY = 0
"""The code under which the goals stand."""
_BLOCK = 1 << 20

_SCHEMA = """
CREATE TABLE part (code INTEGER PRIMARY KEY, key TEXT NOT NULL, entries INTEGER NOT NULL);
CREATE TABLE entry (
  id INTEGER PRIMARY KEY, iri TEXT NOT NULL, number TEXT NOT NULL, name TEXT NOT NULL,
  texts TEXT NOT NULL, about TEXT NOT NULL
);
CREATE TABLE goal (
  id INTEGER PRIMARY KEY, goals INTEGER NOT NULL, estimated INTEGER NOT NULL
);
CREATE VIRTUAL TABLE gram USING fts5(
  name, text, content='', columnsize=0, tokenize='ascii', prefix='1'
);
"""
# FTS5 then takes every character for a part of a word; folded text has none of the wide forms
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def write_search_index(
    release: Path, entries: Sequence[Entry], last: tuple[Path, str] | None
) -> dict[str, Any]:
    """Write the index of a release from its dumps; returns `bytes` and `sha256` of the file.

    `entries` are the plans of release.json; `last` is the index of the release before and its
    checksum, which is carried over where that is quicker. Raises OSError if there is no room.
    """
    dumps, path = release / "dumps", release / SEARCH_FILE
    plans: dict[int, list[Entry]] = {}
    for entry in entries:
        if entry["status"] != "withdrawn":
            plans.setdefault(int(entry["code"]), []).append(entry)
    keys = {code: _key(of_one) for code, of_one in plans.items()}
    vocabulary = dumps / "vocabulary.nq"
    keys[_VOCABULARY] = hashlib.sha256(vocabulary.read_bytes()).hexdigest()
    if last is None or not _carried(*last, path, keys):
        path.unlink(missing_ok=True)
    try:
        with _writing(path) as engine:
            old = dict(engine.execute("SELECT code, key FROM part"))
            for code in sorted(code for code in old if old[code] != keys.get(code)):
                _drop(engine, code)
            for code in sorted(code for code in keys if old.get(code) != keys[code]):
                found = (
                    municipality_entries(dumps, plans[code]) if code else goal_entries(vocabulary)
                )
                engine.execute(
                    "INSERT INTO part VALUES (?, ?, ?)", (code, keys[code], _put(engine, found))
                )
            if not old:
                engine.execute("INSERT INTO gram(gram) VALUES ('optimize')")
    except sqlite3.OperationalError as error:
        raise _as_os_error(path, error) from error
    return {"bytes": path.stat().st_size, "sha256": checksum(path)}


def open_index(path: Path) -> sqlite3.Connection:
    """The index for reading, as it lies there: nobody writes to it any more.

    Raises FileNotFoundError if there is none, or one of another format.
    """
    if not path.is_file():
        raise FileNotFoundError(path)
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    engine = sqlite3.connect(address, uri=True, isolation_level=None)
    (found,) = engine.execute("PRAGMA application_id").fetchone()
    if found != FORMAT:
        engine.close()
        raise FileNotFoundError(path)
    return engine


def entry_id(kind: int, code: int, year: int, place: int) -> int:
    """The id of the entry at a place among those of its kind, municipality and year."""
    if place >> PLACE_BITS:
        raise ReleaseError(f"Municipality {code:06} has too many entries to be searched.")
    newest_first = _LAST_YEAR - year
    return ((kind << CODE_BITS | code) << YEAR_BITS | newest_first) << PLACE_BITS | place


def parts_of_group(group: int) -> tuple[Kind, int, int]:
    """Kind, code and year of the entries whose ids, without the place, are this number."""
    kind, code = divmod(group >> YEAR_BITS, 1 << CODE_BITS)
    return Kind(kind), code, _LAST_YEAR - (group & _LAST_YEAR)


def grams(text: str) -> str:
    """The pairs of neighbouring characters of a text, folded line by line, as words."""
    found: list[str] = []
    for line in text.split("\n"):
        folded = folded_for_search(line).translate(_WIDE)
        found += [*map("".join, pairwise(folded)), *folded[-1:]]
    return " ".join(found)


def match_expression(words: Iterable[str], column: str | None = None) -> str:
    """The FTS5 expression for entries in which each of the folded words stands, in any column."""
    phrases = []
    for word in words:
        wide = word.translate(_WIDE)
        pairs = " ".join(map("".join, pairwise(wide)))
        phrases.append(f'"{pairs}"' if pairs else f'"{wide}" *')
    every = " AND ".join(phrases)
    return f"{{{column}}} : ({every})" if column else every


def _key(plans: Sequence[Entry]) -> str:
    """What decides the entries of a municipality; the program's version is in `plan_hash`."""
    told = [[plan[key] for key in ("plan_hash", "slug", "year")] for plan in plans]
    return hashlib.sha256(json.dumps(sorted(told)).encode()).hexdigest()


@contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    """The database for writing, in one transaction; made if it is not there."""
    is_new = not path.exists()
    with closing(sqlite3.connect(path, isolation_level=None)) as engine:
        # no journal and no waiting: a release whose build fails is dropped as a whole
        for pragma in ("page_size = 4096", "journal_mode = OFF", "synchronous = OFF"):
            engine.execute(f"PRAGMA {pragma}")
        if is_new:
            engine.executescript(_SCHEMA)
            engine.execute(f"PRAGMA application_id = {FORMAT}")
        engine.execute("BEGIN")
        yield engine
        engine.execute("COMMIT")


def _put(engine: sqlite3.Connection, entries: Iterable[SearchEntry]) -> int:
    places: dict[tuple[int, int, int], int] = {}
    rows: list[tuple[int, SearchEntry]] = []
    for entry in entries:
        group = (entry.kind, entry.code, entry.year)
        places[group] = places.get(group, -1) + 1
        rows.append((entry_id(*group, places[group]), entry))
    rows.sort(key=lambda row: row[0])
    engine.executemany(
        "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", ((id_, *e.as_row()) for id_, e in rows)
    )
    engine.executemany(
        "INSERT INTO goal VALUES (?, ?, ?)",
        ((id_, e.goals, e.estimated) for id_, e in rows if e.goals or e.estimated),
    )
    engine.executemany(
        "INSERT INTO gram(rowid, name, text) VALUES (?, ?, ?)",
        ((id_, grams(e.name), grams(e.all_texts)) for id_, e in rows),
    )
    return len(rows)


def _drop(engine: sqlite3.Connection, code: int) -> None:
    for kind in Kind:
        between = (entry_id(kind, code, _LAST_YEAR, 0), entry_id(kind, code + 1, _LAST_YEAR, 0))
        rows = engine.execute(
            "SELECT id, name, texts FROM entry WHERE id >= ? AND id < ?", between
        ).fetchall()
        # FTS5 forgets an entry when it is told again what it was made of
        engine.executemany(
            "INSERT INTO gram(gram, rowid, name, text) VALUES ('delete', ?, ?, ?)",
            ((id_, grams(name), grams(joined(json.loads(texts)))) for id_, name, texts in rows),
        )
        for table in ("entry", "goal"):
            engine.execute(f"DELETE FROM {table} WHERE id >= ? AND id < ?", between)
    engine.execute("DELETE FROM part WHERE code = ?", (code,))


def _carried(source: Path, sha256: str, target: Path, keys: Mapping[int, str]) -> bool:
    """Copy the last release's index; False if it is small, damaged, or little of it would stay."""
    try:
        with closing(open_index(source)) as engine:
            parts = engine.execute("SELECT code, key, entries FROM part").fetchall()
            (copies,) = engine.execute("PRAGMA user_version").fetchone()
        stays = sum(entries for code, key, entries in parts if keys.get(code) == key)
        every = sum(entries for *_, entries in parts)
        if stays < _SMALL_ENTRIES or stays < every * (1 - _MOST_CHANGED) or copies >= _MOST_COPIES:
            return False
        if _copy(source, target) != sha256:
            return False
        with closing(sqlite3.connect(target)) as engine, engine:
            engine.execute(f"PRAGMA user_version = {copies + 1}")
    except (FileNotFoundError, sqlite3.DatabaseError):
        return False
    return True


def _copy(source: Path, target: Path) -> str:
    """Copy a file; returns its SHA-256."""
    digest = hashlib.sha256()
    with source.open("rb") as old, target.open("wb") as new:
        for block in _blocks(old):
            digest.update(block)
            new.write(block)
    return digest.hexdigest()


def _blocks(file: Any) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def _as_os_error(path: Path, error: sqlite3.OperationalError) -> OSError:
    """The reason as the system gives it: SQLite tells a full disk, but no quota or size limit."""
    if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    try:
        with path.open("ab") as file:
            file.write(bytes(_BLOCK))
    except OSError as told:
        return told
    return OSError(errno.EIO, str(error), str(path))
