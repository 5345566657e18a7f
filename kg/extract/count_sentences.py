"""Counts in sentences as a balance table.

`施策1 事業数5 … 新規・追加1、継続4、完了等0、2021年度事業数4` is a row of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kg.codes import Headings
from kg.extract.layout import TableKind, fiscal_year_of
from kg.extract.rows import DocumentText, Row, Table, TextLine
from kg.text import name_key

FEWEST = 3
"""Counts in a line before it is taken for a row of the balance."""

YEAR_COUNT = "year-count"


@dataclass(frozen=True, slots=True)
class _Sentence:
    label: str
    counts: tuple[tuple[str, str], ...]
    line: TextLine

    @property
    def heads(self) -> tuple[str, ...]:
        return tuple(head for head, _ in self.counts)


def with_count_sentences(document: DocumentText, headings: Headings, year: int) -> DocumentText:
    """The document in which such lines are rows of a table, at the place of the first.

    事業数 without a year is of the plan's own `year`.
    """
    found = [
        sentence
        for block in document.blocks
        if isinstance(block, TextLine) and (sentence := _sentence(block, headings, year))
    ]
    if not found:
        return document
    groups: dict[tuple[str, ...], list[_Sentence]] = {}
    for one in found:
        groups.setdefault(one.heads, []).append(one)
    tables = {id(group[0].line): _table(group) for group in groups.values()}
    used = {id(one.line) for one in found}
    blocks = [tables.get(id(b), b) for b in document.blocks if id(b) in tables or id(b) not in used]
    return replace(document, blocks=tuple(blocks))


def _sentence(line: TextLine, headings: Headings, year: int) -> _Sentence | None:
    key = name_key(line.text).strip("◆■●・#*")
    label = _label(key, headings)
    if label is None:
        return None
    words = headings.of(TableKind.BALANCE)
    counted = {w: f for w, f in words.items() if f not in ("label", "total-row", "review")}
    named = "|".join(re.escape(w) for w in sorted(counted, key=lambda w: (-len(w), w)))
    pattern = re.compile(
        rf"((?:\d{{4}}|令和(?:\d{{1,2}}|元)|平成\d{{1,2}})年度)?({named})[:は]?"
        r"([△▲]?\d[\d,]*)(?:事業|件)?"
    )
    counts: list[tuple[str, str]] = []
    for of_year, word, count in pattern.findall(key[len(label) :]):
        field = counted[word]
        if field == YEAR_COUNT:
            named_year = fiscal_year_of(of_year) or year
            counts.append((f"{named_year}年度事業数" if named_year else "事業数", count))
        else:
            counts.append((word, count))
    heads = [head for head, _ in counts]
    if len(counts) < FEWEST or len(set(heads)) < len(heads):
        return None
    return _Sentence(label, tuple(counts), line)


def _label(key: str, headings: Headings) -> str | None:
    """What a line counts: `施策1`, or 計 for all; None if it begins with neither."""
    for mark in headings.words("policy", "mark"):
        match = re.match(rf"{re.escape(mark)}\d{{1,4}}(?!\d)", key)
        if match:
            return match[0]
    for word in headings.words(TableKind.BALANCE, "total-row"):
        if key.startswith(word):
            return word
    return None


def _table(group: Sequence[_Sentence]) -> Table:
    header = Row(("", *group[0].heads), group[0].line.origin)
    rows = tuple(
        Row((one.label, *(count for _, count in one.counts)), one.line.origin) for one in group
    )
    return Table(header, rows, None)
