"""/compare: the goals of up to five plans side by side, as a page, CSV, JSON, SVG and PNG.

What is compared is in the address: `m` (municipalities, by code or name), `year` and `show`. All
numbers come from the statistics in the store (kg/mapping/statistics.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from server.answers import CACHE_CONTROL, attachment, choose_format, redirect_to
from server.compare.chart import SIZES, chart_svg
from server.compare.choice import Choice, Entry, choice_of
from server.compare.columns import MOST_COLUMNS, Column, columns_of
from server.compare.picture import can_draw_png, png_of
from server.compare.tables import comparison_csv, comparison_json
from server.compare.words import chart_texts
from server.context import context
from server.errors import HttpProblem, bad_request
from server.hooks import hooks
from server.negotiation import EXCEL_CSV, HTML, PLAIN_JSON, Format
from server.spreadsheet import with_mark

SVG = Format("svg", "image/svg+xml", "svg", ("svg",), is_text=False)
PNG = Format("png", "image/png", "png", ("png",), is_text=False)
CSV = Format("csv", "text/csv", "csv", ("csv", "excel-csv"))

blueprint = Blueprint("compare", __name__)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was asked for, and the columns that the statistics give for it."""

    choice: Choice
    columns: tuple[Column, ...]
    entries: tuple[Entry, ...]
    """All plans that are served: what can be chosen."""


@blueprint.route("/compare")
def compare() -> Response:
    """The page for browsers, else JSON, or another form by `format` or Accept."""
    page = hooks().compare
    offers = (PLAIN_JSON, CSV, SVG, PNG, HTML)
    form = choose_format(offers if page else offers[:-1])
    found = _comparison()
    if form is not HTML or page is None:
        return _data(found, form)
    added = request.args.get("add", "").strip()
    if added and added not in {unclear.text for unclear in found.choice.unclear}:
        # the address that is kept and shared says no more than what is compared
        kept = [("lang", request.args["lang"])] if "lang" in request.args else []
        query = "&".join([found.choice.query(), *(f"{k}={v}" for k, v in kept)])
        return redirect_to(context().url(f"compare?{query}"), 303)
    return _finished(page(found))


@blueprint.route("/compare.<extension>")
def compare_file(extension: str) -> Response:
    """The comparison as a file."""
    form = next((f for f in (CSV, PLAIN_JSON, SVG, PNG) if f.extension == extension), None)
    if form is None:
        raise NotFound
    return _data(_comparison(), form)


def _comparison() -> Comparison:
    here = context()
    here.rate_limit.check(request.remote_addr)
    plans = here.release.manifest.get("plans", ())
    entries = tuple(entry for entry in plans if entry.get("status") != "withdrawn")
    choice = choice_of(
        [*request.args.getlist("m"), request.args.get("add", "")],
        request.args.getlist("year"),
        request.args.get("show", ""),
        entries,
    )
    return Comparison(choice, tuple(columns_of(choice.plans)), entries)


def _data(found: Comparison, form: Format) -> Response:
    """Data of exactly what was asked for, or a refusal that says what is not clear."""
    choice = found.choice
    if choice.unclear:
        one = choice.unclear[0]
        held = ", ".join(one.suggested) or "none that is held"
        raise HttpProblem(
            404,
            "No such municipality",
            f"m={one.text} names no single municipality. Codes it may mean: {held}.",
        )
    if choice.unreadable:
        raise bad_request("Unreadable parameter", f"Not understood: {', '.join(choice.unreadable)}")
    if choice.left_out:
        raise bad_request(
            "Too many plans", f"At most {MOST_COLUMNS} plans are compared; {choice.left_out} more."
        )
    if choice.absent:
        code, year = choice.absent[0]
        raise HttpProblem(404, "No such plan", f"No plan of {code} for {year} is held.")
    if not found.columns:
        raise bad_request("Nothing to compare", "Name municipalities by ?m=, such as ?m=072036.")
    if form is CSV or form is EXCEL_CSV:
        response = Response(with_mark(comparison_csv(found.columns)), content_type=CSV.content_type)
        response.headers["Content-Disposition"] = attachment("compare", CSV)
    elif form is PLAIN_JSON:
        body = comparison_json(found.columns, context().release.id)
        response = Response(body, content_type=form.content_type)
    else:
        response = _picture(found, form)
    return _finished(response)


def _picture(found: Comparison, form: Format) -> Response:
    if form is PNG and not can_draw_png():
        raise HttpProblem(
            404,
            "No PNG here",
            "This server has no Japanese font, so no PNG is drawn; ask for .svg.",
        )
    size = SIZES.get(request.args.get("size", ""), SIZES["wide"])
    language = request.args.get("lang", "")
    if language not in context().settings.languages:
        language = context().settings.languages[0]
    title, description = chart_texts(found.columns, found.choice.show, language)
    drawn = chart_svg(found.columns, found.choice.show, size, language, title, description)
    body = png_of(drawn) if form is PNG else drawn
    return Response(body, content_type=form.content_type)


def _finished(response: Response) -> Response:
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.vary.update(("Accept", "Accept-Language"))
    response.add_etag()
    return response
