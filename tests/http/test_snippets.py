"""The snippets on the pages of the example queries, run word for word."""

from __future__ import annotations

import csv
import html
import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from SPARQLWrapper import SPARQLWrapper

from kg.examples import Example, examples
from tests.conftest import NeedsDebian
from tests.http.conftest import Server
from tests.http.reading import BROWSER

NAMES = [example.name for example in examples()]


def snippets_of(server: Server, name: str) -> dict[str, str]:
    """The snippets as a reader copies them from the page."""
    done = subprocess.run(
        ["curl", "-s", "-H", f"Accept: {BROWSER['Accept']}", f"{server.url}queries/{name}"],
        capture_output=True, check=True, encoding="utf-8",
    )  # fmt: skip
    found = re.findall(
        r"<summary>(\w+)</summary>\s*<pre[^>]*><code>(.*?)</code>", done.stdout, re.DOTALL
    )
    return {language: html.unescape(text) for language, text in found}


def rows_in_csv(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.fixture(scope="module")
def answers(koriyama_server: Server) -> dict[str, list[list[str]]]:
    """The CSV of each query, head and rows."""
    found = {}
    for name in NAMES:
        done = subprocess.run(
            ["curl", "-s", f"{koriyama_server.url}queries/{name}.csv"],
            capture_output=True, check=True, encoding="utf-8",
        )  # fmt: skip
        found[name] = rows_in_csv(done.stdout)
    return found


@pytest.mark.parametrize("name", ["cq04", "cq08", "cq12"])
def test_the_python_snippet_runs(
    koriyama_server: Server, answers: dict[str, list[list[str]]], name: str
) -> None:
    code = snippets_of(koriyama_server, name)["Python"]
    done = subprocess.run(
        [sys.executable, "-"], input=code, capture_output=True, check=False, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "")
    head, *rows = answers[name]
    assert len(rows) > 3
    expected = [str(dict(zip(head, row, strict=True))) for row in rows]
    assert done.stdout.splitlines() == expected


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_every_python_snippet_asks_the_query_as_it_stands(
    pages: FlaskClient, monkeypatch: pytest.MonkeyPatch, example: Example
) -> None:
    page = pages.get(f"/queries/{example.name}", headers=BROWSER).text
    code = html.unescape(page.partition("<summary>Python</summary>")[2].partition("</code>")[0])
    code = code.partition("<code>")[2]
    asked: list[SPARQLWrapper] = []

    def asks(self: SPARQLWrapper) -> Any:
        asked.append(self)
        return {"results": {"bindings": []}}

    monkeypatch.setattr(SPARQLWrapper, "queryAndConvert", asks)
    exec(code, {})
    (query,) = asked
    assert (query.queryType, query.endpoint) == ("SELECT", "http://localhost:8000/sparql")
    assert query.queryString == example.text


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_no_comment_misleads_sparqlwrapper(example: Example) -> None:
    """It takes a word such as "added" for the kind of a query, if every other line is a comment."""
    query = SPARQLWrapper("http://localhost:8000/sparql")
    query.setQuery(example.file)
    assert query.queryType == "SELECT"


@pytest.mark.parametrize("name", ["cq04", "cq08", "cq12"])
def test_the_curl_snippet_runs(
    koriyama_server: Server, answers: dict[str, list[list[str]]], name: str, tmp_path: Path
) -> None:
    code = snippets_of(koriyama_server, name)["curl"]
    done = subprocess.run(
        ["sh", "-e"], input=code, cwd=tmp_path, capture_output=True, check=False, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert rows_in_csv(done.stdout) == answers[name]


@pytest.mark.parametrize("name", ["cq04", "cq08", "cq11", "cq12"])
def test_the_r_snippet_runs(
    koriyama_server: Server,
    answers: dict[str, list[list[str]]],
    needs_debian: NeedsDebian,
    name: str,
) -> None:
    program = needs_debian("Rscript", "r-base-core")
    code = snippets_of(koriyama_server, name)["R"]
    check = """cat(nrow(answer), paste(answer[[1]], collapse = " "), answer$code, sep = "|")"""
    done = subprocess.run(
        [program, "-e", code, "-e", check],
        capture_output=True, check=False, encoding="utf-8", env={"LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    head, *rows = answers[name]
    first = " ".join(row[0] for row in rows)
    codes = [row[head.index("code")] for row in rows] if "code" in head else []
    assert codes == (["072036"] if name == "cq11" else [])
    assert done.stdout.endswith("|".join([f"\n{len(rows)}", first, *codes]))
