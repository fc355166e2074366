"""What no recorded scenario shows: rules known from how a real server is made."""

import pytest

from towpath.sandbox.odoo_server.exceptions import AccessError, UserError, ValidationError
from towpath.sandbox.odoo_server.wire.calls import find_method

pytestmark = pytest.mark.feature("S2.52")


def test_any_leads_to_records_only(env17, env19):
    ten = [("id", "<", 10)]
    partners = env19["res.partner"]
    assert partners.search([("id", "any", ten)]).ids == partners.search(ten).ids
    assert not partners.search([("id", "not any", [("id", ">", 0)])])
    said = r"Cannot use 'any' with non-relational fields in condition \('name', 'any', \['&', \('id', '<', 10\), \('color', '=', 1\)\]\)"
    with pytest.raises(ValueError, match=said):
        partners.search([("name", "any", [*ten, ("color", "=", 1)])])
    with pytest.raises(ValueError, match="invalid item in domain"):
        partners.search([("child_ids", "any!", ten)])
    with pytest.raises(ValueError, match="Invalid leaf"):
        env17["res.partner"].search([("child_ids", "any!", ten)])


def test_computed_numbers_are_never_null(env):
    order = env["sale.order"].create({"partner_id": env["res.partner"].create({"name": "Tollgate Inn"}).id})
    assert env["sale.order"].search([("id", "=", order.id), ("amount_total", "=", 0)]) == order


def test_a_selection_refuses_under_its_own_name(env):
    partner = env["res.partner"].create({"name": "Tollgate Inn"})
    with pytest.raises(ValueError, match=r"Wrong value for res\.partner\.company_type: 'x'"):
        partner.write({"company_type": "x"})
    with pytest.raises(ValueError, match=r"Wrong value for res\.users\.tz: 'Nowhere'"):
        env.user.write({"tz": "Nowhere"})


def test_a_user_tells_about_itself(env):
    (row,) = env["res.users"].browse([env.uid]).read(["state", "tz_offset"])
    assert row["state"] in {"new", "active"}
    assert row["tz_offset"] in {"+0100", "+0200"}
    if env.is19:
        assert env.user.has_groups("base.group_system,!base.group_portal")
        assert not env.user.has_groups("base.group_user,!base.group_system")


def test_a_sequence_has_to_move(env):
    with pytest.raises(UserError, match="Step must not be zero"):
        env["ir.sequence"].create({"name": "Still", "number_increment": 0})


def test_a_form_shows_what_follows_and_keeps_nothing(env):
    partners = env["res.partner"]
    company = partners.create({"name": "Tollgate Inn", "is_company": True, "street": "Mill Lane 1"})
    count = partners.search_count([])
    spec = {"name": {}, "street": {}, "city": {}, "parent_id": {}}
    values = {"name": "Ada", "parent_id": company.id, "street": False, "type": "contact"}
    assert partners.onchange(values, ["parent_id"], spec) == {"value": {"street": "Mill Lane 1"}}
    assert partners.onchange({"name": "Ada"}, ["name"], {"display_name": {}}) == {
        "value": {"display_name": "Ada"}
    }
    assert partners.onchange({"nope": 1}, ["nope"], spec) == {}
    state = env["res.country.state"].search([], limit=1)
    shown = company.onchange({"state_id": state.id}, ["state_id"], {"country_id": {}})
    assert shown == {"value": {"country_id": state.country_id.id}}
    assert partners.search_count([]) == count
    assert not company.state_id


