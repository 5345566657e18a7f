"""A graph as text: exact bytes, the same for shuffled input, readable by other parsers."""

from __future__ import annotations

import hashlib
import random
import subprocess
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import BNode, Dataset, Graph, Literal, URIRef
from rdflib.compare import to_isomorphic

from kg.errors import UnpublishableTerm
from kg.iris import PlanIris
from kg.store import memory_store
from kg.term_text import engine_term
from kg.vocab import DCTERMS, RDF, SDG, SDGO, SP, XSD
from kg.writers import (
    Triple,
    canonical_hash,
    jsonld,
    nquads,
    sort_triples,
    turtle,
)
from tests.conftest import NeedsDebian

IRIS = PlanIris("https://w3id.org/jp-sdgplan/id/", "012343", "rei", 2024)
BASE = "https://w3id.org/jp-sdgplan/id/012343/plan/rei/2024"
TEN, TWO = IRIS.project("10"), IRIS.project("2")
TRIPLES: list[Triple] = [
    (TEN, DCTERMS.title, Literal("例市の事業", lang="ja")),
    (TWO, SP.target, IRIS.target("2", 10)),
    (TWO, SP.target, IRIS.target("2", 9)),
    (TWO, SP.number, Literal(2)),
    (TWO, DCTERMS.title, Literal('A "quoted" \\ title . , ; <x> dcat:y', lang="en")),
    (TWO, DCTERMS.title, Literal("引用", lang="ja")),
    (TWO, RDF.type, SP.Project),
    (TWO, RDF.type, SP.Project),
    (IRIS.target("2", 9), SP.targetValue, Literal(Decimal("1.50"))),
    (SDG["11"], RDF.type, SDGO.Goal),
]
EXPECTED = f"""\
@prefix sp: <https://w3id.org/jp-sdgplan/ns#> .
@prefix sdg: <http://metadata.un.org/sdg/> .
@prefix sdgo: <http://metadata.un.org/sdg/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .

sdg:11 a sdgo:Goal .

<{BASE}/project/2> a sp:Project ;
    dcterms:title "引用"@ja ,
        "A \\"quoted\\" \\\\ title . , ; <x> dcat:y"@en ;
    sp:number 2 ;
    sp:target <{BASE}/project/2/target/9> ,
        <{BASE}/project/2/target/10> .

<{BASE}/project/2/target/9> sp:targetValue 1.5 .

<{BASE}/project/10> dcterms:title "例市の事業"@ja .
"""

CONTROLS = "\x00\x01\t\n\r\x0b\x1f\x7f\x85\u2028\u200b\ufeff\ufffd\ufffe\uffff\U0001fffe"
NASTY = "\\uFFFE \\\\ \"'\\ 𠮷🎌" + CONTROLS


def test_turtle_is_grouped_sorted_and_declares_what_it_uses() -> None:
    assert turtle(TRIPLES).decode() == EXPECTED


def test_shuffled_triples_give_the_same_bytes() -> None:
    graph = IRIS.graph("source")
    for seed in range(20):
        shuffled = TRIPLES.copy()
        random.Random(seed).shuffle(shuffled)
        assert turtle(shuffled).decode() == EXPECTED
        assert nquads(shuffled, graph) == nquads(TRIPLES, graph)


def test_nquads_are_one_line_each_in_the_same_order() -> None:
    graph = IRIS.graph("links")
    lines = nquads(TRIPLES[:1] + TRIPLES[3:4] + TRIPLES[6:8], graph).decode()
    assert lines == (
        f"<{TWO}> <{RDF.type}> <{SP.Project}> <{graph}> .\n"
        f'<{TWO}> <{SP.number}> "2"^^<{XSD.integer}> <{graph}> .\n'
        f'<{TEN}> <{DCTERMS.title}> "例市の事業"@ja <{graph}> .\n'
    )


def test_no_triples_give_an_empty_file() -> None:
    assert turtle([]) == b""
    assert nquads([], IRIS.graph("links")) == b""


