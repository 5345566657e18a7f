"""Which plan a folder holds: its municipality, basic plan and year, by which IRIs are minted.

One folder, one plan: two folders with the same plan would write the same dumps, and a folder
whose plan becomes another would take the first one out of the catalogue without a word.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kg.errors import Problems
from kg.origin import Origin
from kg.plan_settings import PLAN_FILE

Entry = dict[str, Any]
Key = tuple[str, str, int]


def key_of(entry: Entry) -> Key:
    """The plan that an entry of release.json is about."""
    return entry["code"], entry["slug"], entry["year"]


def folder_key(folder: Path) -> Key | None:
    """The plan that a folder's plan.toml names; None if it cannot be read, which is told later."""
    try:
        table = tomllib.loads((folder / PLAN_FILE).read_text(encoding="utf-8"))
        plan = table["plan"]
        key = table["municipality"]["code"], plan["slug"], plan["fiscal_year"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return key if list(map(type, key)) == [str, str, int] else None


def renamed(previous: dict[str, Entry], folders: Sequence[Path]) -> dict[str, Entry]:
    """The entries of the last release by today's folder names.

    A published plan whose folder is gone and whose plan another new folder holds was renamed.
    """
    names = {folder.name for folder in folders}
    gone = {
        key_of(entry): name
        for name, entry in previous.items()
        if name not in names and entry["status"] != "withdrawn"
    }
    found = dict(previous)
    for folder in folders if gone else ():
        key = None if folder.name in previous else folder_key(folder)
        if key in gone:
            found[folder.name] = {**found.pop(gone.pop(key)), "name": folder.name}
    return found


def key_problems(
    folders: Sequence[Path], changed: Sequence[Path], previous: Mapping[str, Entry]
) -> dict[str, Problems]:
    """Why changed folders cannot be built, by name: each plan in one folder, which keeps it."""
    is_changed = {folder.name for folder in changed}
    keys = {
        folder.name: (
            folder_key(folder)
            if folder.name in is_changed or folder.name not in previous
            else key_of(previous[folder.name])
        )
        for folder in folders
    }
    holders: dict[Key, list[str]] = {}
    for name, key in keys.items():
        if key is not None:
            holders.setdefault(key, []).append(name)
    found: dict[str, Problems] = {}
    for folder in changed:
        key, before = keys[folder.name], previous.get(folder.name)
        if key is None:
            continue
        problems, origin = Problems(), Origin(str(folder / PLAN_FILE))
        others = ", ".join(name for name in holders[key] if name != folder.name)
        if others:
            problems.add("plan-twice", origin, found="/".join(map(str, key)), others=others)
        if before is not None and key_of(before) != key:
            old = "/".join(map(str, key_of(before)))
            problems.add("plan-exchanged", origin, found="/".join(map(str, key)), old=old)
        if problems:
            found[folder.name] = problems
    return found
