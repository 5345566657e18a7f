"""Which format an answer takes: one table per kind of answer, one pure function per question.

A format named in the query string (`format`, `output`, `results`) beats the Accept header, so
that a link to CSV gives CSV in a browser. HTML is chosen only where it is asked for by name.
Sources: RFC 9110 section 12.5.1; the Accept headers that real clients send (docs/reference).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Format:
    """A form of an answer: what it is called inside, outside, and by clients of other habits."""

    name: str
    media_type: str
    extension: str
    names: tuple[str, ...] = ()
    """Values of `format=` beside the name and the media types."""
    accepted: tuple[str, ...] = ()
    """Other media types that are answered with this one."""
    is_text: bool = True
    by_name_only: bool = False

    @property
    def content_type(self) -> str:
        return f"{self.media_type}; charset=utf-8" if self.is_text else self.media_type

    @property
    def media_types(self) -> tuple[str, ...]:
        return (self.media_type, *self.accepted)


JSON = Format(
    "json", "application/sparql-results+json", "srj", ("json", "srj"),
    ("application/json", "text/javascript", "application/javascript", "text/json",
     "application/x-sparqlstar-results+json"),
)  # fmt: skip
XML = Format(
    "xml", "application/sparql-results+xml", "srx", ("xml", "srx"),
    ("application/xml", "text/xml", "application/rdf+xml"),
)  # fmt: skip
CSV = Format("csv", "text/csv", "csv", ("csv",), ("text/comma-separated-values",))
TSV = Format("tsv", "text/tab-separated-values", "tsv", ("tsv",), ("text/x-tab-separated-values",))
EXCEL_CSV = Format("excel-csv", "text/csv", "csv", ("excel-csv", "excel"), by_name_only=True)
TURTLE = Format(
    "turtle", "text/turtle", "ttl", ("turtle", "ttl", "n3"),
    ("application/turtle", "application/x-turtle", "text/n3", "text/rdf+n3", "application/n3"),
)  # fmt: skip
N_TRIPLES = Format(
    "ntriples", "application/n-triples", "nt", ("nt", "ntriples", "n-triples"), ("text/plain",)
)
RDF_XML = Format(
    "rdfxml", "application/rdf+xml", "rdf", ("rdf", "rdf+xml", "rdf-xml", "xml"),
    ("application/xml", "text/xml"),
)  # fmt: skip
JSON_LD = Format(
    "jsonld", "application/ld+json", "jsonld", ("json-ld", "jsonld", "json"),
    ("application/json", "application/x-json+ld"),
)  # fmt: skip
TRIG = Format("trig", "application/trig", "trig", ("trig",), ("application/x-trig",))
N_QUADS = Format("nquads", "application/n-quads", "nq", ("nq", "nquads", "n-quads"))
QUERY = Format("query", "application/sparql-query", "rq", ("rq",))
HTML = Format("html", "text/html", "html", ("html",), ("application/xhtml+xml",))
PROBLEM = Format("problem", "application/problem+json", "json", (), ("application/json",))
TEXT = Format("text", "text/plain", "txt", ("text",), ())
PLAIN_JSON = Format("plain-json", "application/json", "json", ("json",))

SOLUTIONS = (JSON, XML, CSV, TSV, EXCEL_CSV)
"""Answers of SELECT and ASK."""
TRIPLES = (TURTLE, N_TRIPLES, RDF_XML, JSON_LD, TRIG, N_QUADS)
"""Answers of CONSTRUCT and DESCRIBE, and the service description."""
DOCUMENT = (TURTLE, JSON_LD, N_TRIPLES, RDF_XML, HTML)
"""The description of one resource; the extension of /doc/… names one of these."""
ERRORS = (PROBLEM, TEXT, HTML)
LISTING = (PLAIN_JSON, TEXT)


@dataclass(frozen=True, slots=True)
class _Range:
    """One element of an Accept header."""

    type: str
    subtype: str
    quality: float


@lru_cache(maxsize=256)
def negotiate(accept: str | None, offers: tuple[Format, ...]) -> Format | None:
    """The offered format that the Accept header prefers; None if it accepts none of them.

    No header, an empty or an unreadable one accept everything: the first offer. Of two formats
    with the same quality the one named by the client wins over one matched by a wildcard,
    then the earlier offer. Wildcards never choose HTML.
    """
    offers = tuple(offer for offer in offers if not offer.by_name_only)
    ranges = _parse_accept(accept or "")
    if not ranges:
        return offers[0]
    best: tuple[float, int] = (0.0, 0)
    chosen: Format | None = None
    for offer in offers:
        weight = _weight(offer, ranges)
        if weight[0] > 0 and weight > best:
            best, chosen = weight, offer
    return chosen


def named_format(values: Iterable[str], offers: Sequence[Format]) -> Format | None:
    """The first offer named in the values of `format`, `output` or `results`; None = none known.

    A value is a short name or a media type, in any case, or a comma list of them.
    A plus sign that the query string turned into a space is read as a plus sign.
    """
    for value in values:
        for part in value.split(","):
            name = part.split(";")[0].strip().lower().replace(" ", "+")
            for offer in offers:
                if name in offer.names or name == offer.name:
                    return offer
                if not offer.by_name_only and name in offer.media_types:
                    return offer
    return None


def media_types(offers: Sequence[Format]) -> tuple[str, ...]:
    """The media types of the offers, each once, in order: for a 406."""
    return tuple(dict.fromkeys(offer.media_type for offer in offers))


def _weight(offer: Format, ranges: Sequence[_Range]) -> tuple[float, int]:
    """Quality and closeness of the best match; (0, 0) if the offer is not accepted."""
    own = _named(offer.media_type, ranges)
    if own is not None:
        return (own, 3)
    others = [q for other in offer.accepted if (q := _named(other, ranges)) is not None]
    if others:
        return (max(others), 2)
    if offer is HTML:
        return (0.0, 0)
    main = offer.media_type.split("/")[0]
    for wanted, closeness in (((main, "*"), 1), (("*", "*"), 0)):
        found = [r.quality for r in ranges if (r.type, r.subtype) == wanted]
        if found:
            return (max(found), closeness)
    return (0.0, 0)


def _named(media_type: str, ranges: Sequence[_Range]) -> float | None:
    found = [r.quality for r in ranges if f"{r.type}/{r.subtype}" == media_type]
    return max(found) if found else None


def _parse_accept(header: str) -> list[_Range]:
    ranges = []
    for element in header.split(","):
        media_range, *parameters = (part.strip().lower() for part in element.split(";"))
        if media_range == "*":  # sent by old Java clients for */*
            media_range = "*/*"
        main, slash, sub = media_range.partition("/")
        if not slash or not main or not sub:
            continue
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                quality = _quality(value.strip())
        ranges.append(_Range(main, sub, quality))
    return ranges


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 1.0
