"""Every error the server answers with: one exception, one shape, three forms.

The shape is that of RFC 9457 (type, title, status, detail) as application/problem+json, as
text, or as a page where the pages fill in the hook. A 500 says only that we failed.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping

from flask import Flask, Response, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestedRangeNotSatisfiable

from server.hooks import hooks
from server.negotiation import ERRORS, negotiate
from server.observation import note_outcome

log = logging.getLogger("sdgplan.server")

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class HttpProblem(Exception):
    """A request that is refused or failed: status, a short title, what to do about it."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        outcome: str | None = None,
    ) -> None:
        """`outcome` is one word for logs and metrics; None = by the status."""
        super().__init__(f"{status} {title}: {detail}")
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})
        self.outcome = outcome


def bad_request(title: str, detail: str) -> HttpProblem:
    return HttpProblem(400, title, detail)


def not_acceptable(accept: str | None, offered: tuple[str, ...]) -> HttpProblem:
    """406 with the list of what can be asked for."""
    choice = offered[0] if len(offered) == 1 else f"{', '.join(offered[:-1])} or {offered[-1]}"
    return HttpProblem(406, "No acceptable format", f"Accept: {accept}. Ask for {choice}.")


def visible(text: str) -> str:
    """The text with U+FFFD for control characters, which neither HTML nor a terminal can show.

    They come from addresses that are quoted back; JSON has escapes for them.
    """
    return _CONTROLS.sub("\ufffd", text)


def nothing_at(path: str) -> str:
    """The detail of a 404 at the path."""
    return f"Nothing is published at {path}."


def unavailable(
    title: str, detail: str, retry_after_s: int | None, outcome: str | None = None
) -> HttpProblem:
    """503; `retry_after_s` None where trying again cannot help."""
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return HttpProblem(503, title, detail, headers, outcome)


def problem_response(problem: HttpProblem) -> Response:
    """The problem in the form that the request's Accept header prefers; JSON if it names none."""
    if problem.outcome is not None:
        note_outcome(problem.outcome)
    form = negotiate(request.headers.get("Accept"), ERRORS) or ERRORS[0]
    render_error = hooks().error
    if form.name == "html" and render_error is not None:
        response = render_error(problem.status, problem.title, problem.detail)
        response.status_code = problem.status
    elif form.name == "problem":
        shape = {
            "type": "about:blank",
            "title": problem.title,
            "status": problem.status,
            "detail": problem.detail,
        }
        body = json.dumps(shape, ensure_ascii=False) + "\n"
        response = Response(body, problem.status, content_type=form.content_type)
    else:
        body = visible(f"{problem.status} {problem.title}\n\n{problem.detail}\n")
        response = Response(body, problem.status, content_type="text/plain; charset=utf-8")
    for name, value in problem.headers.items():
        response.headers[name] = value
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response


def _of_werkzeug(error: HTTPException) -> HttpProblem:
    status = error.code or 500
    headers = {}
    detail = error.description or ""
    if status == 404:
        detail = nothing_at(request.path)
    elif isinstance(error, MethodNotAllowed):
        headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        detail = f"{request.path} answers {headers['Allow']}; this service is read-only."
    elif isinstance(error, RequestedRangeNotSatisfiable):
        headers["Content-Range"] = f"bytes */{error.length}"
    return HttpProblem(status, error.name, detail, headers)


def register_error_handlers(app: Flask) -> None:
    """Answer every exception of a view with `problem_response`."""

    @app.errorhandler(HttpProblem)
    def _refused(error: HttpProblem) -> Response:
        return problem_response(error)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        if error.response is not None and isinstance(error.response, Response):
            return error.response
        return problem_response(_of_werkzeug(error))

    @app.errorhandler(ParseException)
    def _unreadable(error: Exception) -> Response:
        detail = "The body does not end where its own lengths say."
        return problem_response(bad_request("Body cannot be read", detail))

    @app.errorhandler(Exception)
    def _failed(error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.path, exc_info=error)
        detail = "The request could not be answered through a fault of this server."
        return problem_response(HttpProblem(500, "Internal error", detail))
