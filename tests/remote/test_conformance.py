"""One suite of queries over our engine, the Oxigraph server and Virtuoso.

An engine either gives the answer, or the case is in its file below known_failures/ with a reason;
a case there that passes fails the run. `is` says what an engine does instead: "refused" (an error
status, no part of an answer), "otherwise" (a wrong answer of the store, which we cannot see) or
"sometimes" (such an answer, or the right one).
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.remote.conftest import Site

FOLDER = Path(__file__).resolve().parent
QUERIES = Path(__file__).resolve().parents[2] / "ontology" / "queries"
CASES: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "cases.toml").read_text("utf-8"))
FEWEST_CASES = 60


def _questions() -> dict[str, dict[str, Any]]:
    paths = sorted(QUERIES.rglob("*.rq"))
    return {
        f"question-{path.relative_to(QUERIES).with_suffix('').as_posix()}": {
            "query": path.read_text(encoding="utf-8")
        }
        for path in paths
    }


ALL = CASES | _questions()


def failures_of(engine: str) -> dict[str, dict[str, str]]:
    """Case -> what is known of its failure."""
    path = FOLDER / "known_failures" / f"{engine}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def answer(app: Flask, query: str) -> tuple[int, object]:
    """The status, and the answer in a form that can be compared."""
    accept = "text/tab-separated-values, application/n-triples;q=0.9"
    reply = app.test_client().post("/sparql", data={"query": query}, headers={"Accept": accept})
    text = reply.get_data(as_text=True)
    reply.close()
    if reply.status_code != 200:
        return reply.status_code, text
    if reply.mimetype == "application/n-triples":
        return 200, sorted(set(text.splitlines()))
    if "\n" not in text:
        return 200, text
    _, *rows = text.removesuffix("\n").split("\n")
    return 200, sorted(rows)


@pytest.mark.parametrize("name", ALL)
def test_case(site: Site, local_app: Flask, name: str) -> None:
    case, failure = ALL[name], failures_of(site.engine).get(name)
    status, found = answer(site.app, case["query"])
    expected = case["answer"] if "answer" in case else answer(local_app, case["query"])[1]
    if failure is None:
        assert (status, found) == (200, expected)
        return
    assert failure["reason"].endswith(".")
    if failure["is"] == "sometimes":
        assert status == 200
    elif failure["is"] == "refused":
        assert status in (502, 503) and failure["says"] in str(found)
    else:
        assert status == 200
        assert found != expected, f"{name} passes now; take it out of {site.engine}.toml."


def test_the_suite_is_whole() -> None:
    assert len(CASES) >= FEWEST_CASES
    assert len(ALL) > len(CASES) + 18


@pytest.mark.parametrize("engine", ["local", "oxigraph", "virtuoso"])
def test_known_failures_name_cases(engine: str) -> None:
    assert sorted(failures_of(engine).keys() - ALL) == []
