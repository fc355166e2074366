"""A sandbox Odoo, a home, and the command line as a process of its own that can be killed."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest
import sqlalchemy as sa
from tests.prepared_process import TOWPATH, Prepared

from towpath.commit_point import ENVIRONMENT
from towpath.features.connections import service as connections
from towpath.features.replicate import runs, service
from towpath.features.replicate.job import table_of
from towpath.features.replicate.runs import Run
from towpath.features.replicate.streams import Stream
from towpath.features.replicate.tables import staged_parts, staged_ranges
from towpath.hub import Hub, open_hub
from towpath.lake.log import LOG
from towpath.lake.table import Table
from towpath.odoo import Access, Odoo
from towpath.sandbox.odoo_server.server import OdooServer
from towpath.settings import Settings
from towpath.store.tables import rate_buckets

MODEL = "res.partner"
SHOW_ALL = {"active_test": False}


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many random histories passed."""
    ended = {
        outcome: sum("[" in report.nodeid and "whatever_happens" in report.nodeid for report in found)
        for outcome in ("passed", "failed")
        if (found := terminalreporter.getreports(outcome)) is not None
    }
    if tried := sum(ended.values()):
        terminalreporter.write_line(f"{ended['passed']} of {tried} random histories passed")


class Harbour:
    """One home with one connection; streams run in processes of their own."""

    def __init__(self, home: Path, server: OdooServer, name: str = "harbour") -> None:
        self.home, self.server, self.name = home, server, name
        key = server.users["admin"].key
        self.odoo = Odoo(
            Access(url=server.url, database=server.db, login="admin", secret=key, protocol="json2")
        )
        with self.hub() as hub:
            connections.add(hub, name=name, url=server.url, database=server.db, login="admin", secret=key)

    def hub(self) -> Any:
        """A hub without jobs, to look at what is stored."""
        return open_hub(Settings(home=self.home))

    def add(self, mark: str, sync_type: str = "INCREMENTAL", table: str = "", **more: Any) -> Stream:
        """A stream over the partners that bear a mark, with all stored fields."""
        choice = service.Choice(
            filter=f"[('ref', '=', '{mark}')]", table_name=table or f"t_{mark}", sync_type=sync_type, **more
        )
        with self.hub() as hub:
            return service.add(hub, self.name, [MODEL], choice)[0]

    def start(
        self,
        stream: Stream,
        *more: str,
        page_rows: int = 10,
        range_rows: int = 100_000,
        end_at: str = "",
        **options: Any,
    ) -> subprocess.Popen[str]:
        """Start ``towpath sync run`` on one stream; it kills itself when it comes to the commit point ``end_at``.

        Further streams are named by ``"--stream", id``.
        """
        env = os.environ | {
            "TOWPATH_HOME": str(self.home),
            "TOWPATH_PAGE_ROWS": str(page_rows),
            "TOWPATH_RANGE_ROWS": str(range_rows),
            "TOWPATH_RETRY_ATTEMPTS": "6",
            "TOWPATH_RETRY_SECONDS": "12",
            "TOWPATH_LOG_LEVEL": "error",
            ENVIRONMENT: end_at,
        }
        command = [*TOWPATH, "sync", "run", "--stream", stream.id, "--json", *more]
        return Prepared(command, env=env, stdout=subprocess.PIPE, text=True, **options)

    def rest(self) -> None:
        """As after a quiet hour: the budget of calls, which has tests of its own, has grown back after trouble."""
        with self.hub() as hub, hub.store.begin() as db:
            db.execute(rate_buckets.delete())

    def finish(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        """Wait for a process and give its run's record."""
        out, _ = process.communicate(timeout=90)
        record: dict[str, Any] = orjson.loads(out.splitlines()[-1])
        assert record["event"] == "run", out
        return record

    def catch_up(self, *streams: Stream) -> dict[str, Any]:
        """Run streams until each has a run that was begun now; the record of the last one.

        What was cut off is gone on with, up to the moment at which it was begun: the next run has what came since.
        """
        more = [word for other in streams[1:] for word in ("--stream", other.id)]
        record = self.finish(self.start(streams[0], *more))
        if any(self.runs(stream)[-1].attempts > 1 for stream in streams):
            assert record["state"] == "succeeded", record
            record = self.finish(self.start(streams[0], *more))
        return record

    def runs(self, stream: Stream) -> list[Run]:
        """All runs of a stream, the oldest first."""
        with self.hub() as hub, hub.store.begin() as db:
            return list(reversed(runs.recent(db, stream_ids=[stream.id], limit=1000)))

    def postgres(self) -> list[psutil.Process]:
        """Processes of the embedded PostgreSQL of this home."""
        found = []
        for process in psutil.process_iter(["cmdline", "name"]):
            words = process.info["cmdline"] or []
            if any(str(self.home) in word for word in words) and "postgres" in (process.info["name"] or ""):
                found.append(process)
        return found

    def check(self, stream: Stream, mark: str, *, ahead: timedelta = timedelta()) -> None:
        """The table equals Odoo in every field of every record, and the books are in order.

        :param ahead: how far Odoo's clock was ahead of ours at a time, when that is too little to be noticed.
        """
        with self.hub() as hub:
            table = table_of(hub, stream)
            rows = [row for b in (table.scan(deleted=True) if table.exists else ()) for row in b.to_pylist()]
            with hub.store.begin() as db:
                left = [
                    db.execute(sa.select(sa.func.count()).where(staged.c.stream_id == stream.id)).scalar_one()
                    for staged in (staged_parts, staged_ranges)
                ]
        assert left == [0, 0]
        assert len({row["id"] for row in rows}) == len(rows)
        shown = {row["id"]: row for row in rows if row["_towpath_deleted_at"] is None}
        fields = self.odoo.fields_get(MODEL, None, ["type", "store"])
        compared = [
            name for name, about in fields.items() if name in table.schema.names and about["type"] in _SAME
        ]
        assert len(compared) > 30
        held = self.odoo.search_read(
            MODEL, [["ref", "=", mark]], compared, context=SHOW_ALL, limit=None, load=""
        )
        assert set(shown) == {row["id"] for row in held}
        for row in held:
            wanted = {name: _SAME[fields[name]["type"]](row[name]) for name in compared}
            assert {name: shown[row["id"]][name] for name in compared} == wanted
        done = self.runs(stream)
        assert not [run for run in done if run.state in runs.OPEN]
        assert done[-1].state == "succeeded"
        inserted, deleted = sum(run.rows_inserted for run in done), sum(run.rows_deleted for run in done)
        assert inserted - deleted == len(shown)
        if stream.sync_type == "INCREMENTAL":
            assert inserted == len(rows)
        cursor = done[-1].cursor_after
        assert cursor is not None
        assert "window" not in cursor
        assert datetime.fromisoformat(cursor["through"]) <= datetime.now(UTC) + ahead
        self.check_files(table)

    def check_files(self, table: Table) -> None:
        """After a clean-up nothing lies in the table's folder that its log does not name."""
        later = datetime.now(UTC) + timedelta(days=60)
        table.sweep(orphans_after=0, now=later)
        folder = table.storage.local
        assert folder is not None
        left = {path.name for path in folder.rglob("*") if path.is_file() and path.parent.name != LOG}
        assert left == set(table.require().files)
        assert not list(folder.rglob("*.tmp"))


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if value else None


#: How Odoo's values of a type look in the table.
_SAME: dict[str, Callable[[Any], Any]] = {
    "char": lambda v: None if v is False else v,
    "text": lambda v: None if v is False else v,
    "selection": lambda v: None if v is False else v,
    "boolean": bool,
    "integer": lambda v: v,
    "many2one": lambda v: v or None,
    "many2many": lambda v: v,
    "datetime": _moment,
    "date": lambda v: datetime.fromisoformat(v).date() if v else None,
}


@pytest.fixture(scope="module")
def sandbox(odoo_home: Path) -> Iterator[OdooServer]:
    """A sandbox with few records of its own."""
    with OdooServer(version="19.0", data="empty", home=odoo_home) as server:
        yield server


@pytest.fixture
def odoo(sandbox: OdooServer) -> Iterator[OdooServer]:
    """The sandbox without faults."""
    sandbox.faults.clear()
    yield sandbox
    sandbox.faults.clear()


@pytest.fixture(scope="module")
def keeper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A home whose PostgreSQL stays up, so that each process finds it running."""
    with open_hub(Settings(home=tmp_path_factory.mktemp("chaos"))) as hub:
        assert hub.store.dsn
        yield hub


@pytest.fixture(scope="module")
def harbour(keeper: Hub, sandbox: OdooServer) -> Iterator[Harbour]:
    """The shared home with a connection to the sandbox."""
    made = Harbour(keeper.settings.home, sandbox)
    yield made
    made.odoo.close()


@pytest.fixture
def make_harbour(keeper: Hub) -> Iterator[Callable[[OdooServer, str], Harbour]]:
    """Makes a connection of that name in the shared home to another sandbox."""
    made: list[Harbour] = []

    def make(server: OdooServer, name: str) -> Harbour:
        made.append(Harbour(keeper.settings.home, server, name))
        return made[-1]

    yield make
    for harbour in made:
        harbour.odoo.close()


@pytest.fixture
def lonely(tmp_path: Path, odoo: OdooServer) -> Iterator[Harbour]:
    """A home whose PostgreSQL runs only while a process of its own needs it."""
    made = Harbour(tmp_path / "home", odoo)
    yield made
    made.odoo.close()


@pytest.fixture
def mark() -> str:
    """A word no other test uses."""
    return f"w{uuid.uuid4().hex[:10]}"
