"""The figures of /quality, counted when a release is built, against the queries that find them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from rdflib import Literal

from server import measures
from server.context import context


@pytest.fixture(params=["koriyama", "cities"])
def found(request: pytest.FixtureRequest) -> Iterator[measures.Measures]:
    app: Flask = request.getfixturevalue(request.param)
    with app.test_request_context("/quality"):
        yield measures.measures()


def rows(found: measures.Measures, name: str) -> list[dict[str, Any]]:
    """The solutions of the query of that name, numbers as numbers."""
    return [
        {k: v.toPython() if isinstance(v, Literal) else str(v) for k, v in row.items()}
        for row in context().engine.select(found.queries[name])
    ]


def test_resources_are_those_that_the_query_finds(found: measures.Measures) -> None:
    by_place = {row.pop("place"): row for row in rows(found, "resources")}
    assert found.resources == by_place
    assert set(by_place) == {"data", "vocabulary", "description", "borrowed"}


def test_labels_by_class_are_those_that_the_query_finds(found: measures.Measures) -> None:
    assert list(found.labels_by_class or ()) == rows(found, "labels")


def test_literals_are_those_that_the_query_finds(found: measures.Measures) -> None:
    assert list(found.datatypes or ()) == rows(found, "datatypes")


def test_links_to_elsewhere_are_those_that_the_query_finds(found: measures.Measures) -> None:
    assert list(found.links_out or ()) == rows(found, "links")


def test_documents_are_those_that_the_query_finds(found: measures.Measures) -> None:
    assert [found.documents] == rows(found, "documents")


def test_resources_without_links_are_those_that_the_query_finds(found: measures.Measures) -> None:
    assert [{"number": found.without_links}] == rows(found, "without-links")
