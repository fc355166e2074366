"""What the audit offers to the command line, the server and other features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from towpath.access import who
from towpath.errors import DamagedError, InputError, NotFoundError
from towpath.features.audit import search as rows
from towpath.features.audit.search import Search
from towpath.hub import Hub
from towpath.secrets.signing import PublicKey, keys_by_id, signing_key
from towpath.store import AuditCheck, AuditEntry, AuditHead
from towpath.store import audit as chain
from towpath.store import checkpoints as signed
from towpath.store.checkpoints import Checkpoint
from towpath.store.tables import audit

__all__ = [
    "Pruned",
    "Search",
    "Standing",
    "checkpoint",
    "checkpoints",
    "entry",
    "exported",
    "listed",
    "prune",
    "public_key",
    "standing",
    "verify",
]


def public_key(hub: Hub) -> PublicKey:
    """The key that checks this installation's checkpoints; anybody may know it."""
    return signing_key(hub.cabinet).public


def listed(hub: Hub, search: Search, *, before: int | None = None, limit: int = 100) -> list[AuditEntry]:
    """The newest rows that fit, newest first; ``before`` goes on behind a row.

    :raises RetryLaterError: it takes too long.
    """
    with hub.store.begin() as db:
        return rows.page(db, search, before=before, limit=limit)


def entry(hub: Hub, number: int) -> AuditEntry:
    """One row.

    :raises NotFoundError: there is none of that number, any more or yet.
    """
    with hub.store.begin() as db:
        found = rows.one(db, number)
    if found is None:
        raise NotFoundError(f"The audit has no row {number}; it may have been removed as too old.")
    return found


def exported(hub: Hub, search: Search, *, form: str) -> Iterator[AuditEntry]:
    """All rows that fit, oldest first, as they stood when it began. The export itself is put on record first."""
    own = hub.store.audit(
        who(), "audit.export", "audit", details={"format": form, "search": search.to_json()}
    )
    return rows.every(hub.store.engine, search, through=own.number - 1)


def verify(
    hub: Hub,
    *,
    known: AuditHead | None = None,
    key: PublicKey | None = None,
    since_checkpoint: bool = False,
) -> AuditCheck:
    """Check the chain and its checkpoints, and put the check on record.

    :param known: a head that was noted elsewhere.
    :param key: a further public key to believe, such as one noted elsewhere.
    :param since_checkpoint: only what came behind the newest checkpoint.
    """
    own = public_key(hub)
    trusted = keys_by_id(own, *([key] if key else []))
    found = hub.store.verify_audit(known=known, trusted=trusted, since_checkpoint=since_checkpoint)
    details: Mapping[str, Any] = {"from": found.start + 1, "to": found.head.number, "reason": found.reason}
    result = "ok" if found.whole else "broken"
    hub.store.audit(who(), "audit.verify", "audit", result, {"rows": found.rows, "check": details})
    return found


def checkpoint(hub: Hub) -> Checkpoint | None:
    """Sign the newest row now; None when the audit is empty."""
    key = signing_key(hub.cabinet)
    with hub.store.begin() as db:
        return signed.checkpoint(db, key)


def checkpoints(hub: Hub, *, after: int = -1, limit: int | None = None) -> list[Checkpoint]:
    """Signed statements about rows behind ``after``, oldest first."""
    with hub.store.begin() as db:
        return signed.checkpoints(db, after=after, limit=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the audit stands, without reading it."""

    #: Number of the newest row; 0 for none.
    newest: int
    hash: str
    #: Number of the oldest row that is kept; None for none.
    oldest: int | None
    oldest_at: datetime | None
    #: The newest signed statement.
    checkpoint: Checkpoint | None
    #: Rows that no checkpoint vouches for yet.
    unsigned: int
    key: PublicKey
    keep_days: int | None


def standing(hub: Hub) -> Standing:
    """How the audit stands."""
    key = public_key(hub)
    with hub.store.begin() as db:
        head = chain.head(db)
        last = signed.newest(db)
        oldest = db.execute(
            sa.select(audit.c.number, audit.c.at).order_by(audit.c.number).limit(1)
        ).one_or_none()
    return Standing(
        newest=head.number,
        hash=head.hash,
        oldest=oldest.number if oldest else None,
        oldest_at=oldest.at if oldest else None,
        checkpoint=last,
        unsigned=max(0, head.number - (last.number if last else 0)),
        key=key,
        keep_days=hub.settings.audit_days,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What a removal of old rows did."""

    removed: int
    #: The statement that stays as proof; None when nothing was old enough.
    proof: Checkpoint | None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"removed": self.removed, "proof": self.proof.to_json() if self.proof else None}


def prune(hub: Hub, days: int) -> Pruned:
    """Remove rows older than so many days, behind a signed statement that stays; the newest row always stays.

    The chain is verified before; statement, removal and the record of it are one transaction.

    :raises InputError: less than a day.
    :raises DamagedError: the chain does not verify; nothing is removed, as that would remove the evidence.
    """
    if days < 1:
        raise InputError("Keep at least one day of the audit, such as --keep 365d.")
    key = signing_key(hub.cabinet)
    check = hub.store.verify_audit(trusted=keys_by_id(key.public))
    if not check.whole:
        raise DamagedError(
            f"The audit does not verify (row {check.wrong_number}: {check.reason}), so nothing is removed from it; "
            "find out what happened first."
        )
    until = datetime.now(UTC) - timedelta(days=min(days, 36_500))
    with hub.store.begin() as db:
        signed.take_turns(db)
        # By the first row that is young enough, not by each row's time: clocks step back, numbers do not.
        first_kept = db.scalar(sa.select(sa.func.min(audit.c.number)).where(audit.c.at >= until))
        last = min(check.head.number, (first_kept or check.head.number + 1)) - 1
        oldest = db.scalar(sa.select(sa.func.min(audit.c.number)))
        if oldest is None or last < oldest:
            return Pruned(removed=0, proof=None)
        proof, removed = signed.remove_through(db, key, last)
        details = {"from": oldest, "through": last, "hash": proof.hash, "keep_days": days}
        hub.store.audit(who(), "audit.prune", "audit", details={"removed": details}, connection=db)
    return Pruned(removed=removed, proof=proof)
