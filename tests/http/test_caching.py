"""HEAD, OPTIONS, entity tags and compression (S-16, S-17, S-19)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from types import SimpleNamespace
from urllib.parse import quote

import brotli
import pytest
import zstandard
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.cache import OVERHEAD_BYTES, AnswerCache
from tests.http.asking import DIRECT, FORM, LABELS, ask


def test_head_has_the_headers_of_get(client: FlaskClient) -> None:
    """S-16."""
    for url in (f"/sparql?query={quote(LABELS)}", "/sparql"):
        got, head = client.get(url), client.head(url)
        assert (head.status_code, head.data) == (200, b"")
        for name in ("Content-Type", "Content-Length", "ETag", "Vary", "Cache-Control"):
            assert head.headers[name] == got.headers[name]


def test_options_is_a_preflight(client: FlaskClient) -> None:
    """S-16."""
    answer = client.options("/sparql", headers={"Origin": "http://elsewhere.example"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS, POST"
    assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type, Accept, Authorization"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_an_answer_is_cacheable_and_answered_304(client: FlaskClient) -> None:
    """S-17."""
    answer = ask(client, LABELS)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Vary"] == "Accept, Accept-Encoding"
    tag = answer.headers["ETag"]
    again = client.get(
        "/sparql", query_string={"query": LABELS + "  # same"}, headers={"If-None-Match": tag}
    )
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert ask(client, LABELS, "text/csv").headers["ETag"] != tag
    posted = client.post("/sparql", data={"query": LABELS})
    assert posted.headers["Cache-Control"] == "no-store"
    volatile = ask(client, "SELECT (UUID() AS ?u) {}")
    assert volatile.headers["Cache-Control"] == "no-store"
    assert volatile.data != ask(client, "SELECT (UUID() AS ?u) {}").data


@pytest.mark.parametrize(
    ("coding", "expand"), [("gzip", gzip.decompress), ("br", brotli.decompress)]
)
def test_answers_are_compressed_on_request(
    client: FlaskClient, coding: str, expand: object
) -> None:
    """S-17."""
    query = "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"
    plain = ask(client, query)
    assert "Content-Encoding" not in plain.headers
    packed = client.get(
        "/sparql", query_string={"query": query}, headers={"Accept-Encoding": coding}
    )
    assert packed.headers["Content-Encoding"] == coding
    assert packed.headers["Content-Length"] == str(len(packed.data))
    assert callable(expand)
    assert expand(packed.data) == plain.data


def test_a_large_answer_is_complete_in_every_coding(client: FlaskClient) -> None:
    """S-19."""
    query = "SELECT ?a ?b { ?a a ?t . ?b a ?t . { SELECT ?z { ?z ?y ?x } LIMIT 5 } }"
    plain = ask(client, query)
    assert plain.headers["Content-Length"] == str(len(plain.data))
    assert len(json.loads(plain.data)["results"]["bindings"]) == 8015
    packed = client.get(
        "/sparql", query_string={"query": query}, headers={"Accept-Encoding": "gzip"}
    )
    assert "Content-Length" not in packed.headers
    assert json.loads(gzip.decompress(packed.data)) == json.loads(plain.data)


ALL = "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"
EXPAND: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


def get(client: FlaskClient, query: str, method: str = "GET", **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.open("/sparql", method=method, query_string={"query": query}, headers=named)


@pytest.mark.parametrize("coding", [*EXPAND])
def test_a_compressed_answer_has_its_headers_right(client: FlaskClient, coding: str) -> None:
    """S-16, S-17: HEAD as GET, the weak tag of the plain answer, 304, Vary."""
    plain = get(client, ALL)
    packed = get(client, ALL, Accept_Encoding=coding)
    assert packed.headers["Content-Encoding"] == coding
    assert packed.headers["Content-Length"] == str(len(packed.data))
    assert len(packed.data) < len(plain.data) / 4
    assert EXPAND[coding](packed.data) == plain.data
    tag = packed.headers["ETag"]
    assert tag.startswith('W/"') and tag == plain.headers["ETag"]
    head = get(client, ALL, "HEAD", Accept_Encoding=coding)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Encoding", "Content-Length", "ETag", "Vary"):
        assert head.headers[name] == packed.headers[name]
    assert packed.headers["Vary"] == "Accept, Accept-Encoding"
    for method in ("GET", "HEAD"):
        again = get(client, ALL, method, Accept_Encoding=coding, If_None_Match=tag)
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tag
        assert "Content-Encoding" not in again.headers


@pytest.mark.parametrize(
    ("asked", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("zstd, gzip;q=0.5", "zstd"),
        ("br;q=0, gzip", "gzip"),
        ("gzip;q=0, identity", None),
        ("compress, deflate", None),
        ("identity", None),
        ("", None),
    ],
)
def test_only_a_coding_that_was_asked_for(
    client: FlaskClient, asked: str, coding: str | None
) -> None:
    """S-17."""
    answer = get(client, ALL, Accept_Encoding=asked)
    assert answer.headers.get("Content-Encoding") == coding


def test_small_answers_and_ranges_are_sent_as_they_are(client: FlaskClient) -> None:
    """S-17: a part of a file is a part of its own bytes."""
    assert "Content-Encoding" not in get(client, "ASK {}", Accept_Encoding="gzip").headers
    path = "/dumps/072036/kyodo-2/2021/source.ttl"
    part = client.get(path, headers={"Accept-Encoding": "gzip, br, zstd", "Range": "bytes=0-599"})
    assert (part.status_code, len(part.data)) == (206, 600)
    assert "Content-Encoding" not in part.headers
    assert part.headers["Content-Range"] == "bytes 0-599/2400"


def test_errors_are_compressed_and_never_kept(client: FlaskClient) -> None:
    """S-17, S-03."""
    answer = get(client, "SELECT " + "x" * 600, Accept_Encoding="gzip")
    assert answer.status_code == 400
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


def test_the_preflight_says_what_a_post_may_hold(client: FlaskClient) -> None:
    """S-16: Comunica reads Accept-Post, a browser the rest."""
    answer = client.options("/sparql")
    assert answer.headers["Accept-Post"] == f"{DIRECT}, {FORM}"
    assert answer.headers["Access-Control-Max-Age"] == "86400"
    exposed = client.get("/sparql").headers["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "Link", "Retry-After", "Accept-Post"} <= set(exposed)
    assert client.get("/sparql").headers["Accept-Post"] == f"{DIRECT}, {FORM}"


def test_the_tag_follows_release_query_type_and_dataset(
    client: FlaskClient, small: SimpleNamespace
) -> None:
    """S-17: strings are not normalised, white space and comments are."""
    graph = f"{small.plan}/graph/links"
    tags = [
        get(client, LABELS).headers["ETag"],
        get(client, LABELS, Accept="text/csv").headers["ETag"],
        ask(client, LABELS, **{"default-graph-uri": graph}).headers["ETag"],
        get(client, LABELS + " OFFSET 1").headers["ETag"],
        get(client, 'ASK { ?s ?p "a b" }').headers["ETag"],
        get(client, 'ASK { ?s ?p "a  b" }').headers["ETag"],
    ]
    assert len(set(tags)) == len(tags)
    same = get(client, LABELS.replace(" ", "\n\t ") + "# the same")
    assert same.headers["ETag"] == tags[0]


def test_long_queries_do_not_fill_the_cache_with_their_texts() -> None:
    """Only the hash of a key is kept, and each entry counts for more than its answer."""
    cache = AnswerCache(limit_bytes=100_000, entry_bytes=1000)
    for number in range(1000):
        cache.put(("release", "x" * 100_000 + str(number)), b"true")
    held = cache._entries
    assert len(held) == 100_000 // (OVERHEAD_BYTES + 4)
    assert {len(key) for key in held} == {32}
    assert cache.get(("release", "x" * 100_000 + "999")) == b"true"
    assert cache.get(("release", "x" * 100_000 + "0")) is None
