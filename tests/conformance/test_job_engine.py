"""What every job engine promises (``towpath.jobs.engine``), tried on each of them."""

import os
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from towpath.errors import (
    GiveUpError,
    InputError,
    NotFoundError,
    RateLimitedError,
    RecordRefusedError,
    TimedOutError,
    TowpathError,
)
from towpath.jobs import Context, InlineEngine, JobEngine, State, open_engine
from towpath.settings import load
from towpath.store import Store

SLOW = 30


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory):
    with Store(load(home=tmp_path_factory.mktemp("jobs"))) as store:
        yield store


@pytest.fixture(params=["inline", "dbos"])
def make(request: pytest.FixtureRequest):
    """Makes engines of one kind that are closed after the test."""
    made = []

    def build():
        if request.param == "inline":
            engine = InlineEngine()
        else:
            store = request.getfixturevalue("database")
            engine = open_engine(store.settings, store.engine)
        made.append(engine)
        return engine

    yield build
    for engine in made:
        engine.close()


@pytest.fixture
def engine(make: Callable[[], JobEngine]):
    """An engine with the functions of this file, open."""
    built = make()
    for name, function in FUNCTIONS.items():
        built.register(name, function)
    built.queue("one-per-key", limit_per_key=1)
    built.queue("two-here", limit_here=2)
    built.open()
    return built


@pytest.fixture
def job_id():
    return str(uuid.uuid4())


SEEN = {}


def note(job: str, text: str):
    SEEN.setdefault(job, []).append(text)
    return text


def walk(context: Context, payload: dict[str, Any]):
    return [context.step(name, note, context.job_id, name) for name in payload["steps"]]


def shapes(context: Context, payload: dict[str, Any]):
    first = context.step("tuple", lambda: (1, [2, (3,)], {"k": (4,)}))
    return {"first": first, "payload": payload, "none": context.step("none", lambda: None)}


def fail_in_step(context: Context, payload: dict[str, Any]):
    def refuse() -> None:
        note(context.job_id, "tried")
        raise ERRORS[payload["kind"]]

    context.step("refuse", refuse)


def fail_outside(context: Context, payload: dict[str, Any]):
    note(context.job_id, "tried")
    raise ERRORS[payload["kind"]]


def catch(context: Context, payload: dict[str, Any]):
    try:
        context.step("refuse", fail_outside, context, payload)
    except TowpathError as error:
        kind = type(error).__name__
        return context.step("after", lambda: f"went on after {kind}")


def unkeepable(context: Context, payload: dict[str, Any]):
    return context.step("object", object)


def report(context: Context, payload: dict[str, Any]):
    for number in range(payload["times"]):
        context.report(number=number)
    return context.step("done", lambda: "done")


def gate(context: Context, payload: dict[str, Any]):
    note(context.job_id, "before")
    while not GATES[payload["gate"]].wait(0.01):
        if context.cancelled:
            note(context.job_id, "saw it")
            break
    context.step("after", note, context.job_id, "after")
    return "through"


def in_step(context: Context, payload: dict[str, Any]):
    def work():
        note(context.job_id, "begins")
        GATES[payload["gate"]].wait(SLOW)
        return note(context.job_id, "ends")

    context.step("work", work)
    context.step("next", note, context.job_id, "next")


def pages(context: Context, payload: dict[str, Any]):
    def read():
        note(context.job_id, "begins")
        while not GATES[payload["gate"]].wait(0.01):
            context.check()
        return note(context.job_id, "ends")

    return context.step("read", read)


def listen(context: Context, payload: dict[str, Any]):
    return [context.receive("news", patience) for patience in payload["timeouts"]]


def nap(context: Context, payload: dict[str, Any]):
    context.sleep(payload["seconds"])
    return "woke"


def parent(context: Context, payload: dict[str, Any]):
    children = [
        context.start("walk", f"{context.job_id}/{number}", {"steps": [str(number)]})
        for number in range(payload["n"])
    ]
    return [context.wait(child) for child in children]


def parent_of_failure(context: Context, payload: dict[str, Any]):
    child = context.start("fail_outside", f"{context.job_id}/child", {"kind": "refused"})
    try:
        context.wait(child)
    except RecordRefusedError as error:
        return f"child: {error.message}"


def busy(context: Context, payload: dict[str, Any]):
    def work() -> None:
        with LOCK:
            ACTIVE.append(payload["key"])
            PEAKS.append(sorted(ACTIVE))
        time.sleep(0.15)
        with LOCK:
            ACTIVE.remove(payload["key"])

    context.step("work", work)


