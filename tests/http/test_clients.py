"""Clients as people use them, against a live server (S-22, S-08): more are in test_serve.py."""

from __future__ import annotations

import io
import warnings
from typing import Any
from urllib.parse import urlencode

import pytest
from rdflib import Graph, Literal, URIRef
from SPARQLWrapper import CSV, JSON, JSONLD, N3, RDFXML, TSV, TURTLE, XML, SPARQLWrapper

LABELS = "SELECT ?l { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?l } ORDER BY ?l LIMIT 2"
GRAPH = "CONSTRUCT WHERE { ?s a <https://w3id.org/jp-sdgplan/ns#Project> }"


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


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("how", ["urlencoded", "postdirectly"])
@pytest.mark.parametrize("name", [JSON, XML, CSV, TSV])
def test_sparqlwrapper_solutions(endpoint: str, method: str, how: str, name: str) -> None:
    """S-22, S-05: every format by every request method; none warns of an unexpected type."""
    if method == "GET" and how == "postdirectly":
        return
    client = SPARQLWrapper(endpoint)
    client.setQuery(LABELS)
    client.setMethod(method)
    client.setRequestMethod(how)
    client.setReturnFormat(name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = client.query().convert()
    if name == JSON:
        labels = [row["l"]["value"] for row in found["results"]["bindings"]]
    elif name == XML:
        labels = [node.firstChild.data for node in found.getElementsByTagName("literal")]
    else:
        rows = found.decode("utf-8").splitlines()[1:]
        labels = [row.removesuffix("@ja").strip('"') for row in rows]
    assert labels == ["事業1", "事業10"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", [TURTLE, N3, RDFXML, XML, JSONLD])
def test_sparqlwrapper_graphs(endpoint: str, method: str, name: str) -> None:
    """S-22, S-08."""
    client = SPARQLWrapper(endpoint)
    client.setQuery(GRAPH)
    client.setMethod(method)
    client.setReturnFormat(name)
    found = client.query().convert()
    graph = Graph().parse(io.BytesIO(found), format="turtle") if isinstance(found, bytes) else found
    assert len(graph) == 40


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("form", ["xml", "json", "csv", "tsv"])
def test_rdflib_sparqlstore(endpoint: str, method: str, form: str, small: Any) -> None:
    """S-22: solutions in each format that rdflib reads, and a pattern over a named graph."""
    store = Graph(store="SPARQLStore")
    store.store.method = method
    store.store.returnFormat = form
    store.open(endpoint)
    labels = [str(row[0]) for row in store.query(LABELS)]
    assert labels == ["事業1", "事業10"]


def test_rdflib_sparqlstore_matches_triples(endpoint: str, small: Any) -> None:
    """S-22, S-21."""
    store = Graph(store="SPARQLStore")
    store.open(endpoint)
    term = URIRef("http://www.w3.org/2004/02/skos/core#prefLabel")
    project = URIRef(f"{small.plan}/project/3")
    assert list(store.objects(project, term)) == [Literal("事業3", lang="ja")]
    assert (None, term, Literal("市民部セーフコミュニティ課", lang="ja")) in store
