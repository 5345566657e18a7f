"""`sdgplan export`: all plans as tables that fit together, and what it refuses to overwrite."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from rdflib import Graph
from rdflib.compare import to_isomorphic

from kg.errors import WrongUse
from kg.export import export
from kg.pipeline import Options, build
from kg.release import Release, current_release, verify
from kg.settings import Settings
from kg.vocab import RDF, SP
from tests.conftest import NOW, ROOT
from tests.pipeline.csv_on_the_web import Values, read_metadata, read_table, triples_of
from tests.test_cli import sdgplan

ROWS = {
    "projects": 78, "units": 55, "targets": 53, "counts": 100, "links": 8,
    "budgets": 5, "indicators": 7, "achievements": 4,
}  # fmt: skip
FILES = {
    "SHA256SUMS", "all.ttl", "csv-metadata.json",
    *(f"{name}.csv{end}" for name in ROWS for end in ("", "-metadata.json")),
}  # fmt: skip
FIRST_FILES = "achievements.csv, achievements.csv-metadata.json, all.ttl"


@pytest.fixture(scope="module")
def release(two_cities: Path) -> Release:
    return current_release(two_cities)


@pytest.fixture(scope="module")
def folder(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of both cities."""
    folder = tmp_path_factory.mktemp("export") / "new" / "folder"
    assert export(release, folder) == ROWS
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def tables(folder: Path) -> dict[str, list[Values]]:
    """The tables as the metadata of the group describe them."""
    group = json.loads((folder / "csv-metadata.json").read_text(encoding="utf-8"))
    return {
        table["url"].removesuffix(".csv"): read_table(folder / table["url"], table)
        for table in group["tables"]
    }


def test_an_export_has_these_files_and_their_sums(folder: Path) -> None:
    assert set(contents(folder)) == FILES
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert [line.split("  ")[1] for line in lines] == sorted(FILES - {"SHA256SUMS"})


def test_each_table_is_as_both_metadata_say(folder: Path) -> None:
    found = tables(folder)
    assert {name: len(rows) for name, rows in found.items()} == ROWS
    for name, rows in found.items():
        assert read_table(folder / f"{name}.csv") == rows
        assert {row["municipality_code"][0] for row in rows} <= {"072036", "990019"}
        described = read_metadata(folder / f"{name}.csv")["tableSchema"]
        assert "foreignKeys" not in described


def test_the_foreign_keys_of_the_group_hold(folder: Path) -> None:
    group = json.loads((folder / "csv-metadata.json").read_text(encoding="utf-8"))
    found, checked = tables(folder), []
    for table in group["tables"]:
        name = table["url"].removesuffix(".csv")
        for key in table["tableSchema"].get("foreignKeys", []):
            (own,), (theirs,) = key["columnReference"], key["reference"]["columnReference"]
            other = key["reference"]["resource"].removesuffix(".csv")
            known = [row[theirs] for row in found[other]]
            assert all(known.count(row[own]) == 1 for row in found[name])
            checked.append((name, own, other))
    assert checked == [
        ("projects", "unit", "units"), ("targets", "project", "projects"),
        ("links", "project", "projects"), ("budgets", "project", "projects"),
        ("indicators", "project", "projects"), ("achievements", "project", "projects"),
    ]  # fmt: skip
    parents = [row["parent"] for row in found["units"] if row["parent"]]
    assert all(parent in [row["unit"] for row in found["units"]] for parent in parents)


def test_the_tables_say_nothing_that_the_turtle_does_not(folder: Path, release: Release) -> None:
    known = Graph().parse(folder / "all.ttl")
    dumps = sorted(release.path.glob("dumps/*/*/*/plan.ttl"))
    assert len(dumps) == 2
    both = Graph()
    for path in [*dumps, *release.path.glob("dumps/*/*/*/candidate.ttl")]:
        both.parse(path)
    assert to_isomorphic(known) == to_isomorphic(both)
    known.parse(release.path / "dumps" / "vocabulary.ttl")
    group = json.loads((folder / "csv-metadata.json").read_text(encoding="utf-8"))
    found = tables(folder)
    for table in group["tables"]:
        rows = found[table["url"].removesuffix(".csv")]
        assert [t for t in triples_of(rows, table) if t not in known] == []
    assert len(found["targets"]) == len(set(known.subjects(RDF.type, SP.PlannedTarget)))
    links = set(known.subjects(RDF.type, SP.SdgLink))
    estimates = set(known.subjects(SP.basis, SP["basis-inferred"]))
    assert len(found["links"]) == len(links - estimates)


