"""R with its SPARQL package, as researchers use it: Japanese, numbers, and an answer as XML."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from tests.http.conftest import Server

SCRIPT = """
suppressPackageStartupMessages(library(SPARQL))
answer <- SPARQL("%s", 'PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?number ?name ?icons WHERE {
  ?project a sp:Project ; sp:number ?number ; skos:prefLabel ?name ; sp:iconCount ?icons .
} ORDER BY ?number LIMIT 3')$results
cat(answer$name, sep = "\\n")
cat(sum(answer$icons), class(answer$icons), "\\n")
"""
RUN_S = 120


def test_the_sparql_package_of_r_reads_japanese_and_numbers(
    koriyama_server: Server, needs_debian: Callable[[str, str], str]
) -> None:
    program = needs_debian("Rscript", "r-cran-sparql")
    done = subprocess.run(
        [program, "-e", SCRIPT % f"{koriyama_server.url}sparql"],
        capture_output=True, check=False, encoding="utf-8", timeout=RUN_S,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        '"人材育成推進事業"@ja',
        '"わかもの政策討論事業"@ja',
        '"ユニバーサルデザイン推進事業"@ja',
        "6 integer ",
    ]
