"""Names of linked records: renamed in Odoo, brought up to date in the table though no row was stamped."""

from __future__ import annotations

import psycopg
import pytest

from towpath.features.replicate.service import Choice

both = pytest.mark.parametrize("dock", ["19.0", "17.0"], indirect=True)


@both
@pytest.mark.feature("S2.14", "S2.55")
def test_a_renamed_partner_has_its_new_name_everywhere(dock):
    _, (buyer, other) = dock.partners(2, is_company=True)
    mark, ids = dock.partners(30)
    dock.write(ids[:20], user_id=1, parent_id=buyer)
    dock.write(ids[20:25], parent_id=other)
    stream = dock.stream(mark, "name", "parent_id", "user_id", "commercial_partner_id")
    dock.odoo.write("res.partner", [buyer, other], {"name": "Renamed & Sons"})
    dock.due(stream, "named")
    assert dock.sync(stream).state == "succeeded"
    rows = dock.rows(stream, "name", "parent_id__name", "commercial_partner_id__name", "user_id__name")
    assert {rows[i]["parent_id__name"] for i in ids[:25]} == {"Renamed & Sons"}
    assert {rows[i]["commercial_partner_id__name"] for i in ids[:25]} == {"Renamed & Sons"}
    assert {rows[i]["parent_id__name"] for i in ids[25:]} == {None}
    assert len({rows[i]["user_id__name"] for i in ids[:20]}) == 1
    assert {i: row["name"] for i, row in rows.items()} == {i: f"{mark} {n}" for n, i in enumerate(ids)}


@both
@pytest.mark.feature("S2.14", "S2.55")
def test_a_renamed_country_is_counted_and_said(dock):
    (country,) = dock.odoo.create("res.country", [{"name": "Atlantis", "code": "XA"}])
    try:
        mark, ids = dock.partners(3, country_id=country)
        stream = dock.stream(mark, "name", "country_id", "user_id")
        dock.odoo.write("res.country", [country], {"name": "Lemuria"})
        assert dock.sync(stream).rows_updated == 0
        assert {row["country_id__name"] for row in dock.rows(stream, "country_id__name").values()} == {
            "Atlantis"
        }
        dock.due(stream, "named")
        run = dock.sync(stream)
        assert {row["country_id__name"] for row in dock.rows(stream, "country_id__name").values()} == {
            "Lemuria"
        }
        assert run.rows_updated == 3
        assert "Names of linked records were brought up to date in 3 rows." in run.remarks
    finally:
        dock.odoo.unlink("res.partner", ids)
        dock.odoo.unlink("res.country", [country])


@both
@pytest.mark.feature("S2.14", "S2.55")
def test_a_link_to_a_record_that_is_deleted_goes_though_nothing_is_stamped(dock):
    gone, kept = dock.odoo.create("res.partner.industry", [{"name": "Ropes"}, {"name": "Sails"}])
    mark, ids = dock.partners(3, industry_id=gone)
    dock.write(ids[2:], industry_id=kept)
    stream = dock.stream(mark, "name", "industry_id", "user_id")
    dock.odoo.unlink("res.partner.industry", [gone])
    assert dock.sync(stream).rows_updated == 0
    dock.due(stream, "named")
    run = dock.sync(stream)
    rows = dock.rows(stream, "industry_id", "industry_id__name")
    assert [rows[i]["industry_id"] for i in ids] == [None, None, kept]
    assert [rows[i]["industry_id__name"] for i in ids] == [None, None, "Sails"]
    assert "Links to records that are deleted were brought up to date in 2 rows." in run.remarks
    dock.odoo.unlink("res.partner.industry", [kept])


@pytest.mark.feature("S2.14", "S2.55")
def test_links_that_a_merge_moved_by_sql_are_read_again(dock):
    """So does the wizard that merges contacts: all links to the one go to the other, then the one is deleted."""
    one, other = dock.odoo.create("res.partner.industry", [{"name": "Rope"}, {"name": "Ropes"}])
    mark, ids = dock.partners(3, industry_id=one)
    stream = dock.stream(mark, "name", "industry_id")
    with psycopg.connect(dock.server.dsn) as db:
        db.execute("UPDATE res_partner SET industry_id = %s WHERE industry_id = %s", (other, one))
    dock.odoo.unlink("res.partner.industry", [one])
    dock.due(stream, "named")
    assert dock.sync(stream).state == "succeeded"
    rows = dock.rows(stream, "industry_id", "industry_id__name")
    assert {(rows[i]["industry_id"], rows[i]["industry_id__name"]) for i in ids} == {(other, "Ropes")}
    dock.odoo.unlink("res.partner.industry", [other])


@both
@pytest.mark.feature("S2.14", "S2.60")
def test_nothing_renamed_is_one_call_a_model_and_no_commit(dock):
    mark, _ = dock.partners(3, country_id=1)
    stream = dock.stream(mark, "name", "country_id", "state_id")
    dock.sync(stream)
    dock.set(stream, sight=None)  # a run, not only a look
    dock.calls()
    dock.sync(stream)
    usual = dock.calls()
    dock.due(stream, "named")
    version = dock.table(stream).version
    dock.sync(stream)
    more = dock.calls() - usual
    # the sandbox was filled a moment ago: what looks stamped since the last look has its name read, too
    assert more["res.country.search"] == more["res.country.state.search"] == 1
    assert more.total() <= 4  # and one for the numbers of all links
    assert dock.table(stream).version <= version + 1
    again = dock.sync(stream)
    assert not dock.calls() - usual
    assert again.rows_updated == 0


@pytest.mark.feature("S2.14", "S2.61")
def test_a_model_that_may_not_be_read_is_said_and_skipped(make_dock, odoo19):
    dock = make_dock(odoo19, user="limited")
    stream = dock.add(
        "res.company", Choice(fields=["name", "partner_id", "account_sale_tax_id"], prefix="limited_")
    )
    dock.due(stream, "named")
    run = dock.sync(stream)
    assert run.state == "succeeded"
    assert [remark for remark in run.remarks if "account.tax" in remark and "full run" in remark]
    assert "res.partner" not in "".join(run.remarks)


@pytest.mark.feature("S2.14")
def test_a_process_killed_after_the_names_were_written_harms_nothing(dock):
    _, (parent,) = dock.partners(1, is_company=True)
    mark, ids = dock.partners(5, user_id=False, country_id=2)
    (country,) = dock.odoo.create("res.country", [{"name": "Avalon", "code": "XV"}])
    try:
        dock.write(ids, country_id=country)
        stream = dock.stream(mark, "name", "country_id")
        dock.odoo.write("res.country", [country], {"name": "Camelot"})
        dock.due(stream, "named")
        run = dock.killed(stream, "names_written")
        assert run.rows_updated == 5
        assert {row["country_id__name"] for row in dock.rows(stream, "country_id__name").values()} == {
            "Camelot"
        }
    finally:
        dock.odoo.unlink("res.partner", [*ids, parent])
        dock.odoo.unlink("res.country", [country])
