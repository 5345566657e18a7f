"""SPARQL from the command line: on the current release, or on any endpoint."""

from __future__ import annotations

import json
import multiprocessing
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, BinaryIO

from kg.errors import QueryError, WrongUse
from kg.query_text import (
    UPDATE_WORDS,
    calls_other_endpoints,
    query_form,
    tokens_of,
    too_deep,
)
from kg.release import current_release
from kg.settings import Settings
from kg.store import open_release

SOLUTION_TYPES = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
}
GRAPH_TYPES = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
}
_WIDEST_CELL = 60


def query_text(given: str) -> str:
    """The query itself: the content of the file of that name, or the given text."""
    path = Path(given)
    try:
        if path.is_file():
            return path.read_text(encoding="utf-8")
    except (OSError, ValueError):  # a text that cannot be a name at all
        return given
    if path.suffix in (".rq", ".sparql") and "{" not in given:
        raise WrongUse(f"There is no file {given}.")
    return given


def ask(
    query: str, var: Path, settings: Settings, form: str | None = None, endpoint: str | None = None
) -> str:
    """The answer as text: `table`, a solutions form or a graph form; None = table or Turtle.

    The current release answers under the limits of `settings`, as the server does. Raises
    QueryError for a query or form that cannot be answered, WrongUse for an endpoint that is none.
    """
    graph = query_form(query) in ("CONSTRUCT", "DESCRIBE")
    form = form or ("ttl" if graph else "table")
    types = GRAPH_TYPES if graph else SOLUTION_TYPES | {"table": SOLUTION_TYPES["json"]}
    if form not in types:
        forms = ", ".join(GRAPH_TYPES if graph else ("table", *SOLUTION_TYPES))
        raise QueryError(f"This query cannot be answered as {form}. Possible: {forms}.")
    if endpoint is None:
        body = _local(query, var, types[form], settings)
    else:
        body = _remote(query, endpoint, types[form])
    return _table(json.loads(body)) if form == "table" else body


def _local(query: str, var: Path, media_type: str, settings: Settings) -> str:
    """The answer of the current release, from a process that can be stopped and may die."""
    _check(query, settings)
    release = current_release(var).path
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    with tempfile.TemporaryFile() as out:
        child = context.Process(target=_answer, args=(release, query, media_type, out, sender))
        child.start()
        sender.close()
        child.join(settings.query_timeout_s)
        if child.is_alive():
            child.kill()
            child.join()
            raise QueryError(
                f"The query did not end within {settings.query_timeout_s} seconds "
                "(query_timeout_s). A narrower query is faster."
            )
        if child.exitcode:
            raise QueryError(f"The engine could not take the query (exit {child.exitcode}).")
        problem = receiver.recv()
        if problem is not None:
            raise QueryError(problem)
        out.seek(0)
        return out.read().decode()


def _answer(release: Path, query: str, media_type: str, out: BinaryIO, sender: Connection) -> None:
    try:
        open_release(release).answer(query, out, media_type=media_type)
        out.flush()
        sender.send(None)
    except QueryError as error:
        sender.send(str(error))


def _check(query: str, settings: Settings) -> None:
    if too_deep(tokens_of(query), settings.max_query_depth):
        raise QueryError(f"The query is nested more than {settings.max_query_depth} deep.")
    if calls_other_endpoints(query, [entry.url for entry in settings.service_allowlist]):
        raise QueryError("SERVICE is not allowed; service_allowlist names the endpoints that are.")
    words = [token.keyword for token in tokens_of(query) if token.keyword]
    if query_form(query) is None and UPDATE_WORDS & set(words):
        raise QueryError("This is an update. Releases are never changed; build a new one.")


def _remote(query: str, endpoint: str, media_type: str) -> str:
    if not endpoint.startswith(("http://", "https://")):
        raise WrongUse(f"{endpoint} is not an endpoint; expected an http or https URL.")
    from SPARQLWrapper import SPARQLWrapper
    from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

    client = SPARQLWrapper(endpoint)
    client.setQuery(query)
    client.setMethod("POST")
    client.setOnlyConneg(True)  # the Accept header alone: parameters would ask for XML
    client.addCustomHttpHeader("Accept", media_type)
    try:
        return bytes(client.query().response.read()).decode()
    except (SPARQLWrapperException, OSError) as error:
        raise QueryError(f"{endpoint} did not answer: {error}.") from error


def _table(answer: dict[str, Any]) -> str:
    """Solutions as an aligned table with the number of rows; a boolean as a word."""
    from prettytable import PrettyTable

    if "boolean" in answer:
        return f"{str(answer['boolean']).lower()}\n"
    names = answer["head"]["vars"]
    rows = answer["results"]["bindings"]
    if not names:
        return f"(no columns)\n{len(rows)} {'row' if len(rows) == 1 else 'rows'}\n"
    table = PrettyTable(names, align="l", max_width=_WIDEST_CELL)
    for row in rows:
        table.add_row([row.get(name, {}).get("value", "") for name in names])
    return f"{table.get_string()}\n{len(rows)} {'row' if len(rows) == 1 else 'rows'}\n"
