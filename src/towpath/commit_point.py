"""Commit points: the places between two steps that must both survive a crash, each with a name.

``commit_point("name")`` does nothing. Under the chaos tests the environment names one of them, and the process
ends there as ``kill -9`` would end it, so that each gap between two effects is tried and not only hoped to be safe.
"""

from __future__ import annotations

import os
import signal
import threading

__all__ = ["ENVIRONMENT", "commit_point"]

#: ``NAME`` or ``NAME:N``: end the process when it comes to that point for the first (or Nth) time.
ENVIRONMENT = "TOWPATH_CHAOS_END_AT"

_WANTED, _, _TIMES = os.environ.get(ENVIRONMENT, "").partition(":")
_left = int(_TIMES) if _TIMES.isdigit() else 1
_lock = threading.Lock()


def commit_point(name: str) -> None:
    """Name the place between an effect that is done and one that is not. Does nothing outside the chaos tests."""
    if name != _WANTED:
        return
    global _left  # noqa: PLW0603  # counts down over all threads of the process
    with _lock:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
