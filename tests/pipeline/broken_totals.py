"""Broken examples of totals (a 継続 column, goal counts, names listed and ended), of rejections."""

from __future__ import annotations

from kg.mapping.terms import integer, plain
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