LOCK, ACTIVE, PEAKS, GATES = threading.Lock(), [], [], {}
ERRORS = {
    "refused": RecordRefusedError("Odoo refused the value.", details={"field": "name"}),
    "later": RateLimitedError("Wait.", retry_after=7.5),
    "fault": KeyError("missing"),
}
FUNCTIONS = {
    function.__name__: function
    for function in (
        walk,
        shapes,
        fail_in_step,
        fail_outside,
        catch,
        unkeepable,
        report,
        gate,
        in_step,
        pages,
        listen,
        nap,
        parent,
        parent_of_failure,
        busy,
    )
}


def until(condition: Callable[[], Any], seconds: float = SLOW):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_steps_run_in_order_and_give_the_result(engine: JobEngine, job_id: str):
    handle = engine.start("walk", job_id, {"steps": ["a", "b", "c"]})
    assert handle.id == job_id
    assert handle.wait(SLOW) == ["a", "b", "c"]
    assert SEEN[job_id] == ["a", "b", "c"]
    job = handle.job()
    assert (job.id, job.name, job.state, job.result) == (job_id, "walk", State.DONE, ["a", "b", "c"])
    assert job.payload == {"steps": ["a", "b", "c"]}
    assert job.error is None
    assert abs(job.created_at.timestamp() - time.time()) < SLOW


def test_values_come_back_as_json_gives_them(engine: JobEngine, job_id: str):
    result = engine.start("shapes", job_id, {"a": (1, 2), "ü": None}).wait(SLOW)
    assert result == {"first": [1, [2, [3]], {"k": [4]}], "payload": {"a": [1, 2], "ü": None}, "none": None}


def test_the_same_id_is_the_same_job(engine: JobEngine, job_id: str):
    first = engine.start("walk", job_id, {"steps": ["a"]})
    again = engine.start("walk", job_id, {"steps": ["x", "y"]})
    assert first.wait(SLOW) == again.wait(SLOW) == ["a"]
    assert engine.start("walk", job_id, {"steps": ["z"]}).wait(SLOW) == ["a"]
    assert SEEN[job_id] == ["a"]


def test_the_same_id_for_another_name_is_refused(engine: JobEngine, job_id: str):
    engine.start("walk", job_id, {"steps": ["a"]}).wait(SLOW)
    with pytest.raises(InputError, match=job_id):
        engine.start("shapes", job_id, {})


def test_states_of_many_jobs_are_seen_at_one_look(engine: JobEngine, job_id: str):
    ids = {name: f"{job_id}-{name}" for name in ("done", "failed", "cancelled", "running")}
    GATES[job_id] = threading.Event()
    engine.start("walk", ids["done"], {"steps": ["a"]}).wait(SLOW)
    failed = engine.start("fail_outside", ids["failed"], {"kind": "refused"})
    with pytest.raises(TowpathError):
        failed.wait(SLOW)
    for name in ("cancelled", "running"):
        engine.start("gate", ids[name], {"gate": job_id})
    until(lambda: all(SEEN.get(ids[name]) for name in ("cancelled", "running")))
    engine.cancel(ids["cancelled"])
    states = engine.states([*ids.values(), "nobody"])
    GATES[job_id].set()
    assert states == {ids[name]: State(name) for name in ids}


def test_unknown_names_queues_and_jobs_are_refused(engine: JobEngine, job_id: str):
    with pytest.raises(InputError, match="nobody"):
        engine.start("nobody", job_id, {})
    with pytest.raises(InputError, match="nowhere"):
        engine.start("walk", job_id, {"steps": []}, queue="nowhere")
    with pytest.raises(InputError, match="JSON"):
        engine.start("walk", job_id, {"steps": object()})
    assert engine.get(job_id) is None
    for call in (
        lambda: engine.wait(job_id),
        lambda: engine.cancel(job_id),
        lambda: engine.send(job_id, "t", 1),
    ):
        with pytest.raises(NotFoundError, match=job_id):
            call()


@pytest.mark.parametrize("name", ["fail_in_step", "fail_outside"])
def test_our_errors_survive_with_class_message_and_details(engine: JobEngine, job_id: str, name: str):
    handle = engine.start(name, job_id, {"kind": "refused"})
    for _ in range(2):
        with pytest.raises(RecordRefusedError, match=r"^Odoo refused the value\.$") as caught:
            handle.wait(SLOW)
        assert caught.value.details == {"field": "name"}
    assert handle.job().state is State.FAILED
    assert isinstance(handle.job().error, RecordRefusedError)
    assert SEEN[job_id] == ["tried"]


