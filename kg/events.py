"""What happened to the published plans, switch after switch, for harvesters: kept for good.

    var/history/events.jsonl   one event a line, oldest first; only ever added to
    var/history/served.json    the plans of the release after whose switch it was last added to

An event tells the difference between what was served before a switch and after it, whether a
build or a rollback made it, with the time of the switch: later than that of any event before, so
that who asks for what came since misses nothing. A kill between a switch and its events leaves
them to the next build.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kg.disk import sync
from kg.history import HISTORY_FOLDER, utc_text
from kg.release import Release

EVENTS_FILE = "events.jsonl"
_SERVED_FILE = "served.json"
_TOLD = ("iri", "code", "slug", "year", "title", "version", "reason")

Event = Mapping[str, Any]
_Plans = dict[str, dict[str, str]]


def note_switch(var: Path, release: Release, time: datetime) -> None:
    """Add what differs from what was served before; nothing if this release was noted already.

    To be called while the lock of `var` is held.
    """
    folder = var / HISTORY_FOLDER
    served = _read(folder / _SERVED_FILE)
    if served.get("release") == release.id:
        return
    before: _Plans = served.get("plans", {})
    entries = {e["iri"]: e for e in release.manifest["plans"]}
    now = {iri: _state(entry) for iri, entry in entries.items() if entry["status"] != "withdrawn"}
    last = [datetime.fromisoformat(event["time"]) for event in events(var)][-1:]
    at = max(
        [time.astimezone(UTC).replace(microsecond=0), *(t + timedelta(seconds=1) for t in last)]
    )
    lines = [
        json.dumps({"time": utc_text(at), "release": release.id, **event}, ensure_ascii=False)
        for event in _differences(before, now, entries)
    ]
    folder.mkdir(exist_ok=True)
    with (folder / EVENTS_FILE).open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    sync(folder / EVENTS_FILE)
    draft = folder / f".{_SERVED_FILE}"
    draft.write_text(json.dumps({"release": release.id, "plans": now}) + "\n", encoding="utf-8")
    sync(draft)
    draft.replace(folder / _SERVED_FILE)
    sync(folder)


def events(var: Path) -> list[Event]:
    """All events, oldest first: `time`, `type` (Create, Update or Delete) and the plan's entry."""
    try:
        text = (var / HISTORY_FOLDER / EVENTS_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    whole, _, _ = text.rpartition("\n")  # a killed build may leave half a line
    return [json.loads(line) for line in whole.split("\n") if line]


def _differences(
    before: _Plans, now: _Plans, entries: Mapping[str, Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    for iri in sorted(before.keys() | now.keys()):
        if before.get(iri) == now.get(iri):
            continue
        entry = entries.get(iri, {"iri": iri, **before.get(iri, {})})
        kind = "Delete" if iri not in now else "Update" if iri in before else "Create"
        event = {"type": kind, **{name: entry[name] for name in _TOLD if name in entry}}
        is_new = before.get(iri, {}).get("version") != now.get(iri, {}).get("version")
        paths = {v["version"]: v["path"] for v in entry.get("versions", ())}
        if kind != "Delete" and is_new and entry.get("version") in paths:
            event["path"] = paths[entry["version"]]
        yield event


def _state(entry: Mapping[str, Any]) -> dict[str, Any]:
    file = entry.get("files", {}).get("plan.nq", {})
    told = {name: entry[name] for name in ("code", "slug", "year", "title") if name in entry}
    return {"version": entry["version"], "sha256": file.get("sha256", ""), **told}


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
