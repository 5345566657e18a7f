"""How much of the lost goal links do words and totals recover, and how honest is it about it?

Takes plans whose links are known, hides the links, keeps each project's icon count and each
goal's total, and recovers the links (`kg/candidates.py`). Printed, as Markdown: how many are
right, log loss, Brier score and calibration, beside random links with the same sums, words
alone and totals alone; what other strengths of the words would give; what each field is worth;
and for every plan with icon counts how well words foretell the totals of the goals.

Without --data the plans are made up, with less and less of their words in the word list. With it
they are DIR/plans/…, as `sdgplan build --data` takes them; what their icons were is what they
state, or DIR/truth/<plan>.csv (number,goal). Same arguments and versions, same output.

    PYTHONPATH=. .venv/bin/python benchmarks/candidates.py [--data DIR] [--plans N] [--brief]
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.candidate_overlap import overlap_of, with_overlap
from benchmarks.candidate_plans import WORDINGS, Wording, made_up_plan, read_vocabulary
from benchmarks.candidate_scores import brier, calibration_error, log_loss, reliability
from benchmarks.candidate_trials import (
    FIELDS,
    Hidden,
    Outcome,
    at_random,
    foretold_totals,
    hide_stated,
    read_plans,
    with_words,
    without,
    words_alone,
)
from kg.candidates import WORD_STRENGTH
from kg.estimates import METHOD_VERSION
from kg.goal_words import word_list_sha256
from kg.goals import GOALS
from kg.records import Plan

SHARES = (1.0, 0.6, 0.3, 0.0)
STRENGTHS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
Group = tuple[str, Sequence[Hidden]]


def main(arguments: Sequence[str] | None = None, say: Callable[[str], object] = print) -> None:
    """Print everything, line by line, to `say`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with plans/")
    parser.add_argument("--plans", type=int, default=20, help="made-up plans per line (20)")
    parser.add_argument("--draws", type=int, default=200, help="random matrices per plan (200)")
    parser.add_argument("--seed", default="1", help="of made-up plans and random matrices (1)")
    parser.add_argument(
        "--brief", action="store_true", help="neither other strengths nor fields left out"
    )
    given = parser.parse_args(arguments)
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy"))
    say(f"Method {METHOD_VERSION}, word strength {WORD_STRENGTH:g}, word list sha256")
    say(f"{word_list_sha256()}; Python {platform.python_version()}, {packages}.")
    if given.data:
        plans = list(read_plans(given.data, say))
        known = [hidden for _, _, hidden in plans if hidden]
        groups: list[Group] = [(given.data.name, known)] if known else []
        wordings: list[Group] = []
    else:
        plans = []
        groups = made_up_groups(given.seed, given.plans, say)
        wordings = [] if given.brief else wording_groups(given.seed, given.plans)
    if groups:
        lines = recovered_lines(groups, given.seed, given.draws)
        others = () if given.brief else (strength_lines([*groups, *wordings]), field_lines(groups))
        for line in (*lines, *(line for some in others for line in some)):
            say(line)
    totals = [(name, [hidden.plan if hidden else plan]) for name, plan, hidden in plans]
    if not plans:
        totals = [(name, [each.plan for each in hidden]) for name, hidden in [*groups, *wordings]]
    for line in totals_lines(totals):
        say(line)


def made_up(seed: str, plans: int, share: float | None, wording: Wording) -> list[Hidden]:
    """Made-up plans; `share` of their subject phrases is in the word list (None: as written)."""
    vocabulary = read_vocabulary()
    if share is not None:
        vocabulary = with_overlap(vocabulary, share)
    seeds = [f"{seed}/{number}" for number in range(1, plans + 1)]
    return [hide_stated(each, made_up_plan(vocabulary, each, wording)) for each in seeds]


