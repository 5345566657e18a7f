"""What crawlers look for: robots.txt, the sitemap, and FAIR Signposting on plan pages.

Sources: https://www.sitemaps.org/protocol.html (at most 50,000 addresses in a file),
https://signposting.org/FAIR/ (level 1: Link headers of a landing page).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from flask import Blueprint, Response, request
from rdflib import URIRef
from werkzeug.exceptions import NotFound

from kg.catalog.dataset import FORMS, dataset_iri
from kg.catalog.site import site_of
from kg.examples import examples
from kg.goals import GOALS
from kg.vocab import DCAT, SCHEMA
from server.answers import CACHE_CONTROL, entity_tag
from server.context import Context, context

MOST_ADDRESSES = 40_000
"""In one file; above that there is a file for each municipality."""
PAGES = (
    *("", "goals", *(f"goals/{goal}" for goal in GOALS), "search", "sparql", "ns", "shapes"),
    *("quality", "accessibility", "queries", "changes"),
)
_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
PROJECTS = """
PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
SELECT ?project WHERE { ?project a sp:Project ; sp:inPlan ?plan }
"""

blueprint = Blueprint("discovery", __name__)


@blueprint.route("/robots.txt")
def robots() -> Response:
    """Everything may be read; queries and searches are left to people."""
    here = context()
    path = urlsplit(here.settings.public_url).path
    sitemap = here.url("sitemap.xml")
    closed = "".join(f"Disallow: {path}{name}?\n" for name in ("sparql", "search"))
    text = f"User-agent: *\n{closed}Allow: {path}\n\nSitemap: {sitemap}\n"
    return _kept(Response(text, content_type="text/plain; charset=utf-8"))


@blueprint.route("/sitemap.xml")
def sitemap() -> Response:
    """The pages with the day of their last change; of many, the files that list them."""
    here = context()
    plans = _published(here)
    newest = max((plan["modified"] for plan in plans), default="")
    if sum(plan["projects"] + 4 for plan in plans) <= MOST_ADDRESSES:
        rows = [*_static(here, newest), *_pages(here, plans)]
        return _xml("urlset", "url", rows)
    files = {plan["code"]: newest for plan in plans}
    rows = [(here.url("sitemap-pages.xml"), newest)]
    rows += [(here.url(f"sitemap-{code}.xml"), _newest(plans, code)) for code in sorted(files)]
    return _xml("sitemapindex", "sitemap", rows)


@blueprint.route("/sitemap-<name>.xml")
def sitemap_part(name: str) -> Response:
    """The pages of one municipality, by its code; `pages` are those of the service itself."""
    here = context()
    plans = [plan for plan in _published(here) if name in (plan["code"], "pages")]
    if not plans:
        raise NotFound
    if name == "pages":
        return _xml("urlset", "url", _static(here, max(plan["modified"] for plan in plans)))
    return _xml("urlset", "url", _pages(here, plans))


def signposts(iri: str, here: Context) -> list[str]:
    """The Link values of a plan's page: its dataset, files, licence and author; none for others."""
    entry = next((e for e in here.release.manifest["plans"] if e["iri"] == iri), None)
    if entry is None or "files" not in entry or entry["status"] == "withdrawn":
        return []
    site = site_of(here.settings)
    dataset = dataset_iri(entry)
    folder = f"dumps/{entry['code']}/{entry['slug']}/{entry['year']}"
    about = site.page(str(dataset))
    return [
        f'<{here.url("id/" + iri.removeprefix(site.base_iri))}>; rel="cite-as"',
        f'<{SCHEMA.Dataset}>; rel="type"',
        f'<{SCHEMA.AboutPage}>; rel="type"',
        f'<{entry["licence"]}>; rel="license"',
        f'<{site.publisher}>; rel="author"',
        f'<{about}.ttl>; rel="describedby"; type="text/turtle"; profile="{DCAT._NS}"',
        f'<{about}.jsonld>; rel="describedby"; type="application/ld+json"; profile="{DCAT._NS}"',
        *(
            f'<{site.url(f"{folder}/{form.file}")}>; rel="item"; type="{form.media_type}"'
            for form in FORMS
            if form.file in entry["files"]
        ),
    ]


def _published(here: Context) -> list[Mapping[str, Any]]:
    return [plan for plan in here.release.manifest["plans"] if plan["status"] != "withdrawn"]


def _newest(plans: Iterable[Mapping[str, Any]], code: str) -> str:
    return max(str(plan["modified"]) for plan in plans if plan["code"] == code)


def _static(here: Context, newest: str) -> list[tuple[str, str]]:
    paths = (*PAGES, *(f"queries/{one.name}" for one in examples()))
    return [(here.url(path), newest) for path in paths]


def _pages(here: Context, plans: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Address and day of municipalities, basic plans, plans, projects and changes, each once."""
    days: dict[str, str] = {}
    for plan in plans:
        iri = plan["iri"]
        projects = here.engine.select(PROJECTS, {"plan": URIRef(iri)})
        basic_plan = iri.rpartition("/")[0]
        municipality = iri.rpartition("/plan/")[0]
        for one in (municipality, basic_plan, iri, *(str(row["project"]) for row in projects)):
            days[one] = max(days.get(one, ""), plan["modified"])
    site = site_of(here.settings)
    yield from ((str(site.page(iri)), day) for iri, day in days.items())
    for plan in plans:
        place = f"{plan['code']}/{plan['slug']}/{plan['year']}"
        yield here.url(f"changes/{place}"), plan["modified"]


def _xml(root: str, item: str, rows: Iterable[tuple[str, str]]) -> Response:
    tree = ElementTree.Element(root, xmlns=_SITEMAPS)
    for address, day in rows:
        node = ElementTree.SubElement(tree, item)
        ElementTree.SubElement(node, "loc").text = address
        if day:
            ElementTree.SubElement(node, "lastmod").text = day
    body = ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True)
    return _kept(Response(body, content_type="application/xml; charset=utf-8"))


def _kept(response: Response) -> Response:
    response.set_etag(entity_tag(context().engine, request.path, response.get_data()))
    here = context()
    response.last_modified = here.engine.current.last_modified(here.release)
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.make_conditional(request)
    return response
