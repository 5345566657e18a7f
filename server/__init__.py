"""From a release to answers over HTTP; reads the release, writes nothing.

The heavy modules are imported inside `create_app`, so that `python -m server.nursery` stays small.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from kg.settings import Settings

__all__ = ["create_app"]


def create_app(settings: Settings, var: Path) -> Flask:
    """The application over the current release in `var`; its query workers run from now on.

    `close_app(app)` of server.application ends them; they also end with this process.
    Raises ReleaseError if there is no release.
    """
    from server.application import create_app as create

    return create(settings, var)