@pytest.mark.parametrize(
    ("names", "ordered"),
    [
        (["10", "9", "1", "01", "2"], ["1", "01", "2", "9", "10"]),
        (["a-b", "a/1", "a", "a/b/2", "a/b"], ["a", "a/1", "a/b", "a/b/2", "a-b"]),
        (["9" * 5000, "1" + "0" * 5000, "0"], ["0", "9" * 5000, "1" + "0" * 5000]),
    ],
)
def test_iris_are_ordered_as_people_count(names: list[str], ordered: list[str]) -> None:
    base = "https://example.org/"
    written = nquads([(URIRef(base + n), RDF.type, SP.Plan) for n in names], URIRef(base + "g"))
    subjects = [line.split(b"> ")[0].decode() for line in written.splitlines()]
    assert subjects == [f"<{base}{name}" for name in ordered]


@pytest.mark.parametrize(
    ("literal", "written"),
    [
        (Literal("007", datatype=XSD.integer, normalize=False), f'"7"^^<{XSD.integer}>'),
        (Literal("1", datatype=XSD.boolean, normalize=False), f'"true"^^<{XSD.boolean}>'),
        (Literal("0.50", datatype=XSD.decimal, normalize=False), f'"0.5"^^<{XSD.decimal}>'),
        (Literal("007"), '"007"'),
        (Literal("007", datatype=XSD.string), '"007"'),
        (Literal("x", datatype=XSD.integer, normalize=False), f'"x"^^<{XSD.integer}>'),
        (Literal("2024", datatype=XSD.gYear, normalize=False), f'"2024"^^<{XSD.gYear}>'),
    ],
)
def test_numbers_are_canonical_and_text_stays_text(literal: Literal, written: str) -> None:
    assert str(engine_term(literal)) == written


