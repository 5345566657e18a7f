"""The release being served: looked up at each request, read again only when the link moved."""

from __future__ import annotations

import os
import threading
from contextvars import ContextVar, Token
from datetime import UTC, datetime
from pathlib import Path

from kg.errors import ReleaseError
from kg.release import (
    KEPT_RELEASES,
    Release,
    current_release,
    is_release_id,
    read_release,
    releases,
)

_pinned: ContextVar[Release | None] = ContextVar("pinned_release", default=None)


class CurrentRelease:
    """`var/current`, followed; a link that vanishes leaves the last release served."""

    def __init__(self, var: Path) -> None:
        """Raises ReleaseError if there is no release to start with."""
        self._var = var
        self._link = var / "current"
        self._lock = threading.Lock()
        self._known: dict[str, Release] = {}
        self._target = self._read_target()
        self._release = current_release(var)

    def get(self) -> Release:
        """The release that answers now; within a request always the same one."""
        return _pinned.get() or self.newest()

    def newest(self) -> Release:
        """The release that the link names now."""
        target = self._read_target()
        with self._lock:
            if target is not None and target != self._target:
                try:
                    self._release = current_release(self._var)
                    self._target = target
                except ReleaseError:
                    pass  # half removed: the next look finds it mended
            return self._release

    def last_modified(self, release: Release) -> datetime:
        """Since when a release is served: after a rollback later than when it was made.

        A date that went backwards would leave clients with what was rolled back.
        """
        if release.id != self.newest().id:
            return release.created
        try:
            switched = datetime.fromtimestamp(int(self._link.lstat().st_mtime), UTC)
        except OSError:
            return release.created
        return max(switched, release.created)

    @property
    def var(self) -> Path:
        """The folder of releases and history."""
        return self._var

    def kept(self) -> list[Release]:
        """The releases that are kept, oldest first."""
        try:
            return releases(self._var)
        except ReleaseError:  # one is being removed
            return [self.get()]

    def of_id(self, release_id: str) -> Release | None:
        """The kept release of that id; None if it is kept no more, or never was."""
        newest = self.newest()
        if release_id == newest.id:
            return newest
        path = self._var / "releases" / release_id
        if not is_release_id(release_id) or not path.is_dir():
            return None
        known = self._known.get(release_id)
        if known is None:
            try:
                known = read_release(path)
            except ReleaseError:  # being removed
                return None
            if len(self._known) > KEPT_RELEASES:
                self._known.clear()
            self._known[release_id] = known
        return known

    @staticmethod
    def hold(release: Release) -> None:
        """Let the rest of this request be about that release; `unpin` ends it."""
        _pinned.set(release)

    def pin(self) -> Token[Release | None]:
        """Hold the newest release for this thread, so that a body and its ETag agree."""
        return _pinned.set(self.newest())

    @staticmethod
    def unpin(token: Token[Release | None]) -> None:
        """Follow the link again."""
        _pinned.reset(token)

    def _read_target(self) -> str | None:
        try:
            return os.readlink(self._link)  # noqa: PTH115  (half the time, at each request)
        except OSError:
            return None
