"""The file system as releases need it: one writer, contents on disk, links, clear messages."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from kg.errors import ReleaseError

_REMOVERS = 16
_LOCK = ".lock"
_FOLDER_MODE, _FILE_MODE = 0o755, 0o644
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_LINKS = (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOSYS)


def link(source: Path | str, target: Path | str) -> None:
    """A hard link to the file, or a copy where the file system has none or gives no more."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copyfile(source, target)


def remove(folder: Path) -> None:
    """Remove the folder and all that is in it; a symbolic link is removed, not followed."""
    levels = [[folder]]
    while levels[-1]:
        below = []
        for path in levels[-1]:
            with os.scandir(path) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        below.append(Path(entry))
                    else:
                        os.unlink(entry)  # noqa: PTH108
        levels.append(below)
    # Linux may wait some milliseconds in each rmdir: 5,000 take 7 s one by one, 0.5 s like this
    with ThreadPoolExecutor(_REMOVERS) as pool:
        for level in reversed(levels):
            for _ in pool.map(Path.rmdir, level):
                pass


def settle(draft: Path) -> None:
    """Give a finished folder its modes, whatever the umask, and wait until it is on disk.

    Raises ReleaseError if there is a symbolic link in it.
    """
    draft.chmod(_FOLDER_MODE)
    folders = [draft]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_symlink():
                    raise ReleaseError(
                        f"{entry.name} is a link; a release holds files and folders only."
                    )
                mode = _FOLDER_MODE if entry.is_dir() else _FILE_MODE
                if entry.stat().st_mode & 0o7777 != mode:
                    os.chmod(entry, mode)  # noqa: PTH101
                if entry.is_dir():
                    folders.append(Path(entry))
    sync_all(draft)


def sync_all(folder: Path) -> None:
    """Wait until all that was written on the folder's file system is on disk."""
    # one call for a whole file system: 0.4 s where an fsync for each of 30,000 files takes 110 s
    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if syncfs is None:  # not Linux
        for path in (*folder.rglob("*"), folder):
            sync(path)
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(descriptor)


def sync(path: Path) -> None:
    """Wait until the file, or the list of names in the folder, is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def no_room(error: OSError) -> str | None:
    """The reason if it is that the disk, a quota or a largest file size is exhausted."""
    if error.errno in _NO_ROOM:
        return error.strerror
    full = os.strerror(errno.ENOSPC)
    return full if full in str(error) else None  # the store engine gives words only


def cannot_be_written(var: Path, error: OSError) -> ReleaseError:
    """The error as it is told to who runs the build."""
    return ReleaseError(f"{var} cannot be written to: {error.strerror or error}.")


def make_folders(folder: Path) -> None:
    """Make the folder and the ones above it. Raises ReleaseError where that is not allowed."""
    for path in (folder.parent, folder):
        try:
            if not path.is_dir():
                path.mkdir(parents=True)
                path.chmod(_FOLDER_MODE)
        except OSError as error:
            raise ReleaseError(f"{path} cannot be made: {error.strerror or error}.") from error


_held: set[int] = set()


def _close_held() -> None:
    # a worker forked during a build must not keep the lock when the build is killed
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_close_held)


@contextmanager
def locked(var: Path) -> Iterator[None]:
    """Hold the lock of `var`, which ends with this process at the latest.

    Raises ReleaseError if another process holds it.
    """
    try:
        descriptor = os.open(var / _LOCK, os.O_RDWR | os.O_CREAT, _FILE_MODE)
    except OSError as error:
        raise cannot_be_written(var, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise ReleaseError(
            f"Another build is running in {var}. Fix: wait for it to end, or build into another "
            "folder with --out."
        ) from None
    _held.add(descriptor)
    try:
        yield
    finally:
        _held.discard(descriptor)
        os.close(descriptor)


def replace_file(path: Path, content: bytes) -> None:
    """Give the file other content in one step: who reads it, or a crash, finds old or new.

    Its mode stays; a symbolic link is followed. Raises OSError, and leaves the file as it was.
    """
    target = path.resolve()
    draft = target.with_name(f".{target.name}.new")
    try:
        mode = target.stat().st_mode & 0o7777 if target.exists() else _FILE_MODE
        draft.write_bytes(content)
        draft.chmod(mode)
        sync(draft)
        draft.replace(target)
        sync(target.parent)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


@contextmanager
def reserved(folder: Path) -> Iterator[None]:
    """Hold the folder for this process, without a file in it; ReleaseError if another does."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ReleaseError(
            f"Another session is deciding about {folder}. Fix: end that one first."
        ) from None
    finally:
        os.close(descriptor)
