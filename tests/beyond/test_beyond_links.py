"""Links written from the other side, and link tables beside a stream's own."""

from __future__ import annotations

import pytest

from towpath.features.connections.tables import connections
from towpath.features.replicate import service
from towpath.features.replicate.link_table import key_of

both = pytest.mark.parametrize("dock", ["19.0", "17.0"], indirect=True)
FIELD = "category_id"


def links(dock, stream, *, deleted: bool = False) -> set[tuple[int, int]]:
    """What the link table shows: (partner, tag)."""
    rows = [row for batch in dock.table(stream, FIELD).scan(deleted=deleted) for row in batch.to_pylist()]
    assert all(row["id"] == key_of(row["res_partner_id"], row["res_partner_category_id"]) for row in rows)
    assert len({row["id"] for row in rows}) == len(rows)
    return {(row["res_partner_id"], row["res_partner_category_id"]) for row in rows}


def check(dock, stream, mark: str) -> None:
    """List column and link table equal Odoo."""
    held = dock.odoo.search_read("res.partner", [["ref", "=", mark]], [FIELD], context={"active_test": False})
    wanted = {row["id"]: row[FIELD] for row in held}
    assert {i: row[FIELD] for i, row in dock.rows(stream, FIELD).items()} == wanted
    if stream.links:
        assert links(dock, stream) == {(i, tag) for i, tags in wanted.items() for tag in tags}


def join(dock, tag: int, *partners: int, cut: bool = False) -> None:
    """Link partners to a tag, or cut the link, from the side of the tag: no partner is stamped."""
    dock.odoo.write("res.partner.category", [tag], {"partner_ids": [[3 if cut else 4, i] for i in partners]})


@both
@pytest.mark.feature("S2.14", "S2.55")
def test_a_tag_written_from_the_other_side_is_found(dock):
    a, b, c = dock.tags("a", "b", "c")
    mark, ids = dock.partners(12, **{FIELD: [[6, 0, [a]]]})
    stream = dock.stream(mark, "name", FIELD, links=[FIELD])
    check(dock, stream, mark)
    join(dock, b, *ids[:3])
    join(dock, a, ids[5], cut=True)
    assert dock.sync(stream).rows_updated == 0, "no stamp tells of it"
    dock.due(stream, "linked")
    run = dock.sync(stream)
    check(dock, stream, mark)
    assert run.rows_updated == 4
    assert f"{FIELD} had changed from the other side in 4 records." in run.remarks
    assert f"Links of {FIELD}: 3 new, 1 gone." in run.remarks
    assert (ids[5], a) in links(dock, stream, deleted=True), "a link that went is marked"
    join(dock, a, ids[5])
    dock.odoo.unlink("res.partner.category", [b])
    join(dock, c, ids[11])
    dock.due(stream, "linked")
    assert dock.sync(stream).rows_updated == 5
    check(dock, stream, mark)


@both
@pytest.mark.usefixtures("small_pages")
@pytest.mark.feature("S2.14", "S2.55", "S2.59")
def test_only_the_records_of_a_difference_are_read_again(dock):
    """Pages of 20: a tag of many records is narrowed down by halves, the others by their records."""
    much, few, none = dock.tags("much", "few", "none")
    mark, ids = dock.partners(420, **{FIELD: [[6, 0, [much]]]})
    dock.write(ids[100:110], **{FIELD: [[4, few]]})
    stream = dock.stream(mark, "name", FIELD, links=[FIELD])
    dock.sync(stream)
    dock.set(stream, sight=None)  # a run, not only a look
    dock.calls()
    dock.sync(stream)
    usual = dock.calls()
    join(dock, much, ids[200], cut=True)
    join(dock, few, ids[105], cut=True)
    join(dock, few, ids[300])
    join(dock, none, ids[400])
    dock.due(stream, "linked")
    dock.calls()
    run = dock.sync(stream)
    assert (dock.calls() - usual).total() <= 15
    assert run.rows_updated == 4
    check(dock, stream, mark)


@both
@pytest.mark.feature("S2.14", "S2.60")
def test_no_difference_is_one_call_and_no_commit(dock):
    (tag,) = dock.tags("calm")
    mark, _ = dock.partners(5, **{FIELD: [[6, 0, [tag]]]})
    stream = dock.stream(mark, "name", FIELD, links=["*"])
    check(dock, stream, mark)
    dock.sync(stream)
    dock.set(stream, sight=None)  # a run, not only a look
    dock.calls()
    dock.sync(stream)
    usual = dock.calls()
    dock.due(stream, "linked")
    versions = dock.table(stream).version, dock.table(stream, FIELD).version
    dock.sync(stream)
    assert (dock.calls() - usual).total() == 1
    assert dock.table(stream).version <= versions[0] + 1
    assert dock.table(stream, FIELD).version == versions[1]