def test_the_time_to_wait_survives_too(engine: JobEngine, job_id: str):
    with pytest.raises(RateLimitedError) as caught:
        engine.start("fail_outside", job_id, {"kind": "later"}).wait(SLOW)
    assert caught.value.retry_after == 7.5


@pytest.mark.parametrize("name", ["fail_in_step", "fail_outside"])
def test_other_errors_come_as_a_give_up_that_names_them(engine: JobEngine, job_id: str, name: str):
    with pytest.raises(GiveUpError, match="KeyError") as caught:
        engine.start(name, job_id, {"kind": "fault"}).wait(SLOW)
    assert caught.value.details["type"] == "KeyError"


def test_a_job_may_go_on_after_a_failed_step(engine: JobEngine, job_id: str):
    result = engine.start("catch", job_id, {"kind": "refused"}).wait(SLOW)
    assert result == "went on after RecordRefusedError"


def test_what_json_can_not_hold_is_an_error(engine: JobEngine, job_id: str):
    with pytest.raises(GiveUpError, match="on record"):
        engine.start("unkeepable", job_id, {}).wait(SLOW)


def test_progress_is_heard_in_this_process(engine: JobEngine, job_id: str):
    heard = []
    engine.start("report", job_id, {"times": 3}, on_progress=heard.append).wait(SLOW)
    assert heard == [{"number": 0}, {"number": 1}, {"number": 2}]


def test_waiting_ends_in_time(engine: JobEngine, job_id: str):
    GATES[job_id] = threading.Event()
    handle = engine.start("gate", job_id, {"gate": job_id})
    with pytest.raises(TimedOutError, match=job_id):
        handle.wait(0.1)
    assert handle.job().state is State.RUNNING
    assert job_id in {job.id for job in engine.unfinished()}
    assert job_id in {job.id for job in engine.unfinished("gate")}
    assert job_id not in {job.id for job in engine.unfinished("walk")}
    GATES[job_id].set()
    assert handle.wait(SLOW) == "through"
    assert job_id not in {job.id for job in engine.unfinished()}


def test_a_cancelled_job_ends_at_its_next_step(engine: JobEngine, job_id: str):
    GATES[job_id] = threading.Event()
    handle = engine.start("in_step", job_id, {"gate": job_id})
    until(lambda: SEEN.get(job_id) == ["begins"])
    handle.cancel()
    GATES[job_id].set()
    with pytest.raises(GiveUpError, match="cancelled") as caught:
        handle.wait(SLOW)
    assert caught.value.details["state"] == "cancelled"
    until(lambda: "ends" in SEEN[job_id])
    time.sleep(0.1)
    assert SEEN[job_id] == ["begins", "ends"]
    assert handle.job().state is State.CANCELLED


def test_a_long_step_can_see_that_it_was_cancelled(engine: JobEngine, job_id: str):
    GATES[job_id] = threading.Event()
    handle = engine.start("gate", job_id, {"gate": job_id})
    until(lambda: SEEN.get(job_id))
    handle.cancel()
    until(lambda: "saw it" in SEEN[job_id])
    assert "after" not in SEEN[job_id]


def test_a_long_step_can_be_left_when_it_was_cancelled(engine: JobEngine, job_id: str):
    GATES[job_id] = threading.Event()
    handle = engine.start("pages", job_id, {"gate": job_id})
    until(lambda: SEEN.get(job_id))
    handle.cancel()
    with pytest.raises(GiveUpError, match="cancelled"):
        handle.wait(SLOW)
    assert SEEN[job_id] == ["begins"]


def test_a_long_step_that_is_left_at_closing_begins_anew(make: Callable[[], JobEngine], job_id: str):
    GATES[job_id] = threading.Event()
    first = make()
    first.register("pages", pages)
    first.open()
    first.start("pages", job_id, {"gate": job_id})
    until(lambda: SEEN.get(job_id))
    began = time.monotonic()
    first.close(grace=60)
    assert time.monotonic() - began < 30
    GATES[job_id].set()
    second = InlineEngine(first._journal) if isinstance(first, InlineEngine) else make()
    second.register("pages", pages)
    second.open()
    assert second.wait(job_id, SLOW) == "ends"
    assert SEEN[job_id] == ["begins", "begins", "ends"]
    second.close()


