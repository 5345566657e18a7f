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
import os
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from kg.disk import sync
from kg.history import HISTORY_FOLDER, utc_text
from kg.release import Release

EVENTS_FILE = "events.jsonl"
_SERVED_FILE = "served.json"
MOST_SWITCHES = 10_000
"""Of so many switches `EventLog` keeps where their events begin, a megabyte at most."""

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
    last = _finished(folder / EVENTS_FILE)
    at = time.astimezone(UTC).replace(microsecond=0)
    if last is not None:
        at = max(at, last + timedelta(seconds=1))
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


class EventLog:
    """The events of a `var`, for who asks often: only what was added since is read.

    Where the events of each switch begin is kept in memory, of MOST_SWITCHES at most: of more
    switches every second one is, and so on. Several threads may ask.
    """

    def __init__(self, var: Path) -> None:
        self._path = var / HISTORY_FOLDER / EVENTS_FILE
        self._lock = Lock()
        self._forget()

    def last(self) -> str:
        """The time of the latest event, as in the file; empty without events."""
        with self._lock:
            self._read_on()
            return self._last

    def since(self, time: datetime | None = None) -> list[Event]:
        """The events from an aware time on, by default all, oldest first.

        An event has `time`, `type` (Create, Update or Delete) and the entry of the plan.
        """
        with self._lock:
            self._read_on()
            place = 0 if time is None else max(0, bisect_left(self._times, time) - 1)
            begin, end = self._starts[place] if self._starts else 0, self._end
        if begin == end:
            return []
        with self._path.open("rb") as file:
            file.seek(begin)
            lines = file.read(end - begin).splitlines()
        found = map(json.loads, lines)
        return [event for event in found if time is None or _time(event) >= time]

    def _forget(self) -> None:
        self._file: tuple[int, int] | None = None
        self._end = 0  # of the last whole line
        self._last = ""
        self._times: list[datetime] = []
        self._starts: list[int] = []

    def _read_on(self) -> None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            self._forget()
            return
        if (status.st_dev, status.st_ino) != self._file or status.st_size < self._end:
            self._forget()
            self._file = status.st_dev, status.st_ino
        if status.st_size == self._end:
            return
        with self._path.open("rb") as file:
            file.seek(self._end)
            for line in file:
                if not line.endswith(b"\n"):  # being written, or left by a killed build
                    break
                event = json.loads(line)
                if event["time"] != self._last:
                    self._times.append(_time(event))
                    self._starts.append(self._end)
                    self._last = event["time"]
                self._end += len(line)
                if len(self._times) > MOST_SWITCHES:
                    del self._times[1::2], self._starts[1::2]


def _time(event: Event) -> datetime:
    return datetime.fromisoformat(event["time"])


def _finished(path: Path) -> datetime | None:
    """The time of the last event; half a line that a killed build left is cut off."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.truncate(path, whole)
    lines = data[:whole].rsplit(b"\n", 2)
    return _time(json.loads(lines[-2])) if whole else None


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
