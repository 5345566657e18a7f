"""The 17 goals: from "SDG 11", "ゴール３" or a printed goal name to a goal's number.

Official names come from `ontology/goals.ttl`, other spellings from
`data/codes/goal-names.csv`. A goal is its number, 1 to 17 (UN resolution A/RES/70/1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from rdflib import Graph, Literal

from kg.codes import read_codes
from kg.resources import ontology_dir
from kg.text import folded, name_key
from kg.vocab import RDFS, SCHEMA, SDG, SKOS

GOALS = range(1, 18)
_SEPARATORS = re.compile(r"[,、，・;；/／\[\]［］]+")
_BLANKS = re.compile(r"(?<=[0-9０-９])\s+|\s+(?=[^\s0-9０-９])")
_NOTATION = re.compile(r"(?:sdgs?|ゴール|目標|goal|no\.?)?\.?(\d{1,2})(?:\.[0-9a-z])?")


_NUMBER_AND_NAME = re.compile(r"(?:sdgs?|ゴール|目標|goal)?\.?(\d{1,2})[.:、]?(\D.*)")


@cache
def _goals_graph() -> Graph:
    return Graph().parse(ontology_dir() / "goals.ttl", format="turtle")


@cache
def goal_names() -> Mapping[str, int]:
    """Folded name -> goal: the names of `ontology/goals.ttl` in every language, and spellings."""
    graph = _goals_graph()
    names: dict[str, int] = {}
    for goal in GOALS:
        for predicate in (SKOS.altLabel, SKOS.prefLabel, RDFS.label):
            for label in graph.objects(SDG[str(goal)], predicate):
                names[name_key(str(label))] = goal
    for row in read_codes("goal-names"):
        names[name_key(row["name"])] = int(row["goal"])
    return names


@cache
def official_names(goal: int) -> dict[str, str]:
    """The official short names of a goal by language, as `ontology/goals.ttl` has them."""
    names = _goals_graph().objects(SDG[str(goal)], SKOS.altLabel)
    return {str(name.language): str(name) for name in names if isinstance(name, Literal)}


@cache
def colour(goal: int) -> str:
    """The goal's colour as `#RRGGBB`, from `ontology/goals.ttl`."""
    return str(_goals_graph().value(SDG[str(goal)], SCHEMA.color))


def goal_numbered(text: str) -> int | None:
    """The goal with this number, in digits of any width; None if there is none."""
    match = re.fullmatch(r"0*(\d{1,2})", text)
    return int(match[1]) if match and int(match[1]) in GOALS else None


def goal_of(text: str) -> int | None:
    """The goal that a printed name or notation means: "働きがいも経済成長も", "SDG 8", "８".

    Case, width and blanks do not matter; "目標2 飢餓をゼロに" is a goal if number and name
    agree. A target such as "11.2" means its goal here; the text itself is kept as evidence by
    the caller. None where nothing of the sort is meant.
    """
    key = name_key(text)
    if key in goal_names():
        return goal_names()[key]
    match = _NOTATION.fullmatch(key)
    if match and int(match[1]) in GOALS:
        return int(match[1])
    match = _NUMBER_AND_NAME.fullmatch(key)
    if match and goal_names().get(match[2]) == int(match[1]):
        return int(match[1])
    return None


def goals_of(text: str) -> tuple[tuple[int | None, str], ...]:
    """The goals named in a cell, each with the words that name it; None for unreadable words.

    Goals are separated by commas, 、, ・, semicolons, slashes, square brackets or blanks, as in
    "3, 8,11" and "SDG 3 SDG 11"; what is a goal as a whole is not parted.
    """
    if not folded(text):
        return ()
    parts = (text,) if goal_of(text) else _SEPARATORS.split(text)
    found: list[tuple[int | None, str]] = []
    for part in filter(folded, parts):
        words = (part,) if goal_of(part) else filter(folded, _BLANKS.split(part))
        found += ((goal_of(word), word.strip()) for word in words)
    return tuple(found)
