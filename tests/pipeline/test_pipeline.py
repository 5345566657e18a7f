"""Builds of real folders: what is published, what is refused, what stays, and the same bytes."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph

from kg.errors import WrongUse
from kg.pipeline import Options, Outcome, build
from kg.release import current_release, verify
from kg.settings import Settings
from kg.store import open_release
from tests.pipeline.documents import TEXT, with_cell

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
QUICK = Options(validator="shacl")
KORIYAMA_DUMP = "072036/kyodo-2/2021/plan.nq"


def built(data: Path, options: Options = QUICK) -> Outcome:
    return build(data, data.parent / "var", Settings(), NOW, options)


def served(data: Path) -> Path:
    return current_release(data.parent / "var").path


def damage(data: Path) -> None:
    document = with_cell(79, 4, " ")
    (data / "plans" / "koriyama-2021" / "plan.md").write_text(document, encoding="utf-8")


def codes(outcome: Outcome) -> list[tuple[str, int | None]]:
    return [(problem.code, problem.origin.line) for problem in outcome.problems]


def test_a_release_holds_dumps_store_and_manifest(data: Path) -> None:
    outcome = built(data)
    assert outcome.release is not None
    assert verify(outcome.release) == []
    manifest = json.loads((served(data) / "release.json").read_text(encoding="utf-8"))
    assert [entry["name"] for entry in manifest["plans"]] == ["koriyama-2021", "reishi-2021"]
    koriyama, reishi = manifest["plans"]
    assert (koriyama["projects"], koriyama["published_links"], koriyama["goals"]) == (72, 121, 13)
    assert koriyama["bases"] == {"count-only": 72}
    assert koriyama["warnings"] == {"C14": 72}
    assert reishi["links"] == {"stated": 7, "curated": 1}
    assert reishi["bases"] == {"curated": 1, "stated": 5}
    store = open_release(served(data))
    assert store.quad_count() == manifest["quads"]
    base = "https://w3id.org/jp-sdgplan/id/"
    assert store.graph_names() == sorted(
        [f"{base}graph/{name}" for name in ("catalog", "statistics", "vocabulary")]
        + [
            f"{base}{plan}/graph/{kind}"
            for plan in ("072036/plan/kyodo-2/2021", "990019/plan/kyodo/2021")
            for kind in ("source", "links", "report")
        ]
        # 例市 states its links, or a person decided them: nothing is estimated
        + [f"{base}072036/plan/kyodo-2/2021/graph/candidate"]
    )


def test_the_manifest_tells_every_file_and_graph_of_a_plan(data: Path) -> None:
    built(data)
    manifest = json.loads((served(data) / "release.json").read_text(encoding="utf-8"))
    for entry in manifest["plans"]:
        folder = served(data) / "dumps" / entry["code"] / entry["slug"] / str(entry["year"])
        assert entry["files"] == {
            path.name: {
                "bytes": path.stat().st_size,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            }
            for path in folder.iterdir()
        }
        estimated = ["candidate"] if entry["code"] == "072036" else []
        assert [*entry["graphs"]] == ["source", "links", "report", *estimated]
        for kind, graph in entry["graphs"].items():
            # by way of the store's own reader and its implementation of RDFC-1.0
            dataset = ox.Dataset(ox.parse(path=str(folder / f"{kind}.ttl")))
            dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
            lines = sorted(f"{q.subject} {q.predicate} {q.object} .\n" for q in dataset)
            digest = hashlib.sha256("".join(lines).encode()).hexdigest()
            assert graph == {"triples": len(lines), "rdfc10": digest}
        assert entry["triples"] == sum(graph["triples"] for graph in entry["graphs"].values())


def test_a_refused_plan_leaves_the_last_release_served(data: Path) -> None:
    built(data)
    before = served(data)
    damage(data)
    outcome = built(data)
    assert codes(outcome) == [("empty-cell", 79)]
    assert (outcome.refused, outcome.release) == (["koriyama-2021"], None)
    assert served(data) == before
    assert list(before.parent.iterdir()) == [before]


def test_a_refused_plan_keeps_its_last_version_while_others_are_published(data: Path) -> None:
    built(data)
    old = (served(data) / "dumps" / KORIYAMA_DUMP).read_bytes()
    damage(data)
    settings = data / "plans" / "reishi-2021" / "plan.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('version = "1"', 'version = "2"'), encoding="utf-8")
    outcome = built(data)
    assert outcome.refused == ["koriyama-2021"]
    assert outcome.release is not None
    assert [(e["name"], e["version"]) for e in outcome.release.manifest["plans"]] == [
        ("koriyama-2021", "1"), ("reishi-2021", "2")
    ]  # fmt: skip
    assert (served(data) / "dumps" / KORIYAMA_DUMP).read_bytes() == old
    assert verify(outcome.release) == []


def test_nothing_of_a_plan_refused_at_first_is_written(data: Path) -> None:
    damage(data)
    outcome = built(data)
    assert outcome.refused == ["koriyama-2021"]
    assert not (served(data) / "dumps" / "072036").exists()
    assert "072036" not in "".join(open_release(served(data)).graph_names())


def test_in_strict_builds_one_refusal_means_no_release(data: Path) -> None:
    damage(data)
    outcome = built(data, dataclasses.replace(QUICK, strict=True))
    assert (outcome.refused, outcome.release) == (["koriyama-2021"], None)
    assert list((data.parent / "var" / "releases").iterdir()) == []


def test_only_refused_plans_make_no_release(data: Path) -> None:
    shutil.rmtree(data / "plans" / "reishi-2021")
    damage(data)
    outcome = built(data)
    assert (outcome.refused, outcome.release, outcome.entries) == (["koriyama-2021"], None, [])
    assert list((data.parent / "var" / "releases").iterdir()) == []


def test_an_unchanged_folder_makes_no_new_release(data: Path) -> None:
    first = built(data).release
    outcome = built(data)
    assert outcome.unchanged
    assert first is not None
    assert served(data) == first.path


def test_an_unchanged_plan_is_linked_not_built_again(data: Path) -> None:
    built(data)
    old = (served(data) / "dumps" / KORIYAMA_DUMP).stat().st_ino
    settings = data / "plans" / "reishi-2021" / "plan.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('version = "1"', 'version = "2"'), encoding="utf-8")
    done: list[str] = []
    build(data, data.parent / "var", Settings(), NOW, QUICK, done.append)
    assert done == ["reishi-2021"]
    assert (served(data) / "dumps" / KORIYAMA_DUMP).stat().st_ino == old


def test_changed_content_needs_a_new_version(data: Path) -> None:
    built(data)
    document = data / "plans" / "koriyama-2021" / "plan.md"
    document.write_text(TEXT + "\n追記\n", encoding="utf-8")
    outcome = built(data)
    (problem,) = outcome.problems
    assert str(problem) == (
        f"{data}/plans/koriyama-2021/plan.toml: "
        "the plan's content changed under an unchanged version. [version-unchanged]\n"
        '  Found: version = "1". Expected: a new [dataset] version for new content.\n'
        "  Fix: raise version and set modified to today."
    )


def test_a_vanished_plan_is_a_problem_until_it_is_withdrawn(data: Path) -> None:
    built(data)
    shutil.rmtree(data / "plans" / "reishi-2021")
    outcome = built(data)
    assert [problem.code for problem in outcome.problems] == ["plan-vanished"]
    assert "withdraw reishi-2021" in outcome.problems[0].fix
    assert (served(data) / "dumps" / "990019").exists()
    outcome = built(data, dataclasses.replace(QUICK, withdraw=("reishi-2021",)))
    assert outcome.problems == []
    assert not (served(data) / "dumps" / "990019").exists()
    assert "990019" not in "".join(open_release(served(data)).graph_names())
    assert outcome.release is not None
    entry = outcome.release.manifest["plans"][1]
    assert (entry["name"], entry["status"], entry["withdrawn"]) == (
        "reishi-2021", "withdrawn", "2026-11-24"
    )  # fmt: skip
    assert (entry["files"], entry["graphs"]) == ({}, {})
    assert verify(outcome.release) == []
    assert built(data).unchanged
    with pytest.raises(WrongUse, match="is not a published plan whose folder is gone"):
        built(data, dataclasses.replace(QUICK, withdraw=("reishi-2021",)))


def test_a_plan_that_says_it_is_withdrawn_is_listed_without_data(data: Path) -> None:
    built(data)
    settings = data / "plans" / "reishi-2021" / "plan.toml"
    text = settings.read_text(encoding="utf-8").replace('version = "1"', 'version = "2"')
    text += 'status = "withdrawn"\nreason = "架空の理由"\nwithdrawn = 2026-11-24\n'
    settings.write_text(text, encoding="utf-8")
    outcome = built(data)
    assert outcome.problems == []
    assert outcome.release is not None
    entry = outcome.release.manifest["plans"][1]
    assert (entry["status"], entry["reason"]) == ("withdrawn", "架空の理由")
    assert not (served(data) / "dumps" / "990019").exists()
    assert "990019" not in "".join(open_release(served(data)).graph_names())


def test_only_the_chosen_folders_are_built(data: Path) -> None:
    outcome = built(data, dataclasses.replace(QUICK, only="reishi-*"))
    assert [entry["name"] for entry in outcome.entries] == ["reishi-2021"]
    with pytest.raises(WrongUse, match=r"No folder in .* matches nagoya-\*\."):
        built(data, dataclasses.replace(QUICK, only="nagoya-*"))


def test_no_plan_folders_are_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="has no plan folders"):
        build(tmp_path / "data", tmp_path / "var", Settings(), NOW, QUICK)


def contents(release: Path) -> dict[str, str]:
    """Path -> SHA-256 of every file of a release but its manifest."""
    return {
        path.relative_to(release).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(release.rglob("*"))
        if path.is_file() and path.name != "release.json"
    }


SCRIPT = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
os.umask(int(sys.argv[3], 8))
from kg.pipeline import Options, build
from kg import pipeline
from kg.catalog import parts
from kg.settings import Settings
pipeline.MANY_PLANS = parts.MANY = 2  # processes beside this one, as for many plans
outcome = build(Path(sys.argv[1]), Path(sys.argv[2]), Settings(),
                datetime.fromtimestamp(int(sys.argv[4]), UTC),
                Options(validator="shacl", jobs=int(sys.argv[5])))
assert not outcome.problems, outcome.problems
"""


