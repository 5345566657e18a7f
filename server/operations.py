"""For those who run the service: a log line and a count for each request, and /metrics."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, current_app, request

from server import observation
from server.context import Context
from server.hooks import EXTENSION
from server.logs import REQUESTS
from server.metrics import CONTENT_TYPE, Metrics
from server.observation import Observation

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(REQUESTS)

REQUEST_ID = "X-Request-Id"
_REQUEST_ID_KEY = "HTTP_X_REQUEST_ID"
_FIT_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_OUTCOMES = {400: "bad-request", 403: "refused", 404: "not-found", 406: "not-acceptable",
             408: "slow-request", 413: "too-large", 414: "too-large", 429: "refused"}  # fmt: skip

WRITE = "sdgplan.write_log_line"

blueprint = Blueprint("operations", __name__)


@blueprint.route("/metrics")
def metrics() -> Response:
    """The numbers of this server for Prometheus."""
    response = Response(_metrics().text(), content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


class Watched:
    """The outermost part of the application: what is remembered about each request."""

    def __init__(self, inner: WSGIApplication, here: Context) -> None:
        self._inner = inner
        self._here = here

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        current = self._here.engine.current
        pinned = current.pin()
        seen = Observation(_request_id(environ, self._here), time.monotonic())
        token = observation.current.set(seen)
        try:
            return self._inner(environ, start_response)
        finally:
            observation.current.reset(token)
            current.unpin(pinned)


def register_operations(app: Flask, metrics: Metrics) -> None:
    """Note every response; call it before other hooks are registered, so that it is outermost."""
    app.extensions[EXTENSION]["metrics"] = metrics
    app.register_blueprint(blueprint)

    @app.after_request
    def _label(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        status, size_bytes = response.status_code, response.content_length
        request_id = note_response(request.environ, metrics, route, status, size_bytes)
        response.headers[REQUEST_ID] = request_id
        return response


def note_response(
    environ: WSGIEnvironment, metrics: Metrics, route: str, status: int, size_bytes: int | None
) -> str:
    """Count a response and leave its log line for the moment of its last byte; the request's id.

    Call it while the request is watched.
    """
    seen = observation.current.get()
    assert seen is not None
    outcome = seen.outcome or _outcome(status)
    fields: dict[str, object] = {
        "request_id": seen.request_id,
        "client": environ.get("REMOTE_ADDR"),
        "method": environ["REQUEST_METHOD"],
        "route": route,
        "status": status,
        "outcome": outcome,
        "bytes": size_bytes,
        "release": metrics.engine.current.get().id,
    }
    if seen.query_hash is not None:
        fields["query_hash"] = seen.query_hash
        if log.isEnabledFor(logging.DEBUG):
            fields["query"] = seen.query_text
    if seen.query_s is not None:
        metrics.query_seconds.labels(outcome).observe(seen.query_s)
        fields["query_s"], fields["is_cached"] = round(seen.query_s, 4), seen.is_cached
        fields["answer_bytes"] = seen.answer_bytes
    metrics.requests.labels(route, str(status)).inc()

    def write(sent_bytes: int | None) -> None:
        if size_bytes is None:
            fields["bytes"] = sent_bytes
        fields["duration_s"] = round(time.monotonic() - seen.started, 4)
        log.info("request", extra={"fields": fields})

    environ[WRITE] = write
    return seen.request_id


def write_log_line(environ: dict[str, Any], sent_bytes: int | None) -> None:
    """Log a request after its last byte; the WSGI server calls it, a file has no other end."""
    write = environ.pop(WRITE, None)
    if write is not None:
        write(sent_bytes)


def _outcome(status: int) -> str:
    if status < 400:
        return "ok"
    return _OUTCOMES.get(status, "failed" if status >= 500 else "bad-request")


def _request_id(environ: WSGIEnvironment, here: Context) -> str:
    """The proxy's, where one is believed; else a new one."""
    if here.settings.trusted_proxies:
        given = environ.get(_REQUEST_ID_KEY, "")
        if _FIT_ID.fullmatch(given):
            return str(given)
    return uuid.uuid4().hex


def _metrics() -> Metrics:
    found = current_app.extensions[EXTENSION]["metrics"]
    assert isinstance(found, Metrics)
    return found
