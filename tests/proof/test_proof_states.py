"""What became of records that are not shown any more: deleted, hidden, or outside the filter."""

from __future__ import annotations

import uuid
from contextlib import nullcontext
from itertools import islice
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.features.replicate import gone
from towpath.features.replicate.gone import Fates
from towpath.odoo import discover

VERSIONS = pytest.mark.parametrize("yard", ["19.0", "17.0"], indirect=True)
STATE = "_towpath_state"


def make(yard, count: int, **values) -> tuple[str, list[int]]:
    """Tags with a mark in their names, and that mark."""
    mark = f"m{uuid.uuid4().hex[:8]}"
    return mark, yard.odoo.create("res.partner", [{"name": f"{mark} {n}", **values} for n in range(count)])


def hide(yard, *ids: int):
    return yard.server.add_fault(
        "record_rule", model="res.partner", domain=repr([("id", "not in", list(ids))])
    )


def states(yard, stream) -> dict[int, str]:
    rows = yard.rows(stream, STATE, deleted=True)
    return {number: row[STATE] for number, row in rows.items() if row[STATE]}


@VERSIONS
@pytest.mark.feature("S1.26", "S2.14")
def test_hidden_deleted_and_filtered_are_told_apart(yard):
    mark, ids = make(yard, 8, ref="in")
    stream = yard.add(
        "res.partner", fields=["name", "ref"], filter=f"[('name', 'like', '{mark}'), ('ref', '=', 'in')]"
    )
    yard.sync(stream)
    yard.odoo.unlink("res.partner", ids[:2])
    yard.odoo.write("res.partner", ids[2:4], {"ref": "out"})
    yard.odoo.write("res.partner", ids[4:5], {"active": False})
    hide(yard, ids[5], ids[6])
    run = yard.sync(stream)
    assert run.state == "succeeded"
    assert run.rows_deleted == 6
    assert states(yard, stream) == {
        ids[0]: "deleted",
        ids[1]: "deleted",
        ids[2]: "filtered",
        ids[3]: "filtered",
        ids[5]: "unreachable",
        ids[6]: "unreachable",
    }
    assert set(yard.rows(stream)) == {ids[4], ids[7]}, "an archived record is there"
    assert any(
        remark.startswith("2 of the records that are gone are marked as unreachable")
        for remark in run.remarks
    )
    assert any(
        remark.startswith("2 of the records that are gone are marked as filtered") for remark in run.remarks
    )


@pytest.mark.feature("S1.26", "S2.14")
def test_what_is_shown_again_loses_its_mark_and_what_is_deleted_later_changes_it(yard):
    mark, ids = make(yard, 4)
    stream = yard.add("res.partner", fields=["name"], filter=f"[('name', 'like', '{mark}')]")
    yard.sync(stream)
    rule = hide(yard, *ids[:3])
    yard.sync(stream)
    assert states(yard, stream) == dict.fromkeys(ids[:3], "unreachable")
    yard.server.faults.remove(rule.id)
    yard.odoo.unlink("res.partner", ids[:1])
    hide(yard, ids[1])
    yard.odoo.write("res.partner", ids[3:], {"city": "Something to read"})
    run = yard.sync(stream)
    assert states(yard, stream) == {ids[0]: "deleted", ids[1]: "unreachable"}
    assert any("do not exist in Odoo any more" in remark for remark in run.remarks)
    assert run.rows_deleted == 0, "it was counted when it went"
    assert set(yard.rows(stream)) == {ids[2], ids[3]}


def asked(yard, *, witness=None, filter=()):
    """What `tell` needs of a run."""
    return SimpleNamespace(
        odoo=yard.odoo,
        model=discover(yard.odoo, "res.partner"),
        filter=list(filter),
        witness=(lambda: nullcontext(witness.odoo)) if witness else None,
        remarks=[],
        check=lambda: None,
    )


@VERSIONS
@pytest.mark.feature("S1.26")
def test_what_is_not_told_within_the_calls_counts_as_unreachable(yard):
    _, ids = make(yard, 12)
    yard.odoo.unlink("res.partner", ids[:6])
    hide(yard, ids[7])
    before = yard.odoo.calls
    fates = gone.tell(asked(yard), ids[:6] + ids[7:8], calls=0)
    assert (fates.deleted, len(fates.undecided)) == ([], 7)
    assert fates.unreachable == ids[:6] + ids[7:8]
    fates = gone.tell(asked(yard), ids[:6] + ids[7:8])
    assert (fates.deleted, fates.unreachable, fates.undecided) == (ids[:6], ids[7:8], [])
    assert yard.odoo.calls - before < 12


