"""/report/…: the SHACL report of a plan, as a page and as the Turtle file of the release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response

from server.answers import CACHE_CONTROL, choose_format
from server.context import context
from server.dumps import dump
from server.hooks import hooks
from server.negotiation import HTML, TURTLE
from server.resources import plan_entry

blueprint = Blueprint("report", __name__)


@blueprint.route("/report/<municipality>/<slug>/<int(fixed_digits=4):year>")
def report(municipality: str, slug: str, year: int) -> Response:
    """The report in sentences for browsers, else as data."""
    entry = _entry(municipality, slug, year)
    page = hooks().report
    if choose_format((TURTLE, HTML)) is HTML and page is not None:
        response = page(entry)
        response.add_etag()
        response.headers.setdefault("Cache-Control", CACHE_CONTROL)
    else:
        response = _file(entry)
    response.vary.add("Accept")
    return response


@blueprint.route("/report/<municipality>/<slug>/<int(fixed_digits=4):year>.ttl")
def report_file(municipality: str, slug: str, year: int) -> Response:
    """The file of the release, with its entity tag and ranges."""
    return _file(_entry(municipality, slug, year))


def _entry(municipality: str, slug: str, year: int) -> Mapping[str, Any]:
    here = context()
    graph = f"{here.settings.base_iri}{municipality}/plan/{slug}/{year}/graph/report"
    return plan_entry((municipality, slug, year), graph)


def _file(entry: Mapping[str, Any]) -> Response:
    return dump(f"{entry['code']}/{entry['slug']}/{entry['year']}/report.ttl")
