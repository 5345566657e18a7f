"""How much of a vocabulary the word list finds, and vocabularies of which it finds less.

A phrase is found if the word list has a clue for any goal in it. Less is found when found
phrases, in a fixed order, are replaced by coined words; more, when those that are not found are
left out. Phrases of no goal, units and policies are replaced in the same proportion.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from benchmarks.candidate_plans import Vocabulary
from kg.goal_words import clues_of

STEMS = "甲乙丙丁戊己庚辛壬癸"
"""Coined words are three of these: they mean something as single signs, together nothing."""

SLOT = "{}"


@dataclass(frozen=True)
class Overlap:
    """What the word list finds of the phrases that speak for goals."""

    phrases: int
    found: int
    found_for_own_goal: int

    @property
    def share(self) -> float:
        return self.found / self.phrases


def overlap_of(vocabulary: Vocabulary) -> Overlap:
    """The measured overlap of a vocabulary's subject phrases with the word list."""
    pairs = [(phrase, goal) for goal, some in vocabulary.subjects.items() for phrase in some]
    return Overlap(
        len(pairs),
        sum(is_found(phrase) for phrase, _ in pairs),
        sum(goal in clues_of({"name": phrase}) for phrase, goal in pairs),
    )


def is_found(phrase: str) -> bool:
    """Whether a word of the list stands in the phrase."""
    # cut at the slot: a word across it depends on what fills it
    return any(clues_of({"name": part}) for part in phrase.split(SLOT))


def with_overlap(vocabulary: Vocabulary, share: float) -> Vocabulary:
    """The vocabulary changed so that the word list finds this share of its subject phrases.

    To the nearest phrase. At 0 nothing at all is found, at 1 every subject phrase.
    """
    subjects = [phrase for some in vocabulary.subjects.values() for phrase in some]
    found = [phrase for phrase in subjects if is_found(phrase)]
    kept = min(round(share * len(subjects)), len(found)) if share < 1 else len(found)
    coined = coined_words()
    replaced = {phrase: next(coined) for phrase in _in_fixed_order(found)[kept:]}
    rest = [phrase for phrase in _others(vocabulary) if is_found(phrase)]
    kept = round(len(rest) * kept / len(found)) if found else 0
    for phrase in _in_fixed_order(rest)[kept:]:
        slot = SLOT if SLOT in phrase else ""
        replaced[phrase] = slot + next(coined)
    dropped = set(subjects) - set(found) if share == 1 else set[str]()
    return replace(
        vocabulary,
        subjects={
            goal: tuple(replaced.get(phrase, phrase) for phrase in some if phrase not in dropped)
            for goal, some in vocabulary.subjects.items()
        },
        others={
            name: tuple(replaced.get(phrase, phrase) for phrase in some)
            for name, some in vocabulary.others.items()
        },
        units=[(replaced.get(name, name), goals) for name, goals in vocabulary.units],
        policies=[(replaced.get(name, name), goals) for name, goals in vocabulary.policies],
    )


def coined_words() -> Iterator[str]:
    """Words that do not exist, each once: 甲甲甲, 甲甲乙, …"""
    for first in STEMS:
        for second in STEMS:
            for third in STEMS:
                yield first + second + third


def _others(vocabulary: Vocabulary) -> Iterator[str]:
    for some in vocabulary.others.values():
        yield from some
    for name, _ in (*vocabulary.units, *vocabulary.policies):
        yield name


def _in_fixed_order(phrases: Iterable[str]) -> list[str]:
    return sorted(phrases, key=lambda phrase: (random.Random(phrase).random(), phrase))
