"""PDFs: tables by their ruling lines, the text around them, and icons by their colours.

Another process takes the file apart (kg.extract.pdf_pages), because a PDF can be made to take any
time and memory. Rows are counted through the whole document, lines of text among them, so that
one number names a row; the page stands beside it. What repeats at the head or foot of pages is
left out and said.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from kg.errors import Problems, quoted
from kg.extract.grid import GridReader
from kg.extract.rows import MOST_LINES, DocumentText, Icon, Reading, Row, check_text
from kg.goals import GOALS, colour
from kg.origin import Origin
from kg.text import folded

MOST_PAGES = 1000
MOST_MEMORY_BYTES = 2 << 30
MOST_SECONDS = 300
"""Limits of the process that takes a PDF apart."""

_LIMIT = f"{MOST_PAGES:,} pages, {MOST_MEMORY_BYTES >> 30} GiB of memory and {MOST_SECONDS} seconds"

FURNITURE = 0.12
"""Share of a page at its head and foot where what repeats is no part of the text."""

LEAST_TIMES = 3
"""On so many pages a line must stand to be left out as a running head or foot."""

ALIKE = 4.0
"""Points by which the columns of a table that goes on after a page may be displaced."""

_PAGE_NUMBER = re.compile(r"[-‐–—−ー\s(（]*(?:p\.?|page)?\s*\d{1,4}(?:\s*[/／]\s*\d{1,4})?"
                          r"[-‐–—−ー\s)）]*(?:ページ|頁)?", re.I)  # fmt: skip

Page = dict[str, Any]


def read_pdf(path: Path, reading: Reading) -> DocumentText:
    """The tables and lines of every page in order. Raises OSError if the file cannot be read."""
    problems, said = Problems(), list[str]()
    origin = Origin(str(path))
    is_too_large = path.stat().st_size > reading.max_bytes
    data = b"" if is_too_large else path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    if is_too_large:
        problems.add("document-too-large", origin, lines=f"{MOST_LINES:,}")
    elif b"%PDF-" not in data[:1024]:
        problems.add("pdf-unreadable", origin, found="no PDF")
    else:
        pages = _taken_apart(path, sha256, origin, problems)
        if not problems:
            document = _Document(str(path), reading, problems, said)
            document.read(pages)
            blocks, icons = tuple(document.grid.blocks), tuple(document.icons)
            outside = tuple(
                (Origin(str(path), page=page["page"]), page["outside"])
                for page in pages
                if page["outside"]
            )
            return DocumentText(
                blocks, document.row, tuple(problems), sha256, tuple(said), icons, outside
            )
    return DocumentText((), 0, tuple(problems), sha256)


def _taken_apart(path: Path, sha256: str, origin: Origin, problems: Problems) -> list[Page]:
    """The pages as the other process found them; if there are none, a problem says why."""
    lines = _output(str(path.resolve()), sha256, MOST_MEMORY_BYTES, MOST_SECONDS)
    failed = next((line for line in lines if "error" in line), None)
    if failed is None:
        pages = [line for line in lines if "page" in line]
        if not any(page["blocks"] for page in pages):
            problems.add("pdf-no-text", origin, found=f"{len(pages)} pages without any text")
        return pages
    if failed["error"] == "too-large":
        problems.add("pdf-too-large", origin, found=failed["found"], limit=_LIMIT)
    else:
        problems.add("pdf-unreadable", origin, found=quoted(failed["found"]))
    return []


@lru_cache(maxsize=2)
def _output(path: str, sha256: str, memory_bytes: int, seconds: int) -> tuple[dict[str, Any], ...]:
    """What the other process writes about the file with this checksum; kept, for it takes long."""
    given = {
        "memory_bytes": memory_bytes,
        "seconds": seconds,
        "pages": MOST_PAGES,
        "palette": {goal: colour(goal) for goal in GOALS},
    }
    package = str(Path(__file__).resolve().parents[2])
    paths = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-m", "kg.extract.pdf_pages", path]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds + 30,
            env={**os.environ, "PYTHONPATH": paths},
        )
    except subprocess.TimeoutExpired:
        return ({"error": "too-large", "found": "more time than that"},)
    lines = tuple(json.loads(line) for line in done.stdout.splitlines() if line.endswith("}"))
    if done.returncode != 0 and not any("error" in line for line in lines):
        # ended by a limit, or by a fault of a library that is not written in Python
        return ({"error": "too-large", "found": f"it ended the reader (code {done.returncode})"},)
    return lines


class _Document:
    """Feeds lines and rows to the reader of grids, page after page."""

    def __init__(
        self, document: str, reading: Reading, problems: Problems, said: list[str]
    ) -> None:
        self.document = document
        self.problems, self.said = problems, said
        self.grid = GridReader(reading.headings, problems, said)
        self.row = 0
        self.icons: list[tuple[Origin, Icon]] = []
        self._header: list[Row] = []
        self._lefts: tuple[float, ...] = ()

    def read(self, pages: Sequence[Page]) -> None:
        """Read all pages; says what is left out."""
        running = _running(pages)
        left_out: Counter[str] = Counter()
        firsts: dict[str, str] = {}
        for page in pages:
            for block in page["blocks"]:
                key = _furniture_key(block, page)
                if key is not None and _is_page_number(block):
                    continue
                if key is not None and running[key] >= LEAST_TIMES:
                    left_out[key] += 1
                    firsts.setdefault(key, block["line"].strip())
                    if left_out[key] > 1:  # the first may be the title of the document
                        continue
                if "line" in block:
                    self.grid.end_table()
                    self._feed((block["line"].strip(),), page["page"])
                else:
                    self._table(block, page["page"])
        self.grid.end_table()
        self._say(pages, [(firsts[key], times) for key, times in left_out.items()])

    def _table(self, block: dict[str, Any], page: int) -> None:
        self.grid.end_table()
        rows = [self._row(row, page) for row in block["rows"]]
        lefts = tuple(block["lefts"])
        heads = _heads(rows, self.grid)
        if heads:
            self._header, self._lefts = heads, lefts
        elif self._goes_on(lefts):
            for row in self._header:
                self.grid.feed(row)
        for row in rows:
            self.grid.feed(row)
            self.icons += [(row.origin, icon) for icon in row.icons]
        self.grid.end_table()

    def _goes_on(self, lefts: tuple[float, ...]) -> bool:
        """Whether a table without headings has the columns of the one before."""
        return len(lefts) == len(self._lefts) and all(
            abs(one - other) <= ALIKE for one, other in zip(lefts, self._lefts, strict=True)
        )

    def _row(self, row: dict[str, Any], page: int) -> Row:
        self.row += 1
        origin = Origin(self.document, page=page, row=self.row)
        for cell in filter(None, row["cells"]):
            check_text(cell, origin, self.problems)
        icons = tuple(Icon(*icon) for icon in row["icons"])
        return Row(tuple(row["cells"]), origin, frozenset(row["inherited"]), icons)

    def _feed(self, cells: tuple[str, ...], page: int) -> None:
        self.grid.feed(self._row({"cells": cells, "inherited": (), "icons": ()}, page))

    def _say(self, pages: Sequence[Page], repeated: Sequence[tuple[str, int]]) -> None:
        for text, times in repeated:
            self.said.append(f"at the head or foot of {times} pages, read once: {quoted(text)}")
        empty = [str(page["page"]) for page in pages if not page["blocks"] and page["pictures"]]
        if empty:
            self.said.append(f"pages that are pictures are not read: {', '.join(empty)}")
        turned = sum(page["turned"] for page in pages)
        if turned:
            self.said.append(f"characters that are turned are not read: {turned}")


def _heads(rows: Sequence[Row], grid: GridReader) -> list[Row]:
    """The rows of headings that a table begins with."""
    heads = []
    for row in rows[:2]:
        if not grid.is_heading(row.cells):
            break
        heads.append(row)
    return heads


def _furniture_key(block: dict[str, Any], page: Page) -> str | None:
    """What a line at the head or foot of a page has in common with those of other pages."""
    if "line" not in block:
        return None
    top, bottom = block["box"][1], block["box"][3]
    if bottom > page["height"] * FURNITURE and top < page["height"] * (1 - FURNITURE):
        return None
    return re.sub(r"[0-9]+", "#", folded(block["line"])) or None


def _is_page_number(block: dict[str, Any]) -> bool:
    return bool(_PAGE_NUMBER.fullmatch(block["line"].strip()))


def _running(pages: Sequence[Page]) -> Counter[str]:
    """On how many pages each line stands at the head or foot."""
    times: Counter[str] = Counter()
    for page in pages:
        keys = {_furniture_key(block, page) for block in page["blocks"]}
        times.update(key for key in keys if key is not None)
    return times
