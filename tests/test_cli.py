"""The command line as a person uses it: output, messages and exit codes, in real processes."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
KORIYAMA = ROOT / "data" / "plans" / "koriyama-2021"
COUNT = (
    "PREFIX sp: <https://w3id.org/jp-sdgplan/ns#> "
    "SELECT (COUNT(?p) AS ?n) WHERE { ?p a sp:Project ; "
    "sp:inPlan <https://w3id.org/jp-sdgplan/id/072036/plan/kyodo-2/2021> }"
)


def sdgplan(
    *arguments: object, folder: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, at most two minutes."""
    script = "import sys; sys.argv[0] = 'sdgplan'; from kg.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_check_shows_what_was_read() -> None:
    done = sdgplan("check", KORIYAMA, "--validator", "shacl")
    assert (done.returncode, done.stderr) == (0, "")
    for words in (
        "projects: 72, numbered 1 to 72 (published: 72, line 11)",
        "31 responsible units in a tree of 45 under 13 top units",
        "51 lines in 26 projects, 35 numeric, 1 estimate, 13 activity, 2 remark",
        "121 icons, 0 stated links (published links: 121, line 61)",
        "| 70  | 自殺対策推進事業",
        "not used: line 3: 第二次 郡山市協働推進基本計画",
        "72 warnings C14, such as: No. 1 人材育成推進事業 (line 78)",
    ):
        assert words in done.stdout


def test_check_reads_a_document_beside_its_settings(tmp_path: Path) -> None:
    done = sdgplan("check", "--brief", "--validator", "shacl", KORIYAMA / "plan.md")
    assert done.returncode == 0
    assert "projects: 72" in done.stdout


def test_check_tells_every_problem_and_writes_nothing(tmp_path: Path) -> None:
    shutil.copytree(KORIYAMA, tmp_path / "plan")
    document = tmp_path / "plan" / "plan.md"
    text = document.read_text(encoding="utf-8").replace("のべ121", "のべ120")
    document.write_text(text, encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    done = sdgplan("check", "plan", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0].startswith("plan/plan.md, line 61: ")
    assert done.stderr.splitlines()[-1] == (
        "2 problems in 1 document. These plans would not be published."
    )
    assert sorted(tmp_path.rglob("*")) == before


def test_an_unknown_key_is_told_with_the_nearest_known_one(tmp_path: Path) -> None:
    shutil.copytree(KORIYAMA, tmp_path / "plan")
    settings = tmp_path / "plan" / "plan.toml"
    text = settings.read_text(encoding="utf-8").replace("fiscal_year =", "fiscalyear =")
    settings.write_text(text, encoding="utf-8")
    done = sdgplan("check", "plan", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "plan/plan.toml: [plan] fiscal_year is missing. [key-missing]\n"
        "  Expected: a whole number, such as 2021: fiscal year, April to March.\n"
        "  Fix: add this key.\n"
        "plan/plan.toml: [plan] fiscalyear is not a known key. [key-unknown]\n"
        "  Expected: basic_plan, fiscal_year, slug, title.\n"
        "  Fix: rename it to fiscal_year, or remove it.\n"
        "2 problems in 1 document. These plans would not be published.\n"
    )


def test_build_query_releases_and_rollback(tmp_path: Path) -> None:
    shutil.copytree(KORIYAMA, tmp_path / "data" / "plans" / "koriyama-2021")
    done = sdgplan("build", "--validator", "shacl", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "| koriyama-2021 | 72       | 13    | 51" in done.stdout
    assert "72 warnings C14" in done.stdout
    first = (tmp_path / "var" / "current").readlink().name
    assert done.stdout.splitlines()[-1] == f"Release {first} is served now."

    done = sdgplan("build", folder=tmp_path)
    assert done.stdout.splitlines()[-1] == "Nothing changed since the current release."

    done = sdgplan("query", COUNT, folder=tmp_path)
    assert done.stdout == "+----+\n| n  |\n+----+\n| 72 |\n+----+\n1 row\n"
    done = sdgplan("query", COUNT, "--format", "csv", folder=tmp_path)
    assert done.stdout == "n\r\n72\r\n" or done.stdout == "n\n72\n"
    done = sdgplan("query", ROOT / "ontology/queries/cq12.rq", "--format", "json", folder=tmp_path)
    answer = json.loads(done.stdout)
    numbers = [row["number"]["value"] for row in answer["results"]["bindings"]]
    assert numbers == ["7", "12", "14", "15"]
    done = sdgplan(
        "query", "ASK { ?s <https://w3id.org/jp-sdgplan/ns#sdgGoal> ?goal }", folder=tmp_path
    )
    assert done.stdout == "false\n"
    done = sdgplan("query", "DESCRIBE <https://w3id.org/jp-sdgplan/id/072036>", folder=tmp_path)
    assert 'sp:localGovernmentCode "072036"' in done.stdout

    settings = tmp_path / "data" / "plans" / "koriyama-2021" / "plan.toml"
    text = settings.read_text(encoding="utf-8").replace('version = "1"', 'version = "2"')
    settings.write_text(text, encoding="utf-8")
    sdgplan("build", "--validator", "shacl", folder=tmp_path)
    second = (tmp_path / "var" / "current").readlink().name
    done = sdgplan("releases", folder=tmp_path)
    assert [line[:27].split() for line in done.stdout.splitlines()] == [[first], ["*", second]]
    done = sdgplan("rollback", first, folder=tmp_path)
    assert done.stdout == f"Now served: {first}\n"
    assert (tmp_path / "var" / "current").readlink().name == first


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("query", COUNT), 2, "var has no release yet. Fix: run sdgplan build.\n"),
        (("releases",), 2, "var has no release yet. Fix: run sdgplan build.\n"),
        (("build",), 2, "data/plans has no plan folders. Fix: name the data folder with --data.\n"),
        (("query", "absent.rq"), 2, "There is no file absent.rq.\n"),
    ],
)
def test_wrong_use_is_told_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    done = sdgplan(*arguments, folder=tmp_path)
    assert (done.returncode, done.stderr, done.stdout) == (code, message, "")


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("SELECT * { ?s ?p ?o SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } }", 1,
         "SERVICE is not allowed; service_allowlist names the endpoints that are.\n"),
        (f"ASK {'{' * 3000}{'}' * 3000}", 1, "The query is nested more than 100 deep.\n"),
        ("INSERT DATA { <a:b> <a:b> <a:b> }", 1,
         "This is an update. Releases are never changed; build a new one.\n"),
        ("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", 1,
         "The query did not end within 2 seconds (query_timeout_s). A narrower query is faster.\n"),
    ],
)  # fmt: skip
def test_a_local_query_has_the_limits_of_the_server(
    two_cities: Path, query: str, code: int, message: str
) -> None:
    done = sdgplan("query", query, "--out", two_cities, SDGPLAN_QUERY_TIMEOUT_S="2")
    assert (done.returncode, done.stderr, done.stdout) == (code, message, "")


