"""The example queries of ontology/queries/, with the titles and questions of their headers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from kg.query_text import query_form
from kg.resources import ontology_dir

_HEADER = re.compile(r"^# (title|question|note)-([a-z]+): (.*)\n", re.MULTILINE)
_NUMBER = re.compile(r"cq0*([0-9]+)")


@dataclass(frozen=True, slots=True)
class Example:
    """One query; its texts by language. `text` is the query without these lines."""

    name: str
    form: str
    titles: tuple[tuple[str, str], ...]
    questions: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...]
    """What to know of the answer; in English the comments at the start of `text`."""
    text: str
    file: str
    """The whole file."""

    @property
    def number(self) -> str:
        """CQ4 for cq04."""
        return _NUMBER.sub(r"CQ\1", self.name)


@lru_cache(maxsize=1)
def examples() -> tuple[Example, ...]:
    """The queries that lie in the folder itself, by file name."""
    return tuple(
        _example(path.stem, path.read_text(encoding="utf-8"))
        for path in sorted((ontology_dir() / "queries").glob("*.rq"))
    )


def _example(name: str, file: str) -> Example:
    texts: dict[str, list[tuple[str, str]]] = {"title": [], "question": [], "note": []}
    for kind, code, value in _HEADER.findall(file):
        texts[kind].append((code, value))
    text = _HEADER.sub("", file)
    comments = takewhile(lambda line: line.startswith("#"), text.splitlines())
    note = " ".join(line.removeprefix("#").strip() for line in comments)
    return Example(
        name,
        query_form(file) or "SELECT",
        tuple(texts["title"]),
        tuple(texts["question"]),
        (*texts["note"], *([("en", note)] if note else [])),
        text,
        file,
    )
