"""What a column and a table of the published CSV files are, and the columns that all have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rdflib import URIRef

from kg.vocab import SP

SEPARATOR = "|"
"""Between the values of one cell. A value that holds it is written with ｜ instead."""
SEPARATOR_IN_TEXT = "｜"

CODE_FORMAT = {"base": "string", "format": "[0-9]{6}"}
GOAL = {"base": "integer", "minimum": 1, "maximum": 17}
COUNT = {"base": "integer", "minimum": 0}
NUMBER = {"base": "integer", "minimum": 1}
Datatype = str | Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: name, titles, datatype of CSVW.

    `predicate` is the property whose value the cell is. `value_url` is a template that makes
    the IRI of a cell that holds only its end. `is_about` is the column that names what the
    property is said of, where that is not the row itself. `is_text`: free text, guarded against
    spreadsheets that run formulas.
    """

    name: str
    ja: str
    en: str
    datatype: Datatype = "string"
    predicate: URIRef | None = None
    value_url: str = ""
    is_about: str = ""
    is_many: bool = False
    is_required: bool = False
    language: str = ""

    @property
    def is_text(self) -> bool:
        return self.datatype == "string" and not self.value_url


@dataclass(frozen=True, slots=True)
class Table:
    """A table: file name, titles, columns, and the columns that tell its rows apart.

    `subject` is the column with the IRI of what the row is about. `references` are (columns,
    table, its columns): every value is found there, among the tables of an export.
    """

    name: str
    ja: str
    en: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    subject: str
    references: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = ()

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]


def iri_column(
    name: str, ja: str, en: str, predicate: URIRef | None = None, *, is_required: bool = False
) -> Column:
    return Column(name, ja, en, "anyURI", predicate, is_required=is_required)


def japanese_column(
    name: str,
    ja: str,
    en: str,
    predicate: URIRef | None = None,
    *,
    about: str = "",
    is_many: bool = False,
    is_required: bool = False,
) -> Column:
    return Column(
        name, ja, en, "string", predicate, "", about, is_many, is_required, language="ja"
    )  # fmt: skip


def concept_columns(
    name: str, ja: str, en: str, predicate: URIRef, start: str
) -> tuple[Column, Column]:  # fmt: skip
    """A concept of the vocabulary by the end of its IRI, and its Japanese label."""
    template = f"{SP}{start}{{{name}}}"
    return (
        Column(name, ja, en, "string", predicate, template),
        japanese_column(f"{name}_name", f"{ja}の名称", f"{en}, label in Japanese"),
    )


LINES = Column(
    "source_lines", "原文行", "lines of the document", NUMBER, SP.sourceLine, is_many=True
)
START = (
    Column("municipality_code", "全国地方公共団体コード", "local government code", CODE_FORMAT,
           is_required=True),
    japanese_column("municipality_name", "市区町村", "municipality", is_required=True),
    Column("fiscal_year", "年度", "fiscal year", "gYear", is_required=True),
    Column("made_up", "架空", "yes if the municipality is made up for tests or demonstrations"),
)  # fmt: skip
PLAN_COLUMN = iri_column("plan", "計画のIRI", "plan", is_required=True)
