"""A page inside a page of another site: `?view=embed`, the only view that others may frame."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from server.context import context
from server.headers import CONTENT_SECURITY_POLICY
from server.pages.language import page_language

VIEW = "embed"
HEIGHT_PX = 480


@dataclass(frozen=True, slots=True)
class Embed:
    """What a site puts into its own page: an address for a frame, a title, a link that works
    where frames are forbidden."""

    source: str
    page: str
    title: str
    height: int = HEIGHT_PX
    fits: int | None = None
    """The width in px for which the height was computed; None = it is the same for all."""

    @property
    def snippet(self) -> str:
        """The lines to copy; attribute values are escaped."""
        return (
            f'<iframe src="{_escaped(self.source)}" title="{_escaped(self.title)}" '
            f'loading="lazy" width="100%" height="{self.height}"></iframe>\n'
            f'<p><a href="{_escaped(self.page)}">{_escaped(self.title)}</a></p>'
        )


def embed_of(path: str, title: str, height: int = HEIGHT_PX, fits: int | None = None) -> Embed:
    """The frame for a page of this service, by its path with its query string.

    `height` in px, computed for a frame so wide as `fits` where it is not the usual one.
    """
    here = context()
    joint = "&" if "?" in path else "?"
    page = here.url(f"{path}{joint}lang={page_language()}")
    return Embed(f"{page}&view={VIEW}", page, title, height, fits)


def is_embedded() -> bool:
    """Whether the request is for the view that other sites may frame."""
    return request.args.get("view") == VIEW


def frameable(response: Response) -> Response:
    """Let other sites frame the response; everything else stays forbidden."""
    policy = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
    response.headers["Content-Security-Policy"] = policy
    return response


def _escaped(text: str) -> str:
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(character, entity)
    return text
