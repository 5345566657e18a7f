"""One portal harvests the catalogue again and again: what it adds, writes anew and deletes.

A portal deletes what is missing, so a withdrawn plan stays listed and is marked.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import DCTERMS, RDF, XSD, Graph, Literal, Namespace, URIRef

from tests.harvest.conftest import Site
from tests.harvest.harvests import DATA, Changes, Harvest, Harvester, changes

ADMS = Namespace("http://www.w3.org/ns/adms#")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
KYODO = "https://w3id.org/jp-sdgplan/id/990019/plan/kyodo"
DATASET_2020 = URIRef(f"{KYODO}/2020/dataset")
DATASET_2021 = URIRef(f"{KYODO}/2021/dataset")
SERVICE = URIRef("https://w3id.org/jp-sdgplan/id/catalog/sparql")
WITHDRAWN = URIRef("http://purl.org/adms/status/Withdrawn")

Edit = Callable[[Graph], None]


def nothing(catalog: Graph) -> None:
    """As it was."""


def new_version(catalog: Graph) -> None:
    """The plan of 2021 in a third version."""
    catalog.set((DATASET_2021, DCAT.version, Literal("3")))
    catalog.set((DATASET_2021, DCTERMS.modified, Literal("2026-12-01", datatype=XSD.date)))


def withdrawal(catalog: Graph) -> None:
    """The plan of 2021 withdrawn: still listed, marked on its distributions."""
    for distribution in catalog.objects(DATASET_2021, DCAT.distribution):
        catalog.set((distribution, ADMS.status, WITHDRAWN))


def removal(catalog: Graph) -> None:
    """The plan of 2020 no longer a dataset of the catalogue."""
    catalog.remove((DATASET_2020, RDF.type, None))


def addition(catalog: Graph) -> None:
    """The plan of 2022 for the first time."""
    dataset = URIRef(f"{KYODO}/2022/dataset")
    catalog.add((dataset, RDF.type, DCAT.Dataset))
    catalog.add((dataset, DCTERMS.title, Literal("例市 2022 SDGs reishi-kyodo", lang="ja")))
    catalog.add((SERVICE, DCAT.servesDataset, dataset))


STEPS: list[tuple[Edit, Changes]] = [
    (nothing, Changes()),
    (new_version, Changes(updated=(str(DATASET_2021),))),
    (withdrawal, Changes(updated=(str(DATASET_2021),))),
    (addition, Changes(new=(f"{KYODO}/2022/dataset",))),
    (removal, Changes(deleted=(str(DATASET_2020),))),
]


@pytest.fixture(scope="module")
def harvests(
    site: Site, harvest: Harvester, tmp_path_factory: pytest.TempPathFactory
) -> list[Harvest]:
    """A first harvest, and one more into the same portal after each of the edits."""
    portal = tmp_path_factory.mktemp("portal")
    catalog = Graph().parse(DATA / "catalog.ttl")

    def next_harvest(edit: Edit) -> Harvest:
        edit(catalog)
        url = site.put("/catalog.ttl", catalog.serialize(format="turtle"))
        return harvest(url, "ja", portal=portal)

    return [next_harvest(edit) for edit in (nothing, *(edit for edit, _ in STEPS))]


@pytest.mark.parametrize("step", range(len(STEPS)), ids=[edit.__name__ for edit, _ in STEPS])
def test_a_portal_changes_what_the_catalogue_changed(harvests: list[Harvest], step: int) -> None:
    before, after = harvests[step : step + 2]
    _, expected = STEPS[step]
    assert changes(before, after) == expected
    # and the harvester itself deletes the same
    assert after.deleted == expected.deleted


def test_a_withdrawn_plan_is_still_in_the_portal(harvests: list[Harvest]) -> None:
    marked = harvests[3].dataset(str(DATASET_2021)).record
    assert {resource["status"] for resource in marked["resources"]} == {str(WITHDRAWN)}


def test_a_catalogue_that_cannot_be_had_deletes_nothing(
    site: Site, harvest: Harvester, tmp_path: Path
) -> None:
    url = site.put("/gone.ttl", (DATA / "catalog.ttl").read_text(encoding="utf-8"))
    assert len(harvest(url, portal=tmp_path).datasets) == 2
    del site.files["/gone.ttl"]
    after = harvest(url, portal=tmp_path)
    assert (after.datasets, after.deleted) == ((), ())
    assert after.errors == (
        f"Could not get content from {url}. Server responded with 404 Not Found",
    )


def test_a_catalogue_with_nothing_in_it_deletes_everything(
    site: Site, harvest: Harvester, tmp_path: Path
) -> None:
    # why the server answers 503, and never an empty catalogue, while it has no release
    url = site.put("/empty.ttl", (DATA / "catalog.ttl").read_text(encoding="utf-8"))
    harvest(url, portal=tmp_path)
    site.put("/empty.ttl", "<urn:catalog> a <http://www.w3.org/ns/dcat#Catalog> .")
    assert harvest(url, portal=tmp_path).deleted == (str(DATASET_2020), str(DATASET_2021))
