"""Pages, examples and descriptions over remote stores: line by line those over our own engine."""

from __future__ import annotations

import difflib
import re

import pytest
from flask import Flask

from tests.remote.conftest import Site

PLAN = "072036/plan/kyodo-2/2021"
PATHS = (
    "/?lang=ja",
    "/goals",
    "/goals/3?lang=en",
    "/compare?m=072036&m=990019&lang=ja",
    "/compare.csv?m=072036&m=990019",
    f"/doc/{PLAN}.html?lang=ja",
    f"/doc/{PLAN}.html?lang=en&goal=3",
    f"/doc/{PLAN}/project/1.html?lang=ja",
    "/doc/072036.html?lang=en",
    "/doc/072036/plan/kyodo-2.html?lang=ja",
    "/doc/072036/plan/kyodo-2/policy/1.html?lang=ja",
    "/shapes?lang=en",
    "/report/072036/kyodo-2/2021?lang=ja",
    "/queries/cq10.csv",
    "/catalog.ttl",
    "/void.ttl",
    "/sparql",
    f"/doc/{PLAN}.nt",
)
UNORDERED = (f"/doc/{PLAN}.nt",)
"""A graph, whose triples come as the store has them."""
_NONCE = re.compile(r'nonce="[^"]*"')


@pytest.mark.parametrize("path", PATHS)
def test_it_is_the_same(site: Site, local_app: Flask, path: str) -> None:
    accept = {"Accept": "text/html,*/*;q=0.8"}
    found = []
    for app in (site.app, local_app):
        reply = app.test_client().get(path, headers=accept)
        lines = _NONCE.sub("", reply.get_data(as_text=True)).splitlines()
        found.append((reply.status_code, sorted(lines) if path in UNORDERED else lines))
        reply.close()
    assert found[1][0] == 200
    assert found[0][0] == 200
    assert list(difflib.unified_diff(found[1][1], found[0][1], n=0, lineterm="")) == []
