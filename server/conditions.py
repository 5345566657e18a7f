"""Conditional and partial requests as RFC 9110 has them; the library differs in some points.

What must be met is checked in the order of section 13.2.2: If-Match or If-Unmodified-Since,
then If-None-Match or If-Modified-Since, then the range.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Request, Response
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import is_resource_modified, parse_date, parse_etags

from server.errors import HttpProblem, problem_response

Environ = Mapping[str, Any]

_RANGE = re.compile(r"bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", re.IGNORECASE)
_READING = ("GET", "HEAD")


def answer_conditions(response: Response, request: Request) -> Response:
    """The response, or 412 or 304 in its place; call it last, when the entity tag is settled."""
    if request.method not in _READING or response.status_code != 200:
        return response
    if _is_refused(response, request.environ):
        response.close()
        detail = "The representation is not the one that If-Match or If-Unmodified-Since names."
        return problem_response(HttpProblem(412, "Precondition failed", detail))
    # the library takes * under If-Match for the name of a tag
    rest = {name: value for name, value in request.environ.items() if name != "HTTP_IF_MATCH"}
    response.make_conditional(rest)
    return response


def cut_range(response: Response, request: Request, size_bytes: int) -> None:
    """Make the response to a GET with a byte range a 206 with that part of its file.

    One range is answered. Several, other units and what cannot be read are ignored, which RFC
    9110, 14.2 allows; so is a range of a HEAD, and one whose conditions are not met. Raises
    RequestedRangeNotSatisfiable (416) if the file has no such part.
    """
    header, validator = request.headers.get("Range"), request.headers.get("If-Range", "")
    environ = {"REQUEST_METHOD": request.method}
    # a weak tag never agrees with what a part is put to (13.1.5); the library lets it
    is_asked = request.method == "GET" and header and size_bytes and validator[:2] != "W/"
    if header and is_asked and _is_met(response, request.environ):
        try:
            wanted = _one_range(header, size_bytes)
        except RequestedRangeNotSatisfiable:
            response.close()
            raise
        environ |= {"HTTP_RANGE": wanted} if wanted else {}
        environ |= {"HTTP_IF_RANGE": validator} if validator else {}
    response.make_conditional(environ, accept_ranges=True, complete_length=size_bytes)


def _one_range(header: str, size_bytes: int) -> str | None:
    """The range as `bytes=first-last` within the file; None if it is to be ignored."""
    found = _RANGE.fullmatch(header.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        # a suffix longer than the file is the whole file (14.1.2)
        first, last = max(0, size_bytes - int(found[2])), size_bytes - 1
    else:
        first = int(found[1])
        last = int(found[2]) if found[2] else max(first, size_bytes)
        if last < first:
            return None
    if first >= size_bytes:
        raise RequestedRangeNotSatisfiable(size_bytes)
    return f"bytes={first}-{min(last, size_bytes - 1)}"


def _is_met(response: Response, environ: Environ) -> bool:
    """Whether no condition of the request asks for 412 or 304."""
    rest = {name: value for name, value in environ.items() if name != "HTTP_IF_MATCH"}
    return not _is_refused(response, environ) and is_resource_modified(
        rest, response.headers.get("ETag"), last_modified=response.headers.get("Last-Modified")
    )


def _is_refused(response: Response, environ: Environ) -> bool:
    """Whether If-Match, or in its absence If-Unmodified-Since, asks for 412."""
    if "HTTP_IF_MATCH" in environ:
        named = parse_etags(environ["HTTP_IF_MATCH"])
        tag, is_weak = response.get_etag()
        return not (named.star_tag or (tag and not is_weak and named.is_strong(tag)))
    since = parse_date(environ.get("HTTP_IF_UNMODIFIED_SINCE"))
    modified: datetime | None = response.last_modified
    return since is not None and modified is not None and modified > since
