"""Queries taken apart and put together for a remote store; what they mean stays the same."""

from __future__ import annotations

import pytest

from kg.query_outer import counted, outer_of, put_dataset, with_values
from kg.store import Store, memory_store

BASE = "https://w3id.org/jp-sdgplan/id/"
G1, G2, MERGED, NOWHERE = (f"urn:{name}" for name in ("g1", "g2", "merged", "none"))
QUADS = f"""<urn:a> <urn:p> <urn:b> <{G1}> .
<urn:b> <urn:p> "x" <{G1}> .
<urn:a> <urn:p> <urn:b> <{G2}> .
<urn:c> <urn:p> <urn:c> <{G2}> .
<urn:a> <urn:p> <urn:b> <{MERGED}> .
<urn:b> <urn:p> "x" <{MERGED}> .
<urn:c> <urn:p> <urn:c> <{MERGED}> .
<urn:secret> <urn:p> <urn:secret> <urn:loaded> .
""".encode()


@pytest.fixture(scope="module")
def store() -> Store:
    return memory_store([QUADS])


def put(query: str, default: tuple[str, ...] = (MERGED,), named: tuple[str, ...] = (G1, G2)) -> str:
    return put_dataset(query, BASE, default, named, NOWHERE)


def triples(store: Store, query: str) -> list[str]:
    import io

    out = io.BytesIO()
    store.answer(query, out, media_type="application/n-triples")
    return sorted(set(out.getvalue().decode().splitlines()))


@pytest.mark.parametrize(
    ("query", "head", "default", "named", "rest"),
    [
        ("SELECT * { ?s ?p ?o }", " * ", (), (), "{ ?s ?p ?o }"),
        (
            "PREFIX x: <urn:> SELECT (IF(true, 1, 2) AS ?a) FROM x:g FROM NAMED <h> WHERE {}",
            " (IF(true, 1, 2) AS ?a) ",
            ("urn:g",),
            (f"{BASE}h",),
            "WHERE {}",
        ),
        ("CONSTRUCT { ?s ?p ?o } WHERE {} LIMIT 1", " { ?s ?p ?o } ", (), (), "WHERE {} LIMIT 1"),
        ("CONSTRUCT FROM <urn:g> WHERE {}", " ", ("urn:g",), (), "WHERE {}"),
        ("CONSTRUCT WHERE {}", " ", (), (), "WHERE {}"),
        ("DESCRIBE <urn:a> # {\nLIMIT 3", " <urn:a> # {\n", (), (), "LIMIT 3"),
        ("ASK {}", " ", (), (), "{}"),
    ],
)
def test_parts(
    query: str, head: str, default: tuple[str, ...], named: tuple[str, ...], rest: str
) -> None:
    outer = outer_of(query, BASE)
    assert (outer.head, outer.default_graphs, outer.named_graphs, outer.rest) == (
        head,
        default,
        named,
        rest,
    )


def test_the_dataset_stands_before_the_group() -> None:
    assert put("SELECT ?g { GRAPH ?g { ?s ?p ?o } }") == (
        f"BASE <{BASE}> SELECT ?g \nFROM <{MERGED}>\nFROM NAMED <{G1}>\nFROM NAMED <{G2}>\n"
        "{ GRAPH ?g { ?s ?p ?o } }"
    )


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", 3),
        ("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", 4),
        ("SELECT (COUNT(*) AS ?n) { GRAPH ?g { } }", 2),
        ("SELECT (COUNT(*) AS ?n) { GRAPH ?g # {}\n{ # }\n } }", 2),
        (f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{G1}> {{ ?s ?p ?o }} }}", 2),
        ("SELECT (COUNT(*) AS ?n) { GRAPH <urn:loaded> { ?s ?p ?o } }", 0),
        (f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{MERGED}> {{ ?s ?p ?o }} }}", 0),
        ("PREFIX u: <urn:> SELECT (COUNT(*) AS ?n) { GRAPH u:loaded { ?s ?p ?o } }", 0),
        ("PREFIX u: <urn:> SELECT (COUNT(*) AS ?n) { GRAPH u:g2 { ?s ?p ?o } }", 2),
        ("BASE <urn:> SELECT (COUNT(*) AS ?n) { GRAPH <urn:g2> { ?s ?p ?o } }", 2),
        ('SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(?o != "GRAPH ?g {}") }', 3),
        ("SELECT (COUNT(*) AS ?n) { ?graph ?p ?o }", 3),
    ],
)
def test_a_query_sees_its_dataset_and_nothing_else(store: Store, query: str, count: int) -> None:
    (row,) = store.select(put(query))
    assert int(row["n"]) == count


def test_an_empty_part_of_the_dataset_is_named(store: Store) -> None:
    query = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert f"FROM NAMED <{NOWHERE}>" in put(query, (G1,), ())
    (row,) = store.select(put(query, (G1,), ()))
    assert int(row["n"]) == 0
    (row,) = store.select(put("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", (), (G1,)))
    assert int(row["n"]) == 0


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("DESCRIBE <urn:a>", {"a"}),
        ("DESCRIBE <urn:a> <urn:b>", {"a", "b"}),
        ("PREFIX u: <urn:> DESCRIBE u:c", {"c"}),
        ('DESCRIBE ?x { ?x <urn:p> "x" }', {"b"}),
        ("DESCRIBE ?x { ?x <urn:p> ?y } ORDER BY ?x LIMIT 1", {"a"}),
        ("DESCRIBE ?x <urn:c> { <urn:a> ?p ?x }", {"b", "c"}),
        ('DESCRIBE * { ?x <urn:p> ?y FILTER(isIRI(?y)) FILTER NOT EXISTS { ?x ?q "x" } }',
         {"a", "b", "c"}),
        ("DESCRIBE ?sdgplanOwnR { ?sdgplanOwnR <urn:p> <urn:c> }", {"c"}),
        ("DESCRIBE <urn:none>", set()),
    ],
)  # fmt: skip
def test_describe_tells_what_is_said_of_the_resources(
    store: Store, query: str, subjects: set[str]
) -> None:
    found = triples(store, put(query))
    assert {line.partition(">")[0].removeprefix("<urn:") for line in found} == subjects


def test_rows_behind_a_graph_are_counted(store: Store) -> None:
    for query, rows in (
        ("CONSTRUCT { <urn:x> <urn:y> <urn:z> } WHERE { ?s ?p ?o }", 3),
        ("CONSTRUCT WHERE { ?s ?p ?o }", 3),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 2", 2),
        ("DESCRIBE ?x { ?x <urn:p> <urn:b> }", 1),
    ):
        (row,) = store.select(counted(put(query), BASE))
        assert int(row["rows"]) == rows


def test_values_stand_where_the_group_begins(store: Store) -> None:
    query = with_values("SELECT ?s ?o WHERE { ?s ?p ?o }", {"s": "<urn:c>"})
    assert query == "SELECT ?s ?o WHERE { VALUES ?s { <urn:c> }  ?s ?p ?o }"
    assert len(store.select(put(query))) == 1
