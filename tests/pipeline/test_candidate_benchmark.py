"""benchmarks/candidates.py: what it hides, how it measures, and what it compares with."""

from __future__ import annotations

import ast
import math
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import candidate_plans
from benchmarks.candidate_overlap import coined_words, is_found, overlap_of, with_overlap
from benchmarks.candidate_plans import Wording, made_up_plan, read_vocabulary
from benchmarks.candidate_random import matrices
from benchmarks.candidate_scores import (
    Bin,
    Hits,
    brier,
    calibration_error,
    hits_of,
    log_loss,
    reliability,
    top_k,
)
from benchmarks.candidate_trials import (
    FIELDS,
    Hidden,
    at_random,
    foretold_totals,
    hide_stated,
    read_plans,
    recover,
    with_words,
    without,
    words_alone,
)
from benchmarks.candidates import main
from kg.goals import GOALS

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


def hidden(share: float, wording: Wording | None = None, plans: int = 3) -> list[Hidden]:
    vocabulary = with_overlap(read_vocabulary(), share)
    made = [made_up_plan(vocabulary, f"test/{n}", wording or Wording()) for n in range(plans)]
    return [hide_stated(str(number), plan) for number, plan in enumerate(made)]


def told(*arguments: str) -> list[str]:
    lines: list[str] = []
    main(arguments, lines.append)
    return lines


# --- measures, by hand ----------------------------------------------------------------------------


def test_log_loss_and_brier_of_two_cells() -> None:
    probabilities, truth = np.array([0.5, 0.25]), np.array([True, False])
    assert log_loss(probabilities, truth) == pytest.approx((math.log(2) - math.log(0.75)) / 2)
    assert brier(probabilities, truth) == pytest.approx((0.25 + 0.0625) / 2)


def test_log_loss_is_infinite_where_the_truth_was_held_impossible() -> None:
    assert log_loss(np.array([0.0]), np.array([True])) == math.inf
    assert log_loss(np.array([0.0, 1.0]), np.array([False, True])) == 0


def test_reliability_and_calibration_error_by_hand() -> None:
    probabilities = np.array([0.04, 0.06, 0.5, 0.55, 1.0])
    table = reliability(probabilities, np.array([False, True, True, False, True]))
    assert len(table) == 10
    assert [each.cells for each in table] == [2, 0, 0, 0, 0, 2, 0, 0, 0, 1]
    assert (table[0].mean, table[0].true) == (pytest.approx(0.05), 0.5)
    assert (table[5].mean, table[5].true) == (pytest.approx(0.525), 0.5)
    assert table[9] == Bin(0.9, 1.0, 1, 1.0, 1.0)
    assert calibration_error(table) == pytest.approx((2 * 0.45 + 2 * 0.025 + 0) / 5)


def test_hits_give_precision_recall_and_f1() -> None:
    chosen = np.array([[True, True, False], [False, False, True]])
    truth = np.array([[True, False, False], [False, False, False]])
    hits = hits_of(chosen, truth)
    assert hits == Hits(3, 1, 1)
    assert (hits.precision, hits.recall, hits.f1) == (1 / 3, 1, 0.5)
    assert hits + Hits(1, 3, 2) == Hits(4, 4, 3)


def test_top_k_gives_tied_cells_the_same_chance() -> None:
    scores = np.array([[2.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0], [3.0, 0.0, 0.0, 0.0]])
    truth = np.array([[1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]], dtype=np.bool_)
    # 1 for sure and 1 place for 2 cells; 1 place for 4 cells; no place
    assert top_k(scores, [2, 1, 0], truth) == Hits(3, 3, 1 + 1 / 2 + 1 / 4)


# --- random matrices ------------------------------------------------------------------------------


def test_random_matrices_keep_the_sums_and_the_seed_decides_them() -> None:
    start = hidden(1, plans=1)[0].truth
    drawn = list(matrices(start, "a", 20))
    for matrix in drawn:
        assert (matrix.sum(axis=0) == start.sum(axis=0)).all()
        assert (matrix.sum(axis=1) == start.sum(axis=1)).all()
    assert len({matrix.tobytes() for matrix in drawn}) == 20
    assert all(map(np.array_equal, drawn, matrices(start, "a", 20)))
    assert not any(map(np.array_equal, drawn, matrices(start, "b", 20)))


