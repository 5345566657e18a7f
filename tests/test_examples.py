"""The plan generator of examples/ and the made-up plans that are kept there."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from kg.checking import CheckedPlan, check_plan
from kg.records import Item, Plan, Status
from kg.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
KEPT = ("--municipalities", "3", "--projects", "8", "25", "--seed", "12")
MUNICIPALITIES = 12


def generate(out: Path, *arguments: str, **environment: str) -> Path:
    """What the generator writes, as a process with nothing but Python."""
    subprocess.run(
        [sys.executable, "-B", "-S", EXAMPLES / "generate.py", *arguments, out],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return out


def files_of(folder: Path) -> dict[str, bytes]:
    """Every plan and truth file below a folder, by its name there."""
    parts = (folder / "plans", folder / "truth")
    paths = sorted(path for part in parts for path in part.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def plan_tomls(folder: Path) -> list[dict[str, Any]]:
    paths = sorted(folder.glob("plans/*/plan.toml"))
    return [tomllib.loads(path.read_text(encoding="utf-8")) for path in paths]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve municipalities, two years each, with the generator's own sizes."""
    out = tmp_path_factory.mktemp("generated")
    return generate(out, "--municipalities", str(MUNICIPALITIES), "--projects", "5", "60")


@pytest.fixture(scope="module")
def checked(generated: Path) -> dict[str, CheckedPlan]:
    folders = sorted((generated / "plans").iterdir())
    return {folder.name: check_plan(folder, Settings(), "shacl") for folder in folders}


def plan_of(checked: CheckedPlan) -> Plan:
    assert checked.extraction is not None and checked.extraction.plan is not None
    return checked.extraction.plan


def two_years(checked: dict[str, CheckedPlan]) -> list[tuple[Plan, Plan]]:
    """The plans of 2020 and 2021 of every municipality."""
    names = sorted(name for name in checked if name.endswith("-2020"))
    later = (name.removesuffix("2020") + "2021" for name in names)
    return [(plan_of(checked[a]), plan_of(checked[b])) for a, b in zip(names, later, strict=True)]


def test_every_generated_plan_may_be_published(checked: dict[str, CheckedPlan]) -> None:
    assert len(checked) == 2 * MUNICIPALITIES
    assert [str(problem) for plan in checked.values() for problem in plan.problems] == []


def test_lost_icons_are_the_only_warnings(checked: dict[str, CheckedPlan]) -> None:
    reports = [plan.report for plan in checked.values()]
    warnings = {result.constraint for report in reports if report for result in report.warnings}
    assert warnings == {"C14"}


def test_the_second_year_continues_the_first(checked: dict[str, CheckedPlan]) -> None:
    for first, second in two_years(checked):
        before = {project.name: project for project in first.projects}
        after = {project.name: project for project in second.projects}
        new = {change.name for change in second.changes if change.kind is Status.NEW_OR_ADDED}
        ended = {change.name for change in second.changes} - new
        assert set(before) - set(after) == ended
        assert set(after) - set(before) == new
        assert {p.name for p in second.projects if p.status is Status.NEW} == new
        for name in set(before) & set(after):
            assert (before[name].unit, before[name].policy) == (
                after[name].unit,
                after[name].policy,
            )
            assert before[name].icon_count == after[name].icon_count


def test_the_second_year_states_the_count_of_the_first(checked: dict[str, CheckedPlan]) -> None:
    for first, second in two_years(checked):
        total = [b.count for b in second.balances if b.policy is None and b.item is Item.PREVIOUS]
        assert first.project_count is not None
        assert total == [first.project_count.count] == [len(first.projects)]


def test_the_truth_of_lost_icons_agrees_with_the_document(
    generated: Path, checked: dict[str, CheckedPlan]
) -> None:
    files = sorted((generated / "truth").iterdir())
    assert len(files) == 2 * MUNICIPALITIES * 2 // 3
    for path in files:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        plan = plan_of(checked[path.stem])
        per_project = Counter(row["number"] for row in rows)
        assert {p.key: p.icon_count for p in plan.projects if p.icon_count} == dict(per_project)
        totals = Counter(int(row["goal"]) for row in rows)
        assert {c.goal: c.count for c in plan.goal_counts if c.count} == dict(totals)


