"""A crawler that follows every link of the catalogue and checks every checksum (H-10, H-16)."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, RDFS, Graph, URIRef

from kg import pipeline
from kg.settings import Settings
from kg.vocab import DCAT, PROV, SP, SPDX
from server import create_app
from server.application import close_app
from tests.http.asking import Reading

ROOT = Path(__file__).resolve().parents[2]
BASE = "https://w3id.org/jp-sdgplan/id/"
PUBLIC = "http://localhost:8000/"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Koriyama beside made-up municipalities; one plan is withdrawn."""
    folder = tmp_path_factory.mktemp("crawled")
    plans = folder / "data" / "plans"
    shutil.copytree(ROOT / "examples" / "plans", plans)
    shutil.copytree(ROOT / "data" / "plans" / "koriyama-2021", plans / "koriyama-2021")
    options = pipeline.Options(validator="shacl")
    for day in (1, 2):
        now = datetime(2026, 12, day, tzinfo=UTC)
        assert pipeline.build(folder / "data", folder / "var", Settings(), now, options).release
        shutil.rmtree(plans / "mihoncho-0002-2020", ignore_errors=True)
        options = pipeline.Options(validator="shacl", withdraw=("mihoncho-0002-2020",))
    app = create_app(Settings(query_workers=1, rate_limit=""), folder / "var")
    yield Reading(app, app.response_class)
    close_app(app)


@pytest.fixture(scope="module")
def catalog(client: FlaskClient) -> Graph:
    return Graph().parse(data=client.get("/catalog.ttl").data, format="turtle")


def addresses(graph: Graph) -> set[str]:
    """The paths of all IRIs of ours in a graph, without fragments."""
    found = set()
    for term in {term for triple in graph for term in triple if isinstance(term, URIRef)}:
        iri = str(term).partition("#")[0]
        if iri.startswith(BASE):
            found.add(f"/id/{iri.removeprefix(BASE)}")
        elif iri.startswith(PUBLIC):
            found.add(f"/{iri.removeprefix(PUBLIC)}")
    return found


def test_every_link_of_the_catalogue_leads_somewhere(client: FlaskClient, catalog: Graph) -> None:
    wrong = {}
    for path in sorted(addresses(catalog)):
        answer = client.get(path, follow_redirects=True, headers={"Accept": "text/turtle"})
        if answer.status_code != 200:
            wrong[path] = answer.status_code
    assert wrong == {}
    # the plan itself is still named by that of the year after
    assert client.get("/id/492019/source/kyodo-2-2020").status_code == 410


def test_a_withdrawn_dataset_has_no_distribution_and_keeps_its_versions(
    client: FlaskClient, catalog: Graph
) -> None:
    """H-11: its plan is gone, what was published and cited is not."""
    plan = f"{BASE}492019/plan/kyodo-2/2020"
    dataset, version = URIRef(f"{plan}/dataset"), URIRef(f"{plan}/version/1")
    assert list(catalog.objects(dataset, DCAT.distribution)) == []
    assert list(catalog.subjects(PROV.specializationOf, dataset)) == [version]
    assert catalog.value(version, SP.versionOfPlan) is None
    file = str(catalog.value(version, RDFS.seeAlso))
    assert file == f"{PUBLIC}dumps/history/492019/kyodo-2/2020/1/plan.ttl"
    dump = Graph().parse(data=client.get(f"/{file.removeprefix(PUBLIC)}").data, format="turtle")
    assert (URIRef(plan), RDF.type, SP.ImplementationPlan) in dump
    answer = client.get("/doc/492019/plan/kyodo-2/2020/version/1.ttl")
    described = Graph().parse(data=answer.data, format="turtle")
    assert str(described.value(version, RDFS.seeAlso)) == file


def test_every_file_has_the_size_and_checksum_that_are_stated(
    client: FlaskClient, catalog: Graph
) -> None:
    checked = set()
    for distribution, url in catalog.subject_objects(DCAT.downloadURL):
        body = client.get(f"/{str(url).removeprefix(PUBLIC)}").data
        assert int(str(catalog.value(distribution, DCAT.byteSize))) == len(body)
        checksum = catalog.value(distribution, SPDX.checksum)
        assert str(catalog.value(checksum, SPDX.checksumValue)) == hashlib.sha256(body).hexdigest()
        checked.add(str(url))
    # plan.ttl .nq .jsonld .csv and report.ttl of six plans; candidate.ttl .csv of four of them
    assert len(checked) == 6 * 5 + 4 * 2


def test_no_two_things_share_an_identifier(catalog: Graph) -> None:
    """H-08, H-10: every dataset is ours, an IRI and listed."""
    datasets = set(catalog.subjects(None, DCAT.Dataset))
    assert datasets == set(catalog.objects(URIRef(f"{BASE}catalog"), DCAT.dataset))
    assert all(isinstance(one, URIRef) and str(one).startswith(BASE) for one in datasets)
    assert len(datasets) == 7
