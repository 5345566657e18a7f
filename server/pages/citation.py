"""How to cite the data of a plan: as a sentence, as BibTeX and as CSL-JSON.

The publisher is the operator of the service, never the city unless it is the operator; the
city's document is named as the source. BibTeX has @misc, which every style knows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext

from server.context import context
from server.pages.frame import format_day
from server.pages.links import resource_path

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "{}$&%#_"},
}
_UNFIT = re.compile(r"[^A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Citation:
    """What a citation of one version of a plan's data says."""

    key: str
    publisher: str
    title: str
    language: str
    version: str
    release: str
    day: date
    url: str

    @property
    def data_title(self) -> str:
        """The title of the data: the plan itself is the city's."""
        return f"{self.title} データ" if self.language == "ja" else f"{self.title} (data)"

    def sentence(self) -> str:
        """The citation in the language of the page."""
        return str(
            gettext(
                "%(publisher)s「%(title)s」データ、版%(version)s（%(day)s）、"
                "リリース%(release)s、%(url)s",
                publisher=self.publisher,
                title=self.title,
                version=self.version,
                day=format_day(self.day),
                release=self.release,
                url=self.url,
            )
        )

    def bibtex(self) -> str:
        """An entry for BibTeX and biber."""
        fields = {
            "author": f"{{{_escaped(self.publisher)}}}",
            "title": f"{{{_escaped(self.data_title)}}}",
            "year": str(self.day.year),
            "date": self.day.isoformat(),
            "version": _escaped(self.version),
            "note": _escaped(f"Data set, release {self.release}"),
            "url": self.url,
        }
        lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items()]
        return f"@misc{{{self.key},\n{''.join(lines)}}}\n"

    def csl(self) -> str:
        """CSL-JSON, as Zotero, Mendeley and pandoc read it."""
        day = self.day
        item = {
            "id": self.key,
            "type": "dataset",
            "title": self.data_title,
            "author": [{"literal": self.publisher}],
            "publisher": self.publisher,
            "issued": {"date-parts": [[day.year, day.month, day.day]]},
            "version": self.version,
            "note": f"Release {self.release}",
            "language": self.language,
            "URL": self.url,
        }
        return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


def citation_of(entry: Mapping[str, Any], language: str) -> Citation | None:
    """The citation of the plan of a manifest entry; None if the entry lacks what it needs."""
    if not all(name in entry for name in ("title", "version", "modified", "code", "slug", "year")):
        return None
    here = context()
    titles = entry["title"]
    named = language if language in titles else "ja"
    place = f"{entry['code']}-{entry['slug']}-{entry['year']}-v{entry['version']}"
    return Citation(
        key=_UNFIT.sub("-", place),
        publisher=here.settings.operator_name or str(gettext("自治体SDGs実施計画データ")),
        title=titles.get(named) or next(iter(titles.values())),
        language=named,
        version=entry["version"],
        release=here.release.id,
        day=date.fromisoformat(entry["modified"]),
        url=here.url(f"id/{resource_path(entry['iri'])}"),
    )


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)
