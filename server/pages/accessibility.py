"""How the pages can be used by everyone, what is known to be lacking, and whom to tell."""

from __future__ import annotations

from flask import Response
from flask_babel import gettext

from server.pages.frame import Crumb, Frame, page
from server.pages.kept import kept
from server.pages.links import site


def accessibility_page() -> Response:
    """The page at /accessibility."""
    title = gettext("アクセシビリティ")
    description = gettext("このサイトの使いやすさについて: 目標、確かめたこと、分かっている限界。")
    frame = Frame(
        title=[title],
        crumbs=[Crumb(gettext("ホーム"), site("")), Crumb(title)],
        path="accessibility",
        description=str(description),
    )
    return kept(page("accessibility.html", frame, title=title))
