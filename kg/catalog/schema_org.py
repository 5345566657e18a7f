"""A plan's dataset and the catalogue as schema.org has them, for search engines of datasets.

Values are JSON; the same facts as in the DCAT catalogue. Source of the fields: Google's guide
to `Dataset` structured data (name, description of at least 50 characters, licence, creator,
distribution, coverage).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kg.catalog import words
from kg.catalog.dataset import FORMS, LICENCE, area_iri, dataset_iri, series_iri
from kg.catalog.site import Site
from kg.goals import official_names
from kg.vocab import AREA_CODE, SDG

Entry = Mapping[str, Any]
CONTEXT = "https://schema.org/"


def dataset_json(entry: Entry, identifier: str, site: Site, language: str) -> dict[str, Any]:
    """The dataset of a published plan; texts in the language of the page that holds it."""
    folder = f"dumps/{entry['code']}/{entry['slug']}/{entry['year']}"
    files = entry.get("files", {})
    city = _said(entry["municipality"], language)
    found: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "Dataset",
        "@id": str(dataset_iri(entry)),
        "name": words.title(entry, identifier)[language],
        "description": words.description(entry)[language],
        "url": str(site.page(entry["iri"])),
        "identifier": identifier,
        "version": entry["version"],
        "license": entry["licence"],
        "inLanguage": ["ja", "en"],
        "datePublished": entry["issued"],
        "dateModified": entry["modified"],
        "isAccessibleForFree": True,
        "keywords": [keyword for code, keyword in words.keywords(entry) if code == language],
        "creator": _publisher(site),
        "publisher": _publisher(site),
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": str(site.catalog)},
        "isPartOf": {
            "@type": "Dataset",
            "@id": str(series_iri(entry)),
            "name": _said(words.series_title(entry), language),
            "description": words.series_description(entry)[language],
        },
        "temporalCoverage": f"{entry['year']}-04-01/{entry['year'] + 1}-03-31",
        "spatialCoverage": {"@type": "Place", "@id": str(area_iri(entry)), "name": city},
        "about": [
            {
                "@type": "DefinedTerm",
                "@id": str(SDG[str(goal)]),
                "termCode": str(goal),
                "name": official_names(goal)[language],
            }
            for goal in entry.get("themes", ())
        ],
        "distribution": [
            {
                "@type": "DataDownload",
                "@id": f"{dataset_iri(entry)}/{form.name}",
                "name": words.form_title(form.name)[language],
                "encodingFormat": form.media_type,
                "contentUrl": str(site.url(f"{folder}/{form.file}")),
                "contentSize": f"{files[form.file]['bytes']} B",
                "sha256": files[form.file]["sha256"],
            }
            for form in FORMS
            if form.file in files
        ],
    }
    if not entry["made_up"]:
        found["spatialCoverage"]["sameAs"] = str(AREA_CODE[entry["code"][:5]])
    document = entry.get("document")
    if document:
        found["isBasedOn"] = {
            "@type": "DigitalDocument",
            "@id": document["iri"],
            "name": _said(document["title"], language),
            "creator": {"@type": "Organization", "name": city, "identifier": entry["code"]},
        }
    return found


def catalog_json(
    entries: Sequence[Entry], names: Mapping[str, str], site: Site, language: str
) -> dict[str, Any]:
    """The catalogue with its datasets by name and address."""
    return {
        "@context": CONTEXT,
        "@type": "DataCatalog",
        "@id": str(site.catalog),
        "name": words.CATALOG_TITLE[language],
        "description": words.CATALOG_DESCRIPTION[language],
        "url": str(site.url("")),
        "license": str(LICENCE),
        "inLanguage": ["ja", "en"],
        "publisher": _publisher(site),
        "dataset": [
            {
                "@type": "Dataset",
                "@id": str(dataset_iri(entry)),
                "name": words.title(entry, names[entry["iri"]])[language],
                "description": words.description(entry)[language],
                "license": entry["licence"],
                "url": str(site.page(entry["iri"])),
            }
            for entry in entries
        ],
    }


def _publisher(site: Site) -> dict[str, str]:
    return {"@type": "Organization", "name": site.publisher_name, "url": site.public_url}


def _said(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts["ja"]
