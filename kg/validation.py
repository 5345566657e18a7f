"""Graph and shapes -> report: what is wrong with a plan, in sentences, each with its lines.

The validators find (kg/validators.py); here the findings become results with the project's
number and name, the figures on both sides and the lines of the document (kg/sentences.py).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from rdflib import Literal, URIRef
from rdflib.term import Node

from kg.errors import ValidatorsDisagree
from kg.origin import Place
from kg.sentences import Facts, sentences
from kg.validators import (
    ENGINES,
    Constraint,
    Finding,
    Ontology,
    Triple,
    Triples,
    n3,
    read_ontology,
)
from kg.vocab import DCTERMS, RDF, RDFS, SH, SP, SPS, XSD

SAMPLE_PERCENT = 1
"""In mode auto so many of a hundred plans are validated by both validators, found or not."""

SHOWN_DIFFERENCES = 10
"""Differences quoted when the validators disagree."""


class Validator(StrEnum):
    """Who validates; auto is the second validator, checked by pySHACL where it matters."""

    AUTO = "auto"
    PYSHACL = "pyshacl"
    SHACL = "shacl"


Key = tuple[str, str, str, str, str, str]
"""What the validators must agree on: constraint, severity, focus, component, path, value."""


@dataclass(frozen=True)
class Result:
    """One line of a report.

    `figures` are the numbers and terms of the sentence as the query gave them; `places` are
    those of the document, `number` the project's; both may be empty.
    """

    constraint: str
    severity: str
    focus: URIRef
    value: Node | None
    path: str | None
    component: URIRef
    sentence_ja: str
    sentence_en: str
    figures: dict[str, str] = field(default_factory=dict, hash=False)
    places: tuple[Place, ...] = ()
    number: int | None = None
    shape: URIRef | None = None

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines of the document, or rows of its sheets."""
        return tuple(place.number for place in self.places)

    @property
    def key(self) -> Key:
        """What another validator must find as well."""
        value = "" if self.value is None else n3(self.value)
        return (
            self.constraint,
            self.severity,
            str(self.focus),
            str(self.component),
            self.path or "",
            value,
        )

    @property
    def sort_key(self) -> tuple[bool, int, int, Key, str]:
        """Violations first, then by constraint and line."""
        return (
            self.severity != "violation",
            _ordinal(self.constraint),
            min(self.lines, default=0),
            self.key,
            self.sentence_en,
        )


@dataclass(frozen=True)
class Report:
    """The outcome of one plan's validation; results in a fixed order."""

    plan: URIRef
    results: tuple[Result, ...]
    validators: tuple[str, ...]

    @property
    def violations(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.severity == "violation")

    @property
    def warnings(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.severity != "violation")

    @property
    def conforms(self) -> bool:
        """Whether the plan may be published; warnings do not forbid it."""
        return not self.violations

    @property
    def summary(self) -> dict[str, int]:
        """Results per constraint, in order of its number."""
        counts = Counter(result.constraint for result in self.results)
        return {number: counts[number] for number in sorted(counts, key=_ordinal)}


def _ordinal(constraint: str) -> int:
    return int(re.sub(r"\D", "", constraint) or 0)


def validate(
    plan: URIRef, triples: Triples, ontology_dir: Path, *, validator: str = Validator.PYSHACL
) -> Report:
    """The report on one plan: its triples merged with terms.ttl and goals.ttl against shapes.ttl.

    Mode auto asks the second validator, and pySHACL as well where that one found a violation
    and for a fixed sample of plans. Raises ValidatorsDisagree if both were asked and differ.
    """
    triples, ontology = tuple(triples), read_ontology(ontology_dir)
    if validator != Validator.AUTO:
        return _report(plan, triples, ontology, validator)
    report = _report(plan, triples, ontology, Validator.SHACL)
    if report.conforms and not _is_sampled(plan):
        return report
    return _agreed(_report(plan, triples, ontology, Validator.PYSHACL), report)


def validate_with_both(plan: URIRef, triples: Triples, ontology_dir: Path) -> Report:
    """The report of pySHACL, after the second validator found the same; else ValidatorsDisagree."""
    triples, ontology = tuple(triples), read_ontology(ontology_dir)
    pyshacl, shacl = (
        _report(plan, triples, ontology, name) for name in (Validator.PYSHACL, Validator.SHACL)
    )
    return _agreed(pyshacl, shacl)


def compare(one: Iterable[Result], other: Iterable[Result]) -> tuple[list[Key], list[Key]]:
    """What only `one` has and what only `other` has, compared as sets and sorted."""
    first, second = {result.key for result in one}, {result.key for result in other}
    return sorted(first - second), sorted(second - first)


