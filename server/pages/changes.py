"""The page of what a plan changed against the year before, and of its versions as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response
from flask_babel import gettext
from rdflib import Literal

from server.comparison import Comparison, Version
from server.context import context
from server.negotiation import CSV, DOCUMENT, EXCEL_CSV, HTML, PLAIN_JSON
from server.pages.frame import FORMAT_NAMES, Crumb, DataLink, Frame, Source, page
from server.pages.language import page_language
from server.pages.links import file, href, site
from server.pages.subject import read_subject, sources_of
from server.pages.years import year_part


def changes_page(comparison: Comparison) -> Response:
    """Year against year; then the sentences, the versions with their files, and a form."""
    entry, language = comparison.entry, page_language()
    title, city = label(entry["title"], language), label(entry["municipality"], language)
    part = year_part(entry, language)
    heading, here = gettext("データの版の違い"), gettext("データの版の違い")
    if part is not None:
        here = gettext("計画の変更")
        heading = gettext(
            "%(before)s年度から%(year)s年度への計画の変更", before=part.before, year=part.year
        )
    earlier = None if part is None else part.earlier
    before, after, found = comparison.before, comparison.after, comparison.difference
    return page(
        "changes.html",
        Frame(
            title=[heading, title],
            crumbs=[
                Crumb(gettext("ホーム"), site("")),
                Crumb(city, href(entry["iri"].partition("/plan/")[0])),
                Crumb(gettext("%(year)s年度", year=entry["year"]), href(entry["iri"])),
                Crumb(here),
            ],
            path=path_of(entry),
            data=_data_links(comparison),
            sources=[s for one in (entry, earlier) if one and part for s in _sources(one)],
            municipality=city,
            plans=[entry],
        ),
        heading=heading,
        plan=title,
        plan_url=href(entry["iri"]),
        part=part,
        earlier=label(earlier["title"], language) if earlier else None,
        earlier_url=href(earlier["iri"]) if earlier else None,
        made_up=bool(entry.get("made_up")),
        withdrawn=entry["status"] == "withdrawn",
        before=before,
        after=after,
        sentences=[s.ja if language == "ja" else s.en for s in comparison.sentences],
        added=None if found is None else len(found.added),
        removed=None if found is None else len(found.removed),
        hashes=None if found is None else (found.before.sha256, found.after.sha256),
        versions=[(version, _files(version)) for version in reversed(comparison.versions)],
    )


def path_of(entry: Mapping[str, Any]) -> str:
    """The path of the page for a plan."""
    return f"changes/{entry['code']}/{entry['slug']}/{entry['year']}"


def changes_url(entry: Mapping[str, Any]) -> str | None:
    """The page for the plan in release.json; None if the release knows of no versions of it."""
    return site(path_of(entry)) if entry.get("versions") else None


def label(names: Mapping[str, str], language: str) -> Literal:
    """The name in the language, else the Japanese one, marked with its language."""
    chosen = language if language in names else "ja"
    return Literal(names.get(chosen, ""), lang=chosen)


def _sources(entry: Mapping[str, Any]) -> list[Source]:
    return sources_of(read_subject(entry["iri"]))


def _files(version: Version) -> list[DataLink]:
    var = context().engine.current.var
    folder = var / "history" / version["path"].removeprefix("dumps/history/")
    links = []
    for name, form in (("plan.ttl", "Turtle"), ("plan.nq", "N-Quads")):
        path = folder / name
        size = path.stat().st_size if path.is_file() else None
        links.append(DataLink(form, file(version["path"] + name), size))
    return links


def _data_links(comparison: Comparison) -> list[DataLink]:
    """The comparison in the formats for data."""
    chosen = {"from": comparison.before, "to": comparison.after}
    named = {key: version["version"] for key, version in chosen.items() if version is not None}
    query = f"?{urlencode(named)}" if named else ""
    path = path_of(comparison.entry)
    links = [
        DataLink(FORMAT_NAMES[f.name], file(f"{path}.{f.extension}{query}"), None, f.media_type)
        for f in DOCUMENT
        if f is not HTML
    ]
    json = DataLink("JSON", file(f"{path}.json{query}"), None, PLAIN_JSON.media_type)
    name = gettext("前年度からの変更のCSV（Excel対応）")
    table = DataLink(name, file(f"{path}.csv?format={EXCEL_CSV.name}"), None, CSV.media_type)
    return [table, *links, json]
