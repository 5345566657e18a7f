"""Names, counts and values of cells in OpenDocument spreadsheets, as the file spells them."""

from __future__ import annotations

import math
import re

from kg.extract.cell_values import text_of

_NAMESPACES = {
    "urn:oasis:names:tc:opendocument:xmlns:office:1.0": "office",
    "urn:oasis:names:tc:opendocument:xmlns:table:1.0": "table",
    "urn:oasis:names:tc:opendocument:xmlns:text:1.0": "text",
    "urn:oasis:names:tc:opendocument:xmlns:style:1.0": "style",
    "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0": "draw",
    "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0": "calcext",
}
_TIME = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")

Attributes = dict[str, str]


def short_name(tag: str) -> str:
    """`table:table-cell` for the expanded name, whatever prefix the file has."""
    namespace, _, name = tag.rpartition("\t")
    return f"{_NAMESPACES.get(namespace, '?')}:{name}"


def count_in(attributes: Attributes, key: str) -> int:
    """A count of at least 1; what is no number is 1."""
    text = attributes.get(key, "")
    return max(int(text), 1) if text.isascii() and text.isdecimal() and len(text) < 10 else 1


def _finite(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def moment(text: str) -> str:
    """A date or time as in workbooks of Excel: without a time at midnight, 09:30:00 for a time."""
    if match := _TIME.fullmatch(text):
        return ":".join(part.zfill(2) for part in match.groups())
    day, _, time = text.partition("T")
    return day if time.strip("0:.") == "" else f"{day} {time}"


def typed_value(cell: Attributes, kind: str) -> str | None:
    """The text of a number or a truth value by its kind; None for other kinds and no number."""
    if kind == "boolean":
        return cell.get("office:boolean-value", "").upper()
    number = _finite(cell.get("office:value", ""))
    if number is None or kind not in ("float", "currency", "percentage"):
        return None
    return text_of(number, "0%" if kind == "percentage" else "")
