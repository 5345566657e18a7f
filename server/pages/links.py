"""Addresses: of resources and terms, of the same page in another language, of answers as files."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from flask import current_app, request
from rdflib import URIRef
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from kg.settings import SHARED_BASE_IRI
from kg.vocab import SP, SPS
from server.context import context
from server.pages.language import asked_language


def site(path: str, query: str = "", **parameters: str) -> str:
    """A page of this service by its path; keeps the language the reader chose by ?lang=.

    `query` is a query string that stands before the parameters.
    """
    language = asked_language()
    if language and "lang" not in parameters:
        parameters["lang"] = language
    path, hash_sign, fragment = path.partition("#")
    query = "&".join(part for part in (query, urlencode(parameters)) if part)
    return f"{file(path)}{'?' if query else ''}{query}{hash_sign}{fragment}"


def file(path: str) -> str:
    """The address, without a host, of something that has no language: data, style, icon."""
    return urlsplit(context().settings.public_url).path + path


def local_path(iri: str) -> str | None:
    """`doc/072036/…`, `ns#iconCount` or `shapes#C14`; None for what is published elsewhere."""
    for namespace, page in ((str(SP), "ns"), (str(SPS), "shapes")):
        if iri == namespace.rstrip("#"):
            return page
        if iri.startswith(namespace):
            return f"{page}#{iri.removeprefix(namespace)}"
    rest = resource_path(iri)
    if rest is None:
        return None
    rest, hash_sign, fragment = rest.partition("#")
    return f"doc/{rest}{hash_sign}{fragment}"


def resource_path(iri: str) -> str | None:
    """What comes after the base IRI; fiscal years have a base shared by all publishers."""
    base = context().settings.base_iri
    if iri.startswith(base):
        return iri.removeprefix(base)
    if iri.startswith(f"{SHARED_BASE_IRI}fy/"):
        return iri.removeprefix(SHARED_BASE_IRI)
    return None


def href(iri: str) -> str | None:
    """Where a link to the IRI leads; None if it is not a web address."""
    path = local_path(iri)
    if path is not None:
        return site(path)
    return iri if iri.startswith(("http://", "https://")) else None


def has_page(path: str) -> bool:
    """Whether this service answers at the path: a link is shown only to what is there."""
    try:
        current_app.url_map.bind("localhost").match("/" + path.partition("#")[0])
    except MethodNotAllowed:
        return False
    except HTTPException:
        return False
    return True


def in_other_language(language: str) -> str:
    """The same page with the same query string, only `lang` is another."""
    pairs = [(k, v) for k, v in request.args.items(multi=True) if k != "lang"]
    return f"{file(request.path.lstrip('/'))}?{urlencode([*pairs, ('lang', language)])}"


def ancestors(iri: str) -> list[URIRef]:
    """The IRIs above a resource's, by its path, from the municipality down."""
    path = resource_path(iri)
    if path is None or path.startswith("fy/"):
        return []
    start = iri.removesuffix(path)
    parts = path.split("/")
    return [URIRef(start + "/".join(parts[:n])) for n in range(1, len(parts))]


def query_url(text: str, terms: Mapping[str, URIRef], **parameters: str) -> str:
    """/sparql with the query; variables stand for terms, written as rdflib writes them."""
    return f"{file('sparql')}?{urlencode({'query': with_terms(text, terms), **parameters})}"


def with_terms(text: str, terms: Mapping[str, URIRef]) -> str:
    """A query of ours with terms for variables, for people to read and change."""
    for name, term in terms.items():
        text = text.replace(f"?{name} ", f"{term.n3()} ")
    return text
