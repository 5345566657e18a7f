"""The example queries of ontology/queries/, with the titles and questions of their headers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kg.query_text import query_form
from kg.resources import ontology_dir

_HEADER = re.compile(r"^# (title|question)-([a-z]+): (.*)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Example:
    """One query; its texts by language. `text` is the query without these lines."""

    name: str
    form: str
    titles: tuple[tuple[str, str], ...]
    questions: tuple[tuple[str, str], ...]
    text: str


@lru_cache(maxsize=1)
def examples() -> tuple[Example, ...]:
    """The queries that lie in the folder itself, by file name."""
    found = []
    for path in sorted((ontology_dir() / "queries").glob("*.rq")):
        text = path.read_text(encoding="utf-8")
        headers = _HEADER.findall(text)
        found.append(
            Example(
                path.stem,
                query_form(text) or "SELECT",
                tuple((code, value) for kind, code, value in headers if kind == "title"),
                tuple((code, value) for kind, code, value in headers if kind == "question"),
                _HEADER.sub("", text),
            )
        )
    return tuple(found)
