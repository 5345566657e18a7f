"""Two versions of a plan compared for an answer: read from the history, kept for a while."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from kg.change_sentences import Sentence, sentences_of
from kg.changes import Content, Difference, content_of, difference
from kg.history import COMPARED_DUMPS, compared_dumps, version_folder, versions_of
from kg.year_changes import YearChanges, year_changes
from server.context import context
from server.errors import HttpProblem

Version = Mapping[str, Any]
"""One of `versions` of a plan in release.json."""

_busy = threading.Lock()
"""Comparing takes the processor of all: one at a time."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A plan, its versions, and what lies between two of them.

    `before` is None if only one version was published, or the first one is asked for;
    `difference` is None then too. `after` is None if the release knows of no versions.
    """

    entry: Mapping[str, Any]
    versions: Sequence[Version]
    before: Version | None
    after: Version | None
    difference: Difference | None
    sentences: Sequence[Sentence]


def compare(entry: Mapping[str, Any], before: str | None, after: str | None) -> Comparison:
    """The versions of that name compared; by default the last one with the one before it.

    Raises a 404 for a version that was never published or whose files are gone.
    """
    versions: list[Version] = list(versions_of(context().engine.current.var, entry))
    names = [version["version"] for version in versions]
    for name in (before, after):
        if name is not None and name not in names:
            known = ", ".join(names) or "none"
            raise _unknown(f"Version {name[:40]} is not known. Versions of this plan: {known}.")
    if not versions:
        return Comparison(entry, (), None, None, None, ())
    new = versions[names.index(after)] if after is not None else versions[-1]
    place = versions.index(new)
    old = versions[place - 1] if place else None
    if before is not None:
        old = versions[names.index(before)]
    if old is None:
        return Comparison(entry, versions, None, new, None, ())
    found, sentences = _compared(_folder(entry, old), _folder(entry, new))
    return Comparison(entry, versions, old, new, found, sentences)


def compare_years(entry: Mapping[str, Any]) -> YearChanges | None:
    """This year's plan against that of the year before in the release; None if it is withdrawn."""
    dumps = context().release.path / "dumps"
    after, earlier = _published(dumps, entry), year_before(entry)
    if after is None:
        return None
    before = None if earlier is None else _published(dumps, earlier)
    return _years(str(entry["iri"]), before, after)


def year_before(entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The plan of the year before, if the release holds it."""
    here, wanted = context(), (entry["code"], entry["slug"], entry["year"] - 1)
    for other in here.release.manifest["plans"]:
        if (other["code"], other["slug"], other["year"]) == wanted:
            found: Mapping[str, Any] = other
            return found if _published(here.release.path / "dumps", other) else None
    return None


def _folder(entry: Mapping[str, Any], version: Version) -> Path:
    folder = version_folder(context().engine.current.var, entry, version["version"])
    if not folder.is_dir():
        raise _unknown(f"The files of version {version['version']} are not here.")
    return folder


def _published(dumps: Path, entry: Mapping[str, Any]) -> Path | None:
    folder = dumps / entry["code"] / entry["slug"] / str(entry["year"])
    return folder if (folder / COMPARED_DUMPS[0]).is_file() else None


def _unknown(detail: str) -> HttpProblem:
    return HttpProblem(404, "Unknown version", detail)


@lru_cache(maxsize=8)
def _content(folder: Path) -> Content:
    return content_of(compared_dumps(folder))


def _compared(before: Path, after: Path) -> tuple[Difference, tuple[Sentence, ...]]:
    with _busy:
        return _difference(before, after)


@lru_cache(maxsize=32)
def _difference(before: Path, after: Path) -> tuple[Difference, tuple[Sentence, ...]]:
    found = difference(_content(before), _content(after))
    return found, tuple(sentences_of(found))


def _years(plan: str, before: Path | None, after: Path) -> YearChanges:
    with _busy:
        return _year_changes(plan, before, after)


@lru_cache(maxsize=32)
def _year_changes(plan: str, before: Path | None, after: Path) -> YearChanges:
    old = None if before is None else _content(before).quads()
    return year_changes(plan, old, _content(after).quads())
