"""The entries of a plan's review list as the tables show them."""

from __future__ import annotations

from typing import Any

from rdflib import URIRef

from kg.vocab import SP
from server.pages.facts import Facts, Term
from server.pages.links import href
from server.pages.rows import unit_path


def change_rows(facts: Facts, language: str) -> list[dict[str, Any]]:
    """The review list in the order of the document."""
    found = sorted(facts.subjects(SP.ProjectChange), key=lambda c: facts.number(c, SP.order) or 0)
    return [
        {
            "iri": change,
            "url": href(str(change)),
            "kind_iri": facts.iri(change, SP.changeKind),
            "kind": facts.name(facts.iri(change, SP.changeKind), language),
            "is_new": facts.iri(change, SP.changeKind) == SP["status-new-or-added"],
            "is_merged": facts.iri(change, SP.changeKind) == SP["status-merged"],
            "name": facts.name(change, language),
            "policy": str(facts.iri(change, SP.policy) or "").rpartition("/")[2],
            "policy_url": href(str(facts.iri(change, SP.policy))),
            "unit": unit_path(facts, facts.iri(change, SP.responsibleUnit), language),
            "project_url": _link(facts, change, SP.listedProject),
            "project_number": _tail(facts.iri(change, SP.listedProject)),
            "merged_url": _link(facts, change, SP.mergedInto),
            "merged_number": _tail(facts.iri(change, SP.mergedInto)),
            "lines": facts.lines(change),
        }
        for change in found
    ]


def _link(facts: Facts, subject: URIRef, item: URIRef) -> str | None:
    iri = facts.iri(subject, item)
    return None if iri is None else href(str(iri))


def _tail(iri: Term | None) -> str:
    return "" if iri is None else str(iri).rpartition("/")[2]
