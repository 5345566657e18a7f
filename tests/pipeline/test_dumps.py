"""Dumps as files: which there are, what is told of them, packed and summed up."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import zlib
from decimal import Decimal
from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef

import kg.dumps
from kg.dumps import (
    MEMBERS_FILE,
    checksums,
    compressed,
    write_all,
    write_checksums,
    write_plan_dumps,
    write_shared_dump,
)
from kg.estimates import Cell, CellBasis, Estimate
from kg.iris import PlanIris
from kg.vocab import DCTERMS, RDF, SDG, SP
from kg.writers import Triple, canonical_hash
from tests.conftest import NeedsDebian

IRIS = PlanIris("https://w3id.org/jp-sdgplan/id/", "012343", "rei", 2024)
BASE = "https://w3id.org/jp-sdgplan/id/012343/plan/rei/2024"


def graphs_of(iris: PlanIris, *, candidate: bool) -> dict[str, list[Triple]]:
    project = iris.project("1")
    graphs: dict[str, list[Triple]] = {
        "source": [(project, RDF.type, SP.Project), (project, SP.inPlan, iris.plan)],
        "links": [(project, SP.statedSdgGoal, SDG["11"])],
        "report": [(iris.graph("report"), DCTERMS.title, Literal("検証", lang="ja"))],
    }
    if candidate:
        graphs["candidate"] = [(project, SP.candidateSdgGoal, SDG["3"])]
    return graphs


def estimate_of(project: str) -> Estimate:
    cell = Cell(project, 3, CellBasis.INFERRED, Decimal("0.25"), True, words=("健康",))
    return Estimate((cell,), (), "0" * 64)


ESTIMATE = estimate_of("1")


def test_a_plan_has_its_files_and_each_triple_its_graph(tmp_path: Path) -> None:
    graphs = graphs_of(IRIS, candidate=True)
    written = write_plan_dumps(tmp_path, IRIS, graphs, estimate=ESTIMATE)
    folder = tmp_path / "012343" / "rei" / "2024"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"{kind}.{form}"
        for kind in ("plan", "source", "links", "report", "candidate")
        for form in (
            *("ttl", "ttl.gz", "nq", "nq.gz", "jsonld", "jsonld.gz", "csv", "csv.gz"),
            "csv-metadata.json",
        )
    )
    assert written.files == {
        path.name: {
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in folder.iterdir()
    }
    assert written.graphs == {
        kind: {"triples": len(triples), "rdfc10": canonical_hash(triples)}
        for kind, triples in graphs.items()
    }
    project = IRIS.project("1")
    assert (folder / "plan.nq").read_text(encoding="utf-8") == (
        f"<{project}> <{RDF.type}> <{SP.Project}> <{BASE}/graph/source> .\n"
        f"<{project}> <{SP.inPlan}> <{BASE}> <{BASE}/graph/source> .\n"
        f"<{project}> <{SP.statedSdgGoal}> <{SDG['11']}> <{BASE}/graph/links> .\n"
    )
    assert (
        (folder / "plan.ttl")
        .read_text(encoding="utf-8")
        .endswith(
            f"<{project}> a sp:Project ;\n    sp:inPlan <{BASE}> ;\n    sp:statedSdgGoal sdg:11 .\n"
        )
    )
    for path in folder.glob("*.gz"):
        assert gzip.decompress(path.read_bytes()) == path.with_suffix("").read_bytes()


@pytest.mark.parametrize("candidate", [False, True])
def test_without_candidates_there_is_no_candidate_file(tmp_path: Path, candidate: bool) -> None:
    graphs = graphs_of(IRIS, candidate=candidate)
    kept = graphs if candidate else {**graphs, "candidate": []}
    write_plan_dumps(tmp_path, IRIS, kept, estimate=ESTIMATE if candidate else None)
    assert (tmp_path / "012343/rei/2024/candidate.ttl").is_file() == candidate


def members(data: bytes) -> list[bytes]:
    """The texts of a row of gzip members."""
    texts = []
    while data:
        reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
        texts.append(reader.decompress(data) + reader.flush())
        data = reader.unused_data
    return texts


def test_all_has_one_member_per_plan_in_the_order_of_the_folders(
    tmp_path: Path, needs_debian: NeedsDebian
) -> None:
    dumps = tmp_path / "dumps"
    later = PlanIris(IRIS.base_iri, "012343", "rei", 2025)
    other = PlanIris(IRIS.base_iri, "100005", "rei", 2021)
    for iris in (other, later, IRIS):
        write_plan_dumps(dumps, iris, graphs_of(iris, candidate=iris is later), estimate=ESTIMATE)
    vocabulary = URIRef(f"{IRIS.base_iri}graph/vocabulary")
    write_shared_dump(dumps, "vocabulary", [(SP.Plan, RDF.type, SP.Plan)], vocabulary)
    write_all(dumps)
    folders = [dumps / "012343/rei/2024", dumps / "012343/rei/2025"]
    folders.append(dumps / "100005/rei/2021")
    plans = {form: [(f / f"plan.{form}").read_bytes() for f in folders] for form in ("ttl", "nq")}
    for form, texts in plans.items():
        texts[1] += (folders[1] / f"candidate.{form}").read_bytes()
    assert members((dumps / "all.ttl.gz").read_bytes()) == plans["ttl"]
    assert members((dumps / "all.nq.gz").read_bytes()) == [
        (dumps / "vocabulary.nq").read_bytes(),
        *plans["nq"],
    ]
    whole = gzip.decompress((dumps / "all.ttl.gz").read_bytes())
    assert len(Graph().parse(data=whole, format="turtle")) == 10
    (dumps / "all.ttl").write_bytes(whole)
    rapper = needs_debian("rapper", "raptor2-utils")
    done = subprocess.run(
        [rapper, "--input", "turtle", "--count", dumps / "all.ttl"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Parsing returned 10 triples" in done.stderr


@pytest.mark.parametrize("damage", ["none", "file", "index", "candidate"])
def test_a_member_with_candidates_is_that_of_the_last_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    folders = [tmp_path / name / "dumps" for name in ("last", "next")]
    for dumps in folders:
        for year in (2024, 2025):
            iris = PlanIris(IRIS.base_iri, "012343", "rei", year)
            write_plan_dumps(dumps, iris, graphs_of(iris, candidate=True), estimate=ESTIMATE)
    write_all(folders[0])
    before = (folders[0] / "all.nq.gz").read_bytes()
    if damage == "file":
        (folders[0] / "all.nq.gz").write_bytes(b"?" + before[1:])
    elif damage == "index":
        (folders[0].parent / MEMBERS_FILE).write_text("?", encoding="utf-8")
    elif damage == "candidate":
        changed = folders[1] / "012343/rei/2024/candidate.nq"
        changed.write_bytes(changed.read_bytes() * 2)
    made: list[int] = []
    real = kg.dumps.compressed
    monkeypatch.setattr(kg.dumps, "compressed", lambda data: made.append(len(data)) or real(data))
    write_all(folders[1], last=folders[0])
    after = (folders[1] / "all.nq.gz").read_bytes()
    assert len(made) == {"none": 0, "file": 1, "index": 4, "candidate": 1}[damage]
    if damage == "candidate":
        names = ("plan.nq", "candidate.nq")
        folder = folders[1] / "012343/rei/2024"
        assert members(after)[0] == b"".join((folder / name).read_bytes() for name in names)
        assert members(after)[1] == members(before)[1]
    else:
        assert after == before
        index = (folders[1].parent / MEMBERS_FILE).read_text(encoding="utf-8")
        for start, length, digest in json.loads(index).values():
            texts = [(folders[1] / f"all.{form}.gz").read_bytes() for form in ("ttl", "nq")]
            sums = [hashlib.sha256(text[start : start + length]).hexdigest() for text in texts]
            assert digest in sums


def test_gzip_members_hold_no_time_no_name_and_no_system() -> None:
    data = compressed(b"plan")
    assert data[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    assert gzip.decompress(data) == b"plan"


def test_checksums_are_sorted_and_sha256sum_reads_them(tmp_path: Path) -> None:
    dumps = tmp_path / "dumps"
    write_plan_dumps(dumps, IRIS, graphs_of(IRIS, candidate=True), estimate=ESTIMATE)
    write_all(dumps)
    write_checksums(dumps)
    lines = (dumps / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    names = [line.split("  ")[1] for line in lines]
    assert names == sorted(names)
    assert len(names) == 47
    assert checksums(dumps) == {line.split("  ")[1]: line.split("  ")[0] for line in lines}
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=dumps, check=False
    )
    assert done.returncode == 0


def test_known_checksums_are_not_computed_again(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_bytes(b"a")
    (tmp_path / "b.ttl").write_bytes(b"b")
    write_checksums(tmp_path, {"a.ttl": "0" * 64, "gone.ttl": "1" * 64})
    of_b = hashlib.sha256(b"b").hexdigest()
    text = (tmp_path / "SHA256SUMS").read_text(encoding="utf-8")
    assert text == f"{'0' * 64}  a.ttl\n{of_b}  b.ttl\n"
