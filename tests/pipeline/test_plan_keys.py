"""One folder, one plan: a plan in two folders, an exchanged one, a renamed folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from kg.pipeline import Outcome
from tests.pipeline.test_pipeline import built, served


def messages(outcome: Outcome) -> list[str]:
    return [str(problem).replace(str(Path(problem.origin.document).parents[2]), "data")
            for problem in outcome.problems]  # fmt: skip


def test_a_plan_in_two_folders_is_refused_and_the_published_one_stays(data: Path) -> None:
    first = built(data).release
    shutil.copytree(data / "plans" / "reishi-2021", data / "plans" / "copy")
    outcome = built(data)
    assert (outcome.release, outcome.refused) == (None, ["copy"])
    assert messages(outcome) == [
        "data/plans/copy/plan.toml: the plan is in more than one folder: reishi-2021 too. "
        "[plan-twice]\n  Found: 990019/kyodo/2021. "
        "Expected: one folder for each municipality, slug and fiscal year.\n"
        "  Fix: remove one of the folders, or correct code, slug or fiscal_year."
    ]
    assert first is not None
    assert served(data) == first.path


def test_a_folder_keeps_the_plan_that_was_published_from_it(data: Path) -> None:
    built(data)
    path = data / "plans" / "reishi-2021" / "plan.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("fiscal_year = 2021", "fiscal_year = 2022"), encoding="utf-8")
    outcome = built(data)
    assert outcome.refused == ["reishi-2021"]
    assert [problem.code for problem in outcome.problems] == ["plan-exchanged"]
    plans = json.loads((served(data) / "release.json").read_text(encoding="utf-8"))["plans"]
    assert [(plan["name"], plan["year"]) for plan in plans] == [
        ("koriyama-2021", 2021),
        ("reishi-2021", 2021),
    ]


def test_a_folder_may_be_renamed(data: Path) -> None:
    built(data)
    (data / "plans" / "reishi-2021").rename(data / "plans" / "reishi-r3")
    outcome = built(data)
    assert (outcome.refused, outcome.unchanged) == ([], True)
    document = data / "plans" / "reishi-r3" / "plan.md"
    document.write_text(document.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    again = built(data)
    assert [problem.code for problem in again.problems] == ["version-unchanged"]
