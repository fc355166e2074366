"""Replication against a running sandbox Odoo: after every run the table equals Odoo."""

from __future__ import annotations

import uuid

import pytest

from towpath.errors import InputError
from towpath.features.replicate import service
from towpath.features.replicate.job import table_of

both = pytest.mark.parametrize("town", ["19.0", "17.0"], indirect=True)


def word() -> str:
    return f"w{uuid.uuid4().hex[:10]}"


def make(town, count: int = 1, **values) -> list[int]:
    return town.odoo.create("res.partner", [{"name": f"{word()} {n}", **values} for n in range(count)])


@both
@pytest.mark.feature("S2.13", "S2.14", "S2.22", "S2.59", "S1.7")
def test_first_run_copies_everything_archived_records_too(town):
    archived = make(town, 2, active=False)
    stream = town.add("res.partner")
    run = town.sync(stream)
    assert run.state == "succeeded"
    assert set(town.rows(stream, "name")) == town.ids("res.partner") >= set(archived)
    assert run.rows_read == run.rows_inserted == len(town.ids("res.partner"))
    assert run.calls > 0
    assert run.bytes > 0
    assert run.cursor_after["through"]


@both
@pytest.mark.feature("S2.14", "S1.7", "S1.17", "S1.23")
def test_later_runs_read_what_changed(town):
    ids = make(town, 5)
    stream = town.add("res.partner", fields=["name", "city"])
    town.sync(stream)
    town.odoo.write("res.partner", ids[:2], {"city": "Oldtown"})
    new = make(town, 3, city="Newtown")
    run = town.sync(stream)
    rows = town.rows(stream, "city")
    assert [rows[i]["city"] for i in ids] == ["Oldtown", "Oldtown", None, None, None]
    assert {rows[i]["city"] for i in new} == {"Newtown"}
    assert (run.rows_inserted, run.rows_updated, run.rows_deleted) == (3, 2, 0)


@pytest.mark.feature("S1.17")
def test_nothing_changed_writes_nothing(town):
    stream = town.add("res.country")
    town.sync(stream)
    version = table_of(town.hub, stream).version
    run = town.sync(stream)
    assert (run.rows_inserted, run.rows_updated, run.rows_deleted) == (0, 0, 0)
    assert run.calls <= 6
    assert not table_of(town.hub, stream).version > version + 1


@both
@pytest.mark.feature("S2.14")
def test_more_rows_of_one_second_than_a_page_holds(town):
    stream = town.add("res.partner", fields=["name", "ref"])
    town.sync(stream)
    mark = word()
    ids = make(town, 700, ref=mark)
    object.__setattr__(town.hub.settings, "page_rows", 100)
    try:
        town.sync(stream)
    finally:
        object.__setattr__(town.hub.settings, "page_rows", 5000)
    assert {i for i, row in town.rows(stream, "ref").items() if row["ref"] == mark} == set(ids)


@both
@pytest.mark.feature("S2.14", "S2.15")
def test_deleted_records_are_marked_or_gone(town):
    ids = make(town, 6)
    kept = town.add("res.partner", fields=["name"], prefix="kept_")
    current = town.add("res.partner", fields=["name"], prefix="current_", sync_type="FULL_TABLE")
    for stream in (kept, current):
        town.sync(stream)
    town.odoo.unlink("res.partner", ids[1:3])
    marked, replaced = town.sync(kept), town.sync(current)
    assert marked.rows_deleted == replaced.rows_deleted == 2
    assert set(town.rows(kept)) == set(town.rows(current)) == town.ids("res.partner")
    everything = town.rows(kept, "_towpath_deleted_at", deleted=True)
    assert all(everything[i]["_towpath_deleted_at"] for i in ids[1:3])
    assert not set(ids[1:3]) & set(town.rows(current, "name", deleted=True))


@both
@pytest.mark.feature("S2.14")
def test_a_transaction_that_commits_late_is_not_lost(town):
    stream = town.add("res.partner", fields=["name", "ref"])
    town.sync(stream)
    mark = word()
    fault = town.server.faults.add("late_commit", model="res.partner", method="create", seconds=4, count=1)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(make, town, 3, ref=mark)
        assert fault is not None
        import time

        time.sleep(2)
        early = town.sync(stream)
        late_ids = slow.result()
    assert early.state == "succeeded"
    town.sync(stream)
    rows = town.rows(stream, "ref")
    assert {rows[i]["ref"] for i in late_ids} == {mark}


