"""Imports and exports: external ids, lines, messages, and that nothing is kept of a refused import."""

from typing import Any

import pytest

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.exceptions import AccessError, UserError
from towpath.sandbox.odoo_server.orm.export import path


def texts(answer: dict[str, Any]) -> list[str]:
    assert answer["ids"] is False
    return [message["message"] for message in answer["messages"]]


def test_rows_are_created_and_updated_by_external_id(env: Env) -> None:
    model = env["res.partner"]
    first = model.load(["id", "name", "country_id/id"], [["tp.a", "A", "base.be"], ["b", "B", ""]])
    assert first["messages"] == []
    assert model.browse(first["ids"]).get_external_id() == dict(
        zip(first["ids"], ["tp.a", "__import__.b"], strict=True)
    )
    again = model.load(["id", "city"], [["tp.a", "Ghent"]])
    assert again["ids"] == first["ids"][:1]
    assert model.browse(again["ids"]).read(["name", "city"], load="") == [
        {"id": again["ids"][0], "name": "A", "city": "Ghent"}
    ]


def test_a_later_row_may_mean_an_earlier_one(env: Env) -> None:
    answer = env["res.partner"].load(
        ["id", "name", "parent_id/id"], [["tp.p", "P", ""], ["tp.c", "C", "tp.p"]]
    )
    parent, child = env["res.partner"].browse(answer["ids"])
    assert child.parent_id == parent


def test_lines_stand_on_rows_of_their_own(env: Env) -> None:
    fields = ["name", "child_ids/name", "child_ids/function"]
    answer = env["res.partner"].load(fields, [["P", "K1", "f1"], ["", "K2", "f2"], ["Q", "", ""]])
    assert len(answer["ids"]) == 2
    found = env["res.partner"].browse(answer["ids"][0]).child_ids
    assert sorted(found.mapped("name")) == ["K1", "K2"]
    rows = env["res.partner"].browse(answer["ids"]).export_data(fields)["datas"]
    assert rows == [["P", "K1", "f1"], ["", "K2", "f2"], ["Q", "", ""]]


def test_all_refusals_come_together_and_nothing_is_kept(env: Env) -> None:
    before = env["res.partner"].search_count([])
    answer = env["res.partner"].load(
        ["name", "color", "country_id", "parent_id/name"],
        [["A", "red", "", ""], ["B", "1", "Nowhere", ""], ["C", "1", "", "x"]],
    )
    assert texts(answer) == [
        "'red' does not seem to be an integer for field 'Color Index'",
        "No matching record found for name 'Nowhere' in field 'Country'",
        "Can not create Many-To-One records indirectly, import the field separately",
    ]
    assert [message["rows"] for message in answer["messages"]] == [{"from": n, "to": n} for n in range(3)]
    assert env["res.partner"].search_count([]) == before


def test_a_missing_name_is_worded_as_the_version_does(env: Env) -> None:
    expected = "Contacts require a name" if env.is19 else "'Contacts require a name'"
    assert texts(env["res.partner"].load(["name"], [["A"], [""]])) == [expected]
    [message] = env["crm.lead"].load(["name"], [[""]])["messages"]
    assert message["field"] == "name"
    assert message["message"].startswith("Missing required value for the field 'Opportunity' (name)")


def test_too_many_errors_end_the_attempt(env: Env) -> None:
    answer = env["res.partner"].load(["name"], [[""]] * 30)
    assert len(answer["messages"]) == 11
    assert answer["messages"][-1]["type"] == "warning"


def test_names_may_be_created_when_enabled(env: Env) -> None:
    model = env["res.partner"].with_context(name_create_enabled_fields={"category_id": True})
    answer = model.load(["name", "category_id"], [["A", "N1,N2"]])
    assert sorted(env["res.partner"].browse(answer["ids"]).category_id.mapped("name")) == ["N1", "N2"]


def test_an_ambiguous_name_is_only_a_warning(env: Env) -> None:
    env["res.partner"].create([{"name": "Twin"}, {"name": "Twin"}])
    answer = env["res.partner"].load(["name", "parent_id"], [["A", "Twin"]])
    assert answer["ids"]
    assert answer["messages"][0]["type"] == "warning"


def test_a_page_of_an_import_says_where_to_go_on(env: Env) -> None:
    model = env["res.partner"].with_context(_import_limit=2)
    answer = model.load(["name"], [["A"], ["B"], ["C"]])
    assert (len(answer["ids"]), answer["nextrow"]) == (2, 2)


def test_datetimes_are_in_the_users_time_zone(env: Env) -> None:
    model = env["calendar.event"].with_context(tz="Pacific/Auckland")
    answer = model.load(["name", "start", "stop"], [["E", "2031-01-01 10:00:00", "2031-01-01 11:00:00"]])
    [row] = env["calendar.event"].browse(answer["ids"]).read(["start"])
    assert row["start"] == "2030-12-31 21:00:00"
    assert model.browse(answer["ids"]).export_data(["start"])["datas"] == [["2031-01-01 10:00:00"]]


def test_unknown_columns_end_the_import(env: Env) -> None:
    error: type[Exception] = ValueError if env.is19 else KeyError
    for fields in (["nope"], ["country_id/nope"]):
        with pytest.raises(error, match="nope"):
            env["res.partner"].load(fields, [["x"]])


def test_users_keep_an_external_id_for_their_partner(env: Env) -> None:
    answer = env["res.users"].load(["id", "name", "login"], [["tp.user", "U", "tp-user"]])
    user = env["res.users"].browse(answer["ids"])
    assert env.ref("tp.user_res_partner") == user.partner_id


def test_exported_records_get_an_external_id(env: Env) -> None:
    tags = env["res.partner.category"].create([{"name": "T1"}, {"name": "T2"}])
    one = env["res.partner"].create(
        {"name": "P", "category_id": [(6, 0, tags.ids)], "country_id": env.ref("base.be").id}
    )
    [row] = one.export_data(["id", ".id", "category_id/id", "country_id/id", "country_id/code", "type"])[
        "datas"
    ]
    assert row[0].startswith("__export__.res_partner_")
    assert row[1] == str(one.id)
    assert len(row[2].split(",")) == 2
    assert row[3:] == ["base.be", "BE", "Contact"]
    assert one.export_data(["id"])["datas"] == [[row[0]]]


def test_export_needs_a_right(env: Env) -> None:
    user = env["res.users"].create({"name": "n", "login": "no-export"})
    with pytest.raises(UserError, match="You don't have the rights to export data"):
        env["res.partner"].with_user(user.id).search([], limit=1).export_data(["name"])


def test_old_ways_to_write_a_path() -> None:
    assert path("partner_id:id") == ["partner_id", "id"]
    assert path("partner_id.id") == ["partner_id", ".id"]
    assert path(".id") == [".id"]
    assert path("a/b/c") == ["a", "b", "c"]


def test_what_may_not_be_read_may_not_be_exported(env: Env) -> None:
    lead = env["crm.lead"].create({"name": "L"})
    user = env["res.users"].create({"name": "n", "login": "exporter"})
    user.write({("group_ids" if env.is19 else "groups_id"): [(4, env.ref("base.group_allow_export").id)]})
    assert env["res.partner"].with_user(user.id).browse(1).export_data(["id", "name"])["datas"]
    with pytest.raises(AccessError):
        lead.with_user(user.id).export_data(["name"])
