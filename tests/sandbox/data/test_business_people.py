"""Partners, users, companies, employees, leads, projects, meetings and activities."""

from datetime import timedelta
from typing import Any

import pytest

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.exceptions import AccessDenied, UserError, ValidationError
from towpath.sandbox.odoo_server.models.res_currency import is_iban
from towpath.sandbox.odoo_server.models.res_partner import normalized_email, sanitized_phone


def test_contacts_follow_their_company(bare: Env) -> None:
    company = bare["res.partner"].create(
        {
            "name": "Greywharf Timber",
            "is_company": True,
            "vat": "BE0123",
            "street": "1 Wharf Road",
            "country_id": bare.ref("base.be").id,
        }
    )
    clerk = bare["res.partner"].create({"name": "Clerk", "parent_id": company.id})
    assert (clerk.commercial_partner_id, clerk.vat, clerk.street) == (company, "BE0123", "1 Wharf Road")
    assert clerk.display_name == "Greywharf Timber, Clerk"
    company.write({"name": "Greywharf Slate", "vat": "BE0456", "street": "2 Lock Street"})
    bare.forget()
    assert (clerk.display_name, clerk.vat, clerk.street) == (
        "Greywharf Slate, Clerk",
        "BE0456",
        "2 Lock Street",
    )
    shop = bare["res.partner"].create({"type": "delivery", "parent_id": company.id})
    assert shop.display_name == f"Greywharf Slate, {'Delivery' if bare.is19 else 'Delivery Address'}"
    assert not shop.street
    with pytest.raises(ValidationError, match="recursive Partner hierarchies"):
        company.write({"parent_id": clerk.id})


def test_partner_values_are_put_in_order(bare: Env) -> None:
    found = bare["res.partner"].create(
        {
            "name": "A",
            "email": "Office <OFFICE@Weir.example>",
            "website": "weir.example",
            "company_type": "company",
        }
    )
    assert (found.email_normalized, found.website, found.is_company) == (
        "office@weir.example",
        "http://weir.example",
        True,
    )
    assert found.email_formatted == '"A" <Office <OFFICE@Weir.example>>'
    assert bare["res.partner"].search([("company_type", "=", "company"), ("id", "=", found.id)]) == found
    made, name = bare["res.partner"].name_create("Lodger <lodger@weir.example>")
    assert (name, bare["res.partner"].browse(made).email) == ("Lodger", "lodger@weir.example")
    assert found.copy().name == "A (copy)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A <a@B.c>", "a@b.c"),
        ("a@b.c", "a@b.c"),
        ("a@b.c, d@e.f", False),
        ("nothing", False),
        ("", False),
        (None, False),
        (False, False),
    ],
)
def test_email_addresses_are_normalized(text: Any, expected: Any) -> None:
    assert normalized_email(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+32 9 555 12 34", "+3295551234"),
        ("0032 9 555 12 34", "+3295551234"),
        ("09 555 12 34", "+3295551234"),
        ("12", False),
        (False, False),
    ],
)
def test_phone_numbers_are_made_international(text: Any, expected: Any) -> None:
    assert sanitized_phone(text, 32) == expected


@pytest.mark.parametrize(
    ("text", "valid"), [("BE71096123456769", True), ("BE71096123456760", False), ("123", False)]
)
def test_ibans_are_recognised(text: str, valid: bool) -> None:
    assert is_iban(text) is valid


def test_users_have_partners_and_groups(bare: Env) -> None:
    user = bare["res.users"].create({"name": "Wenna", "login": "wenna@weir.example", "password": "secret-1"})
    assert (user.partner_id.name, user.partner_id.email, user.share) == ("Wenna", "wenna@weir.example", False)
    assert not user.partner_id.partner_share
    assert user.has_group_of("base.group_user")
    assert user.password in {"", False}
    with pytest.raises(AccessDenied):
        bare["res.users"].with_user(user.id).change_password("wrong", "x")
    assert bare["res.users"].with_user(user.id).change_password("secret-1", "secret-2")
    with pytest.raises(UserError, match="cannot delete the admin user"):
        bare.user.unlink()
    portal = bare.ref("base.group_portal").id
    guest = bare["res.users"].create(
        {"name": "Guest", "login": "guest", ("group_ids" if bare.is19 else "groups_id"): [(6, 0, [portal])]}
    )
    assert guest.share
    with pytest.raises(ValidationError, match="linked to an active user"):
        guest.partner_id.write({"active": False})


def test_companies_belong_to_whoever_makes_them(bare: Env) -> None:
    company = bare["res.company"].create({"name": "Otter Junction"})
    assert company.partner_id.name == "Otter Junction"
    assert company in bare.user.company_ids
    assert company.id in bare.company_ids
    assert company.currency_id == bare.company.currency_id


