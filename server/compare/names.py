"""What tells municipalities of one name apart, and plans that one municipality has of one year.

Judged over all plans that are served, so that a place has the same name whatever stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rdflib import Literal

from kg.prefectures import prefecture_of

Entry = Mapping[str, Any]

BRACKETS = {"ja": "（{}）", "en": " ({})"}


@dataclass(frozen=True, slots=True)
class Names:
    """Names that no two municipalities share, and titles of plans where the year is not enough."""

    codes: frozenset[str]
    """Of municipalities whose name another one bears too."""
    in_prefecture: frozenset[str]
    """Of these, those whose prefecture tells them apart; the others have their code for that."""
    titled: frozenset[str]
    """IRIs of plans that are one of several of a municipality and year."""
    same_title: frozenset[str]
    """Of these, those whose titles are the same too."""

    def municipality(self, entry: Entry, language: str) -> Literal:
        """The name in the language, else in Japanese; with prefecture or code where it must."""
        names, code = entry["municipality"], str(entry["code"])
        chosen = language if language in names else "ja"
        name = str(names[chosen])
        if code in self.codes:
            name += BRACKETS[chosen].format(self._place(code, chosen))
        return Literal(name, lang=chosen)

    def title(self, entry: Entry, language: str) -> Literal | None:
        """The title of the plan, if its municipality and year do not tell which plan it is."""
        if entry["iri"] not in self.titled:
            return None
        titles = entry["title"]
        chosen = language if language in titles else "ja"
        title = str(titles[chosen])
        if entry["iri"] in self.same_title:
            title += BRACKETS[chosen].format(entry["slug"])
        return Literal(title, lang=chosen)

    def _place(self, code: str, language: str) -> str:
        found = prefecture_of(code) if code in self.in_prefecture else None
        if found is None:
            return code
        return found.ja if language == "ja" else found.en


AS_THEY_ARE = Names(frozenset(), frozenset(), frozenset(), frozenset())
"""Where nothing is to be told apart."""


def names_of(entries: Sequence[Entry]) -> Names:
    """The names of the municipalities and plans of these entries."""
    shared: set[str] = set()
    in_prefecture: set[str] = set()
    for language in ("ja", "en"):
        bearers: dict[str, set[str]] = {}
        for entry in entries:
            name = entry["municipality"].get(language)
            if name:
                bearers.setdefault(name, set()).add(str(entry["code"]))
        for codes in bearers.values():
            if len(codes) > 1:
                shared |= codes
    for code in shared:
        # a made-up code may begin with no prefecture's digits
        if prefecture_of(code) is not None and not _has_twin(code, shared, entries):
            in_prefecture.add(code)
    of_year: dict[tuple[str, int], list[Entry]] = {}
    for entry in entries:
        of_year.setdefault((str(entry["code"]), int(entry["year"])), []).append(entry)
    several = [own for own in of_year.values() if len(own) > 1]
    titled = {str(entry["iri"]) for own in several for entry in own}
    same = {
        str(entry["iri"])
        for own in several
        for entry in own
        if sum(_title(other) == _title(entry) for other in own) > 1
    }
    return Names(
        frozenset(shared), frozenset(in_prefecture), frozenset(titled), frozenset(same)
    )  # fmt: skip


def _title(entry: Entry) -> str:
    return str(entry["title"]["ja"])


def _has_twin(code: str, shared: set[str], entries: Sequence[Entry]) -> bool:
    """Whether another municipality of the same prefecture bears one of its names."""
    names = {name for e in entries if e["code"] == code for name in e["municipality"].values()}
    return any(
        not names.isdisjoint(entry["municipality"].values())
        for entry in entries
        if entry["code"] in shared and entry["code"] != code and entry["code"][:2] == code[:2]
    )
