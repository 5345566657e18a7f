"""/dumps/history/…: every published version of every plan, as it was first published."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from kg.history import HISTORY_FOLDER, VERSION_FILE
from server.context import context
from server.dumps import file_answer, inside, listing

ADDRESS = "dumps/history/"

blueprint = Blueprint("history", __name__)


@blueprint.route("/dumps/history/")
@blueprint.route("/dumps/history/<path:name>")
def history(name: str = "") -> Response:
    """A file of a version, or the list of what is in a folder; of all releases, not of one."""
    root = (context().engine.current.var / HISTORY_FOLDER).resolve()
    path = inside(root, name)
    if path.is_dir():
        return listing(root, path, ADDRESS)
    if not path.is_file() or name.endswith("/"):
        raise NotFound
    version = _version_of(root, path)
    return file_answer(version, path)


def _version_of(root: Path, path: Path) -> Path:
    """The folder of the version the file belongs to, with the checksums."""
    for folder in path.parents:
        if folder == root:
            break
        if (folder / VERSION_FILE).is_file():
            return folder
    raise NotFound