def test_branches_stay_where_they_are(bare: Env) -> None:
    branch = bare["res.company"].create(
        {"name": "Branch", "parent_id": bare.company_id, "street": "1 Basin Row"}
    )
    assert (branch.root_id, branch.street, branch.partner_id.street) == (
        bare.company,
        "1 Basin Row",
        "1 Basin Row",
    )
    branch.write({"zip": "9810"})
    assert branch.partner_id.zip == "9810"
    with pytest.raises(UserError, match="hierarchy cannot be changed"):
        branch.write({"parent_id": False})


def test_nobody_locks_the_database_out(bare: Env) -> None:
    with pytest.raises(UserError, match="currently logged in"):
        bare.user.write({"active": False})
    groups = "group_ids" if bare.is19 else "groups_id"
    with pytest.raises(ValidationError, match=r"more than one user types|exclusive groups"):
        bare.user.write({groups: [(4, bare.ref("base.group_portal").id)]})


def test_employees_have_resources(bare: Env) -> None:
    job = bare["hr.job"].create({"name": "Steerer"})
    employee = bare["hr.employee"].create(
        {"name": "Orrin", "job_id": job.id, "work_email": "orrin@weir.example"}
    )
    assert employee.resource_id.name == "Orrin"
    assert employee.job_id == job
    employee.write({"name": "Orrin Sluicer"})
    assert employee.resource_id.name == "Orrin Sluicer"


def test_leads_are_won_and_lost(bare: Env) -> None:
    lead = bare["crm.lead"].create({"name": "Coal run", "expected_revenue": 1000.126, "probability": 25})
    assert (lead.stage_id, lead.user_id.id, lead.expected_revenue) == (
        bare.ref("crm.stage_lead1"),
        bare.uid,
        1000.13,
    )
    assert lead.prorated_revenue == 250.03
    lead.action_set_won()
    assert (lead.probability, lead.stage_id.is_won) == (100, True)
    assert lead.date_closed
    other = bare["crm.lead"].create({"name": "Grain", "partner_id": bare.ref("base.partner_admin").id})
    assert (other.email_from, other.contact_name) == ("admin@example.com", "Administrator")
    other.action_set_lost(lost_reason_id=bare.ref("crm.lost_reason_1").id)
    assert (other.active, other.probability, other.lost_reason_id) == (
        False,
        0,
        bare.ref("crm.lost_reason_1"),
    )


def test_tasks_start_in_the_first_stage_of_their_project(bare: Env) -> None:
    project = bare["project.project"].create({"name": "Mallard Cut"})
    stage = bare["project.task.type"].create({"name": "Planned", "project_ids": [(4, project.id)]})
    task = bare["project.task"].create({"name": "Grease gear", "project_id": project.id})
    assert (task.stage_id, task.state, task.display_name) == (stage, "01_in_progress", "Grease gear")
    part = bare["project.task"].create({"name": "Buy grease", "parent_id": task.id})
    assert part.project_id == project
    task.write({"state": "1_done"})
    assert task.date_end
    assert not bare.is19 or task.is_closed
    assert project.copy().name == "Mallard Cut (copy)"
    assert project.unlink()
    assert not task.exists()


def test_meetings_know_their_length(bare: Env) -> None:
    event = bare["calendar.event"].create(
        {"name": "Survey", "start": "2026-05-01 10:00:00", "stop": "2026-05-01 11:45:00"}
    )
    assert event.duration == 1.75
    assert event.partner_ids == bare.user.partner_id
    assert event.attendee_ids.state == "accepted"
    event.write({"duration": 3})
    assert event.stop == event.start + timedelta(hours=3)
    with pytest.raises(ValidationError, match="cannot be earlier"):
        event.write({"stop": "2026-04-01 10:00:00"})


@pytest.mark.feature("S2.32")
def test_activities_show_on_their_record_until_done(bare: Env) -> None:
    partner = bare["res.partner"].create({"name": "P"})
    late = partner.activity_schedule(
        "mail.mail_activity_data_call", date_deadline="2001-01-01", summary="late"
    )
    partner.activity_schedule("mail.mail_activity_data_todo", date_deadline="2099-01-01", summary="far")
    assert (partner.activity_state, partner.activity_summary) == ("overdue", "late")
    assert (
        bare["res.partner"].search([("activity_state", "=", "overdue"), ("id", "=", partner.id)]) == partner
    )
    message = late.action_feedback(feedback="done")
    assert bare["mail.message"].browse(message).subtype_id == bare.ref("mail.mt_activities")
    assert bool(late.exists()) is bare.is19
    bare.forget()
    assert (partner.activity_state, len(partner.activity_ids)) == ("planned", 1)
    partner.activity_feedback(["mail.mail_activity_data_todo"], feedback="also done")
    assert not partner.activity_ids


def test_currency_rates_can_be_given_either_way(bare: Env) -> None:
    euro = bare.ref("base.EUR")
    rate = bare["res.currency.rate"].create(
        {"currency_id": euro.id, "name": "2026-01-01", "inverse_company_rate": 1.25}
    )
    assert rate.rate == 0.8
    assert (euro.rate, euro.inverse_rate, euro.decimal_places) == (0.8, 1.25, 2)
    with pytest.raises(UserError, match="set on a company"):
        bare.company.currency_id.write({"active": False})
