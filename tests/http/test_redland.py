"""Redland's tools as clients of live servers (S-22): roqet asks, rapper reads what is linked.

roqet sends every query by GET, percent-encodes even letters, and takes solutions as XML only, so
it reads no boolean and no triples of an endpoint; it gives them itself, from what it fetches.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import urllib.request
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from rdflib import FOAF, RDF, SKOS, XSD, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.query import Result
from rdflib.term import Node

from tests.conftest import NeedsDebian

RUN_S = 60
LABEL = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
LABELS = f"SELECT ?s ?l {{ ?s {LABEL} ?l }} ORDER BY ?l LIMIT 2"
TERMS = """SELECT ?text ?number ?thing ?nothing {
  VALUES (?text ?number ?thing ?nothing) {
    ("郡山市 <&> \\"𠮷\\"\\n次"@ja 3 <http://例.jp/ア> UNDEF)
    ("" 1.5 "1"^^<http://example.org/t> true)
  }
}"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def roqet(needs_debian: NeedsDebian) -> Run:
    return runner(needs_debian("roqet", "rasqal-utils"))


@pytest.fixture
def rapper(needs_debian: NeedsDebian) -> Run:
    return runner(needs_debian("rapper", "raptor2-utils"))


def runner(program: str) -> Run:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [program, "-q", *arguments], capture_output=True, check=False, timeout=RUN_S
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return run


def printed(done: subprocess.CompletedProcess[str]) -> str:
    """What it printed, if it ended well and complained of nothing."""
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def endpoint(start: Any) -> str:
    return f"{start().url}sparql"


def address(endpoint: str, query: str, **more: str) -> str:
    """The URL of the answer of a query."""
    return f"{endpoint}?{urlencode({'query': query, **more})}"


def read(url: str, accept: str, parser: str) -> Graph:
    """The document as rdflib has it."""
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=RUN_S) as answer:
        assert answer.headers.get_content_type() == accept
        return Graph().parse(data=answer.read(), format=parser)


@pytest.mark.parametrize(
    ("form", "rows"),
    [
        ("csv", ["s,l", "{}1,事業1", "{}10,事業10"]),
        ("tsv", ["?s\t?l", '<{}1>\t"事業1"@ja', '<{}10>\t"事業10"@ja']),
    ],
)
def test_roqet_prints_the_solutions_of_an_endpoint(
    roqet: Run, endpoint: str, small: SimpleNamespace, form: str, rows: list[str]
) -> None:
    """S-22: roqet escapes in TSV what is not ASCII."""
    text = printed(roqet("-p", endpoint, "-r", form, "-e", LABELS))
    if form == "tsv":
        text = text.encode().decode("unicode_escape")
    assert text.splitlines() == [row.format(f"{small.plan}/project/") for row in rows]


def test_roqet_reads_every_kind_of_term(roqet: Run, endpoint: str) -> None:
    """S-22, S-21: through its own XML, as it has no other form that tells all of them apart."""
    text = printed(roqet("-p", endpoint, "-r", "xml", "-e", TERMS))
    text = text.replace('<binding name="nothing"><unbound/></binding>', "")  # a draft of 2004
    found: list[dict[str, Node]] = [
        {str(name): value for name, value in row.items()}
        for row in Result.parse(io.StringIO(text), format="xml").bindings
    ]
    assert found == [
        {
            "text": Literal('郡山市 <&> "𠮷"\n次', lang="ja"),
            "number": Literal("3", datatype=XSD.integer),
            "thing": URIRef("http://例.jp/ア"),
        },
        {
            "text": Literal(""),
            "number": Literal("1.5", datatype=XSD.decimal),
            "thing": Literal("1", datatype=URIRef("http://example.org/t")),
            "nothing": Literal("true", datatype=XSD.boolean),
        },
    ]


def test_roqet_reads_that_there_are_no_solutions(roqet: Run, endpoint: str) -> None:
    """S-22, S-12."""
    query = "SELECT ?s ?l { ?s ?l <http://example.org/none> }"
    assert printed(roqet("-p", endpoint, "-r", "simple", "-e", query)) == ""


@pytest.fixture(scope="module")
def impatient(start: Any) -> str:
    return f"{start(query_timeout_s='2').url}sparql"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("SELECT * {", 400),
        ("CONSTRUCT WHERE { ?s ?p ?o }", 406),  # it takes solutions only
        ("SELECT * { SERVICE <http://example.org/sparql> { ?s ?p ?o } }", 403),
        (
            "SELECT ?a { { ?a a ?b } UNION { SELECT (COUNT(*) AS ?a)"
            " { ?c ?d ?e . ?f ?g ?h . ?i ?j ?k . ?l ?m ?n . ?o ?p ?q } } }",
            503,
        ),
    ],
)
def test_roqet_tells_what_an_endpoint_refuses_and_has_no_rows(
    roqet: Run, impatient: str, query: str, status: int
) -> None:
    """S-22, S-03, S-19: in the last the first solutions are found at once, the end never."""
    done = roqet("-p", impatient, "-r", "csv", "-e", query)
    assert (done.returncode, done.stdout.splitlines()[1:]) == (1, [])
    first = done.stderr.splitlines()[0]
    assert first.endswith(f" - Resolving URI failed with HTTP status {status}")


