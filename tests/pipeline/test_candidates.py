"""The estimate of lost goal links: numbers are met, what is known is kept, nothing is linked."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from kg.candidate_table import candidate_rows
from kg.candidates import estimate
from kg.columns import CANDIDATE
from kg.errors import Problems
from kg.estimates import RECORDED_FROM, CellBasis, Estimate, likelihood
from kg.extract.plan import extract
from kg.goals import GOALS
from kg.origin import Origin
from kg.records import Basis, Curation, GoalLink, Plan, Rejection
from kg.tables import plan_rows, table_csv
from kg.vocab import SP
from tests.pipeline.koriyama import IRIS, SETTINGS, candidates, koriyama, koriyama_estimate

ORIGIN = Origin("links.csv", row=2)
DAY = date(2026, 11, 24)
NOTHING = Curation()


def plan() -> Plan:
    found = extract(SETTINGS).plan
    assert found is not None
    return found


def estimated(plan: Plan, curation: Curation = NOTHING) -> Estimate:
    problems = Problems()
    found = estimate(plan, curation, problems)
    assert found is not None and not problems
    return found


def sums(found: Estimate, *, chosen: bool = False) -> tuple[dict[str, Decimal], dict[int, Decimal]]:
    """Per project and per goal: the probabilities, or the links known and chosen."""
    per_project: dict[str, Decimal] = defaultdict(Decimal)
    per_goal: dict[int, Decimal] = defaultdict(Decimal)
    for cell in found.cells:
        is_known = cell.basis in (CellBasis.STATED, CellBasis.CURATED)
        value = Decimal(cell.is_chosen or is_known) if chosen else cell.probability
        per_project[cell.project] += value
        per_goal[cell.goal] += value
    return per_project, per_goal


def accepted(key: str, goal: int) -> tuple[str, GoalLink]:
    return key, GoalLink(goal, Basis.CURATED, "語", ORIGIN, "someone", DAY)


def rejected(key: str, goal: int, row: int = 2) -> Rejection:
    return Rejection(key, goal, "語", "someone", DAY, Origin("links.csv", row=row))


# --- Koriyama: every published number is met ----------------------------------------------------


def test_a_project_with_two_goals_left_is_estimated() -> None:
    """Newton's steps once went so far here that all cells of the row were 0 or 1."""
    goals = [goal for goal in GOALS if goal not in (7, 12, 14, 15)]
    found = estimated(plan(), Curation(rejections=tuple(rejected("1", g) for g in goals[:-2])))
    left = [cell.probability for cell in found.cells if cell.project == "1" and cell.probability]
    assert len(left) == 2
    assert abs(sum(left) - 1) < Decimal("1e-8")


def test_the_sums_of_the_matrix_are_the_published_numbers() -> None:
    found, document = koriyama_estimate(), plan()
    per_project, per_goal = sums(found)
    assert len(found.cells) == 72 * 17
    for project in document.projects:
        assert abs(per_project[project.key] - Decimal(project.icon_count or 0)) < Decimal("1e-6")
    for count in document.goal_counts:
        assert abs(per_goal[count.goal] - count.count) < Decimal("1e-6")


def test_the_most_probable_set_of_links_meets_all_72_and_17_numbers() -> None:
    document = plan()
    per_project, per_goal = sums(koriyama_estimate(), chosen=True)
    assert per_project == {project.key: project.icon_count for project in document.projects}
    assert per_goal == {count.goal: count.count for count in document.goal_counts}


def test_no_set_of_links_with_the_same_numbers_is_more_probable() -> None:
    """Any two links exchanged between two projects make the set less probable, or equally so."""
    found = koriyama_estimate()
    score = {(cell.project, cell.goal): cell.score for cell in found.cells}
    chosen = {(cell.project, cell.goal) for cell in found.cells if cell.is_chosen}
    exchanges = 0
    for (p, g), (q, h) in product(chosen, chosen):
        if p < q and (p, h) not in chosen and (q, g) not in chosen:
            exchanges += 1
            assert score[p, g] + score[q, h] >= score[p, h] + score[q, g]
    assert exchanges > 4000


def test_goals_without_a_project_have_no_estimate() -> None:
    bases = {cell.goal: cell.basis for cell in koriyama_estimate().cells}
    assert {goal for goal, basis in bases.items() if basis is CellBasis.EXCLUDED} == {7, 12, 14, 15}
    assert {cell.goal for cell in koriyama_estimate().recorded}.isdisjoint({7, 12, 14, 15})


