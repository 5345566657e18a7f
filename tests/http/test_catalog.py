"""The catalogue over HTTP: what harvesters rely on, page after page (H-01 … H-07, H-24)."""

from __future__ import annotations

import gzip
import http.client
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, Graph, URIRef

from kg.catalog.pages import PAGE_SIZE
from kg.counts import write_counts
from kg.release import releases, rollback, write_manifest
from kg.settings import Settings
from kg.vocab import DCAT, DCTERMS, HYDRA
from server import create_app
from server.application import close_app
from tests.http.asking import Reading
from tests.releases import counts_of, new_release, write_store

BASE = "https://w3id.org/jp-sdgplan/id/"
PUBLIC = "https://data.example/sdgs/"
PLAN = "072036/plan/kyodo-2/2021"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
def client(koriyama_var: Path) -> Iterator[FlaskClient]:
    app = create_app(Settings(query_workers=1, rate_limit="", public_url=PUBLIC), koriyama_var)
    yield Reading(app, app.response_class)
    close_app(app)


def entry(number: int, version: str = "1") -> dict[str, Any]:
    code = f"{990000 + number}"
    return {
        "code": code, "slug": "kyodo", "year": 2021, "iri": f"{BASE}{code}/plan/kyodo/2021",
        "made_up": True, "municipality": {"ja": "例市"}, "title": {"ja": "計画"},
        "basic_plan": {"ja": "基本計画"}, "projects": 1, "targets": 0, "published_links": None,
        "bases": {}, "version": version, "issued": "2026-11-24", "modified": "2026-11-24",
        "status": "published", "withdrawn": "", "reason": "",
        "licence": "https://creativecommons.org/licenses/by/4.0/",
    }  # fmt: skip


def publish(var: Path, plans: list[dict[str, Any]], second: int) -> None:
    """A release that lists the plans; its store is next to empty."""
    quads = f"<{BASE}990000> <{RDF.type}> <https://w3id.org/jp-sdgplan/ns#Municipality> <{BASE}g> ."
    now = datetime(2026, 11, 24, 10, 15, second, tzinfo=UTC)
    with new_release(var, "1a2b3c4d" * 8, now) as draft:
        count = write_store(draft.path / "store", f"{quads}\n".encode())
        write_counts(draft.path, counts_of([quads]))
        write_manifest(draft, program_version="0", quads=count, plans=plans)