def test_a_long_query_is_no_file_name(two_cities: Path) -> None:
    query = f"SELECT * {{ }} # {'あ' * 300}"
    done = sdgplan("query", query, "--out", two_cities)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "(no columns)\n1 row\n")


def test_an_endpoint_is_an_address_on_the_web(tmp_path: Path) -> None:
    done = sdgplan("query", "ASK {}", "--endpoint", "file:///etc/hostname", folder=tmp_path)
    assert (done.returncode, done.stderr) == (
        2, "file:///etc/hostname is not an endpoint; expected an http or https URL.\n"
    )  # fmt: skip


def test_a_folder_that_cannot_be_written_is_wrong_use(tmp_path: Path) -> None:
    shutil.copytree(KORIYAMA, tmp_path / "data" / "plans" / "koriyama-2021")
    (tmp_path / "var").write_text("a file", encoding="utf-8")
    done = sdgplan("build", "--validator", "shacl", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "var cannot be made: File exists.\n"
    done = sdgplan("build", "--withdraw", "nope", "--out", "other", folder=tmp_path)
    assert (done.returncode, done.stderr) == (
        2, "nope is not a published plan whose folder is gone. Such are: none.\n"
    )  # fmt: skip


def test_a_setting_of_the_wrong_form_is_wrong_use(tmp_path: Path) -> None:
    done = sdgplan("check", KORIYAMA, folder=tmp_path, SDGPLAN_QUERY_TIMEOUT_S="30s")
    assert (done.returncode, done.stderr) == (
        2, 'SDGPLAN_QUERY_TIMEOUT_S is "30s"; expected whole seconds, such as 30.\n'
    )  # fmt: skip


def test_a_query_that_cannot_be_read_is_a_problem_with_its_place(two_cities: Path) -> None:
    done = sdgplan("query", "SELECT * WHERE {", "--out", two_cities)
    assert done.returncode == 1
    assert done.stderr.startswith("The query cannot be read")
    done = sdgplan("query", "ASK {}", "--format", "ttl", "--out", two_cities)
    assert (done.returncode, done.stderr) == (
        1,
        "This query cannot be answered as ttl. Possible: table, csv, tsv, json, xml.\n",
    )


def test_csv_of_a_query_is_plain_utf8_without_a_mark(two_cities: Path) -> None:
    text = sdgplan(
        "query", ROOT / "ontology/queries/cq05.rq", "--format", "csv", "--out", two_cities
    ).stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert not text.startswith("\ufeff")
    koriyama = [row for row in rows if "/072036/" in row["plan"]]
    assert [row["projects"] for row in koriyama] == ["5", "4", "5", "15", "9", "19", "15"]
