"""What the pages of the vocabulary and of the shapes share: texts by language, and the frame."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext
from rdflib import Graph, Literal
from rdflib.term import Node

from server.negotiation import DOCUMENT, HTML
from server.pages.frame import FORMAT_NAMES, Crumb, DataLink, Frame
from server.pages.language import page_language
from server.pages.links import file, site

LICENCE = {"licence": "https://creativecommons.org/licenses/by/4.0/"}


def file_frame(path: str, title: str) -> Frame:
    """The frame of a page about a file of ours, which is CC BY."""
    data = [
        DataLink(FORMAT_NAMES[f.name], file(f"{path}.{f.extension}"), media_type=f.media_type)
        for f in DOCUMENT
        if f is not HTML
    ]
    return Frame(
        title=[title],
        crumbs=[Crumb(gettext("ホーム"), site("")), Crumb(title)],
        path=path,
        data=data,
        plans=[LICENCE],
    )


def local_name(iri: Node) -> str:
    """`iconCount` of https://w3id.org/jp-sdgplan/ns#iconCount."""
    return str(iri).rpartition("#")[2]


def by_language(graph: Graph, subject: Node, *items: Node) -> dict[str, Literal]:
    """The text of the first of the properties that has one, by language."""
    for item in items:
        found = {
            value.language or "": value
            for value in graph.objects(subject, item)
            if isinstance(value, Literal)
        }
        if found:
            return found
    return {}


def in_order(texts: Mapping[str, Literal]) -> list[str]:
    """The languages, that of the page first."""
    return sorted(texts, key=lambda code: (code != page_language(), code))


def texts_in_order(texts: Mapping[str, Literal]) -> list[Literal]:
    """The texts, that in the language of the page first."""
    return [texts[code] for code in in_order(texts)]


def without_placeholders(message: str) -> str:
    """`{?found}` as 〔found〕: where a report puts what it found."""
    return message.replace("{?", "〔").replace("{$", "〔").replace("}", "〕")
