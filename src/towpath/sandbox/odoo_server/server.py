"""Start and stop an emulated Odoo inside this process.

    with OdooServer(version="19.0", data="demo") as odoo:
        requests.post(f"{odoo.url}/json/2/res.partner/search_count", ...)
        odoo.faults.add("latency", seconds=0.5)

Rows live in an embedded PostgreSQL below `home`, or in the database named by `database_url`.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from towpath.sandbox.odoo_server import storage
from towpath.sandbox.odoo_server.database import Database
from towpath.sandbox.odoo_server.faults import ConnectionCut, Fault, Switchboard
from towpath.sandbox.odoo_server.install import DATA, installer
from towpath.sandbox.odoo_server.orm import custom
from towpath.sandbox.odoo_server.registry import Registry
from towpath.sandbox.odoo_server.wire import App, Control, Gateway, HttpServer, Request, Response

__all__ = ["DATA", "USERS", "VERSIONS", "OdooServer", "User", "serve"]

VERSIONS = ("17.0", "19.0")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user of the sandbox: login, password and API key, in clear because they protect nothing."""

    login: str
    password: str
    key: str


USERS = (
    User(login="admin", password="admin", key="key-admin"),  # noqa: S106 - sample users of a sandbox
    User(login="limited", password="limited", key="key-limited"),  # noqa: S106 - sample users of a sandbox
)


@dataclass(slots=True, kw_only=True, eq=False)
class OdooServer:
    """One server of one version with one database, `demo`; a context manager.

    version: "17.0" or "19.0". data: "demo", "empty" or "large". home: the folder of the embedded PostgreSQL (a
    temporary one by default). keep: the database outlives the server and is used again; else it is a fresh copy.
    database_url: an empty or earlier used PostgreSQL database instead. choose: a JSON-2 request without database
    name means the only one (a real server with one database does that; one with several answers 404).
    gzip: compress answers as a reverse proxy would. aliases: further names of the database, for clients that have to
    choose among several. listed: anybody may ask for the names of the databases.
    """

    version: str = "19.0"
    data: str = "demo"
    host: str = "127.0.0.1"
    port: int = 0
    home: Path | None = None
    keep: bool = False
    database_url: str = ""
    db: str = "demo"
    choose: bool = False
    gzip: bool = False
    aliases: tuple[str, ...] = ()
    listed: bool = True
    faults: Switchboard = field(default_factory=Switchboard)
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack, repr=False)
    _database: Database | None = field(default=None, repr=False)
    _app: App | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.version not in VERSIONS:
            raise ValueError(f"version must be one of {', '.join(VERSIONS)}, not {self.version!r}")
        if self.data not in DATA:
            raise ValueError(f"data must be one of {', '.join(DATA)}, not {self.data!r}")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address, such as http://127.0.0.1:8069."""
        return f"http://{self.host}:{self.port}"

    @property
    def users(self) -> dict[str, User]:
        """The users everyone may log in as, by login."""
        return {user.login: user for user in USERS}

    @property
    def database(self) -> Database:
        """The running database, for tests that want to look or write below the API."""
        if self._database is None:
            raise RuntimeError("the server is not running")
        return self._database

    @property
    def dsn(self) -> str:
        """Connection string of the database."""
        return self.database.dsn

    def start(self) -> None:
        """Make the database if need be and begin to answer.

        Raises:
            OSError: when the port is taken.
        """
        try:
            # the port first: when it is taken, that is said before a database is made
            http = HttpServer(
                self._answer, host=self.host, port=self.port, gzip=self.gzip, clock=self.faults.skew
            )
            self._stack.callback(http.stop)
            self.host, self.port = http.host, http.port
            registry = Registry(self.version)
            dsn = self._prepare(registry)
            self._database = self._stack.enter_context(Database(dsn, registry, name=self.db))
            self._database.run(custom.reload, su=True)
            gateway = Gateway(
                dict.fromkeys((self.db, *self.aliases), self._database),
                version=self.version,
                faults=self.faults,
                choose=self.choose,
                listed=self.listed,
            )
            control = Control(self.faults, add=self.add_fault, facts=self.facts)
            self._app = App(gateway, control, on_error=log.error)
            self._stack.callback(http.stop)
            http.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop answering, close the connections, remove what is not kept."""
        self.faults.clear()
        self._stack.close()
        self._database = self._app = None

    def _answer(self, request: Request) -> Response:
        if self._app is None:
            raise ConnectionCut
        return self._app(request)

    def facts(self) -> Mapping[str, Any]:
        """What somebody needs to know to use the server."""
        users = {user.login: {"password": user.password, "key": user.key} for user in USERS}
        return {
            "version": self.version,
            "url": self.url,
            "databases": sorted((self.db, *self.aliases)),
            "data": self.data,
            "users": users,
        }

    def add_fault(self, kind: str, **parameters: Any) -> Fault:
        """Switch a fault on; the same as `faults.add`, and for `record_rule` also writes the rule.

        Raises:
            ValueError: unknown kind, parameter or model.
        """
        fault = self.faults.add(kind, **parameters)
        if fault.kind == "record_rule":
            try:
                self._hide(fault)
            except BaseException:
                self.faults.remove(fault.id)
                raise
        return fault

    def _hide(self, fault: Fault) -> None:
        """Write the global record rule of a fault, to be removed with it."""
        database = self.database

        def write(env: Any) -> int:
            model = env["ir.model"].search([("model", "=", fault.model)])
            if not model.ids:
                raise ValueError(f"there is no model {fault.model!r}")
            rule = {
                "name": f"sandbox fault {fault.id}",
                "model_id": model.ids[0],
                "domain_force": fault.domain or "[(0, '=', 1)]",
            }
            return int(env["ir.rule"].create(rule).ids[0])

        rule_id = database.run(write, su=True)
        fault.undo = lambda: database.run(lambda env: env["ir.rule"].browse([rule_id]).unlink(), su=True)

    def _prepare(self, registry: Registry) -> str:
        """Make the database and give its connection string."""
        fill = installer(self.data, USERS)
        if self.database_url:
            return storage.external(self.database_url, registry, fill, name=self.db)
        home = self.home
        if home is None:
            home = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="towpath-odoo-")))
        return self._stack.enter_context(
            storage.embedded(home, registry, fill, data=self.data, keep=self.keep)
        )


def serve(**options: Any) -> OdooServer:
    """Start a server and give it back running; the caller stops it. Options as OdooServer's."""
    server = OdooServer(**options)
    server.start()
    return server
