"""Answers of queries on their way around the application.

For a short query a web framework takes longer than the engine. So a query is answered before
the application is asked, and a plain 200 is sent from here. Whatever needs more, from HEAD and
conditions to every refusal, is handed on with what is known so far (`server/sparql.py`). The
rules are the same functions in both places.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from werkzeug.wsgi import ClosingIterator

from server.answers import CHUNK_BYTES, Reply, body_of, chunks_of
from server.compression import coding_of, compressed, vary_of
from server.context import Context
from server.headers import headers_for
from server.metrics import Metrics
from server.negotiation import EXCEL_CSV
from server.operations import REQUEST_ID, note_response
from server.sparql import METHODS, OUTCOME, PATHS, answer_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_CONDITIONS = (
    "HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_RANGE",
)  # fmt: skip


class Queries:
    """Stands before the application."""

    def __init__(self, application: WSGIApplication, here: Context, metrics: Metrics) -> None:
        self._application = application
        self._here = here
        self._metrics = metrics
        self._headers = headers_for(here.settings)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path, method = environ.get("PATH_INFO"), environ["REQUEST_METHOD"]
        if path not in PATHS or method not in METHODS:
            return self._application(environ, start_response)
        outcome: object
        try:
            outcome = answer_of(environ, self._here)
        except Exception as error:
            outcome = error  # raised again in the view, for the one place that words it
        if isinstance(outcome, Reply) and outcome.answer is not None and _is_plain(environ):
            coding = coding_of(
                outcome.form.content_type,
                outcome.answer.size_bytes,
                environ.get("HTTP_ACCEPT_ENCODING"),
            )
            if outcome.form is not EXCEL_CSV and (coding is None or outcome.answer.spool is None):
                return self._send(environ, start_response, outcome, coding)
        environ[OUTCOME] = outcome
        return self._application(environ, start_response)

    def _send(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        reply: Reply,
        coding: str | None,
    ) -> Iterable[bytes]:
        assert reply.answer is not None
        body, size_bytes = body_of(reply.answer, reply.form)
        headers = {"Content-Type": reply.form.content_type, **reply.headers}
        headers["Vary"] = vary_of(headers["Vary"])
        if coding is not None and isinstance(body, bytes):
            body = compressed(body, coding)
            size_bytes = len(body)
            headers["Content-Encoding"] = coding
        headers["Content-Length"] = str(size_bytes)
        path = environ["PATH_INFO"]
        headers[REQUEST_ID] = note_response(environ, self._metrics, path, 200, size_bytes)
        start_response("200 OK", [*headers.items(), *self._headers])
        if not isinstance(body, bytes):
            wrapped = environ.get("wsgi.file_wrapper")
            if wrapped is not None:  # the kernel copies it to the socket
                return cast(Iterable[bytes], wrapped(body, CHUNK_BYTES))
            return ClosingIterator(chunks_of(body), body.close)
        hold = getattr(environ.get("gunicorn.socket"), "hold", None)
        if hold is not None and body:
            hold()
        return [body]


def _is_plain(environ: WSGIEnvironment) -> bool:
    return environ["REQUEST_METHOD"] != "HEAD" and not any(map(environ.__contains__, _CONDITIONS))
