"""For those who run the service: a log line and a count for each request, and /metrics."""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, request

from server import observation
from server.context import context
from server.hooks import EXTENSION
from server.metrics import CONTENT_TYPE, Metrics
from server.observation import Observation

log = logging.getLogger("sdgplan.request")

REQUEST_ID = "X-Request-Id"
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


def register_operations(app: Flask, metrics: Metrics) -> None:
    """Watch every request; call it before other hooks are registered, so that it is outermost."""
    app.extensions[EXTENSION]["metrics"] = metrics
    app.register_blueprint(blueprint)

    @app.before_request
    def _begin() -> None:
        g.started = time.monotonic()
        g.release_token = context().engine.current.pin()
        g.observation = Observation(request_id=_request_id())
        g.observation_token = observation.current.set(g.observation)

    @app.after_request
    def _label(response: Response) -> Response:
        seen = g.get("observation")
        if seen is None:
            return response
        response.headers[REQUEST_ID] = seen.request_id
        fields = _fields(response, seen)
        started, route = g.started, fields["route"]
        if seen.query_s is not None:
            metrics.query_seconds.labels(fields["outcome"]).observe(seen.query_s)
        metrics.requests.labels(route, str(response.status_code)).inc()

        def write(sent_bytes: int | None) -> None:
            if fields["bytes"] is None:
                fields["bytes"] = sent_bytes
            fields["duration_s"] = round(time.monotonic() - started, 4)
            log.info("request", extra=fields)

        request.environ[WRITE] = write
        return response

    @app.teardown_request
    def _end(_error: BaseException | None) -> None:
        if "release_token" in g:
            context().engine.current.unpin(g.pop("release_token"))
        if "observation_token" in g:
            observation.current.reset(g.pop("observation_token"))


def write_log_line(environ: dict[str, Any], sent_bytes: int | None) -> None:
    """Log a request after its last byte; the WSGI server calls it, a file has no other end."""
    write = environ.pop(WRITE, None)
    if write is not None:
        write(sent_bytes)


def _fields(response: Response, seen: Observation) -> dict[str, object]:
    outcome = seen.outcome or _outcome(response.status_code)
    fields: dict[str, object] = {
        "request_id": seen.request_id,
        "client": request.remote_addr,
        "method": request.method,
        "route": request.url_rule.rule if request.url_rule else "none",
        "status": response.status_code,
        "outcome": outcome,
        "bytes": response.content_length,
        "release": context().release.id,
    }
    if seen.query_hash is not None:
        fields["query_hash"] = seen.query_hash
        if log.isEnabledFor(logging.DEBUG):
            fields["query"] = seen.query_text
    if seen.query_s is not None:
        fields |= {"query_s": round(seen.query_s, 4), "is_cached": seen.is_cached}
        fields["answer_bytes"] = seen.answer_bytes
    return fields


def _outcome(status: int) -> str:
    if status < 400:
        return "ok"
    return _OUTCOMES.get(status, "failed" if status >= 500 else "bad-request")


def _request_id() -> str:
    """The proxy's, where one is believed; else a new one."""
    given = request.headers.get(REQUEST_ID, "")
    if context().settings.trusted_proxies and _FIT_ID.fullmatch(given):
        return given
    return uuid.uuid4().hex


def _metrics() -> Metrics:
    found = current_app.extensions[EXTENSION]["metrics"]
    assert isinstance(found, Metrics)
    return found
