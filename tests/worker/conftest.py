"""A database shared by workers with homes of their own, as on several machines, and by what the tests ask of it."""

from __future__ import annotations

import os
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import psutil
import pytest
import sqlalchemy as sa
from tests.prepared_process import TOWPATH, Prepared

from towpath.features.connections import service as connections
from towpath.features.replicate import ranges, runs, service
from towpath.features.replicate.job import table_of
from towpath.features.replicate.runs import Run
from towpath.features.replicate.streams import Stream
from towpath.features.replicate.tables import staged_parts, staged_ranges
from towpath.hub import Hub, open_hub
from towpath.odoo import Access, Odoo
from towpath.settings import Settings, load
from towpath.store import Store

MODEL = "res.partner"


class Given(NamedTuple):
    """A PostgreSQL that no home owns, and the file of the key that seals what is in it."""

    dsn: str
    key: Path


class Yard:
    """One database of Towpath on a given PostgreSQL, and workers that have nothing in common but it and the lake."""

    def __init__(
        self, folder: Path, given: Given, server: Any, storage: str, options: dict[str, str], silence: float
    ) -> None:
        self.folder, self.server = folder, server
        self.shared: dict[str, Any] = {
            "database_url": given.dsn,
            "storage": storage,
            "storage_options": options,
            "master_key_file": given.key,
            "takeover_seconds": silence,
        }
        self.processes: list[subprocess.Popen[str]] = []
        key = server.users["admin"].key
        self.odoo = Odoo(
            Access(url=server.url, database=server.db, login="admin", secret=key, protocol="json2")
        )
        self.hub: Hub = self._stack(Settings(home=folder / "asking", **self.shared))
        self.name = f"y{uuid.uuid4().hex[:10]}"
        connections.add(
            self.hub, name=self.name, url=server.url, database=server.db, login="admin", secret=key
        )

    def _stack(self, settings: Settings) -> Hub:
        self._open = open_hub(settings, works=False)
        return self._open.__enter__()

    def close(self) -> None:
        """End every process, and forget what was made."""
        for process in self.processes:
            if process.poll() is None:
                psutil.Process(process.pid).resume()
                process.kill()
            process.communicate()
        self.server.faults.clear()
        self.odoo.unlink(
            MODEL, self.odoo.search_ids(MODEL, [["ref", "like", self.name]], context={"active_test": False})
        )
        self.odoo.close()
        self._open.__exit__(None, None, None)

    def partners(self, count: int, mark: str = "") -> list[int]:
        """Records with a mark, to be replicated."""
        return self.odoo.create(
            MODEL, [{"name": f"{mark} {n}", "ref": f"{self.name}{mark}"} for n in range(count)]
        )

    def add(self, mark: str = "") -> Stream:
        """A stream of these records."""
        choice = service.Choice(
            fields=["name", "city"],
            filter=f"[('ref', '=', '{self.name}{mark}')]",
            table_name=f"{self.name}{mark}",
        )
        return service.add(self.hub, self.name, [MODEL], choice)[0]

    def workers(self, *homes: str) -> list[subprocess.Popen[str]]:
        """Start workers of one job at a time; they are ready when this returns."""
        started = [self._started(home) for home in homes]
        for process in started:
            assert process.stdout is not None
            assert orjson.loads(process.stdout.readline()) == {"event": "started", "jobs": 1}
        return started

    def _started(self, home: str) -> subprocess.Popen[str]:
        wanted = {
            **self.shared,
            "storage_options": orjson.dumps(self.shared["storage_options"]).decode(),
            "home": self.folder / home,
            "page_rows": 10,
            "range_rows": 20,
        }
        environment = {f"TOWPATH_{name.upper()}": str(value) for name, value in wanted.items()}
        process = Prepared(
            [*TOWPATH, "worker", "--jobs", "1", "--json"],
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def picture(self) -> str:
        """Jobs, ranges and processes as they stand, for a test that failed."""
        looks = (
            (
                "select name, status, executor_id, recovery_attempts, queue_name, right(workflow_uuid, 12)"
                " from towpath_jobs.workflow_status order by updated_at desc limit 15"
            ),
            "select low, attempts, done from towpath.staged_ranges",
            "select id, heartbeat_at, clock_timestamp() from towpath.executors",
        )
        with self.hub.store.begin() as db:
            return "\n".join(str(tuple(row)) for look in looks for row in db.execute(sa.text(look)))

    def until(self, condition: Callable[[], Any], seconds: float = 80) -> float:
        """Wait for something; the seconds it took."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < seconds, self.picture()
            time.sleep(0.05)
        return time.monotonic() - began

    def parent(self, run_id: str) -> int:
        """The process that waits for the ranges of a run."""
        query = sa.text("select executor_id from towpath_jobs.workflow_status where workflow_uuid = :run")
        with self.hub.store.begin() as db:
            return int(db.execute(query, {"run": run_id}).scalar_one().split("-")[-2])

    def start(self, *chosen: Stream) -> list[str]:
        """Ask for runs; workers will do them."""
        return service.start(self.hub, chosen)

    def finished(self, run_id: str) -> Run:
        """The run when it has ended."""
        self.hub.jobs().wait(run_id, timeout=90)
        with self.hub.store.begin() as db:
            return runs.find(db, run_id)

    def ranges(self, stream: Stream) -> dict[int, Any]:
        """The plan's rows by first id."""
        with self.hub.store.begin() as db:
            found = db.execute(staged_ranges.select().where(staged_ranges.c.stream_id == stream.id)).all()
        return {row.low: row for row in found}

    def parts(self, stream: Stream, low: int) -> list[str]:
        """Paths of what was noted of a range."""
        with self.hub.store.begin() as db:
            chosen = staged_parts.select().where(
                staged_parts.c.stream_id == stream.id, staged_parts.c.low == low
            )
            return [row.part["path"] for row in db.execute(chosen.order_by(staged_parts.c.position))]

    def at_work(self, run_id: str) -> dict[int, int]:
        """First ids of the ranges that are being read, and the process that each is with."""
        return self._where(run_id, "status = 'PENDING'")

    def one_at_work(self, run_id: str, *, but: int = 0) -> tuple[int, int]:
        """One range that is being read, and the process it is with, which is another than ``but``."""
        found: list[tuple[int, int]] = []

        def look() -> bool:
            found.extend(pair for pair in self.at_work(run_id).items() if pair[1] != but)
            return bool(found)  # between two ranges there may be none for a moment

        self.until(look)
        return found[0]

    def done_by(self, run_id: str) -> dict[int, int]:
        """First ids of the ranges that were read, and the process that did it."""
        return self._where(run_id, "status = 'SUCCESS'")

    def _where(self, run_id: str, condition: str) -> dict[int, int]:
        query = sa.text(
            "select workflow_uuid, executor_id from towpath_jobs.workflow_status"
            f" where name = 'read_range' and workflow_uuid like :run and {condition}"
        )
        with self.hub.store.begin() as db:
            rows = db.execute(query, {"run": f"{run_id}%"}).all()
        return {int(job.rpartition("-")[2]): int(executor.split("-")[-2]) for job, executor in rows}

    def check(self, stream: Stream, wanted: list[int]) -> None:
        """The table has every record once, and nothing is left of the way there."""
        table = table_of(self.hub, stream)
        found = [number for batch in table.ids(deleted=True) for number in batch.column(0).to_pylist()]
        assert found == sorted(wanted)
        with self.hub.store.begin() as db:
            assert not ranges.rows_of(db, stream.id)
        assert not self.ranges(stream)


@pytest.fixture(scope="session")
def given(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Given]:
    """One for all yards."""
    home = tmp_path_factory.mktemp("given")
    with Store(load(home=home)) as store:
        yield Given(store.dsn, home / "master.key")


@pytest.fixture
def make_yard(given: Given, odoo19: Any, tmp_path: Path) -> Iterator[Callable[..., Yard]]:
    """Makes yards; their processes are ended after the test."""
    made: list[Yard] = []

    def make(storage: str = "", options: dict[str, str] | None = None, *, silence: float = 4) -> Yard:
        made.append(Yard(tmp_path, given, odoo19, storage or str(tmp_path / "lake"), options or {}, silence))
        return made[-1]

    yield make
    for yard in made:
        yard.close()


@pytest.fixture
def yard(make_yard: Callable[..., Yard]) -> Yard:
    """A yard with the lake in a shared folder."""
    return make_yard()
