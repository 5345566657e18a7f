"""The lines of a document that its plan's data cite, kept beside the release for pages to quote.

    releases/<id>/documents/{code}/{slug}/{year}.json.gz     {"197": "| 63 | | セーフ…"}

Only lines that `sp:sourceLine` names, exactly as printed, and none where plan.toml withholds the
texts (`publish_texts = false`). They are no dump: the document stays the municipality's.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from kg.disk import link
from kg.dumps import compressed
from kg.iris import PlanIris
from kg.plan_settings import PlanSettings
from kg.vocab import SP
from kg.writers import Triple

DOCUMENTS_FOLDER = "documents"
TEXT_SUFFIXES = (".md", ".markdown")

Entry = Mapping[str, Any]


def write_quotes(
    release: Path, iris: PlanIris, settings: PlanSettings, triples: Iterable[Triple]
) -> None:
    """Write the lines that a plan's triples cite; nothing if its texts are withheld."""
    if not settings["document.publish_texts"] or settings.document.suffix not in TEXT_SUFFIXES:
        return
    cited = {int(str(line)) for _, p, line in triples if p == SP.sourceLine}
    lines = settings.document.read_bytes().decode("utf-8-sig").split("\n")
    found = {str(n): lines[n - 1].rstrip("\r") for n in sorted(cited) if 0 < n <= len(lines)}
    path = release / _name(iris.code, iris.slug, iris.year)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(compressed(json.dumps(found, ensure_ascii=False).encode()))


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
