"""The store: the query forms, the dataset rules, bindings, errors, and the two kinds of store/."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef

import kg.store_update
from kg.errors import FormatError, QueryError, ReleaseError
from kg.query_text import query_form
from kg.store import GRAPH_FORMATS, Store, memory_store, open_release
from kg.vocab import DCTERMS, XSD
from tests.releases import write_store

EX = "https://example.org/"
NQUADS = (
    f'<{EX}a> <{DCTERMS.title}> "例市"@ja <{EX}g1> .\n'
    f'<{EX}b> <{DCTERMS.title}> "7"^^<{XSD.integer}> <{EX}g2> .\n'
).encode()
SUBJECTS = "SELECT ?s WHERE { ?s ?p ?o } ORDER BY ?s"


@pytest.fixture
def store() -> Store:
    return memory_store([NQUADS])


def answer(
    store: Store,
    query: str,
    media_type: str = "text/csv",
    default_graphs: Sequence[str] | None = None,
    named_graphs: Sequence[str] | None = None,
) -> str:
    out = io.BytesIO()
    store.answer(
        query,
        out,
        media_type=media_type,
        default_graphs=default_graphs,
        named_graphs=named_graphs,
    )
    return out.getvalue().decode()


def rows(text: str) -> list[str]:
    return text.split("\r\n")[1:-1]


@pytest.mark.parametrize(
    ("media_type", "solutions", "boolean"),
    [
        ("text/csv", f"s\r\n{EX}a\r\n{EX}b\r\n", "true"),
        ("text/tab-separated-values", f"?s\n<{EX}a>\n<{EX}b>\n", "true"),
        (
            "application/sparql-results+json",
            '{"head":{"vars":["s"]},"results":{"bindings":['
            f'{{"s":{{"type":"uri","value":"{EX}a"}}}},{{"s":{{"type":"uri","value":"{EX}b"}}}}]}}}}',
            '{"head":{},"boolean":true}',
        ),
        (
            "application/sparql-results+xml",
            '<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head>'
            '<variable name="s"/></head><results>'
            f'<result><binding name="s"><uri>{EX}a</uri></binding></result>'
            f'<result><binding name="s"><uri>{EX}b</uri></binding></result></results></sparql>',
            '<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head>'
            "</head><boolean>true</boolean></sparql>",
        ),
    ],
)
def test_solutions_and_booleans_in_each_form(
    store: Store, media_type: str, solutions: str, boolean: str
) -> None:
    assert answer(store, SUBJECTS, media_type) == solutions
    assert answer(store, "ASK { ?s ?p ?o }", media_type) == boolean


@pytest.mark.parametrize(
    ("media_type", "rdflib_format"),
    list(zip(GRAPH_FORMATS, ["turtle", "nt", "xml", "json-ld", "turtle", "nt"], strict=True)),
)
def test_graphs_in_each_form(store: Store, media_type: str, rdflib_format: str) -> None:
    text = answer(store, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", media_type)
    graph = Graph().parse(data=text, format=rdflib_format)
    assert set(graph) == {
        (URIRef(f"{EX}a"), DCTERMS.title, Literal("例市", lang="ja")),
        (URIRef(f"{EX}b"), DCTERMS.title, Literal(7)),
    }


def test_turtle_answers_use_our_prefixes(store: Store) -> None:
    text = answer(store, f"DESCRIBE <{EX}a>", "text/turtle")
    assert "@prefix dcterms: <http://purl.org/dc/terms/> .\n" in text
    assert text.endswith(f'<{EX}a> dcterms:title "例市"@ja .\n')


@pytest.mark.parametrize(
    ("query", "media_type", "message"),
    [
        (
            "ASK {}",
            "text/turtle",
            "text/turtle cannot hold the answer. This query gives solutions; ask for "
            "application/sparql-results+json, application/sparql-results+xml, text/csv, "
            "text/tab-separated-values.",
        ),
        (
            "CONSTRUCT WHERE { ?s ?p ?o }",
            "text/csv",
            "text/csv cannot hold the answer. This query gives a graph; ask for text/turtle, "
            "application/n-triples, application/rdf+xml, application/ld+json, application/trig, "
            "application/n-quads.",
        ),
    ],
)
def test_a_form_that_does_not_fit_is_refused(
    store: Store, query: str, media_type: str, message: str
) -> None:
    with pytest.raises(FormatError) as refused:
        answer(store, query, media_type)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("query", "default_graphs", "named_graphs", "expected"),
    [
        # no dataset: the union of all
        (SUBJECTS, None, None, ["a", "b"]),
        # the query's own
        (f"SELECT ?s FROM <{EX}g1> {{ ?s ?p ?o }}", None, None, ["a"]),
        (f"SELECT ?s from<{EX}g2> {{ ?s ?p ?o }}", None, None, ["b"]),
        (f"SELECT ?s FROM NAMED <{EX}g1> {{ ?s ?p ?o }}", None, None, []),
        (f"SELECT ?s FROM NAMED <{EX}g1> {{ GRAPH ?g {{ ?s ?p ?o }} }}", None, None, ["a"]),
        # the protocol's, which replaces the query's
        (SUBJECTS, [f"{EX}g2"], None, ["b"]),
        (SUBJECTS, [f"{EX}g2", f"{EX}g1"], None, ["a", "b"]),
        (SUBJECTS, [f"{EX}none"], None, []),
        (SUBJECTS, [], None, []),
        (SUBJECTS, None, [f"{EX}g1"], []),
        ("SELECT ?s { GRAPH ?g { ?s ?p ?o } }", None, [f"{EX}g1"], ["a"]),
        ("SELECT ?s { GRAPH ?g { ?s ?p ?o } }", [f"{EX}g1"], None, []),
        (f"SELECT ?s FROM <{EX}g1> {{ ?s ?p ?o }}", [f"{EX}g2"], None, ["b"]),
        (f"SELECT ?s FROM NAMED <{EX}g1> {{ GRAPH ?g {{ ?s ?p ?o }} }}", None, [f"{EX}g2"], ["b"]),
    ],
)
def test_the_dataset_is_the_union_the_querys_or_the_protocols(
    store: Store,
    query: str,
    default_graphs: list[str] | None,
    named_graphs: list[str] | None,
    expected: list[str],
) -> None:
    found = rows(answer(store, query, default_graphs=default_graphs, named_graphs=named_graphs))
    assert found == [EX + name for name in expected]


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("# ask\nPREFIX ask: <x:describe> construct { ?s ?p ?o } { ?s ?p ?o }", "CONSTRUCT"),
        ("BASE <x:SELECT> ask{}", "ASK"),
        ("DESCRIBE <x:a>", "DESCRIBE"),
        ("INSERT DATA {}", None),
        ("", None),
    ],
)
def test_the_form_of_a_query_is_told_from_words_like_it(query: str, form: str | None) -> None:
    assert query_form(query) == form


def test_a_triple_of_two_graphs_is_one_triple_of_the_default_graph() -> None:
    line = f'<{EX}a> <{EX}count> "7"^^<{XSD.integer}> <{EX}%s> .\n'
    store = memory_store([(line % "g1").encode(), (line % "g2").encode()])
    assert store.select("SELECT (SUM(?n) AS ?sum) { ?s ?p ?n }") == [{"sum": Literal(7)}]
    assert len(store.select("SELECT ?g { GRAPH ?g { ?s ?p ?n } }")) == 2
    assert store.quad_count() == 2


def test_bindings_are_terms_wherever_the_variable_stands(store: Store) -> None:
    seven = Literal(7)
    filtered = "SELECT ?s WHERE { ?s ?p ?o FILTER(?o = ?wanted) }"
    assert store.select(filtered, {"wanted": seven}) == [{"s": URIRef(f"{EX}b")}]
    projected = "SELECT ?s ?wanted WHERE { { SELECT * { ?s ?p ?wanted } } }"
    assert store.select(projected, {"wanted": seven}) == [{"s": URIRef(f"{EX}b"), "wanted": seven}]
    hostile = Literal('" } # \\ ?s {', lang="ja")
    assert store.select("SELECT ?s WHERE { ?s ?p ?wanted }", {"wanted": hostile}) == []
    out = io.BytesIO()
    query = "ASK { ?wanted ?p ?o }"
    store.answer(query, out, media_type="text/csv", bindings={"wanted": URIRef(f"{EX}a")})
    assert out.getvalue() == b"true"


def test_select_gives_rdflib_terms_and_leaves_out_what_is_unbound(store: Store) -> None:
    assert store.select("SELECT ?o ?none WHERE { ?s ?p ?o } ORDER BY ?s") == [
        {"o": Literal("例市", lang="ja")},
        {"o": Literal(7)},
    ]


@pytest.mark.parametrize(
    ("query", "message", "line", "column"),
    [
        (
            "SELECT * WHERE { ?s ?p }",
            "The query cannot be read at line 1, column 25: expected one of LATERAL, SERVICE, [_].",
            1,
            25,
        ),
        (
            "SELECT *\n WHERE { ?s ex:p ?o }",
            "The query cannot be read at line 2, column 18: expected OPTIONAL.",
            2,
            18,
        ),
        (
            "SELECT * { ?s ?p '\ud800' }",
            "The query has half of a surrogate pair; send it as UTF-8.",
            None,
            None,
        ),
    ],
)
def test_a_text_that_cannot_be_read_is_told_with_its_place(
    store: Store, query: str, message: str, line: int | None, column: int | None
) -> None:
    with pytest.raises(QueryError) as refused:
        answer(store, query)
    assert (str(refused.value), refused.value.line, refused.value.column) == (
        message,
        line,
        column,
    )


def test_updates_and_graphs_that_are_no_iris_are_refused(store: Store) -> None:
    with pytest.raises(QueryError, match="cannot be read at line 1"):
        answer(store, "INSERT DATA { <x:a> <x:b> <x:c> }")
    with pytest.raises(QueryError) as refused:
        answer(store, SUBJECTS, default_graphs=["g 1"])
    assert str(refused.value).startswith("A graph of the dataset is not an IRI: ")
    with pytest.raises(QueryError) as refused:
        store.select("ASK {}")
    assert str(refused.value) == "Only a SELECT query has solutions."


class Receiver(io.BytesIO):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def write(self, data: object) -> int:
        raise self.error


@pytest.mark.parametrize(
    "error", [BrokenPipeError(32, "gone"), ValueError("too large"), RuntimeError("mine")]
)
@pytest.mark.parametrize("form", ["text/csv", "text/turtle", "application/n-triples"])
def test_what_the_receiver_raises_comes_through(store: Store, error: Exception, form: str) -> None:
    query = SUBJECTS if form == "text/csv" else "CONSTRUCT WHERE { ?s ?p ?o }"
    with pytest.raises(type(error)) as raised:
        store.answer(query, Receiver(error), media_type=form)
    assert raised.value is error


def test_a_small_release_is_one_file_and_is_read_from_memory(tmp_path: Path) -> None:
    more = NQUADS.split(b"\n")[0].replace(b"g1", b"g3") + b"\n"
    assert write_store(tmp_path / "store", NQUADS, more) == 3
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["quads.nq.gz"]
    store = open_release(tmp_path)
    assert store.quad_count() == 3
    assert store.graph_names() == [f"{EX}g1", f"{EX}g2", f"{EX}g3"]


def test_a_large_release_is_read_from_disk_and_reading_changes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kg.store_update, "MEMORY_QUADS", 1)
    assert write_store(tmp_path / "store", NQUADS) == 2
    assert not (tmp_path / "store" / "quads.nq.gz").exists()
    before = {path: path.read_bytes() for path in (tmp_path / "store").iterdir()}
    readers = [open_release(tmp_path), open_release(tmp_path)]
    for reader in readers:
        assert rows(answer(reader, SUBJECTS)) == [f"{EX}a", f"{EX}b"]
        assert reader.quad_count() == 2
    assert {path: path.read_bytes() for path in (tmp_path / "store").iterdir()} == before


def test_a_store_that_is_absent_or_damaged_is_a_release_error(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="is not a readable store"):
        open_release(tmp_path)
    write_store(tmp_path / "store", NQUADS)
    whole = (tmp_path / "store" / "quads.nq.gz").read_bytes()
    for damaged in (whole[:-12], b"no gzip", whole[:20] + b"?" + whole[21:]):
        (tmp_path / "store" / "quads.nq.gz").write_bytes(damaged)
        with pytest.raises(ReleaseError, match="is not a readable store"):
            open_release(tmp_path)


def test_quads_that_are_no_quads_are_a_release_error(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"0\.nq\.gz is not N-Quads"):
        write_store(tmp_path / "store", b"<x:a> <x:b> .\n")


def test_no_quads_are_an_empty_store(tmp_path: Path) -> None:
    assert write_store(tmp_path / "store") == 0
    store = open_release(tmp_path)
    assert (store.quad_count(), store.graph_names()) == (0, [])
    empty = answer(store, SUBJECTS, "application/sparql-results+json")
    assert json.loads(empty)["results"]["bindings"] == []
