"""A hub of its own for the tests of what `write_date` misses, with streams whose rounds are due when a test says so."""

from __future__ import annotations

import os
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests import prepared_process
from tests.prepared_process import TOWPATH

from towpath.commit_point import ENVIRONMENT
from towpath.features.connections import service as connections
from towpath.features.replicate import runs, service
from towpath.features.replicate import streams as streams_of
from towpath.features.replicate.job import table_of
from towpath.features.replicate.runs import Run
from towpath.features.replicate.streams import Stream
from towpath.features.replicate.tables import streams
from towpath.hub import Hub, open_hub
from towpath.lake.table import Table
from towpath.odoo import Access, Odoo
from towpath.settings import Settings

SHOW_ALL = {"active_test": False}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with a home folder of its own; a process can have one at a time."""
    with open_hub(Settings(home=tmp_path_factory.mktemp("beyond"), retry_attempts=4)) as hub:
        yield hub


class Dock:
    """One connection to a sandbox, and what the tests do with it all the time."""

    def __init__(self, hub: Hub, server: Any, user: str = "admin") -> None:
        self.hub, self.server, self.name = hub, server, f"d{uuid.uuid4().hex[:12]}"
        account = server.users[user]
        protocol = "json2" if server.version == "19.0" else "jsonrpc"
        self.odoo = Odoo(
            Access(url=server.url, database=server.db, login=user, secret=account.key, protocol=protocol)
        )
        connections.add(
            hub, name=self.name, url=server.url, database=server.db, login=user, secret=account.key
        )

    @contextmanager
    def long_ago(self) -> Iterator[None]:
        """What is written in here was stamped two days ago, so that no run reads it for its stamp."""
        fault = self.server.faults.add("clock_skew", seconds=-172_800)
        try:
            yield
        finally:
            self.server.faults.remove(fault.id)

    def partners(self, count: int = 1, **values: Any) -> tuple[str, list[int]]:
        """Partners of long ago, and the mark they bear alone."""
        mark = f"w{uuid.uuid4().hex[:10]}"
        names = [{"name": f"{mark} {number}", "ref": mark, **values} for number in range(count)]
        with self.long_ago():
            return mark, self.odoo.create("res.partner", names)

    def write(self, ids: list[int], **values: Any) -> None:
        """Change partners, long ago."""
        with self.long_ago():
            self.odoo.write("res.partner", ids, values)

    def tags(self, *names: str) -> list[int]:
        """New tags of partners."""
        return self.odoo.create(
            "res.partner.category", [{"name": f"{name} {uuid.uuid4().hex[:6]}"} for name in names]
        )

    def stream(self, mark: str, *fields: str, **settings: Any) -> Stream:
        """A stream of the partners with that mark, read once; its rounds are never due by themselves."""
        choice = service.Choice(fields=list(fields), filter=f"[('ref', '=', '{mark}')]", prefix=f"{mark}_")
        return self.add("res.partner", choice, **settings)

    def add(self, model: str, choice: service.Choice, **settings: Any) -> Stream:
        """A stream that was read once."""
        stream = service.add(self.hub, self.name, [model], choice)[0]
        self.set(stream, **settings)
        with self.hub.store.begin() as db:
            stream = streams_of.find(db, stream.id)
        run = self.sync(stream)
        assert run.state == "succeeded", run.message
        return stream

    def set(self, stream: Stream, **values: Any) -> None:
        """Change columns of the stream's record."""
        if values:
            with self.hub.store.begin() as db:
                db.execute(streams.update().where(streams.c.id == stream.id).values(values))

    def due(self, stream: Stream, *rounds: str) -> None:
        """Let rounds be due: as if they had been done a week ago."""
        long_ago = datetime.now(UTC) - timedelta(days=7)
        self.set(stream, **{f"{name}_at": long_ago for name in rounds})

    def sync(self, stream: Stream, *, full: bool = False) -> Run:
        """Run the stream to its end."""
        (run,) = service.sync(self.hub, [stream], full=full)
        return run

    def killed(self, stream: Stream, point: str) -> Run:
        """Run the stream in a process that dies at that point; gives the run when another one has ended it.

        That may be the hub of this process, which takes over from dead ones.
        """
        command = [*TOWPATH, "sync", "run", "--stream", stream.id, "--json"]
        env = os.environ | {"TOWPATH_HOME": str(self.hub.settings.home), "TOWPATH_PAGE_ROWS": "20"}
        first = prepared_process.run(command, env=env | {ENVIRONMENT: point}, check=False)
        assert first.returncode == -9, first.stdout
        prepared_process.run(command, env=env)
        with self.hub.store.begin() as db:
            newest = runs.recent(db, stream_ids=[stream.id], limit=2)
        (taken_over,) = [run for run in newest if run.attempts == 2]
        assert taken_over.state == "succeeded"
        return taken_over

    def table(self, stream: Stream, field: str = "") -> Table:
        """The table of the stream, or the link table of one of its fields."""
        main = table_of(self.hub, stream)
        return Table(f"{main.uri}__{field}") if field else main

    def rows(self, stream: Stream, *columns: str) -> dict[int, dict[str, Any]]:
        """What the table shows, by id."""
        scan = self.table(stream).scan(["id", *columns])
        return {row["id"]: row for batch in scan for row in batch.to_pylist()}

    def calls(self) -> Counter[str]:
        """Calls the sandbox has answered since the last question, by model and method."""
        counted = Counter(f"{entry['model']}.{entry['method']}" for entry in self.server.faults.log())
        self.server.faults.reset_counters()
        return counted

    def last(self, stream: Stream) -> Run:
        """The stream's newest run."""
        with self.hub.store.begin() as db:
            return runs.recent(db, stream_ids=[stream.id], limit=1)[0]


@pytest.fixture
def make_dock(hub: Hub) -> Iterator[Callable[..., Dock]]:
    """Makes connections to sandboxes; they and their streams are forgotten after the test."""
    made: list[Dock] = []

    def make(server: Any, user: str = "admin") -> Dock:
        made.append(Dock(hub, server, user))
        return made[-1]

    yield make
    for dock in made:
        dock.odoo.close()
        for stream in service.choose(hub, connection=dock.name):
            service.remove(hub, stream.id)
        connections.remove(hub, dock.name)


@pytest.fixture
def dock(make_dock: Callable[..., Dock], request: pytest.FixtureRequest) -> Dock:
    """A connection to the sandbox of the test's version (19.0 unless parametrized)."""
    version = getattr(request, "param", "19.0")
    return make_dock(request.getfixturevalue("odoo19" if version == "19.0" else "odoo17"))


@pytest.fixture
def small_pages(hub: Hub) -> Iterator[None]:
    """Many pages for few rows."""
    object.__setattr__(hub.settings, "page_rows", 20)
    yield
    object.__setattr__(hub.settings, "page_rows", 5000)
