"""Fields that are not stored, and lists of lines: read again for all records when a stream asks for it."""

from __future__ import annotations

import pytest

from towpath.features.replicate.service import Choice

both = pytest.mark.parametrize("dock", ["19.0", "17.0"], indirect=True)


def country(dock, code: str) -> int:
    return dock.odoo.create("res.country", [{"name": f"Land {code}", "code": code}])[0]


@pytest.fixture
def land(dock):
    """A country of the test's own."""
    made = country(dock, "X1")
    yield made
    inside = dock.odoo.search_ids("res.partner", [["country_id", "=", made]], context={"active_test": False})
    dock.odoo.unlink("res.partner", inside)
    dock.odoo.unlink("res.country", [made])


@both
@pytest.mark.usefixtures("small_pages")
@pytest.mark.feature("S2.14", "S2.52")
def test_an_unstored_value_that_changed_is_read_again(dock, land):
    mark, ids = dock.partners(50, country_id=land)
    dock.write(ids[:5], country_id=False)
    stream = dock.stream(mark, "name", "country_code", refresh_seconds=3600)
    dock.odoo.write("res.country", [land], {"code": "X2"})
    assert dock.sync(stream).rows_updated == 0
    assert {row["country_code"] for row in dock.rows(stream, "country_code").values()} == {"X1", None}
    dock.due(stream, "refreshed")
    run = dock.sync(stream)
    rows = dock.rows(stream, "name", "country_code")
    assert {rows[i]["country_code"] for i in ids[5:]} == {"X2"}
    assert {rows[i]["country_code"] for i in ids[:5]} == {None}
    assert all(row["name"].startswith(mark) for row in rows.values())
    assert run.rows_updated == 45
    assert "country_code had changed in 45 rows that Odoo had not stamped anew." in run.remarks


@both
@pytest.mark.feature("S2.14", "S2.55")
def test_lines_that_came_and_went_show_in_the_list_of_the_parent(dock):
    mark, (parent, other) = dock.partners(2, is_company=True)
    _, children = dock.partners(3, parent_id=parent)
    stream = dock.stream(mark, "name", "child_ids", refresh_seconds=3600)
    dock.odoo.write("res.partner", children[1:], {"parent_id": other})
    dock.due(stream, "refreshed")
    dock.sync(stream)
    rows = dock.rows(stream, "child_ids")
    assert [sorted(rows[i]["child_ids"]) for i in (parent, other)] == [children[:1], children[1:]]


@pytest.mark.feature("S2.14", "S2.52")
def test_the_default_of_a_value_for_each_company_reaches_rows_that_nobody_changed(dock):
    mark, ids = dock.partners(2)
    stream = dock.stream(mark, "name", "barcode", refresh_seconds=3600)
    (field,) = dock.odoo.search_ids(
        "ir.model.fields", [["model", "=", "res.partner"], ["name", "=", "barcode"]]
    )
    default = dock.odoo.create("ir.default", [{"field_id": field, "json_value": '"4006381333931"'}])
    try:
        dock.due(stream, "refreshed")
        assert dock.sync(stream).state == "succeeded"
        rows = dock.rows(stream, "barcode")
        shown = dock.odoo.search_read("res.partner", [["id", "in", ids]], ["barcode"])
        assert {row["id"]: row["barcode"] for row in shown} == {i: rows[i]["barcode"] for i in ids}
        assert {rows[i]["barcode"] for i in ids} == {"4006381333931"}
    finally:
        dock.odoo.unlink("ir.default", default)


@pytest.mark.feature("S2.14", "S2.52")
def test_the_path_of_records_below_one_that_moved_is_read_again(dock):
    tags = "res.partner.category"
    with dock.long_ago():
        (top, other) = dock.tags("top", "other")
        (middle,) = dock.odoo.create(tags, [{"name": "middle", "parent_id": top}])
        (low,) = dock.odoo.create(tags, [{"name": "low", "parent_id": middle}])
    choice = Choice(
        fields=["name", "parent_path"], filter=f"[('id', 'in', {[middle, low]})]", refresh_every="1d"
    )
    stream = dock.add(tags, choice)
    dock.odoo.write(tags, [middle], {"parent_id": other})
    dock.due(stream, "refreshed")
    assert dock.sync(stream).state == "succeeded"
    paths = {i: row["parent_path"] for i, row in dock.rows(stream, "parent_path").items()}
    assert paths == {middle: f"{other}/{middle}/", low: f"{other}/{middle}/{low}/"}


@pytest.mark.feature("S2.14", "S2.60")
def test_it_is_done_on_request_only_and_writes_nothing_where_nothing_differs(dock):
    mark, _ = dock.partners(3)
    stream = dock.stream(mark, "name", "country_code")
    dock.sync(stream)
    dock.set(stream, sight=None)  # a run, not only a look
    dock.calls()
    dock.sync(stream)
    usual = dock.calls()
    dock.due(stream, "refreshed")
    dock.sync(stream)
    assert not dock.calls() - usual
    dock.set(stream, refresh_seconds=3600)
    version = dock.table(stream).version
    run = dock.sync(stream)
    assert dock.calls() - usual == {"res.partner.search_read": 2}
    assert dock.table(stream).version <= version + 1
    assert run.rows_updated == 0
    dock.sync(stream)
    assert not dock.calls() - usual


@pytest.mark.feature("S2.14")
def test_a_record_that_is_gone_or_new_is_left_to_the_next_read(dock, land):
    mark, ids = dock.partners(4, country_id=land)
    stream = dock.stream(mark, "name", "country_code", refresh_seconds=3600)
    dock.odoo.unlink("res.partner", ids[:1])
    dock.sync(stream)
    dock.odoo.write("res.country", [land], {"code": "X3"})
    dock.due(stream, "refreshed")
    dock.sync(stream)
    assert {i: row["country_code"] for i, row in dock.rows(stream, "country_code").items()} == dict.fromkeys(
        ids[1:], "X3"
    )


@pytest.mark.usefixtures("small_pages")
@pytest.mark.feature("S2.14")
def test_a_process_killed_in_the_middle_goes_on_behind_its_last_commit(dock, land):
    """Pages of 20 rows: the first commit comes after 400."""
    mark, ids = dock.partners(450, country_id=land)
    stream = dock.stream(mark, "name", "country_code", refresh_seconds=3600)
    dock.odoo.write("res.country", [land], {"code": "X4"})
    dock.due(stream, "refreshed")
    dock.calls()
    run = dock.killed(stream, "refresh_page_written")
    assert {row["country_code"] for row in dock.rows(stream, "country_code").values()} == {"X4"}
    assert run.rows_updated == 450
    assert "refreshing" not in run.cursor_after
    assert dock.calls()["res.partner.search_read"] <= 30
    assert len(ids) == len(dock.rows(stream))
