"""What `sdgplan new` asks about budgets, indicators, grades and labels of running text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from kg.extract.plan import Extraction
from kg.measures import ValueKind

UNSURE = "# ?"


def document_questions(extraction: Extraction) -> Iterator[str]:
    """Lines for [document]: the labels of running text, where a word may be one or not."""
    orders = [p for p in extraction.problems if p.code in ("running-order", "running-twice")]
    if orders:
        usual = next((p.expected for p in orders if p.code == "running-order"), "")
        labels = usual.rpartition(": ")[2].split("、") if usual else ["番号", "事業名", "担当課"]
        yield f"{UNSURE} words of the texts may be labels or not; the labels that are meant:"
        yield f"{UNSURE} labels = [{_texts(labels)}]"


def measure_tables(extraction: Extraction) -> Iterator[str]:
    """Tables of plan.toml that are needed only where a document prints such columns."""
    codes = {problem.code for problem in extraction.problems}
    if "budget-unit" in codes:
        yield from ("", "[budget]", f"{UNSURE} amounts are printed without a unit; which is it?")
        yield f'{UNSURE} unit = "千円"   # or 円, 万円, 百万円, 億円'
    yield from _years(extraction)
    yield from _grades(extraction)


def _years(extraction: Extraction) -> Iterator[str]:
    plan = extraction.plan
    values = [v for p in plan.projects for i in p.indicators for v in i.values] if plan else []
    kinds = sorted({v.kind for v in values if v.year is None}, key=list(ValueKind).index)
    if kinds:
        yield from ("", "[indicators]")
        yield "# without these keys such values are published without a year"
    for kind in kinds:
        yield f"{UNSURE} no heading says of which fiscal year the {kind} values are"
        yield f"{UNSURE} {kind}_year = 2025"


def _grades(extraction: Extraction) -> Iterator[str]:
    grades = _printed_grades(extraction)
    if not grades:
        return
    yield from ("", "[report]")
    yield f"{UNSURE} the document prints grades; put all of the scale in order, the best first"
    yield f"{UNSURE} grades = [{_texts(grades)}]"


def _printed_grades(extraction: Extraction) -> list[str]:
    if extraction.plan is None:
        return []
    found = (a.printed_grade for a in extraction.plan.achievements)
    return sorted({grade for grade in found if grade}, reverse=True)


def _texts(values: Sequence[str]) -> str:
    return ", ".join(json.dumps(value, ensure_ascii=False) for value in values)
