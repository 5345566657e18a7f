"""Every constraint fires on the plan broken in its way, and no other but those named with it."""

from __future__ import annotations

import pytest

from kg.resources import ontology_dir
from kg.validation import Validator, validate
from kg.validators import read_ontology
from tests.pipeline.broken_properties import BROKEN
from tests.pipeline.koriyama import PLAN, Broken, koriyama


def test_the_plan_as_it_is_conforms_with_one_warning_per_project() -> None:
    report = validate(PLAN, koriyama(), ontology_dir(), validator=Validator.SHACL)
    assert report.conforms
    assert report.summary == {"C14": 72}


def test_there_is_a_broken_example_of_every_constraint() -> None:
    """The warning C14 needs none: the plan itself is its example."""
    examples = {example.constraint for example in BROKEN}
    assert examples == set(read_ontology(ontology_dir()).constraints) - {"C14"}


@pytest.mark.parametrize(
    "example", BROKEN, ids=lambda example: f"{example.constraint}-{example.edit.__name__}"
)
def test_a_broken_plan_is_reported_by_its_constraint_and_no_other(example: Broken) -> None:
    report = validate(PLAN, example.triples(), ontology_dir(), validator=Validator.SHACL)
    fired = {result.constraint for result in report.results} - {"C14"}
    assert fired == {example.constraint} | example.also, example.why
    assert not example.also or example.why


@pytest.mark.parametrize("example", BROKEN, ids=lambda example: example.constraint)
def test_the_sentences_of_a_broken_plan_leave_no_figure_out(example: Broken) -> None:
    report = validate(PLAN, example.triples(), ontology_dir(), validator=Validator.SHACL)
    for result in report.results:
        placeholders = set(
            read_ontology(ontology_dir()).constraints[result.constraint].placeholders
        )
        assert set(result.figures) == placeholders
        for sentence in (result.sentence_ja, result.sentence_en):
            assert "{" not in sentence
            assert sentence.rstrip("）)").endswith(result.constraint)
