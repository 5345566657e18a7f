"""pySHACL and the second validator give the same results on everything broken here.

One pySHACL run takes about two seconds whatever it finds, so the broken examples are
validated in groups: every edit of a group is made in one copy of the plan.
"""

from __future__ import annotations

import random

import pytest
from rdflib import Literal, URIRef
from rdflib.term import Node

from kg.errors import ValidatorsDisagree
from kg.resources import ontology_dir
from kg.validation import Validator, compare, validate, validate_with_both
from kg.validators import ENGINES, Finding, Ontology, Triples, shacl_findings
from kg.vocab import RDF
from tests.pipeline.broken_properties import BROKEN
from tests.pipeline.koriyama import IRIS, PLAN, Broken, Draft, koriyama

GROUP_SIZE = 13
GROUPS = [BROKEN[start::GROUP_SIZE] for start in range(GROUP_SIZE)]
SEEDS = range(8)
CHANGES_PER_SEED = 12


def agreed_sentences(draft: Draft) -> set[str]:
    """Both reports compared by result and by sentence; the constraints that fired."""
    one, other = (
        validate(PLAN, draft.triples, ontology_dir(), validator=name)
        for name in (Validator.PYSHACL, Validator.SHACL)
    )
    assert compare(one.results, other.results) == ([], [])
    for language in ("sentence_ja", "sentence_en"):
        sentences = [sorted({getattr(r, language) for r in x.results}) for x in (one, other)]
        assert sentences[0] == sentences[1]
    return {result.constraint for result in one.results}


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group[0].constraint)
def test_both_validators_say_the_same_of_the_broken_examples(group: list[Broken]) -> None:
    draft = Draft(koriyama())
    for example in group:
        example.edit(draft)
    assert agreed_sentences(draft)


@pytest.mark.parametrize("seed", SEEDS)
def test_both_validators_say_the_same_of_random_damage(seed: int) -> None:
    agreed_sentences(randomly_damaged(seed))


def randomly_damaged(seed: int) -> Draft:
    """The plan with triples taken away, doubled with another's value, or given a wrong one."""
    chance = random.Random(seed)
    draft = Draft(koriyama())
    draft.curate("2", 3, 4, 8)
    draft.curate("5", 4)
    for goal in (3, 11):
        draft.record("63", goal, "inferred", direct=goal == 11)
    triples = sorted(draft.triples, key=lambda t: tuple(term.n3() for term in t))
    for _ in range(CHANGES_PER_SEED):
        subject, predicate, term = chance.choice(triples)
        others = [o for _, p, o in triples if p == predicate and p != RDF.type]
        kind = chance.choice(["take away", "exchange", "double", "spoil"])
        if kind == "take away" or not others:
            draft.triples.discard((subject, predicate, term))
        elif kind == "exchange":
            draft.swap(subject, predicate, chance.choice(others))
        elif kind == "double":
            draft.put(subject, predicate, chance.choice(others))
        else:
            draft.swap(subject, predicate, spoilt(term, chance))
    return draft


def spoilt(term: Node, chance: random.Random) -> Node:
    """A term that may be of the wrong kind, or no number, or simply another one."""
    wrong_kinds = [URIRef("https://example.org/?"), Literal("?"), Literal("別の語", lang="ja")]
    wrong_kind = chance.choice(wrong_kinds)
    if isinstance(term, URIRef):
        return chance.choice([URIRef(f"https://example.org/{chance.randrange(3)}"), wrong_kind])
    assert isinstance(term, Literal)
    longer = Literal(f"{term}0", lang=term.language, datatype=term.datatype, normalize=False)
    return chance.choice([longer, wrong_kind])


def test_a_difference_between_the_validators_stops_the_build(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def one_too_few(triples: Triples, ontology: Ontology) -> list[Finding]:
        findings = shacl_findings(triples, ontology)
        return [f for f in findings if f.value != IRIS.project("1")]

    monkeypatch.setitem(ENGINES, "pyshacl", shacl_findings)
    monkeypatch.setitem(ENGINES, "shacl", one_too_few)
    with pytest.raises(ValidatorsDisagree) as stop:
        validate_with_both(PLAN, koriyama(), ontology_dir())
    assert str(stop.value) == (
        f"{PLAN}: pyshacl and shacl differ in 1 result(s).\n"
        f"  only pyshacl: C14 warning {PLAN} "
        "http://www.w3.org/ns/shacl#SPARQLConstraintComponent "
        f"<{PLAN}/project/1>"
    )
