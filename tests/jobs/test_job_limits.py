"""How much a process does at a time is its own affair, whatever others of the same database are told."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import sqlalchemy as sa

from towpath.jobs import open_engine
from towpath.jobs.record import SCHEMA
from towpath.settings import load
from towpath.store import Store


def test_the_limit_of_a_process_that_starts_later_does_not_hold_for_this_one(tmp_path: Path):
    lock, active, peaks = threading.Lock(), [0], []

    def busy(context, payload):
        with lock:
            active[0] += 1
            peaks.append(active[0])
        time.sleep(0.4)
        with lock:
            active[0] -= 1

    with Store(load(home=tmp_path, jobs_at_once=1)) as store:
        engine = open_engine(store.settings, store.engine)
        engine.register("busy", busy)
        engine.queue("busy", limit_per_key=4)
        engine.open()
        try:
            with store.begin() as db:  # what DBOS does for a process that allows itself four
                changed = db.execute(
                    sa.text(f"update {SCHEMA}.queues set worker_concurrency = 4 where name = 'busy'")
                )
                assert changed.rowcount == 1
            time.sleep(0.5)
            for number in range(4):
                engine.start("busy", f"b{number}", {}, queue="busy", key="one")
            for number in range(4):
                engine.wait(f"b{number}", 30)
        finally:
            engine.close()
    assert max(peaks) == 1
