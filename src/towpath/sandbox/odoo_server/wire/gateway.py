"""The door between protocols and the ORM: one call, one transaction, with retries, counters and faults.

`Gateway.call` is all a protocol needs: who calls, which model and method, and a function that performs the call in
the environment of that user. The result is ready to be written; a record set stays one only on 17.0.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson
from psycopg import errors

from towpath.sandbox.odoo_server.database import Database
from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.exceptions import AccessDenied
from towpath.sandbox.odoo_server.faults import ConnectionCut, Switchboard
from towpath.sandbox.odoo_server.origin import over_http
from towpath.sandbox.odoo_server.wire import auth

__all__ = ["Gateway", "UnknownDatabaseError"]

T = TypeVar("T")


class UnknownDatabaseError(Exception):
    """A database the server does not have; clients see psycopg2's OperationalError."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f'connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: '
            f'FATAL:  database "{name}" does not exist\n'
        )
        self.odoo_name = "psycopg2.OperationalError"


class Gateway:
    """Serves the databases of one server of one version."""

    def __init__(
        self,
        databases: Mapping[str, Database],
        *,
        version: str,
        faults: Switchboard,
        choose: bool = False,
        listed: bool = True,
    ) -> None:
        self.databases = databases
        self.version = version
        self.faults = faults
        self._choose = choose
        self._listed = listed
        self._thread = threading.local()

    @property
    def names(self) -> list[str]:
        """The databases of this server."""
        return sorted(self.databases)

    def listing(self) -> list[str]:
        """The names anybody may ask for.

        Raises:
            AccessDenied: when the server keeps its list to itself.
        """
        if not self._listed:
            raise AccessDenied
        return self.names

    def chosen(self, header: str | None) -> str | None:
        """The database a JSON-2 request means: its header, or the only one when the server may `choose`."""
        if header in self.databases:
            return header
        return self.names[0] if not header and self._choose and len(self.databases) == 1 else None

    @property
    def server_version(self) -> str:
        """What `common.version` calls the server: 17.0 carries a date, as the nightly builds do."""
        return "17.0-20240709" if self.version == "17.0" else self.version

    @property
    def version_info(self) -> dict[str, Any]:
        """The answer of `common.version` and `/web/webclient/version_info`."""
        return {
            "server_version": self.server_version,
            "server_version_info": [int(self.version.partition(".")[0]), 0, 0, "final", 0, ""],
            "server_serie": self.version,
            "protocol_version": 1,
        }

    def authenticate(self, db: str, login: Any, password: Any) -> int | None:
        """The id of the user with this login and password or key, or None.

        Raises:
            UnknownDatabaseError: no such database.
        """
        return self.transaction(
            db, lambda env: auth.authenticate(env.cr, login, password, now=self.now(), marks=self.faults)
        )

    def log_in(self, db: str, login: Any, password: Any) -> int | None:
        """The id of the user who logs in with a browser, or None.

        Raises:
            UnknownDatabaseError: no such database.
        """
        return self.transaction(db, lambda env: auth.log_in(env.cr, login, password))

    def now(self) -> dt.datetime:
        """The server's clock, naive UTC, with the skew a fault may give it."""
        return dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(seconds=self.faults.skew())

    def call(
        self,
        db: str,
        *,
        identify: Callable[[Env], int],
        model: str,
        method: str,
        perform: Callable[[Env], Any],
        path: str,
        http: bool = False,
    ) -> Any:
        """Authenticate, perform and commit one call; `http` for those that have an HTTP request of their own.

        Raises:
            UnknownDatabaseError: no such database.
            ConnectionCut: a fault ends the connection, before acting or after the commit.
            Exception: whatever the method raises; nothing was changed then.
        """
        faults = self.faults
        started = time.time()
        entry: dict[str, Any] = {
            "model": model,
            "method": method,
            "uid": None,
            "start": started,
            "error": None,
            "rows": 0,
        }
        faults.meet(path, model, method)

        def work(env: Env) -> Any:
            uid = identify(env)
            entry["uid"] = uid
            result = perform(env.with_user(uid))
            if not faults.quiet:
                plain = orjson.loads(orjson.dumps(result)) if isinstance(result, orjson.Fragment) else result
                faults.before_commit(path, model, method, plain)
                if faults.serialization_failure(path, model, method):
                    raise errors.SerializationFailure("could not serialize access due to concurrent update")
            return result

        over_http.set(http)
        try:
            result = self.transaction(db, work)
            entry["rows"] = len(result) if isinstance(result, list) else 0
        except BaseException as problem:
            entry["error"] = getattr(problem, "odoo_name", type(problem).__name__)
            raise
        finally:
            entry["seconds"] = time.time() - started
            faults.record(entry)
        if not faults.quiet:
            lost = faults.after_commit(path, model, method)
            if lost == "drop":
                raise ConnectionCut
            self._thread.cut = lost == "cut"
        return result

    def cut_short(self) -> bool:
        """True once when a fault wants only half of the answer to this thread's last call to arrive."""
        cut = getattr(self._thread, "cut", False)
        self._thread.cut = False
        return cut

    def transaction(self, db: str, work: Callable[[Env], T]) -> T:
        """Run `work` in a transaction and commit it; the clock of the transaction has the skew of the faults.

        Raises:
            UnknownDatabaseError: no such database.
        """
        database = self.databases.get(db)
        if database is None:
            raise UnknownDatabaseError(str(db))
        skew = self.faults.skew()
        if not skew:
            return database.run(work)

        def skewed(env: Env) -> T:
            env.transaction.now += dt.timedelta(seconds=skew)
            return work(env)

        return database.run(skewed)