def test_what_speaks_for_a_goal_makes_it_more_probable() -> None:
    cells = {(cell.project, cell.goal): cell for cell in koriyama_estimate().cells}
    assert "男女共同参画" in cells["6", 5].words
    assert cells["6", 5].probability > 4 * cells["6", 2].probability
    assert cells["6", 5].is_chosen
    assert "防災" in cells["58", 11].words


def test_expected_counts_are_the_sums_over_the_projects_of_a_unit() -> None:
    found, document = koriyama_estimate(), plan()
    units = {project.key: project.unit.path for project in document.projects if project.unit}
    wanted: dict[tuple[tuple[str, ...], int], Decimal] = defaultdict(Decimal)
    for cell in found.cells:
        wanted[units[cell.project], cell.goal] += cell.probability
    counted = {(e.unit, e.goal): e.projects for e in found.expected}
    assert counted == {place: number for place, number in wanted.items() if number}
    assert len({unit for unit, _ in counted}) == 31


def test_the_same_plan_gives_the_same_estimate() -> None:
    assert estimated(plan()) == koriyama_estimate()


# --- what is published ----------------------------------------------------------------------------


def test_records_are_the_chosen_cells_and_those_from_5_per_cent_up() -> None:
    found = koriyama_estimate()
    links = {s for s, p, o in candidates() if p == SP.linkedGoal}
    assert links == {
        IRIS.candidate_link(cell.project, cell.goal)
        for cell in found.cells
        if cell.basis is CellBasis.INFERRED
        and (cell.is_chosen or cell.probability >= RECORDED_FROM)
    }
    assert len({(s, o) for s, p, o in candidates() if p == SP.candidateSdgGoal}) == 121


def test_no_candidate_is_ever_a_link_that_may_be_counted() -> None:
    triples = [*koriyama(), *candidates()]
    assert not [t for t in triples if t[1] in (SP.sdgGoal, SP.statedSdgGoal, SP.curatedSdgGoal)]


def test_every_record_says_what_spoke_for_it_or_that_nothing_did() -> None:
    words = {(cell.project, cell.goal): set(cell.words) for cell in koriyama_estimate().recorded}
    silent = {"本文に手がかりなし（件数の制約のみ）"}
    for (key, goal), spoken in words.items():
        link = IRIS.candidate_link(key, goal)
        told = {str(o) for s, p, o in candidates() if s == link and p == SP.evidence}
        assert told == (spoken or silent)
        if goal == 17 and key == "72":
            break


def test_the_table_holds_every_cell() -> None:
    found = koriyama_estimate()
    rows = candidate_rows(IRIS, found, plan_rows(IRIS.plan, koriyama())["source"])  # type: ignore[arg-type]
    text = table_csv(CANDIDATE, rows).decode("utf-8-sig")
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(read) == 72 * 17
    assert [(row["project_number"], row["goal"]) for row in read[:18]] == [
        *(("1", str(goal)) for goal in GOALS),
        ("2", "1"),
    ]
    assert {row["basis"] for row in read if row["goal"] == "7"} == {"excluded"}
    assert sum(Decimal(row["probability"]) for row in read).quantize(Decimal("1e-6")) == 121
    assert read[10]["link"] == str(IRIS.candidate_link("1", 11))
    assert read[10]["goal_name"] == "住み続けられるまちづくりを"
    assert all(row["made_up"] == "" and row["icon_count"] != "" for row in read)


# --- what a person decided ------------------------------------------------------------------------


def test_an_accepted_link_is_kept_and_the_rest_is_estimated_anew() -> None:
    found = estimated(plan(), Curation(links=(accepted("63", 9),)))
    cells = {(cell.project, cell.goal): cell for cell in found.cells}
    assert (cells["63", 9].basis, cells["63", 9].probability) == (CellBasis.CURATED, 1)
    assert not cells["63", 9].is_recorded
    per_project, per_goal = sums(found, chosen=True)
    assert (per_project["63"], per_goal[9]) == (6, 4)
    before = {(cell.project, cell.goal): cell for cell in koriyama_estimate().cells}
    assert cells["55", 9].probability != before["55", 9].probability


def test_a_rejected_link_is_out_and_the_rest_is_estimated_anew() -> None:
    found = estimated(plan(), Curation(rejections=(rejected("6", 5),)))
    cells = {(cell.project, cell.goal): cell for cell in found.cells}
    assert (cells["6", 5].basis, cells["6", 5].probability) == (CellBasis.REJECTED, 0)
    assert sums(found, chosen=True)[1][5] == 3


