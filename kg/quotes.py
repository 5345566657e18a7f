"""The lines of a document that its plan's data cite, kept beside the release for pages to quote.

    releases/<id>/documents/{code}/{slug}/{year}.json.gz     {"197": "| 63 | | セーフ…"}

Only lines that `sp:sourceLine` names, exactly as printed; of a CSV file or a workbook the row's
cells, with the sheet before the number: {"事業!12": "63 | | セー…"}. None where plan.toml withholds
the texts (`publish_texts = false`). They are no dump: the document stays the municipality's.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from kg.codes import Headings
from kg.disk import link
from kg.dumps import compressed
from kg.errors import Problems
from kg.extract.plan import read_document, reading_of
from kg.extract.rows import TextLine
from kg.iris import PlanIris
from kg.plan_settings import PlanSettings
from kg.vocab import SP
from kg.writers import Triple

DOCUMENTS_FOLDER = "documents"
TEXT_SUFFIXES = (".md", ".markdown")
MOST_BYTES = 1 << 40
"""No limit: a document that was too large was refused before."""

Entry = Mapping[str, Any]


def write_quotes(
    release: Path, iris: PlanIris, settings: PlanSettings, triples: Iterable[Triple]
) -> None:
    """Write the lines that a plan's triples cite; nothing if its texts are withheld."""
    if not settings["document.publish_texts"]:
        return
    places, sheets = [], {}
    for subject, predicate, term in triples:
        if predicate == SP.sourceLine:
            places.append((subject, int(str(term))))
        elif predicate == SP.sourceSheet:
            sheets[subject] = str(term)
    cited = {(sheets.get(subject, ""), number) for subject, number in places}
    texts = _texts(settings)
    found = {quote_key(*place): texts[place] for place in sorted(cited) if place in texts}
    path = release / _name(iris.code, iris.slug, iris.year)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(compressed(json.dumps(found, ensure_ascii=False).encode()))


def quote_key(sheet: str, number: int) -> str:
    """By which a line is found: its number, with the sheet before it if there is one."""
    return f"{sheet}!{number}" if sheet else str(number)


def _texts(settings: PlanSettings) -> dict[tuple[str, int], str]:
    """Every line or row of the document, by sheet and number."""
    if settings.document.suffix.lower() in TEXT_SUFFIXES:
        lines = settings.document.read_bytes().decode("utf-8-sig").split("\n")
        return {("", n): line.rstrip("\r") for n, line in enumerate(lines, 1)}
    reading = reading_of(settings, Headings.known(settings.columns), MOST_BYTES)
    document = read_document(settings, reading, Problems())
    texts: dict[tuple[str, int], str] = {}
    for block in document.blocks if document else ():
        for row in (block,) if isinstance(block, TextLine) else (block.header, *block.rows):
            cells = (row.text,) if isinstance(row, TextLine) else row.cells
            place = row.origin.place
            if place is not None:
                shown = " | ".join(" ".join(cell.split()) for cell in cells)
                texts[place.sheet, place.number] = shown.rstrip(" |")
    return texts


def carry_quotes(last: Path, entries: Iterable[Entry], release: Path) -> None:
    """Link the lines of these plans from the last release, where it has them."""
    for entry in entries:
        name = _name(entry["code"], entry["slug"], entry["year"])
        if (last / name).is_file():
            (release / name).parent.mkdir(parents=True, exist_ok=True)
            link(last / name, release / name)


def quoted_lines(release: Path, entry: Entry) -> Mapping[str, str]:
    """Number -> line of the document of a plan; {} if the release has none of it."""
    return _read(release / _name(entry["code"], entry["slug"], entry["year"]))


@lru_cache(maxsize=64)
def _read(path: Path) -> Mapping[str, str]:
    try:
        found: dict[str, str] = json.loads(gzip.decompress(path.read_bytes()))
    except FileNotFoundError:  # withheld, or written by an older program
        return {}
    return found


def _name(code: str, slug: str, year: int) -> str:
    return f"{DOCUMENTS_FOLDER}/{code}/{slug}/{year}.json.gz"
