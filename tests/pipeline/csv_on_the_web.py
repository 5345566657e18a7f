"""A small reader of CSV on the Web: checks a table against its metadata, and makes triples of it.

Only what kg/csvw.py uses of https://www.w3.org/TR/tabular-metadata/ and csv2rdf.
"""

from __future__ import annotations

import csv
import json
import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from rdflib import Literal, URIRef
from rdflib.namespace import XSD
from rdflib.term import Node

Values = dict[str, list[str]]
PATTERNS = {"gYear": "[0-9]{4}", "anyURI": "https?://[^ ]+", "integer": "0|-?[1-9][0-9]*"}


def read_table(path: Path, description: dict[str, Any] | None = None) -> list[Values]:
    """The rows of a table, cells as lists of values; asserts what the metadata say of them."""
    metadata = description or read_metadata(path)
    assert metadata["url"] == path.name
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and data.count(b"\xef\xbb\xbf") == 1
    text = data.decode("utf-8-sig")
    assert "\n" not in text.replace("\r\n", "")
    header, *lines = csv.reader(text.splitlines(keepends=True), strict=True)
    columns = metadata["tableSchema"]["columns"]
    assert header == [column["name"] for column in columns]
    assert len(set(header)) == len(header)
    for column in columns:
        assert re.fullmatch("[a-z]+(_[a-z]+)*", column["name"])
        assert column["titles"]["ja"] and column["titles"]["en"][0] == column["name"]
    rows = []
    for line in lines:
        assert len(line) == len(columns)
        rows.append({c["name"]: _values(c, cell) for c, cell in zip(columns, line, strict=True)})
    keys = [tuple(str(row[name]) for name in metadata["tableSchema"]["primaryKey"]) for row in rows]
    assert len(set(keys)) == len(keys)
    return rows


def read_metadata(path: Path) -> dict[str, Any]:
    """What the file beside a table says of it."""
    text = path.with_name(f"{path.name}-metadata.json").read_text(encoding="utf-8")
    metadata: dict[str, Any] = json.loads(text)
    assert metadata["@context"] == "http://www.w3.org/ns/csvw"
    return metadata


def _values(column: dict[str, Any], cell: str) -> list[str]:
    assert cell or not column.get("required"), column["name"]
    if not cell:
        return []
    values = cell.split(column["separator"]) if "separator" in column else [cell]
    for value in values:
        _check(column["datatype"], value)
    return values


def _check(datatype: str | dict[str, Any], value: str) -> None:
    details = {"base": datatype} if isinstance(datatype, str) else datatype
    base = details["base"]
    assert re.fullmatch(details.get("format") or PATTERNS.get(base, "(?s).*"), value), value
    if base in ("integer", "decimal"):
        assert details.get("minimum", -1e13) <= Decimal(value) <= details.get("maximum", 1e13)
    if base == "dateTime":
        datetime.fromisoformat(value)


def triples_of(rows: list[Values], metadata: dict[str, Any]) -> set[tuple[Node, Node, Node]]:
    """What a converter makes of the rows: triples of the cells that are not suppressed."""
    schema, triples = metadata["tableSchema"], set()
    for row in rows:
        for column in schema["columns"]:
            if column.get("suppressOutput"):
                continue
            about = column.get("aboutUrl", schema["aboutUrl"])
            for value in row[column["name"]]:
                subject, predicate = URIRef(_filled(about, row)), URIRef(column["propertyUrl"])
                triples.add((subject, predicate, _object(column, row, value)))
    return triples


def _filled(template: str, row: Values) -> str:
    return re.sub(r"\{\+?([a-z_]+)\}", lambda found: row[found[1]][0], template)


def _object(column: dict[str, Any], row: Values, value: str) -> Node:
    if "valueUrl" in column:
        return URIRef(_filled(column["valueUrl"], row))
    if "lang" in column:
        return Literal(value, lang=column["lang"])
    datatype = column["datatype"]
    base = datatype if isinstance(datatype, str) else datatype["base"]
    return Literal(value) if base == "string" else Literal(value, datatype=XSD[base])
