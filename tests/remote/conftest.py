"""Three engines over one release: ours, the Oxigraph server and Virtuoso."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from kg.push import Push, Pushed
from kg.release import current_release
from kg.remote.asking import RemoteStore
from kg.remote.client import Client
from kg.remote.state import Names
from kg.remote.writing import writers_of
from kg.settings import Settings
from server import create_app
from server.application import close_app
from tests.remote.servers import OxigraphMemory, StoreProcess, Virtuoso

STORES: dict[str, type[StoreProcess]] = {"oxigraph": OxigraphMemory, "virtuoso": Virtuoso}
TIMEOUT_S = 60
_pushes = 0


_clients: dict[tuple[str, str], Client] = {}


def client_of(store: StoreProcess, url: str | None = None) -> Client:
    """The connections to a store, shared by all tests."""
    key = url or store.endpoint, store.user
    return _clients.setdefault(key, Client(key[0], store.user, store.password))


@pytest.fixture(scope="session", autouse=True)
def closed_clients() -> Iterator[None]:
    """Close the connections in the end."""
    yield
    for client in _clients.values():
        client.close()


def remote_of(store: StoreProcess, url: str | None = None) -> RemoteStore:
    """A client of the store, or of what stands before it at `url`."""
    client = client_of(store, url)
    names = Names.of(Settings().base_iri)
    return RemoteStore(client, url or store.endpoint, names, TIMEOUT_S)


def pushing(
    store: StoreProcess, var: Path, said: Callable[[str], None] = str, batch_bytes: int = 1 << 20
) -> Push:
    """A push of the current release that is not begun."""
    global _pushes
    _pushes += 1
    release = current_release(var)
    return Push(release, remote_of(store), f"test {_pushes}", said, batch_bytes)


def push(store: StoreProcess, var: Path, protocol: str = "") -> Pushed:
    """Push the current release; by `protocol`, or by the first way that the store takes."""
    client = client_of(store)
    url = {"graph-store": store.graph_store, "update": store.update}.get(protocol, "")
    return pushing(store, var).run(writers_of(client, store.endpoint, TIMEOUT_S, protocol, url))


def settings_of(store: StoreProcess | str, **more: object) -> Settings:
    """The settings of a service over the store, or over what is at that URL."""
    url = store if isinstance(store, str) else store.endpoint
    return Settings(store=url, query_workers=1, rate_limit="", **more)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Site:
    """A running service and the engine behind it."""

    engine: str
    app: Flask


@pytest.fixture(scope="session")
def store_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], StoreProcess]]:
    """A function from an engine's name to a store that holds nothing yet; started once."""
    running: dict[str, StoreProcess] = {}

    def started(name: str) -> StoreProcess:
        if name not in running:
            store = STORES[name](tmp_path_factory.mktemp(name))
            running[name] = store
            store.start()
        return running[name]

    yield started
    for store in running.values():
        store.stop()


@pytest.fixture(scope="module", params=["local", *STORES])
def site(
    request: pytest.FixtureRequest, two_cities: Path, store_of: Callable[[str], StoreProcess]
) -> Iterator[Site]:
    """The service over each engine, the store loaded with the release of two cities."""
    settings = Settings(query_workers=1, rate_limit="")
    if request.param != "local":
        store = store_of(request.param)
        push(store, two_cities)
        settings = settings_of(store)
    app = create_app(settings, two_cities)
    yield Site(request.param, app)
    close_app(app)


@pytest.fixture(scope="module")
def local_app(two_cities: Path) -> Iterator[Flask]:
    """The service over our own engine."""
    app = create_app(Settings(query_workers=1, rate_limit=""), two_cities)
    yield app
    close_app(app)
