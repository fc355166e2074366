"""A hub of its own for the tests of the proof, and short words for what they do all the time."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from towpath.features.connections import service as connections
from towpath.features.connections.tables import connections as connection_rows
from towpath.features.replicate import service
from towpath.features.replicate.job import table_of
from towpath.features.replicate.runs import Run
from towpath.features.replicate.streams import Stream
from towpath.features.replicate.tables import proof_ranges
from towpath.hub import Hub, open_hub
from towpath.lake.table import Commit, Table
from towpath.odoo import Access, Odoo
from towpath.settings import Settings

SHOW_ALL = {"active_test": False}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub whose runs read no overlap again, so that nothing but the proof finds what was tampered with."""
    home = tmp_path_factory.mktemp("proof")
    with open_hub(Settings(home=home, retry_attempts=4, overlap_seconds=0)) as hub:
        yield hub


class Yard:
    """One connection to a sandbox, with the streams a test adds to it."""

    def __init__(self, hub: Hub, server: Any, user: str) -> None:
        self.hub, self.server, self.name = hub, server, f"y{uuid.uuid4().hex[:12]}"
        account = server.users[user]
        protocol = "json2" if server.version == "19.0" else "jsonrpc"
        known = {"url": server.url, "database": server.db, "login": account.login, "secret": account.key}
        self.odoo = Odoo(Access(**known, protocol=protocol))
        self.connection = connections.add(hub, name=self.name, **known)

    def add(self, model: str, **choice: Any) -> Stream:
        """Add a stream."""
        return service.add(self.hub, self.name, [model], service.Choice(**choice))[0]

    def sync(self, stream: Stream, *, full: bool = False) -> Run:
        """Run one stream to its end."""
        (run,) = service.sync(self.hub, [stream], full=full)
        return run

    def table(self, stream: Stream) -> Table:
        """The stream's table."""
        return table_of(self.hub, stream)

    def rows(self, stream: Stream, *columns: str, deleted: bool = False) -> dict[int, dict[str, Any]]:
        """What the table holds, by id."""
        batches = self.table(stream).scan(["id", *columns], deleted=deleted)
        return {row["id"]: row for batch in batches for row in batch.to_pylist()}

    def ids(self, model: str, domain: list[Any] | None = None) -> set[int]:
        """What Odoo shows, archived records included."""
        return set(self.odoo.search_ids(model, domain or [], context=SHOW_ALL))

    def tamper(
        self, stream: Stream, rows: list[dict[str, Any]] = (), *, without: Any = (), twice: Any = ()
    ) -> None:
        """Change the table behind Towpath's back: rows take these values, others are cut out or come twice."""
        table = self.table(stream)
        cursor = table.cursor(stream.app_id)
        gone = set(without)
        kept = [
            batch.filter(pa.array([number not in gone for number in batch.column("id").to_pylist()]))
            for batch in table.scan(deleted=True)
        ]
        full = pa.Table.from_batches(kept, schema=table.schema)
        for row in rows:
            place = full.column("id").to_pylist().index(row["id"])
            values = {**full.slice(place, 1).to_pylist()[0], **row}
            one = pa.Table.from_pylist([values], schema=full.schema)
            full = pa.concat_tables([full.slice(0, place), one, full.slice(place + 1)])
        again = pa.array([number in set(twice) for number in full.column("id").to_pylist()])
        full = pa.concat_tables([full, full.filter(again)])
        commit = Commit(
            app_id=stream.app_id, sequence=table.sequence(stream.app_id) + 1, cursor=cursor or {}, run_id="x"
        )
        staged = table.stage(full.combine_chunks().to_batches(), run_id="x")
        table.publish(staged, mode="replace", schema=full.schema, commit=commit)

    def witness(self, other: Yard) -> None:
        """Let another connection tell what this one's user can not see."""
        with self.hub.store.begin() as db:
            db.execute(
                connection_rows.update()
                .where(connection_rows.c.id == self.connection.id)
                .values(witness_id=other.connection.id)
            )

    def proved(self, stream: Stream) -> list[Any]:
        """What stands of the stream's ranges, by first id."""
        with self.hub.store.begin() as db:
            return list(
                db.execute(
                    sa.select(proof_ranges)
                    .where(proof_ranges.c.stream_id == stream.id)
                    .order_by(proof_ranges.c.low)
                )
            )


@pytest.fixture
def make_yard(hub: Hub) -> Iterator[Callable[..., Yard]]:
    """Makes connections to sandboxes; they and their streams are forgotten after the test."""
    made: list[Yard] = []

    def make(server: Any, *, user: str = "admin") -> Yard:
        made.append(Yard(hub, server, user))
        return made[-1]

    yield make
    for yard in made:
        yard.odoo.close()
        for stream in service.choose(hub, connection=yard.name):
            service.remove(hub, stream.id)
    with hub.store.begin() as db:
        db.execute(connection_rows.update().values(witness_id=None))
    for yard in made:
        connections.remove(hub, yard.name)


@pytest.fixture
def yard(make_yard: Callable[..., Yard], request: pytest.FixtureRequest) -> Yard:
    """A connection to the sandbox Odoo of the test's version (19.0 unless parametrized)."""
    version = getattr(request, "param", "19.0")
    return make_yard(request.getfixturevalue("odoo19" if version == "19.0" else "odoo17"))
