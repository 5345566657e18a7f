"""/compare: the goals of up to five plans side by side, as a page, CSV, JSON, SVG and PNG.

What is compared is in the address: `m` (municipalities, by code or name), `year` and `show`. All
numbers come from the statistics in the store (kg/mapping/statistics.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from server.answers import (
    CACHE_CONTROL,
    FORMAT_PARAMETERS,
    attachment,
    choose_format,
    redirect_to,
)
from server.compare.chart import SIZES, chart_svg
from server.compare.choice import Choice, Entry, Show, choice_of
from server.compare.columns import Column, columns_of
from server.compare.names import Names, names_of
from server.compare.picture import can_draw_png, png_of
from server.compare.tables import comparison_csv, comparison_json
from server.compare.words import chart_texts, in_file
from server.context import context
from server.errors import HttpProblem, bad_request
from server.hooks import hooks
from server.negotiation import EXCEL_CSV, HTML, PLAIN_JSON, Format
from server.spreadsheet import with_mark

SVG = Format("svg", "image/svg+xml", "svg", ("svg",), is_text=False)
PNG = Format("png", "image/png", "png", ("png",), is_text=False)
CSV = Format("csv", "text/csv", "csv", ("csv", "excel-csv"))

PARAMETERS = ("m", "add", "year", "show", "lang", "size", "view", *FORMAT_PARAMETERS)

blueprint = Blueprint("compare", __name__)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was asked for, and the columns that the statistics give for it."""

    choice: Choice
    columns: tuple[Column, ...]
    entries: tuple[Entry, ...]
    """All plans that are served: what can be chosen."""
    names: Names
    """Of all of these."""


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
    told = {one.text for one in found.choice.unclear} | {text for text, _ in found.choice.read_as}
    if added and added not in told:
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
    names = names_of(entries)
    return Comparison(choice, tuple(columns_of(choice.plans, names)), entries, names)


def _data(found: Comparison, form: Format) -> Response:
    """Data of what was asked for, or a refusal that says what is not clear.

    Of plans that are not held, or are beyond the most that stand side by side, the data says so.
    """
    choice = found.choice
    _check_parameters()
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
    if choice.absent and not found.columns:
        code, year = choice.absent[0]
        raise HttpProblem(404, "No such plan", f"No plan of {code} for {year} is held.")
    if not found.columns:
        raise bad_request("Nothing to compare", "Name municipalities by ?m=, such as ?m=072036.")
    if form is CSV or form is EXCEL_CSV:
        response = Response(
            with_mark(comparison_csv(found.columns, choice, found.entries)),
            content_type=CSV.content_type,
        )
        response.headers["Content-Disposition"] = attachment(_file_name(found), CSV)
    elif form is PLAIN_JSON:
        body = comparison_json(found.columns, choice, context().release.id)
        response = _named(Response(body, content_type=form.content_type), found, form)
    else:
        response = _named(_picture(found, form), found, form)
    return _finished(response)


def _check_parameters() -> None:
    """Raises a 400 for a parameter that means nothing: a misspelt one would go unnoticed."""
    for name in request.args:
        if name not in PARAMETERS:
            near = get_close_matches(name, PARAMETERS, n=1, cutoff=0.0)[0]
            raise bad_request(
                "Unknown parameter", f"{name[:40]} is not known here. Did you mean {near}?"
            )


def _file_name(found: Comparison) -> str:
    """Codes in the order of the columns, then years, such as compare-072036-502014-2021."""
    codes = dict.fromkeys(str(column.entry["code"]) for column in found.columns)
    years = sorted({column.year for column in found.columns})
    show = [] if found.choice.show is Show.COUNT else [str(found.choice.show)]
    return "-".join(["compare", *codes, *map(str, years), *show])


def _named(response: Response, found: Comparison, form: Format) -> Response:
    """The response shown by browsers, and saved under a name that says what it is."""
    name = attachment(_file_name(found), form).replace("attachment", "inline", 1)
    response.headers["Content-Disposition"] = name
    return response


def page_address(choice: Choice, language: str) -> str:
    """The address of the page, as it is given in pictures."""
    first = context().settings.languages[0]
    return context().url(
        f"compare?{choice.query()}{'' if language == first else f'&lang={language}'}"
    )


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
    show = found.choice.show
    address = page_address(found.choice, language)
    texts = in_file(
        chart_texts(found.columns, found.choice, found.entries, language, address), language
    )
    drawn = chart_svg(found.columns, show, size, language, texts)
    body = png_of(drawn) if form is PNG else drawn
    return Response(body, content_type=form.content_type)


def _finished(response: Response) -> Response:
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.vary.update(("Accept", "Accept-Language"))
    response.add_etag()
    return response
