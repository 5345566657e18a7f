"""How values become RDF terms: canonical literals only, so that every engine keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rdflib import Literal, URIRef
from rdflib.term import Node

from kg.iris import PlanIris
from kg.plan_settings import PlanSettings
from kg.records import OrganizationalUnit
from kg.text import folded
from kg.vocab import XSD

Triple = tuple[URIRef, URIRef, Node]
Triples = Iterator[Triple]


@dataclass(frozen=True, slots=True)
class Context:
    """What every mapping needs: the plan's IRIs and its settings."""

    iris: PlanIris
    settings: PlanSettings

    def identity(self, name: str) -> str:
        """The name that an IRI is made from: the old one where [aliases] ties a new name to it.

        A unit's name is its path with slashes, as in "市民部/市民課".
        """
        key = folded(name)
        return next((old for new, old in self.settings.aliases.items() if folded(new) == key), name)

    def unit(self, unit: OrganizationalUnit) -> URIRef:
        return self.iris.unit(tuple(self.identity("/".join(unit.path)).split("/")))

    def continuing_project(self, name: str) -> URIRef:
        return self.iris.continuing_project(self.identity(name))


def japanese(text: str) -> Literal:
    return Literal(text, lang="ja")


def english(text: str) -> Literal:
    return Literal(text, lang="en")


def plain(text: str) -> Literal:
    """An xsd:string."""
    return Literal(text)


def integer(number: int) -> Literal:
    return Literal(str(number), datatype=XSD.integer, normalize=False)


def decimal(number: Decimal) -> Literal:
    """An xsd:decimal without superfluous zeros: 3.5 and 1700."""
    return Literal(format(number.normalize(), "f"), datatype=XSD.decimal, normalize=False)


def day(value: date) -> Literal:
    return Literal(value.isoformat(), datatype=XSD.date, normalize=False)


def year(value: int) -> Literal:
    return Literal(str(value), datatype=XSD.gYear, normalize=False)


def labels(subject: URIRef, predicate: URIRef, texts: Mapping[str, str]) -> Triples:
    """One literal per language of a {"ja": …, "en": …} text."""
    for language, text in texts.items():
        yield subject, predicate, Literal(text, lang=language)
