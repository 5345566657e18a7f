"""Cells that name goals, notation by notation, and what is doubtful in them."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from rdflib import Graph
from rdflib.namespace import RDF, SH

from kg.goal_cells import goal_of, goals_of, read_goals
from kg.goals import is_target, target_codes
from kg.resources import ontology_dir
from kg.vocab import SDGO, SPS
from tests.test_ontology import UN_GOALS


@pytest.mark.parametrize(
    ("text", "goals"),
    [
        ("3,8,11", [3, 8, 11]), ("３、８", [3, 8]), ("3・8", [3, 8]), ("3･8", [3, 8]),
        ("3;8", [3, 8]), ("3／8", [3, 8]), ("3\n8", [3, 8]), ("3<br>8", [3, 8]),
        ("3\u30008", [3, 8]), ("1 2 3", [1, 2, 3]), ("03、08", [3, 8]), ("3、8、", [3, 8]),
        ("3と8", [3, 8]), ("3及び8", [3, 8]), ("3. 8.", [3, 8]),
        ("ゴール3", [3]), ("ｺﾞｰﾙ3", [3]), ("コ\u3099ール3", [3]), ("目標３", [3]), ("No.3", [3]),
        ("ゴール3・4・5", [3, 4, 5]), ("ゴール3ゴール8", [3, 8]), ("Goal 3", [3]),
        ("SDG 11.2", [11]), ("SDG 3 SDG 11", [3, 11]), ("SDGs:3,8", [3, 8]),
        ("SDGs：３・８", [3, 8]), ("SDGs目標 3", [3]), ("関連するSDGs：3、8", [3, 8]),
        ("[3][10][17]", [3, 10, 17]), ("【3】【8】", [3, 8]), ("(3)(8)", [3, 8]),
        ("①③", [1, 3]), ("①、③", [1, 3]), ("❶❸", [1, 3]), ("⒈⒊", [1, 3]), ("⑰", [17]),
        ("働きがいも経済成長も", [8]), ("つくる責任 つかう責任", [12]),
        ("つくる責任・つかう責任", [12]), ("エネルギーをみんなに\nそしてクリーンに", [7]),
        ("貧困をなくそう 飢餓をゼロに", [1, 2]), ("飢餓をゼロに貧困をなくそう", [2, 1]),
        ("Climate action", [13]), ("Goal 3: Good health and well-being", [3]),
        ("陸の豊かさを守ろう", [15]), ("陸の豊かさも守ろう", [15]),
        ("目標2 飢餓をゼロに", [2]), ("②飢餓をゼロに", [2]), ("飢餓をゼロに（2）", [2]),
        ("①貧困をなくそう②飢餓をゼロに", [1, 2]), ("1.貧困をなくそう", [1]),
        ("3 すべての人に健康と福祉を 8 働きがいも経済成長も", [3, 8]),
        ("", []), ("　", []), ("-", []), ("－", []), ("なし", []), ("該当なし", []),
    ],
)  # fmt: skip
def test_goals_are_read_in_many_notations(text: str, goals: list[int]) -> None:
    assert [named.goal for named in goals_of(text)] == goals


@pytest.mark.parametrize(
    ("text", "doubts"),
    [
        ("18", {"18": "unknown-goal"}), ("0", {"0": "unknown-goal"}),
        ("3、そのほか", {"そのほか": "unknown-goal"}), ("38", {"38": "unknown-goal"}),
        ("そのほか 3", {"そのほか": "unknown-goal"}), ("3,811", {"811": "unknown-goal"}),
        ("一人 ひとりを 大切に", {"一人 ひとりを 大切に": "unknown-goal"}),
        ("目標3 飢餓をゼロに", {"目標3 飢餓をゼロに": "unknown-goal"}),
        ("飢餓をゼロに（3）", {"飢餓をゼロに（3）": "unknown-goal"}),
        ("貧困をなくそう事業", {"貧困をなくそう事業": "unknown-goal"}),
        ("3(8)", {"3(8)": "unknown-goal"}), ("3件", {"3件": "unknown-goal"}),
        ("3月8日", {"3月8日": "unknown-goal"}), ("SDGs", {"SDGs": "unknown-goal"}),
        ("2026-03-11", {"2026-03-11": "unknown-goal"}), ("3,-", {"-": "unknown-goal"}),
        ("全ゴール", {"全ゴール": "unknown-goal"}), ("Ⅲ", {"Ⅲ": "unknown-goal"}),
        ("3-8", {"3-8": "goal-range"}), ("3～8", {"3～8": "goal-range"}),
        ("ゴール3〜8、11", {"ゴール3〜8": "goal-range"}), ("3ー8", {"3ー8": "goal-range"}),
        ("1.15", {"1.15": "unknown-target"}), ("17.b", {"17.b": "unknown-target"}),
        ("3.8.11", {"3.8.11": "unknown-target"}),
    ],
)  # fmt: skip
def test_what_may_mean_several_things_is_doubted(text: str, doubts: dict[str, str]) -> None:
    assert {named.words: named.doubt for named in goals_of(text) if not named.goal} == doubts


def test_a_target_names_its_goal_as_well() -> None:
    found = goals_of("SDG 11.2, １３．Ａ ターゲット4.7")
    assert [(named.goal, named.target, named.words) for named in found] == [
        (11, "11.2", "SDG 11.2"),
        (13, "13.a", "１３．Ａ"),
        (4, "4.7", "ターゲット4.7"),
    ]


def test_money_in_brackets_is_no_goal() -> None:
    cell = read_goals("[3][10][17] [12億8,263万円]、1,234千円")
    assert [named.goal for named in cell.goals] == [3, 10, 17]
    assert cell.amounts == ("12億8,263万円", "1,234千円")


def test_a_goal_keeps_the_words_that_name_it() -> None:
    words = [named.words for named in goals_of("SDG 11.2, ゴール３ ①③ コ\u3099ール 4")]
    assert words == ["SDG 11.2", "ゴール３", "①", "③", "ゴール 4"]


def test_every_official_name_is_a_goal_in_both_languages() -> None:
    assert goal_of("エネルギーをみんなに そしてクリーンに") == 7
    assert goal_of("Peace, justice and strong institutions") == 16
    assert goal_of("Industry, innovation and infrastructure") == 9


def test_every_spelling_of_a_name_is_its_goal() -> None:
    path = Path(ontology_dir()).parent / "data/codes/goal-names.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert {row["name"]: goal_of(row["name"]) for row in rows} == {
        row["name"]: int(row["goal"]) for row in rows
    }


def test_the_targets_are_those_of_the_un() -> None:
    if not UN_GOALS.exists():
        pytest.skip("needs the reference data beside the repository (shared/reference)")
    un = Graph().parse(UN_GOALS)
    codes = {str(target).rpartition("/")[2] for target in un.subjects(RDF.type, SDGO.Target)}
    assert (codes, len(codes)) == (set(target_codes()), 169)


def test_the_shape_accepts_these_targets_and_no_other() -> None:
    shapes = Graph().parse(ontology_dir() / "shapes.ttl")
    pattern = re.compile(str(shapes.value(SPS.C230, SH.pattern)))
    for goal in range(19):
        for end in (*map(str, range(25)), *"abcdef", ""):
            code = f"{goal}.{end}"
            assert bool(pattern.search(f"http://metadata.un.org/sdg/{code}")) == is_target(code)
    assert not pattern.search("https://metadata.un.org/sdg/11.2")
