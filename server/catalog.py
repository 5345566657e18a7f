"""/catalog: the DCAT catalogue of the plans, for portals that harvest it.

Pages of at most 250 datasets, tied to a state of the catalogue, so that a walk through them sees
one release whole even if another takes over in between.
Source: DCAT-AP 3.0.1; what ckanext-dcat 2.4 sends and reads.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from kg.catalog.documents import catalog_bytes
from kg.catalog.pages import page_count, state_of
from kg.catalog.site import Site, site_of
from kg.release import Release, read_release
from server.answers import CACHE_CONTROL, choose_format, redirect_to
from server.context import context
from server.errors import HttpProblem
from server.negotiation import HTML, JSON_LD, N_TRIPLES, RDF_XML, TURTLE, Format

FORMS = (TURTLE, RDF_XML, JSON_LD, N_TRIPLES)
MOST_RENDERED = 32

blueprint = Blueprint("catalog", __name__)


@blueprint.route("/catalog")
def catalog() -> Response:
    """The catalogue in the form that Accept prefers; browsers are sent to the list of plans."""
    form = choose_format((*FORMS, HTML))
    response = redirect_to(context().url("#plans"), 303) if form is HTML else _catalog(form)
    response.vary.add("Accept")
    return response


@blueprint.route("/catalog.<extension>")
def catalog_file(extension: str) -> Response:
    """The catalogue in the form that the extension names, whatever Accept says."""
    named = [form for form in FORMS if form.extension == extension]
    if not named:
        raise NotFound
    return _catalog(named[0])


@blueprint.route("/catalog/<state>/<int:page>.<extension>")
def catalog_page(state: str, page: int, extension: str) -> Response:
    """One page of a catalogue of more than 250 datasets, as that state of it listed them."""
    named = [form for form in FORMS if form.extension == extension]
    if not named:
        raise NotFound
    return _catalog(named[0], page, _release_of(state))


def _catalog(form: Format, page: int = 1, of_release: Release | None = None) -> Response:
    here = context()
    release = of_release or here.release
    if not 1 <= page <= page_count(release.manifest["plans"]):
        raise NotFound
    body, tag = _rendered(release.path, site_of(here.settings), form, page)
    response = Response(body, content_type=form.content_type)
    response.set_etag(tag)
    response.last_modified = here.engine.current.last_modified(release)
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.make_conditional(request)
    return response


def _release_of(state: str) -> Release:
    """The release whose catalogue has that state. Raises a 410 if it is not kept."""
    here = context()
    if state == _state(here.release):
        return here.release
    for release in reversed(here.engine.current.kept()):
        if _state(release) == state:
            return release
    detail = f"The catalogue has changed too often since. Start again at {here.url('catalog')}."
    raise HttpProblem(410, "No longer kept", detail)


_states: dict[str, str] = {}


def _state(release: Release) -> str:
    if release.id not in _states:
        if len(_states) > MOST_RENDERED:
            _states.clear()
        _states[release.id] = state_of(release.manifest["plans"])
    return _states[release.id]


@lru_cache(maxsize=MOST_RENDERED)
def _rendered(path: Path, site: Site, form: Format, page: int) -> tuple[bytes, str]:
    entries = read_release(path).manifest["plans"]
    body = catalog_bytes(entries, site, form.media_type, page, form.extension)
    return body, hashlib.sha256(body).hexdigest()[:32]
