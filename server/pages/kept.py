"""Pages that browsers may keep for a while, and ask again by their tag."""

from __future__ import annotations

from flask import Response

from server.answers import CACHE_CONTROL


def kept(response: Response) -> Response:
    """The page with its lifetime and its tag."""
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.add_etag()
    return response
