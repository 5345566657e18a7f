"""A build after a change: what is made anew, what is taken over, and that nobody can tell."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

import kg.catalog.parts
import kg.plan_builds
import kg.store_update
from kg.dumps import CHECKSUMS_FILE
from kg.errors import ReleaseError
from kg.pipeline import Options, Outcome, build
from kg.release import Release, current_release, verify
from kg.settings import Settings
from kg.store import open_release
from tests.pipeline.killing import contents
from tests.pipeline.test_kill import raise_version

NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
QUICK = Options(validator="shacl")
REISHI_DUMPS = "990019/kyodo/2021/"


def built(data: Path, var: str = "var", hours: int = 0, **more: Any) -> Release:
    outcome = outcome_of(data, var, hours, **more)
    assert list(map(str, outcome.problems)) == []
    assert outcome.release is not None
    return outcome.release


def outcome_of(data: Path, var: str = "var", hours: int = 0, **more: Any) -> Outcome:
    given = {"settings": Settings(), "options": QUICK} | more
    return build(data, data.parent / var, now=NOW + timedelta(hours=hours), **given)


def change(data: Path, old: str = "1", new: str = "2") -> None:
    """Other words in the document of 例市, under another version."""
    plan = data / "plans" / "reishi-2021"
    raise_version(plan, old, new)
    text = (plan / "plan.md").read_text(encoding="utf-8")
    words = ("まちを歩きます。", "まちを走ります。")
    before, after = words if words[0] in text else words[::-1]
    assert before in text
    (plan / "plan.md").write_text(text.replace(before, after), encoding="utf-8")


def test_only_the_changed_plan_is_checked_compressed_and_hashed(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = built(data)
    change(data)
    checked, hashed = [], []
    check_plan, file_digest = kg.plan_builds.check_plan, hashlib.file_digest

    def watched_check(folder: Path, *more: Any) -> Any:
        checked.append(folder.name)
        return check_plan(folder, *more)

    def watched_digest(file: Any, name: str) -> Any:
        path, releases = Path(file.name), data.parent / "var" / "releases"
        if path.is_relative_to(releases):
            hashed.append(path.relative_to(releases).parts[2:])
        else:
            assert path.name in ("version.json", "plan.nq")  # what the history keeps
        return file_digest(file, name)

    monkeypatch.setattr(kg.plan_builds, "check_plan", watched_check)
    monkeypatch.setattr(hashlib, "file_digest", watched_digest)
    second = built(data)
    monkeypatch.undo()
    assert checked == ["reishi-2021"]
    folders = {"/".join(parts[:-1]) for parts in hashed}
    assert folders == {""}  # the sums of a plan's files are known from when they were written
    assert verify(second) == []
    same = [name for name, _ in contents(first.path).items() if name.startswith("dumps/072036/")]
    assert len(same) > 10
    for name in same:
        assert (first.path / name).samefile(second.path / name)


def test_only_the_changed_municipality_is_compared_with_the_store_before(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kg.store_update, "MEMORY_QUADS", 0)
    monkeypatch.setattr(kg.store_update, "_MOST_CHANGED", 3)
    first = built(data)
    change(data)
    compared, made = set(), []
    line_set, municipality = kg.store_update._line_set, kg.catalog.parts.municipality_graph

    def watched_lines(parts: Any, name: str) -> set[bytes]:
        compared.add(name)
        return line_set(parts, name)

    def watched_graph(plans: Any, *more: Any) -> Any:
        made.extend(entry["name"] for entry in plans)
        return municipality(plans, *more)

    monkeypatch.setattr(kg.store_update, "_line_set", watched_lines)
    monkeypatch.setattr(kg.catalog.parts, "municipality_graph", watched_graph)
    second = built(data, hours=1)
    assert compared == {
        f"dumps/{REISHI_DUMPS}plan.nq.gz",
        "parts/990019.nq.gz",
        "parts/service.nq.gz",
    }
    assert made == ["reishi-2021"]
    for name in ("072036.json", "072036.nq", "072036.nq.gz"):
        assert (first.path / "parts" / name).samefile(second.path / "parts" / name)


def test_a_changed_release_has_the_bytes_of_one_from_scratch(data: Path) -> None:
    built(data)
    change(data)
    second = built(data, hours=1)
    # which versions were published before is no matter of the data folder
    shutil.copytree(data.parent / "var" / "history", data.parent / "fresh" / "history")
    assert contents(second.path) == contents(built(data, "fresh").path)


def everything(release: Release) -> list[str]:
    """What the store holds beside the catalogue, which also lists what was withdrawn."""
    catalog = "https://w3id.org/jp-sdgplan/id/graph/catalog"
    quads = list(ox.Store.read_only(str(release.path / "store")))
    named = [quad for quad in quads if isinstance(quad.graph_name, ox.NamedNode)]
    merged = {quad.triple for quad in quads if isinstance(quad.graph_name, ox.DefaultGraph)}
    assert merged == {quad.triple for quad in named}
    assert len(merged) + len(named) == len(quads)
    return sorted(str(quad) for quad in named if quad.graph_name.value != catalog)


@pytest.mark.parametrize("seed", range(2))
def test_changes_withdrawals_and_returns_leave_the_content_of_a_store_from_scratch(
    data: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(kg.store_update, "MEMORY_QUADS", 0)
    monkeypatch.setattr(kg.store_update, "_MOST_CHANGED", 3)
    dice = random.Random(seed)
    aside, plan = data.parent / "aside", data / "plans" / "reishi-2021"
    built(data)
    version = 1
    for number in range(6):
        options = QUICK
        if plan.exists() and dice.random() < 0.4:
            plan.rename(aside)
            options = dataclasses.replace(QUICK, withdraw=("reishi-2021",))
        elif not plan.exists():
            aside.rename(plan)
        else:
            change(data, str(version), str(version + 1))
            version += 1
        release = built(data, hours=number, options=options)
        fresh = built(data, f"fresh-{number}")
        assert everything(release) == everything(fresh)
        assert open_release(release.path).quad_count() == release.manifest["quads"]
        assert verify(release) == []


def test_a_withdrawn_plan_that_comes_back_is_published_again(data: Path) -> None:
    first = built(data)
    plan = data / "plans" / "reishi-2021"
    plan.rename(data.parent / "aside")
    built(data, hours=1, options=dataclasses.replace(QUICK, withdraw=("reishi-2021",)))
    (data.parent / "aside").rename(plan)
    third = built(data, hours=2)
    assert third.manifest["plans"][1]["status"] == "published"
    assert contents(third.path) == contents(first.path)


@pytest.mark.parametrize(
    "changed",
    [
        {"public_url": "https://sdg.example.jp/"},
        {"operator_name": "例市"},
        {"operator_contact": "sdg@example.jp"},
    ],
)
def test_a_setting_that_describes_the_service_makes_a_release_of_the_same_plans(
    data: Path, changed: dict[str, str]
) -> None:
    first = built(data)
    settings = Settings(**changed)  # type: ignore[arg-type]
    done: list[str] = []
    second = built(data, hours=1, settings=settings, progress=done.append)
    assert done == []
    assert second.id != first.id
    assert second.manifest["plans"] == first.manifest["plans"]
    assert (second.path / "dumps/072036/kyodo-2/2021/plan.nq").samefile(
        first.path / "dumps/072036/kyodo-2/2021/plan.nq"
    )
    assert outcome_of(data, hours=2, settings=settings).unchanged
    assert not outcome_of(data, hours=2).unchanged


def test_other_settings_make_no_new_release(data: Path) -> None:
    built(data)
    assert outcome_of(data, hours=1, settings=Settings(query_timeout_s=5)).unchanged


def test_with_a_new_description_a_strict_build_still_stops_at_a_refusal(data: Path) -> None:
    first = built(data)
    document = data / "plans" / "reishi-2021" / "plan.md"
    document.write_text(document.read_text(encoding="utf-8") + "\n追記\n", encoding="utf-8")
    settings = Settings(operator_name="例市")
    strict = dataclasses.replace(QUICK, strict=True)
    assert outcome_of(data, hours=1, settings=settings, options=strict).release is None
    assert current_release(data.parent / "var").id == first.id
    outcome = outcome_of(data, hours=1, settings=settings)
    assert (outcome.refused, outcome.release is None) == (["reishi-2021"], False)


def test_a_store_of_another_program_is_not_carried_over(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kg.store_update, "MEMORY_QUADS", 0)
    monkeypatch.setattr(kg.store_update, "_MOST_CHANGED", 3)
    first = built(data)
    manifest = json.loads((first.path / "release.json").read_text(encoding="utf-8"))
    manifest["store"]["engine"] = "pyoxigraph 0.0.1"
    (first.path / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    carried: list[Path] = []
    monkeypatch.setattr(
        kg.store_update, "_carried_over", lambda *given: bool(carried.append(given[0]))
    )
    change(data)
    built(data, hours=1)
    assert carried == []
    change(data, "2", "3")
    built(data, hours=2)
    assert len(carried) == 1


def test_a_dump_that_was_damaged_keeps_its_checksum_and_one_that_is_gone_is_told(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kg.store_update, "MEMORY_QUADS", 0)
    first = built(data)
    damaged = first.path / "dumps" / "072036/kyodo-2/2021/plan.ttl"
    damaged.write_text("?", encoding="utf-8")
    change(data)
    second = built(data, hours=1)
    told = ["072036/kyodo-2/2021/plan.ttl is not the file that was published."]
    assert verify(second) == told
    gone = second.path / "dumps" / "072036/kyodo-2/2021/plan.ttl"
    gone.unlink()
    change(data, "2", "3")
    with pytest.raises(ReleaseError) as refused:
        built(data, hours=2)
    assert str(refused.value) == (
        f"{gone} is gone. Fix: sdgplan rollback to another release, or move var/current away; then "
        "every plan is built anew."
    )
    assert current_release(data.parent / "var").id == second.id
    (data.parent / "var" / "current").unlink()
    assert verify(built(data, hours=3)) == []


def test_without_checksums_the_last_release_is_no_help(data: Path) -> None:
    first = built(data)
    (first.path / "dumps" / CHECKSUMS_FILE).unlink()
    change(data)
    with pytest.raises(ReleaseError, match="SHA256SUMS is not readable"):
        built(data, hours=1)
    assert current_release(data.parent / "var").id == first.id
