"""Conditions and ranges of dumps, as RFC 9110 has them; each step in its order (13.2.2)."""

from __future__ import annotations

import json
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.http import http_date, parse_date

FOLDER = "/dumps/072036/kyodo-2/2021"
DUMP = f"{FOLDER}/source.ttl"
SIZE = 2400
OK, PARTIAL, UNCHANGED = HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED
REFUSED, BEYOND = HTTPStatus.PRECONDITION_FAILED, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE


@pytest.fixture(scope="module")
def published(var: Path) -> bytes:
    return (var / "current" / DUMP.lstrip("/")).read_bytes()


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=10-19", 10, 19),
        ("bytes=0-0", 0, 0),
        ("bytes=2390-", 2390, 2399),
        ("bytes=2390-9999999", 2390, 2399),
        ("bytes=-5", 2395, 2399),
        ("bytes=-2400", 0, 2399),
        ("bytes=-9999", 0, 2399),
        ("BYTES = 3 - 4", 3, 4),
    ],
)
def test_one_range_is_that_part(
    client: FlaskClient, published: bytes, asked: str, first: int, last: int
) -> None:
    """14.1.2: a suffix longer than the file is all of it."""
    answer = client.get(DUMP, headers={"Range": asked})
    assert (answer.status_code, answer.data) == (PARTIAL, published[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["Content-Length"] == str(last - first + 1)
    assert answer.headers["ETag"] == client.get(DUMP).headers["ETag"]


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-1,5-6", "bytes=0-1, -1", "lines=0-1", "bytes=", "bytes=-", "bytes=9-3", "bytes=x-y",
     "bytes=-1-2", f"bytes=0-{'9' * 5000}", "0-1"],
)  # fmt: skip
def test_other_ranges_are_ignored(client: FlaskClient, published: bytes, asked: str) -> None:
    """14.2: several ranges, other units and what cannot be read."""
    answer = client.get(DUMP, headers={"Range": asked})
    assert (answer.status_code, answer.data) == (OK, published)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "Content-Range" not in answer.headers


@pytest.mark.parametrize("asked", ["bytes=2400-", "bytes=2400-2500", "bytes=-0"])
def test_what_the_file_does_not_have_is_416(client: FlaskClient, asked: str) -> None:
    answer = client.get(DUMP, headers={"Range": asked})
    assert answer.status_code == BEYOND
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"
    assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"


def test_an_unchanged_file_is_304_whatever_the_range(client: FlaskClient) -> None:
    tag = client.get(DUMP).headers["ETag"]
    answer = client.get(DUMP, headers={"Range": "bytes=9999-", "If-None-Match": tag})
    assert answer.status_code == UNCHANGED


def test_a_head_has_no_part(client: FlaskClient) -> None:
    """14.2: the range of any method but GET is ignored."""
    for asked in ("bytes=0-1", "bytes=99999-"):
        answer = client.head(DUMP, headers={"Range": asked})
        assert (answer.status_code, answer.data) == (OK, b"")
        assert answer.headers["Content-Length"] == str(SIZE)
        assert "Content-Range" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("If-Match", "*", OK),
        ("If-Match", "{tag}", OK),
        ("If-Match", '"other", {tag}', OK),
        ("If-Match", '"other"', REFUSED),
        ("If-Match", "W/{tag}", REFUSED),
        ("If-Unmodified-Since", "{date}", OK),
        ("If-Unmodified-Since", "{later}", OK),
        ("If-Unmodified-Since", "{earlier}", REFUSED),
        ("If-Unmodified-Since", "yesterday", OK),
        ("If-None-Match", "*", UNCHANGED),
        ("If-None-Match", "W/{tag}", UNCHANGED),
        ("If-None-Match", '"other"', OK),
        ("If-Modified-Since", "{date}", UNCHANGED),
        ("If-Modified-Since", "{earlier}", OK),
    ],
)
def test_a_condition_has_its_status(
    client: FlaskClient, method: str, name: str, value: str, status: int
) -> None:
    whole = client.get(DUMP)
    value = filled(value, whole.headers["ETag"], whole.headers["Last-Modified"])
    answer = client.open(DUMP, method=method, headers={name: value})
    assert answer.status_code == status
    if status == OK:
        assert answer.data == (whole.data if method == "GET" else b"")
    else:
        assert b"#" not in answer.data
    if status == REFUSED and method == "GET":
        assert json.loads(answer.data)["title"] == "Precondition failed"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def filled(value: str, tag: str, date: str) -> str:
    moment = parse_date(date)
    assert moment is not None
    hour = timedelta(hours=1)
    return value.format(
        tag=tag, date=date, later=http_date(moment + hour), earlier=http_date(moment - hour)
    )


@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        ({"If-Match": '"other"', "If-None-Match": "{tag}"}, REFUSED),
        ({"If-Match": "{tag}", "If-Unmodified-Since": "{earlier}"}, PARTIAL),
        ({"If-Match": "*", "If-None-Match": "{tag}"}, UNCHANGED),
        ({"If-Match": '"other"'}, REFUSED),
        ({"If-Unmodified-Since": "{earlier}"}, REFUSED),
        ({"If-None-Match": "{tag}"}, UNCHANGED),
        ({"If-None-Match": '"other"', "If-Modified-Since": "{date}"}, PARTIAL),
        ({"If-Modified-Since": "{date}"}, UNCHANGED),
        ({"If-Range": "{tag}"}, PARTIAL),
        ({"If-Range": "W/{tag}"}, OK),
        ({"If-Range": '"other"'}, OK),
        ({"If-Range": "{date}"}, PARTIAL),
        ({"If-Range": "{earlier}"}, OK),
    ],
)
def test_conditions_come_before_the_range(
    client: FlaskClient, conditions: dict[str, str], status: int
) -> None:
    whole = client.get(DUMP)
    tag, date = whole.headers["ETag"], whole.headers["Last-Modified"]
    headers = {name: filled(value, tag, date) for name, value in conditions.items()}
    answer = client.get(DUMP, headers={**headers, "Range": "bytes=0-4"})
    assert answer.status_code == status
    assert len(answer.data) == {PARTIAL: 5, OK: SIZE}.get(HTTPStatus(status), len(answer.data))


def test_a_tag_of_compressed_bytes_is_met_by_compressed_bytes_only(client: FlaskClient) -> None:
    packed = client.get(DUMP, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    assert packed.endswith('-gzip"')
    for coding, status in (("gzip", OK), ("identity", REFUSED)):
        headers = {"Accept-Encoding": coding, "If-Match": packed}
        assert client.get(DUMP, headers=headers).status_code == status


def test_a_query_may_be_asked_under_a_condition_too(client: FlaskClient) -> None:
    for value, status in (("*", OK), ('"other"', REFUSED)):
        answer = client.get("/sparql?query=ASK{}", headers={"If-Match": value})
        assert answer.status_code == status


def test_a_table_names_its_metadata(client: FlaskClient) -> None:
    """CSV on the Web, 5.2."""
    for answer in (client.get(f"{FOLDER}/source.csv"), client.head(f"{FOLDER}/source.csv")):
        assert answer.headers["Link"] == (
            f"<http://localhost:8000{FOLDER}/source.csv-metadata.json>; "
            'rel="describedby"; type="application/csvm+json"'
        )
    for name in ("source.ttl", "source.csv.gz", "source.csv-metadata.json"):
        assert "Link" not in client.get(f"{FOLDER}/{name}").headers
