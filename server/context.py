"""What every view needs: the settings and the engine of the running application."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from kg.events import EventLog
from kg.release import Release
from kg.settings import Settings
from server.engine import Engine
from server.hooks import EXTENSION
from server.rate import RateLimit


@dataclass(frozen=True, slots=True)
class Context:
    """Put into the application by `create_app`."""

    settings: Settings
    engine: Engine
    rate_limit: RateLimit
    events: EventLog

    @property
    def most_body_bytes(self) -> int:
        """The longest body of a request."""
        # a query in a form is percent-encoded: up to three bytes for one
        return 3 * self.settings.max_query_bytes + (1 << 16)

    @property
    def release(self) -> Release:
        return self.engine.current.get()

    def url(self, path: str) -> str:
        """The address of a path of this service as visitors reach it."""
        return self.settings.public_url + path


def context() -> Context:
    """The context of the running application."""
    found = current_app.extensions[EXTENSION]["context"]
    assert isinstance(found, Context)
    return found
