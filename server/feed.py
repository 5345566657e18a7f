"""/changes.jsonld: which plans were published, changed and withdrawn, for harvesters.

An ActivityStreams 2.0 collection, oldest first, as DCAT-AP Feeds (SEMIC) and the IIIF Change
Discovery API have it: Create, Update and Delete say what to do with the dataset, `published`
where to go on. schema.org's DataFeed has no such order, and no harvester that acts on it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request

from kg.iris import plan_version
from server.answers import CACHE_CONTROL, entity_tag
from server.context import context
from server.errors import bad_request
from server.negotiation import JSON_LD

CONTEXT = ["https://www.w3.org/ns/activitystreams", {"dcat": "http://www.w3.org/ns/dcat#"}]
ADDRESS = "changes.jsonld"

blueprint = Blueprint("feed", __name__)


@blueprint.route("/changes.jsonld")
def feed() -> Response:
    """What happened since `?since=`, a day or a time; without it all that is known."""
    here = context()
    since = _since(request.args.get("since"))
    text = None if since is None else since.isoformat()
    tag = entity_tag(here.engine, ADDRESS, text)
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        response = Response(_document(since), content_type=JSON_LD.content_type)
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


def _document(since: datetime | None) -> str:
    here = context()
    items = [
        item
        for item in _activities(here.release.manifest["plans"])
        if since is None or datetime.fromisoformat(item["published"]) >= since
    ]
    asked = request.args.get("since")
    query = "" if asked is None else f"?since={quote(asked, safe=':')}"
    document = {
        "@context": CONTEXT,
        "id": here.url(f"{ADDRESS}{query}"),
        "type": "OrderedCollection",
        "updated": str(here.release.manifest["created"]),
        "totalItems": len(items),
        "orderedItems": items,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _activities(entries: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each publication of a version and each withdrawal, oldest first."""
    found = [item for entry in entries for item in _of_plan(entry)]
    return sorted(found, key=lambda item: (item["published"], item["id"]))


def _of_plan(entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for place, version in enumerate(entry.get("versions", ())):
        files = {"plan.ttl": "text/turtle", "plan.nq": "application/n-quads"}
        yield _activity(entry, "Update" if place else "Create", version["published"], {
            "id": plan_version(entry["iri"], version["version"]),
            "type": "Document",
            "dcat:version": version["version"],
            "url": [
                {"type": "Link", "href": context().url(version["path"] + name), "mediaType": kind}
                for name, kind in files.items()
            ],
        })  # fmt: skip
    if entry["status"] == "withdrawn" and "withdrawn_at" in entry:
        yield _activity(entry, "Delete", entry["withdrawn_at"], None)


def _activity(
    entry: Mapping[str, Any], kind: str, published: str, result: dict[str, Any] | None
) -> dict[str, Any]:
    place = f"{entry['code']}-{entry['slug']}-{entry['year']}"
    item = {
        "id": context().url(f"{ADDRESS}#{place}-{kind.lower()}-{published}"),
        "type": kind,
        "published": published,
        "object": {
            "id": f"{entry['iri']}/dataset",
            "type": "Document" if kind != "Delete" else "Tombstone",
            "nameMap": entry["title"],
        },
    }
    if result is not None:
        item["result"] = result
    if kind == "Delete" and entry.get("reason"):
        item["summaryMap"] = {"ja": entry["reason"]}
    return item


def _since(text: str | None) -> datetime | None:
    """The time of `since`: a day is its first moment in UTC. Raises a 400 for anything else."""
    if text is None:
        return None
    # a plus sign of the zone arrives as a space where it was not percent-encoded
    plain = text.strip().replace(" ", "+")
    try:
        if len(plain) == len("2026-11-24"):
            return datetime.combine(date.fromisoformat(plain), time(), UTC)
        found = datetime.fromisoformat(plain)
        if "T" in plain.upper() and found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise bad_request(
        "Bad since",
        f'since is "{text[:40]}"; expected a day or an RFC 3339 time, such as 2026-11-24 or '
        "2026-11-24T10:15:00Z.",
    )
