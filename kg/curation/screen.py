"""What a person sees while curating: a project, its candidates, the words that speak for them."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TextIO

from prettytable import PrettyTable, TableStyle

from kg.estimates import Cell, CellBasis, likelihood
from kg.goals import official_names
from kg.records import Policy, Project
from kg.text import name_key

_VOICED = "ﾞﾟ"
_BRIGHT, _PLAIN = "\x1b[1;4m", "\x1b[0m"


def may_colour(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether ANSI codes may be written: to a terminal that knows them, if nobody said no.

    NO_COLOR with any value but an empty one says no (no-color.org).
    """
    is_dumb = environment.get("TERM") == "dumb"
    return stream.isatty() and not environment.get("NO_COLOR") and not is_dumb


def highlighted(text: str, words: Iterable[str]) -> str:
    """The text as printed with every place of the words underlined, by ANSI codes.

    The words are compared as the word list does: without blanks, width and case.
    """
    pieces = _pieces(text)
    places = [n for n, piece in enumerate(pieces) for _ in name_key(piece)]
    key = "".join(map(name_key, pieces))
    bright: set[int] = set()
    for word in {name_key(word) for word in words} - {""}:
        start = key.find(word)
        while start >= 0:
            # the blanks inside a word are bright as well
            bright.update(range(places[start], places[start + len(word) - 1] + 1))
            start = key.find(word, start + 1)
    out = []
    for n, piece in enumerate(pieces):
        begins = n in bright and n - 1 not in bright
        ends = n in bright and n + 1 not in bright
        out.append(f"{_BRIGHT if begins else ''}{piece}{_PLAIN if ends else ''}")
    return "".join(out)


def _pieces(text: str) -> list[str]:
    """The characters of a text, each with the marks that belong to it (ｶﾞ is one)."""
    pieces: list[str] = []
    for character in text:
        if pieces and (unicodedata.combining(character) or character in _VOICED):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def project_text(
    project: Project, policies: Iterable[Policy], cells: Iterable[Cell], *, is_coloured: bool
) -> str:
    """A project with all that its document says of it; the clues of its candidates underlined."""
    words = [word for cell in cells if cell.is_recorded for word in cell.words]

    def shown(text: str) -> str:
        return highlighted(text, words) if is_coloured else text

    policy = next((f"{p.number} {p.name}" for p in policies if p.number == project.policy), "")
    icons = "not known" if project.icon_count is None else str(project.icon_count)
    lines = [
        f"No. {project.number}  {shown(project.name or '')}",
        f"  Unit:   {shown(' '.join(project.unit.path) if project.unit else '')}",
        f"  Policy: {shown(policy)}",
        f"  Text:   {shown(project.description or '')}",
        f"  Icons:  {icons}",
    ]
    return "\n".join(line.rstrip() for line in lines)


def cells_text(cells: Iterable[Cell]) -> str:
    """What is known of a project's goals, and its candidates, the most probable first."""
    cells = list(cells)
    known = {
        "Stated": CellBasis.STATED,
        "Accepted": CellBasis.CURATED,
        "Rejected": CellBasis.REJECTED,
    }
    lines = []
    for word, basis in known.items():
        goals = [str(cell.goal) for cell in cells if cell.basis is basis]
        if goals:
            lines.append(f"  {word}: {', '.join(goals)}")
    table = PrettyTable(["", "goal", "name", "probability", "in words", "words that speak for it"])
    table.set_style(TableStyle.PLAIN_COLUMNS)
    table.align, table.left_padding_width, table.right_padding_width = "l", 0, 2
    table.align["goal"] = table.align["probability"] = "r"
    for cell in candidates_of(cells):
        table.add_row(
            [
                "*" if cell.is_chosen else "",
                cell.goal,
                official_names(cell.goal)["ja"],
                f"{cell.probability:.3f}",
                likelihood(cell.probability)[1],
                "、".join(cell.words) or "(none; the totals alone)",
            ]
        )
    if table.rows:
        lines += [line.rstrip() for line in table.get_string().splitlines()]
        lines.append("  * = in the most probable set of links that meets every published number")
    return "\n".join(lines)


def candidates_of(cells: Iterable[Cell]) -> list[Cell]:
    """The cells to be decided that are published as records, the most probable first."""
    recorded = [cell for cell in cells if cell.is_recorded]
    return sorted(recorded, key=lambda cell: (-cell.probability, cell.goal))
