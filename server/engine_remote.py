"""The engine that hands queries to a remote SPARQL 1.1 store, and answers only what is sure.

The release is here too: workers open it for queries over earlier releases, and read a visitor's
query over no data at all, so that a store sees only what is SPARQL 1.1 and a mistake is told as
ever. What the store answers is read to its end before any of it is sent.
"""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import urlencode

from kg.errors import FormatError, StoreFailed
from kg.query_outer import counted, names_of, outer_of, put_dataset, with_values
from kg.query_text import put_terms, tokens_of
from kg.release import Release
from kg.remote.answers import (
    SOLUTIONS,
    TRIPLES,
    count_solutions,
    rows_of,
    write_solutions,
    write_triples,
)
from kg.remote.asking import (
    FORM_TYPE,
    MOST_ROWS_HEADER,
    RemoteStore,
    check_whole,
    spool,
    target_of,
)
from kg.remote.client import AskerGone, Client, Reply, TooLarge
from kg.remote.state import Loaded, Names
from kg.settings import SHARED_BASE_IRI, Settings
from server.cache import AnswerCache
from server.engine import Answer, Engine, Query, too_many
from server.errors import bad_request, unavailable
from server.failures import SOON_S, answer_cut, asker_left, failure_of, no_room, store_failure
from server.lanes import Job, Role
from server.spool import NoRoom, Spool
from server.standing import Standing

CHECK_S = 2.0
"""How long a query is read over no data, in seconds; only expressions can take time there."""
CHECK_WORKERS = 2
CHECKED_BYTES = 1 << 20
STANDING_S = 10.0
"""How long the store may take to say what it has loaded, in seconds."""
OWN_FUNCTIONS = ("bif:", "sql:", "java:", "http://www.openlinksw.com/schemas/bif#")
"""What IRIs of stores' own functions and magic predicates begin with."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query as the store gets it."""

    text: str
    accept: str
    until: float
    has_left: Callable[[], bool] | None


