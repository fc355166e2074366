"""A hub with two connections, their tables, and a client that asks as whoever a test wants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from fastapi.testclient import TestClient

from towpath.access import Actor, Grant, Role
from towpath.features.connections.tables import connections
from towpath.features.replicate import streams
from towpath.hub import Hub, open_hub
from towpath.lake.table import Commit, Table
from towpath.server.application import create_app
from towpath.settings import Settings
from towpath.web.asking import actor_of

ENTRIES = pa.schema(
    [
        pa.field("id", pa.int64(), metadata={"odoo.field": "id", "odoo.type": "integer", "odoo.label": "ID"}),
        pa.field(
            "name", pa.string(), metadata={"odoo.field": "name", "odoo.type": "char", "odoo.label": "Number"}
        ),
        pa.field(
            "partner_id",
            pa.int64(),
            metadata={
                "odoo.field": "partner_id",
                "odoo.type": "many2one",
                "odoo.label": "Partner",
                "odoo.relation": "res.partner",
            },
        ),
        pa.field("state", pa.string(), metadata={"odoo.field": "state", "odoo.label": "Status"}),
        pa.field("amount_total", pa.decimal128(20, 2), metadata={"odoo.label": "Total"}),
        pa.field("day", pa.date32()),
        pa.field("write_date", pa.timestamp("us", tz="UTC")),
    ]
)


def entries(first: int, last: int, *, state: str = "posted") -> pa.Table:
    """Rows of a table of entries with the ids from `first` to `last`."""
    return pa.Table.from_pylist(
        [
            {
                "id": number,
                "name": f"INV/{number:05}",
                "partner_id": number % 7,
                "state": state,
                "amount_total": Decimal(number) * Decimal("1.10"),
                "day": date(2026, 1, 1 + number % 28),
                "write_date": datetime(2026, 1, 1, 0, 0, number % 60, tzinfo=UTC),
            }
            for number in range(first, last + 1)
        ],
        schema=ENTRIES,
    )


def fill(uri: str, count: int) -> Table:
    """A table with `count` entries in version 0; in version 1 the ids 1 and 2 are marked as gone."""
    table = Table(uri)
    table.upsert(entries(1, count), commit=Commit(app_id="s", sequence=1, run_id="r1"))
    table.upsert(entries(1, 0), delete=[1, 2], commit=Commit(app_id="s", sequence=2, run_id="r2"))
    return table


def somebody(name: str, *grants: tuple[Role, str | None], user_id: str | None = None) -> Actor:
    """A person with these roles on these connections."""
    given = tuple(Grant(role=role, connection_id=connection) for role, connection in grants)
    return Actor(name=f"user:{name}", user_id=user_id or name, title=name, grants=given)


@dataclass
class Asker:
    """The API, as one person at a time sees it."""

    client: TestClient
    hub: Hub
    admin: Actor = field(default_factory=lambda: somebody("admin", (Role.ADMIN, None)))
    #: Reads rows of the connection c1 and sees nothing of c2.
    of_one: Actor = field(default_factory=lambda: somebody("of-one", (Role.ANALYST, "c1")))
    #: Reads rows of c1 and sees that there is a c2.
    sees_two: Actor = field(
        default_factory=lambda: somebody("sees-two", (Role.ANALYST, "c1"), (Role.VIEWER, "c2"))
    )
    operator: Actor = field(default_factory=lambda: somebody("operator", (Role.OPERATOR, None)))
    actor: Actor | None = None

    def __call__(self, method: str, path: str, /, *, by: Actor | None = None, **more: Any) -> Any:
        """The response."""
        self.actor = by or self.admin
        headers = {"X-Towpath": "1", "Host": "localhost", **more.pop("headers", {})}
        return self.client.request(method, f"/api/v1{path}", headers=headers, **more)

    def get(self, path: str, /, *, by: Actor | None = None, **query: Any) -> Any:
        """The JSON of a GET that succeeds."""
        found = self("GET", path, by=by, params=query)
        assert found.status_code == 200, found.text
        return found.json()

    def run(self, sql: str, /, *, by: Actor | None = None, **more: Any) -> Any:
        """The response to a query."""
        return self("POST", "/queries/run", by=by, json={"sql": sql, "wait": 50, **more})


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Connections c1 (`demo`) and c2 (`other`), each with two tables."""
    home: Path = tmp_path_factory.mktemp("home")
    with open_hub(Settings(home=home, sql_memory_mb=256, sql_seconds=10, requests_per_minute=0)) as hub:
        with hub.store.begin() as db:
            for number, name in (("c1", "demo"), ("c2", "other")):
                row = {
                    "id": number,
                    "name": name,
                    "url": "http://127.0.0.1:1",
                    "protocol": "json2",
                    "version": "19.0",
                }
                db.execute(connections.insert().values(row))
                for model in ("account.move", "res.partner", "crm.lead" if number == "c1" else "hr.employee"):
                    streams.add(
                        db,
                        connection_id=number,
                        model=model,
                        layer="raw",
                        folder=name,
                        table_name=streams.table_name_of(model),
                        description="All entries" if model == "account.move" else "",
                        links=["category_id"] if model == "res.partner" else None,
                        history=model == "hr.employee",
                    )
        for name, count in (
            ("demo/account_move", 150),
            ("other/account_move", 20),
            ("other/hr_employee", 10),
        ):
            fill(f"{hub.lake_root}/raw/{name}", count)
        for name in ("demo/res_partner", "other/res_partner__category_id", "other/hr_employee__versions"):
            fill(f"{hub.lake_root}/raw/{name}", 7)
        yield hub


@pytest.fixture(scope="module")
def ask(hub: Hub) -> Iterator[Asker]:
    """The API over that hub."""
    app = create_app(hub)
    with TestClient(app, base_url="http://localhost") as client:
        asker = Asker(client, hub)
        app.dependency_overrides[actor_of] = lambda: asker.actor
        yield asker


@pytest.fixture(scope="session")
def rows_of() -> Callable[..., pa.Table]:
    """`rows_of(1, 5, state="draft")`: entries to be written into a table."""
    return entries


@pytest.fixture
def audit_of(hub: Hub) -> Callable[[str], list[dict[str, Any]]]:
    """`audit_of("query.run")`: the details of all such rows, oldest first."""
    import sqlalchemy as sa

    from towpath.store.tables import audit

    def found(action: str) -> list[dict[str, Any]]:
        with hub.store.begin() as db:
            rows = db.execute(sa.select(audit).where(audit.c.action == action).order_by(audit.c.number))
            return [
                {"object": row.object, "result": row.result, "actor": row.actor, **row.details}
                for row in rows
            ]

    return found
