"""Year against year: both lists reconciled, each project in one place, targets compared."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from rdflib import Literal, URIRef

from kg.changes import Quad, content_of
from kg.history import compared_dumps
from kg.text import name_key
from kg.vocab import RDF, SKOS, SP
from kg.year_changes import Entry, YearChanges, year_changes
from tests.pipeline.versions import publish

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "plans"
CITY = "https://w3id.org/jp-sdgplan/id/482013"
PLAN = f"{CITY}/plan/kyodo-2/"


def of_two_years(folder: Path, name: str, code: str) -> dict[int, list[Quad]]:
    """The quads of two years of a made-up plan."""
    for year in (2020, 2021):
        shutil.copytree(EXAMPLES / f"{name}-{year}", folder / "data" / "plans" / f"{name}-{year}")
    publish(folder / "data", folder / "var")
    return {
        year: content_of(compared_dumps(folder / f"var/history/{code}/kyodo-2/{year}/1")).quads()
        for year in (2020, 2021)
    }


@pytest.mark.parametrize(
    ("name", "code", "kind"),
    [("reishi-0001", "482013", "abolished"), ("mihoncho-0002", "492019", "merged")],
)
def test_the_years_are_tied_by_their_continuing_projects(
    tmp_path: Path, name: str, code: str, kind: str
) -> None:
    quads = of_two_years(tmp_path, name, code)
    plan = f"https://w3id.org/jp-sdgplan/id/{code}/plan/kyodo-2/2021"
    changes = year_changes(plan, quads[2020], quads[2021])
    counts = [sum(1 for q in quads[year] if q.object == SP.Project) for year in quads]
    sums = changes.reconciliation
    assert changes.compared
    assert [sums.before, sums.now] == counts
    assert (sums.only_now, sums.only_before) == (0, 0)
    for one in changes.carried_on:
        assert one.before.continuing == one.after.continuing
        assert ("/2020/" in one.before.iri, "/2021/" in one.after.iri) == (True, True)
        assert not (one.is_renamed or one.has_other_unit or one.has_other_policy)
    assert changes.new and all(entry.project and entry.review for entry in changes.new)
    assert all(entry.project and entry.review for entry in changes.ended)
    assert [e.review.kind for e in changes.ended if e.review] == [SP[f"status-{kind}"]]
    alone = year_changes(plan, None, quads[2021])
    assert not alone.compared and alone.carried_on == ()
    assert alone.new == changes.new
    assert [e.review for e in alone.ended] == [e.review for e in changes.ended]
    assert all(entry.project is None for entry in alone.ended)


def test_targets_are_compared_in_the_same_measure_only(tmp_path: Path) -> None:
    quads = of_two_years(tmp_path, "reishi-0001", "482013")
    changes = year_changes(f"{PLAN}2021", quads[2020], quads[2021])
    found = {
        (one.after.number, new.label): (str(old.value), str(new.value), new.unit)
        for one in changes.carried_on
        for old, new in one.targets
    }
    assert found[3, "通学路点検箇所数"] == ("34", "30", "箇所")
    # 2020 has an estimate of it (推定), which is no target
    assert (3, "交通安全教室実施回数") not in found
    assert found[22, "補修する橋の数"][0] == "15"


# --- made by hand -------------------------------------------------------------------------------

Given = tuple[str, str]
"""Name and unit of a project."""


def listed(year: int, projects: Sequence[Given], more: Sequence[Quad] = ()) -> list[Quad]:
    """The quads of a plan with these projects; a name that is borne twice is tied with its unit."""
    graph, plan = URIRef(f"{PLAN}{year}/graph/source"), URIRef(f"{PLAN}{year}")
    names = [name for name, _ in projects]
    quads = list(more)
    for number, (name, unit) in enumerate(projects, 1):
        project = URIRef(f"{plan}/project/{number}")
        identity = name if names.count(name) == 1 else f"{name}/{unit}"
        for predicate, value in (
            (RDF.type, SP.Project),
            (SP.inPlan, plan),
            (SP.number, Literal(number)),
            (SKOS.prefLabel, Literal(name, lang="ja")),
            (SP.nameKey, Literal(name_key(name))),
            (SP.versionOf, URIRef(f"{CITY}/project/{identity}")),
            (SP.responsibleUnit, URIRef(f"{CITY}/unit/{unit}")),
        ):
            quads.append(Quad(project, predicate, value, graph))
    return quads


def reviewed(order: int, kind: str, name: str, unit: str = "a", project: int = 0) -> list[Quad]:
    """An entry of the review list of 2021, tied to a listed project if one is given."""
    plan = URIRef(f"{PLAN}2021")
    subject, graph = URIRef(f"{plan}/change/{order}"), URIRef(f"{plan}/graph/source")
    values = [
        (RDF.type, SP.ProjectChange),
        (SP.inPlan, plan),
        (SP.order, Literal(order)),
        (SP.changeKind, SP[f"status-{kind}"]),
        (SP.projectName, Literal(name, lang="ja")),
        (SP.nameKey, Literal(name_key(name))),
        (SP.responsibleUnit, URIRef(f"{CITY}/unit/{unit}")),
    ]
    if project:
        values.append((SP.listedProject, URIRef(f"{plan}/project/{project}")))
    return [Quad(subject, predicate, value, graph) for predicate, value in values]


def told(entries: Sequence[Entry]) -> list[tuple[str, str, bool]]:
    """Project, reviewed name, and whether a project of the name is in both years."""
    return [
        (e.project.name if e.project else "", e.review.name if e.review else "", e.is_carried_on)
        for e in entries
    ]


def pairs(changes: YearChanges) -> list[tuple[int | None, int | None]]:
    return [(one.before.number, one.after.number) for one in changes.carried_on]


def test_what_the_list_does_not_explain_is_said() -> None:
    before = listed(2020, [("道路", "a"), ("橋", "a"), ("公園", "a"), ("港", "b")])
    more = [
        *reviewed(1, "new-or-added", "図書館", project=3),
        *reviewed(2, "completed", "橋"),
        *reviewed(3, "abolished", "道路"),
        *reviewed(4, "merged", "運河"),
    ]
    after = listed(2021, [("道路", "c"), ("港湾", "b"), ("図書館", "a")], more)
    changes = year_changes(f"{PLAN}2021", before, after)
    assert told(changes.new) == [("図書館", "図書館", False), ("港湾", "", False)]
    assert told(changes.ended) == [
        ("橋", "橋", False),
        ("", "道路", True),  # listed as abolished, and still in this year's list
        ("", "運河", False),  # in neither list
        ("公園", "", False),
        ("港", "", False),
    ]
    (road,) = changes.carried_on
    assert (road.before.number, road.after.number, road.has_other_unit) == (1, 1, True)
    sums = changes.reconciliation
    assert (sums.before, sums.new, sums.only_now, sums.ended, sums.only_before) == (4, 1, 1, 1, 2)
    assert (sums.carried_on, sums.now) == (1, 3)


def test_a_name_borne_twice_in_one_year_is_tied_by_its_unit() -> None:
    before = listed(2020, [("祭り", "a"), ("祭り", "b")])
    after = listed(2021, [("祭り", "b")], reviewed(1, "completed", "祭り", "a"))
    changes = year_changes(f"{PLAN}2021", before, after)
    assert pairs(changes) == [(2, 1)]
    assert told(changes.ended) == [("祭り", "祭り", False)]
    assert [e.project.number for e in changes.ended if e.project] == [1]


NAMES, UNITS = st.sampled_from(["道路", "橋", "公園", "港"]), st.sampled_from("ab")
LISTS = st.lists(st.tuples(NAMES, UNITS), unique=True, max_size=7)
KINDS = st.sampled_from(["new-or-added", "completed", "abolished", "routine", "merged"])


@given(LISTS, LISTS, st.lists(st.tuples(KINDS, NAMES, UNITS), max_size=5))
@examples(max_examples=150, deadline=None)
def test_the_counts_close_whatever_the_lists_say(
    then: list[Given], now: list[Given], reviews: list[tuple[str, str, str]]
) -> None:
    more = [quad for n, one in enumerate(reviews, 1) for quad in reviewed(n, *one)]
    changes = year_changes(f"{PLAN}2021", listed(2020, then), listed(2021, now, more))
    sums = changes.reconciliation
    assert (sums.before, sums.now) == (len(then), len(now))
    left, came = sums.ended + sums.only_before, sums.new + sums.only_now
    assert sums.before - left == sums.carried_on == sums.now - came
    places = [e.project.iri for e in (*changes.new, *changes.ended) if e.project]
    places += [p.iri for one in changes.carried_on for p in (one.before, one.after)]
    assert len(places) == len(set(places)) == len(then) + len(now)
    assert sum(e.review is not None for e in (*changes.new, *changes.ended)) == len(reviews)


Aim = tuple[str, str, str, int | None]
"""Label, value, unit and the fiscal year that the line names of a numeric target."""


def aims(year: int, targets: Sequence[Aim], kind: str = "numeric") -> list[Quad]:
    """The targets of the first project of a year."""
    plan = URIRef(f"{PLAN}{year}")
    project, graph = URIRef(f"{plan}/project/1"), URIRef(f"{plan}/graph/source")
    quads = []
    for order, (label, value, unit, due) in enumerate(targets, 1):
        target = URIRef(f"{project}/target/{order}")
        quads.append(Quad(project, SP.target, target, graph))
        values = [
            (SP.order, Literal(order)),
            (SP.targetKind, SP[f"target-{kind}"]),
            (SP.targetLabel, Literal(label, lang="ja")),
            (SP.targetValue, Literal(value)),
            (SP.targetUnit, Literal(unit, lang="ja")),
        ]
        if due is not None:
            values.append((SP.dueFiscalYear, URIRef(f"{CITY}/fy/{due}")))
        quads += [Quad(target, predicate, value, graph) for predicate, value in values]
    return quads


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ([("参加者数", "10", "人", None)], [("参加者数", "12", "人", None)], [("10", "12")]),
        # the same label to the eye
        ([("参加 者数", "10", "人", None)], [("参加者数", "9.5", "人", None)], [("10", "9.5")]),
        ([("参加者数", "10", "人", None)], [("参加者数", "12", "組", None)], []),
        ([("参加者数", "10", "人", None)], [("来場者数", "12", "人", None)], []),
        # each names the year of its own plan, or both a later one
        ([("参加者数", "10", "人", 2020)], [("参加者数", "12", "人", 2021)], [("10", "12")]),
        ([("参加者数", "10", "人", 2025)], [("参加者数", "12", "人", 2025)], [("10", "12")]),
        ([("参加者数", "10", "人", 2022)], [("参加者数", "12", "人", 2025)], []),
        # which of the two went on is not known
        (
            [("参加者数", "10", "人", None), ("参加者数", "20", "人", None)],
            [("参加者数", "12", "人", None)],
            [],
        ),
        ([("参加者数", "10", "人", None)], [("参加者数", "10.0", "人", None)], []),
    ],
)
def test_a_target_has_another_value_only_in_the_same_measure(
    then: list[Aim], now: list[Aim], expected: list[tuple[str, str]]
) -> None:
    before = listed(2020, [("祭り", "a")], aims(2020, then))
    after = listed(2021, [("祭り", "a")], aims(2021, now))
    (one,) = year_changes(f"{PLAN}2021", before, after).carried_on
    assert [(str(old.value), str(new.value)) for old, new in one.changed_targets] == expected
    estimated = listed(2020, [("祭り", "a")], aims(2020, then, "estimate"))
    (other,) = year_changes(f"{PLAN}2021", estimated, after).carried_on
    assert other.targets == ()
