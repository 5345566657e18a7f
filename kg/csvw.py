"""What the published tables mean, for programs: metadata of CSV on the Web (W3C CSVW).

Every column has titles in Japanese and English, a datatype and the property it holds.
Cells that are the value of a property become triples of it for a CSVW converter; the others
(names of what the row names by IRI, lists, codes of the municipality) have suppressOutput:
the Turtle says them properly.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rdflib import URIRef

from kg.column_kinds import SEPARATOR, SEPARATOR_IN_TEXT, Column, Table
from kg.vocab import DCTERMS, SP

METADATA_SUFFIX = "-metadata.json"
CONTEXT = "http://www.w3.org/ns/csvw"
VOCABULARY = str(SP).removesuffix("#")

NOTE = {
    "ja": (
        f"複数の値は「{SEPARATOR}」で区切ります（値に含まれる「{SEPARATOR}」は"
        f"「{SEPARATOR_IN_TEXT}」にします）。= + - @ とその全角、タブ、改行で始まる"
        "2文字以上の文字列は、表計算ソフトが数式として実行しないように、前に「'」を付けます。"
        "印字どおりの文字列はTurtleにあります。municipality_codeは、先頭の0を保つため、"
        "文字列として読み込んでください。"
    ),
    "en": (
        f'Several values in one cell are separated by "{SEPARATOR}" (a value that holds it has '
        f'"{SEPARATOR_IN_TEXT}" instead). A text of two characters or more that starts with '
        "= + - @, their full-width forms, a tab or a line end has an apostrophe before it, so "
        "that no spreadsheet runs it as a formula. The exact texts are in the Turtle. Read "
        "municipality_code as text, because of its leading zero."
    ),
}


@dataclass(frozen=True, slots=True)
class Description:
    """What is said of a table besides its columns.

    `title` is of the plan or plans, by language; `licence` that of our data; `rights` what is
    known of the terms of the document's own texts, by language.
    """

    title: Mapping[str, str]
    licence: Sequence[str]
    sources: Sequence[URIRef] = ()
    rights: Mapping[str, str] = field(default_factory=dict)


def table_metadata(table: Table, description: Description) -> bytes:
    """The content of `{table}.csv-metadata.json`, which describes the CSV beside it."""
    return _json({"@context": CONTEXT, **_table(table, description)})


def group_metadata(tables: Iterable[Table], description: Description) -> bytes:
    """The content of `csv-metadata.json`: all tables of a folder, with their foreign keys."""
    group = {
        "@context": CONTEXT,
        **_common(description.title, description),
        "tables": [_table(table, description, in_group=True) for table in tables],
    }
    return _json(group)


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _texts(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@value": text, "@language": language} for language, text in texts.items()]


def _common(title: Mapping[str, str], description: Description) -> dict[str, Any]:
    licences = [{"@id": iri} for iri in description.licence]
    common: dict[str, Any] = {
        "dc:title": _texts(title),
        "dc:conformsTo": {"@id": VOCABULARY},
        "dc:license": licences[0] if len(licences) == 1 else licences,
        "dc:source": [{"@id": str(iri)} for iri in description.sources],
        "dc:rights": _texts(description.rights),
        "dc:description": _texts(NOTE),
    }
    return {name: value for name, value in common.items() if value}


def _table(table: Table, description: Description, *, in_group: bool = False) -> dict[str, Any]:
    names = {"ja": table.ja, "en": table.en}
    title = {lang: f"{text}: {names[lang]}" for lang, text in description.title.items()}
    schema: dict[str, Any] = {
        "aboutUrl": f"{{+{table.subject}}}",
        "primaryKey": list(table.key),
        "columns": [_column(column) for column in table.columns],
    }
    if in_group and table.references:
        schema["foreignKeys"] = [
            {
                "columnReference": list(own),
                "reference": {"resource": f"{other}.csv", "columnReference": list(theirs)},
            }
            for own, other, theirs in table.references
        ]
    common = {} if in_group else _common(title, description)
    return {"url": f"{table.name}.csv", **(common or {"dc:title": _texts(names)}),
            "tableSchema": schema}  # fmt: skip


def _column(column: Column) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "name": column.name,
        "titles": {"en": [column.name, column.en], "ja": column.ja},
        "datatype": column.datatype,
    }
    if column.language:
        cell["lang"] = column.language
    if column.is_required:
        cell["required"] = True
    if column.is_many:
        cell["separator"] = SEPARATOR
    if column.is_about:
        cell["aboutUrl"] = f"{{+{column.is_about}}}"
    if column.predicate is None:
        return cell | {"suppressOutput": True}
    cell["propertyUrl"] = str(column.predicate)
    if column.value_url:
        cell["valueUrl"] = column.value_url
    elif column.datatype == "anyURI":
        cell["valueUrl"] = f"{{+{column.name}}}"
    if column.is_many and column.predicate not in _SAME_IN_LISTS:
        cell["suppressOutput"] = True
    return cell


# the values of other lists are ends of IRIs, and a CSVW template cannot be applied to each
_SAME_IN_LISTS = {SP.sourceLine, SP.deliveryNote, SP.evidence, DCTERMS.description}
