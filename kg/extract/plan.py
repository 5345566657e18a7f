"""From a plan folder to the records of the plan, with every problem collected."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from kg.codes import Headings
from kg.errors import Problem, Problems, in_document_order, quoted
from kg.extract.changes import ChangesReader
from kg.extract.csv_file import read_csv
from kg.extract.html_file import read_html
from kg.extract.layout import Layout, Layouts, TableKind
from kg.extract.markdown import read_markdown
from kg.extract.ods import read_ods
from kg.extract.pdf_file import read_pdf
from kg.extract.projects import ProjectsReader
from kg.extract.rows import DocumentText, Reading, TextLine
from kg.extract.totals import TotalsReader, check_years
from kg.extract.workbook import read_workbook
from kg.origin import Origin, is_counted_in_rows
from kg.plan_settings import PLAN_FILE, PlanSettings, unit_paths
from kg.records import Change, OrganizationalUnit, Plan, Project, Status
from kg.text import name_key

READERS: dict[str, Callable[[Path, Reading], DocumentText]] = {
    ".md": lambda path, reading: read_markdown(path, reading.max_bytes),
    ".markdown": lambda path, reading: read_markdown(path, reading.max_bytes),
    ".csv": read_csv,
    ".tsv": read_csv,
    ".html": read_html,
    ".htm": read_html,
    ".xlsx": read_workbook,
    ".ods": read_ods,
    ".pdf": read_pdf,
}
"""Reader of each kind of document, by the end of its name."""


PARTS = {
    "project-total": "the total of projects, such as 【2021年度実施事業数 72】",
    "link-total": "the total of goal links, such as 【SDGsの取り組み数 のべ121】",
    "balance": "the balance of projects per policy",
    "balance-total": "the total row of the balance",
    "goal-totals": "the table of projects per goal",
    "review": "the lists of new and ended projects",
    "notes": "※ notes",
}
"""Parts that a document may be known to have ([document] has), each in words."""

WITH_MACROS = (".xlsm", ".xltm", ".xlsb")

UNREAD = {
    *("document-too-large", "line-too-long", "csv-quotes"),
    *("workbook-unreadable", "workbook-too-large", "workbook-macros"),
    *("pdf-unreadable", "pdf-too-large", "pdf-no-text"),
}
"""Problems after which the rest of a document is not judged."""

ENCODING_LINES = 20
"""A document with more unreadable lines is of another encoding or no text at all."""


def _is_of_another_kind(problems: Problems) -> bool:
    unreadable = sum(
        p.code in ("encoding", "document-bytes", "control-character") for p in problems
    )
    return unreadable > ENCODING_LINES


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was read: the plan as far as readable, the problems, and text lines that say nothing.

    `plan` is None only if no project was found at all. `said` is what the reader of the document
    decided by itself, such as the encoding.
    """

    plan: Plan | None
    problems: tuple[Problem, ...]
    unused: tuple[TextLine, ...]
    said: tuple[str, ...] = ()


def extract(
    settings: PlanSettings, *, max_projects: int = 5000, max_bytes: int = 64 << 20
) -> Extraction:
    """The records of a plan folder's document and everything that is wrong with it."""
    problems = Problems()
    headings = Headings.known(settings.columns)
    _check_columns(settings, headings, problems)
    reading = reading_of(settings, headings, max_bytes)
    document = read_document(settings, reading, problems)
    if document is None:
        return Extraction(None, tuple(problems), ())
    said = document.said
    if {problem.code for problem in problems} & UNREAD or _is_of_another_kind(problems):
        # what follows from lines that were not read would only hide the reason
        return Extraction(None, in_document_order(problems), (), said)
    layouts = Layouts(
        headings, settings["document.ignore_tables"], settings["document.ignore_columns"]
    )
    recognised = layouts.recognise(document.tables())
    problems += layouts.problems
    by_kind = {kind: [x for x in recognised if x.kind is kind] for kind in TableKind}
    lines = tuple(document.text_lines())
    if not _fits(by_kind[TableKind.PROJECT], max_projects, problems):
        return Extraction(None, in_document_order(problems), (), said)
    check_years(by_kind[TableKind.PROJECT], settings.year, problems)

    reader = ProjectsReader(headings, settings, problems)
    projects = reader.read(_in_order(document, by_kind[TableKind.PROJECT]))
    policies = reader.policies.found
    if not projects:
        if not problems:
            problems.add(
                "no-projects",
                Origin(str(settings.document)),
                found=f"{document.line_count} {_units(settings)}",
            )
        return Extraction(None, in_document_order(problems), lines, said)
    totals = TotalsReader(headings, settings.year, problems)
    balances = totals.balances(by_kind[TableKind.BALANCE])
    counts = totals.goal_counts(by_kind[TableKind.GOALS])
    if by_kind[TableKind.GOALS]:
        totals.check_goal_table(counts, by_kind[TableKind.GOALS][0].table.origin)
    totals.check_policies(balances, policies)
    changes = ChangesReader(totals, policies, problems).read(by_kind[TableKind.CHANGE], projects)
    project_count = totals.total_line("project-count", lines)
    link_count = totals.total_line("link-count", lines)
    notes = totals.notes(lines)
    totals.check_titles(lines)
    if not any(layout.indexes("flag") for layout in by_kind[TableKind.PROJECT]):
        projects = _status_by_list(projects, changes)
    used = {x.origin for x in (project_count, link_count, *notes) if x}
    used |= {x.table.caption.origin for x in by_kind[TableKind.CHANGE] if x.table.caption}
    projects, changes = _one_spelling(projects, changes)
    plan = Plan(
        str(settings.document),
        document.sha256,
        document.line_count,
        tuple(policies.values()),
        projects,
        counts,
        balances,
        changes,
        notes,
        project_count,
        link_count,
        totals.shifted,
    )
    _check_parts(settings, parts_of(plan), problems)
    _check_reorganised(settings, plan, problems)
    unused = tuple(line for line in lines if line.origin not in used)
    return Extraction(plan, in_document_order(problems), unused, said)


