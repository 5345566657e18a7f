"""Broken examples of totals (a 継続 column, goal counts, names), of rejections, of statistics."""

from __future__ import annotations

from decimal import Decimal

from kg.mapping.terms import decimal, integer, plain
from kg.text import name_key
from kg.vocab import SP
from tests.pipeline.documents import koriyama as records
from tests.pipeline.koriyama import IRIS, Draft, breaks, cell, project, total

CURRENT = (5, 4, 5, 15, 9, 19, 15)
NEW = (0, 0, 0, 0, 0, 3, 0)


def print_continued(draft: Draft) -> None:
    """Let the balance print continued projects instead of the number of the year; it closes."""
    for policy, (current, new) in enumerate(zip(CURRENT, NEW, strict=True), 1):
        draft.swap(cell(policy, "current"), SP.dimItem, SP["item-continued"])
        draft.swap(cell(policy, "current"), SP.projectCount, integer(current - new))
    draft.swap(total("current"), SP.dimItem, SP["item-continued"])
    draft.swap(total("current"), SP.projectCount, integer(sum(CURRENT) - sum(NEW)))


@breaks("C128")
def a_project_moved_under_another_policy(draft: Draft) -> None:
    print_continued(draft)
    draft.swap(project(1), SP.policy, IRIS.policy("2"))


@breaks("C129", "C33", why="the total row adds up the same column")
def a_continued_cell_that_does_not_follow(draft: Draft) -> None:
    print_continued(draft)
    draft.swap(cell(1, "previous"), SP.projectCount, integer(6))


@breaks("C130", "C33", why="the total row adds up the same column")
def a_total_of_continued_ones_that_differs(draft: Draft) -> None:
    print_continued(draft)
    draft.swap(total("current"), SP.projectCount, integer(68))


@breaks("C131", "C06", why="the counts of all goals add up to another total")
def a_goal_with_more_projects_than_there_are(draft: Draft) -> None:
    draft.swap(IRIS.cube("sdg-goal", "17"), SP.projectCount, integer(73))


@breaks("C132")
def an_ended_project_with_the_name_of_a_listed_one(draft: Draft) -> None:
    name = records().projects[0].name or ""
    draft.swap(IRIS.change(4), SP.nameKey, plain(name_key(name)))


# --- rejected links ---------------------------------------------------------------------------


@breaks("C145")
def a_goal_that_is_linked_and_rejected(draft: Draft) -> None:
    draft.curate("1", 4)
    draft.reject("1", 4)


@breaks("C146")
def an_estimate_for_a_rejected_goal(draft: Draft) -> None:
    draft.record("1", 4, "inferred", direct=False)
    draft.reject("1", 4)


# --- the statistics ---------------------------------------------------------------------------


@breaks("C162")
def a_published_statistic_that_is_not_the_tables(draft: Draft) -> None:
    draft.swap(draft.statistic(SP.GoalStatistic), SP.statisticCount, integer(5))


@breaks("C163")
def a_curated_statistic_that_is_not_the_links(draft: Draft) -> None:
    draft.curate("1", 9)
    statistic = draft.statistic(SP.GoalStatistic)
    draft.swap(statistic, SP.dimBasis, SP["count-curated"])
    draft.swap(statistic, SP.statisticCount, integer(2))


@breaks("C164")
def an_expected_statistic_that_is_not_the_units(draft: Draft) -> None:
    draft.expect(9, "4")
    statistic = draft.statistic(SP.ExpectedGoalStatistic)
    draft.swap(statistic, SP.statisticCount, decimal(Decimal("4.00002")))


@breaks("C165")
def a_plan_with_another_number_of_rows(draft: Draft) -> None:
    draft.swap(draft.statistic(SP.PlanStatistic), SP.statisticCount, integer(73))


@breaks("C165")
def a_policy_with_another_number_of_rows(draft: Draft) -> None:
    statistic = draft.statistic(SP.PolicyStatistic)
    draft.swap(statistic, SP.dimBasis, SP["count-listed"])
    draft.swap(statistic, SP.statisticCount, integer(6))


@breaks("C165")
def a_unit_without_the_rows_of_the_units_below(draft: Draft) -> None:
    draft.swap(draft.statistic(SP.UnitStatistic), SP.statisticCount, integer(0))


@breaks("C166")
def a_plan_statistic_that_the_document_does_not_print(draft: Draft) -> None:
    statistic = draft.statistic(SP.PlanStatistic)
    draft.swap(statistic, SP.dimBasis, SP["count-published"])
    draft.swap(statistic, SP.statisticCount, integer(73))


@breaks("C166")
def a_policy_statistic_that_is_not_the_balance(draft: Draft) -> None:
    draft.swap(draft.statistic(SP.PolicyStatistic), SP.statisticCount, integer(6))


@breaks("C180")
def a_sheet_without_a_row(draft: Draft) -> None:
    draft.drop(project(1), SP.sourceLine)
    draft.put(project(1), SP.sourceSheet, plain("事業一覧"))
