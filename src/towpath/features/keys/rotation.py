"""The rotation of an Odoo API key: a new one is made by the old one, tried, put in its place, the old one revoked.

Odoo 19 lets a user do so over its API (``res.users.apikeys`` ``generate`` and ``revoke``) where it has the Settings
right or ``base.enable_programmatic_api_keys`` is on (facts §2.3). Each step is noted before the next, so that a process
killed anywhere leaves a state that the next call, or a worker, goes on from: at every moment the stored key works. A key
whose answer was lost is found by its name and told of; nobody knows its value, and it ends by itself at its date, which
every key made here has.
"""

from __future__ import annotations

import re
import secrets as randomness
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from towpath.access import who
from towpath.commit_point import commit_point
from towpath.errors import AskHumanError, ConflictError, KeyRefusedError, NotFoundError, TowpathError
from towpath.features.connections import service as connections
from towpath.features.connections.service import Connection
from towpath.features.keys.tables import key_rotations
from towpath.secrets import Secret

if TYPE_CHECKING:
    from towpath.hub import Hub
    from towpath.odoo import Odoo

__all__ = ["DAYS", "Rotated", "rotate_key", "under_way"]

#: Days a new key is made for: what Odoo grants internal users at most unless told otherwise (facts §2.3).
DAYS = 90
_LOCK = 7_403_211  # first half of the advisory lock; the second is the connection
_KEYS = "res.users.apikeys"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """How far a rotation came."""

    connection: str
    key_name: str
    expires_at: datetime | None
    #: Whether the old key is revoked. If not, a worker does it when the runs that use it have ended.
    revoked: bool
    #: A sentence about what a person should look after.
    remark: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values by name."""
        return {name: getattr(self, name) for name in self.__slots__}


def under_way(hub: Hub) -> dict[str, str]:
    """What each rotation that has not ended waits for, by connection."""
    sentences = {
        "asked": "A new key is being made.",
        "made": "The new key is being tried.",
        "switched": "The new key is in use; the old one is revoked when the runs that use it have ended.",
    }
    with hub.store.begin() as db:
        return {row.connection_id: sentences[row.step] for row in db.execute(sa.select(key_rotations))}


def rotate_key(hub: Hub, name: str, *, days: int = DAYS, resume: bool = False) -> Rotated:
    """Give a connection a new API key and revoke the old one; goes on with a rotation that was cut off.

    :param days: how long the new key is to live; less where Odoo grants less.
    :param resume: only go on with one that is under way.
    :raises NotFoundError: there is no such connection, or nothing to go on with.
    :raises AskHumanError: Odoo does not let this user do it; the sentence has the steps for a person.
    :raises ConflictError: another process is at it.
    :raises TowpathError: Odoo does not answer, or the new key does not work; the stored key is the one that works.
    """
    known = connections.find(hub, name)
    with _alone(hub, known):
        return _Change(hub, known, days).run(resume=resume)


@contextmanager
def _alone(hub: Hub, known: Connection) -> Iterator[None]:
    """Only one process rotates a connection's key; the lock goes when the process does."""
    number = zlib.crc32(known.id.encode()) - 2**31
    with hub.store.engine.connect() as held:
        lock = {"a": _LOCK, "b": number}
        if not held.scalar(sa.text("select pg_try_advisory_lock(:a, :b)"), lock):
            raise ConflictError(
                f"The key of '{known.name}' is being rotated by another process; wait for it."
            )
        held.commit()
        try:
            yield
        finally:
            held.execute(sa.text("select pg_advisory_unlock(:a, :b)"), lock)
            held.commit()


