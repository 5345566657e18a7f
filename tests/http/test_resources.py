"""/id/ and /doc/: 303, canonical spellings, descriptions."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, FOAF, RDF, SKOS

from server.hooks import EXTENSION

HERE = "http://localhost:8000/"
PROJECT = "072036/plan/kyodo-2/2021/project/1"


@pytest.mark.parametrize(
    ("accept", "target"),
    [
        (None, f"doc/{PROJECT}"),
        ("*/*", f"doc/{PROJECT}"),
        ("text/html", f"doc/{PROJECT}"),
        ("text/turtle", f"doc/{PROJECT}.ttl"),
        ("application/ld+json", f"doc/{PROJECT}.jsonld"),
        ("application/n-triples", f"doc/{PROJECT}.nt"),
        ("application/rdf+xml", f"doc/{PROJECT}.rdf"),
    ],
)
def test_the_thing_answers_303_to_a_document(
    client: FlaskClient, accept: str | None, target: str
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    answer = client.get(f"/id/{PROJECT}", headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (303, HERE + target)
    assert "Accept" in answer.headers["Vary"].split(", ")


@pytest.mark.parametrize(
    ("path", "target"),
    [
        (f"id/{PROJECT}/", f"id/{PROJECT}"),
        (f"id/{PROJECT.replace('k', '%6B')}", f"id/{PROJECT}"),
        (f"doc/{PROJECT}/?lang=en", f"doc/{PROJECT}?lang=en"),
    ],
)
def test_other_spellings_move_to_the_canonical_one(
    client: FlaskClient, path: str, target: str
) -> None:
    answer = client.get(f"/{path}")
    assert (answer.status_code, answer.headers["Location"]) == (301, HERE + target)


@pytest.mark.parametrize(
    "path", ["id/nothing", "doc/nothing.ttl", "id/%E4%BA%8B", "id/a//b", "id/../x", "id/%3E"]
)
def test_unknown_resources_are_404(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/{path}")
    assert answer.status_code == 404
    assert json.loads(answer.data)["title"] == "Not Found"


def test_what_was_withdrawn_is_410(client: FlaskClient, small: SimpleNamespace) -> None:
    answer = client.get("/id/072036/plan/old/2019/project/3")
    assert answer.status_code == 410
    assert json.loads(answer.data)["detail"] == (
        f"<{small.base}072036/plan/old/2019/project/3> belongs to a plan that was withdrawn."
        " Its published versions are listed at http://localhost:8000/changes/072036/old/2019."
    )


def test_nothing_acceptable_is_406(client: FlaskClient) -> None:
    assert client.get(f"/id/{PROJECT}", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    ("extension", "content_type", "parser"),
    [
        ("", "text/turtle; charset=utf-8", "turtle"),
        (".ttl", "text/turtle; charset=utf-8", "turtle"),
        (".nt", "application/n-triples; charset=utf-8", "nt"),
        (".rdf", "application/rdf+xml; charset=utf-8", "xml"),
        (".jsonld", "application/ld+json; charset=utf-8", "json-ld"),
    ],
)
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
def test_a_document_describes_its_resource(
    client: FlaskClient, small: SimpleNamespace, extension: str, content_type: str, parser: str
) -> None:
    answer = client.get(f"/doc/{PROJECT}{extension}")
    assert (answer.status_code, answer.content_type) == (200, content_type)
    project, about = URIRef(small.base + PROJECT), URIRef(f"{HERE}doc/{PROJECT}")
    unit = URIRef(f"{small.base}072036/unit/3f9a2c1e")
    document = URIRef(f"{small.base}072036/source/kyodo-2-2021")
    expected = Graph()
    for triple in (
        (about, RDF.type, FOAF.Document),
        (about, FOAF.primaryTopic, project),
        (about, DCTERMS.license, URIRef("https://creativecommons.org/licenses/by/4.0/")),
        (about, DCTERMS.source, document),
        (project, RDF.type, URIRef(f"{small.sp}Project")),
        (project, SKOS.prefLabel, Literal("事業1", lang="ja")),
        (project, DCTERMS.source, document),
        (project, URIRef(f"{small.sp}responsibleUnit"), unit),
        (project, URIRef(f"{small.sp}sdgGoal"), URIRef("http://metadata.un.org/sdg/2")),
        (unit, SKOS.prefLabel, Literal("市民部セーフコミュニティ課", lang="ja")),
    ):
        expected.add(triple)
    assert set(Graph().parse(data=answer.data, format=parser)) == set(expected)


def test_a_document_names_its_other_forms(client: FlaskClient, small: SimpleNamespace) -> None:
    link = client.get(f"/doc/{PROJECT}.ttl").headers["Link"]
    assert link.startswith(f'<{small.base}{PROJECT}>; rel="describes", ')
    assert f'<{HERE}doc/{PROJECT}.jsonld>; rel="alternate"; type="application/ld+json"' in link


def test_a_document_is_answered_304(client: FlaskClient) -> None:
    tag = client.get(f"/doc/{PROJECT}.ttl").headers["ETag"]
    again = client.get(f"/doc/{PROJECT}.ttl", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_browser_gets_the_page_that_the_pages_give(app: Flask, small: SimpleNamespace) -> None:
    hooks = app.extensions[EXTENSION]["hooks"]
    before = hooks.document
    hooks.document = lambda iri: Response(f"<p>{iri}</p>", content_type="text/html; charset=utf-8")
    try:
        answer = app.test_client().get(f"/doc/{PROJECT}", headers={"Accept": "text/html"})
        assert answer.content_type == "text/html; charset=utf-8"
        assert answer.text == f"<p>{small.base}{PROJECT}</p>"
        assert answer.headers["ETag"]
    finally:
        hooks.document = before


def test_fiscal_years_answer_under_any_base(client: FlaskClient) -> None:
    assert client.get("/id/fy/2021").status_code == 303