@pytest.mark.parametrize(("text", "expected"), [("事業3", "true"), ("事業4", "false")])
def test_roqet_asks_what_it_fetched(
    roqet: Run, endpoint: str, small: SimpleNamespace, text: str, expected: str
) -> None:
    """S-22, S-15: `FROM` names the URL of a document; its media type is negotiated."""
    document = f"{endpoint.removesuffix('sparql')}doc/072036/plan/kyodo-2/2021/project/3"
    query = f'ASK FROM <{document}> {{ <{small.plan}/project/3> {LABEL} "{text}"@ja }}'
    answer = printed(roqet("-r", "xml", "-e", query))
    assert re.findall("<boolean>(.*)</boolean>", answer) == [expected]


def test_roqet_constructs_from_what_an_endpoint_constructed(
    roqet: Run, endpoint: str, small: SimpleNamespace
) -> None:
    """S-22: the data of its query is the URL of another query."""
    projects = f"CONSTRUCT WHERE {{ ?s a <{small.sp}Project> ; {LABEL} ?l }}"
    query = f"CONSTRUCT {{ ?s <http://example.org/name> ?l }} WHERE {{ ?s {LABEL} ?l }}"
    done = roqet("-D", address(endpoint, projects), "-r", "rdfxml", "-e", query)
    assert set(Graph().parse(data=printed(done), format="xml")) == {
        (
            URIRef(f"{small.plan}/project/{number}"),
            URIRef("http://example.org/name"),
            Literal(f"事業{number}", lang="ja"),
        )
        for number in range(1, 41)
    }


DOCUMENTS = [
    (".ttl", "turtle", "text/turtle", "turtle"),
    (".nt", "ntriples", "application/n-triples", "nt"),
    (".rdf", "rdfxml", "application/rdf+xml", "xml"),
    ("", "guess", "text/turtle", "turtle"),
]
"""Extension, rapper's name, media type, rdflib's name; rapper reads no JSON-LD."""


@pytest.mark.parametrize(("extension", "syntax", "media_type", "parser"), DOCUMENTS)
@pytest.mark.parametrize(
    "path",
    [
        "fy/2021",
        "072036/plan/kyodo-2/2021",
        "072036/plan/kyodo-2/2021/project/3",
        "072036/source/kyodo-2-2021",
    ],
)
def test_rapper_reads_a_document_as_rdflib_does(
    rapper: Run,
    koriyama_server: Any,
    path: str,
    extension: str,
    syntax: str,
    media_type: str,
    parser: str,
) -> None:
    """S-22: the real plan, with what its document says about itself."""
    url = f"{koriyama_server.url}doc/{path}{extension}"
    expected = read(url, media_type, parser)
    about = URIRef(f"{koriyama_server.url}doc/{path}")
    thing = URIRef(f"https://w3id.org/jp-sdgplan/id/{path}")
    assert (about, FOAF.primaryTopic, thing) in expected
    text = printed(rapper("-i", syntax, url))
    assert isomorphic(Graph().parse(data=text, format="nt"), expected)


