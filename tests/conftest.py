"""What tests share. `SDGPLAN_STRICT=1` (set by .ci/run) turns every skip into a failure."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kg.pipeline import Options, build
from kg.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
STRICT = os.environ.get("SDGPLAN_STRICT") == "1"

NeedsDebian = Callable[[str, str], str]


@pytest.fixture
def needs_debian() -> NeedsDebian:
    """A function of a program and its Debian package: the program's path, or a skip."""

    def path_of(program: str, package: str) -> str:
        path = shutil.which(program)
        if path is None:
            pytest.skip(f"needs the Debian package {package} (apt-get install {package})")
        return path

    return path_of


def _failed_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"SDGPLAN_STRICT=1 allows no skip. {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _failed_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _failed_if_skipped(report)
    return report


LONGEST = ("test_kill.py", "test_pages.py", "test_hostile.py")
"""Files whose tests take minutes: they begin first, so that no process is left with one alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; within a file the order stays."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else 9)


@pytest.fixture(scope="session")
def two_cities(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The var folder of a release of Koriyama's plan and of 例市's (tests/data/README.md)."""
    data = tmp_path_factory.mktemp("data")
    for plan in (ROOT / "data/plans/koriyama-2021", ROOT / "tests/data/plans/reishi-2021"):
        shutil.copytree(plan, data / "plans" / plan.name)
    var = tmp_path_factory.mktemp("var")
    outcome = build(data, var, Settings(), NOW, Options(validator="shacl"))
    assert [str(problem) for problem in outcome.problems] == []
    return var
