"""/charts/…: the charts of the current release, drawn when its plans were built."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from kg.release import CHARTS_FOLDER
from server.answers import CACHE_CONTROL
from server.context import context
from server.dumps import inside
from server.resources import plan_entry

SVG = "image/svg+xml"

blueprint = Blueprint("charts", __name__)


@blueprint.route("/charts/<code>/<slug>/<int(fixed_digits=4):year>/<name>.svg")
def chart(code: str, slug: str, year: int, name: str) -> Response:
    """A chart as SVG; its entity tag is that of its bytes, so it outlives releases."""
    path = f"{code}/{slug}/{year}/{name}.svg"
    here = context()
    plan_entry((code, slug, year), here.url(f"charts/{path}"))
    file = inside((here.release.path / CHARTS_FOLDER).resolve(), path)
    if not file.is_file():
        raise NotFound
    response = Response(file.read_bytes(), content_type=SVG)
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:24])
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response
