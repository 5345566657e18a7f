"""Pictures of every kind of page, for docs/screenshots/: `make screenshots`.

`python -m tests.browser.screenshots FOLDER` builds Koriyama's plan at a fixed time, serves it and
writes `<page>-<language>-<width>.png`: the page from its top, as far as HEIGHTS goes, in 256
colours. Same pages, fonts and browser, same files. Files of pages that are gone are removed.
"""

from __future__ import annotations

import io
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from kg import pipeline
from kg.settings import Settings
from tests.browser.opened import Opened, launch, opened
from tests.browser.site import LANGUAGES, NARROW, PAGES, WIDE, Page
from tests.http.conftest import REPOSITORY, Server

CHROMIUM = "/usr/bin/chromium"
BUILT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
PUBLIC_URL = "http://localhost:8000/"
HEIGHTS = {WIDE: 2600, NARROW: 3400}
NAMES = {WIDE: "wide", NARROW: str(NARROW)}
SHOWN = [p for p in PAGES if not p.has_estimates and not p.has_made_up]
"""What Koriyama's plan alone has."""


_FROM_TO = """start => {
  const first = start ? document.querySelector(start).getBoundingClientRect().top - 16 : 0;
  return [Math.round(first), document.documentElement.scrollHeight];
}"""


def take(found: Opened, width: int, start: str) -> bytes:
    """The page from the element `start`, or from its top, as a small PNG."""
    page = found.page
    page.evaluate("document.fonts.ready")
    top, bottom = page.evaluate(_FROM_TO, start)
    page.set_viewport_size({"width": width, "height": min(bottom - top, HEIGHTS[width])})
    page.evaluate("top => scrollTo(0, top)", top)
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide")))
    # of the methods the one that keeps the colours of the goals, and gives the smallest files
    reduced = picture.convert("RGB").quantize(256, Image.Quantize.FASTOCTREE)
    out = io.BytesIO()
    reduced.save(out, "PNG", optimize=True)
    return out.getvalue()


def name_of(page: Page, language: str, width: int) -> str:
    return f"{page.name}-{language}-{NAMES[width]}.png"


def take_all(url: str, folder: Path) -> None:
    """Write the pictures of the service at that address."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {name_of(p, lang, width) for p in SHOWN for lang in LANGUAGES for width in NAMES}
    for path in folder.glob("*.png"):
        if path.name not in kept:
            path.unlink()
    with sync_playwright() as playwright:
        browser = launch(playwright, CHROMIUM)
        for width in NAMES:
            for language in LANGUAGES:
                for page in SHOWN:
                    with opened(browser, url, width, page.address(language), language) as found:
                        path = folder / name_of(page, language, width)
                        path.write_bytes(take(found, width, page.start))
        browser.close()


def main(folder: str) -> None:
    with tempfile.TemporaryDirectory() as var:
        options = pipeline.Options(only="koriyama-2021", validator="shacl")
        built = pipeline.build(REPOSITORY / "data", Path(var), Settings(), BUILT, options)
        assert built.release, built.problems
        # the address is printed on pages, so it is not that of a port that happens to be free
        server = Server(
            Path(var), query_workers="1", rate_limit="", public_url=PUBLIC_URL, log_level="error"
        )
        try:
            take_all(server.url, Path(folder))
        finally:
            server.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
