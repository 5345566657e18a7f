"""The plan of 例市 (tests/data/README.md) in several versions, for tests of history and changes."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kg.pipeline import Options, build
from kg.settings import Settings

NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
REISHI = Path(__file__).resolve().parents[1] / "data" / "plans" / "reishi-2021"


def reishi_data(data: Path) -> Path:
    """A data folder with a copy of the plan."""
    shutil.copytree(REISHI, data / "plans" / REISHI.name)
    return data


def raise_version(
    data: Path, version: str, *, modified: str = "2026-11-24", more: str = ""
) -> None:
    """Set the version of the copy; `more` is added to its plan.toml."""
    settings = data / "plans" / REISHI.name / "plan.toml"
    text = settings.read_text(encoding="utf-8")
    text = re.sub(r'(?m)^version = ".*"$', f'version = "{version}"', text)
    text = re.sub(r"(?m)^modified = .*$", f"modified = {modified}", text)
    settings.write_text(text + more, encoding="utf-8")


def edit(data: Path, name: str, *pairs: tuple[str, str]) -> None:
    """Replace words of a file of the copy; each must be there once."""
    path = data / "plans" / REISHI.name / name
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def publish(data: Path, var: Path, hours: int = 0) -> None:
    """Build a release, so many hours after the first one."""
    now = NOW + timedelta(hours=hours)
    outcome = build(data, var, Settings(), now, Options(validator="shacl"))
    assert [str(problem) for problem in outcome.problems] == []


def second_version(data: Path) -> None:
    """Another unit, name, target and goal."""
    edit(
        data,
        "plan.md",
        ("| 市民部市民課 | 3 | まちあるき", "| 環境部清掃課 | 3 | まちあるき"),
        ("読書会事業【", "読書の会事業【"),
        ("○教室 12回", "○教室 15回"),
        ("SDG 12.5, ゴール13", "SDG 12.5, ゴール11"),
        ("| ゴール13 | 1 |", "| ゴール13 | 0 |"),
        ("| ゴール11 | 1 |", "| ゴール11 | 2 |"),
    )
    raise_version(data, "2", modified="2026-12-01")


def third_version(data: Path) -> None:
    """One project more."""
    edit(
        data,
        "plan.md",
        ("【2021年度実施事業数 6】", "【2021年度実施事業数 7】"),
        ("| 施策2 | 3 | 4 | 1 |", "| 施策2 | 3 | 5 | 2 |"),
        ("| 計 | 6 | 6 | 1 |", "| 計 | 6 | 7 | 2 |"),
        (
            "| ごみ減量事業 | 環境部清掃課 | 施策2 |\n",
            "| ごみ減量事業 | 環境部清掃課 | 施策2 |\n| 花いっぱい事業 | 環境部公園課 | 施策2 |\n",
        ),
        ("のべ 8", "のべ 9"),
        ("| ゴール15 | 0 |", "| ゴール15 | 1 |"),
        (
            "人件費のみ | － | － | － | － |\n",
            "人件費のみ | － | － | － | － |\n"
            "| 環境部公園課 | 7 | 花いっぱい事業 | 15 | 新規 | 花を植えます。 |"
            " － | － | － | － | － |\n",
        ),
    )
    raise_version(data, "3", modified="2026-12-05")


def publish_three(data: Path, var: Path) -> None:
    """The plan in three versions, an hour apart, each in a release of its own."""
    reishi_data(data)
    for hours, change in enumerate((lambda _: None, second_version, third_version)):
        change(data)
        publish(data, var, hours)
