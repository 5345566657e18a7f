"""What is said to a client whose request never becomes one: text, readable across origins."""

from __future__ import annotations

from gunicorn.http.errors import (
    ConfigurationProblem,
    ExpectationFailed,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)

_KINDS: tuple[tuple[type[ParseException], str, str], ...] = (
    (LimitRequestLine, "414 URI Too Long",
     "The request line is too long; send long queries by POST."),
    (LimitRequestHeaders, "431 Request Header Fields Too Large", "The headers are too long."),
    (UnsupportedTransferCoding, "501 Not Implemented", "This transfer coding is not supported."),
    (ExpectationFailed, "417 Expectation Failed", "This expectation is not met."),
)  # fmt: skip
OUR_FAULTS = (ConfigurationProblem, InvalidResponseHeader, InvalidResponseHeaderName)


def plain(status: str, text: str, header: str = "") -> bytes:
    """A whole response after which the connection closes; `header` lines end in CRLF."""
    body = f"{status}\n\n{text}\n"
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n{header}"
    fixed = "Access-Control-Allow-Origin: *\r\nCache-Control: no-store\r\nConnection: close\r\n"
    return f"{head}{fixed}Content-Length: {len(body)}\r\n\r\n{body}".encode("ascii")


TOO_LATE = plain("408 Request Timeout", "The request came too slowly.")
TOO_MANY = plain(
    "503 Service Unavailable",
    "This service answers as many clients as it can; ask again.",
    "Retry-After: 5\r\n",
)


def refusal_of(error: BaseException) -> bytes | None:
    """The response to a request that gunicorn could not read; None if the fault is not its own."""
    if not isinstance(error, ParseException) or isinstance(error, OUR_FAULTS):
        return None
    for kind, status, text in _KINDS:
        if isinstance(error, kind):
            return plain(status, text)
    return plain("400 Bad Request", "This is not a request of HTTP/1.1.")