@VERSIONS
@pytest.mark.feature("S1.26")
def test_a_witness_tells_hidden_from_deleted_with_a_call(yard, make_yard):
    _, ids = make(yard, 40)
    limited = make_yard(yard.server, user="limited")
    seen = f"['|', ('id', 'not in', {ids[10:]}), ('create_uid', '=', user.id)]"
    yard.server.add_fault("record_rule", model="res.partner", domain=seen)
    yard.odoo.unlink("res.partner", ids[:10])
    lost = ids[:10] + ids[10:40]
    fates = gone.tell(asked(limited, witness=yard), lost, calls=0)
    assert (fates.deleted, fates.unreachable, fates.undecided) == (ids[:10], ids[10:], [])
    alone = gone.tell(asked(limited), lost)
    assert (alone.deleted, alone.unreachable) == (ids[:10], ids[10:])


@pytest.mark.feature("S1.26")
def test_a_stream_asks_the_witness_of_its_connection(yard, make_yard):
    mark, ids = make(yard, 6)
    limited = make_yard(yard.server, user="limited")
    limited.witness(yard)
    stream = limited.add("res.partner", fields=["name"], filter=f"[('name', 'like', '{mark}')]")
    limited.sync(stream)
    seen = f"['|', ('id', 'not in', {ids[2:4]}), ('create_uid', '=', user.id)]"
    yard.server.add_fault("record_rule", model="res.partner", domain=seen)
    yard.odoo.unlink("res.partner", ids[:2])
    yard.server.faults.reset_counters()
    limited.sync(stream)
    reads = [
        one for one in yard.server.faults.log() if (one["model"], one["method"]) == ("res.partner", "read")
    ]
    assert len(reads) == 1, "only those that the witness does not know are read, and none is refused"
    assert states(limited, stream) == {
        **dict.fromkeys(ids[:2], "deleted"),
        **dict.fromkeys(ids[2:4], "unreachable"),
    }


@VERSIONS
@pytest.mark.feature("S2.61", "S1.26")
def test_a_model_that_may_not_be_read_any_more_fails_the_run_and_marks_nothing(yard, make_yard):
    limited = make_yard(yard.server, user="limited")
    stream = limited.add("res.partner.category", fields=["name"])
    limited.sync(stream)
    held = limited.rows(stream)
    assert held
    model = yard.odoo.search_ids("ir.model", [["model", "=", "res.partner.category"]])
    rights = yard.odoo.search_ids(
        "ir.model.access", [["model_id", "in", model]], context={"active_test": False}
    )
    active = yard.odoo.search_ids("ir.model.access", [["model_id", "in", model]])
    yard.odoo.write("ir.model.access", rights, {"active": False})
    try:
        run = limited.sync(stream)
    finally:
        yard.odoo.write("ir.model.access", active, {"active": True})
    assert run.state == "failed"
    assert "res.partner.category" in run.message
    assert limited.rows(stream) == held


@pytest.mark.feature("S1.26")
def test_a_sudden_loss_is_told_and_is_no_deletion(yard):
    mark, ids = make(yard, 1_200)
    chosen = f"[('name', 'like', '{mark}')]"
    stream = yard.add("res.partner", fields=["name"], filter=chosen)
    whole = yard.add("res.partner", fields=["name"], filter=chosen, prefix="whole_", sync_type="FULL_TABLE")
    yard.sync(stream)
    yard.sync(whole)
    hide(yard, *ids[:1_100])
    (told,) = yard.sync(whole).remarks
    assert told.startswith("1,100 of 1,200 records are not shown by Odoo any more.")
    run = yard.sync(stream)
    assert run.rows_deleted == 1_100
    assert set(states(yard, stream).values()) == {"unreachable"}
    (remark,) = [one for one in run.remarks if "If nobody meant that" in one]
    assert remark.startswith("1,100 of 1,200 records are not shown by Odoo any more: 0 were deleted")
    assert run.calls < gone.CALLS + 30
    # Whatever is hidden for good: each run tells some of them, the next run those behind.
    looked = 0
    yard.server.faults.clear()
    yard.odoo.unlink("res.partner", ids[:1_000])
    hide(yard, *ids[1_000:1_100])
    for _ in range(3):
        yard.odoo.write("res.partner", ids[1_150:1_160], {"city": "Something to read"})
        run = yard.sync(stream)
        assert run.proof["looked_again_to"] > looked or looked >= ids[1_000]
        looked = run.proof["looked_again_to"]
    assert sum(state == "deleted" for state in states(yard, stream).values()) == 1_000


@pytest.mark.feature("S2.14")
@given(counts=st.tuples(*[st.integers(0, 12)] * 3), most=st.integers(1, 9))
def test_what_is_marked_by_one_commit_is_bounded(counts: tuple[int, int, int], most: int):
    ids = iter(range(sum(counts)))
    deleted, unreachable, filtered = (list(islice(ids, count)) for count in counts)
    fates = Fates(deleted=deleted, unreachable=unreachable, filtered=filtered)
    parts = list(fates.parts(most))
    marked = [(state, one) for part in parts for state, some in part.items() for one in some]
    assert marked == [(state, one) for state, some in fates.states() for one in some]
    assert [sum(map(len, part.values())) for part in parts[:-1]] == [most] * (len(parts) - 1)
    assert sum(map(len, parts[-1].values())) <= most