@pytest.mark.parametrize(
    ("triple", "message"),
    [
        (
            (BNode("b1"), RDF.type, SP.Plan),
            "rdflib.term.BNode('b1') is not an IRI or a literal; every resource needs an IRI of "
            "kg/iris.py.",
        ),
        (
            (URIRef("plan/1"), RDF.type, SP.Plan),
            "'plan/1' is not an IRI: No scheme found in an absolute IRI.",
        ),
        (
            (URIRef("https://example.org/a b"), RDF.type, SP.Plan),
            "'https://example.org/a b' is not an IRI: Invalid IRI code point ' '.",
        ),
        ((Literal("x"), RDF.type, SP.Plan), "A literal can be neither subject nor predicate."),
        (
            (TWO, DCTERMS.title, Literal("\ud800")),
            "'\\ud800' is not a literal: The literal value must be a str, an int, a float or a "
            "bool.",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_is_not_publishable_is_refused_by_name(triple: Triple, message: str) -> None:
    with pytest.raises(UnpublishableTerm) as refused:
        turtle([triple])
    assert str(refused.value) == message


@given(st.lists(st.text(), min_size=1, max_size=8), st.sampled_from([None, "ja", "en"]))
def test_every_text_survives_turtle_nquads_and_store(texts: list[str], lang: str | None) -> None:
    # rdflib's own Turtle reader is compared below: it takes a lone CR for a line end elsewhere
    triples: list[Triple] = [(TWO, DCTERMS.title, Literal(text, lang=lang)) for text in texts]
    graph = IRIS.graph("source")
    store = memory_store([nquads(triples, graph)])
    rows = store.select("SELECT ?title WHERE { ?project ?property ?title }")
    assert {row["title"] for row in rows} == {value for _, _, value in triples}
    read = Graph().parse(data=turtle(triples), format="turtle")
    assert {str(value) for value in read.objects()} == set(texts)


def test_turtle_is_read_alike_by_rdflib_the_store_and_rapper(
    tmp_path: Path, needs_debian: NeedsDebian
) -> None:
    triples: list[Triple] = [*TRIPLES, (TEN, DCTERMS.description, Literal(NASTY))]
    (tmp_path / "dump.ttl").write_bytes(turtle(triples))
    (tmp_path / "dump.nq").write_bytes(nquads(triples, IRIS.graph("source")))
    by_rdflib = Graph().parse(tmp_path / "dump.ttl", format="turtle")
    by_store = memory_store([tmp_path / "dump.nq"])
    assert (len(by_rdflib), by_store.quad_count()) == (10, 10)
    quads = Dataset()
    quads.parse(data=(tmp_path / "dump.nq").read_bytes(), format="nquads")
    assert to_isomorphic(by_rdflib) == to_isomorphic(quads.graph(IRIS.graph("source")))
    rapper = needs_debian("rapper", "raptor2-utils")
    done = subprocess.run(
        [rapper, "--input", "turtle", "--count", tmp_path / "dump.ttl"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Parsing returned 10 triples" in done.stderr


def triples_of(data: bytes, form: ox.RdfFormat) -> set[str]:
    """What the store engine reads, as lines."""
    return {f"{q.subject} {q.predicate} {q.object}" for q in ox.parse(data, form)}


JSON_LD = f"""\
{{"@context": {{
 "sp": "https://w3id.org/jp-sdgplan/ns#",
 "sdg": "http://metadata.un.org/sdg/",
 "sdgo": "http://metadata.un.org/sdg/ontology#",
 "xsd": "http://www.w3.org/2001/XMLSchema#",
 "dcterms": "http://purl.org/dc/terms/"
}},
"@graph": [
{{"@id": "sdg:11", "@type": ["sdgo:Goal"]}},
{{"@id": "{BASE}/project/2", "@type": ["sp:Project"], "dcterms:title": \
[{{"@language": "ja", "@value": "引用"}}, \
{{"@language": "en", "@value": "A \\"quoted\\" \\\\ title . , ; <x> dcat:y"}}], \
"sp:number": [{{"@type": "xsd:integer", "@value": "2"}}], \
"sp:target": [{{"@id": "{BASE}/project/2/target/9"}}, {{"@id": "{BASE}/project/2/target/10"}}]}},
{{"@id": "{BASE}/project/2/target/9", "sp:targetValue": \
[{{"@type": "xsd:decimal", "@value": "1.5"}}]}},
{{"@id": "{BASE}/project/10", "dcterms:title": [{{"@language": "ja", "@value": "例市の事業"}}]}}
]}}
"""


def test_json_ld_has_the_prefixes_of_turtle_and_a_line_per_resource() -> None:
    assert jsonld(TRIPLES).decode() == JSON_LD
    assert jsonld([]) == b'{"@context": {},\n"@graph": [\n\n]}\n'


def test_json_ld_is_read_as_the_same_graph_by_rdflib_and_the_engine() -> None:
    triples: list[Triple] = [
        *TRIPLES,
        (TEN, DCTERMS.description, Literal(NASTY)),
        (URIRef("sp:Project"), RDF.type, RDF.type),
        (URIRef("https://w3id.org/jp-sdgplan/ns#a/b"), SP.note, URIRef("urn:x")),
        (URIRef("https://w3id.org/jp-sdgplan/ns#"), SP.note, Literal("x", datatype=SP.number)),
    ]
    data = jsonld(triples)
    expected = triples_of(turtle(triples), ox.RdfFormat.TURTLE)
    assert len(expected) == 13
    assert '"sp"' not in data.decode()  # sp:Project is an IRI here, and no shortened one
    assert triples_of(data, ox.RdfFormat.JSON_LD) == expected
    by_rdflib = Graph().parse(data=data, format="json-ld").serialize(format="nt", encoding="utf-8")
    assert triples_of(by_rdflib, ox.RdfFormat.N_TRIPLES) == expected


@pytest.mark.parametrize(
    ("iri", "written"),
    [
        (SDG["1.a"], "sdg:1.a"),
        (SP["status-new"], "sp:status-new"),
        (URIRef(f"{SP}_a"), "sp:_a"),
        (URIRef(f"{SP}a."), f"<{SP}a.>"),
        (URIRef(f"{SP}-a"), f"<{SP}-a>"),
        (URIRef(f"{SP}a%20b"), f"<{SP}a%20b>"),
        (URIRef(f"{SP}日本"), f"<{SP}日本>"),
        (URIRef(f"{SP}a/b"), f"<{SP}a/b>"),
        (URIRef(f"{SP}"), f"<{SP}>"),
        (RDF.type, "rdf:type"),
    ],
)
def test_prefixes_are_used_where_no_escape_is_needed(iri: URIRef, written: str) -> None:
    text = turtle([(iri, DCTERMS.title, Literal("x"))])
    assert text.decode().splitlines()[-1] == f'{written} dcterms:title "x" .'
    assert [str(t.subject) for t in ox.parse(text, ox.RdfFormat.TURTLE)] == [f"<{iri}>"]


def test_rdf_is_declared_only_if_it_is_written() -> None:
    typed: list[Triple] = [(TWO, RDF.type, SP.Project)]
    assert b"@prefix rdf:" not in turtle(typed)
    assert b"@prefix rdf:" in turtle([*typed, (TWO, SP.note, RDF.type)])
    assert b"@prefix rdf:" in turtle([*typed, (TWO, SP.note, RDF.List)])


@given(
    st.lists(
        st.tuples(
            st.sampled_from([TWO, TEN, RDF.type, SDG["11"]]),
            st.sampled_from([RDF.type, SP.note, DCTERMS.title]),
            st.one_of(
                st.sampled_from([TWO, RDF.type, SP.Plan, URIRef("urn:x:,;.a")]),
                st.text().map(Literal),
                st.text().map(lambda text: Literal(text, lang="ja")),
                st.integers().map(Literal),
                st.decimals(allow_nan=False, allow_infinity=False, places=3).map(Literal),
                st.booleans().map(Literal),
                st.floats().map(Literal),
                st.dates().map(Literal),
            ),
        ),
    )
)
def test_all_forms_hold_what_the_engine_would_store(triples: list[Triple]) -> None:
    """The strict reader of the engine finds the same in each form, and the engine's own text."""
    expected = {f"{engine_term(s)} {engine_term(p)} {engine_term(o)}" for s, p, o in triples}
    ordered = sort_triples(triples)
    assert triples_of(turtle(ordered), ox.RdfFormat.TURTLE) == expected
    assert triples_of(jsonld(ordered), ox.RdfFormat.JSON_LD) == expected
    assert triples_of(nquads(ordered, URIRef("urn:g")), ox.RdfFormat.N_QUADS) == expected
    assert canonical_hash(ordered) == by_the_algorithm(triples)


def by_the_algorithm(triples: list[Triple]) -> str:
    """The hash as the engine's implementation of RDFC-1.0 gives it."""
    dataset = ox.Dataset(
        ox.Quad(engine_term(s), engine_term(p), engine_term(o))  # type: ignore[arg-type]
        for s, p, o in triples
    )
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(f"{q.subject} {q.predicate} {q.object} .\n" for q in dataset)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def test_the_canonical_hash_is_that_of_rdfc_1_0() -> None:
    # computed by PyLD 3.3.0 (URDNA2015, the same algorithm) from these triples
    assert (
        canonical_hash(TRIPLES)
        == "00bcdd283e0cbb40f2c32cb9f426fe1154cc911a889d4a32a0cd5698aa4d29c7"
    )
    nasty: list[Triple] = [*TRIPLES, (TEN, DCTERMS.description, Literal(NASTY))]
    assert canonical_hash(nasty) == by_the_algorithm(nasty)
    assert canonical_hash(nasty) != canonical_hash(TRIPLES)
    assert canonical_hash([]) == hashlib.sha256(b"").hexdigest()
