"""Processes that work on jobs are killed, stopped and left; the work goes on elsewhere."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from towpath.jobs import open_engine
from towpath.settings import load
from towpath.store import Store

pytestmark = pytest.mark.slow  # each test starts several processes

SCRIPT = Path(__file__).with_name("job_process.py")
GRACE = 80  # seconds that its processes leave to running jobs at their end


class Stage:
    """A home, a file of marks and the processes of one test."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.marks_file = folder / "marks"
        self.processes = []

    def process(self, *command, home: Path | None = None, **environment):
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(home or self.home), str(self.marks_file), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        self.processes.append(process)
        return process

    def opened(self, *command, **rest):
        process = self.process(*command, **rest)
        assert process.stdout.readline() == "open\n"
        return process

    def marks(self):
        return self.marks_file.read_text(encoding="utf-8").splitlines() if self.marks_file.exists() else []

    def until(self, mark: str, times: int = 1, seconds: float = 80):
        deadline = time.monotonic() + seconds
        while self.marks().count(mark) < times:
            assert time.monotonic() < deadline, self.marks()
            time.sleep(0.02)

    def dsn(self):
        with Store(load(home=self.home)) as store:
            return store.dsn


def finish(process: subprocess.Popen[str], seconds: float = 60):
    out, _ = process.communicate("", timeout=seconds)
    return out


@pytest.fixture
def stage(tmp_path: Path):
    built = Stage(tmp_path)
    yield built
    for process in built.processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_the_next_process_goes_on_with_what_a_killed_one_left(stage: Stage):
    killed = stage.process("run", "a", "-")
    stage.until("a slow begins")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    out = finish(stage.process("finish", "a"))
    assert "['a s0', 'a s1', 'a slow ends', 'a last']" in out
    assert stage.marks() == ["a s0", "a s1", "a slow begins", "a slow begins", "a slow ends", "a last"]
    assert list((stage.home / "executors").iterdir()) == []


def test_a_process_that_is_at_work_takes_over_from_a_killed_one(stage: Stage):
    stage.opened("serve")
    killed = stage.opened("start", "walk", "a", "odoo")
    stage.until("a slow begins")
    killed.send_signal(signal.SIGKILL)  # whichever of the two works on it, the other can finish it
    stage.until("a last")
    assert stage.marks().count("a s0") == 1
    assert stage.marks().count("a last") == 1


def test_a_living_process_is_never_robbed(stage: Stage):
    first = stage.opened("start", "spin", "a")
    stage.until("a turns begin")
    finish(stage.opened("serve"))
    stage.opened("serve")
    stage.until("a last")
    assert stage.marks() == ["a turns begin", "a turns end", "a last"]
    finish(first)


def test_one_that_hangs_is_taken_for_dead_and_records_nothing_more(stage: Stage):
    """Its heartbeat stops, another process takes over; when it wakes up it finds that out and lets go."""
    hung = stage.opened("start", "spin", "a")
    stage.until("a turns begin")
    hung.send_signal(signal.SIGSTOP)
    stage.opened("serve")
    stage.until("a turns begin", times=2)
    hung.send_signal(signal.SIGCONT)
    stage.until("a last")
    time.sleep(1)
    assert stage.marks().count("a last") == 1
    finish(hung)


def test_a_peer_with_another_home_is_dead_when_its_heartbeat_stops(stage: Stage, tmp_path: Path):
    """Two machines share only the database."""
    with Store(load(home=stage.home)) as store:
        other = tmp_path / "other"
        killed = stage.opened("start", "walk", "a", home=other, TOWPATH_DATABASE_URL=store.dsn)
        stage.until("a slow begins")
        killed.send_signal(signal.SIGKILL)
        stage.opened("serve", home=tmp_path / "third", TOWPATH_DATABASE_URL=store.dsn)
        stage.until("a last")
        assert stage.marks().count("a s0") == 1


def test_children_of_a_killed_parent_are_not_started_twice(stage: Stage):
    killed = stage.opened("start", "fan", "f")
    for child in ("f-0", "f-1", "f-2"):  # what each did before is on record then
        stage.until(f"{child} slow begins")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    out = finish(stage.process("finish", "f"))
    assert "'f-0 last'], ['f-1 s0'" in out
    for child in ("f-0", "f-1", "f-2"):
        assert stage.marks().count(f"{child} s0") == 1
        assert stage.marks().count(f"{child} last") == 1


def test_a_question_waits_through_restarts_and_its_answer_while_nobody_is_there(stage: Stage):
    killed = stage.opened("start", "ask", "q")
    stage.until("q posted")
    time.sleep(0.3)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    stopped = stage.opened("serve")
    time.sleep(1.5)
    finish(stopped, seconds=GRACE / 2)  # a waiting job does not hold up the end of its process
    with Store(load(home=stage.home)) as store:
        engine = open_engine(store.settings, store.engine, work=False)
        engine.open()
        engine.send("q", "decision", {"approved": True})
        engine.close()
    out = finish(stage.process("finish", "q"))
    assert "[{'approved': True}, 'q applied']" in out
    assert stage.marks() == ["q posted", "q applied"]


def test_a_process_that_leaves_in_the_middle_of_a_step_lets_it_begin_anew(stage: Stage):
    first = stage.opened("start", "spin", "a")
    stage.until("a turns begin")
    finish(first, seconds=GRACE / 2)
    out = finish(stage.process("finish", "a"))
    assert "a last" in out
    assert stage.marks() == ["a turns begin", "a turns begin", "a turns end", "a last"]


def test_a_limit_per_key_holds_over_processes(stage: Stage):
    workers = [stage.opened("serve") for _ in range(2)]
    with Store(load(home=stage.home)) as store:
        engine = open_engine(store.settings, store.engine, work=False)
        engine.register("walk", lambda _context, _payload: None)
        engine.queue("odoo", limit_per_key=1)
        engine.open()
        for number in range(4):
            engine.start("walk", f"j{number}", {"before": 0}, queue="odoo", key="acme")
        for number in range(4):
            engine.wait(f"j{number}", 60)
        engine.close()
    begun = 0
    for mark in stage.marks():
        begun += mark.endswith("slow begins")
        begun -= mark.endswith("slow ends")
        assert 0 <= begun <= 1, stage.marks()
    for worker in workers:
        finish(worker)


def test_the_database_server_is_killed_while_a_job_runs(stage: Stage):
    worker = stage.opened("start", "spin", "a")
    stage.until("a turns begin")
    main = int((stage.home / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(main, signal.SIGKILL)
    stage.until("a last", seconds=60)
    assert stage.marks() == ["a turns begin", "a turns end", "a last"]
    finish(worker)
    assert not (stage.home / "postgres" / "postmaster.pid").exists()
