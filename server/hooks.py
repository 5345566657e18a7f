"""What the pages plug into the routes: each hook answers a browser, each may be absent.

`server.pages.register(app)` fills them in; without it the routes answer with data and text only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app

EXTENSION = "sdgplan"


@dataclass(slots=True)
class Hooks:
    """One function per kind of page; None = answer without HTML."""

    error: Callable[[int, str, str], Response] | None = None
    """Status, title, detail → a page; the status of the response is set afterwards."""

    document: Callable[[str], Response] | None = None
    """IRI of a resource that exists → its page."""

    endpoint: Callable[[], Response] | None = None
    """The query editor at /sparql."""

    vocabulary: Callable[[], Response] | None = None
    """The documentation of the vocabulary at /ns."""

    shapes: Callable[[], Response] | None = None
    """The documentation of the shapes at /shapes."""

    changes: Callable[[Any], Response] | None = None
    """A `server.comparison.Comparison` → the page of what changed."""

    report: Callable[[Mapping[str, Any]], Response] | None = None
    """The manifest's entry of a plan → the page of its validation report."""

    quality: Callable[[], Response] | None = None
    """How the service meets the criteria for endpoints, at /quality."""

    examples: Callable[[Any], Response] | None = None
    """The `server.examples.Totals` → the list of example queries."""

    example: Callable[[Any, Any], Response] | None = None
    """A `kg.examples.Example` and the `server.examples.Shown` of its answer → its page."""

    search: Callable[[Any], Response] | None = None
    """A `server.search.Search` → the page of what was found."""

    compare: Callable[[Any], Response] | None = None
    """A `server.compare.Comparison` → the page with plans side by side."""


def hooks() -> Hooks:
    """The hooks of the running application."""
    found = current_app.extensions[EXTENSION]["hooks"]
    assert isinstance(found, Hooks)
    return found
