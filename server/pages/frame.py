"""What surrounds every page: header, breadcrumb, language switch, data links and footer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, render_template, request
from flask_babel import gettext
from markupsafe import Markup
from rdflib import Literal, URIRef

from kg.errors import ReleaseError
from server.context import context
from server.errors import visible
from server.licences import licence_name
from server.negotiation import DOCUMENT, HTML
from server.pages.language import LANGUAGE_NAMES, page_language
from server.pages.lines import Line
from server.pages.links import file, has_page, href, in_other_language, resource_path, site
from server.pages.quotes import quoted
from server.pages.structured import structured_data
from server.pages.terms import WHITE_TEXT_GOALS, goal_iri, shortened

_LETTERS = r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uffef○●]"
_JAPANESE = re.compile(rf"((?<=“)[^“”]*{_LETTERS}[^“”]*(?=”)|{_LETTERS}+)")
"""Japanese in English sentences; a quoted name is Japanese as a whole, as is “SDGs推進事業”."""
STATIC = Path(__file__).resolve().parent.parent / "static"
FORMAT_NAMES = {
    "turtle": "Turtle", "jsonld": "JSON-LD", "ntriples": "N-Triples", "rdfxml": "RDF/XML",
}  # fmt: skip


def _(text: str) -> str:
    return text


NAVIGATION = (
    (_("計画一覧"), "#plans"),
    (_("ゴール"), "goals"),
    (_("比較"), "compare"),
    (_("検索"), "search"),
    (_("データを使う"), "#data"),
)
"""In the header; shown where the service answers."""
ABOUT_LINKS = (
    (_("使い方の案内"), "guides"),
    (_("問い合わせの例"), "queries"),
    (_("SPARQL"), "sparql"),
    (_("語彙"), "ns"),
    (_("検証規則"), "shapes"),
    (_("計画の変更の一覧"), "changes"),
    (_("品質"), "quality"),
    (_("アクセシビリティ"), "accessibility"),
)
"""In the footer; shown where the service answers."""


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the breadcrumb; `url` None = the page itself."""

    name: Literal | str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A document and the lines of it that a page rests on."""

    name: Literal | str
    url: str | None
    lines: tuple[Line, ...] = ()
    rights: Literal | None = None
    texts: tuple[tuple[Line, str], ...] = ()
    """Those of the lines that may be quoted, as printed."""


@dataclass(frozen=True, slots=True)
class DataLink:
    """A file of data: what it is, where, its size if it is known."""

    name: str
    url: str
    size_bytes: int | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What a page tells its frame."""

    title: Sequence[Literal | str]
    """From the page outwards: name, place, site."""
    crumbs: Sequence[Crumb] = ()
    iri: URIRef | None = None
    """The resource the page is about."""
    path: str | None = None
    """The canonical path; that of the resource if there is one."""
    data: Sequence[DataLink] = ()
    sources: Sequence[Source] = ()
    municipality: Literal | str | None = None
    plans: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    """The manifest entries of the plans the page draws from: licence, version, dates."""
    description: str = ""
    """One sentence for search engines; pages with JSON-LD have that of their data set."""
    is_view: bool = False
    """Whether this is the canonical page filtered or sorted: search engines take that one."""


def register_frame(app: Flask) -> None:
    """Filters and functions that every template may use."""
    app.jinja_env.filters.update(
        spoken=spoken, mixed=mixed, number=format_number, bytes=format_bytes, day=format_day
    )
    app.jinja_env.globals.update(
        site=site, file=file, href=href, has_page=has_page, shortened=shortened,
        quoted=quoted, white_text_goals=WHITE_TEXT_GOALS, goal_iri=goal_iri, asset=asset,
    )  # fmt: skip
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def page(template: str, frame: Frame, **values: Any) -> Response:
    """The page as a response; its language and formats are in the headers too."""
    language = page_language()
    body = render_template(template, frame=frame, **_frame_values(frame, language), **values)
    response = Response(visible(body), content_type=HTML.content_type)
    response.headers["Content-Language"] = language
    response.vary.update(("Accept", "Accept-Language"))
    return response


def document_links(iri: URIRef) -> list[DataLink]:
    """The page's resource in the formats for data."""
    path = resource_path(iri)
    if path is None:
        return []
    links = [
        DataLink(FORMAT_NAMES[f.name], file(f"doc/{path}.{f.extension}"), media_type=f.media_type)
        for f in DOCUMENT
        if f is not HTML
    ]
    return [*links, DataLink(gettext("SPARQLで見る"), f"{site('sparql', about=path)}#query")]


def plan_entries(iri: str | None = None) -> list[Mapping[str, Any]]:
    """The release's plans; with an IRI those it belongs to, or that belong to it."""
    try:
        entries = [e for e in context().release.manifest.get("plans", ()) if "iri" in e]
    except ReleaseError:
        return []  # an error page is shown all the same
    entries = [e for e in entries if e.get("status") != "withdrawn"]
    if iri is None:
        return entries
    inside = [e for e in entries if f"{iri}/".startswith(f"{e['iri']}/")]
    return inside or [e for e in entries if f"{e['iri']}/".startswith(f"{iri}/")] or [
        e for e in entries if e["iri"].partition("/plan/")[0] == _municipality_of(iri)
    ]  # fmt: skip


def _municipality_of(iri: str) -> str:
    path = resource_path(iri) or ""
    return iri.removesuffix(path) + path.partition("/")[0]


