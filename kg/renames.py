"""Projects that became versions of another continuing project: mostly because they were renamed.

A continuing project's IRI is made from its name (docs/decisions/0001), so a new name in another
version of a plan begins another one, unless plan.toml ties the names under [aliases].
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from rdflib import URIRef
from rdflib.term import Node

from kg.text import short_hash
from kg.vocab import SKOS, SP

Triple = tuple[Node, Node, Node]


@dataclass(frozen=True, slots=True)
class Renamed:
    """A project that both versions list, with its names.

    `line` would tie them under [aliases]: `"new name" = "old name"`. It is None where the name
    is not what changed, or where the old IRI was not made from the old name alone.
    """

    project: URIRef
    number: int | None
    old: str
    new: str
    line: str | None


def renamed_projects(before: Iterable[Triple], after: Iterable[Triple]) -> list[Renamed]:
    """The projects of both versions whose continuing project is another, by number."""
    was, now = _projects(before), _projects(after)
    both = (
        (project, was[project], now[project])
        for project in was.keys() & now.keys()
        if was[project].keys() >= _NEEDED and now[project].keys() >= _NEEDED
    )
    found = [_renamed(*one) for one in both if one[1][SP.versionOf] != one[2][SP.versionOf]]
    return sorted(found, key=lambda one: (one.number or 0, one.project))


_NEEDED = {SP.versionOf, SP.nameKey, SKOS.prefLabel}
TOLD = frozenset((*_NEEDED, SP.number))
"""The properties that are asked for."""


def _projects(triples: Iterable[Triple]) -> dict[URIRef, dict[Node, str]]:
    found: dict[URIRef, dict[Node, str]] = {}
    for subject, predicate, value in triples:
        if predicate in TOLD and isinstance(subject, URIRef):
            found.setdefault(subject, {})[predicate] = str(value)
    return found


def _renamed(project: URIRef, old: dict[Node, str], new: dict[Node, str]) -> Renamed:
    names = old[SKOS.prefLabel], new[SKOS.prefLabel]
    is_tied = old[SP.versionOf].rpartition("/")[2] == short_hash(names[0])
    line = None
    if is_tied and old[SP.nameKey] != new[SP.nameKey]:
        # a JSON string is a basic string of TOML
        line = " = ".join(json.dumps(name, ensure_ascii=False) for name in (names[1], names[0]))
    number = new.get(SP.number, "")
    return Renamed(project, int(number) if number.isdecimal() else None, *names, line)
