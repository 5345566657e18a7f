"""DCAT-AP 3.0.1 as SHACL: what its shapes have against a catalogue.

The shapes lie beside the repository and are never copied into it. `imports.ttl`, `mdr_imports.ttl`
and `mdr-vocabularies.shape.ttl` are left out: they ask for the EU's vocabularies themselves, and
for places, publishers and themes to be the EU's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyshacl
import pytest
from rdflib import RDF, SH, Graph
from rdflib.term import Node

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "reference" / "dcat-ap-3.0.1"
REASON = "needs the shapes of DCAT-AP in ../shared/reference/dcat-ap-3.0.1"

REQUIRED = ("shapes", "range", "deprecateduris")
RECOMMENDED = "shapes_recommended"


@dataclass(frozen=True, order=True, slots=True)
class Objection:
    """One result of a validation: its severity, where, which property, and the words of SHACL."""

    severity: str
    focus: str
    path: str
    message: str


def objections(catalog: Graph, name: str) -> list[Objection]:
    """What one file of shapes has against the catalogue, sorted; a skip without the files."""
    file = FOLDER / f"{name}.ttl"
    if not file.is_file():
        pytest.skip(REASON)
    _, report, _ = pyshacl.validate(catalog, shacl_graph=Graph().parse(file), inference="none")
    assert isinstance(report, Graph)

    def text(result: Node, predicate: Node) -> str:
        return str(report.value(result, predicate) or "")

    return sorted(
        Objection(
            text(result, SH.resultSeverity).rpartition("#")[2],
            text(result, SH.focusNode),
            text(result, SH.resultPath),
            text(result, SH.resultMessage),
        )
        for result in report.subjects(RDF.type, SH.ValidationResult)
    )
