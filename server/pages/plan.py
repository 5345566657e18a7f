"""The page of a yearly plan: figures, goals, balance, changes, projects, reconciliation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from flask import Response, request
from flask_babel import gettext
from rdflib import URIRef

from kg.vocab import SKOS, SP
from server.context import context
from server.pages import queries
from server.pages.changes import changes_url
from server.pages.charts import charts_of
from server.pages.citation import citation_of
from server.pages.embed import embed_of, frameable, is_embedded
from server.pages.facts import Facts, in_language
from server.pages.filters import active_filters, asked_view, options_of, shown_rows, unsure_of
from server.pages.frame import DataLink, plan_entries
from server.pages.language import asked_language
from server.pages.links import file, href, local_path, query_url, site
from server.pages.measures import measures_of_plan
from server.pages.reconciliation import (
    balance_steps,
    balance_table,
    checks_of,
    figures_of,
    goal_cells,
    goal_names,
    report_path,
)
from server.pages.reviews import change_rows
from server.pages.rows import known_projects, project_rows
from server.pages.start import dump_links
from server.pages.subject import Subject, frame_of, heading_of, subject_page

ROWS_A_PAGE = 100
MOST_ROWS = 200
"""Up to so many projects stand on one page."""


def _(text: str) -> str:
    return text


DUMPS = {
    "plan.csv": "CSV",
    "plan.ttl": _("計画全体のTurtle"),
    "plan.nq": _("計画全体のN-Quads"),
    "plan.jsonld": _("計画全体のJSON-LD"),
    "source.ttl": _("資料の記載だけのTurtle"),
    "links.ttl": _("関連付けのTurtle"),
    "candidate.ttl": _("推定の候補（参考）のTurtle"),
    "achievement.ttl": _("実施報告のTurtle"),
    "report.ttl": _("検証結果のTurtle"),
}
"""The files of a release that the page offers."""


def plan_page(subject: Subject) -> Response:
    """The whole plan on one page, its projects filtered and sorted as the query string asks.

    Above MOST_ROWS projects the table comes in pages.
    """
    engine, plan = context().engine, subject.iri
    figures = figures_of(plan)
    tables = Facts(engine.select(queries.TABLES_OF_PLAN, {"plan": plan}))
    view = asked_view(local_path(str(plan)) or "")
    projects = Facts(engine.select(queries.PROJECTS_OF_PLAN, {"plan": plan}))
    entry = next((e for e in plan_entries(str(plan)) if e["iri"] == str(plan)), {})
    data = _data_links(plan, entry, figures["projects"])
    rows = project_rows(projects, subject.language)
    options = options_of(rows)
    shown = shown_rows(rows, view)
    part, parts = _part(len(shown))
    on_page = shown[ROWS_A_PAGE * (part - 1) : ROWS_A_PAGE * part] if parts > 1 else shown
    goals = goal_cells(tables)
    balance = balance_table(tables, plan, subject.language)
    steps = balance_steps(balance)
    changes = change_rows(tables, subject.language)
    previous = subject.facts.iri(plan, SP.previousPlan)
    year = subject.facts.iri(plan, SP.fiscalYear)
    embed = embed_of(
        local_path(str(plan)) or "", str(heading_of(subject.facts, plan, subject.language))
    )
    is_frame = is_embedded() and bool(figures["projects"])
    response = subject_page(
        "plan-embed.html" if is_frame else "plan.html",
        subject,
        embed=embed,
        figures=figures,
        withdrawal=_withdrawal(str(plan)),
        side_data=data[:4],
        kinds={kind for row in rows for kind in row.goals.shapes},
        known=known_projects(rows),
        indicators=sum(row.indicators for row in rows),
        asked_language=asked_language(),
        frame=replace(frame_of(subject, data), is_view=not view.is_plain),
        view=view,
        rows=on_page,
        found=len(shown),
        options=options,
        unsure=unsure_of(rows, view),
        estimated=len(shown_rows(rows, view.estimated)) if view.goal else 0,
        active=active_filters(view, options),
        policies=[(k, sum(1 for _ in v)) for k, v in groupby(row.policy_number for row in on_page)],
        part=part,
        parts=parts,
        goals=goals,
        charts=charts_of(entry, subject.language),
        zero_goals=[number for number, cell in goals if cell.count == 0],
        goal_names=goal_names(tables, subject.language),
        measures=measures_of_plan(plan, subject.language),
        balance=balance,
        steps=steps,
        changes=changes,
        new_count=sum(1 for change in changes if change["is_new"]),
        notes=[
            (in_language(tables.all(note, SP.noteText), subject.language), href(str(note)),
             tables.lines(note))
            for note in tables.subjects(SP.PlanNote)
        ],
        checks=checks_of(subject, figures, goals, tables, len(changes)),
        warnings=_warnings(entry),
        citation=citation_of(entry, subject.language),
        changes_url=changes_url(entry),
        report=report_path(entry),
        year=subject.name(year),
        year_other=in_language(subject.facts.all(year, SKOS.altLabel), "ja"),
        year_url=href(str(year)) if year else None,
        previous=None if previous is None else str(previous).rpartition("/")[2],
        count_only=any(row.goals.rest for row in rows),
        this_year=str(plan).rpartition("/")[2],
    )  # fmt: skip
    return frameable(response) if is_frame else response


def _withdrawal(iri: str) -> dict[str, str] | None:
    """When and why the plan was withdrawn, and where its versions are; None if it was not."""
    for entry in context().release.manifest["plans"]:
        if entry["iri"] == iri and entry.get("status") == "withdrawn":
            changes = changes_url(entry) or site("")
            return {"day": entry["withdrawn"], "reason": entry["reason"], "url": changes}
    return None


def _part(rows: int) -> tuple[int, int]:
    """Which page of the table is asked for, and how many there are."""
    parts = -(-rows // ROWS_A_PAGE) if rows > MOST_ROWS else 1
    asked = request.args.get("page", "1")
    return min(max(int(asked) if asked.isdecimal() and len(asked) < 6 else 1, 1), parts), parts


def _warnings(entry: Mapping[str, Any]) -> int | None:
    """How many notes the validation left; None if the release does not say."""
    return sum(entry["warnings"].values()) if "warnings" in entry else None


def _folder(entry: Mapping[str, Any]) -> str | None:
    keys = ("code", "slug", "year")
    return "/".join(str(entry[k]) for k in keys) + "/" if all(k in entry for k in keys) else None


def _data_links(plan: URIRef, entry: Mapping[str, Any], projects: int) -> list[DataLink]:
    """The table of projects first, then the files of the release with their sizes."""
    name = gettext("事業のCSV（Excel対応・全%(rows)s件）", rows=projects)
    folder = _folder(entry)
    found = {link.name: link for link in dump_links(folder, tuple(DUMPS))} if folder else {}
    if "plan.csv" in found:
        csv = replace(found["plan.csv"], name=name)
    else:
        address = query_url(queries.PROJECTS_CSV, {"plan": plan}, format="excel-csv", download="1")
        csv = DataLink(name, address)
    links = [replace(link, name=gettext(DUMPS[file_name])) for file_name, link in found.items()]
    sums = [DataLink("SHA-256", file("dumps/SHA256SUMS"))] if links else []
    return [csv, *(link for link in links if not link.url.endswith(".csv")), *sums]
