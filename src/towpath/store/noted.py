"""How far the audit had come a moment ago, in a file of this machine: whoever changes the database does not reach it.

A chain whose end was cut off together with the checkpoints of it fits in itself. Only what was noted elsewhere tells.
"""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path

from towpath.store.audit import AuditHead

__all__ = ["forget", "note", "noted", "place"]


def place(home: Path) -> Path:
    """Where it is noted."""
    return home / "audit.head"


def noted(home: Path) -> AuditHead | None:
    """What was noted last; None where nothing was, or it can not be read."""
    try:
        number, _, hash_ = place(home).read_text(encoding="ascii").strip().partition(":")
        return AuditHead(number=int(number), hash=hash_)
    except (OSError, ValueError):
        return None


def note(home: Path, head: AuditHead) -> None:
    """Note the head of the chain, as ``NUMBER:HASH``; where nothing can be written, nothing is noted."""
    file = place(home)
    beside = file.with_name(f".{file.name}.{secrets.token_hex(6)}")
    try:
        beside.write_text(f"{head.number}:{head.hash}\n", encoding="ascii")
        beside.replace(file)
    except OSError:  # a home that is read-only, where database and keys lie elsewhere
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def forget(home: Path) -> None:
    """The database is another one from now on, such as one from a backup."""
    place(home).unlink(missing_ok=True)
