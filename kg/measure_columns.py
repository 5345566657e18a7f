"""The tables of budgets, values of indicators and achievements: a row for each value."""

from __future__ import annotations

from dataclasses import replace

from kg.column_kinds import (
    LINES,
    NUMBER,
    PLAN_COLUMN,
    START,
    Column,
    Table,
    concept_columns,
    iri_column,
    japanese_column,
)
from kg.vocab import DCTERMS, SKOS, SP

DOCUMENT = iri_column(
    "document", "出典文書のIRI", "document: the plan's or a report", DCTERMS.source
)
_OF_PROJECT = (
    *START,
    Column("project_number", "事業番号", "number of the project", NUMBER, SP.number,
           is_about="project", is_required=True),
    japanese_column("project_name", "事業名", "name of the project", SKOS.prefLabel,
                    about="project"),
    Column("of_fiscal_year", "対象年度", "fiscal year it is of", "gYear"),
)  # fmt: skip

_BUDGET = (
    *_OF_PROJECT,
    *concept_columns("kind", "区分", "kind", SP.budgetKind, "budget-"),
    Column("amount_yen", "金額（円）", "amount in yen, of the whole project", "decimal",
           SP.amountYen),
    Column("printed_amount", "金額（掲載表記）", "amount as printed", "string", SP.printedAmount,
           is_required=True),
    LINES,
    DOCUMENT,
    iri_column("budget", "予算のIRI", "budget", is_required=True),
    iri_column("project", "事業のIRI", "project", is_required=True),
    PLAN_COLUMN,
)  # fmt: skip

_VALUE = (
    *_OF_PROJECT,
    japanese_column("indicator_name", "指標", "indicator", SP.indicatorName, about="indicator"),
    *concept_columns("kind", "種別", "kind of value", SP.valueKind, "value-"),
    Column("value", "値", "value", "decimal", SP.valueNumber),
    japanese_column("value_unit", "単位", "unit of the value", SP.valueUnit),
    Column("printed_value", "値（掲載表記）", "value as printed", "string", SP.printedValue,
           is_required=True),
    LINES,
    DOCUMENT,
    iri_column("value_iri", "値のIRI", "value of the indicator", is_required=True),
    iri_column("indicator", "指標のIRI", "indicator", is_required=True),
    iri_column("project", "事業のIRI", "project", is_required=True),
    PLAN_COLUMN,
)  # fmt: skip

_ACHIEVEMENT = (
    *_OF_PROJECT,
    Column("grade", "達成度（掲載表記）", "grade as printed", "string", SP.printedGrade),
    Column("grade_rank", "順位（1が最良）", "rank of the grade, 1 the best of its scale", NUMBER,
           SP.gradeRank, is_about="grade_iri"),
    japanese_column("text", "実績", "what was done", SP.achievementText),
    LINES,
    DOCUMENT,
    iri_column("achievement", "評価のIRI", "achievement", is_required=True),
    iri_column("grade_iri", "段階のIRI", "grade", SP.grade),
    iri_column("project", "事業のIRI", "project", SP.ofProject, is_required=True),
    PLAN_COLUMN,
)  # fmt: skip

BUDGETS = Table(
    "budgets", "予算・決算額（事業ごと。ゴール別には分けられません）",
    "Budgets of projects; never to be split or summed by goal", _BUDGET, ("budget",), "budget",
    ((("project",), "projects", ("project",)),),
)  # fmt: skip
INDICATORS = Table(
    "indicators", "指標の値", "Values of indicators", _VALUE, ("value_iri",), "value_iri",
    ((("project",), "projects", ("project",)),),
)  # fmt: skip
ACHIEVEMENTS = Table(
    "achievements", "実施報告の評価", "Achievements as reported", _ACHIEVEMENT, ("achievement",),
    "achievement", ((("project",), "projects", ("project",)),),
)  # fmt: skip
ACHIEVEMENT = replace(ACHIEVEMENTS, name="achievement", references=())
