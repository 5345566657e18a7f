"""The constraints at /shapes: each in a sentence, with what it found in the plans served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Response
from flask_babel import gettext
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import SH
from rdflib.term import Node

from kg.vocab import DCTERMS, SPS
from server.context import context
from server.errors import HttpProblem
from server.pages import queries
from server.pages.facts import natural
from server.pages.frame import page
from server.pages.links import href, local_path, site
from server.pages.reconciliation import report_path
from server.pages.term_examples import example_plan
from server.pages.term_texts import (
    by_language,
    file_frame,
    in_order,
    local_name,
    without_placeholders,
)
from server.pages.terms import ontology_graph, shortened

MOST_KEPT = 4


@dataclass(frozen=True, slots=True)
class Found:
    """What a constraint found: results, in how many plans, and the report graph of one of them."""

    results: int
    plans: int
    graph: str


@dataclass(frozen=True, slots=True)
class Results:
    """What all constraints found in a release: in how many reports, in all and in one plan."""

    reports: int
    everywhere: Mapping[str, Found]
    in_example: Mapping[str, Found] | None
    """None where the plan has no report."""


_kept: dict[Path, Results] = {}


def results_of_constraints() -> Results | None:
    """Those over the release that answers now, counted once; None if they cannot be counted."""
    path = context().release.path
    found = _kept.get(path)
    if found is None:
        try:
            found = _counted()
        except HttpProblem:
            return None
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[path] = found
    return found


def _counted() -> Results:
    plan = example_plan()
    rows = context().engine.select(queries.RESULTS_OF_CONSTRAINTS)
    reports = {str(row["graph"]) for row in context().engine.select(queries.REPORTS)}
    own = None
    if plan is not None and f"{plan['iri']}/graph/report" in reports:
        graph = URIRef(f"{plan['iri']}/graph/report")
        own = context().engine.select(queries.RESULTS_OF_PLAN, {"graph": graph})
    return Results(len(reports), _by_constraint(rows), None if own is None else _by_constraint(own))


def _by_constraint(rows: list[Any]) -> dict[str, Found]:
    return {
        str(row["constraint"]): Found(int(row["results"]), int(row["plans"]), str(row["first"]))
        for row in rows
    }


def shapes_page() -> Response:
    """All constraints by the shape they belong to."""
    graph, results, plan = ontology_graph("shapes"), results_of_constraints(), example_plan()
    shapes = sorted(
        (s for s in graph.subjects(SH.targetClass) if isinstance(s, URIRef)), key=natural
    )
    seen: set[Node] = set()
    groups = []
    for shape in shapes:
        target = graph.value(shape, SH.targetClass)
        severity = graph.value(shape, SH.severity) or SH.Violation
        found = [
            _constraint(graph, constraint, severity, results)
            for constraint in sorted(
                {*graph.objects(shape, SH.property), *graph.objects(shape, SH.sparql)}, key=natural
            )
            if not (constraint in seen or seen.add(constraint))  # type: ignore[func-returns-value]
        ]
        if list(graph.objects(shape, SH.message)):
            found.insert(0, _constraint(graph, shape, severity, results))
        groups.append(
            {
                "id": local_name(shape),
                "target": shortened(str(target)),
                "target_url": href(str(target)) or str(target),
                "constraints": found,
            }
        )
    response = page(
        "shapes.html",
        file_frame("shapes", gettext("検証規則")),
        groups=groups,
        total=len({c["id"] for group in groups for c in group["constraints"]}),  # type: ignore[index]
        description=by_language(graph, URIRef(str(SPS).rstrip("#")), DCTERMS.description),
        results=results,
        plan=plan,
        plan_report=None if plan is None else site(report_path(plan) or ""),
    )
    if results is None:
        response.headers["Cache-Control"] = "no-cache"  # they may be there the next time
    return response


def rule_of(constraint: URIRef) -> Literal | None:
    """What a numbered constraint says, in the language of the page; None if it is not known."""
    messages = _messages(ontology_graph("shapes"), constraint)
    return next(iter(messages), None)


def _messages(graph: Graph, constraint: Node) -> list[Literal]:
    messages, number = by_language(graph, constraint, SH.message), local_name(constraint)
    return [
        Literal(
            without_placeholders(str(messages[code]).removeprefix(f"{number} ")), lang=code or None
        )
        for code in in_order(messages)
    ]


def _constraint(
    graph: Graph, constraint: Node, severity: Node, results: Results | None
) -> dict[str, object]:
    own = graph.value(constraint, SH.severity) or severity
    found = None if results is None else results.everywhere.get(str(constraint))
    here = (results.in_example or {}).get(str(constraint)) if results is not None else None
    return {
        "id": local_name(constraint),
        "messages": _messages(graph, constraint),
        "path": shortened(str(graph.value(constraint, SH.path) or "")),
        "is_warning": own == SH.Warning,
        "here": 0 if here is None else here.results,
        "results": 0 if found is None else found.results,
        "plans": 0 if found is None else found.plans,
        "report": None if found is None else _report_of(found.graph),
    }


def _report_of(graph: str) -> str | None:
    """The page of the report in that graph."""
    path = local_path(graph.removesuffix("/graph/report")) or ""
    code, _, rest = path.removeprefix("doc/").partition("/plan/")
    return site(f"report/{code}/{rest}") if rest else None
