"""What happens to the audit by the clock: its end is watched, its newest row is signed, rows too old are removed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
import structlog

from towpath.access import act_as
from towpath.features.audit import service
from towpath.hub import Hub
from towpath.store import audit as chain
from towpath.store import checkpoints as signed
from towpath.store import noted
from towpath.store.checkpoints import Checkpoint
from towpath.store.tables import audit

__all__ = ["remove_old", "sign_if_due", "tick", "watch_end"]

log = structlog.get_logger(__name__)


def tick(hub: Hub) -> None:
    """Sign and remove what is due; called twice a minute."""
    with act_as("system"):
        watch_end(hub)
        sign_if_due(hub)
        remove_old(hub)


def watch_end(hub: Hub) -> bool:
    """Note the newest row where whoever changes the database does not reach it; False when the last one noted is gone."""
    home = hub.settings.home
    before = noted.noted(home)
    with hub.store.begin() as db:
        head = chain.head(db)
        whole = before is None or chain.holds(db, before)
    if before is not None and not whole:
        # It stays noted, so that a check tells it too.
        log.error(
            "audit_cut_off",
            noted=before.number,
            newest=head.number,
            advice="run `towpath audit verify`; if the database was replaced on purpose, remove the file",
            file=str(noted.place(home)),
        )
        return False
    if head != before and head.number:
        noted.note(home, head)
    return True


def sign_if_due(hub: Hub) -> Checkpoint | None:
    """Sign the newest row when many rows, or one for long, stand behind the last checkpoint."""
    with hub.store.begin() as db:
        head = chain.head(db)
        last = signed.newest(db)
        since = last.number if last else 0
        waiting = db.scalar(sa.select(audit.c.at).where(audit.c.number == since + 1))
    if head.number <= since or waiting is None:
        return None
    age = datetime.now(UTC) - waiting
    settings = hub.settings
    if head.number - since < settings.audit_checkpoint_rows and age < timedelta(
        hours=settings.audit_checkpoint_hours
    ):
        return None
    made = service.checkpoint(hub)
    if made is not None:  # in the log as well: a copy that whoever changes the database does not reach
        log.info("audit_checkpoint", number=made.number, hash=made.hash, signature=made.signature)
    return made


def remove_old(hub: Hub) -> service.Pruned | None:
    """Remove what is older than the setting, in portions of a day at least, so that proofs stay few."""
    days = hub.settings.audit_days
    if days is None:
        return None
    with hub.store.begin() as db:
        oldest = db.scalar(sa.select(audit.c.at).order_by(audit.c.number).limit(1))
    if oldest is None or datetime.now(UTC) - oldest < timedelta(days=days + 1):
        return None
    return service.prune(hub, days)