def test_two_builds_have_the_same_bytes_whatever_surrounds_them(data: Path, tmp_path: Path) -> None:
    surroundings = (
        ("0", "UTC", "C", "022", "1795515300", "1"),
        ("4711", "Asia/Tokyo", "ja_JP.UTF-8", "077", "1000000000", "2"),
    )
    found = []
    for n, (seed, zone, locale, umask, clock, jobs) in enumerate(surroundings):
        home = tmp_path / f"another folder {n}"
        shutil.copytree(data, home / "data")
        environment = os.environ | {
            "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "PYTHONPATH": str(ROOT)
        }  # fmt: skip
        subprocess.run(
            [sys.executable, "-c", SCRIPT, "data", "var", umask, clock, jobs],
            cwd=home, env=environment, check=True, timeout=300,
        )  # fmt: skip
        found.append(contents(current_release(home / "var").path))
    assert {name.partition("/")[0] for name in found[0]} == {
        *("catalog.jsonld", "catalog.rdf", "catalog.ttl", "void.ttl", "counts.json"),
        *("search.sqlite", "members.json"),
        *("parts", "dumps", "charts", "store", "documents"),
    }
    assert found[0] == found[1]


def test_dumps_are_read_alike_by_three_readers(
    data: Path, needs_debian: Callable[[str, str], str]
) -> None:
    rapper = needs_debian("rapper", "raptor2-utils")
    built(data)
    for path in sorted((served(data) / "dumps").rglob("*.ttl")):
        text = path.read_bytes()
        counts = {
            len(set(Graph().parse(data=text, format="turtle"))),
            len(set(ox.parse(text, format=ox.RdfFormat.TURTLE))),
            int(
                subprocess.run(
                    [rapper, "-q", "-i", "turtle", "-o", "ntriples", str(path)],
                    capture_output=True, check=True, timeout=60,
                ).stdout.count(b"\n")
            ),
        }  # fmt: skip
        assert len(counts) == 1, path


