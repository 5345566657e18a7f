"""Builds on a disk with too little room, or none to write to, and what is found afterwards.

`python -m tests.pipeline.small_disk KIND FOLDER` with KIND `files` (a largest file size, which
needs no right), `disk` (a file system in memory) or `store` (the same with an on-disk store).
FOLDER holds the data folders `a`, which is built with room enough, and `b`, which then has
less and less. Prints a JSON object for each build of `b`: `room`, `error` and `faults`; the last
one has room enough. Exits with 77 where the system does not allow it.
"""

from __future__ import annotations

import ctypes
import dataclasses
import json
import os
import resource
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import kg.store_update
from kg.errors import SdgplanError
from kg.pipeline import Options, build
from kg.release import current_release, verify
from kg.settings import Settings
from kg.store import open_release

NOT_ALLOWED = 77
SHARES = (0.0, 0.1, 0.3, 0.6, 0.95)
QUICK = Options(validator="shacl", jobs=2)
_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_RDONLY, _MS_REMOUNT, _MS_REC, _MS_PRIVATE = 1, 32, 1 << 14, 1 << 18
_SYSTEM = ctypes.CDLL(None, use_errno=True)


def mount(kind: str | None, target: Path, flags: int, options: str = "") -> bool:
    name = kind.encode() if kind else None
    return bool(_SYSTEM.mount(b"none", bytes(target), name, flags, options.encode()) == 0)


def own_mounts() -> bool:
    """Move into a namespace whose mounts nobody else sees, and which end with this process."""
    user, group = os.getuid(), os.getgid()
    if _SYSTEM.unshare(_CLONE_NEWNS) != 0:
        if _SYSTEM.unshare(_CLONE_NEWUSER | _CLONE_NEWNS) != 0:
            return False
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    return mount(None, Path("/"), _MS_REC | _MS_PRIVATE)


def largest_file(limit: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit if limit >= 0 else hard, hard))


def try_to_build(folder: Path, var: Path, data: str) -> str:
    """What the build says if it fails."""
    options = dataclasses.replace(QUICK, jobs=1 if data == "a" else 2)
    try:
        build(folder / data, var, Settings(), datetime.now(UTC), options)
    except SdgplanError as error:
        return f"{type(error).__name__} {error.exit_code}: {error}"
    return ""


def faults(var: Path, served: str, releases: int) -> list[str]:
    """What is wrong: with the release that is served, or left over."""
    release = current_release(var)
    found = verify(release)
    if open_release(release.path).quad_count() != release.manifest["quads"]:
        found.append("another number of quads")
    if served and release.id != served:
        found.append("another release is served")
    names = sorted(path.name for path in (var / "releases").iterdir())
    if len(names) != releases or any(name.startswith(".") for name in names):
        found.append(f"left over: {names}")
    return found


def needed(folder: Path, var: Path) -> int:
    """The bytes that a build of `b` after `a` takes on this disk."""
    assert try_to_build(folder, var, "a") == ""
    before = os.statvfs(var)
    assert try_to_build(folder, var, "b") == ""
    after = os.statvfs(var)
    return (before.f_bfree - after.f_bfree) * after.f_frsize


def fill(path: Path, left: int) -> None:
    """A file that leaves so many bytes."""
    free = os.statvfs(path.parent)
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, free.f_bavail * free.f_frsize - left))


def small_disk(
    folder: Path, limit: Callable[[Path, float], None], end: Callable[[Path], None]
) -> None:
    var = folder / "var"
    assert try_to_build(folder, var, "a") == ""
    served = current_release(var).id
    for share in SHARES:
        limit(var, share)
        error = try_to_build(folder, var, "b")
        end(var)
        print(json.dumps({"room": share, "error": error, "faults": faults(var, served, 1)}))
    error = try_to_build(folder, var, "b")
    print(json.dumps({"room": None, "error": error, "faults": faults(var, "", 2)}))


def main(kind: str, name: str) -> None:
    folder = Path(name)
    if kind == "files":
        small_disk(
            folder,
            lambda var, share: largest_file(int(share * 100_000)),
            lambda var: largest_file(-1),
        )
        return
    if not own_mounts():
        sys.exit(NOT_ALLOWED)
    if kind == "store":
        kg.store_update.MEMORY_QUADS = 0
    for place in ("spare", "var"):
        (folder / place).mkdir()
        if not mount("tmpfs", folder / place, 0, "size=256m"):
            sys.exit(NOT_ALLOWED)
    size = needed(folder, folder / "spare")
    small_disk(
        folder,
        lambda var, share: fill(var / "filler", int(share * size)),
        lambda var: (var / "filler").unlink(),
    )
    mount(None, folder / "var", _MS_REMOUNT | _MS_RDONLY)
    error = try_to_build(folder, folder / "var", "a")
    print(
        json.dumps({"room": "read-only", "error": error, "faults": faults(folder / "var", "", 2)})
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
