"""Two more questions to our own server: what the cache saves, and what a killed query disturbs."""

from __future__ import annotations

import statistics
import threading
import time

from http_answers import SOLUTIONS
from http_client import Job, load, request_of
from http_data import Query, Release
from http_report import tell
from http_servers import Server

RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } LIMIT __N__"
RUNAWAY_TIMEOUT_S = 2
LIGHT = ("q1b", "q2", "q5")
LIGHT_CLIENTS = 4
WATCHED_S = 15.0


def cache_gain(server: Server, queries: dict[str, Query], release: Release) -> None:
    """The first answer of the text filter against the same answer again, one client."""
    query = queries["q3"]
    gains = []
    for number, word in enumerate(release.constants["word"][:10]):
        text = query.with_constant(word).replace("__N__", str(15_000 + number))
        request = [request_of(server.path, text, SOLUTIONS)]
        first = load(Job(server.port, request, seconds=0))
        again = load(Job(server.port, request, seconds=0.3))
        gains.append((first.latencies[0], statistics.median(again.latencies)))
    first_ms, hit_ms = (1000 * statistics.median(column) for column in zip(*gains, strict=True))
    print(f"\nText filter: first answer {first_ms:.1f} ms, from the cache {hit_ms:.2f} ms")
    tell("cache hit × first answer", first_ms / hit_ms, 100)


def light_beside_runaway(server: Server, queries: dict[str, Query], release: Release) -> None:
    """Latency of light queries of four clients, alone and while endless queries are killed."""
    light = [
        server.request(query.with_constant(known[at % len(known)]), query.accept)
        for at in range(50)
        for query in (queries[name] for name in LIGHT)
        if (kind := query.constant) is not None and (known := release.constants[kind])
    ]
    alone = load(Job(server.port, light, LIGHT_CLIENTS, WATCHED_S / 3, first_number=30_000))
    stop = threading.Event()
    killed: list[float] = []

    def attack() -> None:
        number = 20_000
        while not stop.is_set():
            extra = f"timeout={RUNAWAY_TIMEOUT_S}&"
            started = time.monotonic()
            request = request_of(server.path, RUNAWAY, SOLUTIONS, extra)
            outcome = load(Job(server.port, [request], seconds=0, first_number=number))
            number += 1
            if outcome.errors == {"503": 1}:
                killed.append(time.monotonic() - started)

    attacker = threading.Thread(target=attack)
    attacker.start()
    try:
        beside = load(Job(server.port, light, LIGHT_CLIENTS, WATCHED_S, first_number=200_000))
    finally:
        stop.set()
        attacker.join()
    print(f"\nLight queries ({', '.join(LIGHT)}), {LIGHT_CLIENTS} clients: alone "
          f"p50 {alone.quantile_ms(0.5):.1f} ms, p99 {alone.quantile_ms(0.99):.1f} ms; "
          f"while {len(killed)} endless queries were killed after {RUNAWAY_TIMEOUT_S} s each: "
          f"{len(beside.latencies):,} answers, p50 {beside.quantile_ms(0.5):.1f} ms, "
          f"worst {beside.quantile_ms(1):.1f} ms")  # fmt: skip
    tell("errors beside a runaway query", sum(beside.errors.values()), 0, at_most=True)
    tell("p99 beside a runaway query", beside.quantile_ms(0.99), 100, at_most=True, unit=" ms")
