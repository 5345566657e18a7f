"""A project with another name: what the build says, and how the names are tied."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from kg.overview import closing_table
from kg.pipeline import Options, Outcome, build
from kg.settings import Settings
from tests.pipeline.versions import NOW, edit, raise_version, reishi_data

RENAMED = ("読書会事業【", "読書の会事業【")
TIE = '"読書の会事業" = "読書会事業"'


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The plan of 例市, published once."""
    data = reishi_data(tmp_path / "data")
    assert built(data).notes == []
    return data


def built(data: Path, hours: int = 0) -> Outcome:
    now = NOW + timedelta(hours=hours)
    outcome = build(data, data.parent / "var", Settings(), now, Options(validator="shacl"))
    assert [str(problem) for problem in outcome.problems] == []
    return outcome


def test_the_build_names_both_names_and_the_line_that_ties_them(data: Path) -> None:
    edit(data, "plan.md", RENAMED)
    raise_version(data, "2")
    outcome = built(data, 1)
    note = (
        'reishi-2021, project 5: "読書会事業" is now called "読書の会事業" and became a version of '
        f"another continuing project. To go on with the old one, add {TIE} under [aliases] in "
        "plan.toml."
    )
    assert outcome.notes == [note]
    assert note in closing_table(outcome).split("\n")
    raise_version(data, "3", more=f"\n[aliases]\n{TIE}\n")
    assert built(data, 2).notes == [
        'reishi-2021, project 5: "読書の会事業" became a version of another continuing project.'
    ]


def test_a_name_that_is_tied_is_no_note(data: Path) -> None:
    edit(data, "plan.md", RENAMED)
    raise_version(data, "2", more=f"\n[aliases]\n{TIE}\n")
    assert built(data, 1).notes == []


def test_no_line_is_told_that_would_tie_to_another_name(data: Path) -> None:
    edit(data, "plan.md", RENAMED)
    raise_version(data, "2", more=f"\n[aliases]\n{TIE}\n")
    built(data, 1)
    edit(data, "plan.md", ("読書の会事業【", "読書つどい事業【"))
    raise_version(data, "3")
    assert built(data, 2).notes == [
        'reishi-2021, project 5: "読書の会事業" is now called "読書つどい事業" and became a '
        "version of another continuing project."
    ]


def test_another_spelling_of_the_name_is_no_note(data: Path) -> None:
    edit(data, "plan.md", ("読書会事業【", "読 書会事業【"))
    raise_version(data, "2")
    assert built(data, 1).notes == []