@both
@pytest.mark.feature("S2.14", "S2.55")
def test_links_follow_the_rows_of_every_run(dock):
    a, b = dock.tags("a", "b")
    mark, ids = dock.partners(6, **{FIELD: [[6, 0, [a, b]]]})
    stream = dock.stream(mark, "name", FIELD, links=[FIELD])
    dock.odoo.write("res.partner", ids[:2], {FIELD: [[3, a]]})
    dock.odoo.unlink("res.partner", ids[5:])
    dock.odoo.create("res.partner", [{"name": f"{mark} new", "ref": mark, FIELD: [[6, 0, [b]]]}])
    dock.sync(stream)
    check(dock, stream, mark)
    dock.odoo.write("res.partner", ids[:1], {FIELD: [[4, a]]})
    dock.sync(stream)
    check(dock, stream, mark)
    dock.sync(stream, full=True)
    check(dock, stream, mark)


@pytest.mark.feature("S2.15", "S2.55")
def test_a_replaced_table_has_its_links_replaced(dock):
    a, b = dock.tags("a", "b")
    mark, ids = dock.partners(4, **{FIELD: [[6, 0, [a]]]})
    choice = service.Choice(
        fields=["name", FIELD],
        filter=f"[('ref', '=', '{mark}')]",
        prefix=f"{mark}_",
        sync_type="FULL_TABLE",
        links=[FIELD],
    )
    stream = dock.add("res.partner", choice)
    join(dock, b, *ids[:2])
    dock.odoo.unlink("res.partner", ids[3:])
    dock.sync(stream)
    check(dock, stream, mark)
    assert {record for record, _ in links(dock, stream, deleted=True)} == set(ids[:3])


@pytest.mark.feature("S2.55")
def test_links_may_be_chosen_later_and_are_in_the_catalog(dock):
    (tag,) = dock.tags("late")
    mark, _ = dock.partners(4, **{FIELD: [[6, 0, [tag]]]})
    stream = dock.stream(mark, "name", FIELD)
    assert not dock.table(stream, FIELD).exists
    dock.set(stream, links=[FIELD], linked_at=None)  # as an edit does
    dock.sync(stream)
    assert len(links(dock, stream)) == 4
    names = {table.name for table in service.tables(dock.hub)}
    assert {stream.table_name, f"{stream.table_name}__{FIELD}"} <= names


@pytest.mark.feature("S2.55", "S2.61")
def test_where_odoo_can_not_group_the_records_are_read(dock):
    a, b = dock.tags("a", "b")
    mark, ids = dock.partners(4, **{FIELD: [[6, 0, [a]]]})
    stream = dock.stream(mark, "name", FIELD)
    join(dock, b, ids[2])
    dock.due(stream, "linked")
    dock.server.faults.add("status", status=500, method="formatted_read_group", model="res.partner")
    run = dock.sync(stream)
    assert (run.state, run.rows_updated) == ("succeeded", 1)
    check(dock, stream, mark)


@pytest.mark.parametrize("dock", ["17.0"], indirect=True)
@pytest.mark.feature("S2.55")
def test_sums_too_large_for_xml_are_told_by_their_mean(dock):
    """The ids of a server of long ago add up to more than XML-RPC can say."""
    with dock.hub.store.begin() as db:
        known = connections.c.name == dock.name
        db.execute(connections.update().where(known).values(protocol="xmlrpc"))
    a, b = dock.tags("a", "b")
    mark, ids = dock.partners(7, **{FIELD: [[6, 0, [a]]]})
    stream = dock.stream(mark, "name", FIELD)
    join(dock, a, ids[2], cut=True)
    join(dock, b, ids[2], ids[4], ids[5])
    dock.due(stream, "linked")
    dock.calls()
    assert dock.sync(stream).rows_updated == 3
    assert not [call for call in dock.calls() if "formatted" in call]
    check(dock, stream, mark)
    dock.due(stream, "linked")
    assert dock.sync(stream).rows_updated == 0


@pytest.mark.feature("S2.14")
@pytest.mark.parametrize("point", ["links_corrected", "link_rows_written"])
def test_a_process_killed_between_the_two_tables_is_made_good(dock, point):
    a, b = dock.tags("a", "b")
    mark, ids = dock.partners(8, **{FIELD: [[6, 0, [a]]]})
    stream = dock.stream(mark, "name", FIELD, links=[FIELD])
    join(dock, b, *ids[:5])
    dock.due(stream, "linked")
    run = dock.killed(stream, point)
    assert run.rows_updated == 5
    check(dock, stream, mark)
    assert links(dock, stream, deleted=True) == links(dock, stream)


@pytest.mark.feature("S2.15")
def test_a_process_killed_after_links_were_replaced_harms_nothing(dock):
    a, b = dock.tags("a", "b")
    mark, ids = dock.partners(4, **{FIELD: [[6, 0, [a]]]})
    choice = service.Choice(
        fields=["name", FIELD],
        filter=f"[('ref', '=', '{mark}')]",
        prefix=f"{mark}_",
        sync_type="FULL_TABLE",
        links=[FIELD],
    )
    stream = dock.add("res.partner", choice)
    join(dock, b, *ids)
    dock.killed(stream, "links_replaced")
    check(dock, stream, mark)
