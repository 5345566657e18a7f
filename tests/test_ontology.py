"""The vocabulary, the goals, the shapes and the queries: complete and bilingual."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import BNode, Graph, URIRef
from rdflib.namespace import OWL, RDF, RDFS, SH, SKOS
from rdflib.plugins.sparql import prepareQuery

from kg.vocab import PREFIXES, SCHEMA, SDG, SDGO, SP, SPS

ROOT = Path(__file__).resolve().parent.parent
ONTOLOGY = ROOT / "ontology"
UN_GOALS = (
    ROOT.parent / "shared/reference/un-sdg/sdg-kos-goals-targets-indicators.ttl"
)  # public data beside the repository, never committed to it
QUERIES = sorted(ONTOLOGY.glob("queries/**/*.rq"))
SKOS_KINDS = {SKOS.Concept, SKOS.ConceptScheme}
PLACEHOLDER = re.compile(r"\{\?(\w+)\}")


def graph_of(name: str) -> Graph:
    return Graph().parse(ONTOLOGY / name)


TERMS, GOALS, SHAPES = graph_of("terms.ttl"), graph_of("goals.ttl"), graph_of("shapes.ttl")
NUMBERED = sorted(
    (node for node in set(SHAPES.subjects()) if re.search(r"#C\d+$", str(node))),
    key=lambda node: int(re.sub(r"\D", "", str(node).rsplit("#", 1)[1])),
)
SELECTS = [node for node in NUMBERED if (node, SH.select, None) in SHAPES]


def own_terms() -> set[URIRef]:
    return {s for s in TERMS.subjects() if isinstance(s, URIRef) and s in SP._NS}


def languages(graph: Graph, subject: URIRef, predicate: URIRef) -> list[str]:
    return sorted(o.language for o in graph.objects(subject, predicate))


def local(node: object) -> str:
    return str(node).rsplit("#", 1)[1]


def test_the_vocabulary_defines_exactly_the_terms_the_program_knows() -> None:
    known = {URIRef(str(SP._NS) + name) for name in SP._extras} | {
        URIRef(str(SP._NS) + name) for name in SP.__annotations__ if not name.startswith("_")
    }
    assert own_terms() == known


def test_every_term_has_a_name_and_an_explanation_in_both_languages() -> None:
    for term in own_terms():
        named, explained = (
            (SKOS.prefLabel, SKOS.definition)
            if SKOS_KINDS & set(TERMS.objects(term, RDF.type))
            else (RDFS.label, RDFS.comment)
        )
        assert languages(TERMS, term, named) == ["en", "ja"], term
        assert languages(TERMS, term, explained) == ["en", "ja"], term


def test_every_concept_belongs_to_a_scheme_and_is_at_its_top_or_under_another() -> None:
    for concept in TERMS.subjects(RDF.type, SKOS.Concept):
        scheme = TERMS.value(concept, SKOS.inScheme)
        assert (scheme, RDF.type, SKOS.ConceptScheme) in TERMS, concept
        at_the_top = (concept, SKOS.topConceptOf, scheme) in TERMS
        assert at_the_top != ((concept, SKOS.broader, None) in TERMS), concept


def test_every_review_status_is_counted_under_an_item_of_the_balance_table() -> None:
    for status in TERMS.subjects(SKOS.inScheme, SP["scheme-status"]):
        item = TERMS.value(status, SP.countedUnder)
        assert (item, SKOS.inScheme, SP["scheme-balance-item"]) in TERMS, status


def test_only_our_own_terms_are_given_a_domain_or_range() -> None:
    for predicate in (RDFS.domain, RDFS.range):
        assert set(TERMS.subjects(predicate)) <= own_terms()


def test_every_sp_term_named_anywhere_in_the_ontology_is_defined() -> None:
    used = {
        t
        for g in (TERMS, GOALS, SHAPES)
        for triple in g
        for t in triple
        if isinstance(t, URIRef) and t in SP._NS
    }
    text = "".join(p.read_text("utf-8") for p in (ONTOLOGY / "shapes.ttl", *QUERIES))
    used |= {URIRef(str(SP._NS) + name) for name in re.findall(r"\bsp:([A-Za-z0-9-]+)", text)}
    assert used - own_terms() == set()


def test_the_vocabulary_and_the_goals_have_no_blank_nodes() -> None:
    for graph in (TERMS, GOALS):
        assert not [term for triple in graph for term in triple if isinstance(term, BNode)]


@pytest.mark.parametrize("name", ["terms.ttl", "goals.ttl", "shapes.ttl"])
def test_turtle_files_declare_their_prefixes_in_the_order_of_the_program(name: str) -> None:
    text = (ONTOLOGY / name).read_text("utf-8")
    declared = re.findall(r"^@prefix (\w+): <([^>]+)> \.$", text, re.M)
    assert [prefix for prefix, _ in declared] == [p for p in PREFIXES if p in dict(declared)]
    assert all(PREFIXES[prefix] == namespace for prefix, namespace in declared)


def test_there_are_17_goals_with_names_in_both_languages_and_a_colour() -> None:
    assert set(GOALS.subjects()) == {SDG[str(n)] for n in range(1, 18)}
    for number in range(1, 18):
        goal = SDG[str(number)]
        assert languages(GOALS, goal, SKOS.altLabel) == ["en", "ja"]
        assert str(GOALS.value(goal, SKOS.notation)) == str(number)
        assert re.fullmatch(r"#[0-9A-F]{6}", str(GOALS.value(goal, SCHEMA.color)))
    names = {str(o) for o in GOALS.objects(SDG["15"], SKOS.altLabel)}
    assert names == {"陸の豊かさも守ろう", "Life on land"}
    assert str(GOALS.value(SDG["1"], SCHEMA.color)) == "#E5243B"


def test_every_goal_and_its_matches_are_those_of_the_united_nations() -> None:
    if not UN_GOALS.is_file():
        pytest.skip("needs the UN's SDG files in ../shared/reference/un-sdg")
    united_nations = Graph().parse(UN_GOALS)
    for goal in set(GOALS.subjects()):
        assert (goal, RDF.type, SDGO.Goal) in united_nations
        ours = set(GOALS.objects(goal, SKOS.exactMatch))
        assert ours == set(united_nations.objects(goal, SKOS.exactMatch))
        short_name = next(o for o in GOALS.objects(goal, SKOS.altLabel) if o.language == "en")
        assert short_name in set(united_nations.objects(goal, SKOS.altLabel))


def test_every_class_of_ours_has_a_shape_named_after_it() -> None:
    for term in TERMS.subjects(RDF.type, OWL.Class):
        assert (SPS[local(term)], SH.targetClass, term) in SHAPES, term


def test_every_constraint_and_property_shape_has_a_number_of_its_own() -> None:
    named = set(SHAPES.objects(None, SH.sparql)) | set(SHAPES.objects(None, SH.property))
    assert all(node in NUMBERED for node in named)
    unused = set(NUMBERED) - named
    assert {local(node) for node in unused} == {"C62"}  # a node shape with a target of its own
    uses = Counter([*SHAPES.objects(None, SH.sparql), *SHAPES.objects(None, SH.property)])
    assert max(uses.values()) == 1


def test_every_constraint_has_a_message_in_both_languages_that_begins_with_its_number() -> None:
    for node in NUMBERED:
        assert languages(SHAPES, node, SH.message) == ["en", "ja"], node
        for message in SHAPES.objects(node, SH.message):
            assert str(message).startswith(f"{local(node)} "), node


def test_both_messages_have_the_placeholders_that_the_query_returns_each_once() -> None:
    for node in NUMBERED:
        found = [sorted(PLACEHOLDER.findall(str(m))) for m in SHAPES.objects(node, SH.message)]
        query = str(SHAPES.value(node, SH.select) or "")
        head = query.strip().partition("WHERE")[0]
        returned = sorted(set(re.findall(r"\?(\w+)", head)) - {"value"})
        assert found == [returned, returned], node


def test_every_query_of_the_shapes_says_distinct_and_names_this_and_value() -> None:
    assert len(SELECTS) > 40
    for node in SELECTS:
        query = str(SHAPES.value(node, SH.select)).strip()
        assert query.startswith("SELECT DISTINCT $this ?value"), node
        for inner in re.findall(r"SELECT\b[^{]*", query)[1:]:
            assert inner.startswith("SELECT $this"), node


def test_no_query_of_the_shapes_uses_what_pyshacl_cannot_pre_bind() -> None:
    for node in SELECTS:
        assert not re.search(r"\b(VALUES|MINUS|SERVICE)\b", str(SHAPES.value(node, SH.select))), (
            node
        )


def test_warnings_stand_in_a_shape_of_their_own() -> None:
    assert list(SHAPES.subject_objects(SH.severity)) == [(SPS.PlanWarnings, SH.Warning)]
    assert set(SHAPES.objects(SPS.PlanWarnings, SH.sparql)) == {
        SPS.C14,
        SPS.C132,
        SPS.C210,
        SPS.C228,
    }


def test_all_competency_questions_and_the_cube_checks_are_there() -> None:
    names = [str(path.relative_to(ONTOLOGY / "queries")) for path in QUERIES]
    assert [name for name in names if name.startswith("cq")] == [
        f"cq{n:02}.rq" for n in range(1, 25)
    ]
    assert [name for name in names if name.startswith("cube/")] == [
        f"cube/ic{n:02}.rq" for n in (1, 2, 3, 4, 5, 11, 12, 14)
    ]


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_a_query_has_titles_and_questions_and_both_engines_read_it(path: Path) -> None:
    text = path.read_text("utf-8")
    headers = re.findall(r"^# ([\w-]+): .+$", text, re.M)
    assert headers[:4] == ["title-ja", "title-en", "question-ja", "question-en"]
    if path.stem.startswith("cq") and re.search(r"^# (?![a-z]+-[a-z]+: )", text, re.M):
        assert headers[4:] == ["note-ja"]  # what the English comments say
    prepareQuery(text)
    ox.Store().query(text)
    for prefix, namespace in re.findall(r"^PREFIX (\w+): <([^>]+)>$", text, re.M):
        assert PREFIXES[prefix] == namespace


@pytest.mark.parametrize(
    "path", [p for p in QUERIES if p.stem.startswith("cq")], ids=lambda p: p.stem
)
def test_a_competency_question_gives_each_row_once_in_a_stated_order(path: Path) -> None:
    """A triple that stands in two graphs is two rows in the store's union, hence DISTINCT."""
    text = path.read_text("utf-8")
    assert "\nORDER BY " in text
    assert "SELECT DISTINCT " in text or "COUNT(DISTINCT " in text
    assert "GROUP_CONCAT" not in text
    assert "GRAPH " not in text
