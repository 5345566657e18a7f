"""The pages in a real Chromium: nothing runs over the side of a phone, nothing is refused.

Chromium is spoken to over its own pipe (DevTools protocol, file descriptors 3 and 4): a window
cannot be made as narrow as a phone, an emulated screen can.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ANSWER_S = 60
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--remote-debugging-pipe",
)  # fmt: skip
PLAN = "doc/072036/plan/kyodo-2/2021"
PAGES = (
    "", "doc/072036", "doc/072036/plan/kyodo-2", PLAN, f"{PLAN}/project/45", f"{PLAN}/project/63",
    "doc/072036/plan/kyodo-2/policy/6", "doc/072036/unit/858c572f", f"{PLAN}/project/34/target/1",
    f"{PLAN}/change/1", f"{PLAN}/cube/sdg-goal/11", "doc/072036/source/kyodo-2-2021",
    "doc/072036/project/78393ec8", "sparql?example=cq04", "ns", "shapes", "goals",
    "goals/11", "accessibility",
    "search", "search?q=%E6%B0%B4", "search?q=Wi-Fi",
)  # fmt: skip


class Chromium:
    """A headless Chromium with one page."""

    def __init__(self, program: str, folder: Path) -> None:
        to_read, self._write = os.pipe()
        self._read, to_write = os.pipe()
        # the browser reads its descriptor 3 and writes its descriptor 4; the shell moves ours there
        script = f'exec 3<&{to_read} 4>&{to_write}; exec "$0" "$@"'
        self._process = subprocess.Popen(
            ["bash", "-c", script, program, *FLAGS, f"--user-data-dir={folder}", "about:blank"],
            pass_fds=(to_read, to_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._buffer = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session: str | None = attached["sessionId"]
        for domain in ("Page", "Log", "Runtime", "Network"):
            self.call(f"{domain}.enable")

    _session: str | None = None

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of a command; events that come meanwhile are kept."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def _next(self) -> dict[str, Any]:
        deadline = time.monotonic() + ANSWER_S
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], max(deadline - time.monotonic(), 0))
            assert ready, "Chromium does not answer"
            data = os.read(self._read, 1 << 20)
            assert data, "Chromium ended"
            self._buffer += data
        message, _, self._buffer = self._buffer.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def open(self, url: str, width: int) -> None:
        """Load the page on a screen of that width; `events` are those of this page."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=800, deviceScaleFactor=1, mobile=width < 700,
        )  # fmt: skip
        self.events.clear()
        self.call("Page.navigate", url=url)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def value(self, expression: str) -> Any:
        """What an expression gives on the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    def complaints(self) -> list[str]:
        """What the console, the content security policy and the network had to complain of."""
        found = []
        for event in self.events:
            parameters = event.get("params", {})
            if event.get("method") == "Log.entryAdded":
                found.append(parameters["entry"]["text"])
            elif event.get("method") in ("Runtime.exceptionThrown", "Network.loadingFailed"):
                found.append(json.dumps(parameters))
        return found

    def hosts(self) -> set[str]:
        """The hosts the page asked for anything."""
        urls = (
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        )
        return {url.split("/")[2] for url in urls if url.startswith("http")}

    def close(self) -> None:
        os.close(self._write)
        os.close(self._read)
        self._process.terminate()
        self._process.wait(timeout=30)


@pytest.fixture
def chromium(needs_debian: Callable[[str, str], str], tmp_path: Path) -> Iterator[Chromium]:
    browser = Chromium(needs_debian("chromium", "chromium"), tmp_path)
    yield browser
    browser.close()


OVERFLOW = """(() => {
  const wide = document.documentElement.clientWidth;
  const out = document.documentElement.scrollWidth > wide ? ['page'] : [];
  for (const e of document.querySelectorAll('body *')) {
    if (e.closest('.matrix, .hidden, thead, svg') || getComputedStyle(e).position === 'absolute')
      continue;
    const box = e.getBoundingClientRect();
    if (box.width && box.right > wide + 1) out.push(e.tagName + '.' + e.className);
  }
  return out.slice(0, 5);
})()"""


@pytest.mark.parametrize("width", [1280, 360, 320])
def test_nothing_runs_over_the_side_and_nothing_is_refused(
    chromium: Chromium, koriyama_server: Any, width: int
) -> None:
    found = {}
    for path in (*PAGES, "doc/072036/nothing"):
        for language in ("ja", "en"):
            address = f"{path}{'&' if '?' in path else '?'}lang={language}"
            chromium.open(koriyama_server.url + address, width)
            assert chromium.value("document.documentElement.lang") == language
            assert chromium.value("innerWidth") == width, address
            complaints = [text for text in chromium.complaints() if "404 (NOT FOUND)" not in text]
            overflow = chromium.value(OVERFLOW)
            strangers = chromium.hosts() - {koriyama_server.url.split("/")[2]}
            if overflow or complaints or strangers:
                found[address] = (overflow, complaints, strangers)
    assert found == {}


def test_the_keyboard_finds_the_way_past_the_header(
    chromium: Chromium, koriyama_server: Any
) -> None:
    chromium.open(koriyama_server.url, 360)
    for kind in ("rawKeyDown", "keyUp"):
        chromium.call("Input.dispatchKeyEvent", type=kind, key="Tab", windowsVirtualKeyCode=9)
    assert chromium.value("document.activeElement.getAttribute('href')") == "#main"
    assert chromium.value("document.activeElement.getBoundingClientRect().top >= 0")


TARGETS = """(() => [...document.querySelectorAll(
    '.main-nav a, .languages a, .site-name a, .figures a, button, .button, select')]
  .filter(e => e.getBoundingClientRect().height < 43.5).map(e => e.textContent.trim()))()"""


def test_the_main_targets_are_large_enough_for_a_thumb(
    chromium: Chromium, koriyama_server: Any
) -> None:
    for path in ("", PLAN, "sparql"):
        chromium.open(koriyama_server.url + path, 360)
        assert chromium.value(TARGETS) == []
