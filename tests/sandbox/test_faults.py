"""The switchboard of faults by itself."""

import threading

import pytest

from towpath.sandbox.odoo_server.faults import KINDS, ConnectionCut, FaultAnswer, Switchboard


def outcomes(board: Switchboard, times: int, path: str = "/jsonrpc") -> list[object]:
    found: list[object] = []
    for _ in range(times):
        try:
            board.meet(path)
            found.append(None)
        except FaultAnswer as answer:
            found.append(answer.status)
        except ConnectionCut as cut:
            found.append("reset" if cut.reset else "close")
    return found


def test_count_and_after():
    board = Switchboard()
    fault = board.add("status", status=429, retry_after=2, count=2, after=1)
    assert outcomes(board, 5) == [None, 429, 429, None, None]
    assert (fault.seen, fault.fired) == (5, 2)
    assert fault.as_dict()["retry_after"] == 2.0


def test_same_seed_same_faults():
    runs = []
    for _ in range(2):
        board = Switchboard()
        board.add("reset", probability=0.4, seed=7)
        runs.append(outcomes(board, 30))
    assert runs[0] == runs[1]
    assert {"reset", None} == set(runs[0])


def test_path_pattern():
    board = Switchboard()
    board.add("close", path="/json/2/*")
    assert outcomes(board, 1) == [None]
    assert outcomes(board, 1, "/json/2/res.partner/read") == ["close"]


def test_model_filter_waits_for_the_model():
    board = Switchboard()
    board.add("status", model="res.partner", method="search*")
    board.meet("/jsonrpc")
    board.meet("/jsonrpc", "res.partner", "read")
    with pytest.raises(FaultAnswer):
        board.meet("/jsonrpc", "res.partner", "search_read")


def test_storm_mixes_and_ends():
    board = Switchboard()
    storm = board.add("storm", seconds=60, jitter=0.001, probability=1, seed=3)
    found = set(outcomes(board, 40))
    assert {429, 503, "reset"} <= found
    storm.started -= 61
    assert outcomes(board, 3) == [None] * 3
    assert board.quiet


def test_late_commit_waits_until_released():
    board = Switchboard()
    fault = board.add("late_commit", model="res.partner")
    done = threading.Event()
    thread = threading.Thread(
        target=lambda: (board.before_commit("/", "res.partner", "write", True), done.set())
    )
    thread.start()
    assert not done.wait(0.1)
    assert board.release(fault.id)
    assert done.wait(60)
    thread.join()


def test_field_error_only_when_read():
    board = Switchboard()
    board.add("field_error", model="res.partner", field="vat", ids=[2])
    board.before_commit("/", "res.partner", "read", [{"id": 2, "name": "x"}])
    board.before_commit("/", "res.partner", "read", [{"id": 1, "vat": "x"}])
    board.before_commit("/", "res.users", "read", [{"id": 2, "vat": "x"}])
    with pytest.raises(ValueError, match=r"res\.partner\.vat"):
        board.before_commit(
            "/", "res.partner", "web_search_read", {"length": 1, "records": [{"id": 2, "vat": "x"}]}
        )


@pytest.mark.parametrize(
    ("kind", "parameters", "message"),
    [
        ("nope", {}, "unknown fault 'nope'"),
        ("status", {"nope": 1}, "no parameter 'nope'"),
        ("status", {"fired": 1}, "no parameter 'fired'"),
        ("status", {"status": "x"}, "must be of type int"),
        ("field_error", {"field": "x"}, "needs a model"),
        ("two_factor", {}, "needs a login"),
    ],
)
def test_wrong_faults_are_refused(kind: str, parameters: dict[str, object], message: str):
    with pytest.raises(ValueError, match=message):
        Switchboard().add(kind, **parameters)


def test_counters():
    board = Switchboard()
    board.record({"model": "res.partner", "method": "read"})
    board.record_path("common/version")
    assert board.calls() == {"res.partner/read": 1, "common/version": 1}
    with board.flight(), board.flight():
        assert board.in_flight == 2
    assert (board.in_flight, board.peak) == (0, 2)
    board.reset_counters()
    assert board.calls() == {}


def test_every_kind_is_explained():
    assert all(len(text) > 20 for text in KINDS.values())
