"""`sdgplan curate`: a person decides project by project, at a terminal or through a pipe."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kg.checking import check_plan
from kg.curation.facts import FactSession
from kg.curation.links import LinkSession
from kg.curation.session import Person
from kg.disk import reserved
from kg.errors import PlanRefused, ReleaseError, WrongUse
from kg.settings import Settings
from kg.vocab import SDG, SP
from tests.pipeline.curating import HEADER, desk_of, links, session
from tests.pipeline.documents import FOLDER, REISHI
from tests.pipeline.koriyama import IRIS
from tests.pipeline.terminal import Terminal

ROOT = Path(__file__).resolve().parents[2]
FACTS = "fact,subject,value,evidence,agent,decided_on\n"
SCRIPT = "import sys; sys.argv[0] = 'sdgplan'; from kg.cli import main; main()"
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "koriyama-2021"))


def command(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-c", SCRIPT, "curate", str(folder), *arguments]


# --- a real terminal ----------------------------------------------------------------------------


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    started: list[Terminal] = []
    yield started
    for terminal in started:
        terminal.close()


def test_a_session_at_a_terminal(folder: Path, terminals: list[Terminal]) -> None:
    terminal = Terminal(command(folder, "--date", "2026-11-24"), ENVIRONMENT)
    terminals.append(terminal)
    first = terminal.until("> ")
    assert "[72 of 72 left]" in first
    assert "No. 1  \x1b[1;4m人材育成\x1b[0m推進事業" in first
    assert "  Unit:   総務部 \x1b[1;4m人事\x1b[0m課" in first
    assert "  Icons:  1" in first
    assert re.search(r"\* +17 +パートナーシップで.+ 0\.277 +unlikely +広域圏、協働", first)
    terminal.type("a 4\r")
    assert "[人材育成、研修、講演会]: " in terminal.until("]: ")
    terminal.type("\r")
    terminal.until("? ")
    terminal.type("city-planning\r")
    assert "Accepted: No. 1, goal 4." in terminal.until("> ")
    assert links(folder) == HEADER + (
        "1,4,accept,人材育成、研修、講演会,city-planning,2026-11-24\n"
    )
    terminal.type("ｒ　１７\r")
    terminal.until("Why not (. = cancel): ")
    terminal.type("市の内部の討論\r")
    terminal.until("> ")
    # Python's input() misses a Ctrl-C that comes between its prompt and its reading
    shown = terminal.until("links.csv.", pressing="\x03")
    assert "Interrupted: 2 changes written to " in shown
    assert terminal.process.wait(30) == 0
    assert links(folder).splitlines()[2] == "2,17,reject,市の内部の討論,city-planning,2026-11-24"


def test_no_color_means_no_codes(folder: Path, terminals: list[Terminal]) -> None:
    terminal = Terminal(command(folder), ENVIRONMENT | {"NO_COLOR": "1"})
    terminals.append(terminal)
    shown = terminal.until("most probable set")
    assert "No. 1  人材育成推進事業" in shown
    assert "\x1b[1;4m" not in shown


# --- a pipe ------------------------------------------------------------------------------------


def test_piped_answers_and_the_end_of_input(folder: Path) -> None:
    done = subprocess.run(
        command(folder, "--agent", "tester", "--date", "2026-11-25"),
        input="a 4\n\nq\n",
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert done.stdout.splitlines()[-2:] == [
        f"Ended: 1 change written to {folder}/links.csv.",
        "Before the next build set modified = 2026-11-25 and a new version under [dataset] in "
        f"{folder}/plan.toml, or let --update-plan do it.",
    ]
    assert links(folder) == HEADER + "1,4,accept,人材育成、研修、講演会,tester,2026-11-25\n"
    assert [p.code for p in check_plan(folder, Settings(), "shacl").problems] == ["decision-later"]
    assert (
        session(folder, day=date(2026, 11, 25))[-1]
        == f"The input ended: 0 changes written to {folder}/links.csv."
    )


def test_a_killed_session_has_written_every_answer(folder: Path) -> None:
    process = subprocess.Popen(
        command(folder, "--agent", "tester"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=ENVIRONMENT,
    )
    assert process.stdin and process.stdout
    process.stdin.write(b"a 4\n\n")
    process.stdin.flush()
    for line in process.stdout:
        if line.startswith(b"Accepted"):
            break
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdin.close()
    process.stdout.close()
    assert links(folder).startswith(HEADER + "1,4,accept,")
    assert sorted(p.name for p in folder.iterdir()) == sorted(p.name for p in FOLDER.iterdir())


def test_a_folder_that_cannot_be_written_to_is_told_in_one_sentence(folder: Path) -> None:
    as_user = [] if os.geteuid() == 0 else ["--map-root-user"]
    mount = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
    prefix = ["unshare", "--mount", *as_user, "sh", "-c", mount, str(folder)]
    if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs mount namespaces")
    done = subprocess.run(
        [*prefix, *command(folder, "--agent", "tester")],
        input="a 4\n\n",
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        f"{folder}/links.csv cannot be written: Read-only file system. It is as it was.\n"
    )
    assert links(folder) == HEADER


# --- what the answers do -----------------------------------------------------------------------


def test_an_accepted_goal_is_linked_and_a_rejected_one_gives_way_to_others(folder: Path) -> None:
    before = check_plan(folder, Settings(), "shacl")
    assert not [t for t in before.graphs["links"] if t[1] == SP.sdgGoal]
    told = session(folder, "a 4", "", "g 63", "r 11", "理由", "q")
    assert "Accepted: No. 1, goal 4." in told
    checked = check_plan(folder, Settings(), "shacl")
    assert checked.problems == ()
    goals = [(s, o) for s, p, o in checked.graphs["links"] if p == SP.sdgGoal]
    assert goals == [(IRIS.project("1"), SDG["4"])]
    assert checked.estimate and before.estimate
    cells = {(c.project, c.goal): c for c in checked.estimate.cells}
    old = {(c.project, c.goal): c for c in before.estimate.cells}
    assert not [c for c in checked.estimate.recorded if c.project == "1"]
    assert cells["63", 11].probability == 0
    assert old["63", 11].probability > 0.8
    assert cells["63", 17].probability > old["63", 17].probability
    for key, icons in (("1", 1), ("63", 6)):
        assert abs(sum(c.probability for (p, _), c in cells.items() if p == key) - icons) < 1e-6
    assert abs(sum(c.probability for (_, g), c in cells.items() if g == 11) - 13) < 1e-6


def test_more_goals_than_icons_are_not_written(folder: Path) -> None:
    told = session(folder, "a 4", "", "b", "a 8", "a 7", "q")
    assert links(folder).count("\n") == 2
    problems = [text for text in told if "[C13]" in text or "[C19]" in text]
    assert [re.findall(r"\[(C\d+)\]", text) for text in problems] == [["C13"], ["C13"], ["C19"]]
    assert problems[0].startswith("this decision (accept goal 8 for No. 1): No. 1 人材育成推進事業")
    found = f"Found: this decision (accept goal 8 for No. 1), {folder}/links.csv, row 2 (goal 4). "
    assert found in problems[0]
    assert "Expected: at most 1 goals" in problems[0]
    assert told.count("This decision was not written.") == 2


def test_a_decision_that_leaves_no_set_of_links_is_not_written(folder: Path) -> None:
    """No. 1 has one icon; goals 7, 12, 14, 15 have no project, so 13 goals are left for it."""
    goals = [g for g in range(1, 18) if g not in (7, 12, 14, 15)]
    answers = [text for g in goals[:-1] for text in (f"r {g}", "理由")]
    told = session(folder, *answers, "b", f"r {goals[-1]}", "q")
    assert links(folder).count("reject") == 12
    assert told.count("This decision was not written.") == 1
    (problem,) = (text for text in told if "[decision-impossible]" in text)
    last = f"this decision (reject goal {goals[-1]} for No. 1)"
    rows = ", ".join(f"row {n} (No. 1, goal {g}, rejected)" for n, g in enumerate(goals[:9], 2))
    assert problem == (
        f"{last}: with these decisions no set of links meets the published numbers. "
        f"[decision-impossible]\n  Found: {last}, {folder}/links.csv, {rows} and 3 more. "
        "Expected: decisions that leave every project its number of icons and every goal its "
        "total.\n  Fix: take back one of the decisions named here."
    )


def test_decisions_are_taken_back_and_changed(folder: Path) -> None:
    session(folder, "a 4", "", "b", "u 4", "a 17", "別の語", "q")
    assert links(folder) == HEADER + "1,17,accept,別の語,tester,2026-11-24\n"
    told = session(folder, "b", "b", "g 1", "r 17", "理由", "u 3", "g 99", "a 18", "z", "a", "q")
    assert links(folder) == HEADER + "1,17,reject,理由,tester,2026-11-24\n"
    assert told.count("This is the first one.") == 1
    assert "Nothing was decided about goal 3." in told
    assert "There is no 99." in told
    assert "18 is not a goal; goals are numbered 1 to 17." in told
    assert sum(text.startswith("Keys: ") for text in told) == 3


def test_evidence_and_agent_are_asked_until_they_can_be_published(folder: Path) -> None:
    told = session(folder, "a 1", "", "本文", "山田", "yamada", "s", "r 1", "", "違う", agent=None)
    assert links(folder) == HEADER + (
        "1,1,accept,本文,yamada,2026-11-24\n3,1,reject,違う,yamada,2026-11-24\n"
    )
    assert sum(text.startswith("Who decides") for text in told) == 2
    session(folder, "s", "r 2", "本文\ue000", "q")
    assert links(folder).count("\n") == 3, "a character that cannot be published"


def test_decisions_that_contradict_the_totals_can_be_taken_back(folder: Path) -> None:
    rows = [f"1,{goal},accept,語,tester,2026-11-24\n" for goal in (4, 8)]
    (folder / "links.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    told = session(folder, "u 8", "q")
    assert "[C13]" in told[0]
    assert "  Accepted: 4, 8" in told
    assert "Taken back: No. 1, goal 8." in told
    assert links(folder) == HEADER + rows[0]
    assert check_plan(folder, Settings(), "shacl").problems == ()


def test_rows_that_cannot_be_read_are_told_before_any_question(folder: Path) -> None:
    (folder / "links.csv").write_text(HEADER + "1,4,accept,語\n1,99,accept,語,t,2026-11-24\n")
    with pytest.raises(PlanRefused) as refused:
        desk_of(folder)
    assert [(p.code, p.origin.row) for p in refused.value.problems] == [
        ("decision-cells", 2),
        ("decision-goal", 3),
    ]


def test_old_rows_keep_their_place_and_become_accepted_ones(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(REISHI, tmp_path / "reishi-2021"))
    assert session(folder, agent="a")[-1].startswith("Nothing is left open: 0 changes")
    desk = desk_of(folder)
    desk.take_back("links.csv", "6", "17")
    assert links(folder) == HEADER
    session(folder, "a 17", "市民と団体が出会います。")
    assert links(folder) == HEADER + "6,17,accept,市民と団体が出会います。,tester,2026-11-24\n"


def test_nobody_writes_over_the_changes_of_another(folder: Path) -> None:
    desk, lines = desk_of(folder), iter(["a 4", "語"])
    (folder / "links.csv").write_text(HEADER + "1,4,accept,語,other,2026-11-24\n")
    with pytest.raises(WrongUse, match="was changed by someone else"):
        LinkSession(desk, Person(lambda question: next(lines), print, "t")).run()
    assert links(folder).endswith("1,4,accept,語,other,2026-11-24\n")
    with reserved(folder), pytest.raises(ReleaseError, match="Another session"), reserved(folder):
        pass


# --- facts -------------------------------------------------------------------------------------


def test_facts_are_decided_in_the_same_way(folder: Path) -> None:
    told: list[str] = []
    lines = iter(["1", "組織規則", "s", "9", "2", "", "b", "u", "g 減災プロジェクト事業", "60",
                  "担当課の回答", "q"])  # fmt: skip
    person = Person(lambda question: next(lines), told.append, "tester")
    FactSession(desk_of(folder), person).run()
    assert (folder / "facts.csv").read_text(encoding="utf-8") == FACTS + (
        "authority,総務部,mayor,組織規則,tester,2026-11-24\n"
        "merged-into,減災プロジェクト事業,60,担当課の回答,tester,2026-11-24\n"
    )
    assert "Which executive body does 政策開発部 belong to?" in told
    assert "  60  自主防災組織活動支援事業 (総務部防災危機管理課)" in told
    graph = check_plan(folder, Settings(), "shacl").graphs["links"]
    assert (IRIS.change(5), SP.mergedInto, IRIS.project("60")) in graph
    assert [o for _, p, o in graph if p == SP.authority] == [SP["authority-mayor"]]
