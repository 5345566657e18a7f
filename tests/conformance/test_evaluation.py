"""The query-evaluation and syntax tests of the W3C suite, through the store's answer path.

A store of ours holds the merge of its named graphs as default graph, which is no dataset that
a manifest asks for. So the quads are put into the engine as the manifest says: qt:data into
the default graph, each qt:graphData under its own IRI. The rest is `Store.answer`, the path
of every query of the endpoint, in the media type that the expected result is compared in.
"""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph

from kg.errors import QueryError
from kg.settings import Settings
from kg.store import Store
from server.errors import HttpProblem
from server.guard import check_query
from tests.conformance import results
from tests.conformance.suite import (
    MF,
    QT,
    Case,
    cases_of,
    iri_of,
    known_failures,
    require_suite,
)

require_suite()

COUNTS = {
    "aggregates": 47, "bind": 10, "bindings": 11, "cast": 6, "construct": 7, "exists": 6,
    "functions": 75, "grouping": 6, "negation": 12, "project-expression": 7,
    "property-path": 33, "subquery": 14, "csv-tsv-res": 6, "json-res": 4, "syntax-query": 94,
}  # fmt: skip
"""How many tests each group has: fewer collected ones fail."""
REFUSED = {"service": 7, "syntax-fed": 3}
"""Groups that call other endpoints, which this one does not."""
POSITIVE, NEGATIVE = "PositiveSyntaxTest11", "NegativeSyntaxTest11"
READERS = {
    ".srx": ("application/sparql-results+xml", results.from_xml),
    ".srj": ("application/sparql-results+json", results.from_json),
    ".csv": ("text/csv", results.from_csv),
    ".tsv": ("text/tab-separated-values", results.from_tsv),
}
SETTINGS = Settings()

CASES = [case for group in COUNTS for case in cases_of(group)]
KNOWN = known_failures()


def marked(case: Case) -> object:
    failure = KNOWN.get(case.name)
    marks = []
    if failure is not None:
        reason = f"{failure.reason} Instead: {failure.instead}"
        marks = [pytest.mark.xfail(reason=reason, strict=True, raises=(AssertionError, QueryError))]
    return pytest.param(case, id=case.name, marks=marks)


def store_of(case: Case) -> Store:
    engine = ox.Store()
    for path in case.files(QT.data):
        engine.load(path.read_bytes(), format_of(path), base_iri=iri_of(path))
    for path in case.files(QT.graphData):
        name = ox.NamedNode(iri_of(path))
        engine.load(path.read_bytes(), format_of(path), base_iri=iri_of(path), to_graph=name)
    return Store(engine)


def format_of(path: Path) -> ox.RdfFormat:
    found = ox.RdfFormat.from_extension(path.suffix[1:])
    assert found is not None
    return found


def query_of(case: Case) -> str:
    """The text, as a client sends it; relative IRIs are meant from the file's own IRI."""
    text = case.query_file.read_bytes().decode("utf-8")
    return f"BASE <{iri_of(case.query_file)}>\n{text}"


def answer(case: Case, query: str, media_type: str) -> bytes:
    out = io.BytesIO()
    store_of(case).answer(query, out, media_type=media_type)
    return out.getvalue()


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_a_query_of_the_suite(case: Case) -> None:
    """S-02: the evaluation gives what the manifest expects, and bad syntax is refused."""
    query = query_of(case)
    if case.kind in (POSITIVE, NEGATIVE):
        try:
            form = check_query(query, SETTINGS)
            solutions, triples = "application/sparql-results+json", "text/turtle"
            answer(case, form.text, solutions if form.gives_solutions else triples)
        except (QueryError, HttpProblem) as error:
            assert case.kind == NEGATIVE, str(error)
        else:
            assert case.kind == POSITIVE, "a query that is no SPARQL was answered"
        return
    (expected,) = case.files(MF.result)
    checked = check_query(query, SETTINGS)  # the guard lets every test pass
    if expected.suffix in READERS:
        media_type, read = READERS[expected.suffix]
        data = answer(case, checked.text, media_type)
        if media_type == "text/csv":  # RFC 4180; the suite's files have lost their CR
            assert b"\n" not in data.replace(b"\r\n", b"")
        results.assert_same(read(data), read(expected.read_bytes()))
        return
    wanted = results.from_graph(Graph().parse(expected, publicID=iri_of(expected)))
    if isinstance(wanted, Graph):
        got = Graph().parse(data=answer(case, checked.text, "text/turtle"), format="turtle")
        results.assert_same(got, wanted)
        return
    results.assert_same(
        results.from_json(answer(case, checked.text, "application/sparql-results+json")), wanted
    )


@pytest.mark.parametrize("group", [*REFUSED])
def test_queries_with_service_are_refused(group: str) -> None:
    cases = cases_of(group)
    assert len(cases) == REFUSED[group]
    for case in cases:
        with pytest.raises(HttpProblem) as refused:
            check_query(query_of(case), SETTINGS)
        assert (refused.value.status, refused.value.title) == (403, "SERVICE not allowed")


def test_every_case_of_the_suite_was_collected() -> None:
    assert Counter(case.group for case in CASES) == COUNTS


def test_every_known_failure_is_a_test_and_tells_what_to_write_instead() -> None:
    names = {case.name for case in CASES}
    assert sorted(set(KNOWN) - names) == []
    assert [f.test for f in KNOWN.values() if not (f.reason.strip() and f.instead.strip())] == []