def made_up_groups(seed: str, plans: int, say: Callable[[str], object]) -> list[Group]:
    vocabulary = read_vocabulary()
    rows, groups = [], list[Group]()
    for share in (None, *SHARES):
        name = "as written" if share is None else f"{share:.0%}"
        found = overlap_of(vocabulary if share is None else with_overlap(vocabulary, share))
        own = f"{found.found_for_own_goal / found.phrases:.1%}"
        rows.append((name, found.phrases, found.found, f"{found.share:.1%}", own))
        groups.append((name, made_up(seed, plans, share, WORDINGS["usual"])))
    say(f"\nMade-up plans of 例市 (架空): {plans} per line, "
        f"{sum(len(each.truth) for each in groups[0][1]):,} projects, "
        f"{sum(int(each.truth.sum()) for each in groups[0][1]):,} links.\n")  # fmt: skip
    for line in table(
        ("overlap", "phrases", "in the word list", "share", "for their own goal"), rows
    ):
        say(line)
    return groups


def wording_groups(seed: str, plans: int) -> list[Group]:
    """Plans whose words speak more, or less, for their goals than usual."""
    return [
        (f"{share:.0%}, {name}", made_up(seed, plans, share, wording))
        for name, wording in WORDINGS.items()
        if name != "usual"
        for share in SHARES
        if share
    ]


# --- what was recovered ---------------------------------------------------------------------------


def recovered_lines(groups: Iterable[Group], seed: str, draws: int) -> Iterator[str]:
    """Each way of recovering; by how much the method beats the others; its calibration."""
    rows, leads, reliable = [], [], []
    for name, hidden in groups:
        ways = {
            "words and totals": with_words(hidden),
            "words alone": words_alone(hidden),
            "totals alone": with_words(hidden, 0),
            "random": at_random(hidden, seed, draws),
        }
        rows += [(name, way, *_figures(outcome)) for way, outcome in ways.items()]
        method = ways.pop("words and totals")
        leads += [(name, way, *_lead(method, outcome)) for way, outcome in ways.items()]
        reliable += [f"\nCalibration, {name}:\n", *_calibration(method)]
    yield "\nPrecision = recall = F1, because as many links are proposed as are true:\n"
    head = ("plans", "way", "F1", "of itself", "log loss", "Brier", "calibration error")
    yield from table(head, rows)
    yield "\nWords and totals, compared with each:\n"
    yield from table(("plans", "way", "F1", "log loss", "better, equal, worse plans"), leads)
    yield from reliable


def _figures(outcome: Outcome) -> Iterator[str]:
    hits = outcome.all_hits
    yield f"{hits.f1:.1%}"
    yield "–" if outcome.expected is None else f"{outcome.expected / hits.proposed:.1%}"
    if not outcome.probabilities.size:
        yield from "–––"
        return
    yield f"{log_loss(outcome.probabilities, outcome.truth):.4f}"
    yield f"{brier(outcome.probabilities, outcome.truth):.4f}"
    yield f"{_error(outcome):.4f}"


def _error(outcome: Outcome) -> float:
    return calibration_error(reliability(outcome.probabilities, outcome.truth))


def _lead(method: Outcome, other: Outcome) -> Iterator[str]:
    yield f"{100 * (method.all_hits.f1 - other.all_hits.f1):+.1f} points"
    loss = "–"
    if other.probabilities.size:
        before = log_loss(other.probabilities, other.truth)
        loss = f"{log_loss(method.probabilities, method.truth) - before:+.4f}"
    yield loss
    ahead = [a.hits - b.hits for a, b in zip(method.hits, other.hits, strict=True)]
    yield ", ".join(str(sum(np.sign(lead) == sign for lead in ahead)) for sign in (1, 0, -1))


def _calibration(outcome: Outcome) -> Iterator[str]:
    rows = [
        (f"{each.low:.1f}–{each.high:.1f}", each.cells, f"{each.mean:.3f}", f"{each.true:.3f}")
        if each.cells
        else (f"{each.low:.1f}–{each.high:.1f}", 0, "–", "–")
        for each in reliability(outcome.probabilities, outcome.truth)
    ]
    return table(("probability", "cells", "mean probability", "share true"), rows)


