"""/sparql: the SPARQL 1.1 Protocol for queries, by GET and by the two forms of POST.

Source: https://www.w3.org/TR/sparql11-protocol/ section 2.1; parameters of our own are
`format` (also `output`, `results`), `timeout`, `bom`, `download` and `release`.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, request

from kg.release import is_release_id
from server.answers import (
    CACHE_CONTROL,
    FORMAT_PARAMETERS,
    attach,
    choose_format,
    entity_tag,
    respond,
)
from server.context import context
from server.description import endpoint_description
from server.engine import Query
from server.errors import HttpProblem, bad_request
from server.guard import CheckedQuery, check_dataset, check_query, refuse_update
from server.negotiation import CSV, EXCEL_CSV, SOLUTIONS, TRIPLES, Format
from server.observation import note_query

FORM_TYPE = "application/x-www-form-urlencoded"
QUERY_TYPE = "application/sparql-query"
UPDATE_TYPE = "application/sparql-update"
ACCEPT_POST = f"{QUERY_TYPE}, {FORM_TYPE}"
MOST_PARAMETERS = 1000
CURRENT = "current"
"""The value of `release` that stands for whichever release is served."""
LONGEST_LOCATION = 2000
"""Longest query string that is repeated in Content-Location, in bytes."""

blueprint = Blueprint("sparql", __name__)


@dataclass(frozen=True, slots=True)
class Request:
    """The parameters of one request; `query` None = there is no query at all."""

    query: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    formats: tuple[str, ...]
    timeout_s: float | None
    wants_mark: bool
    wants_download: bool
    release: str | None
    """The id of a kept release; None = the current one."""


@blueprint.route("/sparql", methods=["GET", "POST"])
@blueprint.route("/sparql/", methods=["GET", "POST"])
def sparql() -> Response:
    """The answer of a query, or the description of the service if there is none."""
    here = context()
    here.rate_limit.check(request.remote_addr)
    asked = read_request()
    if asked.query is None:
        if request.method == "POST":
            raise bad_request("No query", f"Send a query as {ACCEPT_POST.replace(', ', ' or ')}.")
        response = endpoint_description(list(asked.formats))
        response.headers["Accept-Post"] = ACCEPT_POST
        return response
    note_query(asked.query)
    query = check_query(asked.query, here.settings)
    form = _format(query, asked)
    is_past = _hold_release(asked.release)
    release = here.release
    _check_graphs(asked, query, is_past)
    key = (query.normal, asked.default_graphs, asked.named_graphs)
    tag = None if query.is_volatile else entity_tag(here.engine, form.name, key)
    is_get = request.method in ("GET", "HEAD")
    if is_get and tag is not None and request.if_none_match.contains_weak(tag):
        return _labelled(Response(status=304), tag, is_get)
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
        ),
        release,
    )
    response = _labelled(respond(answer, form), tag, is_get)
    if asked.wants_download:
        attach(response, "result", form)
    return response


def read_request() -> Request:
    """The parameters of the request, from the URL and, for a form, from the body.

    Raises HttpProblem: 400 for several queries or bytes that are not UTF-8, 403 for an
    update, 415 for another media type or charset.
    """
    pairs = _pairs(request.query_string, "query string")
    body = request.get_data(cache=False) if request.method == "POST" else b""
    if body:
        media_type = request.mimetype.lower()
        if media_type == UPDATE_TYPE:
            raise refuse_update()
        if media_type not in (FORM_TYPE, QUERY_TYPE):
            raise _unsupported(
                f"Content-Type is {media_type or 'missing'}; expected {ACCEPT_POST}."
            )
        _check_charset()
        if media_type == QUERY_TYPE:
            pairs.append(("query", _utf8(body, "body")))
        else:
            pairs += _pairs(body, "body")
    return _request_of(pairs)


def _request_of(pairs: list[tuple[str, str]]) -> Request:
    def values(*names: str) -> tuple[str, ...]:
        return tuple(value for name, value in pairs if name in names)

    queries, updates = values("query"), values("update")
    if queries and updates:
        raise bad_request("Query and update", "A request has either a query or an update.")
    if updates:
        raise refuse_update()
    if len(queries) > 1:
        raise bad_request("Several queries", f"{len(queries)} queries were sent; expected one.")
    return Request(
        query=queries[0] if queries else None,
        default_graphs=tuple(dict.fromkeys(values("default-graph-uri"))),
        named_graphs=tuple(dict.fromkeys(values("named-graph-uri"))),
        formats=values(*FORMAT_PARAMETERS),
        timeout_s=_timeout(values("timeout")),
        wants_mark="1" in values("bom"),
        wants_download="1" in values("download"),
        release=_release_id(values("release")),
    )


def _pairs(data: bytes, where: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            data.decode("utf-8"),  # curl sends what is not percent-encoded as it is
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except UnicodeDecodeError as error:
        raise bad_request(
            "Not UTF-8", f"The {where} is not UTF-8; percent-encode UTF-8."
        ) from error
    except ValueError as error:
        raise bad_request(
            "Too many parameters", f"The {where} has more than {MOST_PARAMETERS} parameters."
        ) from error


def _utf8(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise bad_request("Not UTF-8", f"The {where} is not UTF-8: byte {error.start}.") from error


def _check_charset() -> None:
    charset = request.mimetype_params.get("charset", "utf-8")
    try:
        is_utf8 = codecs.lookup(charset).name in ("utf-8", "ascii")
    except LookupError:
        is_utf8 = False
    if not is_utf8:
        raise _unsupported(f"The charset is {charset}; queries are read as utf-8 only.")


def _unsupported(detail: str) -> HttpProblem:
    return HttpProblem(415, "Unsupported media type", detail, {"Accept-Post": ACCEPT_POST})


def _timeout(values: tuple[str, ...]) -> float | None:
    """Seconds, as in 5 or 0.5; may lower the limit, never raise it."""
    if not values:
        return None
    try:
        seconds = float(values[0])
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise bad_request("Bad timeout", f'timeout is "{values[0]}"; expected seconds, such as 10.')
    return seconds


def _release_id(values: tuple[str, ...]) -> str | None:
    """The id asked for; several that differ, or another form, are a 400."""
    asked = set(values) - {"", CURRENT}
    if not asked:
        return None
    if len(asked) > 1 or len(set(values)) > 1:
        raise bad_request("Several releases", "release is given more than once; expected one id.")
    found = asked.pop()
    if not is_release_id(found):
        raise bad_request(
            "Bad release",
            f'release is "{found[:40]}"; expected the id of a kept release, such as '
            f"20261124T101500Z-1a2b3c4d, or {CURRENT}. {_kept_releases()}",
        )
    return found


def _kept_releases() -> str:
    here = context()
    kept = ", ".join(release.id for release in here.engine.current.kept())
    return f"Kept: {kept}. Every version of every plan stays at {here.url('dumps/history/')}."


def _hold_release(release_id: str | None) -> bool:
    """Let the answer be that of the release; True if it is not the current one. Raises a 404."""
    here = context()
    if release_id is None or release_id == here.release.id:
        return False
    release = here.engine.current.of_id(release_id)
    if release is None:
        detail = f"Release {release_id} is not kept here (any more). {_kept_releases()}"
        raise HttpProblem(404, "Release not kept", detail)
    here.engine.current.hold(release)
    return True


def _format(query: CheckedQuery, asked: Request) -> Format:
    form = choose_format(SOLUTIONS if query.gives_solutions else TRIPLES, list(asked.formats))
    return EXCEL_CSV if form is CSV and asked.wants_mark else form


def _check_graphs(asked: Request, query: CheckedQuery, is_past: bool) -> None:
    wanted = (*asked.default_graphs, *asked.named_graphs) or query.graphs
    if wanted:
        here = context()
        known, _ = here.engine.contents(here.release, is_past)
        check_dataset(wanted, frozenset(known), here.url("sparql"))


def _labelled(response: Response, tag: str | None, is_get: bool) -> Response:
    response.headers["Vary"] = "Accept"
    if tag is not None:
        # weak: another worker may list the same solutions in another order
        response.set_etag(tag, weak=True)
    release_id = context().release.id
    response.headers["X-Release"] = release_id
    if is_get and len(request.query_string) <= LONGEST_LOCATION:
        pairs = [(n, v) for n, v in request.args.items(multi=True) if n != "release"]
        query = urlencode([*pairs, ("release", release_id)])
        response.headers["Content-Location"] = context().url(f"sparql?{query}")
    cacheable = is_get and tag is not None
    response.headers["Cache-Control"] = CACHE_CONTROL if cacheable else "no-store"
    return response


__all__ = ["blueprint", "read_request"]
