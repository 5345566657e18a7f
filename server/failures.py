"""What a visitor is told when a query could not be answered: the status and the reason."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping

from kg.errors import StoreFailed, StoreTimedOut, StoreUnreachable
from kg.settings import Settings
from server.errors import HttpProblem, bad_request, unavailable
from server.process import WorkerDied, WorkerTimedOut

RETRY_AFTER_S = 60
"""A query that was too much for the limits will be again; this is for a busy moment."""
SOON_S = 10
"""When to ask again while a remote store is being started, or loaded."""
SHOWN_CHARACTERS = 40

_NOTHING_EXPECTED = ("expected [_]", "expected [_].")
_ONE_EXPECTATION = re.compile(r"expected ([A-Z]+)\.?$")


def failure_of(event: Mapping[str, object], text: str, settings: Settings) -> HttpProblem:
    """The problem that a worker's event `failed` stands for; `text` is the query."""
    kind, detail = event["kind"], str(event["detail"])
    if kind == "syntax":
        return HttpProblem(400, "Syntax error", _syntax_detail(event, text), outcome="syntax")
    if kind == "memory":
        return _out_of_memory(settings)
    if kind == "size":
        return unavailable(
            "Answer too large",
            f"The answer is larger than {settings.result_limit_mib} MiB; no part of it was sent. "
            "Ask for less, with LIMIT and OFFSET, or take the files under /dumps/.",
            None,
            "too-large",
        )
    if kind == "disk":
        return no_room()
    if kind == "service":
        return HttpProblem(
            502,
            "Other endpoint failed",
            f"{detail} No part of the answer was sent. With SERVICE SILENT the query goes on "
            "without what that endpoint would have added.",
            outcome="service",
        )
    if kind == "release":
        return unavailable(
            "No data", "The current release cannot be read.", RETRY_AFTER_S, "release"
        )
    if kind == "format":
        return HttpProblem(406, "No acceptable format", detail)
    return bad_request("Query cannot be answered", detail)


def worker_failure(
    error: WorkerDied | WorkerTimedOut, timeout_s: float, settings: Settings
) -> HttpProblem:
    """The problem that the loss of a worker stands for."""
    if isinstance(error, WorkerTimedOut):
        return took_too_long(timeout_s)
    if error.signal_number == signal.SIGABRT:
        return _out_of_memory(settings)
    if error.signal_number in (signal.SIGKILL, signal.SIGTERM):
        return unavailable(
            "Query stopped",
            "The query was stopped from outside; ask again.",
            RETRY_AFTER_S,
            "stopped",
        )
    return HttpProblem(
        500,
        "Query engine failed",
        "The query engine ended while answering this query; other queries are not affected. "
        "A shorter or less nested query may be answered.",
        outcome="crash",
    )


def store_failure(error: StoreFailed, timeout_s: float) -> HttpProblem:
    """The problem that a remote store's fault is: 503 without an answer, 502 with a bad one."""
    if isinstance(error, StoreTimedOut):
        return took_too_long(timeout_s)
    if isinstance(error, StoreUnreachable):
        detail = f"The remote store that answers queries cannot be reached. {error}"
        return unavailable("Remote store not reachable", detail, SOON_S, "store")
    detail = f"{error} No part of an answer was sent."
    return HttpProblem(502, "Remote store failed", detail, outcome="store")


def answer_cut(most_rows: int) -> HttpProblem:
    """503: a remote store has cut an answer, or may have."""
    return unavailable(
        "Answer cut by the remote store",
        f"The remote store ends answers after {most_rows} rows; no part of this one was sent. Ask "
        "for less, with LIMIT and OFFSET, or take the files under /dumps/.",
        None,
        "too-large",
    )


def took_too_long(timeout_s: float) -> HttpProblem:
    """503: the time of a query is over."""
    return unavailable(
        "Query took too long",
        f"The query was stopped after {timeout_s:g} seconds; no part of its answer was sent. "
        "Make it more selective, or take the files under /dumps/.",
        RETRY_AFTER_S,
        "timeout",
    )


def asker_left() -> HttpProblem:
    """503 for the log: the client went before its answer."""
    return unavailable("Client left", "Nobody waits for this answer.", RETRY_AFTER_S, "left")


def no_room() -> HttpProblem:
    """503: large answers wait on a disk, and that is full."""
    return unavailable(
        "No room for the answer",
        "Large answers are kept on disk while they are sent, and there is no room for this one "
        "now. Ask for less, or ask again later.",
        RETRY_AFTER_S,
        "disk",
    )


def _out_of_memory(settings: Settings) -> HttpProblem:
    return unavailable(
        "Query took too much memory",
        f"The query needs more than {settings.query_memory_mib} MiB of memory. "
        "Make it more selective, or take the files under /dumps/.",
        RETRY_AFTER_S,
        "memory",
    )


def _syntax_detail(event: Mapping[str, object], text: str) -> str:
    """Line and column, what stands there, and what the engine expected if it is one word."""
    line, column = int(str(event["line"])), int(str(event["column"]))
    lines = [*text.split("\n"), ""]
    rest = "\n".join([lines[min(line, len(lines)) - 1][column - 1 :], *lines[line:]]).split()
    found = f'"{rest[0][:SHOWN_CHARACTERS]}" cannot stand here' if rest else "the query ends here"
    detail = str(event["detail"])
    if "Prefix not found" in detail:
        found = "the prefix before this is not declared with PREFIX"
    elif "variable that is unbound" in detail:
        found += "; SELECT names a variable that is neither grouped nor aggregated"
    elif not rest and detail.endswith(_NOTHING_EXPECTED):
        found += "; a rule is broken before this, often AS or BIND for a variable that has a value"
    elif one := _ONE_EXPECTATION.search(detail):
        found += f", expected {one[1]}"
    return f"Line {line}, column {column}: {found}."
