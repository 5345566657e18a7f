"""Headers of every response: who may read it from elsewhere, and what a browser may do with it."""

from __future__ import annotations

from flask import Flask, Response, current_app, request

from kg.settings import Settings
from server.compression import finish_response
from server.context import context
from server.parameters import ACCEPT_POST

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
EXPOSED = (
    "ETag, Link, Retry-After, Content-Disposition, Content-Location, Content-Range, Accept-Post, "
    "X-Release, X-Request-Id"
)
PREFLIGHT_S = 86400

FIXED = {
    "Access-Control-Allow-Origin": "*",  # and never Allow-Credentials
    "Access-Control-Expose-Headers": EXPOSED,
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
}


def headers_for(settings: Settings) -> tuple[tuple[str, str], ...]:
    """The headers of every response that has none of its own by that name."""
    if settings.public_url.startswith("https:"):
        return (*FIXED.items(), ("Strict-Transport-Security", "max-age=31536000"))
    return tuple(FIXED.items())


def register_headers(app: Flask) -> None:
    """OPTIONS everywhere, and the last touches to each response; a view's own header wins."""

    @app.before_request
    def _options() -> Response | None:
        if request.method != "OPTIONS" or request.url_rule is None:
            return None
        response = current_app.make_default_options_response()
        allowed = ", ".join(sorted(response.allow))
        response.status_code = 204
        response.headers["Allow"] = allowed
        response.headers["Access-Control-Allow-Methods"] = allowed
        response.headers["Access-Control-Allow-Headers"] = "Content-Type, Accept, Authorization"
        response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_S)
        if "POST" in response.allow:
            response.headers["Accept-Post"] = ACCEPT_POST
        response.headers.pop("Content-Type", None)
        return response

    @app.after_request
    def _complete(response: Response) -> Response:
        response = finish_response(response, request)  # may be another one, such as a 412
        present = {name.lower() for name, _ in response.headers}
        # setdefault() would look through them each time
        for name, value in headers_for(context().settings):
            if name.lower() not in present:
                response.headers.add(name, value)
        return response