class _Change:
    """One rotation, or the rest of one."""

    def __init__(self, hub: Hub, known: Connection, days: int) -> None:
        self.hub = hub
        self.known = known
        self.days = days
        self.owner = connections.owner_of(known.id)
        self.remark: str | None = None

    def run(self, *, resume: bool) -> Rotated:
        row = self._row()
        if row is None:
            if resume:
                raise NotFoundError(f"No rotation of the key of '{self.known.name}' is under way.")
            row = self._begin()
        elif row.step == "asked":
            row = self._look_for_lost(row)
        if row.step == "asked":
            self._make(row.key_name)
        if row.step in {"asked", "made"}:
            self._try_and_switch(row.key_name)
        revoked = self._revoke_old()
        info = self.hub.cabinet.info(self.owner)
        return Rotated(
            connection=self.known.name,
            key_name=row.key_name,
            expires_at=info.expires_at if info else None,
            revoked=revoked,
            remark=self.remark,
        )

    def _row(self) -> sa.Row[Any] | None:
        mine = key_rotations.c.connection_id == self.known.id
        with self.hub.store.begin() as db:
            # the time of the attempt, so that workers do not try one that fails all the time
            db.execute(key_rotations.update().where(mine).values(tried_at=datetime.now(UTC)))
            return db.execute(sa.select(key_rotations).where(mine)).one_or_none()

    def _begin(self) -> sa.Row[Any]:
        """Note the new key's name before Odoo is asked for it."""
        with connections.open_odoo(self.hub, self.known.id) as odoo:
            if odoo.version.major < 19:
                raise self._by_hand(f"Odoo {self.known.version} can not make keys over its API")
        name = self._name()
        with self.hub.store.begin() as db:
            values = {"connection_id": self.known.id, "key_name": name, "step": "asked"}
            db.execute(insert(key_rotations).values(values).on_conflict_do_nothing())
        commit_point("key-rotation-noted")
        row = self._row()
        if row is None:
            raise NotFoundError(f"There is no connection '{self.known.name}' any more.")
        return row

    def _name(self) -> str:
        day = datetime.now(UTC)
        return f"Towpath {self.known.id} {day:%Y-%m-%d} {randomness.token_hex(3)}"

    def _look_for_lost(self, row: sa.Row[Any]) -> sa.Row[Any]:
        """Odoo may have made a key whose answer never came: tell of it, and ask for one by another name.

        Odoo deletes a key only for whoever has its value, or types the password into its own pages.
        """
        with connections.open_odoo(self.hub, self.known.id) as odoo:
            lost = bool(odoo.search_ids(_KEYS, [("name", "=", row.key_name)]))
        if lost:
            self.remark = (
                f"Odoo has a key '{row.key_name}' that nobody knows the value of, as its answer was lost. It ends by "
                "itself; to be rid of it now, delete it in Odoo under Preferences, Account Security."
            )
            details = {"key_name": row.key_name}
            self.hub.store.audit(who(), "secret.lost", f"connection/{self.known.name}", "lost", details)
        with self.hub.store.begin() as db:
            mine = key_rotations.c.connection_id == self.known.id
            db.execute(key_rotations.update().where(mine).values(key_name=self._name()))
            return db.execute(sa.select(key_rotations).where(mine)).one()

    def _make(self, key_name: str) -> None:
        old = self.hub.cabinet.get(self.owner)
        with connections.open_odoo(self.hub, self.known.id) as odoo:
            try:
                new, until = self._generate(odoo, old, key_name)
            except AskHumanError:
                self._forget()
                raise
        commit_point("key-made-in-odoo")
        with self.hub.store.begin() as db:
            self.hub.cabinet.put(f"{self.owner}/next", new, expires_at=until, connection=db)
            self._step(db, "asked", "made")
        commit_point("key-made-kept")

    def _generate(self, odoo: Odoo, old: Secret, key_name: str) -> tuple[Secret, datetime]:
        """A new key, for as many days as Odoo grants."""
        days = float(self.days)
        for _ in range(2):
            until = (datetime.now(UTC) + timedelta(days=days, minutes=-10)).replace(microsecond=0)
            try:
                made = odoo.call(
                    _KEYS,
                    "generate",
                    key=old.reveal(),
                    scope="rpc",
                    name=key_name,
                    expiration_date=f"{until:%Y-%m-%d %H:%M:%S}",
                )
            except TowpathError as problem:
                said = str(problem.details.get("odoo_message", ""))
                most = re.search(r"cannot exceed ([\d.]+) days", said)
                if most and float(most[1]) < days:
                    days = float(most[1])
                    continue
                raise self._explained(problem, said) from problem
            return Secret(str(made)), until
        raise self._by_hand("Odoo grants this user no key that lives long enough")

    def _explained(self, problem: TowpathError, said: str) -> TowpathError:
        if "not enabled" in said:
            return self._by_hand("This Odoo user may not make keys over the API")
        if "Limit of" in said:
            return AskHumanError(
                f"{said}; remove old keys in Odoo under Preferences, Account Security, and try again."
            )
        if isinstance(problem, KeyRefusedError):
            return self._by_hand("What is stored is a password, or a key of another kind than Odoo renews")
        return problem

    def _by_hand(self, why: str) -> AskHumanError:
        return AskHumanError(
            f"{why}. Make a key by hand: in Odoo, as the user of '{self.known.name}', open Preferences, Account "
            f"Security, New API Key; then run `towpath secrets set connection/{self.known.name}` or replace it under "
            "Settings, Secrets. An administrator can allow it for all by the system parameter "
            "base.enable_programmatic_api_keys (Odoo 19)."
        )

    def _try_and_switch(self, key_name: str) -> None:
        """The new key takes the old one's place when it signs the same user in."""
        new = self.hub.cabinet.get(f"{self.owner}/next")
        with connections.open_odoo(self.hub, self.known.id) as odoo:
            user = odoo.user_id
        try:
            with connections.open_odoo(self.hub, self.known.id, secret=new) as odoo:
                same = odoo.user_id == user
        except KeyRefusedError:
            same = False
        if not same:
            self._forget()
            raise AskHumanError(
                f"Odoo made the key '{key_name}' but does not take it, so the old one stays; remove that key in Odoo "
                "under Preferences, Account Security, and make one by hand."
            )
        made = self.hub.cabinet.info(f"{self.owner}/next")
        old = self.hub.cabinet.get(self.owner)
        with self.hub.store.begin() as db:
            self._step(db, "made", "switched")
            self.hub.cabinet.put(f"{self.owner}/old", old, connection=db)
            until = made.expires_at if made else None
            self.hub.cabinet.put(self.owner, new, expires_at=until, connection=db)
            self.hub.cabinet.remove(f"{self.owner}/next", connection=db)
            details = {"key_name": key_name, "expires": until}
            self.hub.store.audit(
                who(), "secret.rotate", f"connection/{self.known.name}", details=details, connection=db
            )
        commit_point("key-switched")

    def _revoke_old(self) -> bool:
        """Revoke the old key with the new one, unless a run may still hold the old one in its hands."""
        from towpath.features.replicate import service as replicate

        if replicate.at_work(self.hub, self.known.id):
            return False
        old = self.hub.cabinet.get(f"{self.owner}/old")
        with connections.open_odoo(self.hub, self.known.id) as odoo:
            try:
                odoo.call(_KEYS, "revoke", key=old.reveal())
            except KeyRefusedError:
                # Either it was revoked when the answer got lost, or the new key is refused: that is raised here.
                _ = odoo.search_ids(_KEYS, [("id", "=", 0)])
        commit_point("key-revoked")
        self._forget(action="secret.revoke")
        return True

    def _step(self, db: sa.Connection, before: str, after: str) -> None:
        """Go on by one step; the rival is a person who forgot the connection meanwhile."""
        mine = (key_rotations.c.connection_id == self.known.id, key_rotations.c.step == before)
        if db.execute(key_rotations.update().where(*mine).values(step=after)).rowcount != 1:
            raise ConflictError(f"The key of '{self.known.name}' was changed by somebody else meanwhile.")

    def _forget(self, action: str | None = None) -> None:
        """End the rotation, with nothing left of the keys in between."""
        with self.hub.store.begin() as db:
            db.execute(key_rotations.delete().where(key_rotations.c.connection_id == self.known.id))
            for part in ("next", "old"):
                self.hub.cabinet.remove(f"{self.owner}/{part}", connection=db)
            if action:
                self.hub.store.audit(who(), action, f"connection/{self.known.name}", connection=db)


def resumable(hub: Hub, *, before: datetime) -> Mapping[str, str]:
    """Names of connections whose rotation was last tried before then, by id."""
    with hub.store.begin() as db:
        due = db.scalars(
            sa.select(key_rotations.c.connection_id).where(key_rotations.c.tried_at < before)
        ).all()
    found = {}
    for connection_id in due:
        with suppress(NotFoundError):
            found[connection_id] = connections.find_by_id(hub, connection_id).name
    return found
