"""The record of jobs and the rows of processes, beside the conformance suite."""

import os
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from towpath.errors import TowpathError
from towpath.jobs import Context, State
from towpath.jobs.dbos_engine import DbosEngine
from towpath.jobs.executors import Executors
from towpath.settings import load
from towpath.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory):
    with Store(load(home=tmp_path_factory.mktemp("record"))) as opened:
        yield opened


def hello(context: Context, payload: dict[str, str]) -> str:
    return str(context.step("hello", lambda: f"hello {payload['name']}"))


def count(store: Store, table: str) -> int:
    with store.begin() as connection:
        return int(connection.exec_driver_sql(f"select count(*) from {table}").scalar_one())


def test_old_jobs_leave_the_record_and_young_ones_stay(store: Store):
    engine = DbosEngine(store.engine, home=store.settings.home, keep_days=7)
    engine.register("hello", hello)
    engine.open()
    try:
        ids = [str(uuid.uuid4()) for _ in range(4)]
        for job_id in ids:
            engine.start("hello", job_id, {"name": "you"}).wait(30)
        old = (datetime.now(UTC) - timedelta(days=8)).timestamp() * 1000
        with store.begin() as connection:
            connection.execute(
                sa.text(
                    "update towpath_jobs.workflow_status set updated_at = :old where workflow_uuid = any(:ids)"
                ),
                {"old": int(old), "ids": ids[:3]},
            )
        engine._tidy()
        assert [engine.get(job_id) is None for job_id in ids] == [True, True, True, False]
        with store.begin() as connection:
            steps = sa.text(
                "select workflow_uuid from towpath_jobs.operation_outputs where workflow_uuid = any(:ids)"
            )
            assert connection.scalars(steps, {"ids": ids}).all() == ids[3:]
    finally:
        engine.close()


def test_values_on_record_are_json_and_no_pickles(store: Store):
    engine = DbosEngine(store.engine, home=store.settings.home)
    engine.register("hello", hello)
    engine.open()
    try:
        job_id = str(uuid.uuid4())
        engine.start("hello", job_id, {"name": "JSON"}).wait(30)
    finally:
        engine.close()
    with store.begin() as connection:
        row = connection.execute(
            sa.text(
                "select output, serialization from towpath_jobs.operation_outputs where workflow_uuid = :id"
            ),
            {"id": job_id},
        ).one()
    assert tuple(row) == ('"hello JSON"', "towpath_json")


def test_a_job_may_ask_for_jobs_outside_of_its_steps(store: Store):
    """Also when it was cancelled: whoever cleans up then has to know."""
    engine = DbosEngine(store.engine, home=store.settings.home)
    seen: list[State] = []

    def ask(context: Context, payload: dict[str, str]) -> None:
        assert context.job_id in {job.id for job in engine.unfinished("ask")}
        engine.cancel(payload["other"])
        engine.cancel(context.job_id)
        for job_id in (context.job_id, payload["other"]):
            found = engine.get(job_id)
            assert found is not None
            seen.append(found.state)

    engine.register("ask", ask)
    engine.register("hello", hello)
    engine.open()
    try:
        ids = [str(uuid.uuid4()) for _ in range(2)]
        engine.start("hello", ids[1], {"name": "you"}).wait(30)
        job = engine.start("ask", ids[0], {"other": ids[1]})
        with pytest.raises(TowpathError, match="cancelled"):
            job.wait(30)
    finally:
        engine.close()
    assert seen == [State.CANCELLED, State.DONE]


def test_a_process_of_the_same_home_is_dead_when_its_lock_is_free(store: Store):
    living, dead = (Executors(store.engine, store.settings.home, 60) for _ in range(2))
    living.join()
    dead.join()
    assert living.bury() == []
    os.close(dead._lock or 0)  # what the kernel does when a process ends
    assert living.bury() == [dead.id]
    assert set(living.living()) == {living.id}
    living.leave()
    assert count(store, "towpath.executors") == 0


def test_a_process_of_another_home_is_dead_when_it_has_been_silent(store: Store, tmp_path: Path):
    here, there = Executors(store.engine, store.settings.home, 60), Executors(store.engine, tmp_path, 60)

    def a_minute_passes() -> None:
        with store.begin() as db:
            db.exec_driver_sql("update towpath.executors set heartbeat_at = heartbeat_at - interval '61 s'")

    here.join()
    there.join()
    assert here.bury() == []
    a_minute_passes()
    assert there.beat()
    assert here.bury() == []
    a_minute_passes()
    assert here.bury() == [there.id]
    assert not there.beat(), "it learns that it was taken for dead"
    assert set(here.living()) == {here.id, there.id}
    there.leave()
    here.leave()


def test_a_process_takes_a_moment_to_start_working(store: Store):
    """The import aside, opening the engine costs little; the command line depends on it."""
    engine = DbosEngine(store.engine, home=store.settings.home)
    engine.register("hello", hello)
    engine.open()
    engine.close()

    def opening() -> float:
        began = time.perf_counter()
        engine.open()
        took = time.perf_counter() - began
        engine.close()
        return took

    assert any(opening() < 2.5 for _ in range(12)), "at one of its best, as others use the machine too"
