"""What can be found by search: the things a release speaks of, each with its printed texts.

Read from the published N-Quads, so that a search finds nothing else than the data holds: where
a plan's texts are not published, they are not searched.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple

from kg.changes import unescaped
from kg.counts import lines_of
from kg.folding import folded_for_search
from kg.goals import GOALS
from kg.vocab import DCTERMS, ORG, SDG, SKOS, SP

Entry = Mapping[str, Any]
"""A plan of release.json."""

PLAN_FILES = ("plan.nq", "candidate.nq")
"""The dumps that are read; a plan may have no candidates."""


class Kind(IntEnum):
    """What an entry is; found entries are listed in this order."""

    PROJECT = 1
    TARGET = 2
    UNIT = 3
    GOAL = 4
    POLICY = 5
    CHANGE = 6  # a project of the review list that is no longer listed
    PLAN = 7
    MUNICIPALITY = 8


class Text(NamedTuple):
    """A printed text of an entry: what it is, as in `text`, `unit`, `policy`, and the words."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """One thing that can be found.

    `code` is the municipality's as a number, `year` the fiscal year; 0 = it has none. `goals`
    and `estimated` of a project are bits: 1 << goal, of links that count and of candidates.
    `about` is what a list of found entries shows beside the name.
    """

    kind: Kind
    code: int
    year: int
    iri: str
    name: str
    number: str = ""
    texts: tuple[Text, ...] = ()
    about: Mapping[str, str] | None = None
    goals: int = 0
    estimated: int = 0

    @property
    def all_texts(self) -> str:
        """The texts as one; no word of a query goes over a line end."""
        return joined(self.texts)

    def as_row(self) -> tuple[str, str, str, str, str]:
        """IRI, number, name, texts and the rest, as the index keeps them."""
        return (
            self.iri,
            self.number,
            self.name,
            json.dumps(self.texts, ensure_ascii=False),
            json.dumps(self.about or {}, ensure_ascii=False, sort_keys=True),
        )


def joined(texts: Iterable[Sequence[str]]) -> str:
    """The texts of pairs of field and text, one a line."""
    return "\n".join(text for _, text in texts)


def municipality_entries(dumps: Path, plans: Iterable[Entry]) -> Iterator[SearchEntry]:
    """What one municipality's published plans speak of, the newest year first."""
    ordered = sorted(plans, key=lambda plan: (-plan["year"], plan["slug"]))
    seen: set[str] = set()
    for plan in ordered:
        folder = dumps / plan["code"] / plan["slug"] / str(plan["year"])
        facts = _Facts(folder / name for name in PLAN_FILES)
        for entry in (*_municipality(plan), *_of_plan(plan, facts)):
            if entry.iri not in seen:  # units and policies stand in the plans of several years
                seen.add(entry.iri)
                yield entry


def goal_entries(vocabulary: Path) -> Iterator[SearchEntry]:
    """The 17 goals by their names, from the dump of the vocabulary."""
    facts = _Facts([vocabulary])
    for goal in GOALS:
        names = facts.found.get(str(SDG[str(goal)]), {}).get("alternative", [])
        by_language = {value.language: value.text for value in names}
        if "ja" in by_language:
            texts = [Text("english", by_language["en"])] if "en" in by_language else []
            iri = str(SDG[str(goal)])
            yield SearchEntry(Kind.GOAL, 0, 0, iri, by_language["ja"], str(goal), tuple(texts))


class _Value(NamedTuple):
    text: str
    language: str


_KEYS = {
    f"<{iri}>": key
    for iri, key in {
        SKOS.prefLabel: "name",
        SKOS.altLabel: "alternative",
        SKOS.notation: "notation",
        SKOS.inScheme: "scheme",
        DCTERMS.description: "text",
        ORG.subOrganizationOf: "above",
        SP.inPlan: "plan",
        SP.number: "number",
        SP.printedName: "printed",
        SP.printedUnit: "unit",
        SP.responsibleUnit: "unit-iri",
        SP.partnerUnit: "partner-iri",
        SP.printedPartnerUnits: "partners",
        SP.policy: "policy",
        SP.target: "target",
        SP.targetText: "target-text",
        SP.order: "order",
        SP.projectName: "project-name",
        SP.changeKind: "change-kind",
        SP.listedProject: "listed",
        SP.sdgGoal: "goal",
        SP.candidateSdgGoal: "candidate",
    }.items()
}


