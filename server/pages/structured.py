"""What a page says to search engines: schema.org as JSON-LD, and a short description."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from kg.catalog.pages import identifiers
from kg.catalog.schema_org import catalog_json, dataset_json
from kg.catalog.site import Site, site_of
from kg.release import read_release
from server.context import context
from server.pages.language import page_language

MOST_LISTED = 250
"""Up to so many datasets are listed on the start page; beyond, the catalogue has them all."""


def structured_data(iri: str | None, is_start: bool) -> dict[str, Any] | None:
    """The dataset of the plan `iri`, the catalogue for the start page, nothing for others."""
    here = context()
    site = site_of(here.settings)
    if is_start:
        return _catalog(here.release.path, site, page_language())
    if iri is None:
        return None
    entry = next((e for e in here.release.manifest["plans"] if e["iri"] == iri), None)
    if entry is None or entry["status"] == "withdrawn" or "title" not in entry:
        return None
    name = _names(here.release.path)[iri]
    return dataset_json(entry, name, site, page_language())


@lru_cache(maxsize=4)
def _names(release: Path) -> dict[str, str]:
    return identifiers(read_release(release).manifest["plans"])


@lru_cache(maxsize=4)
def _catalog(release: Path, site: Site, language: str) -> dict[str, Any]:
    plans = [p for p in read_release(release).manifest["plans"] if "title" in p]
    shown = [plan for plan in plans if plan["status"] != "withdrawn"][:MOST_LISTED]
    return catalog_json(shown, identifiers(plans), site, language)
