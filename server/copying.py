"""Memory that a process was forked with, made its own piece by piece before it is needed.

A page is copied when it is first written to, and reading the store writes too: it counts
references. Page by page in the middle of queries that takes longer than most short queries do.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path

PIECE_BYTES = 8 << 20
"""How much is copied at once, in a few milliseconds."""
_MADV_POPULATE_WRITE = 23  # from <linux/mman.h>, since Linux 5.14


def written_ranges() -> list[tuple[int, int]]:
    """Start and length of the memory that this process has for its data, without its stack."""
    ranges = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        place, rights, _, _, inode, *name = line.split(maxsplit=5)
        if rights == "rw-p" and inode == "0" and name in ([], ["[heap]"]):
            start, end = (int(part, 16) for part in place.split("-"))
            ranges.append((start, end - start))
    return ranges


def copied(ranges: list[tuple[int, int]]) -> Iterator[int]:
    """Copy the ranges; after each piece its length.

    The rest of a range is left where the system cannot copy it, as when it was given back since.
    """
    system = ctypes.CDLL(None, use_errno=True)
    system.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for start, length in ranges:
        for at in range(0, length, PIECE_BYTES):
            size = min(PIECE_BYTES, length - at)
            if system.madvise(start + at, size, _MADV_POPULATE_WRITE):
                break
            yield size
