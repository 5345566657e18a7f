"""Work in processes beside this one, which end with it."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, Protocol, TypeVar

_PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>

T = TypeVar("T")


class Run(Protocol):
    """Calls a function with arguments that can be pickled; the result comes in its time."""

    def __call__(self, function: Callable[..., T], *arguments: Any) -> Future[T]: ...


def in_processes(
    function: Callable[..., T], items: Sequence[tuple[Any, ...]], jobs: int
) -> Iterator[T]:
    """What the function returns for each item's arguments, in order; `jobs` at the same time."""
    if jobs <= 1 or len(items) <= 1:
        yield from (function(*item) for item in items)
        return
    with _pool(min(jobs, len(items))) as pool:
        yield from pool.map(function, *zip(*items, strict=True))


@contextmanager
def beside(is_worth_it: bool) -> Iterator[Run]:
    """Calls within it run in one process beside this one; at once, and here, if not worth it."""
    if not is_worth_it:
        yield _at_once
        return
    with _pool(1) as pool:

        def run(function: Callable[..., T], *arguments: Any) -> Future[T]:
            return pool.submit(function, *arguments)

        yield run


def _at_once(function: Callable[..., T], *arguments: Any) -> Future[T]:
    done: Future[T] = Future()
    done.set_result(function(*arguments))
    return done


def _pool(processes: int) -> ProcessPoolExecutor:
    # spawned, not forked: the threads that draw charts here would be missing there
    return ProcessPoolExecutor(processes, get_context("spawn"), _begin, (os.getpid(),))


def _begin(parent: int) -> None:
    # a plan makes hundreds of thousands of objects and few cycles: to look for these after each
    # 700 takes a tenth of the time
    gc.set_threshold(100_000, 20, 100)
    # the pool's processes outlive a killed build, and would write into a folder being cleaned
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
