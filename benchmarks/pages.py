"""How fast are the pages against a static page of the same size from the same server?

    .venv/bin/python benchmarks/pages.py [--large VAR] [--only KIND …] [--work FOLDER]

Two releases are served one after the other: the real plan, and one of a nation of made-up plans
(--large names the var folder of a release that is there already; without it 1,741 municipalities
are generated and built, which takes some minutes). Files of the pages' sizes are put beside the
dumps of a copy of the release (hard links). Per kind of page as many different ones as there are,
up to REQUESTS, are asked for once (first visits) and then REQUESTS times in turn, each followed by
the static file of its size, over one kept connection, without compression. Pages that a plan does
not have, such as changes where nothing changed, are left out. Printed are the p95 and
their ratios to that of the static files, beside the goals: 3 x static on the real plan, 2 x that
again with the nation, for pages that were asked for before; first visits have to be made and are
printed for what they are. Cores come and go, so only ratios of one run can be compared.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from http_client import HOST, fetch, is_complete, request_of
from http_servers import ROOT, SDGPLAN, Sdgplan

MUNICIPALITIES = 1741
REQUESTS = 60
WAIT_S = 120
"""How long an answer may take, in seconds: the first visit of a page that counts much."""
GOAL, GOAL_NATION = 3.0, 6.0
STATIC = "dumps/pages-benchmark"
JSON = "application/sparql-results+json"
PREFIXES = """PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
PREFIX org: <http://www.w3.org/ns/org#>
"""
OF_RELEASE = {
    "start": [""],
    "goals": ["goals"],
    "goal": [f"goals/{goal}" for goal in range(1, 18)],
    "quality": ["quality"],
    "ns": ["ns"],
    "shapes": ["shapes"],
    "sparql": ["sparql"],
    "accessibility": ["accessibility"],
    "queries": ["queries"],
    "query": ["queries/cq16", "queries/cq17", "queries/cq18"],
    "guides": ["guides", "guides/query"],
}
OF_PLAN = {
    "plan": "{doc}",
    "plan, filtered": "{doc}?policy=2&sort=unit",
    "basic plan": "{basic}",
    "municipality": "{city}",
    "policy": "{basic}/policy/1",
    "change": "{doc}/change/1",
    "observation": "{doc}/cube/sdg-goal/11",
    "changes": "changes/{folder}",
    "report": "report/{folder}",
    "compare": "compare?m={code}",
}
FOUND = {
    "project": "?x a sp:Project ; sp:inPlan ?plan",
    "unit": "?p a sp:Project ; sp:inPlan ?plan ; sp:responsibleUnit ?x",
    "target": "?p a sp:Project ; sp:inPlan ?plan ; sp:target ?x",
    "continuing": "?p a sp:Project ; sp:inPlan ?plan ; sp:continuingProject ?x",
    "source": "?plan <http://www.w3.org/ns/prov#wasDerivedFrom> ?x",
    "link": "?p a sp:Project ; sp:inPlan ?plan . ?x sp:linkedProject ?p",
}


@dataclass(slots=True)
class Times:
    """Latencies in seconds of the pages of a kind, and of the static files of their sizes."""

    first: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)
    static: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def p95(self, of: str) -> float:
        ordered = sorted(getattr(self, of))
        return float(1000 * ordered[min(int(0.95 * len(ordered)), len(ordered) - 1)])

    def ratio(self, of: str = "page") -> float:
        return self.p95(of) / self.p95("static")


def main() -> None:
    given = arguments()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with contextlib.ExitStack() as stack:
        folder = given.work or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        work = folder.resolve()
        work.mkdir(parents=True, exist_ok=True)
        real = measure(built(work / "real", ROOT / "data"), work, given.only)
        nation_var = given.large or nation(work / "nation", given.municipalities)
        nation_times = measure(nation_var, work, given.only)
    report(real, nation_times)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--large", type=Path, help="var folder of the release with many plans")
    parser.add_argument("--municipalities", type=int, default=MUNICIPALITIES, help="to generate")
    parser.add_argument("--only", nargs="+", metavar="KIND", help="such as plan project")
    parser.add_argument("--work", type=Path, help="folder to keep releases in")
    return parser.parse_args()


def built(var: Path, data: Path) -> Path:
    """The var folder of a release of the data; kept from an earlier run if it is there."""
    if not (var / "current").exists():
        command = [*SDGPLAN, "build", "--data", str(data), "--out", str(var)]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return var


def nation(work: Path, municipalities: int) -> Path:
    """The var folder of a release of made-up plans beside the real one."""
    data = work / "data"
    if not data.exists():
        generate = ROOT / "examples" / "generate.py"
        command = [sys.executable, str(generate), str(data)]
        command += ["--municipalities", str(municipalities), "--years", "2021"]
        subprocess.run(command, check=True)
    return built(work / "var", data)


def measure(var: Path, work: Path, only: Sequence[str] | None) -> dict[str, Times]:
    """The times of each kind of page over the current release of `var`."""
    source = (var / "current").resolve()
    manifest = json.loads((source / "release.json").read_text(encoding="utf-8"))
    print(f"\n{len(manifest['plans']):,} plans, {manifest['quads']:,} quads", flush=True)
    with tempfile.TemporaryDirectory(dir=work) as copy:
        shown = Path(copy) / "releases" / source.name
        shown.parent.mkdir()
        # a copy, so that files can be put into it; links cost no space
        subprocess.run(["cp", "-al", str(source), str(shown)], check=True)
        (Path(copy) / "current").symlink_to(f"releases/{source.name}")
        if (var / "history").is_dir():
            (Path(copy) / "history").symlink_to((var / "history").resolve())
        static = shown / STATIC
        static.mkdir()
        every = {}
        with Sdgplan(work / "sdgplan", Path(copy)) as server:
            for kind, paths in addresses(manifest["plans"], server.port):
                if paths and kind in (only or [kind]):
                    every[kind] = timed(server.port, paths, static)
                    if every[kind].page:
                        tell(kind, len(every[kind].first), every[kind])
                    else:
                        print(f"{kind:15} no plan that was drawn has such a page", flush=True)
                        del every[kind]
    return every


def addresses(plans: Sequence[dict[str, str]], port: int) -> Iterator[tuple[str, list[str]]]:
    """Kind -> paths of pages of the kind, at most REQUESTS, of plans drawn by lot."""
    yield from OF_RELEASE.items()
    dice = random.Random(1)
    drawn = dice.sample(list(plans), min(REQUESTS, len(plans)))
    for kind, form in OF_PLAN.items():
        yield kind, list(dict.fromkeys(form.format(**places(plan)) for plan in drawn))
    for kind, pattern in FOUND.items():
        each = REQUESTS // len(drawn)
        paths = []
        for plan in drawn:
            query = f"SELECT DISTINCT ?x {{ VALUES ?plan {{ <{plan['iri']}> }} {pattern} }}"
            paths += [doc_path(iri) for iri in iris_of(port, query)[:each]]
        yield kind, paths


def places(plan: dict[str, str]) -> dict[str, str]:
    doc = doc_path(plan["iri"])
    basic = doc.rpartition("/")[0]
    return {
        "doc": doc,
        "basic": basic,
        "city": basic.partition("/plan/")[0],
        "folder": f"{plan['code']}/{plan['slug']}/{plan['year']}",
        "code": plan["code"],
    }


def doc_path(iri: str) -> str:
    return "doc/" + iri.partition("/id/")[2]


def iris_of(port: int, query: str) -> list[str]:
    """The IRIs that a query finds."""
    status, body = fetch(port, request_of("/sparql", PREFIXES + query, JSON), 0, WAIT_S)
    if status != 200:
        raise RuntimeError(body.decode())
    return [row["x"]["value"] for row in json.loads(body)["results"]["bindings"]]


def timed(port: int, paths: Sequence[str], static: Path) -> Times:
    """Each page once, then REQUESTS of them in turn, each before the static file of its size."""
    times, there = Times(), list[str]()
    with contextlib.closing(socket.create_connection((HOST, port), timeout=WAIT_S)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for path in paths:
            first = one(connection, f"/{path}", "text/html")
            if first is not None:
                times.first.append(first[0])
                there.append(path)
        for path in there:
            wait_until_kept(connection, path)
        for number in range(REQUESTS if there else 0):
            seconds, size = found(one(connection, f"/{there[number % len(there)]}", "text/html"))
            times.page.append(seconds)
            times.sizes.append(size)
            file = static / f"{size}.txt"
            if not file.exists():
                file.write_text("-" * size, encoding="ascii")
                one(connection, f"/{STATIC}/{file.name}", "*/*")  # its first time is not a page's
            times.static.append(found(one(connection, f"/{STATIC}/{file.name}", "*/*"))[0])
    return times


def wait_until_kept(connection: socket.socket, path: str) -> None:
    """Wait for what a page says is still being gathered: it is kept from then on."""
    started = time.perf_counter()
    while (
        b"no-cache" in answer_to(connection, f"/{path}", "text/html")[1].partition(b"\r\n\r\n")[0]
    ):
        if time.perf_counter() - started > WAIT_S:
            raise RuntimeError(f"{path} is not whole after {WAIT_S} s")
        time.sleep(0.5)
    seconds = time.perf_counter() - started
    if seconds > 1:
        print(f"/{path}: whole {seconds:.1f} s after its first visit", flush=True)


def found(answer: tuple[float, int] | None) -> tuple[float, int]:
    """An answer that has to be there."""
    if answer is None:
        raise RuntimeError("A page is gone that was there.")
    return answer


def one(connection: socket.socket, path: str, accept: str) -> tuple[float, int] | None:
    """Seconds until the whole answer is there, and the size of its body; None for a 404 or 503."""
    seconds, received = answer_to(connection, path, accept)
    if received[9:12] == b"503":
        print(f"/{path}: 503 after {seconds:.1f} s", flush=True)
    if received[9:12] in (b"404", b"503"):
        return None
    if received[9:12] != b"200":
        raise RuntimeError(f"{path}: {received[:300]!r}")
    return seconds, len(received) - received.index(b"\r\n\r\n") - 4


def answer_to(connection: socket.socket, path: str, accept: str) -> tuple[float, bytes]:
    """Seconds until the whole answer is there, and the answer."""
    address = quote(path, safe="/?&=%")
    head = f"GET {address} HTTP/1.1\r\nHost: {HOST}\r\nAccept: {accept}\r\nAccept-Language: ja\r\n"
    started = time.perf_counter()
    connection.sendall(f"{head}\r\n".encode("ascii"))
    received = bytearray()
    while not is_complete(received):
        data = connection.recv(1 << 18)
        if not data:
            raise RuntimeError(f"{path}: no whole answer")
        received += data
    return time.perf_counter() - started, bytes(received)


def tell(kind: str, pages: int, times: Times) -> None:
    size = sum(times.sizes) / len(times.sizes) / 1000
    print(
        f"{kind:15} {pages:3} pages, {size:6.1f} KB: p95 {times.p95('page'):6.1f} ms, "
        f"static {times.p95('static'):6.1f} ms, ratio {times.ratio():5.2f}; "
        f"first visits {times.p95('first'):7.1f} ms, ratio {times.ratio('first'):6.1f}",
        flush=True,
    )


def report(real: dict[str, Times], nation_times: dict[str, Times]) -> None:
    """Ratios to static files beside their goals; those of first visits have none."""
    print(f"\n| page | real | nation | real, first | nation, first |\n|---|{'---:|' * 4}")
    both = ((real, GOAL), (nation_times, GOAL_NATION))
    for kind in dict.fromkeys([*real, *nation_times]):
        cells = []
        for times, goal in both:
            ratio = times[kind].ratio() if kind in times else None
            cells.append("-" if ratio is None else f"{ratio:.2f}{' MISSED' * (ratio > goal)}")
        cells += [f"{t[kind].ratio('first'):.1f}" if kind in t else "-" for t, _ in both]
        print(f"| {kind} | {' | '.join(cells)} |")
    print(f"\nGoals: at most {GOAL:g} x static, with the nation at most {GOAL_NATION:g} x static.")


if __name__ == "__main__":
    main()
