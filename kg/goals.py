"""The 17 goals and their targets: names, numbers, colours.

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
from kg.text import name_key
from kg.vocab import RDFS, SCHEMA, SDG, SKOS

GOALS = range(1, 18)


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


@cache
def target_codes() -> frozenset[str]:
    """The codes of the 169 targets, such as "11.2" and "17.19" (`data/codes/sdg-targets.csv`)."""
    codes: set[str] = set()
    for row in read_codes("sdg-targets"):
        codes |= {f"{row['goal']}.{n}" for n in range(1, int(row["numbered"]) + 1)}
        codes |= {f"{row['goal']}.{letter}" for letter in row["lettered"]}
    return frozenset(codes)


def is_target(code: str) -> bool:
    """Whether the UN has a target of this code."""
    return code in target_codes()
