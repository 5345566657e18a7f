"""What part of a build is pySHACL, and how long is everything else?

Runs `sdgplan build` on `data/` in fresh processes, each into a new folder, and takes the time
inside pyshacl.validate apart. Printed per run and as medians: seconds of the whole process, of
pySHACL, of all the rest (start-up and imports included), and the ratio rest / pySHACL, whose
goal is at most 1/3.

    .venv/bin/python benchmarks/build_share.py [RUNS]
"""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROBE = """
import json, sys, time
import kg.cli
spent = []
def patched(*args, **kwargs):
    started = time.perf_counter()
    try:
        return original(*args, **kwargs)
    finally:
        spent.append(time.perf_counter() - started)
import pyshacl
original, pyshacl.validate = pyshacl.validate, patched
sys.argv = ["sdgplan", "build", "--jobs", "1", "--validator", "pyshacl", "--out", sys.argv[1]]
try:
    kg.cli.main()
except SystemExit as end:
    assert not end.code, end.code
print(json.dumps(sum(spent)), file=sys.stderr)
"""


def run() -> tuple[float, float]:
    """Seconds of the whole process and of pySHACL in it."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", PROBE, folder],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return time.perf_counter() - started, float(json.loads(done.stderr.splitlines()[-1]))


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{platform.platform()}, Python {platform.python_version()}")
    print(
        ", ".join(
            f"{name} {version(name)}" for name in ("pyshacl", "rdflib", "pyoxigraph", "shacl")
        )
    )
    run()  # warms the file cache
    rows = [run() for _ in range(runs)]
    for whole, pyshacl in rows:
        print(f"whole {whole:.2f} s, pySHACL {pyshacl:.2f} s, rest {whole - pyshacl:.2f} s, "
              f"ratio {(whole - pyshacl) / pyshacl:.2f}")  # fmt: skip
    whole, pyshacl = (statistics.median(column) for column in zip(*rows, strict=True))
    ratio = statistics.median((w - p) / p for w, p in rows)
    print(f"median: whole {whole:.2f} s, pySHACL {pyshacl:.2f} s, rest / pySHACL {ratio:.2f}")


if __name__ == "__main__":
    main()
