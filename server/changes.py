"""/changes/{municipality}/{slug}/{year}: what the plan changed, and what its versions differ in.

The plan against that of the year before: for people as a page, as JSON and as CSV. Two versions
of its data: as sentences, as RDF in the changeset vocabulary (http://purl.org/vocab/changeset/),
and as JSON with the statements themselves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from kg.writers import document
from server.answers import CACHE_CONTROL, attachment, choose_format, entity_tag
from server.change_graph import triples_of
from server.comparison import Comparison, compare, compare_years
from server.context import context
from server.hooks import hooks
from server.negotiation import (
    CSV,
    DOCUMENT,
    EXCEL_CSV,
    HTML,
    PLAIN_JSON,
    TURTLE,
    Format,
    named_format,
)
from server.yearly import years_csv, years_json

EXTENSIONS = {form.extension: form for form in (*DOCUMENT, PLAIN_JSON, CSV)}
TABLES = (CSV, EXCEL_CSV)
"""Forms of the table of what the plan itself changed; the versions have none."""

blueprint = Blueprint("changes", __name__)


@blueprint.route("/changes/<code>/<slug>/<int:year>")
@blueprint.route("/changes/<code>/<slug>/<int:year>.<extension>")
def changes(code: str, slug: str, year: int, extension: str | None = None) -> Response:
    """The comparison of `?from=` and `?to=`; without them of the last two versions."""
    if extension is not None and extension not in EXTENSIONS:
        raise NotFound
    here = context()
    form = choose_format((*DOCUMENT, *TABLES)) if extension is None else EXTENSIONS[extension]
    if form is CSV:
        form = named_format(request.args.getlist("format"), TABLES) or CSV
    here.rate_limit.check(request.remote_addr)
    comparison = compare(_entry(code, slug, year), _asked("from"), _asked("to"))
    page = hooks().changes
    if form is HTML and page is None:
        form = TURTLE
    path = f"changes/{code}/{slug}/{year}"
    names = [None if v is None else v["version"] for v in (comparison.before, comparison.after)]
    if form is HTML and page is not None:
        response = page(comparison)
        response.add_etag()
    else:
        known = [version["version"] for version in comparison.versions]
        tag = entity_tag(here.engine, path, form.name, names, known)
        if request.if_none_match.contains_weak(tag):
            response = Response(status=304)
        elif form is PLAIN_JSON:
            response = Response(_json(comparison), content_type=form.content_type)
        elif form in TABLES:
            rows = years_csv(comparison.entry, compare_years(comparison.entry), form)
            response = Response(rows, content_type=form.content_type)
            name = f"changes-{code}-{slug}-{year}"
            response.headers["Content-Disposition"] = attachment(name, form)
        else:
            triples = triples_of(comparison, address(path, comparison))
            body = document(triples, form.media_type)
            response = Response(body, content_type=form.content_type)
        response.set_etag(tag, weak=True)
    response.headers["Link"] = _links(path, form)
    response.vary.add("Accept")
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


def address(path: str, comparison: Comparison) -> str:
    """The stable address of a comparison: with the names of both versions."""
    chosen = {"from": comparison.before, "to": comparison.after}
    named = {key: version["version"] for key, version in chosen.items() if version is not None}
    return context().url(path) + (f"?{urlencode(named)}" if named else "")


def _entry(code: str, slug: str, year: int) -> Mapping[str, Any]:
    for entry in context().release.manifest["plans"]:
        if (entry["code"], entry["slug"], entry["year"]) == (code, slug, year):
            found: Mapping[str, Any] = entry
            return found
    raise NotFound


def _asked(name: str) -> str | None:
    return request.args.get(name) or None


def _links(path: str, form: Format) -> str:
    query = request.query_string.decode("ascii", "replace")
    rest = f"?{query}" if query else ""
    return ", ".join(
        f'<{context().url(f"{path}.{other.extension}")}{rest}>; rel="alternate"; '
        f'type="{other.media_type}"'
        for other in (*DOCUMENT, PLAIN_JSON, CSV)
        if other.extension != form.extension
    )


def _json(comparison: Comparison) -> str:
    found = comparison.difference
    answer: dict[str, Any] = {
        "plan": comparison.entry["iri"],
        "versions": list(comparison.versions),
        "from": comparison.before and comparison.before["version"],
        "to": comparison.after and comparison.after["version"],
        "changes": None,
        "years": years_json(compare_years(comparison.entry)),
    }
    if found is not None:
        answer["changes"] = {
            "sha256": {"from": found.before.sha256, "to": found.after.sha256},
            "graphs": {
                graph: {"added": added, "removed": removed}
                for graph, (added, removed) in found.graphs().items()
            },
            "sentences": [
                {"ja": s.ja, "en": s.en, "added": len(s.added), "removed": len(s.removed)}
                for s in comparison.sentences
            ],
            "added": list(found.added),
            "removed": list(found.removed),
        }
    return json.dumps(answer, ensure_ascii=False, indent=1) + "\n"
