"""What a document says of itself: year, titles, municipality; each with the place that says it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.codes import Headings
from kg.extract.layout import TableKind, fiscal_year_of, without_year
from kg.extract.rows import DocumentText, Table, TextLine
from kg.plan_fields import TEMPLATE_MARKS
from kg.text import clean, folded

_PLAN = re.compile(r".*(?:計画|プラン|ビジョン|構想|方針|戦略)$")
_CITY = re.compile(r"[一-龥々ぁ-んァ-ヶー]{1,8}?[市町村区](?=[^市町村区]|$)")
_BEFORE_YEAR = re.compile(r"(.*?\S)\s*[(（]?(?:[0-9０-９]{4}|令和|平成)")
_MARKS = "#*■◆●【】 "


@dataclass(frozen=True, slots=True)
class Found:
    """A value, where it was found, and what speaks against it."""

    value: str
    where: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found in the text; None where nothing was."""

    year: Found | None
    title: Found | None
    basic_plan: Found | None
    city: Found | None


def evidence_of(document: DocumentText, headings: Headings) -> Evidence:
    """The plan's year and titles by its text lines and headings.

    A title that still has the template's words in brackets is none.
    """
    lines = [line for line in document.text_lines() if folded(line.text) and _is_said(line)]
    marks = headings.words("title", "mark")
    titles = [line for line in lines if without_year(line.text).strip(_MARKS).endswith(marks)]
    dated = [line for line in titles if fiscal_year_of(line.text)]
    basic = _basic_plan(lines, marks)
    title = _title((dated or titles)[:1], basic, marks)
    if basic is None and title is not None:
        basic = _within(title)
    return Evidence(_year(dated, document, headings), title, basic, _city(lines))


def _is_said(line: TextLine) -> bool:
    return not any(mark in line.text for mark in TEMPLATE_MARKS)


def _text(line: TextLine) -> str:
    return clean(line.text).strip(_MARKS)


def _basic_plan(lines: Sequence[TextLine], marks: tuple[str, ...]) -> Found | None:
    for line in lines:
        text = _text(line)
        named = without_year(text)
        if _PLAN.fullmatch(text) and fiscal_year_of(text) is None and not named.endswith(marks):
            return Found(text, line.origin.where)
    return None


def _title(lines: Sequence[TextLine], basic: Found | None, marks: tuple[str, ...]) -> Found | None:
    for line in lines:
        text = _text(line)
        if basic and without_year(text) in marks:
            where = f"{basic.where} and {line.origin.where}"
            return Found(f"{basic.value} {text}", where)
        return Found(text, line.origin.where)
    return None


def _within(title: Found) -> Found | None:
    """The basic plan that a title names before its year: "例市地域計画 2021年度実施計画"."""
    match = _BEFORE_YEAR.match(title.value)
    found = match and _PLAN.fullmatch(match[1])
    return Found(found[0], title.where) if found else None


def _city(lines: Sequence[TextLine]) -> Found | None:
    for line in lines:
        for word in clean(line.text).split():
            match = _CITY.match(word)
            if match:
                return Found(match[0], line.origin.where)
    return None


def _year(dated: Sequence[TextLine], document: DocumentText, headings: Headings) -> Found | None:
    """The year of the title, else of a total or a heading; others that differ are a doubt."""
    totals = (*headings.words("total", "project-count"), *headings.words("total", "link-count"))
    counted = [
        line
        for line in document.text_lines()
        if without_year(line.text).strip(_MARKS).startswith(totals)
    ]
    found = [
        *_years("title", ((line.text, line.origin.where) for line in dated)),
        *_years("total", ((line.text, line.origin.where) for line in counted)),
        *_years("heading", _plan_headings(document.tables(), headings)),
        *_years("balance", _newest_counts(document.tables(), headings)),
    ]
    if not found:
        return None
    year, where = found[0]
    others = [f"{other} in {place}" for other, place in found if other != year]
    return Found(str(year), where, f"but {'; '.join(others[:3])}" if others else "")


def _years(kind: str, texts: Iterable[tuple[str, str]]) -> list[tuple[int, str]]:
    years = ((fiscal_year_of(text), where) for text, where in texts)
    return [(year, f"the {kind} in {where}") for year, where in years if year]


def _plan_headings(tables: Iterable[Table], headings: Headings) -> Iterable[tuple[str, str]]:
    known = headings.of(TableKind.PROJECT)
    for table in tables:
        for cell in table.header.cells:
            if known.get(without_year(cell)) == "text":
                yield cell, table.origin.where


def _newest_counts(tables: Iterable[Table], headings: Headings) -> Iterable[tuple[str, str]]:
    counts = headings.words(TableKind.BALANCE, "year-count")
    for table in tables:
        cells = [cell for cell in table.header.cells if without_year(cell) in counts]
        dated = [cell for cell in cells if fiscal_year_of(cell)]
        if dated:
            yield max(dated, key=lambda cell: fiscal_year_of(cell) or 0), table.origin.where
