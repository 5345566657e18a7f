"""How fast sorted Turtle is written, against rdflib's serializer on the same graph.

    python benchmarks/turtle.py [PLAN_FOLDER] [RUNS]

rdflib gets a graph that is filled already; ours gets the triples as they come from the mapping
and sorts them. Warm: terms are known from an earlier dump, as when plan.ttl follows source.ttl.
Cold: nothing is known.
"""

from __future__ import annotations

import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from rdflib import Graph

from kg import term_text
from kg.checking import check_plan
from kg.settings import Settings
from kg.vocab import PREFIXES
from kg.writers import turtle

CACHED = type(term_text.iri_text)
ROOT = Path(__file__).resolve().parent.parent


def milliseconds(run: Callable[[], object], before: Callable[[], object], runs: int) -> float:
    """The median over the runs; `before` is not counted."""
    spent = []
    for _ in range(runs):
        before()
        started = time.perf_counter()
        run()
        spent.append((time.perf_counter() - started) * 1000)
    return statistics.median(spent)


def forget() -> None:
    """Empty what is kept of terms."""
    for thing in vars(term_text).values():
        if type(thing) is CACHED:
            thing.cache_clear()


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "data/plans/koriyama-2021"
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 21
    graphs = check_plan(folder, Settings(), "shacl").graphs
    triples = [*graphs["source"], *graphs["links"]]
    graph = Graph()
    for name, iri in PREFIXES.items():
        graph.bind(name, iri)
    for triple in triples:
        graph.add(triple)
    print(f"{platform.platform()}, Python {platform.python_version()}, {platform.processor()}")
    print(", ".join(f"{name} {version(name)}" for name in ("rdflib", "pyoxigraph")))
    print(f"{folder.name}: {len(graph)} triples, {len(turtle(triples))} bytes, {runs} runs")
    theirs = milliseconds(lambda: graph.serialize(format="turtle"), lambda: None, runs)
    warm = milliseconds(lambda: turtle(triples), lambda: None, runs)
    cold = milliseconds(lambda: turtle(triples), forget, runs)
    print(f"rdflib {theirs:.1f} ms")
    print(f"ours, warm {warm:.1f} ms, ratio {theirs / warm:.1f}")
    print(f"ours, cold {cold:.1f} ms, ratio {theirs / cold:.1f}")


if __name__ == "__main__":
    main()
