"""What happens to secrets by the clock: reminders of their end, renewal of Odoo keys, rotations that were cut off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog

from towpath.access import act_as, who
from towpath.errors import TowpathError
from towpath.features.keys import service
from towpath.features.keys.rotation import resumable, rotate_key
from towpath.hub import Hub
from towpath.secrets import SecretInfo

__all__ = ["go_on", "remind", "tick"]

log = structlog.get_logger(__name__)

#: How long a rotation that was cut off, or that waits for runs to end, is left alone before it is tried again.
AGAIN = timedelta(minutes=2)
#: From this stage on (days before its end) an Odoo key is renewed.
RENEW = 14


def tick(hub: Hub) -> None:
    """Remind, renew and go on with what is due; called twice a minute."""
    with act_as("system"):
        remind(hub)
        go_on(hub)


def remind(hub: Hub) -> list[tuple[str, int]]:
    """Put each stage of each secret's end on record, once; gives owner and stage.

    When an Odoo key is near its end, the reminder also tries to renew it.
    """
    given = []
    now = datetime.now(UTC)
    by_owner = {held.owner: held for held in service.listed(hub)}
    for info in hub.cabinet.all():
        stage = service.stage_of(info.expires_at, now) if info.expires_at else None
        held = by_owner.get(info.owner)
        if stage is None or held is None or not _give(hub, info, held, stage):
            continue
        given.append((info.owner, stage))
        if held.connection is not None and stage <= RENEW:
            _renew(hub, held.connection)
    return given


def _give(hub: Hub, info: SecretInfo, held: service.Held, stage: int) -> bool:
    with hub.store.begin() as db:
        if not hub.cabinet.remind(info, stage, connection=db):
            return False
        name = f"connection/{held.connection}" if held.connection else f"secret/{info.owner}"
        result = "expired" if stage == 0 else "expires"
        details = {"days": stage, "expires": info.expires_at}
        hub.store.audit(who(), "secret.reminder", name, result, details, connection=db)
    log.warning("secret_expires", secret=name, days=stage, expires=str(info.expires_at))
    return True


def _renew(hub: Hub, connection: str) -> None:
    try:
        rotate_key(hub, connection)
    except TowpathError as problem:
        details = {"reason": problem.message}
        hub.store.audit(who(), "secret.rotate", f"connection/{connection}", type(problem).__name__, details)
        log.warning("key_not_renewed", connection=connection, reason=problem.message)


def go_on(hub: Hub, *, after: timedelta = AGAIN) -> list[str]:
    """Go on with rotations that have not ended; gives the connections whose rotation ended now."""
    ended = []
    for name in resumable(hub, before=datetime.now(UTC) - after).values():
        try:
            if rotate_key(hub, name, resume=True).revoked:
                ended.append(name)
        except TowpathError as problem:
            log.warning("rotation_waits", connection=name, reason=problem.message)
    return ended