def _frame_values(frame: Frame, language: str) -> dict[str, Any]:
    here = context()
    path = frame.path
    if path is None and frame.iri is not None:
        path = f"doc/{resource_path(frame.iri)}"
    canonical = None if path is None else here.url(path)
    title = " | ".join([*(str(part) for part in frame.title), gettext("自治体SDGs実施計画データ")])
    operator = here.settings.operator_name
    is_official = bool(operator) and operator in (
        str(frame.municipality),
        *(name for e in frame.plans for name in e.get("municipality", {}).values()),
    )
    return {
        "language": language,
        "languages": [
            (code, LANGUAGE_NAMES[code], in_other_language(code))
            for code in here.settings.languages
        ],
        "head_title": title,
        "canonical": canonical,
        "navigation": [
            (gettext(name), site(target), _is_here(target))
            for name, target in NAVIGATION
            if has_page(target)
        ],
        "about_links": [
            (gettext(name), site(target)) for name, target in ABOUT_LINKS if has_page(target)
        ],
        "asked": request.args.get("q", "") if request.path == "/search" else "",
        "licences": _licences(frame.plans),
        "version": _version(frame),
        "updated": _updated(frame.plans),
        "operator": operator,
        "is_official": is_official,
        "structured": structured_data(
            None if frame.iri is None else str(frame.iri), frame.path == ""
        ),
        "report_url": _report_url(frame, canonical or _asked_address()),
    }


def _version(frame: Frame) -> str | None:
    """The version of the plan that the page is about; other plans only mention what it is about."""
    if len(frame.plans) != 1 or not f"{frame.iri}/".startswith(f"{frame.plans[0].get('iri')}/"):
        return None
    version = frame.plans[0].get("version")
    return None if version is None else str(version)


def _is_here(target: str) -> bool:
    return not target.startswith("#") and request.path.rstrip("/") == f"/{target}"


def _licences(plans: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    found = sorted({str(plan["licence"]) for plan in plans if plan.get("licence")})
    return [(licence, licence_name(licence)) for licence in found]


def _updated(plans: Sequence[Mapping[str, Any]]) -> date | None:
    days = [date.fromisoformat(p["modified"]) for p in plans if p.get("modified")]
    if days:
        return max(days)
    try:
        return context().release.created.date()
    except ReleaseError:
        return None


def _report_url(frame: Frame, canonical: str) -> str | None:
    """A mail to the operator with page, number and line filled in, or the operator's own page."""
    contact = context().settings.operator_contact
    if not contact:
        return None
    if contact.startswith(("http://", "https://")):
        return contact
    number = str(frame.crumbs[-1].name) if frame.crumbs else ""
    title = str(frame.title[0]) if frame.title else gettext("自治体SDGs実施計画データ")
    lines = sorted({line for source in frame.sources for line in source.lines})
    subject = gettext("データの誤り: %(title)s", title=title)
    body = [canonical]
    if number and number != title:
        body.append(number)
    if lines:
        body.append(gettext("%(lines)s行目", lines=gettext("、").join(map(str, lines))))
    body += ["", gettext("どこが、どのように違うかをお書きください。"), ""]
    return "mailto:{}?subject={}&body={}".format(
        quote(contact, safe="@"), quote(str(subject), safe=""), quote("\r\n".join(body), safe="")
    )


def _asked_address() -> str:
    """The address that was asked for: of a page that is no canonical one, as a search."""
    query = request.query_string.decode("ascii", "replace")
    return context().url(quote(request.path.lstrip("/"))) + (f"?{query}" if query else "")


def asset(name: str) -> str:
    """The address of a file of ours; it changes with the content."""
    return f"{file(f'static/{name}')}?v={version_of(name)}"


@lru_cache(maxsize=32)
def version_of(name: str) -> str:
    """The hash of a file of ours, as addresses have it."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:8]


def spoken(value: object, tag: str = "bdi") -> Markup:
    """A text of the data, its direction kept apart, with `lang` where it is another language."""
    language = getattr(value, "language", None)
    if language and language != page_language():
        return Markup('<{} lang="{}">{}</{}>').format(tag, language, str(value), tag)
    if page_language() != "ja" and isinstance(value, Literal) and language is None:
        # names and keys without a language are the document's own words
        own = Markup(' lang="ja"') if _JAPANESE.search(str(value)) else ""
        return Markup("<{}{}>{}</{}>").format(tag, own, str(value), tag)
    return Markup("<{}>{}</{}>").format(tag, mixed(str(value)), tag)


def mixed(text: str) -> Markup:
    """An English sentence with the Japanese words in it marked as such (SC 3.1.2)."""
    if page_language() == "ja":
        return Markup("{}").format(text)
    parts = _JAPANESE.split(text)
    return Markup("").join(
        Markup('<bdi lang="ja">{}</bdi>').format(part) if place % 2 else part
        for place, part in enumerate(parts)
    )


def format_number(value: int | None) -> str:
    """1,700; an unknown number is a word, never an empty place."""
    return gettext("不明") if value is None else f"{int(value):,}"


def format_bytes(size: int) -> str:
    if size < 1000:
        return f"{size} B"
    kilobytes = size / 1000
    return f"{kilobytes:,.0f} KB" if kilobytes < 1000 else f"{kilobytes / 1000:,.1f} MB"


def format_day(value: date | datetime | str) -> str:
    """2026年11月24日, or 24 November 2026."""
    day = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    if page_language() == "ja":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {day:%B} {day.year}"
