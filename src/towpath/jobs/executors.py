"""Which processes are at work, and which have died.

Each process has one row with a heartbeat, and holds a lock on a file of its own under ``home/executors``.
A process of the same home is dead the moment its lock can be taken, which no reused pid can fake; one on
another machine is dead when its heartbeat is older than the settings say. Rows are only removed here: whose
row is gone, whose work may be taken (see ``dbos_engine``).
"""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
import time
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from towpath import __version__

__all__ = ["Executors"]

_JOINING = 60.0  # seconds after which a lock file that nobody holds and no row names is litter

_table = sa.Table(
    "executors",
    sa.MetaData(schema="towpath"),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("host", sa.Text),
    sa.Column("pid", sa.Integer),
    sa.Column("release", sa.Text),
    sa.Column("started_at", sa.DateTime(timezone=True)),
    sa.Column("heartbeat_at", sa.DateTime(timezone=True)),
)


class Executors:
    """Our process among its peers. ``silence`` is the age in seconds at which a heartbeat means death."""

    def __init__(self, engine: sa.Engine, home: Path, silence: float) -> None:
        host = socket.gethostname()
        self.id = f"{host}-{os.getpid()}-{secrets.token_hex(4)}"
        self._row = {"id": self.id, "host": host, "pid": os.getpid(), "release": __version__}
        self._engine = engine
        self._folder = home / "executors"
        self._silence = silence
        self._lock: int | None = None

    def join(self) -> None:
        """Take the lock and write the row."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self._file(self.id), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        with self._engine.begin() as connection:
            connection.execute(_table.insert().values(self._row))

    def beat(self) -> bool:
        """Give a sign of life; False when the row was gone: others have taken this process for dead."""
        with self._engine.begin() as connection:
            changed = connection.execute(
                _table.update().where(_table.c.id == self.id).values(heartbeat_at=sa.func.clock_timestamp())
            )
            if changed.rowcount:
                return True
            connection.execute(_table.insert().values(self._row))
            return False

    def bury(self) -> list[str]:
        """Remove the rows of dead processes; their ids. Two processes may do so at once."""
        with self._engine.begin() as connection:
            peers = connection.scalars(sa.select(_table.c.id).where(_table.c.id != self.id)).all()
        gone = [peer for peer in peers if self._has_left_us(peer)]
        silent = _table.c.heartbeat_at < sa.func.clock_timestamp() - sa.func.make_interval(
            0, 0, 0, 0, 0, 0, sa.cast(self._silence, sa.Double)
        )
        with self._engine.begin() as connection:
            dead = connection.scalars(
                _table.delete()
                .where(_table.c.id != self.id, sa.or_(_table.c.id.in_(gone), silent))
                .returning(_table.c.id)
            ).all()
        for peer in dead:
            self._file(peer).unlink(missing_ok=True)
        return list(dead)

    def somebody_left(self) -> bool:
        """Whether a process of this home has died and was not buried yet. Asks the file system only."""
        found = False
        for file in self._folder.glob("*.lock"):
            if file.stem != self.id and self._has_left_us(file.stem):
                found = True
                if self._age(file) > _JOINING and not self._has_row(file.stem):
                    file.unlink(missing_ok=True)  # another home's process has buried it
        return found

    def living(self) -> Sequence[str]:
        """Ids of all processes with a row."""
        with self._engine.connect() as connection:
            return connection.scalars(sa.select(_table.c.id)).all()

    def leave(self) -> None:
        """Remove the row and drop the lock."""
        try:
            with self._engine.begin() as connection:
                connection.execute(_table.delete().where(_table.c.id == self.id))
        finally:
            if self._lock is not None:
                self._file(self.id).unlink(missing_ok=True)
                os.close(self._lock)
                self._lock = None

    def _has_row(self, peer: str) -> bool:
        with self._engine.connect() as connection:
            return connection.scalar(sa.select(_table.c.id).where(_table.c.id == peer)) is not None

    def _age(self, file: Path) -> float:
        try:
            return time.time() - file.stat().st_mtime
        except OSError:
            return 0.0  # gone in the meantime

    def _file(self, executor: str) -> Path:
        return self._folder / f"{executor}.lock"

    def _has_left_us(self, peer: str) -> bool:
        """Whether the peer shared our home and its lock is free."""
        try:
            handle = os.open(self._file(peer), os.O_RDWR)
        except OSError:
            return False  # of another home, or just leaving: its heartbeat tells
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        else:
            return True
        finally:
            os.close(handle)
