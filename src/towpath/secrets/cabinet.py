"""The cabinet: all stored secrets of this installation, write-only but for those who use them.

Features keep only the owner's name; the sealed text lies here and nowhere else, so a rotation of the master
key finds every one of them.
"""

from __future__ import annotations

import secrets as randomness
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from towpath.errors import DamagedError, NotFoundError
from towpath.secrets.envelope import Vault, key_id_of
from towpath.secrets.secret import Secret
from towpath.secrets.tables import secrets as table

__all__ = ["Cabinet", "Rotation", "SecretInfo", "any_sealed"]

_LOCK = 7_403_211_952
_ROTATION = 7_403_211_953
_CHUNK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretInfo:
    """What may be shown of a stored secret."""

    owner: str
    key_id: str
    set_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What :meth:`Cabinet.rotate` did: ``rewrapped`` secrets, now under ``key_id``.

    ``old_keys_removed`` is False when the keys come from the environment or a command: then a person may
    now take the old key out there.
    """

    key_id: str
    rewrapped: int
    old_keys_removed: bool


def any_sealed(engine: sa.Engine) -> bool:
    """Whether there is any secret that a master key has sealed."""
    with engine.connect() as connection:
        return connection.scalar(sa.select(table.c.owner).limit(1)) is not None


class Cabinet:
    """Secrets by owner. ``engine`` leads to the store's database, ``vault`` holds the master key.

    ``used`` is told the owner before a secret is handed out; when it raises, none is.
    """

    def __init__(self, engine: sa.Engine, vault: Vault, *, used: Callable[[str], None] | None = None) -> None:
        self._engine = engine
        self._vault = vault
        self._used = used

    def put(
        self,
        owner: str,
        value: str | Secret,
        *,
        expires_at: datetime | None = None,
        connection: sa.Connection | None = None,
    ) -> None:
        """Store or replace the owner's secret, in the given transaction or in one of its own."""
        if connection is None:
            with self._engine.begin() as own:
                self.put(owner, value, expires_at=expires_at, connection=own)
            return
        # shared: a rotation that is about to drop the old key waits for us, and we for it
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(_LOCK)))
        self._vault.ring()
        sealed = self._vault.seal(value, owner)
        values = {
            "sealed": sealed,
            "key_id": key_id_of(sealed),
            "set_at": datetime.now(UTC),
            "expires_at": expires_at,
            "used_at": None,
            "reminded": None,
        }
        statement = insert(table).values(owner=owner, **values)
        connection.execute(statement.on_conflict_do_update(index_elements=[table.c.owner], set_=values))

    def made(self, owner: str, make: Callable[[], str]) -> Secret:
        """The owner's secret, made by ``make`` when there is none yet.

        Its use is not told to ``used``: it is for the installation's own keys, whose use leaves other traces.
        """
        with self._engine.begin() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(_LOCK)))
            self._vault.ring()
            sealed = self._vault.seal(make(), owner)
            values = {"sealed": sealed, "key_id": key_id_of(sealed), "set_at": datetime.now(UTC)}
            if connection.scalar(sa.select(table.c.owner).where(table.c.owner == owner)) is None:
                # the rival is another process that makes one: whoever comes second keeps the first one's
                statement = insert(table).values(owner=owner, **values)
                connection.execute(statement.on_conflict_do_nothing(index_elements=[table.c.owner]))
        return self._opened(owner)

    def get(self, owner: str) -> Secret:
        """The owner's secret; notes the time of use, and tells it to ``used``, whose errors are raised.

        Raises NotFoundError when there is none, DamagedError when it can not be opened.
        """
        if self._used is not None:
            self._used(owner)
        return self._opened(owner)

    def _opened(self, owner: str) -> Secret:
        sealed = self._sealed(owner)
        try:
            return self._vault.open(sealed, owner)
        except DamagedError:
            # The rival is a rotation that ended since it was read: it is wrapped anew, and the old key is gone.
            if (again := self._sealed(owner)) == sealed:
                raise
            return self._vault.open(again, owner)

    def _sealed(self, owner: str) -> str:
        with self._engine.begin() as connection:
            sealed: str | None = connection.scalar(
                table.update()
                .where(table.c.owner == owner)
                .values(used_at=datetime.now(UTC))
                .returning(table.c.sealed)
            )
        if sealed is None:
            raise NotFoundError(f"There is no secret stored for {owner}; enter it.")
        return sealed

    def remove(self, owner: str, *, connection: sa.Connection | None = None) -> bool:
        """Forget the owner's secret; False when there was none."""
        statement = table.delete().where(table.c.owner == owner)
        if connection is not None:
            return connection.execute(statement).rowcount > 0
        with self._engine.begin() as own:
            return own.execute(statement).rowcount > 0

    def expire(self, owner: str, at: datetime | None, *, connection: sa.Connection) -> bool:
        """Note when the owner's secret ends, None for never or not known; False when there is no secret."""
        statement = table.update().where(table.c.owner == owner).values(expires_at=at, reminded=None)
        return connection.execute(statement).rowcount > 0

    def remind(self, info: SecretInfo, stage: int, *, connection: sa.Connection) -> bool:
        """Note that the reminder of a stage (days before the end) is given; False when it was given already."""
        # the rivals are another process that reminds, and a person who sets the secret or its end anew
        statement = table.update().where(
            table.c.owner == info.owner,
            table.c.expires_at == info.expires_at,
            sa.or_(table.c.reminded.is_(None), table.c.reminded > stage),
        )
        return connection.execute(statement.values(reminded=stage)).rowcount == 1

    def info(self, owner: str) -> SecretInfo | None:
        """What may be shown of the owner's secret, or None."""
        return next(iter(self._infos(table.c.owner == owner)), None)

    def all(self) -> list[SecretInfo]:
        """What may be shown of all secrets, by owner."""
        return self._infos(sa.true())

    def _infos(self, condition: sa.ColumnElement[bool]) -> list[SecretInfo]:
        columns = (table.c.owner, table.c.key_id, table.c.set_at, table.c.expires_at, table.c.used_at)
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(*columns).where(condition).order_by(table.c.owner)).mappings()
            return [SecretInfo(**row) for row in rows]

    def rotate(self) -> Rotation:
        """Wrap every secret with a new master key, while all processes go on working.

        1. The source gets the new key in front of the old ones (a person does that where the key comes from
           the environment or a command; then the first key there is the new one).
        2. Every row of an older key is wrapped anew, in small steps.
        3. With writers held off for a moment: rows that came in meanwhile, then the old keys are dropped.

        A rotation that was killed is finished by calling it again; two at once run one after the other.
        Raises InputError or DamagedError.
        """
        with self._engine.begin() as alone:
            alone.execute(sa.select(sa.func.pg_advisory_xact_lock(_ROTATION)))
            return self._rotate(alone)

    def _rotate(self, alone: sa.Connection) -> Rotation:
        ring = self._vault.ring(fresh=True)
        new = randomness.token_bytes(32)
        self._vault.source.write([new, *ring.keys.values()])
        ring = self._vault.ring(fresh=True)
        done = 0
        while changed := self._rewrap_some(ring.current):
            done += changed
        alone.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        # In transactions of their own: they are stored before the key that opens what they replace is gone.
        while changed := self._rewrap_some(ring.current):
            done += changed
        removed = self._vault.source.write([ring.keys[ring.current]])
        self._vault.ring(fresh=True)
        return Rotation(key_id=ring.current, rewrapped=done, old_keys_removed=removed)

    def _rewrap_some(self, current: str) -> int:
        with self._engine.begin() as connection:
            rows = connection.execute(
                sa.select(table.c.owner, table.c.sealed)
                .where(table.c.key_id != current)
                .order_by(table.c.owner)
                .limit(_CHUNK)
            ).all()
            for owner, sealed in rows:
                again = self._vault.rewrap(sealed, owner)
                # no row is changed when somebody has set the secret anew since: theirs is already under the new key
                connection.execute(
                    table.update()
                    .where(table.c.owner == owner, table.c.sealed == sealed)
                    .values(sealed=again, key_id=key_id_of(again))
                )
        return len(rows)
