"""Decisions by spreadsheet: the candidates of a plan as CSV, and the filled-in table read back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from kg.curation.desk import Desk
from kg.curation.screen import candidates_of
from kg.errors import PlanRefused, Problems, WrongUse, in_document_order, quoted
from kg.estimates import Cell, CellBasis, likelihood
from kg.extract.decisions import ACCEPT, LINKS_FILE, LINKS_HEADER, REJECT, PlacedRow, Row
from kg.goals import official_names
from kg.origin import Origin
from kg.records import Project
from kg.text import folded, for_spreadsheet

HEADER = (
    *("number", "name", "unit", "policy", "icon_count", "goal", "goal_name"),
    *("probability", "likelihood", "chosen", "clues"),
    *("decision", "evidence", "agent", "decided_on"),
)
"""The columns of the exported table; those of links.csv are read back."""

ENCODINGS = {"utf-8-sig": "UTF-8", "cp932": "CP932 (Shift_JIS)"}
_NO_TEXT = frozenset("\x00\x80\uf8f0\uf8f1\uf8f2\uf8f3")
"""What Python's CP932 makes of bytes that no text has, such as the mark of UTF-16."""

_WORDS = {
    **dict.fromkeys(("accept", "採用", "○", "◯", "〇"), ACCEPT),
    **dict.fromkeys(("reject", "却下", "×", "✕", "x"), REJECT),
}
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")


def exported(desk: Desk) -> bytes:
    """The candidates and decisions of the plan as CSV for Excel: UTF-8 with mark, CRLF.

    One row per project and goal, projects in document order, the decided goals first, then the
    candidates by probability. Raises PlanRefused if the decisions contradict the published
    numbers: then there are no candidates.
    """
    if desk.checked.problems:
        raise PlanRefused(desk.folder.name, desk.checked.problems)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, HEADER)
    writer.writeheader()
    for project in desk.plan.projects:
        for row in _rows_of(project, desk):
            writer.writerow({name: for_spreadsheet(cell) for name, cell in row.items()})
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _rows_of(project: Project, desk: Desk) -> Iterator[Row]:
    policies = {policy.number: policy.name for policy in desk.plan.policies}
    start = {
        "number": str(project.number),
        "name": project.name or "",
        "unit": " ".join(project.unit.path) if project.unit else "",
        "policy": policies.get(project.policy or "", ""),
        "icon_count": "" if project.icon_count is None else str(project.icon_count),
    }
    found = desk.checked.estimate
    cells = (
        {cell.goal: cell for cell in found.cells if cell.project == project.key} if found else {}
    )
    curation = desk.checked.curation
    decided = [link.goal for key, link in curation.links if key == project.key]
    decided += [r.goal for r in curation.rejections if r.project == project.key]
    candidates = [cell.goal for cell in candidates_of(cells.values())]
    for goal in (*sorted(decided), *candidates):
        row = desk.row(LINKS_FILE, str(project.number), str(goal))
        decision = {name: row[name] for name in LINKS_HEADER[2:]} if row is not None else {}
        yield {
            **start,
            "goal": str(goal),
            "goal_name": official_names(goal)["ja"],
            **(_estimated(cells[goal]) if goal in candidates else {}),
            **decision,
        }


def _estimated(cell: Cell) -> dict[str, str]:
    return {
        "probability": format(cell.probability, "f"),
        "likelihood": likelihood(cell.probability)[0],
        "chosen": "yes" if cell.is_chosen else "",
        "clues": "、".join(cell.words),
    }


def write_export(desk: Desk, file: Path) -> int:
    """Write the table into a new file; the number of its rows.

    Raises WrongUse if there is such a file: it may hold decisions that were not read back yet.
    """
    content = exported(desk)
    try:
        with file.open("xb") as out:
            out.write(content)
    except FileExistsError:
        raise WrongUse(
            f"{file} is there already. Fix: name another file; that one may hold decisions."
        ) from None
    except OSError as error:
        raise WrongUse(f"{file} cannot be written: {error.strerror or error}.") from error
    return content.count(b"\r\n") - 1


def read_back(desk: Desk, file: Path, agent: str | None) -> str:
    """Take over the decisions of a filled-in table, all or none; says what was read.

    Rows without a decision change nothing. An empty evidence of an accepted link means its
    clue words, an empty agent the one given, an empty day that of the session. Raises
    PlanRefused with every problem by row and column, WrongUse if the file cannot be read.
    """
    problems = Problems()
    try:
        data = file.read_bytes()
    except OSError as error:
        raise WrongUse(f"{file} cannot be read: {error.strerror or error}.") from error
    text, encoding = _decoded(data, Origin(str(file)), problems)
    rows = list(_decisions(text, file, desk, agent, problems))
    if not problems:
        problems += desk.put(LINKS_FILE, rows)
    if problems:
        raise PlanRefused(desk.folder.name, in_document_order(problems))
    words = [row["decision"] for row, _ in rows]
    changed = sum(desk.written.values())
    return (
        f"{file} was read as {encoding}: {words.count(ACCEPT)} accepted, "
        f"{words.count(REJECT)} rejected; {changed} of these were new or different and are now in "
        f"{desk.folder / LINKS_FILE}."
    )


def _decoded(data: bytes, origin: Origin, problems: Problems) -> tuple[str, str]:
    for codec, name in ENCODINGS.items():
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if not _NO_TEXT & set(text):
            return text, name
    problems.add("exchange-encoding", origin)
    return "", ""


def _decisions(
    text: str, file: Path, desk: Desk, agent: str | None, problems: Problems
) -> Iterator[PlacedRow]:
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [folded(cell) for cell in next(reader, [])]
    missing = [name for name in LINKS_HEADER if name not in header]
    if missing and not problems:
        found, first = ", ".join(header), Origin(str(file), row=1)
        problems.add("exchange-header", first, found=found, missing=", ".join(missing))
    if missing:
        return
    clues = _clues(desk.checked.estimate.cells if desk.checked.estimate else ())
    keys = {str(project.number): project.key for project in desk.plan.projects}
    for number, cells in enumerate(reader, 2):
        origin = Origin(str(file), row=number)
        given = dict(zip(header, map(_unguarded, cells), strict=False))
        row = {name: given.get(name, "").strip() for name in LINKS_HEADER}
        if not row["decision"]:
            continue
        word = _WORDS.get(folded(row["decision"]).lower())
        if word is None:
            text = quoted(row["decision"])
            problems.add("exchange-decision", origin, column="decision", text=text)
            continue
        row |= {"decision": word, "number": folded(row["number"]), "goal": folded(row["goal"])}
        row["decided_on"] = _day(row["decided_on"], desk.day)
        row["agent"] = row["agent"] or agent or ""
        if word == ACCEPT and not row["evidence"]:
            row["evidence"] = clues.get((keys.get(row["number"], ""), row["goal"]), "")
        yield row, origin


def _clues(cells: Iterable[Cell]) -> dict[tuple[str, str], str]:
    inferred = (cell for cell in cells if cell.basis is CellBasis.INFERRED)
    return {(cell.project, str(cell.goal)): "、".join(cell.words) for cell in inferred}


def _day(cell: str, today: date) -> str:
    """The day as links.csv has it; spreadsheets write 2026/11/24 of their own accord."""
    match = _DAY.fullmatch(folded(cell))
    return f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}" if match else cell or str(today)


def _unguarded(cell: str) -> str:
    """The cell without the apostrophe that guards it from spreadsheets."""
    return cell[1:] if cell.startswith("'") and for_spreadsheet(cell[1:]) == cell else cell
