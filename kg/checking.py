"""One plan from its folder to validated graphs; writes nothing."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from kg.candidates import estimate
from kg.errors import (
    IriCollision,
    PlanRefused,
    Problem,
    Problems,
    in_document_order,
    problem_kinds,
)
from kg.estimates import Estimate
from kg.extract.decisions import read_curation
from kg.extract.plan import Extraction, extract
from kg.iris import PlanIris
from kg.mapping.candidate import candidate_graph
from kg.mapping.graphs import links_graph, source_graph
from kg.mapping.terms import Context, Triple
from kg.origin import Origin
from kg.plan_settings import PlanSettings, read_plan_settings
from kg.records import Curation
from kg.resources import ontology_dir
from kg.settings import Settings
from kg.validation import Report, Result, report_triples, validate

TOLD_BEFORE = {"C26": "goal-missing", "C11": "number-twice"}
"""Constraints that only repeat a problem of the extraction: constraint -> code of the problem."""

PYSHACL_PROJECTS = 1000
"""A plan with more projects is validated by the second validator alone: pySHACL takes minutes."""


@dataclass(frozen=True)
class CheckedPlan:
    """Everything known of one plan folder. It may be published if `problems` is empty.

    `settings` is None if plan.toml is unreadable, `extraction.plan` if no project was found,
    `report` if there was nothing to validate, `estimate` if no link is to be estimated.
    `seconds` is time per step.
    """

    folder: Path
    problems: tuple[Problem, ...]
    settings: PlanSettings | None = None
    iris: PlanIris | None = None
    extraction: Extraction | None = None
    curation: Curation = field(default_factory=Curation)
    graphs: dict[str, tuple[Triple, ...]] = field(default_factory=dict)
    report: Report | None = None
    estimate: Estimate | None = None
    seconds: dict[str, float] = field(default_factory=dict)


def check_plan(folder: Path, settings: Settings, validator: str = "pyshacl") -> CheckedPlan:
    """Extract, map and validate one plan folder; every problem is in the answer, none is raised."""
    clock = _Clock()
    try:
        plan_settings = read_plan_settings(folder)
    except PlanRefused as refusal:
        return CheckedPlan(folder, refusal.problems)
    iris = PlanIris(settings.base_iri, plan_settings.code, plan_settings.slug, plan_settings.year)
    extraction = extract(
        plan_settings,
        max_projects=settings.max_projects,
        max_bytes=settings.max_document_mib << 20,
    )
    problems = Problems(extraction.problems)
    if extraction.plan is None:
        return CheckedPlan(folder, extraction.problems, plan_settings, iris, extraction)
    curation = read_curation(folder, extraction.plan, plan_settings["dataset.modified"], problems)
    clock.step("extract")
    # a plan with problems is not published, and its numbers may be wrong because of them
    estimated = None if problems else estimate(extraction.plan, curation, problems)
    clock.step("estimate")
    context = Context(iris, plan_settings)
    try:
        graphs = {
            "source": source_graph(extraction.plan, context),
            "links": links_graph(extraction.plan, curation, context),
        }
        if estimated is not None:
            graphs["candidate"] = candidate_graph(estimated, curation, context)
    except IriCollision as collision:
        problems.add("iri-collision", Origin(str(folder)), names=str(collision))
        return CheckedPlan(folder, in_document_order(problems), plan_settings, iris, extraction)
    clock.step("map")
    if len(extraction.plan.projects) > PYSHACL_PROJECTS:
        validator = "shacl"
    merged = [triple for triples in graphs.values() for triple in triples]
    report = validate(iris.plan, merged, ontology_dir(), validator=validator)
    graphs["report"] = tuple(report_triples(report, iris.graph("report")))
    clock.step("validate")
    problems += report_problems(report, extraction.plan.document, problems)
    return CheckedPlan(
        folder,
        in_document_order(problems),
        plan_settings,
        iris,
        extraction,
        curation,
        graphs,
        report,
        estimated,
        clock.seconds,
    )


def report_problems(report: Report, document: str, known: Problems) -> list[Problem]:
    """The violations of a report as problems of the document.

    A violation that only names lines which a known problem names already is its consequence
    and is left out: an empty cell also breaks the cardinality of its property.
    """
    codes = {problem.code for problem in known}
    told = {problem.origin.line for problem in known if problem.origin.document == document}
    return [
        _problem(result, document)
        for result in report.violations
        if (not result.lines or not set(result.lines) <= told)
        and TOLD_BEFORE.get(result.constraint) not in codes
    ]


def _problem(result: Result, document: str) -> Problem:
    kinds = problem_kinds()
    kind = kinds.get(result.constraint, kinds["constraint"])
    figures = {**result.figures, "constraint": result.constraint}
    return Problem(
        result.constraint,
        Origin(document, line=min(result.lines, default=None)),
        _without_code(result.sentence_en, result.constraint).removesuffix("."),
        expected=kind["expected"].format(**figures),
        fix=kind["fix"],
        japanese=_without_code(result.sentence_ja, result.constraint),
    )


def _without_code(sentence: str, constraint: str) -> str:
    """A sentence of the report without the constraint's number at its end."""
    return re.sub(rf"\s*[（(]{constraint}[)）]\.?$", "", sentence)


class _Clock:
    """Seconds since the step before, per step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def step(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = now - self._last
        self._last = now
