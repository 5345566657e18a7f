"""How strongly a project's words speak for each goal: the word list and its matcher.

The list is `data/codes/goal-words.csv`: a term, a goal, and a weight in log-odds, how much more
likely a project is to serve the goal when the term stands in its text. The names of the goals
themselves count too. Nothing here knows plans or probabilities; `kg/candidates.py` does.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from kg.codes import read_codes
from kg.errors import CodesError, quoted
from kg.goals import GOALS, goal_names
from kg.resources import codes_dir
from kg.text import folded, name_key

FIELD_FACTORS: Mapping[str, float] = {"name": 1.5, "text": 1.0, "unit": 0.75, "policy": 0.5}
"""What a term's weight is multiplied by, by the field it stands in.

A name says what a project is for; the text also tells how, where and with whom. A unit answers
for many projects, a policy covers all of its projects: both say less about any one of them.
"""

DAMPING = 0.5
"""The k-th strongest word of a goal counts DAMPING ** (k - 1) of its weight.

Words of one subject come together (健診, 保健師, 健康), so they are no independent evidence. The
sum stays below twice the strongest word, however long the text is.
"""

WEIGHTS = (0.5, 3.0)
"""The least and the greatest weight: a weak hint, and a word that names the goal's own subject."""

WEIGHT_STEP = 0.25

FILE = "data/codes/goal-words.csv"
COLUMNS = ("term", "goal", "weight", "why")


@dataclass(frozen=True, slots=True)
class Clue:
    """What speaks for one goal in one project: the damped sum in log-odds, and the words.

    `words` stand as in the folded text (NFKC, no blanks), by field and place, each term once.
    """

    score: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordList:
    """Every term with its weight for each goal it speaks for, ready for matching.

    `lengths`: first two characters of a term -> the lengths of all such terms, longest first.
    """

    weights: Mapping[str, Mapping[int, float]]
    lengths: Mapping[str, tuple[int, ...]]

    def matches(self, key: str) -> Iterator[tuple[int, str]]:
        """The terms in a text already folded (`kg.text.name_key`), each with its place.

        From left to right, the longest term at each place, none overlapping. A term of Latin
        letters or digits is not found inside a longer run of them (ai is not in rain).
        """
        place, last = 0, len(key) - 1
        lengths, weights = self.lengths, self.weights
        while place < last:
            for length in lengths.get(key[place : place + 2], ()):
                term = key[place : place + length]
                if term in weights and _stands_alone(key, place, length):
                    yield place, term
                    place += length
                    break
            else:
                place += 1


def clues_of(fields: Mapping[str, str]) -> dict[int, Clue]:
    """Goal -> clue, for every goal that a word speaks for, in the order of the goals.

    `fields` are some or all of FIELD_FACTORS, each with its text as printed; another field is a
    KeyError. A term counts once, by the first field it stands in, which has the greatest factor.
    """
    list_ = word_list()
    found: dict[str, tuple[str, float]] = {}
    for field in sorted(fields, key=lambda name: -FIELD_FACTORS[name]):
        printed = folded(fields[field])
        key = printed.lower()  # the name key, without folding twice
        # İ alone is longer in lower case
        shown = printed if len(printed) == len(key) else key
        for place, term in list_.matches(key):
            word = shown[place : place + len(term)]
            found.setdefault(term, (word, FIELD_FACTORS[field]))
    strengths: dict[int, list[float]] = defaultdict(list)
    words: dict[int, list[str]] = defaultdict(list)
    for term, (word, factor) in found.items():
        for goal, weight in list_.weights[term].items():
            strengths[goal].append(weight * factor)
            words[goal].append(word)
    return {goal: Clue(_damped(strengths[goal]), tuple(words[goal])) for goal in sorted(words)}


@cache
def word_list() -> WordList:
    """The word list with the names of the goals, these at the greatest weight.

    Raises CodesError, which tells all that is wrong in the file, row by row.
    """
    weights = weights_of(read_codes("goal-words"))
    for name, goal in goal_names().items():
        weights.setdefault(name, {}).setdefault(goal, WEIGHTS[1])
    lengths: dict[str, set[int]] = defaultdict(set)
    for term in weights:
        lengths[term[:2]].add(len(term))
    longest_first = {start: tuple(sorted(some, reverse=True)) for start, some in lengths.items()}
    return WordList(weights, longest_first)


@cache
def word_list_sha256() -> str:
    """The SHA-256 of the file of the word list, in hex: which list an estimate was made with."""
    return hashlib.sha256((codes_dir() / "goal-words.csv").read_bytes()).hexdigest()


def weights_of(rows: Sequence[Mapping[str, str]]) -> dict[str, dict[int, float]]:
    """Term -> goal -> weight in log-odds, of the rows of the word list in file order.

    Raises CodesError if a column is missing, a cell cannot be meant, or a term stands twice
    for one goal; all problems are told, with their rows as a spreadsheet counts them.
    """
    for column in COLUMNS:
        if rows and column not in rows[0]:
            expected = f"  Expected: {', '.join(COLUMNS)}.\n  Fix: add the column."
            raise CodesError(f'{FILE}, row 1: column "{column}" is missing.\n{expected}')
    weights: dict[str, dict[int, float]] = {}
    wrong: list[str] = []
    for number, row in enumerate(rows, start=2):  # the header is row 1
        found = list(_row_problems(row))
        if not found:
            term, goal = row["term"], int(row["goal"])
            if goal in weights.setdefault(term, {}):
                found = [("term", f"{quoted(term)} is here twice for goal {goal}", "each once")]
            weights[term][goal] = float(row["weight"])
        wrong += (
            f'{FILE}, row {number}, column "{column}": {statement}.\n'
            f"  Expected: {expected}.\n  Fix: correct the cell, or remove the row."
            for column, statement, expected in found
        )
    if wrong:
        raise CodesError("\n".join([*wrong, f"Problems in {FILE}: {len(wrong)}."]))
    return weights


def _row_problems(row: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    # csv gives None for cells that a short row lacks
    term, goal, weight, why = (row[column] or "" for column in COLUMNS)
    if len(term) < 2 or term != name_key(term):
        how = "at least 2 characters, in compatibility form (NFKC), in lower case, without blanks"
        yield "term", f"{quoted(term)} is not a term", how
    if goal not in map(str, GOALS):
        yield "goal", f"{quoted(goal)} is not a goal", "a goal from 1 to 17"
    if not _is_weight(weight):
        how = f"a number from {WEIGHTS[0]} to {WEIGHTS[1]} in steps of {WEIGHT_STEP}"
        yield "weight", f"{quoted(weight)} is not a weight", how
    if not why.strip():
        yield "why", "no reason is given", "the target, or the usage it comes from"


def _is_weight(cell: str) -> bool:
    try:
        weight = float(cell)
    except ValueError:
        return False
    # This order matters: not a number (nan) is in no range
    return WEIGHTS[0] <= weight <= WEIGHTS[1] and math.fmod(weight, WEIGHT_STEP) == 0


def _damped(strengths: Sequence[float]) -> float:
    ordered = sorted(strengths, reverse=True)
    return math.fsum(strength * DAMPING**place for place, strength in enumerate(ordered))


def _stands_alone(key: str, place: int, length: int) -> bool:
    return not any(
        0 < border < len(key) and _is_latin(key[border - 1]) and _is_latin(key[border])
        for border in (place, place + length)
    )


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
