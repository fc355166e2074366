"""Digests of passwords, slow on purpose."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from towpath.errors import ServerBusyError

__all__ = ["digest", "fits", "outdated"]

# RFC 9106's second recommended option: 64 MiB, three passes.
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
#: Digests made at a time: each takes 64 MiB and a core.
_AT_ONCE = threading.BoundedSemaphore(4)
#: Seconds to wait for one's turn; who waits keeps a thread from all other requests.
PATIENCE = 5.0
#: What is compared where there is no such person, so that both answers take as long.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5J3Mgb3duIHNhbHQ$q0dJv7m1yYxM3cS0y1rI4m3n9e0oQm7Qb0a5u3c1b2U"


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    if not _AT_ONCE.acquire(timeout=PATIENCE):
        raise ServerBusyError(
            "Many people sign in at this moment; try again in a few seconds.", retry_after=5
        )
    try:
        yield
    finally:
        _AT_ONCE.release()


def digest(password: str) -> str:
    """The digest to be kept, with its salt and parameters in it. Takes about 0.1 s and 64 MiB.

    :raises ServerBusyError: too many wait already.
    """
    with _turn():
        return _HASHER.hash(password)


def fits(known: str | None, password: str) -> bool:
    """Whether the password belongs to the digest; takes as long where there is no digest.

    :raises ServerBusyError: too many wait already.
    """
    with _turn():
        try:
            _HASHER.verify(known or _NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
    return known is not None


def outdated(known: str) -> bool:
    """Whether the digest was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(known)