def _agreed(pyshacl: Report, shacl: Report) -> Report:
    only_pyshacl, only_shacl = compare(pyshacl.results, shacl.results)
    differences = [("pyshacl", key) for key in only_pyshacl]
    differences += [("shacl", key) for key in only_shacl]
    if differences:
        shown = "".join(
            f"\n  only {name}: {' '.join(part for part in key if part)}"
            for name, key in differences[:SHOWN_DIFFERENCES]
        )
        raise ValidatorsDisagree(
            f"{pyshacl.plan}: pyshacl and shacl differ in {len(differences)} result(s).{shown}"
        )
    return Report(pyshacl.plan, pyshacl.results, (*pyshacl.validators, *shacl.validators))


def _is_sampled(plan: URIRef) -> bool:
    """A fixed sample: by the plan's IRI, not by chance."""
    return int(hashlib.sha256(plan.encode()).hexdigest(), 16) % 100 < SAMPLE_PERCENT


def _report(plan: URIRef, triples: tuple[Triple, ...], ontology: Ontology, engine: str) -> Report:
    findings = dict.fromkeys(ENGINES[engine](triples, ontology))
    facts = Facts(triples, ontology) if findings else None
    results = [_result(finding, ontology, facts) for finding in findings if facts]
    return Report(plan, tuple(sorted(results, key=lambda r: r.sort_key)), (str(engine),))


def _result(finding: Finding, ontology: Ontology, facts: Facts) -> Result:
    constraint: Constraint = ontology.constraints[finding.constraint]
    figures = constraint.figures(finding.messages)
    subject = facts.subject_of(finding, constraint)
    places = facts.places_of(subject, finding.focus, constraint)
    ja, en = sentences(finding, constraint, figures, subject, places, facts)
    return Result(
        finding.constraint,
        finding.severity,
        finding.focus,
        finding.value,
        str(finding.path) if finding.path is not None else None,
        finding.component,
        ja,
        en,
        figures,
        places,
        facts.number_of(subject),
        constraint.shape,
    )


def report_triples(report: Report, graph: URIRef) -> Iterator[tuple[URIRef, URIRef, Node]]:
    """The report as SHACL describes one; results are `{graph}#1`, `{graph}#2` …, no blank nodes."""
    subject = URIRef(f"{graph}#report")
    yield subject, RDF.type, SH.ValidationReport
    yield from _label(subject, "検証報告", "validation report")
    yield subject, DCTERMS.subject, report.plan
    conforms = "true" if report.conforms else "false"
    yield subject, SH.conforms, Literal(conforms, datatype=XSD.boolean, normalize=False)
    for place, result in enumerate(report.results, start=1):
        line = URIRef(f"{graph}#{place}")
        yield subject, SH.result, line
        rule = result.constraint
        yield from _label(line, f"検証結果{place}（{rule}）", f"validation result {place} ({rule})")
        yield from _result_triples(line, result)


def _label(subject: URIRef, ja: str, en: str) -> Iterator[tuple[URIRef, URIRef, Node]]:
    yield subject, RDFS.label, Literal(ja, lang="ja")
    yield subject, RDFS.label, Literal(en, lang="en")


def _result_triples(subject: URIRef, result: Result) -> Iterator[tuple[URIRef, URIRef, Node]]:
    severity = SH.Violation if result.severity == "violation" else SH.Warning
    yield subject, RDF.type, SH.ValidationResult
    yield subject, SH.focusNode, result.focus
    if result.value is not None:
        yield subject, SH.value, result.value
    if result.path is not None:
        yield subject, SH.resultPath, URIRef(result.path)
    yield subject, SH.resultSeverity, severity
    yield subject, SH.sourceConstraintComponent, result.component
    constraint = SPS[result.constraint]
    if result.component == SH.SPARQLConstraintComponent:
        yield subject, SH.sourceConstraint, constraint
        yield subject, SH.sourceShape, result.shape or constraint
    else:
        yield subject, SH.sourceShape, constraint
    yield subject, SH.resultMessage, Literal(result.sentence_ja, lang="ja")
    yield subject, SH.resultMessage, Literal(result.sentence_en, lang="en")
    for line in dict.fromkeys(result.lines):
        yield subject, SP.sourceLine, Literal(str(line), datatype=XSD.integer, normalize=False)
    for sheet in dict.fromkeys(place.sheet for place in result.places if place.sheet):
        yield subject, SP.sourceSheet, Literal(sheet)
