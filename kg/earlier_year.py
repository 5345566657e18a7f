"""A plan held against the one of the year before that lies beside it: figures, and what may go on.

Nothing is assumed: figures that differ are told with both numbers, and projects or units that may
have been renamed, split or merged are told with the line for plan.toml that would say so.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from rdflib import URIRef
from rdflib.namespace import ORG, SKOS

from kg.changes import Quad
from kg.checking import CheckedPlan, read_plan
from kg.mapping.graphs import source_graph
from kg.mapping.terms import Context, Triple
from kg.plan_keys import folder_key
from kg.plan_settings import PlanSettings, unit_paths
from kg.records import Item, Plan
from kg.settings import Settings
from kg.text import name_key, short_hash
from kg.year_changes import YearChanges, year_changes
from kg.yearly_lists import ListedProject

LEAST_ALIKE = 0.6
"""How alike two names must be to be proposed, from 0 to 1 (difflib's ratio of their keys)."""


def notes_on_year_before(checked: CheckedPlan, settings: Settings) -> list[str]:
    """Sentences about a plan and the one of the year before; none if that is not beside it."""
    if checked.iris is None or "source" not in checked.graphs:
        return []
    assert checked.extraction and checked.extraction.plan
    folder = earlier_folder(checked)
    before = None if folder is None else read_plan(folder, settings)
    if before is None or before.extraction is None or before.extraction.plan is None:
        return []
    assert before.iris and before.settings and checked.settings
    then = source_graph(before.extraction.plan, Context(before.iris, before.settings))
    now = checked.graphs["source"]
    changes = year_changes(str(checked.iris.plan), _quads(then), _quads(now))
    names = checked.folder.name, before.folder.name
    return [
        *_figures(before.extraction.plan, checked.extraction.plan, names, checked.iris.year - 1),
        *(f"{names[0]} and {names[1]}: {note}" for note in _projects(changes)),
        *(
            f"{names[0]} and {names[1]}: {note}"
            for note in _units(changes, _Units([*then, *now]), checked.settings)
        ),
    ]


def earlier_folder(checked: CheckedPlan) -> Path | None:
    """The folder beside the plan's that holds the same basic plan's plan of the year before."""
    assert checked.iris is not None
    wanted = checked.iris.code, checked.iris.slug, checked.iris.year - 1
    beside = sorted(path for path in checked.folder.resolve().parent.iterdir() if path.is_dir())
    return next((path for path in beside if folder_key(path) == wanted), None)


def _quads(triples: Iterable[Triple]) -> list[Quad]:
    graph = URIRef("urn:x")
    return [Quad(s, p, o, graph) for s, p, o in triples]  # type: ignore[arg-type]


# --- figures ---------------------------------------------------------------------------------


def _figures(before: Plan, after: Plan, names: tuple[str, str], year: int) -> Iterator[str]:
    """Where the balance gives other numbers for the year before than that year's own plan."""
    own = {cell.policy: cell.count for cell in before.balances if cell.item is Item.CURRENT}
    if before.project_count is not None:
        own[None] = before.project_count.count
    listed = {
        policy.number: sum(project.policy == policy.number for project in before.projects)
        for policy in before.policies
    }
    for cell in after.balances:
        if cell.item is not Item.PREVIOUS:
            continue
        whose = "in all" if cell.policy is None else f"of policy {cell.policy}"
        number = own.get(cell.policy)
        how = "publishes"
        if number is None:
            how = "lists"
            number = len(before.projects) if cell.policy is None else listed.get(cell.policy, 0)
        if number != cell.count:
            yield (
                f"{names[0]}, {cell.origin.where}: {cell.count} projects {whose} are given for "
                f"fiscal {year}, but {names[1]} {how} {number}."
            )


# --- projects --------------------------------------------------------------------------------


def _projects(changes: YearChanges) -> Iterator[str]:
    """Projects that nothing explains and whose names are alike; a person decides."""
    gone = [e.project for e in changes.ended if e.project and e.review is None]
    come = [e.project for e in changes.new if e.project and e.review is None]
    alike = {
        (old.iri, new.iri): ratio
        for old in gone
        for new in come
        if (ratio := _likeness(old, new)) >= LEAST_ALIKE
    }
    for old in gone:
        heirs = [new for new in come if (old.iri, new.iri) in alike]
        heirs.sort(key=lambda new: -alike[old.iri, new.iri])
        if not heirs:
            continue
        parents = [one for one in gone if (one.iri, heirs[0].iri) in alike]
        if len(heirs) > 1:
            yield _split(old, heirs)
        elif len(parents) > 1:
            if old is parents[0]:
                yield _merged(parents, heirs[0])
        else:
            yield f"{_named(old)} may have become {_named(heirs[0])}.{_tie(old, heirs[0])}"


def _likeness(old: ListedProject, new: ListedProject) -> float:
    """Of their names, a little higher where policy and unit are the same."""
    bonus = 0.05 * (old.policy == new.policy) + 0.05 * (old.unit == new.unit)
    return SequenceMatcher(None, old.key, new.key, autojunk=False).ratio() + bonus


def _named(project: ListedProject) -> str:
    return f'No. {project.number or "?"} "{project.name}"'


def _tie(old: ListedProject, new: ListedProject) -> str:
    if str(old.continuing).rpartition("/")[2] != short_hash(old.name):
        return ""
    line = " = ".join(json.dumps(name, ensure_ascii=False) for name in (new.name, old.name))
    return f" If it did, write {line} under [aliases] in plan.toml of the later plan."


def _split(old: ListedProject, heirs: Sequence[ListedProject]) -> str:
    named = " and ".join(map(_named, heirs))
    return f"{_named(old)} may have been split into {named}.{_tie(old, heirs[0])}"


def _merged(parents: Sequence[ListedProject], heir: ListedProject) -> str:
    named = " and ".join(map(_named, parents))
    return f"{named} may have been merged into {_named(heir)}.{_tie(parents[0], heir)}"


# --- units -----------------------------------------------------------------------------------


class _Units:
    """The names of units from their triples."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._names: dict[object, str] = {}
        self._above: dict[object, object] = {}
        for subject, predicate, value in triples:
            if predicate == SKOS.prefLabel:
                self._names.setdefault(subject, str(value))
            elif predicate == ORG.subOrganizationOf:
                self._above[subject] = value

    def path(self, unit: object) -> str:
        """As [aliases] and [reorganised] name it: "市民部/市民課"."""
        name = self._names.get(unit, str(unit))
        return f"{self.path(self._above[unit])}/{name}" if unit in self._above else name


def _units(changes: YearChanges, units: _Units, settings: PlanSettings) -> Iterator[str]:
    """Units of the year before whose projects are all carried on by units that are new.

    What plan.toml says of them is settled and not proposed again.
    """
    moved = [one for one in changes.carried_on if one.has_other_unit and one.before.unit]
    old_now = {p.unit for p in _now(changes)}
    new_then = {p.unit for p in _then(changes)}
    heirs: dict[URIRef, dict[URIRef, int]] = defaultdict(lambda: defaultdict(int))
    for one in moved:
        old, new = one.before.unit, one.after.unit
        if old and new and old not in old_now and new not in new_then:
            heirs[old][new] += 1
    for new, olds in _reorganised(heirs).items():
        olds = [old for old in olds if not _is_settled(units.path(new), units.path(old), settings)]
        if not olds:
            continue
        names = " + ".join(units.path(old) for old in olds)
        projects = sum(heirs[old][new] for old in olds)
        line = f"{_text(units.path(new))} = {_text(names)}"
        yield (
            f"{projects} projects of {names} are now those of {units.path(new)}. If the units were "
            f"reorganised, write {line} under [reorganised] in plan.toml of the later plan; if "
            "only the name is another, under [aliases]."
        )


def _is_settled(new: str, old: str, settings: PlanSettings) -> bool:
    """Whether [reorganised] or [aliases] says that a unit came from this one."""
    key, was = name_key(new), name_key(old)
    said = [old for name, old in settings.aliases.items() if name_key(name) == key]
    for name, olds in settings.reorganised.items():
        if name_key(name) == key:
            said += unit_paths(olds)
    return was in map(name_key, said)


def _reorganised(
    heirs: Mapping[URIRef, Mapping[URIRef, int]],
) -> Mapping[URIRef, list[URIRef]]:
    found: dict[URIRef, list[URIRef]] = {}
    for old, news in heirs.items():
        for new in news:
            found.setdefault(new, []).append(old)
    return found


def _text(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _then(changes: YearChanges) -> Iterator[ListedProject]:
    yield from (one.before for one in changes.carried_on)
    yield from (entry.project for entry in changes.ended if entry.project)


def _now(changes: YearChanges) -> Iterator[ListedProject]:
    yield from (one.after for one in changes.carried_on)
    yield from (entry.project for entry in changes.new if entry.project)