def test_all_forms_of_a_dump_are_the_same_graph(data: Path) -> None:
    built(data)
    names = [path.with_suffix("") for path in served(data).glob("dumps/*/*/*/*.ttl")]
    names = [name for name in names if name.name != "statistics"]  # no JSON-LD of these
    assert len(names) == 9
    for name in names:
        turtle, quads, linked = (
            {(q.subject, q.predicate, q.object) for q in ox.parse(path=f"{name}.{form}")}
            for form in ("ttl", "nq", "jsonld")
        )
        assert turtle == quads == linked
        # rdflib rewrites times as it reads them, so its graphs are compared with each other
        read = [Graph().parse(f"{name}.{form}") for form in ("ttl", "jsonld")]
        assert set(read[0]) == set(read[1])


def test_a_day_after_the_last_change_is_told_with_its_key(data: Path) -> None:
    plan = data / "plans" / "koriyama-2021" / "plan.toml"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(text.replace("issued = 2026-11-24", "issued = 2026-11-25"), encoding="utf-8")
    outcome = build(data, data.parent / "var", Settings(), NOW, Options(validator="shacl"))
    assert list(map(str, outcome.problems)) == [
        f"{plan}: [dataset] issued is later than the last change of the data. [date-later]\n"
        "  Found: 2026-11-25. Expected: a day up to [dataset] modified, 2026-11-24.\n"
        "  Fix: correct the day, or set modified to the day of the last change."
    ]


@pytest.mark.parametrize(("hour", "is_told"), [(9, True), (10, False)])
def test_a_last_change_in_the_future_is_told_but_published(
    data: Path, hour: int, is_told: bool
) -> None:
    # at 10 o'clock UTC the next day has begun at UTC+14
    now = datetime(2026, 11, 23, hour, tzinfo=UTC)
    options = Options(only="koriyama-2021", validator="shacl")
    outcome = build(data, data.parent / "var", Settings(), now, options)
    assert outcome.release is not None
    note = (
        "koriyama-2021: [dataset] modified is 2026-11-24, which is after the day of this build, "
        "2026-11-23. Correct it in plan.toml, or the clock of this machine."
    )
    assert outcome.notes == ([note] if is_told else [])
