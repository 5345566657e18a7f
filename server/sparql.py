"""/sparql: the SPARQL 1.1 Protocol for queries.

`server/queries.py` asks `answer_of` before the application does anything; what is then left to
the view here is what has no query, what is refused, and what a condition or a HEAD changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request
from werkzeug.http import parse_etags

from server.answers import CACHE_CONTROL, Reply, attachment, chosen_format, entity_tag, response_of
from server.context import Context
from server.description import endpoint_description
from server.engine import Query
from server.errors import HttpProblem, bad_request
from server.guard import CheckedQuery, check_dataset, check_query
from server.negotiation import CSV, EXCEL_CSV, SOLUTIONS, TRIPLES, Format
from server.observation import note_query
from server.parameters import ACCEPT_POST, Asked, kept_releases, read_asked

PATHS = ("/sparql", "/sparql/")
METHODS = ("GET", "HEAD", "POST")
OUTCOME = "sdgplan.outcome"
"""Where in a request's environ its Reply is, what went wrong, or what it asks without a query."""
LONGEST_LOCATION = 2000
"""Longest query string that is repeated in Content-Location, in bytes."""
_RELEASE = re.compile(r"(?:^|&)release=[^&]*")
_URL_SAFE = "!$&'()*+,;=:@/?%"

blueprint = Blueprint("sparql", __name__)


@blueprint.route("/sparql", methods=["GET", "POST"])
@blueprint.route("/sparql/", methods=["GET", "POST"])
def sparql() -> Response:
    """The answer of a query, or the description of the service if there is none."""
    outcome = request.environ.pop(OUTCOME)
    if isinstance(outcome, Exception):
        raise outcome
    if isinstance(outcome, Reply):
        return response_of(outcome)
    if request.method == "POST":
        raise bad_request("No query", f"Send a query as {ACCEPT_POST.replace(', ', ' or ')}.")
    response = endpoint_description(list(outcome.formats))
    response.headers["Accept-Post"] = ACCEPT_POST
    return response


def answer_of(environ: Mapping[str, Any], here: Context) -> Reply | Asked:
    """The answer of the request's query; without a query, what else it asks.

    Raises HttpProblem, and what the library raises for a body that cannot be read.
    """
    here.rate_limit.check(environ.get("REMOTE_ADDR"))
    asked = read_asked(environ, here)
    if asked.query is None:
        return asked
    note_query(asked.query)
    query = check_query(asked.query, here.settings)
    form = _format(query, asked, environ.get("HTTP_ACCEPT"))
    is_past = _hold_release(asked.release, here)
    release = here.release
    _check_graphs(asked, query, is_past, here)
    key = (query.normal, asked.default_graphs, asked.named_graphs)
    tag = None if query.is_volatile else entity_tag(here.engine, form.name, key)
    headers = _labels(environ, release.id, tag, here)
    if tag is not None and _has_already(environ, tag):
        return Reply(form, None, headers)
    has_dataset = bool(asked.default_graphs or asked.named_graphs)
    answer = here.engine.answer(
        Query(
            query.text,
            form.media_type,
            default_graphs=asked.default_graphs if has_dataset else None,
            named_graphs=asked.named_graphs if has_dataset else None,
            timeout_s=asked.timeout_s,
            cache_key=None if tag is None else key,
            is_past=is_past,
            has_left=_watch(environ),
        ),
        release,
    )
    if asked.wants_download:
        headers["Content-Disposition"] = attachment("result", form)
    return Reply(form, answer, headers)


def _watch(environ: Mapping[str, Any]) -> Callable[[], bool] | None:
    """How to know that the client has gone; HTTP/1.0 has no interim responses to find out by."""
    if environ.get("SERVER_PROTOCOL") != "HTTP/1.1":
        return None
    return getattr(environ.get("gunicorn.socket"), "has_left", None)


def _hold_release(release_id: str | None, here: Context) -> bool:
    """Let the answer be that of the release; True if it is not the current one. Raises a 404."""
    if release_id is None or release_id == here.release.id:
        return False
    release = here.engine.current.of_id(release_id)
    if release is None:
        detail = f"Release {release_id} is not kept here (any more). {kept_releases(here)}"
        raise HttpProblem(404, "Release not kept", detail)
    here.engine.current.hold(release)
    return True


def _format(query: CheckedQuery, asked: Asked, accept: str | None) -> Format:
    offers = SOLUTIONS if query.gives_solutions else TRIPLES
    form = chosen_format(offers, asked.formats, accept)
    return EXCEL_CSV if form is CSV and asked.wants_mark else form


def _check_graphs(asked: Asked, query: CheckedQuery, is_past: bool, here: Context) -> None:
    wanted = (*asked.default_graphs, *asked.named_graphs) or query.graphs
    if wanted:
        known, _ = here.engine.contents(here.release, is_past)
        check_dataset(wanted, frozenset(known), here.url("sparql"))


def _has_already(environ: Mapping[str, Any], tag: str) -> bool:
    named = environ.get("HTTP_IF_NONE_MATCH")
    is_reading = environ["REQUEST_METHOD"] != "POST"
    return is_reading and named is not None and parse_etags(named).contains_weak(tag)


def _labels(
    environ: Mapping[str, Any], release_id: str, tag: str | None, here: Context
) -> dict[str, str]:
    headers = {"Vary": "Accept", "X-Release": release_id, "Cache-Control": "no-store"}
    if tag is not None:
        # weak: another worker may list the same solutions in another order
        headers["ETag"] = f'W/"{tag}"'
    if environ["REQUEST_METHOD"] == "POST":
        return headers
    if tag is not None:
        headers["Cache-Control"] = CACHE_CONTROL
    asked = environ.get("QUERY_STRING", "")
    if len(asked) <= LONGEST_LOCATION:
        kept = _RELEASE.sub("", quote(asked.encode("latin-1"), safe=_URL_SAFE)).lstrip("&")
        headers["Content-Location"] = here.url(f"sparql?{kept}&release={release_id}")
    return headers


__all__ = ["answer_of", "blueprint"]