# --- other strengths, less to read ----------------------------------------------------------------


def strength_lines(groups: Iterable[Group]) -> Iterator[str]:
    """Log loss and calibration error if the words' scores were multiplied by a factor."""
    rows = []
    for name, hidden in groups:
        outcomes = [with_words(hidden, strength) for strength in STRENGTHS]
        if np.isclose(outcomes[0].probabilities, outcomes[-1].probabilities).all():
            continue  # no words, so no strength of them
        losses = [log_loss(each.probabilities, each.truth) for each in outcomes]
        errors = [f"{_error(each):.4f}" for each in outcomes]
        best = min(losses)
        shown = [f"**{loss:.4f}**" if loss == best else f"{loss:.4f}" for loss in losses]
        rows += [(name, "log loss", *shown), (name, "calibration error", *errors)]
    yield "\nIf the scores of the words were multiplied by a factor:\n"
    yield from table(("plans", "", *(f"× {strength:g}" for strength in STRENGTHS)), rows)


def field_lines(groups: Iterable[Group]) -> Iterator[str]:
    """What is lost when one field is not read."""
    rows = []
    for name, hidden in groups:
        kinds = {"all": hidden, **{f"without {field}": without(field, hidden) for field in FIELDS}}
        outcomes = {kind: with_words(plans) for kind, plans in kinds.items()}
        if len({each.probabilities.tobytes() for each in outcomes.values()}) == 1:
            continue  # no words in any field
        for kind, each in outcomes.items():
            loss = f"{log_loss(each.probabilities, each.truth):.4f}"
            rows.append((name, kind, f"{each.all_hits.f1:.1%}", loss))
    yield "\nIf a field were not read for words:\n"
    yield from table(("plans", "fields", "F1", "log loss"), rows)


def totals_lines(groups: Iterable[tuple[str, Sequence[Plan]]]) -> Iterator[str]:
    """How well words and icon counts foretell the totals of the goals, which are hidden too.

    It needs no true links. Plans without icon counts or without the totals are left out.
    """
    rows = []
    for name, plans in groups:
        fit = [plan for plan in plans if _has_numbers(plan)]
        if fit:
            figures = [_foretold(fit, strength) for strength in (0.0, *STRENGTHS)]
            rows.append((name, "squared difference", *(f"{each[0]:.2f}" for each in figures)))
            rows.append((name, "correlation", *(f"{each[1]:.2f}" for each in figures)))
    yield "\nTotals of the goals foretold from words, at a strength, and icon counts:\n"
    yield from table(("plans", "", *(f"× {strength:g}" for strength in (0.0, *STRENGTHS))), rows)


def _has_numbers(plan: Plan) -> bool:
    has_icons = all(project.icon_count is not None for project in plan.projects)
    return has_icons and len(plan.goal_counts) == len(GOALS)


def _foretold(plans: Sequence[Plan], strength: float) -> tuple[float, float]:
    """Mean squared difference in units of its variance (1: as sure as it is right), correlation.

    Means over all totals of all plans; where all are foretold to be the same, 0.
    """
    squares, correlations = [], []
    for plan in plans:
        expected, variance = foretold_totals(plan, strength)
        counts = {count.goal: float(count.count) for count in plan.goal_counts}
        published = np.array([counts[goal] for goal in GOALS])
        squares.append((expected - published) ** 2 / variance)
        differ = np.ptp(expected) > 1e-6 and np.ptp(published) > 0
        correlations.append(np.corrcoef(expected, published)[0, 1] if differ else 0.0)
    return float(np.concatenate(squares).mean()), float(np.mean(correlations))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a Markdown table."""
    for line in (head, ["---"] * len(head), *rows):
        yield "| " + " | ".join(map(str, line)) + " |"


if __name__ == "__main__":
    main()
