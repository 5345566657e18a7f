"""Examples of the terms of the vocabulary, taken from the data that is served.

They are looked for first in the plan that serves as the example, about
its project with the most icons; then anywhere. Every pattern takes one solution, those without
an order wherever the engine finds it, so that many plans cost no more than one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rdflib import Literal, URIRef

from kg.catalog.parts import PARTS_FOLDER
from kg.counts import lines_of, read_counts
from kg.vocab import RDF, SKOS, SP
from server.context import context
from server.pages import queries
from server.pages.facts import Facts, Term
from server.pages.frame import plan_entries

GRAPHS = ("source", "links", "candidate")
"""Of the plan that serves as the example."""
_NOT_OURS = f'FILTER(!STRSTARTS(STR(?subject), "{SP}"))'


@dataclass(frozen=True, slots=True)
class Use:
    """How a term is used: a statement, or of a class only its subject."""

    subject: URIRef
    property: URIRef | None = None
    value: Term | None = None


@dataclass(frozen=True, slots=True)
class Examples:
    """The uses found in a release; `facts` has the names of what they mention.

    `plan` is the manifest's entry of the plan they are from, where it has any; `number` tells
    how many resources or statements there are of a class or property, None where nobody counted.
    """

    plan: Mapping[str, Any] | None
    uses: Mapping[URIRef, Use]
    facts: Facts
    numbers: Mapping[str, int] | None

    def number(self, term: URIRef) -> int | None:
        return None if self.numbers is None else self.numbers.get(str(term), 0)


def example_plan() -> Mapping[str, Any] | None:
    """The plan that examples are taken from: real before made up, the newest of the first city."""
    entries = [entry for entry in plan_entries() if {"code", "year"} <= entry.keys()]
    first = min(entries, key=lambda e: (bool(e.get("made_up")), str(e["code"])), default=None)
    if first is None:
        return None
    return max((e for e in entries if e["code"] == first["code"]), key=lambda e: int(e["year"]))


def find_examples(
    classes: Iterable[URIRef], properties: Iterable[URIRef], things: Iterable[URIRef]
) -> Examples:
    """Examples over the release that answers now. Raises HttpProblem as the engine does.

    `things` are concepts and structures, of which an example is what points to them.
    """
    counts, plan = read_counts(context().release.path), example_plan()
    numbers = None if counts is None else {**counts.properties, **counts.classes}
    patterns = {term: f"?subject {RDF.type.n3()} {term.n3()}" for term in classes}
    patterns |= {term: f"?subject {term.n3()} ?value" for term in properties}
    if numbers is not None:
        patterns = {term: text for term, text in patterns.items() if numbers.get(str(term))}
    patterns |= {term: f"?subject ?property {term.n3()}" for term in things}
    uses: dict[URIRef, Use] = {}
    if plan is not None:
        described = _described(plan)
        parts = [_in_plan(t, text, plan, described) for t, text in patterns.items()]
        uses = _ask(parts, _about(plan))
    others = [_anywhere(t, text) for t, text in patterns.items() if t not in uses]
    uses |= _ask(others, {})
    mentioned = {one for use in uses.values() for one in (use.subject, use.value)}
    named = [one for one in mentioned if isinstance(one, URIRef) and not one.startswith(str(SP))]
    facts = Facts(context().engine.select(queries.names_of(named)) if named else ())
    return Examples(plan, uses, facts, numbers)


def _about(plan: Mapping[str, Any]) -> dict[str, URIRef | Literal]:
    """What stands for the variables of `_in_plan`."""
    iri = URIRef(str(plan["iri"]))
    rows = context().engine.select(queries.PROJECT_WITH_MOST_ICONS, {"plan": iri})
    base = context().settings.base_iri
    first = URIRef(str(rows[0]["project"])) if rows else iri
    return {
        "plan": iri,
        "first": first,
        "year": Literal(f"/fy/{plan['year']}"),
        "statistics": URIRef(f"{base}graph/statistics"),
        "catalog": URIRef(f"{base}graph/catalog"),
        **{name: URIRef(f"{iri}/graph/{name}") for name in GRAPHS},
    }


def _described(plan: Mapping[str, Any]) -> list[URIRef]:
    """What the catalogue tells of below the plan's IRI."""
    start = f"<{plan['iri']}"
    try:
        lines = lines_of(context().release.path / PARTS_FOLDER / f"{plan['code']}.nq")
    except FileNotFoundError:
        return []
    found = {line.partition(">")[0][1:] for line in lines if line.startswith(start)}
    return [URIRef(iri) for iri in sorted(found)]


def _in_plan(
    term: URIRef, pattern: str, plan: Mapping[str, Any], described: Sequence[URIRef]
) -> str:
    """The first use in the plan: by ?first and its parts, then by what it points to."""
    graphs = [
        f"GRAPH ?{name} {{ {pattern} }}" for name in GRAPHS if name in plan.get("graphs", GRAPHS)
    ]
    parts = [
        *graphs,
        f"GRAPH ?statistics {{ ?subject sp:dimPlan ?plan . {pattern} }}",
    ]
    if described:
        # named, for the graph of the catalogue is that of all plans
        parts.append(f"GRAPH ?catalog {{ {queries.one_of('subject', described)} {pattern} }}")
    found = " UNION ".join(f"{{ {part} }}" for part in parts)
    near = "BIND(EXISTS { ?first ?any ?subject } AS ?isNear)"
    order = """IF(STRSTARTS(STR(?subject), STR(?first)), 0, IF(?isNear, 1,
      IF(STRSTARTS(STR(?subject), STR(?plan)) || STRENDS(STR(?subject), ?year), 2, 3)))
      STRLEN(STR(?subject)) ?subject ?value"""
    return _one(term, f"{found} {near}", f"ORDER BY {order}")


def _anywhere(term: URIRef, pattern: str) -> str:
    return _one(term, pattern, "")


def _one(term: URIRef, pattern: str, order: str) -> str:
    # what belongs to a scheme is told by the vocabulary itself, and is no use of it
    free = f"{_NOT_OURS} FILTER(!BOUND(?property) || ?property != {SKOS.inScheme.n3()})"
    return (
        f"{{ SELECT ({term.n3()} AS ?term) ?subject ?property ?value WHERE {{ {pattern} {free} }}"
        f" {order} LIMIT 1 }}"
    )


def _ask(parts: list[str], bindings: Mapping[str, URIRef | Literal]) -> dict[URIRef, Use]:
    if not parts:
        return {}
    text = f"{queries.PROLOGUE}SELECT ?term ?subject ?property ?value WHERE {{\n"
    text += "\nUNION ".join(parts) + "\n}"
    found = {}
    for row in context().engine.select(text, bindings):
        term, subject = row["term"], row["subject"]
        if isinstance(term, URIRef) and isinstance(subject, URIRef):
            item, value = row.get("property"), row.get("value")
            if item is None:
                use = Use(subject) if value is None else Use(subject, term, value)
            else:
                use = Use(subject, URIRef(str(item)), term)
            found[term] = use
    return found
