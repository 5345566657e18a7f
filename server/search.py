"""/search?q=: projects, targets, units and all else that is named, found by words of any length.

For people as a page, for programs as JSON with the same rows, and as CSV. Each word may stand
anywhere in a name or text; all of them must. Narrowed down by parameters: kind, prefecture,
municipality, year, goal (stated or curated links) and estimated (candidates of links).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from kg.folding import words_of
from kg.goals import GOALS
from kg.search_entries import Kind
from server.answers import CACHE_CONTROL, attachment, choose_format
from server.cache import AnswerCache
from server.context import context
from server.errors import bad_request, unavailable
from server.excerpts import Marked, excerpt, marked
from server.finding import Counts, Filters, Finder, Hit, Words, finder_of
from server.hooks import hooks
from server.negotiation import CSV, EXCEL_CSV, HTML, PLAIN_JSON, Format
from server.spreadsheet import with_mark

MOST_CHARACTERS = 200
"""Of a query; what is longer is refused."""
ROWS_A_PAGE = 50
MOST_CSV_ROWS = 2_000
ORDER = (
    "entries with all words in the name before others, then by kind (as in kinds), code of the "
    "municipality, fiscal year (newest first), number"
)
COLUMNS = (
    "kind", "municipality_code", "municipality_name", "fiscal_year", "number", "name", "unit",
    "field", "excerpt", "iri",
)  # fmt: skip

_answers = AnswerCache(limit_bytes=16 << 20, entry_bytes=1 << 20)

blueprint = Blueprint("search", __name__)


@dataclass(frozen=True, slots=True)
class Row:
    """One found entry with what was found in it."""

    hit: Hit
    name: Marked
    excerpt: Marked | None


@dataclass(frozen=True, slots=True)
class Search:
    """What was asked for and what was found; `finder` None = the release has no index."""

    query: str
    words: Words
    filters: Filters
    finder: Finder | None
    counts: Counts
    page: int
    pages: int

    def rows(self, start: int, number: int) -> list[Row]:
        """The entries from a place on, counted from 0."""
        if self.finder is None or not self.words or start >= self.counts.total:
            return []
        found = self.finder.hits(self.words, self.filters, start, number)
        names = [marked(hit.name, self.words) for hit in found]
        return [
            Row(hit, name, excerpt(name, hit.texts, self.words))
            for hit, name in zip(found, names, strict=True)
        ]

    @property
    def start(self) -> int:
        """How many entries stand on the pages before this one."""
        return (self.page - 1) * ROWS_A_PAGE

    def parameters(self, **changes: object) -> dict[str, str]:
        """The query string of this search with other filters, or another page; None drops one.

        Other filters begin at the first page.
        """
        values: dict[str, object] = {"q": self.query, **filter_values(self.filters), **changes}
        if values.get("page") == 1:
            del values["page"]
        return {name: str(value) for name, value in values.items() if value is not None}


@blueprint.route("/search")
def search() -> Response:
    """The page for browsers, else JSON, or CSV by `format` or Accept."""
    here, page = context(), hooks().search
    offers = (PLAIN_JSON, CSV, EXCEL_CSV, HTML)
    form = choose_format(offers if page else offers[:-1])
    if request.args.get("q"):
        here.rate_limit.check(request.remote_addr)
    key = _key(form)
    kept = _answers.get(key)
    if kept is not None:
        first_line, _, body = kept.partition(b"\n")
        return _finished(Response(body, content_type=form.content_type), first_line.decode())
    query, filters = _query(), _filters()
    words = words_of(query)
    finder = finder_of(here.release.path)
    counts = Counts()
    if words:
        if finder is None:
            raise unavailable(
                "No search index",
                "The release that is served has no index for the search; the next build makes one.",
                None,
                "no-index",
            )
        counts = finder.counts(words, filters)
    pages = max(1, -(-counts.total // ROWS_A_PAGE))
    asked = min(_number("page", 1, 999_999) or 1, pages)
    found = Search(query, words, filters, finder, counts, asked, pages)
    if form is HTML and page is not None:
        response = page(found)
    elif form is PLAIN_JSON:
        response = Response(_json(found), content_type=form.content_type)
    else:
        return _finished(_csv(found, form), "")
    language = response.headers.get("Content-Language", "")
    _answers.put(key, b"%s\n%s" % (language.encode(), response.get_data()))
    return _finished(response, language)


def _key(form: Format) -> tuple[object, ...]:
    """What decides an answer: the release, the settings, the request."""
    here = context()
    asked = (request.query_string, request.headers.get("Accept-Language"), form.name)
    return (str(here.release.path), repr(here.settings), *asked)


def _finished(response: Response, language: str) -> Response:
    response.vary.add("Accept")
    if language:
        response.headers["Content-Language"] = language
        response.vary.add("Accept-Language")
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.add_etag()
    return response


def filter_values(filters: Filters) -> dict[str, str]:
    """The filters as they stand in a query string."""
    kind, prefecture = filters.kind, filters.prefecture
    values: dict[str, object] = {
        "kind": None if kind is None else kind.name.lower(),
        "prefecture": None if prefecture is None else f"{prefecture:02}",
        "municipality": None if filters.municipality is None else f"{filters.municipality:06}",
        "year": filters.year,
        "goal": filters.goal,
        "estimated": filters.estimated,
    }
    return {name: str(value) for name, value in values.items() if value is not None}


def municipalities() -> dict[int, Mapping[str, Any]]:
    """The newest plan's entry in the manifest for each code of a municipality."""
    plans = context().release.manifest["plans"]
    with_names = [plan for plan in plans if "municipality" in plan]
    return {int(p["code"]): p for p in sorted(with_names, key=lambda plan: int(plan["year"]))}


