"""Dumps: exact bytes, the same for shuffled input, readable by three other parsers."""

from __future__ import annotations

import gzip
import random
import subprocess
import zlib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import BNode, Dataset, Graph, Literal, URIRef
from rdflib.compare import to_isomorphic

from kg.dumps import (
    Triple,
    checksums,
    compressed,
    engine_term,
    nquads,
    turtle,
    write_all,
    write_checksums,
    write_plan_dumps,
    write_shared_dump,
)
from kg.errors import UnpublishableTerm
from kg.iris import PlanIris
from kg.store import memory_store
from kg.vocab import DCTERMS, RDF, SDG, SDGO, SP, XSD
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


def graphs_of(iris: PlanIris, *, candidate: bool) -> dict[str, list[Triple]]:
    project = iris.project("1")
    graphs: dict[str, list[Triple]] = {
        "source": [(project, RDF.type, SP.Project)],
        "links": [(project, SP.statedSdgGoal, SDG["11"])],
        "report": [(iris.graph("report"), DCTERMS.title, Literal("検証", lang="ja"))],
    }
    if candidate:
        graphs["candidate"] = [(project, SP.candidateSdgGoal, SDG["3"])]
    return graphs


def test_a_plan_has_its_files_and_each_triple_its_graph(tmp_path: Path) -> None:
    write_plan_dumps(tmp_path, IRIS, graphs_of(IRIS, candidate=True))
    folder = tmp_path / "012343" / "rei" / "2024"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"{kind}.{form}"
        for kind in ("plan", "source", "links", "report", "candidate")
        for form in ("ttl", "ttl.gz", "nq", "nq.gz")
    )
    project = IRIS.project("1")
    assert (folder / "plan.nq").read_text(encoding="utf-8") == (
        f"<{project}> <{RDF.type}> <{SP.Project}> <{BASE}/graph/source> .\n"
        f"<{project}> <{SP.statedSdgGoal}> <{SDG['11']}> <{BASE}/graph/links> .\n"
    )
    assert (
        (folder / "plan.ttl")
        .read_text(encoding="utf-8")
        .endswith(f"<{project}> a sp:Project ;\n    sp:statedSdgGoal sdg:11 .\n")
    )
    for path in folder.glob("*.gz"):
        assert gzip.decompress(path.read_bytes()) == path.with_suffix("").read_bytes()


@pytest.mark.parametrize("candidate", [False, True])
def test_without_candidates_there_is_no_candidate_file(tmp_path: Path, candidate: bool) -> None:
    graphs = graphs_of(IRIS, candidate=candidate)
    write_plan_dumps(tmp_path, IRIS, graphs if candidate else {**graphs, "candidate": []})
    assert (tmp_path / "012343/rei/2024/candidate.ttl").is_file() == candidate


def members(data: bytes) -> list[bytes]:
    """The texts of a row of gzip members."""
    texts = []
    while data:
        reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
        texts.append(reader.decompress(data) + reader.flush())
        data = reader.unused_data
    return texts


def test_all_has_one_member_per_plan_in_the_order_of_the_folders(tmp_path: Path) -> None:
    later = PlanIris(IRIS.base_iri, "012343", "rei", 2025)
    other = PlanIris(IRIS.base_iri, "100005", "rei", 2021)
    for iris in (other, later, IRIS):
        write_plan_dumps(tmp_path, iris, graphs_of(iris, candidate=iris is later))
    vocabulary = URIRef(f"{IRIS.base_iri}graph/vocabulary")
    write_shared_dump(tmp_path, "vocabulary", [(SP.Plan, RDF.type, SP.Plan)], vocabulary)
    write_all(tmp_path)
    folders = [tmp_path / "012343/rei/2024", tmp_path / "012343/rei/2025"]
    folders.append(tmp_path / "100005/rei/2021")
    plans = {form: [(f / f"plan.{form}").read_bytes() for f in folders] for form in ("ttl", "nq")}
    for form, texts in plans.items():
        texts[1] += (folders[1] / f"candidate.{form}").read_bytes()
    assert members((tmp_path / "all.ttl.gz").read_bytes()) == plans["ttl"]
    assert members((tmp_path / "all.nq.gz").read_bytes()) == [
        (tmp_path / "vocabulary.nq").read_bytes(),
        *plans["nq"],
    ]
    whole = gzip.decompress((tmp_path / "all.ttl.gz").read_bytes())
    assert len(Graph().parse(data=whole, format="turtle")) == 7


def test_gzip_members_hold_no_time_no_name_and_no_system() -> None:
    data = compressed(b"plan")
    assert data[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    assert gzip.decompress(data) == b"plan"


def test_checksums_are_sorted_and_sha256sum_reads_them(tmp_path: Path) -> None:
    write_plan_dumps(tmp_path, IRIS, graphs_of(IRIS, candidate=True))
    write_all(tmp_path)
    write_checksums(tmp_path)
    lines = (tmp_path / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    names = [line.split("  ")[1] for line in lines]
    assert names == sorted(names)
    assert len(names) == 22
    assert checksums(tmp_path) == {line.split("  ")[1]: line.split("  ")[0] for line in lines}
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=False
    )
    assert done.returncode == 0
