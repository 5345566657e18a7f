"""The words that speak for a goal: the list itself, and how it is found in a project's text."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest

from kg.codes import read_codes
from kg.errors import CodesError
from kg.goal_words import DAMPING, FIELD_FACTORS, Clue, clues_of, weights_of, word_list_sha256
from kg.goals import GOALS, official_names
from kg.resources import codes_dir

# Ordinary words of plans that hold a term's letters, or say nothing of any goal.
HARMLESS = (
    "毎週水曜日に実施する",
    "職員が対応し、必要に応じて見直す",
    "事業の推進と支援の充実を図る",
    "前年度比5%増を目標とする",
    "委託料、需用費及び使用料",
    "関係各課と調整のうえ実施計画に反映",
    "がんばる人を応援",
    "なごみの里",
    "まじめに取り組む",
    "コンサルタントへのヒアリング",
    "リハーサルを行う",
    "ランニングコスト、プランニング",
    "バイオリンとマリンバ",
    "アドベンチャーの森",
    "フロント、フロンティア",
    "エコノミークラス",
    "コレステロール",
    "ランダムに抽出",
    "メディカルとフィジカル",
    "ロケット",
    "青森の皆さん、香川の皆さん、東海と北海",
    "さんごくし、たくさんご用意",
    "そのときのことを話す",
    "rain, detail, every level, district, e-mail",
    "職員の負担を把握",
)


def test_terms_are_found_whatever_their_width_case_and_blanks() -> None:
    clues = clues_of({"name": "Ｄ Ｖ 防 止", "text": "ｲﾝﾌﾙｴﾝｻﾞ"})
    assert clues[5] == Clue(2.75 * 1.5, ("DV",))
    assert clues[3] == Clue(2.5, ("インフルエンザ",))


def test_the_longest_term_at_a_place_hides_the_shorter_ones() -> None:
    # 産業 speaks for goals 8 and 9, the waste of industry does not
    assert clues_of({"text": "産業廃棄物"}) == {
        9: Clue(0.5, ("産業廃棄物",)),
        12: Clue(2.25, ("産業廃棄物",)),
    }
    assert sorted(clues_of({"text": "産業"})) == [8, 9]


def test_the_leftmost_term_wins_where_two_overlap() -> None:
    # 地下水 and then 道: neither 下水道 nor 水道 is meant
    assert [clue.words for clue in clues_of({"text": "地下水道"}).values()] == [("地下水",)]


def test_latin_terms_are_found_only_as_words_of_their_own() -> None:
    assert clues_of({"text": "email"}) == {}
    assert clues_of({"text": "AIを活用"})[9] == Clue(2.0, ("AI",))
    assert clues_of({"text": "EVバス"})[7].words == ("EV",)


def test_a_name_says_more_than_a_text_a_unit_or_a_policy() -> None:
    scores = {field: clues_of({field: "献血"})[3].score for field in FIELD_FACTORS}
    assert scores == {"name": 3.75, "text": 2.5, "unit": 1.875, "policy": 1.25}


def test_a_term_counts_once_with_the_factor_of_its_best_field() -> None:
    everywhere = {"policy": "献血", "unit": "献血", "text": "献血と献血", "name": "献血"}
    assert clues_of(everywhere) == clues_of({"name": "献血"})


def test_every_further_word_of_a_goal_counts_half_as_much() -> None:
    clue = clues_of({"text": "献血、結核、難病"})[3]  # 2.5, 2.75 and 2.25
    assert clue.score == 2.75 + DAMPING * 2.5 + DAMPING**2 * 2.25


def test_a_long_text_stays_below_twice_its_strongest_word() -> None:
    terms = [row["term"] for row in read_codes("goal-words") if row["goal"] == "3"]
    assert clues_of({"text": "、".join(terms)})[3].score < 2 * 3.0


def test_words_come_by_field_and_then_by_place() -> None:
    fields = {"unit": "献血課", "text": "結核と難病", "name": "禁煙", "policy": "結核"}
    assert clues_of(fields)[3].words == ("禁煙", "結核", "難病", "献血")


def test_goals_come_in_order_and_only_with_words() -> None:
    assert list(clues_of({"text": "納税と禁煙と献血と飢餓"})) == [2, 3, 17]
    assert clues_of({"name": "", "text": "連絡"}) == {}


@pytest.mark.parametrize("goal", GOALS)
def test_the_name_of_a_goal_counts_as_a_strong_word(goal: int) -> None:
    name = official_names(goal)["ja"]
    assert clues_of({"text": f"（{name}）"})[goal].score >= 3.0


def test_a_field_of_another_name_is_refused() -> None:
    with pytest.raises(KeyError, match="title"):
        clues_of({"title": "健診"})


def test_a_letter_that_grows_in_lower_case_moves_no_word() -> None:
    assert clues_of({"text": "İİİ献血DV"})[3].words == ("献血",)


@pytest.mark.parametrize("phrase", HARMLESS)
def test_ordinary_phrases_speak_for_no_goal(phrase: str) -> None:
    assert clues_of({"text": phrase}) == {}


def test_the_list_is_sorted_by_goal_and_term_and_covers_every_goal() -> None:
    keys = [(int(row["goal"]), row["term"]) for row in read_codes("goal-words")]
    assert [pair for pair in pairwise(keys) if pair[0] >= pair[1]] == []
    assert {goal for goal, _ in keys} == set(GOALS)


def test_the_digest_is_that_of_the_file() -> None:
    file = codes_dir() / "goal-words.csv"
    assert word_list_sha256() == hashlib.sha256(file.read_bytes()).hexdigest()


def test_all_that_is_wrong_in_the_list_is_told_by_row_and_column() -> None:
    rows = [
        {"term": "献血", "goal": "3", "weight": "2.5", "why": "target 3.8"},
        {"term": "献血", "goal": "3", "weight": "2", "why": "target 3.8"},
        {"term": "ＤＶ", "goal": "18", "weight": "nan", "why": ""},
        {"term": "海", "goal": "14", "weight": "3.25", "why": "target 14.1"},
        {"term": "", "goal": "３", "weight": "2.6", "why": "target 3.8"},
        {"term": "農業", "goal": "2", "weight": "strong", "why": "target 2.4"},
    ]
    with pytest.raises(CodesError) as told:
        weights_of(rows)
    number = "Expected: a number from 0.5 to 3.0 in steps of 0.25."
    term = (
        "Expected: at least 2 characters, in compatibility form (NFKC), in lower case, "
        "without blanks."
    )
    goal = "Expected: a goal from 1 to 17."
    wrong = (
        (3, "term", '"献血" is here twice for goal 3', "Expected: each once."),
        (4, "term", '"ＤＶ" is not a term', term),
        (4, "goal", '"18" is not a goal', goal),
        (4, "weight", '"nan" is not a weight', number),
        (4, "why", "no reason is given", "Expected: the target, or the usage it comes from."),
        (5, "term", '"海" is not a term', term),
        (5, "weight", '"3.25" is not a weight', number),
        (6, "term", '"" is not a term', term),
        (6, "goal", '"３" is not a goal', goal),
        (6, "weight", '"2.6" is not a weight', number),
        (7, "weight", '"strong" is not a weight', number),
    )
    lines = []
    for row, column, statement, expected in wrong:
        lines.append(f'data/codes/goal-words.csv, row {row}, column "{column}": {statement}.')
        lines += [f"  {expected}", "  Fix: correct the cell, or remove the row."]
    lines.append("Problems in data/codes/goal-words.csv: 11.")
    assert str(told.value).splitlines() == lines


def test_a_missing_column_of_the_list_is_told_once() -> None:
    with pytest.raises(CodesError) as told:
        weights_of([{"term": "献血", "goal": "3", "why": "target 3.8"}] * 2)
    assert str(told.value).splitlines() == [
        'data/codes/goal-words.csv, row 1: column "weight" is missing.',
        "  Expected: term, goal, weight, why.",
        "  Fix: add the column.",
    ]