def test_rapper_follows_the_name_of_a_thing_to_its_document(
    rapper: Run, koriyama_server: Any
) -> None:
    """S-22: `/id/…` answers 303."""
    path = "072036/plan/kyodo-2/2021/project/3"
    expected = read(f"{koriyama_server.url}doc/{path}", "application/rdf+xml", "xml")
    text = printed(rapper("-g", f"{koriyama_server.url}id/{path}"))
    assert isomorphic(Graph().parse(data=text, format="nt"), expected)


SYNTAXES: list[tuple[str, dict[str, str]]] = [
    ("guess", {}),
    ("rdfxml", {}),
    ("turtle", {}),
    ("ntriples", {}),
    ("guess", {"format": "rdf"}),
    ("guess", {"format": "nt"}),
    ("trig", {"format": "trig"}),
    ("nquads", {"format": "nq"}),
]
"""rapper's name, with the Accept header that it sends for it, and parameters of ours."""


@pytest.mark.parametrize(("syntax", "more"), SYNTAXES)
def test_rapper_reads_a_construct_at_its_url(
    rapper: Run, endpoint: str, small: SimpleNamespace, syntax: str, more: dict[str, str]
) -> None:
    """S-22, S-08."""
    query = f"CONSTRUCT WHERE {{ ?s a <{small.sp}Project> ; {LABEL} ?l }}"
    text = printed(rapper("-i", syntax, address(endpoint, query, **more)))
    expected = Graph()
    for number in range(1, 41):
        project = URIRef(f"{small.plan}/project/{number}")
        expected.add((project, RDF.type, URIRef(f"{small.sp}Project")))
        expected.add((project, SKOS.prefLabel, Literal(f"事業{number}", lang="ja")))
    assert set(Graph().parse(data=text, format="nt")) == set(expected)


@pytest.mark.parametrize(("syntax", "more"), SYNTAXES)
def test_rapper_reads_every_character_of_a_text(
    rapper: Run, endpoint: str, syntax: str, more: dict[str, str]
) -> None:
    """S-22, S-21: also what XML and Turtle have to write otherwise."""
    text = "郡山市 <&> \"𠮷\" '\\'\t\n\x85\u2028]]>"
    quoted = json.dumps(text, ensure_ascii=False)
    query = f"CONSTRUCT {{ <http://例.jp/ア> <http://例.jp/名> {quoted}@ja }} {{}}"
    found = printed(rapper("-i", syntax, address(endpoint, query, **more)))
    assert set(Graph().parse(data=found, format="nt")) == {
        (URIRef("http://例.jp/ア"), URIRef("http://例.jp/名"), Literal(text, lang="ja"))
    }


@pytest.mark.parametrize("syntax", ["rdfxml", "sparql-results"])
def test_a_carriage_return_survives_xml(
    rapper: Run, roqet: Run, endpoint: str, syntax: str
) -> None:
    """S-22, S-21: XML 1.0, section 2.11: it has to be written as a reference."""
    if syntax == "rdfxml":
        query = 'CONSTRUCT { <http://例.jp/ア> <http://例.jp/名> "一\\r\\n二\\r三" } {}'
        text = printed(rapper("-i", "rdfxml", address(endpoint, query)))
        (found,) = Graph().parse(data=text, format="nt").objects()
        assert found == Literal("一\r\n二\r三")
    else:
        query = 'SELECT ("一\\r\\n二\\r三" AS ?text) {}'
        text = printed(roqet("-p", endpoint, "-r", "tsv", "-e", query))
        assert text.splitlines()[1] == '"\\u4E00\\r\\n\\u4E8C\\r\\u4E09"'