def test_cancelling_what_has_ended_changes_nothing(engine: JobEngine, job_id: str):
    handle = engine.start("walk", job_id, {"steps": ["a"]})
    handle.wait(SLOW)
    handle.cancel()
    assert handle.wait(SLOW) == ["a"]
    assert handle.job().state is State.DONE


def test_messages_reach_the_job_in_order(engine: JobEngine, job_id: str):
    handle = engine.start("listen", job_id, {"timeouts": [SLOW, SLOW, 0.3]})
    engine.send(job_id, "news", {"n": 1})
    engine.send(job_id, "other", "not for this topic")
    engine.send(job_id, "news", "two")
    assert handle.wait(SLOW) == [{"n": 1}, "two", None]


def test_a_job_sleeps(engine: JobEngine, job_id: str):
    began = time.monotonic()
    assert engine.start("nap", job_id, {"seconds": 0.2}).wait(SLOW) == "woke"
    assert time.monotonic() - began >= 0.2


def test_a_job_starts_others_and_waits_for_them(engine: JobEngine, job_id: str):
    assert engine.start("parent", job_id, {"n": 3}).wait(SLOW) == [["0"], ["1"], ["2"]]


def test_the_error_of_a_child_reaches_its_parent(engine: JobEngine, job_id: str):
    assert engine.start("parent_of_failure", job_id, {}).wait(SLOW) == "child: Odoo refused the value."


def test_a_queue_keeps_its_limit_per_key(engine: JobEngine):
    PEAKS.clear()
    handles = [
        engine.start("busy", str(uuid.uuid4()), {"key": key}, queue="one-per-key", key=key)
        for key in "aabbaabb"
    ]
    for handle in handles:
        handle.wait(SLOW)
    assert len(PEAKS) == 8
    assert all(len(set(peak)) == len(peak) for peak in PEAKS), PEAKS
    assert ["a", "b"] in PEAKS


def test_a_queue_keeps_its_limit_in_this_process(engine: JobEngine):
    PEAKS.clear()
    handles = [engine.start("busy", str(uuid.uuid4()), {"key": "x"}, queue="two-here") for _ in range(6)]
    for handle in handles:
        handle.wait(SLOW)
    assert max(map(len, PEAKS)) == 2


def test_closing_leaves_a_job_on_record_for_the_next_engine(make: Callable[[], JobEngine], job_id: str):
    GATES[job_id] = threading.Event()
    first = make()
    first.register("in_step", in_step)
    first.open()
    first.start("in_step", job_id, {"gate": job_id})
    until(lambda: SEEN.get(job_id) == ["begins"])
    threading.Timer(0.2, GATES[job_id].set).start()
    first.close()
    assert SEEN[job_id] == ["begins", "ends"]
    second = InlineEngine(first._journal) if isinstance(first, InlineEngine) else make()
    second.register("in_step", in_step)
    second.open()
    try:
        assert second.wait(job_id, SLOW) is None
        assert SEEN[job_id] == ["begins", "ends", "next"], "the recorded step is not repeated"
    finally:
        second.close()


def test_opening_and_closing_may_be_repeated(make: Callable[[], JobEngine]):
    built = make()
    built.register("walk", walk)
    for _ in range(2):
        built.open()
        built.open()
        assert built.start("walk", str(uuid.uuid4()), {"steps": ["a"]}).wait(SLOW) == ["a"]
        built.close()
        built.close()


def test_the_inline_twin_goes_on_after_a_crash():
    first = InlineEngine()
    first.register("walk", walk)
    first.open()
    first.crash_before("b")
    job_id = str(uuid.uuid4())
    first.start("walk", job_id, {"steps": ["a", "b", "c"]})
    until(lambda: not first._is_open)
    until(lambda: first._journal.entries[job_id].owner is None)
    second = InlineEngine(first._journal)
    second.register("walk", walk)
    second.open()
    assert second.wait(job_id, SLOW) == ["a", "b", "c"]
    assert SEEN[job_id] == ["a", "b", "c"]
    second.close()


def test_no_engine_writes_to_the_console(
    make: Callable[[], JobEngine], capfd: pytest.CaptureFixture[str], job_id: str
):
    built = make()
    built.register("walk", walk)
    built.open()
    built.start("walk", job_id, {"steps": ["a"]}).wait(SLOW)
    built.close()
    assert capfd.readouterr() == ("", "")
    assert os.environ.get("DBOS__APPVERSION") is None
