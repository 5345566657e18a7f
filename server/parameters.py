"""What a request to /sparql asks: its parameters, from the URL and from the two forms of POST.

Source: https://www.w3.org/TR/sparql11-protocol/ section 2.1; parameters of our own are
`format` (also `output`, `results`), `timeout`, `bom`, `download` and `release`.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request

from kg.release import is_release_id
from server.answers import FORMAT_PARAMETERS
from server.context import Context
from server.errors import HttpProblem, bad_request
from server.guard import refuse_update

FORM_TYPE = "application/x-www-form-urlencoded"
QUERY_TYPE = "application/sparql-query"
UPDATE_TYPE = "application/sparql-update"
ACCEPT_POST = f"{QUERY_TYPE}, {FORM_TYPE}"
MOST_PARAMETERS = 1000
CURRENT = "current"
"""The value of `release` that stands for whichever release is served."""


@dataclass(frozen=True, slots=True)
class Asked:
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


def read_asked(environ: Mapping[str, Any], here: Context) -> Asked:
    """The parameters of the request.

    Raises HttpProblem: 400 for several queries or bytes that are not UTF-8, 403 for an
    update, 415 for another media type or charset; the library's 413 for a body too long.
    """
    pairs = _pairs(environ.get("QUERY_STRING", "").encode("latin-1"), "query string")
    if environ["REQUEST_METHOD"] == "POST":
        pairs += _pairs_of_body(environ, here)
    return _asked_of(pairs, here)


def _pairs_of_body(environ: Mapping[str, Any], here: Context) -> list[tuple[str, str]]:
    request = Request(dict(environ))
    request.max_content_length = here.most_body_bytes
    body = request.get_data(cache=False)
    if not body:
        return []
    media_type = request.mimetype.lower()
    if media_type == UPDATE_TYPE:
        raise refuse_update()
    if media_type not in (FORM_TYPE, QUERY_TYPE):
        raise _unsupported(f"Content-Type is {media_type or 'missing'}; expected {ACCEPT_POST}.")
    _check_charset(request.mimetype_params.get("charset", "utf-8"))
    return [("query", _utf8(body, "body"))] if media_type == QUERY_TYPE else _pairs(body, "body")


def _asked_of(pairs: list[tuple[str, str]], here: Context) -> Asked:
    def values(*names: str) -> tuple[str, ...]:
        return tuple(value for name, value in pairs if name in names)

    queries, updates = values("query"), values("update")
    if queries and updates:
        raise bad_request("Query and update", "A request has either a query or an update.")
    if updates:
        raise refuse_update()
    if len(queries) > 1:
        raise bad_request("Several queries", f"{len(queries)} queries were sent; expected one.")
    return Asked(
        query=queries[0] if queries else None,
        default_graphs=tuple(dict.fromkeys(values("default-graph-uri"))),
        named_graphs=tuple(dict.fromkeys(values("named-graph-uri"))),
        formats=values(*FORMAT_PARAMETERS),
        timeout_s=_timeout(values("timeout")),
        wants_mark="1" in values("bom"),
        wants_download="1" in values("download"),
        release=_release_id(values("release"), here),
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


def _check_charset(charset: str) -> None:
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


def _release_id(values: tuple[str, ...], here: Context) -> str | None:
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
            f"20261124T101500Z-1a2b3c4d, or {CURRENT}. {kept_releases(here)}",
        )
    return found


def kept_releases(here: Context) -> str:
    """A sentence that names them."""
    kept = ", ".join(release.id for release in here.engine.current.kept())
    return f"Kept: {kept}. Every version of every plan stays at {here.url('dumps/history/')}."
