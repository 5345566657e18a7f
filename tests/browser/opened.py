"""One Chromium for all tests, and what it has to say of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, Response

FLAGS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--force-color-profile=srgb", "--font-render-hinting=none",
)  # fmt: skip
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
HEIGHT = 800


def launch(playwright: Playwright, program: str) -> Browser:
    """A headless Chromium; as root it has no sandbox, and asks nobody on the network."""
    return playwright.chromium.launch(
        executable_path=program, headless=True, chromium_sandbox=False, args=list(FLAGS)
    )


@dataclass
class Opened:
    """A page in a browser, and what went wrong while it was there."""

    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)
    """Of the console, the content security policy, scripts and the network."""
    status: int = 0

    def __post_init__(self) -> None:
        page = self.page
        page.on("console", lambda m: self._told(m.type, m.text, m.location.get("url", "")))
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("requestfailed", lambda r: self.complaints.append(f"failed: {r.url} {r.failure}"))
        page.on("response", self._answered)
        page.on("request", lambda r: self._asked(r.url))

    def go(self, address: str) -> int:
        """Load another page of the service; returns its status."""
        answer = self.page.goto(self.origin + address)
        assert answer is not None
        return answer.status

    def _told(self, kind: str, text: str, url: str) -> None:
        # the browser also tells that a page is a 404, which the test knows
        if kind in ("error", "warning") and url != self.page.url:
            self.complaints.append(f"{kind}: {text} ({url})")

    def _asked(self, url: str) -> None:
        if not url.startswith((self.origin, "data:")):
            self.complaints.append(f"asked another host: {url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.complaints.append(f"{response.status}: {response.url}")

    def axe(self) -> list[str]:
        """What axe finds wrong: rule and elements."""
        found: dict[str, Any] = Axe().run(
            self.page, options={"runOnly": list(RULES), "resultTypes": ["violations"]}
        ).response  # fmt: skip
        return [
            f"{violation['id']}: {node['target']} {node['html'][:120]}"
            for violation in found["violations"]
            for node in violation["nodes"][:5]
        ]

    def overflow(self) -> list[str]:
        """The elements that run over the right side, but for what scrolls by itself."""
        found: list[str] = self.page.evaluate(_OVERFLOW)
        return found

    def numbers(self, selector: str) -> list[int]:
        """The first number in each element, as a reader sees it; 1,700 is one number."""
        texts: list[str] = self.page.eval_on_selector_all(
            selector, "all => all.map(e => e.textContent)"
        )
        found = [re.search(r"\d[\d,]*", text) for text in texts]
        return [int(number[0].replace(",", "")) for number in found if number]

    def text(self) -> list[str]:
        """The lines of the main part, without what a script has put there."""
        lines: str = self.page.evaluate(_TEXT)
        return [line for line in map(str.strip, lines.splitlines()) if line]


_TEXT = """() => {
  const added = [...document.querySelectorAll('main .by-script')];
  const were = added.map(e => e.hidden);
  for (const e of added) e.hidden = true;
  const text = document.querySelector('main').innerText;
  added.forEach((e, at) => { e.hidden = were[at]; });
  return text;
}"""
_OVERFLOW = """() => {
  const wide = document.documentElement.clientWidth;
  const out = document.documentElement.scrollWidth > wide ? ['page'] : [];
  for (const e of document.querySelectorAll('body *')) {
    if (e.closest('.matrix, .hidden, thead, svg, .CodeMirror')
        || getComputedStyle(e).position === 'absolute')
      continue;
    const box = e.getBoundingClientRect();
    if (box.width && box.right > wide + 1) out.push(e.tagName + '.' + e.className);
  }
  return out.slice(0, 5);
}"""


@contextmanager
def opened(
    browser: Browser, url: str, width: int, address: str, language: str, scripts: bool = True
) -> Iterator[Opened]:
    """A page of the service at `url` on a screen of that width: below 700 px a phone's.

    `address` starts after that of the service.
    """
    is_phone = width < 700
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        is_mobile=is_phone,
        has_touch=is_phone,
        locale=language,
        java_script_enabled=scripts,
        reduced_motion="reduce",
    )
    try:
        found = Opened(context.new_page(), url)
        found.status = found.go(address)
        yield found
    finally:
        context.close()
