"""The door to Towpath's own PostgreSQL, embedded or given."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from towpath.access import acting
from towpath.errors import ConnectionLostError, DatabaseError, InputError, KeyRefusedError, TowpathError
from towpath.secrets.signing import PublicKey
from towpath.settings import Settings
from towpath.store import audit as chain
from towpath.store.embedded import EmbeddedPostgres
from towpath.store.noted import noted
from towpath.store.upgrade import find_folders, upgrade

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["Store"]

_OLDEST = 14


class Store:
    """Towpath's PostgreSQL: starts the embedded one unless the settings name a server.

    Nothing happens before the first use of ``engine`` (or ``open``). As a context manager it opens, brings
    the tables up to date and closes. Thread-safe. ``close`` is also called when the process ends.
    """

    def __init__(self, settings: Settings, *, migrations: Sequence[Path] | None = None) -> None:
        self.settings = settings
        self._folders = migrations
        self._embedded = None if settings.database_url else EmbeddedPostgres(settings.home)
        self._engine: sa.Engine | None = None
        self._guard = threading.Lock()

    @property
    def engine(self) -> sa.Engine:
        """SQLAlchemy's engine (psycopg, small pool); opens the store at the first use."""
        self.open()
        assert self._engine is not None  # noqa: S101  # open() has set it or raised
        return self._engine

    @property
    def dsn(self) -> str:
        """Address for libpq, password included: never print it."""
        if self._embedded is not None:
            return self._embedded.dsn
        given = self.settings.database_url
        assert given is not None  # noqa: S101  # __init__ made the embedded one otherwise
        return "postgresql://" + given.get_secret_value().strip().partition("://")[2]

    def open(self) -> None:
        """Start or join the embedded server and check that the database answers. Repeating does nothing.

        Raises AddressError-like sentences from errors: ConnectionLostError (not reachable), KeyRefusedError
        (password refused), DatabaseError (no such database), InputError (older than PostgreSQL 14).
        """
        with self._guard:
            if self._engine is not None:
                return
            import sqlalchemy as sa

            if self._embedded is not None:
                self._embedded.open()
            try:
                engine = sa.create_engine(
                    "postgresql+psycopg://" + self.dsn.partition("://")[2],
                    pool_size=self.settings.database_connections,
                    max_overflow=10,
                    pool_pre_ping=True,
                    connect_args={"connect_timeout": 10, "application_name": "towpath"},
                )
            except (sa.exc.ArgumentError, ValueError):  # its text may hold the password
                raise _malformed() from None
            if self._embedded is not None:
                sa.event.listen(engine, "do_connect", self._connect_or_revive)
            try:
                with engine.connect() as connection:
                    _check_version(connection.dialect.server_version_info)
            except sa.exc.OperationalError as error:
                self._give_up(engine)
                raise _explain(error, engine.url) from None
            except sa.exc.ProgrammingError:  # libpq does not understand the address
                self._give_up(engine)
                raise _malformed() from None
            except BaseException:
                self._give_up(engine)
                raise
            self._engine = engine
            atexit.register(self.close)

    def _connect_or_revive(self, dialect: Any, _record: Any, arguments: Any, named: Any) -> Any:
        """Connect to the embedded server; when it has died (killed, out of memory) start it again."""
        try:
            return dialect.connect(*arguments, **named)
        except dialect.loaded_dbapi.OperationalError:
            if self._embedded is None or not self._embedded.revive():
                raise
            return dialect.connect(*arguments, **named)

    def _give_up(self, engine: sa.Engine) -> None:
        engine.dispose()
        if self._embedded is not None:
            self._embedded.close()

    def migrate(self, *, older_at_work: bool | None = None) -> list[str]:
        """Bring the tables of all parts and features up to date; returns the migrations that ran.

        A few milliseconds when nothing is due. Migrations that take something away (``*_post``) wait as long
        as a process of another release is at work, which ``older_at_work`` may say for sure. Raises
        DamagedError when another release has changed the tables in its own way.
        """
        folders = find_folders() if self._folders is None else list(self._folders)
        return upgrade(self.engine, folders, older_at_work=older_at_work)

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A connection in a transaction: committed at the end, rolled back when an error leaves the block."""
        with self.engine.begin() as connection:
            yield connection

    def audit(
        self,
        actor: str,
        action: str,
        object: str,
        result: str = "ok",
        details: Mapping[str, Any] | None = None,
        *,
        connection: sa.Connection | None = None,
    ) -> chain.AuditEntry:
        """Append one row to the audit, in the given transaction or in one of its own.

        ``actor`` is who ("user:7", "cli:root", "system"), ``action`` what ("connection.add"), ``object`` on
        what ("connection/acme"), ``result`` "ok" or one word. Never put a secret into ``details``; from where the
        actor asked is added to them.
        """
        if (address := acting().address) is not None:
            details = {**(details or {}), "from": address}
        if connection is not None:
            return chain.append(
                connection, actor=actor, action=action, object=object, result=result, details=details
            )
        with self.begin() as own:
            return chain.append(
                own, actor=actor, action=action, object=object, result=result, details=details
            )

    def verify_audit(
        self,
        *,
        known: chain.AuditHead | None = None,
        trusted: Mapping[str, PublicKey] | None = None,
        since_checkpoint: bool = False,
    ) -> chain.AuditCheck:
        """Check the audit's chain as it is at this moment, also by what this machine noted; see `store.audit.verify`."""
        # Read before the database is: what is noted later may be newer than what this transaction sees.
        heads = [head for head in (known, noted(self.settings.home)) if head is not None]
        with self.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            return chain.verify(connection, known=heads, trusted=trusted, since_checkpoint=since_checkpoint)

    def close(self) -> None:
        """Close the connections; the last process that uses the embedded server stops it. May be repeated."""
        with self._guard:
            if self._engine is None:
                return
            self._engine.dispose()
            self._engine = None
            atexit.unregister(self.close)
            if self._embedded is not None:
                self._embedded.close()

    def __enter__(self) -> Self:
        self.open()
        try:
            self.migrate()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _check_version(version: Sequence[Any] | None) -> None:
    if not version or int(version[0]) < _OLDEST:
        raise InputError(
            f"The server of TOWPATH_DATABASE_URL is PostgreSQL {version[0] if version else 'of unknown age'}; "
            f"Towpath needs {_OLDEST} or newer."
        )


def _malformed() -> InputError:
    return InputError(
        "TOWPATH_DATABASE_URL can not be understood; write it as postgresql://user:password@host:5432/database, "
        "special characters in the password as %XX."
    )


def _explain(error: sa.exc.OperationalError, url: sa.URL) -> TowpathError:
    """One sentence for why the given server can not be used; libpq's text may hold the address, not the password."""
    text = str(error.orig).lower()
    where = f"{url.host or 'the local socket'}:{url.port or 5432}"
    if "password" in text or "authentication" in text or "no pg_hba" in text:
        return KeyRefusedError(f"PostgreSQL at {where} refused the user or password of TOWPATH_DATABASE_URL.")
    if "does not exist" in text:
        return DatabaseError(
            f"PostgreSQL at {where} has no database or user of that name; create it or correct TOWPATH_DATABASE_URL."
        )
    return ConnectionLostError(
        f"PostgreSQL at {where} does not answer; check that it runs, and TOWPATH_DATABASE_URL."
    )
