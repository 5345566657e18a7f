"""One plan from its folder to validated graphs; writes nothing."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from rdflib import URIRef

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
from kg.iris import STATISTICS, PlanIris
from kg.mapping.achievement import achievement_graph
from kg.mapping.candidate import candidate_graph
from kg.mapping.graphs import links_graph, source_graph
from kg.mapping.statistics import statistics_graph
from kg.mapping.terms import Context, Triple
from kg.municipalities import code_problems
from kg.origin import Origin, in_order, in_words
from kg.plan_settings import PlanSettings, read_plan_settings
from kg.records import Curation
from kg.resources import ontology_dir
from kg.settings import Settings
from kg.validation import Report, Result, report_triples, validate

TOLD_BEFORE = {"C26": "goal-missing", "C11": "number-twice", "C245": "reorganised-units"}
"""Constraints that only repeat a problem of the extraction: constraint -> code of the problem."""

LINKED = frozenset(("C13", "C19", "C29", "C74", "C145"))
"""Constraints that decisions can break; such a problem names their rows in links.csv."""

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
    started = time.perf_counter()
    read = read_plan(folder, settings)
    if read.extraction is None or read.extraction.plan is None or read.settings is None:
        return read
    problems = Problems(read.problems)
    modified = read.settings["dataset.modified"]
    curation = read_curation(folder, read.extraction.plan, modified, problems)
    read.seconds["extract"] = time.perf_counter() - started
    return with_decisions(read, curation, problems, validator)


def read_plan(folder: Path, settings: Settings) -> CheckedPlan:
    """What the plan folder's settings and document state, neither mapped nor validated."""
    try:
        plan_settings = read_plan_settings(folder)
    except PlanRefused as refusal:
        return CheckedPlan(folder, refusal.problems)
    if wrong := code_problems(plan_settings):
        # the code is in every IRI: nothing is minted from a wrong one
        return CheckedPlan(folder, tuple(wrong))
    iris = PlanIris(settings.base_iri, plan_settings.code, plan_settings.slug, plan_settings.year)
    extraction = extract(
        plan_settings,
        max_projects=settings.max_projects,
        max_bytes=settings.max_document_mib << 20,
    )
    return CheckedPlan(folder, extraction.problems, plan_settings, iris, extraction)


def with_decisions(
    read: CheckedPlan, curation: Curation, known: Problems, validator: str
) -> CheckedPlan:
    """The plan that `read_plan` read, estimated, mapped and validated with people's decisions.

    `known` are its problems so far, those of the decisions among them. Nothing is read again.
    """
    settings, iris, extraction = read.settings, read.iris, read.extraction
    assert settings is not None
    assert iris is not None
    assert extraction is not None
    assert extraction.plan is not None
    plan, problems = extraction.plan, Problems(known)
    clock = _Clock(read.seconds)
    # a document with problems is not published, and its numbers may be wrong because of them; where
    # only decisions cannot be read, the others can still be found to leave no set of links
    estimated = None if read.problems else estimate(plan, curation, problems)
    clock.step("estimate")
    context = Context(iris, settings)
    try:
        graphs = {
            "source": source_graph(plan, context),
            "links": links_graph(plan, curation, context),
        }
        if plan.report is not None:
            graphs["achievement"] = achievement_graph(plan, context)
        if estimated is not None:
            graphs["candidate"] = candidate_graph(estimated, curation, context)
    except IriCollision as collision:
        problems.add("iri-collision", Origin(str(read.folder)), names=str(collision))
        return replace(read, problems=in_document_order(problems))
    graphs[STATISTICS] = statistics_graph(plan, curation, estimated, context)
    clock.step("map")
    if len(plan.projects) > PYSHACL_PROJECTS:
        validator = "shacl"
    merged = [triple for triples in graphs.values() for triple in triples]
    report = validate(iris.plan, merged, ontology_dir(), validator=validator)
    graphs["report"] = tuple(report_triples(report, iris.graph("report")))
    clock.step("validate")
    causes = decisions_by_resource(iris, curation)
    problems += report_problems(report, plan.document, problems, causes)
    return replace(
        read,
        problems=in_document_order(problems),
        curation=curation,
        graphs=graphs,
        report=report,
        estimate=estimated,
        seconds=clock.seconds,
    )


Decision = tuple[Origin, str]
"""The goal that a row of links.csv is about, and the row."""


def decisions_by_resource(
    iris: PlanIris, curation: Curation
) -> Mapping[URIRef, tuple[Decision, ...]]:
    """What each decision may be to blame for: records, and for accepted links also the project
    and the published count of the goal.
    """
    found: dict[URIRef, list[Decision]] = defaultdict(list)
    for key, link in curation.links:
        count = iris.cube("sdg-goal", str(link.goal))
        for iri in (iris.goal_link(key, link.goal), iris.project(key), count):
            found[iri].append((link.origin, f"goal {link.goal}"))
    for rejection in curation.rejections:
        record = iris.rejection(rejection.project, rejection.goal)
        found[record].append((rejection.origin, f"goal {rejection.goal}"))
    return {iri: tuple(rows) for iri, rows in found.items()}


def report_problems(
    report: Report,
    document: str,
    known: Problems,
    causes: Mapping[URIRef, tuple[Decision, ...]] = MappingProxyType({}),
) -> list[Problem]:
    """The violations of a report as problems of the document, or of the decisions beside it.

    A violation that only names lines which a known problem names already is its consequence
    and is left out: an empty cell also breaks the cardinality of its property. `causes` are
    the decisions that a violation of a LINKED constraint is blamed on, by its resource.
    """
    codes = {problem.code for problem in known}
    told = {problem.origin.place for problem in known if problem.origin.document == document}
    return [
        _problem(result, document, _blamed(result, causes))
        for result in report.violations
        if (not result.places or not set(result.places) <= told)
        and TOLD_BEFORE.get(result.constraint) not in codes
    ]


def _blamed(result: Result, causes: Mapping[URIRef, tuple[Decision, ...]]) -> tuple[Decision, ...]:
    if result.constraint not in LINKED:
        return ()
    resources = (result.value, result.focus)
    rows = next((causes[r] for r in resources if isinstance(r, URIRef) and r in causes), ())
    return in_order(rows)


def _problem(result: Result, document: str, blamed: tuple[Decision, ...]) -> Problem:
    kinds = problem_kinds()
    kind = kinds.get(result.constraint, kinds["constraint"])
    figures = {**result.figures, "constraint": result.constraint}
    origin, found, column = Origin.at(document, min(result.places, default=None)), None, None
    if blamed:
        origin, found = blamed[0][0], in_words(blamed)
        column = None if origin.row is None else "goal"
    return Problem(
        result.constraint,
        origin,
        _without_code(result.sentence_en, result.constraint).removesuffix("."),
        expected=kind["expected"].format(**figures),
        fix=kind["fix"],
        found=found,
        column=column,
        japanese=_without_code(result.sentence_ja, result.constraint),
    )


def _without_code(sentence: str, constraint: str) -> str:
    """A sentence of the report without the constraint's number at its end."""
    return re.sub(rf"\s*[（(]{constraint}[)）]\.?$", "", sentence)


class _Clock:
    """Seconds since the step before, per step."""

    def __init__(self, seconds: Mapping[str, float]) -> None:
        self.seconds = dict(seconds)
        self._last = time.perf_counter()

    def step(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = now - self._last
        self._last = now
