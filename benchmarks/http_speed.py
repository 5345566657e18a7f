"""How fast is our SPARQL endpoint against Oxigraph, rdflib-endpoint and Virtuoso?

    .venv/bin/python benchmarks/http_speed.py [--small] [--work FOLDER]

One run on about a million quads of made-up plans: eight queries of researchers (queries/), each
with a constant that changes and a number that is another one in every request, so that no cache
of answers helps anyone; one client and eight. First every server has to give the same answers.
Then the servers take turns, cell by cell, for some rounds; a rate is the median of its rounds.
Afterwards: what a hit in our cache saves, and what light queries notice while endless queries are
killed. Printed are rates, ratios, their geometric means beside the goals, versions, and a spin
check before and after: cores come and go, so only ratios of one run can be compared.

The peers are installed into a folder of their own (pip); Virtuoso has to be there (Debian:
virtuoso-opensource), without it the rest runs. With --work data and peers are kept for the next
run, --beside measures another version of ours as well, --small adds a table for a smaller release
beside Oxigraph in memory.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from http_compare import floor, measure
from http_data import Query, Release, make_release, peer_binaries, read_queries
from http_extras import cache_gain, light_beside_runaway
from http_report import print_goals, print_rates
from http_servers import OxigraphDisk, OxigraphMemory, RdflibEndpoint, Sdgplan, Server
from http_virtuoso import Virtuoso

MUNICIPALITIES, SMALL_MUNICIPALITIES = 70, 30
"""Two plans each: a million quads, and fewer than half of that."""
SPIN_S = 0.5


def main() -> None:
    given = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that every server is ended
    started = time.monotonic()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"spin check before: {spin_check()}", flush=True)
    with contextlib.ExitStack() as stack:
        folder = given.work or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        work = folder.resolve()
        work.mkdir(parents=True, exist_ok=True)
        queries = [q for q in read_queries() if q.name in (given.only or q.name)]
        million(work, queries, given)
        if given.small:
            small(work, queries, given)
    print(f"\nspin check after: {spin_check()}; {time.monotonic() - started:.0f} s in all")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--small", action="store_true", help="a second table: a smaller release")
    parser.add_argument("--work", type=Path, help="folder to keep data and peers in")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.2, help="of a cell in a round (1.2)")
    parser.add_argument("--beside", type=Path, help="folder of another sdgplan, as one more peer")
    parser.add_argument("--only", nargs="+", metavar="QUERY", help="such as q2 q5")
    return parser.parse_args()


def million(work: Path, queries: Sequence[Query], given: argparse.Namespace) -> None:
    """The main table, the cache, and the endless query."""
    binaries = peer_binaries(work)
    release = make_release(work, MUNICIPALITIES)
    ours = Sdgplan(work / "sdgplan", release.var)
    disk = OxigraphDisk(work / "oxigraph", binaries, release.store)
    memory = OxigraphMemory(work / "oxigraph-mem", binaries, release.files)
    slow = RdflibEndpoint(work / "rdflib", binaries, release.files)
    servers: list[Server] = [ours, disk, memory]
    if Virtuoso.is_installed():
        servers.append(Virtuoso(work / "virtuoso", release.files))
    else:
        print(f"virtuoso is left out: it is not installed (Debian: {Virtuoso.PACKAGE}).")
    if given.beside:
        other = Sdgplan(work / "other", release.var, given.beside.resolve())
        other.name = "other"
        servers.append(other)
    with contextlib.ExitStack() as stack:
        stack.enter_context(slow)  # it loads while the others start
        for server in servers:
            stack.enter_context(server)
        slow.wait()
        compare([*servers, slow], queries, release, given)
        by_name = {query.name: query for query in read_queries()}
        cache_gain(ours, by_name, release)
        light_beside_runaway(ours, by_name, release)


def small(work: Path, queries: Sequence[Query], given: argparse.Namespace) -> None:
    """The second table: a smaller release."""
    release = make_release(work, SMALL_MUNICIPALITIES)
    ours = Sdgplan(work / "sdgplan", release.var)
    memory = OxigraphMemory(work / "oxigraph-mem", peer_binaries(work), release.files)
    with ours, memory:
        compare([ours, memory], queries, release, given)


def compare(
    servers: Sequence[Server],
    queries: Sequence[Query],
    release: Release,
    given: argparse.Namespace,
) -> None:
    """Measure, and print rates and goals."""
    ours = servers[0]
    assert isinstance(ours, Sdgplan)
    place = "from memory" if ours.is_in_memory() else "from disk"
    print(f"\n{release.quads:,} quads in named graphs, {release.triples:,} triples in their "
          f"merge; sdgplan serves them {place}.")  # fmt: skip
    for server in servers:
        print(f"  {server.name}: {server.version()}")
    most = floor(servers[1], given.seconds)
    print("The clients take a page of oxigraph at most "
          + ", ".join(f"{rate:,.0f} times a second (clients: {clients})"
                      for clients, rate in most.items()) + ".", flush=True)  # fmt: skip
    rates = measure(queries, servers, release, given.rounds, given.seconds)
    names = [server.name for server in servers]
    print_rates(queries, names, rates)
    print_goals(queries, names, rates, "oxigraph-mem" if release.is_in_memory else "oxigraph")


def spin_check() -> str:
    """How much more two processes count than one: 2.0 where two cores are free."""
    with multiprocessing.get_context("fork").Pool(2) as pool:
        alone = pool.map(_spin, [SPIN_S])[0]
        both = sum(pool.map(_spin, [SPIN_S] * 2, chunksize=1))
    return f"{alone / SPIN_S / 1e6:.1f} M counts a second, two processes {both / alone:.2f} times"


def _spin(seconds: float) -> int:
    count, until = 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        count += 1
    return count


if __name__ == "__main__":
    main()
