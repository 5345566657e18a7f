"""The W3C SPARQL 1.1 test suite as it lies beside the repository; never copied into it.

Source: https://github.com/w3c/rdf-tests, folder sparql/sparql11. Without the folder the tests
are skipped, and fail where nothing may be skipped.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from rdflib import RDF, BNode, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

ROOT = Path(__file__).resolve().parents[2]
SUITE = ROOT.parent / "shared" / "reference" / "w3c-sparql11"
REASON = "needs the W3C test suite in ../shared/reference/w3c-sparql11"
BASE = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"
"""The IRIs of the suite's files start with this, wherever the folder lies."""

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that does not pass: why, and what to write instead."""

    test: str
    reason: str
    instead: str


@dataclass(frozen=True, slots=True)
class Case:
    """One entry of a manifest."""

    group: str
    node: Node
    manifest: Graph

    @property
    def name(self) -> str:
        """The group and the test's own name in it, as known_failures.toml has it."""
        return f"{self.group}/{str(self.node).rpartition('#')[2]}"

    @property
    def kind(self) -> str:
        return str(self.manifest.value(self.node, RDF.type)).rpartition("#")[2]

    @property
    def query_file(self) -> Path:
        action = self.manifest.value(self.node, MF.action)
        query = self.manifest.value(action, QT.query) if isinstance(action, BNode) else action
        return path_of(query)

    def files(self, term: URIRef) -> list[Path]:
        """The files that a property of the action or of the test names, sorted."""
        action = self.manifest.value(self.node, MF.action)
        found = [*self.manifest.objects(action, term), *self.manifest.objects(self.node, term)]
        return sorted(map(path_of, found))


def path_of(node: Node | None) -> Path:
    """The file of an IRI of the suite."""
    assert node is not None and str(node).startswith(BASE), node
    return SUITE / str(node).removeprefix(BASE)


def iri_of(path: Path) -> str:
    """The IRI of a file of the suite."""
    return BASE + path.relative_to(SUITE).as_posix()


def require_suite() -> None:
    """Skip the module that calls this if the suite is not there."""
    if not (SUITE / "manifest-all.ttl").is_file():
        pytest.skip(REASON, allow_module_level=True)


def cases_of(group: str) -> list[Case]:
    """The entries of a group's manifest, in its order."""
    path = SUITE / group / "manifest.ttl"
    manifest = Graph().parse(path, format="turtle", publicID=iri_of(path))
    head = manifest.value(manifest.value(None, RDF.type, MF.Manifest), MF.entries)
    return [Case(group, node, manifest) for node in Collection(manifest, head)]


def known_failures() -> dict[str, Failure]:
    """The tests that are known to fail, by name."""
    path = Path(__file__).with_name("known_failures.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    failures = [Failure(**entry) for entry in table.get("failure", ())]
    assert len({failure.test for failure in failures}) == len(failures), "a test is listed twice"
    return {failure.test: failure for failure in failures}
