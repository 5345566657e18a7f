"""How often one address may ask (S-03)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kg.errors import SettingsError
from kg.settings import Settings
from server import create_app
from server.application import close_app
from server.errors import HttpProblem
from server.rate import RateLimit


def allowed(limit: RateLimit, address: str | None, most: int = 10) -> int:
    """How many of some requests of the address pass."""
    for number in range(most):
        try:
            limit.check(address)
        except HttpProblem:
            return number
    return most


@pytest.fixture
def limited(var: Path) -> Iterator[FlaskClient]:
    app = create_app(Settings(query_workers=1, rate_limit="3/minute"), var)
    yield app.test_client()
    close_app(app)


def asked(client: FlaskClient, address: str, method: str = "GET") -> TestResponse:
    return client.open(
        "/sparql?query=ASK{}", method=method, environ_overrides={"REMOTE_ADDR": address}
    )


def test_past_the_limit_there_is_a_429_that_says_when_to_ask_again(limited: FlaskClient) -> None:
    """S-03: Retry-After, the problem as JSON, CORS; other addresses and routes go on."""
    statuses = [asked(limited, "192.0.2.1").status_code for _ in range(3)]
    answer = asked(limited, "192.0.2.1")
    assert (statuses, answer.status_code) == ([200] * 3, 429)
    wait_s = int(answer.headers["Retry-After"])
    assert 1 <= wait_s <= 60
    assert answer.content_type == "application/problem+json; charset=utf-8"
    assert json.loads(answer.data) == {
        "type": "about:blank",
        "title": "Too many requests",
        "status": 429,
        "detail": f"This service answers 3 per 1 minute to one address; ask again in {wait_s} "
        "seconds. Whole graphs are files under /dumps/.",
    }
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "no-store"
    assert asked(limited, "192.0.2.2").status_code == 200
    elsewhere = limited.get("/dumps/", environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    assert elsewhere.status_code == 200


def test_a_preflight_is_never_refused(limited: FlaskClient) -> None:
    """S-03, S-16."""
    assert {asked(limited, "192.0.2.3", "OPTIONS").status_code for _ in range(9)} == {204}


def test_loopback_is_not_counted_unless_a_proxy_stands_in_front() -> None:
    """S-03: behind a proxy every address is a visitor's."""
    alone, behind = (
        RateLimit(Settings(rate_limit="2/minute", trusted_proxies=hops)) for hops in (0, 1)
    )
    for address in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"):
        assert allowed(alone, address) == 10
    assert allowed(behind, "127.0.0.1") == 2
    assert allowed(behind, "::1") == 2


def test_behind_a_proxy_the_visitor_is_counted_not_the_proxy(var: Path) -> None:
    """S-03: and a visitor cannot pretend to be another one."""
    settings = Settings(query_workers=1, rate_limit="2/minute", trusted_proxies=1)
    app = create_app(settings, var)
    try:
        client = app.test_client()

        def status(forwarded: str) -> int:
            headers = {"X-Forwarded-For": forwarded}
            return client.get("/sparql?query=ASK{}", headers=headers).status_code

        assert [status("192.0.2.1") for _ in range(3)] == [200, 200, 429]
        assert status("192.0.2.2") == 200
        assert status("198.51.100.7, 192.0.2.1") == 429
    finally:
        close_app(app)


def test_an_ipv6_network_is_one_visitor() -> None:
    """S-03: a /64 is the least a visitor has."""
    limit = RateLimit(Settings(rate_limit="2/minute"))
    assert allowed(limit, "2001:db8::1") == 2
    assert allowed(limit, "2001:db8::ffff:2") == 0
    assert allowed(limit, "2001:db8:0:1::1") == 2
    assert allowed(limit, "::ffff:192.0.2.9") == 2
    assert allowed(limit, "192.0.2.9") == 0
    assert allowed(limit, None) == 2


def test_an_empty_limit_is_none() -> None:
    """S-03."""
    assert allowed(RateLimit(Settings(rate_limit="")), "192.0.2.1", 500) == 500


def test_a_limit_that_cannot_be_read_stops_the_start() -> None:
    with pytest.raises(SettingsError) as refused:
        RateLimit(Settings(rate_limit="often"))
    assert str(refused.value) == (
        'rate_limit is "often"; expected a number and a time, such as "120/minute", '
        'or "" for no limit.'
    )
