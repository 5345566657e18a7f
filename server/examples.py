"""/queries: the example queries, each with its answer under an address that stays.

The files are the endpoint's own answers, under its limits. What the pages show of an answer, its
first rows and their number, is kept once for each release: over many plans some of the queries
take seconds.
"""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from kg.examples import Example, examples
from kg.release import Release
from server.answers import (
    CACHE_CONTROL,
    FORMAT_PARAMETERS,
    Reply,
    attachment,
    choose_format,
    response_of,
)
from server.background import GIVEN_UP
from server.context import Context, context
from server.engine import Query
from server.errors import HttpProblem
from server.guard import check_query
from server.hooks import hooks
from server.negotiation import (
    CSV,
    EXCEL_CSV,
    HTML,
    JSON,
    PLAIN_JSON,
    QUERY,
    TSV,
    Format,
    named_format,
)
from server.solutions import Solutions, first_solutions
from server.sparql import answer_of

MOST_ROWS = 1_000
"""Of an answer on its page; the files have all."""
WAIT_S = 3.0
"""How long the list waits for numbers of rows that are not known yet, in seconds."""
MOST_RELEASES = 4
"""Of so many the first rows are kept."""
FORMS = {"csv": (CSV, EXCEL_CSV), "json": (JSON,), "rq": (QUERY,)}
"""What an extension stands for; another one of the same by `format=`."""
PASSED = ("bom", "download", "release", "timeout")
"""Parameters of /sparql that mean the same here."""

blueprint = Blueprint("examples", __name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of an answer: its first rows."""

    solutions: Solutions


@dataclass(frozen=True, slots=True)
class Totals:
    """The numbers of rows by name; an example without one was given up, or is being counted."""

    rows: Mapping[str, int]
    is_complete: bool


@blueprint.route("/queries")
def queries() -> Response:
    """The list as a page for browsers, else as JSON."""
    page = hooks().examples
    form = choose_format((PLAIN_JSON, HTML))
    known = totals()
    response = page(known) if form is HTML and page is not None else _listing(known)
    response.vary.add("Accept")
    # numbers that are still missing are there the next time
    response.headers["Cache-Control"] = CACHE_CONTROL if known.is_complete else "no-cache"
    response.add_etag()
    return response


@blueprint.route("/queries/<name>")
def query(name: str) -> Response:
    """The page of a query; an extension, or Accept, names the answer or the text instead."""
    stem, dot, extension = name.partition(".")
    example = next((one for one in examples() if one.name == stem), None)
    forms = FORMS.get(extension)
    if example is None or (dot and forms is None):
        raise NotFound
    values = [value for key in FORMAT_PARAMETERS for value in request.args.getlist(key)]
    page = hooks().example
    if forms is not None:
        form = named_format(values, forms) or forms[0]
    else:
        form = choose_format((JSON, CSV, EXCEL_CSV, QUERY, *((HTML,) if page else ())), values)
    if form is HTML and page is not None:
        response = page(example, shown(example))
    elif form is QUERY:
        response = Response(example.file, content_type=form.content_type)
    else:
        response = _answer(example, form)
    if forms is None:
        response.vary.add("Accept")
    if not response.get_etag()[0] and response.status_code == 200:
        response.add_etag()
    response.headers.setdefault("Cache-Control", CACHE_CONTROL)
    return response


def shown(example: Example) -> Shown:
    """The first rows of the answer over the current release. Raises HttpProblem as /sparql does."""
    here = context()
    kept = _kept_of(here.release.path)
    found = kept.shown.get(example.name)
    if found is None:
        found = kept.shown[example.name] = _ask(example, here, here.release)
    return found


def totals() -> Totals:
    """The numbers of rows in the current release; those that are missing are being counted."""
    here = context()
    kept = _kept_of(here.release.path)
    kept.count(here, here.release)
    rows = {name: one.solutions.total for name, one in dict(kept.shown).items()}
    return Totals(rows, kept.is_complete)


class _Kept:
    """What is known of the answers over one release."""

    def __init__(self) -> None:
        self.shown: dict[str, Shown] = {}
        self._given_up: set[str] = set()
        self._lock = threading.Lock()
        self._counting: threading.Thread | None = None
        self._until = 0.0

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to count."""
        return all(e.name in self.shown or e.name in self._given_up for e in examples())

    def count(self, here: Context, release: Release) -> None:
        """Have the missing answers counted, one after the other, and wait for a moment."""
        if self.is_complete:
            return
        with self._lock:
            if self._counting is None or not self._counting.is_alive():
                self._counting = threading.Thread(
                    target=self._count, args=(here, release), name="examples", daemon=True
                )
                self._until = time.monotonic() + WAIT_S
                self._counting.start()
            counting = self._counting
        counting.join(max(0.0, self._until - time.monotonic()))

    def _count(self, here: Context, release: Release) -> None:
        for example in examples():
            if example.name in self.shown:
                continue
            if here.engine.current.newest().id != release.id:
                return
            try:
                self.shown[example.name] = _ask(example, here, release, is_calm=True)
            except HttpProblem as problem:
                if problem.outcome not in GIVEN_UP:
                    return  # a busy moment, or the end: whoever comes next has it tried again
                self._given_up.add(example.name)


_kept: dict[Path, _Kept] = {}
_lock = threading.Lock()


def _kept_of(release: Path) -> _Kept:
    with _lock:
        found = _kept.get(release)
        if found is None:
            if len(_kept) >= MOST_RELEASES:
                _kept.clear()
            found = _kept[release] = _Kept()
        return found


def _ask(example: Example, here: Context, release: Release, is_calm: bool = False) -> Shown:
    """As a visitor's query, so that pages never wait for it; `is_calm`: nobody does."""
    checked = check_query(example.text, here.settings)
    query = Query(checked.text, TSV.media_type, cache_key=(checked.normal, (), ()), is_past=is_calm)
    answer = here.engine.answer(query, release)
    source = io.BytesIO(answer.data or b"") if answer.spool is None else answer.spool
    with io.BufferedReader(cast(io.RawIOBase, source)) as file:
        return Shown(first_solutions(file, MOST_ROWS))


def _answer(example: Example, form: Format) -> Response:
    """What /sparql answers to the query in that form."""
    here = context()
    passed = [(name, value) for name in PASSED for value in request.args.getlist(name)]
    asked = urlencode([("query", example.text), ("format", form.name), *passed])
    reply = answer_of({**request.environ, "QUERY_STRING": asked}, here)
    assert isinstance(reply, Reply)
    headers = reply.headers
    extension = next(name for name, forms in FORMS.items() if form in forms)
    named = f"format={EXCEL_CSV.name}&" if reply.form is EXCEL_CSV else ""
    path = f"queries/{example.name}.{extension}?{named}release={headers['X-Release']}"
    headers["Content-Location"] = here.url(path)
    if "Content-Disposition" in headers:
        headers["Content-Disposition"] = attachment(example.name, form)
    del headers["Vary"]  # the address alone says which form; the view adds what decided
    return response_of(reply)


def _listing(known: Totals) -> Response:
    here = context()
    document = {
        "release": here.release.id,
        "endpoint": here.url("sparql"),
        "queries": [
            {
                "name": one.name,
                "number": one.number,
                "title": dict(one.titles),
                "question": dict(one.questions),
                "note": dict(one.notes),
                "rows": known.rows.get(one.name),
                "page": here.url(f"queries/{one.name}"),
                **{form: here.url(f"queries/{one.name}.{form}") for form in FORMS},
            }
            for one in examples()
        ],
    }
    body = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return Response(body, content_type=PLAIN_JSON.content_type)
