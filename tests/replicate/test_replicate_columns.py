"""Columns whose fields raise, or change names and choices: no value is lost, none is taken for another field's."""

from __future__ import annotations

import uuid

import pytest

from towpath.features.replicate import streams
from towpath.features.replicate.job import table_of
from towpath.lake.table import Table

TAGS = "res.partner.category"


def word() -> str:
    return f"w{uuid.uuid4().hex[:10]}"


def custom(town, name: str, kind: str = "char", **values) -> int:
    """A field of one's own of tags."""
    model = town.odoo.search_ids("ir.model", [["model", "=", TAGS]])[0]
    values |= {"name": name, "model_id": model, "ttype": kind, "field_description": "Berth"}
    return town.odoo.create("ir.model.fields", [values])[0]


def later(town, seconds: int) -> None:
    """Let so much time pass in Odoo that the overlap is over."""
    town.server.faults.clear()
    town.server.faults.add("clock_skew", seconds=seconds)


@pytest.mark.feature("S2.14", "S2.61")
@pytest.mark.parametrize("first", [True, False])
def test_what_changed_while_a_field_raised_is_read_as_soon_as_it_can_be(town, first):
    ref = word()
    ids = town.odoo.create("res.partner", [{"name": ref, "ref": ref, "city": "Before"} for _ in range(3)])
    stream = town.add("res.partner", fields=["city", "write_date"], filter=f"[('ref', '=', '{ref}')]")
    if not first:
        town.sync(stream)
    town.odoo.write("res.partner", ids, {"city": "After"})
    town.server.faults.add("field_error", model="res.partner", field="city", ids=ids[1:2])
    assert town.sync(stream).state == "succeeded"
    later(town, 7200)
    town.server.faults.add("field_error", model="res.partner", field="city", ids=ids[1:2])
    ids += town.odoo.create("res.partner", [{"name": ref, "ref": ref, "city": "New"}])
    still = town.sync(stream)
    assert any("could not be read by an earlier run, nor now" in remark for remark in still.remarks)
    later(town, 14_400)
    run = town.sync(stream)
    assert "city can be read again, so all records were read again." in run.remarks
    rows = town.rows(stream, "city")
    assert [rows[one]["city"] for one in ids] == ["After"] * 3 + ["New"]
    with town.hub.store.begin() as db:
        assert streams.find(db, stream.id).missed == {}
    assert town.sync(stream).remarks == []
    town.odoo.unlink("res.partner", ids)  # some are stamped ahead of the time of the tests that follow


@pytest.mark.feature("S2.52", "S2.53")
@pytest.mark.parametrize("sync_type", ["INCREMENTAL", "FULL_TABLE"])
def test_a_field_whose_name_differs_in_case_alone_has_a_column_of_its_own(town, sync_type):
    name = f"x_{word()}"
    upper = custom(town, f"{name}A")
    (one,) = town.odoo.create(TAGS, [{"name": word(), f"{name}A": "north"}])
    stream = town.add(TAGS, filter=f"[('id', '=', {one})]", prefix="case_", sync_type=sync_type, history=True)
    town.sync(stream)
    town.odoo.unlink("ir.model.fields", [upper])
    custom(town, f"{name}a")
    town.odoo.write(TAGS, [one], {f"{name}a": "south"})
    run = town.sync(stream)
    assert (run.state, run.message) == ("succeeded", None)
    held = {key: value for key, value in town.rows(stream)[one].items() if key.startswith(name)}
    if sync_type == "FULL_TABLE":
        assert held == {f"{name}a": "south"}
    else:
        assert held == {f"{name}A": "north", f"{name}a__char": "south"}
        assert sum("goes" in remark or "go into" in remark for remark in run.remarks) == 1
        assert town.sync(stream).remarks == []
    kept = Table(f"{table_of(town.hub, stream).uri}__versions")
    assert sum(batch.num_rows for batch in kept.scan(["id"], deleted=True)) == 2


@pytest.mark.feature("S2.52", "S2.55")
def test_a_field_named_like_the_names_of_another_takes_no_column_over(town):
    parent, gone = town.odoo.create(TAGS, [{"name": word()}, {"name": word()}])
    (one,) = town.odoo.create(TAGS, [{"name": word(), "parent_id": parent}])
    town.odoo.write(TAGS, [gone], {"parent_id": parent})
    stream = town.add(TAGS, filter=f"[('id', 'in', {[one, gone]})]", prefix="named_")
    town.sync(stream)
    before = town.rows(stream, "parent_id__name")
    town.odoo.unlink(TAGS, [gone])
    mine = custom(town, "x_parent", "many2one", relation=TAGS)
    other = custom(town, "x_parent__name")
    town.odoo.write(TAGS, [one], {"x_parent": parent, "x_parent__name": "mine"})
    town.sync(stream)
    held = town.rows(stream, "x_parent__name", "x_parent__name_")[one]
    assert (held["x_parent__name"], held["x_parent__name_"]) == ("mine", before[one]["parent_id__name"])
    town.odoo.unlink("ir.model.fields", [other])
    assert town.sync(stream).state == "succeeded"
    assert town.rows(stream, "x_parent__name", "x_parent__name_")[one] == held
    town.odoo.unlink("ir.model.fields", [mine])


@pytest.mark.feature("S2.52", "S2.55")
def test_a_choice_that_gets_another_label_has_it_in_rows_that_nobody_changed(town):
    name = f"x_{word()}"
    choices = [[0, 0, {"value": "a", "name": "Alpha"}], [0, 0, {"value": "b", "name": "Beta"}]]
    custom(town, name, "selection", selection_ids=choices)
    ids = town.odoo.create(TAGS, [{"name": word(), name: key} for key in "ab"])
    stream = town.add(TAGS, filter=f"[('id', 'in', {ids})]", prefix="label_")
    town.sync(stream)
    later(town, 7200)
    town.sync(stream)  # from now on the rows are older than what a run reads
    known = town.odoo.search_ids(
        "ir.model.fields.selection", [["field_id.name", "=", name], ["value", "=", "a"]]
    )
    town.odoo.write("ir.model.fields.selection", known, {"name": "Anchor"})
    with town.hub.store.begin() as db:
        db.execute(streams.streams.update().where(streams.streams.c.id == stream.id).values(sight=None))
    run = town.sync(stream)
    rows = town.rows(stream, f"{name}__label")
    assert [rows[one][f"{name}__label"] for one in ids] == ["Anchor", "Beta"]
    assert "Labels of choices were brought up to date in 1 row." in run.remarks
