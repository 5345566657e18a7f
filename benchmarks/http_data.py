"""What the comparison of servers runs on: the peers, a release, its quads as files, the queries."""

from __future__ import annotations

import gzip
import random
import re
import subprocess
import sys
import venv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
from http_answers import SOLUTIONS, TRIPLES
from http_servers import ROOT, SDGPLAN

QUERIES = Path(__file__).resolve().parent / "queries"
PEERS = ("oxigraph", "rdflib-endpoint[cli]")
QUADS_FILE = "quads.nq.gz"
SAMPLE = 200
"""Most constants of a kind that are used."""
_CONSTANTS = {
    "municipality": "SELECT DISTINCT ?x { ?p sp:sdgGoal ?g ; sp:inPlan/sp:municipality ?x }",
    "unit": "SELECT DISTINCT ?x { ?p a sp:Project ; sp:responsibleUnit ?x }",
    "goal": "SELECT DISTINCT ?x { ?p sp:sdgGoal ?x }",
    "graph": "SELECT DISTINCT ?x { GRAPH ?x { ?p a sp:Project } }",
    "word": "SELECT DISTINCT (STR(?n) AS ?x) { ?p a sp:Project ; skos:prefLabel ?n }",
}
_PREFIXES = """PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""


@dataclass(frozen=True, slots=True)
class Query:
    """A query of `queries/`: its text still has __CONSTANT__ and __N__."""

    name: str
    title: str
    text: str
    is_heavy: bool
    constant: str | None
    gives_some: bool
    """Whether any rows of the whole answer are right: a LIMIT without an order."""

    @property
    def accept(self) -> str:
        return TRIPLES if "CONSTRUCT" in self.text else SOLUTIONS

    def with_constant(self, constant: str) -> str:
        return self.text.replace("__CONSTANT__", constant)


@dataclass(frozen=True, slots=True)
class Release:
    """A release, its quads as files, and the constants that occur in it."""

    var: Path
    store: Path
    files: dict[str, Path]
    quads: int
    triples: int
    constants: dict[str, list[str]]

    @property
    def is_in_memory(self) -> bool:
        return (self.store / QUADS_FILE).is_file()


def read_queries() -> list[Query]:
    """The queries in order of their names."""
    return [_read_query(path) for path in sorted(QUERIES.glob("*.rq"))]


def _read_query(path: Path) -> Query:
    text = path.read_text("utf-8")
    notes = dict(re.findall(r"^# (\w+): (.+)$", text, re.MULTILINE))
    return Query(
        name=path.stem,
        title=text.splitlines()[0].removeprefix("# "),
        text="\n".join(line for line in text.splitlines() if not line.startswith("#")),
        is_heavy=notes["load"] == "heavy",
        constant=notes.get("constant"),
        gives_some=notes.get("rows") == "some",
    )


def peer_binaries(work: Path) -> Path:
    """The folder with the peers' commands; they are installed from the package index if missing."""
    folder = work / "peers"
    binaries = folder / "bin"
    if not (binaries / "oxigraph").exists() or not (binaries / "rdflib-endpoint").exists():
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(binaries / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
        done = subprocess.run([*pip, *PEERS], capture_output=True, text=True, timeout=600)
        if done.returncode:
            sys.exit(f"The peers cannot be installed: {done.stderr[-2000:]}")
    return binaries


def make_release(work: Path, municipalities: int) -> Release:
    """Generate plans, build a release of them, and write its quads; kept parts are used again."""
    folder = work / f"release-{municipalities}"
    var = folder / "var"
    if not (var / "current").exists():
        generate = [sys.executable, str(ROOT / "examples" / "generate.py")]
        build = ["build", "--out", str(var), "--validator", "shacl", "--jobs", "2"]
        for command in (
            [*generate, "--municipalities", str(municipalities), str(folder / "data")],
            [*SDGPLAN, *build, "--data", str(folder / "data")],
        ):
            subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=900)
    store = (var / "current").resolve() / "store"
    engine = _open(store)
    files, quads = _write_quads(engine, folder)
    distinct = "SELECT (COUNT(*) AS ?x) { SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } }"
    (triples,) = _values(engine, distinct)
    constants = {kind: _constants(engine, kind) for kind in _CONSTANTS}
    return Release(var, store, files, quads, int(triples), constants)


def _open(store: Path) -> ox.Store:
    # as kg/store.py keeps it: a file below its limit, an on-disk store above
    if not (store / QUADS_FILE).is_file():
        return ox.Store.read_only(str(store))
    engine = ox.Store()
    with gzip.open(store / QUADS_FILE) as quads:
        engine.bulk_load(quads, ox.RdfFormat.N_QUADS)
    return engine


def _values(engine: ox.Store, query: str) -> list[str]:
    solutions = engine.query(_PREFIXES + query, use_default_graph_as_union=True)
    return [solution["x"].value for solution in solutions]


def _write_quads(engine: ox.Store, folder: Path) -> tuple[dict[str, Path], int]:
    # every named graph, and the triples of all of them
    files = {"quads": folder / "quads.nq", "merge": folder / "merge.nt"}
    count = 0
    with files["quads"].open("wb") as quads, files["merge"].open("wb") as merge:
        for graph in engine.named_graphs():
            triples = engine.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=graph)
            count += triples.count(b"\n")
            merge.write(triples)
            quads.write(triples.replace(b" .\n", f" {graph} .\n".encode()))
    return files, count


def _constants(engine: ox.Store, kind: str) -> list[str]:
    # the same every time: sorted, then drawn with a fixed seed
    found = sorted(_values(engine, _CONSTANTS[kind]))
    if kind == "word":
        pairs = Counter(name[at : at + 2] for name in found for at in range(len(name) - 1))
        found = sorted(word for word, times in pairs.items() if 3 <= times <= 60)
    return random.Random(1).sample(found, min(len(found), SAMPLE))
