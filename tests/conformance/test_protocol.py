"""The W3C protocol and service description tests, each with real requests to a live server.

Several tests name …/data0.rdf, for which the suite has no file: the release here has a graph
of one triple under that IRI. Updates are refused, so of their tests only the update is sent.
"""

from __future__ import annotations

import http.client
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from kg.counts import write_counts
from kg.release import write_manifest
from tests.conformance.suite import MF, SUITE, Case, cases_of, require_suite
from tests.http.conftest import Server
from tests.releases import counts_of, new_release, write_store

require_suite()

HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
DATA = "http://kasei.us/2009/09/sparql/data/"
FILES = {"data1": "data1.nt", "data2": "data2.nt", "data3": "data3.nt"}
COUNTS = {"query": 13, "bad_query": 7, "update": 7, "bad_update": 7}
SOLUTIONS = {
    "application/sparql-results+json", "application/sparql-results+xml", "text/csv",
    "text/tab-separated-values",
}  # fmt: skip
RDF_TYPES = {"text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"}

CASES = cases_of("protocol")


def kind_of(case: Case) -> str:
    name = case.name.partition("/")[2]
    kind = "update" if "update" in name else "query"
    return f"bad_{kind}" if name.startswith("bad_") else kind


def of_kind(*kinds: str) -> list[object]:
    return [pytest.param(case, id=case.name) for case in CASES if kind_of(case) in kinds]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str
    body: bytes

    @property
    def media_type(self) -> str:
        return self.content_type.partition(";")[0]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    quads = [f"<{DATA}data0.rdf> <http://example.org/p> <http://example.org/o> <{DATA}data0.rdf> ."]
    for name, file in FILES.items():
        for line in (SUITE / "protocol" / file).read_text(encoding="utf-8").splitlines():
            if line.strip():
                quads.append(line.rstrip().removesuffix(".") + f"<{DATA}{name}.rdf> .")
    var = tmp_path_factory.mktemp("protocol")
    with new_release(var, "0a" * 32, datetime(2026, 11, 24, tzinfo=UTC)) as draft:
        count = write_store(draft.path / "store", ("\n".join(quads) + "\n").encode())
        write_counts(draft.path, counts_of(quads))
        write_manifest(draft, program_version="0", quads=count, plans=[])
    server = Server(var, query_workers="1", rate_limit="")
    yield server
    server.stop()


def send(server: Server, case: Case, node: Node) -> Answer:
    """One ht:Request of the manifest, with its own headers and no others."""
    graph = case.manifest

    def text(subject: Node | None, term: URIRef) -> str:
        return str(graph.value(subject, term))

    body = None
    content = graph.value(node, HT.body)
    if content is not None:
        body = text(content, CNT.chars).encode(text(content, CNT.characterEncoding))
    headers = {}
    if (listed := graph.value(node, HT.headers)) is not None:
        for header in Collection(graph, listed):
            headers[text(header, HT.fieldName)] = text(header, HT.fieldValue)
    if body is not None:
        headers["Content-Length"] = str(len(body))
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        path = text(node, HT.absolutePath)
        connection.request(text(node, HT.methodName), path, body, headers)
        response = connection.getresponse()
        content_type = response.headers.get("Content-Type", "")
        return Answer(response.status, content_type, response.read())
    finally:
        connection.close()


def requests_of(case: Case) -> list[Node]:
    listed = case.manifest.value(case.manifest.value(case.node, MF.action), HT.requests)
    return list(Collection(case.manifest, listed))


def boolean_of(answer: Answer) -> bool:
    assert answer.media_type == "application/sparql-results+json"
    return bool(json.loads(answer.body)["boolean"])


@pytest.mark.parametrize("case", of_kind("query"))
def test_a_query_is_answered_as_the_manifest_says(server: Server, case: Case) -> None:
    """S-02, S-01, S-13."""
    (request,) = requests_of(case)
    answer = send(server, case, request)
    assert answer.status == 200
    response = case.manifest.value(request, HT.resp)
    expected = case.manifest.value(response, MF.expectedBoolean)
    if expected is not None:
        assert boolean_of(answer) is expected.toPython()
    wanted = case.manifest.value(response, MF.expectedFormat)
    assert answer.media_type in (RDF_TYPES if wanted == Literal("RDF") else SOLUTIONS)


@pytest.mark.parametrize("case", of_kind("bad_query"))
def test_a_bad_query_is_a_fault_of_the_client(server: Server, case: Case) -> None:
    """S-02, S-03: the exact status of each."""
    expected = {
        "bad_query_method": 405, "bad_multiple_queries": 400, "bad_query_wrong_media_type": 415,
        "bad_query_missing_form_type": 415, "bad_query_missing_direct_type": 415,
        "bad_query_non_utf8": 415, "bad_query_syntax": 400,
    }  # fmt: skip
    (request,) = requests_of(case)
    answer = send(server, case, request)
    assert answer.status == expected[case.name.partition("/")[2]]
    assert answer.media_type == "application/problem+json"


@pytest.mark.parametrize("case", of_kind("update", "bad_update"))
def test_an_update_is_refused(server: Server, case: Case) -> None:
    """S-02, S-04: good or bad, 403; those whose body has no type are refused for that."""
    answer = send(server, case, requests_of(case)[0])
    untyped = case.name.endswith(("wrong_media_type", "missing_form_type"))
    assert answer.status == (415 if untyped else 403)
    if not untyped:
        assert json.loads(answer.body)["title"] == "Read-only"


def test_the_endpoint_describes_itself(server: Server) -> None:
    """S-15: the three tests of the service description group."""
    assert [case.name.partition("/")[2] for case in cases_of("service-description")] == [
        "has-endpoint-triple", "returns-rdf", "conforms-to-schema",
    ]  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", "/sparql")
    response = connection.getresponse()
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/turtle; charset=utf-8"
    graph = Graph().parse(data=response.read(), format="turtle")
    connection.close()
    endpoint = URIRef(f"{server.url}sparql")
    (service,) = graph.subjects(SD.endpoint, endpoint)
    assert (service, RDF.type, SD.Service) in graph
    for term, kind in (
        (SD.defaultDataset, SD.Dataset), (SD.defaultGraph, SD.Graph), (SD.namedGraph, SD.NamedGraph)
    ):  # fmt: skip
        values = list(graph.objects(None, term))
        assert values
        assert all((value, RDF.type, kind) in graph for value in values)
    names = {str(name) for name in graph.objects(None, SD.name)}
    assert names == {f"{DATA}data{number}.rdf" for number in range(4)}


def test_every_protocol_test_was_collected() -> None:
    assert Counter(map(kind_of, CASES)) == COUNTS


def test_the_files_of_the_suite_are_not_in_the_repository() -> None:
    here = Path(__file__).parent
    assert {path.suffix for path in here.iterdir() if path.is_file()} <= {".py", ".toml"}