def parts_of(plan: Plan) -> tuple[str, ...]:
    """Which of PARTS the plan's document has, by what was read from it."""
    parts = {
        "project-total": plan.project_count,
        "link-total": plan.link_count,
        "balance": plan.balances,
        "balance-total": [cell for cell in plan.balances if cell.policy is None],
        "goal-totals": plan.goal_counts,
        "review": plan.changes,
        "notes": plan.notes,
    }
    return tuple(name for name, part in parts.items() if part)


def reading_of(settings: PlanSettings, headings: Headings, max_bytes: int) -> Reading:
    """What a reader must know of the plan's settings."""
    hidden = settings["document.hidden"] or ""
    return Reading(max_bytes, headings, settings["document.ignore_sheets"], hidden)


def read_document(
    settings: PlanSettings, reading: Reading, problems: Problems
) -> DocumentText | None:
    """The plan's document by the reader of its kind; None, and a problem, if there is none."""
    path: Path = settings.document
    origin = Origin(str(path))
    reader = READERS.get(path.suffix.lower())
    if path.suffix.lower() in WITH_MACROS:
        problems.add("workbook-macros", origin)
        return None
    if reader is None:
        problems.add("document-kind", origin, endings=" or ".join(READERS))
        return None
    try:
        document = reader(path, reading)
    except OSError as error:
        problems.add("document-missing", origin, found=error.strerror or type(error).__name__)
        return None
    problems += document.problems
    return document


def _units(settings: PlanSettings) -> str:
    return "rows" if is_counted_in_rows(str(settings.document)) else "lines"


def _check_columns(settings: PlanSettings, headings: Headings, problems: Problems) -> None:
    for field in settings.columns:
        if field not in headings.fields():
            problems.add(
                "unknown-field",
                Origin(str(settings.folder / PLAN_FILE)),
                field=field,
                known=", ".join(sorted(headings.fields())),
            )


def _check_parts(settings: PlanSettings, found: Collection[str], problems: Problems) -> None:
    origin = Origin(str(settings.folder / PLAN_FILE))
    told = "total-line" in {problem.code for problem in problems}
    for part in settings["document.has"]:
        if part not in PARTS:
            problems.add("unknown-part", origin, part=part, known=", ".join(PARTS))
        elif part not in found and not (part.endswith("-total") and told):
            problems.add("part-missing", Origin(str(settings.document)), part=PARTS[part])


def _check_reorganised(settings: PlanSettings, plan: Plan, problems: Problems) -> None:
    """The new units of [reorganised] are units of this plan, the old ones are not."""
    known = {name_key("/".join(unit.path)) for unit in plan.units}
    origin = Origin(str(settings.folder / PLAN_FILE))
    for new, old in settings.reorganised.items():
        wrong = [path for path in unit_paths(old) if name_key(path) in known]
        if name_key(new) not in known or wrong or not unit_paths(old):
            found = f"{new} = {old}"
            problems.add("reorganised-units", origin, found=quoted(found))


def _status_by_list(
    projects: tuple[Project, ...], changes: tuple[Change, ...]
) -> tuple[Project, ...]:
    """Where no row can be flagged, the list of new and added projects alone says what is new."""
    new = {change.listed for change in changes if change.listed}
    return tuple(
        dataclasses.replace(p, status=Status.NEW_OR_ADDED) if p.key in new else p for p in projects
    )


def _fits(layouts: list[Layout], max_projects: int, problems: Problems) -> bool:
    rows = sum(len(layout.rows) for layout in layouts)
    # headings and continuation rows share the tables, so twice as many rows are let through
    if rows <= 2 * max_projects:
        return True
    problems.add(
        "too-many-projects",
        layouts[-1].table.origin,
        found=f"{rows:,} rows",
        limit=f"{max_projects:,}",
    )
    return False


def _in_order(document: DocumentText, layouts: list[Layout]) -> list[Layout | TextLine]:
    # not by origin: two parts of one table have the same header
    by_table = {id(layout.table): layout for layout in layouts}
    blocks: list[Layout | TextLine] = []
    for block in document.blocks:
        if isinstance(block, TextLine):
            blocks.append(block)
        elif id(block) in by_table:
            blocks.append(by_table[id(block)])
    return blocks


def _one_spelling(
    projects: tuple[Project, ...], changes: tuple[Change, ...]
) -> tuple[tuple[Project, ...], tuple[Change, ...]]:
    """The records with one spelling per unit: the first in the project table, else in the lists.

    `D X 戦略課` and `DX戦略課` are one unit (docs/decisions/0005, 8); each record keeps its
    printed form.
    """
    spelling: dict[tuple[str, ...], str] = {}
    for named in [p.unit for p in projects] + [c.unit for c in changes]:
        for unit in named.lineage if named else ():
            spelling.setdefault(tuple(map(name_key, unit.path)), unit.name)

    def spelt(unit: OrganizationalUnit | None) -> OrganizationalUnit | None:
        if unit is None:
            return None
        keys = tuple(map(name_key, unit.path))
        return OrganizationalUnit(tuple(spelling[keys[: n + 1]] for n in range(len(keys))))

    return (
        tuple(dataclasses.replace(p, unit=spelt(p.unit)) for p in projects),
        tuple(dataclasses.replace(c, unit=spelt(c.unit)) for c in changes),
    )
