"""/dumps/…: the files of the current release, with entity tags, ranges and listings."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, request, send_file
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from server.answers import CACHE_CONTROL, choose_format, entity_tag
from server.conditions import cut_range
from server.context import context
from server.negotiation import LISTING, TEXT
from server.resources import withdrawn

METADATA_SUFFIX = ".csv-metadata.json"
CONTENT_TYPES = {
    ".ttl": "text/turtle; charset=utf-8",
    ".nq": "application/n-quads; charset=utf-8",
    ".nt": "application/n-triples; charset=utf-8",
    ".jsonld": "application/ld+json; charset=utf-8",
    ".rdf": "application/rdf+xml; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    METADATA_SUFFIX: "application/csvm+json",
    ".json": "application/json; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".gz": "application/gzip",
    ".zip": "application/zip",
    "": "text/plain; charset=utf-8",
}
OTHER_CONTENT_TYPE = "application/octet-stream"

blueprint = Blueprint("dumps", __name__)


@blueprint.route("/dumps/")
@blueprint.route("/dumps/<path:name>")
def dump(name: str = "") -> Response:
    """A file as it was published, or the list of what is in a folder."""
    root = (context().release.path / "dumps").resolve()
    here = context()
    for plan in here.release.manifest["plans"]:
        folder = f"{plan['code']}/{plan['slug']}/{plan['year']}/"
        if plan["status"] == "withdrawn" and name.startswith(folder):
            raise withdrawn(here.url(f"dumps/{name}"), plan)
    path = inside(root, name)
    if path.is_dir():
        return listing(root, path)
    if not path.is_file() or name.endswith("/"):
        raise NotFound
    return file_answer(root, path, here.engine.current.last_modified(here.release))


def inside(root: Path, name: str) -> Path:
    """The path of that name in the folder; NotFound for what leads out or cannot be a name."""
    joined = safe_join(str(root), name)
    if joined is None or "\0" in name:
        raise NotFound
    try:
        path = Path(joined).resolve()
        path.stat()
    except OSError as error:  # absent, or too long to be a name
        raise NotFound from error
    if not path.is_relative_to(root) or any(
        part.startswith(".") for part in path.parts[len(root.parts) :]
    ):
        raise NotFound  # a link may lead out of the release
    return path


def file_answer(root: Path, path: Path, since: datetime | None = None) -> Response:
    """A file of the folder, tagged by its line in the folder's SHA256SUMS.

    `since` is the time from which it is served here, if that is later than the file's own.
    """
    status = path.stat()
    digest = _checksums(root).get(path.relative_to(root).as_posix())
    response = send_file(
        path,
        etag=digest[:32] if digest else f"{status.st_size:x}-{status.st_mtime_ns:x}",
        last_modified=max(int(status.st_mtime), int(since.timestamp()) if since else 0),
        conditional=False,
    )
    # set after send_file, which would take the charset off and name a coding for .gz
    response.headers["Content-Type"] = _content_type(path)
    response.headers.pop("Content-Encoding", None)
    response.headers["Cache-Control"] = CACHE_CONTROL
    _name_metadata(response, root, path)
    cut_range(response, request, status.st_size)
    return response


def _content_type(path: Path) -> str:
    if path.name.endswith(METADATA_SUFFIX):
        return CONTENT_TYPES[METADATA_SUFFIX]
    return CONTENT_TYPES.get(path.suffix, OTHER_CONTENT_TYPE)


def _name_metadata(response: Response, root: Path, path: Path) -> None:
    """Tell where a table is described (CSV on the Web, 5.2)."""
    metadata = path.with_suffix(METADATA_SUFFIX)
    if path.suffix == ".csv" and metadata.is_file():
        url = context().url(f"dumps/{metadata.relative_to(root).as_posix()}")
        link = f'<{url}>; rel="describedby"; type="{CONTENT_TYPES[METADATA_SUFFIX]}"'
        response.headers.add("Link", link)


@lru_cache(maxsize=8)
def _checksums(root: Path) -> dict[str, str]:
    """The SHA-256 of each file by its path below dumps/; empty if none were published."""
    try:
        lines = (root / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.split(maxsplit=1) for line in lines if line.strip())
    return {name.removeprefix("*").removeprefix("./"): digest for digest, name in pairs}


def listing(root: Path, folder: Path, address: str = "dumps/") -> Response:
    """What is in a folder; `address` is that of `root` below the address of the service."""
    here = context()
    checksums = _checksums(root)
    entries: list[dict[str, str | int]] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        name = path.relative_to(root).as_posix()
        if path.is_dir():
            entries.append({"url": here.url(f"{address}{quote(name)}/")})
            continue
        status = path.stat()
        modified = datetime.fromtimestamp(int(status.st_mtime), UTC)
        entry: dict[str, str | int] = {
            "url": here.url(f"{address}{quote(name)}"),
            "bytes": status.st_size,
            "type": _content_type(path).split(";")[0],
            "modified": modified.isoformat().replace("+00:00", "Z"),
        }
        if name in checksums:
            entry["sha256"] = checksums[name]
        entries.append(entry)
    form = choose_format(LISTING)
    if form is TEXT:
        body = "".join(f"{entry['url']}\n" for entry in entries)
    else:
        body = json.dumps(entries, ensure_ascii=False, indent=1) + "\n"
    response = Response(body, content_type=form.content_type)
    response.set_etag(entity_tag(here.engine, request.path, form.name))
    response.vary.add("Accept")
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response
