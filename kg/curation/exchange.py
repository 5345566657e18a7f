"""Decisions by spreadsheet: the candidates of a plan as CSV, and the filled-in table read back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from kg.curation.desk import Desk, Key, key_of
from kg.curation.screen import candidates_of
from kg.errors import PlanRefused, Problems, WrongUse, quoted
from kg.estimates import Cell, CellBasis, likelihood
from kg.extract.csv_rows import STOPS, add_wrong_header, read_rows
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
    table = _Table(desk, agent, problems)
    rows = [] if problems else list(table.decisions(text, str(file)))
    problems += desk.faults(table.wordless)
    if any(problem.code in STOPS for problem in problems):
        table.unread |= desk.keys(LINKS_FILE)
    found = desk.put(LINKS_FILE, rows, problems, table.unread)
    if found:
        raise PlanRefused(desk.folder.name, found)
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


class _Table:
    """The rows of a filled-in table.

    `unread` are the keys of decisions that cannot be read, `wordless` the rows among them that
    say no decision: what else is wrong with these can be told as if they accepted.
    """

    def __init__(self, desk: Desk, agent: str | None, problems: Problems) -> None:
        self._agent, self._day, self._problems = agent, desk.day, problems
        self._clues = _clues(desk.checked.estimate.cells if desk.checked.estimate else ())
        self._keys = {str(project.number): project.key for project in desk.plan.projects}
        self.unread = set[Key]()
        self.wordless: list[PlacedRow] = []

    def decisions(self, text: str, file: str) -> Iterator[PlacedRow]:
        before = len(self._problems)
        rows = read_rows(text, file, self._problems)
        first, origin = next(rows, (None, Origin(file, row=1)))
        if len(self._problems) > before:
            return
        header = list(map(folded, first or ()))
        missing = [name for name in LINKS_HEADER if name not in header]
        if missing:
            wanted, names = set(LINKS_HEADER), ", ".join(missing)
            add_wrong_header(
                "exchange-header", first, wanted, origin, self._problems, missing=names
            )
            return
        for name in LINKS_HEADER:
            places = [str(place) for place, cell in enumerate(header, 1) if cell == name]
            if len(places) > 1:
                found = f"in cells {' and '.join(places)} of the row"
                self._problems.add("exchange-twice", origin, column=name, found=found)
        if len(self._problems) > before:
            return
        for cells, origin in rows:
            row = self._decision(header, cells, origin)
            if row is not None:
                yield row, origin

    def _decision(self, header: list[str], cells: list[str], origin: Origin) -> Row | None:
        """The decision of a row as links.csv has it; None if it has none, or none that is read.

        A row may lack the empty cells at its end, as some spreadsheets leave them out.
        """
        given = dict(zip(header, map(_unguarded, cells), strict=False))
        row = {name: given.get(name, "").strip() for name in LINKS_HEADER}
        row |= {name: folded(row[name]) for name in ("number", "goal")}
        surplus = [cell for cell in cells[len(header) :] if cell.strip()]
        if surplus:
            found = f"{len(cells)} cells, the last {quoted(surplus[-1])}"
            self._problems.add("decision-cells", origin, found=found, expected=len(header))
        if not surplus and not row["decision"]:
            return None
        word = _WORDS.get(folded(row["decision"]).lower())
        if surplus or word is None:
            self.unread.add(key_of(LINKS_FILE, row))
        if surplus:
            return None
        if word is None:
            shown = quoted(row["decision"])
            self._problems.add("exchange-decision", origin, column="decision", text=shown)
        row["decision"] = word or ACCEPT
        row["decided_on"] = _day(row["decided_on"], self._day)
        row["agent"] = row["agent"] or self._agent or ""
        if word is None:
            # the clue words may stand for the evidence
            self.wordless.append(({**row, "evidence": row["evidence"] or "-"}, origin))
            return None
        if word == ACCEPT and not row["evidence"]:
            row["evidence"] = self._clues.get((self._keys.get(row["number"], ""), row["goal"]), "")
        return row


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
