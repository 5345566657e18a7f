"""The page of a plan's validation report: its results in sentences, and the reconciliation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Response
from flask_babel import gettext
from markupsafe import Markup, escape
from rdflib import Literal, URIRef
from rdflib.term import Node

from kg.vocab import SH, SP, SPS
from server.context import context
from server.pages import queries
from server.pages.facts import Facts, Term, in_language, natural
from server.pages.frame import Crumb, DataLink
from server.pages.language import page_language
from server.pages.lines import Line
from server.pages.links import file, href, site
from server.pages.reconciliation import (
    Counts,
    checks_of,
    compared_goals,
    compared_policies,
    figures_of,
    goal_cells,
    report_path,
)
from server.pages.shapes import rule_of
from server.pages.start import dump_links
from server.pages.subject import (
    Subject,
    crumb_name,
    crumbs_of,
    frame_of,
    heading_of,
    read_subject,
    subject_page,
)

FIRST_RESULTS = 3
"""Results of one constraint shown openly where there are more."""
SEVERITIES = (SH.Violation, SH.Warning)
_JAPANESE = re.compile("([\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]+)")


@dataclass(frozen=True, slots=True)
class Result:
    """One result: the sentence as published, what it is about, the lines of the document."""

    number: str
    sentence: Markup
    about: tuple[tuple[Literal | str, str | None], ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The results of one constraint; `count` of them in all, also those not shown."""

    constraint: str
    url: str
    rule: Literal | None
    is_warning: bool
    count: int
    results: tuple[Result, ...]

    @property
    def first(self) -> tuple[Result, ...]:
        return self.results if len(self.results) <= FIRST_RESULTS + 1 else (
            self.results[:FIRST_RESULTS]
        )  # fmt: skip

    @property
    def rest(self) -> tuple[Result, ...]:
        return self.results[len(self.first) :]


def report_page(entry: Mapping[str, Any]) -> Response:
    """The report of the plan that the entry of the manifest describes."""
    engine, subject = context().engine, read_subject(str(entry["iri"]))
    plan, language = subject.iri, subject.language
    graph = URIRef(f"{plan}/graph/report")
    rows = engine.select(queries.REPORT_OF_PLAN, {"graph": graph, "plan": plan})
    counts: Counts = {
        (row["subject"], row["property"]): int(row["count"]) for row in rows if "count" in row
    }
    report = Facts(row for row in rows if "value" in row)
    tables = Facts(engine.select(queries.TABLES_OF_PLAN, {"plan": plan}))
    figures = figures_of(plan)
    changes = len(tables.subjects(SP.ProjectChange))
    is_complete = subject.facts.iri(plan, SP.sdgLinkCompleteness) == SP.complete
    title = gettext("検証結果と照合")
    path = report_path(entry) or ""
    crumbs = crumbs_of(subject, heading_of(subject.facts, plan, language))
    above = frame_of(subject)
    frame = replace(
        above,
        title=[title, *above.title],
        crumbs=[*crumbs[:-1], replace(crumbs[-1], url=href(str(plan))), Crumb(title)],
        path=path,
        iri=URIRef(f"{graph}#report"),
        data=_data_links(entry, path),
    )
    return subject_page(
        "report.html",
        subject,
        frame=frame,
        title=title,
        plan_url=href(str(plan)),
        has_report=bool(report.subjects(SH.ValidationReport)),
        totals=[(s == SH.Warning, _total(counts, s)) for s in SEVERITIES],
        groups=_groups(report, counts, subject),
        checks=checks_of(subject, figures, goal_cells(tables), tables, changes),
        policies=compared_policies(tables, counts, plan, language),
        goals=compared_goals(tables, counts, language, is_complete=is_complete),
        is_complete=is_complete,
    )


def _data_links(entry: Mapping[str, Any], path: str) -> list[DataLink]:
    folder = f"{entry['code']}/{entry['slug']}/{entry['year']}/"
    found = dump_links(folder, ("report.ttl", "report.nq"))
    return [
        replace(link, name="Turtle", url=file(f"{path}.ttl"), media_type="text/turtle")
        if link.name == "report.ttl"
        else replace(link, name="N-Quads")
        for link in found
    ]


def _total(counts: Counts, severity: URIRef) -> int:
    return sum(count for (_, one), count in counts.items() if one == severity)


def _groups(report: Facts, counts: Counts, subject: Subject) -> list[Group]:
    """By constraint, violations first; results in the order of the report."""
    found: dict[tuple[Node, Node], list[Result]] = {}
    for result in report.subjects(SH.ValidationResult):
        constraint = report.iri(result, SH.sourceConstraint) or report.iri(result, SH.sourceShape)
        severity = report.iri(result, SH.resultSeverity)
        if constraint is not None and severity is not None:
            one = _result(report, result, subject)
            found.setdefault((constraint, severity), []).append(one)
    keys = sorted(
        (key for key in counts if key[1] in SEVERITIES),
        key=lambda key: (key[1] == SH.Warning, natural(key[0])),
    )
    return [
        Group(
            constraint=str(constraint).removeprefix(str(SPS)),
            url=href(str(constraint)) or site("shapes"),
            rule=rule_of(URIRef(str(constraint))),
            is_warning=severity == SH.Warning,
            count=counts[constraint, severity],
            results=tuple(found.get((constraint, severity), ())),
        )
        for constraint, severity in keys
    ]


def _result(report: Facts, result: URIRef, subject: Subject) -> Result:
    about = (report.first(result, SH.focusNode), report.first(result, SH.value))
    return Result(
        number=str(result).rpartition("#")[2],
        sentence=marked(in_language(report.all(result, SH.resultMessage), subject.language)),
        about=tuple(
            (_name(report, one, subject.language), href(str(one)))
            for one in dict.fromkeys(about)
            if isinstance(one, URIRef) and one in report
        ),
        lines=tuple(report.lines(result)),
    )


def _name(facts: Facts, iri: URIRef, language: str) -> Literal | str:
    """A short name: 2021年度, No.63; else the name itself."""
    return crumb_name(facts, iri, language) or heading_of(facts, iri, language)


def marked(text: Term | None) -> Markup:
    """A sentence of the report; the document's own words in an English one are marked as such."""
    if text is None or page_language() == "ja":
        return Markup("<bdi>{}</bdi>").format("" if text is None else str(text))
    parts = _JAPANESE.split(str(text))
    parts[::2] = [escape(part) for part in parts[::2]]
    parts[1::2] = [Markup('<bdi lang="ja">{}</bdi>').format(part) for part in parts[1::2]]
    return Markup("").join(parts)
