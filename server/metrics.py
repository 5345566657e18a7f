"""The numbers of this process in the text format of Prometheus, in a registry of their own."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, exposition
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from server.engine import Engine
from server.tally import Tally

CONTENT_TYPE = exposition.CONTENT_TYPE_LATEST
QUERY_BUCKETS_S = (0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60)
CONNECTION_WORDS = ("refused", "slow-request", "slow-response", "no-file")


class Metrics:
    """Counters of requests and queries, and what the engine counts itself."""

    def __init__(self, engine: Engine, connections: Tally) -> None:
        self.engine = engine
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "sdgplan_requests", "Requests answered.", ("route", "status"), registry=self._registry
        )
        self.query_seconds = Histogram(
            "sdgplan_query_seconds",
            "Time from taking up a visitor's query to its answer or failure.",
            ("outcome",),
            buckets=QUERY_BUCKETS_S,
            registry=self._registry,
        )
        self._registry.register(_EngineCollector(engine, connections))

    def text(self) -> bytes:
        """Everything, as a scrape wants it."""
        return exposition.generate_latest(self._registry)


class _EngineCollector(Collector):
    def __init__(self, engine: Engine, connections: Tally) -> None:
        self._engine = engine
        self._connections = connections

    def collect(self) -> Iterator[Metric]:
        """Read at each scrape."""
        engine = self._engine
        yield GaugeMetricFamily(
            "sdgplan_workers_alive", "Query workers running.", value=len(engine.worker_pids())
        )
        yield GaugeMetricFamily(
            "sdgplan_in_memory",
            "1 if workers hold the release in memory, 0 if they read it from disk.",
            value=int(engine.is_in_memory()),
        )
        yield GaugeMetricFamily(
            "sdgplan_queue_length", "Queries waiting for a worker.", value=engine.queue_length()
        )
        yield GaugeMetricFamily(
            "sdgplan_spool_bytes", "Large answers being sent.", value=engine.spool_bytes()
        )
        release = GaugeMetricFamily("sdgplan_release", "The release served.", labels=["release"])
        release.add_metric([engine.current.get().id], 1)
        yield release
        yield _counters(
            "sdgplan_workers_lost",
            "Query workers that ended, by what ended them.",
            "reason",
            {word: engine.lost[word] for word in engine.LOSSES},
        )
        yield _counters(
            "sdgplan_cache",
            "Lookups of visitors' answers in the cache.",
            "result",
            {word: engine.lookups[word] for word in ("hit", "miss")},
        )
        yield _counters(
            "sdgplan_connections_ended",
            "Connections refused or given up, by the reason.",
            "reason",
            {word: self._connections[word] for word in CONNECTION_WORDS},
        )


def _counters(name: str, meaning: str, label: str, values: dict[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, meaning, labels=[label])
    for word, value in values.items():
        family.add_metric([word], value)
    return family
