"""SPARQL from the command line: on the current release, or on any endpoint."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from kg.errors import QueryError, WrongUse
from kg.query_text import query_form
from kg.release import current_release
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
    path = Path(given) if len(given) < 1024 and "\n" not in given else None
    if path and path.is_file():
        return path.read_text(encoding="utf-8")
    if path and path.suffix in (".rq", ".sparql"):
        raise WrongUse(f"There is no file {given}.")
    return given


def ask(query: str, var: Path, form: str | None, endpoint: str | None) -> str:
    """The answer as text: `table`, a solutions form or a graph form; None = table or Turtle.

    Raises QueryError for a query or form that cannot be answered.
    """
    graph = query_form(query) in ("CONSTRUCT", "DESCRIBE")
    form = form or ("ttl" if graph else "table")
    media_type = (GRAPH_TYPES if graph else SOLUTION_TYPES | {"table": SOLUTION_TYPES["json"]}).get(
        form
    )
    if media_type is None:
        forms = ", ".join(GRAPH_TYPES if graph else ("table", *SOLUTION_TYPES))
        raise QueryError(f"This query cannot be answered as {form}. Possible: {forms}.")
    body = _remote(query, endpoint, media_type) if endpoint else _local(query, var, media_type)
    return _table(json.loads(body)) if form == "table" else body


def _local(query: str, var: Path, media_type: str) -> str:
    out = io.BytesIO()
    open_release(current_release(var).path).answer(query, out, media_type=media_type)
    return out.getvalue().decode()


def _remote(query: str, endpoint: str, media_type: str) -> str:
    from SPARQLWrapper import SPARQLWrapper
    from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

    client = SPARQLWrapper(endpoint)
    client.setQuery(query)
    client.setMethod("POST")
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
    table = PrettyTable(names, align="l", max_width=_WIDEST_CELL)
    for row in rows:
        table.add_row([row.get(name, {}).get("value", "") for name in names])
    return f"{table.get_string()}\n{len(rows)} {'row' if len(rows) == 1 else 'rows'}\n"