def test_the_documents_are_varied(checked: dict[str, CheckedPlan]) -> None:
    plans = [plan_of(plan) for plan in checked.values()]
    projects = [project for plan in plans for project in plan.projects]
    assert {True, False} == {plan.shifted_balance for plan in plans}
    kinds = {str(change.kind) for plan in plans for change in plan.changes}
    assert kinds == {"new-or-added", "completed", "abolished", "routine", "merged"}
    assert {str(t.kind) for p in projects for t in p.targets} >= {"numeric", "activity", "remark"}
    assert any(len(project.lines) > 1 for project in projects)
    assert any(project.account for project in projects)
    assert {2, 3} == {len(project.unit.path) for project in projects if project.unit}
    assert {goal.goal for plan in plans for goal in plan.goal_counts if goal.count} >= {
        1,
        3,
        11,
        17,
    }


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONHASHSEED": "1", "LC_ALL": "C"}, {"PYTHONHASHSEED": "2", "PYTHONUTF8": "1"}],
)
def test_the_same_arguments_give_the_same_bytes(
    generated: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    arguments = ("--municipalities", str(MUNICIPALITIES), "--projects", "5", "60")
    assert files_of(generate(tmp_path, *arguments, **environment)) == files_of(generated)


def test_another_seed_gives_other_plans(generated: Path, tmp_path: Path) -> None:
    again = files_of(generate(tmp_path, "--municipalities", "1", "--seed", "2"))
    assert again["plans/reishi-0001-2020/plan.md"] != files_of(generated).get(
        "plans/reishi-0001-2020/plan.md"
    )


@pytest.mark.parametrize("links", ["stated", "lost", "mixed"])
def test_one_kind_of_links_for_all(tmp_path: Path, links: str) -> None:
    generate(tmp_path, "--municipalities", "2", "--years", "2021", "--links", links)
    assert {table["document"].get("icons") for table in plan_tomls(tmp_path)} == {
        None if links == "stated" else "spaces"
    }


@pytest.mark.parametrize("sizes", [("1", "1"), ("2", "3"), ("72", "72")])
def test_the_number_of_projects_is_kept_to(tmp_path: Path, sizes: tuple[str, str]) -> None:
    generate(tmp_path, "--municipalities", "2", "--projects", *sizes)
    for folder in (tmp_path / "plans").iterdir():
        one = check_plan(folder, Settings(), "shacl")
        assert one.problems == ()
        assert int(sizes[0]) <= len(plan_of(one).projects) <= int(sizes[1])


def test_every_municipality_is_marked_as_made_up(tmp_path: Path) -> None:
    generate(tmp_path, "--municipalities", "300", "--years", "2021", "--projects", "1", "2")
    tables = plan_tomls(tmp_path) + plan_tomls(EXAMPLES)[::2]
    for table in tables:
        municipality = table["municipality"]
        assert municipality["made_up"] is True
        assert 48 <= int(municipality["code"][:2]) <= 99
        for label in (municipality["name"], table["plan"]["title"], table["plan"]["basic_plan"]):
            assert "（架空）" in label["ja"] and "(made up)" in label["en"]
    assert len({table["municipality"]["code"] for table in tables[:300]}) == 300
    assert len({table["municipality"]["name"]["ja"] for table in tables[:300]}) == 300


def test_the_kept_examples_are_what_the_generator_writes(tmp_path: Path) -> None:
    assert files_of(generate(tmp_path, *KEPT)) == files_of(EXAMPLES)
    command = f"python examples/generate.py {' '.join(KEPT)} examples"
    assert command in (EXAMPLES / "README.md").read_text(encoding="utf-8")


def test_the_kept_examples_may_be_published() -> None:
    folders = sorted((EXAMPLES / "plans").iterdir())
    assert len(folders) == 6
    for folder in folders:
        one = check_plan(folder, Settings(), "shacl")
        assert [str(problem) for problem in one.problems] == []
        assert 8 <= len(plan_of(one).projects) <= 25


def goals_of(plan: Plan) -> dict[str, list[int]]:
    return {p.key: [link.goal for link in p.stated_links] for p in plan.projects if p.stated_links}


def test_every_layout_may_be_published() -> None:
    folders = sorted((EXAMPLES / "layouts").iterdir())
    names = [folder.name for folder in folders]
    checked = [check_plan(folder, Settings(), "shacl") for folder in folders]
    assert [str(problem) for one in checked for problem in one.problems] == []
    plans = dict(zip(names, map(plan_of, checked), strict=True))
    assert all(6 <= len(plan.projects) <= 12 for plan in plans.values())
    for folder in folders:
        table = tomllib.loads((folder / "plan.toml").read_text(encoding="utf-8"))
        assert "（架空）" in table["municipality"]["name"]["ja"]
        assert "(made up)" in table["municipality"]["name"]["en"]
        assert f"layouts/{folder.name}" in (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert goals_of(plans["hinagata-1-2021"]) == {
        "1": [3, 11], "2": [2, 3], "3": [3, 10, 17], "4": [1, 2, 17], "5": [4], "6": [4, 9],
        "7": [12, 15], "8": [1, 6, 14], "9": [11, 13],
    }  # fmt: skip
    marks = {link.mark for p in plans["hinagata-2-2021"].projects for link in p.stated_links}
    assert marks == {"◎", "○"}
    assert sum(count.count for count in plans["hinagata-2-2021"].goal_counts) == 15
    policies = plans["hinagata-3-2021"].policies
    assert [[link.goal for link in p.stated_links] for p in policies] == [
        [1, 3, 10],
        [13, 15],
        [17],
    ]
    assert goals_of(plans["hinagata-3-2021"]) == {}
    last = plans["hinagata-4-2021"]
    assert goals_of(last)["4"] == [2, 4]
    assert {p.key: [u.name for u in p.partners] for p in last.projects if p.partners} == {
        "2": ["建設課", "総務課"], "3": ["福祉課", "産業課"], "4": ["教育課"], "6": ["総務課"],
        "7": ["総務課"],
    }  # fmt: skip


def test_no_file_of_the_generator_is_longer_than_350_lines() -> None:
    paths = [*EXAMPLES.glob("*.py"), *EXAMPLES.glob("*.toml")]
    long = [path.name for path in paths if path.read_text(encoding="utf-8").count("\n") > 350]
    assert long == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--municipalities", "0"), "--municipalities is 0; expected 1 to 10,000"),
        (("--municipalities", "1", "--projects", "9", "3"), "--projects is 9 3; expected"),
        (("--municipalities", "1", "--years", "21"), "--years is 21; expected years from 1951"),
    ],
)
def test_wrong_use_is_told(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    done = subprocess.run(
        [sys.executable, "-B", EXAMPLES / "generate.py", *arguments, tmp_path],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert message in done.stderr
