"""Clients as people use them, against a live server (S-22, S-08).

More are in test_serve.py, test_comunica.py, test_redland.py and tests/browser.
"""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from rdflib import RDF, Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import (
    CSV,
    GET,
    JSON,
    JSONLD,
    N3,
    POST,
    POSTDIRECTLY,
    RDFXML,
    TSV,
    TURTLE,
    URLENCODED,
    XML,
    SPARQLWrapper,
)
from SPARQLWrapper import RDF as ANY_RDF

LABELS = "SELECT ?l { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?l } ORDER BY ?l LIMIT 2"
WAYS = [
    pytest.param((GET, URLENCODED), id="get"),
    pytest.param((POST, URLENCODED), id="post-form"),
    pytest.param((POST, POSTDIRECTLY), id="post-direct"),
]
FORMS = {"CONSTRUCT WHERE { ?s a sp:Project }": 1, "DESCRIBE ?s { ?s a sp:Project }": 5}
"""Query -> triples for each project."""


@pytest.fixture(scope="module")
def endpoint(start: Any) -> str:
    return f"{start().url}sparql"


@pytest.mark.parametrize("post", [False, True], ids=["get", "post"])
def test_sparql_dataframe(endpoint: str, post: bool) -> None:
    """S-22, S-10: no byte order mark, Japanese whole."""
    sparql_dataframe = pytest.importorskip("sparql_dataframe", reason="needs sparql-dataframe")
    frame = sparql_dataframe.get(endpoint, LABELS, post=post)
    assert list(frame.columns) == ["l"]
    assert list(frame["l"]) == ["事業1", "事業10"]


def test_pandas_reads_a_link(endpoint: str) -> None:
    """S-22, S-05: a link with format=csv, as put into a sheet."""
    pandas = pytest.importorskip("pandas", reason="needs pandas")
    link = f"{endpoint}?{urlencode({'query': LABELS, 'format': 'csv'})}"
    assert list(pandas.read_csv(link)["l"]) == ["事業1", "事業10"]
    excel = f"{endpoint}?{urlencode({'query': LABELS, 'format': 'excel-csv'})}"
    assert list(pandas.read_csv(excel, encoding="utf-8-sig")["l"]) == ["事業1", "事業10"]


def projects(small: Any) -> set[tuple[URIRef, URIRef, URIRef]]:
    """What says of each project that it is one."""
    return {
        (URIRef(f"{small.plan}/project/{number}"), RDF.type, URIRef(f"{small.sp}Project"))
        for number in range(1, 41)
    }


def wrapper(endpoint: str, query: str, way: tuple[str, str], name: str) -> Any:
    """What SPARQLWrapper makes of the answer; it would warn of a type that it did not expect."""
    client = SPARQLWrapper(endpoint)
    client.setQuery(query)
    method, how = way
    client.setMethod(method)
    client.setRequestMethod(how)
    client.setReturnFormat(name)
    return client.query().convert()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", [JSON, XML, CSV, TSV])
def test_sparqlwrapper_solutions(endpoint: str, way: tuple[str, str], name: str) -> None:
    """S-22, S-05: every format by every request method; none warns of an unexpected type."""
    found = wrapper(endpoint, LABELS, way, name)
    if name == JSON:
        labels = [row["l"]["value"] for row in found["results"]["bindings"]]
    elif name == XML:
        labels = [node.firstChild.data for node in found.getElementsByTagName("literal")]
    else:
        rows = found.decode("utf-8").splitlines()[1:]
        labels = [row.removesuffix("@ja").strip('"') for row in rows]
    assert labels == ["事業1", "事業10"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", [JSON, XML, CSV, TSV])
@pytest.mark.parametrize(("label", "expected"), [("事業3", "true"), ("事業0", "false")])
def test_sparqlwrapper_booleans(
    endpoint: str, way: tuple[str, str], name: str, label: str, expected: str
) -> None:
    """S-22, S-05."""
    found = wrapper(endpoint, f'ASK {{ ?s ?p "{label}"@ja }}', way, name)
    if name == JSON:
        assert json.dumps(found["boolean"]) == expected
    elif name == XML:
        assert [n.firstChild.data for n in found.getElementsByTagName("boolean")] == [expected]
    else:
        assert found.decode("utf-8").strip() == expected


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", [TURTLE, N3, RDFXML, XML, JSONLD])
@pytest.mark.parametrize("form", FORMS)
def test_sparqlwrapper_graphs(
    endpoint: str, way: tuple[str, str], name: str, form: str, small: Any
) -> None:
    """S-22, S-08."""
    found = wrapper(endpoint, f"PREFIX sp: <{small.sp}> {form}", way, name)
    graph = Graph().parse(io.BytesIO(found), format="turtle") if isinstance(found, bytes) else found
    assert set(graph.triples((None, RDF.type, None))) == projects(small)
    assert len(graph) == 40 * FORMS[form]


@pytest.mark.parametrize("way", WAYS)
def test_sparqlwrapper_rdf(endpoint: str, way: tuple[str, str], small: Any) -> None:
    """S-22, S-05: for this name it sends `format=rdf` with `*/*`, and warns of that."""
    query = f"CONSTRUCT WHERE {{ ?s a <{small.sp}Project> }}"
    with pytest.warns(RuntimeWarning, match="Sending Accept header"):
        found = wrapper(endpoint, query, way, ANY_RDF)
    assert set(found) == projects(small)


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("form", ["xml", "json", "csv", "tsv"])
def test_rdflib_sparqlstore(endpoint: str, method: str, form: str, small: Any) -> None:
    """S-22: solutions in each format that rdflib reads, of all graphs and of a named one."""
    store: Any = SPARQLStore(endpoint, method=method, returnFormat=form)
    language = None if form == "csv" else "ja"
    expected = [Literal(label, lang=language) for label in ("事業1", "事業10")]
    assert [row[0] for row in store.query(LABELS)] == expected
    links = URIRef(f"{small.plan}/graph/links")
    (count,) = store.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", queryGraph=links)
    assert int(count[0]) == 40


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize(("label", "expected"), [("事業3", True), ("事業0", False)])
def test_rdflib_sparqlstore_booleans(
    endpoint: str, method: str, form: str, label: str, expected: bool
) -> None:
    """S-22: rdflib reads a boolean in these two."""
    store: Any = SPARQLStore(endpoint, method=method, returnFormat=form)
    assert store.query(f'ASK {{ ?s ?p "{label}"@ja }}').askAnswer is expected


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("form", ["turtle", "xml", "nt", "n3", "json-ld"])
def test_rdflib_sparqlstore_graphs(endpoint: str, method: str, form: str, small: Any) -> None:
    """S-22, S-08."""
    store: Any = SPARQLStore(endpoint, method=method, returnFormat=form)
    found = store.query(f"CONSTRUCT WHERE {{ ?s a <{small.sp}Project> }}").graph
    assert set(found) == projects(small)


def test_rdflib_sparqlstore_matches_triples(endpoint: str, small: Any) -> None:
    """S-22, S-21."""
    store = Graph(store="SPARQLStore")
    store.open(endpoint)
    term = URIRef("http://www.w3.org/2004/02/skos/core#prefLabel")
    project = URIRef(f"{small.plan}/project/3")
    assert list(store.objects(project, term)) == [Literal("事業3", lang="ja")]
    assert (None, term, Literal("市民部セーフコミュニティ課", lang="ja")) in store
