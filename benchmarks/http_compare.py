"""The comparison itself: first that the answers agree, then rates, the servers taking turns."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

from http_answers import Rows, difference, rows_of
from http_client import Job, Outcome, load
from http_data import Query, Release
from http_servers import Server

CLIENTS = (1, 8)
SLOW_S = 0.5
"""A server that takes longer for one answer is measured in one round only."""
SOME_ROWS = 200
_WHOLE = f"LIMIT {SOME_ROWS}"


class Cell(NamedTuple):
    """What one number of the table is about."""

    query: str
    clients: int
    server: str


class Numbers:
    """Numbers that were not sent before: above every count of rows, below Virtuoso's limit."""

    def __init__(self) -> None:
        self._next = 20_000

    def take(self, count: int) -> int:
        """The first of so many."""
        first, self._next = self._next, self._next + count
        if self._next > 990_000:
            sys.exit("There are no more numbers to send; choose fewer rounds or seconds.")
        return first


def check_answers(
    queries: Sequence[Query], servers: Sequence[Server], release: Release
) -> dict[tuple[str, str], float]:
    """Seconds of one answer, by query and server; ends the program if answers differ.

    Oxigraph on the same store, the second server, is what the others are held against.
    """
    took: dict[tuple[str, str], float] = {}
    rows: dict[str, list[int]] = {}
    for query in queries:
        constants = release.constants[query.constant] if query.constant else [""]
        for number, constant in enumerate(constants[:2]):
            text = query.with_constant(constant)
            expected, _ = _answer(servers[1], query, text.replace(_WHOLE, ""))
            for server in servers:
                if number and server.is_serial:
                    continue
                found, seconds = _answer(server, query, text)
                took[query.name, server.name] = seconds
                wrong = difference(expected, found, query.gives_some)
                if query.gives_some and sum(found.values()) != SOME_ROWS:
                    wrong = wrong or f"{sum(found.values())} rows"
                if wrong or not found:
                    sys.exit(f"{query.name}: {server.name} answers otherwise than "
                             f"{servers[1].name}: {wrong or 'no rows'}\n{text}")  # fmt: skip
            rows.setdefault(query.name, []).append(sum(found.values()))
    shown = ", ".join(f"{name} {'/'.join(map(str, counts))}" for name, counts in rows.items())
    print(f"All servers give the same answers; rows of two constants: {shown}.", flush=True)
    return took


def _answer(server: Server, query: Query, text: str) -> tuple[Rows, float]:
    started = time.perf_counter()
    status, body = server.ask(text, query.accept)
    seconds = time.perf_counter() - started
    if status != 200:
        sys.exit(f"{query.name}: {server.name} says {status}: {body[:500].decode()}\n{text}")
    return rows_of(body, query.accept), seconds


def measure(
    queries: Sequence[Query],
    servers: Sequence[Server],
    release: Release,
    rounds: int,
    seconds: float,
) -> dict[Cell, float]:
    """Requests a second of every cell: the median of its rounds."""
    took = check_answers(queries, servers, release)
    numbers = Numbers()
    rates: dict[Cell, list[float]] = {}
    for turn in range(rounds):
        at = turn % len(servers)  # another server begins in every round
        for query in queries:
            for clients in CLIENTS:
                for server in (*servers[at:], *servers[:at]):
                    if took[query.name, server.name] > SLOW_S and (
                        turn or (server.is_serial and clients > 1)
                    ):
                        continue
                    outcome = run(server, query, release, clients, seconds, numbers)
                    cell = Cell(query.name, clients, server.name)
                    rates.setdefault(cell, []).append(outcome.rate(clients))
    medians = {cell: statistics.median(values) for cell, values in rates.items()}
    for query in queries:
        for server in servers:  # one at a time, so as many with eight clients as with one
            one, more = (Cell(query.name, clients, server.name) for clients in CLIENTS)
            medians.setdefault(more, medians[one])
    return medians


def run(
    server: Server,
    query: Query,
    release: Release,
    clients: int,
    seconds: float,
    numbers: Numbers,
) -> Outcome:
    """What came of one cell in one round; ends the program if a request failed."""
    constants = release.constants[query.constant] if query.constant else [""]
    job = Job(
        port=server.port,
        requests=[server.request(query.with_constant(c), query.accept) for c in constants],
        clients=clients,
        seconds=seconds,
        timeout_s=server.timeout_s,
        first_number=numbers.take(0),
    )
    outcome = load(job)
    numbers.take(outcome.sent)
    if outcome.errors:
        sys.exit(f"{query.name}: {server.name} failed {outcome.errors}")
    return outcome


def floor(server: Server, seconds: float) -> dict[int, float]:
    """Requests a second for a small page of a peer: what the clients can do at most."""
    page = [["GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", ""]]
    return {
        clients: load(Job(server.port, page, clients, seconds)).rate(clients) for clients in CLIENTS
    }
