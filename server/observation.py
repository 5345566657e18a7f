"""What is remembered about the request being answered, for its log line and the metrics."""

from __future__ import annotations

import hashlib
from contextvars import ContextVar
from dataclasses import dataclass

HASH_DIGITS = 16


@dataclass(slots=True)
class Observation:
    """Filled in on the way of a request; None = there was no such step."""

    request_id: str
    started: float
    """When, on the monotonic clock."""
    query_hash: str | None = None
    query_text: str | None = None
    query_s: float | None = None
    is_cached: bool | None = None
    answer_bytes: int | None = None
    outcome: str | None = None


current: ContextVar[Observation | None] = ContextVar("observation", default=None)


def hash_of(query: str) -> str:
    """The first digits of the SHA-256 of a query's text."""
    return hashlib.sha256(query.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_DIGITS]


def note_query(text: str) -> None:
    """Remember which query the request asks, as early as it is known."""
    observation = current.get()
    if observation is not None and observation.query_text is not text:
        observation.query_hash = hash_of(text)
        observation.query_text = text


def note_outcome(outcome: str) -> None:
    """Remember how the request ended; the first word stays."""
    observation = current.get()
    if observation is not None and observation.outcome is None:
        observation.outcome = outcome
