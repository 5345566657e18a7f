"""How the tests of Comunica run ask.mjs, and how they read what it says."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from rdflib import XSD, BNode, Literal, URIRef
from rdflib.term import Node

from tests.conftest import NeedsDebian

FOLDER = Path(__file__).parent
LEAST_NODE = (20, 19)
ASK_S = 120


@dataclass(frozen=True)
class Asked:
    """How one run of ask.mjs ended, what it got, and what it sent."""

    code: int
    solutions: list[dict[str, Node]]
    booleans: list[bool]
    triples: list[tuple[Node, ...]]
    requests: list[tuple[str, str, str]]
    """Method, URL up to the question mark, and Accept of each request, in order."""
    notes: list[str]
    """What Comunica says about its sources, and its warnings."""
    error: str


Ask = Callable[..., Asked]


def asker(needs_debian: NeedsDebian) -> Ask:
    """A function of ask.mjs's arguments, query and sources; a skip where something is missing."""
    node = needs_debian("node", "nodejs npm")
    needs_debian("npm", "nodejs npm")
    version = _run(node, "--version").stdout.strip()
    if tuple(map(int, version.removeprefix("v").split(".")[:2])) < LEAST_NODE:
        pytest.skip(f"Comunica needs Node.js 20.19 or later, as in Debian 13; this is {version}")
    if not (FOLDER / "node_modules").is_dir():
        pytest.skip("Comunica is not installed (make test does it, from tests/http/comunica)")

    return lambda *arguments: _asked(_run(node, str(FOLDER / "ask.mjs"), *arguments))


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", check=False, timeout=ASK_S
    )


def _asked(done: subprocess.CompletedProcess[str]) -> Asked:
    got = [json.loads(line) for line in done.stdout.splitlines()]
    lines = done.stderr.splitlines()
    told = [json.loads(line) for line in lines if line.startswith('{"level":')]
    sent = [line for line in told if "method" in line]
    return Asked(
        code=done.returncode,
        solutions=[
            {name: term(value) for name, value in line["solution"].items()}
            for line in got
            if "solution" in line
        ],
        booleans=[line["boolean"] for line in got if "boolean" in line],
        triples=[tuple(map(term, line["triple"])) for line in got if "triple" in line],
        requests=[
            (
                line["method"],
                line["message"].removeprefix("Requesting ").split("?")[0],
                line["accept"],
            )
            for line in sent
        ],
        notes=[line["message"] for line in told if "method" not in line],
        error="\n".join(line for line in lines if not line.startswith('{"level":')),
    )


def term(value: dict[str, str]) -> Node:
    """An RDF/JS term as rdflib has it."""
    if value["type"] == "NamedNode":
        return URIRef(value["value"])
    if value["type"] == "BlankNode":
        return BNode(value["value"])
    assert value["type"] == "Literal"
    if "language" in value:
        return Literal(value["value"], lang=value["language"])
    datatype = URIRef(value["datatype"])
    return Literal(value["value"], datatype=None if datatype == XSD.string else datatype)
