"""What the endpoint answers with: types, forms and file names (S-07 to S-12, S-21)."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from rdflib import Dataset, Graph, Literal, URIRef

from tests.http.asking import DIRECT, JSON, LABELS, ask


@pytest.mark.parametrize(
    ("accept", "content_type", "start"),
    [
        (None, JSON, b'{"head":{"vars":["l"]}'),
        ("application/sparql-results+xml", "application/sparql-results+xml; charset=utf-8", b"<?x"),
        ("text/csv", "text/csv; charset=utf-8", "l\r\n事業1\r\n".encode()),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8", b"?l\n"),
    ],
)
def test_solutions_in_each_format(
    client: FlaskClient, accept: str | None, content_type: str, start: bytes
) -> None:
    """S-09, S-10."""
    answer = ask(client, LABELS, accept)
    assert (answer.status_code, answer.content_type) == (200, content_type)
    assert answer.data.startswith(start)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("json", b'{"head":{},"boolean":true}'),
        ("csv", b"true"),
        ("tsv", b"true"),
        ("xml", b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#">'
                b"<head></head><boolean>true</boolean></sparql>"),
    ],
)  # fmt: skip
def test_a_boolean_in_each_format(client: FlaskClient, name: str, body: bytes) -> None:
    """S-09."""
    assert ask(client, "ASK { ?s ?p ?o }", format=name).data == body


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # rdflib's own parsers
@pytest.mark.parametrize(
    ("name", "content_type", "parser"),
    [
        ("turtle", "text/turtle; charset=utf-8", "turtle"),
        ("nt", "application/n-triples; charset=utf-8", "nt"),
        ("rdf", "application/rdf+xml; charset=utf-8", "xml"),
        ("jsonld", "application/ld+json; charset=utf-8", "json-ld"),
        ("trig", "application/trig; charset=utf-8", "trig"),
        ("nquads", "application/n-quads; charset=utf-8", "nquads"),
    ],
)
def test_triples_in_each_format(
    client: FlaskClient, name: str, content_type: str, parser: str
) -> None:
    """S-09."""
    query = "CONSTRUCT WHERE { ?s a <https://w3id.org/jp-sdgplan/ns#Project> }"
    answer = ask(client, query, format=name)
    assert (answer.status_code, answer.content_type) == (200, content_type)
    into = Dataset(default_union=True) if parser in ("trig", "nquads") else Graph()
    into.parse(data=answer.data, format=parser)
    assert len(into) == 40


def test_describe_gives_turtle(client: FlaskClient, small: SimpleNamespace) -> None:
    """S-07."""
    answer = ask(client, f"DESCRIBE <{small.plan}/project/1>")
    assert answer.content_type == "text/turtle; charset=utf-8"
    assert len(Graph().parse(data=answer.data, format="turtle")) == 5


def test_variables_are_listed_without_solutions(client: FlaskClient) -> None:
    """S-12."""
    assert ask(client, "SELECT ?a ?b { ?a <http://none/> ?b }").data == (
        b'{"head":{"vars":["a","b"]},"results":{"bindings":[]}}'
    )


def test_csv_has_a_byte_order_mark_only_for_excel(client: FlaskClient) -> None:
    """S-10."""
    plain = ask(client, LABELS, format="csv").data
    assert not plain.startswith(b"\xef\xbb\xbf")
    assert ask(client, LABELS, format="excel-csv").data == b"\xef\xbb\xbf" + plain
    assert ask(client, LABELS, format="csv", bom="1").data == b"\xef\xbb\xbf" + plain
    assert [*csv.reader(io.StringIO(plain.decode()))] == [["l"], ["事業1"], ["事業10"]]


def test_download_names_a_file(client: FlaskClient) -> None:
    """S-11."""
    assert "Content-Disposition" not in ask(client, LABELS).headers
    assert ask(client, LABELS, format="csv", download="1").headers["Content-Disposition"] == (
        "attachment; filename=\"result.csv\"; filename*=UTF-8''result.csv"
    )


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
GRAPH = "CONSTRUCT WHERE { ?s a <https://w3id.org/jp-sdgplan/ns#Project> }"
RESULTS_JSON = "application/sparql-results+json"
RESULTS_XML = "application/sparql-results+xml"
WRAPPER_JSON = f"{RESULTS_JSON},application/json,text/javascript,application/javascript"
WRAPPER_RDF = (
    "application/turtle,text/turtle,text/rdf+n3,application/n-triples,application/n3,text/n3"
)
JENA = (
    f"{RESULTS_JSON}, {RESULTS_XML};q=0.9, text/tab-separated-values;q=0.7, text/csv;q=0.5, "
    "application/json;q=0.2, application/xml;q=0.2, */*;q=0.1"
)
JENA_GRAPH = (
    "text/turtle,application/n-triples;q=0.9,application/rdf+xml;q=0.7,application/trig,"
    "application/n-quads;q=0.9,application/ld+json;q=0.8,*/*;q=0.5"
)


@pytest.mark.parametrize(
    ("accept", "solutions", "graphs"),
    [
        (None, RESULTS_JSON, "text/turtle"),
        ("*/*", RESULTS_JSON, "text/turtle"),
        (BROWSER, RESULTS_XML, "application/rdf+xml"),
        (WRAPPER_JSON, RESULTS_JSON, "application/ld+json"),
        (f"application/x-sparqlstar-results+json,{WRAPPER_JSON}", RESULTS_JSON, None),
        (WRAPPER_RDF, None, "text/turtle"),
        (f"{RESULTS_XML}", RESULTS_XML, None),
        (f"{RESULTS_XML}, application/rdf+xml", RESULTS_XML, "application/rdf+xml"),
        ("text/csv", "text/csv", None),
        ("text/csv, */*", "text/csv", "text/turtle"),
        (f"{RESULTS_JSON};q=1.0,{RESULTS_XML};q=0.7", RESULTS_JSON, None),
        (f"{RESULTS_JSON},*/*;q=0.9", RESULTS_JSON, "text/turtle"),
        ("application/n-triples,*/*;q=0.9", None, "application/n-triples"),
        (JENA, RESULTS_JSON, None),
        (JENA_GRAPH, None, "text/turtle"),
        (f"{RESULTS_JSON}, {RESULTS_XML}", RESULTS_JSON, None),
        ("text/turtle, application/x-turtle, */*;q=0.1", None, "text/turtle"),
        (f"{RESULTS_JSON},text/turtle", RESULTS_JSON, "text/turtle"),
        ("application/json", RESULTS_JSON, "application/ld+json"),
        ("text/javascript", RESULTS_JSON, None),
        ("application/x-turtle", None, "text/turtle"),
        ("application/turtle", None, "text/turtle"),
        ("text/n3", None, "text/turtle"),
        ("text/rdf+n3", None, "text/turtle"),
    ],
    ids=[
        "none", "any", "browser", "SPARQLWrapper", "SPARQLWrapper-head", "SPARQLWrapper-rdf",
        "rdflib", "R", "sparql-dataframe", "pandas", "Comunica", "YASGUI", "YASGUI-graph", "Jena",
        "Jena-graph", "Oxigraph", "rdflib-from", "VS-Code", "json", "javascript", "x-turtle",
        "application-turtle", "n3", "rdf-n3",
    ],
)  # fmt: skip
def test_each_client_gets_a_type_it_reads(
    client: FlaskClient, accept: str | None, solutions: str | None, graphs: str | None
) -> None:
    """S-07, S-08: by the form of the query; None = this client does not ask such a query so."""
    if solutions is not None:
        for query in (LABELS, "ASK { ?s ?p ?o }"):
            answer = ask(client, query, accept)
            assert (answer.status_code, answer.mimetype) == (200, solutions)
            assert answer.mimetype_params == {"charset": "utf-8"}
    if graphs is not None:
        for query in (GRAPH, "DESCRIBE <http://metadata.un.org/sdg/1>"):
            answer = ask(client, query, accept)
            assert (answer.status_code, answer.mimetype) == (200, graphs)
            assert answer.mimetype_params == {"charset": "utf-8"}


def test_html_alone_is_no_form_of_an_answer(client: FlaskClient) -> None:
    """S-07: a 406 that says what to ask for, never a page."""
    answer = ask(client, LABELS, "text/html;q=1")
    assert answer.status_code == 406
    assert "application/sparql-results+json" in answer.text


JAPANESE = "http://例.jp/事業/セーフコミュニティ?名=%E9%83%A1#山"
TEXT = '髙﨑市 "①" 𠮷野家\n〜／㈱'


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_japanese_comes_back_as_it_was_sent(client: FlaskClient, name: str) -> None:
    """S-21: IRIs, percent-encoded and not, and texts, in solutions of each format."""
    query = f"SELECT (<{JAPANESE}> AS ?i) ({quoted(TEXT)}@ja AS ?t) {{}}"
    for answer in (
        ask(client, query, format=name),
        client.post(f"/sparql?format={name}", data=query.encode(), content_type=DIRECT),
    ):
        assert answer.mimetype_params == {"charset": "utf-8"}
        if name == "json":
            (row,) = json.loads(answer.data)["results"]["bindings"]
            found = [row["i"]["value"], row["t"]["value"]]
        elif name == "csv":
            found = [*csv.reader(io.StringIO(answer.text, newline=""))][1]
        elif name == "tsv":
            found = answer.text.split("\n")[1].split("\t")
            found = [found[0][1:-1], json.loads(found[1].removesuffix("@ja"))]
        else:
            root = ElementTree.fromstring(answer.data)
            found = [text for e in root.iter() if (text := e.text) and not text.isspace()]
        assert found == [JAPANESE, TEXT]


@pytest.mark.parametrize(
    ("name", "parser"), [("turtle", "turtle"), ("nt", "nt"), ("rdf", "xml"), ("jsonld", "json-ld")]
)
def test_japanese_in_graphs_comes_back_as_it_was_sent(
    client: FlaskClient, name: str, parser: str
) -> None:
    """S-21."""
    query = f"CONSTRUCT {{ <{JAPANESE}> <http://例.jp/名> {quoted(TEXT)}@ja }} {{}}"
    answer = ask(client, query, format=name)
    assert answer.mimetype_params == {"charset": "utf-8"}
    assert set(Graph().parse(data=answer.data, format=parser)) == {
        (URIRef(JAPANESE), URIRef("http://例.jp/名"), Literal(TEXT, lang="ja"))
    }


def test_a_spreadsheet_gets_texts_as_texts(client: FlaskClient) -> None:
    query = (
        'SELECT ?x WHERE { VALUES ?x { "=1+1" "@SUM(1)" "+a" "-b" "-5" "-2.5e3" "例, \\"市\\"" } }'
    )
    plain = ask(client, query, format="csv").data.decode("utf-8").split("\r\n")
    assert plain[1:5] == ["=1+1", "@SUM(1)", "+a", "-b"]
    sheet = ask(client, query, format="excel-csv")
    assert sheet.data.decode("utf-8") == (
        '\ufeffx\r\n\'=1+1\r\n\'@SUM(1)\r\n\'+a\r\n\'-b\r\n-5\r\n-2.5e3\r\n"例, ""市"""\r\n'
    )
    assert sheet.headers["Content-Length"] == str(len(sheet.data))


@pytest.mark.parametrize("character", ["\\u0001", "\\u000B", "\\uFFFE", "\\uFFFF"])
@pytest.mark.parametrize(
    ("query", "accept"),
    [
        ('SELECT ("a{}b" AS ?x) {{}}', "application/sparql-results+xml"),
        ('CONSTRUCT {{ <http://a/> <http://b/c> "a{}b" }} {{}}', "application/rdf+xml"),
    ],
    ids=["solutions", "graph"],
)
def test_what_xml_cannot_hold_is_an_error_and_no_broken_xml(
    client: FlaskClient, query: str, accept: str, character: str
) -> None:
    """S-19: other formats hold it."""
    text = query.format(character)
    refused = client.get("/sparql", query_string={"query": text}, headers={"Accept": accept})
    assert refused.status_code == 406
    assert refused.get_json(force=True)["detail"] == (
        f"The answer holds the character U+{character[2:]}, which XML cannot hold. "
        "Ask for JSON or CSV, or a graph as Turtle or JSON-LD."
    )
    assert client.get("/sparql", query_string={"query": text}).status_code == 200
