"""What may be done with stored secrets: list them without their values, set and end them, change the master key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from towpath.access import who
from towpath.errors import InputError, NotFoundError
from towpath.features.connections import service as connections
from towpath.features.keys.rotation import Rotated, rotate_key, under_way

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.hub import Hub
    from towpath.secrets import SecretInfo
    from towpath.secrets.cabinet import Rotation

__all__ = ["Held", "Rotated", "expire", "find", "listed", "rotate", "rotate_key", "set_secret", "stage_of"]

#: Days before its end at which a secret calls for a person; 0 is the end.
STAGES = (30, 14, 7, 1, 0)

State = Literal["good", "expiring", "expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A stored secret as it may be shown."""

    owner: str
    #: Whose it is, for a person.
    title: str
    kind: Literal["odoo", "internal", "other"]
    key_id: str
    set_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    state: State
    connection_id: str | None = None
    connection: str | None = None
    #: Whether a rotation of it is under way, and what it waits for.
    rotating: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values by name."""
        return {name: getattr(self, name) for name in self.__slots__}


def stage_of(expires_at: datetime, now: datetime) -> int | None:
    """The nearest stage that has come; None while the end is far."""
    return min((stage for stage in STAGES if expires_at - now <= timedelta(days=stage)), default=None)


def listed(hub: Hub) -> list[Held]:
    """All stored secrets, by what they are for; never a value."""
    known = {connections.owner_of(one.id): one for one in connections.listed(hub)}
    waiting = under_way(hub)
    found = [_held(info, known, waiting) for info in hub.cabinet.all() if not _in_between(info.owner)]
    return sorted(found, key=lambda held: (held.kind != "odoo", held.kind == "internal", held.title))


def _in_between(owner: str) -> bool:
    """The two keys of a rotation that is under way are told of by the one they belong to."""
    return owner.startswith("connection/") and owner.endswith(("/next", "/old"))


def _held(info: SecretInfo, known: Mapping[str, connections.Connection], waiting: Mapping[str, str]) -> Held:
    connection = known.get(info.owner)
    stage = stage_of(info.expires_at, datetime.now(UTC)) if info.expires_at else None
    state: State = "good" if stage is None else "expired" if stage == 0 else "expiring"
    return Held(
        owner=info.owner,
        title=connection.name if connection else _TITLES.get(info.owner, info.owner),
        kind="odoo" if connection else "internal" if info.owner in _TITLES else "other",
        key_id=info.key_id,
        set_at=info.set_at,
        used_at=info.used_at,
        expires_at=info.expires_at,
        state=state,
        connection_id=connection.id if connection else None,
        connection=connection.name if connection else None,
        rotating=waiting.get(connection.id) if connection else None,
    )


#: Secrets that Towpath made for itself; nobody sets them.
_TITLES = {"audit/signing": "signature of the audit", "masking": "hashes of masked values"}


def find(hub: Hub, owner: str) -> Held:
    """One secret, by its owner or by ``connection/NAME``.

    :raises NotFoundError: there is none.
    """
    wanted = owner.strip()
    for held in listed(hub):
        if wanted in {held.owner, f"connection/{held.connection}" if held.connection else held.owner}:
            return held
    raise NotFoundError(f"There is no secret of '{wanted}'; see `towpath secrets list`.")


def set_secret(hub: Hub, owner: str, value: str, *, expires_at: datetime | None = None) -> Held:
    """Put another value in the place of a stored secret. A key for Odoo is tried first.

    :raises NotFoundError: nothing of that name stores a secret.
    :raises InputError: it is one that Towpath made for itself, or the value is empty.
    :raises TowpathError: Odoo does not take the key; the old one stays.
    """
    held = find(hub, owner)
    if not value.strip():
        raise InputError("The secret is empty; nothing was changed.")
    if held.connection is not None:
        connections.set_key(hub, held.connection, value.strip(), expires_at=expires_at)
        return find(hub, held.owner)
    if held.kind == "internal" or _of_a_person(held.owner):
        raise InputError(f"The secret of '{held.title}' is made by Towpath itself and can not be set.")
    with hub.store.begin() as db:
        hub.cabinet.put(held.owner, value.strip(), expires_at=expires_at, connection=db)
        details = {"expires": expires_at}
        hub.store.audit(who(), "secret.set", f"secret/{held.owner}", details=details, connection=db)
    return find(hub, held.owner)


def _of_a_person(owner: str) -> bool:
    return owner.split("/", 1)[0] in {"user", "totp", "totp-pending"}


def expire(hub: Hub, owner: str, at: datetime | None) -> Held:
    """Note when a secret ends, so that somebody is reminded in time; None for never.

    :raises NotFoundError: there is no such secret.
    """
    held = find(hub, owner)
    with hub.store.begin() as db:
        if not hub.cabinet.expire(held.owner, at, connection=db):
            # the rival is somebody who removed it since we looked
            raise NotFoundError(f"There is no secret of '{owner}' any more.")
        name = f"connection/{held.connection}" if held.connection else f"secret/{held.owner}"
        hub.store.audit(who(), "secret.expiry", name, details={"expires": at}, connection=db)
    return find(hub, held.owner)


def rotate(hub: Hub) -> Rotation:
    """Wrap every secret with a new master key while everything goes on, and put that on record.

    When it is interrupted, call it again. Raises InputError or DamagedError.
    """
    hub.store.audit(who(), "secrets.rotate", "secrets", "begun")
    done = hub.cabinet.rotate()
    details = {"key_id": done.key_id, "rewrapped": done.rewrapped}
    hub.store.audit(who(), "secrets.rotate", "secrets", details=details)
    return done
