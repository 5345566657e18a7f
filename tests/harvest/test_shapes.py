"""The catalogue of 例市 against the shapes of DCAT-AP 3.0.1, and shapes that do find faults."""

from __future__ import annotations

import pytest
from rdflib import DCAT, FOAF, RDF, Graph

from tests.harvest.harvests import DATA
from tests.harvest.shapes import RECOMMENDED, REQUIRED, Objection, objections

AREA = "https://w3id.org/jp-sdgplan/id/990019#area"


@pytest.fixture
def catalog() -> Graph:
    return Graph().parse(DATA / "catalog.ttl")


@pytest.mark.parametrize("name", REQUIRED)
def test_required_shapes_have_nothing_against_the_catalogue(catalog: Graph, name: str) -> None:
    assert objections(catalog, name) == []


def test_recommended_shapes_miss_only_the_outline_of_the_area(catalog: Graph) -> None:
    found = objections(catalog, RECOMMENDED)
    assert [(each.severity, each.focus, each.path) for each in found] == [
        ("Warning", AREA, str(DCAT.bbox)),
        ("Warning", AREA, str(DCAT.centroid)),
    ]


def test_a_publisher_without_a_name_is_found(catalog: Graph) -> None:
    (publisher,) = catalog.subjects(FOAF.mbox)
    catalog.remove((publisher, FOAF.name, None))
    (found,) = objections(catalog, "shapes")
    assert (found.severity, found.focus, found.path) == (
        "Violation",
        str(publisher),
        str(FOAF.name),
    )


def test_an_area_without_its_class_is_found(catalog: Graph) -> None:
    (area,) = {node for node in catalog.subjects(RDF.type) if str(node) == AREA}
    catalog.remove((area, RDF.type, None))
    found = objections(catalog, "range")
    assert {each.message for each in found} == {"Value does not have class dct:Location"}
    assert all(isinstance(each, Objection) for each in found)