@pytest.mark.feature("S2.14")
def test_full_run_on_an_incremental_stream_keeps_what_is_gone(town):
    ids = make(town, 2)
    stream = town.add("res.partner", fields=["name"])
    town.sync(stream)
    town.odoo.unlink("res.partner", ids[:1])
    run = town.sync(stream, full=True)
    assert run.rows_read == len(town.ids("res.partner"))
    assert run.rows_deleted == 1
    assert ids[0] in town.rows(stream, "name", deleted=True)


@pytest.mark.feature("S2.10", "S2.11", "S2.12", "S2.16")
def test_filter_fields_and_place_are_the_users_choice(town):
    stream = town.add(
        "res.partner",
        fields=["name"],
        filter="[('is_company', '=', True)]",
        layer="bronze",
        folder="people",
        table_name="companies",
        description="Companies only",
    )
    town.sync(stream)
    assert set(town.rows(stream)) == town.ids("res.partner", [["is_company", "=", True]])
    (table,) = [t for t in service.tables(town.hub) if t.name == "companies"]
    assert (table.layer, table.folder, table.description) == ("bronze", "people", "Companies only")
    assert table_of(town.hub, stream).schema.names[:2] == ["id", "name"]


@pytest.mark.feature("S2.14")
def test_a_record_that_leaves_the_filter_leaves_the_table(town):
    (one,) = make(town, 1, is_company=True)
    stream = town.add("res.partner", fields=["name"], filter="[('is_company', '=', True)]", prefix="f_")
    town.sync(stream)
    town.odoo.write("res.partner", [one], {"is_company": False})
    assert town.sync(stream).rows_deleted == 1
    assert one not in town.rows(stream)


@pytest.mark.feature("S2.52", "S2.53")
def test_new_field_is_reported_and_filled(town):
    (one,) = make(town, 1)
    stream = town.add("res.partner", prefix="drift_")
    town.sync(stream)
    name = f"x_{word()}"
    model = town.odoo.search_ids("ir.model", [["model", "=", "res.partner"]])[0]
    town.odoo.create(
        "ir.model.fields", [{"name": name, "model_id": model, "ttype": "char", "field_description": "Berth"}]
    )
    town.odoo.write("res.partner", [one], {name: "north"})
    run = town.sync(stream)
    assert any(name in remark for remark in run.remarks)
    assert town.rows(stream, name)[one][name] == "north"


@pytest.mark.feature("S2.54", "S2.61")
def test_a_field_that_raises_costs_only_itself(town):
    make(town, 2)
    stream = town.add("res.partner", fields=["name", "city", "ref"])
    town.server.faults.add("field_error", model="res.partner", field="city")
    run = town.sync(stream)
    assert run.state == "succeeded"
    assert any("city" in remark for remark in run.remarks)
    assert set(town.rows(stream, "name")) == town.ids("res.partner")


@pytest.mark.feature("S2.35", "S2.52", "S2.53", "S2.37")
def test_a_custom_model_is_a_stream_like_any_other(town):
    stream = town.add("mut.insurance.quotation")
    run = town.sync(stream)
    assert run.rows_read == len(town.ids("mut.insurance.quotation")) > 0
    tokens = {row["access_token"] for row in town.rows(stream, "access_token").values()}
    assert tokens <= {None, "********"}


@pytest.mark.feature("S2.30")
@pytest.mark.parametrize("town", ["17.0", "19.0"], indirect=True)
def test_references_and_cheques_of_payments_come_as_this_odoo_has_them(town):
    here = set(town.odoo.fields_get("account.payment", None, ["type"]))
    wanted = {
        "payment_reference", "bank_reference", "cheque_reference", "check_number", "check_amount_in_words",
        "check_layout_available", "check_manual_sequencing", "show_check_number", "qr_code", "payment_receipt_title",
    }  # fmt: skip
    read = sorted(wanted & here)
    assert {"payment_reference", "qr_code"} <= set(read)
    assert ("check_number" in read) == (
        town.server.version == "17.0"
    )  # a module's field: only where it is installed
    with pytest.raises(InputError, match="bank_reference"):
        town.add("account.payment", fields=["bank_reference"])
    stream = town.add("account.payment", fields=read)
    run = town.sync(stream)
    assert (run.state, run.remarks) == ("succeeded", [])
    rows = town.rows(stream, *read)
    asked = town.odoo.search_read("account.payment", [], read, limit=40, order="id")
    for record in asked:
        for name in read:
            found, there = rows[record["id"]][name], record[name]
            assert found == there or (found is None and there is False), name