@pytest.mark.parametrize(
    ("rule", "days", "name"),
    [
        ({"rrule_type": "daily", "count": 3}, "01 02 03", "Every 1 Days for 3 events"),
        (
            {"rrule_type": "weekly", "wed": True, "fri": True, "count": 3},
            "01 03 08",
            "Every 1 Weeks on Wednesday, Friday for 3 events",
        ),
        (
            {"rrule_type": "daily", "interval": 2, "end_type": "end_date", "until": "2026-04-06"},
            "01 03 05",
            "Every 2 Days until 2026-04-06",
        ),
    ],
)
def test_a_meeting_repeats(env19, rule, days, name):
    values = {"name": "Ropes", "start": "2026-04-01 10:00:00", "stop": "2026-04-01 11:00:00"}
    first = env19["calendar.event"].create({**values, "recurrency": True, **rule})
    found = env19["calendar.event"].search([("recurrence_id", "=", first.recurrence_id.id)], order="start")
    assert [f"{one.start:%d}" for one in found] == days.split()
    assert (found[0].id, first.recurrence_id.name, first.rrule_type) == (first.id, name, rule["rrule_type"])


def test_a_meeting_repeats_on_some_day(env):
    values = {"name": "Ropes", "start": "2026-04-01 10:00:00", "stop": "2026-04-01 11:00:00"}
    with pytest.raises(UserError, match="at least one day in the week"):
        env["calendar.event"].create({**values, "recurrency": True, "rrule_type": "weekly", "count": 2})


def test_countries_are_found_by_their_code_first(env):
    names = [label for _one, label in env["res.country"].name_search("be", limit=2)]
    assert names == ["Belgium", "Belarus"]
    assert env["res.country.state"].name_search("CA", limit=1)[0][1] == "California (US)"
    assert env["ir.model"].name_search("res.partner", limit=1)[0][1] == "Contact"
    assert env["res.partner"].name_create('"Ada" <ada@example.com>')[1] == "Ada"


def test_leads_are_merged_into_the_most_promising(env):
    lead = {"name": "Rope", "type": "lead", "email_from": "ada@example.com", "expected_revenue": 5.0}
    both = env["crm.lead"].create([lead, {"name": "Cable", "type": "opportunity"}])
    with pytest.raises(UserError, match="at least two"):
        both[:1].merge_opportunity()
    left = both.merge_opportunity()
    assert (left.name, left.email_from, left.expected_revenue) == ("Cable", "ada@example.com", 5.0)
    assert both.exists() == left


def test_scheduled_and_written_actions(env):
    model = env["ir.model"].search([("model", "=", "res.partner")]).id
    vals = {"name": "Nightly", "model_id": model, "state": "code"}
    cron = env["ir.cron"].create({**vals, "code": "pass", "interval_type": "days", "interval_number": 1})
    assert (cron.cron_name, cron.method_direct_trigger(), bool(cron.lastcall)) == ("Nightly", True, True)
    with pytest.raises(ValidationError, match=r"SyntaxError : .* at line 1\ndef"):
        env["ir.actions.server"].create({**vals, "code": "def ("})


def test_a_contact_for_each_purpose(env):
    partners = env["res.partner"]
    company = partners.create({"name": "Tollgate Inn", "is_company": True, "email": "Inn@example.com"})
    desk = partners.create({"name": "Desk", "type": "invoice", "parent_id": company.id})
    wanted = {"contact": company.id, "invoice": desk.id, "delivery": company.id}
    assert company.address_get(["invoice", "delivery"]) == wanted
    assert partners.find_or_create('"The inn" <inn@example.com>') == company
    assert partners.find_or_create("Ada <ada@example.com>").email == "ada@example.com"
    assert desk.open_commercial_entity()["res_id"] == company.id
    assert company.filtered_domain([("name", "=", "nothing")]).ids == ()
    with pytest.raises(UserError, match="No default view of type 'nope' could be found!"):
        partners.get_view(view_type="nope")


@pytest.mark.parametrize("name", ["filtered_domain", "flush_model", "init"])
def test_what_19_keeps_to_itself(env19, env17, name):
    with pytest.raises(AccessError, match=f"'res.partner.{name}'"):
        find_method(env19["res.partner"], name, "19.0")
    if name != "init":
        assert find_method(env17["res.partner"], name, "17.0").takes_ids
