"""The query form at /sparql: examples fill it by a link, the answer comes in the chosen format.

With scripts the form becomes an editor (`server/pages/editor.py`), which shows answers in place.
"""

from __future__ import annotations

import re

from flask import Response, request
from flask_babel import gettext
from rdflib import URIRef

from kg.examples import examples
from kg.settings import SHARED_BASE_IRI
from kg.vocab import PREFIXES
from server.context import context
from server.pages.editor import editor
from server.pages.examples import editor_url, text_in, unanswered
from server.pages.frame import Crumb, DataLink, Frame, page, plan_entries
from server.pages.language import page_language
from server.pages.links import file, site

FORMATS = (
    ("json", "JSON"), ("csv", "CSV"), ("excel-csv", "CSV (Excel)"), ("tsv", "TSV"),
    ("xml", "XML"), ("turtle", "Turtle"), ("jsonld", "JSON-LD"), ("ntriples", "N-Triples"),
)  # fmt: skip
BLANK_QUERY = """PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

SELECT ?number ?name WHERE {
  ?project a sp:Project ; sp:number ?number ; skos:prefLabel ?name .
}
ORDER BY ?number
LIMIT 100
"""
_PATH = re.compile(r"[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*")


def _about(path: str) -> str | None:
    """A query for all that is said about a resource of this service."""
    if not _PATH.fullmatch(path):
        return None
    start = SHARED_BASE_IRI if path.startswith("fy/") else context().settings.base_iri
    resource = URIRef(start + path).n3()
    return f"SELECT ?property ?value WHERE {{\n  {resource} ?property ?value .\n}}\n"


def endpoint_page() -> Response:
    """The form; `?example=cq04` fills it, and so does `?about=` with the path of a resource."""
    settings, language = context().settings, page_language()
    about = _about(request.args.get("about", ""))
    chosen = next((e for e in examples() if e.name == request.args.get("example")), None)
    title = gettext("データに問い合わせる（SPARQL）")
    return page(
        "sparql.html",
        Frame(
            title=[title],
            crumbs=[Crumb(gettext("ホーム"), site("")), Crumb("SPARQL")],
            path="sparql",
            data=[
                DataLink(gettext("サービスの説明（Turtle）"), f"{file('sparql')}?format=turtle",
                         media_type="text/turtle")
            ],
            plans=plan_entries(),
        ),
        title=title,
        examples=[
            (e, text_in(e.titles, language), text_in(e.questions, language), editor_url(e))
            for e in examples()
        ],
        chosen=chosen,
        unanswered=unanswered(),
        query=chosen.text if chosen else about or BLANK_QUERY,
        formats=FORMATS,
        prefixes=tuple(PREFIXES.items()),
        editor=editor(),
        seconds=settings.query_timeout_s,
        mebibytes=settings.result_limit_mib,
        endpoint=context().url("sparql"),
    )  # fmt: skip
