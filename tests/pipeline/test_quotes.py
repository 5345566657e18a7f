"""The document's lines that pages quote: those that are cited, as printed, if they may be shown."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from kg import pipeline
from kg.quotes import quoted_lines
from kg.release import Release, current_release
from kg.settings import Settings

DATA = Path(__file__).resolve().parents[1] / "data"
NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)


def built(folder: Path) -> Release:
    """The release of the plans in `folder`."""
    options = pipeline.Options(validator="shacl")
    assert pipeline.build(folder, folder / "var", Settings(), NOW, options).release
    return current_release(folder / "var")


def copied(folder: Path) -> Path:
    shutil.copytree(DATA / "plans", folder / "plans")
    return folder / "plans" / "reishi-2021"


def test_cited_lines_are_kept_as_printed(tmp_path: Path) -> None:
    plan = copied(tmp_path)
    release = built(tmp_path)
    (entry,) = release.manifest["plans"]
    found = quoted_lines(release.path, entry)
    printed = (plan / "plan.md").read_text(encoding="utf-8").split("\n")
    assert found and {printed[int(n) - 1] == text for n, text in found.items()} == {True}
    assert 0 < len(found) < len(printed) - 1


def test_withheld_texts_are_not_kept(tmp_path: Path) -> None:
    plan = copied(tmp_path)
    settings = (plan / "plan.toml").read_text(encoding="utf-8")
    (plan / "plan.toml").write_text(
        settings.replace("[document]\n", "[document]\npublish_texts = false\n"), encoding="utf-8"
    )
    release = built(tmp_path)
    assert quoted_lines(release.path, release.manifest["plans"][0]) == {}
    assert not (release.path / "documents").exists()


def test_an_unchanged_plan_keeps_its_lines(tmp_path: Path) -> None:
    plan = copied(tmp_path)
    before = built(tmp_path)
    shutil.copytree(plan, tmp_path / "plans" / "other-2022")
    other = tmp_path / "plans" / "other-2022" / "plan.toml"
    text = other.read_text(encoding="utf-8")
    other.write_text(text.replace("fiscal_year = 2021", "fiscal_year = 2022"), encoding="utf-8")
    options = pipeline.Options(validator="shacl")
    pipeline.build(tmp_path, tmp_path / "var", Settings(), NOW, options)
    after = current_release(tmp_path / "var")
    entries = {entry["name"]: entry for entry in after.manifest["plans"]}
    kept = quoted_lines(after.path, entries["reishi-2021"])
    assert kept == quoted_lines(before.path, before.manifest["plans"][0])
    name = "documents/{code}/{slug}/{year}.json.gz".format(**entries["reishi-2021"])
    assert (after.path / name).samefile(before.path / name)
