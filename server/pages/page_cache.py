"""Pages kept as they were made, until there is another release: most are asked for again.

A page depends on the release, the address, the language and what the browser accepts. Making one
takes a hundred times as long as a file of its size, so it is kept, bounded in bytes like the
answers. The history is written after a switch, so nothing is kept for longer than KEPT_S.
"""

from __future__ import annotations

import json
import time

from flask import Flask, Response, g, request

from kg.errors import ReleaseError
from kg.release import MANIFEST_FILE, Release
from server.cache import AnswerCache
from server.context import context
from server.negotiation import HTML
from server.pages.language import page_language

KEPT_BYTES = 32 << 20
LARGEST_BYTES = 1 << 20
KEPT_S = 300
"""As long as browsers may keep them, see CACHE_CONTROL."""

Key = tuple[object, ...]


def register_page_cache(app: Flask) -> None:
    """Answer from what is kept, and keep what was made; call it after `register_headers`.

    Functions after a request run in the reverse order of their registration, so that pages are
    kept before they are compressed, and a kept one is compressed and tagged like a new one.
    """
    cache = AnswerCache(KEPT_BYTES, LARGEST_BYTES)

    @app.before_request
    def _kept() -> Response | None:
        key = _key()
        if key is None:
            return None
        kept = cache.get(key)
        response = None if kept is None else _unpacked(kept)
        if response is None:
            g.page_key = key
        return response

    @app.after_request
    def _keep(response: Response) -> Response:
        key = g.pop("page_key", None)
        is_page = response.status_code == 200 and response.content_type == HTML.content_type
        may_be_kept = not (response.is_streamed or response.cache_control.no_cache)
        if key is not None and key == _key() and is_page and may_be_kept:
            cache.put(key, _packed(response))
        return response


def _key() -> Key | None:
    """What the page depends on; None where nothing is kept: for queries, and what is no reading."""
    # a query has its own limits, and its answers are kept by the engine
    if request.method not in ("GET", "HEAD") or "query" in request.args:
        return None
    try:
        release = _identity(context().release)
    except (OSError, ReleaseError):
        return None
    # the address as it was sent: another spelling of it may be redirected
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path
    accept = request.headers.get("Accept", "")
    # not every server gives the query with it
    sent = (raw, request.query_string)
    return (release, *sent, page_language(), accept)


def _identity(release: Release) -> tuple[object, ...]:
    """What no other release has, not even one of the same name in its place."""
    told = (release.path / MANIFEST_FILE).stat()
    return str(release.path), told.st_ino, told.st_mtime_ns


def _packed(response: Response) -> bytes:
    headers = [(name, value) for name, value in response.headers if name != "Content-Length"]
    return json.dumps([_now(), headers]).encode() + b"\n" + response.get_data()


def _unpacked(kept: bytes) -> Response | None:
    """None for a page that was kept for too long."""
    head, _, body = kept.partition(b"\n")
    made, headers = json.loads(head)
    return None if _now() - made > KEPT_S else Response(body, headers=headers)


def _now() -> float:
    return time.monotonic()