def _query() -> str:
    query = request.args.get("q", "").strip()
    if len(query) > MOST_CHARACTERS:
        raise bad_request(
            "Search text too long",
            f"q has {len(query)} characters; at most {MOST_CHARACTERS} can be searched for.",
        )
    return query


def _filters() -> Filters:
    return Filters(
        kind=_kind(),
        prefecture=_number("prefecture", 1, 99),
        municipality=_number("municipality", 1, 999_999),
        year=_number("year", 1, 4094),
        goal=_number("goal", GOALS[0], GOALS[-1]),
        estimated=_number("estimated", GOALS[0], GOALS[-1]),
    )


def _kind() -> Kind | None:
    name = request.args.get("kind", "")
    names = {kind.name.lower(): kind for kind in Kind}
    if name and name not in names:
        raise bad_request("Unknown kind", f"kind is one of {', '.join(names)}.")
    return names.get(name)


def _number(name: str, least: int, most: int) -> int | None:
    text = request.args.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and least <= int(text) <= most):
        raise bad_request(f"Unknown {name}", f"{name} is a number from {least} to {most}.")
    return int(text)


def _json(found: Search) -> str:
    here, counts = context(), found.counts
    cities = municipalities()

    def link(page: int) -> str | None:
        if not 1 <= page <= found.pages:
            return None
        return here.url(f"search?{urlencode(found.parameters(page=page))}")

    answer = {
        "query": found.query,
        "words": [forms[0] for forms in found.words],
        "filters": filter_values(found.filters),
        "release": here.release.id,
        "every": counts.every,
        "total": counts.total,
        "page": found.page,
        "pages": found.pages,
        "previous": link(found.page - 1),
        "next": link(found.page + 1),
        "order": ORDER,
        "kinds": {kind.name.lower(): number for kind, number in counts.kinds.items()},
        "prefectures": {f"{code:02}": number for code, number in counts.prefectures.items()},
        "municipalities": {f"{code:06}": n for code, n in counts.municipalities.items()},
        "years": counts.years,
        "goals": counts.goals,
        "estimated_goals": counts.estimated,
        "rows": [_row_json(row, cities) for row in found.rows(found.start, ROWS_A_PAGE)],
    }
    return json.dumps(answer, ensure_ascii=False, indent=1) + "\n"


def _row_json(row: Row, cities: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    hit, piece = row.hit, row.excerpt
    names = cities.get(hit.code, {}).get("municipality", {})
    return {
        "kind": hit.kind.name.lower(),
        "iri": hit.iri,
        "name": hit.name,
        "name_marks": row.name.spans,
        "municipality": {"code": f"{hit.code:06}", **names} if hit.code else None,
        "fiscal_year": hit.year or None,
        "number": hit.number or None,
        **hit.about,
        "field": piece.field if piece else None,
        "excerpt": piece.text if piece else None,
        "excerpt_marks": piece.spans if piece else [],
    }


def _csv(found: Search, form: Format) -> Response:
    """Every found entry, whatever the page; of very many the first ones, as the page says."""
    out, cities = io.StringIO(newline=""), municipalities()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in found.rows(0, MOST_CSV_ROWS):
        hit, piece = row.hit, row.excerpt
        writer.writerow(
            [
                hit.kind.name.lower(),
                f"{hit.code:06}" if hit.code else "",
                cities.get(hit.code, {}).get("municipality", {}).get("ja", ""),
                hit.year or "",
                hit.number,
                hit.name,
                hit.about.get("unit", ""),
                piece.field if piece else "",
                piece.text if piece else "",
                hit.iri,
            ]
        )
    body = out.getvalue().encode()
    if form is EXCEL_CSV:
        body = with_mark(body)
    response = Response(body, content_type=form.content_type)
    response.headers["Content-Disposition"] = attachment("search", form)
    return response