class _Facts:
    """The statements of a plan that matter here, by subject."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.found: dict[str, dict[str, list[_Value]]] = {}
        for path in files:
            for line in lines_of(path) if path.is_file() else ():
                subject, _, rest = line.partition(" ")
                predicate, _, rest = rest.partition(" ")
                key = _KEYS.get(predicate)
                if key is not None:
                    values = self.found.setdefault(subject[1:-1], {})
                    values.setdefault(key, []).append(_value(rest))

    def text(self, subject: str, key: str) -> str:
        """The one value; of names in several languages the Japanese one; empty if there is none."""
        values = self.found.get(subject, {}).get(key, ())
        return next(
            (v.text for v in values if v.language == "ja"), values[0].text if values else ""
        )

    def texts(self, subject: str, key: str) -> list[str]:
        return [value.text for value in self.found.get(subject, {}).get(key, ())]

    def with_key(self, key: str) -> list[str]:
        return [subject for subject, values in self.found.items() if key in values]

    def number(self, subject: str, key: str) -> int:
        text = self.text(subject, key)
        return int(text) if text.isdecimal() else 0

    def goals(self, subject: str, key: str) -> int:
        bits = 0
        for iri in self.texts(subject, key):
            number = iri.removeprefix(str(SDG))
            if number.isdecimal() and int(number) in GOALS:
                bits |= 1 << int(number)
        return bits


def _value(rest: str) -> _Value:
    """The object of "object graph ." as the dumps write it."""
    if rest.startswith("<"):
        return _Value(rest[1 : rest.index(">")], "")
    end = rest.rindex('"')  # no graph name holds one
    text = rest[1:end]
    tag = rest[end + 1 :].partition(" ")[0]
    return _Value(unescaped(text) if "\\" in text else text, tag[1:] if tag[:1] == "@" else "")


def _municipality(plan: Entry) -> Iterator[SearchEntry]:
    names, titles = plan["municipality"], plan["title"]
    code, iri = int(plan["code"]), plan["iri"].partition("/plan/")[0]
    texts = (*_english(names), Text("code", plan["code"]))
    yield SearchEntry(Kind.MUNICIPALITY, code, 0, iri, names["ja"], texts=texts)
    yield SearchEntry(
        Kind.PLAN, code, plan["year"], plan["iri"], titles["ja"], texts=_english(titles)
    )


def _english(names: Mapping[str, str]) -> tuple[Text, ...]:
    return (Text("english", names["en"]),) if names.get("en") else ()


def _of_plan(plan: Entry, facts: _Facts) -> Iterator[SearchEntry]:
    code, year = int(plan["code"]), plan["year"]
    listed = [p for p in facts.with_key("plan") if facts.text(p, "plan") == plan["iri"]]
    projects = [iri for iri in listed if "/project/" in iri]
    projects.sort(key=lambda iri: (facts.number(iri, "number"), iri))
    units: dict[str, None] = {}
    for iri in projects:
        yield _project(iri, code, year, facts)
        yield from _targets(iri, code, year, facts)
    changes = [iri for iri in facts.with_key("change-kind") if not facts.text(iri, "listed")]
    for iri in sorted(changes, key=lambda iri: facts.number(iri, "order")):
        yield _change(iri, code, year, facts)
    for iri in (*projects, *changes):
        for unit in (facts.text(iri, "unit-iri"), *sorted(facts.texts(iri, "partner-iri"))):
            _take_units(unit, facts, units)
    for iri in units:
        yield _unit(iri, code, facts)
    for iri in facts.with_key("scheme"):
        if iri.startswith(plan["iri"].rpartition("/")[0]):
            name, number = facts.text(iri, "name"), facts.text(iri, "notation")
            yield SearchEntry(Kind.POLICY, code, 0, iri, name, number)


def _project(iri: str, code: int, year: int, facts: _Facts) -> SearchEntry:
    name, unit = facts.text(iri, "name"), facts.text(iri, "unit")
    text, printed = facts.text(iri, "text"), facts.text(iri, "printed")
    texts = [Text("text", text)] if text else []
    told = folded_for_search(text)
    for target in facts.texts(iri, "target"):
        line = facts.text(target, "target-text")
        if folded_for_search(line) not in told:  # where the plan's texts are not published
            texts.append(Text("target", line))
    if unit:
        texts.append(Text("unit", unit))
    if facts.text(iri, "partners"):
        texts.append(Text("unit", facts.text(iri, "partners")))
    policy = facts.text(iri, "policy")
    if facts.text(policy, "name"):
        texts.append(Text("policy", facts.text(policy, "name")))
    if printed and folded_for_search(printed) != folded_for_search(name):
        texts.append(Text("printed", printed))
    return SearchEntry(
        Kind.PROJECT, code, year, iri, name, facts.text(iri, "number"), tuple(texts),
        {"unit": unit}, facts.goals(iri, "goal"), facts.goals(iri, "candidate"),
    )  # fmt: skip


def _targets(project: str, code: int, year: int, facts: _Facts) -> Iterator[SearchEntry]:
    about = {
        "project": project,
        "project_name": facts.text(project, "name"),
        "unit": facts.text(project, "unit"),
    }
    number = facts.text(project, "number")
    for iri in sorted(facts.texts(project, "target"), key=lambda iri: facts.number(iri, "order")):
        name = facts.text(iri, "target-text")
        yield SearchEntry(Kind.TARGET, code, year, iri, name, number, about=about)


def _change(iri: str, code: int, year: int, facts: _Facts) -> SearchEntry:
    name, printed = facts.text(iri, "project-name"), facts.text(iri, "printed")
    unit = facts.text(iri, "unit")
    texts = [Text("unit", unit)] if unit else []
    if printed and folded_for_search(printed) != folded_for_search(name):
        texts.append(Text("printed", printed))
    about = {"status": facts.text(iri, "change-kind"), "unit": unit}
    return SearchEntry(Kind.CHANGE, code, year, iri, name, texts=tuple(texts), about=about)


def _take_units(unit: str, facts: _Facts, units: dict[str, None]) -> None:
    """Add a unit and those above it, the top one first."""
    chain: list[str] = []
    while unit and unit not in chain:
        chain.insert(0, unit)
        unit = facts.text(unit, "above")
    units.update(dict.fromkeys(chain))


def _unit(iri: str, code: int, facts: _Facts) -> SearchEntry:
    names, above = list[str](), facts.text(iri, "above")
    while above and len(names) < 9:
        names.insert(0, facts.text(above, "name"))
        above = facts.text(above, "above")
    about = {"above": " › ".join(names)}
    return SearchEntry(Kind.UNIT, code, 0, iri, facts.text(iri, "name"), about=about)
