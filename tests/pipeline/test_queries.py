"""The example queries on two municipalities and two years: both engines, same rows, same order.

The second city is made up from the first by another code; it is never published.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import QB, RDFS, XSD
from rdflib.term import Node

from kg.resources import ontology_dir
from kg.validators import n_triples, read_ontology
from kg.vocab import SP
from tests.pipeline.broken_measures import measure
from tests.pipeline.koriyama import IRIS, Draft, Triple, candidates, cell, koriyama, statistics

QUERIES = ontology_dir() / "queries"
YEARS = {"cq20.rq", "cq21.rq"}
"""These compare years that differ: tests/pipeline/test_earlier_year.py asks them."""
COMPETENCY = sorted(path for path in QUERIES.glob("cq*.rq") if path.name not in YEARS)
CUBE = sorted(QUERIES.glob("cube/*.rq"))


def renamed(triples: frozenset[Triple], old: str, new: str) -> list[Triple]:
    def term(node: Node) -> Node:
        return URIRef(node.replace(old, new)) if isinstance(node, URIRef) else node

    return [(term(s), term(p), term(o)) for s, p, o in triples]


@cache
def graphs() -> tuple[list[Triple], ...]:
    """A graph per plan, as in the store, and the vocabulary; shared facts stand in several."""
    draft = Draft(koriyama())
    draft.curate("2", 4, 11)
    measure(draft, with_actual=True)
    plan = frozenset(draft.triples) | candidates() | statistics()
    return (
        list(plan),
        renamed(plan, "/072036", "/011002"),
        renamed(plan, "/kyodo-2/2021", "/kyodo-2/2022"),
        list(read_ontology(ontology_dir()).triples),
    )


@cache
def rdflib_graph() -> Graph:
    graph = Graph()
    for triple in (triple for triples in graphs() for triple in triples):
        graph.add(triple)
    return graph


@cache
def store() -> ox.Store:
    store = ox.Store()
    for number, triples in enumerate(graphs()):
        name = ox.NamedNode(f"https://example.org/graph/{number}")
        store.load(n_triples(triples).encode(), format=ox.RdfFormat.N_TRIPLES, to_graph=name)
    return store


def rows_of_rdflib(query: str) -> list[tuple[str | None, ...]]:
    rows = rdflib_graph().query(query)
    return [tuple(map(text_of, row)) for row in rows]  # type: ignore[arg-type]


def text_of(term: Node | None) -> str | None:
    """The term's text; rdflib writes the decimals it computes with superfluous zeros."""
    if isinstance(term, Literal) and term.datatype == XSD.decimal:
        return f"{Decimal(term).normalize():f}"
    return None if term is None else str(term)


def rows_of_the_store(query: str) -> list[tuple[str | None, ...]]:
    solutions = store().query(query, use_default_graph_as_union=True)
    assert isinstance(solutions, ox.QuerySolutions)
    return [tuple(None if term is None else term.value for term in row) for row in solutions]


@pytest.mark.parametrize("path", COMPETENCY, ids=lambda path: path.stem)
def test_both_engines_answer_with_the_same_rows_in_the_same_order(path: Path) -> None:
    query = path.read_text("utf-8")
    rows = rows_of_the_store(query)
    assert rows
    assert rows == rows_of_rdflib(query)
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize(("name", "expected"), [("cq04", (72, 121)), ("cq05", (72, 121))])
def test_sums_count_each_plan_once_though_its_facts_stand_in_two_graphs(
    name: str, expected: tuple[int, int]
) -> None:
    rows = rows_of_the_store((QUERIES / f"{name}.rq").read_text("utf-8"))
    plans = {row[0] for row in rows}
    assert len(plans) == 3
    for plan in plans:
        of_plan = [row for row in rows if row[0] == plan]
        sums = tuple(sum(int(row[place] or 0) for row in of_plan) for place in (-2, -1))
        assert sums == expected


def test_the_balance_of_every_policy_closes() -> None:
    rows = rows_of_the_store((QUERIES / "cq07.rq").read_text("utf-8"))
    assert len(rows) == 21
    assert {row[-1] for row in rows} == {"true"}


def test_the_goals_without_any_project_are_7_12_14_and_15() -> None:
    rows = rows_of_the_store((QUERIES / "cq12.rq").read_text("utf-8"))
    assert sorted({int(row[1] or 0) for row in rows}) == [7, 12, 14, 15]


def without_structure(draft: Draft) -> None:
    draft.drop(IRIS.cube("balance"), QB.structure)


def counted_twice(draft: Draft) -> None:
    for subject, predicate, term in list(draft.triples):
        if subject == cell(1, "current"):
            draft.put(cell(1, "twice"), predicate, term)


VIOLATIONS: dict[str, Callable[[Draft], None]] = {
    "ic01": lambda draft: draft.drop(cell(1, "current"), QB.dataSet),
    "ic02": without_structure,
    "ic03": lambda draft: draft.drop(SP["component-count"], QB.measure),
    "ic04": lambda draft: draft.drop(SP.dimPlan, RDFS.range),
    "ic05": lambda draft: draft.drop(SP.dimItem, QB.codeList),
    "ic11": lambda draft: draft.drop(cell(1, "current"), SP.dimPolicy),
    "ic12": counted_twice,
    "ic14": lambda draft: draft.drop(cell(1, "current"), SP.projectCount),
}


@pytest.mark.parametrize("path", CUBE, ids=lambda path: path.stem)
def test_the_cubes_keep_the_constraint_and_a_broken_cube_does_not(path: Path) -> None:
    query = path.read_text("utf-8")
    draft = Draft(koriyama() | statistics() | frozenset(read_ontology(ontology_dir()).triples))
    for broken in (False, True):
        if broken:
            VIOLATIONS[path.stem](draft)
        store = ox.Store()
        store.load(n_triples(draft.triples).encode(), format=ox.RdfFormat.N_TRIPLES)
        assert bool(store.query(query)) is broken