@pytest.mark.parametrize(
    ("rows", "how_many"),
    [([[1, 0, 0], [0, 1, 0], [0, 0, 1]], 6), ([[1, 1, 0], [1, 0, 0], [0, 0, 1]], 5)],
)
def test_every_matrix_with_the_sums_is_as_likely_as_any_other(
    rows: list[list[int]], how_many: int
) -> None:
    drawn = Counter(m.tobytes() for m in matrices(np.array(rows, dtype=np.bool_), "s", 6000))
    assert len(drawn) == how_many
    wanted = 6000 / how_many
    assert all(abs(count - wanted) < 5 * math.sqrt(wanted) for count in drawn.values())


# --- made-up plans --------------------------------------------------------------------------------


def test_the_generator_knows_nothing_of_the_word_list() -> None:
    tree = ast.parse(Path(candidate_plans.__file__).read_text(encoding="utf-8"))
    imported = {
        node.module if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {name for name in imported if name and name.split(".")[0] in ("kg", "benchmarks")} == {
        "kg.origin",
        "kg.records",
    }


@pytest.mark.parametrize("share", [1.0, 0.6, 0.3, 0.0])
def test_the_word_list_finds_the_share_that_was_asked_for(share: float) -> None:
    found = overlap_of(with_overlap(read_vocabulary(), share))
    assert abs(found.share - share) <= 0.5 / found.phrases


def test_coined_words_are_in_no_list() -> None:
    assert not any(map(is_found, coined_words()))


def test_plans_of_one_seed_differ_in_nothing_but_words() -> None:
    full, none = hidden(1), hidden(0)
    assert all(np.array_equal(a.truth, b.truth) for a, b in zip(full, none, strict=True))
    assert full[0].plan.projects[0].name != none[0].plan.projects[0].name
    assert len({tuple(each.icons) for each in full}) == 3


def test_projects_have_one_to_six_goals() -> None:
    icons = Counter(count for each in hidden(1, plans=10) for count in each.icons)
    assert set(icons) == {1, 2, 3, 4, 5, 6}


# --- hide and recover -----------------------------------------------------------------------------


def test_hidden_are_the_links_but_not_the_numbers() -> None:
    plan = made_up_plan(read_vocabulary(), "test")
    each = hide_stated("x", plan)
    assert not any(project.stated_links for project in each.plan.projects)
    assert [p.icon_count for p in each.plan.projects] == [
        len(p.stated_links) for p in plan.projects
    ]
    assert [c.count for c in each.plan.goal_counts] == each.truth.sum(axis=0).tolist()
    stated = {(p.number, link.goal) for p in plan.projects for link in p.stated_links}
    assert {(int(row) + 1, GOALS[column]) for row, column in np.argwhere(each.truth)} == stated


def test_projects_whose_links_are_not_known_are_left_out() -> None:
    plan = made_up_plan(read_vocabulary(), "test")
    first, *rest = plan.projects
    lost = replace(first, stated_links=(), icon_count=len(first.stated_links))
    each = hide_stated("x", replace(plan, projects=(lost, *rest)))
    assert [project.number for project in each.plan.projects] == [p.number for p in rest]
    assert [c.count for c in each.plan.goal_counts] == each.truth.sum(axis=0).tolist()


def test_without_a_known_word_words_and_totals_equal_totals_alone() -> None:
    for each in hidden(0):
        words, totals = recover(each.plan), recover(each.plan, 0)
        assert np.abs(words.probabilities - totals.probabilities).max() < 1e-9
        assert np.array_equal(words.chosen, totals.chosen)
        assert not words.scores.any()
    assert recover(hidden(1)[0].plan).scores.any()


def test_words_that_tell_every_goal_recover_far_more_than_totals_alone() -> None:
    plans = hidden(1, Wording(in_name=1, in_text=1, misleading=0, fits=1))
    words, totals = with_words(plans), with_words(plans, 0)
    assert words.all_hits.f1 > 0.85
    assert totals.all_hits.f1 < 0.5
    assert log_loss(words.probabilities, words.truth) < 0.5 * log_loss(
        totals.probabilities, totals.truth
    )


@pytest.mark.parametrize("share", [1.0, 0.6, 0.3])
def test_words_and_totals_beat_words_alone_totals_alone_and_chance(share: float) -> None:
    plans = hidden(share, plans=6)
    both, words, totals = with_words(plans), words_alone(plans), with_words(plans, 0)
    assert both.all_hits.f1 > words.all_hits.f1
    assert both.all_hits.f1 > totals.all_hits.f1 + 0.1
    assert both.all_hits.f1 > at_random(plans, "s", 10).all_hits.f1 + 0.1
    loss = log_loss(both.probabilities, both.truth)
    assert loss < log_loss(words.probabilities, words.truth)
    assert loss < log_loss(totals.probabilities, totals.truth)
    assert np.array_equal(both.truth, words.truth)


def test_as_many_links_are_proposed_as_are_true() -> None:
    plans = hidden(0.6)
    for outcome in (with_words(plans), words_alone(plans), at_random(plans, "s", 5)):
        assert (
            outcome.all_hits.proposed == outcome.all_hits.true == sum(sum(p.icons) for p in plans)
        )
    assert 0 < (with_words(plans).expected or 0) < with_words(plans).all_hits.proposed


def test_a_field_that_is_not_read_says_nothing() -> None:
    plans = hidden(1, plans=1)
    all_scores = recover(plans[0].plan).scores
    for field in FIELDS:
        assert (recover(without(field, plans)[0].plan).scores != all_scores).any()
    for field in FIELDS:
        plans = without(field, plans)
    assert not recover(plans[0].plan).scores.any()


def test_totals_foretold_without_words_are_the_same_for_every_goal() -> None:
    each = hidden(1, plans=1)[0]
    expected, variance = foretold_totals(each.plan, 0)
    assert np.allclose(expected, sum(each.icons) / 17)
    wanted = sum(count / 17 * (1 - count / 17) for count in each.icons)
    assert np.allclose(variance, wanted)
    assert np.ptp(foretold_totals(each.plan)[0]) > 1


# --- plans of others, and the command -------------------------------------------------------------


def test_given_plans_are_read_with_what_they_state_or_their_truth_file() -> None:
    lines: list[str] = []
    found = {name: each for name, _, each in read_plans(EXAMPLES, lines.append)}
    assert lines == []
    assert list(found) == sorted(path.name for path in (EXAMPLES / "plans").iterdir())
    for name in ("mihoncho-0002-2020", "tameshishi-0003-2021"):
        truth = (EXAMPLES / "truth" / f"{name}.csv").read_text(encoding="utf-8").split()
        each = found[name]
        assert each is not None and int(each.truth.sum()) == len(truth) - 1
    assert all(each is not None for each in found.values())
    assert [each for _, _, each in read_plans(ROOT / "data", lines.append)] == [None]


def test_a_plan_that_cannot_be_read_is_told_and_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "plans" / "reishi-0001-2021"
    shutil.copytree(EXAMPLES / "plans" / folder.name, folder)
    (folder / "plan.md").write_text("# 例市（架空）\n", encoding="utf-8")
    lines: list[str] = []
    assert list(read_plans(tmp_path, lines.append)) == []
    assert lines == ["reishi-0001-2021: left out; `sdgplan check` tells its problems"]


def test_the_command_prints_the_same_lines_again(tmp_path: Path) -> None:
    shutil.copytree(
        EXAMPLES / "plans" / "reishi-0001-2021", tmp_path / "plans" / "reishi-0001-2021"
    )
    arguments = ("--data", str(tmp_path), "--draws", "5")
    lines = told(*arguments)
    assert lines == told(*arguments)
    hidden_plans = [each for _, _, each in read_plans(tmp_path, lines.append) if each]
    outcome = with_words(hidden_plans)
    row = next(line for line in lines if "| words and totals |" in line)
    assert f"| {outcome.all_hits.f1:.1%} |" in row
    assert f"| {log_loss(outcome.probabilities, outcome.truth):.4f} |" in row
    cells = [int(line.split("|")[2]) for line in lines if line.startswith(("| 0.", "| 1."))]
    assert len(cells) == 10 and sum(cells) == outcome.truth.size


def test_the_command_makes_up_plans_of_five_overlaps() -> None:
    lines = told("--plans", "1", "--draws", "2", "--brief")
    shares = [line.split("|")[4].strip() for line in lines if line.startswith("|")][2:7]
    assert [float(share.rstrip("%")) for share in shares] == pytest.approx(
        [97.6, 100, 60, 30, 0], abs=0.5
    )
    at_none = [line.split("|")[3:] for line in lines if line.startswith("| 0% | ")]
    words, _, totals = at_none[1:4]
    assert words == totals
    assert "| 0% | totals alone | +0.0 points | +0.0000 | 0, 1, 0 |" in lines
