"""From a fresh data folder to an answer over HTTP, as the README tells a new user."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SDGPLAN = "import sys; sys.argv[0] = 'sdgplan'; from kg.cli import main; main()"
READY_S = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_served(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "sdgplan serve ended"
        try:
            with urllib.request.urlopen(f"{url}healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("sdgplan serve does not answer")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that was built and started by the two commands of `make serve`."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(ROOT / "data", home / "data")
    port = free_port()
    url = f"http://localhost:{port}/"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "SDGPLAN_PUBLIC_URL": url}
    run = [sys.executable, "-c", SDGPLAN]
    subprocess.run([*run, "build"], cwd=home, env=environment, check=True, timeout=120)
    process = subprocess.Popen([*run, "serve", "--port", str(port)], cwd=home, env=environment)
    try:
        wait_until_served(url, process)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def readme_block(language: str, words: str) -> str:
    """The first code block of the README in a language that has these words."""
    blocks = re.findall(rf"```{language}\n(.*?)```", README, re.S)
    return next(block for block in blocks if words in block)


def test_the_curl_example_of_the_readme_answers(served: str) -> None:
    command = readme_block("sh", "curl").replace("localhost:8000", served[7:-1])
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=True, timeout=60)
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode("utf-8"))))
    assert [(row["number"], row["icons"]) for row in rows] == [
        ("63", "6"), ("45", "4"), ("70", "4"), ("2", "3"), ("5", "3")
    ]  # fmt: skip
    assert rows[0]["name"] == "セーフコミュニティ推進事業"


def test_the_python_example_of_the_readme_answers(served: str) -> None:
    script = readme_block("python", "SPARQLWrapper").replace("http://localhost:8000/", served)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True, timeout=60
    )
    assert done.stdout.decode("utf-8") == (
        "7 エネルギーをみんなに そしてクリーンに 郡山市\n"
        "12 つくる責任 つかう責任 郡山市\n"
        "14 海の豊かさを守ろう 郡山市\n"
        "15 陸の豊かさも守ろう 郡山市\n"
    )


def test_the_dump_of_the_readme_is_there(served: str) -> None:
    path = re.search(r"<http://localhost:8000/(dumps/[^>]+)>", README)
    assert path
    with urllib.request.urlopen(served + path[1], timeout=30) as answer:
        assert answer.headers["Content-Type"] == "text/turtle; charset=utf-8"
        assert answer.read(3) != b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("query", "form", "expected"),
    [
        ("ASK {}", "table", "true\n"),
        ("SELECT (1 AS ?n) {}", "csv", "n\r\n1\r\n"),
        ("SELECT (1 AS ?n) {}", "tsv", "?n\n1\n"),
        ("SELECT (1 AS ?n) {}", "table", "+---+\n| n |\n+---+\n| 1 |\n+---+\n1 row\n"),
        ("CONSTRUCT { <a:a> <a:b> 1 } {}", "nt",
         '<a:a> <a:b> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'),
    ],
)  # fmt: skip
def test_the_command_asks_an_endpoint(served: str, query: str, form: str, expected: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SDGPLAN, "query", "--endpoint", f"{served}sparql", query,
         "--format", form],
        cwd=ROOT, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout.decode(), done.stderr.decode()) == (0, expected, "")


def test_a_row_of_the_document_is_an_answer(served: str) -> None:
    query = """PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
    PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    PREFIX org: <http://www.w3.org/ns/org#>
    SELECT ?name ?policy ?unit ?top ?label ?value ?counter ?line WHERE {
      ?project sp:number 26 ; skos:prefLabel ?name ; sp:policy/skos:prefLabel ?policy ;
        sp:responsibleUnit ?u ; sp:target ?target ; sp:sourceLine ?line .
      ?u skos:prefLabel ?unit ; org:subOrganizationOf/skos:prefLabel ?top .
      ?target sp:targetLabel ?label ; sp:targetValue ?value ; sp:targetUnit ?counter }"""
    done = subprocess.run(
        ["curl", "-s", f"{served}sparql", "-H", "Accept: text/csv",
         "--data-urlencode", f"query={query}"],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.decode("utf-8") == (
        "name,policy,unit,top,label,value,counter,line\r\n"
        "猪苗代湖の水を守りたい事業,市民活動への参加と市民参画の促進,総務課,上下水道局,"
        "水質保全活動回数,5,回,122\r\n"
    )
