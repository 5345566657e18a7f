"""HTML pages: tables with their merged cells, the text around them, and what pictures are called.

Places are lines of the file. Menus, headers and footers of a page are no part of the document.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from kg.errors import Problems
from kg.extract.grid import GridReader
from kg.extract.rows import MOST_LINES, DocumentText, Reading, Row, check_text
from kg.origin import Origin
from kg.text import folded

LOOKED_AT_BYTES = 4096
MOST_COLUMNS = 500
MOST_SPAN = 1000
"""Columns or rows that one cell may take, as browsers have it for columns."""

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.I)
_CODECS = {
    "utf-8": "UTF-8",
    "cp932": "CP932 (Shift_JIS)",
    "euc_jp": "EUC-JP",
    "iso2022_jp": "ISO-2022-JP",
}
_NAMED = {
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "cp932"), "cp932"),
    **dict.fromkeys(("euc-jp", "eucjp", "x-euc-jp"), "euc_jp"),
    "iso-2022-jp": "iso2022_jp",
}
_UNREAD = frozenset(
    ("script", "style", "template", "noscript", "title", "nav", "header", "footer", "aside")
)
_INLINE = frozenset(
    ("a", "abbr", "b", "em", "font", "i", "img", "ins", "rb", "ruby", "s", "small", "span",
     "strong", "sub", "sup", "u", "wbr", "input", "label", "time", "mark")
)  # fmt: skip
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_RUBY = frozenset(("rt", "rp"))
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)

Attributes = dict[str, str | None]


def read_html(path: Path, reading: Reading) -> DocumentText:
    """The tables and lines of an HTML file. Raises OSError if it cannot be read."""
    problems, said = Problems(), list[str]()
    is_too_large = path.stat().st_size > reading.max_bytes
    data = b"" if is_too_large else path.read_bytes()
    sha256, start = hashlib.sha256(data).hexdigest(), Origin(str(path), line=1)
    if is_too_large or data.count(b"\n") > MOST_LINES:
        problems.add("document-too-large", start, lines=f"{MOST_LINES:,}")
        return DocumentText((), 0, tuple(problems), sha256)
    codec = _codec(data)
    text = data.decode(codec, "surrogateescape" if codec != "iso2022_jp" else "replace")
    said.append(f"read as {_CODECS[codec]}")
    parser = _Page(str(path), _CODECS[codec], reading, problems, said)
    parser.feed(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    parser.close()
    parser.finish()
    lines = text.count("\n") + (not text.endswith("\n"))
    blocks, unread = tuple(parser.grid.blocks), frozenset(parser.unread_pictures)
    return DocumentText(blocks, lines, tuple(problems), sha256, tuple(said), unread_pictures=unread)


def _codec(data: bytes) -> str:
    """The encoding that the page names, else UTF-8 if it is valid, else CP932."""
    named = _CHARSET.search(data[:LOOKED_AT_BYTES])
    codec = _NAMED.get(named[1].decode().lower()) if named else None
    if codec and not data.startswith(b"\xef\xbb\xbf"):
        return codec
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp932"
    return "utf-8"


@dataclass
class _Cell:
    columns: int
    rows: int
    words: list[str] = field(default_factory=list)


@dataclass
class _TableRow:
    line: int
    is_hidden: bool
    cells: list[_Cell] = field(default_factory=list)


@dataclass
class _TableParts:
    is_hidden: bool
    rows: list[_TableRow] = field(default_factory=list)
    has_table: bool = False


class _Page(HTMLParser):
    """Collects tables and lines; of tables within tables only the innermost are tables."""

    def __init__(
        self, document: str, encoding: str, reading: Reading, problems: Problems, said: list[str]
    ) -> None:
        super().__init__(convert_charrefs=True)
        self.document, self.encoding, self.hidden = document, encoding, reading.hidden
        self.problems, self.said = problems, said
        self.grid = GridReader(reading.headings, problems, said)
        self._tables: list[_TableParts] = []
        self._unread: list[str] = []
        self._words: list[str] = []
        self._line = 0
        self._is_heading = False
        self._nameless = 0
        self.unread_pictures: set[Origin] = set()

    # --- tags ------------------------------------------------------------------------------

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._unread or tag in _UNREAD or tag in _RUBY:
            if tag in _UNREAD or tag in _RUBY:
                self._unread.append(tag)
            return
        if tag == "table":
            self._flush()
            for table in self._tables:
                table.has_table = True
            self._tables.append(_TableParts(_is_hidden(given)))
        elif tag == "tr" and self._tables:
            line = self.getpos()[0]
            self._tables[-1].rows.append(_TableRow(line, _is_hidden(given)))
        elif tag in ("td", "th") and self._tables:
            self._cell(given)
        elif tag == "img":
            self._picture(given)
        elif tag not in _INLINE:
            self._break()
            self._is_heading = tag in _HEADINGS and not self._tables

    def handle_endtag(self, tag: str) -> None:
        if self._unread:
            if tag in self._unread:
                del self._unread[self._unread.index(tag) :]
            return
        if tag == "table" and self._tables:
            self._flush()
            self._end_table(self._tables.pop())
        elif tag not in _INLINE:
            self._break()

    def handle_data(self, data: str) -> None:
        if self._unread or not data:
            return
        words = self._where()
        if words is self._words and not folded("".join(words)):
            self._line = self.getpos()[0]
        words.append(data)

    # --- text ------------------------------------------------------------------------------

    def _where(self) -> list[str]:
        """Where text goes: the open cell of the innermost table, else the line outside."""
        rows = self._tables[-1].rows if self._tables else []
        return rows[-1].cells[-1].words if rows and rows[-1].cells else self._words

    def _break(self) -> None:
        words = self._where()
        if words is self._words:
            self._flush()
        else:
            words.append("\n")

    def _flush(self) -> None:
        text, self._words = " ".join("".join(self._words).split()), []
        if folded(text):
            # as in Markdown, so that headings of policies are known
            self._add((f"# {text}" if self._is_heading else text,), self._line)
        self._is_heading = False

    def _picture(self, given: Attributes) -> None:
        name = (given.get("alt") or "").strip()
        words = self._where()
        if name:
            words.append(f"、{name}" if folded("".join(words)) else name)
        elif words is not self._words:
            self._nameless += 1
            line = self._tables[-1].rows[-1].line
            self.unread_pictures.add(Origin(self.document, line=line))

    def _cell(self, given: Attributes) -> None:
        rows = self._tables[-1].rows
        if not rows:
            rows.append(_TableRow(self.getpos()[0], False))
        rows[-1].cells.append(_Cell(_span(given.get("colspan")), _span(given.get("rowspan"))))

    # --- rows ------------------------------------------------------------------------------

    def _end_table(self, table: _TableParts) -> None:
        self.grid.end_table()
        if table.has_table:  # it only arranges the page
            for row in table.rows:
                for cell in row.cells:
                    text = " ".join("".join(cell.words).split())
                    if folded(text):
                        self._add((text,), row.line)
                        self.grid.end_table()
            return
        widest = max((sum(cell.columns for cell in row.cells) for row in table.rows), default=0)
        if widest > MOST_COLUMNS:
            origin = Origin(self.document, line=table.rows[0].line)
            found = f"{widest:,} columns"
            self.problems.add("document-too-large", origin, found=found, lines=f"{MOST_LINES:,}")
            return
        for row, cells, inherited in _spread(table.rows):
            if (row.is_hidden or table.is_hidden) and any(map(folded, cells)):
                if not self.hidden:
                    origin = Origin(self.document, line=row.line)
                    self.problems.add("hidden", origin, what="the row is hidden and has text")
                if self.hidden != "read":
                    continue
            self._add(cells, row.line, inherited)
        self.grid.end_table()

    def _add(
        self, cells: tuple[str, ...], line: int, inherited: frozenset[int] = frozenset()
    ) -> None:
        origin = Origin(self.document, line=line)
        for cell in filter(None, cells):
            undecoded = [c for c in cell if "\udc80" <= c <= "\udcff"]
            if undecoded:
                raw = "".join(undecoded[:8]).encode("utf-8", "surrogateescape")
                self.problems.add(
                    "document-bytes", origin, found=raw.hex(" "), encoding=self.encoding
                )
            else:
                check_text(cell, origin, self.problems)
        self.grid.feed(Row(cells, origin, inherited))

    def finish(self) -> None:
        """Take what stands open at the end of the file."""
        while self._tables:
            self._end_table(self._tables.pop())
        self._flush()
        self.grid.end_table()
        if self._nameless:
            self.said.append(
                f"pictures without a text (alt) in cells are not read: {self._nameless}"
            )


def _is_hidden(given: Attributes) -> bool:
    return "hidden" in given or bool(_HIDDEN.search(given.get("style") or ""))


def _span(text: str | None) -> int:
    number = int(text) if text and text.strip().isdecimal() else 1
    return min(max(number, 1), MOST_SPAN)


def _spread(
    rows: list[_TableRow],
) -> list[tuple[_TableRow, tuple[str, ...], frozenset[int]]]:
    """The rows with their cells in columns; a cell's text belongs to all its rows, once in each."""
    found = []
    below: dict[int, tuple[str, int]] = {}
    for row in rows:
        cells: dict[int, str] = {}
        inherited = set()
        for column, (text, _) in below.items():
            cells[column] = text
            if folded(text):
                inherited.add(column)
        below = {c: (text, left - 1) for c, (text, left) in below.items() if left > 1}
        column = 0
        for cell in row.cells:
            while column in cells:
                column += 1
            text = " ".join("".join(cell.words).split())  # blanks mean nothing here
            for n in range(cell.columns):
                own = text if n == 0 else ""
                cells[column + n] = own
                if cell.rows > 1:
                    below[column + n] = (own, cell.rows - 1)
            column += cell.columns
        width = max(cells, default=-1) + 1
        ordered = tuple(cells.get(n, "") for n in range(width))
        found.append((row, ordered, frozenset(inherited)))
    widest = max((len(cells) for _, cells, _ in found), default=0)
    return [(r, c + ("",) * (widest - len(c)), i) for r, c, i in found]
