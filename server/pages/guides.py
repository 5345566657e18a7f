"""The guides of docs/guides/ at /guides and /guides/{name}, in Japanese and English.

A guide is Markdown in the repository, read there and on its page alike. HTML in it is not passed
on; addresses that begin with / are those of this service.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from flask import Blueprint, Response
from flask_babel import gettext
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from kg.resources import guides_dir
from server.context import context
from server.pages.frame import Crumb, Frame, page, plan_entries
from server.pages.kept import kept
from server.pages.language import page_language
from server.pages.links import site

EXAMPLE_ADDRESS = "http://localhost:8000/"
"""The address in the guides, as `make serve` gives it; pages show that of the service."""
_IN_THE_REPOSITORY = re.compile(r"<!-- in the repository -->\n.*?<!-- end -->\n", re.DOTALL)
"""What is only of use where the address is that of an example."""
ORDER = ("publish", "query", "harvest", "estimates")
"""The guides as they are listed, for officials first."""


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide in one language: its title, what it begins with, and its text after the title."""

    name: str
    title: str
    lead: str
    text: str


def register_guides(blueprint: Blueprint) -> None:
    """Add the routes."""
    blueprint.add_url_rule("/guides", "guides", guides_page)
    blueprint.add_url_rule("/guides/<name>", "guide", guide_page)


def guides_page() -> Response:
    """All guides."""
    title = gettext("使い方の案内")
    found = [guide for name in ORDER if (guide := guide_of(name, page_language())) is not None]
    frame = Frame(
        title=[title],
        crumbs=[Crumb(gettext("ホーム"), site("")), Crumb(title)],
        path="guides",
        plans=plan_entries(),
    )
    return kept(page("guides.html", frame, title=title, guides=found))


def guide_page(name: str) -> Response:
    """One guide."""
    guide = guide_of(name, page_language())
    if guide is None:
        raise NotFound
    frame = Frame(
        title=[guide.title, gettext("使い方の案内")],
        crumbs=[
            Crumb(gettext("ホーム"), site("")),
            Crumb(gettext("使い方の案内"), site("guides")),
            Crumb(guide.title),
        ],
        path=f"guides/{name}",
        plans=plan_entries(),
        description=guide.lead,
    )
    text = _rendered(guide.text, context().settings.public_url)
    return kept(page("guide.html", frame, guide=guide, text=text))


@cache
def guide_of(name: str, language: str) -> Guide | None:
    """The guide of that name; None if there is none."""
    if name not in ORDER:
        return None
    path = guides_dir() / f"{name}.{language}.md"
    if not path.is_file():
        return None
    whole = _IN_THE_REPOSITORY.sub("", path.read_text(encoding="utf-8"))
    head, _, text = whole.partition("\n")
    lead = text.strip().partition("\n\n")[0]
    return Guide(name, head.removeprefix("# "), lead, text)


def _rendered(text: str, address: str) -> Markup:
    """The text as HTML with the address of this service."""
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
    return Markup(parser.render(text.replace(EXAMPLE_ADDRESS, address)))


class _Renderer(RendererHTML):
    """Links keep the language, tables can be moved sideways, code can be reached by keyboard."""

    def link_open(self, tokens: Sequence[Token], place: int, options: object, env: object) -> str:
        token = tokens[place]
        target = str(token.attrGet("href") or "")
        if target.startswith("/"):
            token.attrSet("href", site(target.removeprefix("/")))
        return str(self.renderToken(tokens, place, options, env))  # type: ignore[arg-type]

    def table_open(self, tokens: Sequence[Token], place: int, options: object, env: object) -> str:
        opening = Markup(
            '<div class="matrix" role="group" aria-label="{}" tabindex="0">\n<table>\n'
        )
        return opening.format(gettext("表（横に動かせます）"))

    def table_close(self, tokens: Sequence[Token], place: int, options: object, env: object) -> str:
        return "</table>\n</div>\n"

    def fence(self, tokens: Sequence[Token], place: int, options: object, env: object) -> str:
        token = tokens[place]
        code = Markup("{}").format(token.content)
        return Markup('<pre tabindex="0"><code class="language-{}">{}</code></pre>\n').format(
            token.info.strip(), code
        )
