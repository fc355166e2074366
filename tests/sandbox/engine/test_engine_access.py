import pytest

from towpath.sandbox.odoo_server.exceptions import AccessError
from towpath.sandbox.odoo_server.orm.expressions import evaluate

pytestmark = pytest.mark.feature("S2.52")


@pytest.fixture
def tags(env):
    return env["res.partner.category"].create([{"name": "open"}, {"name": "hidden"}])


def add_rule(env, model, domain, **values):
    target = env["ir.model"].search([("model", "=", model)])
    return env["ir.rule"].create({"name": "test", "model_id": target.id, "domain_force": domain, **values})


def test_a_right_on_the_model_is_needed_for_each_kind_of_call(env, limited):
    partner = env["res.partner"].create({"name": "Closed"}).with_user(limited.uid)
    assert partner.read(["name"]) == [{"id": partner.id, "name": "Closed"}]
    for verb, action in (
        ("modify", lambda: partner.write({"city": "x"})),
        ("create", lambda: partner.create({"name": "x"})),
        ("delete", partner.unlink),
        ("create", partner.copy),
    ):
        with pytest.raises(AccessError) as refused:
            action()
        assert refused.value.message.startswith(
            f"You are not allowed to {verb} 'Contact' (res.partner) records.\n\n"
            "This operation is allowed for the following groups:\n\t- "
        )
    assert partner.browse([]).write({"city": "x"}) is True


def test_rights_can_be_asked_for_without_using_them(env, limited, version):
    partner = limited["res.partner"]
    assert partner.check_access_rights("read", raise_exception=False) is True
    assert partner.check_access_rights("write", raise_exception=False) is False
    assert env["res.partner"].check_access_rights("write") is (True if version == "17.0" else None)
    with pytest.raises(AssertionError, match="Invalid access mode"):
        partner.check_access_rights("nope", raise_exception=False)
    if version == "19.0":
        assert partner.has_access("read") is True
        assert partner.has_access("write") is False
    else:
        assert partner.has_access is None


def test_a_group_rule_hides_records_from_everybody_in_the_group(env, limited, tags):
    add_rule(
        env,
        "res.partner.category",
        "[('name', '!=', 'hidden')]",
        groups=[[6, 0, [env.ref("base.group_user").id]]],
    )
    partner = env["res.partner"].create({"name": "P"})
    env.cr.execute(
        "INSERT INTO res_partner_res_partner_category_rel (partner_id, category_id) SELECT %s, unnest(%s::int4[])",
        [partner.id, list(tags.ids)],
    )
    env.forget()
    for viewer in (env, limited):
        seen = viewer["res.partner.category"].search([("id", "in", tags.ids)])
        assert seen.ids == tags.ids[:1]
        with pytest.raises(AccessError, match=r"doesn't have 'read' access to:\n- Partner Tags"):
            tags.with_user(viewer.uid).read(["name"])
        assert partner.with_user(viewer.uid).read(["category_id"])[0]["category_id"] == [tags.ids[0]]
        assert not viewer["res.partner"].search([("category_id.name", "=", "hidden")])
        assert viewer["res.partner"].search([("category_id", "in", tags.ids[1:])]).ids == partner.ids
    with pytest.raises(AccessError, match="'write' access"):
        tags[1].write({"name": "x"})
    assert tags.sudo().read(["name"])[1]["name"] == "hidden"


def test_rules_of_groups_add_up_and_global_rules_cut(env, limited, tags):
    group = [[6, 0, [env.ref("base.group_user").id]]]
    add_rule(env, "res.partner.category", "[('name', '=', 'open')]", groups=group)
    add_rule(env, "res.partner.category", "[('name', '=', 'hidden')]", groups=group)
    seen = limited["res.partner.category"]
    assert set(seen.search([("id", "in", tags.ids)]).ids) == set(tags.ids)
    add_rule(env, "res.partner.category", "[('create_uid', '=', user.id)]")
    assert not seen.search([("id", "in", tags.ids)])
    assert set(env["res.partner.category"].search([("id", "in", tags.ids)]).ids) == set(tags.ids)


def test_a_rule_only_counts_for_its_own_operations(env, tags):
    rule = add_rule(env, "res.partner.category", "[('name', '!=', 'hidden')]", perm_read=False)
    assert tags.read(["name"])
    with pytest.raises(AccessError, match="'unlink' access"):
        tags.unlink()
    rule.write({"active": False})
    assert tags.unlink() is True


def test_what_was_made_must_be_allowed_by_the_rules(env):
    add_rule(env, "res.partner.category", "[('name', '!=', 'hidden')]", perm_read=False, perm_write=False)
    with pytest.raises(AccessError, match="'create' access"):
        env["res.partner.category"].create({"name": "hidden"})


def test_only_the_users_own_companies_are_seen_and_may_be_named(env, limited):
    mine = env.user.company_id
    company = env["res.company"].create({"name": "Other bank"})
    rows = env["res.partner"].create(
        [
            {"name": "Ours", "company_id": mine.id},
            {"name": "Theirs", "company_id": company.id},
            {"name": "All's"},
        ]
    )
    seen = limited["res.partner"].search([("id", "in", rows.ids)], order="id")
    assert seen.ids == (rows.ids[0], rows.ids[2])
    for asked in ([company.id], [999_999_999]):
        with pytest.raises(AccessError, match=r"^Access to unauthorized or invalid companies.$"):
            limited.with_context(allowed_company_ids=asked)["res.partner"].search([("id", "in", rows.ids)])
    limited.with_context(allowed_company_ids=[])["res.partner"].search([("id", "in", rows.ids)])
    env["res.users"].browse(limited.uid).write({"company_ids": [[4, company.id]]})
    only = limited.with_context(allowed_company_ids=[company.id])["res.partner"].search(
        [("id", "in", rows.ids)], order="id"
    )
    assert only.ids == rows.ids[1:]


def test_fields_of_other_groups_are_not_searched_on_19(env19):
    uid = env19.cr.execute("SELECT id FROM res_users WHERE login = 'limited'").column()[0]
    with pytest.raises(AccessError, match='access the field "signup_type"'):
        env19.with_user(uid)["res.partner"].search([("signup_type", "=", "x")])


def test_lines_of_a_closed_model_fail_the_read_when_asked_for(env, limited, version):
    partner = env["res.partner"].create({"name": "Debtor"}).with_user(limited.uid)
    start = "You are not allowed" if version == "17.0" else "Failed to read field res.partner.invoice_ids\n"
    with pytest.raises(AccessError) as refused:
        partner.read(["invoice_ids"])
    assert refused.value.message.startswith(start)
    assert partner.read()[0]["invoice_ids"] == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[('a', 'in', ids + [False])]", [("a", "in", [1, 2, False])]),
        ("[('a', '=', 1 if ids else 2)]", [("a", "=", 1)]),
        ("[one for one in ids if one > 1]", [2]),
        ("not ids or 5", 5),
        ("{'a': ids[0]}", {"a": 1}),
    ],
)
def test_expressions_of_rules_are_evaluated(text, value):
    assert evaluate(text, {"ids": [1, 2]}) == value


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "ids.__class__",
        "(lambda: 1)()",
        "[].append(1)",
        "open('/etc/passwd')",
        "ids.pop()",
    ],
)
def test_expressions_reach_nothing_else(text):
    with pytest.raises((ValueError, NameError)):
        evaluate(text, {"ids": [1, 2]})
