"""The chatter: messages, followers, tracked values, and who may see or write them."""

import pytest

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.exceptions import AccessError, MissingError


def plain_user(env: Env) -> int:
    return int(env["res.users"].create({"name": "Plain", "login": "plain-user"}).id)


def test_a_new_record_has_a_first_line_and_a_follower(env: Env) -> None:
    one = env["res.partner"].create({"name": "P"})
    assert one.message_ids.mapped("body") == ["<p>Contact created</p>"]
    assert one.message_partner_ids == env.user.partner_id
    quiet = env["res.partner"].with_context(tracking_disable=True).create({"name": "Q"})
    assert not quiet.message_ids
    assert not quiet.message_is_follower


def test_posting_escapes_plain_text(env: Env) -> None:
    one = env["res.partner"].create({"name": "P"})
    message = one.message_post(body="<b>x</b>", message_type="comment", subtype_xmlid="mail.mt_comment")
    assert message.body == "<p>&lt;b&gt;x&lt;/b&gt;</p>"
    assert message.author_id == env.user.partner_id
    assert one.message_post(body="<p><b>x</b></p>", body_is_html=True).body == "<p><b>x</b></p>"


def test_followers_are_told_but_not_the_author(env: Env) -> None:
    one = env["res.partner"].create({"name": "P"})
    other = env["res.partner"].create({"name": "Reader"})
    one.message_subscribe(partner_ids=[other.id])
    message = one.message_post(body="x", subtype_xmlid="mail.mt_comment")
    assert message.notified_partner_ids == other
    one.message_unsubscribe(partner_ids=[other.id])
    assert other not in one.message_partner_ids
    one.write({"message_partner_ids": [(4, other.id)]})
    assert env["res.partner"].search([("message_partner_ids", "in", other.ids)]) == one


def test_attachments_come_with_the_message(env: Env) -> None:
    one = env["res.partner"].create({"name": "P"})
    [file] = one.message_post(body="f", attachments=[["a.txt", "hello"]]).attachment_ids
    assert (file.name, file.raw, file.res_model, file.res_id) == ("a.txt", "hello", "res.partner", one.id)
    assert one.message_attachment_count == 1


def test_changes_of_tracked_fields_are_noted(env: Env) -> None:
    one = env["res.partner"].create({"name": "P"})
    one.write({"email": "a@example.com", "user_id": env.uid, "city": "Ghent"})
    values = one.message_ids[0].sudo().tracking_value_ids
    assert {row["new_value_char"] for row in values.read(["new_value_char"])} == {
        "a@example.com",
        env.user.name,
    }
    one.write({"email": "a@example.com"})
    assert len(one.message_ids) == 2


def test_posts_are_refused_in_each_version(env: Env) -> None:
    one = env["res.partner"].create({"name": "P"})
    with pytest.raises(ValueError, match="Expected singleton"):
        env["res.partner"].message_post(body="x")
    with pytest.raises(MissingError):
        env["res.partner"].browse(999999).message_post(body="x")
    with pytest.raises(ValueError, match="not supported when posting or notifying: nope"):
        one.message_post(body="x", nope=1)
    text = "security restrictions" if env.is19 else "not allowed to modify 'Contact'"
    with pytest.raises(AccessError, match=text):
        one.with_user(plain_user(env)).message_post(body="x")


def test_messages_are_seen_with_their_records(env: Env) -> None:
    lead = env["crm.lead"].create({"name": "L"})
    partner = env["res.partner"].create({"name": "P"})
    messages = env["mail.message"].with_user(plain_user(env))
    assert messages.search_count([("model", "=", "crm.lead"), ("res_id", "=", lead.id)]) == 0
    assert messages.search_count([("model", "=", "res.partner"), ("res_id", "=", partner.id)]) == 1
    with pytest.raises(AccessError):
        messages.browse(lead.message_ids.ids).read(["body"])
    with pytest.raises(AccessError):
        messages.browse(partner.message_ids.ids).unlink()


def test_needaction_counts_unread_messages(env: Env) -> None:
    user = env["res.users"].browse(plain_user(env))
    user.write({"notification_type": "inbox"})
    one = env["res.partner"].create({"name": "P"})
    one.message_post(body="x", partner_ids=user.partner_id.ids)
    assert one.with_user(user.id).message_needaction_counter == 1
    assert one.message_needaction is False


def test_a_new_stage_is_a_message_of_its_own_kind(env: Env) -> None:
    first, second = env["crm.stage"].search([], limit=2)
    lead = env["crm.lead"].create({"name": "L", "stage_id": first.id})
    lead.write({"stage_id": second.id})
    assert lead.message_ids[0].subtype_id == env.ref("crm.mt_lead_stage")
    assert lead.message_ids[0].sudo().tracking_value_ids.new_value_char == second.name


def test_a_written_message_goes_to_the_records_of_the_context(env: Env) -> None:
    one = env["res.partner"].create({"name": "P"})
    window = env["mail.compose.message"].with_context(active_model="res.partner", active_ids=one.ids)
    window.create({"body": "<p>hi</p>", "subject": "S"}).action_send_mail()
    assert one.message_ids[0].read(["body", "subject"], load="")[0] | {"id": 0} == {
        "id": 0,
        "body": "<p>hi</p>",
        "subject": "S",
    }