@pytest.fixture
def many(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """A service of three pages of datasets, and `publish` for its next releases."""
    publish(tmp_path, [entry(n) for n in range(2 * PAGE_SIZE + 1)], 0)
    app = create_app(Settings(query_workers=1, rate_limit=""), tmp_path)
    yield SimpleNamespace(
        client=Reading(app, app.response_class),
        publish=lambda plans, s: publish(tmp_path, plans, s),
        back=lambda: rollback(tmp_path, releases(tmp_path)[0].id),
    )
    close_app(app)


def test_head_is_answered_directly_with_type_and_length(koriyama_server: Any) -> None:
    """H-01: over a real connection."""
    connection = http.client.HTTPConnection("127.0.0.1", koriyama_server.port, timeout=10)
    connection.request("HEAD", "/catalog.ttl")
    head = connection.getresponse()
    assert (head.status, head.read()) == (200, b"")
    assert head.headers["Content-Type"] == "text/turtle; charset=utf-8"
    connection.request("GET", "/catalog.ttl")
    got = connection.getresponse()
    assert int(head.headers["Content-Length"]) == len(got.read())
    connection.close()


@pytest.mark.parametrize("accept", [None, "*/*", "text/html", "application/rdf+xml", "image/png"])
def test_the_extension_wins_over_accept(client: FlaskClient, accept: str | None) -> None:
    """H-02, H-03: Turtle, UTF-8, no byte order mark, small enough."""
    answer = client.get("/catalog.ttl", headers={} if accept is None else {"Accept": accept})
    assert (answer.status_code, answer.content_type) == (200, "text/turtle; charset=utf-8")
    assert not answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.data.decode("utf-8")
    assert len(answer.data) < 5_000_000


@pytest.mark.parametrize(
    ("path", "accept", "media_type"),
    [
        ("/catalog", "*/*", "text/turtle"),
        ("/catalog", "application/rdf+xml", "application/rdf+xml"),
        ("/catalog", "application/ld+json", "application/ld+json"),
        ("/catalog.rdf", "*/*", "application/rdf+xml"),
        ("/catalog.jsonld", "*/*", "application/ld+json"),
    ],
)
def test_the_catalogue_by_accept_and_extension(
    client: FlaskClient, path: str, accept: str, media_type: str
) -> None:
    """H-23: the same graph in each form."""
    answer = client.get(path, headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, media_type)
    form = {"text/turtle": "turtle", "application/rdf+xml": "xml"}.get(media_type, "json-ld")
    graph = Graph().parse(data=answer.data, format=form)
    whole = Graph().parse(data=client.get("/catalog.ttl").data, format="turtle")
    assert set(graph) == set(whole)
    assert client.get("/catalog", headers={"Accept": "image/png"}).status_code == 406


def test_every_iri_is_absolute_and_links_begin_with_the_public_address(
    client: FlaskClient,
) -> None:
    """H-04: parsed from a string without a base."""
    graph = Graph().parse(data=client.get("/catalog.ttl").data.decode(), format="turtle")
    iris = {str(term) for triple in graph for term in triple if isinstance(term, URIRef)}
    assert {urlsplit(iri).scheme for iri in iris} <= {"http", "https"}
    assert not [iri for iri in iris if "localhost" in iri]
    for term in (DCAT.downloadURL, DCAT.accessURL, DCAT.landingPage, DCAT.endpointURL):
        found = list(graph.objects(None, term))
        assert found
        assert all(str(url).startswith(PUBLIC) for url in found)


def test_entity_tag_and_date_answer_304(client: FlaskClient, koriyama_var: Path) -> None:
    """H-05: a strong tag of the bytes."""
    first = client.get("/catalog.ttl")
    tag = first.headers["ETag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    switched = int((koriyama_var / "current").lstat().st_mtime)  # when it came to be served
    assert parsedate_to_datetime(first.headers["Last-Modified"]).timestamp() == switched
    again = client.get("/catalog.ttl", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    since = client.get(
        "/catalog.ttl", headers={"If-Modified-Since": first.headers["Last-Modified"]}
    )
    assert since.status_code == 304


def test_compressed_only_when_asked(client: FlaskClient) -> None:
    """H-06."""
    plain = client.get("/catalog.ttl")
    assert "Content-Encoding" not in plain.headers
    packed = client.get("/catalog.ttl", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.content_type == "text/turtle; charset=utf-8"
    assert gzip.decompress(packed.data) == plain.data


def walk(client: FlaskClient, between: Any = lambda page: None) -> list[bytes]:
    """The pages as a harvester follows them; `between` is called with each number."""
    pages, address = [], "/catalog.ttl"
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        pages.append(answer.data)
        graph = Graph().parse(data=answer.data, format="turtle")
        (following,) = list(graph.objects(None, HYDRA.next)) or [None]
        assert len(pages) < 10
        address = "" if following is None else urlsplit(str(following)).path
        between(len(pages))
    return pages


def datasets(pages: list[bytes]) -> Counter[str]:
    return Counter(
        str(one)
        for page in pages
        for one in Graph().parse(data=page, format="turtle").subjects(RDF.type, DCAT.Dataset)
    )


def test_a_walk_meets_every_dataset_once(many: SimpleNamespace) -> None:
    """H-07."""
    pages = walk(many.client)
    found = datasets(pages)
    assert (len(pages), len(found), set(found.values())) == (3, 2 * PAGE_SIZE + 1, {1})
    assert len(set(pages)) == 3


def test_a_walk_sees_one_state_even_if_a_release_takes_over(many: SimpleNamespace) -> None:
    """Or a portal would delete the datasets that slipped between two pages."""

    def change(page: int) -> None:
        if page == 1:  # the first plans go, so that all others move to earlier pages
            many.publish([entry(n) for n in range(10, 2 * PAGE_SIZE + 1)], 1)

    found = datasets(walk(many.client, change))
    assert (len(found), set(found.values())) == (2 * PAGE_SIZE + 1, {1})
    assert len(datasets(walk(many.client))) == 2 * PAGE_SIZE - 9


def test_a_state_that_is_no_longer_kept_is_410(many: SimpleNamespace) -> None:
    """The harvester's job ends with an error, and nothing is deleted."""
    refused = many.client.get(f"/catalog/{'0' * 16}/2.ttl")
    assert refused.status_code == 410
    assert json.loads(refused.data)["detail"] == (
        "The catalogue has changed too often since. Start again at http://localhost:8000/catalog."
    )
    graph = Graph().parse(data=many.client.get("/catalog.ttl").data, format="turtle")
    (following,) = graph.objects(None, HYDRA.next)
    path = urlsplit(str(following)).path
    assert many.client.get(path).status_code == 200
    assert many.client.get(path.replace("/2.ttl", "/4.ttl")).status_code == 404
    assert many.client.get(path.replace("/2.ttl", "/2.exe")).status_code == 404


def test_the_dataset_is_a_resource_of_ours(client: FlaskClient) -> None:
    """H-10: its IRI answers as others do."""
    moved = client.get(f"/id/{PLAN}/dataset")
    assert (moved.status_code, moved.headers["Location"]) == (303, f"{PUBLIC}doc/{PLAN}/dataset")
    graph = Graph().parse(data=client.get(f"/doc/{PLAN}/dataset.ttl").data, format="turtle")
    dataset = URIRef(f"{BASE}{PLAN}/dataset")
    assert str(graph.value(dataset, DCTERMS.identifier)) == "072036-2021"


def test_a_plan_page_holds_its_dataset_as_structured_data(client: FlaskClient) -> None:
    """H-24, H-14: schema.org, in the language of the page."""
    for language, name in (("ja", "第二次郡山市"), ("en", "Second Koriyama City")):
        page = client.get(f"/doc/{PLAN}?lang={language}", headers=BROWSER).text
        (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
        found = json.loads(text)
        assert (found["@type"], found["@id"]) == ("Dataset", f"{BASE}{PLAN}/dataset")
        assert found["name"].startswith(name)
        assert len(found["description"]) >= 50
        assert found["license"] == "https://creativecommons.org/licenses/by/4.0/"
        assert found["temporalCoverage"] == "2021-04-01/2022-03-31"
        assert len(found["about"]) == 13
        formats = [each["encodingFormat"] for each in found["distribution"]]
        assert formats[0] == "text/turtle"
        assert all(
            each["contentUrl"].startswith(f"{PUBLIC}dumps/") for each in found["distribution"]
        )
    (start,) = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>',
        client.get("/", headers=BROWSER).text, re.DOTALL,
    )  # fmt: skip
    assert json.loads(start)["@type"] == "DataCatalog"
    assert "<script" not in client.get(f"/doc/{PLAN}/project/1", headers=BROWSER).text


def test_signposting_leads_from_the_page_to_the_data(client: FlaskClient) -> None:
    """H-24: FAIR Signposting, level 1; every item is there."""
    answer = client.get(f"/doc/{PLAN}", headers=BROWSER)
    links = re.findall(r'<([^>]+)>; rel="([a-z-]+)"', ", ".join(answer.headers.getlist("Link")))
    by_relation: dict[str, list[str]] = {}
    for target, relation in links:
        by_relation.setdefault(relation, []).append(target)
    assert by_relation["cite-as"] == [f"{PUBLIC}id/{PLAN}"]
    assert by_relation["type"] == ["https://schema.org/Dataset", "https://schema.org/AboutPage"]
    assert by_relation["license"] == ["https://creativecommons.org/licenses/by/4.0/"]
    assert by_relation["author"] == [f"{BASE}catalog#publisher"]
    for target in (*by_relation["describedby"], *by_relation["item"]):
        assert target.startswith(PUBLIC)
        assert client.get(f"/{target.removeprefix(PUBLIC)}").status_code == 200


def test_robots_name_a_sitemap_with_the_day_of_the_last_change(client: FlaskClient) -> None:
    """H-24."""
    assert f"Sitemap: {PUBLIC}sitemap.xml" in client.get("/robots.txt").text.splitlines()
    answer = client.get("/sitemap.xml")
    assert answer.content_type == "application/xml; charset=utf-8"
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    rows = {
        url.findtext("s:loc", namespaces=space): url.findtext("s:lastmod", namespaces=space)
        for url in ElementTree.fromstring(answer.data).iterfind("s:url", space)
    }
    assert rows[f"{PUBLIC}doc/{PLAN}"] == "2026-11-24"
    assert len([url for url in rows if "/project/" in str(url)]) == 72
    for url in list(rows)[:12]:
        assert client.get(f"/{str(url).removeprefix(PUBLIC)}").status_code == 200


def test_a_browser_is_sent_to_the_list_of_plans(client: FlaskClient) -> None:
    moved = client.get("/catalog", headers=BROWSER)
    assert (moved.status_code, moved.headers["Location"]) == (303, f"{PUBLIC}#plans")
    assert "Accept" in moved.headers["Vary"]


def test_a_date_never_goes_backwards(many: SimpleNamespace) -> None:
    """After a rollback a client that asks by date gets what is served now."""
    first = many.client.get("/catalog.ttl").headers["Last-Modified"]
    many.publish([entry(1)], 1)
    second = many.client.get("/catalog.ttl").headers["Last-Modified"]
    assert parsedate_to_datetime(second) >= parsedate_to_datetime(first)
    many.back()
    third = parsedate_to_datetime(many.client.get("/catalog.ttl").headers["Last-Modified"])
    assert third >= parsedate_to_datetime(second)