def test_a_project_whose_links_are_all_known_has_no_candidates() -> None:
    found = estimated(plan(), Curation(links=(accepted("6", 5),)))
    of_6 = [cell for cell in found.cells if cell.project == "6"]
    assert [cell.basis for cell in of_6 if cell.goal != 5] == [CellBasis.EXCLUDED] * 16


def test_decisions_that_leave_no_set_of_links_are_told_with_their_rows() -> None:
    """Goal 6 has two projects; without 70 of 72 only two are left, without 71 one."""
    rejections = tuple(rejected(str(number), 6, number + 1) for number in range(1, 72))
    problems = Problems()
    assert estimate(plan(), Curation(rejections=rejections), problems) is None
    (problem,) = problems
    assert (problem.code, problem.origin.row) == ("decision-impossible", 2)
    rows = ", ".join(f"row {n + 1} (No. {n}, goal 6, rejected)" for n in range(1, 11))
    assert problem.found == f"{rows} and 61 more"
    assert problem.fix == "take back one of the decisions named here"
    one_less = Curation(rejections=rejections[1:])
    assert sums(estimated(plan(), one_less), chosen=True)[1][6] == 2


# --- plans that publish less ----------------------------------------------------------------------


def test_without_goal_totals_each_project_keeps_its_number() -> None:
    document = replace(plan(), goal_counts=(), link_count=None)
    found = estimated(document)
    per_project, _ = sums(found, chosen=True)
    assert per_project == {project.key: project.icon_count for project in document.projects}
    assert {cell.goal for cell in found.recorded} >= {7, 12}
    # without a word, every goal is as probable as any other
    wordless = [c for c in found.cells if c.project == "1" and not c.words]
    assert len({cell.probability for cell in wordless}) == 1


def test_without_icon_counts_each_goal_keeps_its_total() -> None:
    projects = tuple(replace(project, icon_count=None) for project in plan().projects)
    document = replace(plan(), projects=projects)
    per_goal = sums(estimated(document), chosen=True)[1]
    assert per_goal == {count.goal: count.count for count in document.goal_counts}


def test_with_the_total_alone_the_total_is_met() -> None:
    projects = tuple(replace(project, icon_count=None) for project in plan().projects)
    found = estimated(replace(plan(), projects=projects, goal_counts=()))
    total = sum((cell.probability for cell in found.cells), Decimal(0))
    assert abs(total - 121) < Decimal("1e-6")


def test_without_any_number_nothing_is_estimated() -> None:
    projects = tuple(replace(project, icon_count=None) for project in plan().projects)
    document = replace(plan(), projects=projects, goal_counts=(), link_count=None)
    assert estimate(document, Curation(), Problems()) is None


def test_a_plan_that_states_its_links_has_no_estimate() -> None:
    link = GoalLink(3, Basis.STATED, "3", ORIGIN)
    projects = tuple(
        replace(project, icon_count=None, stated_links=(link,) if project.number == 1 else ())
        for project in plan().projects
    )
    document = replace(plan(), projects=projects)
    assert estimate(document, Curation(), Problems()) is None


def test_numbers_that_contradict_each_other_are_left_to_the_report() -> None:
    first, *rest = plan().goal_counts
    document = replace(plan(), goal_counts=(replace(first, count=first.count + 1), *rest))
    problems = Problems()
    assert estimate(document, Curation(), problems) is None
    assert not problems


def test_numbers_that_agree_but_that_no_set_of_links_has_are_a_problem() -> None:
    """73 of 121 links to one goal of a plan with 72 projects."""
    counts = [
        replace(count, count={17: 73, 11: 48}.get(count.goal, 0)) for count in plan().goal_counts
    ]
    problems = Problems()
    assert estimate(replace(plan(), goal_counts=tuple(counts)), Curation(), problems) is None
    assert [problem.code for problem in problems] == ["links-impossible"]


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        ("1", ("とても高い", "very likely")),
        ("0.895", ("とても高い", "very likely")),
        ("0.894", ("高い", "likely")),
        ("0.66", ("高い", "likely")),
        ("0.654", ("半々", "about even")),
        ("0.34", ("半々", "about even")),
        ("0.334", ("低い", "unlikely")),
        ("0.1", ("低い", "unlikely")),
        ("0.094", ("とても低い", "very unlikely")),
        ("0", ("とても低い", "very unlikely")),
    ],
)
def test_a_probability_has_the_word_of_its_whole_per_cent(
    probability: str, words: tuple[str, str]
) -> None:
    assert likelihood(Decimal(probability)) == words
