"""`sdgplan curate` by spreadsheet, the raised version, and a plan whose every link is decided."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import sys
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from kg.checking import check_plan
from kg.curation.desk import Desk
from kg.curation.exchange import HEADER, exported, read_back, write_export
from kg.curation.plan_file import next_version, with_version
from kg.curation.screen import highlighted, may_colour
from kg.errors import PlanRefused, WrongUse
from kg.margins import Margins, best_matrix
from kg.origin import Origin
from kg.settings import Settings
from kg.vocab import SDG, SP
from tests.pipeline.documents import FOLDER, koriyama
from tests.pipeline.koriyama import IRIS

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 11, 24)
LINKS = "number,goal,decision,evidence,agent,decided_on\n"
SCRIPT = "import sys; sys.argv[0] = 'sdgplan'; from kg.cli import main; main()"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "data" / "plans" / "koriyama-2021"))


def desk_of(folder: Path, day: date = DAY, *, updates_plan: bool = False) -> Desk:
    return Desk(folder, Settings(), day, folder.parents[2] / "var", updates_plan=updates_plan)


def links(folder: Path) -> str:
    return (folder / "links.csv").read_text(encoding="utf-8")


def sdgplan(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, arguments)],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def table(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def filled(rows: list[dict[str, str]], encoding: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, HEADER)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


# --- the table ---------------------------------------------------------------------------------


def test_the_table_has_the_candidates_of_every_project(folder: Path) -> None:
    rows = table(exported(desk_of(folder)))
    assert tuple(rows[0]) == HEADER
    assert rows[0] == {
        "number": "1",
        "name": "人材育成推進事業",
        "unit": "総務部 人事課",
        "policy": "協働を支える人材の育成と協働意識の醸成",
        "icon_count": "1",
        "goal": "17",
        "goal_name": "パートナーシップで目標を達成しよう",
        "probability": rows[0]["probability"],
        "likelihood": "低い",
        "chosen": "yes",
        "clues": "広域圏、協働",
        **dict.fromkeys(("decision", "evidence", "agent", "decided_on"), ""),
    }
    assert Decimal("0.27") < Decimal(rows[0]["probability"]) < Decimal("0.28")
    estimate = check_plan(folder, Settings(), "shacl").estimate
    assert estimate
    recorded = {(c.project, str(c.goal)): str(c.probability) for c in estimate.recorded}
    assert {(r["number"], r["goal"]): r["probability"] for r in rows} == recorded
    assert sum(row["chosen"] == "yes" for row in rows) == 121


@pytest.mark.parametrize(
    ("encoding", "name"), [("utf-8-sig", "UTF-8"), ("cp932", "CP932 (Shift_JIS)")]
)
def test_a_table_filled_in_with_excel_is_read_back(
    folder: Path, tmp_path: Path, encoding: str, name: str
) -> None:
    rows = table(exported(desk_of(folder)))
    given = {(row["number"], row["goal"]): row for row in rows}
    given["1", "17"] |= {"decision": "×", "evidence": "=市の内部", "decided_on": "2026/11/3"}
    given["1", "4"] |= {"decision": "○", "agent": "jinji"}
    given["2", "16"] |= {"decision": "採用", "evidence": "市政参画", "number": "２", "goal": "１６"}
    given["2", "1"] |= {"decision": "reject", "evidence": "若者\nの事業"}
    file = tmp_path / "answers.csv"
    file.write_bytes(filled(rows, encoding))
    told = read_back(desk_of(folder), file, "tester")
    assert told == (
        f"{file} was read as {name}: 2 accepted, 2 rejected; 4 of these were new or different and "
        f"are now in {folder}/links.csv."
    )
    assert links(folder) == LINKS + (
        "1,17,reject,=市の内部,tester,2026-11-03\n"
        "1,4,accept,人材育成、研修、講演会,jinji,2026-11-24\n"
        "2,16,accept,市政参画,tester,2026-11-24\n"
        "2,1,reject,若者 の事業,tester,2026-11-24\n"
    )
    before = links(folder)
    again = tmp_path / "again.csv"
    assert write_export(desk_of(folder), again) > 400
    told = read_back(desk_of(folder), again, None)
    assert "2 accepted, 2 rejected; 0 of these were new" in told
    assert links(folder) == before


def test_every_problem_of_a_table_is_told_and_nothing_is_written(
    folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "answers.csv"
    file.write_text(
        LINKS
        + "1,4,perhaps,語,tester,2026-11-24\n"
        + "99,4,accept,語,tester,2026-11-24\n"
        + "1,18,accept,語,tester,2026-11-24\n"
        + "1,4,reject,,tester,2026-11-24\n"
        + "1,7,,,,\n"
        + "2,4,accept,,,24 Nov\n"
        + "3,4,accept,語,tester,2999-01-01\n"
        + "4,4,accept,語,tester,2026-11-24\n4,4,reject,語,tester,2026-11-24\n",
        encoding="utf-8",
    )
    with pytest.raises(PlanRefused) as refused:
        read_back(desk_of(folder), file, None)
    assert [(p.code, p.origin.row, p.column) for p in refused.value.problems] == [
        ("exchange-decision", 2, "decision"),
        ("decision-project", 3, "number"),
        ("decision-goal", 4, "goal"),
        ("decision-evidence", 5, "evidence"),
        ("decision-agent", 7, "agent"),
        ("decision-later", 8, "decided_on"),
        ("decision-twice", 10, "goal"),
    ]
    assert {p.origin.document for p in refused.value.problems} == {str(file)}
    assert links(folder) == LINKS


def test_a_conflict_with_the_totals_names_the_rows_of_both_files(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "links.csv").write_text(LINKS + "1,4,accept,語,tester,2026-11-24\n", encoding="utf-8")
    before = links(folder)
    file = tmp_path / "answers.csv"
    file.write_text(LINKS + "2,1,,,,\n1,8,accept,語,tester,2026-11-24\n", encoding="utf-8")
    done = sdgplan(tmp_path, "curate", folder, "--import", file)
    assert done.returncode == 1
    assert "[C13]" in done.stderr.splitlines()[0]
    assert f"Found: row 3 (goal 8), {folder}/links.csv, row 2 (goal 4). " in done.stderr
    assert done.stderr.splitlines()[-1] == "1 problem in 1 document."
    assert links(folder) == before


def test_a_file_that_cannot_be_meant_is_refused(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    for content, code in (
        (b"\xff\xfe1\x00", "exchange-encoding"),
        (b"number,goal\n1,4\n", "exchange-header"),
        (b"", "exchange-header"),
    ):
        file.write_bytes(content)
        with pytest.raises(PlanRefused) as refused:
            read_back(desk_of(folder), file, None)
        assert [p.code for p in refused.value.problems] == [code]
    with pytest.raises(WrongUse, match="is there already"):
        write_export(desk_of(folder), file)
    assert file.read_bytes() == b""
    with pytest.raises(WrongUse, match="cannot be read: No such file"):
        read_back(desk_of(folder), tmp_path / "none.csv", None)
    done = sdgplan(tmp_path, "curate", folder, "--facts", "--export", "new.csv")
    assert done.returncode == 2
    assert done.stderr == "--export, --import and --facts exclude each other.\n"


# --- every link decided ------------------------------------------------------------------------


def invented_truth() -> list[tuple[str, int]]:
    """Links that meet all totals, chosen without a word of the text."""
    plan = koriyama()
    totals = {count.goal: count.count for count in plan.goal_counts}
    margins = Margins(
        np.ones((len(plan.projects), 17), dtype=np.bool_),
        tuple(project.icon_count for project in plan.projects),
        tuple(totals[goal] for goal in range(1, 18)),
    )
    worth = np.fromfunction(lambda row, column: np.sin(row * 17 + column), margins.free.shape)
    found = best_matrix(margins, worth)
    assert found is not None
    return [(plan.projects[row].key, column + 1) for row, column in np.argwhere(found).tolist()]


def test_a_plan_whose_every_link_is_decided_has_no_candidates(folder: Path, tmp_path: Path) -> None:
    truth = invented_truth()
    rows = "".join(f"{key},{goal},○,架空,,\n" for key, goal in truth)
    (tmp_path / "truth.csv").write_text(LINKS + rows, encoding="utf-8")
    ask = "PREFIX sp: <https://w3id.org/jp-sdgplan/ns#> SELECT ?p ?g WHERE { ?p sp:sdgGoal ?g }"
    done = sdgplan(tmp_path, "build", "--validator", "shacl")
    assert (done.returncode, done.stderr) == (0, "")
    assert "72 warnings C14" in done.stdout
    assert sdgplan(tmp_path, "query", ask, "--format", "csv").stdout.split() == ["p,g"]

    done = sdgplan(tmp_path, "curate", folder, "--import", "truth.csv", "--agent", "tester",
                   "--date", "2026-11-25", "--update-plan")  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "truth.csv was read as UTF-8: 121 accepted, 0 rejected; 121 of these were new or different "
        f"and are now in {folder}/links.csv.\n"
    )
    done = sdgplan(tmp_path, "build", "--validator", "shacl")
    assert (done.returncode, done.stderr) == (0, "")
    assert "C14" not in done.stdout
    answer = sdgplan(tmp_path, "query", ask, "--format", "csv").stdout.split()
    assert sorted(answer[1:]) == sorted(f"{IRIS.project(k)},{SDG[str(g)]}" for k, g in truth)
    dumps = {path.name for path in (tmp_path / "var/current/dumps").rglob("*.ttl")}
    assert {"links.ttl", "source.ttl"} <= dumps
    assert "candidate.ttl" not in dumps
    checked = check_plan(folder, Settings(), "shacl")
    assert checked.estimate is None
    assert {o for _, p, o in checked.graphs["links"] if p == SP.sdgLinkBasis} == {
        SP["basis-curated"]
    }
    done = sdgplan(tmp_path, "curate", folder)
    assert done.stdout == f"Nothing is left open: 0 changes written to {folder}/links.csv.\n"


# --- plan.toml ---------------------------------------------------------------------------------


def test_update_plan_raises_version_and_day_and_nothing_else(folder: Path) -> None:
    old = (folder / "plan.toml").read_text(encoding="utf-8")
    desk = desk_of(folder, date(2026, 11, 25), updates_plan=True)
    row = {"number": "1", "goal": "4", "decision": "accept", "evidence": "語", "agent": "t"}
    row["decided_on"] = "2026-11-25"
    assert desk.put("links.csv", [(row, Origin("x", row=2))]) == ()
    assert desk.take_back("links.csv", "1", "4") == ()
    new = (folder / "plan.toml").read_text(encoding="utf-8")
    assert new == old.replace('version = "1"', 'version = "2"').replace(
        "modified = 2026-11-24", "modified = 2026-11-25"
    )
    assert desk.what_is_left() == ""
    assert check_plan(folder, Settings(), "shacl").problems == ()


def test_a_session_without_a_change_leaves_plan_toml(folder: Path) -> None:
    old = (folder / "plan.toml").read_bytes()
    desk = desk_of(folder, date(2026, 11, 25), updates_plan=True)
    assert desk.what_is_left() == ""
    assert (folder / "plan.toml").read_bytes() == old


@pytest.mark.parametrize(
    ("version", "then"), [("1", "2"), ("1.9", "1.10"), ("2026-01", "2026-02"), ("3a", "4a")]
)
def test_the_last_number_of_a_version_is_raised(version: str, then: str) -> None:
    assert next_version(version) == then


def test_a_version_that_cannot_be_raised_is_left_to_the_person() -> None:
    with pytest.raises(WrongUse, match="which has no number to raise"):
        next_version("first")
    inline = 'dataset = { version = "1", modified = 2026-11-24 }\n'
    with pytest.raises(WrongUse, match="do not stand on lines of their own"):
        with_version(inline, "2", DAY)
    text = (
        "[plan]\nversion = 5\r\n[ dataset ] # data\r\n"
        "version = '1'  # first\r\nmodified=2020-01-01\r\n"
    )
    changed = with_version(text, "2", DAY)
    assert changed == text.replace("'1'", '"2"').replace("2020-01-01", "2026-11-24")
    assert tomllib.loads(changed)["plan"] == {"version": 5}


# --- what is shown -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words", "bright"),
    [
        ("市民の健康診断", ["健康診断"], ["健康診断"]),
        ("ＤＸを進めるdx", ["DX"], ["ＤＸ", "dx"]),
        ("ｶﾞｲﾄﾞの育成", ["ガイド"], ["ｶﾞｲﾄﾞ"]),
        ("災 害に強い", ["災害"], ["災 害"]),
        ("防災・災害", ["防災", "災害"], ["防災", "災害"]),
        ("健康診断", ["健康", "康診"], ["健康診"]),
        ("何もない", ["健康", ""], []),
    ],
)
def test_words_are_underlined_as_they_are_printed(
    text: str, words: list[str], bright: list[str]
) -> None:
    shown = highlighted(text, words)
    assert re.findall("\x1b\\[1;4m(.*?)\x1b\\[0m", shown) == bright
    assert re.sub("\x1b\\[[0-9;]*m", "", shown) == text


def test_only_a_terminal_that_wants_them_gets_codes() -> None:
    with Path(os.devnull).open("w") as nowhere:
        assert not may_colour(nowhere, {})
    primary, secondary = os.openpty()
    with os.fdopen(secondary, "w") as terminal:
        assert may_colour(terminal, {"NO_COLOR": ""})
        assert not may_colour(terminal, {"NO_COLOR": "1"})
        assert not may_colour(terminal, {"TERM": "dumb"})
    os.close(primary)
