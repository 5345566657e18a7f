"""An organizational unit: its name, what it belongs to, its type by the last word of its name."""

from __future__ import annotations

from kg.codes import read_codes
from kg.mapping.terms import Context, Triples, japanese
from kg.records import OrganizationalUnit
from kg.vocab import DCTERMS, ORG, RDF, SKOS, SP


def unit_triples(unit: OrganizationalUnit, context: Context) -> Triples:
    subject = context.unit(unit)
    yield subject, RDF.type, ORG.OrganizationalUnit
    yield subject, SKOS.prefLabel, japanese(unit.name)
    if unit.parent is None:
        yield subject, ORG.unitOf, context.iris.municipality
    else:
        yield subject, ORG.subOrganizationOf, context.unit(unit.parent)
    kind = unit_type(unit.name)
    if kind is not None:
        yield subject, ORG.classification, SP[f"unit-type-{kind}"]
    yield subject, DCTERMS.source, context.iris.document


def unit_type(name: str) -> str | None:
    """The type by the longest known ending: "中央公民館" -> community-centre; None if unknown."""
    endings = [row for row in read_codes("unit-types") if name.endswith(row["suffix"])]
    return max(endings, key=lambda row: len(row["suffix"]))["type"] if endings else None
