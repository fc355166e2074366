"""Work that waits for a server of somebody else, in threads of its own: however slow that is, all other requests go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

__all__ = ["outside"]

T = TypeVar("T")

#: Threads of one server. Who finds them all taken waits without one.
_AT_ONCE = 16
_THREADS: RunVar[CapacityLimiter] = RunVar("towpath_outside")


async def outside(work: Callable[[], T]) -> T:
    """What the work gives. Routes that anybody may ask for, and that ask others, run in it."""
    try:
        threads = _THREADS.get()
    except LookupError:
        threads = CapacityLimiter(_AT_ONCE)
        _THREADS.set(threads)
    return await to_thread.run_sync(work, limiter=threads)
