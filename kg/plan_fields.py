"""Every key of plan.toml, with its form, default and meaning.

The one list of keys: `kg/plan_settings.py` reads by it, docs/reference/plan-toml.md is written
from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LICENCES = {
    "https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0",
    "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0": "PDL 1.0",
}
"""Licences offered for our data: IRI -> short name."""


@dataclass(frozen=True, slots=True)
class Field:
    """One key of plan.toml: table, name, form, whether it must be there, default and meaning."""

    table: str
    name: str
    form: str
    meaning: str
    required: bool = False
    default: Any = None

    @property
    def key(self) -> str:
        return f"[{self.table}] {self.name}"


TEMPLATE_MARKS = ("（市区町村名）", "（計画名）")
"""What stands in row 1 of examples/template.xlsx until someone writes the plan's title there."""

LABEL = "text or {ja, en}"
FIELDS = (
    Field("municipality", "code", "text", "6-digit 全国地方公共団体コード with check digit", True),
    Field("municipality", "name", LABEL, "name of the municipality", True),
    Field("municipality", "corporate_number", "text", "法人番号, 13 digits"),
    Field(
        "municipality", "see_also", "texts", "the same municipality elsewhere, as IRIs", default=()
    ),
    Field(
        "municipality",
        "made_up",
        "flag",
        "true for a municipality that does not exist; its code begins with 48 or more",
        default=False,
    ),
    Field("plan", "slug", "text", "short ASCII name of the basic plan, chosen once", True),
    Field("plan", "title", LABEL, "title of the yearly plan", True),
    Field("plan", "basic_plan", LABEL, "title of the basic plan", True),
    Field("plan", "fiscal_year", "number", "fiscal year, April to March", True),
    Field("document", "file", "text", "name of the document in this folder", True),
    Field("document", "title", LABEL, "how the document is called in citations"),
    Field("document", "note", LABEL, "what a reader must know of this copy of the document"),
    Field("document", "received", "date", "day on which the document was received"),
    Field("document", "licence", "text", 'licence IRI of the document, or "unknown"', True),
    Field("document", "publish_texts", "flag", "false leaves the plan texts out", default=True),
    Field(
        "document",
        "icons",
        "text",
        '"spaces": n+1 spaces stand for n lost icons; "count": pictures are counted, their goals '
        'are not read; "goals-column": icons elsewhere than in the column of goals mean nothing',
    ),
    Field(
        "document",
        "has",
        "texts",
        "parts the document is known to have, so that their loss is told: project-total, "
        "link-total, balance, balance-total, goal-totals, review, notes",
        default=(),
    ),
    Field(
        "document", "may_be_empty", "texts", 'fields that may be empty, such as "text"', default=()
    ),
    Field(
        "document",
        "ignore_tables",
        "texts",
        "first headings of tables that are no part of the plan",
        default=(),
    ),
    Field(
        "document",
        "ignore_columns",
        "texts",
        "headings of columns that are not published",
        default=(),
    ),
    Field(
        "document",
        "ignore_sheets",
        "texts",
        "names of sheets of a workbook that are no part of the plan",
        default=(),
    ),
    Field(
        "document",
        "labels",
        "texts",
        "the labels of a document in running text (番号1、事業名、…), if known words are no labels",
        default=(),
    ),
    Field(
        "document",
        "hidden",
        "text",
        'hidden rows, columns and sheets of a workbook: "skip" leaves them out, "read" reads them',
    ),
    Field(
        "document",
        "units",
        "text",
        '"first-leads": of several units in one cell without a mark, the first answers for the '
        "project and the others are partners",
    ),
    Field(
        "document",
        "merged_goals",
        "text",
        'cells of goals merged over several projects: "each" project has them, or they are stated '
        'for the "policy" alone',
    ),
    Field(
        "document",
        "same_as_above",
        "texts",
        "fields whose empty cells repeat the cell above, as where merged cells were lost: unit, "
        "department, partners",
        default=(),
    ),
    Field(
        "document",
        "may_be_empty",
        "texts",
        "fields whose empty cells say that there is none, though other rows have one: department",
        default=(),
    ),
    Field(
        "budget",
        "unit",
        "text",
        "unit of amounts that are printed without one: 円, 千円, 万円, 百万円, 億円",
    ),
    *(
        Field(
            "indicators",
            f"{kind}_year",
            "number",
            f"fiscal year of columns of {kind} values whose headings name none",
        )
        for kind in ("base", "target", "actual")
    ),
    Field(
        "report",
        "file",
        "text",
        "name of the municipality's report on this plan's year (実施報告) in this folder; its rows "
        "are told by the plan's numbers or names",
    ),
    Field("report", "title", LABEL, "how the report is called in citations"),
    Field("report", "note", LABEL, "what a reader must know of this copy of the report"),
    Field("report", "received", "date", "day on which the report was received"),
    Field(
        "report", "licence", "text", 'licence IRI of the report, or "unknown"', default="unknown"
    ),
    Field(
        "report",
        "grades",
        "texts",
        "the grades (達成度) that the report or the plan itself prints, the best first",
        default=(),
    ),
    Field(
        "report",
        "ignore_tables",
        "texts",
        "first headings of tables of the report that are not about projects",
        default=(),
    ),
    Field("dataset", "licence", "text", "licence IRI of our data", True),
    Field("dataset", "version", "text", "version of the published data", True),
    Field("dataset", "issued", "date", "day of first publication", True),
    Field("dataset", "modified", "date", "day of the last change", True),
    Field("dataset", "status", "text", '"published" or "withdrawn"', default="published"),
    Field("dataset", "reason", "text", "why it was withdrawn"),
    Field("dataset", "withdrawn", "date", "day on which it was withdrawn"),
)
FREE_TABLES = ("columns", "aliases", "marks", "reorganised")
"""Tables whose keys are the author's: field = "heading as printed"; "new name" = "old name";
"mark in the column of a goal" = "stated" or "none"; "new unit" = "old unit + old unit"."""
