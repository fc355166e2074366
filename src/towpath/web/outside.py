"""Work that waits for a server of somebody else, in threads of its own: however slow that is, all other requests go on."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from typing import Any, Literal, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

__all__ = ["apart", "outside"]

T = TypeVar("T")
Whom = Literal["odoo", "sign-in"]

#: Threads of one server for each kind. Who finds them all taken waits without one.
_AT_ONCE = 16
_THREADS: RunVar[dict[Whom, CapacityLimiter]] = RunVar("towpath_outside")


async def outside(whom: Whom, work: Callable[[], T]) -> T:
    """What the work gives."""
    threads = _THREADS.get({})
    if whom not in threads:
        threads[whom] = CapacityLimiter(_AT_ONCE)
        _THREADS.set(threads)
    return await to_thread.run_sync(work, limiter=threads[whom])


def apart(whom: Whom) -> Callable[[Callable[..., T]], Callable[..., Coroutine[Any, Any, T]]]:
    """For a route that asks ``whom`` before it answers; to stand below the route's own line."""

    def wrap(route: Callable[..., T]) -> Callable[..., Coroutine[Any, Any, T]]:
        @functools.wraps(route)
        async def asked(**given: Any) -> T:
            return await outside(whom, functools.partial(route, **given))

        return asked

    return wrap