class RemoteEngine(Engine):
    """Answers queries over the current release through a remote store that has it."""

    def __init__(self, settings: Settings, var: Path) -> None:
        """Raises ReleaseError if there is no release."""
        super().__init__(replace(settings, memory_quads=0), var)
        self.settings = settings
        self._client = Client(settings.store, settings.store_user, settings.store_password)
        self._names = Names.of(settings.base_iri)
        store = RemoteStore(self._client, settings.store, self._names, STANDING_S)
        self._standing = Standing(store)
        self._turns = threading.BoundedSemaphore(settings.store_connections)
        # pages have turns of their own, so that they never wait behind visitors' queries
        self._turns_of_pages = threading.BoundedSemaphore(max(2, settings.store_connections // 2))
        self._checked = AnswerCache(CHECKED_BYTES, 1)

    @staticmethod
    def _roles(settings: Settings) -> list[Role]:
        return [*[Role.ANY] * CHECK_WORKERS, Role.PAST]

    def check_ready(self) -> None:
        self._check_standing(self.current.get(), STANDING_S, is_now=True)

    def is_in_memory(self) -> bool:
        return False

    def close(self) -> None:
        super().close()
        self._client.close()

    def _answer(self, query: Query, release: Release, *, is_internal: bool) -> Answer:
        if release.id != self.current.newest().id:
            return super()._answer(query, release, is_internal=is_internal)
        limit_s = float(self.settings.query_timeout_s)
        timeout_s = min(query.timeout_s or limit_s, limit_s)
        until = time.monotonic() + timeout_s
        if not is_internal:
            self._check_text(query, release)
        accept = TRIPLES if _gives_triples(query.text) else SOLUTIONS
        asked = _Asked(self._text_of(query, release), accept, until, query.has_left)
        with self._turn(is_internal, until):
            try:
                return self._asked(asked, query.media_type, release, timeout_s)
            except StoreFailed as error:
                raise store_failure(error, timeout_s) from error
            except TooLarge:
                raise failure_of({"kind": "size", "detail": ""}, "", self.settings) from None
            except FormatError as error:
                raise failure_of({"kind": "format", "detail": error}, "", self.settings) from error
            except AskerGone:
                raise asker_left() from None
            except (NoRoom, OSError):  # the connection's own errors are StoreFailed
                raise no_room() from None

    def _asked(self, asked: _Asked, media_type: str, release: Release, timeout_s: float) -> Answer:
        before = self._check_standing(release, timeout_s)
        for is_last in (False, True):
            with spool() as body:
                reply = self._send(asked, body)
                after_rows = self._rows_behind(asked, reply, body, before.most_rows)
                after = self._check_standing(release, timeout_s, is_now=True)
                if after.push == before.push:
                    if after_rows:
                        raise answer_cut(after_rows)
                    body.seek(0)
                    return self._written(body, asked.accept, media_type)
            before = after  # a push of the same release went by meanwhile
            if is_last:
                break
        raise unavailable("Remote store being loaded", "Ask again in a moment.", SOON_S, "store")

    def _send(self, asked: _Asked, body: BinaryIO) -> Reply:
        reply = self._client.send(
            "POST",
            target_of(self.settings.store),
            body,
            headers={"Accept": asked.accept, "Content-Type": FORM_TYPE},
            until=asked.until,
            body=urlencode({"query": asked.text}).encode(),
            size_bytes=self.settings.result_limit_mib << 20,
            has_left=asked.has_left,
        )
        check_whole(reply, body)
        body.seek(0)
        return reply

    def _rows_behind(self, asked: _Asked, reply: Reply, body: BinaryIO, most_rows: int) -> int:
        """The rows after which the answer was cut, or may have been; 0 if it is whole.

        Of a graph a store does not tell how many solutions it is made from, so they are counted.
        """
        told = reply.headers.get(MOST_ROWS_HEADER, "")
        if told:
            return int(told) if told.isdecimal() else most_rows
        if not most_rows:
            return 0
        if asked.accept == SOLUTIONS:
            return most_rows if count_solutions(body) >= most_rows else 0
        with spool() as counts:
            text = counted(asked.text, SHARED_BASE_IRI)
            self._send(replace(asked, text=text, accept=SOLUTIONS), counts)
            (row,) = rows_of(counts)
        return most_rows if int(row["rows"]) > most_rows else 0

    def _written(self, body: BinaryIO, accept: str, media_type: str) -> Answer:
        with Spool() as answer:
            out = cast(BinaryIO, _Limited(answer.out, self.settings.result_limit_mib << 20))
            if accept == TRIPLES:
                write_triples(body, out, media_type)
            else:
                write_solutions(body, out, media_type)
            answer.out.flush()
            small = answer.small
            if small is not None:
                return Answer(len(small), data=small)
            return self._answer_in(os.dup(answer.fileno()))

    def _check_standing(self, release: Release, timeout_s: float, is_now: bool = False) -> Loaded:
        """What the store says of itself if it is that release, complete; else raise a 503."""
        try:
            loaded = self._standing.now() if is_now else self._standing.last()
            if not is_now and loaded.why_not(release.id) is not None:
                loaded = self._standing.now()
        except StoreFailed as error:
            raise store_failure(error, min(timeout_s, STANDING_S)) from error
        why = loaded.why_not(release.id)
        if why is not None:
            raise unavailable(*why, SOON_S, "store")
        return loaded

    def _check_text(self, query: Query, release: Release) -> None:
        """Raise a 400 for what is no SPARQL 1.1, as a worker finds it that has no data."""
        key = ("checked", query.text)
        if self._checked.get(key) is not None:
            return
        iri_of = names_of(tokens := tokens_of(query.text), SHARED_BASE_IRI)
        for token in tokens:
            if token.kind in ("iri", "name") and iri_of(token).startswith(OWN_FUNCTIONS):
                detail = f"{token.text} belongs to one store alone and is not SPARQL 1.1."
                raise bad_request("Query cannot be answered", detail)
        media_type = TRIPLES if _gives_triples(query.text) else SOLUTIONS
        bare = Query(query.text, media_type, default_graphs=(), named_graphs=())
        done = self._finished(Job(release, bare, CHECK_S), is_internal=False)
        if done.data is None:
            os.close(done.fd)
        self._checked.put(key, b"1")

    def _text_of(self, query: Query, release: Release) -> str:
        """The query over its dataset, with what is bound."""
        text = query.text
        if query.bindings:
            terms = {name: term.n3() for name, term in query.bindings.items()}
            text, projected = put_terms(text, terms)
            text = with_values(text, {name: terms[name] for name in projected})
        if query.default_graphs is not None or query.named_graphs is not None:
            default, named = tuple(query.default_graphs or ()), tuple(query.named_graphs or ())
        else:
            outer = outer_of(text, SHARED_BASE_IRI)
            default, named = outer.default_graphs, outer.named_graphs
            if not (default or named):
                default, named = (self._names.merged,), self.contents(release)[0]
        return put_dataset(text, SHARED_BASE_IRI, default, named, self._names.nowhere)

    @contextmanager
    def _turn(self, is_internal: bool, until: float) -> Iterator[None]:
        turns = self._turns_of_pages if is_internal else self._turns
        if not turns.acquire(timeout=max(until - time.monotonic(), 0)):
            raise too_many("The remote store has as many queries as it gets at once.")
        try:
            yield
        finally:
            turns.release()


def _gives_triples(text: str) -> bool:
    return outer_of(text, SHARED_BASE_IRI).form in ("CONSTRUCT", "DESCRIBE")


class _Limited:
    """Passes bytes on up to a size; raises TooLarge beyond."""

    def __init__(self, out: io.BufferedIOBase, size_bytes: int) -> None:
        self._out = out
        self._left = size_bytes

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge
        return self._out.write(data)

    def flush(self) -> None:
        self._out.flush()
