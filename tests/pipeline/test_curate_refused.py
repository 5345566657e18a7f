"""`sdgplan curate`: what is refused, how it is told, and how a question is left again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kg.curation.exchange import read_back
from kg.curation.facts import FactSession
from kg.curation.session import Person
from kg.errors import PlanRefused, Problem
from tests.pipeline.curating import HEADER, desk_of, links, session
from tests.pipeline.documents import FOLDER

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = "import sys; sys.argv[0] = 'sdgplan'; from kg.cli import main; main()"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "koriyama-2021"))


def refused(folder: Path, text: str) -> tuple[Problem, ...]:
    """The problems of a table that is read back; nothing is written."""
    before = links(folder)
    file = folder.parent / "answers.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PlanRefused) as refusal:
        read_back(desk_of(folder), file, "tester")
    assert links(folder) == before
    assert {problem.origin.document for problem in refusal.value.problems} == {str(file)}
    return refusal.value.problems


def places(problems: tuple[Problem, ...]) -> list[tuple[str, int | None, str | None]]:
    return [(p.code, p.origin.row, p.column) for p in problems]


# --- a table ------------------------------------------------------------------------------------


def test_an_open_quotation_mark_swallows_no_rows(folder: Path) -> None:
    rows = '1,4,reject,"open quote,a,2026-11-24\n2,16,accept,語,a,2026-11-24\n'
    (problem,) = refused(folder, HEADER + rows)
    assert str(problem) == (
        f'{folder.parent}/answers.csv, row 2, column "evidence": the quotation mark that opens the '
        "cell is not closed at its end. [decision-quote]\n"
        '  Found: ""open quote,a,2026-11-24". Expected: quotation marks around the whole cell, and '
        '"" for one within it.\n'
        "  Fix: close or remove the quotation mark; the rows from here on were not read."
    )


def test_rows_that_were_not_read_are_not_blamed_for_what_stood_before(folder: Path) -> None:
    """No. 1 has one icon; row 3 may well say that goal 4 is rejected now."""
    (folder / "links.csv").write_text(HEADER + "1,4,accept,語,a,2026-11-24\n", encoding="utf-8")
    rows = '1,8,accept,語,a,2026-11-24\n1,4,reject,"語,a,2026-11-24\n'
    assert places(refused(folder, HEADER + rows)) == [("decision-quote", 3, "evidence")]
    rows = "1,8,accept,語,a,2026-11-24\n1,4,いいえ,語,a,2026-11-24\n"
    assert places(refused(folder, HEADER + rows)) == [("exchange-decision", 3, "decision")]


def test_surplus_cells_and_headings_that_stand_twice_are_refused(folder: Path) -> None:
    rows = "1,4,accept,語, と語,a,2026-11-24\n1,17,,,,,,語\n2,16,accept,語,a,2026-11-24,,\n"
    problems = refused(folder, HEADER + rows)
    assert places(problems) == [("decision-cells", 2, None), ("decision-cells", 3, None)]
    assert problems[0].found == '7 cells, the last "2026-11-24"'
    assert problems[0].expected == "6 cells"
    header = HEADER.replace("\n", ",decision,note,note\n")
    (problem,) = refused(folder, header + "1,4,accept,語,a,2026-11-24,reject,,\n")
    assert str(problem) == (
        f'{folder.parent}/answers.csv, row 1, column "decision": the heading stands more than '
        "once. [exchange-twice]\n"
        "  Found: in cells 3 and 7 of the row. Expected: each of these headings once.\n"
        "  Fix: remove or rename the other column."
    )


def test_rows_may_lack_the_empty_cells_at_their_end(folder: Path) -> None:
    file = folder.parent / "answers.csv"
    file.write_text(HEADER + "1,17\n1,4,accept\n2,16,accept,語,,,,\n", encoding="utf-8")
    assert "2 accepted, 0 rejected; 2 of these were new" in read_back(desk_of(folder), file, "a")


def test_all_kinds_of_problems_are_told_in_one_round(folder: Path) -> None:
    rows = (
        "2,16,はい,語,a,2026-11-24\n99,4,accept,語,a,2026-11-24\n1,7,accept,語,a,2026-11-24\n"
        "3,4,accept,語,山田,2026-11-24\n98,18,はい,,,昨日\n"
    )
    assert places(refused(folder, HEADER + rows)) == [
        ("exchange-decision", 2, "decision"),
        ("decision-project", 3, "number"),
        ("C19", 4, "goal"),
        ("decision-agent", 5, "agent"),
        ("decision-day", 6, "decided_on"),
        ("decision-goal", 6, "goal"),
        ("decision-project", 6, "number"),
        ("exchange-decision", 6, "decision"),
    ]
    rejected = "".join(f"{n},6,reject,語,a,2026-11-24\n" for n in range(1, 72))
    problems = refused(folder, HEADER + rejected + "99,4,accept,語,a,2026-11-24\n")
    assert places(problems) == [
        ("decision-impossible", 2, "goal"),
        ("decision-project", 73, "number"),
    ]


@pytest.mark.parametrize(
    ("text", "code", "found"),
    [
        ("", "exchange-header", "an empty file"),
        ("\n1,4\n", "exchange-header", "an empty row"),
        (HEADER.replace(",", "\t"), "decision-separator", "tabs"),
        (HEADER.replace(",", ";"), "decision-separator", "semicolons"),
        ("number,goal\n", "exchange-header", "number, goal"),
    ],
)
def test_a_header_that_is_not_one_says_what_it_is(
    folder: Path, text: str, code: str, found: str
) -> None:
    (problem,) = refused(folder, text)
    assert (problem.code, problem.origin.row, problem.found) == (code, 1, found)


def test_a_long_cell_is_a_problem_of_the_file_and_days_to_come_are_wrong_use(folder: Path) -> None:
    file = folder.parent / "answers.csv"
    file.write_text(f"{HEADER}1,4,accept,{'語' * 131_073},a,2026-11-24\n", encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    for arguments, code, words in (
        (["--import", str(file)], 1, f'{file}, row 2, column "evidence": the cell is too long'),
        (["--date", "2999-01-01"], 2, "--date is 2999-01-01; expected a day up to today, "),
    ):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, "curate", str(folder), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code
        assert done.stderr.startswith(words)
        assert done.stdout == ""


# --- a session ----------------------------------------------------------------------------------


def test_a_key_is_no_evidence_and_a_point_leaves_the_question(folder: Path) -> None:
    told = session(folder, "g 63", "a 11 3 5", "防犯", "q", "ｒ", "r 3", "11", "。", "q")
    assert links(folder) == HEADER + "63,11,accept,防犯,tester,2026-11-24\n"
    keys = [text for text in told if "is a key" in text]
    assert keys == [
        f'"{key}" is a key, not an answer to this question (. = cancel).'
        for key in ("q", "ｒ", "r 3", "11")
    ]
    asked = [text for text in told if text.startswith("Words that speak for goal 3 (. = cancel)")]
    assert len(asked) == 5
    assert "Not decided: No. 63, goal 3." in told
    assert not [text for text in told if text.startswith("Words that speak for goal 5")]
    assert told[-1] == f"Ended: 1 change written to {folder}/links.csv."


def test_a_key_is_nobody_who_decides(folder: Path) -> None:
    told = session(folder, "a 4", "", "q", ".", "q", agent=None)
    assert "Not decided: No. 1, goal 4." in told
    assert links(folder) == HEADER


def test_what_the_totals_forbid_is_refused_before_any_words_are_asked(folder: Path) -> None:
    told = session(folder, "a 7", "q")
    (problem,) = (text for text in told if "[C19]" in text)
    assert problem == (
        "this decision (accept goal 7 for No. 1): published count for goal 7 (line 71): "
        "Projects published: 0, but projects linked: 1. [C19]\n"
        "  ゴール7の公表事業数（71行目）: 公表事業数は0ですが、1件の事業が関連付けられています。\n"
        "  Found: this decision (accept goal 7 for No. 1). Expected: at most 0 projects with this "
        "goal.\n"
        "  Fix: take back one of the decisions named here, or correct the table of goals."
    )
    assert "This decision was not written." in told


def test_a_decision_once_more_proposes_the_evidence_that_stands(folder: Path) -> None:
    session(folder, "a 17", "手で書いた語", "q")
    told = session(folder, "g 1", "a 17", "", "g 1", "r 17", "理由", "q", agent="other")
    told += session(folder, "g 1", "r 17", "", "q", agent="other")
    proposed = [text for text in told if "(. = cancel)" in text]
    assert proposed == [
        "Words that speak for goal 17 (. = cancel) [手で書いた語]: ",
        "Why not (. = cancel): ",
        "Why not (. = cancel) [理由]: ",
    ]
    assert links(folder) == HEADER + "1,17,reject,理由,other,2026-11-24\n"


def test_facts_are_left_refused_and_decided_once_more_in_the_same_way(folder: Path) -> None:
    told: list[str] = []
    lines = iter(["1", "q", ".", "1", "組織規則", "b", "1", "", "g 減災プロジェクト事業", "999",
                  "q"])  # fmt: skip
    person = Person(lambda question: told.append(question) or next(lines), told.append, "tester")
    FactSession(desk_of(folder), person).run()
    assert next(lines, None) is None
    assert '"q" is a key, not an answer to this question (. = cancel).' in told
    assert "Not decided: 総務部." in told
    assert "On what evidence (. = cancel) [組織規則]: " in told
    refused = 'this decision (merged-into 999 for 減災プロジェクト事業), column "value": '
    assert sum(text.startswith(refused) for text in told) == 1
    assert (folder / "facts.csv").read_text(encoding="utf-8").splitlines()[1:] == [
        "authority,総務部,mayor,組織規則,tester,2026-11-24"
    ]


def test_a_number_of_any_length_is_no_fault_of_ours(folder: Path) -> None:
    told = session(folder, f"a {'9' * 5000}", "q")
    assert any(text.endswith("is not a goal; goals are numbered 1 to 17.") for text in told)
