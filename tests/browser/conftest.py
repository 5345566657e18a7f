"""One browser and one server for all tests of a process; a page of its own for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from kg.release import current_release
from tests.browser.opened import Opened, launch, opened
from tests.browser.site import Page
from tests.http.conftest import Server, demo_var
from tests.http.estimated import with_estimates
from tests.http.reading import Endpoint

__all__ = ["demo_var"]

Open = Callable[..., AbstractContextManager[Opened]]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs the Debian package chromium (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = launch(playwright, program)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(demo_var: Path) -> Iterator[Server]:
    """Koriyama's plan beside those of the made-up municipalities."""
    server = Server(demo_var, query_workers="1", rate_limit="")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def estimating_server(demo_var: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same with the made-up estimates of tests/http/estimated.py."""
    var = tmp_path_factory.mktemp("estimating")
    with_estimates(current_release(demo_var), var)
    server = Server(var, query_workers="1", rate_limit="")
    yield server
    server.stop()


@pytest.fixture
def server_of(request: pytest.FixtureRequest) -> Callable[[Page], Server]:
    """The server that shows a page; started when one is asked for first."""

    def server_of(page: Page) -> Server:
        name = "estimating_server" if page.has_estimates else "server"
        found: Server = request.getfixturevalue(name)
        return found

    return server_of


@pytest.fixture
def open_page(browser: Browser, server_of: Callable[[Page], Server]) -> Open:
    """A context with the page loaded: `open_page(page, language, width)`."""

    def open_page(
        page: Page, language: str = "ja", width: int = 1152, scripts: bool = True
    ) -> AbstractContextManager[Opened]:
        address = page.address(language)
        return opened(browser, server_of(page).url, width, address, language, scripts)

    return open_page


@pytest.fixture
def ask(server_of: Callable[[Page], Server]) -> Callable[[Page, str], list[int]]:
    """The whole numbers that a query finds, row by row, at the server that shows the page."""

    def ask(page: Page, query: str) -> list[int]:
        return [int(value) for value in Endpoint(server_of(page).url).column(query)]

    return ask
