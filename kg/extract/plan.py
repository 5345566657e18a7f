"""From a plan folder to the records of the plan, with every problem collected."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from kg.codes import Headings
from kg.errors import Problem, Problems, in_document_order, quoted
from kg.extract.changes import ChangesReader
from kg.extract.count_sentences import with_count_sentences
from kg.extract.csv_file import read_csv
from kg.extract.goal_lists import GoalLists, has_all_goals
from kg.extract.html_file import read_html
from kg.extract.key_value import with_key_value
from kg.extract.layout import Layout, Layouts, TableKind
from kg.extract.markdown import read_markdown
from kg.extract.ods import read_ods
from kg.extract.pdf_file import read_pdf
from kg.extract.pictures import Pictures
from kg.extract.projects import ProjectsReader
from kg.extract.report import ReportReader
from kg.extract.rows import DocumentText, Reading, TextLine
from kg.extract.running_text import with_running_text
from kg.extract.totals import TotalsReader, check_years
from kg.extract.units import with_known_partners
from kg.extract.workbook import read_workbook
from kg.measures import Report
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
    projects = with_known_partners(projects, problems)
    projects = GoalLists(projects, problems).read(by_kind[TableKind.GOAL_PROJECTS])
    reader.policy_goals.read(by_kind[TableKind.POLICY_GOALS])
    pictures = Pictures(document, by_kind[TableKind.PROJECT], projects)
    said += pictures.said(settings["document.icons"])
    pictures.check(settings["document.icons"], problems)
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
    counted = filter(has_all_goals, by_kind[TableKind.GOAL_PROJECTS])
    counts = totals.goal_counts([*by_kind[TableKind.GOALS], *counted], reader.matrix.goal_counts())
    if by_kind[TableKind.GOALS]:
        totals.check_goal_table(counts, by_kind[TableKind.GOALS][0].table.origin)
    totals.check_policies(balances, policies)
    changes = ChangesReader(totals, policies, reader.units, problems).read(
        by_kind[TableKind.CHANGE], projects
    )
    project_count = totals.total_line("project-count", lines)
    link_count = totals.total_line("link-count", lines)
    notes = totals.notes(lines)
    totals.check_titles(lines)
    if not any(layout.indexes("flag") for layout in by_kind[TableKind.PROJECT]):
        projects = _status_by_list(projects, changes)
    used = {x.origin for x in (project_count, link_count, *notes) if x}
    used |= {policy.origin for policy in policies.values()}
    used |= {x.table.caption.origin for x in by_kind[TableKind.CHANGE] if x.table.caption}
    projects, changes = _one_spelling(projects, changes)
    plan = Plan(
        str(settings.document),
        document.sha256,
        document.line_count,
        reader.policy_goals.taken(policies),
        projects,
        counts,
        balances,
        changes,
        notes,
        project_count,
        link_count,
        totals.shifted,
        reader.budgets.totals(lines),
        tuple(reader.achieved),
        _report(settings, headings, projects, max_bytes, problems),
    )
    _check_parts(settings, parts_of(plan), problems)
    said += tuple(reader.said)
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
    settings: PlanSettings, reading: Reading, problems: Problems, path: Path | None = None
) -> DocumentText | None:
    """The plan's document by the reader of its kind; None, and a problem, if there is none.

    `path` is another document beside it.
    """
    path = path or settings.document
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
    document = with_key_value(document, reading.headings)
    document = with_count_sentences(document, reading.headings, settings.year)
    return with_running_text(document, reading.headings, settings["document.labels"], problems)


def _report(
    settings: PlanSettings,
    headings: Headings,
    projects: tuple[Project, ...],
    max_bytes: int,
    problems: Problems,
) -> Report | None:
    """What the report beside the plan states; None if there is none or it cannot be read."""
    path = settings.report
    if path is None:
        return None
    reading = reading_of(settings, headings, max_bytes)
    document = read_document(settings, reading, problems, path)
    if document is None:
        return None
    return ReportReader(headings, settings, projects, problems).read(document, path)


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
    of_projects = [unit for p in projects for unit in (p.unit, *p.partners)]
    for named in of_projects + [c.unit for c in changes]:
        for unit in named.lineage if named else ():
            spelling.setdefault(tuple(map(name_key, unit.path)), unit.name)

    def spelt(unit: OrganizationalUnit) -> OrganizationalUnit:
        keys = tuple(map(name_key, unit.path))
        return OrganizationalUnit(tuple(spelling[keys[: n + 1]] for n in range(len(keys))))

    return (
        tuple(
            dataclasses.replace(
                p, unit=p.unit and spelt(p.unit), partners=tuple(map(spelt, p.partners))
            )
            for p in projects
        ),
        tuple(dataclasses.replace(c, unit=c.unit and spelt(c.unit)) for c in changes),
    )
