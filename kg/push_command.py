"""What `sdgplan push` says, and which way of writing it tries."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import datetime
from pathlib import Path

import click

from kg.errors import StoreFailed, WrongUse
from kg.push import Push
from kg.release import current_release
from kg.remote.asking import RemoteStore
from kg.remote.client import Client
from kg.remote.state import Names
from kg.remote.writing import GRAPH_STORE, UPDATE, writers_of
from kg.settings import Settings, is_endpoint


def push(
    settings: Settings,
    endpoint: str,
    var: Path,
    now: datetime,
    *,
    graph_store: str | None = None,
    update: str | None = None,
    check: bool = False,
    timeout: int = 300,
) -> None:
    """Load the current release into the store, or with `check` compare the two.

    Raises WrongUse for addresses that cannot be meant, StoreFailed for what the store does not do.
    """
    if graph_store and update:
        raise WrongUse("--graph-store and --update were both given; expected one.")
    for url in filter(None, (endpoint, graph_store, update)):
        if not is_endpoint(url):
            raise WrongUse(f"{url} is not an endpoint; expected an http or https URL without user.")
    release = current_release(var)
    with (
        closing(Client(endpoint, settings.store_user, settings.store_password)) as asking,
        closing(_writing_client(settings, asking, graph_store or update)) as writing,
    ):
        store = RemoteStore(asking, endpoint, Names.of(settings.base_iri), timeout)
        # of two pushes at the same moment one has another process id, or runs elsewhere
        push_id = f"{now.isoformat()} {os.uname().nodename} {os.getpid()}"
        run = Push(release, store, push_id, say=lambda text: click.echo(text, err=True))
        if check:
            faults = run.check()
            if faults:
                raise StoreFailed("\n".join([*faults, f"{endpoint} is not release {release.id}."]))
            click.echo(f"{endpoint} is release {release.id}: every graph is the same.")
            return
        protocol = GRAPH_STORE if graph_store else UPDATE if update else ""
        url = graph_store or update or ""
        done = run.run(writers_of(writing, endpoint, timeout, protocol, url))
    if not done.protocol:
        click.echo(f"{endpoint} has release {release.id} already; nothing was written.")
        return
    click.echo(
        f"{endpoint} has release {release.id}: {len(done.loaded)} graphs loaded "
        f"({done.triples} triples, {done.protocol}), {len(done.dropped)} dropped, "
        f"{done.unchanged} unchanged."
    )


def _writing_client(settings: Settings, asking: Client, url: str | None) -> Client:
    """The same client, unless writing goes to another server."""
    if url is None or asking.is_of(url):
        return asking
    return Client(url, settings.store_user, settings.store_password)
