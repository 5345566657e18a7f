"""Where a worker puts an answer: small ones in memory, larger ones in a file without a name.

Neither outlives the processes that hold it open, however they end. The smallest need no file.
"""

from __future__ import annotations

import errno
import io
import os
import tempfile
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer

IN_MEMORY_BYTES = 1 << 20
INLINE_BYTES = 1 << 16
"""The largest answer that goes over the socket."""
_FULL = {errno.ENOSPC, errno.EDQUOT}


class NoRoom(Exception):
    """The folder for temporary files takes no more."""


class Spool:
    """An answer being written to `out`."""

    def __init__(self) -> None:
        self._file = _GrowingFile()
        self.out = io.BufferedWriter(self._file, IN_MEMORY_BYTES)

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.end()  # not out.close(): what a failed answer left in the buffer is dropped

    def fileno(self) -> int:
        """The descriptor of the answer, for another process; -1 if it has none."""
        return self._file.fileno()

    @property
    def small(self) -> bytes | None:
        """The answer if it needs no file."""
        return self._file.small if self._file.fileno() < 0 else None


class _GrowingFile(io.RawIOBase):
    def __init__(self) -> None:
        super().__init__()
        self._fd = -1
        self.small = b""
        self._has_ended = False
        self._size_bytes = 0
        self._is_on_disk = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._fd

    def write(self, data: Buffer, /) -> int:
        """Raises NoRoom when the disk is full, OSError (EFBIG) past the largest file."""
        size = memoryview(data).nbytes
        if self._has_ended:
            return size  # what a failed answer left in the buffer
        if self._fd < 0:
            if size + len(self.small) <= INLINE_BYTES:
                self.small += bytes(data)
                return size
            self._fd = os.memfd_create("sdgplan-answer")
            self._size_bytes = os.write(self._fd, self.small)
        try:
            if not self._is_on_disk and self._size_bytes + size > IN_MEMORY_BYTES:
                self._move_to_disk()
            written = os.write(self._fd, data)
        except OSError as error:
            if error.errno in _FULL:
                raise NoRoom from None
            raise
        self._size_bytes += written
        return written

    def end(self) -> None:
        """Give up the descriptor; another process may still hold it."""
        self._has_ended = True
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def close(self) -> None:
        """Nothing is written at the end."""

    def _move_to_disk(self) -> None:
        try:
            with tempfile.TemporaryFile(prefix="sdgplan-answer-") as file:
                fd = os.dup(file.fileno())
        except FileNotFoundError:  # no folder for temporary files can be written
            raise NoRoom from None
        memory, self._fd, self._is_on_disk = self._fd, fd, True
        try:
            os.lseek(memory, 0, os.SEEK_SET)
            while chunk := os.read(memory, IN_MEMORY_BYTES):
                while chunk:
                    chunk = chunk[os.write(fd, chunk) :]
        finally:
            os.close(memory)
