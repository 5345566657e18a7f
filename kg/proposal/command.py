"""Look at a document, and write a folder with a copy of it and a plan.toml to be completed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kg.codes import Headings
from kg.errors import PlanRefused, Problem, Problems, WrongUse, in_document_order
from kg.extract.plan import Extraction, extract, parts_of, read_document, reading_of
from kg.municipalities import Municipality
from kg.plan_fields import FIELDS
from kg.plan_settings import PLACEHOLDER, PLAN_FILE, PlanSettings
from kg.proposal.columns import ReadTable, read_tables
from kg.proposal.evidence import Evidence, Found, evidence_of
from kg.proposal.municipality import chosen
from kg.proposal.plan_toml import plan_toml
from kg.settings import Settings


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was found out about a document. `settings` are what was assumed to read it.

    `icons` is what speaks for lost icons, None if nothing does; `municipality` is the one whose
    code was given; `problems` are what a person
    must mend in the document or settle in plan.toml.
    """

    document: Path
    settings: PlanSettings
    evidence: Evidence
    tables: tuple[ReadTable, ...]
    extraction: Extraction
    icons: Found | None
    municipality: Municipality | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        return parts_of(self.extraction.plan) if self.extraction.plan else ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.extraction.problems


def propose(document: Path, settings: Settings, code: str = "") -> Proposal:
    """Read a document without a plan.toml; `code` is the municipality's, if it is known.

    Raises PlanRefused if it cannot be read at all, WrongUse if no municipality has the code.
    """
    municipality = chosen(code)
    headings, problems = Headings.known(), Problems()
    max_bytes = settings.max_document_mib << 20
    assumed = _assumed(document)
    text = read_document(assumed, reading_of(assumed, headings, max_bytes), problems)
    if text is None or not text.blocks:
        if not problems:
            raise WrongUse(f"{document} has no text.")
        raise PlanRefused(document.name, in_document_order(problems))
    evidence = evidence_of(text, headings)
    if evidence.year:
        assumed = _with(assumed, "plan", "fiscal_year", int(evidence.year.value))
    extraction = extract(assumed, max_projects=settings.max_projects, max_bytes=max_bytes)
    tables = tuple(read_tables(text.tables(), headings))
    icons = _lost_icons(assumed, tables, settings, max_bytes)
    return Proposal(document, assumed, evidence, tables, extraction, icons, municipality)


def write(proposal: Proposal, folder: Path, today: date) -> Path:
    """Write the folder; returns its plan.toml. Raises WrongUse if the folder has anything in it."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongUse(f"{folder} exists and is not empty. Fix: name a new folder with --out.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / proposal.document.name).write_bytes(proposal.document.read_bytes())
    file = folder / PLAN_FILE
    file.write_text(
        plan_toml(
            proposal.document.name,
            proposal.evidence,
            proposal.tables,
            proposal.extraction,
            proposal.parts,
            proposal.icons,
            today,
            proposal.municipality,
        ),
        encoding="utf-8",
    )
    return file


def _assumed(document: Path) -> PlanSettings:
    values: dict[tuple[str, str], Any] = {(f.table, f.name): f.default for f in FIELDS}
    values["municipality", "code"] = values["plan", "slug"] = PLACEHOLDER
    values["plan", "fiscal_year"] = 0
    values["document", "file"] = document.name
    return PlanSettings(document.parent, values, {}, {})


def _with(settings: PlanSettings, table: str, name: str, value: object) -> PlanSettings:
    return dataclasses.replace(settings, values={**settings.values, (table, name): value})


def _lost_icons(
    assumed: PlanSettings, tables: Sequence[ReadTable], settings: Settings, max_bytes: int
) -> Found | None:
    """What speaks for lost icons: blanks in the goals' columns, and a total that they add up to."""
    guessed = {g.field: g.heading for one in tables for g in one.guesses if g.field}
    with_icons = dataclasses.replace(_with(assumed, "document", "icons", "spaces"), columns=guessed)
    plan = extract(with_icons, max_projects=settings.max_projects, max_bytes=max_bytes).plan
    if plan is None:
        return None
    stated = sum(len(project.stated_links) for project in plan.projects)
    icons = sum(project.icon_count or 0 for project in plan.projects) - stated
    if icons < 1:
        return None
    total = plan.link_count
    if total is None:
        doubt = "the document prints no total to hold this against"
    elif total.count == icons + stated:
        doubt = ""
    else:
        doubt = f"the published total in {total.origin.where} is {total.count}"
    where = total.origin.where if total else ""
    return Found(str(icons), where, doubt)
