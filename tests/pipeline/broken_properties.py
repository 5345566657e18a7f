"""For every property shape that broken.py does not break: a wrong value, or none."""

from __future__ import annotations

import re
from collections.abc import Callable

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import Node

from kg.resources import ontology_dir
from kg.vocab import SP
from tests.pipeline import (
    broken,
    broken_layouts,  # noqa: F401 (registers its examples)
    broken_measures,  # noqa: F401 (registers its examples)
    broken_readings,  # noqa: F401 (registers its examples)
    broken_totals,  # noqa: F401 (registers its examples)
)
from tests.pipeline.broken_measures import MEASURED, measure
from tests.pipeline.koriyama import EXAMPLE, PLAN, STATISTICS, Broken, Draft

ONE_KIND = {SP.Plan: SP.BasicPlan, SP.Statistic: SP.PlanStatistic}
"""Classes of which nothing is an instance by itself, and one of their subclasses."""

NAMELESS = "what is linked has no Japanese name"
WITH_IT: dict[str, tuple[set[str], str]] = {
    "C40": ({"C02", "C90"}, "the second code fits neither the area code nor the corporate number"),
    "C41": ({"C90"}, "the second number does not end in the city's code"),
    "C42": ({"C02"}, "the second area code is not the city's"),
    "C50": ({"C37"}, "the total of last year's plan stands in the table too"),
    "C54": ({"C39", "C92"}, "the dates and last year's plan follow from the year"),
    "C55": ({"C92"}, "the date follows from the year"),
    "C56": ({"C92"}, "the date follows from the year"),
    "C57": ({"C93"}, "no name at all is no Japanese name"),
    "C59": ({"C16"}, "the second scheme is not the basic plan's"),
    "C60": ({"C93"}, "no name at all is no Japanese name"),
    "C61": ({"C62", "C93"}, f"a top unit gets another one above it; {NAMELESS}"),
    "C67": ({"C93"}, "no name at all is no Japanese name"),
    "C68": ({"C93"}, NAMELESS),
    "C69": ({"C17", "C93"}, f"the second unit leads to no city; {NAMELESS}"),
    "C84": ({"C27"}, "the first target is an activity, which has no value"),
    "C102": ({"C32"}, "only an inferred record has a confidence"),
    "C105": ({"C09"}, "the second kind is counted as an end"),
    "C107": ({"C25"}, "the second name is not that of the row"),
    "C108": ({"C25", "C93"}, f"the second policy is not that of the row; {NAMELESS}"),
    "C109": ({"C17", "C25", "C93"}, f"the second unit is not that of the row; {NAMELESS}"),
    "C122": ({"C23"}, "the second count differs from the review list"),
    "C153": ({"C162"}, "the second goal has another number"),
    "C154": ({"C166"}, "the second policy has no number in the balance"),
    "C150": ({"C167"}, "the second basis is none of a plan's"),
    "C167": ({"C150"}, "the second basis is none at all"),
    "C125": ({"C33"}, "the second count is not the sum of the column"),
}
"""What else must complain of a wrong value, and why."""


def _property_examples(known: set[str]) -> list[Broken]:
    """For every other property shape: its value taken away, or a wrong one added to the first."""
    shapes = Graph().parse(ontology_dir() / "shapes.ttl")
    examples = []
    for node_shape, shape in sorted(shapes.subject_objects(SH.property), key=str):
        number = str(shape).rpartition("#")[2]
        if number in known:
            continue
        kind, path = shapes.value(node_shape, SH.targetClass), shapes.value(shape, SH.path)
        is_single = (shape, SH.maxCount, None) in shapes
        takes_iri = any(
            (shape, test, None) in shapes for test in (SH["class"], SH["in"], SH.nodeKind)
        ) or (path in (SP.linkedGoal, SP.rejectedGoal, SP.dimGoal))
        wrong = EXAMPLE.wrong if takes_iri else Literal("?")
        also, why = WITH_IT.get(number, (set(), ""))
        edit = _edit_of_property(kind, path, wrong if is_single or takes_iri else None)
        examples.append(Broken(number, edit, frozenset(also), why))
    return examples


def _edit_of_property(kind: Node, path: Node, wrong: Node | None) -> Callable[[Draft], object]:
    def wrong_or_missing_value(draft: Draft) -> None:
        if kind == SP.SdgLink:
            draft.record("1", 4, "inferred", direct=False)
        if kind == SP.SdgRejection:
            draft.reject("1", 4)
        if kind == SP.ExpectedCountObservation:
            draft.expect(9, "4")
        if str(kind).rpartition("#")[2] in STATISTICS:
            draft.statistic(kind)
        if kind == SP.Statistic:
            draft.statistic(SP.PlanStatistic)
        if kind == SP.FundingAccount:
            draft.put(EXAMPLE.account, RDF.type, SP.FundingAccount)
        if str(kind).rpartition("#")[2] in MEASURED:
            measure(draft)
        if kind == SP.PlanVersion:
            version = URIRef(f"{PLAN}/version/1")
            draft.put(version, RDF.type, SP.PlanVersion)
            draft.put(version, SP.versionOfPlan, PLAN)
        subject = draft.first(ONE_KIND.get(kind, kind))
        if wrong is None:
            draft.drop(subject, path)
        else:
            draft.put(subject, path, wrong)

    return wrong_or_missing_value


BROKEN = sorted(
    [*broken.BROKEN, *_property_examples({example.constraint for example in broken.BROKEN})],
    key=lambda example: int(re.sub(r"\D", "", example.constraint)),
)
"""An example of every constraint, in order of their numbers."""
