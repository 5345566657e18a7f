"""The query form at /sparql: examples fill it by a link, the answer comes in the chosen format.

With scripts the form becomes an editor (`server/pages/editor.py`), which shows answers in place.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from flask import Response, request
from flask_babel import gettext
from rdflib import Literal, URIRef

from kg.counts import read_counts
from kg.examples import examples
from kg.settings import SHARED_BASE_IRI
from kg.vocab import PREFIXES, SP
from server.context import context
from server.pages.editor import editor
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
LINK_TERMS = ("sp:sdgGoal", "sp:SdgLink")
_PATH = re.compile(r"[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*")
_NUMBER = re.compile(r"cq0*([0-9]+)")


def _spoken(texts: tuple[tuple[str, str], ...], language: str) -> Literal | None:
    """The text of one language, marked as such; None if the query has none in it."""
    return next((Literal(text, lang=code) for code, text in texts if code == language), None)


def _about(path: str) -> str | None:
    """A query for all that is said about a resource of this service."""
    if not _PATH.fullmatch(path):
        return None
    start = SHARED_BASE_IRI if path.startswith("fy/") else context().settings.base_iri
    resource = URIRef(start + path).n3()
    return f"SELECT ?property ?value WHERE {{\n  {resource} ?property ?value .\n}}\n"


def _unanswered() -> frozenset[str]:
    """The names of the examples without an answer here, for want of stated or curated links."""
    return _empty(context().release.path)


@lru_cache(maxsize=4)
def _empty(release: Path) -> frozenset[str]:
    counts = read_counts(release)
    if counts is None or counts.properties[str(SP.sdgGoal)]:
        return frozenset()
    asked = [e for e in examples() if any(term in e.text for term in LINK_TERMS)]
    return frozenset(e.name for e in asked if not context().engine.select(e.text))


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
            (e, _spoken(e.titles, language), _spoken(e.questions, language),
             f"{site('sparql', example=e.name)}#query", _NUMBER.sub(r"CQ\1", e.name))
            for e in examples()
        ],
        chosen=chosen,
        unanswered=_unanswered(),
        query=chosen.text if chosen else about or BLANK_QUERY,
        formats=FORMATS,
        prefixes=tuple(PREFIXES.items()),
        editor=editor(),
        seconds=settings.query_timeout_s,
        mebibytes=settings.result_limit_mib,
        endpoint=context().url("sparql"),
    )  # fmt: skip