def test_an_earlier_export_is_replaced_and_the_same(release: Release, folder: Path) -> None:
    before = contents(folder)
    (folder / ".export-stopped").mkdir()  # what a killed one left
    export(release, folder)
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda folder: (folder / "notes.txt").write_text("mine"), "notes.txt"),
        (lambda folder: (folder / "units.csv").write_text("mine"), "units.csv"),
        (lambda folder: (folder / "more").mkdir(), "more"),
        (lambda folder: (folder / "SHA256SUMS").write_bytes(b"\xff\n"), FIRST_FILES),
        (lambda folder: (folder / "SHA256SUMS").unlink(), FIRST_FILES),
    ],
)  # fmt: skip
def test_nothing_of_another_is_overwritten(
    release: Release, folder: Path, tmp_path: Path, change: object, found: str
) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(folder, mine)
    assert callable(change)
    change(mine)
    before = {path.name for path in mine.iterdir()}
    with pytest.raises(WrongUse) as refused:
        export(release, mine)
    assert str(refused.value) == (
        f"{mine} is not empty, and is not an earlier export as it was written.\n"
        f"  Found: {found}. Expected: no files but those of an export, as its SHA256SUMS lists "
        "them.\n"
        "  Fix: name another folder, or move these files away."
    )
    assert {path.name for path in mine.iterdir()} == before


def test_a_unit_of_two_years_is_one_row(tmp_path: Path) -> None:
    for year in ("2020", "2021"):
        plan = ROOT / "examples" / "plans" / f"tameshishi-0003-{year}"
        shutil.copytree(plan, tmp_path / "data" / "plans" / plan.name)
    var = tmp_path / "var"
    build(tmp_path / "data", var, Settings(), NOW, Options(validator="shacl"))
    rows = export(current_release(var), tmp_path / "out")
    found = tables(tmp_path / "out")  # in which no key is there twice
    assert len(found["projects"]) == rows["projects"] == 28
    of_year = [
        {tuple(row["unit"]) for row in found["projects"] if row["fiscal_year"] == [year]}
        for year in ("2020", "2021")
    ]
    assert of_year[0] & of_year[1]
    assert of_year[0] | of_year[1] <= {tuple(row["unit"]) for row in found["units"]}


def test_a_withdrawn_plan_is_not_exported(release: Release, tmp_path: Path) -> None:
    plans = [dict(entry) for entry in release.manifest["plans"]]
    plans[0]["status"] = "withdrawn"
    without = Release(release.path, release.id, release.created, {"plans": plans})
    assert export(without, tmp_path / "out")["projects"] == 6


def test_the_command_tells_what_it_wrote(two_cities: Path, tmp_path: Path) -> None:
    done = sdgplan("export", "out", "--out", two_cities, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [f"out/{name}.csv  {rows} rows" for name, rows in ROWS.items()]
    assert done.stdout.splitlines() == [*lines, "out/all.ttl"]
    assert verify(current_release(two_cities)) == []


def test_the_command_refuses_with_one_message(two_cities: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for arguments, words in (
        (("export", "file", "--out", two_cities), "file cannot be written to: File exists."),
        (("export", "new", "--out", "none"), "none has no release yet. Fix: run sdgplan build."),
    ):
        done = sdgplan(*arguments, folder=tmp_path)
        assert (done.returncode, done.stdout, done.stderr.strip()) == (2, "", words)
    assert sdgplan("export", folder=tmp_path).returncode == 2
