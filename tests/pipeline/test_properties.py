"""What must hold for any text: a name survives the whole way; minting is a function of names."""

from __future__ import annotations

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph, Literal

from kg.iris import PlanIris
from kg.mapping.project import project_triples
from kg.mapping.terms import Context
from kg.plan_settings import read_plan_settings
from kg.settings import SHARED_BASE_IRI
from kg.store import memory_store
from kg.text import clean, folded
from kg.vocab import SKOS
from kg.writers import nquads, turtle
from tests.pipeline.documents import FOLDER, koriyama

IRIS = PlanIris(SHARED_BASE_IRI, "072036", "kyodo-2", 2021)
CONTEXT = Context(IRIS, read_plan_settings(FOLDER))
NAMES = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co"), exclude_characters="|"), min_size=1
).map(clean).filter(bool)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(NAMES)
def test_a_name_survives_from_record_to_answer(name: str) -> None:
    project = dataclasses.replace(koriyama().projects[0], name=name, printed_name=name)
    triples = list(project_triples(project, CONTEXT))
    subject = IRIS.project(project.key)
    expected = Literal(name, lang="ja")
    graph = Graph().parse(data=turtle(triples), format="turtle")
    assert graph.value(subject, SKOS.prefLabel) == expected
    assert set(graph) == set(triples)
    store = memory_store([nquads(triples, IRIS.graph("source"))])
    query = "SELECT ?name { ?project <http://www.w3.org/2004/02/skos/core#prefLabel> ?name }"
    assert store.select(query, {"project": subject}) == [{"name": expected}]


@settings(max_examples=200, deadline=None)
@given(NAMES, NAMES)
def test_two_names_have_one_iri_only_if_they_fold_alike(one: str, other: str) -> None:
    same = IRIS.unit((one,)) == IRIS.unit((other,))
    assert same == (folded(one) == folded(other))
    assert str(IRIS.unit((one,))).isascii()


@settings(max_examples=50, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_dump_has_the_same_bytes_in_any_order(random: object) -> None:
    triples = [t for p in koriyama().projects[:10] for t in project_triples(p, CONTEXT)]
    shuffled = list(triples)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert turtle(shuffled) == turtle(triples)
