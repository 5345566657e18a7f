"""The release being served: looked up at each request, read again only when the link moved."""

from __future__ import annotations

import threading
from contextvars import ContextVar, Token
from pathlib import Path

from kg.errors import ReleaseError
from kg.release import Release, current_release, releases

_pinned: ContextVar[Release | None] = ContextVar("pinned_release", default=None)


class CurrentRelease:
    """`var/current`, followed; a link that vanishes leaves the last release served."""

    def __init__(self, var: Path) -> None:
        """Raises ReleaseError if there is no release to start with."""
        self._var = var
        self._lock = threading.Lock()
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

    def pin(self) -> Token[Release | None]:
        """Hold the newest release for this thread, so that a body and its ETag agree."""
        return _pinned.set(self.newest())

    @staticmethod
    def unpin(token: Token[Release | None]) -> None:
        """Follow the link again."""
        _pinned.reset(token)

    def _read_target(self) -> str | None:
        try:
            return str((self._var / "current").readlink())
        except OSError:
            return None
