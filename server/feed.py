"""/changes.jsonld: which plans were published, changed and withdrawn, for harvesters.

An ActivityStreams 2.0 collection, oldest first, as DCAT-AP Feeds (SEMIC) and the IIIF Change
Discovery API have it: Create, Update and Delete say what to do with the dataset, `published`
where to go on. schema.org's DataFeed has no such order, and no harvester that acts on it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request

from kg.events import Event
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
    last = here.events.last()
    tag = entity_tag(here.engine, ADDRESS, text, last)
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        response = Response(
            _document(here.events.since(since), last), content_type=JSON_LD.content_type
        )
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


def _document(happened: Sequence[Event], last: str) -> str:
    here = context()
    items = list(map(_activity, happened))
    asked = request.args.get("since")
    query = "" if asked is None else f"?since={quote(asked, safe=':')}"
    document = {
        "@context": CONTEXT,
        "id": here.url(f"{ADDRESS}{query}"),
        "type": "OrderedCollection",
        "updated": last or str(here.release.manifest["created"]),
        "totalItems": len(items),
        "orderedItems": items,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _activity(event: Event) -> dict[str, Any]:
    kind, time = event["type"], event["time"]
    place = f"{event['code']}-{event['slug']}-{event['year']}"
    item: dict[str, Any] = {
        "id": context().url(f"{ADDRESS}#{place}-{kind.lower()}-{time}"),
        "type": kind,
        "published": time,
        "object": {
            "id": f"{event['iri']}/dataset",
            "type": "Document" if kind != "Delete" else "Tombstone",
            "nameMap": event["title"],
        },
    }
    if "path" in event:  # a version that was not served before
        files = {"plan.ttl": "text/turtle", "plan.nq": "application/n-quads"}
        item["result"] = {
            "id": plan_version(event["iri"], event["version"]),
            "type": "Document",
            "dcat:version": event["version"],
            "url": [
                {"type": "Link", "href": context().url(event["path"] + name), "mediaType": kind}
                for name, kind in files.items()
            ],
        }
    if kind == "Delete" and event.get("reason"):
        item["summaryMap"] = {"ja": event["reason"]}
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
